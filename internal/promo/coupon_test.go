package promo_test

import (
	"reflect"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/taphoa/taphoa"
	"github.com/taphoa/taphoa/internal/db"
	"github.com/taphoa/taphoa/internal/promo"
	"github.com/taphoa/taphoa/internal/sales"
)

// coupons creates a campaign with some coupons.
func (s *store) coupons(prefix string, n int) taphoa.CouponCampaign {
	s.t.Helper()
	c := done(s, promo.CreateCouponCampaign, &taphoa.CouponCampaignInput{Name: taphoa.Some("Khai trương"), EndDate: taphoa.Some(s.in(10))})
	done(s, promo.CreateCoupons, &taphoa.CouponsInput{CampaignID: c.ID, Coupons: codes(prefix, n)})
	return c
}

func setUsed(given ...string) *taphoa.SetCouponsUsed {
	in := &taphoa.SetCouponsUsed{}
	for _, code := range given {
		in.Coupons = append(in.Coupons, taphoa.CouponCode{Code: code})
	}
	return in
}

func TestGoodCouponsAreMarkedAlthoughOthersFail(t *testing.T) {
	inStore(t, func(t *testing.T, s *store) {
		c := s.coupons("K", 4)
		done(s, promo.ReleaseCoupons, &taphoa.CouponsInput{CampaignID: c.ID, Coupons: codes("K", 1)})
		done(s, promo.CancelCoupons, &taphoa.CouponsInput{CampaignID: c.ID, Coupons: codes("K", 2)[1:]})
		got := done(s, promo.SetCouponsUsed, setUsed(" k0001 ", "K0002", "K0003", "K0003", "X", " "))
		want := taphoa.SetCouponsUsedResult{Message: "Cập nhật dữ liệu thành công", DataError: []taphoa.CouponError{
			{Code: "K0002: Coupon đã bị hủy", Message: "Coupon đã bị hủy"},
			{Code: "K0003: Coupon đã được sử dụng", Message: "Coupon đã được sử dụng"},
			{Code: "X: Coupon không tồn tại", Message: "Coupon không tồn tại"},
			{Code: ": Mã coupon (code) không được để trống", Message: "Mã coupon (code) không được để trống"},
		}}
		if !reflect.DeepEqual(got, want) {
			t.Errorf("got  %+v\nwant %+v", got, want)
		}
		if got = done(s, promo.SetCouponsUsed, setUsed("K0001")); got.Message != taphoa.MessageNoCouponMarked || len(got.DataError) != 1 {
			t.Errorf("a second time: %+v", got)
		}
		page := done(s, promo.ListCoupons, &taphoa.CouponQuery{CampaignID: taphoa.Some(c.ID), Status: []int64{2}})
		if page.Total != 2 || page.Data[0].StatusValue != "Đã sử dụng" || page.Data[0].UsedDate.Value != s.clock.Now() || page.Data[0].ExpireDate != s.in(10) {
			t.Errorf("used are %+v", page.Data)
		}
		s.clock.Advance(10*24*3600 + 1)
		if got = done(s, promo.SetCouponsUsed, setUsed("K0004")); got.DataError[0].Message != "Coupon đã hết hạn" {
			t.Errorf("late: %+v", got)
		}
		refused(s, "coupons", "không được để trống", promo.SetCouponsUsed, setUsed())
		refused(s, "coupons", "tối đa", promo.SetCouponsUsed, setUsed(make([]string, 1001)...))
		s.sound()
	})
}

func TestACouponIsMarkedOnce(t *testing.T) {
	inStore(t, func(t *testing.T, s *store) {
		s.coupons("K", 20)
		var marked atomic.Int64
		var group sync.WaitGroup
		for range 8 {
			group.Go(func() {
				in := &taphoa.SetCouponsUsed{}
				for _, c := range codes("K", 20) {
					in.Coupons = append(in.Coupons, taphoa.CouponCode(c))
				}
				var out taphoa.SetCouponsUsedResult
				err := s.d.Write(t.Context(), s.who, func(tx *db.Tx) (err error) {
					out, err = promo.SetCouponsUsed(tx, in)
					return err
				})
				if err != nil {
					t.Error(err)
				}
				marked.Add(int64(len(in.Coupons) - len(out.DataError)))
			})
		}
		group.Wait()
		if marked.Load() != 20 {
			t.Errorf("%d were marked, want 20", marked.Load())
		}
	})
}

