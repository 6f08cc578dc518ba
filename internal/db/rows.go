package db

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// counted are the tables whose rows are counted in row_counts, with their ids and what makes a row count: a list of such a
// table without a filter answers its total, and finds a page at any depth, without walking the shop's rows.
var counted = map[string]struct{ id, live string }{
	"products": {"id", "deleted_at = 0"}, "customers": {"id", "deleted_at = 0"}, "suppliers": {"id", "deleted_at = 0"},
	"orders": {"id", ""}, "invoices": {"id", ""}, "returns": {"id", ""},
	"einvoices": {"invoice_id", ""}, "payments": {"id", ""}, "purchase_orders": {"id", ""}, "order_suppliers": {"id", ""},
	"transfers": {"id", ""}, "stocktakes": {"id", ""}, "webhook_deliveries": {"id", ""},
}

// The ranges of ids that are counted: 2^rangeBits on level 0, 2^levelBits ranges of one level in a range of the next.
const (
	rangeBits = 10
	levelBits = 6
)

// rowRange is a range of level 0 of a shop's table.
type rowRange struct {
	shop  int64
	table string
	block int64
}

// rowCounts are how many rows more or less ranges have.
type rowCounts map[rowRange]int64

func (c *rowCounts) add(more rowCounts) {
	if *c == nil && len(more) > 0 {
		*c = rowCounts{}
	}
	for r, n := range more {
		(*c)[r] += n
	}
}

// Count notes that rows of a counted table came (n is 1) or went (n is -1).
func (tx *Tx) Count(table string, n int64, ids ...int64) {
	if _, known := counted[table]; !known && tx.end.failed == nil {
		tx.end.failed = fmt.Errorf("the rows of %s are not counted", table)
	}
	for _, id := range ids {
		tx.end.rows.add(rowCounts{{tx.Retailer, table, id >> rangeBits}: n})
	}
}

// save writes what a group has counted. The ranges come in one order, so that two groups do not wait for each other.
func (c rowCounts) save(tx *Tx) {
	ranges := slices.SortedFunc(maps.Keys(c), func(a, b rowRange) int {
		return cmp.Or(cmp.Compare(a.shop, b.shop), strings.Compare(a.table, b.table), cmp.Compare(a.block, b.block))
	})
	for _, r := range ranges {
		if n := c[r]; n != 0 {
			of := *tx
			of.Retailer = r.shop
			of.Queue(`
				INSERT INTO row_counts (retailer_id, name, level, block, n)
				VALUES (:retailer, ?, 0, ?, ?), (:retailer, ?, 1, ?, ?), (:retailer, ?, 2, ?, ?)
				ON CONFLICT (retailer_id, name, level, block) DO UPDATE SET n = row_counts.n + excluded.n`,
				r.table, r.block, n, r.table, r.block>>levelBits, n, r.table, r.block>>(2*levelBits), n)
		}
	}
}

// seek is where a page of a counted table begins.
type seek struct {
	Total int64
	Start int64 // the first id of the range that the page's first row lies in
	Skip  int64 // rows of the range that lie before it
}

// findTotal and findDepth answer a seek: the rows of level 2, and for a page further down those of one range of level 2 and
// of one of level 1. The arguments of findDepth are the table, the rows to skip from the end (true) or the beginning, and the
// table twice.
const findTotal = `
	SELECT CAST(COALESCE(SUM(n), 0) AS BIGINT) AS total FROM row_counts WHERE retailer_id = :retailer AND name = ? AND level = 2`

var findDepth = fmt.Sprintf(`
	WITH
	upper AS (SELECT block, n, SUM(n) OVER (ORDER BY block) - n AS before FROM row_counts
		WHERE retailer_id = :retailer AND name = ? AND level = 2),
	sums AS (SELECT CAST(COALESCE(SUM(n), 0) AS BIGINT) AS total FROM upper),
	wanted AS (SELECT total, CASE WHEN ? THEN total - 1 - ? ELSE ? END AS place FROM sums),
	middle AS (SELECT c.block, c.n, u.before + SUM(c.n) OVER (ORDER BY c.block) - c.n AS before, w.place
		FROM wanted w JOIN upper u ON u.before <= w.place AND w.place < u.before + u.n
		JOIN row_counts c ON c.retailer_id = :retailer AND c.name = ? AND c.level = 1 AND c.block >= u.block * %[1]d AND c.block < u.block * %[1]d + %[1]d),
	lower AS (SELECT c.block, c.n, m.before + SUM(c.n) OVER (ORDER BY c.block) - c.n AS before, m.place
		FROM middle m
		JOIN row_counts c ON c.retailer_id = :retailer AND c.name = ? AND c.level = 0 AND c.block >= m.block * %[1]d AND c.block < m.block * %[1]d + %[1]d
		WHERE m.before <= m.place AND m.place < m.before + m.n)
	SELECT w.total, CAST(COALESCE(l.block, 0) * %[2]d AS BIGINT) AS start,
		CAST(COALESCE(l.place - l.before, 0) AS BIGINT) AS skip
	FROM wanted w LEFT JOIN lower l ON l.before <= l.place AND l.place < l.before + l.n`, 1<<levelBits, 1<<rangeBits)

// seekRow answers how many rows of a table are counted, and where the one at a depth stands, counted from the end if wanted.
func seekRow(tx *Tx, table string, depth int64, fromEnd bool) (seek, error) {
	if depth == 0 {
		s, _, err := One[seek](tx, findTotal, table)
		return s, err
	}
	s, _, err := One[seek](tx, findDepth, table, fromEnd, depth, depth, table, table)
	return s, err
}

// CheckCounts answers the ranges of a shop's tables whose rows are not as many as row_counts says.
func CheckCounts(tx *Tx) (faults []string, err error) {
	for _, table := range slices.Sorted(maps.Keys(counted)) {
		c := counted[table]
		live := ""
		if c.live != "" {
			live = " AND " + c.live
		}
		for level := range 3 {
			bits := rangeBits + level*levelBits
			err := tx.Each(func(row Row) error {
				faults = append(faults, fmt.Sprintf("%s: level %d, block %d: %d rows are counted, there are %d",
					table, level, row.Int64(0), row.Int64(1), row.Int64(2)))
				return nil
			}, fmt.Sprintf(`
				SELECT block, CAST(SUM(told) AS BIGINT), CAST(SUM(there) AS BIGINT) FROM (
					SELECT block, n AS told, 0 AS there FROM row_counts WHERE retailer_id = :retailer AND name = ? AND level = %d
					UNION ALL SELECT %s >> %d, 0, COUNT(*) FROM %s WHERE retailer_id = :retailer%s GROUP BY 1) counts
				GROUP BY block HAVING SUM(told) <> SUM(there) ORDER BY block`, level, c.id, bits, table, live), table)
			if err != nil {
				return nil, err
			}
		}
	}
	return faults, nil
}
