package console_test

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/taphoa/taphoa/internal/access"
	"github.com/taphoa/taphoa/internal/api"
	"github.com/taphoa/taphoa/internal/apitest"
	"github.com/taphoa/taphoa/internal/console"
	"github.com/taphoa/taphoa/internal/db"
	"github.com/taphoa/taphoa/internal/dbtest"
	"github.com/taphoa/taphoa/internal/oauth"
	"github.com/taphoa/taphoa/internal/right"
)

// withPIN is a person who sets a PIN in the browser.
func (p *person) withPIN(pin string) *person {
	p.t.Helper()
	at := "/console/account/pin"
	p.submit(p.get(at).want(http.StatusOK).form(at).set("pin", pin, "again", pin)).want(http.StatusOK).has("Đổi mã PIN").hasNot(pin)
	return p
}

// TestAPINIsSetAndRemoved, by who knows the password.
func TestAPINIsSetAndRemoved(t *testing.T) {
	eachDesk(t, func(t *testing.T, d *desk) {
		owner, at := d.owner(), "/console/account/pin"
		form := func() *form { return owner.get(at).want(http.StatusOK).form(at) }
		for pin, where := range map[string]string{"": "new-pin", "123456": "new-pin", "12345": "new-pin", "abcdef": "new-pin", "111222x": "new-pin"} {
			page := owner.submit(form().set("pin", pin, "again", pin)).want(http.StatusUnprocessableEntity)
			if page.wrong(where) == "" && !strings.Contains(page.text(), "PIN") {
				t.Errorf("%q is refused with %s", pin, page.text())
			}
		}
		if page := owner.submit(form().set("pin", "804215", "again", "804216")).want(http.StatusUnprocessableEntity); page.wrong("again") == "" {
			t.Error("two PINs that differ are not refused at the field")
		}
		owner.withPIN("804215")
		d.Clock.Advance(11 * 60)
		asked := owner.submit(form().set("pin", "962738", "again", "962738")).want(http.StatusUnprocessableEntity).hasNot("962738")
		if asked.wrong("password") == "" {
			t.Errorf("the password is not asked for: %s", asked.text())
		}
		owner.submit(asked.form(at).set("pin", "962738", "again", "962738", "password", ownersPassword)).want(http.StatusOK)
		owner.post(at, url.Values{"do": {"remove"}}).want(http.StatusOK).has("Đặt mã PIN").hasNot("Bỏ mã PIN")
		owner.with("X-Forwarded-For", "203.0.113.7").post(at, url.Values{"do": {"set"}, "pin": {"804215"}, "again": {"804215"}}).want(http.StatusForbidden).has("Chỉ đăng nhập qua https")
	})
}

