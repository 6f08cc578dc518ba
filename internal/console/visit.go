package console

import (
	"bytes"
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"golang.org/x/text/language"

	"github.com/taphoa/taphoa"
	"github.com/taphoa/taphoa/internal/access"
	"github.com/taphoa/taphoa/internal/api"
	"github.com/taphoa/taphoa/internal/db"
	"github.com/taphoa/taphoa/internal/message"
	"github.com/taphoa/taphoa/internal/oauth"
)

// visit is one request of a person.
type visit struct {
	*Console
	w       http.ResponseWriter
	r       *http.Request
	session access.Session // empty unless the page is for who is signed in
	lang    message.Language
	began   time.Time
	pin     string // that the form had, and no page gets back
}

func (c *Console) visitOf(w http.ResponseWriter, r *http.Request) *visit {
	return &visit{Console: c, w: w, r: r, lang: languageOf(r), began: time.Now()}
}

// run serves a page, and shows what went wrong.
func (v *visit) run(do func(*visit) error) {
	err := func() (err error) {
		defer func() {
			if p := recover(); p != nil {
				err = db.NewPanic(p)
			}
		}()
		if v.r.Method == http.MethodPost {
			if err := v.r.ParseForm(); err != nil || !readable(v.r.PostForm) {
				return errForm
			}
			v.pin = v.r.PostForm.Get("pin")
			v.r.PostForm.Del("pin")
			v.r.Form.Del("pin")
		}
		return do(v)
	}()
	if err != nil {
		v.fail(err)
	}
}

// readable reports whether a form has nothing but text, which databases can store.
func readable(form url.Values) bool {
	for name, values := range form {
		for _, text := range append(values, name) {
			if !utf8.ValidString(text) || strings.ContainsRune(text, 0) {
				return false
			}
		}
	}
	return true
}

// say returns a text in the person's language.
func (v *visit) say(key string, args ...any) string { return say(v.lang, key, args...) }

// say returns a text in a language. The key is the text in Vietnamese; what follows a bar tells apart what only Vietnamese says
// in the same words: "Hàng hóa|list" are products.
func say(l message.Language, key string, args ...any) string {
	text := l.Text(key, args...)
	if l == message.Vietnamese {
		text, _, _ = strings.Cut(text, "|")
	}
	return text
}

// id is the request's, by which its lines of the log are found.
func (v *visit) id() string { return v.w.Header().Get("X-Request-Id") }

func (v *visit) redirect(to string) error {
	if v.r.Header.Get("Hx-Request") != "" {
		v.w.Header().Set("Hx-Redirect", to)
		return nil
	}
	if v.r.Method == http.MethodPost && strings.HasPrefix(to, oauth.AuthorizePath) && v.r.URL.Path != oauth.AuthorizePath {
		return v.leave(to)
	}
	http.Redirect(v.w, v.r, to, http.StatusSeeOther)
	return nil
}

// identity is who asks the API for an operation. What a person may do is for their rights to say, and not for scopes.
func (v *visit) identity() oauth.Identity {
	return oauth.Identity{
		ClientID: "console:" + strconv.FormatInt(v.session.User, 10), Retailer: v.session.Retailer, RetailerCode: v.session.ShopCode, User: v.session.User,
		Scopes: []string{oauth.ScopePublic, oauth.ScopeAdmin}, Held: v.session.Held,
	}
}

// do carries out an operation for the person.
func (v *visit) do(in api.Call) (api.Answer, error) {
	return v.api.Do(v.r.Context(), v.identity(), in)
}

// ask carries out an operation that reads, and returns its answer and its ETag.
func (v *visit) ask(operation string, path map[string]string, query url.Values) (record, string, error) {
	answer, err := v.do(api.Call{Operation: operation, Path: path, Query: query})
	if err != nil {
		return nil, "", err
	}
	r, err := decode(answer.Body)
	return r, answer.ETag, err
}

// askByID asks for the record that the path names.
func (v *visit) askByID(operation string) (record, string, error) {
	return v.ask(operation, map[string]string{"id": v.r.PathValue("id")}, nil)
}

func decode(body []byte) (r record, err error) {
	d := json.NewDecoder(bytes.NewReader(body))
	d.UseNumber()
	return r, d.Decode(&r)
}

