package main

import (
	"context"
	"crypto/rand"
	"strings"

	"github.com/taphoa/taphoa/internal/message"

	"github.com/taphoa/taphoa"
	"github.com/taphoa/taphoa/client"
)

// changes are what causes an event, by its type. Each makes whatever it needs, touches nothing else in the shop, and
// answers the id of the record that its last call has changed.
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
	"purchaseorder.update":   (*fixture).purchase,
	"ordersupplier.update":   (*fixture).orderSupplier,
	"transfer.update":        (*fixture).transfer,
}

// deletion makes a record and undoes that.
func deletion(create func(*fixture) (int64, error)) func(*fixture) (int64, error) {
	return func(f *fixture) (int64, error) {
		id, err := create(f)
		if err == nil {
			err = f.undo(f.ctx)
		}
		return id, err
	}
}

// fixture is what is made in a shop for an event.
type fixture struct {
	ctx    context.Context
	api    *client.Client
	branch int64 // the shop's first
	mark   string
	made   []made
}

// made is a record that was made, or a state that it was brought into, which has no name.
type made struct {
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
	return &fixture{ctx: ctx, api: api, branch: branches.Data[0].ID, mark: rand.Text()[:6]}, nil
}

// code is the code of what is made for the event, where a request may give one.
func (f *fixture) code() taphoa.Opt[string] { return taphoa.Some("THU-" + f.mark) }

func (f *fixture) name(of string) string { return of + " thử " + f.mark }

// note stands in documents.
var note = taphoa.Some("taphoa trigger")

// names are the names of those of the made records that are wanted, the first first.
func (f *fixture) names(wanted func(made) bool) string {
	var names []string
	for _, m := range f.made {
		if m.name != "" && wanted(m) {
			names = append(names, m.name)
		}
	}
	return strings.Join(names, ", ")
}

// undo undoes what was made last.
func (f *fixture) undo(ctx context.Context) error {
	last := f.made[len(f.made)-1]
	f.made = f.made[:len(f.made)-1]
	return last.undo(ctx)
}

// record notes a record that was made and how it is deleted.
func (f *fixture) record(name string, id int64, remove func(context.Context, *taphoa.ByID) (taphoa.Message, error)) (int64, error) {
	f.made = append(f.made, made{name: name, undo: undoing(remove, &taphoa.ByID{ID: id})})
	return id, nil
}

// document notes a document that was made and how it is voided.
func (f *fixture) document(code string, id int64, undo func(context.Context) error) (int64, error) {
	f.made = append(f.made, made{name: code, document: true, undo: undo})
	return id, nil
}

// undoing is a call of an operation whose answer says nothing of interest.
func undoing[In, Out any](call func(context.Context, *In) (Out, error), in *In) func(context.Context) error {
	return func(ctx context.Context) error {
		_, err := call(ctx, in)
		return err
	}
}

func (f *fixture) customer() (int64, error) {
	c, err := f.api.CreateCustomer(f.ctx, &taphoa.CustomerInput{
		Code: f.code(), Name: taphoa.Some(f.name("Khách hàng")), BranchID: taphoa.Some(f.branch), Comments: note,
	})
	if err != nil {
		return 0, err
	}
	return f.record(c.Code, c.ID, f.api.DeleteCustomer)
}

func (f *fixture) supplier() (int64, error) {
	s, err := f.api.CreateSupplier(f.ctx, &taphoa.SupplierInput{Code: f.code(), Name: taphoa.Some(f.name("Nhà cung cấp"))})
	if err != nil {
		return 0, err
	}
	return f.record(s.Code, s.ID, f.api.DeleteSupplier)
}

func (f *fixture) category() (int64, error) {
	c, err := f.api.CreateCategory(f.ctx, &taphoa.CategoryInput{CategoryName: taphoa.Some(f.name("Nhóm hàng"))})
	if err != nil {
		return 0, err
	}
	return f.record(c.Data.CategoryName, c.Data.CategoryID, f.api.DeleteCategory)
}

func (f *fixture) newBranch() (int64, error) {
	b, err := f.api.CreateBranch(f.ctx, &taphoa.BranchInput{BranchName: f.name("Chi nhánh")})
	if err != nil {
		return 0, err
	}
	return f.record(b.BranchName, b.ID, f.api.CloseBranch)
}

func (f *fixture) priceBook() (int64, error) {
	b, err := f.api.CreatePriceBook(f.ctx, &taphoa.PriceBookInput{Name: f.name("Bảng giá")})
	if err != nil {
		return 0, err
	}
	return f.record(b.Name, b.ID, f.api.DeletePriceBook)
}

func (f *fixture) product() (int64, error) { return f.goods(nil) }

// stock makes a product of which the branch has 50.
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
	f.made = append(f.made, made{undo: undoing(f.api.UpdateProduct, &taphoa.ProductInput{ID: product, Inventories: level(0)})})
	return product, nil
}

