package demo_test

import (
	"log/slog"
	"slices"
	"strings"
	"testing"

	"github.com/taphoa/taphoa"
	"github.com/taphoa/taphoa/internal/cash"
	"github.com/taphoa/taphoa/internal/catalog"
	"github.com/taphoa/taphoa/internal/db"
	"github.com/taphoa/taphoa/internal/dbtest"
	"github.com/taphoa/taphoa/internal/debt"
	"github.com/taphoa/taphoa/internal/demo"
	"github.com/taphoa/taphoa/internal/oauth"
	"github.com/taphoa/taphoa/internal/org"
	"github.com/taphoa/taphoa/internal/party"
	"github.com/taphoa/taphoa/internal/sales"
	"github.com/taphoa/taphoa/internal/schema"
	"github.com/taphoa/taphoa/internal/stock"
	"github.com/taphoa/taphoa/internal/supply"
)

func TestMain(m *testing.M) { dbtest.Main(m) }

// everything is the paging of a whole list.
var everything = taphoa.Paging{PageSize: taphoa.IDMax}

func fill(t *testing.T, d *db.DB) {
	t.Helper()
	if err := demo.Fill(t.Context(), d, slog.New(slog.DiscardHandler)); err != nil {
		t.Fatal(err)
	}
}

// readShop runs a read-only operation in the demo shop.
func readShop(t *testing.T, d *db.DB, read func(tx *db.Tx) error) {
	t.Helper()
	err := d.Read(t.Context(), db.Actor{}, func(tx *db.Tx) error {
		shop, found, err := org.FindShop(tx, demo.ShopCode)
		if err != nil || !found {
			t.Fatalf("no demo shop (%v)", err)
		}
		tx.Retailer = shop.RetailerID
		return read(tx)
	})
	if err != nil {
		t.Fatal(err)
	}
}

// list returns a whole list of the demo shop.
func list[In, T any](t *testing.T, d *db.DB, op func(*db.Tx, *In) (taphoa.Page[T], error), in In) (page taphoa.Page[T]) {
	t.Helper()
	readShop(t, d, func(tx *db.Tx) (err error) {
		page, err = op(tx, &in)
		return err
	})
	return page
}

// TestTheDemoShop runs all checks on one shop, because filling it takes the time.
func TestTheDemoShop(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB, clock *dbtest.Clock) {
		fill(t, d)
		before := digests(t, d)
		t.Run("two fills at one instant make the same shop, on either engine", func(t *testing.T) {
			for name, want := range reference(t) {
				if before[name] != want {
					t.Errorf("the lists of %s differ", name)
				}
			}
		})
		t.Run("filling it again changes nothing", func(t *testing.T) {
			fill(t, d)
			after := digests(t, d)
			for name, want := range before {
				if after[name] != want {
					t.Errorf("the lists of %s have changed", name)
				}
			}
		})
		for _, aspect := range []struct {
			name string
			test func(*testing.T, *db.DB)
		}{
			{"the ledgers hold, and no branch was ever short of goods", checkLedgers},
			{"the goods are many and of all sorts", checkProducts},
			{"the customers are many and invented", checkCustomers},
			{"documents are in every status", checkDocumentStatuses},
			{"nothing was paid twice", checkPayments},
			{"every member is filled on the first pages", checkMembers},
			{"something was removed", checkRemoved},
			{"the client may do everything", checkClientScopes},
		} {
			t.Run(aspect.name, func(t *testing.T) { aspect.test(t, d) })
		}
		t.Run("its history ends on the day of filling", func(t *testing.T) { checkLastDay(t, d, clock) })
	})
}

func checkLedgers(t *testing.T, d *db.DB) {
	readShop(t, d, func(tx *db.Tx) error {
		goods, err := stock.Check(tx, stock.Limits{})
		if err != nil {
			return err
		}
		moved, err := supply.Check(tx)
		if err != nil {
			return err
		}
		money, err := cash.Check(tx)
		if err != nil {
			return err
		}
		accounts, err := debt.Check(tx)
		for _, finding := range slices.Concat(goods, moved, money, accounts) {
			t.Error(finding)
		}
		if err != nil {
			return err
		}
		for _, outdated := range []func(*db.Tx) ([]string, error){sales.Outdated, supply.Outdated, party.Outdated, catalog.Outdated, schema.Outdated} {
			findings, err := outdated(tx)
			if err != nil {
				return err
			}
			for _, finding := range findings {
				t.Errorf("today's rules would not make: %s", finding)
			}
		}
		debts, err := cash.SmallDebts(tx, 10)
		if len(debts) > 0 {
			t.Errorf("debts of less than a đồng: %v", debts)
		}
		return err
	})
}

