package webhook_test

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/taphoa/taphoa"
	"github.com/taphoa/taphoa/internal/db"
	"github.com/taphoa/taphoa/internal/dbtest"
	"github.com/taphoa/taphoa/internal/webhook"
)

// basic returns the header that net/http sends to a URL with user and password.
func basic(user, password string) string {
	return "Basic " + base64.StdEncoding.EncodeToString([]byte(user+":"+password))
}

// shownOf returns all that a shop's clients see of webhooks, as JSON.
func (s shop) shownOf(id int64) string {
	s.Helper()
	var all []any
	s.read(func(tx *db.Tx) error {
		listed, err := webhook.List(tx, &taphoa.WebhookQuery{Paging: taphoa.Paging{PageSize: 100, OrderBy: "url"}})
		if err != nil {
			return err
		}
		dead, err := webhook.ListDead(tx, &taphoa.DeliveryQuery{Paging: taphoa.Paging{PageSize: 100}})
		if err != nil {
			return err
		}
		log, err := webhook.ListDeliveriesOf(tx, &taphoa.DeliveryQuery{Paging: taphoa.Paging{PageSize: 100, OrderBy: "url"}, WebhookID: id})
		if err != nil {
			return err
		}
		all = append(all, listed, dead, log)
		for _, d := range log.Data {
			one, err := webhook.GetDelivery(tx, &taphoa.WebhookByDelivery{ID: d.ID})
			if err != nil {
				return err
			}
			all = append(all, one)
		}
		return nil
	})
	text, err := json.Marshal(all)
	if err != nil {
		s.Fatal(err)
	}
	return string(text)
}

// TestUserAndPasswordOfAURLReachTheReceiverAlone has receivers that echo what they get, in a body and instead of HTTP.
func TestUserAndPasswordOfAURLReachTheReceiverAlone(t *testing.T) {
	eachShop(t, func(s shop) {
		s.set("WebhookVendorRetries", "true")
		echo := func(w http.ResponseWriter, r *http.Request) {
			user, password, _ := r.BasicAuth()
			w.Header().Set("Location", "http://"+user+":"+password+"@127.0.0.1:1/%zz")
			w.WriteHeader(map[string]int{"/ok": 200, "/moved": 302, "/stop": 401, "/fails": 500}[r.URL.Path])
			fmt.Fprintf(w, "%s%s %s %s", strings.Repeat("x", 970), r.Header.Get("Authorization"), user, password)
		}
		noHTTP := func(w http.ResponseWriter, r *http.Request) {
			user, password, _ := r.BasicAuth()
			raw(r.Header.Get("Authorization")+" "+user+password+"\r\n\r\n", -1)(w, r)
		}
		var log dbtest.Log
		want := basic("bà lan", "mật/kh@u+1")
		const userinfo = "b%C3%A0%20lan:m%E1%BA%ADt%2Fkh%40u+1"
		ids := map[int64]*receiver{}
		for path, answer := range map[string]http.HandlerFunc{"/ok": echo, "/moved": echo, "/stop": echo, "/fails": echo, "/bad": noHTTP} {
			r := newReceiver(s.T, answer)
			id := s.register(strings.Replace(r.URL, "://", "://"+userinfo+"@", 1) + path)
			if ids[id] = r; s.registration(id).URL != r.URL+path {
				s.Errorf("the URL is %s", s.registration(id).URL)
			}
		}
		s.emit(1)
		s.startDeliverer(webhook.Options{Log: log.Logger()})
		for id, r := range ids {
			s.until("it is tried", func() bool { return len(s.log(id)) > 0 })
			if got := r.all()[0].header.Get("Authorization"); got != want {
				s.Errorf("%s got %q, want %q", r.URL, got, want)
			}
			shown := s.shownOf(id)
			for _, secret := range []string{userinfo, "bà lan", "b%C3", "mật", "kh@u", "m%E1", strings.TrimPrefix(want, "Basic ")[:10]} {
				if at := strings.Index(shown+log.String(), secret); at >= 0 {
					s.Errorf("%s shows %q: …%s", s.registration(id).URL, secret, (shown + log.String())[max(0, at-200):at])
				}
			}
		}
	})
}

