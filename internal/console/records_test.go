package console_test

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"testing"

	"golang.org/x/net/html"

	"github.com/taphoa/taphoa/internal/apitest"
	"github.com/taphoa/taphoa/internal/console"
	"github.com/taphoa/taphoa/internal/db"
)

// TestListsFindSortAndPage goes through the list of customers as a person does.
func TestListsFindSortAndPage(t *testing.T) {
	eachDesk(t, func(t *testing.T, d *desk) {
		for i := range 60 {
			d.create("/customers", `{"name":"Khách Đặng `+strconv.Itoa(100+i)+`","contactNumber":"09870001`+strconv.Itoa(10+i)+`"}`)
		}
		owner := d.owner()
		list := owner.get("/console/customers?q=dang").want(http.StatusOK)
		if n := len(list.rows()); n != 50 {
			t.Errorf("%d rows on the first page: %s", n, list.text())
		}
		list.has("1–50 của 60")
		rest := owner.get(list.link("Trang kế tiếp")).want(http.StatusOK).has("51–60 của 60")
		if slices.ContainsFunc(rest.column(0), func(code string) bool { return slices.Contains(list.column(0), code) }) {
			t.Error("a customer is on both pages")
		}
		if first := owner.get(rest.link("Trang trước")); !slices.Equal(first.column(0), list.column(0)) {
			t.Error("the page before is another one")
		}
		up := owner.get(list.link("Tên khách hàng"))
		if names := up.column(1); !slices.IsSorted(names) || names[0] != "Khách Đặng 100" {
			t.Errorf("not sorted: %v", names)
		}
		if down := owner.get(up.link("Tên khách hàng")); down.column(1)[0] != "Khách Đặng 159" {
			t.Errorf("sorted downward: %v", down.column(1))
		}
		owner.get("/console/customers?q=0987000112").has("1–1 của 1", "Khách Đặng 102")
		owner.get("/console/customers?q=" + url.QueryEscape("ĐẶNG 102")).has("1–1 của 1")
		owner.get("/console/customers?q=kh%C3%B4ngc%C3%B3").has("Không tìm thấy", "Bỏ lọc")
		behind := owner.get("/console/customers?from=1000").want(http.StatusOK).has("Không tìm thấy", "0–0 của")
		owner.get(behind.link("Trang đầu")).has("1–50 của")
		owner.get("/console/customers?from=-5&sort=nothing&direction=sideways").want(http.StatusOK).has("1–50")
		if fragment := owner.with("Hx-Request", "true", "Hx-Target", "records").get("/console/customers?q=dang"); strings.Contains(fragment.body, "<main") || len(fragment.rows()) != 50 {
			t.Errorf("not the table alone: %.300s", fragment.body)
		}
	})
}

