package api

import (
	"net/http"

	"github.com/taphoa/taphoa"
	"github.com/taphoa/taphoa/internal/cash"
	"github.com/taphoa/taphoa/internal/catalog"
	"github.com/taphoa/taphoa/internal/org"
	"github.com/taphoa/taphoa/internal/party"
	"github.com/taphoa/taphoa/internal/sales"
	"github.com/taphoa/taphoa/internal/webhook"
)

const (
	get  = http.MethodGet
	post = http.MethodPost
	put  = http.MethodPut
	del  = http.MethodDelete
)

// routes are all operations of the API, in the order of the documents. A name in brackets is not in the contract: some
// client calls it, or it writes what the vendor's API can only read, for tokens of the admin's scope.
var routes = []route{
	{"listCategories", get, "/categories", read(catalog.ListCategories)},
	{"getCategory", get, "/categories/{id}", read(catalog.GetCategory)},
	{"createCategory", post, "/categories", write(catalog.CreateCategory)},
	{"updateCategory", put, "/categories/{id}", write(catalog.UpdateCategory)},
	{"deleteCategory", del, "/categories/{id}", write(catalog.DeleteCategory)},

	{"listProducts", get, "/products", read(catalog.ListProducts)},
	{"getProduct", get, "/products/{id}", read(catalog.GetProduct)},
	{"getProductByCode", get, "/products/code/{code...}", read(catalog.GetProductByCode)},
	{"getProductByCodeQuery", get, "/products/code", read(catalog.GetProductByCode)},
	{"createProduct", post, "/products", write(catalog.CreateProduct)},
	{"updateProduct", put, "/products/{id}", write(catalog.UpdateProduct)},
	{"deleteProduct", del, "/products/{id}", write(catalog.DeleteProduct)},
	{"listAttributes", get, "/attributes/allwithdistinctvalue", read(catalog.ListAttributes)},
	{"bulkCreateProducts", post, "/listaddproducts", write(catalog.BulkCreateProducts)},
	{"bulkUpdateProducts", put, "/listupdatedproducts", write(catalog.BulkUpdateProducts)},
	{"listProductOnHands", get, "/productOnHands", read(catalog.ListProductOnHands)},
	{"listTrademarks", get, "/trademark /trademarks", read(catalog.ListTrademarks)},
	{"(getTrademark)", get, "/trademark/{id} /trademarks/{id}", read(catalog.GetTrademark)},

	{"listOrders", get, "/orders", read(sales.ListOrders)},
	{"getOrderById", get, "/orders/{id}", read(sales.GetOrder)},
	{"getOrderByCode", get, "/orders/code/{code...}", read(sales.GetOrderByCode)},
	{"createOrder", post, "/orders", writeWith(partner, sales.CreateOrder)},
	{"updateOrder", put, "/orders/{id}", write(sales.UpdateOrder)},
	{"deleteOrder", del, "/orders/{id}", write(sales.DeleteOrder)},

	{"listCustomers", get, "/customers", read(party.ListCustomers)},
	{"getCustomerById", get, "/customers/{id}", read(party.GetCustomer)},
	{"getCustomerByCode", get, "/customers/code/{code...}", read(party.GetCustomerByCode)},
	{"createCustomer", post, "/customers", write(party.CreateCustomer)},
	{"updateCustomer", put, "/customers/{id}", write(party.UpdateCustomer)},
	{"deleteCustomer", del, "/customers/{id}", write(party.DeleteCustomer)},
	{"bulkAddCustomers", post, "/listaddcutomers /listaddcustomers", write(party.BulkAddCustomers)},
	{"bulkUpdateCustomers", put, "/listupdatecustomers", write(party.BulkUpdateCustomers)},
	{"listCustomerGroups", get, "/customers/group", read(party.ListCustomerGroups)},

	{"listBranches", get, "/branches", read(org.ListBranches)},
	{"(getBranch)", get, "/branches/{id}", read(org.GetBranch)},
	{"(createBranch)", post, "/branches", admin(write(org.CreateBranch))},
	{"(updateBranch)", put, "/branches/{id}", admin(write(org.UpdateBranch))},
	{"(closeBranch)", del, "/branches/{id}", admin(write(org.CloseBranch))},
	{"listUsers", get, "/users", read(org.ListUsers)},
	{"(getUser)", get, "/users/{id}", read(org.GetUser)},
	{"listBankAccounts", get, "/BankAccounts", read(cash.ListBankAccounts)},
	{"(getBankAccount)", get, "/BankAccounts/{id}", read(cash.GetBankAccount)},

	{"listSurcharges", get, "/surchages /surcharges", read(cash.ListSurcharges)},
	{"(getSurcharge)", get, "/surchages/{id} /surcharges/{id}", read(cash.GetSurcharge)},
	{"createSurcharge", post, "/surchages /surcharges", write(cash.CreateSurcharge)},
	{"updateSurcharge", put, "/surchages/{id} /surcharges/{id}", write(cash.UpdateSurcharge)},
	{"setSurchargeActive", post, "/surchages/{id}/activesurchage /surcharges/{id}/activesurchage " +
		"/surchages/{id}/activesurcharge /surcharges/{id}/activesurcharge", write(cash.SetSurchargeActive)},

	{"listInvoices", get, "/invoices", read(sales.ListInvoices)},
	{"getInvoiceById", get, "/invoices/{id}", read(sales.GetInvoice)},
	{"getInvoiceByCode", get, "/invoices/code/{code...}", read(sales.GetInvoiceByCode)},
	{"createInvoice", post, "/invoices", write(sales.CreateInvoice)},
	{"updateInvoice", put, "/invoices/{id}", write(sales.UpdateInvoice)},
	{"deleteInvoiceByBody", del, "/invoices", write(sales.DeleteInvoice)},
	{"deleteInvoiceById", del, "/invoices/{id}", write(sales.DeleteInvoice)},

	{"registerWebhook", post, "/webhooks /webhook", write(webhook.Register)},
	{"unregisterWebhook", del, "/webhooks/{id} /webhook/{id}", write(webhook.Unregister)},
	{"listWebhooks", get, "/webhooks /webhook", read(webhook.List)},
	{"getWebhook", get, "/webhooks/{id} /webhook/{id}", read(webhook.Get)},
	{"updateWebhook", put, "/webhooks/{id} /webhook/{id}", write(webhook.Update)},
	{"(replayWebhook)", post, "/webhooks/{id}/replay", admin(write(webhook.Replay))},
	{"(listWebhookDeliveries)", get, "/webhooks/{id}/deliveries", read(webhook.ListDeliveries)},
	{"(listDeliveries)", get, "/webhooks/deliveries", read(webhook.ListDeliveries)},
	{"(listDeadDeliveries)", get, "/webhooks/deadletters", read(webhook.ListDead)},
	{"(getDelivery)", get, "/webhooks/deliveries/{id}", read(webhook.GetDelivery)},
	{"(redeliver)", post, "/webhooks/deliveries/{id}/redeliver", admin(write(webhook.Redeliver))},
	{"(listEvents)", get, "/events", listEvents()},

	{"listCashFlow", get, "/cashflow", read(cash.ListCashFlow)},
	{"payInvoice", post, "/payments", write(sales.PayInvoice)},
	{"(getCashFlow)", get, "/cashflow/{id}", read(cash.GetCashFlow)},
	{"(createCashFlow)", post, "/cashflow", admin(write(cash.CreateCashFlow))},
	{"(voidCashFlow)", del, "/cashflow/{id}", admin(write(cash.VoidCashFlow))},

	{"listReturns", get, "/returns", read(sales.ListReturns)},
	{"getReturnById", get, "/returns/{id}", read(sales.GetReturn)},
	{"getReturnByCode", get, "/returns/code/{code...}", read(sales.GetReturnByCode)},
	{"(createReturn)", post, "/returns", admin(write(sales.CreateReturn))},
	{"(updateReturn)", put, "/returns/{id}", admin(write(sales.UpdateReturn))},
	{"(deleteReturn)", del, "/returns/{id}", admin(write(sales.DeleteReturn))},

	{"listSaleChannels", get, "/salechannel /salechannels /salesChannels", read(org.ListSaleChannels)},
	{"listLocations", get, "/locations", read(org.ListLocations)},
	{"getSettings", get, "/settings", read(org.ShowSettings)},
	{"listTaxes", get, "/tax/detail /tax", read(org.ListTaxes)},
}

// partner notes which of the vendor's programs an order comes from (contract orders, partnerHeader).
func partner(r *http.Request, in *taphoa.OrderInput) { in.Partner = r.Header.Get("Partner") }
