package cash_test

import (
	"encoding/json"
	"reflect"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/taphoa/taphoa"
	"github.com/taphoa/taphoa/internal/cash"
	"github.com/taphoa/taphoa/internal/db"
	"github.com/taphoa/taphoa/internal/dbtest"
	"github.com/taphoa/taphoa/internal/org"
	"github.com/taphoa/taphoa/internal/wire"
)

func (o *testShop) surcharge(in taphoa.SurchargeInput) taphoa.Surcharge {
	o.t.Helper()
	return done(o, cash.CreateSurcharge, &in).Data
}

// listed names the surcharges that a query finds.
func (o *testShop) listed(q taphoa.SurchargeQuery) string {
	o.t.Helper()
	if q.PageSize == 0 {
		q.PageSize = taphoa.PageSizeDefault
	}
	page := done(o, cash.ListSurcharges, &q)
	var names []string
	for _, s := range page.Data {
		names = append(names, s.SurchargeName)
	}
	if int(page.Total) != len(names) {
		o.t.Errorf("the total is %d, but %d are listed", page.Total, len(names))
	}
	return strings.Join(names, ", ")
}

func TestASurchargeComesBackAsItWasWritten(t *testing.T) {
	eachShop(t, func(t *testing.T, o *testShop) {
		written := done(o, cash.CreateSurcharge, &taphoa.SurchargeInput{Name: " Phí ship ", Value: taphoa.Some(taphoa.Dong(30_000))})
		want := taphoa.Surcharge{
			ID: written.Data.ID, SurchargeCode: "THK000001", SurchargeName: "Phí ship", Value: taphoa.Some(taphoa.Dong(30_000)),
			RetailerID: o.who.Retailer, IsActive: true, CreatedDate: o.clock.Now(),
		}
		if written.Message != "Thông tin thu khác được cập nhật thành công" || !reflect.DeepEqual(written.Data, want) {
			t.Errorf("got  %+v\nwant %+v", written, want)
		}
		if got := done(o, cash.GetSurcharge, &taphoa.ByID{ID: want.ID}); !reflect.DeepEqual(got, want) {
			t.Errorf("got  %+v\nwant %+v", got, want)
		}
		var shown struct{ Data map[string]any }
		if err := json.Unmarshal(wire.Append(nil, written), &shown); err != nil {
			t.Fatal(err)
		}
		if d := shown.Data; d["createDate"] != "2026-11-22T09:00:00.0000000" || d["createdDate"] != d["createDate"] || d["valueRatio"] != 0.0 || d["isActive"] != true {
			t.Errorf("it is shown as %v", shown.Data)
		}
		o.clock.Advance(60)
		changed := done(o, cash.UpdateSurcharge, &taphoa.SurchargeUpdate{ID: want.ID, Name: taphoa.Some("Ship nhanh "), Code: taphoa.Null[string]()})
		want.SurchargeName, want.ModifiedDate = "Ship nhanh", taphoa.Some(o.clock.Now())
		if changed.Message != written.Message || !reflect.DeepEqual(changed.Data, want) {
			t.Errorf("got  %+v\nwant %+v", changed, want)
		}
		changed = done(o, cash.UpdateSurcharge, &taphoa.SurchargeUpdate{ID: want.ID, Code: taphoa.Some("SHIP"), Value: taphoa.Some(taphoa.Money(0))})
		want.SurchargeCode, want.Value = "SHIP", taphoa.Some(taphoa.Money(0))
		if !reflect.DeepEqual(changed.Data, want) {
			t.Errorf("got  %+v\nwant %+v", changed.Data, want)
		}
	})
}

