package console_test

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/taphoa/taphoa/internal/apitest"
	"github.com/taphoa/taphoa/internal/console"
	"github.com/taphoa/taphoa/internal/passkeytest"
)

// eachNamedDesk runs a test on both engines at a desk that people reach by a name.
func eachNamedDesk(t *testing.T, test func(t *testing.T, d *desk)) {
	t.Helper()
	apitest.Each(t, func(t *testing.T, s *apitest.Server) {
		test(t, openDesk(t, s, httptest.NewServer, console.Options{PublicURL: "https://cobien.example", InsecureSignIn: true}))
	})
}

func phone() *passkeytest.Authenticator {
	return &passkeytest.Authenticator{Origin: "https://cobien.example", Synced: true}
}

// challenge is what the browser is given by a button; empty where it is refused, with the sentence.
func (p *person) challenge(path string) (options []byte, refusal string) {
	p.t.Helper()
	answer := p.post(path+"/challenge", url.Values{})
	var got struct {
		PublicKey       json.RawMessage
		Error, Location string
	}
	if err := json.Unmarshal([]byte(answer.body), &got); err != nil {
		p.t.Fatalf("%s (%d): %.300s", path, answer.status, answer.body)
	}
	return got.PublicKey, got.Error + got.Location
}

// addPasskey adds a passkey of a device on the page of the account.
func (p *person) addPasskey(from *passkeytest.Authenticator) *page {
	p.t.Helper()
	options, refusal := p.challenge("/console/account/passkeys")
	if refusal != "" {
		p.t.Fatal(refusal)
	}
	form := p.get("/console/account").want(http.StatusOK).form("/console/account/passkeys")
	return p.submit(form.set("passkey", from.Create(p.t, options)))
}

// TestAPersonUsesAPasskey: adds it on the page of the account, signs in and goes on, sends what was kept, confirms, renames and removes it.
func TestAPersonUsesAPasskey(t *testing.T) {
	eachNamedDesk(t, func(t *testing.T, d *desk) {
		owner, from := d.owner(), phone()
		owner.addPasskey(from).want(http.StatusOK).has("Khóa truy cập", "Firefox, Linux", "Chưa dùng")
		if owner.cookie("taphoa") == "" {
			t.Error("the session ends")
		}

		v := d.visitor()
		at := v.get("/console/products?q=tra").want(http.StatusOK).has("Đăng nhập bằng khóa truy cập")
		options, _ := v.challenge("/console/passkey")
		form := at.form("/console/sign-in").set("passkey", from.Get(t, options))
		in := v.post("/console/passkey", form.Values).want(http.StatusOK)
		if in.at.RequestURI() != "/console/products?q=tra" {
			t.Errorf("after signing in at %s", in.at)
		}
		again := d.visitor().post("/console/passkey", form.Values).want(http.StatusUnprocessableEntity).has("đã hết hạn hoặc đã được dùng")
		if again.form("/console/sign-in").Get("next") != "/console/products?q=tra" {
			t.Error("where to go on is lost")
		}

		ended := d.visitor()
		kept := ended.post("/console/customers", url.Values{"name": {"Chị Mơ"}}).want(http.StatusUnauthorized).form("/console/sign-in")
		options, _ = ended.challenge("/console/passkey")
		ended.post("/console/passkey", kept.set("passkey", from.Get(t, options)).Values).want(http.StatusOK).has("Những gì bạn đã nhập chưa được lưu", "Chị Mơ")

		options, _ = v.challenge("/console/confirm/passkey")
		confirm := v.get("/console/confirm?next=/console/account").has("Dùng khóa truy cập").form("/console/confirm").set("passkey", from.Get(t, options))
		before := v.cookie("taphoa")
		if on := v.post("/console/confirm/passkey", confirm.Values).want(http.StatusOK); on.at.Path != "/console/account" || v.cookie("taphoa") == before {
			t.Errorf("after confirming at %s", on.at)
		}
		list := v.get("/console/account").want(http.StatusOK)
		one := v.get(list.link("Firefox, Linux")).want(http.StatusOK).has("cobien.example")
		v.submit(one.form("/console/account/passkeys").set("do", "rename", "name", "")).want(http.StatusUnprocessableEntity).has("Hãy đặt tên")
		v.submit(one.form("/console/account/passkeys").set("do", "rename", "name", "Điện thoại của Lan")).want(http.StatusOK).has("Điện thoại của Lan")
		v.submit(one.form("/console/account/passkeys").set("do", "remove")).want(http.StatusOK).hasNot("Điện thoại của Lan")
		options, _ = v.challenge("/console/passkey")
		d.visitor().post("/console/passkey", url.Values{"passkey": {from.Get(t, options)}}).want(http.StatusUnprocessableEntity).has("không dùng được ở đây, hoặc đã bị bỏ")
		if _, refusal := v.challenge("/console/confirm/passkey"); !strings.Contains(refusal, "không dùng được ở đây") {
			t.Errorf("without a passkey: %q", refusal)
		}
		v.get("/console/confirm").hasNot("Dùng khóa truy cập")
	})
}

