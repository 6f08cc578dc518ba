package plan

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/taphoa/taphoa"
)

var (
	strict    = Limits{}
	unlimited = Limits{BelowZero: true, BelowReserved: true}
)

func units(n int64) taphoa.Quantity { return taphoa.Units(n) }

func buy(product, branch, n, cost int64) Posting {
	return Posting{
		ProductID: product, From: Supplier, To: Location(branch), Quantity: units(n), Cost: taphoa.Some(taphoa.Dong(cost)),
	}
}

func sell(product, branch, n int64) Posting {
	return Posting{ProductID: product, From: Location(branch), To: Customer, Quantity: units(n)}
}

func ofLot(p Posting, id int64) Posting {
	p.BatchID = id
	return p
}

func withSerials(p Posting, numbers ...string) Posting {
	p.Serials, p.Quantity = numbers, units(int64(len(numbers)))
	return p
}

// level is a level of product 7 at branch 1 whose last purchase was at 100.
func level(onHand, reserved, cost int64) LevelState {
	return LevelState{
		Level:     Level{ProductID: 7, BranchID: 1, OnHand: units(onHand), Reserved: units(reserved), Cost: taphoa.Dong(cost)},
		EnteredAt: 100, ReceivedAt: 100,
	}
}

// facts are those of a shop at 1000 with some levels, and nothing yet of products 1 to 9 at branches 1 and 2.
func facts(levels ...LevelState) Facts {
	f := Facts{Now: 1000, Clock: 1000, Levels: levels}
	for product := range int64(9) {
		f.Asked = append(f.Asked, LevelKey{product + 1, 1}, LevelKey{product + 1, 2})
	}
	return f
}

func invoice(step int64) Document {
	return Document{Kind: "invoice", ID: 5, Step: step, EffectiveAt: 1000}
}

func TestPostRefusesWhatLimitsForbid(t *testing.T) {
	for _, c := range []struct {
		limits Limits
		n      int64
		free   int64 // available quantity; -1: it is posted
	}{
		{strict, 7, 6},
		{strict, 6, -1},
		{Limits{BelowReserved: true}, 10, -1},
		{Limits{BelowReserved: true}, 11, 10},
		{Limits{BelowZero: true}, 7, 6},
		{unlimited, 1000, -1},
	} {
		l := NewLedger(facts(level(10, 4, 50)))
		used, err := l.Post(invoice(0), []Posting{sell(7, 1, c.n)}, c.limits)
		var short *Short
		switch {
		case c.free >= 0 && (!errors.As(err, &short) || short.Free != units(c.free)):
			t.Errorf("selling %d under %+v: %v, want %d free", c.n, c.limits, err, c.free)
		case c.free < 0 && (err != nil || !used || l.Level(LevelKey{7, 1}).OnHand != units(10-c.n)):
			t.Errorf("selling %d under %+v: %v, %v", c.n, c.limits, l.Level(LevelKey{7, 1}), err)
		}
	}
}

// A document posts what it wants step by step, and each step only the difference.
func TestPostPostsTheDifferenceOfEachStep(t *testing.T) {
	l := NewLedger(facts(level(10, 0, 50)))
	for step, c := range []struct {
		want    []Posting
		used    bool
		left7   int64
		left8   int64
		written []string // postings so far
	}{
		{[]Posting{sell(7, 1, 4)}, true, 6, 0, []string{"1/1: 7 1>-2 4"}},
		{[]Posting{sell(7, 1, 4)}, false, 6, 0, []string{"1/1: 7 1>-2 4"}},
		{[]Posting{sell(7, 1, 1), sell(8, 1, 2)}, true, 9, -2, []string{"1/1: 7 1>-2 4", "2/1: 7 -2>1 3", "2/2: 8 1>-2 2"}},
		{nil, true, 10, 0, []string{"1/1: 7 1>-2 4", "2/1: 7 -2>1 3", "2/2: 8 1>-2 2", "3/1: 7 -2>1 1", "3/2: 8 -2>1 2"}},
	} {
		steps := int64(l.Changes().Steps)
		used, err := l.Post(invoice(steps), c.want, unlimited)
		if err != nil || used != c.used {
			t.Fatalf("step %d: %v, %v, want %v", step, used, err, c.used)
		}
		if a, b := l.Level(LevelKey{7, 1}), l.Level(LevelKey{8, 1}); a.OnHand != units(c.left7) || b.OnHand != units(c.left8) {
			t.Errorf("step %d leaves %v and %v, want %d and %d", step, a.OnHand, b.OnHand, c.left7, c.left8)
		}
		if written := rows(l); !slices.Equal(written, c.written) {
			t.Errorf("step %d: %q, want %q", step, written, c.written)
		}
	}
}

