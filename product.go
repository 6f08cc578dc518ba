package taphoa

// ProductType is the kind of a product (contract products, rules).
type ProductType int64

// The product types.
const (
	ProductCombo   ProductType = 1 // consists of other products
	ProductGoods   ProductType = 2
	ProductService ProductType = 3
)

// Product is what the shop sells: one unit of one variant (contract products, Product). List and detail show the union
// of what is documented for either; the lists that a switch asks for are absent without it.
type Product struct {
	ID                   int64                `json:"id"`
	Code                 string               `json:"code"`
	BarCode              Opt[string]          `json:"barCode,omitzero"`
	RetailerID           int64                `json:"retailerId"`
	AllowsSale           bool                 `json:"allowsSale"`
	Name                 string               `json:"name"`
	CategoryID           int64                `json:"categoryId"`
	CategoryName         string               `json:"categoryName"`
	TradeMarkID          Opt[int64]           `json:"tradeMarkId,omitzero"`
	TradeMarkName        Opt[string]          `json:"tradeMarkName,omitzero"`
	Type                 ProductType          `json:"type"`
	FullName             string               `json:"fullName"` // name, attribute values and unit
	Description          string               `json:"description"`
	HasVariants          bool                 `json:"hasVariants"` // has attributes
	Attributes           []ProductAttribute   `json:"attributes"`
	Unit                 string               `json:"unit"`
	MasterUnitID         Opt[int64]           `json:"masterUnitId,omitzero"`    // the base unit; absent for a base unit
	MasterProductID      Opt[int64]           `json:"masterProductId,omitzero"` // the first of the kind; absent for it
	ConversionValue      Quantity             `json:"conversionValue"`          // base units in one of this unit
	Units                []ProductUnit        `json:"units"`
	Images               []string             `json:"images"` // links
	Inventories          []ProductInventory   `json:"inventories,omitzero"`
	PriceBooks           []ProductPriceBook   `json:"priceBooks,omitzero"`
	ProductFormulas      []ProductFormula     `json:"productFormulas,omitzero"`
	ProductSerials       []ProductSerial      `json:"productSerials,omitzero"`
	ProductBatchExpires  []ProductBatchExpire `json:"productBatchExpires,omitzero"`
	ProductWarranties    []ProductWarranty    `json:"productWarranties,omitzero"`
	ProductShelves       []ProductShelf       `json:"productShelves,omitzero"`
	BasePrice            Money                `json:"basePrice"`
	Weight               Quantity             `json:"weight"`
	IsLotSerialControl   bool                 `json:"isLotSerialControl"`   // sold by serial
	IsBatchExpireControl bool                 `json:"isBatchExpireControl"` // sold by batch
	OrderTemplate        Opt[string]          `json:"orderTemplate,omitzero"`
	MinQuantity          Opt[Quantity]        `json:"minQuantity,omitzero"` // the smallest lower limit of its branches
	MaxQuantity          Opt[Quantity]        `json:"maxQuantity,omitzero"` // the largest upper limit of its branches
	TaxType              Opt[string]          `json:"taxType,omitzero"`
	TaxRate              Opt[string]          `json:"taxRate,omitzero"`       // with TaxTypeDeduction
	TaxRateDirect        Opt[Percent]         `json:"taxRateDirect,omitzero"` // with TaxTypeDirect
	ProductTaxs          []ProductTax         `json:"productTaxs,omitzero"`   // on sales
	PurchaseTax          *ProductTax          `json:"purchaseTax,omitzero"`
	ModifiedDate         Opt[Time]            `json:"modifiedDate,omitzero"`
	CreatedDate          Time                 `json:"createdDate"`
	IsActive             bool                 `json:"isActive"`
	IsRewardPoint        bool                 `json:"isRewardPoint"`
	MasterCode           Opt[string]          `json:"masterCode,omitzero"` // shared by the products of one kind
}

// Values of taxType.
const (
	TaxTypeDeduction = "khau_tru"
	TaxTypeDirect    = "truc_tiep"
)

// ProductUpdated is the response to an update, which documents the list of inventories under a singular name.
type ProductUpdated struct {
	Product
	Inventory []ProductInventory `json:"inventory"`
}

// ProductUnit is another unit of a base-unit product.
type ProductUnit struct {
	ID              int64    `json:"id"`
	Code            string   `json:"code"`
	Name            string   `json:"name"`
	FullName        string   `json:"fullName"`
	Unit            string   `json:"unit"`
	ConversionValue Quantity `json:"conversionValue"`
	BasePrice       Money    `json:"basePrice"`
}

// ProductInventory is a product's stock at one branch, in the product's own unit.
type ProductInventory struct {
	ProductID   int64         `json:"productId"`
	ProductCode string        `json:"productCode"`
	ProductName string        `json:"productName"`
	BranchID    int64         `json:"branchId"`
	BranchName  string        `json:"branchName"`
	Cost        Money         `json:"cost" view:"cost"`
	OnHand      Quantity      `json:"onHand"`
	Reserved    Quantity      `json:"reserved" also:"actualReserved"`
	MinQuantity Quantity      `json:"minQuantity"`
	MaxQuantity Quantity      `json:"maxQuantity"`
	MinQuality  Opt[Quantity] `json:"minQuality,omitzero"` // documented so, with includeQuantity
	MaxQuality  Opt[Quantity] `json:"maxQuality,omitzero"`
	IsActive    bool          `json:"isActive"`
	OnOrder     Quantity      `json:"onOrder"`
}

