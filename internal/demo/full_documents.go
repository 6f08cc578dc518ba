package demo

import (
	"slices"
	"time"

	"github.com/taphoa/taphoa"
)

// fullDocuments creates the first documents of the shop, which are on the first page of each list: an order with a value in
// every member and its invoice, a voided invoice, an order with two invoices.
func (s *generator) fullDocuments() error {
	s.schedule(s.minutesFromNow(40), s.voidedInvoiceOfDeletedCustomer)
	s.schedule(s.minutesFromNow(45), s.orderInParts)
	return s.fullOrder()
}

// fullOrder creates an order with a value in every member, and its invoice.
func (s *generator) fullOrder() error {
	cola, cooker := s.byName["Nước ngọt Coca-Cola 320ml"], s.byName["Nồi cơm điện Sunhouse 1,8 lít"]
	yogurt, gift := s.byName["Sữa chua Vinamilk có đường 100g"], s.byName["Gói quà theo yêu cầu"]
	p := &takenOrder{
		branch: s.branches[0], seller: s.users[0], channel: s.channels[1], mode: s.mode, customer: s.customers[0],
		delivery: s.delivery(s.customers[0], true),
		lines: []taphoa.DetailInput{
			s.orderLine(cola, 24, "Lấy hạn mới"), s.orderLine(cooker, 1, "Kiểm tra trước khi giao"), s.orderLine(yogurt, 8, ""),
			s.orderLine(cola, 6, "Để riêng một lốc"), s.orderLine(gift, 1, ""),
		},
		terms: terms{ratio: taphoa.Some(taphoa.Ratio(3)), surcharges: []taphoa.SurchargeWrite{
			{ID: taphoa.Some(s.surcharges[0]), Price: taphoa.Some(taphoa.Dong(15_000))}, {Code: "DONGGOI", Price: taphoa.Some(taphoa.Dong(5_000))},
		}},
	}
	p.lines[0].DiscountRatio = taphoa.Some(taphoa.Ratio(5))
	p.lines[2].Discount = taphoa.Some(taphoa.Dong(500))
	err := s.createOrder(&taphoa.OrderInput{
		BranchID: taphoa.Some(p.branch), SoldByID: taphoa.Some(p.seller), CashierID: taphoa.Some(s.users[1]),
		CustomerID: taphoa.Some(p.customer.id), SaleChannelID: taphoa.Some(p.channel), OrderDetails: p.lines, DiscountRatio: p.terms.ratio,
		PriceBookID: taphoa.Some(s.books[1]),
		Surcharges:  p.terms.surcharges, OrderDelivery: p.delivery, Method: taphoa.Some(taphoa.MethodTransfer), Partner: "MyKiot",
		Description: taphoa.Some("Giao giờ hành chính, gọi trước 30 phút"),
		Payments: []taphoa.PaymentInput{{
			Method: taphoa.MethodTransfer, Amount: taphoa.Dong(200_000), AccountID: taphoa.Some(s.accounts[0]),
			Description: taphoa.Some("Đặt cọc"),
		}},
	}, p)
	if err == nil {
		s.planOrderConfirmation(p, 20)
		s.schedule(s.minutesFromNow(30), func() error { return s.fullInvoice(p, cooker.nextSerial(0), yogurt.batches[0]) })
	}
	return err
}

// orderLine returns a line of a product.
func (s *generator) orderLine(it *item, quantity int64, note string) taphoa.DetailInput {
	return taphoa.DetailInput{
		ProductID: taphoa.Some(it.id), Quantity: taphoa.Some(taphoa.Units(quantity)), Note: taphoa.SomeIf(note), Taxes: s.taxes(it),
	}
}

// fullInvoice invoices the full order: with a serial, a lot and several payments.
func (s *generator) fullInvoice(p *takenOrder, serial string, batch int64) error {
	lines := slices.Clone(p.lines)
	lines[1].SerialNumbers, lines[2].ProductBatchExpireID = taphoa.Some(serial), taphoa.Some(batch)
	v, err := s.createInvoice(&taphoa.InvoiceInput{
		OrderID: taphoa.Some(p.id), BranchID: taphoa.Some(p.branch), SoldByID: taphoa.Some(p.seller), CustomerID: taphoa.Some(p.customer.id),
		SaleChannelID: taphoa.Some(p.channel), InvoiceDetails: lines, DiscountRatio: p.terms.ratio, Surcharges: p.terms.surcharges,
		DeliveryDetail: p.delivery, Description: taphoa.Some("Giao giờ hành chính"), Method: taphoa.Some(taphoa.MethodTransfer),
		Payments: []taphoa.PaymentInput{
			{Method: taphoa.MethodCash, Amount: taphoa.Dong(50_000), Description: taphoa.Some("Khách đưa thêm tại quầy")},
			{
				Method: taphoa.MethodCard, Amount: taphoa.Dong(100_000), AccountID: taphoa.Some(s.accounts[1]),
				Description: taphoa.Some("Quẹt thẻ"),
			},
		},
	})
	if err == nil {
		s.planDeliveryStatuses(v.ID, deliveryPaths[taphoa.DeliveryDelivered]...)
		s.schedule(s.at(firstDay+2, 9, 0), func() error { return s.fullReturn(v.ID) })
	}
	return err
}

