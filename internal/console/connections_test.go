package console_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/taphoa/taphoa/internal/access"
	"github.com/taphoa/taphoa/internal/right"
)

// shown are the values that a page shows once.
func (p *page) shown() (values []string) {
	for _, n := range find(p.root, isCode) {
		values = append(values, textOf(n))
	}
	return values
}

// program is one that calls the API over the network.
type program struct {
	*desk
	id, secret, token string
}

// signIn gets a token, unless the secret is refused.
func (x *program) signIn() bool {
	x.t.Helper()
	answer, err := x.http.Client().PostForm(x.http.URL+"/connect/token", url.Values{
		"grant_type": {"client_credentials"}, "client_id": {x.id}, "client_secret": {x.secret}, "scopes": {"PublicApi.Access"},
	})
	if err != nil {
		x.t.Fatal(err)
	}
	defer answer.Body.Close()
	var got struct {
		Token string `json:"access_token"`
	}
	if err := json.NewDecoder(answer.Body).Decode(&got); err != nil {
		x.t.Fatal(err)
	}
	if got.Token == "" {
		return false
	}
	x.token = got.Token
	return true
}

// call returns the status of a request.
func (x *program) call(method, path, body string) int {
	x.t.Helper()
	r, err := http.NewRequestWithContext(x.t.Context(), method, x.http.URL+path, strings.NewReader(body))
	if err != nil {
		x.t.Fatal(err)
	}
	r.Header.Set("Retailer", x.Shop.Code)
	r.Header.Set("Authorization", "Bearer "+x.token)
	r.Header.Set("Content-Type", "application/json")
	answer, err := x.http.Client().Do(r)
	if err != nil {
		x.t.Fatal(err)
	}
	_ = answer.Body.Close()
	return answer.StatusCode
}

// connect makes a connection in the desk.
func (p *person) connect(name, rights, branch string) (*program, *page) {
	p.t.Helper()
	form := p.get("/console/connections/new").want(http.StatusOK).form("/console/connections")
	made := p.submit(form.set("name", name, "rights", rights, "branch", branch)).want(http.StatusOK)
	values := made.shown()
	if len(values) != 3 || values[0] != p.Shop.Code {
		p.t.Fatalf("the page shows %q", values)
	}
	return &program{desk: p.desk, id: values[1], secret: values[2]}, made
}

const hostile = `"><script>alert(1)</script>'`

// TestAProgramIsConnected by the rights of a cashier of one branch, calls the API with what the page shows once, and is refused what
// a cashier may not do.
func TestAProgramIsConnected(t *testing.T) {
	eachDesk(t, func(t *testing.T, d *desk) {
		owner, branch := d.owner(), strconv.FormatInt(d.ID("branch:CN1"), 10)
		name := "Web bán hàng " + hostile
		form := owner.get("/console/connections/new").want(http.StatusOK).has("Vai trò: Thu ngân", "Người dùng: Nguyễn Thị Lan").form("/console/connections")
		form.set("name", name, "rights", "role:3", "branch", branch)
		made := owner.submit(form).want(http.StatusOK).harmless()
		values := made.shown()
		web := &program{desk: d, id: values[1], secret: values[2]}
		if !strings.Contains(made.text(), "client_secret="+web.secret) || !web.signIn() {
			t.Fatalf("the page shows %q", values)
		}
		if again := owner.submit(form).want(http.StatusOK).shown(); !slices.Equal(again, values) {
			t.Errorf("a form that is sent twice shows %q", again)
		}
		for path, want := range map[string]int{"/invoices": http.StatusOK, "/customers": http.StatusOK, "/webhooks": http.StatusForbidden, "/purchaseorders": http.StatusForbidden} {
			if got := web.call(http.MethodGet, path, ""); got != want {
				t.Errorf("GET %s: %d, not %d", path, got, want)
			}
		}
		for at, want := range map[string]int{"CN1": http.StatusOK, "CN2": http.StatusForbidden} {
			sale := fmt.Sprintf(`{"branchId":%d,"soldById":%d,"invoiceDetails":[{"productId":%d,"productCode":"TRA","quantity":1}]}`, d.ID("branch:"+at), d.ID("user:admin"), d.ID("product:TRA"))
			if got := web.call(http.MethodPost, "/invoices", sale); got != want {
				t.Errorf("it sells at %s: %d", at, got)
			}
		}
		within(t, 5*time.Second, "its use is noted", func() bool { return !strings.Contains(owner.get("/console/connections/"+web.id).text(), "Chưa dùng") })
		list := owner.get("/console/connections").want(http.StatusOK).harmless().has(name, "Thu ngân @ Chi nhánh trung tâm", "Chủ cửa hàng")
		if n := len(list.rows()); n != 2 { // with the one of the API's tests
			t.Errorf("there are %d connections", n)
		}
		for _, path := range []string{"", "/" + web.id, "/" + web.id + "/rotate", "/" + web.id + "/revoke", "/new"} {
			owner.get("/console/connections" + path).want(http.StatusOK).harmless().hasNot(web.secret)
		}
		d.Clock.Advance(91 * 24 * 3600)
		d.owner().get("/console/connections").has("Không dùng từ 90 ngày")
	})
}

