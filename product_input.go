package taphoa

// ProductQuery lists products (contract products, listProducts).
type ProductQuery struct {
	Paging
	LastModifiedFrom            Opt[Time] `query:"lastModifiedFrom"`
	ToDate                      Opt[Time] `query:"toDate" bare:"end"`
	IncludeInventory            bool      `query:"includeInventory"`
	IncludePriceBook            bool      `query:"includePricebook"`
	IncludeSerials              bool      `query:"IncludeSerials"`
	IncludeBatchExpires         bool      `query:"IncludeBatchExpires"`
	IncludeWarranties           bool      `query:"includeWarranties"`
	IncludeRemoveIDs            bool      `query:"includeRemoveIds" alias:"includerRemoveIds"`
	IncludeQuantity             bool      `query:"includeQuantity"`
	IncludeMaterial             bool      `query:"includeMaterial"`
	IncludeSoftDeletedAttribute Opt[bool] `query:"includeSoftDeletedAttribute"` // true when not given
	IncludeProductShelves       bool      `query:"IncludeProductShelves"`
	MasterUnitID                int64     `query:"masterUnitId"`
	MasterProductID             int64     `query:"masterProductId"`
	CategoryID                  int64     `query:"categoryId"` // with its subcategories
	TradeMarkID                 int64     `query:"tradeMarkId"`
	BranchIDs                   []int64   `query:"BranchIds"`                   // whose inventories are shown; none named: all
	ProductType                 []int64   `query:"productType" words:"product"` // documented as bool, too, which is passed over
	IsActive                    Opt[bool] `query:"isActive"`
	Name                        string    `query:"name"` // in full name, code and bar code
	BarCode                     string    `query:"barcode"`
}

// ProductByID asks for one product.
type ProductByID struct {
	ID                          int64     `path:"id"`
	IncludeQuantity             bool      `query:"includeQuantity"`
	IncludeSoftDeletedAttribute Opt[bool] `query:"includeSoftDeletedAttribute"` // true when not given
}

// ProductByCode asks for one product by its code, in the path or in the query.
type ProductByCode struct {
	Code                        string    `path:"code" query:"code"`
	IncludeQuantity             bool      `query:"includeQuantity"`
	IncludeSoftDeletedAttribute Opt[bool] `query:"includeSoftDeletedAttribute"` // true when not given
}

// OnHandQuery lists stock by product and branch (contract products, listProductOnHands).
type OnHandQuery struct {
	Paging
	LastModifiedFrom Opt[Time] `query:"lastModifiedFrom"` // of the stock
	BranchIDs        []int64   `query:"branchIds"`
}

// ProductInput creates a product, or changes what is given of one (contract products, ProductCreate and ProductUpdate).
// An ID names the product to change; when creating it is ignored, as are the documented members that the server derives
// (fullName, hasVariants, reserved).
type ProductInput struct {
	ID                   int64            `path:"id" json:"id"`
	Name                 Opt[string]      `json:"name" max:"255"`
	Code                 Opt[string]      `json:"code" max:"100"`   // null or blank: the next SP number, or unchanged
	BarCode              Opt[string]      `json:"barCode" max:"16"` // null or blank: none
	CategoryID           Opt[int64]       `json:"categoryId"`
	CategoryName         Opt[string]      `json:"categoryName" max:"125"` // instead of the id; made when there is none
	TradeMarkID          Opt[int64]       `json:"tradeMarkId" alias:"brandId"`
	Type                 Opt[ProductType] `json:"productType" alias:"type"`
	AllowsSale           Opt[bool]        `json:"allowsSale"`
	Description          Opt[string]      `json:"description"`
	IsLotSerialControl   Opt[bool]        `json:"isProductSerial" alias:"isLotSerialControl"`
	IsBatchExpireControl Opt[bool]        `json:"isBatchExpireControl"` // ours: the vendor's API cannot set it
	Attributes           []AttributeInput `json:"attributes"`           // nil: unchanged
	Unit                 Opt[string]      `json:"unit" max:"50"`
	MasterProductID      Opt[int64]       `json:"masterProductId"`
	MasterUnitID         Opt[int64]       `json:"masterUnitId"`
	ConversionValue      Opt[Quantity]    `json:"conversionValue" places:"4"`
	BranchID             Opt[int64]       `query:"branchId" json:"branchId"` // of inventories that name none
	Inventories          []InventoryInput `json:"inventories" alias:"inventory"`
	BasePrice            Opt[Money]       `json:"basePrice"`
	Weight               Opt[Quantity]    `json:"weight"`
	Images               []string         `json:"images" max:"2000"` // nil: unchanged
	IsActive             Opt[bool]        `json:"isActive"`
	IsRewardPoint        Opt[bool]        `json:"isRewardPoint"`
	OrderTemplate        Opt[string]      `json:"orderTemplate" max:"2000"`
	MasterCode           Opt[string]      `json:"masterCode" max:"100"`
	ProductTaxs          []TaxRef         `json:"productTaxs"` // nil: unchanged
	PurchaseTax          Opt[TaxRef]      `json:"purchaseTax"`
	ProductFormulas      []MaterialInput  `json:"productFormulas" alias:"materials"` // ours, for combos; nil: unchanged
}

// InventoryInput sets what a branch has of a product, in the product's own unit, and what one costs.
type InventoryInput struct {
	BranchID    int64         `json:"branchId"`
	OnHand      Opt[Quantity] `json:"onHand"`
	Cost        Opt[Money]    `json:"cost"`
	MinQuantity Opt[Quantity] `json:"minQuantity" alias:"minQuality"`
	MaxQuantity Opt[Quantity] `json:"maxQuantity" alias:"maxQuality"`
}

// TaxRef names a tax rate; see [Taxes].
type TaxRef struct {
	TaxID int64 `json:"taxId"`
}

// MaterialInput is a component of a combo; the id wins over the code.
type MaterialInput struct {
	MaterialID   int64    `json:"materialId"`
	MaterialCode string   `json:"materialCode"`
	Quantity     Quantity `json:"quantity" places:"4"`
}

// ProductsInput creates or changes several products (contract products, BulkCreateRequest and BulkUpdateRequest).
type ProductsInput struct {
	ListProducts []ProductInput `json:"listProducts" wire:"root"`
}

// FormulaInput are the materials of a combo. The vendor's API has no such operation.
type FormulaInput struct {
	ID              int64           `path:"id"`
	ProductFormulas []MaterialInput `json:"productFormulas" alias:"materials" wire:"root"`
}

// WarrantiesInput are the warranties of a product. The vendor's API has no such operation.
type WarrantiesInput struct {
	ID                int64           `path:"id"`
	ProductWarranties []WarrantyInput `json:"productWarranties" wire:"root"`
}

// WarrantyInput is a warranty or a maintenance (contract products, ProductWarranty).
type WarrantyInput struct {
	Description  Opt[string] `json:"description" max:"1000"`
	NumberTime   int64       `json:"numberTime"`
	TimeType     int64       `json:"timeType"`     // 1 day, 2 month, 3 year
	WarrantyType int64       `json:"warrantyType"` // 1 warranty, 3 maintenance
}

// ShelvesInput are the shelves of a product at its branches. The vendor's API has no such operation.
type ShelvesInput struct {
	ID             int64        `path:"id"`
	ProductShelves []ShelfInput `json:"productShelves" wire:"root"`
}

// ShelfInput names a branch's shelves, joined by bars: Kệ A1 | Kho sau.
type ShelfInput struct {
	BranchID       int64  `json:"branchId"`
	ProductShelves string `json:"productShelves" max:"1000"`
}
