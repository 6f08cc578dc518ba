package salestest

import (
	"fmt"
	"math/rand/v2"
	"slices"

	"github.com/taphoa/taphoa"
	catalogplan "github.com/taphoa/taphoa/internal/catalog/plan"
	stockplan "github.com/taphoa/taphoa/internal/stock/plan"
)

// Generator makes random operations for a shop in memory. Most of them are usual in a shop; some must be refused.
type Generator struct {
	r        *rand.Rand
	m        *Memory
	receipts int64
	serials  int
}

// NewGenerator returns a generator of operations that depend on r and on the state of the shop.
func NewGenerator(r *rand.Rand, m *Memory) *Generator { return &Generator{r: r, m: m} }

// Next returns an operation, and advances the clock.
func (g *Generator) Next() *Operation {
	m := g.m
	m.Clock += taphoa.Time(1_000_000 * (1 + g.r.Int64N(600)))
	if g.receipts < 2 {
		return g.supply()
	}
	switch n := g.r.IntN(115); {
	case n < 4:
		return g.supply()
	case n < 20 && (m.Directory.Settings.AllowOrder || g.one(10)):
		return &Operation{Order: g.order()}
	case n < 28 && len(m.OrderIDs) > 0:
		return &Operation{ChangeOrder: g.changeOrder()}
	case n < 30 && len(m.OrderIDs) > 0:
		return &Operation{VoidOrder: &taphoa.OrderDelete{ID: g.recentOrder(), IsVoidPayment: g.one(2)}}
	case n < 46 || len(m.InvoiceIDs) == 0:
		return &Operation{Invoice: g.invoice()}
	case n < 66 && len(m.OrderIDs) > 0:
		return &Operation{Invoice: g.invoiceOfOrder()}
	case n < 70 && len(m.InvoiceIDs) > 0:
		return &Operation{Return: g.returnGoods()}
	case n < 72 && len(m.ReturnIDs) > 0:
		return &Operation{ChangeReturn: g.changeReturn()}
	case n < 73 && len(m.ReturnIDs) > 0:
		return &Operation{VoidReturn: &taphoa.ReturnDelete{ID: g.recent(m.ReturnIDs), IsVoidPayment: g.one(2)}}
	case n < 84:
		return &Operation{ChangeInvoice: g.change()}
	case n < 92:
		return &Operation{PayInvoice: g.payment()}
	case n >= 103 && len(m.InvoiceIDs) > 0:
		return &Operation{Entry: g.entry()}
	case n >= 100 && len(m.InvoiceIDs) > 0:
		return &Operation{VoidEntry: g.entryToVoid()}
	}
	return &Operation{VoidInvoice: &taphoa.InvoiceDelete{ID: g.recentInvoice(), IsVoidPayment: g.one(2)}}
}

// payment pays what is owed for an invoice, or some of it.
func (g *Generator) payment() *taphoa.InvoicePaymentInput {
	id, amount := g.recentInvoice(), g.amount(100_000)
	if v := g.m.Invoices[id]; v != nil && !g.one(4) && v.Row.Total > v.Row.TotalPayment {
		if amount = v.Row.Total - v.Row.TotalPayment; g.one(2) {
			amount = 0.0001*taphoa.Scale + taphoa.Money(g.r.Int64N(int64(amount)))
		}
	}
	return &taphoa.InvoicePaymentInput{
		InvoiceID: taphoa.Some(id), Amount: taphoa.Some(amount), Method: g.method(), AccountID: g.account(), TransDate: g.dated(),
	}
}

// one is true once in n times.
func (g *Generator) one(n int) bool { return g.r.IntN(n) == 0 }

func pick[T any](g *Generator, from ...T) T { return from[g.r.IntN(len(from))] }

func (g *Generator) branch() int64 {
	ids := make([]int64, 0, len(g.m.Directory.Branches))
	for id := range g.m.Directory.Branches {
		ids = append(ids, id)
	}
	slices.Sort(ids)
	return pick(g, ids...)
}

