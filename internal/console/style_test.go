package console

import (
	"context"
	_ "embed"
	"flag"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"github.com/taphoa/taphoa/internal/browsertest"
	"github.com/taphoa/taphoa/internal/message"
)

//go:embed testdata/axe/axe-4.14.1.min.js
var axe string

// pictures draws the style page: go test ./internal/console -run Style -pictures /tmp/style.
var pictures = flag.String("pictures", "", "a directory for pictures of the style page")

// styleServer serves the style pages under the policy of the desk, and answers what they ask.
func styleServer(t *testing.T) string {
	t.Helper()
	mux := http.NewServeMux()
	page := func(render func(io.Writer, string) error) http.HandlerFunc {
		return func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Content-Type", "text/html; charset=utf-8")
			language := message.Vietnamese
			if strings.Trim(r.URL.RawQuery, "=") == "en" {
				language = message.English
			}
			if err := render(w, string(language)); err != nil {
				t.Error(err)
			}
		}
	}
	mux.Handle(staticPath, staticHandler())
	mux.HandleFunc("/favicon.ico", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNoContent) }) // asked for where the page's head comes late
	mux.HandleFunc("/console/style", page(renderStyle))
	mux.HandleFunc("/console/narrow", page(renderNarrowStyle))
	found := func(w http.ResponseWriter, r *http.Request) {
		if r.FormValue("q") == "401" {
			w.WriteHeader(http.StatusUnauthorized)
			return
		}
		if err := templatesOf[message.Vietnamese]().ExecuteTemplate(w, "Found", Found{
			Options: []FoundOption{{Value: "12", Text: r.FormValue("q") + " của máy chủ", Sub: "SP000012", Note: "12.000"}}, More: "Còn 120 kết quả, gõ thêm để thu hẹp.",
		}); err != nil {
			t.Error(err)
		}
	}
	mux.HandleFunc("/console/search", found)
	mux.HandleFunc("/console/find/", found)
	mux.HandleFunc("/console/invoices", page(func(w io.Writer, _ string) error {
		_, err := io.WriteString(w, "<title>Hóa đơn</title>")
		return err
	}))
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Security-Policy", contentPolicy)
		mux.ServeHTTP(w, r)
	}))
	t.Cleanup(s.Close)
	return s.URL
}

// tab is a tab of Chromium with what its console says.
type tab struct {
	*testing.T
	ctx   context.Context //nolint:containedctx // chromedp's handle of the tab
	mu    sync.Mutex
	wrong []string
}

// openTab opens a tab of its own, or skips the test where there is no Chromium.
func openTab(t *testing.T) *tab {
	t.Helper()
	ctx, cancel := chromedp.NewContext(browsertest.Chromium(t), chromedp.WithNewBrowserContext())
	t.Cleanup(cancel)
	if err := chromedp.Do(ctx); err != nil { // opens the tab, which the timeout below would close
		t.Fatal(err)
	}
	ctx, cancel = context.WithTimeout(ctx, 2*time.Minute)
	t.Cleanup(cancel)
	b := &tab{T: t, ctx: ctx}
	if err := chromedp.Listen(ctx, b.hear); err != nil {
		t.Fatal(err)
	}
	if _, err := chromedp.Call(ctx, log.Enable, struct{}{}); err != nil {
		t.Fatal(err)
	}
	still := emulation.SetEmulatedMediaParams{Features: []*emulation.MediaFeature{{Name: "prefers-reduced-motion", Value: "reduce"}}}
	if _, err := chromedp.Call(ctx, emulation.SetEmulatedMedia, still); err != nil {
		t.Fatal(err)
	}
	return b
}

