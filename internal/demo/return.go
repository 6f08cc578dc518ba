package demo

import (
	"github.com/taphoa/taphoa"
	"github.com/taphoa/taphoa/internal/debt"
	"github.com/taphoa/taphoa/internal/party"
	"github.com/taphoa/taphoa/internal/sales"
)

// fullReturn creates a return with a value in every member: a serial, a lot, with tax and a share of the discount, a fee,
// and a refund in two parts.
func (s *generator) fullReturn(invoice int64) error {
	v, err := sales.GetInvoice(s.tx, &taphoa.ByID{ID: invoice})
	if err != nil {
		return err
	}
	r, err := sales.CreateReturn(s.tx, &taphoa.ReturnInput{
		InvoiceID: taphoa.Some(invoice), ReceivedByID: taphoa.Some(s.users[1]), ReturnFee: taphoa.Some(taphoa.Dong(10_000)),
		Description: taphoa.Some("Nồi không vào điện, sữa chua cận hạn"), ReturnDetails: []taphoa.ReturnDetailInput{
			returnLine(&v.InvoiceDetails[1], taphoa.Units(1), "Lỗi của nhà sản xuất"), returnLine(&v.InvoiceDetails[2], taphoa.Units(3), ""),
		},
		Payments: []taphoa.PaymentInput{{
			Method: taphoa.MethodTransfer, Amount: taphoa.Dong(300_000), AccountID: taphoa.Some(s.accounts[0]),
			Description: taphoa.Some("Hoàn tiền hàng lỗi"),
		}},
	})
	if err == nil {
		s.schedule(s.minutesFromNow(60), func() error { return s.refundReturn(r) })
	}
	return err
}

// returnLine returns a line of a return for a line of its invoice.
func returnLine(d *taphoa.InvoiceDetail, quantity taphoa.Quantity, note string) taphoa.ReturnDetailInput {
	line := taphoa.ReturnDetailInput{InvoiceDetailID: taphoa.Some(d.ID), DetailInput: taphoa.DetailInput{
		ProductID: taphoa.Some(d.ProductID), Quantity: taphoa.Some(min(quantity, d.Quantity)), Note: taphoa.SomeIf(note),
		SerialNumbers: d.SerialNumbers,
	}}
	return line
}

// refundReturn pays the rest of a return.
func (s *generator) refundReturn(r *taphoa.Return) error {
	_, method, account, _ := s.randomPayment(r.ReturnTotal)
	_, err := sales.UpdateReturn(s.tx, &taphoa.ReturnUpdate{ByID: taphoa.ByID{ID: r.ID}, ReturnInput: taphoa.ReturnInput{
		TotalPayment: taphoa.Some(r.ReturnTotal), Method: method, AccountID: account,
	}})
	return err
}

// planReturn plans the return of one unit of the first line of a paid invoice a day later; some are refunded, some stay a
// credit, and some are voided.
func (s *generator) planReturn(invoice int64, n int) {
	s.schedule(s.minutesFromNow(26*60), func() error {
		v, err := sales.GetInvoice(s.tx, &taphoa.ByID{ID: invoice})
		if err != nil || v.Status != taphoa.InvoiceCompleted || v.TotalPayment < v.Total {
			return err
		}
		r, err := sales.CreateReturn(s.tx, &taphoa.ReturnInput{
			InvoiceID: taphoa.Some(v.ID), ReceivedByID: v.SoldByID,
			ReturnDetails: []taphoa.ReturnDetailInput{returnLine(&v.InvoiceDetails[0], taphoa.Units(1), pick(s, reasons))},
		})
		switch {
		case err != nil:
		case n%3 == 0:
			s.schedule(s.minutesFromNow(20), func() error {
				_, err := sales.DeleteReturn(s.tx, &taphoa.ReturnDelete{ID: r.ID, IsVoidPayment: true})
				return err
			})
		case n%3 == 1 || !v.CustomerID.Has():
			err = s.refundReturn(r)
		}
		return err
	})
}

