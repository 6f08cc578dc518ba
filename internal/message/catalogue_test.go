package message

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"unicode"
)

// refusing are the packages whose Vietnamese sentences, and those of their plans, are refusals and the words in them.
var refusing = []string{
	".", "internal/event", "internal/org", "internal/stock", "internal/cash", "internal/catalog", "internal/party",
	"internal/promo", "internal/sales", "internal/supply", "internal/debt", "internal/access", "internal/console", "internal/requestlog", "internal/right", "internal/wire",
}

// refusingAlso have other Vietnamese texts as well, which only the API sends; their refusals are the arguments of these
// functions.
var refusingAlso = []string{"internal/api", "internal/oauth", "internal/plan", "internal/webhook"}

var refusals = []string{"Refuse", "NotFound", "Unreadable", "LackField"}

// stored are the declarations whose Vietnamese texts are stored or sent by the API, and are never part of a refusal.
var stored = []string{
	"CashFlowGroups", "TaxDeduction", "TaxDirect", "EInvoiceStatuses", "GeneralPriceBook", "deliveryStatusValues",
	"PaymentStatusValue", "writeOffReason", "otherCategory", "otherChannel", "whyNotUsable",
}

// storedWords are such texts in functions that refuse as well.
var storedWords = []string{"Chi nhánh trung tâm", "Bán trực tiếp", "Cốc Cốc", "đ"}

// textFunctions are the functions whose first argument is a key: of commands, and of all packages. In other packages say
// is the parameter of an error that can be translated.
var (
	textFunctions       = []string{"say", "text", "sayWrapped", "sayError", "Errorf"}
	textFunctionsOfLibs = []string{"say", "Errorf"}
)

// keyTables are the variables of commands that have only keys.
var keyTables = []string{"meanings", "description"}

// written are the keys of the source with their positions.
type written struct {
	english, vietnamese map[string]string // keys in that language
	plain               []string          // errors without a key
}

func isVietnamese(text string) bool {
	return strings.ContainsFunc(text, func(r rune) bool {
		return unicode.Is(unicode.Latin, r) && (r >= 'À' && r <= 'ỹ') && r != '×' && r != '÷'
	})
}

// literal returns the value of a string literal, or of a concatenation.
func literal(e ast.Expr) (string, bool) {
	switch e := e.(type) {
	case *ast.BasicLit:
		if e.Kind == token.STRING {
			text, err := strconv.Unquote(e.Value)
			return text, err == nil
		}
	case *ast.BinaryExpr:
		a, ok := literal(e.X)
		b, ok2 := literal(e.Y)
		return a + b, ok && ok2 && e.Op == token.ADD
	}
	return "", false
}

// calledName returns the name of a called function without its package or receiver.
func calledName(c *ast.CallExpr) string {
	switch f := c.Fun.(type) {
	case *ast.Ident:
		return f.Name
	case *ast.SelectorExpr:
		return f.Sel.Name
	}
	return ""
}

