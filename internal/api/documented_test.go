package api_test

import (
	"bytes"
	"fmt"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/go-json-experiment/json"

	"github.com/taphoa/taphoa/internal/api"
	"github.com/taphoa/taphoa/internal/apitest"
)

// namesOf is the members of a contract by name, with the types of their values: those of the documents, others with a tilde.
func namesOf(c *contract, all []member) map[string]string {
	names := map[string]string{}
	for _, m := range all {
		typ, isList := strings.CutSuffix(m.Type, "[]")
		if c.Types[typ] == nil {
			typ = ""
		} else {
			typ = c.Resource + "." + typ
		}
		if isList {
			typ += "[]"
		}
		for _, name := range []string{m.Name, m.Alias} {
			if !plainName.MatchString(name) {
				continue
			}
			if !slices.Contains(m.In, "seed") && !slices.Contains(m.In, "current") {
				name = "~" + name
			}
			names[name] = typ
		}
	}
	for name := range names {
		if _, documented := names[strings.TrimPrefix(name, "~")]; documented && name[0] == '~' {
			delete(names, name)
		}
	}
	return names
}

var plainName = regexp.MustCompile(`^\w+$`)

// TestTheDocumentedNamesAreTheContracts holds documented.json to the contract; -update writes it.
func TestTheDocumentedNamesAreTheContracts(t *testing.T) {
	const file = "documented.json"
	type operation struct {
		Paths  []string          `json:"paths"`
		Query  map[string]string `json:"query,omitempty"`
		Body   string            `json:"body,omitzero"`
		Answer string            `json:"answer,omitzero"`
	}
	operations, types := map[string]operation{}, map[string]map[string]string{}
	for _, c := range contracts(t) {
		for name, members := range c.Types {
			types[c.Resource+"."+name] = namesOf(c, members)
		}
		for i := range c.Operations {
			o := &c.Operations[i]
			shown := operation{Paths: slices.Concat([]string{o.Path}, o.Aliases), Query: namesOf(c, o.Query), Answer: "answer." + o.ID}
			if o.Body != "" {
				shown.Body = c.Resource + "." + o.Body
			}
			item := c.Resource + "." + o.Response.Item
			answer := namesOf(c, o.Response.Extra)
			switch o.Response.Shape {
			case "page":
				for _, name := range []string{"total", "pageSize", "timestamp"} {
					answer[name] = ""
				}
				answer["data"] = item + "[]"
			case "wrapped":
				answer["data"] = item
				if o.Response.Message != "" {
					answer["message"] = ""
				}
			case "array":
				shown.Answer = item + "[]"
			case "message":
				answer["message"] = ""
			default:
				for name, typ := range types[item] {
					answer[name] = typ
				}
			}
			types["answer."+o.ID], operations[o.ID] = answer, shown
		}
	}
	for name, members := range types {
		if len(members) == 0 {
			delete(types, name)
		}
	}
	want, err := json.Marshal(map[string]any{"operations": operations, "types": types}, json.Deterministic(true))
	if err != nil {
		t.Fatal(err)
	}
	want = append(bytes.ReplaceAll(want, []byte(`},"`), []byte("},\n\"")), '\n')
	if old, err := os.ReadFile(file); err == nil && bytes.Equal(old, want) {
		return
	}
	if !apitest.Updating() {
		t.Fatalf("%s differs from the contract: run go test ./internal/api -run TheDocumentedNames -update", file)
	}
	if err := os.WriteFile(file, want, 0o600); err != nil {
		t.Fatal(err)
	}
}

