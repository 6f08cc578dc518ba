package org

import (
	"cmp"
	"slices"

	"github.com/taphoa/taphoa"
	"github.com/taphoa/taphoa/internal/db"
	"github.com/taphoa/taphoa/internal/org/plan"
	"github.com/taphoa/taphoa/internal/text"
)

// branchRow is a row of branches.
type branchRow struct {
	ID               int64
	BranchName       string
	NameKey          string
	BranchCode       taphoa.Opt[string]
	ContactNumber    taphoa.Opt[string]
	SubContactNumber taphoa.Opt[string] // only branch.update shows it (contract webhooks, BranchData)
	Email            taphoa.Opt[string]
	Address          taphoa.Opt[string]
	LocationName     taphoa.Opt[string]
	WardName         taphoa.Opt[string]
	CreatedDate      taphoa.Time
	ModifiedDate     taphoa.Opt[taphoa.Time]
	ChangedAt        taphoa.Time
	DeletedAt        taphoa.Time // 0 while in operation
}

// lockBranches reads the branches in operation that are about to change, in the order of their ids.
func lockBranches(tx *db.Tx, which string, args ...any) ([]branchRow, error) {
	return db.All[branchRow](tx, "SELECT "+db.Columns[branchRow]("b")+
		" FROM branches b WHERE b.retailer_id = :retailer AND b.deleted_at = 0"+which+" ORDER BY b.id :lock", args...)
}

// saveBranch writes the row of a branch and emits its event. stored is the row as it was read; nil for a new one.
func saveBranch(tx *db.Tx, stored, row *branchRow) {
	row.NameKey, row.ChangedAt = db.Fold(row.BranchName), tx.Now
	if stored == nil {
		row.CreatedDate = tx.Now
		db.Insert(tx, "branches", *row)
	} else if db.Unchanged(stored, row) {
		return
	} else {
		db.Update(tx, "branches", stored, row, "id")
	}
	if row.DeletedAt != 0 {
		branchDeleted.Emit(tx, row.ID)
	} else {
		branchUpdated.Emit(tx, row.ID)
	}
}

const branchColumns = `b.id, b.branch_name, b.branch_code, b.contact_number, b.retailer_id, b.email, b.address,
	b.location_name, b.ward_name, b.modified_date, b.created_date`

var branchOrders = db.Orders{
	"name": db.Text("b.name_key"), "branchname": db.Text("b.name_key"), "branchcode": db.Text("b.branch_code").OrNull(),
	"contactnumber": db.Text("b.contact_number").OrNull(),
	"email":         db.Text("b.email").OrNull(), "address": db.Long("b.address"), "locationname": db.Text("b.location_name").OrNull(),
	"wardname": db.Text("b.ward_name").OrNull(), "createddate": db.Number("b.created_date"), "modifieddate": db.Number("b.changed_at"),
}

// ListBranches lists the branches that are in operation (contract branches).
func ListBranches(tx *db.Tx, in *taphoa.BranchQuery) (taphoa.Page[taphoa.Branch], error) {
	list := db.List{
		Table: "branches b", Live: "b.deleted_at = 0", Columns: branchColumns,
		Orders: branchOrders,
	}
	list.If(in.LastModifiedFrom.Has(), "b.changed_at >= ?", in.LastModifiedFrom.Value)
	page, err := db.ListPage[taphoa.Branch](tx, &list, in.Paging)
	if err == nil && in.IncludeRemoveIDs {
		page.RemovedIDs, err = db.Removed(tx, "branches", in.LastModifiedFrom, in.Paging)
	}
	return page, err
}

// readBranch reads a branch that the operation has just written.
func readBranch(tx *db.Tx, id int64) (taphoa.Branch, error) {
	branch, _, err := db.One[taphoa.Branch](tx,
		`SELECT `+branchColumns+` FROM branches b WHERE b.retailer_id = :retailer AND b.id = ? AND b.deleted_at = 0`, id)
	return branch, err
}

