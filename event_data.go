package taphoa

import "github.com/go-json-experiment/json/jsontext"

// CustomerData is the data of customer.update (contract webhooks, as all types of this file).
type CustomerData struct {
	ID            int64       `json:"Id"`
	Code          string      `json:"Code"`
	Name          string      `json:"Name"`
	Gender        Opt[bool]   `json:"Gender,omitzero"`
	BirthDate     Opt[Stamp]  `json:"BirthDate,omitzero"`
	ContactNumber Opt[string] `json:"ContactNumber,omitzero"`
	Address       Opt[string] `json:"Address,omitzero"`
	LocationName  Opt[string] `json:"LocationName,omitzero"`
	WardName      Opt[string] `json:"WardName,omitzero"`
	Email         Opt[string] `json:"Email,omitzero"`
	ModifiedDate  Stamp       `json:"ModifiedDate"`
	Type          Opt[int64]  `json:"Type,omitzero"`
	Organization  Opt[string] `json:"Organization,omitzero"`
	TaxCode       Opt[string] `json:"TaxCode,omitzero"`
	Comments      Opt[string] `json:"Comments,omitzero"`
}

// ProductData is the data of product.update.
type ProductData struct {
	ID              int64                  `json:"Id"`
	RetailerID      Opt[int64]             `json:"RetailerId,omitzero"`
	Code            string                 `json:"Code"`
	Name            string                 `json:"Name"`
	FullName        string                 `json:"FullName"`
	CategoryID      int64                  `json:"CategoryId"`
	CategoryName    string                 `json:"CategoryName"`
	MasterProductID Opt[int64]             `json:"masterProductId,omitzero" also:"MasterProductId"`
	AllowsSale      bool                   `json:"AllowsSale"`
	Type            Opt[int64]             `json:"Type,omitzero"`
	HasVariants     bool                   `json:"HasVariants"`
	BasePrice       Money                  `json:"BasePrice"`
	Weight          Opt[Quantity]          `json:"Weight,omitzero"`
	Unit            Opt[string]            `json:"Unit,omitzero"`
	MasterUnitID    Opt[int64]             `json:"MasterUnitId,omitzero"`
	ConversionValue Opt[Quantity]          `json:"ConversionValue,omitzero"`
	Description     Opt[string]            `json:"Description,omitzero"`
	ModifiedDate    Opt[Stamp]             `json:"ModifiedDate,omitzero"`
	IsActive        bool                   `json:"isActive"`
	IsRewardPoint   Opt[bool]              `json:"IsRewardPoint,omitzero"`
	OrderTemplate   Opt[string]            `json:"OrderTemplate,omitzero"`
	TradeMarkID     Opt[int64]             `json:"TradeMarkId,omitzero"`
	TradeMarkName   Opt[string]            `json:"TradeMarkName,omitzero"`
	Attributes      []ProductAttributeData `json:"Attributes"`
	Units           []ProductUnitData      `json:"Units"`
	Inventories     []StockData            `json:"Inventories"`
	PriceBooks      []ProductPriceBookData `json:"PriceBooks"`
	Serials         []jsontext.Value       `json:"Serials"` // recorded empty, of unknown shape
	Images          []ProductImageData     `json:"Images"`
}

// ProductAttributeData is an attribute of a product.
type ProductAttributeData struct {
	ProductID      int64  `json:"ProductId"`
	AttributeName  string `json:"AttributeName"`
	AttributeValue string `json:"AttributeValue"`
}

// ProductUnitData is another unit of a base-unit product.
type ProductUnitData struct {
	ID              int64       `json:"Id"`
	Code            string      `json:"Code"`
	Name            string      `json:"Name"`
	FullName        string      `json:"FullName"`
	Unit            Opt[string] `json:"Unit,omitzero"`
	ConversionValue Quantity    `json:"ConversionValue"`
	BasePrice       Money       `json:"BasePrice"`
}

// StockData is the level of a product at a branch in the product's own unit, the data of stock.update.
type StockData struct {
	ProductID   int64    `json:"ProductId"`
	ProductCode string   `json:"ProductCode"`
	ProductName string   `json:"ProductName"`
	BranchID    int64    `json:"BranchId"`
	BranchName  string   `json:"BranchName"`
	Cost        Money    `json:"Cost"`
	OnHand      Quantity `json:"OnHand"`
	Reserved    Quantity `json:"Reserved"`
	MinQuantity Quantity `json:"MinQuantity"`
	MaxQuantity Quantity `json:"MaxQuantity"`
	IsActive    bool     `json:"isActive"`
}

// ProductPriceBookData is a product's price in a price book.
type ProductPriceBookData struct {
	ProductID     int64      `json:"ProductId"`
	PriceBookID   int64      `json:"PriceBookId"`
	PriceBookName string     `json:"PriceBookName"`
	Price         Money      `json:"Price"`
	IsActive      bool       `json:"IsActive"`
	StartDate     Opt[Stamp] `json:"StartDate,omitzero"`
	EndDate       Opt[Stamp] `json:"EndDate,omitzero"`
}

