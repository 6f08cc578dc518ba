package api

import (
	"net/http"

	"github.com/taphoa/taphoa"
	"github.com/taphoa/taphoa/internal/cash"
	"github.com/taphoa/taphoa/internal/catalog"
	"github.com/taphoa/taphoa/internal/debt"
	"github.com/taphoa/taphoa/internal/org"
	"github.com/taphoa/taphoa/internal/party"
	"github.com/taphoa/taphoa/internal/promo"
	"github.com/taphoa/taphoa/internal/sales"
	"github.com/taphoa/taphoa/internal/supply"
	"github.com/taphoa/taphoa/internal/webhook"
)

const (
	get  = http.MethodGet
	post = http.MethodPost
	put  = http.MethodPut
	del  = http.MethodDelete
)

// channelPaths are the spellings of one sale channel's path.
const channelPaths = "/salechannel/{id} /salechannels/{id} /salesChannels/{id}"

// routes are all operations of the API, in the order of the documents. A name in brackets is not in the contract: some
// client calls it, or it writes what the vendor's API can only read, for tokens of the admin's scope.
var routes = []route{
	{"listCategories", get, "/categories", read(catalog.ListCategories)},
	{"getCategory", get, "/categories/{id}", read(catalog.GetCategory)},
	{"createCategory", post, "/categories", write(catalog.CreateCategory)},
	{"updateCategory", put, "/categories/{id}", write(catalog.UpdateCategory)},
	{"deleteCategory", del, "/categories/{id}", write(catalog.DeleteCategory)},

	{"listProducts", get, "/products", readTexts[taphoa.ProductQuery, taphoa.Product](catalog.ListProductTexts)},
	{"getProduct", get, "/products/{id}", read(catalog.GetProduct)},
	{"getProductByCode", get, "/products/code/{code...}", read(catalog.GetProductByCode)},
	{"getProductByCodeQuery", get, "/products/code", read(catalog.GetProductByCode)},
	{"createProduct", post, "/products", write(catalog.CreateProduct)},
	{"updateProduct", put, "/products/{id}", write(catalog.UpdateProduct)},
	{"deleteProduct", del, "/products/{id}", write(catalog.DeleteProduct)},
	{"(setFormula)", put, "/products/{id}/formulas", admin(write(catalog.SetFormula))},
	{"(setWarranties)", put, "/products/{id}/warranties", admin(write(catalog.SetWarranties))},
	{"(setShelves)", put, "/products/{id}/shelves", admin(write(catalog.SetShelves))},
	{"listAttributes", get, "/attributes/allwithdistinctvalue", read(catalog.ListAttributes)},
	{"(deleteAttribute)", del, "/attributes/{id}", admin(write(catalog.DeleteAttribute))},
	{"bulkCreateProducts", post, "/listaddproducts", write(catalog.BulkCreateProducts)},
	{"bulkUpdateProducts", put, "/listupdatedproducts", write(catalog.BulkUpdateProducts)},
	{"listProductOnHands", get, "/productOnHands", read(catalog.ListProductOnHands)},
	{"listTrademarks", get, "/trademark /trademarks", read(catalog.ListTrademarks)},
	{"(getTrademark)", get, "/trademark/{id} /trademarks/{id}", read(catalog.GetTrademark)},
	{"(createTrademark)", post, "/trademark /trademarks", admin(write(catalog.CreateTrademark))},
	{"(updateTrademark)", put, "/trademark/{id} /trademarks/{id}", admin(write(catalog.UpdateTrademark))},
	{"(deleteTrademark)", del, "/trademark/{id} /trademarks/{id}", admin(write(catalog.DeleteTrademark))},

	{"listPriceBooks", get, "/pricebooks", read(catalog.ListPriceBooks)},
	{"getPriceBook", get, "/pricebooks/{id}", read(catalog.GetPriceBook)},
	{"updatePriceBookDetail", post, "/pricebooks/detail", write(catalog.SetPrices)},
	{"(removePriceBookDetails)", del, "/pricebooks/detail", admin(write(catalog.RemovePrices))},
	{"(createPriceBook)", post, "/pricebooks", admin(write(catalog.CreatePriceBook))},
	{"(updatePriceBook)", put, "/pricebooks/{id}", admin(write(catalog.UpdatePriceBook))},
	{"(deletePriceBook)", del, "/pricebooks/{id}", admin(write(catalog.DeletePriceBook))},

	{"listOrders", get, "/orders", read(sales.ListOrders)},
	{"getOrderById", get, "/orders/{id}", read(sales.GetOrder)},
	{"getOrderByCode", get, "/orders/code/{code...}", read(sales.GetOrderByCode)},
	{"createOrder", post, "/orders", writeWith(partner, sales.CreateOrder)},
	{"updateOrder", put, "/orders/{id}", write(sales.UpdateOrder)},
	{"deleteOrder", del, "/orders/{id} /orders", write(sales.DeleteOrder)}, // the id in the query or the body, too, as of invoices

	{"listCustomers", get, "/customers", read(party.ListCustomers)},
	{"getCustomerById", get, "/customers/{id}", read(party.GetCustomer)},
	{"getCustomerByCode", get, "/customers/code/{code...}", read(party.GetCustomerByCode)},
	{"createCustomer", post, "/customers", write(party.CreateCustomer)},
	{"updateCustomer", put, "/customers/{id}", write(party.UpdateCustomer)},
	{"deleteCustomer", del, "/customers/{id}", write(party.DeleteCustomer)},
	{"(customerStatement)", get, "/customers/{id}/statement", read(debt.CustomerStatement)},
	{"(mergeCustomers)", post, "/customers/{id}/merge", admin(write(sales.MergeCustomers))},
	{"bulkAddCustomers", post, "/listaddcutomers /listaddcustomers", write(party.BulkAddCustomers)},
	{"bulkUpdateCustomers", put, "/listupdatecustomers", write(party.BulkUpdateCustomers)},
	{"listCustomerGroups", get, "/customers/group", read(party.ListCustomerGroups)},
	{"(getCustomerGroup)", get, "/customers/group/{id}", read(party.GetCustomerGroup)},
	{"(createCustomerGroup)", post, "/customers/group", admin(write(party.CreateCustomerGroup))},
	{"(updateCustomerGroup)", put, "/customers/group/{id}", admin(write(party.UpdateCustomerGroup))},
	{"(deleteCustomerGroup)", del, "/customers/group/{id}", admin(write(party.DeleteCustomerGroup))},

	{"listBranches", get, "/branches", read(org.ListBranches)},
	{"(getBranch)", get, "/branches/{id}", read(org.GetBranch)},
	{"(createBranch)", post, "/branches", admin(write(org.CreateBranch))},
	{"(updateBranch)", put, "/branches/{id}", admin(write(org.UpdateBranch))},
	{"(closeBranch)", del, "/branches/{id}", admin(write(org.CloseBranch))},
	{"listUsers", get, "/users", read(org.ListUsers)},
	{"(getUser)", get, "/users/{id}", read(org.GetUser)},
	{"(createUser)", post, "/users", admin(write(org.CreateUser))},
	{"(updateUser)", put, "/users/{id}", admin(write(org.UpdateUser))},
	{"(removeUser)", del, "/users/{id}", admin(write(org.RemoveUser))},
	{"listBankAccounts", get, "/BankAccounts", read(cash.ListBankAccounts)},
	{"(getBankAccount)", get, "/BankAccounts/{id}", read(cash.GetBankAccount)},
	{"(createBankAccount)", post, "/BankAccounts", admin(write(cash.CreateBankAccount))},
	{"(updateBankAccount)", put, "/BankAccounts/{id}", admin(write(cash.UpdateBankAccount))},
	{"(deleteBankAccount)", del, "/BankAccounts/{id}", admin(write(cash.DeleteBankAccount))},

	{"listSurcharges", get, "/surchages /surcharges", read(cash.ListSurcharges)},
	{"(getSurcharge)", get, "/surchages/{id} /surcharges/{id}", read(cash.GetSurcharge)},
	{"createSurcharge", post, "/surchages /surcharges", write(cash.CreateSurcharge)},
	{"updateSurcharge", put, "/surchages/{id} /surcharges/{id}", write(cash.UpdateSurcharge)},
	{"(deleteSurcharge)", del, "/surchages/{id} /surcharges/{id}", write(cash.DeleteSurcharge)},
	{"setSurchargeActive", post, "/surchages/{id}/activesurchage /surcharges/{id}/activesurchage " +
		"/surchages/{id}/activesurcharge /surcharges/{id}/activesurcharge", write(cash.SetSurchargeActive)},

	{"listInvoices", get, "/invoices", read(sales.ListInvoices)},
	{"getInvoiceById", get, "/invoices/{id}", read(sales.GetInvoice)},
	{"getInvoiceByCode", get, "/invoices/code/{code...}", read(sales.GetInvoiceByCode)},
	{"createInvoice", post, "/invoices", write(sales.CreateInvoice)},
	{"updateInvoice", put, "/invoices/{id}", write(sales.UpdateInvoice)},
	{"deleteInvoiceByBody", del, "/invoices", write(sales.DeleteInvoice)},
	{"deleteInvoiceById", del, "/invoices/{id}", write(sales.DeleteInvoice)},

	{"registerWebhook", post, "/webhooks /webhook", writeWith(warned, webhook.Register)},
	{"unregisterWebhook", del, "/webhooks/{id} /webhook/{id}", write(webhook.Unregister)},
	{"listWebhooks", get, "/webhooks /webhook", read(webhook.List)},
	{"getWebhook", get, "/webhooks/{id} /webhook/{id}", read(webhook.Get)},
	{"updateWebhook", put, "/webhooks/{id} /webhook/{id}", writeWith(warned, webhook.Update)},
	{"(replayWebhook)", post, "/webhooks/{id}/replay", admin(write(webhook.Replay))},
	{"(listWebhookDeliveries)", get, "/webhooks/{id}/deliveries", read(webhook.ListDeliveriesOf)},
	{"(listDeliveries)", get, "/webhooks/deliveries", read(webhook.ListDeliveries)},
	{"(listDeadDeliveries)", get, "/webhooks/deadletters", read(webhook.ListDead)},
	{"(getDelivery)", get, "/webhooks/deliveries/{id}", read(webhook.GetDelivery)},
	{"(redeliver)", post, "/webhooks/deliveries/{id}/redeliver", admin(write(webhook.Redeliver))},
	{"(listEvents)", get, "/events", listEvents()},
	{"listPurchaseOrders", get, "/purchaseorders", read(supply.ListPurchaseOrders)},
	{"getPurchaseOrder", get, "/purchaseorders/{id}", read(supply.GetPurchaseOrder)},
	{"getPurchaseOrderByCode", get, "/purchaseorders/code/{code...}", read(supply.GetPurchaseOrderByCode)},
	{"createPurchaseOrder", post, "/purchaseorders", write(supply.CreatePurchaseOrder)},
	{"updatePurchaseOrder", put, "/purchaseorders/{id}", write(supply.UpdatePurchaseOrder)},
	{"deletePurchaseOrder", del, "/purchaseorders /purchaseorders/{id}", write(supply.DeletePurchaseOrder)}, // the id in the query, too

	{"listTransfers", get, "/transfers", read(supply.ListTransfers)},
	{"getTransfer", get, "/transfers/{id}", read(supply.GetTransfer)},
	{"(getTransferByCode)", get, "/transfers/code/{code...}", read(supply.GetTransferByCode)},
	{"createTransfer", post, "/transfers", write(supply.CreateTransfer)},
	{"updateTransfer", put, "/transfers/{id}", write(supply.UpdateTransfer)},
	{"deleteTransfer", del, "/transfers/{id}", write(supply.DeleteTransfer)},
	{"listOrderSuppliers", get, "/ordersuppliers", read(supply.ListOrderSuppliers)},
	{"getOrderSupplier", get, "/ordersuppliers/{id}", read(supply.GetOrderSupplier)},
	{"(getOrderSupplierByCode)", get, "/ordersuppliers/code/{code...}", read(supply.GetOrderSupplierByCode)},
	{"(createOrderSupplier)", post, "/ordersuppliers", admin(write(supply.CreateOrderSupplier))},
	{"(updateOrderSupplier)", put, "/ordersuppliers/{id}", admin(write(supply.UpdateOrderSupplier))},
	{"(deleteOrderSupplier)", del, "/ordersuppliers/{id}", admin(write(supply.DeleteOrderSupplier))},
	{"(listStockTakes)", get, "/stocktakes", read(supply.ListStockTakes)},
	{"(getStockTake)", get, "/stocktakes/{id}", read(supply.GetStockTake)},
	{"(getStockTakeByCode)", get, "/stocktakes/code/{code...}", read(supply.GetStockTakeByCode)},
	{"(createStockTake)", post, "/stocktakes", admin(write(supply.CreateStockTake))},
	{"(updateStockTake)", put, "/stocktakes/{id}", admin(write(supply.UpdateStockTake))},
	{"(deleteStockTake)", del, "/stocktakes/{id}", admin(write(supply.DeleteStockTake))},

	{"listSuppliers", get, "/suppliers", read(party.ListSuppliers)},
	{"getSupplierById", get, "/suppliers/{id}", read(party.GetSupplier)}, // or by code, in the same place
	{"getSupplierByCode", get, "/suppliers/code/{code...}", read(party.GetSupplierByCode)},
	{"(createSupplier)", post, "/suppliers", admin(write(party.CreateSupplier))},
	{"(updateSupplier)", put, "/suppliers/{id}", admin(write(party.UpdateSupplier))},
	{"(deleteSupplier)", del, "/suppliers/{id}", admin(write(party.DeleteSupplier))},
	{"(supplierStatement)", get, "/suppliers/{id}/statement", read(debt.SupplierStatement)},
	{"(listSupplierGroups)", get, "/suppliers/group", read(party.ListSupplierGroups)},
	{"(createSupplierGroup)", post, "/suppliers/group", admin(write(party.CreateSupplierGroup))},
	{"(updateSupplierGroup)", put, "/suppliers/group/{id}", admin(write(party.UpdateSupplierGroup))},
	{"(deleteSupplierGroup)", del, "/suppliers/group/{id}", admin(write(party.DeleteSupplierGroup))},

	{"listCashFlow", get, "/cashflow", read(cash.ListCashFlow)},
	{"payInvoice", post, "/payments", write(debt.Pay)},
	{"(getCashFlow)", get, "/cashflow/{id}", read(cash.GetCashFlow)},
	{"(createCashFlow)", post, "/cashflow", admin(write(debt.CreateCashFlow))},
	{"(voidCashFlow)", del, "/cashflow/{id}", admin(write(debt.VoidCashFlow))},
	{"(listAgeing)", get, "/debts/ageing", daily(read(debt.ListAgeing))},
	{"(listOpenDocuments)", get, "/debts/documents", daily(read(debt.ListOpenDocuments))},
	{"(listDebtAdjustments)", get, "/debtadjustments", read(cash.ListAdjustments)},
	{"(getDebtAdjustment)", get, "/debtadjustments/{id}", read(cash.GetAdjustment)},
	{"(createDebtAdjustment)", post, "/debtadjustments", admin(write(debt.CreateAdjustment))},
	{"(voidDebtAdjustment)", del, "/debtadjustments/{id}", admin(write(debt.VoidAdjustment))},

	{"listReturns", get, "/returns", read(sales.ListReturns)},
	{"getReturnById", get, "/returns/{id}", read(sales.GetReturn)},
	{"getReturnByCode", get, "/returns/code/{code...}", read(sales.GetReturnByCode)},
	{"(createReturn)", post, "/returns", admin(write(sales.CreateReturn))},
	{"(updateReturn)", put, "/returns/{id}", admin(write(sales.UpdateReturn))},
	{"(deleteReturn)", del, "/returns/{id}", admin(write(sales.DeleteReturn))},

	{"listSaleChannels", get, "/salechannel /salechannels /salesChannels", read(org.ListSaleChannels)},
	{"(getSaleChannel)", get, channelPaths, read(org.GetSaleChannel)},
	{"(createSaleChannel)", post, "/salechannel /salechannels /salesChannels", admin(write(org.CreateSaleChannel))},
	{"(updateSaleChannel)", put, channelPaths, admin(write(org.UpdateSaleChannel))},
	{"(deleteSaleChannel)", del, channelPaths, admin(write(org.DeleteSaleChannel))},
	{"listLocations", get, "/locations", read(org.ListLocations)},
	{"getSettings", get, "/settings", read(org.ShowSettings)},
	{"(updateSettings)", put, "/settings", admin(write(org.UpdateSettings))},

	{"setCouponsUsed", post, "/coupons/setused", write(promo.SetCouponsUsed)},
	{"(listCoupons)", get, "/coupons", read(promo.ListCoupons)},
	{"(createCoupons)", post, "/coupons", admin(write(promo.CreateCoupons))},
	{"(releaseCoupons)", post, "/coupons/release", admin(write(promo.ReleaseCoupons))},
	{"(cancelCoupons)", post, "/coupons/cancel", admin(write(promo.CancelCoupons))},
	{"(listCouponCampaigns)", get, "/couponcampaign", read(promo.ListCouponCampaigns)},
	{"(getCouponCampaign)", get, "/couponcampaign/{id}", read(promo.GetCouponCampaign)},
	{"(createCouponCampaign)", post, "/couponcampaign", admin(write(promo.CreateCouponCampaign))},
	{"(updateCouponCampaign)", put, "/couponcampaign/{id}", admin(write(promo.UpdateCouponCampaign))},
	{"(deleteCouponCampaign)", del, "/couponcampaign/{id}", admin(write(promo.DeleteCouponCampaign))},

	{"listVoucherCampaigns", get, "/vouchercampaign /vouchers/campaigns", read(promo.ListVoucherCampaigns)},
	{"(getVoucherCampaign)", get, "/vouchercampaign/{id} /vouchers/campaigns/{id}", read(promo.GetVoucherCampaign)},
	{"(createVoucherCampaign)", post, "/vouchercampaign /vouchers/campaigns", admin(write(promo.CreateVoucherCampaign))},
	{"(updateVoucherCampaign)", put, "/vouchercampaign/{id} /vouchers/campaigns/{id}", admin(write(promo.UpdateVoucherCampaign))},
	{"(deleteVoucherCampaign)", del, "/vouchercampaign/{id} /vouchers/campaigns/{id}", admin(write(promo.DeleteVoucherCampaign))},
	{"listVouchers", get, "/voucher /vouchers", read(promo.ListVouchers)},
	{"(getVoucher)", get, "/voucher/{id} /vouchers/{id}", read(promo.GetVoucher)},
	{"(getVoucherByCode)", get, "/voucher/code/{code...} /vouchers/code/{code...}", read(promo.GetVoucherByCode)},
	{"createVouchers", post, "/voucher /vouchers", write(promo.CreateVouchers)},
	{"releaseVouchers", post, "/voucher/release/give", write(promo.ReleaseVouchers)},
	{"(sellVouchers)", post, "/voucher/release/sell", admin(write(promo.SellVouchers))},
	{"cancelVouchers", del, "/voucher/cancel", write(promo.CancelVouchers)}, // the documents print DELETE and POST
	{"cancelVouchers", post, "/voucher/cancel", write(promo.CancelVouchers)},

	{"listTaxes", get, "/tax/detail /tax", read(org.ListTaxes)},
	{"updateEInvoiceInfo", put, "/einvoices/info", write(sales.UpdateEInvoices)},
	{"(listEInvoices)", get, "/einvoices", read(sales.ListEInvoices)},
}

// partner notes which of the vendor's programs an order comes from (contract orders, partnerHeader).
func partner(_ *Server, r *http.Request, in *taphoa.OrderInput) (func(**taphoa.Order), error) {
	in.Partner = r.Header.Get("Partner")
	return nil, nil
}

// warned refuses the URL of a registration or adds the deliverer's warnings about it, for which it may ask the network.
func warned(s *Server, r *http.Request, in *taphoa.WebhookInput) (func(*taphoa.Webhook), error) {
	if s.options.Deliverer == nil || !in.URL.Has() {
		return nil, nil
	}
	warnings, err := s.options.Deliverer.CheckURL(r.Context(), in.URL.Value, in.IsActive.Or(true))
	return func(out *taphoa.Webhook) { out.Warnings = warnings }, err
}