// TestAnotherPersonAllowsOnTheSpot: a cashier voids an invoice with the PIN of the manager, once, and the log has both names.
func TestAnotherPersonAllowsOnTheSpot(t *testing.T) {
	apitest.Each(t, func(t *testing.T, s *apitest.Server) {
		log := new(dbtest.Log)
		d := openDesk(t, s, httptest.NewServer, console.Options{Log: log.Logger()})
		d.sell()
		invoice := "/console/invoices/" + strconv.FormatInt(d.ID("invoice:HD000001"), 10)
		remove := invoice + "/remove"
		here, there := d.ID("branch:CN1"), d.ID("branch:CN2")
		d.give("lan", access.UserRole{Role: cashier, Branch: here}, access.UserRole{Role: 6, Branch: here})
		lan := d.signedIn(d.Shop, "lan")
		lan.get(invoice).want(http.StatusOK).hasNot(remove)
		lan.get(remove).want(http.StatusForbidden).has("Không ai ở đây có quyền này")
		elsewhere := d.hire("xa", "Chú Xa", access.UserRole{Role: right.ManagerRole, Branch: there}).withPIN("730281")
		_ = elsewhere
		d.hire("khongquyen", "Bạn Thu", access.UserRole{Role: cashier, Branch: here}).withPIN("730281")
		lan.get(invoice).want(http.StatusOK).hasNot(remove)
		d.hire("huong", "Chị Hương", access.UserRole{Role: right.ManagerRole, Branch: here}).withPIN("804215")

		page := lan.get(lan.get(invoice).want(http.StatusOK).link("Hủy hóa đơn")).want(http.StatusForbidden).has("Cần người có quyền cho phép", "Chị Hương").hasNot("Chú Xa", "Bạn Thu")
		form := page.form(remove)
		huong := form.Get("approver")
		lan.with("X-Forwarded-For", "203.0.113.7").post(remove, form.set("pin", "804215").Values).want(http.StatusForbidden).has("Chỉ đăng nhập qua https")
		lan.post(remove, url.Values{}).want(http.StatusForbidden).has("Cần người có quyền cho phép")
		none := lan.submit(form.set("pin", "")).want(http.StatusUnprocessableEntity)
		other := lan.submit(none.form(remove).set("approver", strconv.FormatInt(d.ID("user:xa"), 10), "pin", "730281")).want(http.StatusUnprocessableEntity)
		if none.wrong("pin") == "" || other.wrong("approver") == "" {
			t.Errorf("without a PIN %q, by who may not %q", none.wrong("pin"), other.wrong("approver"))
		}
		for try := range 5 {
			wrong := lan.submit(form.set("approver", huong, "pin", "123987")).want(http.StatusUnprocessableEntity).hasNot("123987")
			if !strings.Contains(wrong.wrong("pin"), "Mã PIN không đúng") {
				t.Errorf("try %d: %s", try, wrong.text())
			}
		}
		locked := lan.submit(form.set("pin", "804215")).want(http.StatusUnprocessableEntity).hasNot("804215")
		if !strings.Contains(locked.wrong("pin"), "bị khóa") {
			t.Errorf("the right PIN after five wrong ones: %s", locked.text())
		}
		lan.get(invoice).has("Hoàn thành")
		d.Clock.Advance(16 * 60)
		voided := lan.submit(form.set("pin", "804215")).want(http.StatusOK).has("Đã hủy").hasNot("804215", remove)
		if said := voided.notices(); !strings.Contains(said, "Chị Hương đã cho phép Nguyễn Thị Lan") {
			t.Errorf("the page says %q", said)
		}
		lines := log.Lines("approved on the spot")
		if len(lines) != 1 || lines[0]["user"] != "lan" || lines[0]["approver"] != "Chị Hương" || lines[0]["operation"] != "deleteInvoiceById" || lines[0]["id"] == "" {
			t.Errorf("the log has %v", lines)
		}
		d.owner().get("/console/audit?operation=deleteInvoiceById").want(http.StatusOK).has("Nguyễn Thị Lan", "Chị Hương cho phép", "HD000001")
		before := d.Digest(d.Shop)
		lan.submit(form.set("pin", "804215")).want(http.StatusOK).has("Đã hủy") // the same form again
		if differs := before.Differs(d.Digest(d.Shop)); slices.ContainsFunc(differs, func(what string) bool { return !strings.Contains(what, "access_") }) {
			t.Errorf("the second time changes %v", differs)
		}
		if strings.Contains(log.String(), "804215") || strings.Contains(log.String(), "123987") {
			t.Error("a PIN is in the log")
		}
	})
}

