package main

import (
	"context"
	"maps"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/taphoa/taphoa"
	"github.com/taphoa/taphoa/client"
	"github.com/taphoa/taphoa/internal/demo"
	"github.com/taphoa/taphoa/internal/event"
	"github.com/taphoa/taphoa/internal/wire"
)

// stateOf returns the lists of a shop by name: products with their stock, parties with their debts, and the documents that
// are not voided.
func stateOf(t *testing.T, config client.Config) map[string]string {
	t.Helper()
	config.Scopes = []string{client.ScopePublic}
	c, err := client.New(config)
	if err != nil {
		t.Fatal(err)
	}
	return map[string]string{
		"products":   listed(t, c.ListProducts, &taphoa.ProductQuery{IncludeInventory: true}, nil),
		"stock":      listed(t, c.ListProductOnHands, nil, nil),
		"categories": listed(t, c.ListCategories, nil, nil),
		"customers":  listed(t, c.ListCustomers, nil, nil),
		"suppliers":  listed(t, c.ListSuppliers, nil, nil),
		"branches":   listed(t, c.ListBranches, nil, nil),
		"pricebooks": listed(t, c.ListPriceBooks, nil, nil),
		"orders":     listed(t, c.ListOrders, nil, func(o taphoa.Order) bool { return o.Status == taphoa.OrderVoided }),
		"invoices":   listed(t, c.ListInvoices, nil, func(v taphoa.Invoice) bool { return v.Status == taphoa.InvoiceVoid }),
		"returns":    listed(t, c.ListReturns, nil, func(r taphoa.Return) bool { return r.Status == taphoa.ReturnVoid }),
		"cash":       listed(t, c.ListCashFlow, nil, func(v taphoa.CashFlow) bool { return v.Status == taphoa.PaymentVoided }),
		"purchases": listed(t, c.ListPurchaseOrders, nil,
			func(o taphoa.PurchaseOrder) bool { return o.Status == taphoa.PurchaseVoid }),
		"ordersuppliers": listed(t, c.ListOrderSuppliers, nil,
			func(o taphoa.OrderSupplier) bool { return o.Status == taphoa.OrderSupplierVoided }),
		"transfers": listed(t, c.ListTransfers, nil, func(m taphoa.Transfer) bool { return m.Status == taphoa.TransferVoided }),
	}
}

// listed returns the rows of a list that are not voided.
func listed[Q, T any](t *testing.T, list client.List[Q, T], query *Q, void func(T) bool) string {
	t.Helper()
	var rows []string
	for row, err := range client.All(t.Context(), list, query) {
		if err != nil {
			t.Fatal(err)
		}
		if void == nil || !void(row) {
			rows = append(rows, string(wire.Append(nil, &row)))
		}
	}
	slices.Sort(rows)
	return strings.Join(rows, "\n")
}

// unchanged compares two states of a shop.
func unchanged(t *testing.T, before, after map[string]string) {
	t.Helper()
	for _, list := range slices.Sorted(maps.Keys(before)) {
		old, now := strings.Split(before[list], "\n"), strings.Split(after[list], "\n")
		for _, row := range now {
			if !slices.Contains(old, row) {
				t.Errorf("%s: there is %s", list, row)
			}
		}
		for _, row := range old {
			if !slices.Contains(now, row) {
				t.Errorf("%s: there is no longer %s", list, row)
			}
		}
	}
}

// triggers runs taphoa trigger for every type of event.
func (t terminal) triggers(args ...string) {
	t.Helper()
	for _, kind := range event.Types {
		out := t.do(append([]string{"trigger", kind}, args...)...)
		if !regexp.MustCompile(`(?m)^\S+ \S+  --> ` + regexp.QuoteMeta(kind) + ` +\[\d+\] +\d+(,\d+)*$`).MatchString(out) {
			t.Errorf("trigger %s prints\n%s", kind, out)
		}
		said, marks := map[string]int{}, map[string]bool{}
		for line := range strings.Lines(out) {
			said[strings.Fields(line)[0]]++
			for _, found := range regexp.MustCompile(`(?: thử |THU-)(\S{6})\b`).FindAllStringSubmatch(line, -1) {
				marks[found[1]] = true
			}
		}
		if said["deleted"] > 1 || said["voided"] > 1 || len(marks) > 1 {
			t.Errorf("trigger %s prints\n%s", kind, out)
		}
	}
}