// TestEveryNameOfATranscriptIsUnderstood: no name that the documents have is judged unknown.
func TestEveryNameOfATranscriptIsUnderstood(t *testing.T) {
	counts := map[api.Judgement]int{}
	for _, s := range scripts(t) {
		for i := range s.Steps {
			step := &s.Steps[i]
			path, query, _ := strings.Cut(step.Target, "?")
			body, kind := step.Sent()
			e := api.Explain(step.Method, path, query, kind, []byte(filledIn.ReplaceAllString(body, "1")))
			for _, said := range e.Said {
				counts[said.Judgement]++
				if said.Judgement == api.JudgedUnknown && api.RequestNames(e.Operation)[strings.ReplaceAll(said.Name, "[]", "")] {
					t.Errorf("%s: %s %s: %s is judged unknown", s.File, step.Method, step.Target, said.Name)
				}
			}
		}
	}
	t.Log(counts)
	if counts[api.JudgedDocumented] < 1000 || counts[api.JudgedOurs] == 0 || counts[api.JudgedSpelling] == 0 {
		t.Errorf("the transcripts have only %v", counts)
	}
}

var filledIn = regexp.MustCompile(`\{\{[^}]*\}\}`)

// TestANameIsJudged has each judgement.
func TestANameIsJudged(t *testing.T) {
	for _, c := range []struct{ method, path, query, body, want string }{
		{"POST", "/orders", "", `{"branchId":1,"orderDetails":[{"productCode":"A","quantity":1},{"ProductCode":"B","quanity":2,"x":{}}]}`, "branchId documented, orderDetails[] documented, " +
			"orderDetails[].productCode documented, orderDetails[].quantity documented, orderDetails[].ProductCode spelling orderDetails[].productCode, " +
			"orderDetails[].quanity unknown orderDetails[].quantity ignored, orderDetails[].x unknown ignored"},
		{"GET", "/orders", "PageSize=3&lastModifyFrom=2020-01-01&cursor=*&wanted=1", "", "PageSize spelling pageSize, " +
			"lastModifyFrom unknown lastModifiedFrom ignored, cursor ours, wanted unknown ignored"},
		{"GET", "/orders", "", `{"pageSize":3}`, "pageSize documented"},
		{"POST", "/stocktakes", "", `{"branchId":1,"nix":2}`, "branchId ours, nix unknown ignored"},
		{"POST", "/connect/token", "", "grant_type=client_credentials&scope=PublicApi.Access&Client_Id=1&clientsecret=2", "grant_type documented, " +
			"scope seen, Client_Id spelling client_id, clientsecret unknown client_secret"},
		{"GET", "/orders/7", "", "", "id documented"},
		{"GET", "/nothing", "a=1", "", ""},
	} {
		kind := "application/json"
		if strings.Contains(c.body, "=") {
			kind = "application/x-www-form-urlencoded"
		}
		e := api.Explain(c.method, c.path, c.query, kind, []byte(c.body))
		var got []string
		for _, s := range e.Said {
			line := fmt.Sprint(s.Name, " ", s.Judgement)
			if s.Documented != "" {
				line += " " + s.Documented
			}
			if s.Ignored {
				line += " ignored"
			}
			got = append(got, line)
		}
		if text := strings.Join(got, ", "); text != c.want {
			t.Errorf("%s %s?%s %s\nis  %s\nnot %s", c.method, c.path, c.query, c.body, text, c.want)
		}
	}
}

// TestAnAnswerIsSearchedForItsMembers: what lists and objects of themselves hold, and what breaks off.
func TestAnAnswerIsSearchedForItsMembers(t *testing.T) {
	held := map[string]bool{}
	api.AnswerHeld("listCategories", []byte(`{"total":1,"data":[{"categoryId":1,"x":{"y":1},"children":[{"categoryName":"b","children":[{"rank":1}]}]},{"retailerId":1,"cre`), func(m string) { held[m] = true })
	all := api.AnswerMembers("listCategories")
	for _, want := range []string{"total", "data[]", "data[].categoryId", "data[].children[]", "data[].categoryName", "data[].retailerId"} {
		if !held[want] || !slices.Contains(all, want) {
			t.Errorf("%s is not found in %v of %v", want, held, all)
		}
	}
	for m := range held {
		if !slices.Contains(all, m) {
			t.Errorf("%s is held, and in no document", m)
		}
	}
	for _, r := range api.Routes() {
		if !r.Ours && r.Operation != "listTaxes" && len(api.AnswerMembers(r.Operation)) == 0 {
			t.Errorf("the answer of %s has no documented members", r.Operation)
		}
	}
}
