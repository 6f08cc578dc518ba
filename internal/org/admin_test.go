package org_test

import (
	"testing"

	"github.com/taphoa/taphoa"
	"github.com/taphoa/taphoa/internal/db"
	"github.com/taphoa/taphoa/internal/org"
)

func TestASaleChannelComesChangesAndGoes(t *testing.T) {
	inShop(t, func(t *testing.T, s *shop) {
		list := func() taphoa.Page[taphoa.SaleChannel] {
			t.Helper()
			return done(s, org.ListSaleChannels, &taphoa.SaleChannelQuery{Paging: firstPage})
		}
		zalo := done(s, org.CreateSaleChannel, &taphoa.SaleChannelInput{Name: " Zalo ", Img: taphoa.Some("z.png")})
		if zalo.Name != "Zalo" || !zalo.IsActive || zalo.IsNotDelete || zalo.Position != 2 || list().Data[2] != zalo {
			t.Errorf("made %+v, listed %+v", zalo, list().Data)
		}
		refused(s, "đã tồn tại", org.CreateSaleChannel, &taphoa.SaleChannelInput{Name: "ZALO"})
		change := taphoa.SaleChannelUpdate{ByID: taphoa.ByID{ID: zalo.ID}, SaleChannelInput: taphoa.SaleChannelInput{
			Name: "kênh khác", Img: taphoa.Null[string](),
		}}
		refused(s, "đã tồn tại", org.UpdateSaleChannel, &change)
		change.Name, change.IsActive = "", taphoa.Some(false)
		if got := done(s, org.UpdateSaleChannel, &change); got.Name != "Zalo" || got.IsActive || got.Img.Has() || got.Position != 2 {
			t.Errorf("changed to %+v", got)
		}
		theirs := openShop(t, s.d, s.clock, "hai")
		refused(theirs, "không tồn tại", org.UpdateSaleChannel, &change)
		refused(theirs, "không tồn tại", org.DeleteSaleChannel, &change.ByID)
		done(s, org.DeleteSaleChannel, &change.ByID)
		refused(s, "không tồn tại", org.GetSaleChannel, &change.ByID)
		if page := list(); page.Total != 2 {
			t.Errorf("still %+v", page.Data)
		}
		for _, builtIn := range list().Data {
			refused(s, "isNotDelete", org.DeleteSaleChannel, &taphoa.ByID{ID: builtIn.ID})
		}
		done(s, org.CreateSaleChannel, &taphoa.SaleChannelInput{Name: "Zalo"})
	})
}

// TestDocumentsWithoutAChannelFallToTheOtherOne renames the channel first: its name does not matter.
func TestDocumentsWithoutAChannelFallToTheOtherOne(t *testing.T) {
	inShop(t, func(t *testing.T, s *shop) {
		other := done(s, org.ListSaleChannels, &taphoa.SaleChannelQuery{Paging: firstPage}).Data[1]
		done(s, org.UpdateSaleChannel, &taphoa.SaleChannelUpdate{
			ByID: taphoa.ByID{ID: other.ID}, SaleChannelInput: taphoa.SaleChannelInput{Name: "Còn lại"},
		})
		done(s, org.CreateSaleChannel, &taphoa.SaleChannelInput{Name: "Kênh khác"})
		if got := done(s, org.ResolveSaleChannel, taphoa.Opt[int64]{}); got != other.ID {
			t.Errorf("it is %d, want %d", got, other.ID)
		}
	})
}

func TestSettingsChangeOneByOne(t *testing.T) {
	inShop(t, func(t *testing.T, s *shop) {
		before := done(s, org.UpdateSettings, &taphoa.SettingsInput{})
		theirs := openShop(t, s.d, s.clock, "hai")
		got := done(s, org.UpdateSettings, &taphoa.SettingsInput{
			UseCod: taphoa.Some(false), AllowOrder: taphoa.Some(true), PricingMode: taphoa.Some("before"), RewardPointRate: taphoa.Some(taphoa.Dong(10_000)),
		})
		want := before
		want.UseCod, want.PricingMode, want.RewardPointRate = false, taphoa.PricingBeforeTax, taphoa.Dong(10_000)
		if got != want {
			t.Errorf("got  %+v\nwant %+v", got, want)
		}
		refused(s, "PricingMode", org.UpdateSettings, &taphoa.SettingsInput{UseDelivery: taphoa.Some(false), PricingMode: taphoa.Some("sau")})
		if after := done(s, org.UpdateSettings, &taphoa.SettingsInput{}); after != want {
			t.Errorf("what was refused left %+v", after)
		}
		if after := done(theirs, org.UpdateSettings, &taphoa.SettingsInput{}); after != before {
			t.Errorf("the neighbour has %+v", after)
		}
		back := done(s, org.UpdateSettings, &taphoa.SettingsInput{
			UseCod: taphoa.Null[bool](), PricingMode: taphoa.Null[string](), RewardPointRate: taphoa.Null[taphoa.Money](),
		})
		if back != before {
			t.Errorf("null leaves %+v", back)
		}
	})
}

// TestABranchWithGoodsStays closes a branch whose only product has stock, then is owed, then is held back for an order.
func TestABranchWithGoodsStays(t *testing.T) {
	inShop(t, func(t *testing.T, s *shop) {
		branch := done(s, org.CreateBranch, &taphoa.BranchInput{BranchName: "Sạp chợ"})
		level := func(onHand, reserved int64) {
			t.Helper()
			s.write(func(tx *db.Tx) error {
				tx.Queue(`DELETE FROM stock_levels WHERE retailer_id = :retailer`)
				tx.Queue(`
					INSERT INTO stock_levels (retailer_id, product_id, branch_id, on_hand, reserved, changed_at)
					VALUES (:retailer, 7, ?, ?, ?, :now)`, branch.ID, onHand, reserved)
				return nil
			})
		}
		s.write(func(tx *db.Tx) error {
			tx.Queue(`
				INSERT INTO products (retailer_id, id, code, code_key, name, full_name, search, category_id, type, description,
					allows_sale, is_active, is_reward_point, unit, conversion_value, base_price, weight, images,
					is_lot_serial_control, is_batch_expire_control, created_by, created_date, changed_at)
				VALUES (:retailer, 7, 'CF', 'cf', '', '', '', 1, 2, '', TRUE, TRUE, TRUE, '', 10000, 0, 0, '', FALSE, FALSE, 0, 0, 0)`)
			tx.Count("products", 1, 7)
			return nil
		})
		for _, l := range [][2]int64{{5, 0}, {-5, 0}, {0, 5}} {
			level(l[0], l[1])
			refused(s, "CF", org.CloseBranch, &taphoa.ByID{ID: branch.ID})
		}
		level(0, 0)
		done(s, org.CloseBranch, &taphoa.ByID{ID: branch.ID})
	})
}
