package console

import (
	"net/url"
	"strconv"
	"strings"

	"github.com/taphoa/taphoa"
)

// descriptions are the pages of the navigation, in its order.
var descriptions = []description{invoices, products, customers, users}

var branches = listed("listBranches", "id", "branchName")

var products = description{
	path: "products", icon: "package", title: "Hàng hóa|list", one: "hàng hóa",
	list: "listProducts", with: url.Values{"includeInventory": {"true"}},
	get: "getProduct", create: "createProduct", update: "updateProduct", remove: "deleteProduct",
	name: "fullName", code: "code", search: "name", searchHint: "Tên, mã hàng, mã vạch", order: "createdDate",
	kinds: []string{"product.update", "product.delete", "stock.update"},
	columns: []column{
		{member: "code", title: "Mã hàng", sort: "code"},
		{member: "fullName", title: "Tên hàng", sort: "name", wide: true},
		{member: "categoryName", title: "Nhóm hàng"},
		{member: "inventories", title: "Tồn kho", kind: ofQuantity, value: onHand},
		{member: "basePrice", title: "Giá bán", kind: ofMoney, sort: "basePrice", key: true},
		{member: "unit", title: "Đơn vị tính", off: true},
		{member: "barCode", title: "Mã vạch", off: true},
		{member: "tradeMarkName", title: "Thương hiệu", off: true},
		{member: "allowsSale", title: "Được bán", kind: ofBool, off: true},
		{member: "isActive", title: "Đang kinh doanh", kind: ofBool},
		{member: "createdDate", title: "Ngày tạo", kind: ofTime, sort: "createdDate", off: true},
		{member: "modifiedDate", title: "Ngày sửa", kind: ofTime, sort: "modifiedDate", off: true},
	},
	filters: []filter{
		{param: "categoryId", title: "Nhóm hàng", kind: ofChoice, options: listed("listCategories", "categoryId", "categoryName")},
		{param: "isActive", title: "Tình trạng", kind: ofChoice, options: fixed("true", "Đang kinh doanh", "false", "Ngừng kinh doanh")},
		{param: "productType", title: "Loại hàng", kind: ofChoice, options: fixed("2", "Hàng thường", "1", "Combo", "3", "Dịch vụ")},
	},
	sections: []section{
		{title: "Thông tin chung", fields: []field{
			{member: "name", title: "Tên hàng", required: true, max: 255},
			{member: "code", title: "Mã hàng", hint: "Để trống thì lấy mã kế tiếp", width: "half", max: 100, stays: true},
			{member: "barCode", title: "Mã vạch", width: "half", max: 16},
			{
				member: "categoryId", title: "Nhóm hàng", hint: "Để trống: nhóm Khác", kind: ofChoice, stays: true, width: "half",
				options: listed("listCategories", "categoryId", "categoryName"),
			},
			{member: "unit", title: "Đơn vị tính", width: "half", max: 50},
			{member: "description", title: "Mô tả", kind: ofLong},
		}},
		{title: "Giá và bán hàng", fields: []field{
			{member: "basePrice", title: "Giá bán", kind: ofMoney, unit: "đ", width: "half", start: "0", stays: true},
			{member: "weight", title: "Trọng lượng", kind: ofQuantity, unit: "g", width: "half", stays: true},
			{member: "allowsSale", title: "Bán trực tiếp|hàng", kind: ofBool, start: "true"},
			{member: "isRewardPoint", title: "Tích điểm", kind: ofBool},
			{member: "isActive", title: "Đang kinh doanh", kind: ofBool, start: "true"},
		}},
		{title: "Tồn kho và giá vốn", lines: &lines{member: "inventories", columns: []column{
			{member: "branchName", title: "Chi nhánh"},
			{member: "onHand", title: "Tồn kho", kind: ofQuantity},
			{member: "reserved", title: "Khách đặt", kind: ofQuantity},
			{member: "cost", title: "Giá vốn", kind: ofMoney, key: true},
		}}},
		{title: "Lịch sử", fields: []field{
			{member: "createdDate", title: "Ngày tạo", kind: ofTime, computed: true, width: "half"},
			{member: "modifiedDate", title: "Ngày sửa", kind: ofTime, computed: true, width: "half"},
		}},
	},
}