// recent returns one of the newest documents, sometimes an old or an unknown one.
func (g *Generator) recent(ids []int64) int64 {
	switch {
	case len(ids) == 0 || g.one(200):
		return 987_654
	case g.one(4):
		return pick(g, ids...)
	}
	return ids[len(ids)-1-g.r.IntN(min(8, len(ids)))]
}

// recentOrder returns one of the newest orders, mostly an open one.
func (g *Generator) recentOrder() (id int64) {
	for range 4 {
		id = g.recent(g.m.OrderIDs)
		if o := g.m.Orders[id]; o != nil && taphoa.OrderTransitions[o.Row.Status] != nil {
			break
		}
	}
	return id
}

// recentInvoice returns one of the newest invoices, mostly a valid one.
func (g *Generator) recentInvoice() (id int64) {
	for range 3 {
		id = g.recent(g.m.InvoiceIDs)
		if v := g.m.Invoices[id]; v != nil && v.Row.Status != taphoa.InvoiceVoid {
			break
		}
	}
	return id
}

// amount is money below a bound, mostly whole đồng.
func (g *Generator) amount(below int64) taphoa.Money {
	m := taphoa.Dong(1 + g.r.Int64N(below))
	if g.one(10) {
		m += taphoa.Money(g.r.Int64N(taphoa.Scale))
	}
	return m
}

func (g *Generator) method() string { return pick(g, "", "Cash", "Cash", "Card", "Transfer", "CASH") }

func (g *Generator) account() taphoa.Opt[int64] {
	switch {
	case g.one(2) || len(g.m.BankAccounts) == 0:
		return taphoa.Opt[int64]{}
	case g.one(20):
		return taphoa.Some[int64](987_654)
	}
	return taphoa.Some(g.m.BankAccounts[0].ID)
}

// lines are those of a request. branchID is where serials are looked for.
func (g *Generator) lines(branchID int64) []taphoa.DetailInput {
	lines := make([]taphoa.DetailInput, 0, 4)
	for range 1 + g.r.IntN(4) {
		lines = append(lines, g.line(pick(g, g.m.Items...), branchID))
	}
	return lines
}

func (g *Generator) line(item *catalogplan.Item, branchID int64) taphoa.DetailInput {
	if !item.IsActive && !g.one(10) {
		item = g.m.Items[0]
	}
	d := taphoa.DetailInput{ProductID: taphoa.Some(item.ID), Quantity: taphoa.Some(g.quantity(item))}
	switch {
	case g.one(8):
		d.ProductID, d.ProductCode = taphoa.Opt[int64]{}, taphoa.Some(item.Code)
	case g.one(150):
		d.ProductID = taphoa.Some[int64](987_654)
	}
	if !g.one(3) {
		d.Price = taphoa.Some(g.amount(30_000))
		if g.one(8) {
			d.Price.Value /= -8 // a gift
		}
	}
	switch g.r.IntN(6) {
	case 0:
		d.Discount = taphoa.Some(taphoa.Dong(g.r.Int64N(1_100)))
	case 1:
		d.DiscountRatio = taphoa.Some(taphoa.Ratio(g.r.Int64N(100)))
	}
	if g.one(10) {
		d.Note = taphoa.Some("Ghi chú")
	}
	if item.IsSerial {
		var serials string
		for i, number := range g.serialsAt(item.ID, branchID, int(d.Quantity.Value/taphoa.Scale)) {
			if i > 0 {
				serials += ","
			}
			serials += number
		}
		d.SerialNumbers = taphoa.SomeIf(serials)
	}
	if lots := g.lotsOf(item.BaseID); item.IsBatch && len(lots) > 0 && g.one(3) {
		d.ProductBatchExpireID = taphoa.Some(pick(g, lots...))
	}
	d.Taxes = g.taxes()
	return d
}