// ProductImageData is an image of a product.
type ProductImageData struct {
	Image string `json:"Image"`
}

// OrderData is the data of order.update.
type OrderData struct {
	ID            int64                `json:"Id"`
	Code          string               `json:"Code"`
	PurchaseDate  Stamp                `json:"PurchaseDate"`
	BranchID      int64                `json:"BranchId"`
	BranchName    Opt[string]          `json:"BranchName,omitzero"`
	SoldByID      Opt[int64]           `json:"SoldById,omitzero"`
	SoldByName    Opt[string]          `json:"SoldByName,omitzero"`
	CustomerID    Opt[int64]           `json:"CustomerId,omitzero"`
	CustomerCode  Opt[string]          `json:"CustomerCode,omitzero"`
	CustomerName  Opt[string]          `json:"CustomerName,omitzero"`
	Total         Money                `json:"Total"`
	TotalPayment  Money                `json:"TotalPayment"`
	Discount      Opt[Money]           `json:"Discount,omitzero"`
	DiscountRatio Opt[Percent]         `json:"DiscountRatio,omitzero"`
	Status        int64                `json:"Status"`
	StatusValue   string               `json:"StatusValue"`
	Description   Opt[string]          `json:"Description,omitzero"`
	UsingCod      bool                 `json:"UsingCod"`
	ModifiedDate  Opt[Stamp]           `json:"ModifiedDate,omitzero"`
	SaleChannelID Opt[int64]           `json:"SaleChannelId,omitzero"` // clients read it
	OrderDetails  []DocumentDetailData `json:"OrderDetails"`
}

// DocumentDetailData is a line of an order or invoice.
type DocumentDetailData struct {
	ProductID     int64        `json:"ProductId"`
	ProductCode   string       `json:"ProductCode"`
	ProductName   string       `json:"ProductName"`
	Quantity      Quantity     `json:"Quantity"`
	Price         Money        `json:"Price"`
	Discount      Opt[Money]   `json:"Discount,omitzero"`
	DiscountRatio Opt[Percent] `json:"DiscountRatio,omitzero"`
}

// InvoiceData is the data of invoice.update.
type InvoiceData struct {
	ID              int64                `json:"Id"`
	Code            string               `json:"Code"`
	OrderID         Opt[int64]           `json:"OrderId,omitzero"` // clients read it
	OrderCode       Opt[string]          `json:"OrderCode,omitzero"`
	PurchaseDate    Stamp                `json:"PurchaseDate"`
	BranchID        int64                `json:"BranchId"`
	BranchName      string               `json:"BranchName"`
	SoldByID        int64                `json:"SoldById"`
	SoldByName      Opt[string]          `json:"SoldByName,omitzero"`
	CustomerID      Opt[int64]           `json:"CustomerId,omitzero"`
	CustomerCode    Opt[string]          `json:"CustomerCode,omitzero"`
	CustomerName    Opt[string]          `json:"CustomerName,omitzero"`
	Total           Money                `json:"Total"`
	TotalPayment    Money                `json:"TotalPayment"`
	Discount        Opt[Money]           `json:"Discount,omitzero"`
	DiscountRatio   Opt[Percent]         `json:"DiscountRatio,omitzero"`
	Status          int64                `json:"Status"`
	StatusValue     string               `json:"StatusValue"`
	Description     Opt[string]          `json:"Description,omitzero"`
	UsingCod        bool                 `json:"UsingCod"`
	ModifiedDate    Opt[Stamp]           `json:"ModifiedDate,omitzero"`
	SaleChannelID   Opt[int64]           `json:"SaleChannelId,omitzero"` // clients read it
	InvoiceDelivery *InvoiceDeliveryData `json:"InvoiceDelivery,omitzero"`
	InvoiceDetails  []DocumentDetailData `json:"InvoiceDetails"`
	Payments        []PaymentData        `json:"Payments"`
}

// InvoiceDeliveryData is how an invoice reaches its customer.
type InvoiceDeliveryData struct {
	DeliveryCode      Opt[string]          `json:"DeliveryCode,omitzero"`
	Status            int64                `json:"Status"`
	StatusValue       string               `json:"StatusValue"`
	Type              Opt[int64]           `json:"Type,omitzero"`
	Price             Opt[Money]           `json:"Price,omitzero"`
	Receiver          Opt[string]          `json:"Receiver,omitzero"`
	ContactNumber     Opt[string]          `json:"ContactNumber,omitzero"`
	Address           Opt[string]          `json:"Address,omitzero"`
	LocationID        Opt[int64]           `json:"LocationId,omitzero"`
	LocationName      Opt[string]          `json:"LocationName,omitzero"`
	Weight            Opt[Quantity]        `json:"Weight,omitzero"`
	Length            Opt[Quantity]        `json:"Length,omitzero"`
	Width             Opt[Quantity]        `json:"Width,omitzero"`
	Height            Opt[Quantity]        `json:"Height,omitzero"`
	PartnerDeliveryID Opt[int64]           `json:"PartnerDeliveryId,omitzero"`
	PartnerDelivery   *PartnerDeliveryData `json:"PartnerDelivery,omitzero"`
}

