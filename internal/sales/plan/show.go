package plan

import (
	"github.com/taphoa/taphoa"
	cashplan "github.com/taphoa/taphoa/internal/cash/plan"
)

// ShowOrder returns the order of a finished sale as GET shows it. It is made once: nobody may change it.
func (s *Sale) ShowOrder() *taphoa.Order {
	if s.shownOrder == nil {
		s.shownOrder = s.showOrder()
	}
	return s.shownOrder
}

func (s *Sale) showOrder() *taphoa.Order {
	f, c := s.Facts, s.Order
	r := &c.Row
	o := &taphoa.Order{
		ID: r.ID, Code: r.Code, PurchaseDate: r.PurchaseDate, BranchID: r.BranchID, BranchName: f.Directory.BranchName(r.BranchID),
		SoldByID: r.SoldByID, SoldByName: f.Directory.UserName(r.SoldByID.Or(0)), CustomerID: r.CustomerID,
		CustomerCode: r.CustomerCode, CustomerName: r.CustomerName, Total: r.Total, TotalPayment: r.TotalPayment,
		DiscountRatio: r.DiscountRatio, Discount: r.Discount, DiscountAfterTax: r.DiscountAfterTax, PricingMode: r.PricingMode,
		TotalTax: r.TotalTax, Method: r.Method, Status: r.Status, StatusValue: taphoa.OrderStatusValue(r.Status), RetailerID: f.Retailer,
		Description: r.Description, UsingCod: r.UsingCod, ModifiedDate: r.ModifiedDate, CreatedDate: r.CreatedDate,
		SaleChannelID: r.SaleChannelID, SaleChannelName: f.Directory.ChannelName(r.SaleChannelID.Or(0)), PriceBookID: r.PriceBookID,
		SaleChannel: f.Directory.ChannelInfo(r.SaleChannelID.Or(0)), Payments: []taphoa.Payment{},
		InvoiceOrderSurcharges: []taphoa.DocumentSurcharge{},
	}
	for _, l := range c.Lines {
		d := taphoa.OrderDetail{
			ID: l.ID, ProductID: l.ProductID, ProductCode: l.ProductCode, ProductName: l.ProductName, IsMaster: l.IsMaster,
			Quantity: l.Quantity, Price: l.Price, Discount: l.Discount, DiscountRatio: l.DiscountRatio, SubTotal: l.SubTotal, Note: l.Note,
		}
		for _, t := range c.Taxes {
			if tax, _ := taphoa.TaxByID(t.TaxID); t.Line == l.Line {
				d.OrderDetailTaxs = append(d.OrderDetailTaxs, taphoa.OrderDetailTax{
					ID: t.ID, DetailID: t.DetailID, RetailerID: f.Retailer, TaxID: t.TaxID, DetailTax: t.DetailTax, TaxName: tax.TaxName,
					TaxValue: tax.Value, PriceAfterTax: t.PriceAfterTax, DiscountAfterTax: t.DiscountAfterTax,
				})
			}
		}
		o.OrderDetails = append(o.OrderDetails, d)
	}
	o.Payments = f.showPayments(f.orderPayments(r.ID))
	if c.Delivery != nil {
		o.OrderDelivery = c.Delivery.Show()
		o.OrderDelivery.Status, o.OrderDelivery.StatusValue = taphoa.Opt[int64]{}, taphoa.Opt[string]{} // only invoices show them
	}
	for _, row := range c.Surcharges {
		o.InvoiceOrderSurcharges = append(o.InvoiceOrderSurcharges, showSurcharge(&row, s.chargedBy(row.SurchargeID.Or(0))))
	}
	return o
}

// chargedBy is the first valid invoice of the order that charges one of its surcharges.
func (s *Sale) chargedBy(surchargeID int64) taphoa.Opt[int64] {
	if stored := s.Facts.Order; stored != nil {
		if id, charged := stored.Charged[surchargeID]; charged {
			return taphoa.Some(id)
		}
	}
	if v := s.Invoice; v != nil && v.Row.Status != taphoa.InvoiceVoid {
		for _, row := range v.Surcharges {
			if row.SurchargeID.Or(0) == surchargeID {
				return taphoa.Some(v.Row.ID)
			}
		}
	}
	return taphoa.Opt[int64]{}
}

func (f *Facts) showPayments(rows []cashplan.PaymentRow) []taphoa.Payment {
	shown := make([]taphoa.Payment, len(rows))
	for i := range rows {
		shown[i] = f.Cash.Shown(&rows[i])
	}
	return shown
}

func showSurcharge(r *SurchargeRow, invoiceID taphoa.Opt[int64]) taphoa.DocumentSurcharge {
	return taphoa.DocumentSurcharge{
		ID: r.ID, InvoiceID: invoiceID, SurchargeID: r.SurchargeID, SurchargeName: r.SurchargeName, SurValue: r.SurValue, Price: r.Price,
		CreatedDate: r.CreatedDate,
	}
}