var reasons = []string{"Mua nhầm loại", "Bao bì rách", "Hết hạn sử dụng", "Khách đổi ý", "Không đúng màu"}

// returnWithoutInvoice creates a return without an invoice.
func (s *generator) returnWithoutInvoice() error {
	r, err := sales.CreateReturn(s.tx, &taphoa.ReturnInput{
		BranchID: taphoa.Some(s.branches[1]), ReceivedByID: taphoa.Some(s.users[2]), SoldByID: taphoa.Some(s.users[2]),
		CustomerID: taphoa.Some(s.customers[2].id), Description: taphoa.Some("Khách không giữ hóa đơn"),
		ReturnDetails: []taphoa.ReturnDetailInput{{DetailInput: s.orderLine(s.byName["Mì Hảo Hảo tôm chua cay 75g"], 5, "Còn nguyên gói")}},
	})
	if err == nil {
		err = s.refundReturn(r)
	}
	return err
}

// exchange takes goods back and sells others to the same customer: what the return is worth pays them.
func (s *generator) exchange() error {
	buyer, noodles := s.customers[2].id, s.byName["Mì Hảo Hảo tôm chua cay 75g"]
	_, err := sales.CreateReturn(s.tx, &taphoa.ReturnInput{
		BranchID: taphoa.Some(s.branches[1]), ReceivedByID: taphoa.Some(s.users[2]), CustomerID: taphoa.Some(buyer),
		Description: taphoa.Some("Đổi hàng"), ReturnDetails: []taphoa.ReturnDetailInput{{DetailInput: s.orderLine(noodles, 4, "Đổi loại khác")}},
	})
	if err != nil {
		return err
	}
	_, err = sales.CreateInvoice(s.tx, &taphoa.InvoiceInput{
		BranchID: taphoa.Some(s.branches[1]), SoldByID: taphoa.Some(s.users[2]), CustomerID: taphoa.Some(buyer), Description: taphoa.Some("Đổi hàng"),
		InvoiceDetails: []taphoa.DetailInput{s.orderLine(noodles, 5, "Hàng đổi")},
	})
	return err
}

// planCashBook plans the cash entries beside sales: each month's rent and wages, and single ones.
func (s *generator) planCashBook() {
	for _, day := range []int{firstDay + 5, firstDay + 35, firstDay + 65} {
		s.schedule(s.at(day, 17, 0), s.monthlyPayments)
	}
	s.schedule(s.at(firstDay, 7, 0), s.openingBalances)
	s.schedule(s.at(firstDay, 7, 30), func() error {
		vouchers, err := s.otherCashEntries()
		if err != nil {
			return err
		}
		for _, in := range vouchers {
			if _, err := debt.CreateCashFlow(s.tx, &in); err != nil {
				return err
			}
		}
		return s.voidedCashEntry()
	})
	s.schedule(s.at(firstDay+3, 9, 0), s.returnWithoutInvoice)
	s.schedule(s.at(firstDay+3, 9, 30), s.exchange)
}

// monthlyPayments creates the payments of each month.
func (s *generator) monthlyPayments() error {
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
		if _, err := debt.CreateCashFlow(s.tx, &in); err != nil {
			return err
		}
	}
	return nil
}

// otherCashEntries returns receipts and payments of all kinds of partners.
func (s *generator) otherCashEntries() ([]taphoa.CashFlowInput, error) {
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

// voidedCashEntry creates a payment and voids it.
func (s *generator) voidedCashEntry() error {
	v, err := debt.CreateCashFlow(s.tx, &taphoa.CashFlowInput{
		BranchID: taphoa.Some(s.branches[1]), Amount: taphoa.Some(-taphoa.Dong(99_000)), CashGroup: taphoa.Some("Văn phòng phẩm"),
		PartnerName: taphoa.Some("Nhà sách"), Description: taphoa.Some("Nhập nhầm số tiền"),
	})
	if err == nil {
		_, err = debt.VoidCashFlow(s.tx, &taphoa.ByID{ID: v.ID})
	}
	return err
}
