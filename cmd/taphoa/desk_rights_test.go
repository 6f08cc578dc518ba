package main

import (
	"net/http"
	"strconv"
	"testing"

	"github.com/taphoa/taphoa/internal/access"
	"github.com/taphoa/taphoa/internal/db"
)

// hire gives the shop the user Tư with a password.
func (t terminal) hire() {
	t.Helper()
	t.do("user", "create", "tu", "Trần Văn Tư")
	t.people(func(d *db.DB, s *access.Service) {
		hash, err := s.Hash(t.Context(), staffPassword)
		if err == nil {
			var shop int64
			err = d.Read(t.Context(), db.Actor{}, func(tx *db.Tx) (err error) {
				found, err := findShop(tx, "")
				shop = found.RetailerID
				return err
			})
			if err == nil {
				err = d.Write(t.Context(), db.Actor{Retailer: shop}, func(tx *db.Tx) error {
					account, err := findUser(tx, "tu")
					if err == nil {
						err = access.SetPassword(tx, account.User, hash)
					}
					return err
				})
			}
		}
		if err != nil {
			t.Fatal(err)
		}
	})
}

// sellCoffee has a client sell what costs 13,579 đồng, for Tư, and returns where the desk has the invoice and the product.
func (s *server) sellCoffee(x terminal) (invoice, product string) {
	s.T.Helper()
	id, secret := x.client("create", "--name", "Quầy")
	c := caller{s.T, s.base, "cobien", s.token(id, secret)}
	var branches, users struct{ Data []struct{ ID int64 } }
	c.must(http.MethodGet, "/branches", "", &branches)
	c.must(http.MethodGet, "/users", "", &users) // Tư: cashiers see what they have sold
	branch := strconv.FormatInt(branches.Data[0].ID, 10)
	var made, sold struct{ ID int64 }
	c.must(http.MethodPost, "/products", `{"code":"CP","name":"Cà phê","basePrice":20000,"allowsSale":true,"inventories":[{"branchId":`+branch+`,"cost":13579,"onHand":5}]}`, &made)
	c.must(http.MethodPost, "/invoices", `{"branchId":`+branch+`,"soldById":`+strconv.FormatInt(users.Data[0].ID, 10)+`,"invoiceDetails":[{"productCode":"CP","quantity":1,"price":20000}]}`, &sold)
	return "/console/invoices/" + strconv.FormatInt(sold.ID, 10), "/console/products/" + strconv.FormatInt(made.ID, 10)
}

// beCashier signs Tư in as a cashier, whom the owner may let void the invoice by a PIN.
func (d *desk) beCashier(x terminal, s *server) (invoice string) {
	d.t.Helper()
	x.hire()
	x.do("user", "roles", "tu", "3")
	invoice, _ = s.sellCoffee(x)
	owner := openDesk(x.T, s.base)
	owner.signIn("ngoclan", ownerPassword)
	owner.at("/console/invoices")
	owner.visit("/console/account/pin")
	owner.fill("pin", "804215")
	owner.fill("again", "804215")
	owner.press("Lưu")
	owner.shows("Đã đặt mã PIN")
	d.signIn("tu", staffPassword)
	d.at("/console/invoices")
	return invoice
}

// TestACashierVoidsWithThePINOfTheOwner: the owner sets a PIN and makes Tư a cashier, who sees no cost, and voids an invoice when the
// owner enters the PIN.
func TestACashierVoidsWithThePINOfTheOwner(t *testing.T) {
	t.Parallel()
	x := openShop(t)
	x.hire()
	s := x.serve()
	invoice, product := s.sellCoffee(x)
	owner := openDesk(t, s.base)
	owner.signIn("ngoclan", ownerPassword)
	owner.at("/console/invoices")
	owner.visit("/console/account/pin")
	owner.fill("pin", "804215")
	owner.fill("again", "804215")
	owner.suits()
	owner.press("Lưu")
	owner.shows("Đã đặt mã PIN")
	owner.visit(product)
	owner.shows("13.579")
	owner.visit("/console/roles")
	owner.shows("Thu ngân")
	owner.suits()
	owner.press("Thu ngân")
	owner.shows("Xem giá vốn")
	owner.suits()
	owner.visit("/console/users")
	owner.press("tu")
	owner.press("Sửa vai trò")
	owner.pick("role", "3")
	owner.pick("branch", "1")
	owner.press("Thêm vai trò")
	owner.await(`document.querySelectorAll("main [name=role]").length === 2`)
	owner.suits()
	owner.press("Lưu")
	owner.shows("Đã lưu")
	owner.shows("Thu ngân")
	owner.suits()
	owner.quiet()

	tu := openDesk(t, s.base)
	tu.signIn("tu", staffPassword)
	tu.at("/console/invoices")
	tu.visit(product)
	tu.shows("Cà phê")
	tu.await(`!document.body.innerText.includes("13.579") && !document.body.innerText.includes("Giá vốn")`)
	tu.visit("/console/users")
	tu.shows("Bạn không có quyền: Xem người dùng")
	tu.suits()
	tu.visit(invoice)
	tu.press("Hủy hóa đơn")
	tu.shows("Cần người có quyền cho phép")
	tu.suits()
	tu.fill("pin", "804216")
	tu.press("Cho phép")
	tu.shows("Mã PIN không đúng")
	tu.await(`document.querySelector("[name=pin]").value === ""`)
	tu.fill("pin", "804215")
	tu.press("Cho phép")
	tu.at(invoice)
	tu.shows("Nguyễn Thị Ngọc Lan đã cho phép Trần Văn Tư")
	tu.shows("Đã hủy")
	tu.quiet()
}
