package taphoa

// ProductPriceBook is a product's price in one price list (contract products, ProductPriceBook).
type ProductPriceBook struct {
	PriceBookID   int64     `json:"priceBookId"`
	PriceBookName string    `json:"priceBookName"`
	ProductID     int64     `json:"productId"`
	IsActive      bool      `json:"isActive"`
	StartDate     Opt[Time] `json:"startDate,omitzero"`
	EndDate       Opt[Time] `json:"endDate,omitzero"`
	Price         Money     `json:"price"`
}

// PriceBookInput creates a price list.
type PriceBookInput struct {
	Name      string    `json:"name" max:"255"`
	IsActive  Opt[bool] `json:"isActive"` // true when not given
	StartDate Opt[Time] `json:"startDate"`
	EndDate   Opt[Time] `json:"endDate"`
}
