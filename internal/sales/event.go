package sales

import (
	"github.com/taphoa/taphoa"
	"github.com/taphoa/taphoa/internal/db"
	"github.com/taphoa/taphoa/internal/event"
	"github.com/taphoa/taphoa/internal/sales/plan"
)

var (
	orderUpdated   = event.Kind[int64]{Type: "order.update", Data: orderData}
	invoiceUpdated = event.Kind[int64]{Type: "invoice.update", Data: invoiceData}

	// The vendor has no event for returns.
	returnUpdated = event.Kind[int64]{Type: "return.update", PascalCase: true, Data: func(tx *db.Tx, ids []int64) (any, error) {
		rows, err := db.All[plan.ReturnRow](tx, "SELECT "+returnColumns+" FROM returns d WHERE d.retailer_id = :retailer AND d.id IN ? ORDER BY d.id", ids)
		if err != nil {
			return nil, err
		}
		return showReturns(tx, rows, plan.Everything)
	}}
)

func orderData(tx *db.Tx, ids []int64) (any, error) {
	rows, err := db.All[plan.OrderRow](tx, "SELECT "+orderColumns+" FROM orders d WHERE d.retailer_id = :retailer AND d.id IN ? ORDER BY d.id", ids)
	if err != nil {
		return nil, err
	}
	orders, err := showOrders(tx, rows, plan.Includes{})
	data := make([]taphoa.OrderData, len(orders))
	for i := range orders {
		data[i] = orderEventData(&orders[i])
	}
	return data, err
}

// orderEventData is an order as its event shows it.
func orderEventData(o *taphoa.Order) taphoa.OrderData {
	data := taphoa.OrderData{
		ID: o.ID, Code: o.Code, PurchaseDate: taphoa.Stamp(o.PurchaseDate), BranchID: o.BranchID,
		BranchName: taphoa.Some(o.BranchName), SoldByID: o.SoldByID, SoldByName: o.SoldByName, CustomerID: o.CustomerID,
		CustomerCode: o.CustomerCode, CustomerName: o.CustomerName, Total: o.Total, TotalPayment: o.TotalPayment,
		Discount: o.Discount, DiscountRatio: o.DiscountRatio, Status: o.Status, StatusValue: o.StatusValue,
		Description: o.Description, UsingCod: o.UsingCod, SaleChannelID: o.SaleChannelID,
		ModifiedDate: taphoa.Some(taphoa.Stamp(o.ModifiedDate.Or(o.CreatedDate))),
	}
	for _, d := range o.OrderDetails {
		data.OrderDetails = append(data.OrderDetails, taphoa.DocumentDetailData{
			ProductID: d.ProductID, ProductCode: d.ProductCode, ProductName: d.ProductName, Quantity: d.Quantity,
			Price: d.Price, Discount: d.Discount, DiscountRatio: d.DiscountRatio,
		})
	}
	return data
}

func invoiceData(tx *db.Tx, ids []int64) (any, error) {
	rows, err := db.All[plan.InvoiceRow](tx, "SELECT "+invoiceColumns+" FROM invoices d WHERE d.retailer_id = :retailer AND d.id IN ? ORDER BY d.id", ids)
	if err != nil {
		return nil, err
	}
	invoices, err := showInvoices(tx, rows, plan.Includes{Payments: true, Delivery: true})
	data := make([]taphoa.InvoiceData, len(invoices))
	for i := range invoices {
		data[i] = invoiceEventData(&invoices[i])
	}
	return data, err
}

// invoiceEventData is an invoice as its event shows it.
func invoiceEventData(v *taphoa.Invoice) taphoa.InvoiceData {
	data := taphoa.InvoiceData{
		ID: v.ID, Code: v.Code, OrderID: v.OrderID, OrderCode: v.OrderCode, PurchaseDate: taphoa.Stamp(v.PurchaseDate),
		BranchID: v.BranchID, BranchName: v.BranchName, SoldByID: v.SoldByID.Value, SoldByName: v.SoldByName,
		CustomerID: v.CustomerID, CustomerCode: v.CustomerCode, CustomerName: v.CustomerName, Total: v.Total,
		TotalPayment: v.TotalPayment, Discount: v.Discount, DiscountRatio: v.DiscountRatio, Status: v.Status,
		StatusValue: v.StatusValue, Description: v.Description, UsingCod: v.UsingCod, SaleChannelID: v.SaleChannelID,
		ModifiedDate: taphoa.Some(taphoa.Stamp(v.ModifiedDate.Or(v.CreatedDate))),
	}
	if d := v.InvoiceDelivery; d != nil {
		data.InvoiceDelivery = &taphoa.InvoiceDeliveryData{
			DeliveryCode: d.DeliveryCode, Status: d.Status.Value, StatusValue: d.StatusValue.Value, Type: d.Type, Price: d.Price,
			Receiver: d.Receiver, ContactNumber: d.ContactNumber, Address: d.Address, LocationID: d.LocationID,
			LocationName: d.LocationName, Weight: d.Weight, Length: d.Length, Width: d.Width, Height: d.Height,
			PartnerDeliveryID: d.PartnerDeliveryID,
		}
		if p := d.PartnerDelivery; p != nil {
			data.InvoiceDelivery.PartnerDelivery = &taphoa.PartnerDeliveryData{
				Code: p.Code, Name: p.Name, ContactNumber: p.ContactNumber, Address: p.Address, Email: p.Email,
			}
		}
	}
	for _, d := range v.InvoiceDetails {
		data.InvoiceDetails = append(data.InvoiceDetails, taphoa.DocumentDetailData{
			ProductID: d.ProductID, ProductCode: d.ProductCode, ProductName: d.ProductName, Quantity: d.Quantity,
			Price: d.Price, Discount: d.Discount, DiscountRatio: d.DiscountRatio,
		})
	}
	for _, p := range v.Payments {
		data.Payments = append(data.Payments, taphoa.PaymentData{
			ID: p.ID, Code: p.Code, Amount: p.Amount, AccountID: p.AccountID, BankAccount: p.BankAccount,
			Description: p.Description, Method: p.Method, Status: taphoa.Some(p.Status),
			StatusValue: taphoa.Some(p.StatusValue), TransDate: taphoa.Stamp(p.TransDate),
		})
	}
	return data
}
