package archtest

import (
	"fmt"
	"go/ast"
	"go/token"
	"path"
	"regexp"
	"slices"
	"strings"
	"unicode"
)

// wordList is the file of words that are gone, with the packages that have none of them.
const wordList = "internal/archtest/testdata/words.txt"

// word is a word that is gone: it is not in the identifiers and comments of a clean package.
type word struct {
	pattern *regexp.Regexp
	instead string
}

// parseWords reads [wordList]: below [packages] a directory a line ("internal/db" without the packages below it), below
// [words] a regular expression of one or more whole words, " -> " and what to write instead. # begins a comment.
func parseWords(body string) (packages []string, words []word, err error) {
	section := ""
	for n, line := range strings.Split(body, "\n") {
		line = strings.TrimSpace(line)
		switch {
		case line == "" || strings.HasPrefix(line, "#"):
		case strings.HasPrefix(line, "["):
			section = line
		case section == "[packages]":
			packages = append(packages, line)
		default:
			pattern, instead, ok := strings.Cut(line, " -> ")
			if section != "[words]" || !ok {
				return nil, nil, fmt.Errorf("line %d: %q is neither a package nor a word with its replacement", n+1, line)
			}
			compiled, err := regexp.Compile(`(?i)\b(?:` + strings.TrimSpace(pattern) + `)\b`)
			if err != nil {
				return nil, nil, fmt.Errorf("line %d: %w", n+1, err)
			}
			words = append(words, word{compiled, strings.TrimSpace(instead)})
		}
	}
	return packages, words, nil
}

// checkGoneWords finds words that are gone in identifiers and comments of the clean packages. String literals, struct tags
// and the data of tests are not Go: they may be the wire or a Vietnamese sentence.
func checkGoneWords(t *tree) (bad []string) {
	packages, words, err := parseWords(t.body(wordList))
	if err != nil {
		return []string{wordList + ": " + err.Error()}
	}
	for _, p := range packages {
		if !t.paths[p] {
			bad = append(bad, fmt.Sprintf("%s: there is no %s", wordList, p))
		}
	}
	for _, f := range t.files {
		if f.generated || !slices.Contains(packages, f.dir) {
			continue
		}
		report := func(at ast.Node, text string) {
			for _, w := range words {
				if found := w.pattern.FindString(text); found != "" {
					bad = append(bad, t.at(at.Pos(), "%q is a word that is gone: %s", found, w.instead))
				}
			}
		}
		report(f.Name, splitName(strings.TrimSuffix(path.Base(f.path), ".go"))+" "+f.Name.Name)
		for _, group := range f.Comments {
			for _, c := range group.List {
				report(c, c.Text)
			}
		}
		ast.Inspect(f.File, func(n ast.Node) bool {
			for _, id := range declares(n) {
				report(id, splitName(id.Name))
			}
			return true
		})
	}
	return bad
}

// declares returns the names that a node declares: a name is checked where it is declared, not at each use.
func declares(n ast.Node) []*ast.Ident {
	switch n := n.(type) {
	case *ast.FuncDecl:
		return []*ast.Ident{n.Name}
	case *ast.TypeSpec:
		return []*ast.Ident{n.Name}
	case *ast.ValueSpec:
		return n.Names
	case *ast.Field:
		return n.Names
	case *ast.LabeledStmt:
		return []*ast.Ident{n.Label}
	case *ast.ImportSpec:
		if n.Name != nil {
			return []*ast.Ident{n.Name}
		}
	case *ast.AssignStmt:
		if n.Tok == token.DEFINE {
			return identifiers(n.Lhs...)
		}
	case *ast.RangeStmt:
		if n.Tok == token.DEFINE {
			return identifiers(n.Key, n.Value)
		}
	}
	return nil
}

func identifiers(all ...ast.Expr) (names []*ast.Ident) {
	for _, e := range all {
		if id, ok := e.(*ast.Ident); ok {
			names = append(names, id)
		}
	}
	return names
}

// splitName separates the words of an identifier or a file name: "lockedLevels" has "locked" and "levels".
func splitName(name string) string {
	var b strings.Builder
	runes := []rune(name)
	for i, r := range runes {
		upper := unicode.IsUpper(r)
		if i > 0 && upper && (!unicode.IsUpper(runes[i-1]) || i+1 < len(runes) && unicode.IsLower(runes[i+1])) {
			b.WriteByte(' ')
		}
		if r == '_' {
			r = ' '
		}
		b.WriteRune(r)
	}
	return b.String()
}
