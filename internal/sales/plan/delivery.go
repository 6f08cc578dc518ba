package plan

import (
	"github.com/taphoa/taphoa"
	orgplan "github.com/taphoa/taphoa/internal/org/plan"
	partyplan "github.com/taphoa/taphoa/internal/party/plan"
)

// CheckDeliveries refuses calls that carry or ask for deliveries while the shop has none.
func (k *Kind) CheckDeliveries(s *orgplan.Settings) error {
	if !s.UseDelivery {
		return taphoa.Refuse(k.code, k.Name+"Delivery", "%s", taphoa.Term(k.deliveryOff))
	}
	return nil
}

// checkInvoiceDelivery refuses what the shop's settings do not allow of the delivery of an invoice, and of the money that is
// collected on it (contract invoices, messages).
func checkInvoiceDelivery(s *orgplan.Settings, in *taphoa.InvoiceInput) error {
	collected := in.CodPaymentMethod.Or("") != "" || in.CodPaymentAccount.Or(0) != 0
	if err := KindInvoice.checkDelivery(s, in.DeliveryDetail, in.UsingCod.Or(false) || collected); err != nil {
		return err
	}
	if collected && !s.UseCod {
		return taphoa.Refuse(taphoa.CodeInvoice, "codPaymentMethod", codOff)
	}
	return nil
}

// checkDelivery refuses what the shop's settings do not allow of a delivery (contract orders and invoices, messages). asked
// says that a request is about one, also without its members.
func (k *Kind) checkDelivery(s *orgplan.Settings, in *taphoa.DeliveryInput, asked bool) error {
	if in == nil && !asked {
		return nil
	}
	if err := k.CheckDeliveries(s); err != nil {
		return err
	}
	if in == nil {
		return nil
	}
	if !s.UseCod && (in.UsingPriceCod.Or(false) || in.PriceCodPayment.Or(0) != 0) {
		return taphoa.Refuse(k.code, "usingPriceCod", codOff)
	}
	if in.Status.Or(0) != 0 && taphoa.DeliveryStatusValue(in.Status.Value) == "" {
		return taphoa.Refuse(k.code, "deliveryDetail.status", "Trạng thái giao hàng %d (deliveryDetail.status) không hợp lệ: dùng 1 đến 12", in.Status.Value)
	}
	for _, member := range []struct {
		name  string
		value int64
	}{
		{"price", int64(in.Price.Or(0))},
		{"priceCodPayment", int64(in.PriceCodPayment.Or(0))},
		{"weight", int64(in.Weight.Or(0))},
		{"length", int64(in.Length.Or(0))},
		{"width", int64(in.Width.Or(0))},
		{"height", int64(in.Height.Or(0))},
	} {
		if member.value < 0 {
			return taphoa.Refuse(k.code, member.name, "Thông tin giao hàng %s không được âm", member.name)
		}
	}
	return nil
}

// deliveryPhases are the phases of a delivery by its state: it waits for the carrier, is with them, comes back, is over.
var deliveryPhases = [...]int{
	taphoa.DeliveryWaiting: 1, taphoa.DeliveryPickingUp: 1, taphoa.DeliveryToPickUpAgain: 1,
	taphoa.DeliveryUnderWay: 2, taphoa.DeliveryPickedUp: 2, taphoa.DeliveryToDeliverAgain: 2,
	taphoa.DeliveryReturning: 3, taphoa.DeliveryToReturn: 3, taphoa.DeliveryToReturnAgain: 3,
	taphoa.DeliveryDelivered: 4, taphoa.DeliveryReturned: 4,
}

// follows reports whether a delivery may go from one state to another: forward between phases, inside one as it likes. What
// has arrived can come back, what was cancelled too; what came back stays.
func follows(from, to int64) bool {
	switch from {
	case taphoa.DeliveryReturned:
		return false
	case taphoa.DeliveryCancelled:
		return to == taphoa.DeliveryReturned
	case taphoa.DeliveryDelivered:
		return to == taphoa.DeliveryReturning || to == taphoa.DeliveryReturned
	}
	return to == taphoa.DeliveryCancelled || deliveryPhases[to] >= deliveryPhases[from]
}

