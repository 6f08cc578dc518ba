package console_test

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/taphoa/taphoa/internal/access"
	"github.com/taphoa/taphoa/internal/db"
	"github.com/taphoa/taphoa/internal/oauth"
	"github.com/taphoa/taphoa/internal/right"
)

const consentForm = "/connect/authorize/consent"

// TestAPersonMayDeny, and is asked again when more is asked for, when the program says so, and in the name of whoever is signed in.
func TestAPersonMayDeny(t *testing.T) {
	eachDesk(t, func(t *testing.T, d *desk) {
		x, lan := d.app(oauth.ClientInput{Scopes: []string{oauth.ScopeAdmin}}), d.signedIn(d.Shop, "lan")
		asked := lan.get(x.request("scope", "openid")).want(http.StatusOK).has("Cho phép Sổ bán hàng?", "Biết bạn là ai").hasNot("90 ngày")
		if got := lan.press(asked.form(consentForm), "Từ chối").answer(x); got.Get("error") != "access_denied" || got.Get("state") != "trang-thai" || got.Get("code") != "" {
			t.Errorf("denied: %v", got)
		}
		lan.allow(x, "scope", "openid")
		code := func(pairs ...string) string {
			t.Helper()
			return lan.alone().get(x.request(pairs...)).want(http.StatusSeeOther).answer(x).Get("code")
		}
		if code("scope", "openid") == "" || code("scope", "openid", "prompt", "none") == "" {
			t.Error("what was allowed is asked again")
		}
		for _, pairs := range [][]string{{"scope", "openid PublicApi.Access"}, {"scope", "openid", "prompt", "consent"}, {"scope", "openid", "prompt", "select_account"}} {
			lan.get(x.request(pairs...)).want(http.StatusOK).form(consentForm)
		}
		if got := lan.alone().get(x.request("prompt", "none", "scope", "openid email")).answer(x); got.Get("error") != "consent_required" {
			t.Errorf("without asking: %v", got)
		}
		phone := d.app(oauth.ClientInput{Public: true, Name: "App điện thoại", Redirects: []string{"vn.example.so:/xong"}})
		lan.allow(phone)
		lan.get(phone.request()).want(http.StatusOK).has("được đưa đến vn.example.so").form(consentForm) // another app may have taken its address
		chosen := d.signedIn(d.Shop, "lan")
		away := chosen.submit(chosen.get(x.request("prompt", "select_account")).form("/console/sign-out")).want(http.StatusOK)
		if away.at.Path != "/console/sign-in" || !strings.HasPrefix(away.form("/console/sign-in").Get("next"), "/connect/authorize?") {
			t.Errorf("another account is chosen at %s", away.at)
		}
		lan.get(x.request("scope", "openid Taphoa.Admin PublicApi.Access")).has("Ghi cả những gì API của KiotViet chỉ cho đọc")
		d.owner().get(x.request()).has("Xem và ghi mọi dữ liệu của gian hàng, như chính bạn")
	})
}

