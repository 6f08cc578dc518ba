package demo

import (
	"github.com/taphoa/taphoa"
	"github.com/taphoa/taphoa/internal/supply"
)

// planSupplierOrders plans an order to a supplier in every status: one with everything that comes in two parts, one that
// is voided, one of which a part has come by the last day, one that is on its way, and a draft.
func (s *story) planSupplierOrders() {
	s.later(s.at(firstDay+4, 5, 0), s.fullSupplierOrder)
	s.later(s.at(firstDay+14, 5, 20), func() error {
		o, err := s.orderFrom(1, 3, "Đặt trùng", taphoa.OrderSupplierConfirmed, s.ordered("Mì Hảo Hảo tôm chua cay 75g", 30))
		if err != nil {
			return err
		}
		s.later(s.after(60), func() error {
			_, err := supply.DeleteOrderSupplier(s.tx, &taphoa.ByID{ID: o})
			return err
		})
		return nil
	})
	s.later(s.at(-3, 20, 0), func() error {
		const milk = "Sữa tươi tiệt trùng Vinamilk 180ml"
		o, err := s.orderFrom(0, 1, "Giao làm hai lần", taphoa.OrderSupplierConfirmed, s.ordered(milk, 96), s.ordered("Mì Hảo Hảo tôm chua cay 75g", 60))
		if err != nil {
			return err
		}
		s.later(s.at(-2, 5, 20), func() error { return s.receive(o, 0, 1, taphoa.Dong(0), s.bought(s.named[milk], 48)) })
		return nil
	})
	s.later(s.at(-1, 20, 0), func() error {
		_, err := s.orderFrom(1, 4, "Cần trước cuối tuần", taphoa.OrderSupplierConfirmed, s.ordered("Nước ngọt Coca-Cola 320ml", 48))
		return err
	})
	s.later(s.at(-1, 20, 10), func() error {
		_, err := s.orderFrom(0, 2, "Chờ báo giá", taphoa.OrderSupplierDraft, s.ordered("Sữa tươi tiệt trùng Vinamilk 180ml", 24))
		return err
	})
}

// fullSupplierOrder is an order that fills every member.
func (s *story) fullSupplierOrder() error {
	lines := []taphoa.OrderSupplierDetailInput{s.ordered("Nước ngọt Coca-Cola 320ml", 48), s.ordered("Mì Hảo Hảo tôm chua cay 75g", 60)}
	lines[0].Description, lines[0].DiscountRatio = taphoa.Some("Lấy hạn mới"), taphoa.Some(taphoa.Ratio(5))
	made, err := supply.CreateOrderSupplier(s.tx, &taphoa.OrderSupplierInput{
		BranchID: taphoa.Some(s.branches[0]), SupplierID: taphoa.Some(s.suppliers[0]), UserID: taphoa.Some(s.users[1]),
		Description: taphoa.Some("Đặt hàng đầu tháng"), DiscountRatio: taphoa.Some(taphoa.Ratio(2)), IsApplyPurchaseTax: taphoa.Some(true),
		Details: lines, Expenses: []taphoa.OrderSupplierExpenseInput{
			{Code: taphoa.Some("BOCXEP"), Name: taphoa.Some("Bốc xếp"), Price: taphoa.Some(taphoa.Dong(30_000))},
			{
				Code: taphoa.Some("VANCHUYEN"), Name: taphoa.Some("Xe tải thuê ngoài"), Form: taphoa.Some[int64](0),
				ValueRatio: taphoa.Some(taphoa.Ratio(1)), IsReturnAuto: taphoa.Some(true),
			},
		},
	})
	if err != nil {
		return err
	}
	s.later(s.at(firstDay+4, 15, 0), func() error {
		return s.receive(made.ID, 0, 0, taphoa.Dong(100_000), s.bought(s.named["Nước ngọt Coca-Cola 320ml"], 48))
	})
	s.later(s.at(firstDay+5, 5, 10), func() error {
		return s.receive(made.ID, 0, 0, taphoa.Dong(0), s.bought(s.named["Mì Hảo Hảo tôm chua cay 75g"], 60))
	})
	return nil
}

// ordered is a line of so many of a product, at four fifths of its price.
func (s *story) ordered(name string, count int64) taphoa.OrderSupplierDetailInput {
	l := s.bought(s.named[name], count)
	in := taphoa.OrderSupplierDetailInput{ProductID: l.ProductID, Quantity: l.Quantity, Price: l.Price}
	if l.ProductTax != nil {
		in.Taxes = []taphoa.TaxWrite{{TaxID: l.ProductTax.TaxID}}
	}
	return in
}

// orderFrom orders from a supplier and answers the order's id.
func (s *story) orderFrom(branch, supplier int, note string, status int64, lines ...taphoa.OrderSupplierDetailInput) (int64, error) {
	made, err := supply.CreateOrderSupplier(s.tx, &taphoa.OrderSupplierInput{
		BranchID: taphoa.Some(s.branches[branch]), SupplierID: taphoa.Some(s.suppliers[supplier]), Status: taphoa.Some(status),
		Description: taphoa.Some(note), IsApplyPurchaseTax: taphoa.Some(s.mode != taphoa.PricingDirect), Details: lines,
	})
	if err != nil {
		return 0, err
	}
	return made.ID, nil
}

// receive receives some of an order.
func (s *story) receive(order int64, branch, supplier int, paid taphoa.Money, lines ...taphoa.PurchaseOrderDetailIn) error {
	_, err := s.purchase(branch, supplier, lines, func(in *taphoa.PurchaseOrderInput) {
		in.OrderSupplierID, in.Description, in.PaidAmount = taphoa.Some(order), taphoa.Some("Nhập theo phiếu đặt hàng"), taphoa.SomeIf(paid)
	})
	return err
}