// TestEveryTypeOfEventIsTriggeredAndLeavesTheShopAsItWas has a shop that must not sell below its stock.
func TestEveryTypeOfEventIsTriggeredAndLeavesTheShopAsItWas(t *testing.T) {
	eachEngine(t, func(t terminal) {
		t.do("shop", "create", "abc", "ABC")
		t.do("setting", "set", "AllowSellWhenOutStock", "false")
		id, key := t.client("create", "--name", "Web", "--admin")
		s := t.serve()
		c := caller{t.T, s.base, "abc", s.token(id, key)}
		c.must("POST", "/products", `{"code":"MI","name":"Mì gói","categoryName":"Đồ khô","basePrice":8000,"allowsSale":true,
			"inventories":[{"branchId":1,"onHand":12,"cost":4330}]}`, new(any))
		c.must("POST", "/customers", `{"code":"KH1","name":"Chị Mai"}`, new(any))
		c.must("POST", "/invoices", `{"branchId":1,"customer":{"code":"KH1","name":"Chị Mai"},"invoiceDetails":[{"productCode":"MI","quantity":2}]}`, new(any))
		config := client.Config{BaseURL: s.base, Retailer: "abc", ClientID: id, ClientSecret: key}
		before := stateOf(t.T, config)
		if !strings.Contains(before["customers"], `"debt":16000`) || !strings.Contains(before["stock"], `"onHand":10`) {
			t.Errorf("the shop has %s, %s", before["customers"], before["stock"])
		}
		t.triggers("--shop", "abc")
		unchanged(t.T, before, stateOf(t.T, config))
		elsewhere := terminal{T: t.T, database: "sqlite:" + filepath.Join(t.TempDir(), "none.db")}
		elsewhere.triggers("--url", s.base, "--shop", "abc", "--client-id", id, "--client-secret", key)
		unchanged(t.T, before, stateOf(t.T, config))
		if out := t.do("check"); !strings.Contains(out, "abc: OK") {
			t.Errorf("check says %s", out)
		}

		out := t.do("trigger", "invoice.update", "--shop", "abc")
		voided := regexp.MustCompile(`(?m)^voided again, and listed as void from now on: (HD\d{6})$`).FindStringSubmatch(out)
		if voided == nil {
			t.Fatalf("trigger invoice.update prints\n%s", out)
		}
		var invoice struct {
			Status      int64
			Description string
		}
		c.must("GET", "/invoices/code/"+voided[1], "", &invoice)
		if invoice.Status != taphoa.InvoiceVoid || invoice.Description != "taphoa trigger" {
			t.Errorf("the invoice that was made for the event is %+v", invoice)
		}
		out = t.do("trigger", "order.update", "--shop", "abc", "--keep")
		kept := regexp.MustCompile(`(?m)^kept: .*, (DH\d{6})$`).FindStringSubmatch(out)
		if kept == nil {
			t.Fatalf("trigger order.update --keep prints\n%s", out)
		}
		c.must("GET", "/orders/code/"+kept[1], "", &invoice)
		if invoice.Status != taphoa.OrderDraft {
			t.Errorf("the kept order is %+v", invoice)
		}

		t.refused("no event order.updated, did you mean order.update? The types are branch.delete, branch.update, ",
			"trigger", "order.updated", "--shop", "abc")
		t.refused("no event x: the types are branch.delete, branch.update, ", "trigger", "x")
		t.refused("no demo shop: name with --shop", "trigger", "order.update")
		t.refused("there is no shop xyz", "trigger", "order.update", "--shop", "xyz")
		id, key = t.client("create", "--name", "Web")
		t.refused("lacks the scope Taphoa.Admin", "trigger", "branch.update", "--url", s.base, "--shop", "abc", "--client-id", id, "--client-secret", key)
		t.refused("has no demo shop: give --shop", "trigger", "branch.update", "--url", s.base)
	})
}