// CreateBranch opens a branch.
func CreateBranch(tx *db.Tx, in *taphoa.BranchInput) (taphoa.Branch, error) {
	if err := in.Validate(); err != nil {
		return taphoa.Branch{}, err
	}
	if err := refuseUsedBranchName(tx, 0, in.BranchName); err != nil {
		return taphoa.Branch{}, err
	}
	id, err := tx.NewID("branches")
	if err != nil {
		return taphoa.Branch{}, err
	}
	saveBranch(tx, nil, &branchRow{
		ID: id, BranchName: text.Clean(in.BranchName), BranchCode: in.BranchCode, ContactNumber: in.ContactNumber,
		SubContactNumber: in.SubContactNumber, Email: in.Email, Address: in.Address, LocationName: in.LocationName, WardName: in.WardName,
	})
	return readBranch(tx, id)
}

// refuseUsedBranchName refuses a name that a branch in operation has, other than the one of the id.
func refuseUsedBranchName(tx *db.Tx, id int64, name string) error {
	used, err := NameUsed(tx, "branches", db.Fold(name), id)
	if used {
		err = taphoa.Refuse(taphoa.CodeValidate, "branchName", "Chi nhánh tên “%s” đã tồn tại, hãy dùng tên khác", name)
	}
	return err
}

// UpdateBranch changes the members of a branch that are present, with the refusals of [CreateBranch].
func UpdateBranch(tx *db.Tx, in *taphoa.BranchUpdate) (taphoa.Branch, error) {
	if err := in.Validate(); err != nil {
		return taphoa.Branch{}, err
	}
	found, err := lockBranches(tx, " AND b.id = ?", in.ID)
	if err == nil && len(found) == 0 {
		err = plan.UnknownBranch()
	}
	if err != nil {
		return taphoa.Branch{}, err
	}
	branch := found[0]
	branch.BranchName = cmp.Or(text.Clean(in.BranchName), branch.BranchName)
	if err := refuseUsedBranchName(tx, in.ID, branch.BranchName); err != nil {
		return taphoa.Branch{}, err
	}
	replace(&branch.BranchCode, in.BranchCode)
	replace(&branch.ContactNumber, in.ContactNumber)
	replace(&branch.SubContactNumber, in.SubContactNumber)
	replace(&branch.Email, in.Email)
	replace(&branch.Address, in.Address)
	replace(&branch.LocationName, in.LocationName)
	replace(&branch.WardName, in.WardName)
	branch.ModifiedDate = taphoa.Some(tx.Now)
	saveBranch(tx, &found[0], &branch)
	return readBranch(tx, in.ID)
}

// replace changes a member that is given; null clears it.
func replace[T any](member *taphoa.Opt[T], given taphoa.Opt[T]) {
	if given.Given() {
		*member = given
	}
}

// CloseBranch ends the operation of a branch that has no goods left. Its documents stay. The last branch cannot be closed.
func CloseBranch(tx *db.Tx, in *taphoa.ByID) (taphoa.Message, error) {
	// All of them are locked, so that two branches that close concurrently are not the last two.
	open, err := lockBranches(tx, "")
	at := slices.IndexFunc(open, func(b branchRow) bool { return b.ID == in.ID })
	switch {
	case err != nil:
	case at < 0:
		err = plan.UnknownBranch()
	case len(open) == 1:
		err = taphoa.Refuse(taphoa.CodeValidate, "id",
			"Không thể ngừng hoạt động chi nhánh cuối cùng của gian hàng; hãy mở một chi nhánh khác trước")
	default:
		if err := refuseStocked(tx, in.ID); err != nil {
			return taphoa.Message{}, err
		}
		closed := open[at]
		closed.DeletedAt = tx.Now
		saveBranch(tx, &open[at], &closed)
	}
	return taphoa.Message{Message: taphoa.MessageDeleted}, err
}

// refuseStocked refuses to close a branch whose levels are not zero or reserved for orders: no list would show them
// any more.
func refuseStocked(tx *db.Tx, id int64) error {
	code, stocked, err := db.One[string](tx, `
		SELECT p.code FROM stock_levels l
		JOIN products p ON p.retailer_id = :retailer AND p.id = l.product_id
		WHERE l.retailer_id = :retailer AND l.branch_id = ? AND (l.on_hand <> 0 OR l.reserved <> 0)
		ORDER BY l.product_id LIMIT 1`, id)
	if stocked {
		err = taphoa.Refuse(taphoa.CodeValidate, "id",
			"Chi nhánh còn tồn kho hoặc hàng khách đặt (sản phẩm %s) nên không thể ngừng hoạt động, hãy chuyển hàng và hoàn thành đơn hàng trước", code)
	}
	return err
}
