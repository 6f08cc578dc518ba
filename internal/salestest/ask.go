package salestest

import (
	"cmp"
	"slices"

	"github.com/taphoa/taphoa"
	cashplan "github.com/taphoa/taphoa/internal/cash/plan"
	catalogplan "github.com/taphoa/taphoa/internal/catalog/plan"
	partyplan "github.com/taphoa/taphoa/internal/party/plan"
	promoplan "github.com/taphoa/taphoa/internal/promo/plan"
	salesplan "github.com/taphoa/taphoa/internal/sales/plan"
	stockplan "github.com/taphoa/taphoa/internal/stock/plan"
	"github.com/taphoa/taphoa/internal/text"
)

// question gathers the facts of an operation, as the type of the same name in package sales does.
type question struct {
	m         *Memory
	facts     *salesplan.Facts
	levels    map[stockplan.LevelKey]bool
	stock     stockplan.Facts
	orders    []int64
	invoices  []int64
	returns   []int64
	documents []cashplan.DocumentRef
	vouchers  []int64
	payments  []int64
	partner   int64 // the customer of an entry of the cash book
	reserving []stockplan.DocumentRef
	items     []*catalogplan.Item
}

func (m *Memory) ask() *question {
	return &question{
		m: m, facts: &salesplan.Facts{Context: m.context(), Directory: m.Directory, Surcharges: m.Surcharges},
		levels: map[stockplan.LevelKey]bool{}, stock: stockplan.Facts{Now: m.Clock, Clock: m.Clock},
	}
}

func (m *Memory) askNewOrder(in *taphoa.OrderInput) *salesplan.Facts {
	q := m.ask()
	branchID := in.BranchID.Or(0)
	q.lines(withoutLots(in.OrderDetails), nil, branchID)
	q.vouchers = vouchersOf(in.IsApplyVoucher, in.Payments)
	q.customer(in.Customer, in.CustomerID, branchID)
	q.carrier(in.OrderDelivery)
	q.priceBook(in.PriceBookID.Or(0))
	return q.finish()
}

func (m *Memory) askOrderChange(in *taphoa.OrderUpdate) *salesplan.Facts {
	q := m.ask()
	q.vouchers = vouchersOf(in.IsApplyVoucher, in.Payments)
	o := q.order(in.ByID.ID)
	if o == nil {
		return q.finish()
	}
	for _, p := range m.PaymentsOfOrder(o.Row.ID) {
		q.applied(p)
	}
	branchID, book := o.Row.BranchID, o.Row.PriceBookID.Or(0)
	if id := in.BranchID.Or(0); id != 0 {
		branchID = id
	}
	if in.PriceBookID.Given() {
		book = in.PriceBookID.Or(0)
	}
	if o.KeepsCustomer(in.Customer, in.CustomerID) {
		q.buyer(o.Row.CustomerID)
	} else {
		q.customer(in.Customer, in.CustomerID, branchID)
	}
	q.carrier(in.OrderDelivery)
	q.priceBook(book)
	q.lines(withoutLots(in.OrderDetails), o.Quantities(), branchID)
	q.stored(o.Quantities(), branchID, in.MakeInvoice)
	return q.finish()
}

func (m *Memory) askOrderVoid(id int64) *salesplan.Facts {
	q := m.ask()
	o := q.order(id)
	if o == nil {
		return q.finish()
	}
	for _, p := range m.PaymentsOfOrder(id) {
		q.applied(p)
	}
	q.buyer(o.Row.CustomerID)
	q.lines(nil, o.Quantities(), o.Row.BranchID)
	return q.finish()
}

func (m *Memory) askNewInvoice(in *taphoa.InvoiceInput) *salesplan.Facts {
	q := m.ask()
	branchID := in.BranchID.Or(0)
	q.vouchers = vouchersOf(in.IsApplyVoucher, in.AllPayments())
	q.carrier(in.DeliveryDetail)
	book := in.PriceBookID.Or(0)
	o := q.order(in.OrderID.Or(0))
	if o == nil {
		q.customer(in.Customer, in.CustomerID, branchID)
		q.priceBook(book)
		q.lines(in.InvoiceDetails, nil, branchID)
		return q.finish()
	}
	if branchID == 0 {
		branchID = o.Row.BranchID
	}
	if !in.PriceBookID.Given() {
		book = o.Row.PriceBookID.Or(0)
	}
	if len(q.vouchers) > 0 {
		for _, p := range m.PaymentsOfOrder(o.Row.ID) {
			q.applied(p)
		}
	}
	if in.Customer == nil && (in.CustomerID.Or(0) == 0 || in.CustomerID.Or(0) == o.Row.CustomerID.Or(0)) {
		q.buyer(o.Row.CustomerID)
	} else {
		q.customer(in.Customer, in.CustomerID, branchID)
	}
	q.priceBook(book)
	q.lines(in.InvoiceDetails, o.Quantities(), branchID)
	q.stored(o.Quantities(), branchID, in.InvoiceDetails == nil)
	q.stored(o.Quantities(), o.Row.BranchID, false)
	return q.finish()
}

