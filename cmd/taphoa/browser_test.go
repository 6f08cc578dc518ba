package main

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/taphoa/taphoa/internal/browsertest"
	"github.com/taphoa/taphoa/internal/demo"
	"github.com/taphoa/taphoa/internal/oauth"
)

// browser is one tab with its requests and console messages.
type browser struct {
	t         *testing.T
	ctx       context.Context //nolint:containedctx // chromedp's handle of the tab
	mu        sync.Mutex
	asked     []string
	documents map[string]bool // those of asked that are pages
	wrong     []string
	bytes     float64 // transferred, packed
}

// browse opens a tab with cookies and a storage of its own, or skips the test if Chromium is not installed.
func browse(t *testing.T) *browser {
	t.Helper()
	return openTab(t, browsertest.Chromium(t), chromedp.WithNewBrowserContext())
}

// tab opens another tab of the same person.
func (b *browser) tab() *browser { return openTab(b.t, b.ctx) }

func openTab(t *testing.T, parent context.Context, options ...chromedp.ContextOption) *browser {
	t.Helper()
	ctx, cancel := chromedp.NewContext(parent, options...)
	t.Cleanup(cancel)
	b := &browser{t: t, documents: map[string]bool{}}
	if err := chromedp.Do(ctx); err != nil { // opens the tab, which the timeout below would close
		t.Fatal(err)
	}
	b.ctx, cancel = context.WithTimeout(ctx, 2*time.Minute)
	t.Cleanup(cancel)
	_, err := chromedp.Call(b.ctx, network.Enable, network.EnableParams{})
	_, err2 := chromedp.Call(b.ctx, log.Enable, struct{}{})
	_, err3 := chromedp.Call(b.ctx, emulation.SetFocusEmulationEnabled, emulation.SetFocusEmulationEnabledParams{Enabled: true})
	if err := errors.Join(chromedp.Listen(b.ctx, b.hear), err, err2, err3); err != nil {
		t.Fatal(err)
	}
	return b
}

// hear records requests and console messages: errors of scripts, missing files, violations of the policy.
func (b *browser) hear(event any) {
	b.mu.Lock()
	defer b.mu.Unlock()
	switch e := event.(type) {
	case *network.EventRequestWillBeSent:
		b.asked = append(b.asked, e.Request.URL)
		if e.Type == network.ResourceTypeDocument {
			b.documents[e.Request.URL] = true
		}
	case *network.EventLoadingFinished:
		b.bytes += e.EncodedDataLength
	case *runtime.EventExceptionThrown:
		b.wrong = append(b.wrong, e.ExceptionDetails.Text)
	case *log.EventEntryAdded:
		if e.Entry.Level == log.EntryLevelError {
			b.wrong = append(b.wrong, e.Entry.Text+" "+e.Entry.URL)
		}
	}
}

func (b *browser) do(actions ...chromedp.Action[chromedp.Void]) {
	b.t.Helper()
	if err := chromedp.Do(b.ctx, actions...); err != nil {
		shown, _ := chromedp.Run(b.ctx, chromedp.Evaluate[string]("document.body.innerText.slice(0, 2000)"))
		b.t.Fatalf("%v; the page says %s; the console %q", err, shown, b.wrong)
	}
}

// visible returns an expression for the visible buttons and links, by the beginning of their text.
func visible(text string) string {
	return `[...document.querySelectorAll("button, a")].filter(e => e.checkVisibility() &&
		(e.getAttribute("aria-label") || e.textContent).trim().startsWith(` + strconv.Quote(text) + `))`
}

// click waits for a button or link with a text and clicks it.
func (b *browser) click(text string) {
	b.t.Helper()
	b.await(visible(text) + `.slice(0, 1).map(e => setTimeout(() => e.click())).length === 1`)
}

