package taphoa

// SaleChannel is a way on which customers buy (contract salechannel).
type SaleChannel struct {
	ID          int64       `json:"id"`
	Name        string      `json:"name"`
	IsActive    bool        `json:"isActive" also:"isActivate"`
	Img         Opt[string] `json:"img,omitzero"`
	IsNotDelete bool        `json:"isNotDelete"` // built in: cannot be deleted
	Position    int64       `json:"position"`
	RetailerID  int64       `json:"retailerId"`
	CreatedBy   int64       `json:"createdBy"`
}

// SaleChannelQuery lists sale channels.
type SaleChannelQuery struct {
	Paging
	LastModifiedFrom Opt[Time] `query:"lastModifiedFrom"`
}

// SaleChannelInput creates a sale channel.
type SaleChannelInput struct {
	Name     string      `json:"name" max:"255"`
	Img      Opt[string] `json:"img" max:"2000"`
	IsActive Opt[bool]   `json:"isActive" alias:"isActivate"` // true when not given
	Position Opt[int64]  `json:"position"`                    // the last when not given
}

// Validate checks one channel by itself, without the database.
func (in *SaleChannelInput) Validate() error {
	return required("name", "Tên kênh bán hàng", in.Name)
}

// SaleChannelUpdate changes the members of a sale channel that are present; an empty name stays as it is. The vendor's
// API has no such operation.
type SaleChannelUpdate struct {
	ByID
	SaleChannelInput
}

// Validate checks one change by itself, without the database.
func (in *SaleChannelUpdate) Validate() error {
	return notBlank("name", "Tên kênh bán hàng", in.Name)
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
