package demo

import (
	"maps"
	"slices"
	"strconv"

	"github.com/taphoa/taphoa"
	"github.com/taphoa/taphoa/internal/cash"
	"github.com/taphoa/taphoa/internal/catalog"
	"github.com/taphoa/taphoa/internal/db"
	"github.com/taphoa/taphoa/internal/event"
	"github.com/taphoa/taphoa/internal/org"
	"github.com/taphoa/taphoa/internal/party"
	"github.com/taphoa/taphoa/internal/sales"
	"github.com/taphoa/taphoa/internal/supply"
)

// Trigger makes a change in the shop that causes an event of a type, and perhaps others on the way. It touches nothing
// that it has not made itself.
func Trigger(tx *db.Tx, kind string) error {
	change := triggers[kind]
	if change == nil {
		return event.CheckType("type", kind)
	}
	t := &trigger{tx: tx, mark: strconv.FormatInt(int64(tx.Now), 36)}
	var err error
	t.branch, _, err = db.One[int64](tx, `SELECT id FROM branches WHERE retailer_id = :retailer AND deleted_at = 0 ORDER BY id LIMIT 1`)
	if err != nil {
		return err
	}
	return change(t)
}

// Triggers are the types of events that [Trigger] knows.
func Triggers() []string { return slices.Sorted(maps.Keys(triggers)) }

// trigger is a change that is being made.
type trigger struct {
	tx     *db.Tx
	mark   string // makes names new
	branch int64  // the shop's first
}

var triggers = map[string]func(t *trigger) error{
	"customer.update":        func(t *trigger) error { _, err := t.customer(); return err },
	"customer.delete":        removed((*trigger).customer, party.DeleteCustomer),
	"product.update":         func(t *trigger) error { _, err := t.product(0); return err },
	"product.delete":         removed(func(t *trigger) (int64, error) { return t.product(0) }, catalog.DeleteProduct),
	"stock.update":           func(t *trigger) error { _, err := t.product(50); return err },
	"category.update":        func(t *trigger) error { _, err := t.category(); return err },
	"category.delete":        removed((*trigger).category, catalog.DeleteCategory),
	"branch.update":          func(t *trigger) error { _, err := t.place(); return err },
	"branch.delete":          removed((*trigger).place, org.CloseBranch),
	"pricebook.update":       func(t *trigger) error { _, err := t.book(); return err },
	"pricebook.delete":       removed((*trigger).book, catalog.DeletePriceBook),
	"pricebookdetail.update": func(t *trigger) error { _, _, err := t.price(); return err },
	"pricebookdetail.delete": (*trigger).unprice,
	"supplier.update":        func(t *trigger) error { _, err := t.supplier(); return err },
	"supplier.delete":        removed((*trigger).supplier, party.DeleteSupplier),
	"order.update":           (*trigger).order,
	"invoice.update":         func(t *trigger) error { _, _, err := t.invoice(); return err },
	"return.update":          (*trigger).bringBack,
	"cashflow.update":        (*trigger).spend,
	"purchaseorder.update":   (*trigger).buy,
	"ordersupplier.update":   (*trigger).orderGoods,
	"transfer.update":        (*trigger).move,
}

// removed makes something and deletes it.
func removed(
	create func(*trigger) (int64, error), remove func(*db.Tx, *taphoa.ByID) (taphoa.Message, error),
) func(*trigger) error {
	return func(t *trigger) error {
		id, err := create(t)
		if err == nil {
			_, err = remove(t.tx, &taphoa.ByID{ID: id})
		}
		return err
	}
}

func (t *trigger) name(of string) taphoa.Opt[string] { return taphoa.Some(of + " thử " + t.mark) }

func (t *trigger) customer() (int64, error) {
	c, err := party.CreateCustomer(t.tx, &taphoa.CustomerInput{Name: t.name("Khách hàng"), Comments: taphoa.Some("taphoa trigger")})
	return c.ID, err
}

func (t *trigger) category() (int64, error) {
	c, err := catalog.CreateCategory(t.tx, &taphoa.CategoryInput{CategoryName: t.name("Nhóm hàng")})
	return c.Data.CategoryID, err
}

// product makes a product, of which the branch has some.
func (t *trigger) product(onHand int64) (int64, error) {
	in := taphoa.ProductInput{
		Name: t.name("Hàng hóa"), CategoryName: taphoa.Some("Hàng thử"), BasePrice: taphoa.Some(taphoa.Dong(25_000)), Unit: taphoa.Some("gói"),
	}
	if onHand > 0 {
		in.Inventories = []taphoa.InventoryInput{{
			BranchID: t.branch, OnHand: taphoa.Some(taphoa.Units(onHand)), Cost: taphoa.Some(taphoa.Dong(18_000)),
		}}
	}
	p, err := catalog.CreateProduct(t.tx, &in)
	return p.ID, err
}

func (t *trigger) place() (int64, error) {
	b, err := org.CreateBranch(t.tx, &taphoa.BranchInput{BranchName: t.name("Chi nhánh").Value})
	return b.ID, err
}

