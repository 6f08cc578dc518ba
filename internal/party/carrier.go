package party

import (
	"github.com/taphoa/taphoa"
	"github.com/taphoa/taphoa/internal/db"
	"github.com/taphoa/taphoa/internal/org"
	"github.com/taphoa/taphoa/internal/party/plan"
	"github.com/taphoa/taphoa/internal/text"
)

// carrierCodes are the codes of new carriers without a code.
var carrierCodes = org.Sequence{Prefix: "DT", Table: "delivery_partners"}

const carrierColumns = `id, code, name, address, contact_number, email`

// AskCarrier adds to a batch the facts of [plan.ResolveCarrier], and returns a function to be called after the batch
// has run.
func AskCarrier(tx *db.Tx, b *db.Batch, id taphoa.Opt[int64], in *taphoa.PartnerDelivery) func() (*plan.CarrierFacts, error) {
	keys := plan.CarrierKeysOf(id, in)
	var rows *db.Rows[plan.CarrierRef]
	ready := noCode
	switch {
	case keys.ID != 0:
		rows = askCarrier(b, "id = ?", keys.ID)
	case keys.Code != "":
		rows = askCarrier(b, "code_key = ?", text.CodeKey(keys.Code))
	case keys.Name != "":
		rows = askCarrier(b, "name_key = ?", keys.Key)
		ready = org.AskCodes(tx, b, carrierCodes)
	}
	return func() (*plan.CarrierFacts, error) {
		return &plan.CarrierFacts{Known: first(rows)}, ready()
	}
}

func askCarrier(b *db.Batch, condition string, arg any) *db.Rows[plan.CarrierRef] {
	return db.Want[plan.CarrierRef](b, `
		SELECT `+carrierColumns+` FROM delivery_partners
		WHERE retailer_id = :retailer AND `+condition+` ORDER BY id LIMIT 1`, arg)
}

// SaveCarrier writes a new carrier. Nil is none.
func SaveCarrier(tx *db.Tx, r *plan.CarrierRow) {
	if r != nil {
		db.Insert(tx, "delivery_partners", *r)
	}
}

// ResolveDeliveryPartner asks, plans and saves the carrier of a delivery: see [plan.ResolveCarrier].
func ResolveDeliveryPartner(tx *db.Tx, id taphoa.Opt[int64], in *taphoa.PartnerDelivery) (taphoa.Opt[int64], error) {
	none := taphoa.Opt[int64]{}
	b := tx.Batch()
	facts := AskCarrier(tx, b, id, in)
	if err := b.Run(); err != nil {
		return none, err
	}
	f, err := facts()
	if err != nil {
		return none, err
	}
	ctx := tx.PlanContext()
	c, err := plan.ResolveCarrier(&ctx, f, id, in)
	if err != nil || !c.Ref.Has() {
		return none, err
	}
	SaveCarrier(tx, c.New)
	return taphoa.Some(c.Ref.Value.ID), nil
}

// DeliveryPartners returns the carriers with these ids, for a whole page of deliveries at once.
func DeliveryPartners(tx *db.Tx, ids []int64) (map[int64]taphoa.PartnerDelivery, error) {
	if len(ids) == 0 {
		return nil, nil
	}
	rows, err := db.All[plan.CarrierRef](tx, `
		SELECT `+carrierColumns+` FROM delivery_partners WHERE retailer_id = :retailer AND id IN ?`, ids)
	partners := make(map[int64]taphoa.PartnerDelivery, len(rows))
	for _, row := range rows {
		partners[row.ID] = row.PartnerDelivery
	}
	return partners, err
}
