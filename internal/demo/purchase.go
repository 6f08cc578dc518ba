package demo

import (
	"fmt"
	"time"

	"github.com/taphoa/taphoa"
	"github.com/taphoa/taphoa/internal/party"
	"github.com/taphoa/taphoa/internal/supply"
)

// supplierData are the suppliers. All are invented.
var supplierData = []struct{ name, company, place, ward, note string }{
	{"Phân phối Sao Biển", "Công ty TNHH Phân phối Sao Biển", "Hồ Chí Minh - Quận 1", "Phường Bến Nghé", "Giao thứ hai, thứ năm"},
	{"Đại lý Cây Dừa", "Hộ kinh doanh Cây Dừa", "Hồ Chí Minh - Thành phố Thủ Đức", "Phường Linh Trung", "Trả tiền cuối tuần"},
	{"Nông sản Đồi Chè", "Hợp tác xã Nông sản Đồi Chè", "Đà Nẵng - Quận Hải Châu", "Phường Thạch Thang", "Hàng dễ vỡ, kiểm khi nhận"},
	{"Tổng kho Bình Minh", "Công ty Cổ phần Tổng kho Bình Minh", "Hồ Chí Minh - Quận Bình Thạnh", "Phường 25", "Đặt trước 16 giờ"},
	{"Gia dụng Nhà Xinh", "Công ty TNHH Gia dụng Nhà Xinh", "Đồng Nai - Thành phố Biên Hòa", "Phường Tân Phong", "Bảo hành đổi tại kho"},
	{"Thực phẩm Lúa Vàng", "Công ty TNHH Thực phẩm Lúa Vàng", "Cần Thơ - Quận Ninh Kiều", "Phường Xuân Khánh", "Lấy hóa đơn VAT"},
}

// openSuppliers creates the suppliers and their groups. One is inactive, one will be deleted.
func (s *generator) openSuppliers() error {
	var groups []int64
	for _, g := range []struct{ name, note string }{{"Nhà phân phối", "Giao tận nơi, công nợ 30 ngày"}, {"Nông sản", "Trả tiền ngay"}} {
		group, err := party.CreateSupplierGroup(s.tx, &taphoa.SupplierGroupInput{Name: g.name, Description: taphoa.Some(g.note)})
		if err != nil {
			return err
		}
		groups = append(groups, group.ID)
	}
	for i, c := range supplierData {
		made, err := party.CreateSupplier(s.tx, &taphoa.SupplierInput{
			Name: taphoa.Some(c.name), ContactNumber: taphoa.Some(fmt.Sprintf("09000010%02d", i)),
			Email: taphoa.Some(fmt.Sprintf("banhang%d@example.com", i+1)), Address: taphoa.Some(streets[i]),
			LocationName: taphoa.Some(c.place), WardName: taphoa.Some(c.ward), Organization: taphoa.Some(c.company),
			TaxCode: taphoa.Some(fmt.Sprintf("99%08d", 9000+i)), Comments: taphoa.Some(c.note),
			GroupIDs: taphoa.Some([]int64{groups[i%2], groups[0]}), PaymentDays: taphoa.Some(int64(30)),
		})
		if err != nil {
			return err
		}
		s.suppliers = append(s.suppliers, made.ID)
	}
	old, err := party.CreateSupplier(s.tx, &taphoa.SupplierInput{Name: taphoa.Some("Đại lý Bến Cũ"), IsActive: taphoa.Some(false)})
	if err != nil {
		return err
	}
	gone, err := party.CreateSupplier(s.tx, &taphoa.SupplierInput{Name: taphoa.Some("Đại lý Gió Lùa")})
	s.schedule(s.at(firstDay+1, 19, 0), func() error {
		if _, err := party.UpdateSupplierGroup(s.tx, &taphoa.SupplierGroupUpdate{
			ByID: taphoa.ByID{ID: groups[0]}, SupplierGroupInput: taphoa.SupplierGroupInput{Description: taphoa.Some("Giao tận nơi, công nợ 15 ngày")},
		}); err != nil {
			return err
		}
		for _, id := range []int64{s.suppliers[0], old.ID} {
			change := taphoa.SupplierInput{Comments: taphoa.Some("Đã đối chiếu công nợ")}
			if _, err := party.UpdateSupplier(s.tx, &taphoa.SupplierUpdate{ID: id, SupplierInput: change}); err != nil {
				return err
			}
		}
		_, err := party.DeleteSupplier(s.tx, &taphoa.ByID{ID: gone.ID})
		return err
	})
	return err
}

