package testbench_test

import (
	"context"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"github.com/taphoa/taphoa/internal/browsertest"
	"github.com/taphoa/taphoa/internal/testbench"
)

// tab opens a page of a browser.
func tab(t *testing.T) context.Context {
	t.Helper()
	ctx, cancel := chromedp.NewContext(browsertest.Chromium(t), chromedp.WithNewBrowserContext())
	t.Cleanup(cancel)
	if err := chromedp.Do(ctx); err != nil { // opens the tab, which the timeout below would close
		t.Fatal(err)
	}
	ctx, stop := context.WithTimeout(ctx, time.Minute)
	t.Cleanup(stop)
	return ctx
}

// waitFor waits until an expression holds in a page.
func waitFor(t *testing.T, ctx context.Context, expression string) {
	t.Helper()
	for range 200 {
		holds, err := chromedp.Run(ctx, chromedp.Evaluate[bool](expression))
		if err != nil {
			t.Fatal(err)
		}
		if holds {
			return
		}
		time.Sleep(50 * time.Millisecond)
	}
	shown, err := chromedp.Run(ctx, chromedp.Evaluate[string]("document.body.innerText.slice(0, 1000)"))
	t.Fatal(expression, "does not hold in", shown, err)
}

// TestThePageFollowsTheRequests: on a phone's width, without reloading, and with what clients send as text.
func TestThePageFollowsTheRequests(t *testing.T) {
	t.Parallel()
	f := open(t, testbench.Options{}).fork(`{"name":"kho"}`)
	f.call(nil, "GET", "/products?pageSize=200&includeInventory=true", "")
	ctx := tab(t)
	if err := chromedp.Do(ctx, chromedp.EmulateViewport(390, 844, chromedp.EmulateMobile), chromedp.Navigate(f.url+"/_sandbox/?lang=vi")); err != nil {
		t.Fatal(err)
	}
	waitFor(t, ctx, `document.querySelectorAll("#rows > li").length === 2 && document.getElementById("live").textContent === "Trực tiếp"`)
	const hostile = `<img src=x onerror=document.title=1>`
	f.call(nil, "POST", "/orders", `{"branchId":1,"`+hostile+`":"`+hostile+`","orderDetails":[{"ProductCode":"SP000001","quanity":1,"quantity":1}]}`)
	f.do("GET", "/x/"+"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", "", testbench.Header+": kho")
	waitFor(t, ctx, `document.querySelectorAll("#rows > li").length === 4 && document.querySelector("#rows .number").textContent === "4"`)
	waitFor(t, ctx, `document.querySelector("#forks span").textContent === "4"`)
	waitFor(t, ctx, `(() => { for (const d of document.querySelectorAll("details")) d.open = true; return document.body.innerText.includes("quanity → orderDetails[].quantity"); })()`)
	waitFor(t, ctx, `document.querySelectorAll("#rows img").length === 0 && document.title === "kho · Sandbox"`)
	waitFor(t, ctx, `document.documentElement.scrollWidth <= 390`)
	waitFor(t, ctx, `(() => { document.querySelector("input[value=refused]").click(); return [...document.querySelectorAll("#rows > li")].filter(l => l.offsetHeight > 0).length === 1; })()`)
}
