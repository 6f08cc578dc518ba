package cash

import (
	"strings"

	"github.com/taphoa/taphoa"
	"github.com/taphoa/taphoa/internal/db"
	"github.com/taphoa/taphoa/internal/org"
)

// surchargesMax is how many surcharges one document can bear.
const surchargesMax = 100

const surchargeColumns = `s.id, s.surcharge_code, s.surcharge_name, s.value_ratio, s.value, s.retailer_id, s.is_active,
	s.modified_date, s.created_date`

// surchargesOn refuses everything about surcharges while the shop does not use them (contract surcharges, settings).
func surchargesOn(tx *db.Tx) error {
	shop, err := org.GetSettings(tx)
	if err == nil && !shop.UseSurcharge {
		err = taphoa.Refuse(taphoa.CodeBusiness, "", taphoa.MessageSurchargesOff)
	}
	return err
}

var surchargeOrders = db.Orders{
	"name": db.Text("s.surcharge_name"), "surchargename": db.Text("s.surcharge_name"), "code": db.Text("s.code_key"),
	"surchargecode": db.Text("s.code_key"), "valueratio": db.Number("s.value_ratio"), "value": db.Number("s.value").OrNull(),
	"isactive": db.Flag("s.is_active"), "createddate": db.Number("s.created_date"), "createdate": db.Number("s.created_date"),
	"modifieddate": db.Number("s.changed_at"),
}

// ListSurcharges lists the surcharges that are in use (contract surcharges).
func ListSurcharges(tx *db.Tx, in *taphoa.SurchargeQuery) (taphoa.Page[taphoa.Surcharge], error) {
	if err := surchargesOn(tx); err != nil {
		return taphoa.Page[taphoa.Surcharge]{}, err
	}
	list := db.List{
		Table: "surcharges s", Live: "s.is_active", Columns: surchargeColumns,
		Orders: surchargeOrders,
	}
	list.If(in.BranchID != 0, "(s.branch_id IS NULL OR s.branch_id = ?)", in.BranchID).
		If(in.LastModifiedFrom.Has(), "s.changed_at >= ?", in.LastModifiedFrom.Value)
	return db.ListPage[taphoa.Surcharge](tx, &list, in.Paging)
}

// GetSurcharge answers one surcharge, in use or stopped, or says that it does not exist.
func GetSurcharge(tx *db.Tx, in *taphoa.ByID) (taphoa.Surcharge, error) {
	if err := surchargesOn(tx); err != nil {
		return taphoa.Surcharge{}, err
	}
	return getSurcharge(tx, in.ID)
}

func getSurcharge(tx *db.Tx, id int64) (taphoa.Surcharge, error) {
	s, found, err := db.One[taphoa.Surcharge](tx,
		`SELECT `+surchargeColumns+` FROM surcharges s WHERE s.retailer_id = :retailer AND s.id = ?`, id)
	if err == nil && !found {
		err = unknownSurcharge()
	}
	return s, err
}

func unknownSurcharge() error {
	return taphoa.NotFound(taphoa.CodeValidate, "Thu khác không tồn tại")
}

// CreateSurcharge adds a surcharge. It refuses a code that any other has, a stopped one, too.
func CreateSurcharge(tx *db.Tx, in *taphoa.SurchargeInput) (taphoa.SurchargeWritten, error) {
	if err := in.Validate(); err != nil {
		return taphoa.SurchargeWritten{}, err
	}
	if err := surchargesOn(tx); err != nil {
		return taphoa.SurchargeWritten{}, err
	}
	if in.BranchID.Has() {
		if _, err := org.GetBranch(tx, &taphoa.ByID{ID: in.BranchID.Value}); err != nil {
			return taphoa.SurchargeWritten{}, err
		}
	}
	code := strings.TrimSpace(in.Code.Or(""))
	if err := refuseUsedCode(tx, 0, code); err != nil {
		return taphoa.SurchargeWritten{}, err
	}
	id, err := tx.NewID("surcharges")
	if err != nil {
		return taphoa.SurchargeWritten{}, err
	}
	if code == "" {
		if code, err = org.NextCode(tx, "THK", "surcharges", ""); err != nil {
			return taphoa.SurchargeWritten{}, err
		}
	}
	tx.Queue(`
		INSERT INTO surcharges (retailer_id, id, surcharge_code, code_key, surcharge_name, value_ratio, value, branch_id,
			is_active, created_date, changed_at)
		VALUES (:retailer, ?, ?, ?, ?, :value_ratio, :value, :branch_id, TRUE, :now, :now)`,
		in, id, code, surchargeKey(code), strings.TrimSpace(in.Name))
	return writtenSurcharge(tx, id)
}