// planPurchases plans special purchases: one that is voided, a draft that is completed, and a draft.
func (s *generator) planPurchases() {
	s.schedule(s.at(firstDay+2, 5, 30), func() error {
		cola := s.byName["Nước ngọt Coca-Cola 320ml"]
		o, err := s.createPurchase(0, 0, []taphoa.PurchaseOrderDetailIn{s.purchaseLine(cola, 24)}, func(in *taphoa.PurchaseOrderInput) {
			in.PaidAmount, in.PaymentMethod = taphoa.Some(taphoa.Dong(50_000)), taphoa.Some(taphoa.MethodCash)
			in.Description = taphoa.Some("Nhập nhầm nhà cung cấp")
		})
		s.schedule(s.minutesFromNow(20), func() error {
			_, err := supply.DeletePurchaseOrder(s.tx, &taphoa.PurchaseOrderDelete{ID: o.ID, IsVoidPayment: true})
			return err
		})
		return err
	})
	for _, done := range []bool{true, false} {
		s.schedule(s.at(-1, 6, 0), func() error {
			noodles := s.byName["Mì Hảo Hảo tôm chua cay 75g"]
			o, err := s.createPurchase(1, 3, []taphoa.PurchaseOrderDetailIn{s.purchaseLine(noodles, 60)}, func(in *taphoa.PurchaseOrderInput) {
				in.IsDraft, in.Description = taphoa.Some("1"), taphoa.Some("Chờ báo giá")
			})
			if done {
				s.schedule(s.minutesFromNow(120), func() error {
					_, err := supply.UpdatePurchaseOrder(s.tx, &taphoa.PurchaseOrderUpdate{
						ByID: taphoa.ByID{ID: o.ID}, PurchaseOrderInput: taphoa.PurchaseOrderInput{IsDraft: taphoa.Some("0")},
					})
					return err
				})
			}
			return err
		})
	}
}

// purchaseLine returns a line with a number of base units of a product, at four fifths of its price.
func (s *generator) purchaseLine(it *item, count int64) taphoa.PurchaseOrderDetailIn {
	price := taphoa.Dong(it.kind.units[0].price)
	l := taphoa.PurchaseOrderDetailIn{
		ProductID: taphoa.Some(it.id), Quantity: taphoa.Some(taphoa.Units(count)), Price: taphoa.Some(hundreds(price * 4 / 5)),
	}
	if tax, _ := taphoa.TaxByID(it.kind.tax); s.mode != taphoa.PricingDirect && tax.Type == taphoa.TaxDeduction {
		l.ProductTax = &taphoa.ProductTaxIn{TaxID: it.kind.tax}
	}
	return l
}

// createPurchase creates a purchase; more sets further members.
func (s *generator) createPurchase(
	branch, supplier int, lines []taphoa.PurchaseOrderDetailIn, more func(*taphoa.PurchaseOrderInput),
) (*taphoa.PurchaseOrder, error) {
	in := &taphoa.PurchaseOrderInput{
		BranchID: taphoa.Some(s.branches[branch]), SupplierID: taphoa.Some(s.suppliers[supplier]),
		PurchaseDate: taphoa.Some(s.tx.Now - taphoa.Time(time.Minute.Microseconds())), PurchaseOrderDetails: lines,
		IsApplyPurchaseTax: taphoa.Some(s.mode != taphoa.PricingDirect),
	}
	if more != nil {
		more(in)
	}
	s.purchases++
	return supply.CreatePurchaseOrder(s.tx, in)
}

// receiveDelivery creates a purchase of a branch. Some suppliers give a discount, some add freight, and all are paid a part
// at once.
func (s *generator) receiveDelivery(branch, supplier int, lines []taphoa.PurchaseOrderDetailIn) error {
	var worth taphoa.Money
	for _, l := range lines {
		value, err := l.Price.Value.Times(l.Quantity.Value)
		if err != nil {
			return err
		}
		worth += value
	}
	lines[0].Description = taphoa.Some("Kiểm đủ")
	if supplier%3 == 1 {
		lines[0].DiscountRatio = taphoa.Some(taphoa.Ratio(5))
	}
	_, err := s.createPurchase(branch, supplier, lines, func(in *taphoa.PurchaseOrderInput) {
		in.Description = taphoa.Some("Nhập hàng từ " + supplierData[supplier].name)
		in.PaidAmount = taphoa.Some(hundreds(worth * taphoa.Money(9-supplier) / 10))
		in.PaymentMethod, in.AccountID = taphoa.Some(taphoa.MethodTransfer), taphoa.Some(s.accounts[0])
		if supplier%3 == 0 {
			in.DiscountRatio = taphoa.Some(taphoa.Ratio(2))
			in.Surcharges = []taphoa.PurchaseSurchargeIn{
				{Code: taphoa.Some("BOCXEP"), Name: taphoa.Some("Bốc xếp"), Value: taphoa.Some(taphoa.Dong(50_000)), IsSupplierExpense: taphoa.Some(true)},
				{Code: taphoa.Some("VANCHUYEN"), Name: taphoa.Some("Xe tải thuê ngoài"), ValueRatio: taphoa.Some(taphoa.Ratio(1)), IsSupplierExpense: taphoa.Some(false)},
			}
		}
	})
	return err
}
