package console_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"path"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"golang.org/x/net/html"

	"github.com/taphoa/taphoa/internal/access"
	"github.com/taphoa/taphoa/internal/apitest"
	"github.com/taphoa/taphoa/internal/console"
	"github.com/taphoa/taphoa/internal/right"
)

const cashier = 3 // the id of the role

func (d *desk) userPath(name string) string {
	return "/console/users/" + strconv.FormatInt(d.ID("user:"+name), 10)
}

// hire adds a user with roles.
func (d *desk) hire(userName, givenName string, roles ...access.UserRole) *person {
	d.t.Helper()
	d.create("/users", `{"userName":`+quoted(userName)+`,"givenName":`+quoted(givenName)+`}`)
	d.give(userName, roles...)
	return d.signedIn(d.Shop, userName)
}

// costly are what only who holds the rights may read: the cost of TRA2, and how much Chị Nợ may owe, has bought and owes.
var costly = []string{"13.579", "13579", "7.654.321", "7654321", "Giá vốn", "Nợ hiện tại", "Hạn mức nợ", "Tổng bán"}

func (d *desk) costly() (product, customer string) {
	d.t.Helper()
	product = d.create("/products", fmt.Sprintf(`{"code":"TRA2","name":"Trà đen","basePrice":49383,"allowsSale":true,"inventories":[{"branchId":%d,"cost":13579,"onHand":10}]}`, d.ID("branch:CN1")))
	customer = d.create("/customers", `{"code":"NO","name":"Chị Nợ","debtLimit":7654321}`)
	d.create("/invoices", fmt.Sprintf(`{"branchId":%d,"customerId":%s,"invoiceDetails":[{"productCode":"TRA2","productId":%s,"quantity":2,"price":49383}]}`,
		d.ID("branch:CN1"), customer, product))
	return product, customer
}

// TestARoleThatMayNotSeeCost: the owner makes a role in the browser and gives it to Lan at one branch. Neither cost nor debts are
// anywhere in what the desk sends her, whatever she asks for.
func TestARoleThatMayNotSeeCost(t *testing.T) {
	eachDesk(t, func(t *testing.T, d *desk) {
		product, customer := d.costly()
		owner := d.owner()
		owner.get("/console/products/"+product).want(http.StatusOK).has("Giá vốn", "13.579")
		owner.get("/console/customers").want(http.StatusOK).has("Nợ hiện tại", "98.766")

		form := owner.get("/console/roles/new").want(http.StatusOK).has("Xem giá vốn", "Khách hàng và nhà cung cấp").form("/console/roles")
		for _, key := range []string{"products.see", "products.change", "customers.see", "customers.change", "invoices.see"} {
			form.Set(key, "true")
		}
		owner.submit(form.set("name", "Ca tối")).want(http.StatusOK).has("Ca tối")
		role := path.Base(owner.get("/console/roles").link("Ca tối"))
		roles := owner.get(d.userPath("lan")).has("Chưa có vai trò nào").link("Sửa vai trò")
		form = owner.get(roles).want(http.StatusOK).has("Nơi làm việc").form(roles)
		form.set("role", role, "branch", strconv.FormatInt(d.ID("branch:CN1"), 10))
		owner.submit(form).want(http.StatusOK).has("Ca tối")

		lan := d.signedIn(d.Shop, "lan")
		lan.setCookie("taphoa-columns-customers", "code.name.debt.totalRevenue.totalInvoiced")
		if got := lan.get("/console/").at.Path; got != "/console/invoices" {
			t.Errorf("home is %s", got)
		}
		for _, at := range []string{
			"/console/products", "/console/products/" + product, "/console/products/new", "/console/customers", "/console/customers/" + customer,
			"/console/customers?sort=debt&direction=desc", "/console/customers?sort=debt&q=N", "/console/invoices", "/console/search?q=tra", "/console/search?q=N",
			"/console/invoices?q=NO", "/console/customers/new", "/console/nowhere", "/console/account",
		} {
			lan.get(at).hasNot(costly...)
			lan.with("Hx-Request", "true", "Hx-Target", "records").get(at).hasNot(costly...)
			lan.with("Accept-Language", "en").get(at).hasNot(costly[:4]...).hasNot("Debt now", "Cost")
		}
		if got := lan.get("/console/customers?sort=debt&direction=desc").want(http.StatusOK).column(0); !slices.Equal(got, lan.get("/console/customers").column(0)) {
			t.Errorf("sorted by what she may not see: %v", got)
		}
		page := lan.get("/console/customers").want(http.StatusOK)
		if heads := page.heads(); !slices.Equal(heads, []string{"Mã khách hàng", "Tên khách hàng"}) {
			t.Errorf("the columns are %q", heads)
		}
		if strings.Contains(page.body, "sort=debt") || len(find(page.root, func(n *html.Node) bool { return n.Data == "tfoot" })) > 0 {
			t.Error("the list sorts by debts, or has their sum")
		}
		page.hasNot("/console/users", "/console/roles", "Thêm người dùng")

		// What she saves leaves alone what she does not see.
		saved := lan.get("/console/customers/" + customer).form("/console/customers/" + customer)
		lan.submit(saved.set("comments", "gọi lại", "debtLimit", "1", "was.debtLimit", "2")).want(http.StatusOK)
		if got := d.record("/customers/" + customer); !strings.Contains(got, `"debtLimit":7654321`) || !strings.Contains(got, "gọi lại") {
			t.Errorf("the customer is %s", got)
		}
		lan.submit(lan.get("/console/customers/new").form("/console/customers").set("name", "Mới", "code", "MOI", "debtLimit", "5")).want(http.StatusOK)
		if got := d.record("/customers/code/MOI"); strings.Contains(got, `"debtLimit"`) {
			t.Errorf("the new customer is %s", got)
		}
	})
}