func TestAConnectionIsRefusedWhatItCannotBe(t *testing.T) {
	eachDesk(t, func(t *testing.T, d *desk) {
		owner := d.owner()
		form := owner.get("/console/connections/new").form("/console/connections")
		for _, x := range []struct{ field, name, rights, branch string }{
			{"name", "", "owner", ""},
			{"rights", "Web", "", ""},
			{"rights", "Web", "role:x", ""},
			{"rights", "Web", "role:0", ""},
			{"rights", "Web", "everything", ""},
			{"branch", "Web", "owner", strconv.FormatInt(d.ID("branch:CN1"), 10)},
			{"branch", "Web", "role:3", "x"},
			{"", "Web", "role:4711", ""},
			{"", "Web", "role:3", "4711"},
			{"", "Web", "user:4711", ""},
		} {
			got := owner.submit(form.set("name", x.name, "rights", x.rights, "branch", x.branch)).want(http.StatusUnprocessableEntity)
			if x.field != "" && got.wrong(x.field) == "" || len(got.shown()) > 0 {
				t.Errorf("%+v: %.300s", x, got.text())
			}
		}
		if n := len(owner.get("/console/connections").rows()); n != 1 {
			t.Errorf("there are %d connections", n)
		}

		d.Clock.Advance(11 * 60) // the password was given too long ago
		form = owner.get("/console/connections/new").form("/console/connections").set("name", "Web", "rights", "owner")
		if got := owner.submit(form).want(http.StatusUnprocessableEntity); got.wrong("password") == "" || len(got.shown()) > 0 {
			t.Errorf("without the password: %.300s", got.text())
		}
		owner.submit(form.set("password", "sai")).want(http.StatusUnprocessableEntity)
		if got := owner.submit(form.set("password", ownersPassword)).want(http.StatusOK); len(got.shown()) != 3 {
			t.Errorf("with the password: %.300s", got.text())
		}
	})
}

// TestASecretIsChangedWithoutAnInterruption: both count for the time that the owner chooses, or the old one ends at once.
func TestASecretIsChangedWithoutAnInterruption(t *testing.T) {
	eachDesk(t, func(t *testing.T, d *desk) {
		owner := d.owner()
		first, _ := owner.connect("Web", "user:"+strconv.FormatInt(d.ID("user:lan"), 10), "")
		d.give("lan", access.UserRole{Role: right.CashierRole})
		at := "/console/connections/" + first.id
		rotate := func(overlap string) (*program, *form) {
			t.Helper()
			form := owner.get(owner.get(at).link("Đổi mã bí mật")).want(http.StatusOK).form(at+"/rotate").set("overlap", overlap)
			values := owner.submit(form).want(http.StatusOK).shown()
			if len(values) != 3 || values[1] != first.id {
				t.Fatalf("the page shows %q", values)
			}
			return &program{desk: d, id: first.id, secret: values[2]}, form
		}
		second, form := rotate("1")
		if again := owner.submit(form).want(http.StatusOK).shown(); again[2] != second.secret {
			t.Errorf("a form that is sent twice shows %q, and then %q", second.secret, again)
		}
		if first.secret == second.secret || !first.signIn() || !second.signIn() {
			t.Error("not both secrets count")
		}
		owner.get(at).has("Mã bí mật cũ còn dùng đến").hasNot(first.secret, second.secret)
		owner.get(at + "/rotate").has("sẽ hết hiệu lực khi đổi")
		d.Clock.Advance(3601)
		if first.signIn() || !second.signIn() {
			t.Error("after the time the old secret counts, or the new one does not")
		}
		owner = d.owner()
		third, _ := rotate("0")
		if second.signIn() || !third.signIn() || second.call(http.MethodGet, "/invoices", "") != http.StatusUnauthorized || third.call(http.MethodGet, "/invoices", "") != http.StatusOK {
			t.Error("the old secret and its token count, or the new one does not")
		}
		if got := owner.submit(form).want(http.StatusUnprocessableEntity).has("đã được đổi ở nơi khác"); len(got.shown()) > 0 || !third.signIn() {
			t.Error("an old form changes the secret")
		}
		for _, overlap := range []string{"", "x", "-1", "100000"} {
			stale := owner.get(at+"/rotate").form(at+"/rotate").set("overlap", overlap)
			owner.submit(stale).want(http.StatusUnprocessableEntity)
		}
		owner.get(at).has("Nguyễn Thị Lan")
	})
}