// rows are the postings that a plan writes: "step/line: product from>to quantity".
func rows(l *Ledger) (all []string) {
	for _, r := range l.Changes().Postings {
		all = append(all, fmt.Sprintf("%d/%d: %d %d>%d %v", r.Step, r.Line, r.ProductID, r.From, r.To, r.Quantity))
	}
	return all
}

// Two documents in one plan: what the first has brought, the second can sell, and a return has the cost of its invoice.
func TestSeveralDocumentsPostInOnePlan(t *testing.T) {
	l := NewLedger(facts())
	purchase := Document{Kind: "purchase", ID: 1, EffectiveAt: 1000}
	post(t, l, purchase, buy(7, 1, 10, 60))
	post(t, l, invoice(0), sell(7, 1, 10))
	back := Posting{ProductID: 7, From: Customer, To: 1, Quantity: units(2), OriginKind: "invoice", OriginID: 5}
	post(t, l, Document{Kind: "return", ID: 9, EffectiveAt: 1000}, back)
	if got := l.Level(LevelKey{7, 1}); got.OnHand != units(2) || got.ChangedAt != 1000 {
		t.Errorf("%+v is left, want 2", got)
	}
	var entered taphoa.Time
	for _, r := range l.Changes().Postings {
		if r.EnteredAt <= entered {
			t.Errorf("%s %d is recorded at %d, not after %d", r.Kind, r.ID, r.EnteredAt, entered)
		}
		entered = r.EnteredAt
	}
	if levels := l.Changes().Recost; len(levels) != 1 || levels[0].RecostFrom == nil {
		t.Errorf("a return takes its cost from its invoice, but %v are revalued", levels)
	}
	// The invoice is voided: what was returned of it depends on its cost.
	post(t, l, invoice(1))
	if got := l.Level(LevelKey{7, 1}).OnHand; got != units(12) {
		t.Errorf("%v after the void, want 12", got)
	}
	if at := l.Changes().Recost[0].RecostFrom; at.EffectiveAt != 1000 {
		t.Errorf("recosting from %+v", at)
	}
}

func post(t *testing.T, l *Ledger, doc Document, want ...Posting) {
	t.Helper()
	if _, err := l.Post(doc, want, strict); err != nil {
		t.Fatal(err)
	}
}

