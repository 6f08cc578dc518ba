package plan

import (
	"github.com/taphoa/taphoa"
	cashplan "github.com/taphoa/taphoa/internal/cash/plan"
	catalogplan "github.com/taphoa/taphoa/internal/catalog/plan"
	orgplan "github.com/taphoa/taphoa/internal/org/plan"
	"github.com/taphoa/taphoa/internal/plan"
	stockplan "github.com/taphoa/taphoa/internal/stock/plan"
)

// View shows documents as responses do: their rows, with the names of what these refer to. Lists and plans share it, so that
// the answer of an operation is what the next GET shows.
type View struct {
	Retailer  int64
	Directory *orgplan.Directory
	Items     *catalogplan.Items                   // of the lines of invoices
	Lot       func(id int64) (stockplan.Lot, bool) // of the lines of invoices
}

// Includes say which parts of a document an answer shows besides its lines.
type Includes struct{ Payments, Delivery, Channel, Surcharges bool }

// Everything is what the answer for one document shows.
var Everything = Includes{true, true, true, true}

func (f *Facts) view() *View {
	return &View{Retailer: f.Retailer, Directory: f.Directory, Items: f.Items, Lot: f.Stock.Lot}
}

// ShowOrder returns the order of a finished sale as GET shows it. It is made once and must not be changed.
func (s *Sale) ShowOrder() *taphoa.Order {
	if s.shownOrder == nil {
		f := s.Facts
		s.shownOrder = f.view().Order(&s.Order.Order, f.Cash.ShownOrderPayments(s.Order.Row.ID), s.chargedBy, Everything)
		s.shownOrder.Warnings = s.warnings
	}
	return s.shownOrder
}

// ShowInvoice returns the invoice of a finished sale as GET shows it. It is made once and must not be changed.
func (s *Sale) ShowInvoice() *taphoa.Invoice {
	if s.shownInvoice == nil {
		f := s.Facts
		s.shownInvoice = f.view().Invoice(&s.Invoice.Invoice, SettledBy(f.Cash, s.Invoice.Row.ref()), Everything)
		s.shownInvoice.Warnings = s.warnings
		if d := s.shownInvoice.InvoiceDelivery; d != nil {
			d.SaleChannel = s.shownInvoice.SaleChannel // where the documents print it for the detail
		}
	}
	return s.shownInvoice
}

// ShowReturn returns the return of a finished sale as GET shows it. It is made once and must not be changed.
func (s *Sale) ShowReturn() *taphoa.Return {
	if s.shownReturn == nil {
		f := s.Facts
		s.shownReturn = f.view().Return(&s.Return.Return, SettledBy(f.Cash, s.Return.Row.ref()), Everything)
	}
	return s.shownReturn
}

// Settled is what has settled a document as it shows it.
type Settled struct {
	Payments    []taphoa.Payment
	Allocations []taphoa.Allocation
}

// SettledBy is what a ledger says has settled an invoice or a return.
func SettledBy(l *cashplan.Ledger, ref cashplan.DocumentRef) Settled {
	return Settled{l.ShownPayments(ref), l.ShownAllocations(ref)}
}

