package taphoa

// SaleChannel is a way on which customers buy (contract salechannel).
type SaleChannel struct {
	ID          int64       `json:"id"`
	Name        string      `json:"name"`
	IsActive    bool        `json:"isActive" also:"isActivate"`
	Img         Opt[string] `json:"img,omitzero"`
	IsNotDelete bool        `json:"isNotDelete"` // built in: nobody can delete it
	Position    int64       `json:"position"`
	RetailerID  int64       `json:"retailerId"`
	CreatedBy   int64       `json:"createdBy"`
}

// SaleChannelQuery lists sale channels.
type SaleChannelQuery struct {
	Paging
	LastModifiedFrom Opt[Time] `query:"lastModifiedFrom"`
}

// SaleChannelInfo is a sale channel as orders and invoices show it (contract invoices, SaleChannelInfo).
type SaleChannelInfo struct {
	IsNotDelete bool   `json:"IsNotDelete"`
	RetailerID  int64  `json:"RetailerId"`
	Position    int64  `json:"Position"`
	IsActivate  bool   `json:"IsActivate" db:"is_active"`
	CreatedBy   int64  `json:"CreatedBy"`
	CreatedDate Time   `json:"CreatedDate"`
	ID          int64  `json:"Id"`
	Name        string `json:"Name"`
}
