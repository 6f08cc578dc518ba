package archtest

import (
	"bytes"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path"
	"slices"
	"strconv"
	"strings"
)

const module = "github.com/taphoa/taphoa"

// tree is the source as the rules see it. Paths have slashes and begin at the root; the root package's is ".".
type tree struct {
	fset  *token.FileSet
	files []goFile
	texts []textFile
	paths map[string]bool // of all files and directories
}

// body is the text of a file; empty where there is none.
func (t *tree) body(name string) string {
	for _, x := range t.texts {
		if x.path == name {
			return x.body
		}
	}
	return ""
}

type goFile struct {
	*ast.File
	path, dir string
	test      bool // a _test.go
	generated bool
	lines     int
}

type textFile struct{ path, body string }

type literal struct {
	pos  token.Pos
	text string
}

// load reads a tree: Go files as such, and everything that is not binary as text.
func load(fsys fs.FS) (*tree, error) {
	t := &tree{fset: token.NewFileSet(), paths: map[string]bool{}}
	return t, fs.WalkDir(fsys, ".", func(name string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		t.paths[name] = true
		if entry.IsDir() {
			if slices.Contains([]string{".git", "node_modules", "bin", "dist"}, entry.Name()) {
				return fs.SkipDir
			}
			return nil
		}
		if entry.Name() == ".git" { // of a worktree: a file that names a directory
			return nil
		}
		if info, err := entry.Info(); err != nil || !info.Mode().IsRegular() || info.Size() > 1<<20 {
			return err
		}
		body, err := fs.ReadFile(fsys, name)
		if err != nil || bytes.IndexByte(body, 0) >= 0 {
			return err
		}
		t.texts = append(t.texts, textFile{name, string(body)})
		if path.Ext(name) != ".go" || strings.Contains(name, "testdata/") {
			return nil
		}
		return t.add(name, body)
	})
}

func (t *tree) add(name string, body []byte) error {
	parsed, err := parser.ParseFile(t.fset, name, body, parser.ParseComments|parser.SkipObjectResolution)
	if err != nil {
		return err
	}
	t.files = append(t.files, goFile{
		File: parsed, path: name, dir: path.Dir(name),
		test:      strings.HasSuffix(name, "_test.go"),
		generated: ast.IsGenerated(parsed),
		lines:     bytes.Count(body, []byte("\n")),
	})
	return nil
}

// production yields the files that the rules are for: no tests, and no packages for tests.
func (t *tree) production(yield func(goFile) bool) {
	for _, f := range t.files {
		if !f.test && !forTests(f.dir) && !yield(f) {
			return
		}
	}
}

// at returns a violation with its position in a Go file.
func (t *tree) at(p token.Pos, format string, args ...any) string {
	where := t.fset.Position(p)
	return fmt.Sprintf("%s:%d: ", where.Filename, where.Line) + fmt.Sprintf(format, args...)
}

// imports are the import paths of a file by the names it knows them by.
func (f goFile) imports() map[string]string {
	all := map[string]string{}
	for _, spec := range f.Imports {
		full := importPath(spec)
		name := path.Base(full)
		if spec.Name != nil {
			name = spec.Name.Name
		}
		all[name] = full
	}
	return all
}

func importPath(spec *ast.ImportSpec) string {
	full, err := strconv.Unquote(spec.Path.Value)
	if err != nil {
		panic(err) // the parser has read it
	}
	return full
}

// literals are the constant texts of a file; those that a plus joins count as one, with a space for what is no text.
func (f goFile) literals() (all []literal) {
	ast.Inspect(f.File, func(n ast.Node) bool {
		e, ok := n.(ast.Expr)
		if !ok {
			return true
		}
		s, ok := constant(e)
		if ok {
			all = append(all, literal{e.Pos(), s})
		}
		return !ok
	})
	return all
}

func constant(e ast.Expr) (string, bool) {
	switch e := e.(type) {
	case *ast.ParenExpr:
		return constant(e.X)
	case *ast.BasicLit:
		if e.Kind == token.STRING {
			s, err := strconv.Unquote(e.Value)
			return s, err == nil
		}
	case *ast.BinaryExpr:
		left, isLeft := constant(e.X)
		right, isRight := constant(e.Y)
		switch {
		case e.Op != token.ADD || !isLeft && !isRight:
			return "", false
		case !isLeft:
			left = " "
		case !isRight:
			right = " "
		}
		return left + right, true
	}
	return "", false
}
