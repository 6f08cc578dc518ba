package plan_test

import (
	"reflect"
	"testing"

	"github.com/taphoa/taphoa"
	partyplan "github.com/taphoa/taphoa/internal/party/plan"
)

func TestACarrierIsResolvedOrCreated(t *testing.T) {
	type partner = taphoa.PartnerDelivery
	ghn := partyplan.CarrierRef{ID: 5, PartnerDelivery: partner{Code: some("GHN"), Name: some("Giao Hàng Nhanh")}}
	for _, c := range []struct {
		name       string
		id         int64
		in         *partner
		known      bool
		wantID     int64
		wantCode   string
		wantedName string
	}{
		{name: "none"},
		{name: "nothing in the object", in: &partner{Code: some(" "), Email: some("a@b.vn")}},
		{name: "by id", id: 5, in: &partner{Code: some("X")}, known: true, wantID: 5, wantCode: "GHN", wantedName: "Giao Hàng Nhanh"},
		{name: "by code or name", in: &partner{Code: some("ghn")}, known: true, wantID: 5, wantCode: "GHN", wantedName: "Giao Hàng Nhanh"},
		{name: "new by code", in: &partner{Code: some(" VTP ")}, wantID: 100, wantCode: "VTP", wantedName: "VTP"},
		{name: "new by number", in: &partner{ContactNumber: some("0912345678")}, wantID: 100, wantCode: "DT000001", wantedName: "0912345678"},
		{name: "new by name", in: &partner{Name: some("Anh Tú")}, wantID: 100, wantCode: "DT000001", wantedName: "Anh Tú"},
	} {
		f := &partyplan.CarrierFacts{}
		if c.known {
			f.Known = taphoa.Some(ghn)
		}
		got, err := partyplan.ResolveCarrier(newContext(), f, taphoa.SomeIf(c.id), c.in)
		ref := got.Ref.Value
		if err != nil || ref.ID != c.wantID || ref.Code.Value != c.wantCode || ref.Name.Value != c.wantedName || (got.New != nil) != (c.wantID == 100) {
			t.Errorf("%s: got %+v, %v", c.name, got, err)
		}
	}
	_, err := partyplan.ResolveCarrier(newContext(), &partyplan.CarrierFacts{}, taphoa.Some[int64](3), nil)
	refused(t, "unknown id", err, "partnerDeliveryId", "Đối tác giao hàng 3 (partnerDeliveryId) không tồn tại")

	got, _ := partyplan.ResolveCarrier(newContext(), &partyplan.CarrierFacts{}, taphoa.Opt[int64]{}, &partner{
		Name: some("Đức"), Address: some(" "), Email: some("a@b.vn"),
	})
	want := &partyplan.CarrierRow{
		ID: 100, Code: "DT000001", CodeKey: "dt000001", Name: "Đức", NameKey: "duc", Address: taphoa.Null[string](),
		ContactNumber: taphoa.Null[string](), Email: some("a@b.vn"), CreatedDate: now,
	}
	if !reflect.DeepEqual(got.New, want) {
		t.Errorf("got  %+v\nwant %+v", got.New, want)
	}
}