func TestAStoppedSurchargeIsNotListedButHoldsItsCode(t *testing.T) {
	eachShop(t, func(t *testing.T, o *testShop) {
		ship := o.surcharge(taphoa.SurchargeInput{Name: "Ship", Code: taphoa.Some("THKSHIPPINGWEB")})
		o.surcharge(taphoa.SurchargeInput{Name: "Gói quà", Code: taphoa.Some("thk000001")})
		stop := &taphoa.SurchargeActive{ID: ship.ID, IsActive: taphoa.Some(false)}
		if got := done(o, cash.SetSurchargeActive, stop); got.Message != "Cập nhật dữ liệu thành công" {
			t.Errorf("the message is %q", got.Message)
		}
		if got := o.listed(taphoa.SurchargeQuery{}); got != "Gói quà" {
			t.Errorf("listed are %q", got)
		}
		if got := done(o, cash.GetSurcharge, &taphoa.ByID{ID: ship.ID}); got.IsActive || !got.ModifiedDate.Has() {
			t.Errorf("stopped it is %+v", got)
		}
		o.refused("code", "đã tồn tại", only(cash.CreateSurcharge, &taphoa.SurchargeInput{Name: "Ship", Code: taphoa.Some(" thkshippingweb ")}))
		done(o, cash.SetSurchargeActive, &taphoa.SurchargeActive{ID: ship.ID, IsActive: taphoa.Some(true)})
		if got := o.listed(taphoa.SurchargeQuery{}); got != "Ship, Gói quà" {
			t.Errorf("listed are %q", got)
		}
		if next := o.surcharge(taphoa.SurchargeInput{Name: "Khác"}); next.SurchargeCode != "THK000002" {
			t.Errorf("the next code is %s: THK000001 was chosen by a client", next.SurchargeCode)
		}
	})
}

func TestSurchargesAreListedForABranchAndSinceAnInstant(t *testing.T) {
	eachShop(t, func(t *testing.T, o *testShop) {
		branch := done(o, org.CreateBranch, &taphoa.BranchInput{BranchName: "Sài Gòn"}).ID
		o.surcharge(taphoa.SurchargeInput{Name: "Ship"})
		o.clock.Advance(60)
		o.surcharge(taphoa.SurchargeInput{Name: "Cầu đường", BranchID: taphoa.Some(branch), ValueRatio: taphoa.Some(taphoa.Ratio(5))})
		for _, q := range []struct {
			query taphoa.SurchargeQuery
			want  string
		}{
			{taphoa.SurchargeQuery{}, "Ship, Cầu đường"},
			{taphoa.SurchargeQuery{BranchID: branch}, "Ship, Cầu đường"},
			{taphoa.SurchargeQuery{BranchID: taphoa.IDMax}, "Ship"},
			{taphoa.SurchargeQuery{LastModifiedFrom: taphoa.Some(o.clock.Now())}, "Cầu đường"},
			{taphoa.SurchargeQuery{Paging: taphoa.Paging{OrderBy: "Name"}}, "Cầu đường, Ship"},
			{taphoa.SurchargeQuery{Paging: taphoa.Paging{OrderBy: "createDate", OrderDirection: "desc"}}, "Cầu đường, Ship"},
		} {
			if got := o.listed(q.query); got != q.want {
				t.Errorf("%+v finds %q, want %q", q.query, got, q.want)
			}
		}
	})
}

func TestWhatCannotBeASurchargeIsRefused(t *testing.T) {
	eachShop(t, func(_ *testing.T, o *testShop) {
		ship := o.surcharge(taphoa.SurchargeInput{Name: "Ship", Code: taphoa.Some("SHIP")})
		gift := o.surcharge(taphoa.SurchargeInput{Name: "Gói quà", Code: taphoa.Some("QUA")})
		o.refused("name", "không được để trống", only(cash.CreateSurcharge, &taphoa.SurchargeInput{Name: " "}))
		o.refused("value", "không được âm", only(cash.CreateSurcharge, &taphoa.SurchargeInput{Name: "X", Value: taphoa.Some(taphoa.Money(-0.0001 * taphoa.Scale))}))
		o.refused("", "Chi nhánh", only(cash.CreateSurcharge, &taphoa.SurchargeInput{Name: "X", BranchID: taphoa.Some(int64(taphoa.IDMax))}))
		o.refused("code", "SHIP", only(cash.UpdateSurcharge, &taphoa.SurchargeUpdate{ID: gift.ID, Code: taphoa.Some("SHIP")}))
		o.refused("name", "không được để trống", only(cash.UpdateSurcharge, &taphoa.SurchargeUpdate{ID: ship.ID, Name: taphoa.Some("")}))
		o.refused("value", "không được âm", only(cash.UpdateSurcharge, &taphoa.SurchargeUpdate{ID: ship.ID, Value: taphoa.Some(taphoa.Money(-0.0001 * taphoa.Scale))}))
		o.refused("isActive", "không được để trống", only(cash.SetSurchargeActive, &taphoa.SurchargeActive{ID: ship.ID}))
		for _, id := range []int64{0, -1, taphoa.IDMax} {
			o.refused("", "không tồn tại", only(cash.GetSurcharge, &taphoa.ByID{ID: id}))
			o.refused("", "không tồn tại", only(cash.UpdateSurcharge, &taphoa.SurchargeUpdate{ID: id, Name: taphoa.Some("X")}))
			o.refused("", "không tồn tại", only(cash.SetSurchargeActive, &taphoa.SurchargeActive{ID: id, IsActive: taphoa.Some(true)}))
		}
		done(o, cash.UpdateSurcharge, &taphoa.SurchargeUpdate{ID: ship.ID, Code: taphoa.Some("ship")}) // its own code is free to it
	})
}

