package db

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// counted are the tables whose rows are counted in row_counts, with their ids and what makes a row count: a list of such a
// table without a filter answers its total, and finds a page at any depth, without scanning the shop's rows.
var counted = map[string]countedTable{
	"products": {"id", "deleted_at = 0"}, "customers": {"id", "deleted_at = 0"}, "suppliers": {"id", "deleted_at = 0"},
	"orders": {"id", ""}, "invoices": {"id", ""}, "returns": {"id", ""},
	"einvoices": {"invoice_id", ""}, "payments": {"id", "method <> 'Voucher'"}, "purchase_orders": {"id", ""}, "order_suppliers": {"id", ""},
	"transfers": {"id", ""}, "stocktakes": {"id", ""}, "webhook_deliveries": {"id", ""}, "debt_adjustments": {"id", ""},
}

type countedTable struct{ id, live string }

// condition is what a condition on the shop goes on with.
func (c countedTable) condition() string {
	if c.live == "" {
		return ""
	}
	return " AND " + c.live
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
	if _, known := counted[table]; !known && tx.state.failed == nil {
		tx.state.failed = fmt.Errorf("the rows of %s are not counted", table)
	}
	for _, id := range ids {
		tx.state.rows.add(rowCounts{{tx.Retailer, table, id >> rangeBits}: n})
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

// findRanges returns the ranges of a level, between two.
const findRanges = `
	SELECT block, n FROM row_counts
	WHERE retailer_id = :retailer AND name = ? AND level = ? AND block >= ? AND block < ? ORDER BY block`

// seekRow returns how many rows of a table are counted, and the position of the one at a depth, counted from the end if wanted.
// One statement would need sums over windows, which cost SQLite a hundred times what these three do.
func seekRow(tx *Tx, table string, depth int64, fromEnd bool) (seek, error) {
	type count struct{ Block, N int64 }
	top, err := All[count](tx, findRanges, table, 2, 0, int64(1)<<53)
	var s seek
	for _, c := range top {
		s.Total += c.N
	}
	if err != nil || depth == 0 || depth >= s.Total {
		return s, err
	}
	if s.Skip = depth; fromEnd {
		s.Skip = s.Total - 1 - depth
	}
	for level, ranges := 2, top; ; {
		var block int64
		for _, c := range ranges {
			if block = c.Block; s.Skip < c.N {
				break
			}
			s.Skip -= c.N
		}
		if level == 0 {
			s.Start = block << rangeBits
			return s, nil
		}
		level--
		if ranges, err = All[count](tx, findRanges, table, level, block<<levelBits, (block+1)<<levelBits); err != nil {
			return s, err
		}
	}
}

// RecountRows counts the rows of a shop's tables again, whatever row_counts says of them.
func RecountRows(tx *Tx) {
	tx.Queue(`DELETE FROM row_counts WHERE retailer_id = :retailer`)
	for _, table := range slices.Sorted(maps.Keys(counted)) {
		c := counted[table]
		for level := range 3 {
			tx.Queue(fmt.Sprintf(`
				INSERT INTO row_counts (retailer_id, name, level, block, n)
				SELECT retailer_id, '%s', %d, %s >> %d, COUNT(*) FROM %s WHERE retailer_id = :retailer%s GROUP BY retailer_id, 4`,
				table, level, c.id, rangeBits+level*levelBits, table, c.condition()))
		}
	}
	for _, unsaved := range []rowCounts{tx.heads.rows, tx.state.rows} { // they are in the tables, and will be saved
		taken := rowCounts{}
		for r, n := range unsaved {
			if r.shop == tx.Retailer {
				taken[r] = -n
			}
		}
		taken.save(tx)
	}
}

// CheckCounts returns the ranges of a shop's tables whose rows are not as many as row_counts says. It reads each table once.
func CheckCounts(tx *Tx) (faults []string, err error) {
	type numbers struct {
		Name            string
		Level, Block, N int64
	}
	told, err := All[numbers](tx, `SELECT name, level, block, n FROM row_counts WHERE retailer_id = :retailer`)
	if err != nil {
		return nil, err
	}
	var lowest []string
	for _, table := range slices.Sorted(maps.Keys(counted)) {
		c := counted[table]
		lowest = append(lowest, fmt.Sprintf(`
			SELECT '%s' AS name, 0 AS level, %s >> %d AS block, COUNT(*) AS n FROM %s WHERE retailer_id = :retailer%s GROUP BY 3`,
			table, c.id, rangeBits, table, c.condition()))
	}
	there, err := All[numbers](tx, strings.Join(lowest, " UNION ALL "))
	if err != nil {
		return nil, err
	}
	type countedRange struct {
		table        string
		level, block int64
	}
	type count struct{ told, there int64 }
	counts := map[countedRange]count{}
	for _, of := range told {
		at := countedRange{of.Name, of.Level, of.Block}
		counts[at] = count{of.N, counts[at].there}
	}
	for _, of := range there {
		for level := range int64(3) {
			at := countedRange{of.Name, level, of.Block >> (levelBits * level)}
			counts[at] = count{counts[at].told, counts[at].there + of.N}
		}
	}
	ranges := slices.SortedFunc(maps.Keys(counts), func(a, b countedRange) int {
		return cmp.Or(strings.Compare(a.table, b.table), cmp.Compare(a.level, b.level), cmp.Compare(a.block, b.block))
	})
	for _, at := range ranges {
		if n := counts[at]; n.told != n.there {
			faults = append(faults, fmt.Sprintf("%s: level %d, block %d: %d rows are counted, there are %d", at.table, at.level, at.block, n.told, n.there))
		}
	}
	return faults, nil
}