// Delivery is the delivery of a document, with its carrier.
type Delivery struct {
	Row     DeliveryRow
	Carrier taphoa.Opt[partyplan.CarrierRef]
}

// same reports whether nothing of a delivery differs from another one; both may be missing.
func (d *Delivery) same(other *Delivery) bool {
	if d == nil || other == nil {
		return d == other
	}
	return d.Row == other.Row
}

// change applies the members that a request gives, but for its state, and resolves its carrier: a new one is to be saved with
// the sale.
func (d *Delivery) change(f *Facts, s *Sale, in *taphoa.DeliveryInput) error {
	r := &d.Row
	given(&r.DeliveryCode, in.DeliveryCode)
	given(&r.Type, in.Type)
	given(&r.Price, in.Price)
	given(&r.Receiver, in.Receiver)
	given(&r.ContactNumber, in.ContactNumber)
	given(&r.Address, in.Address)
	given(&r.LocationID, in.LocationID)
	given(&r.LocationName, in.LocationName)
	given(&r.WardName, in.WardName)
	if f.settings().UseCod { // otherwise it is hidden, and 0 comes back
		shown := r.PriceCodPayment
		if s.Invoice != nil && s.Invoice.Stored != nil {
			shown = d.shownCod(&s.Invoice.Stored.Row)
		}
		d.changeCod(in, shown)
	}
	given(&r.Weight, in.Weight)
	given(&r.Length, in.Length)
	given(&r.Width, in.Width)
	given(&r.Height, in.Height)
	given(&r.ExpectedDelivery, in.ExpectedDelivery)
	if !in.PartnerDeliveryID.Given() && in.PartnerDelivery == nil {
		return nil
	}
	carrier, err := partyplan.ResolveCarrier(&f.Context, f.Carrier, in.PartnerDeliveryID, in.PartnerDelivery)
	if err != nil {
		return err
	}
	d.Carrier, s.Carrier = carrier.Ref, carrier.New
	r.PartnerDeliveryID = taphoa.Opt[int64]{}
	if carrier.Ref.Has() {
		r.PartnerDeliveryID = taphoa.Some(carrier.Ref.Value.ID)
	}
	return nil
}

// changeCod applies what a request says of the money that is to be collected, beside what it was shown.
func (d *Delivery) changeCod(in *taphoa.DeliveryInput, shown taphoa.Opt[taphoa.Money]) {
	r := &d.Row
	if in.PriceCodPayment != r.PriceCodPayment && in.PriceCodPayment != shown { // one from before amounts were whole may come back as it is
		given(&r.PriceCodPayment, in.PriceCodPayment)
		r.PriceCodPayment.Value = r.PriceCodPayment.Value.RoundDong()
	}
	if in.UsingPriceCod.Has() {
		r.UsingPriceCod = in.UsingPriceCod.Value
	} else if in.PriceCodPayment.Or(0) > 0 { // an amount says that it is to be collected
		r.UsingPriceCod = true
	}
}

// changeOfOrder is [Delivery.change] of the sale's order, whose deliveries have no state: that is its invoices'.
func (d *Delivery) changeOfOrder(f *Facts, s *Sale, in *taphoa.DeliveryInput) error {
	if in.Status.Or(0) > taphoa.DeliveryWaiting {
		s.warn("Đơn đặt hàng không có trạng thái giao hàng, bỏ qua %s (orderDelivery.status): hãy cập nhật ở hóa đơn",
			taphoa.DeliveryStatusValue(in.Status.Value))
	}
	d.of(&KindOrder, s.Order.Row.ID)
	return d.change(f, s, in)
}

