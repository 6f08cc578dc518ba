package main

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/taphoa/taphoa"
	"github.com/taphoa/taphoa/internal/cash"
	"github.com/taphoa/taphoa/internal/db"
	"github.com/taphoa/taphoa/internal/dbtest"
)

// The members of responses that the story reads.
type (
	created struct {
		ID   int64
		Data struct {
			ID, CategoryID int64
			Code           string
		}
	}
	products struct {
		Total int
		Data  []struct {
			ID                 int64
			Code, CategoryName string
			BasePrice          float64
			Inventories        []struct{ OnHand, Reserved float64 }
		}
	}
	receipt struct {
		Amount      float64
		Method      string
		Status      int
		StatusValue string
	}
	delivery struct {
		Receiver    string
		Price       float64
		Status      int
		StatusValue string
	}
	document struct {
		ID                     int64
		Code, OrderCode        string
		Status                 int
		StatusValue, Message   string
		Total, TotalPayment    float64
		Discount               float64
		UsingCod               bool
		CustomerID             int64
		Payments               []receipt
		OrderDelivery          *delivery
		InvoiceDelivery        *delivery
		DeliveryDetail         *delivery
		InvoiceOrderSurcharges []struct {
			SurchargeName   string
			SurValue, Price float64
		}
		OrderDetails, InvoiceDetails []struct {
			ProductCode                                   string
			Quantity, Price, Discount, AllocationDiscount float64
		}
	}
	documents struct {
		Total int
		Data  []document
	}
)

// books are the stocks and balances of the shop after a step.
type books struct {
	rice, riceReserved, sauce, sauceReserved float64 // stock
	debt, invoiced, revenue                  float64 // of the customer
	drawer                                   taphoa.Money
}

// story is a shop in which the story happens.
type story struct {
	caller
	books                      *db.DB // looked into from outside
	retailer, branch, customer int64
}

func TestAnOrderIsInvoicedPaidAndVoidedAndTheBooksAgreeAtEveryStep(t *testing.T) {
	eachEngine(t, func(t terminal) {
		t.do("shop", "create", "hangxanh", "Tạp hoá Hàng Xanh")
		id, secret := t.client("create", "--name", "Web")
		server := t.serve()
		s := &story{caller: caller{t.T, server.base, "hangxanh", server.token(id, secret)}, books: dbtest.Open(t, t.database, nil)}
		s.stocks()
		now := books{rice: 50, sauce: 20}
		s.agree("the shop is stocked", now)

		order := s.orders()
		now.riceReserved, now.sauceReserved = 3, 2
		now.debt, now.drawer = -15000, taphoa.Dong(15000) // the deposit, for which nothing was sold yet
		s.agree("the order is taken", now)

		invoice := s.invoices(order)
		now = books{rice: 47, sauce: 18, debt: 40000, invoiced: 75000, revenue: 75000, drawer: taphoa.Dong(35000)}
		s.agree("the order is invoiced and another 20000 are paid", now)

		s.pays(invoice)
		now.debt, now.drawer = 0, taphoa.Dong(75000)
		s.agree("the goods have arrived and the rest is paid", now)

		s.voids(order, invoice)
		now = books{rice: 50, sauce: 20, riceReserved: 3, sauceReserved: 2}
		s.agree("the invoice is void and its receipts too, the order waits again", now)

		var message struct{ Message string }
		s.must(http.MethodDelete, fmt.Sprint("/orders/", order, "?IsVoidPayment=true"), "", &message)
		if message.Message != "Xóa dữ liệu thành công" {
			t.Errorf("voiding the order answers %q", message.Message)
		}
		s.agree("the order is void", books{rice: 50, sauce: 20})

		server.stop()
		server.ends()
		if out := t.do("check"); !strings.Contains(out, "hangxanh: OK") {
			t.Errorf("check says %s", out)
		}
	})
}

// agree compares the books with the wanted values.
func (s *story) agree(step string, want books) {
	s.Helper()
	var (
		got      books
		customer struct{ Debt, TotalInvoiced, TotalRevenue float64 }
		list     products
	)
	s.must(http.MethodGet, fmt.Sprint("/products?includeInventory=true&orderBy=code&branchIds=", s.branch), "", &list)
	for _, p := range list.Data {
		if len(p.Inventories) != 1 {
			s.Fatalf("%s: %s has %d inventories", step, p.Code, len(p.Inventories))
		}
		switch i := p.Inventories[0]; p.Code {
		case "GAO":
			got.rice, got.riceReserved = i.OnHand, i.Reserved
		case "MAM":
			got.sauce, got.sauceReserved = i.OnHand, i.Reserved
		}
	}
	s.must(http.MethodGet, fmt.Sprint("/customers/", s.customer), "", &customer)
	got.debt, got.invoiced, got.revenue = customer.Debt, customer.TotalInvoiced, customer.TotalRevenue
	err := s.books.Read(s.Context(), db.Actor{Retailer: s.retailer}, func(tx *db.Tx) (err error) {
		got.drawer, err = cash.Balance(tx, cash.Drawer(s.branch))
		return err
	})
	if err != nil {
		s.Fatal(err)
	}
	if got != want {
		s.Errorf("%s:\nthe books say %+v,\nwant           %+v", step, got, want)
	}
}

