package main

import (
	"go/ast"
	"go/constant"
	"go/token"
	"go/types"
	"path/filepath"

	"golang.org/x/tools/go/analysis"
	"golang.org/x/tools/go/analysis/unitchecker"
)

func main() { unitchecker.Main(analyzer) }

var analyzer = &analysis.Analyzer{
	Name: "scaled",
	Doc:  "refuse untyped constants as taphoa.Money, taphoa.Quantity or taphoa.Percent, which are scaled by 10⁴",
	Run:  run,
}

const taphoa = "github.com/taphoa/taphoa"

// instead has, for each type, the functions that make its values.
var instead = map[string]string{"Money": "Dong", "Quantity": "Units", "Percent": "Ratio"}

// exempt is the one file with scaled numbers: the test of their arithmetic, beside the types.
const exempt = "money_test.go"

func run(pass *analysis.Pass) (any, error) {
	c := checker{pass}
	for _, file := range pass.Files {
		if name := pass.Fset.Position(file.Pos()).Filename; pass.Pkg.Path() != taphoa+"_test" || filepath.Base(name) != exempt {
			ast.Inspect(file, c.visit)
		}
	}
	return nil, nil
}

type checker struct{ *analysis.Pass }

// visit checks the largest untyped constants only: an operand has the type that its expression was given.
func (c checker) visit(n ast.Node) bool {
	switch n := n.(type) {
	case *ast.IncDecStmt:
		if name := c.scaled(n.X); name != "" {
			c.Reportf(n.Pos(), "%s changes a %s by 0.0001: add taphoa.%s(1)", n.Tok, name, instead[name])
		}
	case *ast.BinaryExpr:
		return c.factors(n, n.Op, n.X, n.Y)
	case *ast.AssignStmt:
		switch n.Tok {
		case token.MUL_ASSIGN, token.QUO_ASSIGN, token.REM_ASSIGN:
			if c.untyped(n.Rhs[0]) {
				ast.Inspect(n.Lhs[0], c.visit)
				return false
			}
		}
	}
	if e, ok := n.(ast.Expr); ok && c.untyped(e) {
		c.check(e)
		return false
	}
	return true
}

// factors allows an untyped constant that multiplies or divides an amount.
func (c checker) factors(n ast.Expr, op token.Token, x, y ast.Expr) bool {
	switch op {
	case token.MUL, token.QUO, token.REM:
		switch left, right := c.untyped(x), c.untyped(y); {
		case left && right:
			c.check(n)
			return false
		case right:
			ast.Inspect(x, c.visit)
			return false
		case left && op == token.MUL:
			ast.Inspect(y, c.visit)
			return false
		}
	default:
		if c.untyped(n) {
			c.check(n)
			return false
		}
	}
	return true
}

func (c checker) check(e ast.Expr) {
	name := c.scaled(e)
	value := c.TypesInfo.Types[e].Value
	if name == "" || value == nil || constant.Sign(value) == 0 || c.timesScale(e) {
		return
	}
	c.Reportf(e.Pos(), "%s as a taphoa.%s is %s, for it is scaled by 10⁴: write taphoa.%s(%[1]s) or %[1]s * taphoa.Scale",
		value, name, constant.BinaryOp(value, token.QUO, constant.MakeInt64(10_000)), instead[name])
}

// scaled returns the name of the scaled type of an expression, or "".
func (c checker) scaled(e ast.Expr) string {
	t := c.TypesInfo.TypeOf(e)
	if t == nil {
		return ""
	}
	named, ok := types.Unalias(t).(*types.Named)
	if !ok || named.Obj().Pkg() == nil || named.Obj().Pkg().Path() != taphoa || instead[named.Obj().Name()] == "" {
		return ""
	}
	return named.Obj().Name()
}

// untyped reports whether a constant has no type but the one of its context.
func (c checker) untyped(e ast.Expr) bool {
	switch e := e.(type) {
	case *ast.BasicLit:
		return true
	case *ast.ParenExpr:
		return c.untyped(e.X)
	case *ast.UnaryExpr:
		return c.untyped(e.X)
	case *ast.BinaryExpr:
		return c.untyped(e.X) && (e.Op == token.SHL || e.Op == token.SHR || c.untyped(e.Y))
	case *ast.Ident, *ast.SelectorExpr:
		known := c.constant(e)
		if known == nil {
			return false
		}
		basic, ok := known.Type().(*types.Basic)
		return ok && basic.Info()&types.IsUntyped != 0
	}
	return false
}

// constant returns the constant that an expression names, or nil.
func (c checker) constant(e ast.Expr) *types.Const {
	name, ok := e.(*ast.Ident)
	if s, selects := e.(*ast.SelectorExpr); selects {
		name, ok = s.Sel, true
	}
	if !ok {
		return nil
	}
	known, _ := c.TypesInfo.Uses[name].(*types.Const)
	return known
}

// timesScale reports whether an untyped constant is scaled explicitly: it is a multiple of taphoa.Scale.
func (c checker) timesScale(e ast.Expr) bool {
	switch e := e.(type) {
	case *ast.ParenExpr:
		return c.timesScale(e.X)
	case *ast.UnaryExpr:
		return c.timesScale(e.X)
	case *ast.BinaryExpr:
		switch e.Op {
		case token.MUL:
			return c.timesScale(e.X) != c.timesScale(e.Y)
		case token.QUO:
			return c.timesScale(e.X)
		case token.ADD, token.SUB:
			return c.timesScale(e.X) && c.timesScale(e.Y)
		}
	default:
		known := c.constant(e)
		return known != nil && known.Name() == "Scale" && known.Pkg() != nil && known.Pkg().Path() == taphoa
	}
	return false
}
