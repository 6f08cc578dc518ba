package db

import (
	"slices"
	"strings"
)

// Import writes rows that come from another system with ids of their own: those whose id is there already in place of what is stored,
// the others as new rows. id returns a row's id. It counts new rows, and keeps their ids from being given out. Each of free is an
// UPDATE without its condition, and the condition for the rows of values: it takes a unique value from rows that have it, because in
// the other system another row has it now, and what they have instead comes when they come.
func Import[T any](tx *Tx, table string, rows []T, id func(*T) int64, free ...Freed) error {
	if len(rows) == 0 {
		return nil
	}
	ids := make([]int64, len(rows))
	for i := range rows {
		ids[i] = id(&rows[i])
	}
	if err := tx.KeepIDs(table, slices.Max(ids)); err != nil {
		return err
	}
	for _, f := range free {
		if len(f.Values) > 0 {
			tx.Queue("UPDATE "+table+" SET "+f.Set+" WHERE retailer_id = :retailer AND "+f.Column+" IN ?", f.Values)
		}
	}
	of, counts := counted[table]
	if counts {
		stored, err := All[int64](tx, "SELECT id FROM "+table+" WHERE retailer_id = :retailer AND id IN ?"+of.condition(), ids)
		if err != nil {
			return err
		}
		tx.Count(table, 1, slices.DeleteFunc(slices.Clone(ids), func(id int64) bool { return slices.Contains(stored, id) })...)
	}
	Upsert(tx, table, []string{"id"}, rows...)
	if !counts || strings.Contains(of.live, "deleted_at") { // what is there again is not deleted
		tx.Queue("UPDATE "+table+" SET deleted_at = 0 WHERE retailer_id = :retailer AND deleted_at <> 0 AND id IN ?", ids)
	}
	return nil
}

// RemoveImported notes that the other system has no rows of some ids any more. It returns which of them were there until now.
func RemoveImported(tx *Tx, table string, ids []int64) ([]int64, error) {
	if len(ids) == 0 {
		return nil, nil
	}
	removed, err := All[int64](tx, "UPDATE "+table+` SET deleted_at = :now
		WHERE retailer_id = :retailer AND deleted_at = 0 AND id IN ? RETURNING id`, ids)
	if _, counts := counted[table]; counts {
		tx.Count(table, -1, removed...)
	}
	return removed, err
}

// Freed are values of a unique column that rows with them give up.
type Freed struct {
	Column, Set string
	Values      []string
}
