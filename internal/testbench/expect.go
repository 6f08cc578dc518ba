package testbench

import (
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/taphoa/taphoa"
)

// Expectation is what a test expects of the requests of a fork.
type Expectation struct {
	Method  string          `json:"method"`
	Path    string          `json:"path"` // in any letter case; * or {id} is any one segment
	Times   *int64          `json:"times"`
	AtLeast *int64          `json:"atLeast"` // 1, without any of the three
	AtMost  *int64          `json:"atMost"`
	With    ExpectationWith `json:"with"`
	Status  int             `json:"status"` // of the answer; any unless given
}

// ExpectationWith is a part of what a request says.
type ExpectationWith struct {
	Body   jsontext.Value    `json:"body"`
	Query  jsontext.Value    `json:"query"`
	Header map[string]string `json:"header"`
}

// Expectations is the body of POST …/expect.
type Expectations struct {
	Expectations []Expectation `json:"expectations"`
	InOrder      bool          `json:"inOrder"` // each is met by requests after those of the one before
}

const expectationsMax = 200

// candidate is a request with what of it is not as expected.
type candidate struct {
	*Request
	found []mismatch
}

// at is how far a request is from being meant: another operation is further than another status than another member.
func (c *candidate) at(e *Expectation) int {
	distance := len(c.found)
	if !samePath(e.Path, c.path()) {
		distance += 10000
	}
	if !strings.EqualFold(e.Method, c.Method) && e.Method != "" {
		distance += 1000
	}
	return distance
}

// samePath reports whether a path is the expected one.
func samePath(want, got string) bool {
	clean := func(path string) []string {
		path, _, _ = strings.Cut(path, "?")
		if plain, err := url.PathUnescape(path); err == nil {
			path = plain
		}
		return strings.FieldsFunc(path, func(r rune) bool { return r == '/' })
	}
	w, g := clean(want), clean(got)
	if len(w) != len(g) {
		return false
	}
	for i := range w {
		if w[i] != "*" && !strings.HasPrefix(w[i], "{") && !strings.EqualFold(w[i], g[i]) {
			return false
		}
	}
	return true
}

// against compares a request with an expectation.
func (e *Expectation) against(n *Request) (found []mismatch) {
	quoted := func(text string) jsontext.Value {
		value, _ := jsontext.AppendQuote(nil, text) // what is no UTF-8 is replaced
		return value
	}
	if e.Method != "" && !strings.EqualFold(e.Method, n.Method) {
		found = append(found, mismatch{"method", quoted(e.Method), quoted(n.Method)})
	}
	if !samePath(e.Path, n.path()) {
		found = append(found, mismatch{"path", quoted(e.Path), quoted(n.path())})
	}
	for _, name := range slices.Sorted(maps.Keys(e.With.Header)) {
		if got := strings.Join(n.Header.Values(name), ", "); got != e.With.Header[name] {
			m := mismatch{"header." + name, quoted(e.With.Header[name]), nil}
			if n.Header[http.CanonicalHeaderKey(name)] != nil {
				m.Got = quoted(got)
			}
			found = append(found, m)
		}
	}
	if len(e.With.Query) > 0 {
		query, _ := url.ParseQuery(n.query()) // what can be read of it
		s := subset{form: true}
		s.compare("query", e.With.Query, formValue(query))
		found = append(found, s.found...)
	}
	if len(e.With.Body) > 0 {
		body, form := n.said()
		s := subset{form: form}
		s.compare("body", e.With.Body, body)
		found = append(found, s.found...)
	}
	if e.Status != 0 && e.Status != n.Status {
		found = append(found, mismatch{"status", jsontext.Value(fmt.Sprint(e.Status)), jsontext.Value(fmt.Sprint(n.Status))})
	}
	return found
}

// said is the body of a request as JSON, and whether it was a form.
func (n *Request) said() (body jsontext.Value, form bool) {
	body = n.body()
	if body.IsValid(jsontext.AllowDuplicateNames(true), jsontext.AllowInvalidUTF8(true)) {
		return body, false
	}
	values, err := url.ParseQuery(string(body))
	if err != nil || len(body) == 0 || n.Cut {
		return nil, false
	}
	return formValue(values), true
}

