package supply

import (
	"cmp"
	"errors"
	"slices"

	"github.com/taphoa/taphoa"
	"github.com/taphoa/taphoa/internal/audit"
	"github.com/taphoa/taphoa/internal/db"
	"github.com/taphoa/taphoa/internal/org"
	"github.com/taphoa/taphoa/internal/right"
	"github.com/taphoa/taphoa/internal/stock"
	"github.com/taphoa/taphoa/internal/text"
)

// stockTakeDraft is a stock take that is created, changed or voided.
type stockTakeDraft struct {
	before stockTakeRow // of id and status 0 when it is new
	t      stockTakeRow
	in     *taphoa.StockTakeInput
	items  []*countedItem
}

// CreateStockTake creates a stock take of a branch. Unless it is a draft, it posts the difference between the counted
// quantities and the ledger.
func CreateStockTake(tx *db.Tx, in *taphoa.StockTakeInput) (*taphoa.StockTake, error) {
	c := &stockTakeDraft{in: in}
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
	saveStockTake(tx, &c.before, &c.t, c.items != nil)
	return findStockTake(tx, "t.id = ?", c.t.ID)
}

// UpdateStockTake changes the given members of a draft, balances it, or voids a stock take.
func UpdateStockTake(tx *db.Tx, in *taphoa.StockTakeUpdate) (*taphoa.StockTake, error) {
	before, err := lockStockTake(tx, in.ByID.ID)
	if err != nil {
		return nil, err
	}
	c := &stockTakeDraft{before: *before, t: *before, in: &in.StockTakeInput}
	c.t.Status = cmp.Or(in.Wants(), before.Status)
	if taphoa.StockTakeStatusValue(c.t.Status) == "" {
		return nil, refuse("status", "Trạng thái %d (status) của phiếu kiểm kho không hợp lệ: dùng 1 (Phiếu tạm), 2 (Đã cân bằng kho) hoặc 3 (Đã hủy)", c.t.Status)
	}
	stays := c.t.Status == taphoa.StockTakeDraft && before.Status == taphoa.StockTakeDraft
	if !stays && !slices.Contains(taphoa.StockTakeMoves[before.Status], c.t.Status) {
		return nil, refuse("status", "Phiếu kiểm kho %s đang ở trạng thái %s, không thể cập nhật", before.Code, taphoa.Term(taphoa.StockTakeStatusValue(before.Status)))
	}
	if err := c.update(tx); err != nil {
		return nil, err
	}
	return findStockTake(tx, "t.id = ?", c.t.ID)
}

// DeleteStockTake voids a stock take and reverses its postings. A void one is not changed. It refuses if a surplus that was
// counted has left the branch and the shop does not allow to sell below zero.
func DeleteStockTake(tx *db.Tx, in *taphoa.ByID) (taphoa.Message, error) {
	before, err := lockStockTake(tx, in.ID)
	if err == nil {
		err = tx.Actor().May(before.BranchID)
	}
	if err == nil && before.Status != taphoa.StockTakeVoided {
		c := &stockTakeDraft{before: *before, t: *before, in: &taphoa.StockTakeInput{}}
		c.t.Status = taphoa.StockTakeVoided
		err = c.update(tx)
		audit.Record(tx, before.ID, before.Code)
	}
	return taphoa.Message{Message: taphoa.MessageDeleted}, err
}

// update applies the request and stores the stock take.
func (c *stockTakeDraft) update(tx *db.Tx) error {
	if err := c.apply(tx); err != nil {
		return err
	}
	saveStockTake(tx, &c.before, &c.t, c.items != nil)
	return nil
}

func (c *stockTakeDraft) apply(tx *db.Tx) error {
	t, in := &c.t, c.in
	var also []right.Right
	if t.Status == taphoa.StockTakeVoided {
		also = append(also, right.VoidStockTakes)
	}
	if err := mayAtBoth(tx, t.BranchID, in.BranchID.Or(0), also...); err != nil {
		return err
	}
	if in.Description.Given() {
		t.Description = in.Description
	}
	if t.Status == taphoa.StockTakeVoided {
		return c.reverse(tx)
	}
	if code := text.Clean(in.Code.Or("")); code != "" && text.CodeKey(code) != text.CodeKey(t.Code) {
		used, err := org.CodeUsed(tx, "stocktakes", code, t.ID, "")
		if used {
			err = refuse("code", "Mã phiếu kiểm kho %s (code) đã tồn tại", code)
		}
		if err != nil {
			return err
		}
		t.Code = code
	}
	t.BranchID = cmp.Or(in.BranchID.Or(0), t.BranchID)
	if t.BranchID != c.before.BranchID || t.BranchID == 0 { // else it may have been closed since
		if err := openBranch(tx, "Chi nhánh kiểm kho", "branchId", t.BranchID); err != nil {
			return err
		}
	}
	if in.StockTakeDetails == nil && t.Status == taphoa.StockTakeDraft && t.BranchID == c.before.BranchID {
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

// balance posts the difference between the counted quantities and what the ledger had when they were written.
func (c *stockTakeDraft) balance(tx *db.Tx) error {
	lines := make([]stock.CountedLine, len(c.items))
	for i, it := range c.items {
		lines[i] = it.line
	}
	c.t.BalancedDate = taphoa.Some(tx.Clock)
	costs, used, err := stock.ApplyStockTake(tx, c.document(), lines)
	if conflict := (*stock.CountConflict)(nil); errors.As(err, &conflict) {
		return c.refuseConflict(tx, conflict)
	}
	if err != nil {
		return err
	}
	if used {
		c.t.StockStep++
	}
	var total taphoa.Money
	for i, it := range c.items {
		if err := it.value(costs[i]); err != nil {
			return err
		}
		if total, err = total.Add(it.DifferenceValue.Value); err != nil {
			return stockTakeTooLarge()
		}
	}
	c.t.TotalDifference = taphoa.Some(total)
	return nil
}

// refuseConflict names the line whose goods have moved since they were counted.
func (c *stockTakeDraft) refuseConflict(tx *db.Tx, conflict *stock.CountConflict) error {
	it, line := c.items[conflict.Line], conflict.Line+1
	switch {
	case conflict.Found:
		return refuse("serialNumbers", "Dòng %d: serial/IMEI %s đã có trong kho nên hàng hóa %s không thể kiểm thừa serial này; hãy kiểm lại dòng này",
			line, conflict.Serial, it.product.Code)
	case conflict.Serial != "":
		return refuse("serialNumbers", "Dòng %d: serial/IMEI %s của hàng hóa %s kiểm thiếu nhưng đã xuất khỏi kho sau khi kiểm; hãy kiểm lại dòng này",
			line, conflict.Serial, it.product.Code)
	}
	lots, err := stock.FindLots(tx, []int64{it.BatchID.Value})
	if err != nil {
		return err
	}
	return refuse("productBatchExpireId", "Dòng %d: lô %s của hàng hóa %s sẽ âm vì hàng kiểm thiếu đã xuất khỏi kho sau khi kiểm; hãy kiểm lại dòng này",
		line, lots[it.BatchID.Value].BatchName, it.product.Code)
}

func (c *stockTakeDraft) document() stock.Document {
	return stock.Document{Kind: "stocktake", ID: c.t.ID, Step: c.t.StockStep, EffectiveAt: c.t.BalancedDate.Value}
}

// reverse reverses the postings of the stock take.
func (c *stockTakeDraft) reverse(tx *db.Tx) error {
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