// TestAnAnswerIsThatOfWhoWasAsked: not of who has signed in meanwhile, not of another site, and not of a changed question.
func TestAnAnswerIsThatOfWhoWasAsked(t *testing.T) {
	eachDesk(t, func(t *testing.T, d *desk) {
		x, lan := d.app(oauth.ClientInput{}), d.signedIn(d.Shop, "lan")
		asked := lan.get(x.request()).want(http.StatusOK)
		for header, want := range map[string]string{"X-Frame-Options": "DENY", "Cache-Control": "no-store", "Referrer-Policy": "same-origin"} {
			if got := asked.header.Get(header); got != want {
				t.Errorf("%s is %q", header, got)
			}
		}
		if policy := asked.header.Get("Content-Security-Policy"); !strings.Contains(policy, "frame-ancestors 'none'") || !strings.Contains(policy, "form-action 'self';") {
			t.Errorf("the policy is %s", policy)
		}
		form := asked.form(consentForm)
		form.Set("answer", "allow")
		lan.setCookie("taphoa", d.session(d.Shop, ""))
		again := lan.submit(form)
		if again.header.Get("Refresh") != "0; url="+strings.TrimPrefix(form.Get("request"), "") || strings.Contains(again.body, "code=") {
			t.Errorf("the owner's answer to Lan's question leads to %s", again.header.Get("Refresh"))
		}
		for _, headers := range [][]string{{"Origin", "https://evil.example"}, {"Origin", "null"}, {"Sec-Fetch-Site", "cross-site"}, {"Sec-Fetch-Site", "same-site"}} {
			lan.with(headers...).post(consentForm, form.Values).want(http.StatusForbidden)
		}
		form = lan.get(x.request()).form(consentForm)
		form.Set("answer", "allow")
		for _, request := range []string{"", "/connect/authorize", "/console/?" + x.request(), "https://evil.example/?x", strings.Replace(x.request(), "so.example.vn", "evil.example", 1), x.request("client_id", "x")} {
			got := lan.submit(form.set("request", request))
			if got.status < 400 || got.header.Get("Refresh") != "" {
				t.Errorf("the question %q is answered with %d, %s", request, got.status, got.header.Get("Refresh"))
			}
		}
		d.visitor().post(consentForm, form.set("request", x.request()).Values).want(http.StatusOK).hasNot("code=")

		for _, pairs := range [][]string{{"redirect_uri", "https://evil.example/"}, {"client_id", "x"}, {"redirect_uri", ""}} {
			for _, p := range []*person{lan, d.visitor()} {
				got := p.alone().get(x.request(append(pairs, "prompt", "none")...))
				if got.status < 400 || got.status >= 500 || got.header.Get("Location")+got.header.Get("Refresh") != "" {
					t.Errorf("%v: %d leads to %s", pairs, got.status, got.header.Get("Location"))
				}
				got.hasNot("evil.example")
			}
		}
	})
}

// TestSigningInComesFirst, with the second factor, as the right person of the right shop, and the password again where the program
// wants that.
func TestSigningInComesFirst(t *testing.T) {
	eachDesk(t, func(t *testing.T, d *desk) {
		x, visitor := d.app(oauth.ClientInput{}), d.visitor()
		if got := visitor.alone().get(x.request("prompt", "none")).answer(x); got.Get("error") != "login_required" {
			t.Errorf("without asking: %v", got)
		}
		// A form of another site brings no cookie, and becomes an address.
		query, _ := url.ParseQuery(strings.TrimPrefix(x.request(), "/connect/authorize?"))
		visitor.with("Origin", "https://so.example.vn").post("/connect/authorize", query).want(http.StatusOK).form("/console/sign-in")

		other := d.signedIn(d.OtherShop, "")
		other.get(x.request()).want(http.StatusForbidden).has("ứng dụng của một gian hàng khác", "Đăng nhập tài khoản khác")
		if got := other.alone().get(x.request("prompt", "none")).answer(x); got.Get("error") != "login_required" {
			t.Errorf("another shop: %v", got)
		}

		lan := d.owner()
		lan.setCookie("taphoa", d.session(d.Shop, "lan"))
		d.As(d.Shop).Write(setPasswordOf("lan"))
		lan.setCookie("taphoa", d.session(d.Shop, "lan"))
		first := x.exchange(lan.allow(x))
		for _, pairs := range [][]string{{"prompt", "login"}, {"max_age", "0"}} {
			d.Clock.Advance(2)
			form := lan.get(x.request(pairs...)).want(http.StatusOK).form("/console/confirm").set("password", ownersPassword)
			if got := lan.alone().get(x.request(append(pairs, "prompt", "none")...)).answer(x); pairs[0] == "max_age" && got.Get("error") != "login_required" {
				t.Errorf("%v without asking: %v", pairs, got)
			}
			d.Clock.Advance(2)
			to := strings.TrimPrefix(lan.submit(form).want(http.StatusOK).header.Get("Refresh"), "0; url=")
			if got := lan.alone().get(to).answer(x); got.Get("code") == "" {
				t.Errorf("%v, and the password was given: %v", pairs, got)
			}
		}
		if got := lan.alone().get(x.request("max_age", "3600")).answer(x); got.Get("code") == "" {
			t.Errorf("the password was given within the hour: %v", got)
		}
		if got := lan.alone().get(x.request("id_token_hint", first.ID)).answer(x); got.Get("code") == "" {
			t.Errorf("Lan, who was named: %v", got)
		}
		d.owner().get(x.request("id_token_hint", first.ID)).has("một tài khoản khác của gian hàng này")

		// The language is chosen without losing the program's question.
		page := lan.get(x.request("prompt", "consent"))
		raw := strings.ReplaceAll(x.request("prompt", "consent"), "%3A%2F%2F", "://")
		if got := lan.with("Referer", d.http.URL+raw).post("/console/language", url.Values{"language": {"en"}}).header.Get("Refresh"); !strings.HasPrefix(got, "0; url=/connect/authorize?") {
			t.Errorf("the language leads to %q", got)
		}
		page.form(consentForm)
		lan.get(x.request("prompt", "consent")).has("Allow Sổ bán hàng?", "Know who you are in this shop")

		pending := d.owner()
		pending.withSecondFactor()
		pending = d.visitor()
		pending.setCookie("taphoa", d.session(d.Shop, ""))
		asked := pending.get(x.request()).want(http.StatusOK)
		if strings.Contains(asked.text(), "Cho phép Sổ") {
			t.Error("the second factor is still owed")
		}
	})
}

