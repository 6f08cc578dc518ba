package demo

import (
	"github.com/taphoa/taphoa"
	"github.com/taphoa/taphoa/internal/cash"
	"github.com/taphoa/taphoa/internal/party"
	"github.com/taphoa/taphoa/internal/sales"
)

// fullReturn is a return that fills every member: a piece with a serial, some of a batch, with tax and a share of the
// discount, a fee, and what is paid back in two parts.
func (s *story) fullReturn(invoice int64) error {
	v, err := sales.GetInvoice(s.tx, &taphoa.ByID{ID: invoice})
	if err != nil {
		return err
	}
	r, err := sales.CreateReturn(s.tx, &taphoa.ReturnInput{
		InvoiceID: taphoa.Some(invoice), ReceivedByID: taphoa.Some(s.users[1]), ReturnFee: taphoa.Some(taphoa.Dong(10_000)),
		Description: taphoa.Some("Nồi không vào điện, sữa chua cận hạn"), ReturnDetails: []taphoa.ReturnDetailInput{
			brought(&v.InvoiceDetails[1], taphoa.Units(1), "Lỗi của nhà sản xuất"), brought(&v.InvoiceDetails[2], taphoa.Units(3), ""),
		},
		Payments: []taphoa.PaymentInput{{
			Method: taphoa.MethodTransfer, Amount: taphoa.Dong(300_000), AccountID: taphoa.Some(s.accounts[0]),
			Description: taphoa.Some("Hoàn tiền hàng lỗi"),
		}},
	})
	if err == nil {
		s.later(s.after(60), func() error { return s.payBack(r) })
	}
	return err
}

// brought is a line of a return: some of a line of its invoice.
func brought(d *taphoa.InvoiceDetail, quantity taphoa.Quantity, note string) taphoa.ReturnDetailInput {
	line := taphoa.ReturnDetailInput{InvoiceDetailID: taphoa.Some(d.ID), DetailInput: taphoa.DetailInput{
		ProductID: taphoa.Some(d.ProductID), Quantity: taphoa.Some(min(quantity, d.Quantity)), Note: taphoa.SomeIf(note),
		SerialNumbers: d.SerialNumbers,
	}}
	return line
}

// payBack pays back what is left of a return.
func (s *story) payBack(r *taphoa.Return) error {
	_, method, account, _ := s.pay(r.ReturnTotal)
	_, err := sales.UpdateReturn(s.tx, &taphoa.ReturnUpdate{ByID: taphoa.ByID{ID: r.ID}, ReturnInput: taphoa.ReturnInput{
		TotalPayment: taphoa.Some(r.ReturnTotal), Method: method, AccountID: account,
	}})
	return err
}

// bringBack lets the customer of a paid invoice bring back one of its first line a day later; some take the money,
// some keep the credit, and now and then it was a mistake.
func (s *story) bringBack(invoice int64, n int) {
	s.later(s.after(26*60), func() error {
		v, err := sales.GetInvoice(s.tx, &taphoa.ByID{ID: invoice})
		if err != nil || v.Status != taphoa.InvoiceCompleted || v.TotalPayment < v.Total {
			return err
		}
		r, err := sales.CreateReturn(s.tx, &taphoa.ReturnInput{
			InvoiceID: taphoa.Some(v.ID), ReceivedByID: v.SoldByID,
			ReturnDetails: []taphoa.ReturnDetailInput{brought(&v.InvoiceDetails[0], taphoa.Units(1), pick(s, reasons))},
		})
		switch {
		case err != nil:
		case n%3 == 0:
			s.later(s.after(20), func() error {
				_, err := sales.DeleteReturn(s.tx, &taphoa.ReturnDelete{ID: r.ID, IsVoidPayment: true})
				return err
			})
		case n%3 == 1 || !v.CustomerID.Has():
			err = s.payBack(r)
		}
		return err
	})
}

var reasons = []string{"Mua nhầm loại", "Bao bì rách", "Hết hạn sử dụng", "Khách đổi ý", "Không đúng màu"}

// strayReturn takes back goods of which nobody knows the invoice.
func (s *story) strayReturn() error {
	r, err := sales.CreateReturn(s.tx, &taphoa.ReturnInput{
		BranchID: taphoa.Some(s.branches[1]), ReceivedByID: taphoa.Some(s.users[2]), SoldByID: taphoa.Some(s.users[2]),
		CustomerID: taphoa.Some(s.customers[2].id), Description: taphoa.Some("Khách không giữ hóa đơn"),
		ReturnDetails: []taphoa.ReturnDetailInput{{DetailInput: s.some(s.named["Mì Hảo Hảo tôm chua cay 75g"], 5, "Còn nguyên gói")}},
	})
	if err == nil {
		err = s.payBack(r)
	}
	return err
}