func checkProducts(t *testing.T, d *db.DB) {
	products := list(t, d, catalog.ListProducts, taphoa.ProductQuery{Paging: everything, IncludeSerials: true, IncludeBatchExpires: true}).Data
	categories := list(t, d, catalog.ListCategories, taphoa.CategoryQuery{Paging: everything, HierachicalData: true})
	if len(products) < 300 {
		t.Errorf("%d products", len(products))
	}
	deep := 0
	flat := list(t, d, catalog.ListCategories, taphoa.CategoryQuery{Paging: everything})
	for _, root := range categories.Data {
		for _, second := range root.Children {
			deep = max(deep, len(second.Children))
		}
	}
	if flat.Total < 12 || deep == 0 {
		t.Errorf("%d categories, %d of them in one category of the second level", flat.Total, deep)
	}
	seen := map[string]int{}
	for _, p := range products {
		for sort, is := range map[string]bool{
			"combo": p.Type == taphoa.ProductCombo, "service": p.Type == taphoa.ProductService, "unit": p.MasterUnitID.Has(),
			"variant": p.MasterProductID.Has(), "serial": len(p.ProductSerials) > 0, "batch": len(p.ProductBatchExpires) > 0,
			"not sold directly": !p.AllowsSale, "stopped": !p.IsActive, "two attributes": len(p.Attributes) == 2,
			"deduction": p.TaxType.Value == taphoa.TaxTypeDeduction, "direct": p.TaxType.Value == taphoa.TaxTypeDirect,
		} {
			if is {
				seen[sort]++
			} else {
				seen[sort] += 0
			}
		}
		for _, tax := range p.ProductTaxs {
			seen["tax "+tax.Name]++
		}
		if p.BarCode.Has() && !isEAN13(p.BarCode.Value) {
			t.Errorf("%s has the bar code %s", p.Name, p.BarCode.Value)
		}
	}
	for _, tax := range taphoa.Taxes {
		seen["tax "+tax.TaxName] += 0
	}
	for sort, n := range seen {
		if n == 0 {
			t.Errorf("no product: %s", sort)
		}
	}
}

func isEAN13(code string) bool {
	sum := 0
	for i, r := range code {
		digit := int(r - '0')
		if i%2 == 1 {
			digit *= 3
		}
		sum += digit
	}
	return len(code) == 13 && sum%10 == 0
}

func checkCustomers(t *testing.T, d *db.DB) {
	customers := list(t, d, party.ListCustomers, taphoa.CustomerQuery{Paging: everything}).Data
	companies, owing := 0, 0
	for _, c := range customers {
		for _, number := range []taphoa.Opt[string]{c.ContactNumber, c.SubNumber} {
			if number.Has() && !strings.HasPrefix(number.Value, "0900") {
				t.Errorf("%s has the number %s, which may be somebody's", c.Code, number.Value)
			}
		}
		if c.Email.Has() && !strings.HasSuffix(c.Email.Value, "@example.com") {
			t.Errorf("%s has the address %s, which may be somebody's", c.Code, c.Email.Value)
		}
		companies += int(c.Type)
		if c.Debt > 0 {
			owing++
		}
	}
	if len(customers) < 200 || companies < 5 || owing < 5 {
		t.Errorf("%d customers, %d companies, %d owe something", len(customers), companies, owing)
	}
}