func TestWithoutTheSettingEverythingAboutSurchargesIsRefused(t *testing.T) {
	eachShop(t, func(t *testing.T, o *testShop) {
		ship := o.surcharge(taphoa.SurchargeInput{Name: "Ship"})
		o.write(func(tx *db.Tx) error { return org.SetSetting(tx, "UseSurcharge", "false") })
		const sentence = "Chưa bật thu khác trong thiết lập cửa hàng"
		for _, op := range []func(*db.Tx) error{
			only(cash.ListSurcharges, &taphoa.SurchargeQuery{Paging: firstPage}),
			only(cash.GetSurcharge, &taphoa.ByID{ID: ship.ID}),
			only(cash.CreateSurcharge, &taphoa.SurchargeInput{Name: "X"}),
			only(cash.UpdateSurcharge, &taphoa.SurchargeUpdate{ID: ship.ID, Name: taphoa.Some("X")}),
			only(cash.SetSurchargeActive, &taphoa.SurchargeActive{ID: ship.ID, IsActive: taphoa.Some(false)}),
			func(tx *db.Tx) error {
				_, err := cash.ResolveSurcharges(tx, 1, []taphoa.SurchargeWrite{{ID: taphoa.Some(ship.ID)}})
				return err
			},
		} {
			o.refused("", sentence, op)
		}
		o.write(func(tx *db.Tx) error {
			lines, err := cash.ResolveSurcharges(tx, 1, nil)
			if len(lines) != 0 {
				t.Errorf("no surcharges became %+v", lines)
			}
			return err
		})
	})
}

func TestADocumentIsChargedByIDOrElseByCode(t *testing.T) {
	eachShop(t, func(t *testing.T, o *testShop) {
		here := done(o, org.CreateBranch, &taphoa.BranchInput{BranchName: "Sài Gòn"}).ID
		there := done(o, org.CreateBranch, &taphoa.BranchInput{BranchName: "Hà Nội"}).ID
		ship := o.surcharge(taphoa.SurchargeInput{Name: "Ship", Code: taphoa.Some("SHIP"), Value: taphoa.Some(taphoa.Dong(30))})
		gift := o.surcharge(taphoa.SurchargeInput{Name: "Gói quà", Code: taphoa.Some("QUA"), BranchID: taphoa.Some(here)})
		old := o.surcharge(taphoa.SurchargeInput{Name: "Cũ", Code: taphoa.Some("CU")})
		done(o, cash.SetSurchargeActive, &taphoa.SurchargeActive{ID: old.ID, IsActive: taphoa.Some(false)})
		resolve := func(branch int64, in ...taphoa.SurchargeWrite) func(*db.Tx) ([]cash.SurchargeLine, error) {
			return func(tx *db.Tx) ([]cash.SurchargeLine, error) { return cash.ResolveSurcharges(tx, branch, in) }
		}
		o.write(func(tx *db.Tx) error {
			got, err := resolve(here,
				taphoa.SurchargeWrite{Code: " qua ", Price: taphoa.Some[taphoa.Money](taphoa.Dong(5))},
				taphoa.SurchargeWrite{ID: taphoa.Some(ship.ID), Code: "QUA", Price: taphoa.Some[taphoa.Money](taphoa.Dong(25))},
				taphoa.SurchargeWrite{ID: taphoa.Some(int64(0)), Code: "SHIP"})(tx)
			want := []cash.SurchargeLine{
				{SurchargeID: taphoa.Some(gift.ID), Name: "Gói quà", Price: taphoa.Dong(5)},
				{SurchargeID: taphoa.Some(ship.ID), Name: "Ship", SurValue: taphoa.Some(taphoa.Dong(30)), Price: taphoa.Dong(25)},
				{SurchargeID: taphoa.Some(ship.ID), Name: "Ship", SurValue: taphoa.Some(taphoa.Dong(30)), Price: taphoa.Dong(30)},
			}
			if !slices.Equal(got, want) {
				t.Errorf("got  %+v\nwant %+v", got, want)
			}
			return err
		})
		for _, bad := range []struct {
			branch int64
			in     taphoa.SurchargeWrite
			words  string
		}{
			{here, taphoa.SurchargeWrite{}, "id hoặc code"},
			{here, taphoa.SurchargeWrite{Code: "LẠ"}, "LẠ"},
			{here, taphoa.SurchargeWrite{ID: taphoa.Some(int64(taphoa.IDMax)), Code: "SHIP"}, "9007199254740991"},
			{here, taphoa.SurchargeWrite{ID: taphoa.Some(int64(-1))}, "-1"},
			{here, taphoa.SurchargeWrite{Code: "cu"}, "CU (surchages) đã ngừng sử dụng"},
			{there, taphoa.SurchargeWrite{Code: "QUA"}, "QUA (surchages) không áp dụng"},
			{here, taphoa.SurchargeWrite{Code: "SHIP", Price: taphoa.Some[taphoa.Money](-0.0001 * taphoa.Scale)}, "không được âm"},
		} {
			o.refused("surchages", bad.words, func(tx *db.Tx) error {
				_, err := resolve(bad.branch, taphoa.SurchargeWrite{Code: "SHIP"}, bad.in)(tx)
				return err
			})
		}
		o.refused("surchages", "tối đa", func(tx *db.Tx) error {
			_, err := resolve(here, make([]taphoa.SurchargeWrite, 101)...)(tx)
			return err
		})
	})
}

