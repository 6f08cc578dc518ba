package testbench

import (
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/go-json-experiment/json"

	"github.com/taphoa/taphoa"
	"github.com/taphoa/taphoa/internal/api"
	"github.com/taphoa/taphoa/internal/oauth"
	"github.com/taphoa/taphoa/internal/text"
	"github.com/taphoa/taphoa/internal/trust"
)

const (
	tokensEnough = 10  // an hour
	callersMax   = 100 // that are watched
)

// watch is what the rules remember of a fork.
type watch struct {
	retailer    string
	anyRetailer bool  // the name of the shop is not known
	hour        int64 // of gets, since 1970
	gets        int
	tokens      map[string]*tokensOf // by client
	waits       map[string]time.Time // until when a caller is to wait, by Authorization
	refused     map[string]bool      // by Authorization
}

type tokensOf struct {
	hour  int64
	count int
	until time.Time // the last one is good
}

func newWatch(retailer string) watch {
	return watch{retailer: retailer, tokens: map[string]*tokensOf{}, waits: map[string]time.Time{}, refused: map[string]bool{}}
}

func hourOf(at time.Time) int64 { return at.Unix() / 3600 }

// detectors find what no rule of a quirk matches: see [Difference.detect].
var detectors = map[string]func(w *watch, n *Request, e *api.Explained) []string{
	"page-size":     largePage,
	"gets-per-hour": (*watch).manyGets,
	"here-only":     hereOnly,
	"path-spelling": func(_ *watch, n *Request, e *api.Explained) []string {
		return detail(e.PathSpelling, n.path()+" → "+e.Path)
	},
	"member-here-only":  func(_ *watch, _ *Request, e *api.Explained) []string { return judgedAs(e, api.JudgedOurs, !e.Ours) },
	"member-spelling":   func(_ *watch, _ *Request, e *api.Explained) []string { return judgedAs(e, api.JudgedSpelling, true) },
	"member-unknown":    func(_ *watch, _ *Request, e *api.Explained) []string { return judgedAs(e, api.JudgedUnknown, true) },
	"wrong-host":        wrongHost,
	"token-scopes":      scopesMissing,
	"token-grant":       grantWrong,
	"token-form":        noForm,
	"retailer":          retailerWrong,
	"headers-here-only": headersHereOnly,
	"tokens":            (*watch).manyTokens,
	"date-form":         dateForms,
	"no-wait":           (*watch).noWait,
}

func detail(found bool, text string) []string {
	if found {
		return []string{text}
	}
	return nil
}

func judgedAs(e *api.Explained, as api.Judgement, wanted bool) (all []string) {
	for _, s := range e.Said {
		if !wanted || s.Judgement != as {
			continue
		}
		name := s.Name
		if s.Documented != "" {
			name += " → " + s.Documented
		}
		all = append(all, name)
	}
	return all
}

func largePage(_ *watch, _ *Request, e *api.Explained) []string {
	for _, s := range e.Said {
		if size, err := strconv.Atoi(s.Text); s.In == "query" && strings.EqualFold(s.Name, "pageSize") && err == nil && size > taphoa.PageSizeVendor && !e.Ours {
			return []string{"pageSize=" + s.Text}
		}
	}
	return nil
}

func (w *watch) manyGets(n *Request, e *api.Explained) []string {
	if n.Method != http.MethodGet || e.Operation == "" {
		return nil
	}
	if hour := hourOf(n.At); hour != w.hour {
		w.hour, w.gets = hour, 0
	}
	w.gets++
	return detail(w.gets > api.GetsPerHour, n.At.Format("15h"))
}

func hereOnly(_ *watch, n *Request, e *api.Explained) []string {
	page := e.Operation == "" && n.Status != http.StatusNotFound && n.Status != http.StatusMethodNotAllowed
	return detail(e.Ours || page, n.Method+" "+n.path())
}

// The vendor's hosts: of tokens, and of the API.
var tokenHost, apiHost = trust.VendorHosts[0], trust.VendorHosts[1]

func wrongHost(_ *watch, n *Request, e *api.Explained) []string {
	host, _, _ := strings.Cut(strings.ToLower(n.Host), ":")
	token := e.Operation == api.TokenOperation
	return detail(host == tokenHost && !token || host == apiHost && token, host)
}

