package apitest

import (
	"github.com/taphoa/taphoa"
	"github.com/taphoa/taphoa/internal/party"
)

// suppliers creates one with all members, NCC-TRA, and one with a name only, NCC-SUA.
func (s *seeder) suppliers() error {
	group, err := party.CreateSupplierGroup(s.tx, &taphoa.SupplierGroupInput{
		Name: "Nhà phân phối", Description: taphoa.Some("Giao hàng tận nơi"),
	})
	if err != nil {
		return err
	}
	for _, in := range []taphoa.SupplierInput{
		{
			Code: taphoa.Some("NCC-TRA"), Name: taphoa.Some("Trà Tân Cương"), ContactNumber: taphoa.Some("0208 384 1111"),
			Email: taphoa.Some("banhang@tancuong.example"), Address: taphoa.Some("Xóm Hồng Thái"),
			LocationName: taphoa.Some("Thái Nguyên - Thành phố Thái Nguyên"), WardName: taphoa.Some("Xã Tân Cương"),
			Organization: taphoa.Some("Hợp tác xã Trà Tân Cương"), TaxCode: taphoa.Some("4600123456"),
			Comments: taphoa.Some("Giao thứ hai"), GroupIDs: taphoa.Some([]int64{group.ID}),
		},
		{Code: taphoa.Some("NCC-SUA"), Name: taphoa.Some("Sữa Ba Vì")},
	} {
		if _, err := party.CreateSupplier(s.tx, &in); err != nil {
			return err
		}
	}
	return nil
}
