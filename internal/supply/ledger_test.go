package supply_test

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"
	"testing"

	"github.com/taphoa/taphoa"
	"github.com/taphoa/taphoa/internal/db"
	"github.com/taphoa/taphoa/internal/dbtest"
	"github.com/taphoa/taphoa/internal/party"
	"github.com/taphoa/taphoa/internal/sales"
	"github.com/taphoa/taphoa/internal/stock"
	"github.com/taphoa/taphoa/internal/supply"
)

// TestBothLedgersBalanceUnderEightClients lets eight clients buy, change, complete, void and sell concurrently.
func TestBothLedgersBalanceUnderEightClients(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB, clock *dbtest.Clock) {
		s := openBuyer(t, d, clock, "taphoa", "AllowSellWhenOutStock", "false", "AllowSellWhenOrderOutStock", "false")
		s.buy(taphoa.PurchaseOrderInput{PurchaseOrderDetails: []taphoa.PurchaseOrderDetailIn{line(s.coffee, 20, 30_000), line(s.sugar, 20, 10_000)}})
		var group sync.WaitGroup
		for i := range 8 {
			group.Go(func() {
				h := purchaseClient{buyer: s, number: i, random: rand.New(rand.NewPCG(7, uint64(i)))}
				for range 25 {
					h.act()
				}
			})
		}
		group.Wait()
		s.balanced(stock.Limits{})
		s.read(s.audit)
	})
}

// audit compares documents with ledgers: the debt is the total of completed purchases minus payments, and the level is the
// quantity of completed purchases minus what was sold.
func (s *buyer) audit(tx *db.Tx) error {
	purchases, err := supply.ListPurchaseOrders(tx, &taphoa.PurchaseOrderQuery{Paging: taphoa.Paging{PageSize: 1000}, IncludePayment: true})
	if err != nil {
		return err
	}
	invoices, err := sales.ListInvoices(tx, &taphoa.InvoiceQuery{Paging: taphoa.Paging{PageSize: 1000}})
	if err != nil {
		return err
	}
	owed, err := s.credit(tx, purchases.Data)
	if err != nil {
		return err
	}
	var bought taphoa.Money
	var coffee taphoa.Quantity
	statuses := map[int64]int{}
	for _, o := range purchases.Data {
		statuses[o.Status]++
		var paid taphoa.Money
		for _, p := range o.Payments {
			if p.Status == taphoa.PaymentPaid {
				paid += p.Amount
			}
		}
		if paid != o.TotalPayment {
			s.t.Errorf("purchase %s says %v was paid, its vouchers %v", o.Code, o.TotalPayment, paid)
		}
		if owed -= paid; o.Status != taphoa.PurchaseCompleted {
			continue
		}
		owed, bought = owed+o.Total, bought+o.Total
		for _, l := range o.PurchaseOrderDetails {
			switch l.ProductID {
			case s.coffee:
				coffee += l.Quantity
			case s.box:
				coffee += 6 * l.Quantity
			}
		}
	}
	for _, v := range invoices.Data {
		for _, l := range v.InvoiceDetails {
			if l.ProductID == s.coffee && v.Status != taphoa.InvoiceVoid {
				coffee -= l.Quantity
			}
		}
	}
	from, err := party.GetSupplierByCode(tx, &taphoa.ByCode{Code: "NCC1"})
	levels, err2 := stock.Levels(tx, []int64{s.coffee}, nil)
	if err != nil || err2 != nil {
		return errors.Join(err, err2)
	}
	if from.Debt != owed || from.TotalInvoiced.Value != bought || levels[0].OnHand != coffee {
		s.t.Errorf("debt %v, documents say %v; bought %v, documents say %v; on hand %v, documents say %v",
			from.Debt, owed, from.TotalInvoiced.Value, bought, levels[0].OnHand, coffee)
	}
	if len(statuses) != 3 || invoices.Total == 0 {
		s.t.Errorf("%v purchases by status and %d invoices: the clients were idle", statuses, invoices.Total)
	}
	return nil
}

type purchaseClient struct {
	*buyer
	number    int
	random    *rand.Rand
	made      int
	purchases []int64
}