// said returns the value of a token request's field.
func said(e *api.Explained, name string) (value string) {
	for _, s := range e.Said {
		if strings.EqualFold(s.Name, name) {
			value = s.Text
		}
	}
	return value
}

func scopesMissing(_ *watch, _ *Request, e *api.Explained) []string {
	scopes := strings.Fields(said(e, "scopes") + " " + said(e, "scope"))
	return detail(e.Operation == api.TokenOperation && !slices.Contains(scopes, oauth.ScopePublic), "scopes")
}

func grantWrong(_ *watch, _ *Request, e *api.Explained) []string {
	return detail(e.Operation == api.TokenOperation && said(e, "grant_type") != "client_credentials", "grant_type")
}

func noForm(_ *watch, n *Request, e *api.Explained) []string {
	kind, _, _ := strings.Cut(n.Header.Get("Content-Type"), ";")
	return detail(e.Operation == api.TokenOperation && !strings.EqualFold(strings.TrimSpace(kind), "application/x-www-form-urlencoded"), "Content-Type: "+kind)
}

func retailerWrong(w *watch, n *Request, e *api.Explained) []string {
	if e.Operation == "" || e.Operation == api.TokenOperation || w.anyRetailer && n.Header.Get("Retailer") != "" {
		return nil
	}
	got := n.Header.Get("Retailer")
	return detail(text.CodeKey(text.Clean(got)) != text.CodeKey(w.retailer), strings.TrimSpace("Retailer: "+got))
}

// ourHeaders are those that only Taphoa reads.
var ourHeaders = []string{"Idempotency-Key", "If-Match", "If-None-Match", "Taphoa-Dry-Run"}

func headersHereOnly(_ *watch, n *Request, _ *api.Explained) (all []string) {
	for _, name := range ourHeaders {
		if n.Header.Get(name) != "" {
			all = append(all, name)
		}
	}
	return all
}

func (w *watch) manyTokens(n *Request, e *api.Explained) []string {
	if e.Operation != api.TokenOperation || n.Status != http.StatusOK {
		return nil
	}
	client := strings.ToLower(said(e, "client_id"))
	t := w.tokens[client]
	if t == nil {
		if len(w.tokens) == callersMax {
			return nil
		}
		t = &tokensOf{}
		w.tokens[client] = t
	}
	if hour := hourOf(n.At); hour != t.hour {
		t.hour, t.count = hour, 0
	}
	needless := n.At.Before(t.until)
	if needless {
		t.count++
	}
	var answer struct {
		ExpiresIn int64 `json:"expires_in"`
	}
	if json.Unmarshal(n.answer(), &answer) == nil {
		t.until = n.At.Add(time.Duration(answer.ExpiresIn) * time.Second)
	}
	return detail(needless && t.count >= tokensEnough, "")
}

// isoDate is how the documents write dates (contract authentication, rules).
var isoDate = regexp.MustCompile(`^\d{4}-\d\d-\d\d(T\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+ -]\d\d:?\d\d)?)?$`)

func dateForms(_ *watch, _ *Request, e *api.Explained) (all []string) {
	for _, s := range e.Said {
		if s.In == "query" && s.Instant && s.Text != "" && !isoDate.MatchString(s.Text) {
			all = append(all, s.Name+"="+s.Text)
		}
	}
	return all
}

func (w *watch) noWait(n *Request, e *api.Explained) (found []string) {
	caller := n.Header.Get("Authorization")
	if e.Operation == api.TokenOperation {
		caller = "client " + strings.ToLower(said(e, "client_id"))
	}
	if caller == "" {
		return nil
	}
	if n.At.Before(w.waits[caller]) {
		found = append(found, "429")
	}
	if w.refused[caller] && n.Status == http.StatusUnauthorized {
		found = append(found, "401")
	}
	if len(w.waits) >= callersMax {
		clear(w.waits)
	}
	if len(w.refused) >= callersMax {
		clear(w.refused)
	}
	switch seconds, err := strconv.Atoi(n.Sent.Get("Retry-After")); {
	case n.Status == http.StatusTooManyRequests && err == nil:
		w.waits[caller] = n.At.Add(n.Took + time.Duration(seconds)*time.Second)
	case n.Status == http.StatusUnauthorized:
		w.refused[caller] = true
	}
	return found
}
