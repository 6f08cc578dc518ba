package console_test

import (
	"fmt"
	"net/http"
	"net/url"
	"path"
	"strconv"
	"strings"
	"testing"

	"github.com/taphoa/taphoa/internal/access"
	"github.com/taphoa/taphoa/internal/right"
)

// TestTheDeskShowsWhoHasChangedWhat, with the values before and after, and nothing to who may not see it.
func TestTheDeskShowsWhoHasChangedWhat(t *testing.T) {
	eachDesk(t, func(t *testing.T, d *desk) {
		d.sell()
		owner := d.owner()
		customer := "/customers/" + strconv.FormatInt(d.ID("customer:KH-HOA"), 10)
		d.change(customer, `{"name":"Chị Hoa <b>chợ</b>","debtLimit":5000000}`)
		product := fmt.Sprintf("/products/%d", d.ID("product:TRA"))
		d.change(product, `{"basePrice":27000}`)

		list := owner.get("/console/audit").want(http.StatusOK).harmless().has(
			"Sửa khách hàng", "KH-HOA", "Tên khách hàng: Chị Hoa → Chị Hoa <b>chợ</b>; Hạn mức nợ: 5.000.000", "Giá bán: 25.000 → 27.000", "Sửa vai trò", "Vai trò riêng",
		)
		if rows := list.rows(); len(rows) < 4 || rows[0][2] != "Sửa hàng hóa" || rows[1][2] != "Sửa khách hàng" {
			t.Errorf("the rows are %q", rows)
		}
		links := list.rowLinks()
		owner.get(links[1]).want(http.StatusOK).harmless().has("Tên khách hàng", "Chị Hoa", "5.000.000", "Mã băm", "updateCustomer", "Số của sự kiện")
		for text, finds := range map[string]bool{"cho": true, "kh-hoa": true, "27000": true, "vai tro rieng": true, "nước mắm": false} {
			if n := len(owner.get("/console/audit?q=" + strings.ReplaceAll(text, " ", "+")).want(http.StatusOK).rows()); n > 0 != finds {
				t.Errorf("%q finds %d entries", text, n)
			}
		}
		lan := strconv.FormatInt(d.ID("user:lan"), 10)
		if rows := owner.get("/console/audit?userId=" + lan).want(http.StatusOK).rows(); len(rows) != 0 {
			t.Errorf("of Lan: %q", rows)
		}
		if rows := owner.get("/console/audit?operation=updateProduct").want(http.StatusOK).has("Thao tác: Sửa hàng hóa").rows(); len(rows) != 1 {
			t.Errorf("of one operation: %q", rows)
		}
		if rows := owner.get("/console/audit?fromDate=2099-01-01").want(http.StatusOK).rows(); len(rows) != 0 {
			t.Errorf("from a day to come: %q", rows)
		}
		owner.get("/console/audit?fromDate=gestern").has("Không đọc được danh sách")
		owner.get("/console/customers"+strings.TrimPrefix(customer, "/customers")).want(http.StatusOK).has("Nhật ký thao tác", "Hạn mức nợ: 5.000.000")
		owner.get("/console/audit/4711").want(http.StatusNotFound)
		owner.get("/console/audit/x").want(http.StatusNotFound)
		owner.with("Accept-Language", "en").get("/console/audit").has("Audit log", "Change a customer", "Who has added")

		// Who sees the log and no debts is not shown what was changed of them, nor a hash by which that could be guessed.
		saved := owner.post("/console/roles", url.Values{"name": {"Kiểm soát"}, "audit.see": {"true"}, "customers.see": {"true"}, "others.see": {"true"}}).want(http.StatusOK)
		role, err := strconv.ParseInt(path.Base(saved.link("Kiểm soát")), 10, 64)
		if err != nil {
			t.Fatal(err)
		}
		auditor := d.hire("kiem", "Kiểm", access.UserRole{Role: role}).alone()
		auditor.get("/console/audit").want(http.StatusOK).has("Sửa khách hàng", "Chị Hoa <b>chợ</b>").hasNot("Hạn mức nợ", "5.000.000")
		auditor.get(links[1]).want(http.StatusOK).has("Tên khách hàng").hasNot("Hạn mức nợ", "5.000.000", "Mã băm")
		if rows := auditor.get("/console/audit?q=5000000").want(http.StatusOK).rows(); len(rows) != 0 {
			t.Errorf("what is not shown is found: %q", rows)
		}
		there := d.hire("xa", "Xa", access.UserRole{Role: right.ManagerRole, Branch: d.ID("branch:CN2")}).alone()
		there.get("/console/audit").want(http.StatusForbidden)
		there.get("/console/customers" + strings.TrimPrefix(customer, "/customers")).want(http.StatusOK).hasNot("Nhật ký thao tác")
	})
}

// TestTheLogIsReadPageByPage, from the newest entry to the oldest.
func TestTheLogIsReadPageByPage(t *testing.T) {
	eachDesk(t, func(t *testing.T, d *desk) {
		for i := range 60 {
			d.change(fmt.Sprintf("/products/%d", d.ID("product:TRA")), fmt.Sprintf(`{"basePrice":%d}`, 30_000+i))
		}
		owner := d.owner()
		first := owner.get("/console/audit?operation=updateProduct").want(http.StatusOK)
		second := owner.get(first.link("Trang kế tiếp")).want(http.StatusOK)
		if a, b := len(first.rows()), len(second.rows()); a != 50 || b != 10 {
			t.Errorf("%d and %d entries", a, b)
		}
		owner.get(second.link("Trang đầu")).want(http.StatusOK).has("30.059")
	})
}