func (m *Memory) askInvoice(id int64, in *taphoa.InvoiceInput) *salesplan.Facts {
	q := m.ask()
	q.vouchers = vouchersOf(in.IsApplyVoucher, in.AllPayments())
	q.carrier(in.DeliveryDetail)
	v := m.Invoices[id]
	if v == nil {
		return q.finish()
	}
	q.facts.Invoice = &salesplan.StoredInvoice{Invoice: *v}
	for _, r := range m.validReturns(id) {
		if q.facts.Invoice.Returned.ID == 0 {
			q.facts.Invoice.Returned = r.Row
		}
	}
	for _, p := range m.PaymentsOfInvoice(id) {
		q.applied(p)
	}
	for _, l := range v.Lines {
		if l.BatchID.Has() {
			q.stock.LotIDs = append(q.stock.LotIDs, l.BatchID.Value)
		}
	}
	q.buyer(v.Row.CustomerID)
	q.invoices = append(q.invoices, id)
	q.documents = append(q.documents, cashplan.DocumentRef{Kind: "invoice", ID: id})
	q.stock.Documents = append(q.stock.Documents, stockplan.DocumentRef{Kind: "invoice", ID: id})
	stored := v.Quantities()
	o := q.order(v.Row.OrderID.Or(0))
	if o != nil {
		for _, p := range m.PaymentsOfOrder(o.Row.ID) {
			if !p.InvoiceID.Has() {
				q.applied(p)
			}
		}
		stored = append(stored, o.Quantities()...)
	}
	q.lines(in.InvoiceDetails, stored, v.Row.BranchID)
	if o != nil {
		q.stored(o.Quantities(), o.Row.BranchID, false)
	}
	book := v.Row.PriceBookID.Or(0)
	if in.PriceBookID.Given() {
		book = in.PriceBookID.Or(0)
	}
	q.priceBook(book)
	return q.finish()
}

// order adds a stored order with what its valid invoices have of it.
func (q *question) order(id int64) *salesplan.StoredOrder {
	m := q.m
	row := m.Orders[id]
	if row == nil {
		return nil
	}
	o := &salesplan.StoredOrder{Order: *row}
	o.Charged = map[int64]salesplan.Charge{}
	for _, invoice := range m.orderInvoices[id] {
		v := m.Invoices[invoice]
		if v.Row.Status == taphoa.InvoiceVoid {
			continue
		}
		for _, l := range v.Lines {
			sold := salesplan.InvoicedLine{
				InvoiceLineRow: l, InvoiceRatio: v.Row.DiscountRatio, InvoiceCode: v.Row.Code, InvoiceDate: v.Row.PurchaseDate,
				InvoiceCustomerID: v.Row.CustomerID, InvoiceOpen: v.Row.Total - v.Row.TotalPayment,
			}
			if v.Row.GoodsReturned {
				sold.InvoiceOpen = 0
			}
			o.Invoiced = append(o.Invoiced, sold)
		}
		o.InvoicedTaxes = append(o.InvoicedTaxes, v.Taxes...)
		if d := v.Delivery; d != nil && d.Row.UsingPriceCod && d.Row.Status != taphoa.DeliveryReturned && d.Row.Status != taphoa.DeliveryCancelled {
			o.CodAgreed += d.Row.PriceCodPayment.Or(0)
		}
		for _, s := range v.Surcharges {
			by, charged := o.Charged[s.SurchargeID.Or(0)]
			if !charged || invoice < by.InvoiceID {
				by.InvoiceID = invoice
			}
			by.Amount += s.Price
			o.Charged[s.SurchargeID.Or(0)] = by
		}
	}
	q.facts.Order = o
	q.orders = append(q.orders, id)
	q.reserving = append(q.reserving, stockplan.DocumentRef{Kind: "order", ID: id})
	return o
}

func (q *question) applied(p *cashplan.PaymentRow) {
	if p.Paid() && p.VoucherID.Has() {
		q.vouchers = append(q.vouchers, p.VoucherID.Value)
	}
}

