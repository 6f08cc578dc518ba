package plan

import (
	"testing"

	"github.com/taphoa/taphoa"
	partyplan "github.com/taphoa/taphoa/internal/party/plan"
)

func change(in taphoa.OrderInput) *taphoa.OrderUpdate {
	return &taphoa.OrderUpdate{ByID: taphoa.ByID{ID: orderID}, OrderInput: in}
}

func TestAnOrderIsNotChanged(t *testing.T) {
	voucherPaid := paidWith(81, 20_000, taphoa.MethodVoucher, 0)
	for name, c := range map[string]struct {
		stored             func(*orderRows)
		in                 taphoa.OrderInput
		code, field, words string
	}{
		"while the shop takes none":     {func(r *orderRows) { r.settings.AllowOrder = false }, taphoa.OrderInput{}, taphoa.CodeOrder, "", orderingOff},
		"that does not exist":           {nil, taphoa.OrderInput{}, taphoa.CodeOrder, "", "không tồn tại"},
		"that is completed":             {status(taphoa.OrderCompleted), taphoa.OrderInput{}, taphoa.CodeOrder, "status", "không thể cập nhật"},
		"that is void":                  {status(taphoa.OrderVoided), taphoa.OrderInput{Status: some[int64](taphoa.OrderDraft)}, taphoa.CodeOrder, "status", "không thể cập nhật"},
		"to a seller who has left":      {status(taphoa.OrderDraft), taphoa.OrderInput{SoldByID: some(gone)}, taphoa.CodeValidate, "soldById", "không tồn tại"},
		"to a cashier who has left":     {status(taphoa.OrderDraft), taphoa.OrderInput{CashierID: some(gone)}, taphoa.CodeValidate, "cashierId", "không tồn tại"},
		"to a removed channel":          {status(taphoa.OrderDraft), taphoa.OrderInput{SaleChannelID: some(removedChannel)}, taphoa.CodeValidate, "saleChannelId", "không tồn tại"},
		"to another customer once paid": {paidWith(81, 10_000, taphoa.MethodCash, 0), taphoa.OrderInput{CustomerID: some(anhNam)}, taphoa.CodeOrder, "customer", "đã có thanh toán"},
		"to less paid":                  {paidWith(81, 10_000, taphoa.MethodCash, 0), taphoa.OrderInput{TotalPayment: money(5_000)}, taphoa.CodeOrder, "totalPayment", "không thể giảm"},
		"to no lines":                   {status(taphoa.OrderDraft), taphoa.OrderInput{OrderDetails: []taphoa.DetailInput{}}, taphoa.CodeOrder, "orderDetails", "không được để trống"},
		"to goods that are not sold":    {status(taphoa.OrderDraft), taphoa.OrderInput{OrderDetails: []taphoa.DetailInput{lineOf(oldTea, 1)}}, taphoa.CodeProduct, "productId", "ngừng kinh doanh"},
		"to less than a voucher paid":   {voucherPaid, taphoa.OrderInput{OrderDetails: []taphoa.DetailInput{lineOf(tea, 1)}}, taphoa.CodeOrder, "total", "bằng voucher"},
		"to more than is free": {
			func(r *orderRows) { r.settings.AllowOrderWhenOutStock = false },
			taphoa.OrderInput{OrderDetails: []taphoa.DetailInput{lineOf(tea, 101)}},
			taphoa.CodeOrder, "quantity", outOfStock,
		},
	} {
		f := orderFacts(func(r *orderRows) {
			r.customer.ByID = some(partyplan.CustomerRef{ID: anhNam, Name: "Anh Nam"})
			if c.stored != nil {
				c.stored(r)
			}
		})
		if c.stored == nil {
			f.Order = nil
		}
		_, err := ChangeOrder(f, change(c.in))
		refusedWith(t, name, err, c.code, c.field, c.words)
	}
}

