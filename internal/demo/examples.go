package demo

import "github.com/go-json-experiment/json/jsontext"

// Examples are bodies of requests that the demo shop serves, by operation: what the reference suggests sending.
var Examples = map[string]jsontext.Value{
	"createCategory": jsontext.Value(`{"categoryName":"Hàng dùng thử"}`),
	"createProduct":  jsontext.Value(`{"name":"Bánh quy bơ 150g","categoryId":3,"unit":"gói","basePrice":25000,"inventories":[{"branchId":1,"onHand":12,"cost":18000}]}`),
	"createOrder": jsontext.Value(`{"branchId":1,"customer":{"name":"Nguyễn Văn An","contactNumber":"0900123456"},` +
		`"orderDetails":[{"productCode":"SP000001","quantity":2}]}`),
	"createInvoice": jsontext.Value(`{"branchId":1,"customer":{"name":"Nguyễn Văn An","contactNumber":"0900123456"},"method":"Cash","totalPayment":20000,` +
		`"invoiceDetails":[{"productCode":"SP000001","quantity":2}]}`),
	"createPurchaseOrder": jsontext.Value(`{"branchId":1,"supplier":{"name":"Đại lý Hòa Phát","contactNumber":"0281234567"},` +
		`"purchaseOrderDetails":[{"productCode":"SP000001","quantity":24,"price":7000}]}`),
	"createTransfer":      jsontext.Value(`{"fromBranchId":1,"toBranchId":2,"transferDetails":[{"productCode":"SP000001","sendQuantity":1}]}`),
	"createOrderSupplier": jsontext.Value(`{"branchId":1,"supplier":{"name":"Đại lý Hòa Phát","contactNumber":"0281234567"},"orderSupplierDetails":[{"productCode":"SP000001","quantity":24,"price":7000}]}`),
	"createReturn":        jsontext.Value(`{"branchId":1,"returnDetails":[{"productCode":"SP000001","quantity":1}]}`),
	"createSupplier":      jsontext.Value(`{"name":"Đại lý Minh Tâm","contactNumber":"0287654321","address":"12 Hậu Giang"}`),
	"createTrademark":     jsontext.Value(`{"tradeMarkName":"Nhà làm"}`),
	"createSaleChannel":   jsontext.Value(`{"name":"Chợ phiên"}`),
	"createCustomerGroup": jsontext.Value(`{"name":"Hàng xóm","discount":2}`),
}
