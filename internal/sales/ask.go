package sales

import (
	"github.com/taphoa/taphoa"
	"github.com/taphoa/taphoa/internal/cash"
	"github.com/taphoa/taphoa/internal/catalog"
	catalogplan "github.com/taphoa/taphoa/internal/catalog/plan"
	"github.com/taphoa/taphoa/internal/db"
	"github.com/taphoa/taphoa/internal/org"
	"github.com/taphoa/taphoa/internal/party"
	partyplan "github.com/taphoa/taphoa/internal/party/plan"
	"github.com/taphoa/taphoa/internal/promo"
	"github.com/taphoa/taphoa/internal/right"
	"github.com/taphoa/taphoa/internal/sales/plan"
	"github.com/taphoa/taphoa/internal/stock"
	stockplan "github.com/taphoa/taphoa/internal/stock/plan"
)

// question gathers what a plan depends on. What a shop hardly ever changes comes from memory; all else in a batch, or two
// where the first one names what the second one asks for.
type question struct {
	tx    *db.Tx
	batch *db.Batch
	facts *plan.Facts
	then  []func() error // what turns rows into facts, once the batch has run

	stock             stock.Question
	cash              cash.Question
	vouchers, applied []int64 // of the request, and those that have paid for the document already
}

func ask(tx *db.Tx) (*question, error) {
	directory, err := org.GetDirectory(tx)
	if err != nil {
		return nil, err
	}
	surcharges, err := cash.Surcharges(tx)
	q := &question{tx: tx, batch: tx.Batch(), facts: &plan.Facts{Context: tx.PlanContext(), Directory: directory, Surcharges: surcharges}}
	return q, err
}

// later notes a function that gives a fact after the batch has run.
func later[T any](q *question, to *T, rows func() (T, error)) {
	q.then = append(q.then, func() (err error) {
		*to, err = rows()
		return err
	})
}

// run asks the batch and begins the next one.
func (q *question) run() error {
	if err := q.batch.Run(); err != nil {
		return err
	}
	then := q.then
	q.batch, q.then = q.tx.Batch(), nil
	for _, f := range then {
		if err := f(); err != nil {
			return err
		}
	}
	return nil
}

// finish adds the ledgers to the last batch and asks it.
func (q *question) finish() (*plan.Facts, error) {
	if err := q.allocateOlder(); err != nil {
		return nil, err
	}
	f := q.facts
	later(q, &f.Stock, stock.Ask(q.tx, q.batch, q.stock))
	later(q, &f.Cash, cash.Ask(q.tx, q.batch, q.cash))
	later(q, &f.Vouchers, promo.Ask(q.tx, q.batch, q.vouchers, q.applied))
	return f, q.run()
}

// items finds the products of lines, and those that a document has already, and asks for the levels, lots and serials of
// goods that they move at a branch.
func (q *question) items(lines []taphoa.DetailInput, stored []plan.ProductQuantity, branchID int64) error {
	name := catalogplan.HeldName(stored)
	ids, codes := catalogplan.Named(lines, name)
	var err error
	if q.facts.Items, err = catalog.FindItems(q.tx, ids, codes, catalogplan.HeldIDs(stored)); err != nil {
		return err
	}
	for i := range lines {
		q.goods(q.facts.Items.Find(name(&lines[i])), branchID, &lines[i])
	}
	return nil
}

// storedGoods asks for the levels of goods that stored lines move at a branch.
func (q *question) storedGoods(stored []plan.ProductQuantity, branchID int64) {
	for _, p := range stored {
		q.goods(q.facts.Items.ByID(p.ProductID), branchID, nil)
	}
}

// storedLots asks for the lots that stored lines, which name none, can be sold from at a branch.
func (q *question) storedLots(stored []plan.ProductQuantity, branchID int64) {
	for _, p := range stored {
		if item := q.facts.Items.ByID(p.ProductID); item != nil && item.IsBatch {
			q.stock.Lots = append(q.stock.Lots, stockplan.LevelKey{ProductID: item.BaseID, BranchID: branchID})
		}
	}
}

// goods asks for what a product moves at a branch, whatever its quantity: a line that is too small alone may be put
// together with others.
func (q *question) goods(item *catalogplan.Item, branchID int64, line *taphoa.DetailInput) {
	if item == nil {
		return
	}
	level := func(productID int64) {
		q.stock.Levels = append(q.stock.Levels, stockplan.LevelKey{ProductID: productID, BranchID: branchID})
	}
	switch item.Type {
	case taphoa.ProductGoods:
		level(item.BaseID)
	case taphoa.ProductCombo:
		for _, m := range item.Materials {
			level(m.ProductID)
		}
	}
	if line == nil {
		return
	}
	if item.IsSerial {
		for _, number := range stockplan.SplitSerials(line.SerialNumbers.Or("")) {
			q.stock.Serials = append(q.stock.Serials, stockplan.SerialKey{ProductID: item.BaseID, Number: number})
		}
	}
	if id := line.Batch().Or(0); item.IsBatch && id != 0 {
		q.stock.LotIDs = append(q.stock.LotIDs, id)
	} else if item.IsBatch {
		q.stock.Lots = append(q.stock.Lots, stockplan.LevelKey{ProductID: item.BaseID, BranchID: branchID})
	}
}

