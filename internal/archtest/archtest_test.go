package archtest

import (
	"os"
	"strings"
	"testing"
	"testing/fstest"
)

var rules = []struct {
	name  string
	check func(*tree) []string
}{
	{"imports", checkImports},
	{"writers", checkWriters},
	{"columns", checkColumns},
	{"hidden", checkHidden},
	{"engine", checkEngine},
	{"order", checkOrder},
	{"clock", checkClock},
	{"size", checkSize},
	{"doc", checkDoc},
	{"todo", checkTodo},
	{"words", checkWords},
	{"gone", checkGoneWords},
	{"translations", checkTranslations},
	{"links", checkLinks},
	{"tests", checkTests},
	{"snippets", checkSnippets},
	{"start", checkStart},
}

func TestTheSourceKeepsTheRules(t *testing.T) {
	source, err := load(os.DirFS("../.."))
	if err != nil {
		t.Fatal(err)
	}
	if len(source.files) == 0 {
		t.Fatal("no source here")
	}
	for _, rule := range rules {
		t.Run(rule.name, func(t *testing.T) {
			for _, v := range rule.check(source) {
				t.Error(v)
			}
		})
	}
}

// pkg is a source file of package p with the imports, then the body.
func pkg(body string, imports ...string) string {
	s := "package p\n"
	for _, i := range imports {
		s += "import " + i + "\n"
	}
	return s + body
}

