package taphoa

// Trademark is a brand (contract trademark).
type Trademark struct {
	TradeMarkID   int64  `json:"tradeMarkId"`
	TradeMarkName string `json:"tradeMarkName"`
	CreatedDate   Time   `json:"createdDate"`
	ModifiedDate  Time   `json:"modifiedDate"` // createdDate while never modified
}

// TrademarkQuery lists brands.
type TrademarkQuery struct {
	Paging
	LastModifiedFrom Opt[Time] `query:"lastModifiedFrom"`
}

// TrademarkInput creates a brand.
type TrademarkInput struct {
	TradeMarkName string `json:"tradeMarkName" alias:"name" max:"255"`
}

// Validate checks one brand by itself, without the database.
func (in *TrademarkInput) Validate() error {
	return required("tradeMarkName", "Tên thương hiệu", in.TradeMarkName)
}

// TrademarkUpdate changes a brand; an empty name stays as it is. The vendor's API has no such operation.
type TrademarkUpdate struct {
	ByID
	TrademarkInput
}

// Validate checks one change by itself, without the database.
func (in *TrademarkUpdate) Validate() error {
	return notBlank("tradeMarkName", "Tên thương hiệu", in.TradeMarkName)
}
