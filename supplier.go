package taphoa

// Supplier is a seller from whom the shop buys (contract suppliers).
type Supplier struct {
	ID                         int64       `json:"id"`
	Code                       string      `json:"code"`
	Name                       string      `json:"name"`
	ContactNumber              Opt[string] `json:"contactNumber,omitzero"`
	Email                      Opt[string] `json:"email,omitzero"`
	Address                    Opt[string] `json:"address,omitzero"`
	LocationName               Opt[string] `json:"locationName,omitzero"` // province - district
	WardName                   Opt[string] `json:"wardName,omitzero"`
	Organization               Opt[string] `json:"organization,omitzero"`
	TaxCode                    Opt[string] `json:"taxCode,omitzero"`
	Comments                   Opt[string] `json:"comments,omitzero"`
	Groups                     Opt[string] `json:"groups,omitzero" db:"-"` // names, joined with a comma
	IsActive                   bool        `json:"isActive"`
	ModifiedDate               Opt[Time]   `json:"modifiedDate,omitzero"`
	CreatedDate                Time        `json:"createdDate"`
	PaymentDays                Opt[int64]  `json:"paymentDays,omitzero"` // ours: in how many days purchases are due
	RetailerID                 int64       `json:"retailerId"`
	BranchID                   Opt[int64]  `json:"branchId,omitzero"`                                         // the branch that created the supplier
	CreatedBy                  Opt[string] `json:"createdBy,omitzero"`                                        // name of the user
	Debt                       Money       `json:"debt" view:"purchase,debt"`                                 // what the shop owes now
	TotalInvoiced              Opt[Money]  `json:"totalInvoiced,omitzero" view:"purchase,total"`              // all that was bought
	TotalInvoicedWithoutReturn Opt[Money]  `json:"totalInvoicedWithoutReturn,omitzero" view:"purchase,total"` // bought minus given back
}

// SupplierDetail is the response with one supplier: the bare members, as documented, and the same object again as data, as a client
// reads it (contract suppliers, conflicts).
type SupplierDetail struct {
	Supplier
	Data Supplier `json:"data"`
}

// SupplierKey names a supplier by the segment in the path: digits are an id first and then a code, all else is a code.
type SupplierKey struct {
	Key string `path:"id"`
}

// SupplierInput creates a supplier, or says what is to change in one. The vendor's API has no such operation.
type SupplierInput struct {
	Code          Opt[string]  `json:"code" max:"50"` // given out when blank
	Name          Opt[string]  `json:"name" max:"255"`
	ContactNumber Opt[string]  `json:"contactNumber" max:"255"`
	Email         Opt[string]  `json:"email" max:"255"`
	Address       Opt[string]  `json:"address" max:"1000"`
	LocationName  Opt[string]  `json:"locationName" max:"255"`
	WardName      Opt[string]  `json:"wardName" max:"255"`
	Organization  Opt[string]  `json:"organization" max:"255"`
	TaxCode       Opt[string]  `json:"taxCode" max:"50"`
	Comments      Opt[string]  `json:"comments" alias:"comment" max:"2000"`
	PaymentDays   Opt[int64]   `json:"paymentDays" null:"clears"` // in how many days purchases are due; null clears it
	GroupIDs      Opt[[]int64] `json:"groupIds"`                  // replaces the membership
	BranchID      Opt[int64]   `json:"branchId"`                  // on creation only
	IsActive      Opt[bool]    `json:"isActive"`
}

// Validate checks one supplier that is to be created by itself, without the database.
func (in *SupplierInput) Validate() error {
	if err := required("name", "Tên nhà cung cấp", in.Name.Value); err != nil {
		return err
	}
	return checkPaymentDays(in.PaymentDays)
}

// SupplierUpdate changes a supplier: the members that are present, null clears. Neither name nor code can be cleared,
// so null leaves them as they are.
type SupplierUpdate struct {
	ID int64 `path:"id" json:"id"`
	SupplierInput
}

// Validate checks one change by itself, without the database.
func (in *SupplierUpdate) Validate() error {
	if in.Name.Has() {
		if err := required("name", "Tên nhà cung cấp", in.Name.Value); err != nil {
			return err
		}
	}
	return checkPaymentDays(in.PaymentDays)
}

// SupplierQuery lists suppliers. Code and contact number find what is exactly so, and when there is no such supplier,
// what contains them; a contact number is compared by its digits.
type SupplierQuery struct {
	Paging
	Code                 string    `query:"code"`
	Name                 string    `query:"name"`
	ContactNumber        string    `query:"contactNumber"`
	LastModifiedFrom     Opt[Time] `query:"lastModifiedFrom"`
	IncludeRemoveIDs     bool      `query:"includeRemoveIds" alias:"includerRemoveIds"`
	IncludeTotal         bool      `query:"includeTotal"`
	IncludeSupplierGroup bool      `query:"includeSupplierGroup"`
	IsActive             Opt[bool] `query:"isActive"`
	GroupID              int64     `query:"groupId"` // ours
}

// SupplierGroup is a set of suppliers. The vendor's API shows the names of the groups only.
type SupplierGroup struct {
	ID           int64       `json:"id"`
	Name         string      `json:"name"`
	Description  Opt[string] `json:"description,omitzero"`
	RetailerID   int64       `json:"retailerId"`
	CreatedBy    int64       `json:"createdBy"` // id of the user
	ModifiedDate Opt[Time]   `json:"modifiedDate,omitzero"`
	CreatedDate  Time        `json:"createdDate"`
}

// SupplierGroupInput creates a supplier group.
type SupplierGroupInput struct {
	Name        string      `json:"name" max:"255"`
	Description Opt[string] `json:"description" max:"2000"`
}

// Validate checks one group by itself, without the database.
func (in *SupplierGroupInput) Validate() error {
	return required("name", "Tên nhóm nhà cung cấp", in.Name)
}

// SupplierGroupUpdate changes the members of a supplier group that are present; an empty name stays as it is.
type SupplierGroupUpdate struct {
	ByID
	SupplierGroupInput
}

// Validate checks one change by itself, without the database.
func (in *SupplierGroupUpdate) Validate() error {
	return notBlank("name", "Tên nhóm nhà cung cấp", in.Name)
}

// SupplierGroupQuery lists supplier groups.
type SupplierGroupQuery struct {
	Paging
}

// DocumentSupplier is the supplier inside a purchase order that is to be created: a known one, by id, code, or contact
// number and name, or a new one (contract purchaseorders, PurchaseSupplierWrite).
type DocumentSupplier struct {
	ID            Opt[int64]  `json:"id"`
	Code          Opt[string] `json:"code" max:"50"`
	Name          Opt[string] `json:"name" max:"255"`
	ContactNumber Opt[string] `json:"contactNumber" max:"255"`
	Address       Opt[string] `json:"address" max:"1000"`
	Email         Opt[string] `json:"email" max:"255"`
	Comment       Opt[string] `json:"comment" alias:"comments" max:"2000"`
}
