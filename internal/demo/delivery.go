package demo

import (
	"fmt"

	"github.com/taphoa/taphoa"
	"github.com/taphoa/taphoa/internal/sales"
)

// carriers are the delivery partners.
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

// deliveryPaths are the statuses that a waiting delivery passes before its last one, which is the key.
var deliveryPaths = map[int64][]int64{
	1: {}, 2: {9, 2}, 3: {7, 2, 3}, 4: {2, 4}, 5: {2, 4, 5}, 6: {6},
	7: {7}, 8: {7, 8}, 9: {7, 9}, 10: {2, 10}, 11: {9, 11}, 12: {2, 4, 12},
}

// delivery returns a delivery to a customer; with cod the carrier collects the rest of the amount.
func (s *generator) delivery(customer customer, cod bool) *taphoa.DeliveryInput {
	s.deliveries++
	partner := carriers[s.deliveries%len(carriers)]
	return &taphoa.DeliveryInput{
		DeliveryCode: taphoa.Some(fmt.Sprintf("%s%06d", partner.Code.Value, 1_000+s.deliveries)),
		Type:         taphoa.Some(int64(s.deliveries % 2)),
		Price:        taphoa.Some(taphoa.Dong(int64(15_000 + 1_000*s.between(0, 20)))), Receiver: taphoa.Some(customer.name),
		ContactNumber: taphoa.Some(customer.phone), Address: taphoa.Some(customer.street), LocationID: taphoa.Some(customer.address.id),
		LocationName: taphoa.Some(customer.address.name), WardName: taphoa.Some(customer.address.ward), UsingPriceCod: taphoa.Some(cod),
		Weight: taphoa.Some(taphoa.Units(int64(100 * s.between(5, 60)))), Length: taphoa.Some(taphoa.Units(int64(s.between(20, 40)))),
		Width: taphoa.Some(taphoa.Units(int64(s.between(15, 30)))), Height: taphoa.Some(taphoa.Units(int64(s.between(10, 25)))),
		PartnerDelivery: &partner, ExpectedDelivery: taphoa.Some(s.tx.Now.Day().Add(2 * oneDay)),
	}
}

// planDeliveryStatuses plans that the delivery of an invoice passes some statuses.
func (s *generator) planDeliveryStatuses(invoice int64, statuses ...int64) {
	for i, next := range statuses {
		s.schedule(s.minutesFromNow((i+1)*s.between(120, 240)), func() error {
			in := taphoa.InvoiceUpdate{ByID: taphoa.ByID{ID: invoice}}
			in.DeliveryDetail = &taphoa.DeliveryInput{Status: taphoa.Some(next)}
			if next == taphoa.DeliveryDelivered {
				s.setCODPayment(&in.InvoiceInput)
			}
			_, err := sales.UpdateInvoice(s.tx, &in)
			return err
		})
	}
}

// setCODPayment sets how the carrier pays the amount that it has collected. Without it, that is cash.
func (s *generator) setCODPayment(in *taphoa.InvoiceInput) {
	if s.deliveries%2 == 0 {
		in.CodPaymentMethod, in.CodPaymentAccount = taphoa.Some("Tranfer"), taphoa.Some(s.accounts[2])
	}
}