// chargedBy is the first valid invoice of the order that charges one of its surcharges.
func (s *Sale) chargedBy(surchargeID int64) taphoa.Opt[int64] {
	if stored := s.Facts.Order; stored != nil {
		if by, charged := stored.Charged[surchargeID]; charged {
			return taphoa.Some(by.InvoiceID)
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

// Order shows an order. charged tells which invoice charges a surcharge.
func (w *View) Order(c *Order, payments []taphoa.Payment, charged func(surchargeID int64) taphoa.Opt[int64], in Includes) *taphoa.Order {
	r, d := &c.Row, w.Directory
	o := &taphoa.Order{
		RetailerID: w.Retailer, BranchName: d.BranchName(r.BranchID), SoldByName: d.UserName(r.SoldByID.Or(0)),
		StatusValue: taphoa.OrderStatusValue(r.Status), SaleChannelName: d.ChannelName(r.SaleChannelID.Or(0)),
	}
	plan.CopyFields(o, r)
	o.ModifiedDate = taphoa.Some(o.ModifiedDate.Or(o.CreatedDate))
	taxes := c.Taxes
	for i := range c.Lines {
		l := &c.Lines[i]
		shown := taphoa.OrderDetail{}
		plan.CopyFields(&shown, l)
		for _, t := range taxesOf(&taxes, l.Line) {
			tax, _ := taphoa.TaxByID(t.TaxID)
			shown.OrderDetailTaxs = append(shown.OrderDetailTaxs, taphoa.OrderDetailTax{
				ID: t.ID, DetailID: t.DetailID, RetailerID: w.Retailer, TaxID: t.TaxID, DetailTax: t.DetailTax, TaxName: tax.TaxName,
				TaxValue: tax.Value, PriceAfterTax: t.PriceAfterTax, DiscountAfterTax: t.DiscountAfterTax,
			})
		}
		o.OrderDetails = append(o.OrderDetails, shown)
	}
	if in.Payments {
		o.Payments = payments
	}
	o.UsingCod = o.UsingCod && d.Settings.UseDelivery
	if shown := w.delivery(c.Delivery); in.Delivery && shown != nil {
		o.OrderDelivery = shown
		o.OrderDelivery.Status, o.OrderDelivery.StatusValue = taphoa.Opt[int64]{}, taphoa.Opt[string]{} // only invoices show them
	}
	if in.Surcharges {
		o.InvoiceOrderSurcharges = showSurcharges(c.Surcharges, charged)
	}
	if in.Channel {
		o.SaleChannel = d.ChannelInfo(r.SaleChannelID.Or(0))
	}
	return o
}

// taxesOf cuts the taxes of a line off the taxes of a document, which are in the order of lines.
func taxesOf(rows *[]LineTaxRow, line int64) []LineTaxRow {
	n := 0
	for n < len(*rows) && (*rows)[n].Line == line {
		n++
	}
	taxes := (*rows)[:n]
	*rows = (*rows)[n:]
	return taxes
}

func showSurcharges(rows []SurchargeRow, charged func(surchargeID int64) taphoa.Opt[int64]) []taphoa.DocumentSurcharge {
	shown := make([]taphoa.DocumentSurcharge, len(rows))
	for i := range rows {
		shown[i].InvoiceID = charged(rows[i].SurchargeID.Or(0))
		plan.CopyFields(&shown[i], &rows[i])
	}
	return shown
}

// Invoice shows an invoice.
func (w *View) Invoice(c *Invoice, settled Settled, in Includes) *taphoa.Invoice {
	r, d := &c.Row, w.Directory
	v := &taphoa.Invoice{
		RetailerID: w.Retailer, BranchName: d.BranchName(r.BranchID), SoldByName: d.UserName(r.SoldByID.Or(0)),
		StatusValue: taphoa.InvoiceStatusValue(r.Status), SaleChannelName: d.ChannelName(r.SaleChannelID.Or(0)),
	}
	plan.CopyFields(v, r)
	v.ModifiedDate = taphoa.Some(v.ModifiedDate.Or(v.CreatedDate))
	taxes := c.Taxes
	for i := range c.Lines {
		v.InvoiceDetails = append(v.InvoiceDetails, w.invoiceLine(&c.Lines[i], taxesOf(&taxes, c.Lines[i].Line)))
	}
	if in.Payments {
		v.Payments, v.Allocations = settled.Payments, settled.Allocations
	}
	v.UsingCod = v.UsingCod && d.Settings.UseDelivery
	if in.Delivery {
		if v.InvoiceDelivery = w.delivery(c.Delivery); v.InvoiceDelivery != nil && w.Directory.Settings.UseCod {
			v.InvoiceDelivery.PriceCodPayment = c.Delivery.shownCod(r)
		}
	}
	if in.Surcharges {
		v.InvoiceOrderSurcharges = showSurcharges(c.Surcharges, func(int64) taphoa.Opt[int64] { return taphoa.Some(r.ID) })
	}
	if in.Channel {
		v.SaleChannel = d.ChannelInfo(r.SaleChannelID.Or(0))
	}
	return v
}

func (w *View) invoiceLine(l *InvoiceLineRow, taxes []LineTaxRow) taphoa.InvoiceDetail {
	d := taphoa.InvoiceDetail{}
	plan.CopyFields(&d, l)
	if product := w.Items.ByID(l.ProductID); product != nil {
		d.CategoryID, d.CategoryName = taphoa.Some(product.CategoryID), taphoa.Some(product.CategoryName)
		d.TradeMarkName = product.TradeMarkName
	}
	for _, t := range taxes {
		tax, _ := taphoa.TaxByID(t.TaxID)
		d.InvoiceDetailTaxs = append(d.InvoiceDetailTaxs, taphoa.InvoiceDetailTax{
			ID: t.ID, DetailID: t.DetailID, DetailTax: t.DetailTax, TaxID: t.TaxID, Name: tax.TaxName, Value: tax.Value,
			PriceAfterTax: t.PriceAfterTax, DiscountAfterTax: t.DiscountAfterTax,
			DiscountByPromotionAfterTax: taphoa.Some[taphoa.Money](0), AllocationDiscountAfterTax: t.AllocationDiscountAfterTax,
		})
	}
	if !l.BatchID.Has() {
		return d
	}
	if lot, found := w.Lot(l.BatchID.Value); found {
		d.ProductBatchExpire = &taphoa.InvoiceBatch{
			ID: lot.ID, ProductID: lot.ProductID, BatchName: lot.BatchName, FullNameVirgule: lot.FullName(),
			CreatedDate: lot.CreatedDate, ExpireDate: lot.ExpireDate,
		}
	}
	return d
}

// Return shows a return.
func (w *View) Return(c *Return, settled Settled, in Includes) *taphoa.Return {
	r, d := &c.Row, w.Directory
	shown := &taphoa.Return{
		RetailerID: w.Retailer, BranchName: d.BranchName(r.BranchID), SoldByName: d.UserName(r.SoldByID.Or(0)),
		StatusValue: taphoa.ReturnStatusValue(r.Status),
	}
	plan.CopyFields(shown, r)
	taxes := c.Taxes
	for i := range c.Lines {
		l := &c.Lines[i]
		detail := taphoa.ReturnDetail{LineNumber: l.Line}
		plan.CopyFields(&detail, l)
		for _, t := range taxesOf(&taxes, l.Line) {
			tax, _ := taphoa.TaxByID(t.TaxID)
			detail.ReturnDetailTaxs = append(detail.ReturnDetailTaxs, taphoa.ReturnDetailTax{
				ID: t.ID, DetailID: t.DetailID, RetailerID: w.Retailer, TaxID: t.TaxID, DetailTax: t.DetailTax, TaxName: tax.TaxName,
				TaxValue: tax.Value, PriceAfterTax: t.PriceAfterTax, AllocationDiscountAfterTax: t.AllocationDiscountAfterTax,
			})
		}
		shown.ReturnDetails = append(shown.ReturnDetails, detail)
	}
	if in.Payments {
		shown.Payments, shown.Allocations = settled.Payments, settled.Allocations
	}
	return shown
}