// UpdateSurcharge changes the members of a surcharge that are present, with the refusals of [CreateSurcharge].
func UpdateSurcharge(tx *db.Tx, in *taphoa.SurchargeUpdate) (taphoa.SurchargeWritten, error) {
	if err := in.Validate(); err != nil {
		return taphoa.SurchargeWritten{}, err
	}
	if err := surchargesOn(tx); err != nil {
		return taphoa.SurchargeWritten{}, err
	}
	code := strings.TrimSpace(in.Code.Or(""))
	if err := refuseUsedCode(tx, in.ID, code); err != nil {
		return taphoa.SurchargeWritten{}, err
	}
	n, err := tx.Exec(`
		UPDATE surcharges SET surcharge_name = COALESCE(?, surcharge_name), surcharge_code = COALESCE(?, surcharge_code),
			code_key = COALESCE(?, code_key), value = COALESCE(?, value), modified_date = :now, changed_at = :now
		WHERE retailer_id = :retailer AND id = ?`,
		taphoa.SomeIf(strings.TrimSpace(in.Name.Or(""))), taphoa.SomeIf(code), taphoa.SomeIf(surchargeKey(code)), in.Value, in.ID)
	if err == nil && n == 0 {
		err = unknownSurcharge()
	}
	if err != nil {
		return taphoa.SurchargeWritten{}, err
	}
	return writtenSurcharge(tx, in.ID)
}

func writtenSurcharge(tx *db.Tx, id int64) (taphoa.SurchargeWritten, error) {
	s, err := getSurcharge(tx, id)
	return taphoa.SurchargeWritten{Message: taphoa.MessageSurchargeWritten, Data: s}, err
}

// SetSurchargeActive stops a surcharge or puts it back in use.
func SetSurchargeActive(tx *db.Tx, in *taphoa.SurchargeActive) (taphoa.Message, error) {
	if err := in.Validate(); err != nil {
		return taphoa.Message{}, err
	}
	if err := surchargesOn(tx); err != nil {
		return taphoa.Message{}, err
	}
	n, err := tx.Exec(`
		UPDATE surcharges SET is_active = ?, modified_date = :now, changed_at = :now
		WHERE retailer_id = :retailer AND id = ?`, in.IsActive.Value, in.ID)
	if err == nil && n == 0 {
		err = unknownSurcharge()
	}
	return taphoa.Message{Message: taphoa.MessageUpdated}, err
}

// DeleteSurcharge stops a surcharge, which is all that the vendor's shops can do with one (contract surcharges,
// undocumented).
func DeleteSurcharge(tx *db.Tx, in *taphoa.ByID) (taphoa.Message, error) {
	_, err := SetSurchargeActive(tx, &taphoa.SurchargeActive{ID: in.ID, IsActive: taphoa.Some(false)})
	return taphoa.Message{Message: taphoa.MessageDeleted}, err
}

// surchargeKey is what codes are compared by.
func surchargeKey(code string) string { return strings.ToLower(strings.TrimSpace(code)) }

func codeUsed(tx *db.Tx, id int64, code string) (bool, error) {
	_, used, err := db.One[int64](tx,
		`SELECT id FROM surcharges WHERE retailer_id = :retailer AND code_key = ? AND id <> ?`, surchargeKey(code), id)
	return used, err
}

