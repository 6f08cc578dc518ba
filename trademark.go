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