// TestAPageTellsNothingOfWhatAPersonDoesNotSee: a stream of Lan, who may not see everything, says that her own list has changed, and
// no number of an event.
func TestAPageTellsNothingOfWhatAPersonDoesNotSee(t *testing.T) {
	eachDesk(t, func(t *testing.T, d *desk) {
		d.give("lan", access.UserRole{Role: cashier, Branch: d.ID("branch:CN1")})
		lan := d.signedIn(d.Shop, "lan")
		hoa := strconv.FormatInt(d.ID("customer:KH-HOA"), 10)
		page := lan.get("/console/customers?q=KH-HOA").want(http.StatusOK)
		live := attribute(page.byID("records"), "data-live")
		if !strings.Contains(live, "&mark=") || strings.Contains(live, "after=") {
			t.Fatalf("the page follows %s", live)
		}
		kinds := strings.TrimPrefix(live, "/console/live?kinds=")
		lines := lan.stream(kinds)
		if id, _ := next(lines, "id:", 5*time.Second); len(id) != len("id: 0123456789abcdef") {
			t.Errorf("the stream begins with %q", id)
		}
		d.create("/customers", `{"name":"Không phải của danh sách này"}`)
		if line, _ := next(lines, "event:", 2500*time.Millisecond); line != "" {
			t.Errorf("she is told of what she does not see: %q", line)
		}
		d.change("/customers/"+hoa, `{"address":"5 Hàng Mã"}`)
		if line, _ := next(lines, "event: changed", 5*time.Second); line == "" {
			t.Error("she is not told of what she sees")
		}
		if line, _ := next(lan.stream(kinds), "event: changed", 5*time.Second); line == "" {
			t.Error("she is not told of what changed since the page was drawn")
		}
		for _, list := range []string{"", "/console/users", "/console/nothing", "https://evil.example/console/customers", "%zz", "/console/customers/1"} {
			query := url.Values{"kinds": {"customer.update"}, "list": {list}}
			if answer := lan.get("/console/live?" + query.Encode()); answer.status != http.StatusNotFound && answer.status != http.StatusForbidden {
				t.Errorf("the list %q: %d", list, answer.status)
			}
		}
		d.give("lan") // the stream ends with the role
		if _, open := next(lines, "never", 8*time.Second); open {
			t.Error("the stream goes on without the role")
		}
	})
}

