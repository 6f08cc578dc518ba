package taphoa

// DebtAdjustment is an opening balance or an adjustment of what a customer or a supplier owes, or of the points of a customer. It moves
// no money of a drawer or a bank account, and is neither revenue nor expense. The vendor's API has no such record.
type DebtAdjustment struct {
	ID           int64       `json:"id"`
	Code         string      `json:"code"`
	Type         string      `json:"type"`        // opening or adjustment
	PartnerType  string      `json:"partnerType"` // C customer, S supplier
	PartnerID    int64       `json:"partnerId"`
	PartnerCode  Opt[string] `json:"partnerCode,omitzero"`
	PartnerName  Opt[string] `json:"partnerName,omitzero"`
	DocumentDate Time        `json:"documentDate"`
	Debt         Money       `json:"debt" view:"debt"`                  // what a customer owes more, or the shop owes a supplier more; negative for less
	Points       int64       `json:"points"`                            // what a customer has more; negative for less
	Left         Money       `json:"left" db:"amount_left" view:"debt"` // what of debt is not settled; negative for credit that is left
	Reason       Opt[string] `json:"reason,omitzero"`
	Status       int64       `json:"status"` // 1 valid, 2 void
	StatusValue  string      `json:"statusValue" db:"-"`
	CreatedBy    Opt[int64]  `json:"createdBy,omitzero"` // id of the user
	CreatedDate  Time        `json:"createdDate"`
	ModifiedDate Opt[Time]   `json:"modifiedDate,omitzero"`
	RetailerID   int64       `json:"retailerId"`
}

// Types of adjustments.
const (
	AdjustmentOpening = "opening"
	AdjustmentOther   = "adjustment"
)

// States of an adjustment.
const (
	AdjustmentDone = 1
	AdjustmentVoid = 2
)

// AdjustmentStatusValue is the label of an adjustment's status.
func AdjustmentStatusValue(status int64) string {
	if status == AdjustmentVoid {
		return "Đã hủy"
	}
	return "Hoàn thành"
}

// DebtAdjustmentVoided is the response to voiding an adjustment: the adjustment and a sentence.
type DebtAdjustmentVoided struct {
	DebtAdjustment
	Message string `json:"message"`
}

// DebtAdjustmentInput makes an adjustment. It changes a debt, points, or both. A partner has one valid opening a day.
type DebtAdjustmentInput struct {
	Type         Opt[string] `json:"type"`        // opening or adjustment, which is the default
	PartnerType  Opt[string] `json:"partnerType"` // C customer, S supplier
	PartnerID    Opt[int64]  `json:"partnerId"`
	DocumentDate Opt[Time]   `json:"documentDate"` // not in the future; now when absent
	Debt         Opt[Money]  `json:"debt"`         // what a customer owes more, or the shop owes a supplier more; negative for less
	Points       Opt[int64]  `json:"points"`       // what a customer has more; negative for less
	Reason       Opt[string] `json:"reason" max:"2000"`
}

// DebtAdjustmentQuery lists adjustments.
type DebtAdjustmentQuery struct {
	Paging
	PartnerType      []string  `query:"partnerType"` // A is all
	PartnerIDs       []int64   `query:"partnerIds" alias:"partnerId"`
	Type             []string  `query:"type"`
	Status           []int64   `query:"status" words:"debtAdjustment"`
	FromDocumentDate Opt[Time] `query:"fromDocumentDate"`
	ToDocumentDate   Opt[Time] `query:"toDocumentDate" bare:"end"`
	LastModifiedFrom Opt[Time] `query:"lastModifiedFrom"`
}
