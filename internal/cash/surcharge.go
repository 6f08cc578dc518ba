package cash

import (
	"cmp"
	"strings"

	"github.com/taphoa/taphoa"
	"github.com/taphoa/taphoa/internal/cash/plan"
	"github.com/taphoa/taphoa/internal/db"
	"github.com/taphoa/taphoa/internal/org"
	"github.com/taphoa/taphoa/internal/text"
)

const surchargeColumns = `s.id, s.surcharge_code, s.surcharge_name, s.value_ratio, s.value, s.retailer_id, s.is_active,
	s.modified_date, s.created_date`

// surchargeRow is a row of surcharges.
type surchargeRow struct {
	ID                                    int64
	SurchargeCode, CodeKey, SurchargeName string
	ValueRatio                            taphoa.Percent
	Value                                 taphoa.Opt[taphoa.Money]
	BranchID                              taphoa.Opt[int64] // absent: applies everywhere
	IsActive                              bool
	CreatedDate                           taphoa.Time
	ModifiedDate                          taphoa.Opt[taphoa.Time]
	ChangedAt                             taphoa.Time
}

// surchargesOn refuses everything about surcharges while the shop does not use them (contract surcharges, settings).
func surchargesOn(tx *db.Tx) error {
	shop, err := org.GetSettings(tx)
	if err == nil && !shop.UseSurcharge {
		err = plan.SurchargesOff()
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
	if in.LastModifiedFrom.Has() {
		list.Live = ""
	}
	list.If(in.BranchID != 0, "(s.branch_id IS NULL OR s.branch_id = ?)", in.BranchID).
		If(in.LastModifiedFrom.Has(), "s.changed_at >= ?", in.LastModifiedFrom.Value)
	page, err := db.ListPage[taphoa.Surcharge](tx, &list, in.Paging)
	if err == nil && in.IncludeRemoveIDs {
		page.RemovedIDs, err = stoppedSurcharges(tx, in)
	}
	return page, err
}

// stoppedSurcharges are the ids of those that are in use no more, and have changed since an instant if one is named. They
// come with the first page.
func stoppedSurcharges(tx *db.Tx, in *taphoa.SurchargeQuery) ([]int64, error) {
	if in.Cursor != "" && in.Cursor != "*" {
		return []int64{}, nil
	}
	ids, err := db.All[int64](tx, `
		SELECT id FROM surcharges WHERE retailer_id = :retailer AND NOT is_active AND changed_at >= ? ORDER BY id`,
		in.LastModifiedFrom.Or(0))
	if ids == nil {
		ids = []int64{}
	}
	return ids, err
}

// GetSurcharge returns a surcharge, active or not, or an error if there is no such surcharge.
func GetSurcharge(tx *db.Tx, in *taphoa.ByID) (taphoa.Surcharge, error) {
	if err := surchargesOn(tx); err != nil {
		return taphoa.Surcharge{}, err
	}
	return findSurcharge[taphoa.Surcharge](tx, surchargeColumns, in.ID, "")
}

// lockSurcharge returns what is stored of a surcharge, which it locks until the commit.
func lockSurcharge(tx *db.Tx, id int64) (surchargeRow, error) {
	return findSurcharge[surchargeRow](tx, db.Columns[surchargeRow]("s"), id, ":lock")
}

func findSurcharge[T any](tx *db.Tx, columns string, id int64, lock string) (T, error) {
	s, found, err := db.One[T](tx, `SELECT `+columns+` FROM surcharges s WHERE s.retailer_id = :retailer AND s.id = ? `+lock, id)
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
	code := text.Clean(in.Code.Or(""))
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
	db.Insert(tx, "surcharges", surchargeRow{
		ID: id, SurchargeCode: code, CodeKey: text.CodeKey(code), SurchargeName: strings.TrimSpace(in.Name),
		ValueRatio: in.ValueRatio.Or(0), Value: valueBeside(in.Value, in.ValueRatio), BranchID: in.BranchID,
		IsActive: true, CreatedDate: tx.Now, ChangedAt: tx.Now,
	})
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
	s, err := lockSurcharge(tx, in.ID)
	if err != nil {
		return taphoa.SurchargeWritten{}, err
	}
	before := s
	s.SurchargeName = cmp.Or(strings.TrimSpace(in.Name.Or("")), s.SurchargeName)
	s.SurchargeCode = cmp.Or(text.Clean(in.Code.Or("")), s.SurchargeCode)
	switch {
	case in.ValueRatio.Or(0) > 0:
		s.Value, s.ValueRatio = valueBeside(in.Value, in.ValueRatio), in.ValueRatio.Value
	case in.Value.Has():
		s.Value, s.ValueRatio = in.Value, 0
	case in.ValueRatio.Has():
		s.ValueRatio = 0
	}
	if err := refuseUsedCode(tx, in.ID, s.SurchargeCode); err != nil {
		return taphoa.SurchargeWritten{}, err
	}
	s.CodeKey = text.CodeKey(s.SurchargeCode)
	s.save(tx, &before)
	return writtenSurcharge(tx, in.ID)
}

// save writes what has changed of a surcharge.
func (s *surchargeRow) save(tx *db.Tx, before *surchargeRow) {
	if *s == *before {
		return
	}
	s.ModifiedDate, s.ChangedAt = taphoa.Some(tx.Now), tx.Now
	db.Update(tx, "surcharges", before, s, "id")
}

// valueBeside is the value of a surcharge: none beside a ratio.
func valueBeside(value taphoa.Opt[taphoa.Money], ratio taphoa.Opt[taphoa.Percent]) taphoa.Opt[taphoa.Money] {
	if ratio.Or(0) > 0 {
		return taphoa.Opt[taphoa.Money]{}
	}
	return value
}

func writtenSurcharge(tx *db.Tx, id int64) (taphoa.SurchargeWritten, error) {
	s, err := findSurcharge[taphoa.Surcharge](tx, surchargeColumns, id, "")
	return taphoa.SurchargeWritten{Surcharge: s, Message: taphoa.MessageSurchargeWritten, Data: s}, err
}

// SetSurchargeActive activates or deactivates a surcharge.
func SetSurchargeActive(tx *db.Tx, in *taphoa.SurchargeActive) (taphoa.Message, error) {
	if err := in.Validate(); err != nil {
		return taphoa.Message{}, err
	}
	if err := surchargesOn(tx); err != nil {
		return taphoa.Message{}, err
	}
	s, err := lockSurcharge(tx, in.ID)
	if err == nil {
		before := s
		s.IsActive = in.IsActive.Value
		s.save(tx, &before)
	}
	return taphoa.Message{Message: taphoa.MessageUpdated}, err
}

// DeleteSurcharge deactivates a surcharge: the vendor's shops cannot delete one (contract surcharges, undocumented).
func DeleteSurcharge(tx *db.Tx, in *taphoa.ByID) (taphoa.Message, error) {
	_, err := SetSurchargeActive(tx, &taphoa.SurchargeActive{ID: in.ID, IsActive: taphoa.Some(false)})
	return taphoa.Message{Message: taphoa.MessageDeleted}, err
}

func refuseUsedCode(tx *db.Tx, id int64, code string) error {
	if code == "" {
		return nil
	}
	used, err := org.CodeUsed(tx, "surcharges", code, id, "")
	if used {
		err = taphoa.Refuse(taphoa.CodeValidate, "code",
			"Mã thu khác %s (code) đã tồn tại, có thể ở một khoản thu đã ngừng sử dụng", code)
	}
	return err
}

// Surcharges returns the surcharges of the shop, inactive ones too. They are kept in memory.
func Surcharges(tx *db.Tx) ([]plan.Surcharge, error) {
	return db.Kept(tx, "surcharges", 0, func(tx *db.Tx) ([]plan.Surcharge, error) {
		return db.All[plan.Surcharge](tx, `
			SELECT `+surchargeColumns+`, s.code_key, s.branch_id FROM surcharges s WHERE s.retailer_id = :retailer ORDER BY s.id`)
	})
}