func (g *Generator) quantity(item *catalogplan.Item) taphoa.Quantity {
	switch {
	case g.one(100):
		return pick[taphoa.Quantity](g, 0, -taphoa.Units(1), taphoa.Units(1_000_000))
	case item.Code == "GAO" && g.one(2):
		return taphoa.Quantity(100 * (1 + g.r.Int64N(500)))
	case item.IsSerial:
		return taphoa.Units(1 + g.r.Int64N(2))
	}
	return taphoa.Units(1 + g.r.Int64N(5))
}

func (g *Generator) taxes() []taphoa.TaxWrite {
	if g.one(2) {
		return nil
	}
	ids := []int64{1, 2, 3, 4, 5, 12}
	if (g.m.Directory.Settings.PricingMode == taphoa.PricingDirect) != g.one(100) {
		ids = []int64{6, 7, 8, 9, 64}
	}
	taxes := []taphoa.TaxWrite{{TaxID: pick(g, ids...)}}
	if g.one(6) {
		taxes = append(taxes, taphoa.TaxWrite{TaxID: pick(g, ids...)})
	}
	return taxes
}

// serialsAt returns serials that a branch has, the first ones, and sometimes one that it does not have.
func (g *Generator) serialsAt(productID, branchID int64, n int) (numbers []string) {
	for key, s := range g.m.Serials {
		if key.ProductID == productID && s.BranchID == branchID && s.Status == 1 {
			numbers = append(numbers, key.Number)
		}
	}
	slices.Sort(numbers)
	if len(numbers) > 1 && g.one(3) {
		numbers = numbers[1:]
	}
	numbers = numbers[:min(max(0, n), len(numbers))]
	if g.one(20) || len(numbers) == 0 {
		numbers = append(numbers, fmt.Sprintf("IMEI%05d", 1+g.r.IntN(g.serials+1)))
	}
	return numbers
}

func (g *Generator) lotsOf(productID int64) (ids []int64) {
	for id, lot := range g.m.Lots {
		if lot.ProductID == productID {
			ids = append(ids, id)
		}
	}
	slices.Sort(ids)
	return ids
}

// customer chooses the buyer of a document: none, a known customer, or a new one.
func (g *Generator) customer() (in *taphoa.DocumentCustomer, id taphoa.Opt[int64]) {
	switch n := g.r.IntN(20); {
	case n < 5:
		return nil, id
	case n < 14:
		ids := make([]int64, 0, len(g.m.Customers))
		for id := range g.m.Customers {
			ids = append(ids, id)
		}
		slices.Sort(ids)
		return nil, taphoa.Some(pick(g, ids...))
	case n < 15 && g.one(4):
		return nil, taphoa.Some[int64](987_654)
	case n < 17:
		return &taphoa.DocumentCustomer{ContactNumber: taphoa.Some(fmt.Sprintf("09020000%02d", g.r.IntN(20)))}, id
	case n < 18:
		return &taphoa.DocumentCustomer{Code: taphoa.Some(fmt.Sprintf("MOI%d", g.r.IntN(10))), Name: taphoa.Some("Khách mới")}, id
	}
	return &taphoa.DocumentCustomer{Name: taphoa.Some("Chị Lan"), Address: taphoa.Some("1 Hàng Bạc")}, id
}

func (g *Generator) delivery(cod bool) *taphoa.DeliveryInput {
	d := &taphoa.DeliveryInput{
		Receiver: taphoa.Some("Lan"), Address: taphoa.Some("1 Hàng Bạc"), Price: taphoa.Some(taphoa.Dong(g.r.Int64N(30_000))),
	}
	if cod && g.one(2) {
		d.UsingPriceCod = taphoa.Some(true)
		if g.one(3) {
			d.PriceCodPayment = taphoa.Some(g.amount(50_000))
		}
	}
	switch g.r.IntN(4) {
	case 0:
		d.PartnerDelivery = &taphoa.PartnerDelivery{Name: taphoa.Some(fmt.Sprintf("Giao %d", g.r.IntN(5)))}
	case 1:
		d.PartnerDelivery = &taphoa.PartnerDelivery{Code: taphoa.Some(fmt.Sprintf("GH%d", g.r.IntN(5)))}
	}
	if g.one(4) {
		d.Status = taphoa.Some(1 + g.r.Int64N(12))
	}
	return d
}