func (b *tab) hear(event any) {
	b.mu.Lock()
	defer b.mu.Unlock()
	switch e := event.(type) {
	case *runtime.EventExceptionThrown:
		b.wrong = append(b.wrong, e.ExceptionDetails.Text+" "+e.ExceptionDetails.URL)
		if e.ExceptionDetails.Exception != nil {
			b.wrong = append(b.wrong, e.ExceptionDetails.Exception.Description)
		}
	case *log.EventEntryAdded:
		ended := strings.Contains(e.Entry.Text, "401") // which a test asks for
		if !ended && e.Entry.Level == log.EntryLevelError || e.Entry.Level == log.EntryLevelWarning {
			b.wrong = append(b.wrong, e.Entry.Text+" "+e.Entry.URL)
		}
	}
}

func (b *tab) do(actions ...chromedp.Action[chromedp.Void]) {
	b.Helper()
	if err := chromedp.Do(b.ctx, actions...); err != nil {
		shown, _ := chromedp.Run(b.ctx, chromedp.Evaluate[string]("location + document.body.innerText.slice(0, 500)"))
		b.Fatalf("%v; the page says %s; the console %q", err, shown, b.wrong)
	}
}

func value[T any](b *tab, expression string) T {
	b.Helper()
	v, err := chromedp.Run(b.ctx, chromedp.Evaluate[T](expression))
	if err != nil {
		b.Fatalf("%v; the console %q", err, b.wrong)
	}
	return v
}

// await waits until an expression is true.
func (b *tab) await(expression string) {
	b.Helper()
	for end := time.Now().Add(10 * time.Second); ; time.Sleep(20 * time.Millisecond) {
		if holds, _ := chromedp.Run(b.ctx, chromedp.Evaluate[bool](expression)); holds {
			return
		}
		if time.Now().After(end) {
			b.Fatalf("never: %s; the console %q", expression, b.wrong)
		}
	}
}

// small returns what can be touched and is less than 44 px high or wide. A link in a running text may be, and what nobody sees.
const small = `[...document.querySelectorAll("a[href], button:not([aria-hidden]), input:not([type=hidden]), select, textarea, summary")].filter(e => {
	if (!e.checkVisibility({ visibilityProperty: true }) || e.matches(".skip") || e.closest("p:not(.form-links), .toasts") && e.matches("a")) return false;
	const area = [e, e.closest("label"), e.matches(".row-link, .stat a") && e.closest("tr, .stat")].filter(Boolean).map(x => x.getBoundingClientRect());
	return !area.some(r => r.width >= 43.5 && r.height >= 43.5);
}).map(e => e.outerHTML.slice(0, 120) + " " + Math.round(e.getBoundingClientRect().width) + "×" + Math.round(e.getBoundingClientRect().height)).join("\n")`

// wide returns what is wider than the page.
const wide = `document.documentElement.scrollWidth <= document.documentElement.clientWidth ? "" : document.documentElement.scrollWidth + [...document.querySelectorAll("body *")].filter(e =>
	e.getBoundingClientRect().right > document.documentElement.clientWidth + 1 && !e.closest(".tabs, .chips, thead")).slice(0, 5).map(e => e.outerHTML.slice(0, 120)).join("\n")`

// violations runs axe.
const violations = `axe.run(document.querySelector("dialog[open], details.columns[open], :popover-open") || document, { resultTypes: ["violations"], runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa"] }).then(r =>
	r.violations.map(v => v.id + ": " + v.help + "\n" + v.nodes.slice(0, 6).map(n => "  " + n.html.slice(0, 160) + "\n  " + n.failureSummary.split("\n").slice(1, 3).join(" ")).join("\n")).join("\n"))`

