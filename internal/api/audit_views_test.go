package api_test

import (
	"testing"

	"github.com/taphoa/taphoa/internal/api"
	"github.com/taphoa/taphoa/internal/wire"
)

// TestTheAuditLogHidesWhatRecordsHide: a member by its own resource, a list with all that is in it, and a member that no record of its
// resource has by its name anywhere.
func TestTheAuditLogHidesWhatRecordsHide(t *testing.T) {
	for _, c := range []struct {
		resource, member string
		want             wire.View
	}{
		{"customers", "debtLimit", wire.HidesDebts},
		{"customers", "name", 0},
		{"customers", "NAME", 0},
		{"products", "inventories", wire.HidesCost},
		{"products", "cost", wire.HidesCost},
		{"products", "basePrice", 0},
		{"transfers", "transferDetails", wire.HidesCost},
		{"transfers", "price", wire.HidesCost},
		{"pricebooks", "price", 0},
		{"suppliers", "debt", wire.HidesPurchases | wire.HidesDebts},
		{"roles", "cost", wire.HidesCost},
		{"roles", "rights", 0},
	} {
		if got := api.ViewOfMember(c.resource, c.member); got != c.want {
			t.Errorf("%s.%s is hidden by %b, want %b", c.resource, c.member, got, c.want)
		}
	}
}
