package archtest

import (
	"bytes"
	"fmt"
	"go/ast"
	"go/importer"
	"go/parser"
	"go/token"
	"go/types"
	"io"
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"

	_ "github.com/taphoa/taphoa/client" // so that a change of it runs this test again
)

// TestThePublicPackagesShowNothingInternal checks the exported API of the packages that other modules import: what they
// cannot name, they can neither declare nor pass on.
func TestThePublicPackagesShowNothingInternal(t *testing.T) {
	public := []string{module, module + "/client", module + "/sandbox"}
	fset, of := token.NewFileSet(), exportData(t, public)
	packages := importer.ForCompiler(fset, "gc", of)
	for _, path := range public {
		p, err := packages.Import(path)
		if err != nil {
			t.Fatal(err)
		}
		for _, bad := range internalTypes(p) {
			t.Error(bad)
		}
	}

	file, err := parser.ParseFile(fset, "sample.go", surfaceSample, 0)
	if err != nil {
		t.Fatal(err)
	}
	sample, err := (&types.Config{Importer: packages}).Check(module+"/sample", fset, []*ast.File{file}, nil)
	if err != nil {
		t.Fatal(err)
	}
	compare(t, internalTypes(sample), []string{
		"alias A shows", "F shows", "G shows", "T.Field shows", "T.Method.X shows", "V shows", "promoted.Deep shows", "I.Do shows",
	})
}

const surfaceSample = `package sample

import (
	"github.com/taphoa/taphoa"
	"github.com/taphoa/taphoa/internal/wire"
)

type (
	A = wire.Raw
	T struct {
		promoted
		Field   map[string][]*wire.Request
		private wire.Raw
	}
	promoted struct{ Deep wire.Param }
	I        interface{ Do(func(wire.Raw)) }
)

func F(wire.Raw) taphoa.Money                    { return 0 }
func G[P interface{ *wire.Source }]()            {}
func H[P any](taphoa.Opt[P], []taphoa.Event) *T  { return nil }
func (T) Method() (m struct{ X wire.Raw })       { return }
func (T) hidden(wire.Raw)                        {}
func private(wire.Raw)                           {}

var V taphoa.Opt[wire.Param]
`

// exportData returns the export data of packages and of all that they import.
func exportData(t *testing.T, packages []string) importer.Lookup {
	t.Helper()
	list := exec.Command("go", append([]string{"list", "-export", "-deps", "-f", "{{.ImportPath}} {{.Export}}"}, packages...)...)
	var stderr bytes.Buffer
	list.Stderr = &stderr
	out, err := list.Output()
	if err != nil {
		t.Fatalf("%v\n%s", err, &stderr)
	}
	files := map[string]string{}
	for line := range strings.Lines(string(out)) {
		path, file, _ := strings.Cut(strings.TrimSpace(line), " ")
		files[path] = file
	}
	return func(path string) (io.ReadCloser, error) { return os.Open(files[path]) }
}

// surface collects the internal types that each exported name of a package shows.
type surface struct {
	pkg   *types.Package
	where string
	seen  map[types.Type]bool
	bad   []string
}

func internalTypes(p *types.Package) []string {
	s := &surface{pkg: p, seen: map[types.Type]bool{}}
	for _, name := range p.Scope().Names() {
		o := p.Scope().Lookup(name)
		if !o.Exported() {
			continue
		}
		s.where = name
		if declared, ok := o.(*types.TypeName); ok && declared.IsAlias() {
			s.where = "alias " + name
		}
		s.walk(o.Type())
	}
	return s.bad
}

func (s *surface) walk(t types.Type) {
	switch t := t.(type) {
	case *types.Alias:
		s.named(t.Obj())
		s.walk(t.Rhs())
	case *types.Named:
		s.named(t.Obj())
		for a := range t.TypeArgs().Types() {
			s.walk(a)
		}
		if t.Obj().Pkg() == s.pkg && !s.seen[t] {
			s.seen[t] = true
			s.declared(t)
		}
	case *types.Signature:
		for p := range t.TypeParams().TypeParams() {
			s.walk(p.Constraint())
		}
		s.walk(t.Params())
		s.walk(t.Results())
	case *types.Tuple:
		for v := range t.Variables() {
			s.walk(v.Type())
		}
	case *types.Struct:
		for f := range t.Fields() {
			if f.Exported() || f.Embedded() {
				s.member(f)
			}
		}
	case *types.Interface:
		for m := range t.ExplicitMethods() {
			s.member(m)
		}
		for e := range t.EmbeddedTypes() {
			s.walk(e)
		}
	case *types.Union:
		for term := range t.Terms() {
			s.walk(term.Type())
		}
	case *types.Map:
		s.walk(t.Key())
		s.walk(t.Elem())
	case interface{ Elem() types.Type }: // a pointer, slice, array or channel
		s.walk(t.Elem())
	}
}

// declared looks into a type of the package itself.
func (s *surface) declared(t *types.Named) {
	defer func(outer string) { s.where = outer }(s.where)
	s.where = t.Obj().Name()
	for p := range t.TypeParams().TypeParams() {
		s.walk(p.Constraint())
	}
	s.walk(t.Underlying())
	for m := range t.Methods() {
		if m.Exported() {
			s.member(m)
		}
	}
}

func (s *surface) member(o types.Object) {
	defer func(outer string) { s.where = outer }(s.where)
	s.where += "." + o.Name()
	s.walk(o.Type())
}

func (s *surface) named(o *types.TypeName) {
	if o.Pkg() == nil || !strings.HasPrefix(o.Pkg().Path(), module+"/internal/") {
		return
	}
	if bad := fmt.Sprintf("%s: %s shows %s.%s", s.pkg.Path(), s.where, o.Pkg().Path(), o.Name()); !slices.Contains(s.bad, bad) {
		s.bad = append(s.bad, bad)
	}
}