// voidedInvoiceOfDeletedCustomer creates an invoice that is voided with its receipts, and whose customer and product are
// deleted later: it must stay readable.
func (s *generator) voidedInvoiceOfDeletedCustomer() error {
	notebook := s.byName["Sổ tay lò xo A5"]
	v, err := s.createInvoice(&taphoa.InvoiceInput{
		BranchID: taphoa.Some(s.branches[0]), SoldByID: taphoa.Some(s.users[1]), CustomerID: taphoa.Some(s.toBeDeleted[0].id),
		InvoiceDetails: []taphoa.DetailInput{s.orderLine(notebook, 2, "")}, TotalPayment: taphoa.Some(taphoa.Dong(57_000)),
		Method: taphoa.Some(taphoa.MethodTransfer), AccountID: taphoa.Some(s.accounts[0]),
	})
	if err == nil {
		s.planInvoiceVoid(v.ID, 30, true)
	}
	return err
}

// orderInParts creates an order with two invoices.
func (s *generator) orderInParts() error {
	noodles, milk := s.byName["Mì Hảo Hảo tôm chua cay 75g"], s.byName["Sữa tươi tiệt trùng Vinamilk 180ml"]
	p := &takenOrder{
		number: s.orders, branch: s.branches[1], seller: s.users[2], channel: s.channels[2], mode: s.mode, customer: s.customers[1],
		lines: []taphoa.DetailInput{s.orderLine(noodles, 60, ""), s.orderLine(milk, 48, "")},
	}
	err := s.createOrder(&taphoa.OrderInput{
		BranchID: taphoa.Some(p.branch), SoldByID: taphoa.Some(p.seller), CustomerID: taphoa.Some(p.customer.id),
		SaleChannelID: taphoa.Some(p.channel), OrderDetails: p.lines, Discount: taphoa.Some(taphoa.Dong(10_000)),
	}, p)
	if err == nil {
		s.schedule(s.minutesFromNow(90), func() error { return s.invoiceOrder(p, p.lines[:1], true) })
		s.schedule(s.minutesFromNow(26*60), func() error { return s.invoiceOrder(p, p.lines[1:], false) })
	}
	return err
}

// planOpenDeliveries plans the deliveries of the last days, one in every status.
func (s *generator) planOpenDeliveries() {
	for status := range int64(12) {
		s.schedule(s.at(-2, 7, int(3*status)), func() error { return s.invoiceWithDeliveryStatus(status + 1) })
	}
	for i := range 4 { // some are undeliverable; one of them is tried again
		s.schedule(s.at(-3, 9, 10*i), func() error {
			v, err := s.invoiceWithDelivery(pick(s, s.customers))
			if err != nil {
				return err
			}
			s.planInvoiceUpdate(v.ID, 200, taphoa.InvoiceInput{Status: taphoa.Some[int64](taphoa.InvoiceUndeliverable)})
			if i == 0 {
				s.planInvoiceUpdate(v.ID, 400, taphoa.InvoiceInput{
					Status:         taphoa.Some[int64](taphoa.InvoiceProcessing),
					DeliveryDetail: &taphoa.DeliveryInput{Status: taphoa.Some[int64](10)}, // waits for the next attempt
				})
			}
			return nil
		})
	}
}

// invoiceWithDeliveryStatus creates an invoice whose delivery ends in a status.
func (s *generator) invoiceWithDeliveryStatus(status int64) error {
	v, err := s.invoiceWithDelivery(pick(s, s.customers))
	if err == nil {
		s.planDeliveryStatuses(v.ID, deliveryPaths[status]...)
	}
	return err
}

func (s *generator) invoiceWithDelivery(who customer) (*taphoa.Invoice, error) {
	branch := s.rng.IntN(len(s.branches))
	b, err := s.randomLines(branch, s.between(1, 3), false)
	if err != nil {
		return nil, err
	}
	return s.createInvoice(&taphoa.InvoiceInput{
		BranchID: taphoa.Some(s.branches[branch]), SoldByID: taphoa.Some(pick(s, s.users)), CustomerID: taphoa.Some(who.id),
		SaleChannelID: taphoa.Some(pick(s, s.channels[1:])), InvoiceDetails: untaxed(b.lines), DeliveryDetail: s.delivery(who, true),
		PurchaseDate: taphoa.Some(s.tx.Now - taphoa.Time(time.Minute.Microseconds())),
	})
}
