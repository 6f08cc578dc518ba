package mirror

import (
	"reflect"
	"strings"

	"github.com/taphoa/taphoa"
)

// masking replaces a value. One value always becomes one mask in a mirror, in whatever field of that kind it is.
type masking func(*masks, string) string

// fields says what becomes of the strings of records, as "Type.Field", and of birthdays and of ids of persons at other systems.
// TestAllThatIsMirroredIsMaskedOrNamedFree holds it to the records.
var fields = classified([]classification{
	{(*masks).name, `
		Customer.CreatedBy Customer.Name Delivery.Receiver Invoice.CustomerName Invoice.SoldByName Order.CustomerName Order.SoldByName
		PartnerDelivery.Name Return.CustomerName Return.SoldByName User.GivenName
		CashFlow.PartnerName CashFlow.User OrderSupplierHead.SupplierName PurchaseOrder.PurchaseName PurchaseOrder.SupplierName
		Supplier.CreatedBy Supplier.Name Transfer.CreatedByName`},
	{(*masks).login, `User.UserName PriceBookUser.UserName`},
	{(*masks).company, `Customer.Organization Supplier.Organization`},
	{(*masks).phone, `
		Branch.ContactNumber Customer.ContactNumber Customer.SubNumber Delivery.ContactNumber PartnerDelivery.ContactNumber User.MobilePhone
		CashFlow.ContactNumber Supplier.ContactNumber`},
	{(*masks).email, `Branch.Email Customer.Email PartnerDelivery.Email User.Email Supplier.Email`},
	{(*masks).address, `
		Branch.Address Customer.Address Delivery.Address PartnerDelivery.Address User.Address CashFlow.Address Supplier.Address`},
	{(*masks).ward, `Branch.WardName Customer.WardName Delivery.WardName CashFlow.WardName Supplier.WardName`},
	{(*masks).digits, `
		Customer.BirthDate Customer.IdentificationNumber Customer.PsidFacebook Customer.TaxCode User.BirthDate
		BankAccount.AccountNumber Supplier.TaxCode`},
	{(*masks).account, `Payment.BankAccount CashFlow.Account PurchaseOrderPayment.BankAccount`},
	{(*masks).note, `
		Customer.Comments CustomerGroup.Description Invoice.Description InvoiceDetail.Note Order.Description OrderDetail.Note
		Payment.Description Return.Description ReturnDetail.Note User.Description
		BankAccount.Description CashFlow.Description OrderSupplierDetail.Description OrderSupplierHead.Description
		PurchaseOrder.Description PurchaseOrderDetail.Description Supplier.Comments Transfer.Description Transfer.NoteByDestination`},
	{nil, free},
})

