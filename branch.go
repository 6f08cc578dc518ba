package taphoa

// Branch is a place where the shop keeps and sells goods (contract branches).
type Branch struct {
	ID            int64       `json:"id"`
	BranchName    string      `json:"branchName"`
	BranchCode    Opt[string] `json:"branchCode,omitzero"`
	ContactNumber Opt[string] `json:"contactNumber,omitzero"`
	RetailerID    int64       `json:"retailerId"`
	Email         Opt[string] `json:"email,omitzero"`
	Address       Opt[string] `json:"address,omitzero"`
	LocationName  Opt[string] `json:"locationName,omitzero"` // province - district
	WardName      Opt[string] `json:"wardName,omitzero"`
	ModifiedDate  Opt[Time]   `json:"modifiedDate,omitzero"`
	CreatedDate   Time        `json:"createdDate"`
}

// BranchInput creates a branch.
type BranchInput struct {
	BranchName       string      `json:"branchName" max:"255"`
	BranchCode       Opt[string] `json:"branchCode" max:"50"`
	ContactNumber    Opt[string] `json:"contactNumber" max:"50"`
	SubContactNumber Opt[string] `json:"subContactNumber" max:"50"`
	Email            Opt[string] `json:"email" max:"255"`
	Address          Opt[string] `json:"address" max:"1000"`
	LocationName     Opt[string] `json:"locationName" max:"255"`
	WardName         Opt[string] `json:"wardName" max:"255"`
}

// Validate checks one branch by itself, without the database.
func (in *BranchInput) Validate() error {
	return required("branchName", "Tên chi nhánh", in.BranchName)
}

// BranchUpdate changes the members of a branch that are present; an empty name does not change it. The vendor's API has no
// such operation.
type BranchUpdate struct {
	ByID
	BranchInput
}

// Validate checks one change by itself, without the database.
func (in *BranchUpdate) Validate() error {
	return notBlank("branchName", "Tên chi nhánh", in.BranchName)
}

// BranchQuery lists branches.
type BranchQuery struct {
	Paging
	LastModifiedFrom Opt[Time] `query:"lastModifiedFrom"`
	IncludeRemoveIDs bool      `query:"includeRemoveIds" alias:"includerRemoveIds"`
}

// ByID names a record by the id in the path.
type ByID struct {
	ID int64 `path:"id"`
}

// ByCode names a record by the code in the path.
type ByCode struct {
	Code string `path:"code"`
}
