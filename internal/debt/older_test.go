package debt_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/taphoa/taphoa"
	"github.com/taphoa/taphoa/internal/cash"
	"github.com/taphoa/taphoa/internal/db"
	"github.com/taphoa/taphoa/internal/dbtest"
	"github.com/taphoa/taphoa/internal/debt"
	"github.com/taphoa/taphoa/internal/sales"
	"github.com/taphoa/taphoa/internal/schema"
)

// oldBooks are the rows of a shop as the version before allocations has left it. Amounts are in đồng.
type oldBooks struct {
	script   strings.Builder
	balances map[string]float64
	payments int
}

// oldShop is a shop after the migration of its tables.
type oldShop struct {
	t   *testing.T
	d   *db.DB
	who db.Actor
}

func unit(amount float64) int64 { return int64(amount * taphoa.Scale) }

func (b *oldBooks) add(format string, args ...any) { fmt.Fprintf(&b.script, format+";\n", args...) }

// post moves money between two accounts, such as "C 1".
func (b *oldBooks) post(kind string, id int, from, to string, amount float64) {
	b.balances[from] -= amount
	b.balances[to] += amount
	quote := func(a string) string {
		var letter string
		var id int
		if _, err := fmt.Sscan(a, &letter, &id); err != nil {
			panic(err)
		}
		return fmt.Sprintf("'%s', %d", letter, id)
	}
	b.add(`INSERT INTO cash_postings (retailer_id, kind, document_id, step, line, from_type, from_id, to_type, to_id, amount, effective_at, posted_at)
		VALUES (1, '%s', %d, 1, 1, %s, %s, %d, %d, %d)`, kind, id, quote(from), quote(to), unit(amount), id, id)
}

func partner(customer int) (id, account string) {
	if customer == 0 {
		return "NULL", "C 0"
	}
	return fmt.Sprint(customer), fmt.Sprintf("C %d", customer)
}

// invoice sells to a customer; the id is its date, too. order is 0 for none.
func (b *oldBooks) invoice(id, customer, order int, total, paid float64) {
	name, account := partner(customer)
	made := "NULL"
	if order != 0 {
		made = fmt.Sprint(order)
	}
	b.add(`INSERT INTO invoices (retailer_id, id, uuid, code, code_key, order_id, purchase_date, branch_id, customer_id, total, total_payment, status,
			using_cod, has_taxes, has_surcharges, cash_step, created_date, changed_at)
		VALUES (1, %[1]d, 'u%[1]d', 'HD%[1]d', 'hd%[1]d', %[2]s, %[1]d, 1, %[3]s, %[4]d, %[5]d, 1, FALSE, FALSE, FALSE, 1, 1, 1)`,
		id, made, name, unit(total), unit(paid))
	b.post("invoice", id, "I 1", account, total)
}

func (b *oldBooks) order(id, customer, status int, total, paid float64) {
	name, _ := partner(customer)
	b.add(`INSERT INTO orders (retailer_id, id, code, code_key, purchase_date, branch_id, cashier_id, customer_id, total, total_payment, status,
			open_status, using_cod, has_taxes, has_surcharges, created_date, changed_at)
		VALUES (1, %[1]d, 'DH%[1]d', 'dh%[1]d', %[1]d, 1, 1, %[2]s, %[4]d, %[5]d, %[3]d, 1, FALSE, FALSE, FALSE, 1, 1)`, id, name, status, unit(total), unit(paid))
}

// giveBack returns goods of an invoice for a credit.
func (b *oldBooks) giveBack(id, customer, invoice int, total float64) {
	name, account := partner(customer)
	b.add(`INSERT INTO returns (retailer_id, id, code, code_key, return_date, branch_id, received_by_id, customer_id, invoice_id, return_total, return_fee,
			total_payment, status, has_taxes, points, stock_step, cash_step, created_date, changed_at)
		VALUES (1, %[1]d, 'TH%[1]d', 'th%[1]d', %[1]d, 1, 1, %[2]s, %[3]d, %[4]d, 0, 0, 1, FALSE, 0, 0, 1, 1, 1)`, id, name, invoice, unit(total))
	b.post("return", id, account, "I 1", total)
}

