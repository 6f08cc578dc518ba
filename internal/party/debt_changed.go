package party

import (
	"github.com/taphoa/taphoa"
	"github.com/taphoa/taphoa/internal/cash"
	"github.com/taphoa/taphoa/internal/db"
	"github.com/taphoa/taphoa/internal/party/plan"
)

// toldOf is the condition that a partner is told of as modified: one that is new in the operation is told of already, and one
// that is deleted keeps its dates.
const toldOf = `deleted_at = 0 AND created_date < :now`

// DebtsChanged tells of the customers and the suppliers whose debt an operation has changed: they get a new modification date
// and are in an event. Who is deleted is passed over.
func DebtsChanged(tx *db.Tx, accounts []cash.Account) {
	ids := map[string][]int64{}
	for _, a := range accounts {
		ids[a.Type] = append(ids[a.Type], a.ID)
	}
	if customers := ids[taphoa.PartnerCustomer]; len(customers) > 0 {
		tx.Queue(`UPDATE customers SET modified_date = :now, changed_at = :now WHERE retailer_id = :retailer AND id IN ? AND `+toldOf, customers)
		customerUpdated.Emit(tx, customers...)
	}
	if suppliers := ids[taphoa.PartnerSupplier]; len(suppliers) > 0 {
		tx.Queue(`UPDATE suppliers SET modified_date = :now, changed_at = :now WHERE retailer_id = :retailer AND id IN ? AND `+toldOf, suppliers)
		supplierUpdated.Emit(tx, suppliers...)
	}
}

// Totals are changes of a customer's totals; negative when a sale is reversed.
type Totals = plan.Totals

// AddTotals adds to the totals of a customer. When the debt has changed with them, it is [DebtsChanged], too, in the same
// statement; else the modification date stays. It does nothing for an unknown customer.
func AddTotals(tx *db.Tx, customerID int64, t plan.Totals, debtChanged bool) {
	dates := ""
	if debtChanged {
		dates = `,
			modified_date = CASE WHEN ` + toldOf + ` THEN :now ELSE modified_date END,
			changed_at = CASE WHEN ` + toldOf + ` THEN :now ELSE changed_at END`
		customerUpdated.Emit(tx, customerID)
	}
	tx.Queue(`
		UPDATE customers SET total_invoiced = total_invoiced + ?, total_revenue = total_revenue + ?,
			total_point = total_point + ?, reward_point = reward_point + ?`+dates+`
		WHERE retailer_id = :retailer AND id = ?`, t.Invoiced, t.Revenue, t.Points, t.Points, customerID)
}