// stocks creates two products with stock, a surcharge and a customer, and reads the catalog as a web shop would.
func (s *story) stocks() {
	s.Helper()
	var branches struct {
		Data []struct{ ID, RetailerID int64 }
	}
	s.must(http.MethodGet, "/branches", "", &branches)
	s.branch, s.retailer = branches.Data[0].ID, branches.Data[0].RetailerID

	var made created
	s.must(http.MethodPost, "/categories", `{"categoryName":"Lương thực"}`, &made)
	for _, p := range []struct {
		code, name    string
		price, onHand int
	}{{"GAO", "Gạo ST25", 10000, 50}, {"MAM", "Nước mắm", 25000, 20}} {
		s.must(http.MethodPost, "/products", fmt.Sprintf(
			`{"code":%q,"name":%q,"categoryId":%d,"basePrice":%d,"allowsSale":true,"inventories":[{"branchId":%d,"onHand":%d,"cost":7000}]}`,
			p.code, p.name, made.Data.CategoryID, p.price, s.branch, p.onHand), new(created))
	}
	s.must(http.MethodPost, "/surchages", `{"name":"Phí đóng gói","code":"GOI","value":5000}`, new(created))
	s.must(http.MethodPost, "/customers", fmt.Sprintf(
		`{"name":"Trần Văn Bình","contactNumber":"0903111222","branchId":%d}`, s.branch), &made)
	s.customer = made.Data.ID

	var tree struct {
		Data []struct{ CategoryName string }
	}
	s.must(http.MethodGet, "/categories?hierachicalData=true", "", &tree)
	var list products
	s.must(http.MethodGet, "/products?includeInventory=1&pageSize=100&orderBy=id", "", &list)
	if len(tree.Data) != 1 || tree.Data[0].CategoryName != "Lương thực" || list.Total != 2 || list.Data[0].Code != "GAO" ||
		list.Data[0].CategoryName != "Lương thực" || list.Data[0].BasePrice != 10000 || len(list.Data[0].Inventories) != 1 {
		s.Errorf("the web shop sees the categories %+v and the products %+v", tree, list)
	}
}

// orders creates an order with a discount a line and one on the whole, a surcharge, a delivery and a deposit:
// 3 × (10000 - 1000) + 2 × 25000 - 7000 + 5000 = 75000; the delivery's price is not part of it.
func (s *story) orders() (id int64) {
	s.Helper()
	var order document
	s.must(http.MethodPost, "/orders", fmt.Sprintf(`{
		"branchId":%d, "customerId":%d, "discount":7000, "method":"CASH", "totalPayment":15000, "description":"Giao buổi sáng",
		"orderDetails":[
			{"productCode":"GAO","quantity":3,"price":10000,"discount":1000},
			{"productCode":"MAM","quantity":2}],
		"surchages":[{"code":"GOI","price":5000}],
		"orderDelivery":{"receiver":"Trần Văn Bình","contactNumber":"0903111222","address":"1 Lê Lợi","price":20000,"weight":500}}`,
		s.branch, s.customer), &order)
	if order.Code != "DH000001" || order.Status != 1 || order.StatusValue != "Phiếu tạm" || order.Total != 75000 ||
		order.TotalPayment != 15000 || order.Discount != 7000 || !order.UsingCod || order.CustomerID != s.customer {
		s.Errorf("the order is %+v", order)
	}
	if d := order.OrderDelivery; d == nil || d.Receiver != "Trần Văn Bình" || d.Price != 20000 {
		s.Errorf("the order's delivery is %+v", d)
	}
	if c := order.InvoiceOrderSurcharges; len(c) != 1 || c[0].SurchargeName != "Phí đóng gói" || c[0].SurValue != 5000 || c[0].Price != 5000 {
		s.Errorf("the order's surcharges are %+v", c)
	}
	if l := order.OrderDetails; len(l) != 2 || l[0].Quantity != 3 || l[0].Discount != 1000 || l[1].Price != 25000 {
		s.Errorf("the order's lines are %+v", l)
	}
	s.paid("the order", order.Payments, receipt{15000, "Cash", 0, "Đã thanh toán"})
	var byCode document
	s.must(http.MethodGet, "/orders/code/DH000001", "", &byCode)
	if byCode.ID != order.ID {
		s.Errorf("the code finds order %d, want %d", byCode.ID, order.ID)
	}
	return order.ID
}