var customers = description{
	path: "customers", icon: "users", title: "Khách hàng|list", one: "khách hàng",
	list: "listCustomers", with: url.Values{"includeTotal": {"true"}, "includeCustomerGroup": {"true"}, "includeTotals": {"true"}},
	get: "getCustomerById", create: "createCustomer", update: "updateCustomer", remove: "deleteCustomer",
	name: "name", code: "code", search: "keyword", searchHint: "Tên, mã, điện thoại", order: "createdDate",
	totals: "Tổng", kinds: []string{"customer.update", "customer.delete"},
	columns: []column{
		{member: "code", title: "Mã khách hàng", sort: "code"},
		{member: "name", title: "Tên khách hàng", sort: "name", wide: true},
		{member: "contactNumber", title: "Điện thoại", sort: "contactNumber"},
		{member: "debt", title: "Nợ hiện tại", kind: ofMoney, sort: "debt", key: true},
		{member: "totalRevenue", title: "Tổng bán trừ trả hàng", kind: ofMoney},
		{member: "totalInvoiced", title: "Tổng bán", kind: ofMoney, off: true},
		{member: "rewardPoint", title: "Điểm hiện tại", kind: ofNumber, off: true},
		{member: "groups", title: "Nhóm khách", off: true},
		{member: "address", title: "Địa chỉ", off: true},
		{member: "email", title: "Email", off: true},
		{member: "createdDate", title: "Ngày tạo", kind: ofTime, sort: "createdDate", off: true},
		{member: "modifiedDate", title: "Ngày sửa", kind: ofTime, sort: "modifiedDate", off: true},
	},
	filters: []filter{
		{param: "groupId", title: "Nhóm khách", kind: ofChoice, options: listed("listCustomerGroups", "id", "name")},
		{param: "isActive", title: "Tình trạng", kind: ofChoice, options: fixed("true", "Đang hoạt động", "false", "Ngừng hoạt động")},
	},
	sections: []section{
		{title: "Thông tin chung", fields: []field{
			{member: "name", title: "Tên khách hàng", required: true, max: 255},
			{member: "code", title: "Mã khách hàng", hint: "Để trống thì lấy mã kế tiếp", width: "half", max: 50, stays: true},
			{member: "contactNumber", title: "Điện thoại", width: "half", max: 255},
			{member: "birthDate", title: "Ngày sinh", kind: ofDate, width: "half", stays: true},
			{member: "gender", title: "Giới tính", kind: ofChoice, width: "half", stays: true, options: fixed("true", "Nam|giới", "false", "Nữ")},
			{member: "email", title: "Email", width: "half", max: 255},
			{member: "address", title: "Địa chỉ", max: 1000},
			{member: "locationName", title: "Khu vực", width: "half", max: 255},
			{member: "wardName", title: "Phường/xã", width: "half", max: 255},
			{member: "comments", title: "Ghi chú", kind: ofLong, max: 2000},
		}},
		{title: "Công ty và hóa đơn", fields: []field{
			{member: "organization", title: "Công ty", width: "half", max: 255},
			{member: "taxCode", title: "Mã số thuế", width: "half", max: 50},
			{member: "IdentificationNumber", title: "Số CCCD", width: "half", max: 50},
		}},
		{title: "Công nợ", fields: []field{
			{member: "debt", title: "Nợ hiện tại", kind: ofMoney, computed: true, width: "half"},
			{member: "totalInvoiced", title: "Tổng bán", kind: ofMoney, computed: true, width: "half"},
			{member: "debtLimit", title: "Hạn mức nợ", hint: "Để trống là không giới hạn", kind: ofMoney, unit: "đ", width: "half"},
			{member: "paymentDays", title: "Hạn thanh toán", kind: ofNumber, unit: "ngày", width: "half"},
		}},
	},
}