// ProductFormula is a component of a combo.
type ProductFormula struct {
	MaterialID       int64          `json:"materialId"`
	MaterialCode     string         `json:"materialCode"`
	MaterialFullName string         `json:"materialFullName"`
	MaterialName     string         `json:"materialName"`
	Quantity         Quantity       `json:"quantity"` // of the component, in one combo
	BasePrice        Money          `json:"basePrice"`
	ProductID        int64          `json:"productId"` // the combo
	Product          FormulaProduct `json:"product"`
}

// FormulaProduct is the component itself.
type FormulaProduct struct {
	CreatedDate          Time        `json:"createdDate"`
	ID                   int64       `json:"id"`
	RetailerID           int64       `json:"retailerId"`
	Code                 string      `json:"code"`
	Name                 string      `json:"name"`
	FullName             string      `json:"fullName"`
	CategoryID           int64       `json:"categoryId"`
	AllowsSale           bool        `json:"allowsSale"`
	HasVariants          bool        `json:"hasVariants"`
	BasePrice            Money       `json:"basePrice"`
	Unit                 string      `json:"unit"`
	ConversionValue      Quantity    `json:"conversionValue"`
	ModifiedDate         Opt[Time]   `json:"modifiedDate,omitzero"`
	IsActive             bool        `json:"isActive"`
	IsRewardPoint        bool        `json:"isRewardPoint"`
	OrderTemplate        Opt[string] `json:"orderTemplate,omitzero"`
	IsLotSerialControl   bool        `json:"isLotSerialControl"`
	IsBatchExpireControl bool        `json:"isBatchExpireControl"`
}

// ProductSerial is one piece of a product that is sold by serial.
type ProductSerial struct {
	ProductID    int64     `json:"productId"`
	SerialNumber string    `json:"serialNumber"`
	Status       int64     `json:"status"` // 1 in stock, 0 gone
	BranchID     int64     `json:"branchId"`
	Quantity     Quantity  `json:"quantity"` // always 1
	CreatedDate  Time      `json:"createdDate"`
	ModifiedDate Opt[Time] `json:"modifiedDate,omitzero"`
}

// ProductBatchExpire is what a branch has of a batch of a product that is sold by batch.
type ProductBatchExpire struct {
	ID              int64    `json:"id"` // the batch, as invoice lines name it
	ProductID       int64    `json:"productId"`
	OnHand          Quantity `json:"onHand"`
	BatchName       string   `json:"batchName"`
	ExpireDate      Time     `json:"expireDate"`
	FullNameVirgule string   `json:"fullNameVirgule"` // see [BatchFullName]
	BranchID        int64    `json:"branchId"`
}

// BatchFullName is a batch's full name: name and day of expiry.
func BatchFullName(name string, expires Time) string {
	return name + " - " + expires.Std().Format("02/01/2006")
}

// ProductWarranty is a warranty or maintenance that a product comes with.
type ProductWarranty struct {
	ID           int64       `json:"Id" also:"id"`
	Description  Opt[string] `json:"description,omitzero"`
	NumberTime   int64       `json:"numberTime"`   // how long, in TimeType
	TimeType     int64       `json:"timeType"`     // 1 day, 2 month, 3 year
	WarrantyType int64       `json:"warrantyType"` // 1 warranty, 3 maintenance
	ProductID    int64       `json:"productId"`
	RetailerID   int64       `json:"retailerId"`
	CreatedBy    Opt[int64]  `json:"createdBy,omitzero"`
	CreatedDate  Time        `json:"createdDate"`
	ModifiedDate Opt[Time]   `json:"modifiedDate,omitzero"`
}

// ProductShelf is the shelf of a product at a branch.
type ProductShelf struct {
	BranchID       int64  `json:"branchId"`
	BranchName     string `json:"branchName"`
	ProductShelves string `json:"ProductShelves"` // 'Vị trí 1 | Vị trí 2'
}

// ProductTax is a tax rate that applies to a product.
type ProductTax struct {
	ID        int64        `json:"id"`
	ProductID int64        `json:"productId"`
	TaxID     int64        `json:"taxId"`
	Value     Opt[Percent] `json:"value,omitzero"`
	Name      string       `json:"name"`
}

// ProductOnHand is a product's stock by branch, the light form of [Product].
type ProductOnHand struct {
	ID           int64          `json:"id"`
	Code         string         `json:"code"`
	CreatedDate  Time           `json:"createdDate"`
	ModifiedDate Opt[Time]      `json:"modifiedDate,omitzero"` // the latest of the branches'
	Inventories  []BranchOnHand `json:"inventories"`
}

// BranchOnHand is what one branch has of a product, in the product's own unit.
type BranchOnHand struct {
	BranchID     int64     `json:"branchId"`
	OnHand       Quantity  `json:"onhand" also:"onHand"`
	Reserved     Quantity  `json:"reserved"`
	ModifiedDate Opt[Time] `json:"modifiedDate,omitzero"` // the last change of stock there
}
