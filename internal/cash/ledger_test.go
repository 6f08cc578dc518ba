package cash_test

import (
	"math/rand/v2"
	"sync"
	"testing"

	"github.com/taphoa/taphoa"
	"github.com/taphoa/taphoa/internal/cash"
	"github.com/taphoa/taphoa/internal/db"
	"github.com/taphoa/taphoa/internal/dbtest"
)

var ledgerShop = db.Actor{Retailer: 1, User: 1}

func checkLedger(t *testing.T, d *db.DB) {
	t.Helper()
	err := d.Read(t.Context(), ledgerShop, func(tx *db.Tx) error {
		findings, err := cash.Check(tx)
		for _, f := range findings {
			t.Error(f)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

// bill posts the total of an invoice to the debt of a customer, as sales does.
func bill(tx *db.Tx, invoice, step, customer int64, total taphoa.Money) (bool, error) {
	var want []cash.Posting
	if total > 0 {
		want = []cash.Posting{{From: cash.Income(1), To: cash.Customer(customer), Amount: total}}
	}
	return cash.Post(tx, cash.Document{Kind: "invoice", ID: invoice, Step: step, EffectiveAt: tx.Now}, want)
}

func pay(tx *db.Tx, customer int64, amount taphoa.Money, method taphoa.PaymentMethod) (int64, error) {
	return cash.Receive(tx, cash.Receipt{
		BranchID: 1, Partner: cash.Customer(customer), Amount: amount, Method: method, TransDate: tx.Now,
	})
}

func TestADebtIsWhatWasSoldMinusWhatWasPaid(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB, _ *dbtest.Clock) {
		var receipt int64
		err := d.Write(t.Context(), ledgerShop, func(tx *db.Tx) (err error) {
			if _, err = bill(tx, 1, 0, 5, taphoa.Dong(100_000)); err != nil {
				return err
			}
			if receipt, err = pay(tx, 5, taphoa.Dong(30_000), taphoa.MethodCash); err != nil {
				return err
			}
			_, err = pay(tx, 5, taphoa.Dong(20_000), taphoa.MethodTransfer)
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		want := func(debt, drawer, bank int64) {
			t.Helper()
			err := d.Read(t.Context(), ledgerShop, func(tx *db.Tx) error {
				owed, err := cash.Debt(tx, cash.Customer(5))
				if err != nil {
					return err
				}
				inDrawer, err := cash.Balance(tx, cash.Drawer(1))
				if err != nil {
					return err
				}
				inBank, err := cash.Balance(tx, cash.Bank(0))
				if owed != taphoa.Dong(debt) || inDrawer != taphoa.Dong(drawer) || inBank != taphoa.Dong(bank) {
					t.Errorf("debt %v, drawer %v, bank %v; want %d, %d, %d", owed, inDrawer, inBank, debt, drawer, bank)
				}
				return err
			})
			if err != nil {
				t.Fatal(err)
			}
			checkLedger(t, d)
		}
		want(50_000, 30_000, 20_000)
		for range 2 { // voiding twice reverses once
			if err := d.Write(t.Context(), ledgerShop, func(tx *db.Tx) error { return cash.Void(tx, receipt) }); err != nil {
				t.Fatal(err)
			}
		}
		want(80_000, 0, 20_000)
		if err := d.Write(t.Context(), ledgerShop, func(tx *db.Tx) error { _, err := bill(tx, 1, 1, 5, 0); return err }); err != nil {
			t.Fatal(err)
		}
		want(-20_000, 0, 20_000) // the shop owes what was paid for nothing
	})
}

func TestTheMoneyLedgerBalancesUnderEightClients(t *testing.T) {
	type sale struct {
		step     int64
		customer int64
		total    taphoa.Money
	}
	dbtest.Each(t, func(t *testing.T, d *db.DB, _ *dbtest.Clock) {
		var (
			group sync.WaitGroup
			mu    sync.Mutex
			owed  = map[int64]taphoa.Money{}
		)
		for client := range 8 {
			group.Go(func() {
				random := rand.New(rand.NewPCG(3, uint64(client)))
				sales, receipts := map[int64]*sale{}, map[int64]sale{}
				for i := range 40 {
					delta := map[int64]taphoa.Money{}
					err := d.Write(t.Context(), ledgerShop, func(tx *db.Tx) error {
						clear(delta)
						customer, amount := random.Int64N(4)+1, taphoa.Dong(random.Int64N(1000)*500+500)
						id := int64(client*100 + i)
						switch random.IntN(4) {
						case 0, 1: // a new sale, or another total for an old one
							s := &sale{customer: customer}
							if random.IntN(2) == 0 {
								for id, s = range sales {
									break
								}
							}
							used, err := bill(tx, id, s.step, s.customer, amount)
							if err != nil {
								return err
							}
							delta[s.customer] += amount - s.total
							s.total = amount
							if used {
								s.step++
							}
							sales[id] = s
						case 2:
							receipt, err := pay(tx, customer, amount, taphoa.MethodCash)
							delta[customer] -= amount
							receipts[receipt] = sale{customer: customer, total: amount}
							return err
						case 3:
							for receipt, s := range receipts {
								delta[s.customer] += s.total
								delete(receipts, receipt)
								return cash.Void(tx, receipt)
							}
						}
						return nil
					})
					if err != nil {
						t.Error(err)
						return
					}
					mu.Lock()
					for c, m := range delta {
						owed[c] += m
					}
					mu.Unlock()
				}
			})
		}
		group.Wait()
		checkLedger(t, d)
		err := d.Read(t.Context(), ledgerShop, func(tx *db.Tx) error {
			for c, want := range owed {
				if got, err := cash.Debt(tx, cash.Customer(c)); err != nil || got != want {
					t.Errorf("customer %d owes %v, the auditor says %v (%v)", c, got, want, err)
				}
			}
			return nil
		})
		if err != nil || len(owed) == 0 {
			t.Fatal(err, len(owed))
		}
	})
}

func TestCheckFindsBrokenMoney(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB, _ *dbtest.Clock) {
		undo := taphoa.Refuse("", "", "undo")
		err := d.Write(t.Context(), ledgerShop, func(tx *db.Tx) error {
			if _, err := bill(tx, 1, 0, 5, taphoa.Dong(9)); err != nil {
				return err
			}
			_, err := pay(tx, 5, taphoa.Dong(4), taphoa.MethodCash)
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		checkLedger(t, d)
		for _, b := range []string{
			`UPDATE cash_balances SET balance = balance + 1 WHERE retailer_id = :retailer`,
			`UPDATE payments SET status = 1 WHERE retailer_id = :retailer`,
			`UPDATE cash_postings SET amount = amount + 1 WHERE retailer_id = :retailer AND kind = 'payment'`,
			`UPDATE cash_postings SET to_type = from_type, to_id = from_id WHERE retailer_id = :retailer`,
		} {
			err := d.Write(t.Context(), ledgerShop, func(tx *db.Tx) error {
				if _, err := tx.Exec(b); err != nil {
					return err
				}
				findings, err := cash.Check(tx)
				if err == nil && len(findings) == 0 {
					t.Errorf("nothing found after %s", b)
				}
				if err != nil {
					return err
				}
				return undo
			})
			if err != undo { //nolint:errorlint // it is returned unchanged
				t.Error(err)
			}
		}
	})
}

func TestWhatTheShopOwesASupplierIsItsPurchasesMinusWhatItPaid(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB, _ *dbtest.Clock) {
		supplier := cash.Supplier(9)
		var voucher int64
		err := d.Write(t.Context(), ledgerShop, func(tx *db.Tx) (err error) {
			doc := cash.Document{Kind: "purchase", ID: 1, EffectiveAt: tx.Now}
			if _, err = cash.Post(tx, doc, []cash.Posting{{From: supplier, To: cash.Purchases(1), Amount: taphoa.Dong(500_000)}}); err != nil {
				return err
			}
			voucher, err = cash.Receive(tx, cash.Receipt{
				BranchID: 1, Partner: supplier, PurchaseID: taphoa.Some(int64(1)), Amount: -taphoa.Dong(200_000),
				Method: taphoa.MethodCash, TransDate: tx.Now,
			})
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		expect := func(owed, drawer taphoa.Money) {
			t.Helper()
			err := d.Read(t.Context(), ledgerShop, func(tx *db.Tx) error {
				debt, err := cash.Debt(tx, supplier)
				if err != nil || debt != -owed {
					t.Errorf("the supplier's balance is %v (%v), want %v", debt, err, -owed)
				}
				if in, err := cash.Balance(tx, cash.Drawer(1)); err != nil || in != drawer {
					t.Errorf("the drawer holds %v (%v), want %v", in, err, drawer)
				}
				paid, err := cash.StoredPayments(tx, cash.Question{Purchases: []int64{1}})
				if err != nil || len(paid) != 1 || paid[0].Code != "PCPN000001" || paid[0].Amount != -taphoa.Dong(200_000) {
					t.Errorf("payments of the purchase: %+v, %v", paid, err)
				}
				findings, err := cash.Check(tx)
				if err != nil || len(findings) > 0 {
					t.Errorf("findings %v, %v", findings, err)
				}
				return nil
			})
			if err != nil {
				t.Fatal(err)
			}
		}
		expect(taphoa.Dong(300_000), -taphoa.Dong(200_000))
		if err := d.Write(t.Context(), ledgerShop, func(tx *db.Tx) error { return cash.Void(tx, voucher) }); err != nil {
			t.Fatal(err)
		}
		expect(taphoa.Dong(500_000), 0)
	})
}