// TestRolesAreMadeAndRemoved goes through the pages of roles.
func TestRolesAreMadeAndRemoved(t *testing.T) {
	eachDesk(t, func(t *testing.T, d *desk) {
		owner := d.owner()
		owner.get("/console/roles").want(http.StatusOK).has("Chủ cửa hàng", "Thu ngân", "Có sẵn")
		owner.get("/console/roles/1").want(http.StatusOK).has("có mọi quyền và không sửa được", "Xem giá vốn")
		owner.post("/console/roles/1", url.Values{"name": {"Ông chủ"}}).want(http.StatusUnprocessableEntity)
		owner.get("/console/roles/9999").want(http.StatusNotFound)

		// A built-in role gets discounts, and keeps its name in both languages.
		form := owner.with("Accept-Language", "en").get("/console/roles/3").want(http.StatusOK).has("Cashier").form("/console/roles/3")
		if form.Get("name") != "Cashier" || form.Get("invoices.create") != "true" || form.Get("invoices.void") != "" {
			t.Errorf("the form is %v", form.Values)
		}
		wrong := owner.submit(form.set("sales.discount", "true", "percent", "abc", "amount", "50.000")).want(http.StatusUnprocessableEntity)
		if wrong.wrong("percent") == "" || wrong.form("/console/roles/3").Get("percent") != "abc" || wrong.form("/console/roles/3").Get("sales.discount") != "true" {
			t.Errorf("what was typed is not there again: %q", wrong.wrong("percent"))
		}
		owner.with("Accept-Language", "en").submit(wrong.form("/console/roles/3").set("percent", "12,5")).want(http.StatusOK)
		form = owner.get("/console/roles/3").form("/console/roles/3")
		if form.Get("name") != "Thu ngân" || form.Get("percent") != "12,5" || form.Get("amount") != "50.000" {
			t.Errorf("saved as %v", form.Values)
		}
		owner.submit(form.set("percent", "101")).want(http.StatusUnprocessableEntity).has("từ 0 đến 100 %")

		const hostile = `"><script>alert(1)</script>'`
		form = owner.get("/console/roles/new").form("/console/roles")
		if page := owner.submit(form.set("name", " ")).want(http.StatusUnprocessableEntity); page.wrong("name") == "" {
			t.Error("a role without a name is not refused at the field")
		}
		owner.submit(form.set("name", "Thu ngân")).want(http.StatusUnprocessableEntity).has("đã tồn tại")
		list := owner.submit(form.set("name", hostile, "products.see", "true")).want(http.StatusOK).harmless()
		at := list.link(hostile)
		owner.get(at).want(http.StatusOK).harmless()
		id, err := strconv.ParseInt(path.Base(at), 10, 64)
		if err != nil {
			t.Fatal(err)
		}
		d.give("lan", access.UserRole{Role: id}, access.UserRole{Role: cashier, Branch: d.ID("branch:CN2")})
		owner.get(d.userPath("lan")).want(http.StatusOK).harmless().has(hostile, "Toàn cửa hàng")
		owner.get(d.userPath("lan") + "/roles").want(http.StatusOK).harmless()
		owner.post(at+"/remove", url.Values{}).want(http.StatusUnprocessableEntity).has("đang có người giữ").harmless()
		owner.post(d.userPath("lan")+"/roles", url.Values{"role": {"3", ""}, "branch": {"0"}}).want(http.StatusBadRequest)
		owner.post(d.userPath("lan")+"/roles", url.Values{"role": {"777"}, "branch": {"0"}}).want(http.StatusUnprocessableEntity).has("Vai trò không tồn tại")
		owner.post(d.userPath("lan")+"/roles", url.Values{"role": {""}, "branch": {"0"}}).want(http.StatusOK).has("Chưa có vai trò nào")

		// After ten minutes the password is asked for, and what was typed stays.
		form = owner.get(at).form(at)
		d.Clock.Advance(11 * 60)
		asked := owner.submit(form.set("name", "Ca sáng")).want(http.StatusUnprocessableEntity)
		if asked.wrong("password") == "" || asked.form(at).Get("name") != "Ca sáng" {
			t.Errorf("the password is not asked for: %s", asked.text())
		}
		owner.submit(asked.form(at).set("password", ownersPassword)).want(http.StatusOK).has("Ca sáng")
		owner.get(at).hasNot(ownersPassword)
		d.Clock.Advance(11 * 60)
		if confirm := owner.post(at+"/remove", url.Values{}); confirm.at.Path != "/console/confirm" {
			t.Errorf("a role is removed without the password: %s", confirm.at)
		}
		owner.submit(owner.get("/console/confirm?next=/console/roles").form("/console/confirm").set("password", ownersPassword)).want(http.StatusOK)
		owner.post(at+"/remove", url.Values{}).want(http.StatusOK).hasNot("Ca sáng")
	})
}

