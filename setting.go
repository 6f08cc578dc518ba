package taphoa

// Settings is the part of a shop's settings that the vendor shows (contract settings): at the top level in
// PascalCase, and under data in camelCase for the client that reads it there.
type Settings struct {
	ManagerCustomerByBranch    bool          `json:"ManagerCustomerByBranch"`
	AllowOrderWhenOutStock     bool          `json:"AllowOrderWhenOutStock"`
	AllowSellWhenOrderOutStock bool          `json:"AllowSellWhenOrderOutStock"`
	AllowSellWhenOutStock      bool          `json:"AllowSellWhenOutStock"`
	Data                       SettingsCamel `json:"data"`
}

// SettingsCamel repeats [Settings] in camelCase.
type SettingsCamel struct {
	ManagerCustomerByBranch    bool `json:"managerCustomerByBranch"`
	AllowOrderWhenOutStock     bool `json:"allowOrderWhenOutStock"`
	AllowSellWhenOrderOutStock bool `json:"allowSellWhenOrderOutStock"`
	AllowSellWhenOutStock      bool `json:"allowSellWhenOutStock"`
}

// PricingMode says how a shop's prices stand to tax (contract orders, enums pricingMode).
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