// pay books money of a partner, such as "C 1"; booked is what it was booked for, such as "invoice_id = 7".
func (b *oldBooks) pay(account string, amount float64, method string, booked ...string) {
	b.payments++
	id := 1000 + b.payments
	var columns, values string
	for _, is := range booked {
		column, value, _ := strings.Cut(is, " = ")
		columns, values = columns+", "+column, values+", "+value
	}
	b.add(`INSERT INTO payments (retailer_id, id, code, branch_id, amount, method, status, partner_type, partner_id, user_id, trans_date, created_date, changed_at,
			used_for_financial_reporting%s)
		VALUES (1, %d, 'TT%d', 1, %d, '%s', 0, '%s', %s, 1, %d, 1, 1, 0%s)`,
		columns, id, id, unit(amount), method, account[:1], account[2:], id, values)
	if amount < 0 {
		b.post("payment", id, "D 1", account, -amount)
	} else if b.post("payment", id, account, "D 1", amount); method == "Voucher" {
		b.add(`UPDATE cash_postings SET to_type = 'V' WHERE kind = 'payment' AND document_id = %d`, id)
	}
}

func (b *oldBooks) purchase(id, status int, total, paid float64) {
	b.add(`INSERT INTO purchase_orders (retailer_id, id, code, code_key, branch_id, purchase_date, supplier_id, total, total_payment, is_apply_purchase_tax,
			status, created_date, changed_at)
		VALUES (1, %[1]d, 'PN%[1]d', 'pn%[1]d', 1, %[1]d, 1, %[3]d, %[4]d, FALSE, %[2]d, 1, 1)`, id, status, unit(total), unit(paid))
	if status == taphoa.PurchaseCompleted {
		b.post("purchase", id, "S 1", "P 1", total)
	}
}

// migrate makes the shop and brings its tables up to date.
func (b *oldBooks) migrate(t *testing.T, engine string) *oldShop {
	t.Helper()
	clock := dbtest.NewClock()
	d, err := db.Open(t.Context(), dbtest.URL(t, engine), db.Options{Now: clock.Now})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { d.Close() })
	b.add(`INSERT INTO retailers (retailer_id, code, code_key, name, created_date) VALUES (1, 's', 's', 'S', 1)`)
	b.add(`INSERT INTO shop_heads (retailer_id, at, last_seq, told, kept) VALUES (1, 1, 0, 0, 0)`)
	b.add(`INSERT INTO branches (retailer_id, id, branch_name, name_key, created_date, changed_at) VALUES (1, 1, 'C', 'c', 1, 1)`)
	for account, balance := range b.balances {
		switch id := account[2:]; {
		case id == "0":
		case account[0] == 'C':
			b.add(`INSERT INTO customers (retailer_id, id, code, code_key, name, search, type, phone_key, key_scope, is_active, created_date, changed_at)
				VALUES (1, %[1]s, 'KH%[1]s', 'kh%[1]s', 'K', 'k', 0, '', 0, TRUE, 1, 1)`, id)
			b.add(`INSERT INTO cash_balances (retailer_id, account_type, account_id, balance) VALUES (1, 'C', %s, %d)`, id, unit(balance))
		case account[0] == 'S':
			b.add(`INSERT INTO suppliers (retailer_id, id, code, code_key, name, search, phone_key, is_active, created_date, changed_at)
				VALUES (1, %[1]s, 'NCC%[1]s', 'ncc%[1]s', 'N', 'n', '', TRUE, 1, 1)`, id)
			b.add(`INSERT INTO cash_balances (retailer_id, account_type, account_id, balance) VALUES (1, 'S', %s, %d)`, id, unit(balance))
		}
	}
	dbtest.MigrateBefore(t, d, "0035", b.script.String())
	if _, err := schema.Migrate(t.Context(), d); err != nil {
		t.Fatal(err)
	}
	return &oldShop{t, d, db.Actor{Retailer: 1, User: 1}}
}

func (s *oldShop) read(op func(*db.Tx) error) {
	s.t.Helper()
	if err := s.d.Read(s.t.Context(), s.who, op); err != nil {
		s.t.Fatal(err)
	}
}

func (s *oldShop) write(op func(*db.Tx) error) {
	s.t.Helper()
	if err := s.d.Write(s.t.Context(), s.who, op); err != nil {
		s.t.Fatal(err)
	}
}

