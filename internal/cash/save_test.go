package cash_test

import (
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/taphoa/taphoa"
	"github.com/taphoa/taphoa/internal/cash"
	"github.com/taphoa/taphoa/internal/cash/plan"
	"github.com/taphoa/taphoa/internal/db"
	"github.com/taphoa/taphoa/internal/debt"
	"github.com/taphoa/taphoa/internal/event"
	"github.com/taphoa/taphoa/internal/wire"
)

// planned asks, plans and saves in one operation.
func (o *testShop) planned(q cash.Question, do func(tx *db.Tx, l *plan.Ledger) error) {
	o.t.Helper()
	o.write(func(tx *db.Tx) error {
		b := tx.Batch()
		asked := cash.Ask(tx, b, q)
		if err := b.Run(); err != nil {
			return err
		}
		l, err := asked()
		if err != nil {
			return err
		}
		if err := do(tx, l); err != nil {
			return err
		}
		_, err = cash.Save(tx, l)
		return err
	})
}

// lastEvent returns the data of the last event of the shop.
func (o *testShop) lastEvent() string {
	o.t.Helper()
	var last string
	o.write(func(tx *db.Tx) error {
		feed, err := event.Feed(tx, &taphoa.EventQuery{Limit: taphoa.EventLimit, Types: []string{"cashflow.update"}})
		if len(feed.Data) > 0 {
			last = string(feed.Data[len(feed.Data)-1].Data)
		}
		return err
	})
	return last
}

// asRead returns the data of an event about payments as read from the database.
func (o *testShop) asRead(ids ...int64) string {
	o.t.Helper()
	var text []byte
	o.write(func(tx *db.Tx) error {
		data, err := cash.ReadCashFlow(tx, ids)
		text = wire.AppendPascal(nil, data)
		return err
	})
	return string(text)
}

// TestAnEventFromThePlanIsTheEventThatIsRead creates and voids a payment of each kind.
func TestAnEventFromThePlanIsTheEventThatIsRead(t *testing.T) {
	eachShop(t, func(t *testing.T, o *testShop) {
		branch := o.branch()
		o.customer(7, "Chị Hoa", "0901 234 567")
		bank := done(o, cash.CreateBankAccount, &taphoa.BankAccountInput{BankName: "VCB", AccountNumber: "001"})
		customer := plan.PartnerFacts{
			Name: taphoa.Some("Chị Hoa"), ContactNumber: taphoa.Some("0901 234 567"), Address: taphoa.Some("8 Tràng Tiền"),
			WardName: taphoa.Some("Phường Tràng Tiền"), LocationName: taphoa.Some("Hà Nội - Quận Hoàn Kiếm"),
		}
		some, note := taphoa.Some[int64](3), taphoa.Some("ghi chú")
		for name, r := range map[string]cash.Receipt{
			"a walk-in's invoice": {Partner: cash.Customer(0), InvoiceID: some, Amount: taphoa.Dong(5), Method: taphoa.MethodCash},
			"a customer's order":  {Partner: cash.Customer(7), OrderID: some, Amount: taphoa.Dong(5), Method: taphoa.MethodCard, Description: note},
			"an invoice of an order": {
				Partner: cash.Customer(7), OrderID: some, InvoiceID: some, Amount: taphoa.Dong(5), Method: taphoa.MethodTransfer, AccountID: taphoa.Some(bank.ID),
			},
			"a return":            {Partner: cash.Customer(7), ReturnID: some, Amount: taphoa.Dong(-5), Method: taphoa.MethodCash, Description: taphoa.Null[string]()},
			"an unnamed supplier": {Partner: cash.Supplier(0), PurchaseID: some, Amount: taphoa.Dong(-5), Method: taphoa.MethodCash},
			"vouchers sold": {
				Partner: cash.Vouchers(branch), CampaignID: some, Amount: taphoa.Dong(5), Method: taphoa.MethodCash,
				UnlinkedEntry: cash.UnlinkedEntry{PartnerType: "C", PartnerName: taphoa.Some("Ông Tư"), PartnerSearch: taphoa.Some("ong tu")},
			},
			"an entry with texts over the customer's": {
				Partner: cash.Other(branch), Amount: taphoa.Dong(-5), Method: taphoa.MethodCash, UnlinkedEntry: cash.UnlinkedEntry{
					PartnerType: "C", PartnerID: 7, UsedForFinancialReporting: 1, CashFlowGroupID: 10, Address: taphoa.Some("nơi khác"),
				},
			},
		} {
			r.BranchID, r.TransDate = branch, 1_000
			var id int64
			accounts := []cash.Account{cash.Customer(7)}
			o.planned(cash.Question{Accounts: accounts}, func(_ *db.Tx, l *plan.Ledger) error {
				l.NamePartner("C", 7, customer)
				row, err := l.Receive(r)
				id = row.ID
				if _, known := l.CashFlow(&row); !known && (!r.OrderID.Has() || r.InvoiceID.Has()) { // whose code is not known here
					t.Errorf("%s: the ledger does not know what the event says", name)
				}
				return err
			})
			if have, want := o.lastEvent(), o.asRead(id); have != want {
				t.Errorf("%s: the event is\n%s, read\n%s", name, have, want)
			}
			if r.CampaignID.Has() { // sold vouchers are never voided
				continue
			}
			o.planned(cash.Question{PaymentIDs: []int64{id}, Accounts: accounts}, func(_ *db.Tx, l *plan.Ledger) error {
				l.NamePartner("C", 7, customer)
				_, err := l.Void(id)
				return err
			})
			if have, want := o.lastEvent(), o.asRead(id); have != want {
				t.Errorf("%s, voided: the event is\n%s, read\n%s", name, have, want)
			}
		}
		o.write(func(tx *db.Tx) error {
			findings, err := cash.Check(tx)
			if len(findings) > 0 {
				t.Error(findings)
			}
			return err
		})
	})
}