func TestWhatAnOrderHasAlreadyMayStay(t *testing.T) {
	past := func(r *orderRows) {
		o := &r.order
		o.Row.SoldByID, o.Row.CashierID, o.Row.SaleChannelID = some(gone), gone, some(removedChannel)
		o.Lines[0].ProductID, o.Lines[0].ProductCode = oldTea, "TRA-CU"
		r.settings.PricingMode = taphoa.PricingBeforeTax // since the order was taken
	}
	var echoed []taphoa.DetailInput
	f := orderFacts(past, func(r *orderRows) { echoed = r.echoed() })
	s, err := ChangeOrder(f, change(taphoa.OrderInput{
		SoldByID: some(gone), CashierID: some(gone), SaleChannelID: some(removedChannel), CustomerID: some(chiHoa), Discount: money(0),
		BranchID: some(hanoi), OrderDetails: echoed, Status: some[int64](0), // the vendor's plugin sends it
	}))
	if err != nil {
		t.Fatal(err)
	}
	if s.Order.Row != f.Order.Row || s.Order.LinesReplaced { // nor has it changed
		t.Errorf("changed to %+v, lines replaced: %v", s.Order.Row, s.Order.LinesReplaced)
	}
}

func TestAnOpenOrderReservesWhatIsLeftOfIt(t *testing.T) {
	teas := func(n int64) []taphoa.DetailInput { return []taphoa.DetailInput{lineOf(tea, n)} }
	for name, c := range map[string]struct {
		stored     func(*orderRows)
		in         taphoa.OrderInput
		hanoi, hue [2]int64 // teas and coffees
		status     int64
	}{
		"unchanged":                {status(taphoa.OrderConfirmed), taphoa.OrderInput{}, [2]int64{4, 1}, [2]int64{}, taphoa.OrderConfirmed},
		"more":                     {status(taphoa.OrderConfirmed), taphoa.OrderInput{OrderDetails: teas(6)}, [2]int64{6, 0}, [2]int64{}, taphoa.OrderConfirmed},
		"more behind an invoice":   {invoiced(3), taphoa.OrderInput{OrderDetails: teas(6)}, [2]int64{3, 0}, [2]int64{}, taphoa.OrderDelivering},
		"less than invoiced":       {invoiced(3), taphoa.OrderInput{OrderDetails: teas(2)}, [2]int64{}, [2]int64{}, taphoa.OrderCompleted},
		"in another branch":        {invoiced(3), taphoa.OrderInput{BranchID: some(hue)}, [2]int64{}, [2]int64{1, 1}, taphoa.OrderDelivering},
		"completed":                {status(taphoa.OrderConfirmed), taphoa.OrderInput{Status: some[int64](taphoa.OrderCompleted)}, [2]int64{}, [2]int64{}, taphoa.OrderCompleted},
		"void":                     {invoiced(3), taphoa.OrderInput{Status: some[int64](taphoa.OrderVoided), OrderDetails: teas(6)}, [2]int64{}, [2]int64{}, taphoa.OrderVoided},
		"of goods deleted since":   {nil, taphoa.OrderInput{}, [2]int64{0, 1}, [2]int64{}, taphoa.OrderConfirmed},
		"all that is left is sold": {invoiced(1), taphoa.OrderInput{MakeInvoice: true}, [2]int64{}, [2]int64{}, taphoa.OrderCompleted},
	} {
		f := orderFacts(func(r *orderRows) {
			if c.stored != nil {
				c.stored(r)
			}
		})
		f.Items.ByID(tea).Deleted = c.stored == nil
		s, err := ChangeOrder(f, change(c.in))
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if got := s.Order.Row.Status; got != c.status {
			t.Errorf("%s: the status is %d, want %d", name, got, c.status)
		}
		for branch, want := range map[int64][2]int64{hanoi: c.hanoi, hue: c.hue} {
			if got := f.reserved(branch); got != [2]taphoa.Quantity{units(want[0]), units(want[1])} {
				t.Errorf("%s: %v are reserved in branch %d, want %v", name, got, branch, want)
			}
		}
	}
}