// The rule of cost at a level whose last movement is of 100.
func TestPostCostsWhatIsTheLastAtItsLevel(t *testing.T) {
	for _, c := range []struct {
		name    string
		at      taphoa.Time
		posting Posting
		cost    int64 // of the posting
		average int64 // of the level
		recost  bool
	}{
		{"a sale costs the average", 1000, sell(7, 1, 5), 50, 50, false},
		{"a purchase is mixed in", 1000, buy(7, 1, 30, 90), 90, 80, false},
		{"goods without a cost have the average", 1000, Posting{ProductID: 7, From: Supplier, To: 1, Quantity: units(5)}, 50, 50, false},
		{"a purchase of the last instant", 100, buy(7, 1, 30, 90), 90, 80, false},
		{"a sale before the last purchase", 99, sell(7, 1, 5), 50, 50, true},
		{"a purchase before the last movement", 99, buy(7, 1, 30, 90), 90, 50, true},
	} {
		l := NewLedger(facts(level(10, 0, 50)))
		post(t, l, Document{Kind: "doc", ID: 1, EffectiveAt: c.at}, c.posting)
		r, got := l.Changes().Postings[0], l.Level(LevelKey{7, 1})
		if r.Cost != taphoa.Dong(c.cost) || r.Average != got.Cost || got.Cost != taphoa.Dong(c.average) {
			t.Errorf("%s: it costs %v, the branch %v (%v); want %d and %d", c.name, r.Cost, got.Cost, r.Average, c.cost, c.average)
		}
		if recost := len(l.Changes().Recost) > 0; recost != c.recost {
			t.Errorf("%s: recosting %v, want %v", c.name, recost, c.recost)
		}
		if r.EnteredAt != 1000 {
			t.Errorf("%s: recorded at %d", c.name, r.EnteredAt)
		}
	}
}

// A stored document that gets another date and cost has its postings corrected in place.
func TestPostCorrectsTheTermsOfWhatIsPosted(t *testing.T) {
	f := facts(level(10, 0, 50))
	purchase := DocumentRef{"purchase", 1}
	f.Documents = []DocumentRef{purchase}
	f.Postings = []PostingRow{{
		DocumentRef: purchase, Step: 1, Line: 1, ProductID: 7, BranchID: 1, From: Supplier, To: 1, Quantity: units(10),
		CostOrder: CostOrder{100, 100}, CostTerms: CostTerms{OwnCost: taphoa.Some(taphoa.Dong(50))}, Cost: taphoa.Dong(50),
	}}
	l := NewLedger(f)
	used, err := l.Post(Document{Kind: "purchase", ID: 1, Step: 1, EffectiveAt: 200}, []Posting{buy(7, 1, 10, 70)}, strict)
	if err != nil || used {
		t.Fatal(used, err)
	}
	c := l.Changes()
	if len(c.Terms) != 1 || c.Terms[0].EffectiveAt != 200 || c.Terms[0].OwnCost.Value != taphoa.Dong(70) || len(c.Postings) != 0 {
		t.Errorf("%+v", c)
	}
	if len(c.Recost) != 1 || c.Recost[0].RecostFrom.CostOrder != (CostOrder{100, 100}) {
		t.Errorf("recosting %+v, want from the earlier date on", c.Recost)
	}
	if err := l.SetEffectiveDate(Document{Kind: "purchase", ID: 1, Step: 1, EffectiveAt: 50}); err != nil {
		t.Fatal(err)
	}
	if len(c.Terms) != 2 || c.Terms[1].EffectiveAt != 50 || c.Terms[1].OwnCost.Value != taphoa.Dong(70) ||
		c.Recost[0].RecostFrom.EffectiveAt != 50 {
		t.Errorf("%+v", c)
	}
}

func lotFacts() Facts {
	f := facts()
	for i, n := range []int64{3, 5, 2} {
		id := int64(i + 1)
		f.Lots = append(f.Lots, Lot{ID: id, ProductID: 7, ExpireDate: taphoa.Time(500 - id*100)}) // 3 expires first
		f.LotLevels = append(f.LotLevels, LotLevel{BatchID: id, BranchID: 1, ProductID: 7, OnHand: units(n)})
	}
	f.LotsAt, f.LotIDs = []LevelKey{{7, 1}}, []int64{1, 2, 3}
	return f
}

