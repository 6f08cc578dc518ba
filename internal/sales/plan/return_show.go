package plan

import "github.com/taphoa/taphoa"

// ShowReturn returns the return of a sale as GET shows it.
func (s *Sale) ShowReturn() *taphoa.Return {
	f, c := s.Facts, s.Return
	r := &c.Row
	shown := &taphoa.Return{
		ID: r.ID, Code: r.Code, InvoiceID: r.InvoiceID, ReturnDate: r.ReturnDate, BranchID: r.BranchID,
		BranchName: f.Directory.BranchName(r.BranchID), ReceivedByID: r.ReceivedByID, SoldByID: r.SoldByID,
		SoldByName: f.Directory.UserName(r.SoldByID.Or(0)), CustomerID: r.CustomerID, CustomerCode: r.CustomerCode,
		CustomerName: r.CustomerName, ReturnTotal: r.ReturnTotal, ReturnDiscount: r.ReturnDiscount, ReturnFee: r.ReturnFee,
		TotalPayment: r.TotalPayment, Status: r.Status, StatusValue: taphoa.ReturnStatusValue(r.Status), CreatedDate: r.CreatedDate,
		ModifiedDate: r.ModifiedDate, TotalTax: r.TotalTax, PricingMode: r.PricingMode, DiscountAfterTax: r.DiscountAfterTax,
		Payments: f.showPayments(f.returnPayments(r.ID)), RetailerID: f.Retailer, Description: r.Description,
	}
	for _, l := range c.Lines {
		d := taphoa.ReturnDetail{
			ID: l.ID, LineNumber: l.Line, ProductID: l.ProductID, ProductCode: l.ProductCode, ProductName: l.ProductName,
			Quantity: l.Quantity, Price: l.Price, Note: l.Note, UsePoint: l.UsePoint, SubTotal: l.SubTotal,
			AllocationDiscount: l.AllocationDiscount, SerialNumbers: l.SerialNumbers, ReturnID: l.ReturnID, InvoiceDetailID: l.InvoiceDetailID,
		}
		for _, t := range c.Taxes {
			if tax, _ := taphoa.TaxByID(t.TaxID); t.Line == l.Line {
				d.ReturnDetailTaxs = append(d.ReturnDetailTaxs, taphoa.ReturnDetailTax{
					ID: t.ID, DetailID: t.DetailID, RetailerID: f.Retailer, TaxID: t.TaxID, DetailTax: t.DetailTax, TaxName: tax.TaxName,
					TaxValue: tax.Value, PriceAfterTax: t.PriceAfterTax, AllocationDiscountAfterTax: t.AllocationDiscountAfterTax,
				})
			}
		}
		shown.ReturnDetails = append(shown.ReturnDetails, d)
	}
	return shown
}