// TestAPersonWorksAtABranch: Lan chooses between the branches where she has roles, and holds what the branch gives. Her session gets
// another token when her roles change.
func TestAPersonWorksAtABranch(t *testing.T) {
	eachDesk(t, func(t *testing.T, d *desk) {
		one, two := strconv.FormatInt(d.ID("branch:CN1"), 10), strconv.FormatInt(d.ID("branch:CN2"), 10)
		lan := d.signedIn(d.Shop, "lan")
		lan.get("/console/").want(http.StatusOK).has("Bạn chưa có vai trò nào", "Hãy hỏi chủ cửa hàng")
		lan.get("/console/customers").want(http.StatusForbidden).has("Bạn chưa có vai trò nào")
		lan.get("/console/account").want(http.StatusOK)

		d.give("lan", access.UserRole{Role: cashier, Branch: d.ID("branch:CN1")})
		token := lan.cookie("taphoa")
		lan.with("Hx-Request", "true").get("/console/customers").want(http.StatusOK)
		if lan.cookie("taphoa") != token {
			t.Error("a part of a page changes the token, which others of the page know")
		}
		if lan.get("/console/customers").want(http.StatusOK).hasNot("/console/branch"); lan.cookie("taphoa") == token {
			t.Error("the token is that of before")
		}
		old := d.visitor()
		old.setCookie("taphoa", token)
		if page := old.get("/console/customers"); page.at.Path != "/console/sign-in" {
			t.Errorf("the token of before opens %s", page.at)
		}

		d.give("lan", access.UserRole{Role: cashier, Branch: d.ID("branch:CN1")}, access.UserRole{Role: 4, Branch: d.ID("branch:CN2")})
		page := lan.get("/console/products").want(http.StatusOK)
		form := page.form("/console/branch")
		for _, branch := range []string{one, two} {
			if len(find(form.node, func(n *html.Node) bool { return n.Data == "button" && attribute(n, "value") == branch })) != 1 {
				t.Errorf("the branch %s is not offered", branch)
			}
		}
		lan.get("/console/customers").want(http.StatusOK)
		lan.with("Referer", d.http.URL+"/console/products").post("/console/branch", url.Values{"branch": {two}}).want(http.StatusOK).hasNot("/console/customers")
		lan.get("/console/customers").want(http.StatusForbidden).has("Xem khách hàng", "Về trang đầu")
		lan.post("/console/branch", url.Values{"branch": {"999"}}).want(http.StatusNotFound)
		lan.post("/console/branch", url.Values{"branch": {one}}).want(http.StatusOK)
		lan.get("/console/customers").want(http.StatusOK)
		lan.post("/console/branch", url.Values{"branch": {"0"}}).want(http.StatusOK)
		d.owner().get("/console/products").hasNot("/console/branch")
	})
}

// TestEveryRoleOnEveryPage asks each page as each role that is built in, and as who has none: what the role does not allow is refused
// and changes nothing, and what it allows is not refused.
func TestEveryRoleOnEveryPage(t *testing.T) {
	eachDesk(t, func(t *testing.T, d *desk) {
		d.sell()
		needs := console.Needs()
		for _, pattern := range []string{
			"POST /console/users/{id}/invite", "POST /console/users/{id}/end", "GET /console/users/{id}/roles", "POST /console/users/{id}/roles", "GET /console/roles",
			"GET /console/roles/new", "POST /console/roles", "GET /console/roles/{id}", "POST /console/roles/{id}", "POST /console/roles/{id}/remove",
		} {
			needs[pattern] = right.Administer
		}
		needs["GET /console/audit"], needs["GET /console/audit/{id}"] = right.SeeAudit, right.SeeAudit
		for _, pattern := range d.console.Patterns() {
			if connects.MatchString(pattern) {
				needs[pattern] = right.Administer
			}
		}
		forEveryone := []string{"/console/account", "/console/branch", "/console/confirm", "/console/confirm/passkey", "/console/confirm/passkey/challenge", "/console/live", "/console/search", "/console/style", "/console/", "/console", "/console/sign-out"}
		roles := append(right.BuiltIn(), right.Role{Name: "không có vai trò"})
		people := map[string]*person{}
		for _, r := range roles {
			var has []access.UserRole
			if r.ID != 0 {
				has = []access.UserRole{{Role: r.ID}}
			}
			people[r.Name] = d.hire("nguoi"+strconv.FormatInt(r.ID, 10), r.Name, has...).alone()
		}
		routes := d.routes()
		form := url.Values{"name": {""}, "column": {"code"}, "was.name": {"x"}}
		each := func(do func(role right.Role, p *person, need right.Right, r route)) {
			for i, pattern := range d.console.Patterns() {
				r := routes[i]
				need, known := needs[pattern]
				for _, below := range []string{"/console/connections", "/console/webhooks", "/console/deliveries"} {
					if strings.HasPrefix(r.path, below) {
						need, known = right.Administer, true
					}
				}
				if !known && !opened[r.path] && !slices.ContainsFunc(forEveryone, func(at string) bool { return r.path == at || strings.HasPrefix(r.path, "/console/account/") }) {
					t.Fatalf("nothing says what %s needs", pattern)
				}
				for _, role := range roles {
					if known {
						do(role, people[role.Name], need, r)
					}
				}
			}
		}
		ask := func(p *person, r route) *page {
			if r.method == http.MethodPost {
				return p.post(r.path, form)
			}
			return p.get(r.path)
		}
		before := d.Digest(d.Shop)
		each(func(role right.Role, p *person, need right.Right, r route) {
			if role.Has(need) {
				return
			}
			answer := ask(p, r)
			if answer.status == http.StatusNotFound && strings.HasPrefix(r.path, "/console/invoices/") && !role.Has(right.SeeOthers) {
				return // another person's, which is not there for who sees their own alone
			}
			if answer.status != http.StatusForbidden || role.ID != 0 && !strings.Contains(answer.text(), "Bạn không có quyền: ") {
				t.Errorf("%s, %s %s: %d %.200s", role.Name, r.method, r.path, answer.status, answer.text())
			}
			if role.ID == 0 {
				answer.hasNot(secrets...)
			}
		})
		if differs := before.Differs(d.Digest(d.Shop)); differs != nil {
			t.Errorf("something has changed: %v", differs)
		}
		each(func(role right.Role, p *person, need right.Right, r route) {
			if !role.Has(need) {
				return
			}
			if answer := ask(p, r); answer.status == http.StatusForbidden || answer.status >= http.StatusInternalServerError {
				t.Errorf("%s, %s %s: %d %.200s", role.Name, r.method, r.path, answer.status, answer.text())
			}
		})
	})
}