func TestACampaignOfCouponsIsKeptLikeOneOfVouchers(t *testing.T) {
	inStore(t, func(t *testing.T, s *store) {
		c := s.coupons("K", 2)
		if c.Code != "PHCP000001" || !c.IsActive || c.StartDate != s.clock.Now() {
			t.Errorf("created %+v", c)
		}
		c = done(s, promo.UpdateCouponCampaign, &taphoa.CouponCampaignUpdate{
			ByID: taphoa.ByID{ID: c.ID}, CouponCampaignInput: taphoa.CouponCampaignInput{Code: taphoa.Some("KT"), IsActive: taphoa.Some(false)},
		})
		if c.Code != "KT" || c.IsActive || c.Quantity != 2 || c.Name != "Khai trương" {
			t.Errorf("changed to %+v", c)
		}
		refused(s, "campaignId", "ngừng hoạt động", promo.ReleaseCoupons, &taphoa.CouponsInput{CampaignID: c.ID, Coupons: codes("K", 1)})
		refused(s, "code", "đã tồn tại", promo.CreateCouponCampaign, &taphoa.CouponCampaignInput{
			Code: taphoa.Some("kt"), Name: taphoa.Some("x"), EndDate: taphoa.Some(s.in(1)),
		})
		second := s.coupons("L", 1)
		refused(s, "coupons.code", "K0001 (code) đã tồn tại", promo.CreateCoupons, &taphoa.CouponsInput{CampaignID: second.ID, Coupons: codes("K", 1)})
		if page := done(s, promo.ListCouponCampaigns, &taphoa.CouponCampaignQuery{IsActive: taphoa.Some(true)}); page.Total != 1 || page.Data[0].ID != second.ID {
			t.Errorf("active are %+v", page.Data)
		}
		done(s, promo.SetCouponsUsed, setUsed("L0001"))
		refused(s, "id", "không thể xóa", promo.DeleteCouponCampaign, &taphoa.ByID{ID: second.ID})
		done(s, promo.DeleteCouponCampaign, &taphoa.ByID{ID: c.ID})
		refused(s, "", "không tồn tại", promo.GetCouponCampaign, &taphoa.ByID{ID: c.ID})
		if page := done(s, promo.ListCoupons, &taphoa.CouponQuery{}); page.Total != 1 {
			t.Errorf("left are %+v", page.Data)
		}
		s.sound()
	})
}

// TestAClockThatWasAheadDatesNoVoucherOrCoupon writes while the clock is a year ahead, and corrects it.
func TestAClockThatWasAheadDatesNoVoucherOrCoupon(t *testing.T) {
	inStore(t, func(t *testing.T, s *store) {
		const year = 365 * 24 * 3600
		c, v := s.coupons("K", 1), s.vouchers(s.campaign(nil), "V", 1)[0]
		s.clock.Advance(year)
		s.coupons("L", 1)
		s.clock.Advance(-year)
		done(s, promo.ReleaseCoupons, &taphoa.CouponsInput{CampaignID: c.ID, Coupons: codes("K", 1)})
		done(s, promo.SetCouponsUsed, setUsed("K0001"))
		done(s, sales.CreateInvoice, s.sale(v))
		coupon := done(s, promo.ListCoupons, &taphoa.CouponQuery{CampaignID: taphoa.Some(c.ID)}).Data[0]
		for what, at := range map[string]taphoa.Opt[taphoa.Time]{
			"the coupon was released": coupon.ReleaseDate, "the coupon was used": coupon.UsedDate, "the voucher was used": s.voucher(v.ID).UsedDate,
		} {
			if at.Value != s.clock.Now() {
				t.Errorf("%s at %v, want %v", what, at, s.clock.Now())
			}
		}
	})
}