// TestTheStylePagesFitEveryScreenAndReader looks at every component in every state, on a desktop and a phone, in both
// themes: nothing is wider than the screen, what can be touched is 44 px on a phone, axe finds no violation of WCAG 2.1 A
// and AA, and the browser no violation of the policy.
func TestTheStylePagesFitEveryScreenAndReader(t *testing.T) {
	t.Parallel()
	base := styleServer(t)
	b := openTab(t)
	for _, page := range []string{"/console/style?vi", "/console/narrow?en"} {
		for _, width := range []int64{1280, 390} {
			b.do(chromedp.EmulateViewport(width, 900), chromedp.Navigate(base+page))
			value[bool](b, axe+"; true")
			name := fmt.Sprintf("%s-%d", strings.NewReplacer("/console/", "", "?", "-").Replace(page), width)
			for _, theme := range []string{"light", "dark"} {
				b.look(name, theme, width == 390)
			}
			for state, open := range openStates {
				if strings.HasPrefix(state, name) {
					b.do(run(open))
					b.look(state, "dark", width == 390)
					b.do(chromedp.KeyEvent(kb.Escape), run(`document.querySelector(":popover-open")?.hidePopover()`))
				}
			}
		}
	}
	b.quiet()
}

// openStates are states that begin with a click, by the picture and what opens them.
var openStates = map[string]string{
	"style-vi-1280-palette": `document.querySelector("[data-opens=palette]").click()`,
	"style-vi-1280-dialog":  `document.querySelector("[data-opens=cancel]").click()`,
	"style-vi-390-columns":  `document.querySelector("details.columns > summary").click(); document.querySelector("details.columns").scrollIntoView()`,
	"style-vi-390-menu":     `document.querySelector("[popovertarget=side]").click()`,
	"style-vi-390-person":   `document.querySelector("[popovertarget=person]").click()`,
}

// look checks a page in one theme.
func (b *tab) look(name, theme string, phone bool) {
	b.Helper()
	name += "-" + theme
	b.do(run(`if (document.documentElement.dataset.theme !== "` + theme + `") document.querySelector("input[name=theme][value=` + theme + `]").click()`))
	b.await(`document.documentElement.dataset.bsTheme === "` + theme + `"`)
	if found := value[string](b, wide); found != "" {
		b.Errorf("%s: wider than the page:\n%s", name, found)
	}
	if found := value[string](b, small); phone && found != "" {
		b.Errorf("%s: smaller than 44 px:\n%s", name, found)
	}
	shown := strings.Count(name, "-") == 3    // the page itself, nothing opened over it
	if !phone || theme == "light" || !shown { // a phone has the colors of the desktop
		found, err := chromedp.Run(b.ctx, chromedp.Evaluate[string](violations, chromedp.EvalAwaitPromise))
		if err != nil || found != "" {
			b.Errorf("%s: %v axe finds:\n%s", name, err, found)
		}
	}
	if theme == "light" {
		b.do(run(`document.documentElement.style.fontSize = "200%"`))
		if found := value[string](b, wide); found != "" {
			b.Errorf("%s: wider than the page with text of twice the size:\n%s", name, found)
		}
		b.do(run(`document.documentElement.style.fontSize = ""`))
	}
	if *pictures == "" {
		return
	}
	shot := chromedp.FullScreenshot(100)
	if shown {
		value[bool](b, `document.activeElement.blur(), scrollTo(0, 0), true`)
	} else {
		shot = chromedp.CaptureScreenshot()
	}
	body, err := chromedp.Run(b.ctx, shot)
	if err != nil {
		b.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(*pictures, name+".png"), body, 0o600); err != nil {
		b.Fatal(err)
	}
}

// quiet fails the test if the browser complained.
func (b *tab) quiet() {
	b.Helper()
	b.mu.Lock()
	defer b.mu.Unlock()
	if len(b.wrong) > 0 {
		b.Errorf("the browser complains: %s", strings.Join(b.wrong, "\n"))
	}
}

func focus(selector string) chromedp.Action[chromedp.Void] {
	return run(`document.querySelector("` + selector + `").focus()`)
}

func run(script string) chromedp.Action[chromedp.Void] {
	return chromedp.Evaluate[chromedp.Void](script + "; undefined")
}