// TestAFormIsAllowedOnTheSpot: what was typed stays while another person allows it, and is saved once.
func TestAFormIsAllowedOnTheSpot(t *testing.T) {
	eachDesk(t, func(t *testing.T, d *desk) {
		d.give("lan", access.UserRole{Role: cashier, Branch: d.ID("branch:CN1")})
		lan, owner := d.signedIn(d.Shop, "lan"), d.owner().withPIN("804215")
		refused := lan.post("/console/products", url.Values{"name": {"Nước mắm"}, "basePrice": {"45.000"}, "key": {"khoa-cua-mau"}}).want(http.StatusForbidden)
		refused.has("Thêm và sửa hàng hóa", "Cần người có quyền cho phép")
		form := refused.form("/console/products")
		if form.Get("name") != "Nước mắm" || form.Get("key") == "" || form.Get("approver") == "" {
			t.Fatalf("the form is %v", form.Values)
		}
		wrong := lan.submit(form.set("pin", "000999")).want(http.StatusUnprocessableEntity).hasNot("000999")
		form = wrong.form("/console/products")
		if !strings.Contains(wrong.wrong("pin"), "không đúng") || form.Get("name") != "Nước mắm" {
			t.Errorf("%q, and the form is %v", wrong.wrong("pin"), form.Values)
		}
		for range 2 {
			lan.submit(form.set("pin", "804215")).want(http.StatusOK).has("Nước mắm")
		}
		if rows := owner.get("/console/products?q=" + url.QueryEscape("Nước mắm")).rows(); len(rows) != 1 {
			t.Errorf("there are %v", rows)
		}
		tra := "/console/products/" + strconv.FormatInt(d.ID("product:TRA"), 10)
		form = lan.post(tra, owner.get(tra).form(tra).set("unit", "bịch").Values).want(http.StatusForbidden).form(tra)
		lan.submit(form.set("pin", "804215")).want(http.StatusOK).has("bịch")
		made := owner.get("/console/products?q=" + url.QueryEscape("Nước mắm")).rowLinks()[0]
		form = lan.post(made+"/remove", url.Values{}).want(http.StatusForbidden).form(made + "/remove")
		lan.submit(form.set("pin", "804215")).want(http.StatusOK)
		lan.get(made).want(http.StatusNotFound)

		// Who administers is asked for the password, and not for a PIN; a session that ends keeps no PIN.
		reads := d.hire("xem", "Cô Xem", access.UserRole{Role: 6})
		admin := strconv.FormatInt(d.ID("user:lan"), 10)
		reads.post("/console/users", url.Values{"givenName": {"Kẻ gian"}, "approver": {admin}, "lacks": {"administer"}, "pin": {"804215"}}).want(http.StatusForbidden).hasNot("approver", "Kẻ gian")
		d.visitor().post("/console/products", url.Values{"name": {"Mì"}, "pin": {"804215"}}).want(http.StatusUnauthorized).has("Mì").hasNot("804215")
	})
}

// TestAPINIsNoPassword: what asks for the password is not allowed by a PIN, whoever asks the API for it.
func TestAPINIsNoPassword(t *testing.T) {
	eachDesk(t, func(t *testing.T, d *desk) {
		ctx := t.Context()
		d.give("lan", access.UserRole{Role: cashier})
		lan, _ := d.signedIn(d.Shop, "lan"), d.owner().withPIN("804215")
		people := access.New(d.DB, access.Options{})
		session, found, err := people.Authenticate(ctx, lan.cookie("taphoa"))
		if err != nil || !found {
			t.Fatal(err)
		}
		owner := int64(0)
		d.As(d.Shop).Read(func(tx *db.Tx) error {
			account, err := access.FindOwner(tx)
			owner = account.User
			return err
		})
		for operation, want := range map[string]right.Right{"(createUser)": right.Administer, "createProduct": right.Anyone} {
			secret, err := people.Approve(ctx, session, owner, "804215", operation, api.Needs(operation))
			if err != nil {
				t.Fatal(err)
			}
			who := oauth.Identity{ClientID: "console:1", Retailer: session.Retailer, User: session.User, Scopes: []string{oauth.ScopePublic, oauth.ScopeAdmin}, Held: session.Held}
			ask := api.Call{Operation: operation, Body: []byte(`{"name":"Nước mắm","userName":"kegian","givenName":"Kẻ gian"}`), Approval: secret}
			_, err = d.Handler.(*api.Server).Do(ctx, who, ask)
			missing := (*right.Missing)(nil)
			if errors.As(err, &missing); want != right.Anyone && (missing == nil || missing.Right != want) || want == right.Anyone && err != nil {
				t.Errorf("%s: %v", operation, err)
			}
			if _, err = d.Handler.(*api.Server).Do(ctx, who, ask); err == nil {
				t.Errorf("%s is done twice by one PIN", operation)
			}
		}
	})
}
