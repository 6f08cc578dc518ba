package archtest

import (
	"fmt"
	"go/ast"
	"path"
	"regexp"
	"slices"
	"strings"
)

const (
	fileLines     = 500
	functionLines = 70
)

// businessPackages have no clock of their own: they use that of the transaction.
var businessPackages = []string{
	"internal/event", "internal/org", "internal/stock", "internal/cash", "internal/catalog", "internal/party",
	"internal/promo", "internal/sales", "internal/supply",
}

var (
	// "DO UPDATE SET" and "FOR UPDATE" name no table, therefore an UPDATE counts with its SET only.
	writePattern = regexp.MustCompile(`(?i)\b(?:(?:INSERT|REPLACE)\s+(?:OR\s+\w+\s+)?INTO|DELETE\s+FROM)\s+(?:ONLY\s+)?"?(\w+)` +
		`|\bUPDATE\s+(?:ONLY\s+)?"?(\w+)"?(?:\s+(?:AS\s+)?\w+)?\s+SET\b`)
	tablePattern  = regexp.MustCompile(`(?i)\bCREATE\s+TABLE\s+(?:IF\s+NOT\s+EXISTS\s+)?"?(\w+)`)
	headerPattern = regexp.MustCompile(`^-- Written by: ([^.\n]*)`)
	writerPattern = regexp.MustCompile(`([\w/]+)(?:\s*\(([^)]*)\))?`)

	enginePattern = regexp.MustCompile(`(?i)sqlite|postgres|pgx`)

	selectPattern = regexp.MustCompile(`(?i)\bSELECT\b`)
	orderPattern  = regexp.MustCompile(`(?i)\bORDER\s+BY\b`)
	limitPattern  = regexp.MustCompile(`(?i)\bLIMIT\s`)

	todoPattern = regexp.MustCompile(`\b(TODO|FIXME)\b(\(#\d+\))?`)
	wordPattern = regexp.MustCompile(`(?i)(^|[^\w.-])/(work|root)/|helper agent`)
)

// checkWriters finds a second package that writes a table, or one that is not the table's writer by its migration.
func checkWriters(t *tree) (bad []string) {
	owners := declaredWriters(t)
	writers := map[string]string{}
	note := func(dir, table, where string) {
		if owner := owners[table]; owner != "" && owner != path.Base(dir) {
			bad = append(bad, fmt.Sprintf("%s writes %s, which is %s's by its migration", where, table, owner))
		} else if other, ok := writers[table]; ok && other != dir {
			bad = append(bad, fmt.Sprintf("%s writes %s, which %s writes too", where, table, other))
		}
		writers[table] = dir
	}
	for f := range t.production {
		if f.dir == "internal/schema" {
			continue
		}
		for _, l := range f.literals() {
			for _, table := range writtenTables(l.text) {
				note(f.dir, table, t.at(l.pos, "%s", f.dir))
			}
		}
		writtenByRows(t, f, note)
	}
	for _, x := range t.texts {
		if dir := path.Dir(x.path); path.Ext(x.path) == ".sql" && within(dir, []string{"internal/schema"}) == "" && !forTests(dir) {
			for _, table := range writtenTables(x.body) {
				note(dir, table, x.path+": "+dir)
			}
		}
	}
	return bad
}

func writtenTables(sql string) (tables []string) {
	for _, m := range writePattern.FindAllStringSubmatch(sql, -1) {
		tables = append(tables, strings.ToLower(m[1]+m[2]))
	}
	return tables
}

// declaredWriters reads the first lines of the migrations: "-- Written by: db (id_blocks), org (the others)."
func declaredWriters(t *tree) map[string]string {
	owners := map[string]string{}
	for _, x := range t.texts {
		header := headerPattern.FindStringSubmatch(x.body)
		if path.Dir(x.path) != "internal/schema/migrations" || header == nil {
			continue
		}
		exact, others := map[string]string{}, ""
		for _, m := range writerPattern.FindAllStringSubmatch(header[1], -1) {
			if m[2] == "" || m[2] == "the others" {
				others = m[1]
			}
			for table := range strings.SplitSeq(m[2], ",") {
				exact[strings.TrimSpace(table)] = m[1]
			}
		}
		for _, m := range tablePattern.FindAllStringSubmatch(x.body, -1) {
			table := strings.ToLower(m[1])
			if owners[table] = exact[table]; owners[table] == "" {
				owners[table] = others
			}
		}
	}
	return owners
}

// checkEngine finds packages that ask which engine runs.
func checkEngine(t *tree) (bad []string) {
	for f := range t.production {
		if within(f.dir, []string{"internal/db", "internal/schema"}) != "" {
			continue
		}
		for _, spec := range f.Imports {
			if enginePattern.MatchString(spec.Path.Value) {
				bad = append(bad, t.at(spec.Pos(), "%s imports an engine; only internal/db may", f.dir))
			}
		}
		ast.Inspect(f.File, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.ImportSpec:
				return false
			case *ast.Ident:
				if enginePattern.MatchString(n.Name) {
					bad = append(bad, t.at(n.Pos(), "%s: %s asks for an engine; only internal/db may", f.dir, n.Name))
				}
			case *ast.CallExpr:
				if s, ok := n.Fun.(*ast.SelectorExpr); ok && s.Sel.Name == "Engine" {
					bad = append(bad, t.at(n.Pos(), "%s asks which engine runs; only internal/db may", f.dir))
				}
			}
			return true
		})
	}
	return bad
}