// TestAPasskeySignsInToAProgram, which then knows when the person was asked.
func TestAPasskeySignsInToAProgram(t *testing.T) {
	eachNamedDesk(t, func(t *testing.T, d *desk) {
		from := phone()
		d.owner().addPasskey(from)
		v := d.visitor()
		next := "/connect/authorize?client_id=x&scope=openid"
		at := v.get("/console/sign-in?" + url.Values{"next": {next}}.Encode()).form("/console/sign-in")
		options, _ := v.challenge("/console/passkey")
		on := v.alone().post("/console/passkey", at.set("passkey", from.Get(t, options)).Values)
		if on.status != http.StatusOK || on.header.Get("Refresh") != "0; url="+next { // forms lead to this server alone
			t.Errorf("%d, %q", on.status, on.header)
		}
	})
}

// TestAnAddressHasNoPasskeys: at an IP address no button is shown, and the account says why.
func TestAnAddressHasNoPasskeys(t *testing.T) {
	eachDesk(t, func(t *testing.T, d *desk) {
		d.visitor().get("/console/sign-in").want(http.StatusOK).hasNot("khóa truy cập")
		owner := d.owner()
		owner.get("/console/account").want(http.StatusOK).has("hãy mở bằng tên").hasNot("Thêm khóa truy cập")
		owner.get("/console/confirm").want(http.StatusOK).hasNot("khóa truy cập")
		for _, path := range []string{"/console/passkey", "/console/confirm/passkey", "/console/account/passkeys"} {
			if _, refusal := owner.challenge(path); !strings.Contains(refusal, "hãy mở bằng tên") {
				t.Errorf("%s: %q", path, refusal)
			}
			form := url.Values{"passkey": {"x"}, "do": {"add"}}
			owner.post(path, form).want(http.StatusUnprocessableEntity).has("hãy mở bằng tên")
		}
		plain := d.visitor().with("X-Forwarded-For", "198.51.100.7") // a proxy that is not trusted: others may read it on the way
		if _, refusal := plain.challenge("/console/passkey"); !strings.Contains(refusal, "https") {
			t.Errorf("without TLS: %q", refusal)
		}
	})
}

// TestAPasskeyIsAddedByWhoGaveThePassword, and what a browser sends that is none is told in a sentence.
func TestAPasskeyIsAddedByWhoGaveThePassword(t *testing.T) {
	eachNamedDesk(t, func(t *testing.T, d *desk) {
		owner, from := d.owner(), phone()
		options, _ := owner.challenge("/console/account/passkeys")
		made := from.Create(t, options)
		for _, garbage := range []string{"", "{}", strings.Repeat("[", 200_000), made[:len(made)/2], `{"id":"\u0000"}`} {
			form := url.Values{"passkey": {garbage}, "do": {"add"}}
			owner.post("/console/account/passkeys", form).want(http.StatusUnprocessableEntity).has("trả lời không hợp lệ")
			owner.post("/console/confirm/passkey", form).want(http.StatusUnprocessableEntity).has("trả lời không hợp lệ")
			d.visitor().post("/console/passkey", form).want(http.StatusUnprocessableEntity).has("trả lời không hợp lệ")
		}
		owner.post("/console/account/passkeys", url.Values{"passkey": {strings.Repeat("x", 2<<20)}}).want(http.StatusBadRequest)
		d.Clock.Advance(10 * 60)
		if _, next := owner.challenge("/console/account/passkeys"); next != "/console/confirm?next=%2Fconsole%2Faccount" {
			t.Errorf("leads to %q", next)
		}
		if asked := owner.post("/console/account/passkeys", url.Values{"passkey": {made}, "do": {"add"}}); asked.at.Path != "/console/confirm" {
			t.Errorf("is at %s", asked.at)
		}
		if answer := d.visitor().post("/console/account/passkeys/challenge", url.Values{}); answer.status != http.StatusUnauthorized {
			t.Errorf("without a session: %d", answer.status)
		}
		owner.get("/console/account/passkeys?id=1").want(http.StatusNotFound)
		d.signedIn(d.OtherShop, "").get("/console/account/passkeys?id=x").want(http.StatusNotFound)
	})
}