// TestWhatAnAppWasAllowedIsEndedByThePerson on the page of the account.
func TestWhatAnAppWasAllowedIsEndedByThePerson(t *testing.T) {
	eachDesk(t, func(t *testing.T, d *desk) {
		d.give("lan", access.UserRole{Role: right.CashierRole})
		x, lan := d.app(oauth.ClientInput{Public: true, Name: "Sổ " + hostile}), d.signedIn(d.Shop, "lan")
		lan.get("/console/account").hasNot("Ứng dụng được làm việc thay bạn")
		got := x.exchange(lan.allow(x))
		page := lan.get("/console/account").want(http.StatusOK).harmless().has("Ứng dụng được làm việc thay bạn", "Sổ "+hostile)
		shown := lan.get(page.link("Sổ "+hostile)).want(http.StatusOK).harmless().has("Bán hàng: Xem đơn đặt hàng", "90 ngày")
		d.owner().get("/console/account").hasNot("Ứng dụng được làm việc thay bạn")
		d.owner().get("/console/account/apps?client=" + x.id).want(http.StatusNotFound)
		d.owner().post("/console/account/apps", url.Values{"client": {x.id}}).want(http.StatusOK)
		if status := x.calls(got.Access, "/invoices"); status != http.StatusOK {
			t.Errorf("another person has ended it: %d", status)
		}
		lan.submit(shown.form("/console/account/apps")).want(http.StatusOK).hasNot("Ứng dụng được làm việc thay bạn")
		if status := x.calls(got.Access, "/invoices"); status != http.StatusUnauthorized {
			t.Errorf("after its end: %d", status)
		}
		if after := x.refresh(got.Refresh); after.Error != "invalid_grant" {
			t.Errorf("after its end: %+v", after)
		}
		lan.get(x.request()).want(http.StatusOK).form(consentForm)
		if rows := d.owner().get("/console/audit?userId=" + strconv.FormatInt(d.ID("user:lan"), 10)).want(http.StatusOK).harmless().rows(); len(rows) < 2 ||
			rows[0][2] != "Ngắt ứng dụng" || rows[1][2] != "Cho phép ứng dụng làm việc thay mình" || rows[0][3] != "Sổ "+hostile {
			t.Errorf("the audit log has %q", rows)
		}
	})
}