// free are the fields that say nothing of a person: codes, goods, places of the size of a district, names of what the shop has made up.
const free = `
	Allocation.Code Allocation.Document PaidDocument.Code PaidDocument.Type
	Branch.BranchCode Branch.BranchName Branch.LocationName Category.CategoryName SaleChannel.Img SaleChannel.Name SaleChannelInfo.Name
	Customer.Code Customer.DebtLimitPolicy Customer.Groups Customer.LocationName CustomerGroup.Name
	Delivery.DeliveryCode Delivery.LocationName Delivery.StatusValue DocumentSurcharge.SurchargeName PartnerDelivery.Code
	FormulaProduct.Code FormulaProduct.FullName FormulaProduct.Name FormulaProduct.OrderTemplate FormulaProduct.Unit
	Invoice.BranchName Invoice.Code Invoice.CustomerCode Invoice.Method Invoice.OrderCode Invoice.SaleChannelName Invoice.StatusValue
	Invoice.UUID Invoice.Warnings InvoiceBatch.BatchName InvoiceBatch.FullNameVirgule InvoiceDetail.CategoryName
	InvoiceDetail.ProductCode InvoiceDetail.ProductName InvoiceDetail.SerialNumbers InvoiceDetail.TradeMarkName InvoiceDetailTax.Name
	Order.BranchName Order.Code Order.CustomerCode Order.Method Order.SaleChannelName Order.StatusValue Order.Warnings
	OrderDetail.ProductCode OrderDetail.ProductName OrderDetailTax.TaxName
	Payment.Code Payment.Method Payment.StatusValue
	Product.BarCode Product.CategoryName Product.Code Product.Description Product.FullName Product.Images Product.MasterCode Product.Name
	Product.OrderTemplate Product.TaxRate Product.TaxType Product.TradeMarkName Product.Unit ProductAttribute.AttributeName
	ProductAttribute.AttributeValue ProductBatchExpire.BatchName ProductBatchExpire.FullNameVirgule ProductFormula.MaterialCode
	ProductFormula.MaterialFullName ProductFormula.MaterialName ProductInventory.BranchName ProductInventory.ProductCode
	ProductInventory.ProductName ProductOnHand.Code ProductPriceBook.PriceBookName ProductSerial.SerialNumber ProductShelf.BranchName
	ProductShelf.ProductShelves ProductTax.Name ProductUnit.Code ProductUnit.FullName ProductUnit.Name ProductUnit.Unit
	ProductWarranty.Description
	Return.BranchName Return.Code Return.CustomerCode Return.StatusValue ReturnDetail.ProductCode ReturnDetail.ProductName
	ReturnDetail.SerialNumbers ReturnDetailTax.TaxName
	BankAccount.BankName Surcharge.SurchargeCode Surcharge.SurchargeName PriceBook.Name PriceBookBranch.BranchName
	PriceBookCustomerGroup.CustomerGroupName PriceBookDetail.ProductCode
	CashFlow.Branch CashFlow.CashGroup CashFlow.Code CashFlow.LocationName CashFlow.Method CashFlow.Origin CashFlow.PartnerType
	CashFlow.StatusValue Supplier.Code Supplier.Groups Supplier.LocationName
	OrderSupplierDetail.OrderSupplierCode OrderSupplierDetail.ProductCode OrderSupplierDetail.ProductName
	OrderSupplierExpense.ExpensesOtherCode OrderSupplierExpense.ExpensesOtherName OrderSupplierHead.Code
	OrderSupplierHead.PurchaseOrderCodes OrderSupplierHead.StatusValue OrderSupplierHead.SupplierCode
	PurchaseOrder.BranchName PurchaseOrder.Code PurchaseOrder.OrderSupplierCode PurchaseOrder.PartnerType PurchaseOrder.StatusValue
	PurchaseOrder.SupplierCode PurchaseOrderDetail.ProductCode PurchaseOrderDetail.ProductName PurchaseOrderDetail.SerialNumbers
	PurchaseOrderPayment.Code PurchaseOrderPayment.Method PurchaseOrderPayment.StatusValue PurchaseSurcharge.Code PurchaseSurcharge.Name
	Transfer.Code Transfer.FromBranchName Transfer.ToBranchName TransferLine.ProductCode TransferLine.ProductName
	TransferLine.ReceivedSerials TransferLine.SerialNumbers`

type classification struct {
	as    masking // nil: nothing
	names string
}

func classified(kinds []classification) map[string]masking {
	all := map[string]masking{}
	for _, k := range kinds {
		for _, name := range strings.Fields(k.names) {
			all[name] = k.as
		}
	}
	return all
}

// masks are the masks of a mirror.
type masks struct {
	key   []byte
	plans map[reflect.Type][]masking // of the fields of a type
}

func newMasks(key string) *masks { return &masks{[]byte(key), map[reflect.Type][]masking{}} }

// apply masks records. A string that is not in the table becomes a note, so that nothing is shown by having been forgotten.
func (m *masks) apply(records any) { m.walk(reflect.ValueOf(records)) }

func (m *masks) walk(v reflect.Value) {
	switch v.Kind() {
	case reflect.Pointer:
		if !v.IsNil() {
			m.walk(v.Elem())
		}
	case reflect.Slice:
		for i := range v.Len() {
			m.walk(v.Index(i))
		}
	case reflect.Struct:
		for i, as := range m.plan(v.Type()) {
			if f := v.Field(i); f.CanInterface() {
				m.field(f, as)
			}
		}
	}
}

// field masks a field of a record; as is nil for one that is free.
func (m *masks) field(v reflect.Value, as masking) {
	switch p := v.Addr().Interface().(type) {
	case *string:
		if as != nil {
			*p = as(m, *p)
		}
	case *[]string:
		for i := range *p {
			m.field(v.Index(i), as)
		}
	case *taphoa.Opt[string]:
		m.field(v.Field(0), as)
	case *taphoa.Opt[taphoa.Time]:
		if as != nil && p.Has() {
			p.Value = m.day(p.Value)
		}
	case *taphoa.Opt[int64]:
		if as != nil && p.Has() {
			p.Value = m.id(p.Value)
		}
	default:
		m.walk(v)
	}
}

// plan is what becomes of the fields of a type.
func (m *masks) plan(t reflect.Type) []masking {
	plan, known := m.plans[t]
	if !known {
		plan = make([]masking, t.NumField())
		for i := range plan {
			f := t.Field(i)
			as, classified := fields[t.Name()+"."+f.Name]
			if !classified && texts(f.Type) {
				as = (*masks).note
			}
			plan[i] = as
		}
		m.plans[t] = plan
	}
	return plan
}

// texts reports whether a field has strings, and nothing else.
func texts(t reflect.Type) bool {
	return t == reflect.TypeFor[string]() || t == reflect.TypeFor[[]string]() || t == reflect.TypeFor[taphoa.Opt[string]]()
}