// TestFiltersNarrowAList filters each list by each filter that it has.
func TestFiltersNarrowAList(t *testing.T) {
	eachDesk(t, func(t *testing.T, d *desk) {
		owner := d.owner()
		tea := strconv.FormatInt(d.ID("category:Trà"), 10)
		list := owner.get("/console/products?categoryId="+tea).want(http.StatusOK).has("Nhóm hàng: Trà", "Trà xanh").hasNot("Áo thun")
		if got := owner.get("/console/products?isActive=false").text(); strings.Contains(got, "Trà xanh") {
			t.Error("products that are sold are among those that are not")
		}
		owner.get(list.link("Nhóm hàng: Trà")).has("Áo thun")
		owner.get("/console/products?productType=1").has("QUA").hasNot("AO-S")
		owner.get("/console/products?categoryId=abc").want(http.StatusOK).has("Không đọc được danh sách")
		d.create("/invoices", `{"branchId":`+strconv.FormatInt(d.ID("branch:CN2"), 10)+`,"soldById":`+strconv.FormatInt(d.ID("user:lan"), 10)+
			`,"invoiceDetails":[{"productCode":"TRA","productId":`+strconv.FormatInt(d.ID("product:TRA"), 10)+`,"quantity":2,"price":25000}]}`)
		one := owner.get("/console/invoices").want(http.StatusOK).has("1–1 của 1", "50.000", "Khách lẻ")
		code := one.column(0)[0]
		for query, found := range map[string]bool{
			"branchIds=" + strconv.FormatInt(d.ID("branch:CN2"), 10): true, "branchIds=" + strconv.FormatInt(d.ID("branch:CN1"), 10): false,
			"status=1": true, "status=2": false, "fromPurchaseDate=2020-01-01": true, "fromPurchaseDate=2099-01-01": false,
			"toPurchaseDate=2020-01-01": false, "toPurchaseDate=2099-01-01": true, "fromPurchaseDate=gestern": false,
			"status=2&q=" + code: true, // by its code whatever the filters say
			"q=nguoilakhongco":   false,
		} {
			if got := owner.get("/console/invoices?" + query).want(http.StatusOK); strings.Contains(textOf(got.byID("records")), code) != found {
				t.Errorf("%s: %s", query, got.text())
			}
		}
		today := one.column(1)[0][:10] // 30/11/2026
		day := today[6:] + "-" + today[3:5] + "-" + today[:2]
		owner.get("/console/invoices?fromPurchaseDate=" + day + "&toPurchaseDate=" + day).has(code)
		owner.get("/console/invoices/"+strings.TrimPrefix(one.rowLinks()[0], "/console/invoices/")).want(http.StatusOK).has("Trà xanh", "25.000", "50.000", code)
	})
}

// TestColumnsThatAPersonChoosesAreRemembered chooses columns of one list; others keep theirs.
func TestColumnsThatAPersonChoosesAreRemembered(t *testing.T) {
	eachDesk(t, func(t *testing.T, d *desk) {
		owner := d.owner()
		f := owner.get("/console/customers").form("/console/customers/columns")
		f.Values = url.Values{"column": {"name", "email"}}
		chosen := owner.submit(f).want(http.StatusOK)
		for _, list := range []*page{chosen, owner.get("/console/customers")} {
			if list.at.Path != "/console/customers" {
				list = owner.get("/console/customers")
			}
			if got := list.heads(); !slices.Equal(got, []string{"Tên khách hàng", "Email"}) {
				t.Errorf("columns %q", got)
			}
		}
		if got := owner.get("/console/products").heads(); len(got) < 4 {
			t.Errorf("columns of products: %q", got)
		}
		for _, none := range []url.Values{{"column": {}}, {"column": {"nothing", `";<script>`, "a\r\nSet-Cookie: b=c"}}} {
			f.Values = none
			owner.submit(f).want(http.StatusOK)
			if got := owner.get("/console/customers").want(http.StatusOK).heads(); len(got) != 1 {
				t.Errorf("columns %q", got)
			}
		}
	})
}

// TestAWrongFormSaysSoAtTheField creates a customer wrongly, reads why in both languages, and corrects it.
func TestAWrongFormSaysSoAtTheField(t *testing.T) {
	eachDesk(t, func(t *testing.T, d *desk) {
		owner := d.owner()
		f := owner.get("/console/customers/new").want(http.StatusOK).form("/console/customers").
			set("name", "", "contactNumber", "0987654321", "comments", "hai\r\ndòng")
		wrong := owner.submit(f).want(http.StatusUnprocessableEntity)
		if got := wrong.wrong("name"); got == "" {
			t.Errorf("nothing at the name: %s", wrong.text())
		}
		again := wrong.form("/console/customers")
		if again.Get("contactNumber") != "0987654321" || again.Get("comments") != "hai\r\ndòng" {
			t.Errorf("what was typed is lost: %v", again.Values)
		}
		english := owner.with("Accept-Language", "en").submit(f).want(http.StatusUnprocessableEntity)
		if got := english.wrong("name"); got == "" || vietnamese(got) {
			t.Errorf("in English: %q", got)
		}
		made := owner.submit(again.set("name", "Chị Bưởi")).want(http.StatusOK).has("Chị Bưởi")
		if got := made.notices(); !strings.Contains(got, "Đã lưu") {
			t.Errorf("notices: %q", got)
		}
		saved := made.form(made.at.Path)
		if saved.Get("comments") != "hai\r\ndòng" || saved.Get("contactNumber") != "0987654321" {
			t.Errorf("saved: %v", saved.Values)
		}
		twice := owner.submit(owner.get("/console/customers/new").form("/console/customers").
			set("name", "Người khác", "code", saved.Get("code"))).want(http.StatusUnprocessableEntity)
		if twice.wrong("code") == "" {
			t.Errorf("a code twice: %s", twice.text())
		}
	})
}