// TestTheDeskIsUsedByKeyboardAlone opens the palette, finds a page without tones, finds goods in a lookup, and fills in a
// form.
func TestTheDeskIsUsedByKeyboardAlone(t *testing.T) {
	t.Parallel()
	base := styleServer(t)
	b := openTab(t)
	b.do(chromedp.EmulateViewport(1280, 900), chromedp.Navigate(base+"/console/style?vi"))
	b.await(`!!document.activeElement.closest("[data-summary]")`) // what was refused is read first

	b.do(chromedp.KeyEvent("/"))
	b.await(`document.activeElement.id === "q"`)
	b.do(focus("#price"), run(`document.getElementById("price").select()`), chromedp.KeyEvent("1250000,5"), focus("#stock"))
	b.await(`document.getElementById("price").value === "1.250.000,5"`)
	b.await(`getComputedStyle(document.querySelector(".save-state")).visibility === "visible"`)
	b.await(`document.querySelector(".toasts").getBoundingClientRect().bottom <= document.querySelector(".save").getBoundingClientRect().top`)
	b.do(focus("#stock"), run(`document.getElementById("price").value = "12.5"`), focus("#price"), focus("#stock"))
	b.await(`document.getElementById("price").value === "12.5"`) // for the server to refuse, not to guess

	b.do(focus("#supplier"), run(`document.getElementById("supplier").select()`), chromedp.KeyEvent("Ma San"))
	b.await(`document.getElementById("supplier").getAttribute("aria-expanded") === "true"`)
	b.do(chromedp.KeyEvent(kb.Enter))
	b.await(`document.getElementById("supplier").value === "Ma San của máy chủ" && document.querySelector("[name=supplier]").value === "12"`)

	b.do(focus("#supplier"), run(`document.getElementById("supplier").select()`), chromedp.KeyEvent("401"))
	b.await(`document.getElementById("toasts").innerText.includes("Bấm Lưu để đăng nhập lại")`)
	b.do(run(`document.getElementById("product").addEventListener("submit", e => { globalThis.sent = String(e.submitter.name); e.preventDefault() })`), focus("#code"), chromedp.KeyEvent(kb.Enter))
	b.await(`sent === ""`) // saves what the form has, not over what changed meanwhile

	b.do(focus("[data-adds]"), chromedp.KeyEvent(kb.Enter))
	b.await(`document.querySelectorAll(".lines-table tbody tr").length === 3 && document.activeElement.closest("tr") === document.querySelector(".lines-table tbody").lastElementChild`)
	b.do(chromedp.KeyEvent("gạo"))
	b.await(`document.activeElement.hasAttribute("aria-activedescendant") && document.activeElement.closest("td").querySelector("[role=option]").dataset.text === "gạo của máy chủ"`)
	b.do(chromedp.KeyEvent(kb.Escape), run(`document.querySelector(".lines-table tbody tr:last-child [data-removes]").focus()`), chromedp.KeyEvent(kb.Enter))
	b.await(`document.querySelectorAll(".lines-table tbody tr").length === 2 && document.activeElement.matches("[data-removes]")`)

	b.do(focus("[data-opens=cancel]"), chromedp.KeyEvent(kb.Enter))
	b.await(`document.getElementById("cancel").open && !!document.activeElement.closest("dialog")`)
	b.do(chromedp.KeyEvent(kb.Escape))
	b.await(`!document.getElementById("cancel").open && document.activeElement.dataset.opens === "cancel"`)

	b.do(run(`delete document.getElementById("product").dataset.dirty`), chromedp.KeyEvent("k", chromedp.KeyModifiers(chromedp.ModifierCtrl)))
	b.await(`document.getElementById("palette").open && document.activeElement.id === "palette-input"`)
	b.do(chromedp.KeyEvent("hoa don"))
	b.await(`document.querySelector("#palette [aria-selected=true] .option-text").textContent === "Hóa đơn"`)
	b.await(`document.getElementById("palette-found").innerText.includes("hoa don của máy chủ")`)
	b.do(chromedp.KeyEvent(kb.ArrowDown), chromedp.KeyEvent(kb.ArrowUp), chromedp.KeyEvent(kb.Enter))
	b.await(`document.title === "Hóa đơn"`)
	b.quiet()
}
