package org

import (
	"github.com/taphoa/taphoa"
	"github.com/taphoa/taphoa/internal/db"
	"github.com/taphoa/taphoa/internal/event"
)

var (
	branchUpdated = event.Kind[int64]{Type: "branch.update", Data: branchData}
	branchDeleted = event.Kind[int64]{Type: "branch.delete"}
)

func branchData(tx *db.Tx, ids []int64) (any, error) {
	branches, err := db.All[taphoa.BranchData](tx, `
		SELECT b.id, b.branch_name AS name, b.contact_number, b.sub_contact_number, b.address, b.location_name AS location,
			b.ward_name, TRUE AS is_active, FALSE AS is_lock, b.created_date, b.modified_date, b.retailer_id
		FROM branches b WHERE b.retailer_id = :retailer AND b.id IN ? AND b.deleted_at = 0 ORDER BY b.id`, ids)
	return event.InOrder(ids, branches, func(b *taphoa.BranchData) int64 { return b.ID }), err
}
