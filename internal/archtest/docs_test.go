package archtest

import (
	"fmt"
	"go/ast"
	"path"
	"regexp"
	"slices"
	"strings"
	"unicode"
)

// snippetsIn are the documents that show how a signature is checked.
var snippetsIn = []string{"README.md", "README.vi.md", "docs/webhooks.md", "docs/webhooks.vi.md"}

var (
	spanPattern    = regexp.MustCompile("`[^`]+`")
	linkPattern    = regexp.MustCompile(`\]\(([^)\s]+)\)`)
	commentPattern = regexp.MustCompile(`(?:^|\s+)(?://|#) .*$`)
	testPattern    = regexp.MustCompile("`((?:Test|Fuzz|Benchmark)[A-Z]\\w*)`")
	goPattern      = regexp.MustCompile(`(?m)^go (\S+)$`)
	ciPattern      = regexp.MustCompile(`(?m)^.*\bstep test (.+)$`)
)

// section is a part of a document below a heading, as far as a translation keeps it.
type section struct {
	level   int      // of the heading
	title   string   // is translated
	blocks  []string // code without its comments, rows of tables as code and numbers of cells
	mention []string // code and links in the text, in alphabetical order: sentences have an order of their own
}

// sections takes a document apart.
func sections(body string) []section {
	all := []section{{}}
	var prose []string
	end := func() {
		s, text := &all[len(all)-1], strings.Join(prose, " ")
		for _, span := range spanPattern.FindAllString(text, -1) {
			s.mention = append(s.mention, strings.Join(strings.Fields(span), " "))
		}
		for _, m := range linkPattern.FindAllStringSubmatch(text, -1) {
			target, _, _ := strings.Cut(m[1], "#")
			s.mention = append(s.mention, strings.Replace(target, ".vi.md", ".md", 1))
		}
		slices.Sort(s.mention)
		s.mention, prose = slices.Compact(s.mention), nil
	}
	code := false
	for line := range strings.SplitSeq(body, "\n") {
		s := &all[len(all)-1]
		heading := strings.TrimLeft(line, "#")
		switch {
		case strings.HasPrefix(line, "```"):
			code = !code
			s.blocks = append(s.blocks, line)
		case code:
			s.blocks = append(s.blocks, strings.TrimRight(commentPattern.ReplaceAllString(line, ""), " "))
		case strings.HasPrefix(line, "#") && strings.HasPrefix(heading, " "):
			end()
			all = append(all, section{level: len(line) - len(heading), title: heading[1:]})
		case strings.HasPrefix(line, "|"):
			s.blocks = append(s.blocks, fmt.Sprint(strings.Count(line, "|"), spanPattern.FindAllString(line, -1)))
			prose = append(prose, linkPattern.FindAllString(line, -1)...)
		default:
			prose = append(prose, line)
		}
	}
	end()
	return all
}

// checkTranslations finds translations (x.vi.md beside x.md) that do not say the same.
func checkTranslations(t *tree) (bad []string) {
	for _, x := range t.texts {
		name, translated := strings.CutSuffix(x.path, ".vi.md")
		if !translated {
			continue
		}
		ours, original := sections(x.body), sections(t.body(name+".md"))
		if len(ours) != len(original) {
			bad = append(bad, fmt.Sprintf("%s: %d headings, the original has %d", x.path, len(ours)-1, len(original)-1))
			continue
		}
		for i, o := range original {
			where := fmt.Sprintf("%s, %q beside %q: ", x.path, ours[i].title, o.title)
			if ours[i].level != o.level {
				bad = append(bad, where+"another level")
			}
			bad = append(bad, differences(where, ours[i].blocks, o.blocks)...)
			bad = append(bad, differences(where, ours[i].mention, o.mention)...)
		}
	}
	return bad
}

// differences names the first lines in which a translation differs.
func differences(where string, ours, original []string) []string {
	for i := range max(len(ours), len(original)) {
		a, b := "", ""
		if i < len(ours) {
			a = ours[i]
		}
		if i < len(original) {
			b = original[i]
		}
		if a != b {
			return []string{fmt.Sprintf("%s%q instead of %q", where, a, b)}
		}
	}
	return nil
}

// checkLinks finds links between documents that lead nowhere.
func checkLinks(t *tree) (bad []string) {
	for _, x := range t.texts {
		if path.Ext(x.path) != ".md" {
			continue
		}
		for _, m := range linkPattern.FindAllStringSubmatch(x.body, -1) {
			target, anchor, _ := strings.Cut(m[1], "#")
			if strings.Contains(target, ":") {
				continue
			}
			file := x.path
			if target != "" {
				file = path.Join(path.Dir(x.path), target)
			}
			if !t.paths[file] {
				bad = append(bad, fmt.Sprintf("%s: there is no %s", x.path, m[1]))
			} else if anchor != "" && !slices.ContainsFunc(sections(t.body(file)), func(s section) bool { return slug(s.title) == anchor }) {
				bad = append(bad, fmt.Sprintf("%s: %s has no heading %s", x.path, file, anchor))
			}
		}
	}
	return bad
}

// checkTests finds documents that name a test which is not there.
func checkTests(t *tree) (bad []string) {
	there := map[string]bool{}
	for _, f := range t.files {
		for _, d := range f.Decls {
			if fn, ok := d.(*ast.FuncDecl); ok && f.test && fn.Recv == nil {
				there[fn.Name.Name] = true
			}
		}
	}
	for _, x := range t.texts {
		if path.Ext(x.path) != ".md" {
			continue
		}
		for _, m := range testPattern.FindAllStringSubmatch(x.body, -1) {
			if !there[m[1]] {
				bad = append(bad, fmt.Sprintf("%s: there is no test %s", x.path, m[1]))
			}
		}
	}
	return bad
}

// slug is the anchor that a heading gets.
func slug(title string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r == ' ':
			return '-'
		case unicode.IsLetter(r) || unicode.IsNumber(r) || r == '-' || r == '_':
			return unicode.ToLower(r)
		}
		return -1
	}, title)
}

// checkSnippets finds documents that do not show what is tested.
func checkSnippets(t *tree) (bad []string) {
	for _, x := range t.texts {
		if path.Dir(x.path) != "internal/webhook/verify" {
			continue
		}
		for _, document := range snippetsIn {
			if !strings.Contains(t.body(document), "\n"+x.body+"```\n") {
				bad = append(bad, fmt.Sprintf("%s does not show %s as it is", document, x.path))
			}
		}
	}
	return bad
}

// checkStart compares the beginning of the READMEs with what CI runs and what the module wants.
func checkStart(t *tree) (bad []string) {
	ci, version := ciPattern.FindStringSubmatch(t.body(".ci/run")), goPattern.FindStringSubmatch(t.body("go.mod"))
	if ci == nil || version == nil {
		return []string{".ci/run has no step test, or go.mod no version"}
	}
	want := []string{"```sh", "go run ./cmd/taphoa serve --demo", ci[1], "```"}
	for _, x := range t.texts {
		if x.path != "README.md" && x.path != "README.vi.md" {
			continue
		}
		all := sections(x.body)
		if first := all[min(1, len(all)-1)].blocks; !slices.Equal(first, want) {
			bad = append(bad, fmt.Sprintf("%s begins with %q instead of %q", x.path, first, want))
		}
		if !strings.Contains(x.body, "[Go](https://go.dev/dl/) "+version[1]+" ") {
			bad = append(bad, fmt.Sprintf("%s: go.mod wants Go %s", x.path, version[1]))
		}
	}
	return bad
}