func TestAnEventAboutAPartnerThatThePlanDoesNotKnowIsRead(t *testing.T) {
	eachShop(t, func(t *testing.T, o *testShop) {
		branch := o.branch()
		o.customer(7, "Chị Hoa", "0901 234 567")
		var ids []int64
		o.planned(cash.Question{Accounts: []cash.Account{cash.Customer(7)}}, func(_ *db.Tx, l *plan.Ledger) error {
			for _, customer := range []int64{7, 0} {
				row, err := l.Receive(cash.Receipt{BranchID: branch, Partner: cash.Customer(customer), Amount: taphoa.Dong(5), Method: taphoa.MethodCash})
				if err != nil {
					return err
				}
				ids = append(ids, row.ID)
			}
			return nil
		})
		if have, want := o.lastEvent(), o.asRead(ids...); have != want {
			t.Errorf("the event is\n%s, read\n%s", have, want)
		}
	})
}

// TestADepositOfTheSameOperationPaysTheInvoice has an order paid and invoiced at once, whose invoice is voided.
func TestADepositOfTheSameOperationPaysTheInvoice(t *testing.T) {
	eachShop(t, func(t *testing.T, o *testShop) {
		branch, order := o.branch(), int64(3)
		o.customer(7, "Chị Hoa", "0901 234 567")
		invoice := plan.PartnerDocument{Account: cash.Customer(7), Ref: plan.DocumentRef{Kind: "invoice", ID: 4}, Code: "HD4", Date: 1_000, Debtor: true}
		deposits := func(p *plan.PaymentRow) bool { return p.OrderID.Or(0) == order && !p.InvoiceID.Has() }
		q := cash.Question{Orders: []int64{order}, Invoices: []int64{invoice.Ref.ID}, Accounts: []cash.Account{cash.Customer(7)}}
		var id int64
		o.planned(q, func(_ *db.Tx, l *plan.Ledger) error {
			row, err := l.Receive(cash.Receipt{
				BranchID: branch, Partner: cash.Customer(7), OrderID: taphoa.Some(order), Amount: taphoa.Dong(5), Method: taphoa.MethodCash,
			})
			id = row.ID
			l.Change(invoice, taphoa.Dong(8))
			l.Deposits(deposits, "invoice", []int64{invoice.Ref.ID}, false)
			return err
		})
		if have, want := o.lastEvent(), o.asRead(id); have != want || !strings.Contains(want, `"Documents":[{"Type":"invoice","Id":4,"Code":"HD4","Amount":5}]`) {
			t.Errorf("the event is\n%s, read\n%s", have, want)
		}
		o.planned(q, func(_ *db.Tx, l *plan.Ledger) error {
			if open := l.Open(invoice); open != taphoa.Dong(3) || l.Rest(id) != 0 {
				t.Errorf("the invoice leaves %v open, the deposit has %v", open, l.Rest(id))
			}
			l.Change(invoice, -taphoa.Dong(8))
			l.Deposits(deposits, "invoice", nil, true)
			return nil
		})
		o.planned(q, func(_ *db.Tx, l *plan.Ledger) error {
			if open := l.Open(invoice); open != 0 || l.Rest(id) != taphoa.Dong(5) || len(l.ShownPayments(invoice.Ref)) != 0 {
				t.Errorf("the void invoice leaves %v open, the deposit has %v, the invoice shows %+v", open, l.Rest(id), l.ShownPayments(invoice.Ref))
			}
			return nil
		})
	})
}