// allocate does what serve does in the background.
func (s *oldShop) allocate() debt.Older {
	s.t.Helper()
	done, err := debt.AllocateOlder(s.t.Context(), s.d, false, func(context.Context, time.Duration) {})
	if err != nil {
		s.t.Fatal(err)
	}
	return done
}

// paid checks what a document is paid.
func (s *oldShop) paid(table string, want map[int64]float64) {
	s.t.Helper()
	s.read(func(tx *db.Tx) error {
		for id, amount := range want {
			paid, _, err := db.One[taphoa.Money](tx, `SELECT total_payment FROM `+table+` WHERE retailer_id = :retailer AND id = ?`, id)
			if err != nil {
				return err
			}
			if paid != taphoa.Money(unit(amount)) {
				s.t.Errorf("%s %d is paid %v, want %v", table, id, paid, amount)
			}
		}
		return nil
	})
}

// holds checks the invariants of accounts.
func (s *oldShop) holds() {
	s.t.Helper()
	s.read(func(tx *db.Tx) error {
		findings, err := debt.Check(tx)
		for _, finding := range findings {
			s.t.Error(finding)
		}
		return err
	})
}

// texts returns the rows of a query with one column of text.
func (s *oldShop) texts(sql string) (rows []string) {
	s.t.Helper()
	s.read(func(tx *db.Tx) (err error) {
		rows, err = db.All[string](tx, sql)
		return err
	})
	return rows
}

const allBalances = `SELECT account_type || account_id || ': ' || balance FROM cash_balances WHERE retailer_id = :retailer ORDER BY account_type, account_id`

// fillOldShop has a partner for each kind of what the rule has not known.
func fillOldShop() *oldBooks {
	b := &oldBooks{balances: map[string]float64{"C 10": 0}} // who was merged into another
	// Lan's order of 300,000 has a deposit of 150,000, which the first of its invoices has had as a whole.
	b.order(11, 1, taphoa.OrderCompleted, 300_000, 150_000)
	b.invoice(101, 1, 11, 100_000, 150_000)
	b.invoice(102, 1, 11, 200_000, 0)
	b.pay("C 1", 150_000, "Cash", "order_id = 11", "invoice_id = 101")
	// Minh's receipt of 80,000 has lowered his debt and paid nothing.
	b.invoice(103, 2, 0, 50_000, 0)
	b.invoice(104, 2, 0, 60_000, 0)
	b.pay("C 2", 80_000, "Cash")
	// Tú's return of 40,000 stands beside an invoice that is open; its own is paid.
	b.invoice(105, 3, 0, 100_000, 0)
	b.invoice(106, 3, 0, 40_000, 40_000)
	b.pay("C 3", 40_000, "Cash", "invoice_id = 106")
	b.giveBack(201, 3, 106, 40_000)
	// Hoa has paid 30,000 too much of an invoice, and owes 20,000.
	b.invoice(107, 4, 0, 70_000, 100_000)
	b.invoice(108, 4, 0, 20_000, 0)
	b.pay("C 4", 100_000, "Cash", "invoice_id = 107")
	// Khoa's invoice is from before amounts were whole.
	b.invoice(109, 5, 0, 10_000.5, 10_000)
	b.pay("C 5", 10_000, "Cash", "invoice_id = 109")
	// Sơn's parcel is under way, his receipt is free.
	b.invoice(110, 6, 0, 90_000, 0)
	b.add(`UPDATE invoices SET using_cod = TRUE, status = 3 WHERE id = 110`)
	b.add(`INSERT INTO deliveries (retailer_id, document, document_id, status, using_price_cod, price_cod_payment) VALUES (1, 'invoice', 110, 2, TRUE, %d)`, unit(90_000))
	b.pay("C 6", 50_000, "Cash")
	// Vy's voucher of 60,000 has paid an invoice that comes to 50,000 now.
	b.invoice(111, 7, 0, 50_000, 60_000)
	b.invoice(112, 7, 0, 30_000, 0)
	b.pay("C 7", 60_000, "Voucher", "invoice_id = 111", "voucher_id = 5")
	// An's order is open: two deposits, of which one has gone into an invoice.
	b.order(13, 8, taphoa.OrderDelivering, 500_000, 250_000)
	b.invoice(113, 8, 13, 80_000, 200_000)
	b.invoice(114, 8, 0, 40_000, 0) // not of the order
	b.pay("C 8", 200_000, "Cash", "order_id = 13", "invoice_id = 113")
	b.pay("C 8", 50_000, "Cash", "order_id = 13")
	// Two who have no name: a return of an invoice that is open, and a deposit over two invoices.
	b.invoice(120, 0, 0, 50_000, 0)
	b.giveBack(220, 0, 120, 45_000)
	b.order(12, 0, taphoa.OrderCompleted, 300_000, 150_000)
	b.invoice(121, 0, 12, 100_000, 150_000)
	b.invoice(122, 0, 12, 200_000, 0)
	b.pay("C 0", 150_000, "Cash", "order_id = 12", "invoice_id = 121")
	// A supplier was paid 120,000 at once for two purchases, and 10,000 for a draft.
	b.purchase(301, taphoa.PurchaseCompleted, 100_000, 0)
	b.purchase(302, taphoa.PurchaseCompleted, 50_000, 0)
	b.purchase(303, taphoa.PurchaseDraft, 70_000, 10_000)
	b.pay("S 1", -120_000, "Cash")
	b.pay("S 1", -10_000, "Cash", "purchase_id = 303")
	return b
}

