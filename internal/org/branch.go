package org

import (
	"github.com/taphoa/taphoa"
	"github.com/taphoa/taphoa/internal/db"
)

const branchColumns = `b.id, b.branch_name, b.branch_code, b.contact_number, b.retailer_id, b.email, b.address,
	b.location_name, b.ward_name, b.modified_date, b.created_date`

// ListBranches lists the branches that are in operation (contract branches).
func ListBranches(tx *db.Tx, in *taphoa.BranchQuery) (taphoa.Page[taphoa.Branch], error) {
	list := db.List{
		Table: "branches b", Columns: branchColumns, Default: "b.id",
		Orders: map[string]string{
			"name": "b.name_key", "branchname": "b.name_key", "branchcode": "b.branch_code",
			"createddate": "b.created_date", "modifieddate": "b.changed_at",
		},
	}
	list.Where("b.retailer_id = :retailer AND b.deleted_at = 0").
		If(in.LastModifiedFrom.Has(), "b.changed_at >= ?", in.LastModifiedFrom.Value)
	page, err := db.ListPage[taphoa.Branch](tx, &list, in.Paging)
	if err == nil && in.IncludeRemoveIDs {
		page.RemovedIDs, err = db.Removed(tx, "branches", in.LastModifiedFrom)
	}
	return page, err
}

// GetBranch answers one branch in operation, or says that it does not exist.
func GetBranch(tx *db.Tx, in *taphoa.ByID) (taphoa.Branch, error) {
	branch, found, err := db.One[taphoa.Branch](tx,
		`SELECT `+branchColumns+` FROM branches b WHERE b.retailer_id = :retailer AND b.id = ? AND b.deleted_at = 0`, in.ID)
	if err == nil && !found {
		err = taphoa.NotFound(taphoa.CodeValidate, "Chi nhánh không tồn tại")
	}
	return branch, err
}

// CreateBranch opens a branch.
func CreateBranch(tx *db.Tx, in *taphoa.BranchInput) (taphoa.Branch, error) {
	if err := in.Validate(); err != nil {
		return taphoa.Branch{}, err
	}
	key := db.Fold(in.BranchName)
	_, used, err := db.One[int64](tx,
		`SELECT id FROM branches WHERE retailer_id = :retailer AND name_key = ? AND deleted_at = 0`, key)
	if used {
		err = taphoa.Refuse(taphoa.CodeValidate, "branchName", "Chi nhánh %s đã tồn tại", in.BranchName)
	}
	if err != nil {
		return taphoa.Branch{}, err
	}
	id, err := tx.NewID("branches")
	if err != nil {
		return taphoa.Branch{}, err
	}
	tx.Queue(`
		INSERT INTO branches (retailer_id, id, branch_name, name_key, branch_code, contact_number, email, address,
			location_name, ward_name, created_date, changed_at)
		VALUES (:retailer, ?, :branch_name, ?, :branch_code, :contact_number, :email, :address,
			:location_name, :ward_name, :now, :now)`, in, id, key)
	return GetBranch(tx, &taphoa.ByID{ID: id})
}
