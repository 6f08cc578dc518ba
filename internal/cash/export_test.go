package cash

import "github.com/taphoa/taphoa/internal/db"

// ReadCashFlow is what cashflow.update says when it is read.
func ReadCashFlow(tx *db.Tx, ids []int64) (any, error) { return cashFlowUpdated.Data(tx, ids) }