// keys returns the keys of the source tree.
func keys(t *testing.T, root string) *written {
	t.Helper()
	w := &written{english: map[string]string{}, vietnamese: map[string]string{}}
	err := fs.WalkDir(os.DirFS(root), ".", func(name string, d fs.DirEntry, err error) error {
		if err == nil && path.Dir(name) == "internal/console/templates" && path.Ext(name) == ".html" {
			return w.template(root, name)
		}
		if err != nil || d.IsDir() || path.Ext(name) != ".go" || strings.HasSuffix(name, "_test.go") {
			return err
		}
		dir := path.Dir(name)
		switch {
		// The pages of internal/openapi have their texts in a file of their own; what the style page shows is data.
		case name == "internal/console/style.go", dir == "internal/message", dir == "internal/openapi", dir != "." && dir != "cmd/taphoa" && !strings.HasPrefix(dir, "internal/"):
			return nil
		}
		fset := token.NewFileSet()
		f, err := parser.ParseFile(fset, filepath.Join(root, name), nil, parser.SkipObjectResolution)
		if err != nil {
			return err
		}
		at := func(n ast.Node) string { return fmt.Sprintf("%s:%d", name, fset.Position(n.Pos()).Line) }
		for _, d := range f.Decls {
			if slices.Contains(refusing, strings.TrimSuffix(dir, "/plan")) {
				w.refusals(d, at)
			} else if slices.Contains(refusingAlso, dir) {
				w.refusalCalls(d, at)
			}
			if dir == "cmd/taphoa" {
				w.texts(d, at, textFunctions)
				w.helps(d, at)
				w.plainErrors(d, at)
			} else if dir != "internal/console" { // whose keys are Vietnamese
				w.texts(d, at, textFunctionsOfLibs)
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return w
}

var templateText = regexp.MustCompile(`[{(]t "([^"]*)"`)

// template adds the texts of a page.
func (w *written) template(root, name string) error {
	b, err := os.ReadFile(filepath.Join(root, name))
	for _, found := range templateText.FindAllSubmatch(b, -1) {
		w.vietnamese[string(found[1])] = name
	}
	return err
}

// refusals adds all Vietnamese literals of a declaration except those that are stored.
func (w *written) refusals(n ast.Node, at func(ast.Node) string) {
	ast.Inspect(n, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.FuncDecl:
			return !slices.Contains(stored, n.Name.Name)
		case *ast.ValueSpec:
			for _, id := range n.Names {
				if slices.Contains(stored, id.Name) || strings.HasPrefix(strings.ToLower(id.Name), "message") && id.Name != "MessageSurchargesOff" {
					return false
				}
			}
		case ast.Expr:
			if text, ok := literal(n); ok {
				if isVietnamese(text) && !slices.Contains(storedWords, text) {
					w.vietnamese[text] = at(n)
				}
				return false
			}
		}
		return true
	})
}

// refusalCalls adds the Vietnamese literals among the arguments of refusals.
func (w *written) refusalCalls(n ast.Node, at func(ast.Node) string) {
	ast.Inspect(n, func(n ast.Node) bool {
		if c, ok := n.(*ast.CallExpr); ok && slices.Contains(refusals, calledName(c)) {
			w.refusals(c, at)
		}
		return true
	})
}

// texts adds the arguments of textFunctions, the headers of tables, and the tables of keys.
func (w *written) texts(n ast.Node, at func(ast.Node) string, functions []string) {
	note := func(n ast.Node) {
		if e, ok := n.(ast.Expr); ok {
			if text, ok := literal(e); ok && strings.ContainsFunc(verbPattern.ReplaceAllString(text, ""), unicode.IsLetter) {
				w.english[text] = at(e)
			}
		}
	}
	ast.Inspect(n, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.CallExpr:
			name := calledName(n)
			if s, ok := n.Fun.(*ast.SelectorExpr); ok && name == "Errorf" {
				if x, ok := s.X.(*ast.Ident); !ok || x.Name != "message" {
					return true
				}
			}
			if slices.Contains(functions, name) && len(n.Args) > 0 {
				note(n.Args[0])
			}
			if name == "table" && len(n.Args) > 0 {
				if heads, ok := n.Args[0].(*ast.CompositeLit); ok {
					for _, head := range heads.Elts {
						note(head)
					}
				}
			}
		case *ast.ValueSpec:
			if slices.ContainsFunc(n.Names, func(id *ast.Ident) bool { return slices.Contains(keyTables, id.Name) }) {
				for _, v := range n.Values {
					note(v)
					ast.Inspect(v, func(n ast.Node) bool {
						if pair, ok := n.(*ast.KeyValueExpr); ok {
							note(pair.Value)
						}
						return true
					})
				}
			}
		case *ast.CompositeLit: // {pattern, key} of what the parser writes
			if len(n.Elts) == 2 && n.Type == nil {
				if c, ok := n.Elts[0].(*ast.CallExpr); ok && calledName(c) == "MustCompile" {
					note(n.Elts[1])
				}
			}
		}
		return true
	})
}

var wordPattern = regexp.MustCompile(`([a-z])([A-Z])`)

