package plan

import (
	"errors"
	"strings"
	"testing"

	"github.com/taphoa/taphoa"
	cashplan "github.com/taphoa/taphoa/internal/cash/plan"
	catalogplan "github.com/taphoa/taphoa/internal/catalog/plan"
	"github.com/taphoa/taphoa/internal/plan"
)

// soldThree is an invoice of three at 50,000 with 8 % on top, less 10,000; and two with serials at 30,000 without tax.
func soldThree() (*StoredInvoice, *catalogplan.Items) {
	v := &StoredInvoice{Invoice: Invoice{
		Row: InvoiceRow{ID: 1, Code: "HD1", PricingMode: taphoa.PricingBeforeTax.Wire(), Total: taphoa.Dong(211_200)},
		Lines: []InvoiceLineRow{
			{
				Line: 1, ID: 11, ProductID: 5, ProductCode: "CF", Quantity: taphoa.Units(3), Price: taphoa.Dong(50_000),
				AllocationDiscount: taphoa.Some(taphoa.Dong(10_000)), SubTotal: taphoa.Dong(150_000),
			},
			{
				Line: 2, ID: 12, ProductID: 6, ProductCode: "MAY", Quantity: taphoa.Units(2), Price: taphoa.Dong(30_000),
				SubTotal: taphoa.Dong(60_000), SerialNumbers: taphoa.Some("A,B"),
			},
		},
		Taxes: []LineTaxRow{{Line: 1, TaxID: 3, DetailTax: taphoa.Some(taphoa.Dong(11_200))}},
	}}
	return v, catalogplan.NewItems(&catalogplan.Item{ID: 5, BaseID: 5, Code: "CF"}, &catalogplan.Item{ID: 6, BaseID: 6, Code: "MAY", Deleted: true})
}

func named(product, n int64) taphoa.ReturnDetailInput {
	return taphoa.ReturnDetailInput{DetailInput: taphoa.DetailInput{ProductID: taphoa.Some(product), Quantity: taphoa.Some(taphoa.Units(n))}}
}

// TestPartsOfALineAddUpToIt brings three back one by one: a third of 10,000 and of 11,200 cannot be paid.
func TestPartsOfALineAddUpToIt(t *testing.T) {
	v, items := soldThree()
	var all total
	for i := range 3 {
		sold, err := v.soldLines(items)
		if err != nil {
			t.Fatal(err)
		}
		lines, err := returnNamed(&v.Row, sold, []taphoa.ReturnDetailInput{named(5, 1)})
		if err != nil {
			t.Fatal(err)
		}
		one, err := returnedTotal(lines, taphoa.PricingBeforeTax)
		if err != nil {
			t.Fatal(err)
		}
		all.goods, all.discount, all.tax, all.due = all.goods+one.goods, all.discount+one.discount, all.tax+one.tax, all.due+one.due
		l, id := lines[0], int64(100+i)
		v.ReturnLines = append(v.ReturnLines, ReturnLineRow{
			ReturnID: id, Line: 1, InvoiceDetailID: taphoa.Some[int64](11), Quantity: l.quantity, SubTotal: l.netSubTotal,
			AllocationDiscount: taphoa.Some(l.netAllocation(taphoa.PricingBeforeTax)), PaidSubTotal: l.subTotal, PaidAllocation: l.allocation,
		})
		v.ReturnTaxes = append(v.ReturnTaxes, LineTaxRow{DocumentID: id, Line: 1, TaxID: 3, DetailTax: taphoa.Some(l.taxEach[0])})
	}
	if want := (total{taphoa.Dong(150_000), taphoa.Dong(10_000), taphoa.Dong(11_200), taphoa.Dong(151_200)}); all != want {
		t.Errorf("all three come to %+v, want %+v", all, want)
	}
	sold, err := v.soldLines(items)
	if s := sold[0]; err != nil || s.quantity != 0 || s.subTotal != 0 || s.allocation != 0 || s.taxEach[0] != 0 || s.netSubTotal != 0 {
		t.Errorf("%+v is left of the line (%v)", s, err)
	}
	if allReturned(sold) {
		t.Error("the second line has not come back")
	}
}

