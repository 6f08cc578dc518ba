package api

import (
	"net/http"

	"github.com/taphoa/taphoa"
	"github.com/taphoa/taphoa/internal/access"
	"github.com/taphoa/taphoa/internal/cash"
	"github.com/taphoa/taphoa/internal/catalog"
	"github.com/taphoa/taphoa/internal/debt"
	"github.com/taphoa/taphoa/internal/org"
	"github.com/taphoa/taphoa/internal/party"
	"github.com/taphoa/taphoa/internal/promo"
	"github.com/taphoa/taphoa/internal/right"
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
	{"listCategories", get, right.SeeProducts, "/categories", read(catalog.ListCategories)},
	{"getCategory", get, right.SeeProducts, "/categories/{id}", read(catalog.GetCategory)},
	{"createCategory", post, right.ChangeProducts, "/categories", write(catalog.CreateCategory)},
	{"updateCategory", put, right.ChangeProducts, "/categories/{id}", write(catalog.UpdateCategory)},
	{"deleteCategory", del, right.ChangeProducts, "/categories/{id}", write(catalog.DeleteCategory)},

	{"listProducts", get, right.SeeProducts, "/products", readTexts[taphoa.ProductQuery, taphoa.Product](catalog.ListProductTexts)},
	{"getProduct", get, right.SeeProducts, "/products/{id}", read(catalog.GetProduct)},
	{"getProductByCode", get, right.SeeProducts, "/products/code/{code...}", read(catalog.GetProductByCode)},
	{"getProductByCodeQuery", get, right.SeeProducts, "/products/code", read(catalog.GetProductByCode)},
	{"createProduct", post, right.ChangeProducts, "/products", write(catalog.CreateProduct)},
	{"updateProduct", put, right.ChangeProducts, "/products/{id}", write(catalog.UpdateProduct)},
	{"deleteProduct", del, right.RemoveProducts, "/products/{id}", write(catalog.DeleteProduct)},
	{"(setFormula)", put, right.ChangeProducts, "/products/{id}/formulas", admin(write(catalog.SetFormula))},
	{"(setWarranties)", put, right.ChangeProducts, "/products/{id}/warranties", admin(write(catalog.SetWarranties))},
	{"(setShelves)", put, right.ChangeProducts, "/products/{id}/shelves", admin(write(catalog.SetShelves))},
	{"listAttributes", get, right.SeeProducts, "/attributes/allwithdistinctvalue", read(catalog.ListAttributes)},
	{"(deleteAttribute)", del, right.ChangeProducts, "/attributes/{id}", admin(write(catalog.DeleteAttribute))},
	{"bulkCreateProducts", post, right.ChangeProducts, "/listaddproducts", write(catalog.BulkCreateProducts)},
	{"bulkUpdateProducts", put, right.ChangeProducts, "/listupdatedproducts", write(catalog.BulkUpdateProducts)},
	{"listProductOnHands", get, right.SeeProducts, "/productOnHands", read(catalog.ListProductOnHands)},
	{"listTrademarks", get, right.SeeProducts, "/trademark /trademarks", read(catalog.ListTrademarks)},
	{"(getTrademark)", get, right.SeeProducts, "/trademark/{id} /trademarks/{id}", read(catalog.GetTrademark)},
	{"(createTrademark)", post, right.ChangeProducts, "/trademark /trademarks", admin(write(catalog.CreateTrademark))},
	{"(updateTrademark)", put, right.ChangeProducts, "/trademark/{id} /trademarks/{id}", admin(write(catalog.UpdateTrademark))},
	{"(deleteTrademark)", del, right.ChangeProducts, "/trademark/{id} /trademarks/{id}", admin(write(catalog.DeleteTrademark))},

	{"listPriceBooks", get, right.SeeProducts, "/pricebooks", read(catalog.ListPriceBooks)},
	{"getPriceBook", get, right.SeeProducts, "/pricebooks/{id}", read(catalog.GetPriceBook)},
	{"updatePriceBookDetail", post, right.ChangePrices, "/pricebooks/detail", write(catalog.SetPrices)},
	{"(removePriceBookDetails)", del, right.ChangePrices, "/pricebooks/detail", admin(write(catalog.RemovePrices))},
	{"(createPriceBook)", post, right.ChangePrices, "/pricebooks", admin(write(catalog.CreatePriceBook))},
	{"(updatePriceBook)", put, right.ChangePrices, "/pricebooks/{id}", admin(write(catalog.UpdatePriceBook))},
	{"(deletePriceBook)", del, right.ChangePrices, "/pricebooks/{id}", admin(write(catalog.DeletePriceBook))},

	{"listOrders", get, right.SeeOrders, "/orders", read(sales.ListOrders)},
	{"getOrderById", get, right.SeeOrders, "/orders/{id}", read(sales.GetOrder)},
	{"getOrderByCode", get, right.SeeOrders, "/orders/code/{code...}", read(sales.GetOrderByCode)},
	{"createOrder", post, right.CreateOrders, "/orders", writeWith(partner, sales.CreateOrder)},
	{"updateOrder", put, right.ChangeOrders, "/orders/{id}", write(sales.UpdateOrder)},
	{"deleteOrder", del, right.VoidOrders, "/orders/{id} /orders", write(sales.DeleteOrder)}, // the id in the query or the body, too, as of invoices

	{"listCustomers", get, right.SeeCustomers, "/customers", read(party.ListCustomers)},
	{"getCustomerById", get, right.SeeCustomers, "/customers/{id}", read(party.GetCustomer)},
	{"getCustomerByCode", get, right.SeeCustomers, "/customers/code/{code...}", read(party.GetCustomerByCode)},
	{"createCustomer", post, right.ChangeCustomers, "/customers", write(party.CreateCustomer)},
	{"updateCustomer", put, right.ChangeCustomers, "/customers/{id}", write(party.UpdateCustomer)},
	{"deleteCustomer", del, right.RemoveCustomers, "/customers/{id}", write(party.DeleteCustomer)},
	{"(customerStatement)", get, right.SeeDebts, "/customers/{id}/statement", read(debt.CustomerStatement)},
	{"(mergeCustomers)", post, right.RemoveCustomers, "/customers/{id}/merge", admin(write(sales.MergeCustomers))},
	{"bulkAddCustomers", post, right.ChangeCustomers, "/listaddcutomers /listaddcustomers", write(party.BulkAddCustomers)},
	{"bulkUpdateCustomers", put, right.ChangeCustomers, "/listupdatecustomers", write(party.BulkUpdateCustomers)},
	{"listCustomerGroups", get, right.SeeCustomers, "/customers/group", read(party.ListCustomerGroups)},
	{"(getCustomerGroup)", get, right.SeeCustomers, "/customers/group/{id}", read(party.GetCustomerGroup)},
	{"(createCustomerGroup)", post, right.ChangeCustomers, "/customers/group", admin(write(party.CreateCustomerGroup))},
	{"(updateCustomerGroup)", put, right.ChangeCustomers, "/customers/group/{id}", admin(write(party.UpdateCustomerGroup))},
	{"(deleteCustomerGroup)", del, right.ChangeCustomers, "/customers/group/{id}", admin(write(party.DeleteCustomerGroup))},

	{"listBranches", get, right.Anyone, "/branches", read(org.ListBranches)},
	{"(getBranch)", get, right.Anyone, "/branches/{id}", read(org.GetBranch)},
	{"(createBranch)", post, right.ChangeSettings, "/branches", admin(write(org.CreateBranch))},
	{"(updateBranch)", put, right.ChangeSettings, "/branches/{id}", admin(write(org.UpdateBranch))},
	{"(closeBranch)", del, right.ChangeSettings, "/branches/{id}", admin(write(org.CloseBranch))},
	{"listUsers", get, right.SeeUsers, "/users", read(org.ListUsers)},
	{"(getUser)", get, right.SeeUsers, "/users/{id}", read(org.GetUser)},
	{"(createUser)", post, right.Administer, "/users", admin(write(org.CreateUser))},
	{"(updateUser)", put, right.Administer, "/users/{id}", admin(write(org.UpdateUser))},
	{"(removeUser)", del, right.Administer, "/users/{id}", admin(write(access.RemoveUser))},
	{"listBankAccounts", get, right.Anyone, "/BankAccounts", read(cash.ListBankAccounts)},
	{"(getBankAccount)", get, right.Anyone, "/BankAccounts/{id}", read(cash.GetBankAccount)},
	{"(createBankAccount)", post, right.ChangeSettings, "/BankAccounts", admin(write(cash.CreateBankAccount))},
	{"(updateBankAccount)", put, right.ChangeSettings, "/BankAccounts/{id}", admin(write(cash.UpdateBankAccount))},
	{"(deleteBankAccount)", del, right.ChangeSettings, "/BankAccounts/{id}", admin(write(cash.DeleteBankAccount))},

	{"listSurcharges", get, right.Anyone, "/surchages /surcharges", read(cash.ListSurcharges)},
	{"(getSurcharge)", get, right.Anyone, "/surchages/{id} /surcharges/{id}", read(cash.GetSurcharge)},
	{"createSurcharge", post, right.ChangeSettings, "/surchages /surcharges", write(cash.CreateSurcharge)},
	{"updateSurcharge", put, right.ChangeSettings, "/surchages/{id} /surcharges/{id}", write(cash.UpdateSurcharge)},
	{"(deleteSurcharge)", del, right.ChangeSettings, "/surchages/{id} /surcharges/{id}", write(cash.DeleteSurcharge)},
	{"setSurchargeActive", post, right.ChangeSettings, "/surchages/{id}/activesurchage /surcharges/{id}/activesurchage " +
		"/surchages/{id}/activesurcharge /surcharges/{id}/activesurcharge", write(cash.SetSurchargeActive)},

	{"listInvoices", get, right.SeeInvoices, "/invoices", read(sales.ListInvoices)},
	{"getInvoiceById", get, right.SeeInvoices, "/invoices/{id}", read(sales.GetInvoice)},
	{"getInvoiceByCode", get, right.SeeInvoices, "/invoices/code/{code...}", read(sales.GetInvoiceByCode)},
	{"createInvoice", post, right.CreateInvoices, "/invoices", write(sales.CreateInvoice)},
	{"updateInvoice", put, right.ChangeInvoices, "/invoices/{id}", write(sales.UpdateInvoice)},
	{"deleteInvoiceByBody", del, right.VoidInvoices, "/invoices", write(sales.DeleteInvoice)},
	{"deleteInvoiceById", del, right.VoidInvoices, "/invoices/{id}", write(sales.DeleteInvoice)},

	{"registerWebhook", post, right.Administer, "/webhooks /webhook", around(writeWith(warned, webhook.Register))},
	{"unregisterWebhook", del, right.Administer, "/webhooks/{id} /webhook/{id}", around(write(webhook.Unregister))},
	{"listWebhooks", get, right.Administer, "/webhooks /webhook", read(webhook.List)},
	{"getWebhook", get, right.Administer, "/webhooks/{id} /webhook/{id}", read(webhook.Get)},
	{"updateWebhook", put, right.Administer, "/webhooks/{id} /webhook/{id}", around(writeWith(warned, webhook.Update))},
	{"(rotateWebhookSecret)", post, right.Administer, "/webhooks/{id}/secret", around(admin(write(webhook.RotateSecret)))},
	{"(replayWebhook)", post, right.Administer, "/webhooks/{id}/replay", around(admin(write(webhook.Replay)))},
	{"(listWebhookDeliveries)", get, right.Administer, "/webhooks/{id}/deliveries", read(webhook.ListDeliveriesOf)},
	{"(listDeliveries)", get, right.Administer, "/webhooks/deliveries", read(webhook.ListDeliveries)},
	{"(listDeadDeliveries)", get, right.Administer, "/webhooks/deadletters", read(webhook.ListDead)},
	{"(getDelivery)", get, right.Administer, "/webhooks/deliveries/{id}", read(webhook.GetDelivery)},
	{"(redeliver)", post, right.Administer, "/webhooks/deliveries/{id}/redeliver", around(admin(write(webhook.Redeliver)))},
	{"(listEvents)", get, right.Administer, "/events", listEvents()},
	{"(listAudit)", get, right.SeeAudit, "/auditlog", listAudit()},
	{"listPurchaseOrders", get, right.SeePurchases, "/purchaseorders", read(supply.ListPurchaseOrders)},
	{"getPurchaseOrder", get, right.SeePurchases, "/purchaseorders/{id}", read(supply.GetPurchaseOrder)},
	{"getPurchaseOrderByCode", get, right.SeePurchases, "/purchaseorders/code/{code...}", read(supply.GetPurchaseOrderByCode)},
	{"createPurchaseOrder", post, right.CreatePurchases, "/purchaseorders", write(supply.CreatePurchaseOrder)},
	{"updatePurchaseOrder", put, right.CreatePurchases, "/purchaseorders/{id}", write(supply.UpdatePurchaseOrder)},
	{"deletePurchaseOrder", del, right.VoidPurchases, "/purchaseorders /purchaseorders/{id}", write(supply.DeletePurchaseOrder)}, // the id in the query, too

	{"listTransfers", get, right.SeeTransfers, "/transfers", read(supply.ListTransfers)},
	{"getTransfer", get, right.SeeTransfers, "/transfers/{id}", read(supply.GetTransfer)},
	{"(getTransferByCode)", get, right.SeeTransfers, "/transfers/code/{code...}", read(supply.GetTransferByCode)},
	{"createTransfer", post, right.CreateTransfers, "/transfers", write(supply.CreateTransfer)},
	{"updateTransfer", put, right.CreateTransfers, "/transfers/{id}", write(supply.UpdateTransfer)},
	{"deleteTransfer", del, right.VoidTransfers, "/transfers/{id}", write(supply.DeleteTransfer)},
	{"listOrderSuppliers", get, right.SeePurchases, "/ordersuppliers", read(supply.ListOrderSuppliers)},
	{"getOrderSupplier", get, right.SeePurchases, "/ordersuppliers/{id}", read(supply.GetOrderSupplier)},
	{"(getOrderSupplierByCode)", get, right.SeePurchases, "/ordersuppliers/code/{code...}", read(supply.GetOrderSupplierByCode)},
	{"(createOrderSupplier)", post, right.CreatePurchases, "/ordersuppliers", admin(write(supply.CreateOrderSupplier))},
	{"(updateOrderSupplier)", put, right.CreatePurchases, "/ordersuppliers/{id}", admin(write(supply.UpdateOrderSupplier))},
	{"(deleteOrderSupplier)", del, right.VoidPurchases, "/ordersuppliers/{id}", admin(write(supply.DeleteOrderSupplier))},
	{"(listStockTakes)", get, right.SeeStockTakes, "/stocktakes", read(supply.ListStockTakes)},
	{"(getStockTake)", get, right.SeeStockTakes, "/stocktakes/{id}", read(supply.GetStockTake)},
	{"(getStockTakeByCode)", get, right.SeeStockTakes, "/stocktakes/code/{code...}", read(supply.GetStockTakeByCode)},
	{"(createStockTake)", post, right.CreateStockTakes, "/stocktakes", admin(write(supply.CreateStockTake))},
	{"(updateStockTake)", put, right.CreateStockTakes, "/stocktakes/{id}", admin(write(supply.UpdateStockTake))},
	{"(deleteStockTake)", del, right.VoidStockTakes, "/stocktakes/{id}", admin(write(supply.DeleteStockTake))},

	{"listSuppliers", get, right.SeeSuppliers, "/suppliers", read(party.ListSuppliers)},
	{"getSupplierById", get, right.SeeSuppliers, "/suppliers/{id}", read(party.GetSupplier)}, // or by code, in the same place
	{"getSupplierByCode", get, right.SeeSuppliers, "/suppliers/code/{code...}", read(party.GetSupplierByCode)},
	{"(createSupplier)", post, right.ChangeSuppliers, "/suppliers", admin(write(party.CreateSupplier))},
	{"(updateSupplier)", put, right.ChangeSuppliers, "/suppliers/{id}", admin(write(party.UpdateSupplier))},
	{"(deleteSupplier)", del, right.RemoveSuppliers, "/suppliers/{id}", admin(write(party.DeleteSupplier))},
	{"(supplierStatement)", get, right.SeeDebts, "/suppliers/{id}/statement", read(debt.SupplierStatement)},
	{"(listSupplierGroups)", get, right.SeeSuppliers, "/suppliers/group", read(party.ListSupplierGroups)},
	{"(createSupplierGroup)", post, right.ChangeSuppliers, "/suppliers/group", admin(write(party.CreateSupplierGroup))},
	{"(updateSupplierGroup)", put, right.ChangeSuppliers, "/suppliers/group/{id}", admin(write(party.UpdateSupplierGroup))},
	{"(deleteSupplierGroup)", del, right.ChangeSuppliers, "/suppliers/group/{id}", admin(write(party.DeleteSupplierGroup))},

	{"listCashFlow", get, right.SeeCash, "/cashflow", read(cash.ListCashFlow)},
	{"payInvoice", post, right.TakePayments, "/payments", write(debt.Pay)},
	{"(getCashFlow)", get, right.SeeCash, "/cashflow/{id}", read(cash.GetCashFlow)},
	{"(createCashFlow)", post, right.CreateCash, "/cashflow", admin(write(debt.CreateCashFlow))},
	{"(voidCashFlow)", del, right.VoidCash, "/cashflow/{id}", admin(write(debt.VoidCashFlow))},
	{"(listAgeing)", get, right.SeeDebts, "/debts/ageing", daily(read(debt.ListAgeing))},
	{"(listOpenDocuments)", get, right.SeeDebts, "/debts/documents", daily(read(debt.ListOpenDocuments))},
	{"(listDebtAdjustments)", get, right.SeeDebts, "/debtadjustments", read(cash.ListAdjustments)},
	{"(getDebtAdjustment)", get, right.SeeDebts, "/debtadjustments/{id}", read(cash.GetAdjustment)},
	{"(createDebtAdjustment)", post, right.AdjustDebts, "/debtadjustments", admin(write(debt.CreateAdjustment))},
	{"(voidDebtAdjustment)", del, right.AdjustDebts, "/debtadjustments/{id}", admin(write(debt.VoidAdjustment))},

	{"listReturns", get, right.SeeReturns, "/returns", read(sales.ListReturns)},
	{"getReturnById", get, right.SeeReturns, "/returns/{id}", read(sales.GetReturn)},
	{"getReturnByCode", get, right.SeeReturns, "/returns/code/{code...}", read(sales.GetReturnByCode)},
	{"(createReturn)", post, right.CreateReturns, "/returns", admin(write(sales.CreateReturn))},
	{"(updateReturn)", put, right.ChangeReturns, "/returns/{id}", admin(write(sales.UpdateReturn))},
	{"(deleteReturn)", del, right.VoidReturns, "/returns/{id}", admin(write(sales.DeleteReturn))},

	{"listSaleChannels", get, right.Anyone, "/salechannel /salechannels /salesChannels", read(org.ListSaleChannels)},
	{"(getSaleChannel)", get, right.Anyone, channelPaths, read(org.GetSaleChannel)},
	{"(createSaleChannel)", post, right.ChangeSettings, "/salechannel /salechannels /salesChannels", admin(write(org.CreateSaleChannel))},
	{"(updateSaleChannel)", put, right.ChangeSettings, channelPaths, admin(write(org.UpdateSaleChannel))},
	{"(deleteSaleChannel)", del, right.ChangeSettings, channelPaths, admin(write(org.DeleteSaleChannel))},
	{"listLocations", get, right.Anyone, "/locations", read(org.ListLocations)},
	{"getSettings", get, right.Anyone, "/settings", read(org.ShowSettings)},
	{"(updateSettings)", put, right.ChangeSettings, "/settings", admin(write(org.UpdateSettings))},

	{"setCouponsUsed", post, right.ChangeVouchers, "/coupons/setused", write(promo.SetCouponsUsed)},
	{"(listCoupons)", get, right.SeeVouchers, "/coupons", read(promo.ListCoupons)},
	{"(createCoupons)", post, right.ChangeVouchers, "/coupons", admin(write(promo.CreateCoupons))},
	{"(releaseCoupons)", post, right.ChangeVouchers, "/coupons/release", admin(write(promo.ReleaseCoupons))},
	{"(cancelCoupons)", post, right.ChangeVouchers, "/coupons/cancel", admin(write(promo.CancelCoupons))},
	{"(listCouponCampaigns)", get, right.SeeVouchers, "/couponcampaign", read(promo.ListCouponCampaigns)},
	{"(getCouponCampaign)", get, right.SeeVouchers, "/couponcampaign/{id}", read(promo.GetCouponCampaign)},
	{"(createCouponCampaign)", post, right.ChangeVouchers, "/couponcampaign", admin(write(promo.CreateCouponCampaign))},
	{"(updateCouponCampaign)", put, right.ChangeVouchers, "/couponcampaign/{id}", admin(write(promo.UpdateCouponCampaign))},
	{"(deleteCouponCampaign)", del, right.ChangeVouchers, "/couponcampaign/{id}", admin(write(promo.DeleteCouponCampaign))},

	{"listVoucherCampaigns", get, right.SeeVouchers, "/vouchercampaign /vouchers/campaigns", read(promo.ListVoucherCampaigns)},
	{"(getVoucherCampaign)", get, right.SeeVouchers, "/vouchercampaign/{id} /vouchers/campaigns/{id}", read(promo.GetVoucherCampaign)},
	{"(createVoucherCampaign)", post, right.ChangeVouchers, "/vouchercampaign /vouchers/campaigns", admin(write(promo.CreateVoucherCampaign))},
	{"(updateVoucherCampaign)", put, right.ChangeVouchers, "/vouchercampaign/{id} /vouchers/campaigns/{id}", admin(write(promo.UpdateVoucherCampaign))},
	{"(deleteVoucherCampaign)", del, right.ChangeVouchers, "/vouchercampaign/{id} /vouchers/campaigns/{id}", admin(write(promo.DeleteVoucherCampaign))},
	{"listVouchers", get, right.SeeVouchers, "/voucher /vouchers", read(promo.ListVouchers)},
	{"(getVoucher)", get, right.SeeVouchers, "/voucher/{id} /vouchers/{id}", read(promo.GetVoucher)},
	{"(getVoucherByCode)", get, right.SeeVouchers, "/voucher/code/{code...} /vouchers/code/{code...}", read(promo.GetVoucherByCode)},
	{"createVouchers", post, right.ChangeVouchers, "/voucher /vouchers", write(promo.CreateVouchers)},
	{"releaseVouchers", post, right.ChangeVouchers, "/voucher/release/give", write(promo.ReleaseVouchers)},
	{"(sellVouchers)", post, right.ChangeVouchers, "/voucher/release/sell", admin(write(promo.SellVouchers))},
	{"cancelVouchers", del, right.ChangeVouchers, "/voucher/cancel", write(promo.CancelVouchers)}, // the documents print DELETE and POST
	{"cancelVouchers", post, right.ChangeVouchers, "/voucher/cancel", write(promo.CancelVouchers)},

	{"listTaxes", get, right.Anyone, "/tax/detail /tax", read(org.ListTaxes)},
	{"updateEInvoiceInfo", put, right.ChangeInvoices, "/einvoices/info", write(sales.UpdateEInvoices)},
	{"(listEInvoices)", get, right.SeeInvoices, "/einvoices", read(sales.ListEInvoices)},
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