func TestACashEntryIsReturnedAsItIsRead(t *testing.T) {
	eachShop(t, func(t *testing.T, o *testShop) {
		branch := o.branch()
		o.customer(7, "Chị Hoa", "0901 234 567")
		bank := done(o, cash.CreateBankAccount, &taphoa.BankAccountInput{BankName: "VCB", AccountNumber: "001"})
		for name, in := range map[string]taphoa.CashFlowInput{
			"rent": {
				Amount: money(-5), CashGroup: taphoa.Some("Thuê nhà"), PartnerName: taphoa.Some(" Ông Tư "), ContactNumber: taphoa.Some("0903"),
				Method: "transfer", AccountID: taphoa.Some(bank.ID), Description: taphoa.Some("tháng 11"),
			},
			"rent again": {Amount: money(-6), CashGroup: taphoa.Some("thue nha")},
			"a debt":     {Amount: money(5), PartnerType: taphoa.Some("c"), PartnerID: taphoa.Some[int64](7)},
			"wages":      {Amount: money(5), IsReceipt: taphoa.Some(false), PartnerType: taphoa.Some("U"), PartnerID: taphoa.Some(o.who.User)},
			"texts":      {Amount: money(5), CashFlowGroupID: taphoa.Some[int64](5), Address: taphoa.Null[string]()},
		} {
			in.BranchID = taphoa.Some(branch)
			made := done(o, debt.CreateCashFlow, &in)
			if read := done(o, cash.GetCashFlow, &taphoa.ByID{ID: made.ID}); !reflect.DeepEqual(made, read) {
				t.Errorf("%s: returned\n%+v, read\n%+v", name, made, read)
			}
			if have, want := o.lastEvent(), o.asRead(made.ID); have != want {
				t.Errorf("%s: the event is\n%s, read\n%s", name, have, want)
			}
			voided := done(o, debt.VoidCashFlow, &taphoa.ByID{ID: made.ID})
			if read := done(o, cash.GetCashFlow, &taphoa.ByID{ID: made.ID}); !reflect.DeepEqual(voided.CashFlow, read) {
				t.Errorf("%s, voided: returned\n%+v, read\n%+v", name, voided, read)
			}
			if have, want := o.lastEvent(), o.asRead(made.ID); have != want {
				t.Errorf("%s, voided: the event is\n%s, read\n%s", name, have, want)
			}
		}
	})
}

// TestANewSaleAsksTheMoneyLedgerOnlyForOpenDocuments traces the statements of a sale that is paid at once.
func TestANewSaleAsksTheMoneyLedgerOnlyForOpenDocuments(t *testing.T) {
	eachShop(t, func(t *testing.T, o *testShop) {
		branch, begun := o.branch(), false
		var statements []string
		trace := &db.Trace{Statement: func(sql string, _ []any) {
			if begun {
				statements = append(statements, sql)
			}
		}}
		for range 2 { // the second time bank accounts and ids are in memory
			statements = nil
			err := o.d.Write(db.WithTrace(t.Context(), trace), o.who, func(tx *db.Tx) error {
				begun = true
				defer func() { begun = false }()
				b := tx.Batch()
				asked := cash.Ask(tx, b, cash.Question{Accounts: []cash.Account{cash.Customer(7)}})
				if err := b.Run(); err != nil {
					return err
				}
				l, err := asked()
				if err != nil {
					return err
				}
				invoice := plan.DocumentRef{Kind: "invoice", ID: tx.ID("invoices")}
				l.Change(plan.PartnerDocument{Account: cash.Customer(7), Ref: invoice, Code: "HD", Date: 1_000, Debtor: true}, taphoa.Dong(10))
				for range 2 {
					if _, err = l.Receive(cash.Receipt{
						BranchID: branch, Partner: cash.Customer(7), InvoiceID: taphoa.Some(invoice.ID), Amount: taphoa.Dong(5), Method: taphoa.MethodCash,
					}); err != nil {
						return err
					}
				}
				_, err = cash.Save(tx, l)
				return err
			})
			if err != nil {
				t.Fatal(err)
			}
		}
		var tables []string
		for _, sql := range statements {
			tables = append(tables, strings.Join(strings.Fields(sql)[:3], " "))
		}
		want := []string{"SELECT o.account_type, o.account_id,", "INSERT INTO payments", "INSERT INTO cash_postings", "INSERT INTO cash_balances"}
		if !slices.Equal(tables, want) {
			t.Errorf("statements %q, want %q", statements, want)
		}
	})
}