func TestCredentialsStayWithTheirHost(t *testing.T) {
	eachShop(t, func(s shop) {
		stored := func(id int64) (credentials string) {
			s.read(func(tx *db.Tx) (err error) {
				credentials, _, err = db.One[string](tx, `SELECT COALESCE(credentials, '-') FROM webhooks WHERE retailer_id = :retailer AND id = ?`, id)
				return err
			})
			return credentials
		}
		put := func(id int64, to string) {
			s.Helper()
			in := taphoa.WebhookInput{ID: id, Webhook: &taphoa.WebhookWrite{URL: taphoa.Some(to)}}
			if err := in.Validate(); err != nil {
				s.Fatal(err)
			}
			s.write(func(tx *db.Tx) error { _, err := webhook.Update(tx, &in); return err })
		}
		id := s.register("https://a:1@shop.vn/hook")
		for _, step := range []struct{ do, to, want string }{
			{"POST", "https://shop.vn/hook", "a:1"},
			{"POST", "https://b:2@shop.vn/hook", "b:2"},
			{"POST", "https://shop.vn/hook", "b:2"},
			{"POST", "https://@shop.vn/hook", "-"},
			{"POST", "https://c%3A:3@shop.vn/hook", "c%3A:3"},
			{"PUT", "https://shop.vn/hook?a=b@c", "c%3A:3"},
			{"PUT", "https://SHOP.vn:443/hook", "c%3A:3"},
			{"PUT", "https://shop.vn/other", "-"}, // perhaps of another customer of shop.vn
			{"PUT", "https://c%3A:3@shop.vn/hook", "c%3A:3"},
			{"PUT", "https://shop.vn:8443/hook", "-"},
			{"PUT", "https://d@shop.vn:8443/", "d"},
			{"PUT", "http://shop.vn:8443/", "-"},
			{"PUT", "http://:x@shop.vn:8443/", ":x"},
			{"PUT", "http://shop.vn.:8443/", "-"},
			{"PUT", "http://e:5@shop.vn/", "e:5"},
			{"PUT", "http://e:5@evil.vn/", "e:5"},
			{"PUT", "http://shop.vn/", "-"},
			{"PUT", "http://f:@shop.vn/", "f:"},
			{"PUT", "http://@shop.vn/", "-"},
			{"PUT", "https://a:1@shop.vn/hook", "a:1"},
		} {
			if step.do == "PUT" {
				put(id, step.to)
			} else if again := s.register(step.to); again != id {
				s.Errorf("%s is registered as %d", step.to, again)
			}
			if got := stored(id); got != step.want {
				s.Errorf("after %s %s the credentials are %q, want %q", step.do, step.to, got, step.want)
			}
		}
		s.change(id, taphoa.WebhookWrite{Description: taphoa.Some("x"), IsActive: taphoa.Some(false)})
		if got := stored(id); got != "a:1" {
			s.Errorf("another change leaves %q", got)
		}
	})
}

func TestAnUnreadableURLIsNotRepeated(t *testing.T) {
	for _, to := range []string{
		"https://lan:mat/khau@shop.vn/", "https://lan:mat?khau@shop.vn/", "https://lan:mat#khau@shop.vn/", "https://lan:12/khau@shop.vn/",
		"https://lan:1?khau@shop.vn", "https://lan:mat%khau@shop.vn/", "https://lan:mat khau@shop.vn/", "https://lan:mat<khau@shop.vn/",
		"https://lan:khau@shop.vn:70000/", "https://lan:99999/khau@shop.vn", "lan:khau@shop.vn", "ftp://lan:khau@shop.vn/",
		"https://lan:mật-khau@shop.vn/", "https://lan:khau@/hook", "https://lan:khau\x00@shop.vn/", "https://lan:[khau@shop.vn/",
	} {
		in := taphoa.WebhookInput{WebhookWrite: taphoa.WebhookWrite{URL: taphoa.Some(to)}}
		if err := in.Validate(); err == nil || strings.Contains(err.Error(), "khau") || strings.Contains(err.Error(), "lan") || strings.Contains(err.Error(), "9999") {
			t.Errorf("%s: %v", to, err)
		}
	}
	for _, to := range []string{ // whose @ is behind the host
		"https://shop.vn/@lan", "https://shop.vn:8443/?mail=a@b.vn", "http://localhost:3000/hook?mail=a@b.vn", "https://1.2.3.4:80/@", "http://web/@lan",
	} {
		in := taphoa.WebhookInput{WebhookWrite: taphoa.WebhookWrite{URL: taphoa.Some(to)}}
		if err := in.Validate(); err != nil {
			t.Errorf("%s: %v", to, err)
		}
	}
}

