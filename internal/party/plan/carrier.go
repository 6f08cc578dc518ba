package plan

import (
	"cmp"
	"strings"

	"github.com/taphoa/taphoa"
	"github.com/taphoa/taphoa/internal/plan"
	"github.com/taphoa/taphoa/internal/text"
)

// CarrierRow is a row of delivery_partners.
type CarrierRow struct {
	ID            int64
	Code          string
	CodeKey       string
	Name          string
	NameKey       string
	Address       taphoa.Opt[string]
	ContactNumber taphoa.Opt[string]
	Email         taphoa.Opt[string]
	CreatedDate   taphoa.Time
}

// CarrierRef is a carrier as deliveries show it.
type CarrierRef struct {
	ID int64
	taphoa.PartnerDelivery
}

// Ref returns the carrier as deliveries show it.
func (r *CarrierRow) Ref() CarrierRef {
	return CarrierRef{r.ID, taphoa.PartnerDelivery{
		Code: taphoa.Some(r.Code), Name: taphoa.Some(r.Name), Address: r.Address, ContactNumber: r.ContactNumber, Email: r.Email,
	}}
}

// CarrierFacts is what was asked for to resolve a carrier.
type CarrierFacts struct {
	Known taphoa.Opt[CarrierRef] // the carrier with the id, the code or the name of [CarrierKeysOf]
}

// Carrier is the carrier of a delivery.
type Carrier struct {
	Ref taphoa.Opt[CarrierRef] // none without a carrier
	New *CarrierRow            // to be saved, if the delivery creates the carrier
}

// CarrierKeys is how a delivery names its carrier.
type CarrierKeys struct {
	ID   int64  // 0 for none
	Code string // "" for none
	Name string // of a new carrier; "" if the delivery has no carrier
	Key  string // by which a carrier without a code is found: the folded name, or the key of a contact number in place of one
}

// CarrierKeysOf returns how a delivery names its carrier. The name defaults to the code, then to the contact number, however
// that is written.
func CarrierKeysOf(id taphoa.Opt[int64], in *taphoa.PartnerDelivery) CarrierKeys {
	k := CarrierKeys{ID: id.Or(0)}
	if k.ID == 0 && in != nil {
		k.Code = text.Clean(in.Code.Or(""))
		number := strings.TrimSpace(in.ContactNumber.Or(""))
		k.Name = cmp.Or(text.Clean(in.Name.Or("")), k.Code, number)
		k.Key = text.Fold(k.Name)
		if k.Name == number && strings.Trim(number, "0123456789 .-+()") == "" {
			k.Key = cmp.Or(text.PhoneKey(number), k.Key)
		}
	}
	return k
}

// ResolveCarrier returns the carrier of a delivery: the one with the id; else with the code; else, when no code is
// given, with the name; else a new one. Known carriers are not changed. Without an id and with nothing in the object
// there is none. An unknown id is refused with taphoa.CodeValidate.
func ResolveCarrier(ctx *plan.Context, f *CarrierFacts, id taphoa.Opt[int64], in *taphoa.PartnerDelivery) (Carrier, error) {
	keys := CarrierKeysOf(id, in)
	switch {
	case keys.ID != 0 && !f.Known.Has():
		return Carrier{}, taphoa.Refuse(taphoa.CodeValidate, "partnerDeliveryId",
			"Đối tác giao hàng %d (partnerDeliveryId) không tồn tại", keys.ID)
	case keys.ID != 0:
		return Carrier{Ref: f.Known}, nil
	case keys.Name == "":
		return Carrier{}, nil
	case f.Known.Has():
		return Carrier{Ref: f.Known}, nil
	}
	row := &CarrierRow{
		ID: ctx.ID("delivery_partners"), Code: keys.Code, Name: keys.Name, NameKey: keys.Key, Address: NotBlank(in.Address),
		ContactNumber: NotBlank(in.ContactNumber), Email: NotBlank(in.Email), CreatedDate: ctx.Now,
	}
	if row.Code == "" {
		row.Code = ctx.Code("DT")
	}
	row.CodeKey = text.CodeKey(row.Code)
	return Carrier{Ref: taphoa.Some(row.Ref()), New: row}, nil
}
