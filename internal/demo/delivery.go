package demo

import (
	"fmt"

	"github.com/taphoa/taphoa"
	"github.com/taphoa/taphoa/internal/sales"
)

// carriers bring the goods.
var carriers = []taphoa.PartnerDelivery{
	carrier("GHN", "Giao Hàng Nhanh", "405/15 Xô Viết Nghệ Tĩnh, Bình Thạnh", 1),
	carrier("GHTK", "Giao Hàng Tiết Kiệm", "Tòa nhà VTV, Cầu Giấy", 2),
	carrier("VTP", "Viettel Post", "Số 2 Ngõ 15 Duy Tân", 3),
	carrier("CHUTU", "Xe ôm chú Tư", "Hẻm 12, đường số 41, Thảo Điền", 4),
}

func carrier(code, name, address string, n int) taphoa.PartnerDelivery {
	return taphoa.PartnerDelivery{
		Code: taphoa.Some(code), Name: taphoa.Some(name), Address: taphoa.Some(address),
		ContactNumber: taphoa.Some(phone(200 + n)), Email: taphoa.Some(fmt.Sprintf("%s@example.com", slug(name))),
	}
}

// paths are how a delivery that waits comes to a status.
var paths = map[int64][]int64{
	1: {}, 2: {9, 2}, 3: {7, 2, 3}, 4: {2, 4}, 5: {2, 4, 5}, 6: {6},
	7: {7}, 8: {7, 8}, 9: {7, 9}, 10: {2, 10}, 11: {9, 11}, 12: {2, 4, 12},
}

// parcel is a delivery for a customer; cod says that the carrier collects what is still to be paid.
func (s *story) parcel(to customer, cod bool) *taphoa.DeliveryInput {
	s.deliveries++
	partner := carriers[s.deliveries%len(carriers)]
	return &taphoa.DeliveryInput{
		DeliveryCode: taphoa.Some(fmt.Sprintf("%s%06d", partner.Code.Value, 1_000+s.deliveries)),
		Type:         taphoa.Some(int64(s.deliveries % 2)),
		Price:        taphoa.Some(taphoa.Dong(int64(15_000 + 1_000*s.between(0, 20)))), Receiver: taphoa.Some(to.name),
		ContactNumber: taphoa.Some(to.phone), Address: taphoa.Some(to.street), LocationID: taphoa.Some(to.home.id),
		LocationName: taphoa.Some(to.home.name), WardName: taphoa.Some(to.home.ward), UsingPriceCod: taphoa.Some(cod),
		Weight: taphoa.Some(taphoa.Units(int64(100 * s.between(5, 60)))), Length: taphoa.Some(taphoa.Units(int64(s.between(20, 40)))),
		Width: taphoa.Some(taphoa.Units(int64(s.between(15, 30)))), Height: taphoa.Some(taphoa.Units(int64(s.between(10, 25)))),
		PartnerDelivery: &partner, ExpectedDelivery: taphoa.Some(s.tx.Now.Day().Add(2 * oneDay)),
	}
}

// bring plans the way of an invoice's parcel through some statuses.
func (s *story) bring(invoice int64, way ...int64) {
	for i, next := range way {
		s.later(s.after((i+1)*s.between(120, 240)), func() error {
			in := taphoa.InvoiceUpdate{ByID: taphoa.ByID{ID: invoice}}
			in.DeliveryDetail = &taphoa.DeliveryInput{Status: taphoa.Some(next)}
			if next == taphoa.DeliveryDelivered {
				s.settleCod(&in.InvoiceInput)
			}
			_, err := sales.UpdateInvoice(s.tx, &in)
			return err
		})
	}
}

// settleCod says how the carrier hands over what it has collected. Without a word, it is cash.
func (s *story) settleCod(in *taphoa.InvoiceInput) {
	if s.deliveries%2 == 0 {
		in.CodPaymentMethod, in.CodPaymentAccount = taphoa.Some("Tranfer"), taphoa.Some(s.accounts[2])
	}
}