// TestCredentialsOfEarlierVersionsAreMoved compares with the header that was sent before.
func TestCredentialsOfEarlierVersionsAreMoved(t *testing.T) {
	urls := []string{
		"http://lan:x%40y%2Fz@HOST/a", "http://a@b:c@HOST/b?m=x@y", "http://token@HOST/c", "http://@HOST/d", "http://:p@HOST/e#f@g",
		"http://%E1%BA%AD%00:%ff@HOST/f", "http://HOST/g?mail=a@b", "http://HOST/@h", "HTTP://u:P@HOST/i",
	}
	eachUnmigrated(t, func(s shop) {
		r := newReceiver(s.T, nil)
		script := `
			INSERT INTO retailers (retailer_id, code, code_key, name, created_date) VALUES (1, 's', 's', 'S', 1);
			INSERT INTO shop_heads (retailer_id, at, last_seq, told, kept) VALUES (1, 1, 0, 0, 0);
			INSERT INTO idempotency_keys (retailer_id, client_id, idempotency_key, fingerprint, status, answer, created_date) VALUES
				(1, 'c', 'k1', '', 200, '{"id":1,"type":"customer.update","url":"https://lan:mk@shop.vn/a@b","isActive":true}', 1),
				(1, 'c', 'k2', '', 200, '{"id":2,"url":"https://shop.vn/?a=lan@mk","description":"x@y"}', 1);`
		wanted := map[string]string{} // headers by path
		for i, text := range urls {
			text = strings.Replace(text, "HOST", strings.TrimPrefix(r.URL, "http://"), 1)
			script += fmt.Sprintf(`INSERT INTO webhooks (retailer_id, id, type, url, is_active, created_date, done_seq)
				VALUES (1, %d, 'customer.update', '%s', TRUE, 1, 0);`, i+1, text)
			u, err := url.Parse(text)
			if err != nil {
				s.Fatal(err)
			}
			if wanted[u.Path] = ""; u.User != nil {
				password, _ := u.User.Password()
				wanted[u.Path] = basic(u.User.Username(), password)
			}
		}
		s.migrateFrom("0040", script+`
			INSERT INTO webhooks (retailer_id, id, type, url, is_active, created_date, deleted_at, done_seq)
			VALUES (1, 100, 'customer.update', 'https://lan:mk@shop.vn/', FALSE, 1, 1, 0);
			INSERT INTO webhook_deliveries (retailer_id, id, webhook_id, first_seq, last_seq, attempt, outcome, duration, at)
			VALUES (1, 1, 100, 1, 1, 1, 'failed', 1, 1);`)
		s.startDeliverer(webhook.Options{})
		s.emit(1)
		s.until("all are delivered", func() bool { return len(r.all()) == len(urls) })
		for _, g := range r.all() {
			path, _, _ := strings.Cut(g.path, "?")
			if got := g.header.Get("Authorization"); got != wanted[path] {
				s.Errorf("%s gets %q, and got %q before", path, got, wanted[path])
			}
		}
		shown := s.shownOf(100)
		s.read(func(tx *db.Tx) error {
			answers, err := db.All[string](tx, `SELECT answer FROM idempotency_keys WHERE retailer_id = :retailer ORDER BY idempotency_key`)
			shown += strings.Join(answers, "")
			return err
		})
		for _, secret := range []string{"lan:", "mk@shop", "x%40y", "token", "a@b:c", ":p@", "%E1"} {
			if strings.Contains(shown, secret) {
				s.Errorf("%q is shown in %s", secret, shown)
			}
		}
		for _, kept := range []string{"/b?m=x@y", "/e#f@g", "/g?mail=a@b", "/@h", `"https://shop.vn/a@b"`, `"https://shop.vn/?a=lan@mk","description":"x@y"`} {
			if !strings.Contains(shown, kept) {
				s.Errorf("%q is not shown in %s", kept, shown)
			}
		}
	})
}

// TestEchoesOfCredentialsAreHidden has receivers that send back what they got, and errors that quote it.
func TestEchoesOfCredentialsAreHidden(t *testing.T) {
	const credentials = "lan:m%E1%BA%ADt%22kh%C3%A9u%5C%0A@b" // lan, mật"khéu\⏎@b
	password := "mật\"khéu\\\n@b"
	for _, echo := range []string{
		password, "lan:" + password, fmt.Sprintf("%q", password), fmt.Sprintf("%+q", password), url.QueryEscape(password), url.PathEscape(password),
		base64.StdEncoding.EncodeToString([]byte("lan:" + password)), base64.RawStdEncoding.EncodeToString([]byte("lan:" + password)),
		base64.RawURLEncoding.EncodeToString([]byte(password)), `{"p":"mật\"khéu\\\n@b"}`, credentials,
	} {
		shown := webhook.Hide(credentials, "sent: "+echo+" and more")
		if !strings.Contains(shown, "***") || strings.Contains(shown, "kh") || strings.Contains(shown, "bGF") || !strings.HasPrefix(shown, "sent: ") {
			t.Errorf("%s is shown as %s", echo, shown)
		}
	}
	if shown := webhook.Hide("", "no such host"); shown != "no such host" {
		t.Errorf("without credentials %q is shown", shown)
	}
}

// TestAGuessOfASecretIsNotConfirmed: a change is shown whether what is given is what is stored or not.
func TestAGuessOfASecretIsNotConfirmed(t *testing.T) {
	eachShop(t, func(s shop) {
		id := s.register("https://a:1@shop.vn/hook")
		for _, in := range []taphoa.WebhookWrite{
			{Secret: taphoa.Some("đúng")},
			{Secret: taphoa.Some("đúng")},
			{Secret: taphoa.Some("sai")},
			{URL: taphoa.Some("https://a:1@shop.vn/hook")},
			{URL: taphoa.Some("https://a:2@shop.vn/hook")},
		} {
			s.clock.Advance(5)
			var got taphoa.Webhook
			s.write(func(tx *db.Tx) (err error) {
				got, err = webhook.Update(tx, &taphoa.WebhookInput{ID: id, WebhookWrite: in})
				return err
			})
			if got.ModifiedDate.Value != s.clock.Now() {
				s.Errorf("%+v is changed at %v", in, got.ModifiedDate)
			}
		}
	})
}