// helps adds the helps of commands and flags, and their placeholders.
func (w *written) helps(n ast.Node, at func(ast.Node) string) {
	ast.Inspect(n, func(n ast.Node) bool {
		if f, ok := n.(*ast.Field); ok && f.Tag != nil {
			text, _ := strconv.Unquote(f.Tag.Value)
			tag := reflect.StructTag(text)
			for _, key := range []string{tag.Get("help"), tag.Get("placeholder")} {
				if key != "" {
					w.english[key] = at(f)
				}
			}
			if _, ok := tag.Lookup("arg"); ok { // the parser calls UserName user-name
				w.english[strings.ToLower(wordPattern.ReplaceAllString(f.Names[0].Name, "$1-$2"))] = at(f)
			}
		}
		return true
	})
}

// plainErrors adds errors whose text is not a key.
func (w *written) plainErrors(n ast.Node, at func(ast.Node) string) {
	ast.Inspect(n, func(n ast.Node) bool {
		if c, ok := n.(*ast.CallExpr); ok && len(c.Args) > 0 {
			if s, ok := c.Fun.(*ast.SelectorExpr); ok {
				if x, ok := s.X.(*ast.Ident); ok && (x.Name == "fmt" && s.Sel.Name == "Errorf" || x.Name == "errors" && s.Sel.Name == "New") {
					w.plain = append(w.plain, at(c))
				}
			}
		}
		return true
	})
}

// parserHelp is the only help of the parser itself.
const parserHelp = "Show context-sensitive help."

func TestEveryTextHasBothLanguages(t *testing.T) {
	w := keys(t, "../..")
	w.english[parserHelp] = "the parser"
	if len(w.english) < 100 || len(w.vietnamese) < 400 {
		t.Fatalf("only %d texts of commands and %d refusals are found", len(w.english), len(w.vietnamese))
	}
	for _, where := range w.plain {
		t.Errorf("%s: an error that has no second language: make it with message.Errorf", where)
	}
	for _, l := range []struct {
		language Language
		written  map[string]string
	}{{Vietnamese, w.english}, {English, w.vietnamese}} {
		known := map[string]bool{}
		for _, part := range catalogues[l.language] {
			for _, e := range part {
				if known[e.key] {
					t.Errorf("%q is twice in the catalogue %s", e.key, l.language)
				}
				known[e.key] = true
				if l.written[e.key] == "" {
					t.Errorf("%q is in the catalogue %s, and nothing says it", e.key, l.language)
				}
			}
		}
		for key, where := range l.written {
			if !known[key] {
				t.Errorf("%s: %q lacks the language %s", where, key, l.language)
			}
		}
	}
}

var verbPattern = regexp.MustCompile(`%([-+# 0]*[0-9.]*)(?:\[(\d+)\])?([a-zA-Z%])`)

// verbs returns the verbs of a format by the number of their argument.
func verbs(format string) map[int]string {
	all, next := map[int]string{}, 1
	for _, m := range verbPattern.FindAllStringSubmatch(format, -1) {
		if m[3] == "%" {
			continue
		}
		if m[2] != "" {
			next, _ = strconv.Atoi(m[2])
		}
		all[next] += m[1] + m[3]
		next++
	}
	return all
}

func TestATranslationHasTheVerbsOfItsKey(t *testing.T) {
	for language, parts := range catalogues {
		for _, part := range parts {
			for _, e := range part {
				key, text := e.key, e.text
				if got, want := fmt.Sprint(verbs(text)), fmt.Sprint(verbs(key)); got != want {
					t.Errorf("%s: %q has the arguments %s, its key %q has %s", language, text, got, key, want)
				}
				if strings.Count(text, "{taphoa}") != strings.Count(key, "{taphoa}") {
					t.Errorf("%s: %q does not name the program as %q does", language, text, key)
				}
				if isVietnamese(key) == (language == Vietnamese) {
					t.Errorf("%s: the key %q is in the wrong catalogue", language, key)
				}
				if language == English && isVietnamese(text) {
					t.Errorf("English has the Vietnamese %q", text)
				}
			}
		}
	}
}
