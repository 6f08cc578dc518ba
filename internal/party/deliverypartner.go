package party

import (
	"strings"

	"github.com/taphoa/taphoa"
	"github.com/taphoa/taphoa/internal/db"
	"github.com/taphoa/taphoa/internal/org"
	"github.com/taphoa/taphoa/internal/text"
)

// carrier is a row of delivery_partners.
type carrier struct {
	taphoa.PartnerDelivery
	ID int64
}

// ResolveDeliveryPartner answers the carrier of a delivery: the one with the id; else with the code; else, when no code
// is given, with the name; else a new one. An unknown id is refused. Without an id and with nothing in the object there
// is none. Who is found is left as it is.
//
// A new carrier without a name is called by its code, or else its contact number; with neither it is nobody.
func ResolveDeliveryPartner(tx *db.Tx, id taphoa.Opt[int64], in *taphoa.PartnerDelivery) (taphoa.Opt[int64], error) {
	none := taphoa.Opt[int64]{}
	if wanted := id.Or(0); wanted != 0 {
		_, found, err := findCarrier(tx, "id = ?", wanted)
		if err == nil && !found {
			err = taphoa.Refuse(taphoa.CodeValidate, "partnerDeliveryId",
				"Đối tác giao hàng %d (partnerDeliveryId) không tồn tại", wanted)
		}
		return taphoa.Some(wanted), err
	}
	if in == nil {
		return none, nil
	}
	code, name := strings.TrimSpace(in.Code.Or("")), strings.TrimSpace(in.Name.Or(""))
	if name == "" {
		name = code
	}
	if name == "" {
		name = strings.TrimSpace(in.ContactNumber.Or(""))
	}
	if name == "" {
		return none, nil
	}
	condition, key := "code_key = ?", text.CodeKey(code)
	if code == "" {
		condition, key = "name_key = ?", text.Fold(name)
	}
	if known, found, err := findCarrier(tx, condition, key); err != nil || found {
		return taphoa.Some(known), err
	}
	created, err := createCarrier(tx, in, code, name)
	return taphoa.Some(created), err
}

func findCarrier(tx *db.Tx, condition string, arg any) (int64, bool, error) {
	return db.One[int64](tx,
		`SELECT id FROM delivery_partners WHERE retailer_id = :retailer AND `+condition+` ORDER BY id LIMIT 1`, arg)
}

func createCarrier(tx *db.Tx, in *taphoa.PartnerDelivery, code, name string) (int64, error) {
	id, err := tx.NewID("delivery_partners")
	if err != nil {
		return 0, err
	}
	if code == "" {
		if code, err = org.NextCode(tx, "DT", "delivery_partners", ""); err != nil {
			return 0, err
		}
	}
	row := carrier{ID: id, PartnerDelivery: taphoa.PartnerDelivery{
		Code: taphoa.Some(code), Name: taphoa.Some(name), Address: notBlank(in.Address),
		ContactNumber: notBlank(in.ContactNumber), Email: notBlank(in.Email),
	}}
	tx.Queue(`
		INSERT INTO delivery_partners (retailer_id, id, code, code_key, name, name_key, address, contact_number, email, created_date)
		VALUES (:retailer, :id, :code, ?, :name, ?, :address, :contact_number, :email, :now)`, &row, text.CodeKey(code), text.Fold(name))
	return id, nil
}

// DeliveryPartners answers the carriers with these ids, for a whole page of deliveries at once.
func DeliveryPartners(tx *db.Tx, ids []int64) (map[int64]taphoa.PartnerDelivery, error) {
	if len(ids) == 0 {
		return nil, nil
	}
	rows, err := db.All[carrier](tx, `
		SELECT id, code, name, address, contact_number, email FROM delivery_partners
		WHERE retailer_id = :retailer AND id IN ?`, ids)
	partners := make(map[int64]taphoa.PartnerDelivery, len(rows))
	for _, row := range rows {
		partners[row.ID] = row.PartnerDelivery
	}
	return partners, err
}