// ShowInvoice returns the invoice of a finished sale as GET shows it. It is made once: nobody may change it.
func (s *Sale) ShowInvoice() *taphoa.Invoice {
	if s.shownInvoice == nil {
		s.shownInvoice = s.showInvoice()
	}
	return s.shownInvoice
}

func (s *Sale) showInvoice() *taphoa.Invoice {
	f, c := s.Facts, s.Invoice
	r := &c.Row
	v := &taphoa.Invoice{
		ID: r.ID, UUID: r.UUID, Code: r.Code, OrderID: r.OrderID, OrderCode: r.OrderCode, PurchaseDate: r.PurchaseDate,
		BranchID: r.BranchID, BranchName: f.Directory.BranchName(r.BranchID), SoldByID: r.SoldByID,
		SoldByName: f.Directory.UserName(r.SoldByID.Or(0)), CustomerID: r.CustomerID, CustomerCode: r.CustomerCode,
		CustomerName: r.CustomerName, Total: r.Total, TotalPayment: r.TotalPayment, DiscountRatio: r.DiscountRatio,
		Discount: r.Discount, DiscountAfterTax: r.DiscountAfterTax, PricingMode: r.PricingMode, TotalTax: r.TotalTax, Method: r.Method,
		Status: r.Status, StatusValue: taphoa.InvoiceStatusValue(r.Status), Description: r.Description, UsingCod: r.UsingCod,
		RetailerID: f.Retailer, ModifiedDate: r.ModifiedDate, CreatedDate: r.CreatedDate, SaleChannelID: r.SaleChannelID,
		SaleChannelName: f.Directory.ChannelName(r.SaleChannelID.Or(0)), PriceBookID: r.PriceBookID,
		SaleChannel: f.Directory.ChannelInfo(r.SaleChannelID.Or(0)), InvoiceOrderSurcharges: []taphoa.DocumentSurcharge{},
	}
	for i := range c.Lines {
		v.InvoiceDetails = append(v.InvoiceDetails, s.showInvoiceLine(&c.Lines[i]))
	}
	v.Payments = f.showPayments(f.invoicePayments(r.ID))
	if c.Delivery != nil {
		v.InvoiceDelivery = c.Delivery.Show()
		v.InvoiceDelivery.SaleChannel = v.SaleChannel // where the documents print it for the detail
	}
	for _, row := range c.Surcharges {
		v.InvoiceOrderSurcharges = append(v.InvoiceOrderSurcharges, showSurcharge(&row, taphoa.Some(r.ID)))
	}
	return v
}

func (s *Sale) showInvoiceLine(l *InvoiceLineRow) taphoa.InvoiceDetail {
	f := s.Facts
	d := taphoa.InvoiceDetail{
		ID: l.ID, ProductID: l.ProductID, ProductCode: l.ProductCode, ProductName: l.ProductName, Quantity: l.Quantity, Price: l.Price,
		Discount: l.Discount, DiscountRatio: l.DiscountRatio, AllocationDiscount: l.AllocationDiscount, SubTotal: l.SubTotal,
		Note: l.Note, SerialNumbers: l.SerialNumbers, ReturnQuantity: l.ReturnQuantity,
	}
	if product := f.Items.ByID(l.ProductID); product != nil {
		d.CategoryID, d.CategoryName = taphoa.Some(product.CategoryID), taphoa.Some(product.CategoryName)
		d.TradeMarkName = product.TradeMarkName
	}
	for _, t := range s.Invoice.Taxes {
		if tax, _ := taphoa.TaxByID(t.TaxID); t.Line == l.Line {
			d.InvoiceDetailTaxs = append(d.InvoiceDetailTaxs, taphoa.InvoiceDetailTax{
				ID: t.ID, DetailID: t.DetailID, DetailTax: t.DetailTax, TaxID: t.TaxID, Name: tax.TaxName, Value: tax.Value,
				PriceAfterTax: t.PriceAfterTax, DiscountAfterTax: t.DiscountAfterTax,
				DiscountByPromotionAfterTax: taphoa.Some[taphoa.Money](0), AllocationDiscountAfterTax: t.AllocationDiscountAfterTax,
			})
		}
	}
	if lot, found := f.Stock.Lot(l.BatchID.Or(0)); found && l.BatchID.Has() {
		d.ProductBatchExpire = &taphoa.InvoiceBatch{
			ID: lot.ID, ProductID: lot.ProductID, BatchName: lot.BatchName, FullNameVirgule: lot.FullName(),
			CreatedDate: lot.CreatedDate, ExpireDate: lot.ExpireDate,
		}
	}
	return d
}