// TestAFormSentTwiceMakesOneRecord sends the same form twice, one after another and at once.
func TestAFormSentTwiceMakesOneRecord(t *testing.T) {
	eachDesk(t, func(t *testing.T, d *desk) {
		owner := d.owner()
		f := owner.get("/console/customers/new").form("/console/customers").set("name", "Anh Hai Lần")
		first := owner.submit(f).want(http.StatusOK)
		second := owner.submit(f).want(http.StatusOK)
		if first.at.Path != second.at.Path {
			t.Errorf("%s and %s", first.at, second.at)
		}
		f = owner.get("/console/customers/new").form("/console/customers").set("name", "Anh Hai Lần")
		done := make(chan bool)
		for range 4 {
			go func() {
				defer func() { done <- true }()
				if got := owner.submit(f); got.status >= 500 {
					t.Errorf("at once: %d %s", got.status, got.text())
				}
			}()
		}
		for range 4 {
			<-done
		}
		owner.get("/console/customers?q=hai+lan").has("1–2 của 2")
		change := first.form(first.at.Path).set("address", "5 Hàng Gà")
		owner.submit(change).want(http.StatusOK).has("Anh Hai Lần")
		if again := owner.submit(change); again.status != http.StatusOK {
			t.Errorf("a change sent twice: %d %s", again.status, again.text())
		}
	})
}

// TestWhatAnotherHasChangedMeanwhile changes a customer whom another has changed: nothing is saved, both values are shown,
// until the person wants it anyway.
func TestWhatAnotherHasChangedMeanwhile(t *testing.T) {
	eachDesk(t, func(t *testing.T, d *desk) {
		owner := d.owner()
		at := "/console/customers/" + d.create("/customers", `{"name":"Cô Tư","address":"1 Hàng Bông","contactNumber":"0911111111"}`)
		api := strings.TrimPrefix(at, "/console")
		mine := owner.get(at).form(at).set("address", "3 của tôi")
		d.change(api, `{"address":"2 của người khác"}`)
		before := d.record(api)
		conflict := owner.submit(mine).want(http.StatusConflict).has("Bản ghi đã bị sửa trong lúc bạn nhập", "2 của người khác", "3 của tôi")
		if d.record(api) != before {
			t.Error("something was saved")
		}
		f := conflict.form(at)
		if f.Get("address") != "3 của tôi" {
			t.Errorf("what was typed is lost: %v", f.Values)
		}
		owner.press(f, "Lưu").want(http.StatusConflict)
		if first := find(f.node, func(n *html.Node) bool { return n.Data == "button" && attribute(n, "type") != "button" })[0]; has(first, "name") {
			t.Error("Enter saves anyway: browsers press the first button of a form")
		}
		owner.press(conflict.form(at), "Vẫn lưu phần tôi nhập").want(http.StatusOK)
		if got := d.record(api); !strings.Contains(got, "3 của tôi") || !strings.Contains(got, "0911111111") {
			t.Errorf("saved anyway: %s", got)
		}
	})
}