func eachOldShop(t *testing.T, books func() *oldBooks, test func(*oldShop)) {
	for _, engine := range dbtest.Engines {
		t.Run(engine, func(t *testing.T) {
			t.Parallel()
			test(books().migrate(t, engine))
		})
	}
}

func TestAPartnerOfAnOlderShopIsAllocatedAsAWholeAndOwesAsMuchAsBefore(t *testing.T) {
	eachOldShop(t, fillOldShop, func(s *oldShop) {
		before := s.texts(allBalances)
		s.holds() // nobody is allocated, nothing is checked
		done := s.allocate()
		if want := (debt.Older{Older: cash.Older{Documents: 33, Changed: 14}, Partners: 10}); done != want {
			s.t.Errorf("done %+v, want %+v", done, want)
		}
		if after := s.texts(allBalances); strings.Join(after, "\n") != strings.Join(before, "\n") {
			s.t.Errorf("the debts are\n%q, were\n%q", after, before)
		}
		s.holds()
		s.paid("invoices", map[int64]float64{
			101: 100_000, 102: 50_000, // the deposit
			103: 50_000, 104: 30_000, // the receipt
			105: 40_000, 106: 40_000, // the return
			107: 70_000, 108: 20_000, // what was paid too much; 10,000 are credit
			109: 10_000,         // half a đồng is open
			110: 0,              // the carrier brings it
			111: 50_000, 112: 0, // a voucher never becomes credit
			113: 80_000, 114: 0, // the rest of the deposit is the order's
			120: 45_000, // by name
			121: 100_000, 122: 50_000,
		})
		s.paid("returns", map[int64]float64{201: 0, 220: 0})
		s.paid("orders", map[int64]float64{11: 150_000, 12: 150_000, 13: 250_000})
		s.paid("purchase_orders", map[int64]float64{301: 100_000, 302: 20_000, 303: 10_000})
		open := strings.Join(s.texts(`
			SELECT account_type || account_id || ' ' || code || ': ' || (open_amount / 10000) || ' ' || (held_amount / 10000)
			FROM open_items WHERE retailer_id = :retailer AND open_amount > -1000000000 ORDER BY account_type, account_id, document_id`), ", ")
		if want := "C1 HD102: 150000 0, C2 HD104: 30000 0, C3 HD105: 60000 0, C4 TT1004: -10000 0, C5 HD109: 0 0, C6 HD110: 90000 90000, " +
			"C6 TT1006: -50000 0, C7 HD112: 30000 0, C8 HD114: 40000 0, S1 PN302: 30000 0"; open != want {
			s.t.Errorf("open are\n%s, want\n%s", open, want)
		}
		moved := strings.Join(s.texts(`SELECT code FROM invoices WHERE retailer_id = :retailer AND modified_date > 1 AND changed_at > 1 ORDER BY id`), " ")
		if want := "HD101 HD102 HD103 HD104 HD105 HD107 HD108 HD111 HD113 HD120 HD121 HD122"; moved != want {
			s.t.Errorf("pollers see %s, want %s", moved, want)
		}
		if events := s.texts(`SELECT CAST(COUNT(*) AS TEXT) FROM events WHERE retailer_id = :retailer`); events[0] != "0" {
			s.t.Errorf("%s events were emitted", events[0])
		}
		if again := s.allocate(); again != (debt.Older{}) {
			s.t.Errorf("the second time %+v", again)
		}
	})
}

