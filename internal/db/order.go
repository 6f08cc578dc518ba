package db

import (
	"maps"
	"slices"
	"strconv"
	"strings"
)

// Orders are what a list can be sorted by: members of its rows in lower case, as orderBy spells them.
type Orders map[string]Order

// With are these orders and some more, which win.
func (o Orders) With(more Orders) Orders {
	all := maps.Clone(o)
	maps.Copy(all, more)
	return all
}

// Order is what rows can be sorted by. It has a value in every row, because the engines sort NULL differently.
type Order struct {
	expression string
	args       []any // of the expression
	text       bool
}

// Number sorts by an expression that is a BIGINT in every row, with its arguments.
func Number(expression string, args ...any) Order {
	return Order{expression: expression, args: args}
}

// Text sorts by the bytes of an expression that is a text in every row, with its arguments.
func Text(expression string, args ...any) Order {
	return Order{expression: expression, args: args, text: true}
}

// Long sorts by the first characters of a text without a short limit, or NULL, which counts as empty: the key of the last row
// of a page is in the cursor of the next, and has to fit into a URL.
func Long(expression string) Order {
	return Text("substr(COALESCE(" + expression + ", ''), 1, 200)")
}

// Flag sorts by an expression that is a BOOLEAN, or NULL, which counts as false.
func Flag(expression string) Order {
	return Number("CAST(CASE WHEN " + expression + " THEN 1 ELSE 0 END AS BIGINT)")
}

// OrNull sorts rows in which the expression is NULL before all others. No index of the column serves such an order.
func (o Order) OrNull() Order {
	if o.text {
		return Text("COALESCE("+o.expression+", '')", o.args...)
	}
	return Number("COALESCE("+o.expression+", -9223372036854775807)", o.args...)
}

// Named sorts by a text of the record of another table that an expression is the id of; where there is none, first.
func Named(table, column, id string) Order {
	return Text("(SELECT x." + column + " FROM " + table + " x WHERE x.retailer_id = :retailer AND x.id = " + id + ")").OrNull()
}

// Labels sorts by the texts that responses show for the numbers from 0 to most of an expression. NULL, and a number whose text
// is empty, come first.
func Labels(expression string, most int64, label func(int64) string) Order {
	var texts []string
	for n := range most + 1 {
		texts = append(texts, label(n))
	}
	sorted := slices.Compact(slices.Sorted(slices.Values(texts)))
	var b strings.Builder
	b.WriteString("CAST(CASE " + expression)
	for n, text := range texts {
		if text != "" {
			b.WriteString(" WHEN " + strconv.Itoa(n) + " THEN " + strconv.Itoa(1+slices.Index(sorted, text)))
		}
	}
	return Number(b.String() + " ELSE 0 END AS BIGINT)")
}

// unindexed is the same order in words that no index serves.
func (o Order) unindexed() Order {
	switch {
	case o.expression == "":
	case o.text:
		o.expression = "(" + o.expression + " || '')"
	default:
		o.expression = "+" + o.expression
	}
	return o
}