// records are the objects of a list.
func records(list any) (all []record) {
	items, _ := list.([]any)
	for _, item := range items {
		if object, ok := item.(map[string]any); ok {
			all = append(all, object)
		}
	}
	return all
}

// caller is where the person is.
func (v *visit) caller() access.Caller {
	return access.Caller{Address: v.r.RemoteAddr, UserAgent: v.r.UserAgent()}
}

// The cookie's name says to browsers that no other host can have set it; they allow that under TLS only.
const (
	secureCookie = "__Host-taphoa"
	plainCookie  = "taphoa"
)

func (v *visit) cookieName() string {
	if api.IsHTTPS(v.r) {
		return secureCookie
	}
	return plainCookie
}

func (v *visit) token() string {
	cookie, err := v.r.Cookie(v.cookieName())
	if err != nil {
		return ""
	}
	return cookie.Value
}

// setToken gives the browser a session; an empty one ends it there.
func (v *visit) setToken(token string) {
	cookie := http.Cookie{
		Name: v.cookieName(), Value: token, Path: "/", HttpOnly: true, Secure: api.IsHTTPS(v.r), SameSite: http.SameSiteLaxMode,
	}
	if token == "" {
		cookie.MaxAge = -1
	}
	http.SetCookie(v.w, &cookie)
}

func (v *visit) authenticate() (found bool, err error) {
	token := v.token()
	if token == "" {
		return false, nil
	}
	v.session, found, err = v.people.Authenticate(v.r.Context(), token)
	return found, err
}

// languages are those of the desk, the one for all others first.
var (
	languages = []message.Language{message.Vietnamese, message.English}
	matcher   = language.NewMatcher([]language.Tag{language.Vietnamese, language.English})
)

const languageCookie = "taphoa-language"

// languageOf is the language that a person has chosen, or that the browser prefers.
func languageOf(r *http.Request) message.Language {
	if cookie, err := r.Cookie(languageCookie); err == nil && slices.Contains(languages, message.Language(cookie.Value)) {
		return message.Language(cookie.Value)
	}
	_, at := language.MatchStrings(matcher, r.Header.Get("Accept-Language"))
	return languages[at]
}

// chooseLanguage keeps the language that a person chooses, in the browser.
func (v *visit) chooseLanguage() error {
	if chosen := message.Language(v.r.PostFormValue("language")); slices.Contains(languages, chosen) {
		http.SetCookie(v.w, &http.Cookie{
			Name: languageCookie, Value: string(chosen), Path: "/", MaxAge: 365 * 24 * 3600, HttpOnly: true,
			Secure: api.IsHTTPS(v.r), SameSite: http.SameSiteLaxMode,
		})
	}
	return v.redirect(v.next())
}

// next is the page of the desk to go on with: the one that the request names, or that it comes from, or the first one.
func (v *visit) next() string {
	if next := v.r.FormValue("next"); local(next) {
		return next
	}
	from, err := url.Parse(v.r.Referer())
	if err == nil && from.Path == oauth.AuthorizePath { // in the spelling of the program
		from.RawQuery = from.Query().Encode()
	}
	if err == nil && v.r.Method == http.MethodPost && from.Host == v.r.Host && (local(from.RequestURI()) || from.RequestURI() == "/setup") {
		return from.RequestURI()
	}
	return "/console/"
}

// refused returns the refusal in an error; any other error is to be shown as such.
func refused(err error) (*taphoa.Error, bool) {
	e := (*taphoa.Error)(nil)
	if !errors.As(err, &e) {
		return nil, false
	}
	switch e.Kind {
	case taphoa.KindRefused, taphoa.KindNotFound, taphoa.KindUnreadable, taphoa.KindUnauthorized, taphoa.KindLimited, taphoa.KindForbidden:
		return e, true
	}
	return nil, false
}

// sentence is a refusal in the person's language, without the member's name in brackets, which is for programs.
func (v *visit) sentence(e *taphoa.Error) string {
	text := e.In(v.lang.Text)
	if e.Field != "" {
		text = strings.Replace(text, " ("+e.Field+")", "", 1)
	}
	return text
}

// fragment reports whether the browser asks for a part of the page that it shows, which is then replaced.
func (v *visit) fragment(target string) bool {
	return v.r.Header.Get("Hx-Request") != "" && strings.TrimPrefix(v.r.Header.Get("Hx-Target"), "#") == target
}