// lines adds the products of lines, and those that a document has already, and what the goods of all move at a branch.
func (q *question) lines(lines []taphoa.DetailInput, stored []salesplan.ProductQuantity, branchID int64) {
	for i := range lines {
		item := q.m.find(catalogplan.DetailName(&lines[i]))
		if item == nil {
			continue
		}
		q.items = append(q.items, item)
		q.goods(item, branchID)
		if item.IsSerial {
			for _, number := range stockplan.SplitSerials(lines[i].SerialNumbers.Or("")) {
				q.stock.AskedSerials = append(q.stock.AskedSerials, stockplan.SerialKey{ProductID: item.BaseID, Number: number})
			}
		}
		if id := lines[i].Batch().Or(0); item.IsBatch && id != 0 {
			q.stock.LotIDs = append(q.stock.LotIDs, id)
		} else if item.IsBatch {
			q.stock.LotsAt = append(q.stock.LotsAt, stockplan.LevelKey{ProductID: item.BaseID, BranchID: branchID})
		}
	}
	for _, p := range stored {
		if item := q.m.items[p.ProductID]; item != nil {
			q.items = append(q.items, item)
		}
	}
}

// stored adds the levels of what stored lines move at a branch, and with lots those that they would be sold from.
func (q *question) stored(stored []salesplan.ProductQuantity, branchID int64, lots bool) {
	for _, p := range stored {
		item := q.m.items[p.ProductID]
		if item == nil {
			continue
		}
		q.goods(item, branchID)
		if lots && item.IsBatch {
			q.stock.LotsAt = append(q.stock.LotsAt, stockplan.LevelKey{ProductID: item.BaseID, BranchID: branchID})
		}
	}
}

// withoutLots are the lines of an order, which does not keep the lots that they name: its invoice chooses lots.
func withoutLots(lines []taphoa.DetailInput) []taphoa.DetailInput {
	lines = slices.Clone(lines)
	for i := range lines {
		lines[i].ProductBatchExpireID, lines[i].ProductBatchExpire = taphoa.Opt[int64]{}, nil
	}
	return lines
}

func (q *question) goods(item *catalogplan.Item, branchID int64) {
	switch item.Type {
	case taphoa.ProductGoods:
		q.levels[stockplan.LevelKey{ProductID: item.BaseID, BranchID: branchID}] = true
	case taphoa.ProductCombo:
		for _, material := range item.Materials {
			q.levels[stockplan.LevelKey{ProductID: material.ProductID, BranchID: branchID}] = true
		}
	}
}

func (q *question) customer(in *taphoa.DocumentCustomer, id taphoa.Opt[int64], branchID int64) {
	m := q.m
	keys, f := partyplan.CustomerKeysOf(in, id), &partyplan.CustomerFacts{}
	q.facts.Customer = f
	switch {
	case keys.WalkIn():
		return
	case keys.ID != 0:
		f.ByID = m.customerRef(keys.ID)
		return
	}
	f.KeptByBranch, f.UserName = m.Directory.Settings.ManagerCustomerByBranch, m.UserName
	if _, found := m.Directory.Branches[branchID]; found {
		f.Branch = taphoa.Some(branchID)
	}
	code, number := text.CodeKey(keys.Code), text.PhoneKey(keys.Number)
	for id, row := range m.Customers {
		if code != "" && row.CodeKey == code {
			f.ByCode = m.customerRef(id)
		}
		if number != "" && row.PhoneKey == number {
			f.ByNumber = append(f.ByNumber, m.customerRef(id).Value)
		}
	}
	slices.SortFunc(f.ByNumber, func(a, b partyplan.CustomerRef) int { return cmp.Compare(a.ID, b.ID) })
}

func (m *Memory) customerRef(id int64) taphoa.Opt[partyplan.CustomerRef] {
	row := m.Customers[id]
	if row == nil {
		return taphoa.Opt[partyplan.CustomerRef]{}
	}
	return taphoa.Some(row.Ref(m.Groups[id]))
}

func (q *question) buyer(id taphoa.Opt[int64]) {
	if id.Has() {
		q.facts.Buyer = q.m.customerRef(id.Value)
	}
}

func (q *question) carrier(in *taphoa.DeliveryInput) {
	if in == nil || !in.PartnerDeliveryID.Given() && in.PartnerDelivery == nil {
		return
	}
	keys, f := partyplan.CarrierKeysOf(in.PartnerDeliveryID, in.PartnerDelivery), &partyplan.CarrierFacts{}
	q.facts.Carrier = f
	var first int64
	for id, row := range q.m.Carriers {
		var known bool
		switch {
		case keys.ID != 0:
			known = id == keys.ID
		case keys.Code != "":
			known = row.CodeKey == text.CodeKey(keys.Code)
		case keys.Name != "":
			known = row.NameKey == keys.Key
		}
		if known && (first == 0 || id < first) {
			first, f.Known = id, taphoa.Some(row.Ref())
		}
	}
}

func (q *question) priceBook(id int64) {
	if id == 0 {
		return
	}
	q.facts.PriceBook = &catalogplan.PriceBook{ID: id}
	for _, b := range q.m.PriceBooks {
		if b.ID == id {
			q.facts.PriceBook = b
		}
	}
}

func vouchersOf(apply bool, payments []taphoa.PaymentInput) (ids []int64) {
	for _, use := range salesplan.VoucherUses(apply, payments) {
		ids = append(ids, use.VoucherID)
	}
	return ids
}