func TestAPartnerWhoseDocumentsDoNotComeToHisDebtIsLeftAsHeIs(t *testing.T) {
	eachOldShop(t, func() *oldBooks {
		b := fillOldShop()
		b.balances["C 2"] += 7
		return b
	}, func(s *oldShop) {
		done := s.allocate()
		if done.Left != 1 || done.Partners != 9 {
			s.t.Errorf("done %+v", done)
		}
		s.paid("invoices", map[int64]float64{103: 0, 104: 0})
		s.holds()
		s.read(func(tx *db.Tx) error {
			waiting, left, err := debt.Unallocated(tx)
			if waiting != 0 || len(left) != 1 || left[0] != (debt.LeftPartner{AccountType: "C", Code: "KH2", Differs: -taphoa.Dong(7)}) {
				s.t.Errorf("%d wait, left are %v", waiting, left)
			}
			return err
		})
		if again := s.allocate(); again != (debt.Older{}) {
			s.t.Errorf("he is tried again: %+v", again)
		}
	})
}

func TestTheFirstOperationOfAPartnerAllocatesHimBefore(t *testing.T) {
	eachOldShop(t, fillOldShop, func(s *oldShop) {
		pay := func(invoice, amount int64) error {
			return s.d.Write(s.t.Context(), s.who, func(tx *db.Tx) error {
				_, err := sales.PayInvoice(tx, &taphoa.InvoicePaymentInput{
					InvoiceID: taphoa.Some(invoice), Amount: taphoa.Some(taphoa.Dong(amount)), Method: "Cash",
				})
				return err
			})
		}
		var refusal *taphoa.Error
		if err := pay(104, 60_000); !errors.As(err, &refusal) || !strings.Contains(refusal.Message, "30") {
			s.t.Errorf("Minh's receipt is taken twice: %v", err)
		}
		s.paid("invoices", map[int64]float64{103: 0, 104: 0}) // nothing of what was refused
		if err := pay(104, 10_000); err != nil {
			s.t.Error(err)
		}
		s.paid("invoices", map[int64]float64{103: 50_000, 104: 40_000, 105: 0})
		if err := pay(122, 160_000); !errors.As(err, &refusal) || !strings.Contains(refusal.Message, "150") {
			s.t.Errorf("the walk-in's deposit is taken twice: %v", err)
		}
		if err := pay(122, 150_000); err != nil {
			s.t.Error(err)
		}
		s.paid("invoices", map[int64]float64{121: 100_000, 122: 200_000, 120: 0})
		s.write(func(tx *db.Tx) error {
			_, err := debt.CreateCashFlow(tx, &taphoa.CashFlowInput{
				BranchID: taphoa.Some[int64](1), Amount: taphoa.Some(taphoa.Dong(60_000)), IsReceipt: taphoa.Some(true),
				PartnerType: taphoa.Some("C"), PartnerID: taphoa.Some[int64](3),
			})
			return err
		})
		s.paid("invoices", map[int64]float64{105: 100_000})
		s.allocate()
		s.holds()
		s.paid("invoices", map[int64]float64{103: 50_000, 104: 40_000, 105: 100_000, 120: 45_000, 121: 100_000, 122: 200_000})
	})
}