// TestAStreamOfAPersonsTokenEnds within five seconds of the end of the sign-in, which another server has ended.
func TestAStreamOfAPersonsTokenEnds(t *testing.T) {
	eachDesk(t, func(t *testing.T, d *desk) {
		x, owner := d.app(oauth.ClientInput{Public: true}), d.owner()
		got := x.exchange(owner.allow(x))
		ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
		defer cancel()
		r, err := http.NewRequestWithContext(ctx, http.MethodGet, d.http.URL+"/events", nil)
		if err != nil {
			t.Fatal(err)
		}
		r.Header = http.Header{"Authorization": {"Bearer " + got.Access}, "Retailer": {d.Shop.Code}, "Accept": {"text/event-stream"}}
		answer, err := d.http.Client().Do(r)
		if err != nil || answer.StatusCode != http.StatusOK {
			t.Fatal(answer, err)
		}
		defer answer.Body.Close()
		ended := make(chan error, 1)
		go func() {
			_, err := io.Copy(io.Discard, answer.Body)
			ended <- err
		}()
		select {
		case err := <-ended:
			t.Fatalf("the stream ends by itself: %v", err)
		case <-time.After(300 * time.Millisecond):
		}
		began := time.Now()
		d.As(d.Shop).Write(func(tx *db.Tx) error { // as another server does
			who, err := access.FindOwner(tx)
			return errors.Join(err, oauth.Disconnect(tx, who.User, x.id))
		})
		select {
		case <-ended:
			t.Logf("ended %s after the sign-in", time.Since(began).Round(time.Millisecond))
		case <-time.After(5 * time.Second):
			t.Error("five seconds later the stream goes on")
		}
	})
}

// TestDiscoverySaysWhatIsServed: each endpoint answers, what is listed works, and nothing else does.
func TestDiscoverySaysWhatIsServed(t *testing.T) {
	eachDesk(t, func(t *testing.T, d *desk) {
		answer, err := d.http.Client().Get(d.http.URL + "/.well-known/openid-configuration")
		if err != nil {
			t.Fatal(err)
		}
		defer answer.Body.Close()
		var said map[string]any
		if err := json.NewDecoder(answer.Body).Decode(&said); err != nil {
			t.Fatal(err)
		}
		list := func(name string) (texts []string) {
			for _, v := range said[name].([]any) {
				texts = append(texts, v.(string))
			}
			return texts
		}
		x, lan := d.app(oauth.ClientInput{Scopes: []string{oauth.ScopeAdmin}}), d.signedIn(d.Shop, "lan")
		at := func(name string) string {
			path, ours := strings.CutPrefix(said[name].(string), d.http.URL)
			if !ours {
				t.Errorf("%s is %v", name, said[name])
			}
			return path
		}
		for name, status := range map[string]int{
			"authorization_endpoint": http.StatusNotFound, "token_endpoint": http.StatusMethodNotAllowed, "userinfo_endpoint": http.StatusUnauthorized,
			"end_session_endpoint": http.StatusOK, "revocation_endpoint": http.StatusMethodNotAllowed, "jwks_uri": http.StatusOK,
		} {
			if got := d.visitor().get(at(name)); got.status != status {
				t.Errorf("%s: %d, not %d", name, got.status, status)
			}
		}
		if said["issuer"] != d.http.URL || said["authorization_response_iss_parameter_supported"] != true || said["request_uri_parameter_supported"] != false {
			t.Errorf("the document is %v", said)
		}
		for _, scope := range list("scopes_supported") {
			lan.allow(x, "scope", "openid "+scope, "prompt", "consent")
		}
		all := x.exchange(lan.allow(x, "scope", strings.Join(list("scopes_supported"), " "), "prompt", "consent"))
		grants := map[string]tokens{
			"authorization_code": all, "refresh_token": x.refresh(all.Refresh),
			"client_credentials": (&app{desk: d, id: d.Shop.ClientID, secret: d.Shop.Secret}).post("/connect/token", "grant_type", "client_credentials"),
		}
		for _, grant := range append(list("grant_types_supported"), "password", "implicit", "urn:ietf:params:oauth:grant-type:device_code") {
			if got, listed := grants[grant]; listed != (got.Access != "") || !listed && x.post("/connect/token", "grant_type", grant).Error != "unsupported_grant_type" {
				t.Errorf("%s: %+v", grant, got)
			}
		}
		for name, others := range map[string][]string{
			"response_types_supported": {"token", "id_token", "code token"}, "response_modes_supported": {"fragment", "form_post"},
			"code_challenge_methods_supported": {"plain"}, "prompt_values_supported": {"create"},
		} {
			parameter := map[string]string{"response_types_supported": "response_type", "response_modes_supported": "response_mode", "code_challenge_methods_supported": "code_challenge_method", "prompt_values_supported": "prompt"}[name]
			for _, value := range slices.Concat(list(name), others) {
				got := lan.alone().get(x.request(parameter, value, "scope", "openid"))
				failed := strings.Contains(got.header.Get("Location"), "error=")
				if failed != slices.Contains(others, value) {
					t.Errorf("%s=%s: %d, %s", parameter, value, got.status, got.header.Get("Location"))
				}
			}
		}
		public := d.app(oauth.ClientInput{Public: true})
		for _, method := range []string{"token_endpoint_auth_methods_supported", "revocation_endpoint_auth_methods_supported"} {
			if got := list(method); !slices.Equal(got, []string{"client_secret_post", "client_secret_basic", "none"}) {
				t.Errorf("%s are %v", method, got)
			}
		}
		if got := public.exchange(lan.allow(public)); got.Access == "" {
			t.Errorf("none: %+v", got)
		}
	})
}

