package main

import (
	"fmt"
	"os"
	"sync"
	"testing"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"

	"github.com/taphoa/taphoa/internal/access"
	"github.com/taphoa/taphoa/internal/db"
	"github.com/taphoa/taphoa/internal/dbtest"
)

var axe = sync.OnceValues(func() (string, error) {
	script, err := os.ReadFile("../../internal/console/testdata/axe/axe-4.14.1.min.js")
	return string(script), err
})

// violations runs axe over the page, and says what breaks WCAG 2.1 A or AA; contrasts looks only for what depends on the theme.
const (
	violations = `axe.run(document, { resultTypes: ["violations"], preload: false, runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa"] })` + told
	contrasts  = `axe.run(document, { resultTypes: ["violations"], preload: false, runOnly: { type: "rule", values: ["color-contrast", "link-in-text-block"] } })` + told
	told       = `.then(r => r.violations.map(v => v.id + ": " + v.help + "\n" + v.nodes.slice(0, 6).map(n => "  " + n.html.slice(0, 160) + "\n  " +
		n.failureSummary.split("\n").slice(1, 3).join(" ")).join("\n")).join("\n"))`
)

// wide says what is wider than the page.
const wide = `document.documentElement.scrollWidth <= innerWidth ? "" : [...document.querySelectorAll("body *")].filter(e =>
	e.getBoundingClientRect().right > innerWidth + 1).slice(0, 5).map(e => e.outerHTML.slice(0, 120)).join("\n")`

// small says what can be touched and is less than 44 px high or wide; a link in a text may be.
const small = `[...document.querySelectorAll("a[href], button, input:not([type=hidden]), select, textarea, summary")].filter(e => {
	if (!e.checkVisibility({ visibilityProperty: true }) || e.matches(".skip") || e.closest("p:not(.form-links), .toasts") && e.matches("a")) return false;
	const area = [e, e.closest("label"), e.matches(".row-link") && e.closest("tr")].filter(Boolean).map(x => x.getBoundingClientRect());
	return !area.some(r => r.width >= 43.5 && r.height >= 43.5);
}).map(e => e.outerHTML.slice(0, 120) + " " + Math.round(e.getBoundingClientRect().width) + "×" + Math.round(e.getBoundingClientRect().height)).join("\n")`

// blank says which icons draw nothing.
const blank = `[...document.querySelectorAll("svg.icon use")].filter(u => u.checkVisibility() && !u.getBBox().width).map(u => u.href.baseVal).join("\n")`

func (d *desk) theme(name string) {
	d.t.Helper()
	features := []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: name}, {Name: "prefers-reduced-motion", Value: "reduce"}}
	if _, err := chromedp.Call(d.ctx, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Features: features}); err != nil {
		d.t.Fatal(err)
	}
	d.await(`document.documentElement.dataset.bsTheme === "` + name + `"`)
}

// suits looks at the page on a desktop and on a phone, in both themes: nothing is wider than the screen, what is touched on a phone
// is large enough, and axe finds no violation.
func (d *desk) suits() {
	d.t.Helper()
	script, err := axe()
	if err != nil {
		d.t.Fatal(err)
	}
	d.await(`document.readyState === "complete" && ([...document.querySelectorAll("tbody tr:nth-child(n+8)")].map(e => e.remove()), true)`) // alike
	if _, err := chromedp.Run(d.ctx, chromedp.Evaluate[bool](script+"; true")); err != nil {
		d.t.Fatal(err)
	}
	for _, width := range []int64{1280, 390} {
		d.size(width, 900)
		for _, theme := range []string{"light", "dark"} {
			d.theme(theme)
			where := fmt.Sprintf("%s at %d px, %s", d.url(), width, theme)
			asked := map[string]string{"wider than the page": wide, "violates WCAG": violations, "smaller than 44 px": small, "draws nothing": blank}
			if width == 1280 {
				delete(asked, "smaller than 44 px")
			}
			if (width == 1280) != (theme == "light") {
				asked["violates WCAG"] = contrasts
			}
			for problem, expression := range asked {
				found, err := chromedp.Run(d.ctx, chromedp.Evaluate[string](expression, chromedp.EvalAwaitPromise))
				if err != nil {
					d.t.Fatalf("%s: %v", where, err)
				}
				if found != "" {
					d.t.Errorf("%s: %s:\n%s", where, problem, found)
				}
			}
		}
	}
	d.size(1280, 900)
}

// TestTheDeskSuitsEveryScreenAndReader looks at each kind of page.
func TestTheDeskSuitsEveryScreenAndReader(t *testing.T) {
	t.Parallel()
	_, d := enterDemo(t)
	for _, page := range []string{"invoices", "account", "nowhere"} {
		d.visit("/console/" + page)
		d.suits()
	}
	d.visit("/console/products/new")
	d.press("Lưu")
	d.shows("Chưa lưu được")
	d.suits()
	d.press("Bỏ qua")
	d.at("/console/products")
	d.visit("/console/invoices")
	d.pressOn(`document.querySelector("tbody a")`)
	d.await(`location.pathname.startsWith("/console/invoices/")`)
	d.suits()
	d.quiet()
}

func TestTheDeskSuitsWhoIsNotInYet(t *testing.T) {
	t.Parallel()
	x := openShop(t)
	var secret string
	err := dbtest.Open(t, x.database, nil).Write(t.Context(), db.Actor{}, func(tx *db.Tx) (err error) {
		secret, err = access.NewSetupLink(tx)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	d := openDesk(t, x.serve().base)
	d.signIn("ngoclan", "sai mật khẩu")
	d.shows("không đúng")
	d.suits()
	d.visit("/setup#" + secret)
	d.suits()
	d.press("Bắt đầu")
	d.shows("Tên gian hàng")
	d.suits()
	d.quiet()
}

const (
	firstBytes = 250 << 10 // that a browser may get with an empty cache
	nextBytes  = 30 << 10  // for a page after that
)

// TestTheDeskIsLight counts what a browser gets over the network: for the first page, and for those after it.
func TestTheDeskIsLight(t *testing.T) {
	t.Parallel()
	_, d := enterDemo(t)
	d.await(`document.readyState === "complete"`)
	first := d.takeBytes()
	if first == 0 || first > firstBytes {
		t.Errorf("the first pages transfer %.0f bytes", first)
	}
	for _, page := range []string{"invoices", "products", "customers", "users", "products/new", "account"} {
		d.visit("/console/" + page)
		d.await(`document.readyState === "complete"`)
		if next := d.takeBytes(); next == 0 || next > nextBytes {
			t.Errorf("%s: %.0f bytes", page, next)
		}
	}
	t.Logf("the first pages transfer %.0f bytes", first)
}

// takeBytes returns what was transferred since the last time.
func (d *desk) takeBytes() float64 {
	d.mu.Lock()
	defer d.mu.Unlock()
	bytes := d.bytes
	d.bytes = 0
	return bytes
}
