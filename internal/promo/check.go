package promo

import (
	"fmt"

	"github.com/taphoa/taphoa/internal/db"
)

// invariants are the statements that find what breaks each invariant: whose, and the two numbers that differ.
var invariants = []struct{ name, sql string }{
	{"once: a used voucher has made one valid payment, any other voucher none", `
		SELECT id, CAST(SUM(used) AS BIGINT), CAST(SUM(paid) AS BIGINT) FROM (
			SELECT id, CASE WHEN status = 2 THEN 1 ELSE 0 END AS used, 0 AS paid FROM vouchers WHERE retailer_id = :retailer
			UNION ALL
			SELECT voucher_id, 0, 1 FROM payments WHERE retailer_id = :retailer AND status = 0 AND voucher_id IS NOT NULL
		) t GROUP BY id HAVING SUM(used) <> SUM(paid)`},
	{"quantity: a campaign has as many codes as it says", `
		SELECT id, CAST(SUM(stated) AS BIGINT), CAST(SUM(counted) AS BIGINT) FROM (
			SELECT id, quantity AS stated, 0 AS counted FROM voucher_campaigns WHERE retailer_id = :retailer AND deleted_at = 0
			UNION ALL
			SELECT campaign_id, 0, 1 FROM vouchers WHERE retailer_id = :retailer AND deleted_at = 0
		) t GROUP BY id HAVING SUM(stated) <> SUM(counted)`},
	{"quantity: a campaign has as many codes as it says", `
		SELECT id, CAST(SUM(stated) AS BIGINT), CAST(SUM(counted) AS BIGINT) FROM (
			SELECT id, quantity AS stated, 0 AS counted FROM coupon_campaigns WHERE retailer_id = :retailer AND deleted_at = 0
			UNION ALL
			SELECT campaign_id, 0, 1 FROM coupons WHERE retailer_id = :retailer AND deleted_at = 0
		) t GROUP BY id HAVING SUM(stated) <> SUM(counted)`},
}

// Check looks for what breaks the invariants of the package comment and returns one line for each finding.
func Check(tx *db.Tx) ([]string, error) {
	var findings []string
	for _, i := range invariants {
		err := tx.Each(func(row db.Row) error {
			findings = append(findings, fmt.Sprintf("%s: %d: %d and %d", i.name, row.Int64(0), row.Int64(1), row.Int64(2)))
			return nil
		}, i.sql)
		if err != nil {
			return nil, err
		}
	}
	return findings, nil
}