func TestADiscountFollowsTheLinesUnlessItIsGiven(t *testing.T) {
	ratio := func(n int64) taphoa.Opt[taphoa.Percent] { return some(taphoa.Ratio(n)) }
	amount := func(n int64) func(*orderRows) {
		return func(r *orderRows) { r.order.Row.Discount, r.order.Row.Total = money(n), dong(90_000-n) }
	}
	tenPercent := func(r *orderRows) {
		r.order.Row.Discount, r.order.Row.DiscountRatio, r.order.Row.Total = money(9_000), ratio(10), dong(81_000)
	}
	tenTeas := []taphoa.DetailInput{lineOf(tea, 10)}
	for name, c := range map[string]struct {
		stored          func(*orderRows)
		in              taphoa.OrderInput
		discount, total int64
		replaced        bool
	}{
		"an amount stays":             {amount(5_000), taphoa.OrderInput{Description: some("x")}, 5_000, 85_000, false},
		"an amount that is repeated":  {amount(5_000), taphoa.OrderInput{Discount: money(5_000)}, 5_000, 85_000, false},
		"an amount on new lines":      {amount(5_000), taphoa.OrderInput{OrderDetails: tenTeas}, 5_000, 95_000, true},
		"a ratio on new lines":        {tenPercent, taphoa.OrderInput{OrderDetails: tenTeas}, 10_000, 90_000, true},
		"an amount instead":           {tenPercent, taphoa.OrderInput{Discount: money(1_000)}, 1_000, 89_000, true},
		"a ratio instead":             {amount(5_000), taphoa.OrderInput{DiscountRatio: ratio(20)}, 18_000, 72_000, true},
		"the same ratio again":        {tenPercent, taphoa.OrderInput{DiscountRatio: ratio(10)}, 9_000, 81_000, false},
		"null takes it off":           {amount(5_000), taphoa.OrderInput{Discount: taphoa.Null[taphoa.Money]()}, 0, 90_000, true},
		"no surcharges any more":      {amount(5_000), taphoa.OrderInput{Surcharges: []taphoa.SurchargeWrite{}}, 5_000, 85_000, true},
		"null where there is nothing": {amount(0), taphoa.OrderInput{Discount: taphoa.Null[taphoa.Money]()}, 0, 90_000, false},
	} {
		s, err := ChangeOrder(orderFacts(c.stored), change(c.in))
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if o := &s.Order.Row; o.Discount.Or(0) != dong(c.discount) || o.Total != dong(c.total) || s.Order.LinesReplaced != c.replaced {
			t.Errorf("%s: %v off, %v to pay, lines replaced: %v", name, o.Discount.Value, o.Total, s.Order.LinesReplaced)
		}
	}
}

// TestAnOrderStaysInItsPricingMode changes an order at 110.000 with 10 % contained, of which 11.000 are taken off, in a shop
// that has left that mode.
func TestAnOrderStaysInItsPricingMode(t *testing.T) {
	var echoed []taphoa.DetailInput
	afterTax := func(r *orderRows) {
		o := &r.order
		o.Row.PricingMode, o.Row.HasTaxes, o.Row.Total, o.Row.TotalTax = taphoa.PricingAfterTax.Wire(), true, dong(99_000), money(9_000)
		o.Row.Discount, o.Row.DiscountAfterTax = money(10_000), money(11_000)
		o.Lines = o.Lines[:1]
		o.Lines[0].Quantity, o.Lines[0].Price, o.Lines[0].SubTotal = units(1), dong(100_000), dong(100_000)
		o.Taxes = []LineTaxRow{{
			Document: "order", DocumentID: orderID, Line: 1, TaxID: 4, ID: 601, DetailID: 501, DetailTax: money(9_000),
			PriceAfterTax: money(110_000), DiscountAfterTax: money(0), AllocationDiscountAfterTax: money(11_000),
		}}
		echoed = r.echoed()
	}
	more := func() []taphoa.DetailInput {
		lines := append([]taphoa.DetailInput(nil), echoed...)
		lines[0].Quantity = some(units(2))
		return lines
	}
	for name, c := range map[string]struct {
		in       func() taphoa.OrderInput
		total    int64
		replaced bool
	}{
		"what was read": {func() taphoa.OrderInput {
			return taphoa.OrderInput{OrderDetails: echoed, Discount: money(10_000), AfterTax: money(11_000)}
		}, 99_000, false},
		"the discount after tax": {func() taphoa.OrderInput { return taphoa.OrderInput{Discount: money(11_000)} }, 99_000, false},
		"another discount":       {func() taphoa.OrderInput { return taphoa.OrderInput{Discount: money(10_000)} }, 100_000, true},
		"two instead of one":     {func() taphoa.OrderInput { return taphoa.OrderInput{OrderDetails: more()} }, 209_000, true},
	} {
		f := orderFacts(afterTax)
		s, err := ChangeOrder(f, change(c.in()))
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if s.Order.Row.Total != dong(c.total) || s.Order.LinesReplaced != c.replaced || f.Directory.Settings.PricingMode != taphoa.PricingDirect {
			t.Errorf("%s: %v to pay, lines replaced: %v", name, s.Order.Row.Total, s.Order.LinesReplaced)
		}
	}
}

