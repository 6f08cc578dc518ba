package testbench_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/taphoa/taphoa/internal/testbench"
)

// TestTheVendorsQuirks: a shop does at times what the vendor is known to do wrong, and the report says which requests are exposed to it.
func TestTheVendorsQuirks(t *testing.T) {
	b := open(t, testbench.Options{Quirks: true})
	f := b.fork(`{"name":"tat"}`)

	// A program that pages without an order misses products, or has some twice; with an order it has each once.
	pages := func(order string) (missed, twice int) {
		seen := map[int64]int{}
		total := 0
		for at := 0; at == 0 || at < total; at += 20 {
			var p page
			f.call(&p, "GET", fmt.Sprintf("/products?pageSize=20&currentItem=%d%s", at, order), "")
			total = int(p.Total)
			for _, product := range p.Data {
				seen[product.ID]++
			}
		}
		for _, times := range seen {
			twice += times - 1
		}
		return total - len(seen), twice
	}
	if missed, twice := pages(""); missed == 0 || twice == 0 {
		t.Errorf("without an order %d products are missed, and %d come twice", missed, twice)
	}
	if missed, twice := pages("&orderBy=id"); missed != 0 || twice != 0 {
		t.Errorf("by id %d products are missed, and %d come twice", missed, twice)
	}

	// A batch of prices is refused at times, and is taken when it is sent again.
	var products page
	f.call(&products, "GET", "/products?pageSize=1", "")
	refused := 0
	for range 20 {
		status, text, _ := f.try("PUT", "/listupdatedproducts", fmt.Sprintf(`{"listProducts":[{"id":%d,"basePrice":12000}]}`, products.Data[0].ID))
		switch {
		case status == 420 && strings.Contains(text, "Danh sách sản phẩm cập nhật rỗng"):
			refused++
		case status != http.StatusOK:
			t.Fatalf("a batch: %d %s", status, text)
		}
	}
	if refused == 0 || refused > 10 {
		t.Errorf("of 20 batches %d were refused", refused)
	}

	// A code with signs is not found by its path.
	var made struct{ ID int64 }
	f.call(&made, "POST", "/products", fmt.Sprintf(`{"name":"Bia (thùng)","code":"BIA(24)","categoryId":%d,"basePrice":1000}`, f.category()))
	if status, text, _ := f.try("GET", "/products/code/"+url.PathEscape("BIA(24)"), ""); status != 420 {
		t.Errorf("a code with signs: %d %s", status, text)
	}
	if status, text, _ := f.try("GET", fmt.Sprintf("/products/%d", made.ID), ""); status != http.StatusOK {
		t.Errorf("the same product by id: %d %s", status, text)
	}

	var report struct{ Differences []struct{ ID string } }
	f.ask(&report, "GET", "/_sandbox/shops/tat/report", "")
	found := map[string]bool{}
	for _, d := range report.Differences {
		found[d.ID] = true
	}
	for _, id := range []string{"list-order", "bulk-refused", "code-signs"} {
		if !found[id] {
			t.Errorf("the report does not tell of %s", id)
		}
	}
}

func (f *fork) category() int64 {
	f.Helper()
	var categories struct{ Data []struct{ CategoryID int64 } }
	f.call(&categories, "GET", "/categories?pageSize=1", "")
	return categories.Data[0].CategoryID
}

// TestQuirksAreChosenByName: some of them, beside rules of one's own, which come first; an unknown one is refused by its place.
func TestQuirksAreChosenByName(t *testing.T) {
	b := open(t, testbench.Options{})
	f := b.fork(`{"name":"chon"}`)
	var kept struct{ Rules []testbench.Rule }
	f.ask(&kept, "PUT", "/_sandbox/shops/chon/faults", `{"quirks":["hooks-late","bulk-refused"],"rules":[{"path":"/x","fault":"token"}]}`)
	if len(kept.Rules) != 4 || kept.Rules[0].Path != "/x" || kept.Rules[1].Quirk != "bulk-refused" || kept.Rules[3].Hook != "*" {
		t.Errorf("the rules are %+v", kept.Rules)
	}
	status, _, text := b.do("PUT", "/_sandbox/shops/chon/faults", `{"quirks":["bulk-refused","slow"]}`)
	if status != 420 || !strings.Contains(text, `"fieldName": "quirks[1]"`) || !strings.Contains(text, "list-order") {
		t.Errorf("an unknown quirk: %d %s", status, text)
	}
	for _, d := range testbench.Differences() { // as a client may send them
		for _, r := range d.Rules {
			rule, err := json.Marshal(r)
			if err != nil {
				t.Fatal(err)
			}
			f.rules(string(rule))
		}
	}
	if f.ask(&kept, "PUT", "/_sandbox/shops/chon/faults", `{}`); len(kept.Rules) != 0 {
		t.Errorf("the rules are %+v", kept.Rules)
	}
}
