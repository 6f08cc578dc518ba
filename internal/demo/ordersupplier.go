package demo

import (
	"github.com/taphoa/taphoa"
	"github.com/taphoa/taphoa/internal/supply"
)

// planSupplierOrders plans an order to a supplier in every status: one with all members that is received in two parts, one
// that is voided, one that is partly received by the last day, one that is confirmed, and a draft.
func (s *generator) planSupplierOrders() {
	s.schedule(s.at(firstDay+4, 5, 0), s.fullSupplierOrder)
	s.schedule(s.at(firstDay+14, 5, 20), func() error {
		o, err := s.orderFromSupplier(1, 3, "Đặt trùng", taphoa.OrderSupplierConfirmed, s.supplierOrderLine("Mì Hảo Hảo tôm chua cay 75g", 30))
		if err != nil {
			return err
		}
		s.schedule(s.minutesFromNow(60), func() error {
			_, err := supply.DeleteOrderSupplier(s.tx, &taphoa.ByID{ID: o})
			return err
		})
		return nil
	})
	s.schedule(s.at(-3, 20, 0), func() error {
		const milk = "Sữa tươi tiệt trùng Vinamilk 180ml"
		o, err := s.orderFromSupplier(0, 1, "Giao làm hai lần", taphoa.OrderSupplierConfirmed, s.supplierOrderLine(milk, 96), s.supplierOrderLine("Mì Hảo Hảo tôm chua cay 75g", 60))
		if err != nil {
			return err
		}
		s.schedule(s.at(-2, 5, 20), func() error { return s.receiveOrder(o, 0, 1, taphoa.Dong(0), s.purchaseLine(s.byName[milk], 48)) })
		return nil
	})
	s.schedule(s.at(-1, 20, 0), func() error {
		_, err := s.orderFromSupplier(1, 4, "Cần trước cuối tuần", taphoa.OrderSupplierConfirmed, s.supplierOrderLine("Nước ngọt Coca-Cola 320ml", 48))
		return err
	})
	s.schedule(s.at(-1, 20, 10), func() error {
		_, err := s.orderFromSupplier(0, 2, "Chờ báo giá", taphoa.OrderSupplierDraft, s.supplierOrderLine("Sữa tươi tiệt trùng Vinamilk 180ml", 24))
		return err
	})
}

// fullSupplierOrder creates an order with a value in every member.
func (s *generator) fullSupplierOrder() error {
	lines := []taphoa.OrderSupplierDetailInput{s.supplierOrderLine("Nước ngọt Coca-Cola 320ml", 48), s.supplierOrderLine("Mì Hảo Hảo tôm chua cay 75g", 60)}
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
	s.schedule(s.at(firstDay+4, 15, 0), func() error {
		return s.receiveOrder(made.ID, 0, 0, taphoa.Dong(100_000), s.purchaseLine(s.byName["Nước ngọt Coca-Cola 320ml"], 48))
	})
	s.schedule(s.at(firstDay+5, 5, 10), func() error {
		return s.receiveOrder(made.ID, 0, 0, taphoa.Dong(0), s.purchaseLine(s.byName["Mì Hảo Hảo tôm chua cay 75g"], 60))
	})
	return nil
}

// supplierOrderLine returns a line of a product, at four fifths of its price.
func (s *generator) supplierOrderLine(name string, count int64) taphoa.OrderSupplierDetailInput {
	l := s.purchaseLine(s.byName[name], count)
	in := taphoa.OrderSupplierDetailInput{ProductID: l.ProductID, Quantity: l.Quantity, Price: l.Price}
	if l.ProductTax != nil {
		in.Taxes = []taphoa.TaxWrite{{TaxID: l.ProductTax.TaxID}}
	}
	return in
}

// orderFromSupplier creates an order to a supplier and returns its id.
func (s *generator) orderFromSupplier(branch, supplier int, note string, status int64, lines ...taphoa.OrderSupplierDetailInput) (int64, error) {
	made, err := supply.CreateOrderSupplier(s.tx, &taphoa.OrderSupplierInput{
		BranchID: taphoa.Some(s.branches[branch]), SupplierID: taphoa.Some(s.suppliers[supplier]), Status: taphoa.Some(status),
		Description: taphoa.Some(note), IsApplyPurchaseTax: taphoa.Some(s.mode != taphoa.PricingDirect), Details: lines,
	})
	if err != nil {
		return 0, err
	}
	return made.ID, nil
}

// receiveOrder receives some lines of an order.
func (s *generator) receiveOrder(order int64, branch, supplier int, paid taphoa.Money, lines ...taphoa.PurchaseOrderDetailIn) error {
	_, err := s.createPurchase(branch, supplier, lines, func(in *taphoa.PurchaseOrderInput) {
		in.OrderSupplierID, in.Description, in.PaidAmount = taphoa.Some(order), taphoa.Some("Nhập theo phiếu đặt hàng"), taphoa.SomeIf(paid)
	})
	return err
}
