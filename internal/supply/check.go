package supply

import (
	"fmt"

	"github.com/taphoa/taphoa"
	"github.com/taphoa/taphoa/internal/db"
	"github.com/taphoa/taphoa/internal/stock"
)

// Check looks for what breaks invariants 4 and 5 of the package comment and returns a line for each finding.
func Check(tx *db.Tx) ([]string, error) {
	var findings []string
	check := func(name, sql string, args ...any) error {
		return tx.Each(func(row db.Row) error {
			findings = append(findings, fmt.Sprintf("%s: document %d, product %d: %v and %v", name, row.Int64(0), row.Int64(1),
				taphoa.Quantity(row.Int64(2)), taphoa.Quantity(row.Int64(3))))
			return nil
		}, sql, args...)
	}
	if err := check("transit: only transfers under way have goods there", `
		SELECT document_id, product_id, CAST(SUM(moved) AS BIGINT), 0 FROM (
			SELECT p.document_id, p.product_id, t.status, CASE WHEN p.to_place = ? THEN p.quantity ELSE -p.quantity END AS moved
			FROM stock_postings p
			LEFT JOIN transfers t ON t.retailer_id = :retailer AND t.id = p.document_id AND p.kind = 'transfer'
			WHERE p.retailer_id = :retailer AND (p.from_place = ? OR p.to_place = ?)
		) m GROUP BY document_id, product_id, status
		HAVING SUM(moved) < 0 OR SUM(moved) > 0 AND COALESCE(status, 0) <> ?`,
		stock.Transit, stock.Transit, stock.Transit, taphoa.TransferSent); err != nil {
		return nil, err
	}
	return findings, check("on order: an open order to a supplier awaits what it has ordered and not received", `
		SELECT document_id, product_id, CAST(SUM(awaited) AS BIGINT), CAST(SUM(ordered) - SUM(come) AS BIGINT) FROM (
			SELECT document_id, product_id, quantity AS awaited, 0 AS ordered, 0 AS come FROM stock_awaited
			WHERE retailer_id = :retailer AND kind = ?
			UNION ALL
			SELECT d.id, l.base_id, 0, l.base_quantity, 0
			FROM order_suppliers d
			JOIN order_supplier_lines l ON l.retailer_id = :retailer AND l.order_supplier_id = d.id
			WHERE d.retailer_id = :retailer AND d.status IN (1, 2)
			UNION ALL
			SELECT d.id, s.product_id, 0, 0, CASE WHEN s.to_place > 0 THEN s.quantity ELSE -s.quantity END
			FROM order_suppliers d
			JOIN purchase_orders p ON p.retailer_id = :retailer AND p.order_supplier_id = d.id
			JOIN stock_postings s ON s.retailer_id = :retailer AND s.kind = 'purchase' AND s.document_id = p.id
			WHERE d.retailer_id = :retailer AND d.status IN (1, 2)
		) t GROUP BY document_id, product_id
		HAVING SUM(awaited) <> CASE WHEN SUM(ordered) > SUM(come) THEN SUM(ordered) - SUM(come) ELSE 0 END`, orderSupplierKind)
}