// invoiceTones are the colors of an invoice's states (contract invoices, statusValue).
var invoiceTones = map[string]string{"Hoàn thành": "success", "Đang xử lý": "info", "Đã hủy": "", "Không giao được": "danger"}

var invoices = description{
	path: "invoices", icon: "receipt", title: "Hóa đơn|list", one: "hóa đơn",
	list: "listInvoices", with: url.Values{"includeTotals": {"true"}}, get: "getInvoiceById", remove: "deleteInvoiceById",
	voids: &voiding{
		action: "Hủy hóa đơn|action", question: "Hủy hóa đơn %s?", done: "Đã hủy hóa đơn",
		text:  "Hàng về lại kho, tiền đã thu còn là của khách. Không hoàn tác được.",
		still: func(r record) bool { return r.text("status") != strconv.Itoa(taphoa.InvoiceVoid) },
	},
	name: "code", code: "code", searchBy: byCodeOrCustomer, searchHint: "Mã hóa đơn, khách hàng, điện thoại", order: "purchaseDate",
	totals: "Tổng, không kể đã hủy", kinds: []string{"invoice.update"},
	columns: []column{
		{member: "code", title: "Mã hóa đơn", sort: "code"},
		{member: "purchaseDate", title: "Thời gian", kind: ofTime, sort: "purchaseDate"},
		{member: "customerName", title: "Khách hàng", wide: true, blank: "Khách lẻ"},
		{member: "branchName", title: "Chi nhánh", off: true},
		{member: "soldByName", title: "Người bán", off: true},
		{member: "discount", title: "Giảm giá", kind: ofMoney, off: true},
		{member: "total", title: "Khách cần trả", kind: ofMoney, key: true},
		{member: "totalPayment", title: "Khách đã trả", kind: ofMoney},
		{member: "statusValue", title: "Trạng thái", tones: invoiceTones},
		{member: "orderCode", title: "Mã đặt hàng", off: true},
		{member: "description", title: "Ghi chú", off: true},
		{member: "modifiedDate", title: "Ngày sửa", kind: ofTime, sort: "modifiedDate", off: true},
	},
	filters: []filter{
		{param: "fromPurchaseDate", until: "toPurchaseDate", title: "Từ ngày", kind: ofDate},
		{param: "branchIds", title: "Chi nhánh", kind: ofChoice, options: branches},
		{param: "status", title: "Trạng thái", kind: ofChoice, options: fixed("1", "Hoàn thành", "3", "Đang xử lý", "2", "Đã hủy", "5", "Không giao được")},
	},
	sections: []section{
		{title: "Thông tin chung", fields: []field{
			{member: "purchaseDate", title: "Thời gian", kind: ofTime},
			{member: "statusValue", title: "Trạng thái", tones: invoiceTones},
			{member: "customerName", title: "Khách hàng"},
			{member: "customerCode", title: "Mã khách hàng"},
			{member: "branchName", title: "Chi nhánh"},
			{member: "soldByName", title: "Người bán"},
			{member: "orderCode", title: "Mã đặt hàng"},
			{member: "description", title: "Ghi chú"},
		}},
		{title: "Chi tiết", lines: &lines{member: "invoiceDetails", columns: []column{
			{member: "productName", title: "Tên hàng"},
			{member: "productCode", title: "Mã hàng"},
			{member: "quantity", title: "Số lượng", kind: ofQuantity},
			{member: "price", title: "Đơn giá", kind: ofMoney},
			{member: "discount", title: "Giảm giá", kind: ofMoney},
			{member: "subTotal", title: "Thành tiền", kind: ofMoney, key: true},
		}}},
		{title: "Thanh toán", fields: []field{
			{member: "discount", title: "Giảm giá", kind: ofMoney},
			{member: "totalTax", title: "Thuế", kind: ofMoney},
			{member: "total", title: "Khách cần trả", kind: ofMoney},
			{member: "totalPayment", title: "Khách đã trả", kind: ofMoney},
		}},
		{title: "Lịch sử thanh toán", lines: &lines{member: "payments", columns: []column{
			{member: "code", title: "Mã phiếu"},
			{member: "transDate", title: "Thời gian", kind: ofTime},
			{member: "method", title: "Phương thức"},
			{member: "statusValue", title: "Trạng thái"},
			{member: "amount", title: "Số tiền", kind: ofMoney, key: true},
		}}},
	},
}

