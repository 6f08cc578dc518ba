package plan

import (
	"github.com/taphoa/taphoa"
	"github.com/taphoa/taphoa/internal/plan"
)

// OrderEvent is an order as its event shows it: what has the same name, and dates with their time zone.
func OrderEvent(o *taphoa.Order) taphoa.OrderData {
	data := taphoa.OrderData{
		PurchaseDate: taphoa.Stamp(o.PurchaseDate), BranchName: taphoa.Some(o.BranchName),
		ModifiedDate: taphoa.Some(taphoa.Stamp(o.ModifiedDate.Or(o.CreatedDate))),
	}
	plan.CopyFields(&data, o)
	for i := range o.OrderDetails {
		line := taphoa.DocumentDetailData{}
		plan.CopyFields(&line, &o.OrderDetails[i])
		data.OrderDetails = append(data.OrderDetails, line)
	}
	return data
}

// InvoiceEvent is an invoice as its event shows it: what has the same name, and dates with their time zone.
func InvoiceEvent(v *taphoa.Invoice) taphoa.InvoiceData {
	data := taphoa.InvoiceData{
		PurchaseDate: taphoa.Stamp(v.PurchaseDate), SoldByID: v.SoldByID.Value,
		ModifiedDate: taphoa.Some(taphoa.Stamp(v.ModifiedDate.Or(v.CreatedDate))),
	}
	plan.CopyFields(&data, v)
	if d := v.InvoiceDelivery; d != nil {
		data.InvoiceDelivery = &taphoa.InvoiceDeliveryData{Status: d.Status.Value, StatusValue: d.StatusValue.Value}
		plan.CopyFields(data.InvoiceDelivery, d)
		if d.PartnerDelivery != nil {
			data.InvoiceDelivery.PartnerDelivery = &taphoa.PartnerDeliveryData{}
			plan.CopyFields(data.InvoiceDelivery.PartnerDelivery, d.PartnerDelivery)
		}
	}
	for i := range v.InvoiceDetails {
		line := taphoa.DocumentDetailData{}
		plan.CopyFields(&line, &v.InvoiceDetails[i])
		data.InvoiceDetails = append(data.InvoiceDetails, line)
	}
	for i := range v.Payments {
		p := &v.Payments[i]
		receipt := taphoa.PaymentData{
			Status: taphoa.Some(p.Status), StatusValue: taphoa.Some(p.StatusValue), TransDate: taphoa.Stamp(p.TransDate),
		}
		plan.CopyFields(&receipt, p)
		data.Payments = append(data.Payments, receipt)
	}
	return data
}
