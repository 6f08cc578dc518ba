package main

import (
	"context"
	"crypto/rand"
	"strings"

	"github.com/taphoa/taphoa"
	"github.com/taphoa/taphoa/client"
	"github.com/taphoa/taphoa/internal/message"
)

// changes cause an event, by its type. Each creates what it needs, changes nothing else in the shop, and returns the id of
// the record that its last call has changed.
var changes = map[string]func(f *fixture) (int64, error){
	"customer.update":        (*fixture).customer,
	"customer.delete":        deletion((*fixture).customer),
	"product.update":         (*fixture).product,
	"product.delete":         deletion((*fixture).product),
	"stock.update":           (*fixture).stock,
	"category.update":        (*fixture).category,
	"category.delete":        deletion((*fixture).category),
	"branch.update":          (*fixture).newBranch,
	"branch.delete":          deletion((*fixture).newBranch),
	"pricebook.update":       (*fixture).priceBook,
	"pricebook.delete":       deletion((*fixture).priceBook),
	"pricebookdetail.update": func(f *fixture) (int64, error) { _, product, err := f.price(); return product, err },
	"pricebookdetail.delete": deletion(func(f *fixture) (int64, error) { book, _, err := f.price(); return book, err }),
	"supplier.update":        (*fixture).supplier,
	"supplier.delete":        deletion((*fixture).supplier),
	"order.update":           (*fixture).order,
	"invoice.update":         func(f *fixture) (int64, error) { invoice, _, err := f.invoice(); return invoice, err },
	"return.update":          (*fixture).returns,
	"cashflow.update":        (*fixture).expense,
	"debtadjustment.update":  (*fixture).adjustment,
	"purchaseorder.update":   (*fixture).purchase,
	"ordersupplier.update":   (*fixture).orderSupplier,
	"transfer.update":        (*fixture).transfer,
}

// deletion creates a record and deletes it.
func deletion(create func(*fixture) (int64, error)) func(*fixture) (int64, error) {
	return func(f *fixture) (int64, error) {
		id, err := create(f)
		if err == nil {
			err = f.undo(f.ctx)
		}
		return id, err
	}
}

// fixture has the records that are created in a shop for an event.
type fixture struct {
	ctx     context.Context
	api     *client.Client
	branch  int64 // the shop's first
	suffix  string
	created []createdRecord

	about     string     // that the event is about: the type's first word, but for stock
	overrides []override // of its members
}

// createdRecord is a created record, or a change of one, which has no name.
type createdRecord struct {
	name     string
	document bool // it can be voided, but not deleted
	undo     func(ctx context.Context) error
}

func newFixture(ctx context.Context, api *client.Client) (*fixture, error) {
	branches, err := api.ListBranches(ctx, &taphoa.BranchQuery{Paging: taphoa.Paging{PageSize: 1, OrderBy: "id"}})
	if err != nil {
		return nil, err
	}
	if len(branches.Data) == 0 {
		return nil, message.Errorf("the shop has no branch")
	}
	return &fixture{ctx: ctx, api: api, branch: branches.Data[0].ID, suffix: rand.Text()[:6]}, nil
}

// code returns the code of created records, where a request may set one.
func (f *fixture) code() taphoa.Opt[string] { return taphoa.Some("THU-" + f.suffix) }

func (f *fixture) name(of string) string { return of + " thử " + f.suffix }

// triggerNote is the description of created documents.
var triggerNote = taphoa.Some("taphoa trigger")

// names returns the names of the wanted created records, in order of creation.
func (f *fixture) names(wanted func(createdRecord) bool) string {
	var names []string
	for _, m := range f.created {
		if m.name != "" && wanted(m) {
			names = append(names, m.name)
		}
	}
	return strings.Join(names, ", ")
}

// undo undoes the last creation or change.
func (f *fixture) undo(ctx context.Context) error {
	last := f.created[len(f.created)-1]
	f.created = f.created[:len(f.created)-1]
	return last.undo(ctx)
}

// record adds a created record and how it is deleted.
func (f *fixture) record(name string, id int64, remove func(context.Context, *taphoa.ByID) (taphoa.Message, error)) (int64, error) {
	f.created = append(f.created, createdRecord{name: name, undo: undoCall(remove, &taphoa.ByID{ID: id})})
	return id, nil
}

// document adds a created document and how it is voided.
func (f *fixture) document(code string, id int64, undo func(context.Context) error) (int64, error) {
	f.created = append(f.created, createdRecord{name: code, document: true, undo: undo})
	return id, nil
}

// undoCall returns a call of an operation without its response.
func undoCall[In, Out any](call func(context.Context, *In) (Out, error), in *In) func(context.Context) error {
	return func(ctx context.Context) error {
		_, err := call(ctx, in)
		return err
	}
}

func (f *fixture) customer() (int64, error) {
	c, err := create(f, "customer", f.api.CreateCustomer, &taphoa.CustomerInput{
		Code: f.code(), Name: taphoa.Some(f.name("Khách hàng")), BranchID: taphoa.Some(f.branch), Comments: triggerNote,
	})
	if err != nil {
		return 0, err
	}
	return f.record(c.Code, c.ID, f.api.DeleteCustomer)
}