// TestWhatAnotherHasChangedElsewhereDoesNotMatter: goods are sold while their price is changed, and one person changes what another
// has left alone.
func TestWhatAnotherHasChangedElsewhereDoesNotMatter(t *testing.T) {
	eachDesk(t, func(t *testing.T, d *desk) {
		owner := d.owner()
		id := strconv.FormatInt(d.ID("product:TRA"), 10)
		at, path := "/console/products/"+id, "/products/"+id
		f := owner.get(at).form(at).set("basePrice", "99.000")
		d.sell()
		owner.submit(f).want(http.StatusOK)
		if got := d.record(path); !strings.Contains(got, `"basePrice":99000`) {
			t.Errorf("not saved: %s", got)
		}

		at, path = "/console/customers/"+d.create("/customers", `{"name":"Cô Tư","address":"1 Hàng Bông","comments":"a\nb"}`), ""
		path = strings.TrimPrefix(at, "/console")
		f = owner.get(at).form(at).set("address", "3 của tôi", "email", "tu@x.vn")
		d.change(path, `{"name":"Cô Tư Mới","address":"2 của người khác"}`)
		conflict := owner.submit(f).want(http.StatusConflict).has("2 của người khác").hasNot("Cô Tư</td>")
		if got := conflict.form(at).Get("name"); got != "Cô Tư Mới" {
			t.Errorf("the name that was left alone is %q in the form", got)
		}
		owner.press(conflict.form(at), "Vẫn lưu phần tôi nhập").want(http.StatusOK)
		if got := d.record(path); !strings.Contains(got, "Cô Tư Mới") || !strings.Contains(got, "3 của tôi") || !strings.Contains(got, "tu@x.vn") {
			t.Errorf("what the other has changed is reverted: %s", got)
		}
	})
}

// TestASearchThatMeansTooManyCustomersSaysSo: it does not show the invoices of some of them.
func TestASearchThatMeansTooManyCustomersSaysSo(t *testing.T) {
	t.Parallel()
	d := openDesk(t, apitest.Seeded(t, "sqlite"), httptest.NewServer, console.Options{})
	for i := range 101 {
		d.create("/customers", `{"name":"Nhiều `+strconv.Itoa(i)+`"}`)
	}
	d.owner().get("/console/invoices?q=nhieu").want(http.StatusOK).has("Có hơn 100 khách hàng khớp")
	d.owner().get("/console/invoices?q=nhieu+99").want(http.StatusOK).hasNot("Có hơn")
}

func vietnamese(text string) bool {
	return strings.ContainsFunc(text, func(r rune) bool {
		return strings.ContainsRune("ăâđêôơưáàảãạắằẳẵặấầẩẫậéèẻẽẹếềểễệíìỉĩịóòỏõọốồổỗộớờởỡợúùủũụứừửữựýỳỷỹỵ", r) ||
			strings.ContainsRune("ĂÂĐÊÔƠƯÁÀẢÃẠẮẰẲẴẶẤẦẨẪẬÉÈẺẼẸẾỀỂỄỆÍÌỈĨỊÓÒỎÕỌỐỒỔỖỘỚỜỞỠỢÚÙỦŨỤỨỪỬỮỰÝỲỶỸỴ", r)
	})
}

// odd has in it what may go wrong in a page.
const odd = "  dòng 1\n\ndòng 2\t\"><script>alert(1)</script>'&amp;{{.}}`  "

// TestSavingChangesNothingThatTheFormDoesNotShow saves records that have every member, without and with a change.
func TestSavingChangesNothingThatTheFormDoesNotShow(t *testing.T) {
	eachDesk(t, func(t *testing.T, d *desk) {
		owner := d.owner()
		full := d.create("/customers", `{"name":"Bà Năm Đủ","gender":false,"birthDate":"1960-02-29T00:00:00","contactNumber":"0933000111","address":"9 Hàng Than",
			"locationName":"Hà Nội - Ba Đình","wardName":"Phường Trúc Bạch","email":"nam@du.vn","organization":"Cty Năm","taxCode":"0101","comments":`+quoted("\n"+odd)+`,
			"groupIds":[`+strconv.FormatInt(d.ID("group:Khách quen"), 10)+`],"debtLimit":1500000,"paymentDays":15,"IdentificationNumber":"012345678901"}`)
		for _, api := range []string{
			"/customers/" + full, "/products/" + strconv.FormatInt(d.ID("product:TRA"), 10), "/products/" + strconv.FormatInt(d.ID("product:TRA-HOP"), 10),
			"/products/" + strconv.FormatInt(d.ID("product:AO-M"), 10), "/products/" + strconv.FormatInt(d.ID("product:QUA"), 10),
			"/products/" + strconv.FormatInt(d.ID("product:GOI"), 10), "/products/" + strconv.FormatInt(d.ID("product:DT"), 10),
			"/products/" + strconv.FormatInt(d.ID("product:SUA"), 10),
		} {
			at, before := "/console"+api, d.record(api)
			owner.submit(owner.get(at).form(at)).want(http.StatusOK)
			if got := d.record(api); got != before {
				t.Errorf("saving %s without a change:\n%s\n%s", at, before, got)
			}
			field, was := "address", "9 Hàng Than"
			if strings.HasPrefix(api, "/products") {
				field, was = "basePrice", owner.get(at).form(at).Get("basePrice")
			}
			owner.submit(owner.get(at).form(at).set(field, "12")).want(http.StatusOK)
			changed := d.record(api)
			if changed == before {
				t.Errorf("%s: %s is not saved", at, field)
			}
			owner.submit(owner.get(at).form(at).set(field, was)).want(http.StatusOK)
			if got := d.record(api); without(got) != without(before) {
				t.Errorf("%s there and back:\n%s\n%s", at, without(before), without(got))
			}
		}
	})
}