// checkOrder finds statements that take some rows of many and leave it to the engine which.
func checkOrder(t *tree) (bad []string) {
	for f := range t.production {
		for _, l := range f.literals() {
			if selectPattern.MatchString(l.text) && limitPattern.MatchString(l.text) && !orderPattern.MatchString(l.text) {
				bad = append(bad, t.at(l.pos, "LIMIT without ORDER BY"))
			}
		}
	}
	return bad
}

// checkClock finds business packages that read the machine's clock, or sleep.
func checkClock(t *tree) (bad []string) {
	for f := range t.production {
		if within(f.dir, businessPackages) == "" {
			continue
		}
		imports := f.imports()
		ast.Inspect(f.File, func(n ast.Node) bool {
			s, ok := n.(*ast.SelectorExpr)
			if !ok || !slices.Contains([]string{"Now", "Since", "Until", "Sleep", "After"}, s.Sel.Name) {
				return true
			}
			if x, ok := s.X.(*ast.Ident); ok && imports[x.Name] == "time" {
				bad = append(bad, t.at(s.Pos(), "time.%s in a business package: the transaction has the clock (Tx.Now)", s.Sel.Name))
			}
			return true
		})
	}
	return bad
}

func checkSize(t *tree) (bad []string) {
	for _, f := range t.files {
		if f.test || f.generated {
			continue
		}
		if f.lines > fileLines {
			bad = append(bad, fmt.Sprintf("%s: %d lines, %d are allowed", f.path, f.lines, fileLines))
		}
		for _, d := range f.Decls {
			fn, ok := d.(*ast.FuncDecl)
			if !ok {
				continue
			}
			if n := t.fset.Position(fn.End()).Line - t.fset.Position(fn.Pos()).Line + 1; n > functionLines {
				bad = append(bad, t.at(fn.Pos(), "%s has %d lines, %d are allowed", fn.Name.Name, n, functionLines))
			}
		}
	}
	return bad
}

// checkDoc wants a doc.go with the package's comment, and a comment for what the root shows.
func checkDoc(t *tree) (bad []string) {
	documented := map[string]bool{}
	for _, f := range t.files {
		if path.Base(f.path) == "doc.go" && f.Doc != nil {
			documented[f.dir] = true
		}
	}
	seen := map[string]bool{}
	for _, f := range t.files {
		if f.test {
			continue
		}
		if !documented[f.dir] && !seen[f.dir] {
			bad = append(bad, f.dir+": no doc.go with a package comment")
		}
		seen[f.dir] = true
		if f.dir != "." {
			continue
		}
		for _, d := range f.Decls {
			for _, name := range undocumented(d) {
				bad = append(bad, t.at(name.Pos(), "%s has no comment", name.Name))
			}
		}
	}
	return bad
}

// bare are the exported names of a declaration that have no comment.
func undocumented(d ast.Decl) (names []*ast.Ident) {
	add := func(documented bool, all ...*ast.Ident) {
		for _, n := range all {
			if n.IsExported() && !documented {
				names = append(names, n)
			}
		}
	}
	switch d := d.(type) {
	case *ast.FuncDecl:
		if d.Recv == nil {
			add(d.Doc != nil, d.Name)
		} else if receiver(d).IsExported() && !slices.Contains([]string{"Error", "Is", "String", "Unwrap"}, d.Name.Name) {
			add(d.Doc != nil, d.Name)
		}
	case *ast.GenDecl:
		for _, spec := range d.Specs {
			switch s := spec.(type) {
			case *ast.TypeSpec:
				add(s.Doc != nil || d.Doc != nil && len(d.Specs) == 1, s.Name)
			case *ast.ValueSpec:
				add(s.Doc != nil || s.Comment != nil || d.Doc != nil, s.Names...)
			}
		}
	}
	return names
}

// receiver is the name of a method's type.
func receiver(d *ast.FuncDecl) *ast.Ident {
	var found *ast.Ident
	ast.Inspect(d.Recv.List[0].Type, func(n ast.Node) bool {
		if id, ok := n.(*ast.Ident); ok && found == nil {
			found = id
		}
		return found == nil
	})
	return found
}

// checkTodo finds work that is put off without the number of an issue.
func checkTodo(t *tree) (bad []string) {
	open := func(s string) bool {
		return slices.ContainsFunc(todoPattern.FindAllStringSubmatch(s, -1), func(m []string) bool { return m[2] == "" })
	}
	for _, f := range t.files {
		for _, group := range f.Comments {
			for _, c := range group.List {
				if open(c.Text) {
					bad = append(bad, t.at(c.Pos(), "put off without an issue, as in TODO(#12)"))
				}
			}
		}
	}
	for _, x := range t.texts {
		if base := path.Base(x.path); base != "Makefile" && base != "run" &&
			!slices.Contains([]string{".sql", ".sh", ".yml", ".yaml", ".md", ".toml"}, path.Ext(base)) {
			continue
		}
		for n, l := range strings.Split(x.body, "\n") {
			if open(l) {
				bad = append(bad, fmt.Sprintf("%s:%d: put off without an issue, as in TODO(#12)", x.path, n+1))
			}
		}
	}
	return bad
}

// checkWords finds words that have no meaning outside of the machine that a file was written on.
func checkWords(t *tree) (bad []string) {
	for _, x := range t.texts {
		if path.Dir(x.path) == "internal/archtest" {
			continue
		}
		for n, l := range strings.Split(x.body, "\n") {
			if m := wordPattern.FindString(l); m != "" {
				bad = append(bad, fmt.Sprintf("%s:%d: %q does not belong here", x.path, n+1, strings.TrimSpace(m)))
			}
		}
	}
	return bad
}