// customerOf asks for the customer whom a request names.
func (q *question) customerOf(in *taphoa.DocumentCustomer, id taphoa.Opt[int64], branchID int64, withGroups bool) {
	later(q, &q.facts.Customer, party.AskCustomer(q.tx, q.batch, in, id, branchID, withGroups))
}

// buyer asks for the customer of a stored document, also one deleted since.
func (q *question) buyer(id taphoa.Opt[int64], withGroups bool) {
	if !id.Has() {
		return
	}
	later(q, &q.facts.Buyer, party.AskBuyer(q.batch, id.Value, withGroups))
}

// account asks for the open documents of a customer; a walk-in has no account.
func (q *question) account(id taphoa.Opt[int64]) {
	if id.Or(0) != 0 {
		q.cash.Accounts = append(q.cash.Accounts, cash.Customer(id.Value))
	}
}

// accountOf asks for the open documents of the customer whom a request names. Who is not named by id is to be found first.
func (q *question) accountOf(in *taphoa.DocumentCustomer, id taphoa.Opt[int64]) error {
	keys := partyplan.CustomerKeysOf(in, id)
	if keys.WalkIn() {
		return nil
	}
	if keys.ID != 0 {
		now, err := cash.CustomersNow(q.tx, keys.ID)
		if err == nil {
			q.account(taphoa.Some(now[0]))
		}
		return err
	}
	if err := q.run(); err != nil {
		return err
	}
	found := q.facts.Customer
	if found.ByCode.Has() {
		q.account(taphoa.Some(found.ByCode.Value.ID))
	}
	for _, c := range found.ByNumber {
		q.account(taphoa.Some(c.ID))
	}
	return nil
}

// delivery asks for the carrier whom a request names, and completes its district.
func (q *question) delivery(in *taphoa.DeliveryInput) {
	if in == nil {
		return
	}
	in.LocationID, in.LocationName = org.Located(in.LocationID, in.LocationName)
	if in.PartnerDeliveryID.Given() || in.PartnerDelivery != nil {
		later(q, &q.facts.Carrier, party.AskCarrier(q.tx, q.batch, in.PartnerDeliveryID, in.PartnerDelivery))
	}
}

// priceBook asks for the price book of a request, or the one that its document has: its terms, and its prices of the lines
// that have none, or of all where the actor may not sell at any price. Nothing is asked when the stored one stays and no prices are
// needed.
func (q *question) priceBook(in, stored taphoa.Opt[int64], branchID, sellerID int64, lines []taphoa.DetailInput) {
	id := stored.Or(0)
	if in.Given() {
		id = in.Or(0)
	}
	listed := !q.facts.Actor.Held.At(branchID).Has(right.SellAtAnyPrice)
	var unpriced []taphoa.DetailInput
	for i := range lines {
		if listed || !lines[i].Price.Has() {
			unpriced = append(unpriced, lines[i])
		}
	}
	if !in.Given() && len(unpriced) == 0 {
		return
	}
	ids, codes := catalogplan.Named(unpriced, catalogplan.DetailName)
	later(q, &q.facts.PriceBook, catalog.AskPriceBook(q.tx, q.batch, id, branchID, sellerID, ids, codes))
}

// codes asks whether clients have used the next codes.
func (q *question) codes(sequences ...org.Sequence) {
	q.then = append(q.then, org.AskCodes(q.tx, q.batch, sequences...))
}

var (
	orderCodes   = org.Sequence{Prefix: "DH", Table: "orders"}
	invoiceCodes = org.Sequence{Prefix: "HD", Table: "invoices"}
)

// groupsMatter reports whether the groups of the customer decide about a request: vouchers and price books can be for some.
func (q *question) groupsMatter(priceBookID taphoa.Opt[int64]) bool {
	return len(q.vouchers) > 0 || priceBookID.Or(0) != 0
}

// requestVouchers are the vouchers that a request pays with.
func requestVouchers(apply bool, payments []taphoa.PaymentInput) (ids []int64) {
	for _, use := range plan.VoucherUses(apply, payments) {
		ids = append(ids, use.VoucherID)
	}
	return ids
}