// onHand is what all branches have of a product.
func onHand(r record) string {
	sum := taphoa.Quantity(0)
	for _, stock := range records(r.at("inventories")) {
		q, err := taphoa.ParseDecimal(stock.text("onHand"))
		if err != nil {
			return ""
		}
		sum += taphoa.Quantity(q)
	}
	return sum.String()
}

// foundMax is how many customers a searched text may mean.
const foundMax = 100

// byCodeOrCustomer finds the invoice with a code, whatever the filters say, or those of the customers that a text finds.
func byCodeOrCustomer(v *visit, text string, query url.Values) (only []record, err error) {
	invoice, _, err := v.ask("getInvoiceByCode", map[string]string{"code": text}, nil)
	if err == nil {
		return []record{invoice}, nil
	}
	if e, ok := refused(err); !ok || e.Kind != taphoa.KindNotFound {
		return nil, err
	}
	if !v.may("listCustomers") {
		return []record{}, nil
	}
	page, _, err := v.ask("listCustomers", nil, url.Values{"keyword": {text}, "pageSize": {strconv.Itoa(foundMax)}})
	if err != nil {
		return nil, err
	}
	var ids []string
	for _, r := range records(page.at("data")) {
		ids = append(ids, r.text("id"))
	}
	switch {
	case len(ids) == 0:
		return []record{}, nil
	case page.text("total") != strconv.Itoa(len(ids)): // those of the others would be missing
		return nil, taphoa.Refuse(taphoa.CodeValidate, "q", "Có hơn %d khách hàng khớp, hãy gõ thêm để thu hẹp", foundMax)
	}
	query.Set("customerIds", strings.Join(ids, ","))
	return nil, nil
}

var users = description{
	path: "users", icon: "user", title: "Người dùng|list", one: "người dùng",
	list: "listUsers", get: "(getUser)", create: "(createUser)", update: "(updateUser)", remove: "(removeUser)",
	name: "givenName", code: "userName", search: "name", searchHint: "Tên, tên đăng nhập", order: "createdDate",
	columns: []column{
		{member: "userName", title: "Tên đăng nhập", sort: "userName"},
		{member: "givenName", title: "Tên người dùng", sort: "givenName", wide: true},
		{member: "mobilePhone", title: "Điện thoại", sort: "mobilePhone"},
		{member: "email", title: "Email", sort: "email"},
		{member: "address", title: "Địa chỉ", off: true},
		{member: "createdDate", title: "Ngày tạo", kind: ofTime, sort: "createdDate", off: true},
	},
	sections: []section{
		{title: "Thông tin chung", fields: []field{
			{member: "givenName", title: "Tên người dùng", required: true, max: 255},
			{member: "userName", title: "Tên đăng nhập", required: true, width: "half", max: 100},
			{member: "mobilePhone", title: "Điện thoại", width: "half", max: 50},
			{member: "email", title: "Email", width: "half", max: 255},
			{member: "birthDate", title: "Ngày sinh", kind: ofDate, width: "half"},
			{member: "address", title: "Địa chỉ", max: 1000},
			{member: "description", title: "Ghi chú", kind: ofLong, max: 2000},
		}},
	},
	subtitle: owner, also: signIn,
}