func TestOtherFirstOperationsAllocateBefore(t *testing.T) {
	eachOldShop(t, fillOldShop, func(s *oldShop) {
		pay := func(purchase, amount int64) error {
			return s.d.Write(s.t.Context(), s.who, func(tx *db.Tx) error {
				_, err := debt.Pay(tx, &taphoa.InvoicePaymentInput{
					PurchaseOrderID: taphoa.Some(purchase), Amount: taphoa.Some(taphoa.Dong(amount)), Method: "Cash",
				})
				return err
			})
		}
		var refusal *taphoa.Error
		if err := pay(302, 50_000); !errors.As(err, &refusal) || !strings.Contains(refusal.Message, "30") {
			s.t.Errorf("the supplier is paid twice: %v", err)
		}
		if err := pay(302, 30_000); err != nil {
			s.t.Error(err)
		}
		s.paid("purchase_orders", map[int64]float64{301: 100_000, 302: 50_000, 303: 10_000})
		var old taphoa.DebtAdjustment
		s.write(func(tx *db.Tx) (err error) { // Minh owes 30,000 less
			old, err = debt.CreateAdjustment(tx, &taphoa.DebtAdjustmentInput{
				PartnerType: taphoa.Some("C"), PartnerID: taphoa.Some[int64](2), Debt: taphoa.Some(-taphoa.Dong(30_000)),
			})
			return err
		})
		s.paid("invoices", map[int64]float64{103: 50_000, 104: 60_000})
		s.write(func(tx *db.Tx) error { // Hoa's 10,000 pay for what Tú owes, who is the same person
			_, err := sales.MergeCustomers(tx, &taphoa.CustomerMerge{ByID: taphoa.ByID{ID: 3}, CustomerID: 4})
			return err
		})
		s.paid("invoices", map[int64]float64{105: 50_000, 106: 40_000, 107: 70_000, 108: 20_000})
		s.write(func(tx *db.Tx) error {
			_, err := debt.VoidAdjustment(tx, &taphoa.ByID{ID: old.ID})
			return err
		})
		s.paid("invoices", map[int64]float64{103: 50_000, 104: 30_000})
		s.holds()
		s.allocate()
		s.holds()
	})
}

// manyOldPartners are 60 customers with a receipt that has paid nothing, and one with 10,000 documents.
func manyOldPartners() *oldBooks {
	b := &oldBooks{balances: map[string]float64{}}
	for n := 1; n <= 60; n++ {
		b.invoice(n, n, 0, 30_000, 0)
		b.pay(fmt.Sprintf("C %d", n), 20_000, "Cash")
	}
	const each = `WITH RECURSIVE n (i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < 4999) `
	b.add(each + `INSERT INTO invoices (retailer_id, id, uuid, code, code_key, purchase_date, branch_id, customer_id, total, total_payment, status,
			using_cod, has_taxes, has_surcharges, cash_step, created_date, changed_at)
		SELECT 1, 10000 + i, 'u' || i, 'HE' || i, 'he' || i, i, 1, 61, 300000000, (i %% 2) * 200000000, 1, FALSE, FALSE, FALSE, 1, 1, 1 FROM n`)
	b.add(each + `INSERT INTO payments (retailer_id, id, code, branch_id, amount, method, status, partner_type, partner_id, user_id, trans_date,
			created_date, changed_at, used_for_financial_reporting, invoice_id)
		SELECT 1, 10000 + i, 'TE' || i, 1, 200000000, 'Cash', 0, 'C', 61, 1, i, 1, 1, 0, CASE WHEN i %% 2 = 1 THEN 10000 + i END FROM n`)
	const postings = `INSERT INTO cash_postings (retailer_id, kind, document_id, step, line, from_type, from_id, to_type, to_id, amount, effective_at, posted_at) `
	b.add(each + postings + `SELECT 1, 'invoice', 10000 + i, 1, 1, 'I', 1, 'C', 61, 300000000, i, i FROM n`)
	b.add(each + postings + `SELECT 1, 'payment', 10000 + i, 1, 1, 'C', 61, 'D', 1, 200000000, i, i FROM n`)
	b.balances["C 61"] = 5_000 * 10_000
	return b
}

func TestTransactionsOfTheAllocationAreSmallAndWhole(t *testing.T) {
	eachOldShop(t, manyOldPartners, func(s *oldShop) {
		ctx, stop := context.WithCancel(s.t.Context())
		done, err := debt.AllocateOlder(ctx, s.d, false, func(context.Context, time.Duration) { stop() })
		if !errors.Is(err, context.Canceled) || done.Partners != 20 {
			s.t.Errorf("stopped after %d partners: %v", done.Partners, err)
		}
		s.holds()
		var transactions int
		var longest time.Duration
		more, err := debt.AllocateOlder(s.t.Context(), s.d, false, func(_ context.Context, took time.Duration) {
			transactions, longest = transactions+1, max(longest, took)
		})
		if err != nil || more.Partners != 41 || more.Documents != 40*2+10_000 || transactions > 6 {
			s.t.Errorf("%+v in %d transactions: %v", more, transactions, err)
		}
		s.holds()
		s.t.Logf("10,000 documents of a partner take %v", longest)
		if longest > 20*time.Second {
			s.t.Errorf("a transaction takes %v", longest)
		}
	})
}
