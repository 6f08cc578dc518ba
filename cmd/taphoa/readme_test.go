package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/taphoa/taphoa/internal/event"
)

// block is a code block of a document.
type block struct{ language, code string }

// blocks returns the code blocks of a document.
func blocks(t *testing.T, document string) (all []block) {
	t.Helper()
	body, err := os.ReadFile("../../" + document)
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range regexp.MustCompile("(?ms)^```(\\w*)\n(.*?)^```$").FindAllStringSubmatch(string(body), -1) {
		all = append(all, block{m[1], m[2]})
	}
	return all
}

// codeBlock returns the first block of a document that contains the words.
func codeBlock(t *testing.T, document, language, words string) string {
	t.Helper()
	for _, b := range blocks(t, document) {
		if b.language == language && strings.Contains(b.code, words) {
			return b.code
		}
	}
	t.Fatalf("%s has no %s with %q", document, language, words)
	return ""
}

// runScript runs a script in bash, in a directory, and returns its output.
func runScript(t *testing.T, dir, script string) string {
	t.Helper()
	var faults bytes.Buffer
	command := exec.CommandContext(t.Context(), "bash", "-eu", "-o", "pipefail", "-c", script)
	command.Dir, command.Stderr = dir, &faults
	out, err := command.Output()
	if err != nil || faults.Len() > 0 {
		t.Fatalf("%v\n%s%s", err, out, faults.String())
	}
	return string(out)
}

// theDemo is the demo's address in the documents.
const theDemo = "http://127.0.0.1:8080"

func TestWhatTheReadmeDoesWithTheDemoWorks(t *testing.T) {
	t.Parallel()
	s := terminal{T: t}.serve("--demo")
	t.Run("by hand", func(t *testing.T) {
		t.Parallel()
		needs(t, "bash", "curl")
		session := strings.ReplaceAll(codeBlock(t, "README.md", "sh", "kv()"), theDemo, s.base) +
			strings.Replace(codeBlock(t, "docs/webhooks.md", "sh", "/webhooks"), "openssl ", "true ", 1)
		out := runScript(t, t.TempDir(), "curl() { command curl --fail-with-body \"$@\"; }\n"+session)
		type answer struct {
			ID, Total, OrderID int64
			Code, Message, URL string
			Status             int
		}
		var answers []answer
		for d := json.NewDecoder(strings.NewReader(out)); ; {
			var a answer
			if err := d.Decode(&a); err == io.EOF {
				break
			} else if err != nil {
				t.Fatalf("%v in\n%s", err, out)
			}
			answers = append(answers, a)
		}
		const categories, products, product, branches, customer, invoice, voided, webhook = 0, 1, 2, 3, 4, 5, 6, 7
		switch {
		case len(answers) != 8:
			t.Errorf("%d answers:\n%s", len(answers), out)
		case answers[categories].Total == 0 || answers[products].Total <= 300 || answers[product].Code != "SP000001":
			t.Errorf("the README promises more than 300 products:\n%s", out)
		case answers[branches].Total == 0 || answers[customer].Code == "":
			t.Errorf("no branch or no customer:\n%s", out)
		case answers[invoice].OrderID == 0 || answers[voided].ID != answers[invoice].ID || answers[voided].Message == "":
			t.Errorf("no invoice of the order is void:\n%s", out)
		case answers[webhook].URL != "http://127.0.0.1:3000/hook":
			t.Errorf("no webhook is registered:\n%s", out)
		}
	})
	t.Run("a whole list by cursor", func(t *testing.T) {
		t.Parallel()
		needs(t, "bash", "curl")
		keys, _, _ := strings.Cut(strings.ReplaceAll(codeBlock(t, "README.md", "sh", "kv()"), theDemo, s.base), "\n\n")
		out := runScript(t, t.TempDir(), keys+"\n"+codeBlock(t, "docs/vendor-differences.md", "sh", "nextCursor"))
		seen, total, pages := map[int64]bool{}, 0, 0
		for d := json.NewDecoder(strings.NewReader(out)); ; pages++ {
			var page struct {
				Total int
				Data  []struct{ ID int64 }
			}
			if err := d.Decode(&page); err == io.EOF {
				break
			} else if err != nil {
				t.Fatalf("%v in\n%s", err, out)
			}
			total = page.Total
			for _, product := range page.Data {
				seen[product.ID] = true
			}
		}
		if pages < 3 || len(seen) != total {
			t.Errorf("%d of %d products on %d pages", len(seen), total, pages)
		}
	})
	t.Run("from Go", func(t *testing.T) {
		t.Parallel()
		program := filepath.Join(t.TempDir(), "main.go")
		write(t, program, `package main
import ("context"; "fmt"; "github.com/taphoa/taphoa"; "github.com/taphoa/taphoa/client")
func main() { if err := shop(context.Background()); err != nil { panic(err) } }
func shop(ctx context.Context) error {
`+strings.ReplaceAll(codeBlock(t, "README.md", "go", "client.New"), theDemo, s.base)+`
return nil }`)
		out, err := exec.CommandContext(t.Context(), "go", "run", program).CombinedOutput()
		if err != nil {
			t.Fatalf("%v\n%s", err, out)
		}
		lines := strings.Split(strings.TrimSpace(string(out)), "\n")
		if last := lines[len(lines)-1]; len(lines) <= 300 || !regexp.MustCompile(`^HD\d+ 21600$`).MatchString(last) {
			t.Errorf("%d lines, the last is %q", len(lines), last)
		}
	})
}

