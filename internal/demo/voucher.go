package demo

import (
	"fmt"

	"github.com/taphoa/taphoa"
	"github.com/taphoa/taphoa/internal/catalog"
	"github.com/taphoa/taphoa/internal/promo"
	"github.com/taphoa/taphoa/internal/sales"
)

// planVouchers plans the vouchers and coupons: a campaign with all limits, one without, one that has expired; codes in
// every status; at last an order and an invoice that are paid with vouchers, with an electronic invoice of another system.
func (s *generator) planVouchers() {
	s.schedule(s.at(firstDay, 4, 30), s.openCampaigns)
	s.schedule(s.at(-1, 22, 0), s.payWithVouchers)
}

// createVouchers creates a campaign with a number of vouchers, whose codes begin with its code.
func (s *generator) createVouchers(in taphoa.VoucherCampaignInput, number int) (int64, []taphoa.CodeInput, error) {
	c, err := promo.CreateVoucherCampaign(s.tx, &in)
	if err != nil {
		return 0, nil, err
	}
	codes := make([]taphoa.CodeInput, number)
	for i := range codes {
		codes[i].Code = fmt.Sprintf("%s%03d", c.Code, i+1)
	}
	_, err = promo.CreateVouchers(s.tx, &taphoa.VoucherCreate{VoucherCampaignID: c.ID, Data: codes})
	return c.ID, codes, err
}

func (s *generator) openCampaigns() error {
	for _, open := range []func() error{s.soldVouchers, s.restrictedVouchers, s.expiredVouchers, s.openCoupons} {
		if err := open(); err != nil {
			return err
		}
	}
	return nil
}

// soldVouchers creates vouchers of which most are sold.
func (s *generator) soldVouchers() error {
	id, codes, err := s.createVouchers(taphoa.VoucherCampaignInput{
		Name: taphoa.Some("Phiếu quà tặng 100.000"), EndDate: taphoa.Some(s.at(365, 0, 0)), Price: taphoa.Some(taphoa.Dong(100_000)),
	}, 8)
	if err != nil {
		return err
	}
	for i, sale := range []taphoa.VoucherSale{
		{PartnerType: taphoa.PartnerTypeCustomer, PartnerID: taphoa.Some(s.customers[0].id)},
		{PartnerType: taphoa.PartnerTypeUser, PartnerID: taphoa.Some(s.users[2])},
		{PartnerType: taphoa.PartnerTypeOther, PartnerName: taphoa.Some("Trường Mầm non Họa Mi Vàng")},
	} {
		sale.VoucherRelease = taphoa.VoucherRelease{CampaignID: id, Vouchers: codes[2*i : 2*i+2]}
		if _, err := promo.SellVouchers(s.tx, &sale); err != nil {
			return err
		}
	}
	return nil
}

// restrictedVouchers creates vouchers for a customer group of the first branch, for drinks and a cooker.
func (s *generator) restrictedVouchers() error {
	cola, cooker := s.byName["Nước ngọt Coca-Cola 320ml"], s.byName["Nồi cơm điện Sunhouse 1,8 lít"]
	products, _, err := catalog.Items(s.tx, []int64{cola.id, cooker.id}, nil)
	if err != nil {
		return err
	}
	id, codes, err := s.createVouchers(taphoa.VoucherCampaignInput{
		Code: taphoa.Some("TRIAN"), Name: taphoa.Some("Tri ân khách thân thiết"), EndDate: taphoa.Some(s.at(90, 0, 0)),
		ExpireTime: taphoa.Some[int64](180), Price: taphoa.Some(taphoa.Dong(50_000)), PrereqPrice: taphoa.Some(taphoa.Dong(200_000)),
		PrereqCategoryIDs: taphoa.Some([]int64{products[cola.id].CategoryID}), PrereqProductIDs: taphoa.Some([]int64{cooker.id}),
		UseVoucherCombineInvoice: taphoa.Some(true), VoucherBranchs: taphoa.Some([]taphoa.VoucherBranch{{BranchID: s.branches[0]}}),
		VoucherUsers:     taphoa.Some([]taphoa.VoucherUser{{UserID: s.users[0]}, {UserID: s.users[1]}}),
		VoucherCusGroups: taphoa.Some([]taphoa.VoucherCusGroup{{GroupID: s.groups[0]}}),
	}, 12)
	if err != nil {
		return err
	}
	if _, err := promo.ReleaseVouchers(s.tx, &taphoa.VoucherRelease{CampaignID: id, Vouchers: codes[:6]}); err != nil {
		return err
	}
	_, err = promo.CancelVouchers(s.tx, &taphoa.VoucherCancel{CampaignID: id, Vouchers: codes[10:]})
	return err
}