// goTo brings the delivery of the sale's invoice to a state. One that does not follow the present one, such as a carrier's
// report that comes late, is passed over with a warning, and 0 is not said. Goods that have come back stay.
func (d *Delivery) goTo(s *Sale, state int64) {
	r := &d.Row
	switch {
	case state == 0 || state == r.Status:
	case state == taphoa.DeliveryCancelled && deliveryPhases[r.Status] == 3 && s.Invoice.Row.Status == taphoa.InvoiceCompleted:
		s.passOver(r.Status, state) // it had arrived before
	case r.Status == 0, follows(r.Status, state) && (state == taphoa.DeliveryReturned || !s.Invoice.Row.GoodsReturned):
		r.Status = state
	default:
		s.passOver(r.Status, state)
	}
}

// passOver warns that a delivery does not go to a state.
func (s *Sale) passOver(from, to int64) {
	s.warn("Đơn giao hàng đang ở trạng thái %s, bỏ qua trạng thái %s (deliveryDetail.status)",
		taphoa.DeliveryStatusValue(from), taphoa.DeliveryStatusValue(to))
}

// collects reports whether there is money to be collected on delivery.
func (d *Delivery) collects() bool {
	return d != nil && d.Row.UsingPriceCod && !d.ended()
}

// ended reports whether a delivery is over.
func (d *Delivery) ended() bool {
	return d.Row.Status == taphoa.DeliveryDelivered || d.Row.Status == taphoa.DeliveryReturned || d.Row.Status == taphoa.DeliveryCancelled
}

// held is what of an invoice is to be collected on delivery.
func (d *Delivery) held(v *InvoiceRow) taphoa.Money {
	if !d.collects() {
		return 0
	}
	return min(d.Row.PriceCodPayment.Or(v.due()), v.due())
}

// shownCod is what is still to be collected on the delivery of an invoice: less what was paid of it by name. It may have more
// than the invoice, such as a fee of the carrier.
func (d *Delivery) shownCod(v *InvoiceRow) taphoa.Opt[taphoa.Money] {
	cod := d.Row.PriceCodPayment
	if !cod.Has() || !d.collects() || v.History { // a mirror has what is left
		return cod
	}
	return taphoa.Some(min(cod.Value, max(0, v.due()-v.TotalPayment)+max(0, cod.Value-v.Total)))
}

// of makes the delivery that of a document. One without a status waits.
func (d *Delivery) of(k *Kind, documentID int64) {
	d.Row.Document, d.Row.DocumentID = k.Name, documentID
	if d.Row.Status == 0 {
		d.Row.Status = taphoa.DeliveryWaiting
	}
}

// delivery is the delivery of a document as responses show it, so far as the shop's settings do not hide it.
func (w *View) delivery(d *Delivery) *taphoa.Delivery {
	s := &w.Directory.Settings
	if d == nil || !s.UseDelivery {
		return nil
	}
	r := &d.Row
	shown := &taphoa.Delivery{
		DeliveryCode: r.DeliveryCode, Type: r.Type, Status: taphoa.Some(r.Status),
		StatusValue: taphoa.Some(taphoa.DeliveryStatusValue(r.Status)), Price: r.Price, Receiver: r.Receiver,
		ContactNumber: r.ContactNumber, Address: r.Address, LocationID: r.LocationID, LocationName: r.LocationName,
		WardName: r.WardName, UsingPriceCod: r.UsingPriceCod, PriceCodPayment: r.PriceCodPayment, Weight: r.Weight,
		Length: r.Length, Width: r.Width, Height: r.Height, PartnerDeliveryID: r.PartnerDeliveryID,
		ExpectedDelivery: r.ExpectedDelivery,
	}
	if d.Carrier.Has() {
		carrier := d.Carrier.Value.PartnerDelivery
		shown.PartnerDelivery = &carrier
	}
	if !s.UseCod {
		shown.UsingPriceCod, shown.PriceCodPayment = false, taphoa.Opt[taphoa.Money]{}
	}
	return shown
}
