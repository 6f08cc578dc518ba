package plan

import (
	"github.com/taphoa/taphoa"
	"github.com/taphoa/taphoa/internal/plan"
	"github.com/taphoa/taphoa/internal/text"
)

// MergeCustomer returns what a customer becomes that another one is merged into: the totals are added up, and what the
// customer does not say is what the other one said. A second contact number becomes the further one, if there is none.
func MergeCustomer(ctx *plan.Context, kept, gone *CustomerRow) *CustomerRow {
	r := *kept
	r.TotalInvoiced += gone.TotalInvoiced
	r.TotalRevenue += gone.TotalRevenue
	r.TotalPoint += gone.TotalPoint
	r.RewardPoint += gone.RewardPoint
	if !r.ContactNumber.Has() && gone.ContactNumber.Has() {
		r.ContactNumber, r.KeyScope = gone.ContactNumber, gone.KeyScope
	} else if !r.SubNumber.Has() && gone.PhoneKey != kept.PhoneKey {
		r.SubNumber = gone.ContactNumber
	}
	if !r.Address.Has() && !r.LocationName.Has() && !r.WardName.Has() { // a place is one
		r.Address, r.LocationName, r.WardName = gone.Address, gone.LocationName, gone.WardName
	}
	if !r.Gender.Has() {
		r.Gender = gone.Gender
	}
	if !r.BirthDate.Has() {
		r.BirthDate = gone.BirthDate
	}
	if !r.PsidFacebook.Has() {
		r.PsidFacebook = gone.PsidFacebook
	}
	if !r.PaymentDays.Has() {
		r.PaymentDays = gone.PaymentDays
	}
	if !r.DebtLimit.Has() {
		r.DebtLimit, r.DebtLimitPolicy = gone.DebtLimit, gone.DebtLimitPolicy
	}
	for _, member := range []struct {
		to   *taphoa.Opt[string]
		from taphoa.Opt[string]
	}{
		{&r.SubNumber, gone.SubNumber},
		{&r.IdentificationNumber, gone.IdentificationNumber},
		{&r.Email, gone.Email},
		{&r.Organization, gone.Organization},
		{&r.Comments, gone.Comments},
		{&r.TaxCode, gone.TaxCode},
	} {
		if !member.to.Has() {
			*member.to = member.from
		}
	}
	r.Derive()
	r.ModifiedDate, r.ChangedAt = taphoa.Some(ctx.Now), ctx.Now
	return &r
}

// Otherwise reports whether a receiver's name or contact number is not that of the customer. What is missing, or no one
// number, is no other name.
func (r *CustomerRow) Otherwise(receiver, number taphoa.Opt[string]) bool {
	name, key := text.Fold(receiver.Or("")), text.PhoneKey(number.Or(""))
	return name != "" && name != r.Search || key != "" && r.PhoneKey != "" && key != r.PhoneKey
}
