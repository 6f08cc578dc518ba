package taphoa

// CustomerGroup is a set of customers that the shop treats alike (contract customer-groups).
type CustomerGroup struct {
	ID                   int64                 `json:"id"`
	Name                 string                `json:"name"`
	Description          Opt[string]           `json:"description,omitzero"`
	Discount             Opt[Money]            `json:"discount,omitzero"`
	RetailerID           int64                 `json:"retailerId"`
	CreatedBy            int64                 `json:"createdBy"` // id of the user
	CustomerGroupDetails []CustomerGroupDetail `json:"customerGroupDetails"`
	ModifiedDate         Opt[Time]             `json:"modifiedDate,omitzero"`
	CreatedDate          Time                  `json:"createdDate"`
}

// CustomerGroupDetail is a membership of a customer in a group.
type CustomerGroupDetail struct {
	ID         int64 `json:"id"` // of the membership
	CustomerID int64 `json:"customerId"`
	GroupID    int64 `json:"groupId"`
}

// CustomerGroupInput creates a customer group.
type CustomerGroupInput struct {
	Name        string        `json:"name" max:"255"`
	Description Opt[string]   `json:"description" max:"2000"`
	Discount    Opt[Money]    `json:"discount"`
	Members     []GroupMember `json:"customerGroupDetails"` // in place of those it has; nil: unchanged
}

// GroupMember names a customer who is to be in a group.
type GroupMember struct {
	CustomerID int64 `json:"customerId"`
}

// Validate checks one group by itself, without the database.
func (in *CustomerGroupInput) Validate() error {
	if in.Discount.Or(0) < 0 {
		return Refuse(CodeValidate, "discount", "Mức giảm giá của nhóm (discount) không được âm")
	}
	return required("name", "Tên nhóm khách hàng", in.Name)
}

// CustomerGroupUpdate changes the members of a customer group that are present; an empty name does not change it. The
// vendor's API has no such operation.
type CustomerGroupUpdate struct {
	ByID
	CustomerGroupInput
}

// Validate checks one change by itself, without the database.
func (in *CustomerGroupUpdate) Validate() error {
	if in.Discount.Or(0) < 0 {
		return Refuse(CodeValidate, "discount", "Mức giảm giá của nhóm (discount) không được âm")
	}
	return notBlank("name", "Tên nhóm khách hàng", in.Name)
}

// CustomerGroupQuery lists customer groups: all of them unless a page is asked for, because the documents know no paging
// here. Hence it has no [Paging], whose page size is never absent.
type CustomerGroupQuery struct {
	PageSize       int64  `query:"pageSize"`
	CurrentItem    int64  `query:"currentItem"`
	OrderBy        string `query:"orderBy"`
	OrderDirection string `query:"orderDirection"`
	Cursor         string `query:"cursor" max:"8000"`
}
