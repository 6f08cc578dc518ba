package api_test

import (
	"fmt"
	"net/http"
	"testing"

	"github.com/taphoa/taphoa/internal/apitest"
)

// TestAnOrderAsksPostgreSQLForLittle sells three products again and again: what a shop hardly ever changes is known by then.
func TestAnOrderAsksPostgreSQLForLittle(t *testing.T) {
	t.Parallel()
	const (
		most   = 26 // statements, BEGIN and COMMIT among them
		orders = 20
	)
	d := apitest.Seeded(t, "postgres")
	body := fmt.Sprintf(`{"branchId":%d,"customerId":%d,"method":"Cash","orderDetails":[{"productCode":"TRA","quantity":1},`+
		`{"productCode":"TRA-HOP","quantity":2},{"productCode":"AO-M","quantity":3}]}`, d.ID("branch:CN1"), d.ID("customer:KH-HOA"))
	sell := func() {
		if a := d.Send(http.MethodPost, "/orders", body); a.Status != http.StatusOK {
			t.Fatalf("answered %d: %s", a.Status, a.Body)
		}
	}
	sell()
	sell()
	before := d.DB.Stats(t.Context())
	for range orders {
		sell()
	}
	after := d.DB.Stats(t.Context())
	statements := float64(after.Statements-before.Statements) / orders
	trips := float64(after.RoundTrips-before.RoundTrips) / orders
	t.Logf("an order takes %.1f statements in %.1f round trips", statements, trips)
	if statements > most {
		t.Errorf("an order takes %.1f statements, want at most %d", statements, most)
	}
}