// act does one operation, which may be refused for want of goods or for a document's status.
func (h *purchaseClient) act() {
	expires := taphoa.Some(h.clock.Now().Day() + 30*24*3600*1_000_000)
	details := []taphoa.PurchaseOrderDetailIn{line(h.coffee, h.random.Int64N(4)+1, 30_000), line(h.box, h.random.Int64N(2)+1, 170_000)}
	milk, phone := line(h.milk, h.random.Int64N(4)+1, 5_000), line(h.phones, 1, 5_000_000)
	milk.ProductBatchExpire = &taphoa.PurchaseBatchInput{BatchName: taphoa.Some(fmt.Sprint("L", h.random.IntN(5))), ExpireDate: expires}
	h.made++
	phone.SerialNumbers = []string{fmt.Sprintf("%d-%d", h.number, h.made)}
	switch h.random.IntN(3) {
	case 0:
		details = append(details, milk, line(h.sugar, 2, 10_000))
	case 1:
		details = []taphoa.PurchaseOrderDetailIn{line(h.sugar, 3, 11_000), phone, details[0], milk}
	}
	in := taphoa.PurchaseOrderInput{
		PurchaseOrderDetails: details, DiscountRatio: taphoa.Some(taphoa.Ratio(h.random.Int64N(3))),
		Surcharges: []taphoa.PurchaseSurchargeIn{
			{Value: taphoa.Some(taphoa.Dong(h.random.Int64N(10_000))), IsSupplierExpense: taphoa.Some(h.random.IntN(2) == 0)},
		},
	}
	if h.random.IntN(2) == 0 {
		in.PaidAmount = taphoa.Some(taphoa.Dong(h.random.Int64N(5)*10_000 + 10_000))
	}
	choice, half := h.random.IntN(6), h.random.IntN(2) == 0
	var id int64
	if len(h.purchases) > 0 {
		id = h.purchases[h.random.IntN(len(h.purchases))]
	}
	var o taphoa.PurchaseOrder
	var op func(*db.Tx) error
	switch {
	case choice < 2 || id == 0:
		if half {
			in.IsDraft = taphoa.Some("1")
		}
		op = h.creating(in, &o)
	case choice == 2:
		op = h.voiding(id, half)
	case choice == 3:
		if half {
			in.IsDraft = taphoa.Some("0")
		}
		op = h.changing(id, in, nil)
	default:
		op = func(tx *db.Tx) error {
			_, err := sales.CreateInvoice(tx, &taphoa.InvoiceInput{BranchID: taphoa.Some(h.branch), InvoiceDetails: []taphoa.DetailInput{
				{ProductID: taphoa.Some(h.sugar), Quantity: taphoa.Some(taphoa.Units(1)), Price: taphoa.Some(taphoa.Dong(20_000))},
				{ProductID: taphoa.Some(h.coffee), Quantity: taphoa.Some(taphoa.Units(2)), Price: taphoa.Some(taphoa.Dong(50_000))},
			}})
			return err
		}
	}
	var refusal *taphoa.Error
	if err := h.d.Write(h.t.Context(), h.who, op); err != nil && !errors.As(err, &refusal) {
		h.t.Error(err)
	} else if err == nil && o.ID != 0 {
		h.purchases = append(h.purchases, o.ID)
	}
}

// TestADraftIsCompletedOnce lets many complete the same draft at once.
func TestADraftIsCompletedOnce(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB, clock *dbtest.Clock) {
		s := openBuyer(t, d, clock, "taphoa")
		draft := s.buy(taphoa.PurchaseOrderInput{
			IsDraft: taphoa.Some("1"), PurchaseOrderDetails: []taphoa.PurchaseOrderDetailIn{line(s.coffee, 10, 30_000)},
		})
		var (
			group sync.WaitGroup
			mu    sync.Mutex
			done  int
		)
		for range 8 {
			group.Go(func() {
				err := d.Write(t.Context(), s.who, s.changing(draft.ID, taphoa.PurchaseOrderInput{IsDraft: taphoa.Some("0")}, nil))
				mu.Lock()
				defer mu.Unlock()
				if refusal := (*taphoa.Error)(nil); err == nil {
					done++
				} else if !errors.As(err, &refusal) || refusal.Field != "status" {
					t.Error(err)
				}
			})
		}
		group.Wait()
		if done != 1 {
			t.Errorf("the draft was completed %d times", done)
		}
		s.expect("completed", 10, 300_000, 300_000)
	})
}