func checkDocumentStatuses(t *testing.T, d *db.DB) {
	orders := list(t, d, sales.ListOrders, taphoa.OrderQuery{Paging: everything, IncludePayment: true}).Data
	invoices := list(t, d, sales.ListInvoices,
		taphoa.InvoiceQuery{Paging: everything, IncludePayment: true, IncludeInvoiceDelivery: true}).Data
	if n := len(orders) + len(invoices); n < 400 {
		t.Errorf("%d documents", n)
	}
	seen := map[string]bool{}
	for _, o := range orders {
		seen["order "+o.StatusValue] = true
	}
	for _, o := range list(t, d, supply.ListOrderSuppliers, taphoa.OrderSupplierQuery{Paging: everything}).Data {
		seen["order to a supplier "+o.StatusValue] = true
	}
	for _, m := range list(t, d, supply.ListTransfers, taphoa.TransferQuery{Paging: everything}).Data {
		seen["transfer "+taphoa.TransferStatusValue(m.Status)] = true
	}
	for _, k := range list(t, d, supply.ListStockTakes, taphoa.StockTakeQuery{Paging: everything}).Data {
		seen["stock take "+k.StatusValue] = true
	}
	for _, r := range list(t, d, sales.ListReturns, taphoa.ReturnQuery{Paging: everything}).Data {
		seen["return "+r.StatusValue] = true
	}
	for _, v := range list(t, d, cash.ListCashFlow, taphoa.CashFlowQuery{Paging: everything}).Data {
		seen["voucher of "+v.PartnerType.Value+" "+v.Origin] = true
	}
	ofOrder, serials, batches, collected, uncollected := map[int64]int{}, 0, 0, 0, 0
	modes := map[taphoa.Opt[int64]]bool{}
	var codCollected []int64
	readShop(t, d, func(tx *db.Tx) (err error) {
		codCollected, err = db.All[int64](tx, `SELECT id FROM invoices WHERE retailer_id = :retailer AND cod_collected`)
		return err
	})
	for _, v := range invoices {
		seen["invoice "+v.StatusValue] = true
		modes[v.PricingMode] = true
		if v.Status != taphoa.InvoiceVoid && v.OrderID.Has() {
			ofOrder[v.OrderID.Value]++
		}
		if delivery := v.InvoiceDelivery; delivery != nil {
			seen["delivery "+delivery.StatusValue.Value] = true
			if delivery.UsingPriceCod && slices.Contains(codCollected, v.ID) {
				collected++
			} else if delivery.UsingPriceCod {
				uncollected++
			}
		}
		for _, p := range v.Payments {
			seen[p.Method+" "+p.StatusValue] = true
		}
		for _, line := range v.InvoiceDetails {
			serials += len(line.SerialNumbers.Value)
			if line.ProductBatchExpire != nil {
				batches++
			}
		}
	}
	var want []string
	for status := range int64(12) {
		want = append(want, "delivery "+taphoa.DeliveryStatusValue(status+1))
	}
	for _, status := range []int64{1, 2, 3, 4, 5} {
		want = append(want, "order "+taphoa.OrderStatusValue(status))
	}
	for status := range int64(5) {
		want = append(want, "order to a supplier "+taphoa.OrderSupplierStatusValue(status))
	}
	for _, status := range []int64{1, 2, 3, 4} {
		want = append(want, "transfer "+taphoa.TransferStatusValue(status))
	}
	for _, status := range []int64{1, 2, 3} {
		want = append(want, "stock take "+taphoa.StockTakeStatusValue(status))
	}
	for _, status := range []int64{1, 2, 3, 5} {
		want = append(want, "invoice "+taphoa.InvoiceStatusValue(status))
	}
	want = append(want, "return Đã trả", "return Đã hủy", "voucher of C Invoice", "voucher of C Order", "voucher of C Return",
		"voucher of C Manual", "voucher of U Manual", "voucher of D Manual", "voucher of O Manual")
	for _, method := range []string{taphoa.MethodCash, taphoa.MethodCard, taphoa.MethodTransfer} {
		want = append(want, method+" "+taphoa.PaymentStatusValue(taphoa.PaymentPaid))
	}
	want = append(want, taphoa.MethodCash+" "+taphoa.PaymentStatusValue(taphoa.PaymentVoided))
	for _, w := range want {
		if !seen[w] {
			t.Errorf("none is %s", w)
		}
	}
	inParts := 0
	for _, n := range ofOrder {
		if n > 1 {
			inParts++
		}
	}
	if inParts == 0 || serials == 0 || batches == 0 || collected == 0 || uncollected == 0 || len(modes) != 3 {
		t.Errorf("%d orders in parts, %d serials, %d batches, money collected %d times and outstanding %d times, modes %v",
			inParts, serials, batches, collected, uncollected, modes)
	}
}