func (f *fixture) supplier() (int64, error) {
	s, err := create(f, "supplier", f.api.CreateSupplier, &taphoa.SupplierInput{Code: f.code(), Name: taphoa.Some(f.name("Nhà cung cấp"))})
	if err != nil {
		return 0, err
	}
	return f.record(s.Code, s.ID, f.api.DeleteSupplier)
}

func (f *fixture) category() (int64, error) {
	c, err := create(f, "category", f.api.CreateCategory, &taphoa.CategoryInput{CategoryName: taphoa.Some(f.name("Nhóm hàng"))})
	if err != nil {
		return 0, err
	}
	return f.record(c.Data.CategoryName, c.Data.CategoryID, f.api.DeleteCategory)
}

func (f *fixture) newBranch() (int64, error) {
	b, err := create(f, "branch", f.api.CreateBranch, &taphoa.BranchInput{BranchName: f.name("Chi nhánh")})
	if err != nil {
		return 0, err
	}
	return f.record(b.BranchName, b.ID, f.api.CloseBranch)
}

func (f *fixture) priceBook() (int64, error) {
	b, err := create(f, "pricebook", f.api.CreatePriceBook, &taphoa.PriceBookInput{Name: f.name("Bảng giá")})
	if err != nil {
		return 0, err
	}
	return f.record(b.Name, b.ID, f.api.DeletePriceBook)
}

func (f *fixture) product() (int64, error) { return f.goods(nil) }

// stock creates a product of which the branch has 50.
func (f *fixture) stock() (int64, error) {
	level := func(quantity int64) []taphoa.InventoryInput {
		return []taphoa.InventoryInput{{
			BranchID: f.branch, OnHand: taphoa.Some(taphoa.Units(quantity)), Cost: taphoa.Some(taphoa.Dong(18_000)),
		}}
	}
	product, err := f.goods(level(50))
	if err != nil {
		return 0, err
	}
	f.created = append(f.created, createdRecord{undo: undoCall(f.api.UpdateProduct, &taphoa.ProductInput{ID: product, Inventories: level(0)})})
	return product, nil
}

func (f *fixture) goods(stock []taphoa.InventoryInput) (int64, error) {
	category, err := f.category()
	if err != nil {
		return 0, err
	}
	p, err := create(f, "product", f.api.CreateProduct, &taphoa.ProductInput{
		Code: f.code(), Name: taphoa.Some(f.name("Hàng hóa")), CategoryID: taphoa.Some(category), Unit: taphoa.Some("gói"),
		BasePrice: taphoa.Some(taphoa.Dong(25_000)), Inventories: stock,
	})
	if err != nil {
		return 0, err
	}
	return f.record(p.Code, p.ID, f.api.DeleteProduct)
}

// price puts a new product into a new price book.
func (f *fixture) price() (book, product int64, err error) {
	if book, err = f.priceBook(); err == nil {
		product, err = f.product()
	}
	if err != nil {
		return 0, 0, err
	}
	set, err := create(f, "pricebookdetail", f.api.UpdatePriceBookDetail, &taphoa.PriceBookDetailWrite{
		PriceBookID: book, PriceBookDetailItem: taphoa.PriceBookDetailItem{ProductID: product, Price: taphoa.Some(taphoa.Dong(22_000))},
	})
	if err == nil && !set.IsSuccess {
		err = serverRefusal(set.Message)
	}
	if err != nil {
		return 0, 0, err
	}
	f.created = append(f.created, createdRecord{undo: undoCall(f.api.RemovePriceBookDetails, &taphoa.PriceBookDetailDelete{
		PriceBookID: book, ProductIDs: []int64{product},
	})})
	return book, product, nil
}

// sold returns a line with two of a new product, of which the branch has enough.
func (f *fixture) sold() ([]taphoa.DetailInput, error) {
	product, err := f.stock()
	return []taphoa.DetailInput{{ProductID: taphoa.Some(product), Quantity: taphoa.Some(taphoa.Units(2))}}, err
}

func (f *fixture) order() (int64, error) {
	lines, err := f.sold()
	if err != nil {
		return 0, err
	}
	o, err := create(f, "order", f.api.CreateOrder, &taphoa.OrderInput{BranchID: taphoa.Some(f.branch), Description: triggerNote, OrderDetails: lines})
	if err != nil {
		return 0, err
	}
	return f.document(o.Code, o.ID, undoCall(f.api.DeleteOrder, &taphoa.OrderDelete{ID: o.ID}))
}

func (f *fixture) invoice() (invoice, product int64, err error) {
	lines, err := f.sold()
	if err != nil {
		return 0, 0, err
	}
	v, err := create(f, "invoice", f.api.CreateInvoice, &taphoa.InvoiceInput{
		BranchID: taphoa.Some(f.branch), Description: triggerNote, InvoiceDetails: lines,
		Method: taphoa.Some(taphoa.MethodCash), TotalPayment: taphoa.Some(taphoa.Dong(50_000)),
	})
	if err != nil {
		return 0, 0, err
	}
	_, err = f.document(v.Code, v.ID, undoCall(f.api.DeleteInvoiceByID, &taphoa.InvoiceDelete{ID: v.ID, IsVoidPayment: true}))
	return v.ID, lines[0].ProductID.Value, err
}