func TestAConnectionIsRevokedAtOnce(t *testing.T) {
	eachDesk(t, func(t *testing.T, d *desk) {
		owner := d.owner()
		x, _ := owner.connect("Kho", "owner", "")
		if !x.signIn() || x.call(http.MethodGet, "/products", "") != http.StatusOK {
			t.Fatal("it does not work")
		}
		at := "/console/connections/" + x.id
		page := owner.get(at)
		owner.get(page.link("Thu hồi")).want(http.StatusOK) // without scripts
		d.Clock.Advance(11 * 60)
		asked := owner.submit(page.form(at + "/revoke")).want(http.StatusUnprocessableEntity)
		if x.call(http.MethodGet, "/products", "") != http.StatusOK {
			t.Error("it is revoked without the password")
		}
		owner.submit(asked.form(at+"/revoke").set("password", ownersPassword)).want(http.StatusOK).has("Đã thu hồi")
		if got := x.call(http.MethodGet, "/products", ""); got != http.StatusUnauthorized || x.signIn() {
			t.Errorf("a token of a revoked connection: %d", got)
		}
		owner.get("/console/connections").has("Đã thu hồi")
		owner.get(at + "/rotate").want(http.StatusNotFound)
		owner.post(at+"/rotate", url.Values{"overlap": {"0"}}).want(http.StatusNotFound)
		owner.post(at+"/revoke", url.Values{}).want(http.StatusNotFound)
	})
}

// connects finds what belongs to connections, what they ask for, and webhooks.
var connects = regexp.MustCompile(`/console/(connections|webhooks|deliveries|requests)\b`)

// TestOnlyWhoAdministersTheShopConnects asks each page of connections and webhooks as a manager.
func TestOnlyWhoAdministersTheShopConnects(t *testing.T) {
	eachDesk(t, func(t *testing.T, d *desk) {
		d.sell()
		d.give("lan", access.UserRole{Role: right.ManagerRole})
		lan, asked := d.signedIn(d.Shop, "lan"), 0
		before := d.Digest(d.Shop)
		for _, r := range d.routes() {
			if !connects.MatchString(r.path) {
				continue
			}
			form := url.Values(nil)
			if r.method == http.MethodPost {
				form = url.Values{"name": {"Web"}, "rights": {"owner"}, "overlap": {"0"}, "url": {"https://example.com"}, "type": {"product.update"}, "fromSeq": {"1"}}
			}
			lan.send(r.method, r.path, form).want(http.StatusForbidden).hasNot("erp.taphoa.vn", d.Shop.ClientID)
			asked++
		}
		if asked < 20 {
			t.Errorf("%d routes were asked", asked)
		}
		if differs := before.Differs(d.Digest(d.Shop)); differs != nil {
			t.Errorf("something has changed: %v", differs)
		}
		lan.get("/console/account").hasNot("/console/connections", "/console/webhooks")
		if other := d.signedIn(d.OtherShop, ""); other.get("/console/connections/"+d.Shop.ClientID).status != http.StatusNotFound {
			t.Error("another shop sees the connection")
		}
	})
}
