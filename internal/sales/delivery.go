package sales

import (
	"github.com/taphoa/taphoa"
	"github.com/taphoa/taphoa/internal/db"
	"github.com/taphoa/taphoa/internal/party"
)

// patch changes a member that a request gives; null clears it.
func patch[T any](to *taphoa.Opt[T], in taphoa.Opt[T]) {
	if in.Given() {
		*to = in
	}
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
