package party_test

import (
	"testing"

	"github.com/taphoa/taphoa"
	"github.com/taphoa/taphoa/internal/db"
	"github.com/taphoa/taphoa/internal/dbtest"
	"github.com/taphoa/taphoa/internal/party"
)

func (s *shop) carrier(id int64, in *taphoa.PartnerDelivery) int64 {
	s.t.Helper()
	var got taphoa.Opt[int64]
	s.write(func(tx *db.Tx) (err error) {
		got, err = party.ResolveDeliveryPartner(tx, taphoa.SomeIf(id), in)
		return err
	})
	return got.Or(0)
}

func (s *shop) carriers(ids ...int64) map[int64]taphoa.PartnerDelivery {
	s.t.Helper()
	return run(s, party.DeliveryPartners, ids)
}

func TestADeliveryFindsItsCarrierOrMakesIt(t *testing.T) {
	each(t, func(t *testing.T, s *shop) {
		some := taphoa.Some[string]
		full := taphoa.PartnerDelivery{Code: some("GHN"), Name: some("Giao Hàng Nhanh"), Address: some("Sài Gòn"), ContactNumber: some("1900"), Email: some("a@ghn.vn")}
		ghn := s.carrier(0, &full)
		auto := s.carrier(0, &taphoa.PartnerDelivery{Name: some("Anh Tuấn"), Address: some(" ")})
		for _, c := range []struct {
			id   int64
			in   *taphoa.PartnerDelivery
			want int64
		}{
			{ghn, nil, ghn},
			{ghn, &taphoa.PartnerDelivery{Code: some("DT000001")}, ghn},
			{0, &taphoa.PartnerDelivery{Code: some(" ghn "), Name: some("Tên khác")}, ghn},
			{0, &taphoa.PartnerDelivery{Name: some("giao hàng nhanh")}, ghn},
			{0, &taphoa.PartnerDelivery{Code: some("dt000001")}, auto},
			{0, nil, 0},
			{0, &taphoa.PartnerDelivery{}, 0},
			{0, &taphoa.PartnerDelivery{Code: some(" "), Name: taphoa.Null[string](), Email: some("x@y.vn")}, 0},
		} {
			if got := s.carrier(c.id, c.in); got != c.want {
				t.Errorf("%d with %+v is %d, want %d", c.id, c.in, got, c.want)
			}
		}
		other := s.carrier(0, &taphoa.PartnerDelivery{Code: some("GHN2"), Name: some("Giao Hàng Nhanh")})
		phone := s.carrier(0, &taphoa.PartnerDelivery{ContactNumber: some("0912345678")})
		got := s.carriers(ghn, auto, other, phone, 999999)
		if len(got) != 4 || got[ghn] != full || got[auto] != (taphoa.PartnerDelivery{Code: some("DT000001"), Name: some("Anh Tuấn")}) ||
			got[other].Code.Value != "GHN2" || got[phone].Name.Value != "0912345678" || got[phone].Code.Value != "DT000002" {
			t.Errorf("the carriers are %+v", got)
		}
		if none := s.carriers(); len(none) != 0 {
			t.Errorf("the carriers of no ids are %+v", none)
		}
		for _, id := range []int64{-1, 999999, taphoa.IDMax} {
			s.refused("partnerDeliveryId", func(tx *db.Tx) error {
				_, err := party.ResolveDeliveryPartner(tx, taphoa.Some(id), &full)
				return err
			}, "partnerDeliveryId", "không tồn tại")
		}
	})
}

func TestTwoShopsDoNotShareCarriers(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB, clock *dbtest.Clock) {
		mine, theirs := open(t, d, clock, "mot"), open(t, d, clock, "hai")
		in := taphoa.PartnerDelivery{Code: taphoa.Some("GHN"), Name: taphoa.Some("Giao Hàng Nhanh")}
		ghn := mine.carrier(0, &in)
		if theirs.carrier(0, &in) == ghn {
			t.Error("they found my carrier")
		}
		if got := theirs.carriers(ghn); len(got) != 0 {
			t.Errorf("they see %+v", got)
		}
	})
}