func (f *fixture) goods(stock []taphoa.InventoryInput) (int64, error) {
	category, err := f.category()
	if err != nil {
		return 0, err
	}
	p, err := f.api.CreateProduct(f.ctx, &taphoa.ProductInput{
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
	set, err := f.api.UpdatePriceBookDetail(f.ctx, &taphoa.PriceBookDetailWrite{
		PriceBookID: book, PriceBookDetailItem: taphoa.PriceBookDetailItem{ProductID: product, Price: taphoa.Some(taphoa.Dong(22_000))},
	})
	if err == nil && !set.IsSuccess {
		err = answered(set.Message)
	}
	if err != nil {
		return 0, 0, err
	}
	f.made = append(f.made, made{undo: undoing(f.api.RemovePriceBookDetails, &taphoa.PriceBookDetailDelete{
		PriceBookID: book, ProductIDs: []int64{product},
	})})
	return book, product, nil
}

// sold is two of a new product, of which the branch has enough.
func (f *fixture) sold() ([]taphoa.DetailInput, error) {
	product, err := f.stock()
	return []taphoa.DetailInput{{ProductID: taphoa.Some(product), Quantity: taphoa.Some(taphoa.Units(2))}}, err
}

func (f *fixture) order() (int64, error) {
	lines, err := f.sold()
	if err != nil {
		return 0, err
	}
	o, err := f.api.CreateOrder(f.ctx, &taphoa.OrderInput{BranchID: taphoa.Some(f.branch), Description: note, OrderDetails: lines})
	if err != nil {
		return 0, err
	}
	return f.document(o.Code, o.ID, undoing(f.api.DeleteOrder, &taphoa.OrderDelete{ID: o.ID}))
}

func (f *fixture) invoice() (invoice, product int64, err error) {
	lines, err := f.sold()
	if err != nil {
		return 0, 0, err
	}
	v, err := f.api.CreateInvoice(f.ctx, &taphoa.InvoiceInput{
		BranchID: taphoa.Some(f.branch), Description: note, InvoiceDetails: lines,
		Method: taphoa.Some(taphoa.MethodCash), TotalPayment: taphoa.Some(taphoa.Dong(50_000)),
	})
	if err != nil {
		return 0, 0, err
	}
	_, err = f.document(v.Code, v.ID, undoing(f.api.DeleteInvoiceByID, &taphoa.InvoiceDelete{ID: v.ID, IsVoidPayment: true}))
	return v.ID, lines[0].ProductID.Value, err
}

// returns takes back one of two products that were sold.
func (f *fixture) returns() (int64, error) {
	invoice, product, err := f.invoice()
	if err != nil {
		return 0, err
	}
	r, err := f.api.CreateReturn(f.ctx, &taphoa.ReturnInput{
		InvoiceID: taphoa.Some(invoice), Description: note,
		ReturnDetails: []taphoa.ReturnDetailInput{{DetailInput: taphoa.DetailInput{
			ProductID: taphoa.Some(product), Quantity: taphoa.Some(taphoa.Units(1)),
		}}},
	})
	if err != nil {
		return 0, err
	}
	return f.document(r.Code, r.ID, undoing(f.api.DeleteReturn, &taphoa.ReturnDelete{ID: r.ID, IsVoidPayment: true}))
}

func (f *fixture) expense() (int64, error) {
	v, err := f.api.CreateCashFlow(f.ctx, &taphoa.CashFlowInput{
		BranchID: taphoa.Some(f.branch), IsReceipt: taphoa.Some(false), Amount: taphoa.Some(taphoa.Dong(10_000)),
		Method: taphoa.MethodCash, PartnerName: taphoa.Some(f.name("Người nhận")), Description: note,
	})
	if err != nil {
		return 0, err
	}
	return f.document(v.Code, v.ID, undoing(f.api.VoidCashFlow, &taphoa.ByID{ID: v.ID}))
}

func (f *fixture) purchase() (int64, error) {
	product, err := f.product()
	if err != nil {
		return 0, err
	}
	o, err := f.api.CreatePurchaseOrder(f.ctx, &taphoa.PurchaseOrderInput{
		BranchID: taphoa.Some(f.branch), Description: note, IsDraft: taphoa.Some("0"),
		PurchaseOrderDetails: []taphoa.PurchaseOrderDetailIn{{
			ProductID: taphoa.Some(product), Quantity: taphoa.Some(taphoa.Units(10)), Price: taphoa.Some(taphoa.Dong(18_000)),
		}},
	})
	if err != nil {
		return 0, err
	}
	return f.document(o.Code, o.ID, undoing(f.api.DeletePurchaseOrder, &taphoa.PurchaseOrderDelete{ID: o.ID}))
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
	o, err := f.api.CreateOrderSupplier(f.ctx, &taphoa.OrderSupplierInput{
		BranchID: taphoa.Some(f.branch), SupplierID: taphoa.Some(supplier), Code: f.code(), Description: note,
		IsDraft: taphoa.Some(false),
		Details: []taphoa.OrderSupplierDetailInput{{
			ProductID: taphoa.Some(product), Quantity: taphoa.Some(taphoa.Units(10)), Price: taphoa.Some(taphoa.Dong(18_000)),
		}},
	})
	if err != nil {
		return 0, err
	}
	return f.document(o.Code, o.ID, undoing(f.api.DeleteOrderSupplier, &taphoa.ByID{ID: o.ID}))
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
	t, err := f.api.CreateTransfer(f.ctx, &taphoa.TransferInput{
		FromBranchID: taphoa.Some(f.branch), ToBranchID: taphoa.Some(to), Code: f.code(), Description: note,
		TransferDetails: []taphoa.TransferLineInput{{ProductID: taphoa.Some(product), SendQuantity: taphoa.Some(taphoa.Units(5))}},
	})
	if err == nil && t.Data == nil {
		err = answered(t.Message)
	}
	if err != nil {
		return 0, err
	}
	return f.document(t.Data.Code, t.Data.ID, undoing(f.api.DeleteTransfer, &taphoa.ByID{ID: t.Data.ID}))
}
