package console

import (
	"bytes"
	"html/template"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/taphoa/taphoa/internal/message"
	"github.com/taphoa/taphoa/internal/right"
)

// templatesOf are the templates in each language.
var templatesOf = func() map[message.Language]func() *template.Template {
	all := map[message.Language]func() *template.Template{}
	for _, l := range languages {
		all[l] = sync.OnceValue(func() *template.Template { return newTemplates(func(key string) string { return say(l, key) }) })
	}
	return all
}()

// draw writes a component.
func (v *visit) draw(status int, component any) error {
	var b bytes.Buffer
	if err := drawTo(&b, templatesOf[v.lang](), component); err != nil {
		return err
	}
	h := v.w.Header()
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Server-Timing", "page;dur="+strconv.FormatFloat(float64(time.Since(v.began).Microseconds())/1000, 'f', 1, 64))
	h.Add("Vary", "Cookie, Accept-Language, Hx-Request")
	writePacked(v.w, v.r, status, b.Bytes())
	return nil
}

// show shows a page in the frame.
func (v *visit) show(status int, title string, body ...any) error {
	page := Page{
		Title: title, Language: string(v.lang), Posted: v.r.Method == http.MethodPost, Shop: v.session.ShopName, Body: body,
		Person: Person{Name: v.session.GivenName, Role: v.session.UserName}, Branches: v.places(),
	}
	section := NavSection{}
	link := func(title, icon, at string) {
		section.Links = append(section.Links, Link{Text: v.say(title), URL: at, Icon: icon, Current: v.r.URL.Path == at || strings.HasPrefix(v.r.URL.Path, at+"/")})
	}
	for i := range descriptions {
		d := &descriptions[i]
		if v.may(d.list) {
			link(d.title, d.icon, v.address(d, ""))
		}
		if v.may(d.create) {
			page.Actions = append(page.Actions, Link{Text: v.say("Thêm %s", v.say(d.one)), URL: v.address(d, "new"), Icon: "plus"})
		}
	}
	if v.may(auditLog.list) {
		link(auditLog.title, auditLog.icon, auditPath)
	}
	if v.holds(right.Administer) {
		link("Vai trò|list", "shield-lock", rolesPath)
		link("Kết nối API|list", "plug-connected", connectionsPath)
		link("Nhật ký gọi API", "history", requestsPath)
		link(webhooks.title, webhooks.icon, webhooksPath)
		section.Links[len(section.Links)-1].Current = strings.HasPrefix(v.r.URL.Path, webhooksPath) || strings.HasPrefix(v.r.URL.Path, deliveriesPath)
		page.Actions = append(page.Actions, Link{Text: v.say(deliveries.title), URL: deliveriesPath, Icon: deliveries.icon})
	}
	page.Nav = []NavSection{section}
	page.Toasts = v.takeToasts()
	return v.draw(status, page)
}

// showNarrow shows a page without the frame.
func (v *visit) showNarrow(status int, title string, body ...any) error {
	return v.draw(status, Narrow{Title: title, Language: string(v.lang), Posted: v.r.Method == http.MethodPost, Shop: v.session.ShopName, Toasts: v.takeToasts(), Body: body})
}

// toastCookie has the notice that the next page shows.
const toastCookie = "taphoa-notice"

// toast has the next page show a notice.
func (v *visit) toast(text string) {
	http.SetCookie(v.w, &http.Cookie{
		Name: toastCookie, Value: url.QueryEscape(text), Path: "/console", MaxAge: 60, HttpOnly: true, SameSite: http.SameSiteStrictMode,
	})
}

func (v *visit) takeToasts() []Toast {
	cookie, err := v.r.Cookie(toastCookie)
	if err != nil {
		return nil
	}
	http.SetCookie(v.w, &http.Cookie{Name: toastCookie, Path: "/console", MaxAge: -1})
	text, err := url.QueryUnescape(cookie.Value)
	if err != nil || text == "" {
		return nil
	}
	return []Toast{{"success", text}}
}

// showStyle shows every component in every state.
func (v *visit) showStyle() error {
	v.w.Header().Set("Content-Type", "text/html; charset=utf-8")
	return renderStyle(v.w, string(v.lang))
}