// samples are small trees: each breaks one rule as often as it says, and says how.
var samples = []struct {
	rule, name string
	files      map[string]string
	want       []string
}{
	{"imports", "down", map[string]string{
		"money.go":               pkg("", `"fmt"`, `"github.com/go-json-experiment/json/jsontext"`),
		"internal/db/tx.go":      pkg("", `"github.com/taphoa/taphoa"`),
		"internal/sales/a.go":    pkg("", `"github.com/taphoa/taphoa/internal/stock"`, `"github.com/taphoa/taphoa/internal/event"`),
		"internal/api/a.go":      pkg("", `"github.com/taphoa/taphoa/internal/sales"`, `"github.com/taphoa/taphoa/internal/oauth"`),
		"internal/api/v2/a.go":   pkg("", `"github.com/taphoa/taphoa/internal/api"`),
		"internal/org/a_test.go": pkg("", `"github.com/taphoa/taphoa/internal/sales"`),
		"internal/dbtest/a.go":   pkg("", `"github.com/taphoa/taphoa/internal/api"`),
		"client/a.go":            pkg("", `"github.com/taphoa/taphoa"`),
		"cmd/taphoa/main.go":     pkg("", `"github.com/taphoa/taphoa/internal/api"`),
	}, nil},
	{"imports", "up, across and outside of the layers", map[string]string{
		"money.go":            pkg("", `"github.com/taphoa/taphoa/internal/db"`, `"github.com/jackc/pgx/v5"`),
		"internal/stock/a.go": pkg("", `x "github.com/taphoa/taphoa/internal/sales"`, `"github.com/taphoa/taphoa/internal/cash"`),
		"internal/org/a.go":   pkg("", `"github.com/taphoa/taphoa/internal/dbtest"`),
		"internal/wire/a.go":  pkg("", `"github.com/taphoa/taphoa/internal/db"`),
		"client/a.go":         pkg("", `"github.com/taphoa/taphoa/internal/sales"`),
		"internal/util/a.go":  pkg(""),
	}, []string{
		"money.go:2: . imports internal/db", "money.go:3: the root imports", "stock/a.go:2: internal/stock imports internal/sales",
		"stock/a.go:3: internal/stock imports internal/cash", "org/a.go:2: internal/dbtest is for tests",
		"wire/a.go:2: internal/wire imports internal/db", "client/a.go:2: client imports", "internal/util is in no layer",
	}},
	{"writers", "one each", map[string]string{
		"internal/schema/migrations/1.sql": "-- Written by: db (id_blocks), org (the others). Mind the gap.\nCREATE TABLE id_blocks (x); CREATE TABLE users (x);",
		"internal/db/a.go":                 pkg("const a = `INSERT INTO id_blocks (x) VALUES (1) ON CONFLICT (x) DO UPDATE SET x = 2`"),
		"internal/org/a.go":                pkg("const a = `UPDATE users SET x = 1`; const b = `DELETE FROM users`"),
		"internal/sales/a.go":              pkg("const a = `SELECT * FROM users FOR UPDATE OF users`"),
		"internal/sales/a_test.go":         pkg("const a = `DELETE FROM users`"),
		"internal/schema/a.go":             pkg("const a = `UPDATE users SET x = 1`"),
	}, nil},
	{"writers", "two", map[string]string{
		"internal/org/a.go":      pkg("const a = `INSERT INTO users VALUES (1)`"),
		"internal/sales/a.go":    pkg("const a = `UPDATE users AS u\n\tSET x = 1`"),
		"internal/party/a.go":    pkg("const a = \"DELETE \" + \"FROM users \" + where"),
		"internal/catalog/b.sql": "insert or replace into Users values (1)",
	}, []string{"sales/a.go:2: internal/sales writes users", "party/a.go:2: ", "catalog/b.sql: "}},
	{"writers", "not the declared one", map[string]string{
		"internal/schema/migrations/1.sql": "-- Written by: org.\nCREATE TABLE IF NOT EXISTS users (x);",
		"internal/sales/a.go":              pkg("const a = `WITH x AS (INSERT INTO users VALUES (1)) SELECT 1`"),
	}, []string{"users, which is org's"}},
	{"writers", "two, one of them from a row type", map[string]string{
		"internal/org/a.go":   pkg("func a() { db.Insert(tx, \"users\", row) }", `"github.com/taphoa/taphoa/internal/db"`),
		"internal/sales/a.go": pkg("const a = `DELETE FROM users`"),
	}, []string{"sales/a.go:2: internal/sales writes users"}},
	{"columns", "of row types", map[string]string{
		"internal/org/a.go": pkg("func a() { db.Insert(tx, `users`, row); db.Update[row](tx, `users`, &a, &b, `id`); other.Insert(tx, `taxes`) }\n"+
			"const b = `DELETE FROM users`; const c = `UPDATE taxes SET x = 1`; const d = `UPDATE products SET x = 1`", `"github.com/taphoa/taphoa/internal/db"`),
		"internal/catalog/a.go": pkg("func a() { db.Update(tx, `products`, &a, &b, `id`) }", `"github.com/taphoa/taphoa/internal/db"`),
	}, nil},
	{"columns", "by hand", map[string]string{
		"internal/org/a.go": pkg("func a() { storage.Upsert(tx, `users`, nil, row) }", `storage "github.com/taphoa/taphoa/internal/db"`),
		"internal/org/b.go": pkg("const a = `UPDATE users SET x = 1`\nconst b = `INSERT INTO users (x) VALUES (1)`"),
	}, []string{"org/b.go:2: UPDATE of users", "org/b.go:3: INSERT of users"}},
	{"hidden", "nothing", map[string]string{
		"a.go": pkg("type OrderInput struct {\n\tPartner string `json:\"-\"`\n\tA int `json:\"-,\"`\n\tb int `json:\"-\"`\n}\n" +
			"type row struct {\n\tA int `json:\"-\"`\n}"),
		"internal/org/a.go": pkg("type Row struct {\n\tA int `json:\"-\"`\n}"),
	}, nil},
	{"hidden", "columns", map[string]string{
		"a.go": pkg("type (\n\tOrder struct {\n\t\tA, B int `json:\"-\" db:\"x\"`\n\t\tC struct {\n\t\t\tD int `json:\"-\"`\n\t\t}\n\t}\n)"),
	}, []string{"a.go:4: Order.A", "a.go:4: Order.B", "a.go:6: Order.D"}},
	{"engine", "not asked", map[string]string{
		"internal/db/a.go":       pkg("var a = d.Engine()", `"zombiezen.com/go/sqlite"`),
		"internal/dbtest/a.go":   pkg("", `"github.com/jackc/pgx/v5"`),
		"internal/org/a_test.go": pkg("", `"github.com/jackc/pgx/v5"`),
		"cmd/taphoa/main.go":     pkg("const usage = `sqlite:taphoa.db or postgres://`"),
	}, nil},
	{"engine", "asked", map[string]string{
		"internal/org/a.go":  pkg("var a = tx.Engine()", `"modernc.org/sqlite"`),
		"cmd/taphoa/main.go": pkg("var a = db.Postgres", `"github.com/jackc/pgx/v5"`),
	}, []string{"org/a.go:2: ", "org/a.go:3: ", "main.go:2: ", "main.go:3: "}},
	{"order", "said", map[string]string{
		"internal/org/a.go":      pkg("const a = `SELECT x FROM y WHERE z = 1 ORDER BY x LIMIT 1`; const b = `SELECT x FROM y`; const c = ` LIMIT ?`"),
		"internal/org/a_test.go": pkg("const a = `SELECT x FROM y LIMIT 1`"),
	}, nil},
	{"order", "left to the engine", map[string]string{
		"internal/org/a.go": pkg("const a = `SELECT x FROM y WHERE z = (SELECT 1)\n\tlimit 1`; const b = `select x from y LIMIT 5`"),
	}, []string{"org/a.go:2: ", "org/a.go:3: "}},
	{"clock", "the transaction's", map[string]string{
		"internal/org/a.go":     pkg("var a, b = tx.Now(), time.Second", `"time"`),
		"internal/webhook/a.go": pkg("var a = time.Now()", `"time"`),
	}, nil},
	{"clock", "the machine's", map[string]string{
		"internal/org/a.go":   pkg("var a = time.Now()", `"time"`),
		"internal/sales/a.go": pkg("var a = clock.Since(x)\nvar b = clock.Now", `clock "time"`),
	}, []string{"org/a.go:3: time.Now", "sales/a.go:3: time.Since", "sales/a.go:4: time.Now"}},
	{"size", "small", map[string]string{
		"a.go":      pkg("func a() {\n" + strings.Repeat("\n", functionLines-2) + "}"),
		"a_test.go": pkg(strings.Repeat("\n", fileLines)),
		"b.go":      "// Code generated by hand. DO NOT EDIT.\n" + pkg(strings.Repeat("\n", fileLines)),
	}, nil},
	{"size", "large", map[string]string{
		"a.go": pkg("func a() {\n" + strings.Repeat("\n", functionLines-1) + "}"),
		"b.go": pkg(strings.Repeat("\n", fileLines)),
	}, []string{"a.go:2: a has 71 lines", "b.go: 501 lines"}},
	{"doc", "there", map[string]string{
		"doc.go":            "// Package p is here.\npackage p",
		"a.go":              pkg("// A is a.\nfunc A() {}\n// T is t.\ntype T[X any] int\nfunc (T[X]) String() string\nfunc (t) B() {}\n// C too.\nconst C, D = 1, 2\nconst (\n\tE = 1 // e\n)"),
		"bench/a_test.go":   pkg(""),
		"internal/b/doc.go": "// Package b is here.\npackage b",
		"internal/b/b.go":   pkg("func Bare() {}"),
	}, nil},
	{"doc", "not there", map[string]string{
		"doc.go":          "package p",
		"a.go":            pkg("func A() {}\ntype T[X any] int\nfunc (*T[X]) M() {}\nconst C, d = 1, 2\n// Both.\ntype (\n\tE int\n\tF int\n)"),
		"internal/b/b.go": pkg(""),
	}, []string{".: no doc.go", "A has", "T has", "M has", "C has", "E has", "F has", "internal/b: no doc.go"}},
	{"todo", "with an issue", map[string]string{
		"a.go":     pkg("// TODO(#12): later\nconst TODO = `TODO`"),
		"a.sql":    "-- FIXME(#1)\n",
		"page.svg": "TODO",
	}, nil},
	{"todo", "forgotten", map[string]string{
		"a.go":      pkg("// TODO(#12) and TODO later"),
		"Makefile":  "# FIXME\n",
		"docs/a.md": "a\n- TODO(me)\n",
	}, []string{"a.go:2: ", "Makefile:1: ", "docs/a.md:2: "}},
	{"words", "of the module", map[string]string{
		"a.md": "See https://example.vn/work/ and ./work/ and /var/lib/taphoa.", "b.bin": "\x00/work/",
	}, nil},
	{"words", "of a machine", map[string]string{
		"a.md": "See /work/a\n(/root/b)\nfine", "internal/org/testdata/a.http": "A Helper Agent",
	}, []string{"a.md:1: ", "a.md:2: ", "a.http:1: "}},
	{"gone", "not there", map[string]string{
		wordList:                  "# those\n[packages]\ninternal/org\n[words]\nrooms? -> package\nanswers? -> returns\n",
		"internal/org/a.go":       pkg("// headroom and mushrooms\nconst question = `room` // a question\nvar x struct{ Classroom int `json:\"room\"` }\nfunc f() { _ = db.Room }", `"room/answers"`),
		"internal/org/room/a.go":  pkg("// a room"),
		"internal/stock/rooms.go": pkg("// rooms\nvar room int"),
	}, nil},
	{"gone", "still there", map[string]string{
		wordList:                    "[packages]\ninternal/org\ninternal/cash\n[words]\nrooms? -> package\nso\\s+many -> n\n",
		"internal/org/a.go":         pkg("// A room.\nfunc f(bigRoom int) (roomKey string) { for ROOM := range 3 {}; so_many := 1; return }\ntype t struct{ rooms, x int }"),
		"internal/org/room_test.go": pkg("/* so\nmany */"),
	}, []string{
		"no internal/cash", "a.go:2: \"room\" is a word that is gone: package", "\"Room\"", "a.go:3: \"room\"", "\"ROOM\"", "\"so many\"", "a.go:4: \"rooms\"",
		"room_test.go:1: \"room\"", "room_test.go:2: \"so\\nmany\"",
	}},
	{"gone", "unreadable", map[string]string{wordList: "[words]\nroom\n"}, []string{"line 2"}},
	{"translations", "alike", map[string]string{
		"a.md":    "# A\nRun `x` or [b](b.md#c).\n```sh\nx 1    # one\n# two\n```\n| `a` | b |\n",
		"a.vi.md": "# Ă\n[b](b.vi.md#d) hay `x`.\n```sh\nx 1  # một\n# hai\n```\n| `a` | bê |\n",
	}, nil},
	{"translations", "of another text", map[string]string{
		"a.md": "# A\n", "a.vi.md": "# A\n## B\n",
		"b.md": "# A\nRun `x`.\n", "b.vi.md": "# A\nRun it.\n",
		"c.md": "# A\n```sh\nx 1\n```\n", "c.vi.md": "# A\n```sh\nx 2\n```\n",
		"d.md": "# A\n| a | b |\n", "d.vi.md": "# A\n| a |\n",
		"e.md": "# A\n[b](b.md)\n", "e.vi.md": "# A\n[b](c.md)\n",
		"f.md": "# A\n", "f.vi.md": "## A\n",
		"g.vi.md": "# A\n",
	}, []string{"a.vi.md: 2 headings", "b.vi.md", `"x 2" instead of "x 1"`, "d.vi.md", "e.vi.md", "another level", "g.vi.md"}},
	{"links", "to what is there", map[string]string{
		"a.md": "[a](#a-b) [b](docs/b.md#chữ-đẹp) [c](docs) [d](d.png) [e](https://example.vn/x)\n## A, b!\n", "docs/b.md": "# Chữ đẹp\n[a](../a.md)\n",
		"d.png": "\x00",
	}, nil},
	{"links", "broken", map[string]string{
		"a.md": "[a](#b) [b](docs/b.md#d)\n# A\n", "docs/b.md": "# C\n[a](a.md)\n",
	}, []string{"a.md: a.md has no heading b", "a.md: docs/b.md has no heading d", "docs/b.md: there is no a.md"}},
	{"tests", "that are there", map[string]string{
		"internal/a/a_test.go": pkg("func TestA(t T) {}\nfunc FuzzB(f F) {}"), "docs/a.md": "`TestA` (`internal/a/a_test.go`), `FuzzB`, `Testing`, TestC\n",
	}, nil},
	{"tests", "that are gone, or no tests", map[string]string{
		"internal/a/a_test.go": pkg("func (s S) TestA() {}"), "internal/a/a.go": pkg("func TestB() {}"), "README.md": "`TestA` `TestB`\n", "docs/a.md": "`FuzzC`\n",
	}, []string{"README.md: there is no test TestA", "README.md: there is no test TestB", "docs/a.md: there is no test FuzzC"}},
	{"snippets", "shown", map[string]string{
		"internal/webhook/verify/a.js": "a\nb\n", "README.md": "```js\na\nb\n```\n", "README.vi.md": "```js\na\nb\n```\n",
		"docs/webhooks.md": "```js\na\nb\n```\n", "docs/webhooks.vi.md": "```js\na\nb\n```\n",
	}, nil},
	{"snippets", "in other words", map[string]string{
		"internal/webhook/verify/a.js": "a\nb\n", "README.md": "```js\na\nb\n```\n", "README.vi.md": "```js\na\nc\n```\n",
		"docs/webhooks.md": "```js\na\nb\n\n```\n",
	}, []string{"README.vi.md", "docs/webhooks.md", "docs/webhooks.vi.md"}},
	{"start", "as CI does it", map[string]string{
		".ci/run": "step vet go vet\nX=y step test go test ./...\n", "go.mod": "module a\n\ngo 1.2.3\n",
		"README.md": "# A\n[Go](https://go.dev/dl/) 1.2.3 now\n```sh\ngo run ./cmd/taphoa serve --demo   # a shop\ngo test ./...\n```\n",
	}, nil},
	{"start", "in another way", map[string]string{
		".ci/run": "step test go test -short ./...\n", "go.mod": "module a\n\ngo 1.2.4\n",
		"README.md":    "# A\n[Go](https://go.dev/dl/) 1.2.3 now\n```sh\ngo run ./cmd/taphoa serve --demo   # a shop\ngo test ./...\n```\n",
		"README.vi.md": "[Go](https://go.dev/dl/) 1.2.4 thôi\n",
	}, []string{"README.md begins", "README.md: go.mod wants", "README.vi.md begins"}},
}