func TestChooseLotsTakesWhatExpiresFirst(t *testing.T) {
	for _, c := range []struct {
		n    int64
		want string
	}{
		{1, "3: 1"}, {2, "3: 2"}, {3, "3: 2, 2: 1"}, {10, "3: 2, 2: 5, 1: 3"}, {11, "10 free"},
	} {
		lots, err := NewLedger(lotFacts()).ChooseLots(7, 1, units(c.n), 0)
		var got string
		for _, lot := range lots {
			if got != "" {
				got += ", "
			}
			got += fmt.Sprintf("%d: %v", lot.BatchID, lot.Quantity)
		}
		if short := (*Short)(nil); errors.As(err, &short) {
			got = fmt.Sprintf("%v free", short.Free)
		}
		if got != c.want {
			t.Errorf("%d of it: %s, want %s", c.n, got, c.want)
		}
	}
}

func TestALotNeverGoesBelowZero(t *testing.T) {
	l := NewLedger(lotFacts())
	_, err := l.Post(invoice(0), []Posting{ofLot(sell(7, 1, 6), 2)}, unlimited)
	refused(t, err, "Lô hàng 2 không đủ số lượng tại chi nhánh")

	l = NewLedger(lotFacts())
	if _, err := l.Post(invoice(0), []Posting{ofLot(sell(7, 1, 5), 2), ofLot(sell(7, 1, 2), 1)}, unlimited); err != nil {
		t.Fatal(err)
	}
	_, err = l.Post(Document{Kind: "invoice", ID: 6, EffectiveAt: 1000}, []Posting{ofLot(sell(7, 1, 2), 1)}, unlimited)
	refused(t, err, "Lô hàng 1 không đủ số lượng tại chi nhánh")

	// Goods that were moved to another branch are there; reversed ones can be chosen once more.
	l = NewLedger(lotFacts())
	send := Posting{ProductID: 7, BatchID: 2, From: 1, To: 2, Quantity: units(5)}
	if _, err := l.Post(Document{Kind: "transfer", ID: 1, EffectiveAt: 1000}, []Posting{send}, unlimited); err != nil {
		t.Fatal(err)
	}
	if here, there := l.LotOnHand(2, 1), l.LotOnHand(2, 2); here != 0 || there != units(5) {
		t.Errorf("%v here, %v there", here, there)
	}
	if _, err := l.ChooseLots(7, 1, units(6), 0); err == nil {
		t.Error("6 of 5 were chosen")
	}
	if _, err := l.Post(Document{Kind: "transfer", ID: 1, Step: 1, EffectiveAt: 1000}, nil, unlimited); err != nil {
		t.Fatal(err)
	}
	if _, err := l.ChooseLots(7, 1, units(6), 0); err != nil {
		t.Error(err)
	}
	if lots := l.Changes().Lots; len(lots) != 2 {
		t.Errorf("%d levels of lots are written, want 2", len(lots))
	}
}

func refused(t *testing.T, err error, sentence string) {
	t.Helper()
	var refusal *taphoa.Error
	if !errors.As(err, &refusal) || refusal.Message != sentence {
		t.Errorf("%v, want %q", err, sentence)
	}
}

func serialFacts() Facts {
	f := facts()
	f.Serials = []Serial{
		{ProductID: 1, SerialNumber: "IN", BranchID: 1, Status: 1, CreatedDate: 10},
		{ProductID: 1, SerialNumber: "GONE", BranchID: 1, Status: 0, CreatedDate: 10},
	}
	f.AskedSerials = []SerialKey{{1, "IN"}, {1, "GONE"}, {1, "NEW"}}
	return f
}

func TestASerialLeavesFromWhereItIsAndEntersWhenItIsNowhere(t *testing.T) {
	const notThere, there = "Serial/IMEI %s không có trong kho của chi nhánh", "Serial/IMEI %s đã có trong kho"
	for _, c := range []struct {
		posting Posting
		number  string
		refusal string
	}{
		{sell(1, 1, 1), "IN", ""},
		{sell(1, 2, 1), "IN", notThere},
		{sell(1, 1, 1), "GONE", notThere},
		{sell(1, 1, 1), "NEW", notThere},
		{buy(1, 1, 1, 5), "IN", there},
		{buy(1, 2, 1, 5), "IN", there},
		{buy(1, 2, 1, 5), "GONE", ""},
		{buy(1, 2, 1, 5), "NEW", ""},
	} {
		l := NewLedger(serialFacts())
		_, err := l.Post(invoice(0), []Posting{withSerials(c.posting, c.number)}, unlimited)
		if c.refusal != "" {
			refused(t, err, fmt.Sprintf(c.refusal, c.number))
		} else if err != nil || len(l.Changes().Serials) != 1 {
			t.Errorf("%s %+v: %v", c.number, c.posting, err)
		}
	}
}

