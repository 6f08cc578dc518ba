package demo

import (
	"slices"
	"time"

	"github.com/taphoa/taphoa"
)

// showpieces are the first documents of the shop. Whoever looks at the first page, or at the first record alone, sees
// what there is: an order with everything and its invoice, a voided invoice, an order in parts.
func (s *story) showpieces() error {
	s.later(s.after(40), s.farewell)
	s.later(s.after(45), s.orderInParts)
	return s.fullOrder()
}

// fullOrder is an order that fills every member, and the invoice that does.
func (s *story) fullOrder() error {
	cola, cooker := s.named["Nước ngọt Coca-Cola 320ml"], s.named["Nồi cơm điện Sunhouse 1,8 lít"]
	yogurt, gift := s.named["Sữa chua Vinamilk có đường 100g"], s.named["Gói quà theo yêu cầu"]
	p := &placed{
		branch: s.branches[0], seller: s.users[0], channel: s.channels[1], mode: s.mode, who: s.customers[0],
		parcel: s.parcel(s.customers[0], true),
		lines: []taphoa.DetailInput{
			s.some(cola, 24, "Lấy hạn mới"), s.some(cooker, 1, "Kiểm tra trước khi giao"), s.some(yogurt, 8, ""),
			s.some(cola, 6, "Để riêng một lốc"), s.some(gift, 1, ""),
		},
		terms: terms{ratio: taphoa.Some(taphoa.Ratio(3)), surcharges: []taphoa.SurchargeWrite{
			{ID: taphoa.Some(s.surcharges[0]), Price: taphoa.Dong(15_000)}, {Code: "DONGGOI", Price: taphoa.Dong(5_000)},
		}},
	}
	p.lines[0].DiscountRatio = taphoa.Some(taphoa.Ratio(5))
	p.lines[2].Discount = taphoa.Some(taphoa.Dong(500))
	err := s.place(&taphoa.OrderInput{
		BranchID: taphoa.Some(p.branch), SoldByID: taphoa.Some(p.seller), CashierID: taphoa.Some(s.users[1]),
		CustomerID: taphoa.Some(p.who.id), SaleChannelID: taphoa.Some(p.channel), OrderDetails: p.lines, DiscountRatio: p.terms.ratio,
		PriceBookID: taphoa.Some(s.books[1]),
		Surcharges:  p.terms.surcharges, OrderDelivery: p.parcel, Method: taphoa.Some(taphoa.MethodTransfer), Partner: "MyKiot",
		Description: taphoa.Some("Giao giờ hành chính, gọi trước 30 phút"),
		Payments: []taphoa.PaymentInput{{
			Method: taphoa.MethodTransfer, Amount: taphoa.Dong(200_000), AccountID: taphoa.Some(s.accounts[0]),
			Description: taphoa.Some("Đặt cọc"),
		}},
	}, p)
	if err == nil {
		s.confirm(p, 20)
		s.later(s.after(30), func() error { return s.fullInvoice(p, cooker.takeSerial(0), yogurt.batches[0]) })
	}
	return err
}

// some is a line of so many of a product.
func (s *story) some(it *item, quantity int64, note string) taphoa.DetailInput {
	return taphoa.DetailInput{
		ProductID: taphoa.Some(it.id), Quantity: taphoa.Some(taphoa.Units(quantity)), Note: taphoa.SomeIf(note), Taxes: s.taxes(it),
	}
}

// fullInvoice sells the whole of the full order: a piece with a serial, some of a batch, on several payments.
func (s *story) fullInvoice(p *placed, serial string, batch int64) error {
	lines := slices.Clone(p.lines)
	lines[1].SerialNumbers, lines[2].ProductBatchExpireID = taphoa.Some(serial), taphoa.Some(batch)
	v, err := s.invoice(&taphoa.InvoiceInput{
		OrderID: taphoa.Some(p.id), BranchID: taphoa.Some(p.branch), SoldByID: taphoa.Some(p.seller), CustomerID: taphoa.Some(p.who.id),
		SaleChannelID: taphoa.Some(p.channel), InvoiceDetails: lines, DiscountRatio: p.terms.ratio, Surcharges: p.terms.surcharges,
		DeliveryDetail: p.parcel, Description: taphoa.Some("Giao giờ hành chính"), Method: taphoa.Some(taphoa.MethodTransfer),
		Payments: []taphoa.PaymentInput{
			{Method: taphoa.MethodCash, Amount: taphoa.Dong(50_000), Description: taphoa.Some("Khách đưa thêm tại quầy")},
			{
				Method: taphoa.MethodCard, Amount: taphoa.Dong(100_000), AccountID: taphoa.Some(s.accounts[1]),
				Description: taphoa.Some("Quẹt thẻ"),
			},
		},
	})
	if err == nil {
		s.bring(v.ID, paths[taphoa.DeliveryDelivered]...)
		s.later(s.at(firstDay+2, 9, 0), func() error { return s.fullReturn(v.ID) })
	}
	return err
}

