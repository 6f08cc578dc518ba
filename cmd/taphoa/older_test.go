package main

import (
	"compress/gzip"
	"fmt"
	"io"
	"net/http"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/taphoa/taphoa/internal/db"
	"github.com/taphoa/taphoa/internal/dbtest"
)

// olderShop is a database of the version before amounts were whole (testdata/older).
func olderShop(t testing.TB, engine string) string {
	name := map[string]string{"sqlite": "sqlite.db.gz", "postgres": "postgres.sql.gz"}[engine]
	file, err := os.Open("testdata/older/" + name)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	unpacked, err := gzip.NewReader(file)
	if err != nil {
		t.Fatal(err)
	}
	content, err := io.ReadAll(unpacked)
	if err != nil {
		t.Fatal(err)
	}
	url := dbtest.URL(t, engine)
	if path, ok := strings.CutPrefix(url, "sqlite:"); ok {
		path, _, _ = strings.Cut(path, "?")
		if err := os.WriteFile(path, content, 0o600); err != nil {
			t.Fatal(err)
		}
		return url
	}
	conn, err := pgx.Connect(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(t.Context())
	if _, err := conn.PgConn().Exec(t.Context(), string(content)).ReadAll(); err != nil {
		t.Fatal(err)
	}
	return url
}

// Client of the older shop.
const (
	olderClient = "c0000000-0000-4000-8000-000000000001"
	olderSecret = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
)

func TestADatabaseOfTheVersionBeforeIsCheckedSoldInAndRepaired(t *testing.T) {
	eachDatabase(t, olderShop, func(t terminal) {
		totals := t.olderDocuments()
		t.do("migrate")
		if now := t.olderDocuments(); now != totals {
			t.Errorf("the migration has changed documents:\n%s\nwere\n%s", now, totals)
		}
		t.checksOlderShop() // PostgreSQL makes no copy that check could migrate
		t.sellsInOlderShop()
		t.repairsOlderShop()
		if out := t.do("check"); strings.Contains(out, "repair") || !strings.Contains(out, "OK, shops checked: 1") {
			t.Errorf("after the repairs check says\n%s", out)
		}
	})
}

// olderDocuments lists total, payment, date and debt of all documents and partners as they are stored.
func (t terminal) olderDocuments() string {
	t.Helper()
	var out strings.Builder
	s := t.serve()
	defer func() { s.stop(); s.ends() }()
	c := caller{t.T, s.base, "tiemcu", s.token(olderClient, olderSecret)}
	for _, path := range []string{"/invoices", "/orders", "/returns", "/purchaseorders", "/customers", "/suppliers"} {
		var page struct{ Data []map[string]any }
		if status := c.call(http.MethodGet, path+"?pageSize=100", "", &page); status != http.StatusOK || len(page.Data) == 0 {
			t.Fatalf("%s: %d, %d records", path, status, len(page.Data))
		}
		for _, d := range page.Data {
			for _, member := range []string{"code", "purchaseDate", "returnDate", "total", "totalTax", "discount", "totalPayment", "returnTotal", "debt"} {
				fmt.Fprint(&out, d[member], " ")
			}
			out.WriteByte('\n')
		}
	}
	return out.String()
}

// checksOlderShop: check lists what today's rules would not make, and counts none of it as a fault.
func (t terminal) checksOlderShop() {
	t.Helper()
	out := t.do("check")
	for _, line := range []string{
		`invoices with amounts that are not whole: 3: HD000001, HD000002, HD000004`,
		`orders with amounts that are not whole: 2: DH000001, DH000002`,
		`purchases with amounts that are not whole: 3: PN000001, PN000003, PN000007`,
		`invoices whose lines, discount, tax and surcharges do not come to the total: 2: HD000005, HD000006`,
		`invoices without a customer that are paid beyond the total: 2: HD000003, HD000006`,
		`deleted customers with a debt or a credit: 1: KH3`,
		`deleted suppliers with a debt or a credit: 1: NCC2`,
		`customers with the contact number of another: 1: KH2`,
		`variants: AO-1 and AO-3 have equal attributes`,
		`units: BIA-T and BIA-T2 of one product have the unit`,
		`products: 2 have the code "NON1"`,
		`stock_serials: 2 of product [0-9]+ have the serial "IM1"`,
		`receipts that bear the moment of their booking and not the date of their document: 5; taphoa repair receipt-dates`,
		`debts of less than 1 VND: 2; taphoa repair small-debts`,
		`OK, shops checked: 1`,
	} {
		if !regexp.MustCompile(line).MatchString(out) {
			t.Errorf("check does not say %q:\n%s", line, out)
		}
	}
}

// sellsInOlderShop: the documents that are under way are finished, and what is sold is whole.
func (t terminal) sellsInOlderShop() {
	t.Helper()
	s := t.serve()
	defer func() { s.stop(); s.ends() }()
	c := caller{t.T, s.base, "tiemcu", s.token(olderClient, olderSecret)}
	var found struct {
		ID, BranchID  int64
		Total         float64
		TotalPayment  float64
		OrderDetails  []struct{ ProductID int64 }
		Code, Message string
	}
	call := func(method, path, body string) {
		t.Helper()
		if status := c.call(method, path, body, &found); status != http.StatusOK {
			t.Errorf("%s %s %s: %d", method, path, body, status)
		}
	}
	call(http.MethodGet, "/orders/code/DH000001", "")
	order, branch, rice := fmt.Sprint(found.ID), fmt.Sprint(found.BranchID), fmt.Sprint(found.OrderDetails[0].ProductID)
	call(http.MethodPut, "/orders/"+order, `{"makeInvoice": true}`)
	found.Total = 0
	call(http.MethodPost, "/invoices", `{"branchId": `+branch+`, "totalPayment": 50198, "invoiceDetails": [{"productId": `+rice+`, "quantity": 0.345, "price": 145500}]}`)
	if found.Total != 50198 || found.TotalPayment != 50198 {
		t.Errorf("0.345 kg of rice cost %v, paid %v, want 50198", found.Total, found.TotalPayment)
	}
	call(http.MethodGet, "/invoices/code/HD000001", "")
	call(http.MethodPut, "/invoices/"+fmt.Sprint(found.ID), `{"description": "của năm ngoái"}`)
	if found.Total != 50197.5 {
		t.Errorf("a note changes the total of an old invoice to %v", found.Total)
	}
}

// repairsOlderShop shows each repair, and carries it out once.
func (t terminal) repairsOlderShop() {
	t.Helper()
	t.refused("there is no repair dates", "repair", "dates")
	for name, want := range map[string][]string{
		"receipt-dates": {"of HD000002: 20.* becomes 2026-10-19 10:00", "of PN000001: .* becomes 2026-10-19 09:00", "to correct: 5; nothing was changed"},
		"small-debts":   {"customer KH4: the debt of 0.5 is written off", "supplier NCC3: the debt of 0.025 is written off", "to correct: 2; nothing was changed"},
	} {
		for range 2 { // the first has changed nothing
			out := t.do("repair", name)
			for _, line := range want {
				if !regexp.MustCompile(line).MatchString(out) {
					t.Errorf("repair %s does not say %q:\n%s", name, line, out)
				}
			}
		}
		if out := t.do("repair", name, "--yes"); !strings.Contains(out, "corrected: ") {
			t.Errorf("repair %s --yes says %q", name, out)
		}
		if out := t.do("repair", name, "--yes"); out != "corrected: 0\n" {
			t.Errorf("repair %s --yes, a second time, says %q", name, out)
		}
		if out := t.do("repair", name); out != "there is nothing to correct\n" {
			t.Errorf("repair %s says %q when all is correct", name, out)
		}
	}
}

// olderDebts are the debts of all partners as they are stored, in a database of any version.
func (t terminal) olderDebts() (debts []string) {
	t.Helper()
	d, err := db.Open(t.Context(), t.database, db.Options{Existing: true, ReadOnly: true})
	if err != nil {
		t.Fatal(err)
	}
	defer d.Close()
	err = d.Read(t.Context(), db.Actor{}, func(tx *db.Tx) (err error) {
		debts, err = db.All[string](tx.Everywhere(), `
			SELECT account_type || account_id || ': ' || balance FROM cash_balances WHERE balance <> 0 ORDER BY account_type, account_id`)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return debts
}

func TestTheMoneyOfTheVersionBeforeIsAllocatedAndDebtsStayAsTheyWere(t *testing.T) {
	const allocated = "partners: 6, documents: 20, documents with another totalPayment: 0, partners left as they are: 0"
	eachDatabase(t, olderShop, func(t terminal) {
		before := t.olderDebts()
		if out := t.do("migrate"); len(before) == 0 || !strings.Contains(out, allocated) {
			t.Errorf("%d debts; migrate says\n%s", len(before), out)
		}
		if after := t.olderDebts(); !slices.Equal(after, before) {
			t.Errorf("the debts are\n%q, were\n%q", after, before)
		}
		if out := t.do("check"); strings.Contains(out, "not allocated") {
			t.Errorf("check says\n%s", out)
		}
		if out := t.do("migrate"); strings.Contains(out, "allocated") {
			t.Errorf("the second time migrate says\n%s", out)
		}
	})
}

// TestServeAllocatesTheMoneyOfTheVersionBefore in the background. As long as it has not, check counts no fault.
func TestServeAllocatesTheMoneyOfTheVersionBefore(t *testing.T) {
	eachDatabase(t, olderShop, func(t terminal) {
		before := t.olderDebts()
		s := t.serve()
		c := caller{t.T, s.base, "tiemcu", s.token(olderClient, olderSecret)}
		var out string
		for range 100 {
			if out = t.do("check"); !strings.Contains(out, "not allocated") {
				break
			}
			time.Sleep(50 * time.Millisecond)
		}
		var customers struct{ Data []struct{ Debt float64 } }
		c.must(http.MethodGet, "/customers", "", &customers)
		s.stop()
		s.ends()
		if after := t.olderDebts(); !slices.Equal(after, before) || strings.Contains(out, "not allocated") || len(customers.Data) == 0 {
			t.Errorf("the debts are\n%q, were\n%q; check says\n%s", after, before, out)
		}
	})
}