func TestAnOrderGetsTheCustomerWhomTheRequestNames(t *testing.T) {
	s, err := ChangeOrder(orderFacts(func(r *orderRows) {
		r.customer.ByID = some(partyplan.CustomerRef{ID: anhNam, Code: "KH2", Name: "Anh Nam"})
	}), change(taphoa.OrderInput{CustomerID: some(anhNam), TotalPayment: money(10_000)}))
	if err != nil {
		t.Fatal(err)
	}
	o := &s.Order.Row
	payments := s.Facts.orderPayments(orderID)
	if o.CustomerID != some(anhNam) || o.CustomerCode != some("KH2") || o.CustomerName != some("Anh Nam") ||
		len(payments) != 1 || payments[0].PartnerID != anhNam || o.TotalPayment != dong(10_000) || o.Method != some(string(taphoa.MethodCash)) {
		t.Errorf("the order is %+v with %+v", o, payments)
	}
}

func TestAChangedOrderIsInvoicedAtOnce(t *testing.T) {
	withVoucher := taphoa.OrderInput{
		MakeInvoice: true, IsApplyVoucher: true, Payments: []taphoa.PaymentInput{{Method: "Voucher", VoucherID: some(voucher)}},
	}
	for name, c := range map[string]struct {
		stored       func(*orderRows)
		in           taphoa.OrderInput
		total, paid  int64 // of the invoice
		lines        int
		orderPaid    int64
		openStatus   int64
		voucherUsed  int
		invoiceNotes string
	}{
		"as it is": {status(taphoa.OrderConfirmed), taphoa.OrderInput{MakeInvoice: true}, 90_000, 0, 2, 0, taphoa.OrderConfirmed, 0, ""},
		"completed": {
			status(taphoa.OrderConfirmed),
			taphoa.OrderInput{MakeInvoice: true, Status: some[int64](taphoa.OrderCompleted)},
			90_000, 0, 2, 0, taphoa.OrderConfirmed, 0, "",
		},
		"with what was paid before": {
			paidWith(81, 30_000, taphoa.MethodCash, 0),
			taphoa.OrderInput{MakeInvoice: true, TotalPayment: money(90_000)},
			90_000, 90_000, 2, 90_000, taphoa.OrderConfirmed, 0, "",
		},
		"with a voucher": {status(taphoa.OrderDraft), withVoucher, 90_000, 20_000, 2, 20_000, taphoa.OrderDraft, 1, ""},
		"with new lines and a note": {status(taphoa.OrderConfirmed), taphoa.OrderInput{
			MakeInvoice: true, OrderDetails: []taphoa.DetailInput{lineOf(tea, 2)}, Description: some("gấp"), Status: some[int64](taphoa.OrderDraft),
		}, 20_000, 0, 1, 0, taphoa.OrderDraft, 0, "gấp"},
		"with what is left behind an invoice": {invoiced(4), taphoa.OrderInput{MakeInvoice: true}, 50_000, 0, 1, 0, taphoa.OrderConfirmed, 0, ""},
	} {
		f := orderFacts(c.stored)
		s, err := ChangeOrder(f, change(c.in))
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		o, v := &s.Order.Row, &s.Invoice.Row
		used, _ := f.Vouchers.Used()
		if v.Total != dong(c.total) || v.TotalPayment != dong(c.paid) || len(s.Invoice.Lines) != c.lines || v.Description.Or("") != c.invoiceNotes ||
			v.OrderCode != some("DH000050") || v.CustomerID != some(chiHoa) || len(used) != c.voucherUsed {
			t.Errorf("%s: the invoice is %+v with %d lines, %d vouchers", name, v, len(s.Invoice.Lines), len(used))
		}
		if o.Status != taphoa.OrderCompleted || o.TotalPayment != dong(c.orderPaid) || o.OpenStatus != c.openStatus {
			t.Errorf("%s: the order is %+v", name, o)
		}
	}
}

func TestAnOrderIsInvoicedOnceAtMost(t *testing.T) {
	f := orderFacts(func(r *orderRows) { r.order.Lines = r.order.Lines[:1] }, invoiced(4))
	_, err := ChangeOrder(f, change(taphoa.OrderInput{MakeInvoice: true}))
	refusedWith(t, "nothing left", err, taphoa.CodeInvoice, "invoiceDetails", "không được để trống")
}
