package taphoa

// Settings is the part of a shop's settings that the vendor shows (contract settings): at the top level in
// PascalCase, and under data in camelCase for the client that reads it there.
type Settings struct {
	ManagerCustomerByBranch    bool          `json:"ManagerCustomerByBranch"`
	AllowOrderWhenOutStock     bool          `json:"AllowOrderWhenOutStock"`
	AllowSellWhenOrderOutStock bool          `json:"AllowSellWhenOrderOutStock"`
	AllowSellWhenOutStock      bool          `json:"AllowSellWhenOutStock"`
	Data                       SettingsCamel `json:"data"`
	SettingsOurs
}

// SettingsOurs are the settings that the vendor has, but shows only in the refusals they cause.
type SettingsOurs struct {
	AllowOrder           bool        `json:"AllowOrder"`
	UseDelivery          bool        `json:"UseDelivery"`
	UseCod               bool        `json:"UseCod"`
	ForbidSaleTimeChange bool        `json:"ForbidSaleTimeChange"`
	UseSurcharge         bool        `json:"UseSurcharge"`
	PricingMode          PricingMode `json:"PricingMode"`
	RewardPointRate      Money       `json:"RewardPointRate"`
	WebhookBareAction    bool        `json:"WebhookBareAction"` // how webhooks look: see operations.md
	WebhookImageStrings  bool        `json:"WebhookImageStrings"`
	WebhookVendorRetries bool        `json:"WebhookVendorRetries"`
	WebhookSignature     string      `json:"WebhookSignature"`
	WebhookBatch         int64       `json:"WebhookBatch"`
	AuditDays            int64       `json:"AuditDays"` // for which the audit log is kept; 0: for ever
}

// SettingsInput changes the settings that are present; null takes one back to what a new shop has. The vendor's API has
// no such operation.
type SettingsInput struct {
	ManagerCustomerByBranch    Opt[bool]   `json:"ManagerCustomerByBranch"`
	AllowOrderWhenOutStock     Opt[bool]   `json:"AllowOrderWhenOutStock"`
	AllowSellWhenOrderOutStock Opt[bool]   `json:"AllowSellWhenOrderOutStock"`
	AllowSellWhenOutStock      Opt[bool]   `json:"AllowSellWhenOutStock"`
	AllowOrder                 Opt[bool]   `json:"AllowOrder"`
	UseDelivery                Opt[bool]   `json:"UseDelivery"`
	UseCod                     Opt[bool]   `json:"UseCod"`
	ForbidSaleTimeChange       Opt[bool]   `json:"ForbidSaleTimeChange"`
	UseSurcharge               Opt[bool]   `json:"UseSurcharge"`
	PricingMode                Opt[string] `json:"PricingMode" max:"20"` // direct, before or after
	RewardPointRate            Opt[Money]  `json:"RewardPointRate"`
	WebhookBareAction          Opt[bool]   `json:"WebhookBareAction"`
	WebhookImageStrings        Opt[bool]   `json:"WebhookImageStrings"`
	WebhookVendorRetries       Opt[bool]   `json:"WebhookVendorRetries"`
	WebhookSignature           Opt[string] `json:"WebhookSignature" max:"20"` // sha1, sha256 or none
	WebhookBatch               Opt[int64]  `json:"WebhookBatch"`
	AuditDays                  Opt[int64]  `json:"AuditDays"`
}

// SettingsCamel repeats [Settings] in camelCase.
type SettingsCamel struct {
	ManagerCustomerByBranch    bool `json:"managerCustomerByBranch"`
	AllowOrderWhenOutStock     bool `json:"allowOrderWhenOutStock"`
	AllowSellWhenOrderOutStock bool `json:"allowSellWhenOrderOutStock"`
	AllowSellWhenOutStock      bool `json:"allowSellWhenOutStock"`
}

// PricingMode says whether a shop's prices contain tax (contract orders, enums pricingMode).
type PricingMode string

// The pricing modes.
const (
	PricingDirect    PricingMode = "direct" // direct method; null on the wire
	PricingBeforeTax PricingMode = "before" // prices before tax; 0 on the wire
	PricingAfterTax  PricingMode = "after"  // prices after tax; 1 on the wire
)

// Wire is the mode as orders and invoices show it.
func (m PricingMode) Wire() Opt[int64] {
	switch m {
	case PricingBeforeTax:
		return Some[int64](0)
	case PricingAfterTax:
		return Some[int64](1)
	}
	return Opt[int64]{}
}