// TestWhatARoleOffers: navigation, palette and buttons have what the role may do, and nothing else.
func TestWhatARoleOffers(t *testing.T) {
	t.Parallel()
	d := openDesk(t, apitest.Seeded(t, "sqlite"), httptest.NewServer, console.Options{})
	d.sell()
	stock := d.hire("kho", "Bác Kho", access.UserRole{Role: 4})
	stock.get("/console/products").want(http.StatusOK).hasNot("/console/invoices", "/console/customers", "/console/users", "/console/roles").has("Thêm hàng hóa")
	stock.get("/console/search?q=HD000001").want(http.StatusOK).has("Không tìm thấy").hasNot("/console/invoices/")
	stock.get("/console/search?q=Hoa").want(http.StatusOK).hasNot("KH-HOA", "/console/customers/")
	if got := stock.get("/console/").at.Path; got != "/console/products" {
		t.Errorf("home is %s", got)
	}
	tra := "/console/products/" + strconv.FormatInt(d.ID("product:TRA"), 10)
	stock.get(tra).want(http.StatusOK).hasNot(tra + "/remove")
	reads := d.hire("xem", "Cô Xem", access.UserRole{Role: 6})
	reads.get(tra).want(http.StatusOK).hasNot(`action="`+tra+`"`, tra+"/remove")
	reads.get("/console/products").want(http.StatusOK).hasNot("/console/products/new")
	reads.get("/console/users").want(http.StatusOK).hasNot("/console/users/new", "/console/roles")
	reads.get(d.userPath("lan")).want(http.StatusOK).hasNot("/invite", "/roles")
	sells := d.hire("thu", "Em Thu", access.UserRole{Role: cashier})
	sells.get("/console/invoices?q=Hoa").want(http.StatusOK)
	noCustomers := d.create("/users", `{"userName":"hd","givenName":"Chỉ hóa đơn"}`)
	owner := d.owner()
	owner.post("/console/roles", url.Values{"name": {"Chỉ hóa đơn"}, "invoices.see": {"true"}, "others.see": {"true"}}).want(http.StatusOK)
	role := path.Base(owner.get("/console/roles").link("Chỉ hóa đơn"))
	owner.post("/console/users/"+noCustomers+"/roles", url.Values{"role": {role}, "branch": {"0"}}).want(http.StatusOK)
	only := d.signedIn(d.Shop, "hd")
	if rows := only.get("/console/invoices?q=Hoa").want(http.StatusOK).rows(); len(rows) != 0 {
		t.Errorf("the customers' names find %v", rows)
	}
	if rows := only.get("/console/invoices?q=HD000001").want(http.StatusOK).rows(); len(rows) != 1 {
		t.Errorf("the code finds %v", rows)
	}
}