// farewell is what stays readable when all else is gone: an invoice of a customer who will be deleted, with a product
// that will be, which is voided with its receipts.
func (s *story) farewell() error {
	notebook := s.named["Sổ tay lò xo A5"]
	v, err := s.invoice(&taphoa.InvoiceInput{
		BranchID: taphoa.Some(s.branches[0]), SoldByID: taphoa.Some(s.users[1]), CustomerID: taphoa.Some(s.leaving[0].id),
		InvoiceDetails: []taphoa.DetailInput{s.some(notebook, 2, "")}, TotalPayment: taphoa.Some(taphoa.Dong(57_000)),
		Method: taphoa.Some(taphoa.MethodTransfer), AccountID: taphoa.Some(s.accounts[0]),
	})
	if err == nil {
		s.void(v.ID, 30, true)
	}
	return err
}

// orderInParts is an order that two invoices deliver.
func (s *story) orderInParts() error {
	noodles, milk := s.named["Mì Hảo Hảo tôm chua cay 75g"], s.named["Sữa tươi tiệt trùng Vinamilk 180ml"]
	p := &placed{
		number: s.orders, branch: s.branches[1], seller: s.users[2], channel: s.channels[2], mode: s.mode, who: s.customers[1],
		lines: []taphoa.DetailInput{s.some(noodles, 60, ""), s.some(milk, 48, "")},
	}
	err := s.place(&taphoa.OrderInput{
		BranchID: taphoa.Some(p.branch), SoldByID: taphoa.Some(p.seller), CustomerID: taphoa.Some(p.who.id),
		SaleChannelID: taphoa.Some(p.channel), OrderDetails: p.lines, Discount: taphoa.Some(taphoa.Dong(10_000)),
	}, p)
	if err == nil {
		s.later(s.after(90), func() error { return s.invoiceOf(p, p.lines[:1], true) })
		s.later(s.after(26*60), func() error { return s.invoiceOf(p, p.lines[1:], false) })
	}
	return err
}

// underWay plans the parcels of the last days, one in every status that a delivery can have.
func (s *story) underWay() {
	for status := range int64(12) {
		s.later(s.at(-2, 7, int(3*status)), func() error { return s.send(status + 1) })
	}
	for i := range 4 { // some cannot be delivered; one of them is tried again
		s.later(s.at(-3, 9, 10*i), func() error {
			v, err := s.sendTo(pick(s, s.customers))
			if err != nil {
				return err
			}
			s.update(v.ID, 200, taphoa.InvoiceInput{Status: taphoa.Some[int64](taphoa.InvoiceUndeliverable)})
			if i == 0 {
				s.update(v.ID, 400, taphoa.InvoiceInput{
					Status:         taphoa.Some[int64](taphoa.InvoiceProcessing),
					DeliveryDetail: &taphoa.DeliveryInput{Status: taphoa.Some[int64](10)}, // waits to be brought again
				})
			}
			return nil
		})
	}
}

// send makes an invoice whose parcel ends in a status.
func (s *story) send(status int64) error {
	v, err := s.sendTo(pick(s, s.customers))
	if err == nil {
		s.bring(v.ID, paths[status]...)
	}
	return err
}

func (s *story) sendTo(who customer) (*taphoa.Invoice, error) {
	branch := s.rng.IntN(len(s.branches))
	b, err := s.fill(branch, s.between(1, 3), false)
	if err != nil {
		return nil, err
	}
	return s.invoice(&taphoa.InvoiceInput{
		BranchID: taphoa.Some(s.branches[branch]), SoldByID: taphoa.Some(pick(s, s.users)), CustomerID: taphoa.Some(who.id),
		SaleChannelID: taphoa.Some(pick(s, s.channels[1:])), InvoiceDetails: untaxed(b.lines), DeliveryDetail: s.parcel(who, true),
		PurchaseDate: taphoa.Some(s.tx.Now - taphoa.Time(time.Minute.Microseconds())),
	})
}
