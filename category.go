package taphoa

// Category is a group of products; categories nest at most three levels deep (contract categories).
type Category struct {
	CategoryID   int64      `json:"categoryId"`
	ParentID     Opt[int64] `json:"parentId,omitzero"` // absent for a root
	CategoryName string     `json:"categoryName"`
	RetailerID   int64      `json:"retailerId"`
	HasChild     bool       `json:"hasChild"`
	ModifiedDate Opt[Time]  `json:"modifiedDate,omitzero"`
	CreatedDate  Time       `json:"createdDate"`
	Rank         int64      `json:"rank"`
	Children     []Category `json:"children,omitzero"` // absent in the flat list, empty for a leaf
}

// CategoryDetail is the response to GET /categories/{id}: clients read the category at the top level or under data
// (contract categories, conflicts).
type CategoryDetail struct {
	Category
	Data Category `json:"data"`
}

// CategoryAnswer is the response to a write: the record under data, as documented, and its members beside it, where
// clients read them.
type CategoryAnswer struct {
	Category
	Message string   `json:"message"`
	Data    Category `json:"data"`
}

// CategoryInput creates a category, or changes the given members of one. A parentId of null or 0 is the root.
type CategoryInput struct {
	ID           int64       `path:"id"`
	CategoryName Opt[string] `json:"categoryName" max:"125"`
	ParentID     Opt[int64]  `json:"parentId"`
	Rank         Opt[int64]  `json:"rank"`
}

// CategoryQuery lists categories, flat or as a tree.
type CategoryQuery struct {
	Paging
	LastModifiedFrom Opt[Time] `query:"lastModifiedFrom"` // of the flat list only
	HierachicalData  bool      `query:"hierachicalData" alias:"hierarchicalData"`
}