// PartnerDeliveryData is who delivers.
type PartnerDeliveryData struct {
	Code          Opt[string] `json:"Code,omitzero"`
	Name          Opt[string] `json:"Name,omitzero"`
	ContactNumber Opt[string] `json:"ContactNumber,omitzero"`
	Address       Opt[string] `json:"Address,omitzero"`
	Email         Opt[string] `json:"Email,omitzero"`
}

// PaymentData is a receipt of an invoice.
type PaymentData struct {
	ID          int64       `json:"Id"`
	Code        string      `json:"Code"`
	Amount      Money       `json:"Amount"`
	AccountID   Opt[int64]  `json:"AccountId,omitzero"`
	BankAccount Opt[string] `json:"BankAccount,omitzero"`
	Description Opt[string] `json:"Description,omitzero"`
	Method      string      `json:"Method"`
	Status      Opt[int64]  `json:"Status,omitzero"`
	StatusValue Opt[string] `json:"StatusValue,omitzero"`
	TransDate   Stamp       `json:"TransDate"`
}

// PriceBookData is the data of pricebook.update.
type PriceBookData struct {
	ID                      int64                        `json:"Id"`
	Name                    string                       `json:"Name"`
	IsActive                bool                         `json:"IsActive"`
	IsGlobal                bool                         `json:"IsGlobal"`
	StartDate               Opt[Stamp]                   `json:"StartDate,omitzero"`
	EndDate                 Opt[Stamp]                   `json:"EndDate,omitzero"`
	ForAllCusGroup          bool                         `json:"ForAllCusGroup"`
	ForAllUser              bool                         `json:"ForAllUser"`
	PriceBookBranches       []PriceBookBranchData        `json:"PriceBookBranches"`
	PriceBookCustomerGroups []PriceBookCustomerGroupData `json:"PriceBookCustomerGroups"`
	PriceBookUsers          []PriceBookUserData          `json:"PriceBookUsers"`
}

// PriceBookBranchData is a branch that a price book is for.
type PriceBookBranchData struct {
	ID          int64  `json:"Id"`
	PriceBookID int64  `json:"PriceBookId"`
	BranchID    int64  `json:"BranchId"`
	BranchName  string `json:"BranchName"`
}

// PriceBookCustomerGroupData is a customer group that a price book is for.
type PriceBookCustomerGroupData struct {
	CustomerGroupName string `json:"CustomerGroupName"`
	ID                int64  `json:"Id"`
	PriceBookID       int64  `json:"PriceBookId"`
	CustomerGroupID   int64  `json:"CustomerGroupId"`
}

// PriceBookUserData is a user that a price book is for.
type PriceBookUserData struct {
	UserName    string `json:"UserName"`
	ID          int64  `json:"Id"`
	PriceBookID int64  `json:"PriceBookId"`
	UserID      int64  `json:"UserId"`
}

// PriceBookDetailData is a price of a price book, the data of pricebookdetail.update.
type PriceBookDetailData struct {
	PriceBookID int64 `json:"PriceBookId"`
	ProductID   int64 `json:"ProductId"`
	Price       Money `json:"Price"`
}

// PriceBookDetailRemoved are products that left a price book, the data of pricebookdetail.delete.
type PriceBookDetailRemoved struct {
	PricebookID int64   `json:"PricebookId" also:"PriceBookId"`
	ProductIDs  []int64 `json:"ProductIds"`
}

// CategoryData is the data of category.update.
type CategoryData struct {
	ID           int64      `json:"Id"`
	Name         string     `json:"Name"`
	ParentID     Opt[int64] `json:"ParentId,omitzero"`
	IsDeleted    bool       `json:"IsDeleted"`
	CreatedDate  Stamp      `json:"CreatedDate"`
	ModifiedDate Opt[Stamp] `json:"ModifiedDate,omitzero"`
	RetailerID   int64      `json:"RetailerId"`
	Rank         int64      `json:"Rank"`
	HasChild     bool       `json:"HasChild"`
}

// BranchData is the data of branch.update.
type BranchData struct {
	ID               int64       `json:"Id"`
	Name             string      `json:"Name"`
	ContactNumber    Opt[string] `json:"ContactNumber,omitzero"`
	SubContactNumber Opt[string] `json:"SubContactNumber,omitzero"`
	Address          Opt[string] `json:"Address,omitzero"`
	Location         Opt[string] `json:"Location,omitzero"`
	WardName         Opt[string] `json:"WardName,omitzero"`
	IsActive         bool        `json:"IsActive"`
	IsLock           bool        `json:"IsLock"`
	CreatedDate      Stamp       `json:"CreatedDate"`
	ModifiedDate     Opt[Stamp]  `json:"ModifiedDate,omitzero"`
	RetailerID       int64       `json:"RetailerId"`
}