// await waits until an expression is true, also on the next page after a click.
func (b *browser) await(expression string) {
	b.t.Helper()
	for end := time.Now().Add(20 * time.Second); ; time.Sleep(50 * time.Millisecond) {
		holds, err := chromedp.Run(b.ctx, chromedp.Evaluate[bool](expression))
		if holds {
			return
		}
		if time.Now().After(end) {
			shown, _ := chromedp.Run(b.ctx, chromedp.Evaluate[string]("document.body.innerText.slice(0, 2000)"))
			b.t.Fatalf("never: %s (%v); the page says %s; the console %q", expression, err, shown, b.wrong)
		}
	}
}

// size sets the size of the tab; no page may be wider.
func (b *browser) size(width, height int64, options ...chromedp.EmulateViewportOption) {
	b.t.Helper()
	b.do(chromedp.EmulateViewport(width, height, options...))
}

func (b *browser) fits() {
	b.t.Helper()
	b.await("document.documentElement.scrollWidth <= innerWidth")
}

// TestTheDemoWorksInABrowser clicks from the first page to a response of the API without typing anything, in both
// languages, on a desktop and on a phone. The browser connects only to the server and logs no errors.
func TestTheDemoWorksInABrowser(t *testing.T) {
	t.Parallel()
	b := browse(t)
	s := terminal{T: t}.serve("--demo")

	b.size(1280, 900)
	b.do(chromedp.Navigate(s.base + "/?lang=en"))
	b.fits()
	b.await(`document.getElementById("secret").textContent === "` + demo.ClientSecret + `"`)
	b.await(`navigator.clipboard.writeText = async text => { globalThis.copied = text }, true`)
	b.click("Copy")
	b.await(`copied === "` + s.base + `"`)
	b.await(`document.body.innerText.includes("Copied")`)
	b.click("Tiếng Việt")
	b.click("Mở tài liệu API")
	b.await(`document.documentElement.lang === "vi" && document.body.innerText.includes("Hàng hóa và tồn kho")`)

	b.do(chromedp.Navigate(s.base+"/docs?lang=vi#tag/products/GET/products"), chromedp.Reload())
	b.click("Gọi thử")
	b.click("Gửi")
	b.await(`document.body.innerText.includes("200 OK") && document.body.innerText.includes("SP000001")`)

	b.size(390, 844, chromedp.EmulateMobile)
	b.do(chromedp.Navigate(s.base + "/?lang=vi"))
	b.fits()
	b.do(chromedp.Navigate(s.base + "/docs?lang=en"))
	b.await(`document.body.innerText.includes("Taphoa speaks")`)
	b.fits()
	b.click("Open Menu")
	b.click("Sales")

	b.mu.Lock()
	defer b.mu.Unlock()
	for _, url := range b.asked {
		if !strings.HasPrefix(url, s.base+"/") && !strings.HasPrefix(url, "data:") {
			t.Errorf("the browser asked %s", url)
		}
	}
	if !slices.Contains(b.asked, s.base+"/products") || len(b.wrong) > 0 {
		t.Errorf("the browser asked for %q, and complains %q", b.asked, b.wrong)
	}
}

func TestTheDemoServesTheExamplesOfItsReference(t *testing.T) {
	t.Parallel()
	s := terminal{T: t}.serve("--demo")
	c := caller{t, s.base, demo.ShopCode, s.tokenFor(oauth.ScopePublic+" "+oauth.ScopeAdmin, demo.ClientID, demo.ClientSecret)}
	var document struct {
		Paths map[string]map[string]struct {
			OperationID string
			RequestBody struct {
				Content map[string]struct{ Example jsontext.Value }
			}
		}
	}
	c.must(http.MethodGet, "/openapi.json", "", &document)
	served := 0
	for path, methods := range document.Paths {
		for method, o := range methods {
			if demo.Examples[o.OperationID] == nil {
				continue
			}
			body := o.RequestBody.Content["application/json"].Example
			if status := c.call(strings.ToUpper(method), path, string(body), &struct{}{}); status != http.StatusOK {
				t.Errorf("%s: %d for %s", o.OperationID, status, body)
			}
			served++
		}
	}
	if served != len(demo.Examples) {
		t.Errorf("%d of %d examples are in the document", served, len(demo.Examples))
	}
}
