package party

import (
	"github.com/taphoa/taphoa"
	"github.com/taphoa/taphoa/internal/db"
	"github.com/taphoa/taphoa/internal/event"
	"github.com/taphoa/taphoa/internal/party/plan"
)

var (
	customerUpdated = event.Kind[int64]{Type: "customer.update", Data: customerData}
	customerDeleted = event.Kind[int64]{Type: "customer.delete"}

	// Those of suppliers are ours.
	supplierUpdated = event.Kind[int64]{Type: "supplier.update", Data: supplierData, PascalCase: true}
	supplierDeleted = event.Kind[int64]{Type: "supplier.delete"}
)

func customerData(tx *db.Tx, ids []int64) (any, error) {
	rows, err := db.All[plan.CustomerRow](tx, `
		SELECT `+db.Columns[plan.CustomerRow]("c")+` FROM customers c
		WHERE c.retailer_id = :retailer AND c.id IN ? AND c.deleted_at = 0 ORDER BY c.id`, ids)
	rows = event.InOrder(ids, rows, func(r *plan.CustomerRow) int64 { return r.ID })
	data := make([]taphoa.CustomerData, len(rows))
	for i := range rows {
		data[i] = rows[i].Data()
	}
	return data, err
}

func supplierData(tx *db.Tx, ids []int64) (any, error) {
	suppliers, err := db.All[taphoa.Supplier](tx, `
		SELECT `+supplierColumns+supplierTotals+supplierDebt+` FROM suppliers s `+supplierDebtJoin+`
		WHERE s.retailer_id = :retailer AND s.id IN ? AND s.deleted_at = 0 ORDER BY s.id`, ids)
	suppliers = event.InOrder(ids, suppliers, func(s *taphoa.Supplier) int64 { return s.ID })
	if err == nil {
		err = fillSupplierGroups(tx, suppliers)
	}
	return suppliers, err
}