// invoices turns the order into an invoice through PUT, with another 20000 paid.
func (s *story) invoices(order int64) (id int64) {
	s.Helper()
	var after document
	s.must(http.MethodPut, fmt.Sprint("/orders/", order), `{"makeInvoice":true,"method":"Cash","totalPayment":35000}`, &after)
	if after.Status != 3 || after.StatusValue != "Hoàn thành" || after.Total != 75000 || after.TotalPayment != 35000 {
		s.Errorf("the invoiced order is %+v", after)
	}
	var list documents
	s.must(http.MethodGet, fmt.Sprint("/invoices?includePayment=true&includeInvoiceDelivery=true&orderId=", order), "", &list)
	if list.Total != 1 {
		s.Fatalf("the order has %d invoices", list.Total)
	}
	invoice := list.Data[0]
	if invoice.Code != "HD000001" || invoice.Status != 3 || invoice.StatusValue != "Đang xử lý" || invoice.Total != 75000 ||
		invoice.TotalPayment != 35000 || invoice.Discount != 7000 || !invoice.UsingCod || invoice.CustomerID != s.customer {
		s.Errorf("the invoice is %+v", invoice)
	}
	if d := invoice.InvoiceDelivery; d == nil || d.Receiver != "Trần Văn Bình" || d.Status != 1 || d.StatusValue != "Chờ xử lý" {
		s.Errorf("the invoice's delivery is %+v", d)
	}
	if c := invoice.InvoiceOrderSurcharges; len(c) != 1 || c[0].Price != 5000 {
		s.Errorf("the invoice's surcharges are %+v", c)
	}
	if l := invoice.InvoiceDetails; len(l) != 2 || l[0].Quantity != 3 || l[0].AllocationDiscount+l[1].AllocationDiscount != 7000 {
		s.Errorf("the invoice's lines are %+v", l)
	}
	s.paid("the invoice", invoice.Payments, receipt{15000, "Cash", 0, "Đã thanh toán"}, receipt{20000, "Cash", 0, "Đã thanh toán"})
	return invoice.ID
}

// pays delivers the goods and pays the rest.
func (s *story) pays(invoice int64) {
	s.Helper()
	var after document
	s.must(http.MethodPut, fmt.Sprint("/invoices/", invoice), `{"totalPayment":75000,"deliveryDetail":{"status":3}}`, &after)
	if after.Status != 1 || after.StatusValue != "Hoàn thành" || after.Total != 75000 || after.TotalPayment != 75000 {
		s.Errorf("the paid invoice is %+v", after)
	}
	if d := after.DeliveryDetail; d == nil || d.StatusValue != "Giao thành công" || d.Receiver != "Trần Văn Bình" {
		s.Errorf("the delivery is %+v", d)
	}
	s.paid("the paid invoice", after.Payments, receipt{15000, "Cash", 0, "Đã thanh toán"},
		receipt{20000, "Cash", 0, "Đã thanh toán"}, receipt{40000, "Cash", 0, "Đã thanh toán"})
	if status := s.call(http.MethodPut, fmt.Sprint("/orders/", s.orderOf(invoice)), `{"discount":1}`, new(any)); status != 420 {
		s.Errorf("a completed order is changed: status %d", status)
	}
}

// voids voids the invoice with its receipts.
func (s *story) voids(order, invoice int64) {
	s.Helper()
	var after document
	s.must(http.MethodDelete, "/invoices", fmt.Sprintf(`{"id":%d,"isVoidPayment":true}`, invoice), &after)
	if after.ID != invoice || after.Status != 2 || after.StatusValue != "Đã hủy" || after.Message != "Xóa dữ liệu thành công" ||
		after.TotalPayment != 0 {
		s.Errorf("the void invoice is %+v", after)
	}
	s.paid("the void invoice", after.Payments, receipt{15000, "Cash", 1, "Đã hủy"},
		receipt{20000, "Cash", 1, "Đã hủy"}, receipt{40000, "Cash", 1, "Đã hủy"})
	var open document
	s.must(http.MethodGet, fmt.Sprint("/orders/", order), "", &open)
	if open.Status != 1 || open.Total != 75000 || open.TotalPayment != 0 {
		s.Errorf("the order of the void invoice is %+v", open)
	}
}

func (s *story) paid(what string, got []receipt, want ...receipt) {
	s.Helper()
	if !slices.Equal(got, want) {
		s.Errorf("%s has the receipts %+v, want %+v", what, got, want)
	}
}

// orderOf finds the order of an invoice by the code that the invoice shows.
func (s *story) orderOf(invoice int64) int64 {
	s.Helper()
	var sale, order document
	s.must(http.MethodGet, fmt.Sprint("/invoices/", invoice), "", &sale)
	s.must(http.MethodGet, "/orders/code/"+sale.OrderCode, "", &order)
	return order.ID
}