func TestTheReadmesShopOfYourOwnIsMadeAsItSays(t *testing.T) {
	t.Parallel()
	needs(t, "bash")
	dir := t.TempDir()
	program, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	shell := fmt.Sprintf("export %s=1 TAPHOA_DATABASE=\ntaphoa() { %q \"$@\"; }\n", asProgram, program)
	out := runScript(t, dir, shell+strings.Replace(codeBlock(t, "README.md", "sh", "taphoa shop create"), "taphoa serve ", "true ", 1))
	x := terminal{T: t, database: "sqlite:" + filepath.Join(dir, "taphoa.db")}
	secret := regexp.MustCompile(`client_id=(\S+)\s+client_secret=(\S+)`).FindStringSubmatch(out)
	if secret == nil {
		t.Fatalf("no program may call:\n%s", out)
	}
	s := x.serve()
	c := caller{t, s.base, "cobien", s.token(secret[1], secret[2])}
	var branches, users struct {
		Data []struct{ BranchName, UserName string }
	}
	c.must("GET", "/branches", "", &branches)
	c.must("GET", "/users", "", &users)
	if text := fmt.Sprint(branches, users); !strings.Contains(text, "Quận 1") || !strings.Contains(text, "lan") {
		t.Errorf("the shop has %s", text)
	}
	s.stop()
	s.ends()
	runScript(t, dir, shell+codeBlock(t, "README.md", "sh", "taphoa backup"))
	if out := x.do("branch", "list"); !strings.Contains(out, "Quận 1") {
		t.Errorf("the restored shop has the branches\n%s", out)
	}
}

func TestEveryCommandOfTheDocumentsIsOne(t *testing.T) {
	x := terminal{T: t}
	for _, document := range []string{"README.md", "README.vi.md", "docs/operations.md", "docs/mirror.md", "docs/mirror.vi.md"} {
		installed, found := strings.HasPrefix(document, "docs/"), 0
		for _, b := range blocks(t, document) {
			if b.language != "sh" {
				continue
			}
			installed = installed || strings.Contains(b.code, "go install ")
			for line := range strings.Lines(b.code) {
				words, fromSource := strings.CutPrefix(line, "go run ./cmd/taphoa ")
				if !fromSource {
					if words = strings.TrimPrefix(line, "taphoa "); words == line {
						continue
					}
					if !installed {
						t.Errorf("%s: %q before the program is installed", document, line)
					}
				}
				found++
				args := arguments(words)
				flags := slices.Index(args, "--") // what follows is another program
				if flags < 0 {
					flags = len(args)
				}
				if status, _, faults := x.try(slices.Insert(args, flags, "--help")...); status != 0 {
					t.Errorf("%s: %q: %s", document, line, faults)
				}
			}
		}
		if found == 0 {
			t.Errorf("%s has no command", document)
		}
	}
}

// arguments are the words of a command as a shell takes them apart.
func arguments(line string) (args []string) {
	line = regexp.MustCompile(`\s+# .*`).ReplaceAllString(line, "")
	for _, m := range regexp.MustCompile(`"([^"]*)"|'([^']*)'|(\S+)`).FindAllStringSubmatch(line, -1) {
		args = append(args, m[1]+m[2]+m[3])
	}
	return args
}

func TestTheDocumentsNameEveryEvent(t *testing.T) {
	for _, document := range []string{"docs/webhooks.md", "docs/webhooks.vi.md"} {
		body, err := os.ReadFile("../../" + document)
		if err != nil {
			t.Fatal(err)
		}
		for _, kind := range event.Types {
			if !bytes.Contains(body, []byte("`"+kind+"`")) {
				t.Errorf("%s does not name %s", document, kind)
			}
		}
	}
}
