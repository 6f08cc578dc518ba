package apitest

import (
	"github.com/taphoa/taphoa"
	"github.com/taphoa/taphoa/internal/promo"
)

// promo creates a campaign of vouchers worth 20.000 (TET) with V01 to V06, of which the first three are released, and one of
// coupons (KT) with K01 to K06.
func (s *seeder) promo() error {
	end := taphoa.Some(s.tx.Now + 30*24*3600*1_000_000)
	tet, err := promo.CreateVoucherCampaign(s.tx, &taphoa.VoucherCampaignInput{
		Code: taphoa.Some("TET"), Name: taphoa.Some("Mừng Tết"), Price: taphoa.Some(taphoa.Dong(20_000)), EndDate: end,
	})
	if err != nil {
		return err
	}
	codes := []taphoa.CodeInput{{Code: "V01"}, {Code: "V02"}, {Code: "V03"}, {Code: "V04"}, {Code: "V05"}, {Code: "V06"}}
	if _, err := promo.CreateVouchers(s.tx, &taphoa.VoucherCreate{VoucherCampaignID: tet.ID, Data: codes}); err != nil {
		return err
	}
	if _, err := promo.ReleaseVouchers(s.tx, &taphoa.VoucherRelease{CampaignID: tet.ID, Vouchers: codes[:3]}); err != nil {
		return err
	}
	opening, err := promo.CreateCouponCampaign(s.tx, &taphoa.CouponCampaignInput{
		Code: taphoa.Some("KT"), Name: taphoa.Some("Khai trương"), EndDate: end,
	})
	if err != nil {
		return err
	}
	_, err = promo.CreateCoupons(s.tx, &taphoa.CouponsInput{CampaignID: opening.ID, Coupons: []taphoa.CodeInput{
		{Code: "K01"}, {Code: "K02"}, {Code: "K03"}, {Code: "K04"}, {Code: "K05"}, {Code: "K06"},
	}})
	return err
}
