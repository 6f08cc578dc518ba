package api

import (
	"bytes"
	"errors"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/taphoa/taphoa"
	"github.com/taphoa/taphoa/internal/wire"
)

// Judgement is what a name in a request is.
type Judgement string

// The judgements.
const (
	JudgedDocumented Judgement = "documented" // spelled as in the vendor's documents
	JudgedSpelling   Judgement = "spelling"   // of a documented member, under a spelling that the documents do not have
	JudgedSeen       Judgement = "seen"       // in no document; other programs send it to the vendor
	JudgedOurs       Judgement = "ours"       // read here, and unknown to the vendor
	JudgedUnknown    Judgement = "unknown"    // read by no one
)

// Said is a parameter or member of a request.
type Said struct {
	In         string    `json:"in"`   // path, query or body
	Name       string    `json:"name"` // as it was sent, with what it is within: orderDetails[].productCode
	Judgement  Judgement `json:"judgement"`
	Documented string    `json:"documented,omitzero"` // the documented spelling; of an unknown name the one that was probably meant
	Ignored    bool      `json:"ignored,omitzero"`    // has no effect here
	Text       string    `json:"-"`                   // its first plain value
	Instant    bool      `json:"-"`
}

// Explained is what a request says.
type Explained struct {
	Operation    string `json:"operation,omitzero"` // "" for an unknown path or method
	Ours         bool   `json:"ours,omitzero"`      // the vendor does not have the operation
	Path         string `json:"path,omitzero"`      // of the documents
	PathSpelling bool   `json:"pathSpelling,omitzero"`
	Said         []Said `json:"said"`
	Unreadable   string `json:"unreadable,omitzero"` // the sentence, if the names could not be read
}

// TokenOperation is the operation of the vendor's other host: [Explain] knows it, and no route has it.
const TokenOperation = "getAccessToken"

// Explain tells what a request says, with the route table and the plans by which it is served. It needs no database.
func Explain(method, escapedPath, query, contentType string, body []byte) Explained {
	e := Explained{Said: []Said{}}
	if method == http.MethodHead {
		method = http.MethodGet
	}
	if AsksForToken(escapedPath) {
		e.token(method, contentType, body)
		return e
	}
	found, params := compiled().routes.find(escapedPath)
	r := found[method]
	if r == nil {
		return e
	}
	name := strings.Trim(r.operation, "()")
	e.Operation, e.Ours = name, name != r.operation
	paths := strings.Fields(r.paths)
	e.Path = strings.ReplaceAll(paths[0], "...}", "}")
	about := documents().Operations[e.Operation]
	if about == nil || e.Ours {
		about = &documentedOperation{}
	} else {
		e.PathSpelling = !slices.ContainsFunc(about.Paths, func(p string) bool { return fits(p, escapedPath) })
	}
	source := &wire.Source{Path: params, Query: query}
	if method == http.MethodGet {
		source.Query = queryOf(query, contentType, body)
	} else {
		source.Body, source.ContentType = body, contentType
	}
	said, err := wire.Explain(source, r.in)
	if refused := (*taphoa.Error)(nil); errors.As(err, &refused) {
		e.Unreadable = refused.Message
	}
	for i := range said.Path {
		s := &said.Path[i]
		e.Said = append(e.Said, Said{In: "path", Name: s.Name, Judgement: JudgedDocumented, Text: s.Text})
	}
	e.judge("query", "", about.Query, said.Query, said.QueryFields())
	e.judge("body", "", documents().Types[about.Body], said.Body, said.BodyFields())
	return e
}

// queryOf is the query of a GET, with what is in its body instead.
func queryOf(query, contentType string, body []byte) string {
	r := &http.Request{
		URL: &url.URL{RawQuery: query}, Header: http.Header{"Content-Type": {contentType}}, Body: io.NopCloser(bytes.NewReader(body)),
		ContentLength: int64(len(body)),
	}
	askInQuery(r)
	return r.URL.RawQuery
}

// fits reports whether a path is a documented one, with its letter case.
func fits(documented, path string) bool {
	want, got := strings.Split(strings.Trim(documented, "/"), "/"), strings.Split(strings.Trim(path, "/"), "/")
	for i, segment := range want {
		switch {
		case i >= len(got):
			return false
		case strings.HasPrefix(segment, "{"):
			if i == len(want)-1 {
				return true
			}
		case segment != got[i]:
			return false
		}
	}
	return len(want) == len(got)
}

// judge adds the names of one object, and those below them.
func (e *Explained) judge(in, within string, about documentedMembers, said []wire.Said, fields []string) {
	for i := range said {
		s := &said[i]
		j, of := about.judge(s, fields)
		if e.Ours && j.Judgement != JudgedUnknown {
			j.Judgement, j.Documented = JudgedOurs, ""
		}
		j.In, j.Name, j.Text, j.Instant = in, join(within, s.Name), s.Text, s.Instant
		if j.Documented != "" {
			j.Documented = join(within, j.Documented)
		}
		if s.List {
			j.Name += "[]"
		}
		if s.Name != "" {
			e.Said = append(e.Said, j)
		}
		e.judge(in, j.Name, documents().Types[of], s.Members, s.Fields())
	}
}

// judge returns what a name is among documented ones, and the documented type of its value.
func (about documentedMembers) judge(s *wire.Said, fields []string) (j Said, of string) {
	j.Judgement, j.Ignored = JudgedUnknown, s.Field == ""
	if s.Name == "" { // the whole body
		for name, typ := range about {
			if s.Means(strings.TrimPrefix(name, seenOnly)) {
				of, _ = list(typ)
			}
		}
		j.Judgement = JudgedDocumented
		return j, of
	}
	if typ, ok := about[s.Name]; ok {
		j.Judgement = JudgedDocumented
		of, _ = list(typ)
		return j, of
	}
	rank := map[Judgement]int{JudgedUnknown: 0, JudgedOurs: 1, JudgedSeen: 2, JudgedSpelling: 3}
	if s.Field != "" {
		j.Judgement = JudgedOurs
		if about == nil {
			j.Judgement = JudgedDocumented // in an object of which the documents have no members
			if s.Name != s.Field {
				j.Judgement, j.Documented = JudgedSpelling, s.Field
			}
		}
	}
	for name, typ := range about {
		plain, seen := strings.CutPrefix(name, seenOnly)
		if !strings.EqualFold(plain, s.Name) && !s.Means(plain) {
			continue
		}
		to, as := JudgedSpelling, plain
		if seen {
			to, as = JudgedSeen, ""
		}
		if rank[to] > rank[j.Judgement] || to == j.Judgement && as != "" && (j.Documented == "" || closer(s.Name, as, j.Documented)) {
			j.Judgement, j.Documented = to, as
			of, _ = list(typ)
		}
	}
	if j.Judgement == JudgedUnknown {
		j.Documented = nearest(s.Name, about, fields)
	}
	return j, of
}

// token judges a token request, whose members are those of a form.
func (e *Explained) token(method, contentType string, body []byte) {
	about := documents().Operations[TokenOperation]
	if about == nil || method != http.MethodPost {
		return
	}
	e.Operation, e.Path = TokenOperation, about.Paths[0]
	said, err := wire.Explain(&wire.Source{Body: body, ContentType: contentType}, typeOfNothing)
	if err != nil {
		e.Unreadable = err.Error()
	}
	e.judge("body", "", documents().Types[about.Body], said.Body, nil)
	for i := range e.Said {
		e.Said[i].Ignored = false // what reads them is no plan
	}
}
