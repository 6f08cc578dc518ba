package sales

import (
	"github.com/taphoa/taphoa"
	"github.com/taphoa/taphoa/internal/db"
	"github.com/taphoa/taphoa/internal/org"
	"github.com/taphoa/taphoa/internal/party"
)

// deliveryOn refuses calls that carry or ask for deliveries while the shop has none.
func (r *rules) deliveryOn(s *org.Settings) error {
	if !s.UseDelivery {
		return taphoa.Refuse(r.code, r.document+"Delivery", "%s", taphoa.Term(r.deliveryOff))
	}
	return nil
}

// checkDelivery refuses what the shop's settings do not allow of a delivery (contract orders and invoices, messages).
func (r *rules) checkDelivery(s *org.Settings, in *taphoa.DeliveryInput, usingCod bool) error {
	if in == nil && !usingCod {
		return nil
	}
	if err := r.deliveryOn(s); err != nil {
		return err
	}
	if in == nil {
		return nil
	}
	if !s.UseCod && (in.UsingPriceCod.Or(false) || in.PriceCodPayment.Or(0) != 0) {
		return taphoa.Refuse(r.code, "usingPriceCod", codOff)
	}
	if in.Status.Or(0) != 0 && taphoa.DeliveryStatusValue(in.Status.Value) == "" {
		return taphoa.Refuse(r.code, "deliveryDetail.status", "Trạng thái giao hàng %d (deliveryDetail.status) không hợp lệ: dùng 1 đến 12", in.Status.Value)
	}
	for name, amount := range map[string]int64{
		"price": int64(in.Price.Or(0)), "priceCodPayment": int64(in.PriceCodPayment.Or(0)), "weight": int64(in.Weight.Or(0)),
		"length": int64(in.Length.Or(0)), "width": int64(in.Width.Or(0)), "height": int64(in.Height.Or(0)),
	} {
		if amount < 0 {
			return taphoa.Refuse(r.code, name, "Thông tin giao hàng %s không được âm", name)
		}
	}
	return nil
}

// patchDelivery changes the members of a delivery that are given.
func patchDelivery(tx *db.Tx, d *taphoa.Delivery, in *taphoa.DeliveryInput) error {
	patch(&d.DeliveryCode, in.DeliveryCode)
	patch(&d.Type, in.Type)
	patch(&d.Price, in.Price)
	patch(&d.Receiver, in.Receiver)
	patch(&d.ContactNumber, in.ContactNumber)
	patch(&d.Address, in.Address)
	patch(&d.LocationID, in.LocationID)
	patch(&d.LocationName, in.LocationName)
	patch(&d.WardName, in.WardName)
	patch(&d.PriceCodPayment, in.PriceCodPayment)
	patch(&d.Weight, in.Weight)
	patch(&d.Length, in.Length)
	patch(&d.Width, in.Width)
	patch(&d.Height, in.Height)
	patch(&d.ExpectedDelivery, in.ExpectedDelivery)
	if in.UsingPriceCod.Has() {
		d.UsingPriceCod = in.UsingPriceCod.Value
	}
	if in.Status.Or(0) != 0 {
		d.Status = in.Status
	}
	if in.PartnerDeliveryID.Given() || in.PartnerDelivery != nil {
		id, err := party.ResolveDeliveryPartner(tx, in.PartnerDeliveryID, in.PartnerDelivery)
		if err != nil {
			return err
		}
		d.PartnerDeliveryID = id
	}
	return nil
}

// patch changes a member that a request gives; null clears it.
func patch[T any](to *taphoa.Opt[T], in taphoa.Opt[T]) {
	if in.Given() {
		*to = in
	}
}

// saveDelivery writes the delivery of a document.
func (r *rules) saveDelivery(tx *db.Tx, documentID int64, d *taphoa.Delivery) {
	d.Status = taphoa.Some(d.Status.Or(taphoa.DeliveryWaiting))
	tx.Queue(`
		INSERT INTO deliveries (retailer_id, document, document_id, delivery_code, type, status, price, receiver, contact_number,
			address, location_id, location_name, ward_name, using_price_cod, price_cod_payment, weight, length, width, height,
			partner_delivery_id, expected_delivery)
		VALUES (:retailer, ?, ?, :delivery_code, :type, :status, :price, :receiver, :contact_number,
			:address, :location_id, :location_name, :ward_name, :using_price_cod, :price_cod_payment, :weight, :length, :width,
			:height, :partner_delivery_id, :expected_delivery)
		ON CONFLICT (retailer_id, document, document_id) DO UPDATE SET
			delivery_code = excluded.delivery_code, type = excluded.type, status = excluded.status, price = excluded.price,
			receiver = excluded.receiver, contact_number = excluded.contact_number, address = excluded.address,
			location_id = excluded.location_id, location_name = excluded.location_name, ward_name = excluded.ward_name,
			using_price_cod = excluded.using_price_cod, price_cod_payment = excluded.price_cod_payment,
			weight = excluded.weight, length = excluded.length, width = excluded.width, height = excluded.height,
			partner_delivery_id = excluded.partner_delivery_id, expected_delivery = excluded.expected_delivery`,
		d, r.document, documentID)
}

// loadDeliveries answers the deliveries of some documents.
func (r *rules) loadDeliveries(tx *db.Tx, ids []int64) (map[int64]*taphoa.Delivery, error) {
	if len(ids) == 0 {
		return nil, nil
	}
	rows, err := db.All[taphoa.Delivery](tx, `
		SELECT document_id, delivery_code, type, status, price, receiver, contact_number, address, location_id, location_name,
			ward_name, using_price_cod, price_cod_payment, weight, length, width, height, partner_delivery_id, expected_delivery
		FROM deliveries WHERE retailer_id = :retailer AND document = ? AND document_id IN ?`, r.document, ids)
	if err != nil {
		return nil, err
	}
	var partnerIDs []int64
	for _, d := range rows {
		if d.PartnerDeliveryID.Has() {
			partnerIDs = append(partnerIDs, d.PartnerDeliveryID.Value)
		}
	}
	var partners map[int64]taphoa.PartnerDelivery
	if len(partnerIDs) > 0 {
		if partners, err = party.DeliveryPartners(tx, partnerIDs); err != nil {
			return nil, err
		}
	}
	deliveries := make(map[int64]*taphoa.Delivery, len(rows))
	for i := range rows {
		d := &rows[i]
		if p, ok := partners[d.PartnerDeliveryID.Or(0)]; ok {
			d.PartnerDelivery = &p
		}
		d.StatusValue = taphoa.Some(taphoa.DeliveryStatusValue(d.Status.Value))
		deliveries[d.DocumentID] = d
	}
	return deliveries, nil
}