// checkPayments checks the sums of the generator, which pays before it knows the amount due.
func checkPayments(t *testing.T, d *db.DB) {
	completed, open := 0, 0
	for _, v := range list(t, d, sales.ListInvoices, taphoa.InvoiceQuery{Paging: everything}).Data {
		if v.Status == taphoa.InvoiceVoid || v.OrderID.Has() {
			continue // money of an order may be more than its first part costs
		}
		if v.TotalPayment > v.Total {
			t.Errorf("%s costs %v, and %v was paid", v.Code, v.Total, v.TotalPayment)
		}
		if v.Status == taphoa.InvoiceCompleted {
			completed++
			if v.TotalPayment < v.Total {
				open++
			}
		}
	}
	if open == 0 || open > completed/5 {
		t.Errorf("%d of %d completed invoices have not been paid", open, completed)
	}
}

func checkRemoved(t *testing.T, d *db.DB) {
	for name, removed := range map[string][]int64{
		"categories": list(t, d, catalog.ListCategories, taphoa.CategoryQuery{}).RemovedIDs,
		"products":   list(t, d, catalog.ListProducts, taphoa.ProductQuery{IncludeRemoveIDs: true}).RemoveID,
		"customers":  list(t, d, party.ListCustomers, taphoa.CustomerQuery{IncludeRemoveIDs: true}).RemoveID,
		"branches":   list(t, d, org.ListBranches, taphoa.BranchQuery{IncludeRemoveIDs: true}).RemovedIDs,
		"users":      list(t, d, org.ListUsers, taphoa.UserQuery{IncludeRemoveIDs: true}).RemoveIDs,
		"accounts":   list(t, d, cash.ListBankAccounts, taphoa.BankAccountQuery{IncludeRemoveIDs: true}).RemoveIDs,
	} {
		if len(removed) == 0 {
			t.Errorf("no %s were removed", name)
		}
	}
	names := func(deleted bool) (names []string) {
		in := taphoa.ProductQuery{Paging: everything, IncludeSoftDeletedAttribute: taphoa.Some(deleted)}
		for _, p := range list(t, d, catalog.ListProducts, in).Data {
			for _, a := range p.Attributes {
				names = append(names, a.AttributeName)
			}
		}
		return names
	}
	if !slices.Contains(names(true), "Mùa") || slices.Contains(names(false), "Mùa") {
		t.Error("no deleted attribute is left with a product")
	}
}

func checkClientScopes(t *testing.T, d *db.DB) {
	readShop(t, d, func(tx *db.Tx) error {
		clients, err := oauth.ListClients(tx)
		if err == nil && (len(clients) != 1 || clients[0].ClientID != demo.ClientID ||
			!slices.Equal(clients[0].Scopes, []string{oauth.ScopePublic, oauth.ScopeAdmin})) {
			t.Errorf("clients %+v", clients)
		}
		return err
	})
}

func checkLastDay(t *testing.T, d *db.DB, clock *dbtest.Clock) {
	const day = 24 * 3600 * 1_000_000
	first, last := clock.Now(), taphoa.Time(0)
	for _, v := range list(t, d, sales.ListInvoices, taphoa.InvoiceQuery{Paging: everything}).Data {
		first, last = min(first, v.CreatedDate), max(last, v.CreatedDate, v.ModifiedDate.Value)
	}
	if today := clock.Now().Day(); first.Day() != today-90*day || last.Day() != today || last > clock.Now() {
		t.Errorf("the invoices go from %v to %v, and it is %v", first, last, clock.Now())
	}
}

func TestAShopFilledAtMidnightHasNoFutureDates(t *testing.T) {
	t.Parallel()
	clock := dbtest.NewClock()
	clock.Advance(-(9*3600 - 60)) // a minute after midnight
	d := dbtest.Open(t, dbtest.URL(t, "sqlite"), clock)
	fill(t, d)
	checkLastDay(t, d, clock)
}