// TestEveryOptionalFieldCanBeCleared clears the fields of a record one by one: each is empty then, or the page says why not.
func TestEveryOptionalFieldCanBeCleared(t *testing.T) {
	eachDesk(t, func(t *testing.T, d *desk) {
		owner := d.owner()
		for path, filled := range map[string][]string{
			"customers": {
				"name", "Đủ", "contactNumber", "0933000111", "birthDate", "1960-02-29", "gender", "true", "email", "a@b.vn", "address", "x", "locationName", "Hà Nội - Ba Đình",
				"wardName", "Phường A", "comments", "c", "organization", "o", "taxCode", "1", "IdentificationNumber", "2", "debtLimit", "1.500.000", "paymentDays", "15",
			},
			"products": {
				"name", "Đủ", "barCode", "8930000009999", "categoryId", strconv.FormatInt(d.ID("category:Trà"), 10), "unit", "hộp", "description", "a\r\nb",
				"basePrice", "1.250.000", "weight", "1,5", "isRewardPoint", "true",
			},
			"users": {
				"givenName", "Đủ", "userName", "du", "mobilePhone", "0933000111", "email", "a@b.vn", "birthDate", "1960-02-29", "address", "x", "description", "y",
			},
		} {
			list := "/console/" + path
			at := owner.submit(owner.get(list + "/new").form(list).set(filled...)).want(http.StatusOK).at.Path
			saved := owner.get(at).form(at)
			for i := 0; i < len(filled); i += 2 {
				if got := saved.Get(filled[i]); got != filled[i+1] {
					t.Errorf("%s: %s is %q, not %q", path, filled[i], got, filled[i+1])
				}
			}
			for i := 0; i < len(filled); i += 2 {
				f := owner.get(at).form(at)
				f.Del(filled[i]) // as an unchecked box
				if filled[i+1] != "true" || filled[i] == "gender" {
					f.Set(filled[i], "")
				}
				answer := owner.submit(f)
				switch left := owner.get(at).form(at).Get(filled[i]); {
				case answer.status == http.StatusUnprocessableEntity && answer.wrong(filled[i]) == "":
					t.Errorf("%s without %s is refused elsewhere: %s", path, filled[i], answer.text())
				case answer.status == http.StatusUnprocessableEntity:
					t.Logf("%s without %s: %s", path, filled[i], answer.wrong(filled[i]))
				case answer.status != http.StatusOK || left != "":
					t.Errorf("%s without %s: %d, %q is left", path, filled[i], answer.status, left)
				}
			}
		}
	})
}