func TestOfManySurchargesWithOneCodeOneIsCreated(t *testing.T) {
	eachShop(t, func(t *testing.T, o *testShop) {
		var group sync.WaitGroup
		errs := make([]error, 8)
		for i := range errs {
			group.Go(func() {
				errs[i] = o.d.Write(t.Context(), o.who, only(cash.CreateSurcharge, &taphoa.SurchargeInput{Name: "Ship", Code: taphoa.Some("SHIP")}))
			})
		}
		group.Wait()
		created := 0
		for _, err := range errs {
			if err == nil {
				created++
			} else if !strings.Contains(err.Error(), "đã tồn tại") {
				t.Error(err)
			}
		}
		if created != 1 {
			t.Errorf("%d were created, want 1", created)
		}
	})
}

func TestTwoShopsDoNotSeeEachOthersSurcharges(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB, clock *dbtest.Clock) {
		mine, theirs := openShop(t, d, clock, "mot"), openShop(t, d, clock, "hai")
		ship := mine.surcharge(taphoa.SurchargeInput{Name: "Ship", Code: taphoa.Some("SHIP")})
		theirs.refused("", "không tồn tại", only(cash.GetSurcharge, &taphoa.ByID{ID: ship.ID}))
		theirs.refused("", "không tồn tại", only(cash.UpdateSurcharge, &taphoa.SurchargeUpdate{ID: ship.ID, Name: taphoa.Some("X")}))
		theirs.refused("", "không tồn tại", only(cash.SetSurchargeActive, &taphoa.SurchargeActive{ID: ship.ID, IsActive: taphoa.Some(false)}))
		for _, in := range []taphoa.SurchargeWrite{{ID: taphoa.Some(ship.ID)}, {Code: "SHIP"}} {
			theirs.refused("surchages", "không tồn tại", func(tx *db.Tx) error {
				_, err := cash.ResolveSurcharges(tx, 1, []taphoa.SurchargeWrite{in})
				return err
			})
		}
		if got := theirs.listed(taphoa.SurchargeQuery{}); got != "" {
			t.Errorf("they see %q", got)
		}
		theirs.surcharge(taphoa.SurchargeInput{Name: "Ship", Code: taphoa.Some("SHIP")})
		if got := mine.listed(taphoa.SurchargeQuery{}); got != "Ship" {
			t.Errorf("I see %q", got)
		}
	})
}
