package plan

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/taphoa/taphoa"
	cashplan "github.com/taphoa/taphoa/internal/cash/plan"
	catalogplan "github.com/taphoa/taphoa/internal/catalog/plan"
	orgplan "github.com/taphoa/taphoa/internal/org/plan"
	partyplan "github.com/taphoa/taphoa/internal/party/plan"
	"github.com/taphoa/taphoa/internal/plan"
	promoplan "github.com/taphoa/taphoa/internal/promo/plan"
	stockplan "github.com/taphoa/taphoa/internal/stock/plan"
)

const (
	earlier taphoa.Time = 1_000_000_000
	now     taphoa.Time = 2_000_000_000
	clock   taphoa.Time = 1_900_000_000
)

// The shop of the tests.
const (
	hanoi, hue               int64 = 1, 2
	admin, lan, gone         int64 = 1, 2, 3 // gone has left
	direct, removedChannel   int64 = 5, 6
	tea, coffee, oldTea      int64 = 7, 8, 9 // old tea is not sold any more
	chiHoa, anhNam           int64 = 31, 32
	orderID, voucher, giftID int64 = 50, 61, 60
)

func dong(n int64) taphoa.Money              { return taphoa.Dong(n) }
func some[T any](v T) taphoa.Opt[T]          { return taphoa.Some(v) }
func units(n int64) taphoa.Quantity          { return taphoa.Units(n) }
func money(n int64) taphoa.Opt[taphoa.Money] { return taphoa.Some(taphoa.Dong(n)) }

// orderRows is what is stored of a shop and of one of its orders: 4 teas at 10.000 and a coffee at 50.000 for chị Hoa, all
// reserved, with nothing paid.
type orderRows struct {
	settings orgplan.Settings
	order    StoredOrder
	payments []cashplan.PaymentRow
	onHand   taphoa.Quantity // of each product at each branch
	customer *partyplan.CustomerFacts
}

func orderFacts(changes ...func(*orderRows)) *Facts {
	r := &orderRows{settings: orgplan.DefaultSettings(), onHand: units(100), customer: &partyplan.CustomerFacts{}}
	r.order.Row = OrderRow{
		ID: orderID, Code: "DH000050", CodeKey: "dh000050", PurchaseDate: earlier, BranchID: hanoi, SoldByID: some(lan), CashierID: lan,
		CustomerID: some(chiHoa), CustomerCode: some("KH1"), CustomerName: some("Chị Hoa"), Total: dong(90_000), Discount: money(0),
		TotalTax: money(0), Status: taphoa.OrderConfirmed, OpenStatus: taphoa.OrderConfirmed, SaleChannelID: some(direct),
		CreatedDate: earlier, ChangedAt: earlier,
	}
	r.order.Lines = []OrderLineRow{
		{OrderID: orderID, Line: 1, ID: 501, ProductID: tea, ProductCode: "TRA", IsMaster: true, Quantity: units(4), Price: dong(10_000), Discount: money(0), SubTotal: dong(40_000)},
		{OrderID: orderID, Line: 2, ID: 502, ProductID: coffee, ProductCode: "CF", IsMaster: true, Quantity: units(1), Price: dong(50_000), Discount: money(0), SubTotal: dong(50_000)},
	}
	for _, change := range changes {
		change(r)
	}
	id, numbers := int64(1000), map[string]int{}
	f := &Facts{
		Context: plan.Context{
			Retailer: 1, Now: now, Clock: clock, Actor: plan.Actor{UserID: admin},
			ID:   func(string) int64 { id++; return id },
			Code: func(prefix string) string { numbers[prefix]++; return fmt.Sprintf("%s%06d", prefix, numbers[prefix]) },
		},
		Directory: &orgplan.Directory{
			Settings: r.settings, Branches: map[int64]taphoa.Branch{hanoi: {ID: hanoi, BranchName: "Hà Nội"}, hue: {ID: hue, BranchName: "Huế"}},
			Users: map[int64]orgplan.User{admin: {GivenName: "Admin"}, lan: {GivenName: "Lan"}, gone: {GivenName: "Hùng", Removed: true}}, Admin: admin,
			Channels:        map[int64]*taphoa.SaleChannelInfo{direct: {ID: direct}, removedChannel: {ID: removedChannel}},
			DeletedChannels: map[int64]bool{removedChannel: true}, OtherChannel: direct,
		},
		Items:    catalogplan.NewItems(goods(tea, "TRA", 10_000), goods(coffee, "CF", 50_000), stopped(goods(oldTea, "TRA-CU", 5_000))),
		Customer: r.customer, Buyer: some(partyplan.CustomerRef{ID: chiHoa, Code: "KH1", Name: "Chị Hoa"}), Order: &r.order,
		Vouchers: promoplan.NewFacts(
			[]promoplan.Voucher{{ID: voucher, Code: "V1", CampaignID: giftID, Status: r.voucherStatus()}},
			[]promoplan.Campaign{{ID: giftID, Code: "TET", IsActive: true, EndDate: now, Price: dong(20_000), IsGlobal: true, ForAllCusGroup: true, ForAllUser: true}},
			nil, nil),
	}
	f.Cash = cashplan.NewLedger(&f.Context, cashplan.Facts{Payments: r.payments})
	f.Stock = stockplan.NewLedger(r.stock())
	return f
}

