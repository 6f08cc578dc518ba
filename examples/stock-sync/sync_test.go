package stocksync_test

import (
	"testing"

	"github.com/taphoa/taphoa"
	stocksync "github.com/taphoa/taphoa/examples/stock-sync"
	"github.com/taphoa/taphoa/sandbox"
)

// TestTheOtherShopHasWhatIsLeft: what one shop sells the other one offers no more, also after a write whose answer was lost.
func TestTheOtherShopHasWhatIsLeft(t *testing.T) {
	leads, follows := sandbox.New(t), sandbox.New(t)
	_, err := leads.Client.CreateInvoice(t.Context(), &taphoa.InvoiceInput{
		BranchID: taphoa.Some[int64](1), InvoiceDetails: []taphoa.DetailInput{
			{ProductCode: taphoa.Some("SP000001"), Quantity: taphoa.Some(taphoa.Units(2))}, {ProductCode: taphoa.Some("SP000002"), Quantity: taphoa.Some(taphoa.Units(1))},
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	follows.SetFaults(sandbox.Fault{Method: "PUT", Path: "/products/*", Fault: "cut", Calls: []int64{1}})
	if _, err := stocksync.Sync(t.Context(), leads.Client, 1, follows.Client, 1); err == nil {
		t.Log("the client has sent the write again by itself")
	}
	if _, err := stocksync.Sync(t.Context(), leads.Client, 1, follows.Client, 1); err != nil {
		t.Fatal(err)
	}
	if n, err := stocksync.Sync(t.Context(), leads.Client, 1, follows.Client, 1); err != nil || n != 0 {
		t.Errorf("a further run changes %d, %v", n, err)
	}
	one, other := leads.State().Stock, follows.State().Stock
	for _, code := range []string{"SP000001", "SP000002", "SP000003"} {
		for branch := range one[code] {
			if one[code][branch].OnHand != other[code][branch].OnHand && branch == "Chi nhánh trung tâm" {
				t.Errorf("of %s one has %v, the other %v", code, one[code][branch].OnHand, other[code][branch].OnHand)
			}
		}
	}
}