func refuseUsedCode(tx *db.Tx, id int64, code string) error {
	if code == "" {
		return nil
	}
	used, err := codeUsed(tx, id, code)
	if used {
		err = taphoa.Refuse(taphoa.CodeValidate, "code",
			"Mã thu khác %s (code) đã tồn tại, có thể ở một khoản thu đã ngừng sử dụng", code)
	}
	return err
}

// SurchargeLine is a surcharge as an order or invoice charges it.
type SurchargeLine struct {
	SurchargeID taphoa.Opt[int64]
	Name        string
	SurValue    taphoa.Opt[taphoa.Money] // as configured
	Price       taphoa.Money             // as charged
}

// ResolveSurcharges answers what a document of a branch charges for the surcharges of its request, in their order: each
// is found by its id, or else by its code. It refuses any while the shop does not use surcharges, and those that are
// unknown, stopped, of another branch, or charged at less than nothing.
func ResolveSurcharges(tx *db.Tx, branchID int64, in []taphoa.SurchargeWrite) ([]SurchargeLine, error) {
	if len(in) == 0 {
		return nil, nil
	}
	if len(in) > surchargesMax {
		return nil, taphoa.Refuse(taphoa.CodeValidate, "surchages",
			"Danh sách thu khác (surchages) chỉ được có tối đa %d khoản", surchargesMax)
	}
	if err := surchargesOn(tx); err != nil {
		return nil, err
	}
	known, err := allSurcharges(tx)
	if err != nil {
		return nil, err
	}
	lines := make([]SurchargeLine, len(in))
	for i := range in {
		if lines[i], err = chargeFor(&in[i], known, branchID); err != nil {
			return nil, err
		}
	}
	return lines, nil
}

// usable is a surcharge with the branch that it is for.
type usable struct {
	taphoa.Surcharge
	CodeKey  string
	BranchID taphoa.Opt[int64]
}

// allSurcharges are the surcharges of the shop, stopped ones too: a handful.
func allSurcharges(tx *db.Tx) ([]usable, error) {
	return db.Kept(tx, "surcharges", 0, func(tx *db.Tx) ([]usable, error) {
		return db.All[usable](tx, `
			SELECT `+surchargeColumns+`, s.code_key, s.branch_id FROM surcharges s WHERE s.retailer_id = :retailer ORDER BY s.id`)
	})
}

func chargeFor(in *taphoa.SurchargeWrite, known []usable, branchID int64) (SurchargeLine, error) {
	id, key := in.Named(), surchargeKey(in.Code)
	refuse := func(sentence string, args ...any) (SurchargeLine, error) {
		return SurchargeLine{}, taphoa.Refuse(taphoa.CodeValidate, "surchages", sentence, args...)
	}
	if id == 0 && key == "" {
		return refuse("Mỗi khoản thu khác (surchages) phải có id hoặc code")
	}
	for i := range known {
		s := &known[i]
		if id != 0 && s.ID != id || id == 0 && s.CodeKey != key {
			continue
		}
		switch {
		case !s.IsActive:
			return refuse("Thu khác %s (surchages) đã ngừng sử dụng", s.SurchargeCode)
		case s.BranchID.Has() && s.BranchID.Value != branchID:
			return refuse("Thu khác %s (surchages) không áp dụng cho chi nhánh này", s.SurchargeCode)
		case in.Price < 0:
			return refuse("Số tiền của thu khác %s (surchages.price) không được âm", s.SurchargeCode)
		}
		return SurchargeLine{taphoa.Some(s.ID), s.SurchargeName, s.Value, in.Price}, nil
	}
	if id != 0 {
		return refuse("Thu khác có id %d (surchages) không tồn tại", id)
	}
	return refuse("Thu khác có mã %s (surchages) không tồn tại", strings.TrimSpace(in.Code))
}
