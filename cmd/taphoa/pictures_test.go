package main

import (
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"

	"github.com/taphoa/taphoa/internal/access"
	"github.com/taphoa/taphoa/internal/db"
	"github.com/taphoa/taphoa/internal/dbtest"
)

var (
	pictures = flag.String("pictures", "", "draw the pages of the desk into this folder")
	keep     = flag.String("keep", "", "and the chosen ones into this one")
)

// chosen are the pictures in docs/console, of at most [chosenBytes] together.
var chosen = []string{
	"invoices-1280-light", "invoices-1280-dark", "products-new-1280-light", "invoices-one-390-light", "sign-in-390-dark",
	"setup-1280-light", "account-1280-light", "palette-1280-dark", "customers-390-light", "products-1280-light",
}

const chosenBytes = 1_500_000

// TestPictures draws every page of the desk on a desktop and on a phone, light and dark, with make pictures.
func TestPictures(t *testing.T) {
	if *pictures == "" {
		t.Skip("make pictures draws them")
	}
	if err := os.MkdirAll(*pictures, 0o755); err != nil {
		t.Fatal(err)
	}
	x := openShop(t)
	var secret string
	err := dbtest.Open(t, x.database, nil).Write(t.Context(), db.Actor{}, func(tx *db.Tx) (err error) {
		secret, err = access.NewSetupLink(tx)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	s := x.serve()
	setup, tu := openDesk(t, s.base), openDesk(t, s.base)
	invoice := tu.beCashier(x, s)
	_, d := enterDemo(t)
	for _, size := range []struct {
		name          string
		width, height int64
	}{{"1280", 1280, 900}, {"390", 390, 844}} {
		for _, theme := range []string{"light", "dark"} {
			view := size.name + "-" + theme
			for _, tab := range []*desk{setup, tu, d} {
				tab.size(size.width, size.height)
				features := []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: theme}, {Name: "prefers-reduced-motion", Value: "reduce"}}
				if _, err := chromedp.Call(tab.ctx, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Features: features}); err != nil {
					t.Fatal(err)
				}
			}
			setup.drawEntrance(secret, view)
			d.drawPages(view)
			tu.drawLimits(invoice, view)
		}
	}
	if *keep != "" {
		keepChosen(t)
	}
}

func keepChosen(t *testing.T) {
	t.Helper()
	if err := os.MkdirAll(*keep, 0o755); err != nil {
		t.Fatal(err)
	}
	total := 0
	for _, name := range chosen {
		body, err := os.ReadFile(filepath.Join(*pictures, name+".png"))
		if err != nil {
			t.Fatal(err)
		}
		total += len(body)
		if err := os.WriteFile(filepath.Join(*keep, name+".png"), body, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if total > chosenBytes {
		t.Errorf("the chosen pictures have %d bytes together", total)
	}
}

// drawEntrance draws the pages for who is not signed in.
func (d *desk) drawEntrance(secret, view string) {
	d.t.Helper()
	d.visit("/console/sign-in")
	d.draw("sign-in", view)
	d.visit("/setup#" + secret)
	d.draw("setup-link", view)
	d.press("Bắt đầu")
	d.shows("Tên gian hàng")
	d.draw("setup", view)
	d.visit("/console/link#x")
	d.press("Tiếp tục")
	d.await(`location.pathname === "/console/link" && !document.getElementById("open-link")`)
	d.draw("link-refused", view)
}

// drawPages draws the pages of the demo's shop.
func (d *desk) drawPages(view string) {
	d.t.Helper()
	name := strings.NewReplacer("/", "-", "?", "-", "=", "-")
	for _, page := range []string{
		"invoices", "products", "customers", "users", "products/new", "customers/new", "users/new", "account", "confirm", "style",
		"invoices?status=2", "products?q=xyz", "nowhere", "roles", "roles/new", "roles/3", "roles/1", "account/pin", "connections", "connections/new",
		"requests", "webhooks", "webhooks/new", "audit",
	} {
		d.visit("/console/" + page)
		d.draw(name.Replace(page), view)
	}
	for _, list := range []string{"audit", "invoices", "products", "customers", "users"} { // the last one has roles
		d.visit("/console/" + list)
		d.pressOn(`document.querySelector("tbody a")`)
		d.await(`location.pathname !== "/console/` + list + `" && document.readyState === "complete"`)
		d.draw(list+"-one", view)
	}
	d.press("Sửa vai trò")
	d.shows("Nơi làm việc")
	d.draw("users-roles", view)
	d.visit("/console/invoices")
	d.key("k", chromedp.ModifierCtrl)
	d.await(`document.activeElement.id === "palette-input"`)
	d.insert("sua")
	d.await(`document.querySelectorAll("#palette-found [role=option]").length > 2`)
	d.draw("palette", view)
	d.visit("/console/invoices")
	d.press("Tài khoản: ")
	d.draw("menu", view)
	if strings.HasPrefix(view, "390") {
		d.visit("/console/invoices")
		d.press("Mở danh mục")
		d.draw("navigation", view)
	}
}

// drawLimits draws what a cashier meets who lacks a right.
func (d *desk) drawLimits(invoice, view string) {
	d.t.Helper()
	for page, at := range map[string]string{"limit-invoice": invoice, "limit-void": invoice + "/remove", "limit-page": "/console/users", "limit-customers": "/console/customers"} {
		d.visit(at)
		d.draw(page, view)
	}
}

// draw writes a picture of what is in sight.
func (d *desk) draw(page, view string) {
	d.t.Helper()
	d.await(`document.readyState === "complete" && document.fonts.status === "loaded" && (scrollTo(0, 0), true)`)
	picture, err := chromedp.Run(d.ctx, chromedp.CaptureScreenshot())
	if err != nil {
		d.t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(*pictures, page+"-"+view+".png"), picture, 0o600); err != nil {
		d.t.Fatal(err)
	}
}
