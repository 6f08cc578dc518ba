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

// GeneralPriceBook is the name of the general price list, id 0: the products' own base prices. It is no element of the
// list (contract pricebooks, messages and rules).
const GeneralPriceBook = "Bảng giá chung"

// PriceBook is a list of prices beside the products' own, with where, when, for whom and by whom it is used (contract
// pricebooks). The relations are there when they are asked for.
type PriceBook struct {
	ID                      int64                    `json:"id"`
	Name                    string                   `json:"name"`
	IsActive                bool                     `json:"isActive"`
	IsGlobal                bool                     `json:"isGlobal"` // in all branches
	StartDate               Opt[Time]                `json:"startDate,omitzero"`
	EndDate                 Opt[Time]                `json:"endDate,omitzero"`
	ForAllCusGroup          bool                     `json:"forAllCusGroup"`
	ForAllUser              bool                     `json:"forAllUser"`
	PriceBookBranches       []PriceBookBranch        `json:"priceBookBranches,omitzero"`
	PriceBookCustomerGroups []PriceBookCustomerGroup `json:"priceBookCustomerGroups,omitzero"`
	PriceBookUsers          []PriceBookUser          `json:"priceBookUsers,omitzero"`
	RetailerID              int64                    `json:"retailerId"`
	CreatedDate             Opt[Time]                `json:"createdDate,omitzero"` // none of the general one
	ModifiedDate            Opt[Time]                `json:"modifiedDate,omitzero"`
}

// PriceBookBranch is a branch that uses a price book.
type PriceBookBranch struct {
	ID          int64  `json:"id"` // of the relation
	PriceBookID int64  `json:"priceBookId"`
	BranchID    int64  `json:"branchId"`
	BranchName  string `json:"branchName"`
}

// PriceBookCustomerGroup is a group whose customers buy at the prices of a price book.
type PriceBookCustomerGroup struct {
	CustomerGroupName string `json:"customerGroupName"`
	ID                int64  `json:"id"` // of the relation
	PriceBookID       int64  `json:"priceBookId"`
	CustomerGroupID   int64  `json:"customerGroupId"`
}

// PriceBookUser is a user who sells at the prices of a price book.
type PriceBookUser struct {
	UserName    string `json:"userName"`
	ID          int64  `json:"id"` // of the relation
	PriceBookID int64  `json:"priceBookId"`
	UserID      int64  `json:"userId"`
}

// PriceBookDetail is the price of a product in a price book.
type PriceBookDetail struct {
	ProductID   int64  `json:"productId"`
	ProductCode string `json:"productCode"`
	Price       Money  `json:"price" db:"base_price"`
}

// PriceBookPage is a page of a price book's prices, with the price book itself beside it (contract pricebooks,
// conflicts).
type PriceBookPage struct {
	Page[PriceBookDetail]
	PriceBook
}

// PriceBookIncludes are the switches for the relations of price books. The documents spell the first in the singular;
// each is taken in both forms.
type PriceBookIncludes struct {
	IncludeBranches bool `query:"includePriceBookBranch" alias:"includePriceBookBranches"`
	IncludeGroups   bool `query:"includePriceBookCustomerGroups" alias:"includePriceBookCustomerGroup"`
	IncludeUsers    bool `query:"includePriceBookUsers" alias:"includePriceBookUser"`
}

// PriceBookQuery lists price books.
type PriceBookQuery struct {
	Paging
	PriceBookIncludes
	LastModifiedFrom Opt[Time] `query:"lastModifiedFrom"`
	IncludeRemoveIDs bool      `query:"includeRemoveIds" alias:"includerRemoveIds"`
}

// PriceBookDetailQuery pages through the prices of one price book; 0 is the general one.
type PriceBookDetailQuery struct {
	ByID
	Paging
	PriceBookIncludes
	LastModifiedFrom Opt[Time] `query:"lastModifiedFrom"`
}

// PriceBookInput creates a price book or, member by member, changes one. A list of branches, groups or users replaces
// the one there is; a flag that is true empties its list.
type PriceBookInput struct {
	Name           string                        `json:"name" max:"255"`
	IsActive       Opt[bool]                     `json:"isActive"` // true when not given
	IsGlobal       Opt[bool]                     `json:"isGlobal"`
	StartDate      Opt[Time]                     `json:"startDate"`
	EndDate        Opt[Time]                     `json:"endDate" bare:"end"`
	ForAllCusGroup Opt[bool]                     `json:"forAllCusGroup"`
	ForAllUser     Opt[bool]                     `json:"forAllUser"`
	Branches       []PriceBookBranchInput        `json:"priceBookBranches"`       // nil: unchanged
	CustomerGroups []PriceBookCustomerGroupInput `json:"priceBookCustomerGroups"` // nil: unchanged
	Users          []PriceBookUserInput          `json:"priceBookUsers"`          // nil: unchanged
}

// PriceBookBranchInput names a branch that a price book is used in.
type PriceBookBranchInput struct {
	BranchID int64 `json:"branchId"`
}

// PriceBookCustomerGroupInput names a customer group that a price book is for.
type PriceBookCustomerGroupInput struct {
	CustomerGroupID int64 `json:"customerGroupId"`
}

// PriceBookUserInput names a user who sells at a price book's prices.
type PriceBookUserInput struct {
	UserID int64 `json:"userId"`
}

// Validate checks one price book by itself, without the database.
func (in *PriceBookInput) Validate() error {
	return required("name", "Tên bảng giá", in.Name)
}

// PriceBookUpdate changes the members of a price book that are present; an empty name does not change it. The vendor's API
// has no such operation.
type PriceBookUpdate struct {
	ByID
	PriceBookInput
}

// Validate checks one change by itself, without the database.
func (in *PriceBookUpdate) Validate() error {
	return notBlank("name", "Tên bảng giá", in.Name)
}

// PriceBookDetailWrite sets prices in a price book: of one product or, the way a client writes it, of several (contract
// pricebooks, PriceBookDetailWrite). Price book 0, or none, is the general one.
type PriceBookDetailWrite struct {
	PriceBookID int64 `json:"pricebookId"`
	PriceBookDetailItem
	Details []PriceBookDetailItem `json:"details" alias:"priceBookDetails"`
}

// PriceBookDetailItem is a product's new price.
type PriceBookDetailItem struct {
	ProductID int64      `json:"productId"`
	Price     Opt[Money] `json:"price"`
}

// PriceBookDetailResult is whether prices were set, and the reason if not.
type PriceBookDetailResult struct {
	Message   string `json:"message"`
	IsSuccess bool   `json:"isSuccess"`
}

// PriceBookDetailDelete takes products out of a price book. The vendor's API has no such operation.
type PriceBookDetailDelete struct {
	PriceBookID int64   `query:"pricebookId" json:"pricebookId"`
	ProductIDs  []int64 `query:"productIds" json:"productIds" alias:"productId"`
}