// expiredVouchers creates vouchers of a campaign that expires.
func (s *generator) expiredVouchers() error {
	id, codes, err := s.createVouchers(taphoa.VoucherCampaignInput{
		Name: taphoa.Some("Mừng khai trương Thảo Điền"), EndDate: taphoa.Some(s.at(-60, 0, 0)), Price: taphoa.Some(taphoa.Dong(20_000)),
		StartDate: taphoa.Some(s.at(openingDay, 0, 0)),
	}, 4)
	if err != nil {
		return err
	}
	if _, err := promo.ReleaseVouchers(s.tx, &taphoa.VoucherRelease{CampaignID: id, Vouchers: codes}); err != nil {
		return err
	}
	s.schedule(s.at(-60, 0, 30), func() error {
		_, err := promo.UpdateVoucherCampaign(s.tx, &taphoa.VoucherCampaignUpdate{
			ByID: taphoa.ByID{ID: id}, VoucherCampaignInput: taphoa.VoucherCampaignInput{IsActive: taphoa.Some(false)},
		})
		return err
	})
	return nil
}

func (s *generator) openCoupons() error {
	c, err := promo.CreateCouponCampaign(s.tx, &taphoa.CouponCampaignInput{
		Name: taphoa.Some("Giảm giá sinh nhật cửa hàng"), EndDate: taphoa.Some(s.at(60, 0, 0)),
	})
	if err != nil {
		return err
	}
	codes := make([]taphoa.CodeInput, 10)
	for i := range codes {
		codes[i].Code = fmt.Sprintf("SINHNHAT%02d", i+1)
	}
	if _, err := promo.CreateCoupons(s.tx, &taphoa.CouponsInput{CampaignID: c.ID, Coupons: codes}); err != nil {
		return err
	}
	if _, err := promo.ReleaseCoupons(s.tx, &taphoa.CouponsInput{CampaignID: c.ID, Coupons: codes[:5]}); err != nil {
		return err
	}
	if _, err := promo.CancelCoupons(s.tx, &taphoa.CouponsInput{CampaignID: c.ID, Coupons: codes[9:]}); err != nil {
		return err
	}
	_, err = promo.SetCouponsUsed(s.tx, &taphoa.SetCouponsUsed{Coupons: []taphoa.CouponCode{{Code: codes[0].Code}, {Code: codes[1].Code}}})
	return err
}

// voucherPayments returns payments with the vouchers of some codes.
func (s *generator) voucherPayments(codes ...string) (payments []taphoa.PaymentInput, err error) {
	for _, code := range codes {
		v, err := promo.GetVoucherByCode(s.tx, &taphoa.ByCode{Code: code})
		if err != nil {
			return nil, err
		}
		payments = append(payments, taphoa.PaymentInput{
			Method: taphoa.MethodVoucher, MethodStr: taphoa.MethodVoucher, Amount: v.Price, VoucherID: taphoa.Some(v.ID),
			VoucherCampaignID: taphoa.Some(v.VoucherCampaignID),
		})
	}
	return payments, nil
}

// payWithVouchers pays an order and two invoices, of which one is voided.
func (s *generator) payWithVouchers() error {
	cola := s.byName["Nước ngọt Coca-Cola 320ml"]
	payments, err := s.voucherPayments("PHVC000001001")
	if err != nil {
		return err
	}
	err = s.createOrder(&taphoa.OrderInput{
		BranchID: taphoa.Some(s.branches[1]), SoldByID: taphoa.Some(s.users[2]), CashierID: taphoa.Some(s.users[2]),
		CustomerID: taphoa.Some(s.customers[0].id), SaleChannelID: taphoa.Some(s.channels[1]), IsApplyVoucher: true, Payments: payments,
		OrderDetails: []taphoa.DetailInput{s.orderLine(cola, 24, "")}, Description: taphoa.Some("Trả bằng phiếu quà tặng"),
	}, &takenOrder{seller: s.users[2]})
	if err != nil {
		return err
	}
	for i, code := range []string{"PHVC000001002", "PHVC000001003"} {
		if payments, err = s.voucherPayments(code); err != nil {
			return err
		}
		v, err := s.createInvoice(&taphoa.InvoiceInput{
			BranchID: taphoa.Some(s.branches[0]), SoldByID: taphoa.Some(s.users[0]), CustomerID: taphoa.Some(s.customers[1+i].id),
			IsApplyVoucher: true, Payments: payments, InvoiceDetails: []taphoa.DetailInput{s.orderLine(cola, 12, "")},
		})
		if err != nil {
			return err
		}
		if i == 1 {
			s.planInvoiceVoid(v.ID, 10, false)
		} else if err := s.recordEInvoice(v); err != nil {
			return err
		}
	}
	return nil
}

// recordEInvoice records the electronic invoice of an invoice.
func (s *generator) recordEInvoice(v *taphoa.Invoice) error {
	_, err := sales.UpdateEInvoices(s.tx, &taphoa.EInvoiceUpdate{Data: []taphoa.EInvoiceInfo{{
		InvoiceID: taphoa.Some(v.ID), InvoiceRefID: taphoa.Some(v.UUID), PartnerTransactionCode: taphoa.Some("TC-" + v.Code),
		Partner: taphoa.Some[int64](1), Status: taphoa.Some[int64](6), InvoiceNumber: taphoa.Some("00000001"), Type: taphoa.Some[int64](1),
		PublishDate: taphoa.Some(s.tx.Now), Serial: taphoa.Some("1C26TTH"),
	}}})
	return err
}