// keepBooks plans what goes through the cash book beside sales: each month's rent and wages, and what happens once.
func (s *story) keepBooks() {
	for _, day := range []int{firstDay + 5, firstDay + 35, firstDay + 65} {
		s.later(s.at(day, 17, 0), s.payMonth)
	}
	s.later(s.at(firstDay, 7, 30), func() error {
		vouchers, err := s.oddVouchers()
		if err != nil {
			return err
		}
		for _, in := range vouchers {
			if _, err := cash.CreateCashFlow(s.tx, &in); err != nil {
				return err
			}
		}
		return s.mistakenVoucher()
	})
	s.later(s.at(firstDay+3, 9, 0), s.strayReturn)
}

// payMonth pays what has to be paid each month.
func (s *story) payMonth() error {
	expense := func(amount int64, group, note string) taphoa.CashFlowInput {
		return taphoa.CashFlowInput{
			BranchID: taphoa.Some(s.branches[0]), IsReceipt: taphoa.Some(false), Amount: taphoa.Some(taphoa.Dong(amount)),
			Method: taphoa.MethodTransfer, AccountID: taphoa.Some(s.accounts[0]), CashGroup: taphoa.Some(group), Description: taphoa.Some(note),
		}
	}
	rent := expense(12_000_000, "Tiền thuê mặt bằng", "Tiền nhà hằng tháng")
	rent.PartnerName, rent.ContactNumber = taphoa.Some("Bà Sáu chủ nhà"), taphoa.Some(phone(700))
	rent.Address = taphoa.Some("45 Lê Lợi")
	power := expense(2_350_000, "Tiền điện, nước", "Hóa đơn điện nước")
	power.PartnerName = taphoa.Some("Điện lực Thành phố")
	vouchers := []taphoa.CashFlowInput{rent, power}
	for _, u := range s.users {
		wage := expense(7_500_000, "Lương nhân viên", "Lương tháng")
		wage.PartnerType, wage.PartnerID = taphoa.Some(taphoa.PartnerUser), taphoa.Some(u)
		vouchers = append(vouchers, wage)
	}
	for _, in := range vouchers {
		if _, err := cash.CreateCashFlow(s.tx, &in); err != nil {
			return err
		}
	}
	return nil
}

// oddVouchers are receipts and payments of all sorts.
func (s *story) oddVouchers() ([]taphoa.CashFlowInput, error) {
	carrier, err := party.ResolveDeliveryPartner(s.tx, taphoa.Opt[int64]{}, &carriers[0])
	voucher := func(amount int64, kind string, partner int64, note string) taphoa.CashFlowInput {
		return taphoa.CashFlowInput{
			BranchID: taphoa.Some(s.branches[0]), Amount: taphoa.Some(taphoa.Dong(amount)), PartnerType: taphoa.Some(kind),
			PartnerID: taphoa.SomeIf(partner), Description: taphoa.Some(note),
		}
	}
	return []taphoa.CashFlowInput{
		voucher(500_000, taphoa.PartnerCustomer, s.customers[3].id, "Khách ứng trước tiền hàng"),
		voucher(-200_000, taphoa.PartnerUser, s.users[0], "Tạm ứng đi chợ"),
		voucher(150_000, taphoa.PartnerOther, 0, "Bán thùng giấy cũ"),
		voucher(-320_000, taphoa.PartnerCarrier, carrier.Value, "Phí giao hàng tuần qua"),
	}, err
}

// mistakenVoucher is one that is voided.
func (s *story) mistakenVoucher() error {
	v, err := cash.CreateCashFlow(s.tx, &taphoa.CashFlowInput{
		BranchID: taphoa.Some(s.branches[1]), Amount: taphoa.Some(-taphoa.Dong(99_000)), CashGroup: taphoa.Some("Văn phòng phẩm"),
		PartnerName: taphoa.Some("Nhà sách"), Description: taphoa.Some("Nhập nhầm số tiền"),
	})
	if err == nil {
		_, err = cash.VoidCashFlow(s.tx, &taphoa.ByID{ID: v.ID})
	}
	return err
}
