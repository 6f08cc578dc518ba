package supply

import (
	"cmp"
	"slices"

	"github.com/taphoa/taphoa"
	"github.com/taphoa/taphoa/internal/audit"
	"github.com/taphoa/taphoa/internal/db"
	"github.com/taphoa/taphoa/internal/org"
	"github.com/taphoa/taphoa/internal/stock"
	"github.com/taphoa/taphoa/internal/text"
)

// transferDraft is a transfer that is created, changed or voided.
type transferDraft struct {
	before transferRow // of id and status 0 when it is new
	t      transferRow
	in     *taphoa.TransferInput
	items  []*transferItem
}

// CreateTransfer creates a transfer from one branch to another (contract transfers, createTransfer): sent, unless the
// request asks for a draft or a received one. It refuses too little stock if the shop does not allow to go below zero.
func CreateTransfer(tx *db.Tx, in *taphoa.TransferInput) (*taphoa.TransferResult, error) {
	m := &transferDraft{in: in}
	m.t.Status = cmp.Or(in.Wants(), taphoa.TransferSent)
	if m.t.Status < taphoa.TransferDraft || m.t.Status > taphoa.TransferReceived {
		return nil, refuse("status", "Trạng thái %d (status) không hợp lệ khi tạo phiếu chuyển hàng: chọn 1 (Phiếu tạm), 2 (Đang chuyển) hoặc 3 (Đã nhận)", m.t.Status)
	}
	creator, err := org.FindSeller(tx, "createdById", tx.User)
	if err != nil {
		return nil, err
	}
	m.t.CreatedByID = creator.ID
	if m.t.ID, err = tx.NewID("transfers"); err != nil {
		return nil, err
	}
	if in.TransferDetails == nil {
		in.TransferDetails = []taphoa.TransferLineInput{}
	}
	if err := m.apply(tx); err != nil {
		return nil, err
	}
	if m.t.Code == "" {
		m.t.Code, err = org.NextCode(tx, "TRF", "transfers", "")
		if err != nil {
			return nil, err
		}
	}
	saveTransfer(tx, &m.before, &m.t, m.items != nil)
	return transferResult(tx, m.t.ID)
}

// UpdateTransfer changes the given members of a transfer (contract transfers, updateTransfer). A draft can be sent, a sent
// one received, wholly or in part; a received or void one is refused.
func UpdateTransfer(tx *db.Tx, in *taphoa.TransferUpdate) (*taphoa.TransferResult, error) {
	before, err := lockTransfer(tx, in.ByID.ID)
	if err != nil {
		return nil, err
	}
	m := &transferDraft{before: *before, t: *before, in: &in.TransferInput}
	m.t.Status = cmp.Or(in.Wants(), before.Status)
	if taphoa.TransferStatusValue(m.t.Status) == "" {
		return nil, refuse("status", "Trạng thái %d (status) của phiếu chuyển hàng không hợp lệ: dùng 1 (Phiếu tạm), 2 (Đang chuyển), 3 (Đã nhận) hoặc 4 (Đã hủy)", m.t.Status)
	}
	moves := taphoa.TransferMoves[before.Status]
	if moves == nil || m.t.Status != before.Status && !slices.Contains(moves, m.t.Status) {
		return nil, refuse("status", "Phiếu chuyển hàng %s đang ở trạng thái %s, không thể cập nhật", before.Code, taphoa.Term(taphoa.TransferStatusValue(before.Status)))
	}
	if err := m.apply(tx); err != nil {
		return nil, err
	}
	saveTransfer(tx, &m.before, &m.t, m.items != nil)
	return transferResult(tx, m.t.ID)
}

// DeleteTransfer voids a transfer (contract transfers, deleteTransfer): goods in transit return to the sending branch. A
// void one is not changed, a received one refused.
func DeleteTransfer(tx *db.Tx, in *taphoa.ByID) (taphoa.Message, error) {
	before, err := lockTransfer(tx, in.ID)
	if err == nil {
		err = tx.Actor().May(before.FromBranchID)
	}
	if err != nil {
		return taphoa.Message{}, err
	}
	switch before.Status {
	case taphoa.TransferVoided:
		return taphoa.Message{Message: taphoa.MessageDeleted}, nil
	case taphoa.TransferReceived:
		return taphoa.Message{}, refuse("id", "Phiếu chuyển hàng %s đã nhận hàng nên không thể hủy; hãy lập phiếu chuyển ngược lại", before.Code)
	}
	m := &transferDraft{before: *before, t: *before, in: &taphoa.TransferInput{}}
	m.t.Status = taphoa.TransferVoided
	if err := m.apply(tx); err != nil {
		return taphoa.Message{}, err
	}
	saveTransfer(tx, &m.before, &m.t, m.items != nil)
	audit.Record(tx, before.ID, before.Code)
	return taphoa.Message{Message: taphoa.MessageDeleted}, nil
}