func goods(id int64, code string, price int64) *catalogplan.Item {
	return &catalogplan.Item{
		ID: id, Code: code, Name: code, FullName: code, Type: taphoa.ProductGoods, BasePrice: dong(price), AllowsSale: true, IsActive: true,
		BaseID: id, Conversion: units(1),
	}
}

func stopped(item *catalogplan.Item) *catalogplan.Item {
	item.AllowsSale = false
	return item
}

// stock has the goods of an open order reserved, without those that were invoiced.
func (r *orderRows) stock() stockplan.Facts {
	f := stockplan.Facts{Now: now, Clock: clock}
	levels := map[stockplan.LevelKey]*stockplan.LevelState{}
	for _, product := range []int64{tea, coffee, oldTea} {
		for _, branch := range []int64{hanoi, hue} {
			l := &stockplan.LevelState{Level: stockplan.Level{ProductID: product, BranchID: branch, OnHand: r.onHand}}
			levels[l.Key()] = l
		}
	}
	o := &r.order
	if o.Row.Status == taphoa.OrderConfirmed || o.Row.Status == taphoa.OrderDelivering {
		for i, left := range remaining(o.Quantities(), o.invoicedQuantities(0)) {
			key := stockplan.LevelKey{ProductID: o.Lines[i].ProductID, BranchID: o.Row.BranchID}
			levels[key].Reserved += left
			f.Reservations = append(f.Reservations, stockplan.Reservation{
				DocumentRef: stockplan.DocumentRef{Kind: "order", ID: orderID}, ProductID: key.ProductID, BranchID: key.BranchID, Quantity: left,
			})
		}
	}
	for _, l := range levels {
		f.Levels = append(f.Levels, *l)
	}
	return f
}

// voucherStatus is used when a payment is by voucher.
func (r *orderRows) voucherStatus() int64 {
	if slices.ContainsFunc(r.payments, func(p cashplan.PaymentRow) bool { return p.Paid() && p.VoucherID.Has() }) {
		return taphoa.CodeUsed
	}
	return taphoa.CodeReleased
}

// paid adds a payment of the order.
func paidWith(id, amount int64, method taphoa.PaymentMethod, invoiceID int64) func(*orderRows) {
	return func(r *orderRows) {
		p := cashplan.PaymentRow{
			ID: id, Code: fmt.Sprintf("TTDH%06d", id), BranchID: hanoi, Amount: dong(amount), Method: method, Status: taphoa.PaymentPaid,
			PartnerType: taphoa.PartnerCustomer, PartnerID: chiHoa, OrderID: some(orderID), InvoiceID: taphoa.SomeIf(invoiceID),
		}
		if method.AcceptsVoucher() {
			p.VoucherID = some(voucher)
		}
		if invoiceID != 0 {
			p.Applied = p.Amount
		}
		r.payments = append(r.payments, p)
		r.order.Row.TotalPayment += p.Amount
	}
}

// status puts the order into a status.
func status(s int64) func(*orderRows) { return func(r *orderRows) { r.order.Row.Status = s } }

// invoiced says that a valid invoice has that number of teas.
func invoiced(teas int64) func(*orderRows) {
	return func(r *orderRows) {
		r.order.Invoiced = []InvoicedLine{{InvoiceLineRow: InvoiceLineRow{InvoiceID: 91, Line: 1, ProductID: tea, Quantity: units(teas)}}}
		r.order.Row.Status = taphoa.OrderDelivering
	}
}

// reserved is what is reserved of teas and coffees at a branch.
func (f *Facts) reserved(branch int64) [2]taphoa.Quantity {
	level := func(product int64) taphoa.Quantity {
		return f.Stock.Level(stockplan.LevelKey{ProductID: product, BranchID: branch}).Reserved
	}
	return [2]taphoa.Quantity{level(tea), level(coffee)}
}

func refusedWith(t *testing.T, name string, err error, code, field, words string) {
	t.Helper()
	var refusal *taphoa.Error
	if !errors.As(err, &refusal) || refusal.Code != code || refusal.Field != field || !strings.Contains(refusal.Message, words) {
		t.Errorf("%s: %v, want %s of %q with %q", name, err, code, field, words)
	}
}

// echoed are the stored lines as a program writes them back.
func (r *orderRows) echoed() []taphoa.DetailInput {
	var lines []taphoa.DetailInput
	for _, e := range r.order.echoedLines() {
		lines = append(lines, e.shown)
	}
	return lines
}

func lineOf(product, quantity int64) taphoa.DetailInput {
	return taphoa.DetailInput{ProductID: some(product), Quantity: some(units(quantity))}
}