func (t *trigger) book() (int64, error) {
	b, err := catalog.CreatePriceBook(t.tx, &taphoa.PriceBookInput{Name: t.name("Bảng giá").Value})
	return b.ID, err
}

func (t *trigger) price() (book, product int64, err error) {
	if book, err = t.book(); err == nil {
		product, err = t.product(0)
	}
	if err != nil {
		return 0, 0, err
	}
	_, err = catalog.SetPrices(t.tx, &taphoa.PriceBookDetailWrite{
		PriceBookID: book, PriceBookDetailItem: taphoa.PriceBookDetailItem{ProductID: product, Price: taphoa.Some(taphoa.Dong(22_000))},
	})
	return book, product, err
}

func (t *trigger) unprice() error {
	book, product, err := t.price()
	if err == nil {
		_, err = catalog.RemovePrices(t.tx, &taphoa.PriceBookDetailDelete{PriceBookID: book, ProductIDs: []int64{product}})
	}
	return err
}

func (t *trigger) supplier() (int64, error) {
	s, err := party.CreateSupplier(t.tx, &taphoa.SupplierInput{Name: t.name("Nhà cung cấp")})
	return s.ID, err
}

// line is two of a new product, of which the branch has enough.
func (t *trigger) line() ([]taphoa.DetailInput, error) {
	id, err := t.product(50)
	return []taphoa.DetailInput{{ProductID: taphoa.Some(id), Quantity: taphoa.Some(taphoa.Units(2))}}, err
}

func (t *trigger) order() error {
	lines, err := t.line()
	if err == nil {
		_, err = sales.CreateOrder(t.tx, &taphoa.OrderInput{BranchID: taphoa.Some(t.branch), OrderDetails: lines})
	}
	return err
}

func (t *trigger) invoice() (invoice, product int64, err error) {
	lines, err := t.line()
	if err != nil {
		return 0, 0, err
	}
	v, err := sales.CreateInvoice(t.tx, &taphoa.InvoiceInput{
		BranchID: taphoa.Some(t.branch), InvoiceDetails: lines, Method: taphoa.Some("Cash"), TotalPayment: taphoa.Some(taphoa.Dong(50_000)),
	})
	if err != nil {
		return 0, 0, err
	}
	return v.ID, lines[0].ProductID.Value, nil
}

func (t *trigger) bringBack() error {
	invoice, product, err := t.invoice()
	if err == nil {
		_, err = sales.CreateReturn(t.tx, &taphoa.ReturnInput{
			InvoiceID: taphoa.Some(invoice),
			ReturnDetails: []taphoa.ReturnDetailInput{{DetailInput: taphoa.DetailInput{
				ProductID: taphoa.Some(product), Quantity: taphoa.Some(taphoa.Units(1)),
			}}},
		})
	}
	return err
}

func (t *trigger) spend() error {
	_, err := cash.CreateCashFlow(t.tx, &taphoa.CashFlowInput{
		BranchID: taphoa.Some(t.branch), IsReceipt: taphoa.Some(false), Amount: taphoa.Some(taphoa.Dong(10_000)), Method: "Cash",
		PartnerName: t.name("Người nhận"), Description: taphoa.Some("taphoa trigger"),
	})
	return err
}

func (t *trigger) buy() error {
	product, err := t.product(0)
	if err == nil {
		_, err = supply.CreatePurchaseOrder(t.tx, &taphoa.PurchaseOrderInput{
			BranchID: taphoa.Some(t.branch), IsDraft: taphoa.Some("0"),
			PurchaseOrderDetails: []taphoa.PurchaseOrderDetailIn{{
				ProductID: taphoa.Some(product), Quantity: taphoa.Some(taphoa.Units(10)), Price: taphoa.Some(taphoa.Dong(18_000)),
			}},
		})
	}
	return err
}

func (t *trigger) orderGoods() error {
	supplier, err := t.supplier()
	if err != nil {
		return err
	}
	product, err := t.product(0)
	if err == nil {
		_, err = supply.CreateOrderSupplier(t.tx, &taphoa.OrderSupplierInput{
			BranchID: taphoa.Some(t.branch), SupplierID: taphoa.Some(supplier), IsDraft: taphoa.Some(false),
			Details: []taphoa.OrderSupplierDetailInput{{
				ProductID: taphoa.Some(product), Quantity: taphoa.Some(taphoa.Units(10)), Price: taphoa.Some(taphoa.Dong(18_000)),
			}},
		})
	}
	return err
}

func (t *trigger) move() error {
	to, err := t.place()
	if err != nil {
		return err
	}
	product, err := t.product(50)
	if err == nil {
		_, err = supply.CreateTransfer(t.tx, &taphoa.TransferInput{
			FromBranchID: taphoa.Some(t.branch), ToBranchID: taphoa.Some(to),
			TransferDetails: []taphoa.TransferLineInput{{ProductID: taphoa.Some(product), SendQuantity: taphoa.Some(taphoa.Units(5))}},
		})
	}
	return err
}
