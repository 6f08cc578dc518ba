package main

import (
	"net/http"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
	"github.com/pquerna/otp/totp"

	"github.com/taphoa/taphoa"
	"github.com/taphoa/taphoa/internal/access"
	"github.com/taphoa/taphoa/internal/db"
	"github.com/taphoa/taphoa/internal/dbtest"
	"github.com/taphoa/taphoa/internal/demo"
	"github.com/taphoa/taphoa/internal/oauth"
	"github.com/taphoa/taphoa/internal/org"
)

// desk is a tab with pages of the desk, in Vietnamese.
type desk struct {
	*browser
	base string
}

func openDesk(t *testing.T, base string) *desk {
	t.Helper()
	return (&desk{browse(t), base}).vietnamese()
}

// another opens another tab of the same person.
func (d *desk) another() *desk {
	d.t.Helper()
	return (&desk{d.tab(), d.base}).vietnamese()
}

func (d *desk) vietnamese() *desk {
	d.t.Helper()
	headers := network.SetExtraHTTPHeadersParams{Headers: network.Headers{"Accept-Language": "vi"}}
	if _, err := chromedp.Call(d.ctx, network.SetExtraHTTPHeaders, headers); err != nil {
		d.t.Fatal(err)
	}
	d.size(1280, 900)
	return d
}

func (d *desk) visit(path string) {
	d.t.Helper()
	d.do(chromedp.Navigate(d.base + path))
}

// at waits for a page by its path.
func (d *desk) at(path string) {
	d.t.Helper()
	d.await(`location.pathname === ` + strconv.Quote(path) + ` && document.readyState === "complete"`)
}

// shows waits until the page says something.
func (d *desk) shows(text string) {
	d.t.Helper()
	d.await(`document.readyState === "complete" && document.body.innerText.includes(` + strconv.Quote(text) + `)`)
}

// press clicks a button or link with the mouse, when nothing covers it.
func (d *desk) press(text string) {
	d.t.Helper()
	d.pressOn(visible(text) + `[0]`)
}

func (d *desk) pressOn(element string) {
	d.t.Helper()
	d.await(`document.readyState === "complete" && (e => {
		if (!e) return false;
		e.scrollIntoView({ block: "center", behavior: "instant" });
		const r = e.getBoundingClientRect(), top = document.elementFromPoint(r.x + r.width / 2, r.y + r.height / 2);
		globalThis.point = [r.x + r.width / 2, r.y + r.height / 2];
		return e.contains(top) || top?.contains(e);
	})(` + element + `)`)
	point, err := chromedp.Run(d.ctx, chromedp.Evaluate[[]float64]("point"))
	if err != nil {
		d.t.Fatal(err)
	}
	d.do(chromedp.MouseClickXY(point[0], point[1]))
}

// fill types into a field instead of what is there.
func (d *desk) fill(name, text string) {
	d.t.Helper()
	d.await(`(e => { e?.focus(); e?.select(); return !!e && document.activeElement === e })(document.querySelector(` +
		strconv.Quote(`main [name="`+name+`"]:not([type=hidden])`) + `))`)
	d.insert(text)
}

// pick chooses a value of a select.
func (d *desk) pick(name, value string) {
	d.t.Helper()
	d.await(`(e => { if (e) { e.value = "` + value + `"; e.dispatchEvent(new Event("change", { bubbles: true })) } return !!e })(
		document.querySelector('main select[name="` + name + `"]'))`)
}

func (d *desk) insert(text string) {
	d.t.Helper()
	if _, err := chromedp.Call(d.ctx, input.InsertText, input.InsertTextParams{Text: text}); err != nil {
		d.t.Fatal(err)
	}
}

// key presses a key. Its text is in the event of the key itself, so that a page that prevents what the key does prevents all of it.
func (d *desk) key(key string, modifiers ...chromedp.Modifier) {
	d.t.Helper()
	events := kb.Encode([]rune(key)[0])
	down, up := events[0], events[len(events)-1]
	if len(events) == 3 && len(modifiers) == 0 {
		down.Text = events[1].Text
	}
	for _, e := range []*input.DispatchKeyEventParams{down, up} {
		chromedp.KeyModifiers(modifiers...)(e)
		if _, err := chromedp.Call(d.ctx, input.DispatchKeyEvent, *e); err != nil {
			d.t.Fatal(err)
		}
	}
}

// secrets are the values that the page shows once.
func (d *desk) secrets() []string {
	d.t.Helper()
	d.await(`document.querySelectorAll(".secret-values code").length > 0`)
	values, err := chromedp.Run(d.ctx, chromedp.Evaluate[[]string](`[...document.querySelectorAll(".secret-values code")].map(e => e.textContent)`))
	if err != nil {
		d.t.Fatal(err)
	}
	return values
}

