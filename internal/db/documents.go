package db

import (
	"strings"

	"github.com/taphoa/taphoa/internal/right"
)

// Documents says which columns decide who finds the documents of a table.
type Documents struct {
	See      right.Right // that is needed to find them
	Branches []string    // where they are: columns; none for documents of the whole shop
	Persons  []string    // whose they are
}

// As are the documents of a table that has an alias in a statement.
func (d Documents) As(alias string) *Documents {
	in := func(columns []string) (all []string) {
		for _, c := range columns {
			all = append(all, alias+"."+c)
		}
		return all
	}
	return &Documents{d.See, in(d.Branches), in(d.Persons)}
}

// found is the condition for those documents that the actor finds; empty for all.
func (d *Documents) found(tx *Tx) (line string, args []any) {
	everyone, own := d.places(tx.held)
	if everyone.All {
		return "", nil
	}
	var ways []string
	in := func(columns []string, value any) string {
		var each []string
		for _, c := range columns {
			compare := " = ?"
			if _, list := value.([]int64); list {
				compare = " IN ?"
			}
			each, args = append(each, c+compare), append(args, value)
		}
		return "(" + strings.Join(each, " OR ") + ")"
	}
	if len(everyone.Branches) > 0 {
		ways = append(ways, in(d.Branches, everyone.Branches))
	}
	switch {
	case own.All:
		ways = append(ways, in(d.Persons, tx.held.User()))
	case len(own.Branches) > 0:
		ways = append(ways, "("+in(d.Branches, own.Branches)+" AND "+in(d.Persons, tx.held.User())+")")
	}
	if ways == nil {
		return "1 = 0", nil
	}
	return "(" + strings.Join(ways, " OR ") + ")", args
}

// places is where the documents of everyone, and where those of the actor are found. Those of the whole shop are found by who may see
// them wherever they work.
func (d *Documents) places(held *right.Held) (everyone, own right.Places) {
	if len(d.Branches) > 0 {
		return held.Finds(d.See)
	}
	at := held.InShop()
	all := right.Places{All: at.Has(d.See)}
	if at.Has(right.SeeOthers) {
		return all, own
	}
	return everyone, all
}

// Found adds the condition that the actor finds a document to a statement that ends in conditions, and its arguments to theirs.
func (tx *Tx) Found(d *Documents, sql string, args ...any) (string, []any) {
	line, more := d.found(tx)
	if line == "" {
		return sql, args
	}
	return sql + " AND " + line, append(args, more...)
}
