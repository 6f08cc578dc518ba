package cash

import (
	"github.com/taphoa/taphoa"
	"github.com/taphoa/taphoa/internal/cash/plan"
	"github.com/taphoa/taphoa/internal/db"
	"github.com/taphoa/taphoa/internal/event"
)

// cashFlowUpdated is about entries of the cash book that are created or voided. It is ours: the vendor has no event for
// the cash book.
var cashFlowUpdated = event.Kind[int64]{Type: "cashflow.update", PascalCase: true, Data: func(tx *db.Tx, ids []int64) (any, error) {
	entries, err := db.All[taphoa.CashFlow](tx, `SELECT `+cashFlowColumns+` FROM payments p`+cashFlowJoins+`
		WHERE p.retailer_id = :retailer AND p.id IN ? AND `+cashBook+` ORDER BY p.id`, ids)
	for i := range entries {
		plan.CompleteCashFlow(&entries[i])
	}
	if err == nil {
		err = fillDocuments(tx, entries)
	}
	return event.InOrder(ids, entries, func(e *taphoa.CashFlow) int64 { return e.ID }), err
}}

// adjustmentUpdated is about adjustments that are made, settled or voided. It is ours, too.
var adjustmentUpdated = event.Kind[int64]{Type: "debtadjustment.update", PascalCase: true, Data: func(tx *db.Tx, ids []int64) (any, error) {
	adjustments, err := db.All[taphoa.DebtAdjustment](tx, `SELECT `+adjustmentColumns+` FROM debt_adjustments a
		WHERE a.retailer_id = :retailer AND a.id IN ? ORDER BY a.id`, ids)
	for i := range adjustments {
		adjustments[i].StatusValue = taphoa.AdjustmentStatusValue(adjustments[i].Status)
	}
	return event.InOrder(ids, adjustments, func(a *taphoa.DebtAdjustment) int64 { return a.ID }), err
}}
