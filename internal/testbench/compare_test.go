package testbench_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/taphoa/taphoa/internal/testbench"
)

type changes struct {
	From, To string
	Counts   struct{ Added, Changed, Removed int }
	Records  []struct {
		Resource, Code, Name, Change string
		ID                           int64
		Members                      []struct {
			Path     string
			Old, New any
		}
		Events []int64
	}
	Events    []struct{ Type string }
	Truncated bool
}

// said are the changes of some members, one a line.
func (c *changes) said(paths string) (all string) {
	for _, r := range c.Records {
		all += r.Resource + " " + r.Change
		for _, m := range r.Members {
			if strings.Contains(" "+paths+" ", " "+m.Path+" ") {
				all += fmt.Sprintf(" %s %v→%v", m.Path, m.Old, m.New)
			}
		}
		all += "\n"
	}
	return all
}

// TestASaleIsToldByAllThatItChanges: the invoice, its receipt, the stock and the customer, as against a snapshot.
func TestASaleIsToldByAllThatItChanges(t *testing.T) {
	b := open(t, testbench.Options{})
	f := b.fork(`{"name":"kho","template":"empty"}`)
	var group struct{ Data struct{ CategoryID int64 } }
	f.call(&group, "POST", "/categories", `{"categoryName":"Trà"}`)
	var customer struct{ ID int64 }
	f.call(nil, "POST", "/products", fmt.Sprintf(`{"name":"Trà","code":"TRA","categoryId":%d,"basePrice":15000,"inventories":[{"branchId":1,"onHand":5,"cost":9000}]}`, group.Data.CategoryID))
	f.call(nil, "POST", "/customers", `{"name":"Chị Năm","code":"NAM"}`)
	f.call(&customer, "GET", "/customers/code/NAM", "")
	snapshot := func(name string) {
		b.ask(nil, "POST", "/_sandbox/shops/kho/snapshots", `{"name":"`+name+`"}`)
	}
	compare := func(query string) (c changes) {
		b.ask(&c, "GET", "/_sandbox/shops/kho/snapshots/"+query, "")
		return c
	}
	snapshot("truoc")
	if c := compare("truoc/changes"); len(c.Records) > 0 || len(c.Events) > 0 {
		t.Errorf("nothing was done, and it is told %+v", c)
	}
	f.call(nil, "POST", "/invoices", fmt.Sprintf(`{"branchId":1,"customerId":%d,"totalPayment":10000,"method":"Cash","invoiceDetails":[{"productCode":"TRA","quantity":2,"price":15000}]}`, customer.ID))
	f.call(nil, "POST", "/salechannel", `{"name":"Zalo"}`)
	snapshot("sau")
	const want = `cashflow added
customers changed debt 0→20000
invoices added
products changed inventories[0].onHand 5→3
salechannel added
`
	c := compare("truoc/changes")
	if got := c.said("inventories[0].onHand debt"); got != want || c.Counts.Added != 3 || c.Counts.Changed != 2 || len(c.Events) < 3 {
		t.Errorf("the changes are %s%+v %+v", got, c.Counts, c.Events)
	}
	f.call(nil, "POST", "/customers", `{"name":"Cô Bảy","code":"BAY"}`) // is in neither snapshot
	between := compare("truoc/changes?to=sau")
	if got := between.said("inventories[0].onHand debt"); got != want || between.To != "sau" {
		t.Errorf("between the snapshots there are %s", got)
	}
	b.ask(nil, "POST", "/_sandbox/shops/kho/snapshots/truoc/restore", "")
	if c := compare("truoc/changes"); len(c.Records) > 0 {
		t.Errorf("after the restore there are %s", c.said(""))
	}
	f.call(nil, "POST", "/customers", `{"name":"Anh Sáu","code":"SAU"}`)
	other := compare("sau/changes")
	back := other.said("inventories[0].onHand debt")
	if back != "cashflow removed\ncustomers changed debt 20000→0\ncustomers added debt <nil>→0\ninvoices removed\nproducts changed inventories[0].onHand 3→5\nsalechannel removed\n" {
		t.Errorf("from the other history there are %s", back)
	}
	if status, _, text := b.do("GET", "/_sandbox/shops/kho/snapshots/khac/changes", ""); status != 420 || !strings.Contains(text, "khac") {
		t.Errorf("an unknown snapshot: %d %s", status, text)
	}
}
