package supply

import (
	"cmp"
	"slices"
	"strings"

	"github.com/taphoa/taphoa"
	"github.com/taphoa/taphoa/internal/db"
	"github.com/taphoa/taphoa/internal/org"
	"github.com/taphoa/taphoa/internal/stock"
)

// linesMax bounds the lines of one document.
const linesMax = 1000

// moving is a transfer that is being made or changed.
type moving struct {
	before transferRow // of id and status 0 when it is new
	t      transferRow
	in     *taphoa.TransferInput
	items  []*transferItem
}

// CreateTransfer moves goods from one branch to another (contract transfers, createTransfer): sent at once unless the
// request makes a draft of it or says that they have arrived. It refuses what [taphoa.Refuse] names, and too little
// stock when the shop's settings forbid to go below it.
func CreateTransfer(tx *db.Tx, in *taphoa.TransferInput) (*taphoa.TransferResult, error) {
	m := &moving{in: in}
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
	saveTransfer(tx, &m.before, &m.t)
	return transferResult(tx, m.t.ID)
}

// UpdateTransfer changes the members of a transfer that are given (contract transfers, updateTransfer). A draft may be
// sent, a sent one received, wholly or in part; what was received or voided stays as it is.
func UpdateTransfer(tx *db.Tx, in *taphoa.TransferUpdate) (*taphoa.TransferResult, error) {
	before, err := lockTransfer(tx, in.ByID.ID)
	if err != nil {
		return nil, err
	}
	m := &moving{before: *before, t: *before, in: &in.TransferInput}
	m.t.Status = cmp.Or(in.Wants(), before.Status)
	moves := taphoa.TransferMoves[before.Status]
	if moves == nil || m.t.Status != before.Status && !slices.Contains(moves, m.t.Status) {
		return nil, refuse("status", "Phiếu chuyển hàng %s đang ở trạng thái %s, không thể cập nhật", before.Code, taphoa.Term(taphoa.TransferStatusValue(before.Status)))
	}
	if err := m.apply(tx); err != nil {
		return nil, err
	}
	saveTransfer(tx, &m.before, &m.t)
	return transferResult(tx, m.t.ID)
}

// DeleteTransfer voids a transfer (contract transfers, deleteTransfer): what is under way goes back to its branch. One
// that is void already stays as it is; a received one refuses.
func DeleteTransfer(tx *db.Tx, in *taphoa.ByID) (taphoa.Message, error) {
	before, err := lockTransfer(tx, in.ID)
	if err != nil {
		return taphoa.Message{}, err
	}
	switch before.Status {
	case taphoa.TransferVoided:
		return taphoa.Message{Message: taphoa.MessageDeleted}, nil
	case taphoa.TransferReceived:
		return taphoa.Message{}, refuse("id", "Phiếu chuyển hàng %s đã nhận hàng nên không thể hủy; hãy lập phiếu chuyển ngược lại", before.Code)
	}
	m := &moving{before: *before, t: *before, in: &taphoa.TransferInput{}}
	m.t.Status = taphoa.TransferVoided
	if err := m.apply(tx); err != nil {
		return taphoa.Message{}, err
	}
	saveTransfer(tx, &m.before, &m.t)
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
	return &taphoa.TransferResult{Message: taphoa.MessageUpdated, Data: &found[0]}, nil
}

// apply changes head, lines and goods to what the request wants.
func (m *moving) apply(tx *db.Tx) error {
	if err := m.head(tx); err != nil {
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
		return m.settle(tx, nil, anyway)
	}
	moved := t.Status != m.before.Status || t.FromBranchID != m.before.FromBranchID || t.ToBranchID != m.before.ToBranchID
	lines := m.in.TransferDetails != nil
	if !lines && (!moved || t.Status == taphoa.TransferDraft) {
		return nil
	}
	if err := m.readLines(tx); err != nil {
		return err
	}
	if err := m.moveGoods(tx); err != nil {
		return err
	}
	return m.writeLines(tx)
}

// head changes branches, code and notes.
func (m *moving) head(tx *db.Tx) error {
	t, in := &m.t, m.in
	if in.Description.Given() {
		t.Description = in.Description
	}
	if in.NoteByDestination.Given() {
		t.NoteByDestination = in.NoteByDestination
	}
	if code := strings.TrimSpace(in.Code.Or("")); code != "" && codeKey(code) != codeKey(t.Code) {
		used, err := codeUsed(tx, "transfers", code, t.ID)
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
	for _, place := range []struct {
		label, field string
		id           *int64
		given        taphoa.Opt[int64]
	}{
		{"Chi nhánh chuyển", "fromBranchId", &t.FromBranchID, in.FromBranchID},
		{"Chi nhánh nhận", "toBranchId", &t.ToBranchID, in.ToBranchID},
	} {
		before := *place.id
		*place.id = cmp.Or(place.given.Or(0), before)
		if *place.id == before && t.Status == m.before.Status {
			continue // a branch that has closed since may stay until the goods move
		}
		if err := openBranch(tx, place.label, place.field, *place.id); err != nil {
			return err
		}
	}
	if t.FromBranchID == t.ToBranchID {
		return refuse("toBranchId", "Chi nhánh chuyển (fromBranchId) và chi nhánh nhận (toBranchId) phải khác nhau")
	}
	return nil
}

// anyway are the limits of goods that come back.
var anyway = stock.Limits{BelowZero: true, BelowReserved: true}

// settle makes the goods that the transfer has moved equal to want.
func (m *moving) settle(tx *db.Tx, want []stock.Posting, limits stock.Limits) error {
	doc := stock.Document{Kind: "transfer", ID: m.t.ID, Step: m.t.StockStep, EffectiveAt: m.t.DispatchedDate.Or(tx.Clock)}
	used, err := stock.Post(tx, doc, want, limits)
	if used {
		m.t.StockStep++
	}
	return err
}