// bounds are how often an expectation is to be met; most < 0: any number of times.
func (e *Expectation) bounds() (least, most int64) {
	least, most = 1, -1
	switch {
	case e.Times != nil:
		return *e.Times, *e.Times
	case e.AtLeast == nil && e.AtMost != nil:
		least = 0
	case e.AtLeast != nil:
		least = *e.AtLeast
	}
	if e.AtMost != nil {
		most = *e.AtMost
	}
	return least, most
}

// unmet are the sentences about the expectations that the log does not meet.
func (q *requests) unmet(in *Expectations) (all []taphoa.FieldError) {
	q.mu.Lock()
	defer q.mu.Unlock()
	after := int64(0)
	for i := range in.Expectations {
		e := &in.Expectations[i]
		least, most := e.bounds()
		var met []int64
		var best *candidate
		early := int64(0)
		for _, n := range q.kept {
			c := &candidate{n, e.against(n)}
			switch {
			case len(c.found) > 0:
				if best == nil || c.at(e) < best.at(e) {
					best = c
				}
			case n.Number <= after:
				early++
			default:
				met = append(met, n.Number)
			}
		}
		if count := int64(len(met)); count < least || most >= 0 && count > most {
			all = append(all, taphoa.FieldError{
				Code: taphoa.CodeBusiness, Field: fmt.Sprintf("expectations[%d]", i), Message: q.whyUnmet(e, count, early, best),
			})
			continue
		}
		if in.InOrder && len(met) > 0 {
			after = met[max(0, min(int64(len(met)), max(least, 1))-1)]
		}
	}
	return all
}

// whyUnmet is the sentence about one expectation.
func (q *requests) whyUnmet(e *Expectation, count, early int64, best *candidate) string {
	least, most := e.bounds()
	wanted := fmt.Sprintf("ít nhất %d", least)
	switch {
	case least == most:
		wanted = fmt.Sprintf("đúng %d", least)
	case most >= 0 && least == 0:
		wanted = fmt.Sprintf("nhiều nhất %d", most)
	case most >= 0:
		wanted = fmt.Sprintf("từ %d đến %d", least, most)
	}
	text := fmt.Sprintf("Mong đợi %s yêu cầu %s, nhưng có %d", wanted, strings.TrimSpace(cut(e.Method+" "+e.Path, valueMax)), count)
	switch {
	case early > 0 && count < least:
		return text + fmt.Sprintf(" đúng thứ tự: %d yêu cầu khác như vậy đến trước yêu cầu của mong đợi đứng trước", early)
	case count >= least:
		return text
	case best == nil:
		return text + ": chưa có yêu cầu nào"
	}
	m := &best.found[0]
	return text + fmt.Sprintf(". Gần nhất là yêu cầu số %d (%s %s): %s là %s, mong đợi %s", best.Number, cut(q.masked(best.Method, textMax), 20), cut(q.masked(best.URL, textMax), textMax),
		cut(m.Path, valueMax), q.shownValue(m.Path, m.Got), q.shownValue(m.Path, m.Expected))
}

// serveExpect answers whether the requests of a fork are as expected.
func (s *Sandbox) serveExpect(w http.ResponseWriter, r *http.Request) {
	f, err := s.forkOf(r)
	var in Expectations
	if err == nil {
		err = readInput(r, &in)
	}
	if err == nil && (len(in.Expectations) == 0 || len(in.Expectations) > expectationsMax) {
		err = taphoa.Refuse(taphoa.CodeValidate, "expectations", "expectations phải có từ 1 đến %d mong đợi", expectationsMax)
	}
	if err != nil {
		fail(w, err)
		return
	}
	if unmet := f.seen.unmet(&in); len(unmet) > 0 {
		refuseUnmet(w, fmt.Sprintf("%d trong %d mong đợi không đạt. ", len(unmet), len(in.Expectations))+unmet[0].Message, unmet, nil)
		return
	}
	writeJSON(w, http.StatusOK, struct {
		Met bool `json:"met"`
	}{true})
}