// quiet fails the test for what the browser complains about: errors of scripts, violations of the policy, files that are
// missing. That a page itself is a refusal is none.
func (d *desk) quiet() {
	d.t.Helper()
	d.mu.Lock()
	defer d.mu.Unlock()
	for _, wrong := range d.wrong {
		at := wrong[strings.LastIndexByte(wrong, ' ')+1:]
		if !strings.HasPrefix(wrong, "Failed to load resource: the server responded with a status of 4") || !d.documents[at] {
			d.t.Errorf("the browser complains: %s", wrong)
		}
	}
}

const (
	ownerPassword = "gạo nếp cái hoa vàng"
	staffPassword = "nước mắm Phú Quốc ngon"
)

// openShop makes a shop whose owner has a password.
func openShop(t *testing.T) terminal {
	t.Helper()
	x := terminal{T: t, database: dbtest.Migrated(t, dbtest.Engines[0])}
	d := dbtest.Open(t, x.database, nil)
	hash, err := access.New(d, access.Options{}).Hash(t.Context(), ownerPassword)
	if err != nil {
		t.Fatal(err)
	}
	err = d.Write(t.Context(), db.Actor{}, func(tx *db.Tx) error {
		owner := taphoa.UserInput{UserName: "ngoclan", GivenName: "Nguyễn Thị Ngọc Lan"}
		if _, err := org.OpenShop(tx, "cobien", "Tạp hóa Cô Biển", &owner, "Chi nhánh Lê Lợi"); err != nil {
			return err
		}
		return access.SetPassword(tx, tx.User, hash)
	})
	if err != nil {
		t.Fatal(err)
	}
	return x
}

// signIn fills in the page for that.
func (d *desk) signIn(user, password string) {
	d.t.Helper()
	d.visit("/console/sign-in")
	d.fill("shop", "cobien")
	d.fill("userName", user)
	d.fill("password", password)
	d.press("Đăng nhập")
}

func (d *desk) signOut() {
	d.t.Helper()
	d.press("Tài khoản: ")
	d.press("Đăng xuất")
	d.at("/console/sign-in")
}

// TestAShopOpensInABrowser goes from an empty file to a program that calls the API with what the last page shows.
func TestAShopOpensInABrowser(t *testing.T) {
	t.Parallel()
	s := terminal{T: t, database: "sqlite:" + filepath.Join(t.TempDir(), "taphoa.db")}.serve("--create")
	s.says(`(?m)` + s.base + `/setup#\S+$`)
	printed, _ := s.text()
	link := regexp.MustCompile(s.base + `/setup#\S+`).FindString(printed)
	d := openDesk(t, s.base)
	d.do(chromedp.Navigate(link))
	d.press("Bắt đầu")
	d.shows("Chủ cửa hàng")
	d.fill("name", "Tạp hóa Cô Biển")
	d.fill("code", "cobien")
	d.fill("branchName", "Chi nhánh Lê Lợi")
	d.fill("givenName", "Nguyễn Thị Ngọc Lan")
	d.fill("userName", "ngoclan")
	d.fill("password", ownerPassword)
	d.fill("again", staffPassword)
	d.press("Mở gian hàng")
	d.shows("Hai lần nhập mật khẩu không giống nhau")
	d.await(`document.querySelector("[name=name]").value === "Tạp hóa Cô Biển"`)
	d.fill("password", ownerPassword)
	d.fill("again", ownerPassword)
	d.press("Mở gian hàng")
	d.shows("Gian hàng Tạp hóa Cô Biển đã mở")

	keys := d.secrets()
	if len(keys) != 3 {
		t.Fatalf("the page shows %q", keys)
	}
	c := caller{t, s.base, keys[0], s.token(keys[1], keys[2])}
	var page struct{ Total int }
	c.must(http.MethodGet, "/products", "", &page)
	var branches struct{ Data []struct{ BranchName string } }
	c.must(http.MethodGet, "/branches", "", &branches)
	if len(branches.Data) != 1 || branches.Data[0].BranchName != "Chi nhánh Lê Lợi" {
		t.Errorf("the shop has the branches %v", branches.Data)
	}

	d.press("Vào gian hàng")
	d.at("/console/invoices")
	d.shows("Chưa có hóa đơn")
	other := openDesk(t, s.base)
	other.do(chromedp.Navigate(link))
	other.press("Bắt đầu")
	other.shows("Liên kết")
	other.await(`!document.querySelector("[name=password]")`)
	d.quiet()
	other.quiet()
}