// A serial that moves twice in one plan is written once, as it is at the end.
func TestASerialMovesTwiceInOnePlan(t *testing.T) {
	l := NewLedger(serialFacts())
	post(t, l, Document{Kind: "purchase", ID: 1, EffectiveAt: 1000}, withSerials(buy(1, 1, 1, 5), "NEW"))
	if _, err := l.Post(invoice(0), []Posting{withSerials(sell(1, 1, 2), "NEW", "IN")}, unlimited); err != nil {
		t.Fatal(err)
	}
	if _, err := l.Post(invoice(1), []Posting{withSerials(sell(1, 1, 1), "IN")}, unlimited); err != nil { // NEW is returned
		t.Fatal(err)
	}
	_, err := l.Post(invoice(2), []Posting{withSerials(sell(1, 1, 1), "IN"), withSerials(sell(1, 2, 1), "NEW")}, unlimited)
	refused(t, err, "Serial/IMEI NEW không có trong kho của chi nhánh")
	got := map[string]Serial{}
	for _, s := range l.Changes().Serials {
		got[s.SerialNumber] = *s
	}
	if s := got["NEW"]; len(l.Changes().Serials) != 2 || s.Status != 1 || s.BranchID != 1 || s.CreatedDate != 1000 {
		t.Errorf("%+v", got)
	}
	if s := got["IN"]; s.Status != 0 || s.CreatedDate != 10 || s.ModifiedDate.Value != 1000 {
		t.Errorf("%+v", s)
	}
	_, err = NewLedger(serialFacts()).Post(invoice(0), []Posting{withSerials(sell(1, 1, 2), "IN", "IN")}, unlimited)
	refused(t, err, "Serial/IMEI IN bị lặp lại")
}

func TestReserveHoldsTheDifference(t *testing.T) {
	for _, c := range []struct {
		held, want int64
		limits     Limits
		reserved   int64 // of the level; -1: refused
		rows       string
	}{
		{0, 6, strict, 10, "6"},
		{0, 7, strict, -1, ""},
		{0, 7, Limits{BelowZero: true}, 11, "7"},
		{2, 8, strict, 10, "8"},
		{2, 2, strict, 4, ""},
		{2, 1, strict, 3, "1"},
		{2, 0, strict, 2, "0"},
	} {
		f := facts(level(10, 4, 50))
		if c.held > 0 {
			f.Reservations = []Reservation{{DocumentRef{"order", 1}, 7, 1, units(c.held)}}
		}
		l := NewLedger(f)
		var want []BranchQuantity
		if c.want > 0 {
			want = []BranchQuantity{{7, 1, units(c.want - 1)}, {7, 1, units(1)}} // two lines of one product
		}
		err := l.Reserve("order", 1, want, c.limits)
		var short *Short
		switch {
		case c.reserved < 0:
			if !errors.As(err, &short) || short.Free != units(6) {
				t.Errorf("%+v: %v", c, err)
			}
			continue
		case err != nil:
			t.Errorf("%+v: %v", c, err)
			continue
		}
		var written string
		for _, r := range l.Changes().Reservations {
			written += fmt.Sprint(r.Quantity)
		}
		if got := l.Level(LevelKey{7, 1}); got.Reserved != units(c.reserved) || written != c.rows {
			t.Errorf("%+v: %v reserved, %s written", c, got.Reserved, written)
		}
		if n := len(l.Changed()); (n == 0) != (c.rows == "") {
			t.Errorf("%+v: %d levels changed", c, n)
		}
	}
}