// TestNumbersAreReadAsPeopleTypeThem types a price in several ways.
func TestNumbersAreReadAsPeopleTypeThem(t *testing.T) {
	eachDesk(t, func(t *testing.T, d *desk) {
		owner := d.owner()
		api := "/products/" + strconv.FormatInt(d.ID("product:TRA"), 10)
		at := "/console" + api
		for typed, price := range map[string]string{
			"1.250.000": "1250000", "1250000": "1250000", "1,5": "1.5", " 2.000 ": "2000", "0": "0", "1\u00a0000": "1000", "007": "7",
			"1.25.000": "", "abc": "", "-5": "", "1,2,3": "", "٣": "", "99.999.999.999.999.999.999": "", "NaN": "", "0x10": "", "null": "", "true": "", "{}": "",
		} {
			if price == "" {
				wrong := owner.submit(owner.get(at).form(at).set("basePrice", typed)).want(http.StatusUnprocessableEntity)
				if wrong.wrong("basePrice") == "" || wrong.form(at).Get("basePrice") != typed {
					t.Errorf("%q: %q", typed, wrong.text())
				}
				continue
			}
			owner.submit(owner.get(at).form(at).set("basePrice", "33"))
			owner.submit(owner.get(at).form(at).set("basePrice", typed)).want(http.StatusOK)
			if got := d.record(api); !strings.Contains(got, `"basePrice":`+price+`,`) {
				t.Errorf("%q is saved as %s", typed, got)
			}
		}
	})
}

// TestRemovingARecord removes a customer, and refuses to remove what may not be, with the sentence of the API.
func TestRemovingARecord(t *testing.T) {
	eachDesk(t, func(t *testing.T, d *desk) {
		owner := d.owner()
		at := "/console/customers/" + d.create("/customers", `{"name":"Tạm"}`)
		list := owner.submit(owner.get(at).form(at + "/remove")).want(http.StatusOK)
		if list.at.Path != "/console/customers" || !strings.Contains(list.notices(), "Đã xóa") {
			t.Errorf("%s: %s", list.at, list.notices())
		}
		owner.get(at).want(http.StatusNotFound)
		owner.post(at+"/remove", url.Values{}).want(http.StatusNotFound)
		owner.post(at, url.Values{"name": {"Lại"}}).want(http.StatusNotFound)
		for _, id := range []string{"0", "-1", "abc", "9999999999999999999999", "%00", "%ff", "1%2f..%2f2", "%2e%2e"} {
			for _, of := range []string{"customers", "products", "users", "invoices"} {
				if got := owner.get("/console/" + of + "/" + id); got.status != http.StatusNotFound && got.status != http.StatusUnprocessableEntity && got.status != http.StatusBadRequest {
					t.Errorf("/console/%s/%s: %d", of, id, got.status)
				}
			}
		}
	})
}

// TestARecordKeepsWhatNoOptionHas saves a product whose category no list has: browsers send the first option of a select then.
func TestARecordKeepsWhatNoOptionHas(t *testing.T) {
	eachDesk(t, func(t *testing.T, d *desk) {
		owner := d.owner()
		api := "/products/" + strconv.FormatInt(d.ID("product:TRA"), 10)
		d.Write(func(tx *db.Tx) error {
			_, err := tx.Exec(`UPDATE categories SET deleted_at = :now WHERE retailer_id = :retailer AND category_name = 'Trà'`)
			return err
		})
		before := d.record(api)
		owner.submit(owner.get("/console" + api).form("/console" + api)).want(http.StatusOK)
		if got := d.record(api); got != before {
			t.Errorf("saving without a change:\n%s\n%s", before, got)
		}
	})
}

// TestWhatIsFoundIsAPageToo: without scripts the palette is a page.
func TestWhatIsFoundIsAPageToo(t *testing.T) {
	t.Parallel()
	d := openDesk(t, apitest.Seeded(t, "sqlite"), httptest.NewServer, console.Options{})
	page := d.owner().get("/console/search?q=ao").want(http.StatusOK).has("AO-S")
	if to := page.link("Áo thun - S"); !strings.Contains(page.body, "<html") || !strings.HasPrefix(to, "/console/products/") {
		t.Errorf("what is found leads to %q", to)
	}
	if part := d.owner().with("Hx-Request", "true").get("/console/search?q=ao").want(http.StatusOK).has("AO-S"); strings.Contains(part.body, "<html") {
		t.Error("the palette gets a whole page")
	}
	d.owner().get("/console/search?q=khongcogi").want(http.StatusOK).has("Không tìm thấy")
}