func TestEachRuleCanFail(t *testing.T) {
	failed := map[string]bool{}
	for _, s := range samples {
		t.Run(s.rule+"/"+s.name, func(t *testing.T) {
			files := fstest.MapFS{}
			for name, body := range s.files {
				files[name] = &fstest.MapFile{Data: []byte(body)}
			}
			sample, err := load(files)
			if err != nil {
				t.Fatal(err)
			}
			for _, rule := range rules {
				if rule.name == s.rule {
					compare(t, rule.check(sample), s.want)
				}
			}
		})
		failed[s.rule] = failed[s.rule] || len(s.want) > 0
	}
	for _, rule := range rules {
		if !failed[rule.name] {
			t.Errorf("no sample breaks the rule %s", rule.name)
		}
	}
}

func TestSourceThatCannotBeReadIsAnError(t *testing.T) {
	if _, err := load(fstest.MapFS{"a.go": {Data: []byte("pakage p")}}); err == nil {
		t.Error("no error")
	}
}

// compare wants one violation for each text, and no other.
func compare(t *testing.T, got, want []string) {
	t.Helper()
	if len(got) != len(want) {
		t.Errorf("%d violations, want %d", len(got), len(want))
	}
	for _, w := range want {
		n := 0
		for _, g := range got {
			if strings.Contains(g, w) {
				n++
			}
		}
		if n != 1 {
			t.Errorf("%d violations with %q", n, w)
		}
	}
	if t.Failed() {
		t.Log("got:\n" + strings.Join(got, "\n"))
	}
}