func (m *Memory) find(id int64, code string) *catalogplan.Item {
	if id != 0 {
		return m.items[id]
	}
	for _, item := range m.Items {
		if text.CodeKey(item.Code) == text.CodeKey(code) {
			return item
		}
	}
	return nil
}

// finish makes the ledgers.
func (q *question) finish() *salesplan.Facts {
	m, f := q.m, q.facts
	f.Items = catalogplan.NewItems(q.items...)
	for _, ref := range q.reserving {
		for key, quantity := range m.Reservations[ref] {
			q.levels[key] = true
			q.stock.Reservations = append(q.stock.Reservations, stockplan.Reservation{
				DocumentRef: ref, ProductID: key.ProductID, BranchID: key.BranchID, Quantity: quantity,
			})
		}
	}
	m.fillStock(&q.stock, q.levels)
	f.Stock = stockplan.NewLedger(q.stock)
	cash := cashplan.Facts{Documents: q.documents, BankAccounts: m.BankAccounts}
	seen := map[int64]bool{}
	add := func(rows []*cashplan.PaymentRow) {
		for _, p := range rows {
			if !seen[p.ID] {
				seen[p.ID] = true
				cash.Payments = append(cash.Payments, *p)
			}
		}
	}
	for _, id := range q.orders {
		add(m.PaymentsOfOrder(id))
	}
	for _, id := range q.invoices {
		add(m.PaymentsOfInvoice(id))
	}
	for _, id := range q.returns {
		add(m.PaymentsOfReturn(id))
	}
	for _, id := range q.payments {
		add([]*cashplan.PaymentRow{m.Payments[id]})
	}
	for _, ref := range q.documents {
		cash.Postings = append(cash.Postings, m.CashPostings[ref]...)
	}
	q.accounts(&cash)
	add(q.paying(&cash))
	f.Cash = cashplan.NewLedger(&f.Context, cash)
	var vouchers []promoplan.Voucher
	for _, id := range q.vouchers {
		if v := m.Vouchers[id]; v != nil {
			vouchers = append(vouchers, *v)
		}
	}
	if vouchers == nil {
		f.Vouchers = promoplan.NewFacts(nil, nil, nil, nil)
	} else {
		f.Vouchers = promoplan.NewFacts(vouchers, m.Campaigns, m.Limits, nil)
	}
	return f
}

// fillStock adds the rows that the goods ledger needs of levels, documents, lots and serials.
func (m *Memory) fillStock(f *stockplan.Facts, levels map[stockplan.LevelKey]bool) {
	lotIDs := map[int64]bool{}
	for _, ref := range f.Documents {
		for _, r := range m.Postings[ref] {
			f.Postings = append(f.Postings, *r)
			levels[stockplan.LevelKey{ProductID: r.ProductID, BranchID: r.BranchID}] = true
			if r.BatchID != 0 {
				lotIDs[r.BatchID] = true
			}
			for _, number := range r.Serials {
				f.AskedSerials = append(f.AskedSerials, stockplan.SerialKey{ProductID: r.ProductID, Number: number})
			}
		}
	}
	for _, ref := range f.Documents {
		f.Dependents = append(f.Dependents, m.dependents(ref)...)
	}
	for i := range f.Dependents {
		levels[stockplan.LevelKey{ProductID: f.Dependents[i].ProductID, BranchID: f.Dependents[i].BranchID}] = true
	}
	for key := range levels {
		f.Asked = append(f.Asked, key)
		if l, found := m.Levels[key]; found {
			f.Levels = append(f.Levels, l)
		}
	}
	for _, id := range f.LotIDs {
		lotIDs[id] = true
	}
	if len(lotIDs)+len(f.LotsAt) > 0 {
		m.fillLots(f, lotIDs)
	}
	for _, key := range f.AskedSerials {
		if s, found := m.Serials[key]; found && !slices.ContainsFunc(f.Serials, func(o stockplan.Serial) bool {
			return o.ProductID == s.ProductID && o.SerialNumber == s.SerialNumber
		}) {
			f.Serials = append(f.Serials, s)
		}
	}
}

func (m *Memory) fillLots(f *stockplan.Facts, ids map[int64]bool) {
	for key, level := range m.LotLevels {
		at := slices.Contains(f.LotsAt, stockplan.LevelKey{ProductID: level.ProductID, BranchID: key.Branch}) && level.OnHand > 0
		if at || ids[key.Lot] {
			f.LotLevels = append(f.LotLevels, level)
			if at {
				f.Lots = append(f.Lots, m.Lots[key.Lot])
			}
		}
	}
	for id := range ids {
		if lot, found := m.Lots[id]; found {
			f.Lots = append(f.Lots, lot)
		}
	}
}
