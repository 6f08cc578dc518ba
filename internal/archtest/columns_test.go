package archtest

import (
	"go/ast"
	"reflect"
	"slices"
	"strconv"
	"strings"
)

// hiddenFields are the exported fields of the public types that are not on the wire, and why.
var hiddenFields = map[string]string{
	"OrderInput.Partner": "a header, which is no member of the body",
}

// checkHidden finds fields of the public types that are not on the wire: a column that only a package inside needs belongs
// to that package's row type.
func checkHidden(t *tree) (bad []string) {
	for f := range t.production {
		if f.dir != "." {
			continue
		}
		ast.Inspect(f.File, func(n ast.Node) bool {
			spec, ok := n.(*ast.TypeSpec)
			if !ok || !spec.Name.IsExported() {
				return true
			}
			ast.Inspect(spec.Type, func(n ast.Node) bool {
				field, ok := n.(*ast.Field)
				if !ok || field.Tag == nil {
					return true
				}
				tag, err := strconv.Unquote(field.Tag.Value)
				if err != nil || reflect.StructTag(tag).Get("json") != "-" {
					return true
				}
				for _, id := range field.Names {
					if name := spec.Name.Name + "." + id.Name; id.IsExported() && hiddenFields[name] == "" {
						bad = append(bad, t.at(id.Pos(), "%s is not on the wire: a row type of the package that needs it has it", name))
					}
				}
				return true
			})
			return false
		})
	}
	return bad
}

// rowWriters are the functions of package db that write the columns of a row type.
var rowWriters = []string{"Insert", "InsertOr", "Upsert", "Update"}

// byHand are the tables with row types of which a statement writes some columns of its own, and why.
var byHand = map[string]string{
	"products":       "the units and variants of a product, base prices and deletions change without their row being read",
	"customers":      "totals are added up; deletions and the members of a group change without their row being read",
	"stock_postings": "effective dates and costs of all postings of a document change",
}

// rowTables returns the tables that a file writes from row types, with the places.
func (f goFile) rowTables() map[string]ast.Node {
	tables := map[string]ast.Node{}
	storage := ""
	for name, path := range f.imports() {
		if path == module+"/internal/db" {
			storage = name
		}
	}
	ast.Inspect(f.File, func(n ast.Node) bool {
		call, ok := n.(*ast.CallExpr)
		if !ok || len(call.Args) < 2 {
			return true
		}
		fun := call.Fun
		if generic, ok := fun.(*ast.IndexExpr); ok {
			fun = generic.X
		}
		s, ok := fun.(*ast.SelectorExpr)
		if !ok || !slices.Contains(rowWriters, s.Sel.Name) {
			return true
		}
		if x, ok := s.X.(*ast.Ident); ok && x.Name == storage && storage != "" {
			if table, ok := constant(call.Args[1]); ok {
				tables[table] = call
			}
		}
		return true
	})
	return tables
}

// checkColumns finds statements that list the columns of a table by hand although a row type has them.
func checkColumns(t *tree) (bad []string) {
	rows := map[string]bool{}
	for f := range t.production {
		for table := range f.rowTables() {
			rows[table] = true
		}
	}
	for f := range t.production {
		if f.dir == "internal/schema" {
			continue
		}
		for _, l := range f.literals() {
			for _, m := range writePattern.FindAllStringSubmatch(l.text, -1) {
				table, verb := strings.ToLower(m[1]+m[2]), strings.ToUpper(strings.Fields(m[0])[0])
				if !rows[table] || verb == "DELETE" || byHand[table] != "" {
					continue
				}
				bad = append(bad, t.at(l.pos, "%s of %s by hand: a row type has its columns", verb, table))
			}
		}
	}
	return bad
}

// writtenByRows tells [checkWriters] of the tables that a file writes from row types.
func writtenByRows(t *tree, f goFile, note func(dir, table, where string)) {
	for table, at := range f.rowTables() {
		note(f.dir, table, t.at(at.Pos(), "%s", f.dir))
	}
}
