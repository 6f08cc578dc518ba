package main

import (
	"strings"
	"testing"

	"github.com/chromedp/cdproto/webauthn"
	"github.com/chromedp/chromedp"
)

// authenticator gives the tab one that is part of the device and verifies its person at once.
func (d *desk) authenticator() {
	d.t.Helper()
	if _, err := chromedp.Call(d.ctx, webauthn.Enable, webauthn.EnableParams{}); err != nil {
		d.t.Fatal(err)
	}
	options := webauthn.VirtualAuthenticatorOptions{
		Protocol: webauthn.AuthenticatorProtocolCtap2, Transport: webauthn.AuthenticatorTransportInternal,
		HasResidentKey: true, HasUserVerification: true, IsUserVerified: true, AutomaticPresenceSimulation: true,
	}
	if _, err := chromedp.Call(d.ctx, webauthn.AddVirtualAuthenticator, webauthn.AddVirtualAuthenticatorParams{Options: &options}); err != nil {
		d.t.Fatal(err)
	}
}

// TestAPasskeyIsUsedInABrowser adds one, signs in without typing, confirms with it, and removes it.
func TestAPasskeyIsUsedInABrowser(t *testing.T) {
	t.Parallel()
	s := openShop(t).serve()
	d := openDesk(t, strings.Replace(s.base, "127.0.0.1", "localhost", 1))
	d.authenticator()
	d.signIn("ngoclan", ownerPassword)
	d.at("/console/invoices")
	d.visit("/console/account")
	d.suits()
	d.press("Thêm khóa truy cập")
	d.shows("Đã thêm khóa truy cập")
	d.suits()
	d.drawAll("account-passkeys")
	d.pressOn(visible("Thêm khóa truy cập") + `[0]`)
	d.shows("Thiết bị này đã có khóa truy cập của tài khoản")
	d.signOut()

	d.suits()
	d.drawAll("sign-in-passkey")
	d.await(visible("Đăng nhập bằng khóa truy cập") + `.map(e => e.focus()).length === 1`)
	d.key("\r")
	d.at("/console/invoices")
	d.visit("/console/confirm?next=/console/account")
	d.suits()
	d.drawAll("confirm-passkey")
	d.press("Dùng khóa truy cập")
	d.at("/console/account")
	d.press("Chrome, Linux")
	d.at("/console/account/passkeys")
	d.suits()
	d.drawAll("account-passkey")
	d.press("Bỏ khóa")
	d.shows("Đã bỏ khóa truy cập")
	d.signOut()
	d.press("Đăng nhập bằng khóa truy cập")
	d.shows("không dùng được ở đây, hoặc đã bị bỏ")
	d.drawAll("sign-in-passkey-refused")
	d.quiet()

	other := openDesk(t, s.base) // by the address
	other.visit("/console/sign-in")
	other.await(`!document.querySelector("[data-passkey]")`)
}