func TestASecondFactorIsAskedForInABrowser(t *testing.T) {
	t.Parallel()
	s := openShop(t).serve()
	d := openDesk(t, s.base)
	d.signIn("ngoclan", ownerPassword)
	d.at("/console/invoices")
	d.visit("/console/account")
	d.press("Bật")
	key := d.secrets()[0]
	code := func(later time.Duration) string {
		t.Helper()
		code, err := totp.GenerateCode(key, time.Now().Add(later))
		if err != nil {
			t.Fatal(err)
		}
		return code
	}
	d.fill("code", code(0))
	d.press("Bật")
	d.shows("Mã dự phòng")
	recovery := d.secrets()
	if len(recovery) != 10 {
		t.Errorf("the page shows %d recovery codes", len(recovery))
	}
	d.signOut()

	d.signIn("ngoclan", ownerPassword)
	d.at("/console/second-factor")
	d.visit("/console/customers")
	d.at("/console/second-factor")
	d.fill("code", "000000")
	d.press("Tiếp tục")
	d.shows("Mã xác thực không đúng")
	d.fill("code", code(30*time.Second)) // the phone is a bit fast: the code of now is used up
	d.press("Tiếp tục")
	d.at("/console/invoices")
	d.signOut()

	for _, accepted := range []bool{true, false} {
		d.signIn("ngoclan", ownerPassword)
		d.at("/console/second-factor")
		d.fill("code", recovery[3])
		d.press("Tiếp tục")
		if accepted {
			d.at("/console/invoices")
			d.visit("/console/account")
			d.shows("Còn 9 mã dự phòng")
			d.signOut()
		} else {
			d.shows("Mã xác thực không đúng")
		}
	}
	d.quiet()
}

func TestAnInvitationIsAcceptedInABrowser(t *testing.T) {
	t.Parallel()
	s := openShop(t).serve()
	owner := openDesk(t, s.base)
	owner.signIn("ngoclan", ownerPassword)
	owner.at("/console/invoices")
	owner.visit("/console/users/new")
	owner.fill("givenName", "Trần Văn Tư")
	owner.fill("userName", "tu")
	owner.press("Lưu")
	owner.shows("Mời đăng nhập")
	owner.press("Mời đăng nhập")
	link := owner.secrets()[0]

	invited := openDesk(t, s.base)
	invited.do(chromedp.Navigate(link))
	invited.press("Tiếp tục")
	invited.shows("Chào Trần Văn Tư")
	invited.fill("password", staffPassword)
	invited.fill("again", staffPassword)
	invited.press("Đặt mật khẩu")
	invited.at("/console/")
	invited.shows("Bạn chưa có vai trò nào")
	invited.await(`document.querySelector(".menu-who").textContent.includes("Trần Văn Tư")`)
	invited.signOut()
	invited.signIn("tu", staffPassword)
	invited.at("/console/")

	late := openDesk(t, s.base)
	late.do(chromedp.Navigate(link))
	late.press("Tiếp tục")
	late.await(`location.pathname === "/console/link" && !document.querySelector("#open-link, [name=password]")`)
	for _, d := range []*desk{owner, invited, late} {
		d.quiet()
	}
}

// TestTwoPeopleChangeACustomer creates a customer, finds her without tones, and changes her in two tabs.
func TestTwoPeopleChangeACustomer(t *testing.T) {
	t.Parallel()
	s := openShop(t).serve()
	d := openDesk(t, s.base)
	d.signIn("ngoclan", ownerPassword)
	d.at("/console/invoices")
	d.visit("/console/customers")
	d.press("Thêm khách hàng")
	d.at("/console/customers/new")
	d.fill("name", "Nguyễn Thị Lụa")
	d.fill("contactNumber", "0901234567")
	d.press("Lưu")
	d.shows("Đã lưu")
	d.visit("/console/customers/new")
	d.fill("name", "Đỗ Văn Ơn")
	d.press("Lưu")
	d.shows("Đã lưu")

	d.visit("/console/customers")
	d.shows("Đỗ Văn Ơn")
	d.key("/")
	d.await(`document.activeElement.type === "search"`)
	d.insert("thi lua")
	d.shows("Nguyễn Thị Lụa")
	d.await(`!document.body.innerText.includes("Đỗ Văn Ơn") && location.search.includes("q=")`)
	d.pressOn(`document.querySelector("tbody a")`)
	d.await(`document.querySelector("main [name=name]")?.value === "Nguyễn Thị Lụa"`)

	second := d.another()
	second.do(chromedp.Navigate(d.url()))
	d.fill("name", "Nguyễn Thị Lụa Vàng")
	d.fill("contactNumber", "0905555555")
	d.press("Lưu")
	d.shows("Đã lưu")
	second.fill("contactNumber", "0907654321")
	second.press("Lưu")
	second.shows("Bản ghi đã bị sửa trong lúc bạn nhập")
	second.await(`["0905555555", "0907654321"].every(text => document.querySelector(".changed").innerText.includes(text))`)
	second.await(`document.querySelector("main [name=name]").value === "Nguyễn Thị Lụa Vàng"`) // which this person has left alone
	second.press("Vẫn lưu phần tôi nhập")
	second.shows("Đã lưu")
	d.visit("/console/customers")
	d.shows("Nguyễn Thị Lụa Vàng")
	d.shows("0907654321")
	d.quiet()
	second.quiet()
}