// TestAProgramSignsAPersonOut: at once with an ID token of theirs, and after a question otherwise; people are sent to registered addresses alone.
func TestAProgramSignsAPersonOut(t *testing.T) {
	eachDesk(t, func(t *testing.T, d *desk) {
		const home = "https://so.example.vn/tam-biet"
		x := d.app(oauth.ClientInput{Public: true, Logouts: []string{home}})
		lan := d.signedIn(d.Shop, "lan")
		id := x.exchange(lan.allow(x)).ID
		at := func(pairs ...string) string {
			q := url.Values{}
			for i := 0; i+1 < len(pairs); i += 2 {
				q.Set(pairs[i], pairs[i+1])
			}
			return "/connect/endsession?" + q.Encode()
		}
		signedIn := func(want bool) {
			t.Helper()
			if got := lan.get("/console/account").at.Path == "/console/account"; got != want {
				t.Errorf("signed in: %v", got)
			}
		}
		asked := lan.get(at("client_id", x.id, "post_logout_redirect_uri", home, "state", "x")).want(http.StatusOK).has("Đăng xuất khỏi gian hàng")
		lan.get(at("id_token_hint", "x"+id)).has("Đăng xuất khỏi gian hàng")
		lan.get(at()).has("Đăng xuất khỏi gian hàng")
		lan.with("Origin", "https://evil.example").post("/connect/endsession/confirm", url.Values{}).want(http.StatusForbidden)
		owner := d.owner()
		owner.get(at("id_token_hint", id)).has("Đăng xuất khỏi gian hàng")
		signedIn(true)
		if got := lan.submit(asked.form("/connect/endsession/confirm")).want(http.StatusOK).header.Get("Refresh"); got != "0; url="+home+"?state=x" {
			t.Errorf("the person is sent to %q", got)
		}
		signedIn(false)

		for _, uri := range []string{"https://evil.example/", home + "/", appURL, "", "javascript:alert(1)"} {
			lan = d.signedIn(d.Shop, "lan")
			got := lan.alone().get(at("id_token_hint", id, "post_logout_redirect_uri", uri))
			if got.status != http.StatusOK || got.header.Get("Refresh")+got.header.Get("Location") != "" {
				t.Errorf("%q: %d leads to %s", uri, got.status, got.header.Get("Location"))
			}
			got.has("Đã đăng xuất")
			signedIn(false)
		}
		lan = d.signedIn(d.Shop, "lan")
		d.Clock.Advance(2 * 3600) // an ID token that has expired still says who it was
		lan = d.signedIn(d.Shop, "lan")
		if got := lan.alone().get(at("id_token_hint", id, "post_logout_redirect_uri", home, "state", "&x")).header.Get("Location"); got != home+"?state=%26x" {
			t.Errorf("the person is sent to %q", got)
		}
		other := d.app(oauth.ClientInput{Public: true, Name: "Khác"})
		if got := lan.alone().get(at("id_token_hint", id, "client_id", other.id, "post_logout_redirect_uri", home)); got.header.Get("Location") != "" {
			t.Errorf("two clients are named, and the person is sent to %s", got.header.Get("Location"))
		}
	})
}