// transferResult returns a transfer that was written, with its lines.
func transferResult(tx *db.Tx, id int64) (*taphoa.TransferResult, error) {
	found, err := findTransfers(tx, "t.id = ?", id)
	if err == nil {
		err = fillTransfers(tx, found)
	}
	if err != nil {
		return nil, err
	}
	return &taphoa.TransferResult{Transfer: found[0], Message: taphoa.MessageUpdated, Data: &found[0]}, nil
}

// apply applies the request to header, lines and postings.
func (m *transferDraft) apply(tx *db.Tx) error {
	if err := m.setHeader(tx); err != nil {
		return err
	}
	if err := m.permit(tx); err != nil {
		return err
	}
	t := &m.t
	if t.Status != m.before.Status {
		if t.Status == taphoa.TransferSent || t.Status == taphoa.TransferReceived && !t.DispatchedDate.Has() {
			t.DispatchedDate = taphoa.Some(tx.Clock)
		}
		if t.Status == taphoa.TransferReceived {
			t.ReceivedDate = taphoa.Some(tx.Clock)
		}
	}
	if t.Status == taphoa.TransferVoided {
		return m.post(tx, nil, noLimits)
	}
	moved := t.Status != m.before.Status || t.FromBranchID != m.before.FromBranchID || t.ToBranchID != m.before.ToBranchID
	lines := m.in.TransferDetails != nil
	if !lines && (!moved || t.Status == taphoa.TransferDraft) {
		return nil
	}
	if err := m.readLines(tx); err != nil {
		return err
	}
	if err := m.postGoods(tx); err != nil {
		return err
	}
	return m.writeLines(tx)
}

// setHeader sets branches, code and notes.
func (m *transferDraft) setHeader(tx *db.Tx) error {
	t, in := &m.t, m.in
	if in.Description.Given() {
		t.Description = in.Description
	}
	if in.NoteByDestination.Given() {
		t.NoteByDestination = in.NoteByDestination
	}
	if code := text.Clean(in.Code.Or("")); code != "" && text.CodeKey(code) != text.CodeKey(t.Code) {
		used, err := org.CodeUsed(tx, "transfers", code, t.ID, "")
		if used {
			err = refuse("code", "Mã phiếu chuyển hàng %s (code) đã tồn tại", code)
		}
		if err != nil {
			return err
		}
		t.Code = code
	}
	if t.Status == taphoa.TransferVoided {
		return nil
	}
	for _, branch := range []struct {
		label, field string
		id           *int64
		given        taphoa.Opt[int64]
	}{
		{"Chi nhánh chuyển", "fromBranchId", &t.FromBranchID, in.FromBranchID},
		{"Chi nhánh nhận", "toBranchId", &t.ToBranchID, in.ToBranchID},
	} {
		before := *branch.id
		*branch.id = cmp.Or(branch.given.Or(0), before)
		if *branch.id == before && (t.Status == m.before.Status || m.before.Status == taphoa.TransferSent) {
			continue // it may have been closed since: what is under way arrives, but nothing new is sent
		}
		if err := openBranch(tx, branch.label, branch.field, *branch.id); err != nil {
			return err
		}
	}
	if t.FromBranchID == t.ToBranchID {
		return refuse("toBranchId", "Chi nhánh chuyển (fromBranchId) và chi nhánh nhận (toBranchId) phải khác nhau")
	}
	return nil
}

// noLimits are the limits of postings that are never refused: received or returned goods.
var noLimits = stock.Limits{BelowZero: true, BelowReserved: true}

// post posts the difference between want and what the transfer has posted.
func (m *transferDraft) post(tx *db.Tx, want []stock.Posting, limits stock.Limits) error {
	doc := stock.Document{Kind: "transfer", ID: m.t.ID, Step: m.t.StockStep, EffectiveAt: m.t.DispatchedDate.Or(tx.Clock)}
	used, err := stock.Post(tx, doc, want, limits)
	if used {
		m.t.StockStep++
	}
	return err
}
