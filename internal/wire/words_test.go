package wire

import (
	"errors"
	"slices"
	"testing"

	"github.com/taphoa/taphoa"
)

// TestAStatusMayBeAWord in the ways that clients write lists of statuses, of an order and of an invoice.
func TestAStatusMayBeAWord(t *testing.T) {
	for query, want := range map[string][]int64{
		"status=1;2":                         {1, 2},
		"status=1+2":                         {1, 2},
		"status=1%2C+2":                      {1, 2},
		"status=[1,2]":                       {1, 2},
		"status=Draft":                       {1},
		"status=DRAFT,cancelled;Canceled":    {1, 4, 4},
		"status=completed+3":                 {3, 3},
		"status[]=Completed&status[]=1":      {3, 1},
		"status=[\"Draft\",\"in_progress\"]": {1, 2},
		"status=Đã hủy":                      {4},
		"status=%C4%90%C3%A3+hu%E1%BB%B7":    {4},
		"status=đang giao hàng Hoàn thành phiếu tạm": {2, 3, 1},
		"status=Active":   {},
		"status=Active,4": {4},
		"status=-1":       {-1},
	} {
		var in taphoa.OrderQuery
		if err := Decode(&Source{Query: query}, &in); err != nil || !slices.Equal(in.Status, want) {
			t.Errorf("%s: %v, %v, want %v", query, in.Status, err, want)
		}
	}
	var in taphoa.InvoiceQuery
	if err := Decode(&Source{Query: "status=Cancelled,Processing,Draft&branchIds=1;2 3&customerCode=KH1;KH 2"}, &in); err != nil ||
		!slices.Equal(in.Status, []int64{2, 3}) || !slices.Equal(in.BranchIDs, []int64{1, 2, 3}) || !slices.Equal(in.CustomerCode, []string{"KH1", "KH 2"}) {
		t.Errorf("%+v, %v", in, err)
	}
	for query, member := range map[string]string{"abc": "status", "1;x": "status", "1|2": "status", "Đã": "status", "1&status=y": "status"} {
		err := Decode(&Source{Query: "status=" + query}, &taphoa.OrderQuery{})
		if refusal := (*taphoa.Error)(nil); !errors.As(err, &refusal) || refusal.Kind != taphoa.KindUnreadable || refusal.Field != member {
			t.Errorf("%s: %v", query, err)
		}
	}
}
