package sales_test

import (
	"fmt"
	"reflect"
	"slices"

	"github.com/taphoa/taphoa"
	cashplan "github.com/taphoa/taphoa/internal/cash/plan"
	"github.com/taphoa/taphoa/internal/db"
	partyplan "github.com/taphoa/taphoa/internal/party/plan"
	promoplan "github.com/taphoa/taphoa/internal/promo/plan"
	salesplan "github.com/taphoa/taphoa/internal/sales/plan"
	stockplan "github.com/taphoa/taphoa/internal/stock/plan"
)

// compareRows compares all rows that sales write with those in memory.
func (r *replay) compareRows() {
	r.t.Helper()
	r.compareDocuments()
	r.compareMoney()
	r.compareGoods()
	m := r.sim.Memory
	var customers []partyplan.CustomerRow
	for _, c := range m.Customers {
		customers = append(customers, *c)
	}
	compareTable(r, "customers", customers, db.Columns[partyplan.CustomerRow]("t"))
	var carriers []partyplan.CarrierRow
	for _, c := range m.Carriers {
		carriers = append(carriers, *c)
	}
	compareTable(r, "delivery_partners", carriers, db.Columns[partyplan.CarrierRow]("t"))
	var vouchers []promoplan.Voucher
	for _, v := range m.Vouchers {
		vouchers = append(vouchers, *v)
	}
	compareTable(r, "vouchers", vouchers, db.Columns[promoplan.Voucher]("t"))
}

func (r *replay) compareDocuments() {
	r.t.Helper()
	var (
		orders       []salesplan.OrderRow
		orderLines   []salesplan.OrderLineRow
		invoices     []salesplan.InvoiceRow
		invoiceLines []salesplan.InvoiceLineRow
		returns      []salesplan.ReturnRow
		returnLines  []salesplan.ReturnLineRow
		taxes        []salesplan.LineTaxRow
		surcharges   []salesplan.SurchargeRow
		deliveries   []salesplan.DeliveryRow
	)
	for _, o := range r.sim.Memory.Orders {
		orders, orderLines = append(orders, o.Row), append(orderLines, o.Lines...)
		taxes, surcharges = append(taxes, o.Taxes...), append(surcharges, o.Surcharges...)
		if o.Delivery != nil {
			deliveries = append(deliveries, o.Delivery.Row)
		}
	}
	for _, v := range r.sim.Memory.Invoices {
		invoices, invoiceLines = append(invoices, v.Row), append(invoiceLines, v.Lines...)
		taxes, surcharges = append(taxes, v.Taxes...), append(surcharges, v.Surcharges...)
		if v.Delivery != nil {
			deliveries = append(deliveries, v.Delivery.Row)
		}
	}
	for _, b := range r.sim.Memory.Returns {
		returns, returnLines, taxes = append(returns, b.Row), append(returnLines, b.Lines...), append(taxes, b.Taxes...)
	}
	compareTable(r, "returns", returns, db.Columns[salesplan.ReturnRow]("t"))
	compareTable(r, "return_lines", returnLines, db.Columns[salesplan.ReturnLineRow]("t"))
	compareTable(r, "orders", orders, db.Columns[salesplan.OrderRow]("t"))
	compareTable(r, "order_lines", orderLines, db.Columns[salesplan.OrderLineRow]("t"))
	compareTable(r, "invoices", invoices, db.Columns[salesplan.InvoiceRow]("t"))
	compareTable(r, "invoice_lines", invoiceLines, db.Columns[salesplan.InvoiceLineRow]("t"))
	compareTable(r, "line_taxes", taxes, db.Columns[salesplan.LineTaxRow]("t"))
	compareTable(r, "document_surcharges", surcharges, db.Columns[salesplan.SurchargeRow]("t"))
	compareTable(r, "deliveries", deliveries, db.Columns[salesplan.DeliveryRow]("t"))
}

func (r *replay) compareMoney() {
	r.t.Helper()
	m := r.sim.Memory
	var payments []cashplan.PaymentRow
	for _, p := range m.Payments {
		payments = append(payments, *p)
	}
	compareTable(r, "payments", payments, db.Columns[cashplan.PaymentRow]("t"))
	var postings []cashplan.PostingRow
	for _, rows := range m.CashPostings {
		postings = append(postings, rows...)
	}
	compareTable(r, "cash_postings", postings, db.Columns[cashplan.PostingRow]("t"))
	var balances []cashplan.BalanceRow
	for account, balance := range m.Balances {
		balances = append(balances, cashplan.BalanceRow{AccountType: account.Type, AccountID: account.ID, Balance: balance})
	}
	compareTable(r, "cash_balances", balances, db.Columns[cashplan.BalanceRow]("t"))
	var items []cashplan.OpenItemRow
	for _, row := range m.OpenItems {
		items = append(items, row)
	}
	compareTable(r, "open_items", items, db.Columns[cashplan.OpenItemRow]("t"))
	allocations := slices.Clone(m.Ended)
	for _, row := range m.Allocations {
		allocations = append(allocations, row)
	}
	compareTable(r, "allocations", allocations, db.Columns[cashplan.AllocationRow]("t"))
}