// TestAnAppIsRegisteredOnTheDesk, with a secret or without, and gets other addresses.
func TestAnAppIsRegisteredOnTheDesk(t *testing.T) {
	eachDesk(t, func(t *testing.T, d *desk) {
		owner := d.owner()
		add := func() *form {
			t.Helper()
			return owner.get(owner.get("/console/connections").link("Thêm ứng dụng đăng nhập")).want(http.StatusOK).form("/console/connections/new/app")
		}
		made := owner.submit(add().set("name", "Web "+hostile, "redirect", appURL+"\r\nhttps://so.example.vn/khac")).want(http.StatusOK).harmless()
		values := made.shown()
		if len(values) != 3 || values[0] != d.Shop.Code || len(values[2]) != 40 {
			t.Fatalf("the page shows %q", values)
		}
		web := &app{desk: d, id: values[1], secret: values[2], redirect: appURL}
		if got := web.exchange(owner.allow(web)); got.Access == "" {
			t.Errorf("it gets %+v", got)
		}
		owner.get("/console/connections/"+web.id).harmless().has("Người đăng nhập", appURL, "https://so.example.vn/khac", "Đổi mã bí mật").hasNot(web.secret)

		shown := owner.submit(add().set("name", "App", "public", "true", "redirect", "vn.example.so:/xong")).want(http.StatusOK).has("vn.example.so:/xong").hasNot("Đổi mã bí mật", "/rotate")
		phone := &app{desk: d, id: strings.TrimPrefix(shown.at.Path, "/console/connections/"), redirect: "vn.example.so:/xong"}
		if got := phone.exchange(owner.allow(phone)); got.Access == "" {
			t.Errorf("it gets %+v", got)
		}
		owner.post("/console/connections/"+phone.id+"/rotate", url.Values{"overlap": {"0"}}).hasNot("ClientSecret")

		edit := owner.get(shown.link("Sửa")).want(http.StatusOK).form("/console/connections/" + phone.id + "/addresses")
		if got := edit.Get("redirect"); got != "vn.example.so:/xong" {
			t.Errorf("the form has %q", got)
		}
		owner.submit(edit.set("redirect", "x")).want(http.StatusUnprocessableEntity).has("x không dùng được")
		owner.submit(edit.set("redirect", "")).want(http.StatusUnprocessableEntity)
		owner.submit(edit.set("redirect", "http://127.0.0.1/moi")).want(http.StatusOK).has("http://127.0.0.1/moi")
		owner.get(phone.request()).want(http.StatusUnprocessableEntity).has("chưa được đăng ký")
		owner.get("/console/connections/" + d.Shop.ClientID + "/addresses").want(http.StatusNotFound)

		for field, filled := range map[string]*form{
			"name": add().set("redirect", appURL), "redirect": add().set("name", "x"), "logout": add().set("name", "x", "redirect", appURL, "logout", "http://so.example.vn/"),
		} {
			if got := owner.submit(filled).want(http.StatusUnprocessableEntity); got.wrong(field) == "" || len(got.shown()) > 0 {
				t.Errorf("%s: %.300s", field, got.text())
			}
		}
		d.Clock.Advance(11 * 60) // the password was given too long ago
		if got := owner.submit(add().set("name", "x", "redirect", appURL)).want(http.StatusUnprocessableEntity); got.wrong("password") == "" {
			t.Errorf("without the password: %.300s", got.text())
		}
		if n := len(owner.get("/console/connections").rows()); n != 3 {
			t.Errorf("there are %s connections", strconv.Itoa(n))
		}
	})
}