// An order's invoice frees what the order holds and sells it, in one plan.
func TestAnOrderIsReleasedAndSoldInOnePlan(t *testing.T) {
	f := facts(level(4, 4, 50))
	f.Reservations = []Reservation{{DocumentRef{"order", 1}, 7, 1, units(4)}}
	l := NewLedger(f)
	if err := l.Reserve("order", 1, []BranchQuantity{{7, 1, units(1)}}, strict); err != nil {
		t.Fatal(err)
	}
	post(t, l, invoice(0), sell(7, 1, 3))
	if got := l.Level(LevelKey{7, 1}); got.OnHand != units(1) || got.Reserved != units(1) {
		t.Errorf("%+v", got)
	}
	if levels := l.Changes().Levels; len(levels) != 1 || len(l.Changed()) != 1 {
		t.Errorf("%d levels are written, %d changed; want one", len(levels), len(l.Changed()))
	}
	if err := l.SetOnOrder("ordersupplier", 2, []BranchQuantity{{8, 1, units(3)}}); err != nil {
		t.Fatal(err)
	}
	if len(l.Changed()) != 1 || len(l.Changes().Levels) != 2 {
		t.Error("what is on order is written, but shown by no stock.update")
	}
}

func TestChangedLevelsComeInTheOrderOfTheirFirstChange(t *testing.T) {
	l := NewLedger(facts())
	if err := l.Reserve("order", 1, []BranchQuantity{{3, 2, taphoa.Units(1)}, {9, 1, taphoa.Units(1)}, {4, 1, taphoa.Units(1)}}, unlimited); err != nil {
		t.Fatal(err)
	}
	if _, err := l.Post(invoice(0), []Posting{sell(5, 2, 1), sell(9, 1, 1), sell(5, 1, 1)}, unlimited); err != nil {
		t.Fatal(err)
	}
	var got []LevelKey
	for _, level := range l.Changed() {
		got = append(got, level.Key())
	}
	if want := []LevelKey{{4, 1}, {9, 1}, {3, 2}, {5, 1}, {5, 2}}; !slices.Equal(got, want) {
		t.Errorf("%v, want %v", got, want)
	}
}

