package api_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/taphoa/taphoa/internal/api"
	"github.com/taphoa/taphoa/internal/apitest"
	"github.com/taphoa/taphoa/internal/dbtest"
	"github.com/taphoa/taphoa/internal/oauth"
	"github.com/taphoa/taphoa/internal/right"
)

// TestStockKeepersOfTwoBranchesMoveGoodsWithTheirRole by the API, as every shop has it: what a route needs is asked at the branches of
// the document.
func TestStockKeepersOfTwoBranchesMoveGoodsWithTheirRole(t *testing.T) {
	roles := map[string]right.Set{}
	for _, r := range right.BuiltIn() {
		roles[r.Name] = r.Set
	}
	for _, engine := range dbtest.Engines {
		t.Run(engine, func(t *testing.T) {
			t.Parallel()
			var held *right.Held
			d := apitest.SeededWith(t, engine, api.Options{Held: func(oauth.Identity) *right.Held { return held }})
			cn1, cn2 := d.ID("branch:CN1"), d.ID("branch:CN2")
			lan := d.ID("user:lan")
			first := right.Hold(lan, right.Grant{Branch: cn1, Set: roles["Thủ kho"]})
			second := right.Hold(lan, right.Grant{Branch: cn2, Set: roles["Thủ kho"]})
			accountant := right.Hold(lan, right.Grant{Set: roles["Kế toán"]})
			send := func(who *right.Held, status int, says, method, target, body string) string {
				t.Helper()
				held = who
				a := d.Send(method, target, body)
				if a.Status != status || !strings.Contains(string(a.Body), says) {
					t.Errorf("%s %s answers %d %s, want %d and %q", method, target, a.Status, a.Body, status, says)
				}
				return string(a.Body)
			}
			transfer := fmt.Sprintf(`{"code":"CHUYEN","fromBranchId":%d,"toBranchId":%d,"transferDetails":[{"productCode":"TRA","sendQuantity":2}]}`, cn1, cn2)
			const lacks, carries = "Bạn không có quyền: ", "Tạo, gửi và nhận phiếu chuyển hàng"
			send(second, http.StatusForbidden, lacks+carries, http.MethodPost, "/transfers", transfer)
			send(accountant, http.StatusForbidden, lacks+carries, http.MethodPost, "/transfers", transfer)
			send(first, http.StatusOK, "CHUYEN", http.MethodPost, "/transfers", transfer)
			held = nil
			target := fmt.Sprint("/transfers/", d.ID("transfer:CHUYEN"))
			send(first, http.StatusForbidden, lacks+carries, http.MethodPut, target, `{"status":3}`)
			send(first, http.StatusForbidden, lacks+"Hủy phiếu chuyển hàng", http.MethodPut, target, `{"status":4}`)
			send(first, http.StatusForbidden, lacks+"Hủy phiếu chuyển hàng", http.MethodDelete, target, "")
			send(second, http.StatusForbidden, lacks+carries, http.MethodPut, target, `{"status":3,"transferDetails":[{"productCode":"TRA","sendQuantity":9}]}`)
			send(second, http.StatusOK, `"status":3`, http.MethodPut, target, `{"status":3}`)
			for _, who := range []*right.Held{first, second, accountant} {
				send(who, http.StatusOK, "CHUYEN", http.MethodGet, target, "")
			}

			purchase := fmt.Sprintf(`{"branchId":%d,"supplierId":%d,"purchaseOrderDetails":[{"productCode":"TRA","quantity":2,"price":9000}]}`, cn1, d.ID("supplier:NCC-TRA"))
			send(second, http.StatusForbidden, lacks+"Tạo và sửa phiếu nhập hàng", http.MethodPost, "/purchaseorders", purchase)
			send(first, http.StatusOK, "PN", http.MethodPost, "/purchaseorders", purchase)
			send(first, http.StatusOK, `"total":1,`, http.MethodGet, "/purchaseorders", "")
			send(second, http.StatusOK, `"total":0,`, http.MethodGet, "/purchaseorders", "")
			send(first, http.StatusForbidden, lacks+"Xem công nợ", http.MethodGet, "/debts/ageing?partnerType=S", "")
			send(accountant, http.StatusOK, `"debt":18000`, http.MethodGet, "/debts/ageing?partnerType=S", "")
			send(first, http.StatusForbidden, lacks+"Đổi giá bán của hàng hóa và bảng giá", http.MethodPut, fmt.Sprint("/products/", d.ID("product:TRA")), `{"basePrice":1}`)
		})
	}
}
