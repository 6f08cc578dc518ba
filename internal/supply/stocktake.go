package supply

import (
	"cmp"
	"errors"
	"slices"
	"strings"

	"github.com/taphoa/taphoa"
	"github.com/taphoa/taphoa/internal/db"
	"github.com/taphoa/taphoa/internal/org"
	"github.com/taphoa/taphoa/internal/stock"
)

// counting is a stock take that is being made or changed.
type counting struct {
	before stockTakeRow // of id and status 0 when it is new
	t      stockTakeRow
	in     *taphoa.StockTakeInput
	items  []*countedItem
}

// CreateStockTake counts goods of a branch and, unless the request makes a draft of it, makes the branch have what was
// counted: one document in the history of all its products.
func CreateStockTake(tx *db.Tx, in *taphoa.StockTakeInput) (*taphoa.StockTake, error) {
	c := &counting{in: in}
	c.t.Status = cmp.Or(in.Wants(), taphoa.StockTakeBalanced)
	if c.t.Status != taphoa.StockTakeDraft && c.t.Status != taphoa.StockTakeBalanced {
		return nil, refuse("status", "Trạng thái %d (status) không hợp lệ khi tạo phiếu kiểm kho: chọn 1 (Phiếu tạm) hoặc 2 (Đã cân bằng kho)", c.t.Status)
	}
	creator, err := org.FindSeller(tx, "createdById", tx.User)
	if err != nil {
		return nil, err
	}
	c.t.CreatedByID = creator.ID
	if c.t.ID, err = tx.NewID("stocktakes"); err != nil {
		return nil, err
	}
	if in.StockTakeDetails == nil {
		in.StockTakeDetails = []taphoa.StockTakeLineInput{}
	}
	if err := c.apply(tx); err != nil {
		return nil, err
	}
	if c.t.Code == "" {
		c.t.Code, err = org.NextCode(tx, "KK", "stocktakes", "")
		if err != nil {
			return nil, err
		}
	}
	saveStockTake(tx, &c.before, &c.t)
	return findStockTake(tx, "t.id = ?", c.t.ID)
}

// UpdateStockTake changes the members of a draft that are given, balances it, or voids a stock take.
func UpdateStockTake(tx *db.Tx, in *taphoa.StockTakeUpdate) (*taphoa.StockTake, error) {
	before, err := lockStockTake(tx, in.ByID.ID)
	if err != nil {
		return nil, err
	}
	c := &counting{before: *before, t: *before, in: &in.StockTakeInput}
	c.t.Status = cmp.Or(in.Wants(), before.Status)
	stays := c.t.Status == taphoa.StockTakeDraft && before.Status == taphoa.StockTakeDraft
	if !stays && !slices.Contains(taphoa.StockTakeMoves[before.Status], c.t.Status) {
		return nil, refuse("status", "Phiếu kiểm kho %s đang ở trạng thái %s, không thể cập nhật", before.Code, taphoa.Term(taphoa.StockTakeStatusValue(before.Status)))
	}
	if err := c.change(tx); err != nil {
		return nil, err
	}
	return findStockTake(tx, "t.id = ?", c.t.ID)
}

// DeleteStockTake voids a stock take: the branch has again what the ledger said before it. One that is void already stays
// as it is. It refuses when goods that it had found are gone and the shop forbids to have less than none.
func DeleteStockTake(tx *db.Tx, in *taphoa.ByID) (taphoa.Message, error) {
	before, err := lockStockTake(tx, in.ID)
	if err == nil && before.Status != taphoa.StockTakeVoided {
		c := &counting{before: *before, t: *before, in: &taphoa.StockTakeInput{}}
		c.t.Status = taphoa.StockTakeVoided
		err = c.change(tx)
	}
	return taphoa.Message{Message: taphoa.MessageDeleted}, err
}

// change applies the request and stores the stock take.
func (c *counting) change(tx *db.Tx) error {
	if err := c.apply(tx); err != nil {
		return err
	}
	saveStockTake(tx, &c.before, &c.t)
	return nil
}

func (c *counting) apply(tx *db.Tx) error {
	t, in := &c.t, c.in
	if in.Description.Given() {
		t.Description = in.Description
	}
	if t.Status == taphoa.StockTakeVoided {
		return c.takeBack(tx)
	}
	if code := strings.TrimSpace(in.Code.Or("")); code != "" && codeKey(code) != codeKey(t.Code) {
		used, err := codeUsed(tx, "stocktakes", code, t.ID)
		if used {
			err = refuse("code", "Mã phiếu kiểm kho %s (code) đã tồn tại", code)
		}
		if err != nil {
			return err
		}
		t.Code = code
	}
	t.BranchID = cmp.Or(in.BranchID.Or(0), t.BranchID)
	if err := openBranch(tx, "Chi nhánh kiểm kho", "branchId", t.BranchID); err != nil {
		return err
	}
	if in.StockTakeDetails == nil && t.Status == taphoa.StockTakeDraft {
		return nil
	}
	if err := c.readLines(tx); err != nil {
		return err
	}
	if t.Status == taphoa.StockTakeBalanced {
		if err := c.balance(tx); err != nil {
			return err
		}
	}
	return c.writeLines(tx)
}

// balance makes the branch have what was counted, and notes what the ledger had said.
func (c *counting) balance(tx *db.Tx) error {
	tallies := make([]stock.CountedLine, len(c.items))
	for i, it := range c.items {
		tallies[i] = stock.CountedLine{
			ProductID: it.product.BaseID, BranchID: c.t.BranchID, BatchID: it.BatchID.Or(0), OnHand: it.counted,
			BySerial: it.product.IsSerial, Serials: it.serials,
		}
	}
	c.t.BalancedDate = taphoa.Some(tx.Clock)
	found, used, err := stock.ApplyStockTake(tx, c.document(), tallies)
	if err != nil {
		return err
	}
	if used {
		c.t.StockStep++
	}
	var total taphoa.Money
	for i, it := range c.items {
		if err := it.compare(found[i]); err != nil {
			return err
		}
		if total, err = total.Add(it.DifferenceValue.Value); err != nil {
			return tooMuchCounted()
		}
	}
	c.t.TotalDifference = taphoa.Some(total)
	return nil
}

func (c *counting) document() stock.Document {
	return stock.Document{Kind: "stocktake", ID: c.t.ID, Step: c.t.StockStep, EffectiveAt: c.t.BalancedDate.Value}
}

// takeBack posts the mirror of what the stock take has posted.
func (c *counting) takeBack(tx *db.Tx) error {
	if c.t.StockStep == 0 {
		return nil
	}
	s, err := org.GetSettings(tx)
	if err != nil {
		return err
	}
	used, err := stock.Post(tx, c.document(), nil, stock.Limits{BelowZero: s.AllowSellWhenOutStock, BelowReserved: true})
	if used {
		c.t.StockStep++
	}
	if short := (*stock.Short)(nil); errors.As(err, &short) {
		return refuse("id", "Hàng đếm thừa của phiếu kiểm kho %s đã xuất khỏi kho nên không thể hủy; hãy kiểm kho lại", c.t.Code)
	}
	return err
}