// What was not asked for is no refusal, but an error of the program.
func TestALedgerKnowsOnlyWhatWasAskedFor(t *testing.T) {
	back := Posting{ProductID: 7, From: Customer, To: 1, Quantity: units(2), OriginKind: "invoice", OriginID: 77}
	for name, use := range map[string]func(l *Ledger) error{
		"a level":    func(l *Ledger) error { _, err := l.Post(invoice(0), []Posting{sell(7, 3, 1)}, unlimited); return err },
		"a document": func(l *Ledger) error { _, err := l.Post(invoice(1), nil, unlimited); return err },
		"its date":   func(l *Ledger) error { return l.SetEffectiveDate(invoice(1)) },
		"an origin":  func(l *Ledger) error { _, err := l.Post(invoice(0), []Posting{back}, unlimited); return err },
		"a lot": func(l *Ledger) error {
			_, err := l.Post(invoice(0), []Posting{ofLot(sell(7, 1, 1), 8)}, unlimited)
			return err
		},
		"lots": func(l *Ledger) error { _, err := l.ChooseLots(7, 1, taphoa.Units(1), 0); return err },
		"a promise": func(l *Ledger) error {
			return l.Reserve("order", 1, []BranchQuantity{{7, 3, taphoa.Units(1)}}, unlimited)
		},
		"a serial": func(l *Ledger) error {
			_, err := l.Post(invoice(0), []Posting{withSerials(buy(1, 1, 1, 1), "X")}, unlimited)
			return err
		},
	} {
		err := use(NewLedger(facts()))
		if refusal := (*taphoa.Error)(nil); err == nil || errors.As(err, &refusal) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestAStockTakeSetsWhatWasCounted(t *testing.T) {
	for _, c := range []struct {
		onHand, cost taphoa.Opt[int64]
		want         []string
		level        int64
		average      int64
	}{
		{taphoa.Some[int64](10), taphoa.Opt[int64]{}, nil, 10, 50},
		{taphoa.Some[int64](4), taphoa.Opt[int64]{}, []string{"1/1: 7 1>-4 6"}, 4, 50},
		{taphoa.Some[int64](12), taphoa.Some[int64](60), []string{"1/1: 7 -4>1 2"}, 12, 60},
		{taphoa.Opt[int64]{}, taphoa.Some[int64](60), []string{"1/1: 7 -4>1 1", "1/2: 7 1>-4 1"}, 10, 60},
	} {
		l := NewLedger(facts(level(10, 0, 50)))
		count := Count{ProductID: 7, BranchID: 1}
		if c.onHand.Has() {
			count.OnHand = taphoa.Some(units(c.onHand.Value))
		}
		if c.cost.Has() {
			count.Cost = taphoa.Some(taphoa.Dong(c.cost.Value))
		}
		if err := l.SetStock([]Count{count}, func() (int64, error) { return 1, nil }); err != nil {
			t.Fatal(err)
		}
		if got := l.Level(LevelKey{7, 1}); got.OnHand != units(c.level) || got.Cost != taphoa.Dong(c.average) || !slices.Equal(rows(l), c.want) {
			t.Errorf("%+v: %v at %v by %q", c, got.OnHand, got.Cost, rows(l))
		}
	}
}

func TestACountedLineIsAppliedByLotAndBySerial(t *testing.T) {
	l := NewLedger(lotFacts())
	lines := []CountedLine{{ProductID: 7, BranchID: 1, BatchID: 2, OnHand: units(4)}, {ProductID: 7, BranchID: 1, BatchID: 1, OnHand: units(3)}}
	for i := range lines {
		lines[i].Book = l.Book(&lines[i])
	}
	_, used, err := l.ApplyStockTake(Document{Kind: "stocktake", ID: 1, EffectiveAt: 1000}, lines)
	if err != nil || !used || lines[0].Book.OnHand != units(5) || l.LotOnHand(2, 1) != units(4) || len(rows(l)) != 1 {
		t.Errorf("%v, %v, %v, %q", lines, used, err, rows(l))
	}
	l = NewLedger(serialFacts())
	lines = []CountedLine{{ProductID: 1, BranchID: 1, BySerial: true, Serials: []string{"NEW", "GONE"}}}
	lines[0].Book = l.Book(&lines[0])
	_, _, err = l.ApplyStockTake(Document{Kind: "stocktake", ID: 1, EffectiveAt: 1000}, lines)
	if want := []string{"1/1: 1 -4>1 2", "1/2: 1 1>-4 1"}; err != nil || !slices.Equal(rows(l), want) {
		t.Errorf("%q, %v; want %q", rows(l), err, want)
	}
}

func TestGoodsThatMoveAfterTheCountAreNotCountedAway(t *testing.T) {
	for _, c := range []struct{ book, counted, now, want int64 }{
		{10, 9, 8, 7}, {10, 10, 8, 8}, {10, 0, 4, -6}, {10, 12, 30, 32}, {-2, 1, -5, -2},
	} {
		l := NewLedger(facts(level(c.now, 0, 50)))
		line := CountedLine{ProductID: 7, BranchID: 1, OnHand: units(c.counted), Book: BookQuantity{OnHand: units(c.book)}}
		_, _, err := l.ApplyStockTake(Document{Kind: "stocktake", ID: 1, EffectiveAt: 1000}, []CountedLine{line})
		if got := l.Level(LevelKey{7, 1}).OnHand; err != nil || got != units(c.want) {
			t.Errorf("%+v: %v left, %v", c, got, err)
		}
	}
}

func TestALotOrSerialThatMovedAfterTheCountIsAConflict(t *testing.T) {
	for _, c := range []struct {
		facts Facts
		line  CountedLine
		want  CountConflict
	}{
		{lotFacts(), CountedLine{ProductID: 7, BranchID: 1, BatchID: 2, OnHand: units(4), Book: BookQuantity{OnHand: units(10)}}, CountConflict{}},
		{serialFacts(), CountedLine{ProductID: 1, BranchID: 1, BySerial: true, Book: BookQuantity{Serials: []string{"GONE"}}}, CountConflict{Serial: "GONE"}},
		{serialFacts(), CountedLine{ProductID: 1, BranchID: 1, BySerial: true, Serials: []string{"IN"}}, CountConflict{Serial: "IN", Found: true}},
	} {
		_, _, err := NewLedger(c.facts).ApplyStockTake(Document{Kind: "stocktake", ID: 1, EffectiveAt: 1000}, []CountedLine{c.line})
		var conflict *CountConflict
		if !errors.As(err, &conflict) || *conflict != c.want {
			t.Errorf("%+v: %v", c.line, err)
		}
	}
}

// Serials that were written apart, when letter case counted, stay two: each is moved as it is written, while it can be.
func TestSerialsThatWereTwoStayTwo(t *testing.T) {
	two := func(upper, lower int64) *Ledger {
		f := facts()
		f.Serials = []Serial{
			{ProductID: 1, SerialNumber: "IM1", BranchID: 1, Status: upper}, {ProductID: 1, SerialNumber: "im1", BranchID: 1, Status: lower},
		}
		f.AskedSerials = []SerialKey{{1, "IM1"}, {1, "im1"}, {1, "Im1"}}
		return NewLedger(f)
	}
	back := func(number string) Posting {
		return withSerials(Posting{ProductID: 1, From: Customer, To: 1}, number)
	}
	for _, c := range []struct {
		upper, lower int64
		posting      Posting
		moved        string // or the refusal
	}{
		{1, 1, withSerials(sell(1, 1, 1), "im1"), "im1"},
		{1, 1, withSerials(sell(1, 1, 2), "im1", "IM1"), "IM1 im1"},
		{1, 0, withSerials(sell(1, 1, 1), "im1"), "IM1"},
		{0, 1, withSerials(sell(1, 1, 1), "Im1"), "im1"},
		{1, 0, withSerials(sell(1, 1, 2), "im1", "Im1"), "Serial/IMEI IM1 bị lặp lại"},
		{1, 0, withSerials(buy(1, 1, 1, 5), "im1"), "Serial/IMEI IM1 đã có trong kho"},
		{0, 0, withSerials(buy(1, 1, 1, 5), "im1"), "im1"},
		{1, 0, back("im1"), "im1"},
		{1, 0, back("IM1"), "im1"},
	} {
		l := two(c.upper, c.lower)
		_, err := l.Post(invoice(0), []Posting{c.posting}, unlimited)
		var moved []string
		for _, s := range l.Changes().Serials {
			moved = append(moved, s.SerialNumber)
		}
		if strings.HasPrefix(c.moved, "Serial/") {
			refused(t, err, c.moved)
		} else if got := strings.Join(moved, " "); err != nil || got != c.moved {
			t.Errorf("%q moves %q, %v; want %q", c.posting.Serials, got, err, c.moved)
		}
	}
	l := two(1, 1)
	line := CountedLine{ProductID: 1, BranchID: 1, BySerial: true, Serials: []string{"Im1"}}
	line.Book = l.Book(&line)
	_, _, err := l.ApplyStockTake(Document{Kind: "stocktake", ID: 1, EffectiveAt: 1000}, []CountedLine{line})
	if want := []string{"1/1: 1 1>-4 1"}; err != nil || !slices.Equal(rows(l), want) {
		t.Errorf("%q, %v; want %q", rows(l), err, want)
	}
}