// level is a row of stock_levels.
type level struct {
	stockplan.Level
	EnteredAt, ReceivedAt taphoa.Time
}

// serialPosting is a row of stock_serial_postings.
type serialPosting struct {
	stockplan.DocumentRef
	Step, Line   int64
	SerialNumber string
}

func (r *replay) compareGoods() {
	r.t.Helper()
	m := r.sim.Memory
	var (
		levels       []level
		recosting    []stockplan.RecostFrom
		postings     []stockplan.PostingRow
		serialsMoved []serialPosting
		reservations []stockplan.Reservation
		lots         []stockplan.LotLevel
		serials      []stockplan.Serial
	)
	for _, l := range m.Levels {
		levels = append(levels, level{l.Level, l.EnteredAt, l.ReceivedAt})
		if l.RecostFrom != nil {
			recosting = append(recosting, *l.RecostFrom)
		}
	}
	for _, rows := range m.Postings {
		for _, p := range rows {
			row := *p
			for _, number := range row.Serials {
				serialsMoved = append(serialsMoved, serialPosting{row.DocumentRef, row.Step, row.Line, number})
			}
			row.Serials = nil
			postings = append(postings, row)
		}
	}
	for ref, held := range m.Reservations {
		for key, quantity := range held {
			reservations = append(reservations, stockplan.Reservation{
				DocumentRef: ref, ProductID: key.ProductID, BranchID: key.BranchID, Quantity: quantity,
			})
		}
	}
	for _, l := range m.LotLevels {
		lots = append(lots, l)
	}
	for _, s := range m.Serials {
		serials = append(serials, s)
	}
	compareTable(r, "stock_levels", levels, db.Columns[level]("t"))
	compareTable(r, "stock_recosts", recosting, db.Columns[stockplan.RecostFrom]("t"))
	compareTable(r, "stock_postings", postings, `kind, document_id, step, line, product_id, batch_id, branch_id, from_place, to_place,
		quantity, effective_at, entered_at, own_cost, sets_cost, origin_kind, origin_id, cost, COALESCE(average, cost) AS average`)
	compareTable(r, "stock_serial_postings", serialsMoved, db.Columns[serialPosting]("t"))
	compareTable(r, "stock_reservations", reservations, db.Columns[stockplan.Reservation]("t"))
	compareTable(r, "stock_batch_levels", lots, db.Columns[stockplan.LotLevel]("t"))
	compareTable(r, "stock_serials", serials, db.Columns[stockplan.Serial]("t"))
}

// compareTable compares the rows of a table with those in memory.
func compareTable[T any](r *replay, table string, want []T, columns string) {
	r.t.Helper()
	var got []T
	err := r.d.Read(r.t.Context(), r.who, func(tx *db.Tx) (err error) {
		got, err = db.All[T](tx, "SELECT "+columns+" FROM "+table+" t WHERE t.retailer_id = :retailer")
		return err
	})
	if err != nil {
		r.t.Fatal(err)
	}
	stored, memory := texts(got), texts(want)
	for _, row := range stored {
		if _, found := slices.BinarySearch(memory, row); !found {
			r.t.Errorf("%s has a row that is not in memory:\n%s", table, row)
		}
	}
	for _, row := range memory {
		if _, found := slices.BinarySearch(stored, row); !found {
			r.t.Errorf("%s does not have a row that is in memory:\n%s", table, row)
		}
	}
	if len(stored) != len(memory) {
		r.t.Errorf("%s has %d rows, memory %d", table, len(stored), len(memory))
	}
}

// texts are rows as sorted texts, which make no difference between null and absent.
func texts[T any](rows []T) []string {
	all := make([]string, len(rows))
	for i := range rows {
		nullsAbsent(reflect.ValueOf(&rows[i]).Elem())
		all[i] = fmt.Sprintf("%+v", rows[i])
	}
	slices.Sort(all)
	return all
}

// nullsAbsent makes all members that are null absent, as reading a row does.
func nullsAbsent(v reflect.Value) {
	if v.Kind() != reflect.Struct {
		return
	}
	if optional, ok := v.Addr().Interface().(interface{ Has() bool }); ok && !optional.Has() {
		v.SetZero()
		return
	}
	for i := range v.NumField() {
		if v.Field(i).CanSet() {
			nullsAbsent(v.Field(i))
		}
	}
}