func TestLinesOfAReturnAreRefused(t *testing.T) {
	byPrice, byLine, serial := named(5, 1), named(0, 1), named(6, 1)
	byPrice.Price = taphoa.Some(taphoa.Dong(49_999))
	byLine.InvoiceDetailID = taphoa.Some[int64](99)
	serial.SerialNumbers = taphoa.Some("C")
	for words, in := range map[string][]taphoa.ReturnDetailInput{
		"không được để trống":       {},
		"tối đa 1000":               make([]taphoa.ReturnDetailInput, 1001),
		"dòng 2 không tồn tại":      {named(5, 1), named(7, 1)},
		"dòng 1 không tồn tại":      {byLine},
		"phải là giá đã bán 50000":  {byPrice},
		"phải lớn hơn 0":            {named(5, 0)},
		"chỉ còn trả được 1, không": {named(5, 2), named(5, 2)},
		"cần đúng 1 số serial":      {named(6, 1)},
		"Serial/IMEI C không thuộc": {serial},
	} {
		v, items := soldThree()
		sold, err := v.soldLines(items)
		if err != nil {
			t.Fatal(err)
		}
		_, err = returnNamed(&v.Row, sold, in)
		if refusal := (*taphoa.Error)(nil); !errors.As(err, &refusal) || !strings.Contains(err.Error(), words) {
			t.Errorf("%s: %v", words, err)
		}
	}
}

func TestAllThatIsLeftComesBack(t *testing.T) {
	v, items := soldThree()
	sold, err := v.soldLines(items)
	if err != nil {
		t.Fatal(err)
	}
	serial := named(6, 1)
	serial.SerialNumbers = taphoa.Some("B")
	if _, err := returnNamed(&v.Row, sold, []taphoa.ReturnDetailInput{serial}); err != nil {
		t.Fatal(err)
	}
	lines, err := returnAll(&v.Row, sold)
	if err != nil || len(lines) != 2 || lines[1].quantity != taphoa.Units(1) || strings.Join(lines[1].serials, ",") != "A" || !allReturned(sold) {
		t.Errorf("%+v comes back (%v)", lines, err)
	}
	if _, err := returnAll(&v.Row, sold); err == nil || !strings.Contains(err.Error(), "đã được trả hết") {
		t.Errorf("once more: %v", err)
	}
	v, _ = soldThree()
	if sold, err = v.soldLines(catalogplan.NewItems()); err == nil {
		_, err = returnAll(&v.Row, sold)
	}
	if err == nil || !strings.Contains(err.Error(), "CF không còn tồn tại") {
		t.Errorf("without products: %v", err)
	}
}

func TestOtherReturnsAndVouchersLimitAReturn(t *testing.T) {
	v, _ := soldThree()
	v.Row.Total += taphoa.Dong(20_000) // a surcharge, which is not given back
	v.Row.Discount, v.Row.TotalTax = taphoa.Some(taphoa.Dong(10_000)), taphoa.Some(taphoa.Dong(11_200))
	v.Returns = []ReturnRow{{ID: 1, ReturnTotal: taphoa.Dong(50_000)}, {ID: 2, ReturnTotal: taphoa.Dong(11_200)}}
	voucher := cashplan.PaymentRow{ID: 1, Amount: taphoa.Dong(30_000), Applied: taphoa.Dong(30_000), Method: taphoa.MethodVoucher, VoucherID: taphoa.Some[int64](7), InvoiceID: taphoa.Some[int64](1)}
	cash := cashplan.NewLedger(&plan.Context{}, cashplan.Facts{Payments: []cashplan.PaymentRow{voucher}})
	for id, want := range map[int64]int64{1: 170_000, 2: 131_200, 3: 120_000} {
		s := &Sale{Facts: &Facts{Invoice: v, Cash: cash}, Return: &ReturnChange{Return: Return{Row: ReturnRow{ID: id}}}}
		if got, vouchers := s.refundLimit(); got != taphoa.Dong(want) || vouchers != taphoa.Dong(30_000) {
			t.Errorf("return %d may give back %v, want %d; vouchers have paid %v", id, got, want, vouchers)
		}
	}
}

func TestAFeeIsNoMoreThanTheValue(t *testing.T) {
	for _, c := range []struct {
		fee, total int64
		ok         bool
	}{{0, 50_000, true}, {50_000, 0, true}, {50_001, 0, false}, {-1, 0, false}} {
		r := ReturnRow{ReturnFee: taphoa.Dong(c.fee)}
		if err := r.setFee(taphoa.Dong(50_000)); (err == nil) != c.ok || r.ReturnTotal != taphoa.Dong(c.total) {
			t.Errorf("fee %d: total %v, %v", c.fee, r.ReturnTotal, err)
		}
	}
}