// TestAFailedTriggerUndoesItsRecords has a shop that refuses orders, after the product was created.
func TestAFailedTriggerUndoesItsRecords(t *testing.T) {
	eachEngine(t, func(t terminal) {
		t.do("shop", "create", "abc", "ABC")
		t.do("setting", "set", "AllowOrder", "false")
		status, out, faults := t.try("trigger", "order.update", "--shop", "abc")
		if status != 1 || strings.Count(faults, "\n") != 1 || !strings.Contains(faults, "đặt hàng") || strings.Contains(out, "-->") {
			t.Errorf("status %d, printed %s, refused with %s", status, out, faults)
		}
		access := &apiFlags{}
		err := access.with(t.Context(), &program{commands: commands{Database: t.database}, getenv: t.getenv}, "abc", findShop, func(c *client.Client) error {
			products, err := c.ListProducts(t.Context(), nil)
			if err != nil || products.Total != 0 {
				t.Errorf("%d products are left, %v", products.Total, err)
			}
			return err
		})
		if err != nil {
			t.Error(err)
		}
	})
}

func TestTheDemoShopIsTriggeredUnlessAnotherIsNamed(t *testing.T) {
	x := terminal{T: t, database: "sqlite:" + filepath.Join(t.TempDir(), "demo.db")}
	s := x.serve("--demo", "--database", x.database)
	x.do("shop", "create", "abc", "ABC")
	screen := x.listen("--url", s.base)
	out := x.do("trigger", "Invoice.Update")
	if !strings.Contains(out, " invoice.update ") || !strings.Contains(out, " stock.update ") {
		t.Errorf("trigger prints\n%s", out)
	}
	for line := range strings.Lines(out) {
		if strings.Contains(line, "-->") {
			screen.shows("^" + regexp.QuoteMeta(strings.TrimSuffix(line, "\n")) + "$")
		}
	}
	printed, _ := s.text()
	if !strings.Contains(printed, "taphoa trigger invoice.update --url "+s.base) || !strings.Contains(printed, demo.ClientSecret) {
		t.Errorf("the demo does not say how to try webhooks:\n%s", printed)
	}

	config := client.Config{BaseURL: s.base, Retailer: demo.ShopCode, ClientID: demo.ClientID, ClientSecret: demo.ClientSecret}
	before := stateOf(t, config)
	if products := strings.Count(before["products"], "\n"); products < 300 {
		t.Errorf("the demo shop has %d products", products)
	}
	for range 2 {
		x.triggers("--url", s.base)
	}
	unchanged(t, before, stateOf(t, config))
	if out := x.do("check"); !strings.Contains(out, "taphoa: OK") {
		t.Errorf("check says %s", out)
	}
}

// TestCleaningUpOutlastsTheEndOfTheProgram stops the program when the event has happened.
func TestCleaningUpOutlastsTheEndOfTheProgram(t *testing.T) {
	t.Parallel()
	ctx, stop := context.WithCancel(t.Context())
	var undone []string
	f := &fixture{ctx: ctx}
	for _, name := range []string{"first", "second"} {
		f.created = append(f.created, createdRecord{name: name, undo: func(ctx context.Context) error {
			undone = append(undone, name)
			return ctx.Err()
		}})
	}
	failing := &fixture{suffix: "X2B7"}
	for _, name := range []string{"first", "second", ""} {
		failing.created = append(failing.created, createdRecord{name: name, undo: func(context.Context) error {
			if name == "second" {
				return nil
			}
			return &client.Error{Status: 420, Code: "KvValidateException", Message: "Không được"}
		}})
	}
	stop()
	p := &program{stdout: new(strings.Builder), getenv: func(string) string { return "" }}
	if err := (&trigger{}).clean(ctx, p, f); err != nil || !slices.Equal(undone, []string{"second", "first"}) {
		t.Errorf("undone are %v, %v", undone, err)
	}
	if err := (&trigger{}).clean(ctx, p, failing); err == nil || err.Error() != "left in the shop: X2B7, first: Không được" {
		t.Errorf("what cannot be undone is told as %v", err)
	}
}