func (d *desk) url() string {
	d.t.Helper()
	url, err := chromedp.Run(d.ctx, chromedp.Evaluate[string]("location.href"))
	if err != nil {
		d.t.Fatal(err)
	}
	return url
}

// enterDemo opens the demo's desk.
func enterDemo(t *testing.T) (*server, *desk) {
	t.Helper()
	s := terminal{T: t}.serve("--demo")
	d := openDesk(t, s.base)
	d.visit("/console/sign-in")
	d.press("Vào gian hàng mẫu")
	d.at("/console/invoices")
	return s, d
}

// TestTheDeskFollowsAndIsFoundByTheKeyboard goes to a product by the palette alone; a list shows what is sold elsewhere.
func TestTheDeskFollowsAndIsFoundByTheKeyboard(t *testing.T) {
	t.Parallel()
	s, d := enterDemo(t)
	d.key("k", chromedp.ModifierCtrl)
	d.await(`document.activeElement.id === "palette-input"`)
	d.key(kb.Escape)
	d.await(`!document.getElementById("palette").open`)
	d.key("k", chromedp.ModifierCtrl)
	d.await(`document.activeElement.id === "palette-input"`)
	d.insert("sua chua vinamilk")
	d.await(`document.querySelector("#palette-found [aria-selected=true]")?.innerText.includes("Sữa chua Vinamilk")`)
	d.key(kb.Enter)
	d.await(`location.pathname.startsWith("/console/products/") && document.querySelector("h1")?.innerText.includes("Sữa chua Vinamilk")`)

	d.visit("/console/invoices")
	d.pick("status", "2")
	d.await(`location.search.includes("status=2") && document.querySelector(".chips")?.innerText.includes("Trạng thái: Đã hủy")`)
	d.press("Bỏ hết lọc")
	d.await(`location.search === "" && !document.querySelector(".chip")`)
	d.await(`(globalThis.same = true, document.querySelectorAll("tbody tr").length > 0)`)
	c := caller{t, s.base, demo.ShopCode, s.tokenFor(oauth.ScopePublic, demo.ClientID, demo.ClientSecret)}
	var branches, products struct {
		Data []struct {
			ID   int64
			Code string
		}
	}
	c.must(http.MethodGet, "/branches", "", &branches)
	c.must(http.MethodGet, "/products?name=coca", "", &products)
	var sold struct{ Code string }
	c.must(http.MethodPost, "/invoices", `{"branchId":`+strconv.FormatInt(branches.Data[0].ID, 10)+`,"invoiceDetails":[{"productCode":"`+
		products.Data[0].Code+`","quantity":1,"price":10000}]}`, &sold)
	d.await(`document.querySelector("tbody tr").innerText.includes("` + sold.Code + `") && same`)
	d.quiet()
}

// TestTheDeskWorksWithoutScripts signs in, finds a customer and changes her in a browser that runs none.
func TestTheDeskWorksWithoutScripts(t *testing.T) {
	t.Parallel()
	s := openShop(t).serve()
	d := openDesk(t, s.base)
	if _, err := chromedp.Call(d.ctx, emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: true}); err != nil {
		t.Fatal(err)
	}
	d.signIn("ngoclan", ownerPassword)
	d.at("/console/invoices")
	d.press("Khách hàng")
	d.at("/console/customers")
	for _, name := range []string{"Nguyễn Thị Lụa", "Đỗ Văn Ơn"} {
		d.visit("/console/customers/new")
		d.fill("name", name)
		d.press("Lưu")
		d.shows("Đã lưu")
	}
	d.visit("/console/customers")
	d.await(`document.querySelectorAll("tbody tr").length === 2`)
	d.fill("q", "van on")
	d.press("Lọc")
	d.await(`location.search.includes("q=van") && document.querySelectorAll("tbody tr").length === 1`)
	d.pressOn(`document.querySelector("tbody a")`)
	d.await(`document.querySelector("main [name=comments]")?.value === ""`)
	d.fill("comments", "Giao buổi sáng")
	d.press("Lưu")
	d.shows("Đã lưu")
	d.await(`document.querySelector("main [name=comments]").value === "Giao buổi sáng"`)
	d.quiet()
}