func (g *Generator) surcharges() (in []taphoa.SurchargeWrite) {
	for range 1 + g.r.IntN(2) {
		s := taphoa.SurchargeWrite{}
		if !g.one(3) {
			s.Price = taphoa.Some(taphoa.Dong(g.r.Int64N(5_000)))
		}
		known := &g.m.Surcharges[0]
		if g.one(3) {
			known = &g.m.Surcharges[g.r.IntN(len(g.m.Surcharges))]
		}
		if g.one(2) {
			s.Code = known.SurchargeCode
		} else {
			s.ID = taphoa.Some(known.ID)
		}
		in = append(in, s)
	}
	return in
}

// payments are further ones, vouchers among them.
func (g *Generator) payments() (in []taphoa.PaymentInput, apply bool) {
	for range g.r.IntN(3) {
		if g.one(2) {
			in = append(in, taphoa.PaymentInput{Method: g.method(), Amount: g.amount(30_000), AccountID: g.account(), TransDate: g.dated()})
			continue
		}
		p := taphoa.PaymentInput{Method: "Voucher", VoucherID: taphoa.SomeIf(g.voucher())}
		if g.one(4) {
			p.Amount = g.amount(25_000)
		}
		in = append(in, p)
		apply = apply || !g.one(10)
	}
	return in, apply
}

func (g *Generator) voucher() int64 {
	ids := make([]int64, 0, len(g.m.Vouchers))
	for id, v := range g.m.Vouchers {
		if v.Status == taphoa.CodeReleased || len(g.m.Vouchers) < 4 {
			ids = append(ids, id)
		}
	}
	slices.Sort(ids)
	if len(ids) == 0 || g.one(10) {
		return 1 + g.r.Int64N(30)
	}
	return pick(g, ids...)
}

// totalPayment is the member of the same name in a request: none, or an amount.
func (g *Generator) totalPayment() taphoa.Opt[taphoa.Money] {
	if g.one(2) {
		return taphoa.Opt[taphoa.Money]{}
	}
	return taphoa.Some(g.amount(200_000))
}

// discount is that of a document.
func (g *Generator) discount() (amount taphoa.Opt[taphoa.Money], ratio taphoa.Opt[taphoa.Percent]) {
	switch g.r.IntN(6) {
	case 0, 1:
		return taphoa.Some(g.amount(4_000)), ratio
	case 2:
		return amount, taphoa.Some(taphoa.Ratio(g.r.Int64N(60)) + taphoa.Percent(g.r.Int64N(taphoa.Scale)))
	case 3:
		return taphoa.Some[taphoa.Money](0), ratio
	}
	return amount, ratio
}

// dated is the date of a document in a request: none, or sometimes an earlier one.
func (g *Generator) dated() taphoa.Opt[taphoa.Time] {
	switch g.r.IntN(12) {
	case 0:
		return taphoa.Some(g.m.Clock - taphoa.Time(g.r.Int64N(int64(3*day))))
	case 1:
		return taphoa.Some(g.m.Clock - taphoa.Time(1_000_000*g.r.Int64N(3_600)))
	}
	return taphoa.Opt[taphoa.Time]{}
}

// keyOf is where a posting moves a level.
func keyOf(r *stockplan.PostingRow) stockplan.LevelKey {
	return stockplan.LevelKey{ProductID: r.ProductID, BranchID: r.BranchID}
}