// returns creates a return of one of two sold products.
func (f *fixture) returns() (int64, error) {
	invoice, product, err := f.invoice()
	if err != nil {
		return 0, err
	}
	r, err := create(f, "return", f.api.CreateReturn, &taphoa.ReturnInput{
		InvoiceID: taphoa.Some(invoice), Description: triggerNote,
		ReturnDetails: []taphoa.ReturnDetailInput{{DetailInput: taphoa.DetailInput{
			ProductID: taphoa.Some(product), Quantity: taphoa.Some(taphoa.Units(1)),
		}}},
	})
	if err != nil {
		return 0, err
	}
	return f.document(r.Code, r.ID, undoCall(f.api.DeleteReturn, &taphoa.ReturnDelete{ID: r.ID, IsVoidPayment: true}))
}

func (f *fixture) expense() (int64, error) {
	v, err := create(f, "cashflow", f.api.CreateCashFlow, &taphoa.CashFlowInput{
		BranchID: taphoa.Some(f.branch), IsReceipt: taphoa.Some(false), Amount: taphoa.Some(taphoa.Dong(10_000)),
		Method: taphoa.MethodCash, PartnerName: taphoa.Some(f.name("Người nhận")), Description: triggerNote,
	})
	if err != nil {
		return 0, err
	}
	return f.document(v.Code, v.ID, undoCall(f.api.VoidCashFlow, &taphoa.ByID{ID: v.ID}))
}

func (f *fixture) adjustment() (int64, error) {
	partner, err := f.supplier()
	if err != nil {
		return 0, err
	}
	v, err := create(f, "debtadjustment", f.api.CreateDebtAdjustment, &taphoa.DebtAdjustmentInput{
		PartnerType: taphoa.Some(taphoa.PartnerSupplier), PartnerID: taphoa.Some(partner), Debt: taphoa.Some(taphoa.Dong(10_000)), Reason: triggerNote,
	})
	if err != nil {
		return 0, err
	}
	return f.document(v.Code, v.ID, undoCall(f.api.VoidDebtAdjustment, &taphoa.ByID{ID: v.ID}))
}

func (f *fixture) purchase() (int64, error) {
	product, err := f.product()
	if err != nil {
		return 0, err
	}
	o, err := create(f, "purchaseorder", f.api.CreatePurchaseOrder, &taphoa.PurchaseOrderInput{
		BranchID: taphoa.Some(f.branch), Description: triggerNote, IsDraft: taphoa.Some("0"),
		PurchaseOrderDetails: []taphoa.PurchaseOrderDetailIn{{
			ProductID: taphoa.Some(product), Quantity: taphoa.Some(taphoa.Units(10)), Price: taphoa.Some(taphoa.Dong(18_000)),
		}},
	})
	if err != nil {
		return 0, err
	}
	return f.document(o.Code, o.ID, undoCall(f.api.DeletePurchaseOrder, &taphoa.PurchaseOrderDelete{ID: o.ID}))
}

func (f *fixture) orderSupplier() (int64, error) {
	supplier, err := f.supplier()
	if err != nil {
		return 0, err
	}
	product, err := f.product()
	if err != nil {
		return 0, err
	}
	o, err := create(f, "ordersupplier", f.api.CreateOrderSupplier, &taphoa.OrderSupplierInput{
		BranchID: taphoa.Some(f.branch), SupplierID: taphoa.Some(supplier), Code: f.code(), Description: triggerNote,
		IsDraft: taphoa.Some(false),
		Details: []taphoa.OrderSupplierDetailInput{{
			ProductID: taphoa.Some(product), Quantity: taphoa.Some(taphoa.Units(10)), Price: taphoa.Some(taphoa.Dong(18_000)),
		}},
	})
	if err != nil {
		return 0, err
	}
	return f.document(o.Code, o.ID, undoCall(f.api.DeleteOrderSupplier, &taphoa.ByID{ID: o.ID}))
}

// transfer sends some of a new product to a new branch.
func (f *fixture) transfer() (int64, error) {
	to, err := f.newBranch()
	if err != nil {
		return 0, err
	}
	product, err := f.stock()
	if err != nil {
		return 0, err
	}
	t, err := create(f, "transfer", f.api.CreateTransfer, &taphoa.TransferInput{
		FromBranchID: taphoa.Some(f.branch), ToBranchID: taphoa.Some(to), Code: f.code(), Description: triggerNote,
		TransferDetails: []taphoa.TransferLineInput{{ProductID: taphoa.Some(product), SendQuantity: taphoa.Some(taphoa.Units(5))}},
	})
	if err == nil && t.Data == nil {
		err = serverRefusal(t.Message)
	}
	if err != nil {
		return 0, err
	}
	return f.document(t.Data.Code, t.Data.ID, undoCall(f.api.DeleteTransfer, &taphoa.ByID{ID: t.Data.ID}))
}
