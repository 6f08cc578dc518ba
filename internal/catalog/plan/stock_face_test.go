package plan_test

import (
	"slices"
	"testing"

	"github.com/taphoa/taphoa"
	"github.com/taphoa/taphoa/internal/catalog/plan"
	orgplan "github.com/taphoa/taphoa/internal/org/plan"
)

func TestStockDataIsInTheOrderOfProductAndBranch(t *testing.T) {
	directory := &orgplan.Directory{
		Branches: map[int64]taphoa.Branch{1: {ID: 1, BranchName: "Chợ Lớn"}}, ClosedBranches: map[int64]string{2: "Gò Vấp"},
	}
	plain := func(id int64, code string, face *plan.StockFace) *plan.Item {
		return &plan.Item{ID: id, Code: code, Name: "Tên " + code, FullName: "Tên " + code + " (hộp)", BaseID: id, IsActive: id == 5, StockFace: face}
	}
	items := plan.NewItems(
		plain(5, "A", &plan.StockFace{Limits: []plan.StockLimit{{BranchID: 2, MinQuantity: taphoa.Units(3), MaxQuantity: taphoa.Units(30)}, {BranchID: 9, MinQuantity: taphoa.Units(4)}}}),
		plain(6, "B", &plan.StockFace{}), plain(7, "C", &plan.StockFace{Shared: true}), plain(8, "D", nil),
	)
	level := func(product, branch int64) plan.StockLevel {
		return plan.StockLevel{ProductID: product, BranchID: branch, OnHand: taphoa.Units(10), Reserved: taphoa.Units(2), Cost: taphoa.Dong(7)}
	}
	data, ok := plan.StockData(items, directory, []plan.StockLevel{level(6, 1), level(5, 2), level(5, 1)})
	want := []taphoa.StockData{
		{ProductID: 5, ProductCode: "A", ProductName: "Tên A", BranchID: 1, BranchName: "Chợ Lớn", Cost: taphoa.Dong(7), OnHand: taphoa.Units(10), Reserved: taphoa.Units(2), IsActive: true},
		{ProductID: 5, ProductCode: "A", ProductName: "Tên A", BranchID: 2, BranchName: "Gò Vấp", Cost: taphoa.Dong(7), OnHand: taphoa.Units(10), Reserved: taphoa.Units(2), MinQuantity: taphoa.Units(3), MaxQuantity: taphoa.Units(30), IsActive: true},
		{ProductID: 6, ProductCode: "B", ProductName: "Tên B", BranchID: 1, BranchName: "Chợ Lớn", Cost: taphoa.Dong(7), OnHand: taphoa.Units(10), Reserved: taphoa.Units(2)},
	}
	if !ok || !slices.Equal(data, want) {
		t.Errorf("the data is %v, %+v\nwant %+v", ok, data, want)
	}
	for name, l := range map[string]plan.StockLevel{
		"a product with units": level(7, 1), "a deleted product": level(8, 1), "a product that was not asked for": level(9, 1), "no such branch": level(5, 3),
	} {
		if data, ok := plan.StockData(items, directory, []plan.StockLevel{level(6, 1), l}); ok || data != nil {
			t.Errorf("%s: the data is %+v", name, data)
		}
	}
	if data, ok := plan.StockData(items, directory, nil); !ok || len(data) != 0 {
		t.Errorf("without levels: %v, %+v", ok, data)
	}
}
