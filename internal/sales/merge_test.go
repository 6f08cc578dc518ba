package sales_test

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/taphoa/taphoa"
	"github.com/taphoa/taphoa/internal/cash"
	"github.com/taphoa/taphoa/internal/db"
	"github.com/taphoa/taphoa/internal/debt"
	"github.com/taphoa/taphoa/internal/org"
	"github.com/taphoa/taphoa/internal/party"
	"github.com/taphoa/taphoa/internal/promo"
	"github.com/taphoa/taphoa/internal/sales"
)

// do runs an operation that must succeed.
func do[In, Out any](s *store, op func(*db.Tx, In) (Out, error), in In) (out Out) {
	s.t.Helper()
	s.write(func(tx *db.Tx) (err error) {
		out, err = op(tx, in)
		return err
	})
	return out
}

func (s *store) person(in taphoa.CustomerInput) taphoa.Customer {
	s.t.Helper()
	return do(s, party.CreateCustomer, &in).Data
}

func (s *store) get(id int64) taphoa.Customer {
	s.t.Helper()
	return do(s, party.GetCustomer, &taphoa.ByID{ID: id})
}

func merging(kept, gone int64) *taphoa.CustomerMerge {
	return &taphoa.CustomerMerge{ByID: taphoa.ByID{ID: kept}, CustomerID: gone}
}

func (s *store) merge(kept, gone int64) taphoa.Customer {
	s.t.Helper()
	return do(s, sales.MergeCustomers, merging(kept, gone)).Data
}

func (s *store) merges(kept, gone int64) func(*db.Tx) error {
	return func(tx *db.Tx) error {
		_, err := sales.MergeCustomers(tx, merging(kept, gone))
		return err
	}
}

func TestTwoCustomersBecomeOneWithAllThatTheyHave(t *testing.T) {
	inStore(t, []string{"RewardPointRate", "10000"}, func(t *testing.T, s *store) {
		some := taphoa.Some[string]
		vip := do(s, party.CreateCustomerGroup, &taphoa.CustomerGroupInput{Name: "VIP"}).ID
		both := do(s, party.CreateCustomerGroup, &taphoa.CustomerGroupInput{Name: "Quen"}).ID
		lan := s.get(s.customer)
		do(s, party.UpdateCustomer, &taphoa.CustomerUpdate{ID: lan.ID, CustomerInput: taphoa.CustomerInput{GroupIDs: taphoa.Some([]int64{both}), Email: some("lan@vd.vn")}})
		old := s.person(taphoa.CustomerInput{
			Name: some("Lan cũ"), ContactNumber: some("0084 913 000 111"), Address: some("8 Tràng Tiền"), Email: some("cu@vd.vn"),
			Comments: some("thích cà phê"), GroupIDs: taphoa.Some([]int64{vip, both}),
		})
		mine := s.invoice(taphoa.InvoiceInput{InvoiceDetails: []taphoa.DetailInput{line(s.coffee, 1)}, TotalPayment: dong(20_000)})
		theirs := s.invoice(taphoa.InvoiceInput{
			CustomerID: taphoa.Some(old.ID), InvoiceDetails: []taphoa.DetailInput{line(s.coffee, 3)}, TotalPayment: dong(40_000),
		})
		ret := do(s, sales.CreateReturn, &taphoa.ReturnInput{InvoiceID: taphoa.Some(theirs.ID), ReturnDetails: []taphoa.ReturnDetailInput{back(s.coffee, 1)}})
		order := do(s, sales.CreateOrder, &taphoa.OrderInput{
			BranchID: taphoa.Some(s.branch), CustomerID: taphoa.Some(old.ID), OrderDetails: []taphoa.DetailInput{line(s.coffee, 2)}, TotalPayment: dong(30_000),
		})
		free := do(s, debt.CreateCashFlow, &taphoa.CashFlowInput{
			BranchID: taphoa.Some(s.branch), Amount: taphoa.Some(taphoa.Dong(5_000)), PartnerType: some("C"), PartnerID: taphoa.Some(old.ID),
		})
		s.clock.Advance(60)
		since := s.clock.Now()
		a, b := s.get(lan.ID), s.get(old.ID)

		got := s.merge(lan.ID, old.ID)
		if got.ID != lan.ID || got.Debt != a.Debt+b.Debt || got.TotalInvoiced.Value != a.TotalInvoiced.Value+b.TotalInvoiced.Value ||
			got.TotalRevenue.Value != a.TotalRevenue.Value+b.TotalRevenue.Value || got.TotalPoint.Value != a.TotalPoint.Value+b.TotalPoint.Value ||
			got.RewardPoint != a.RewardPoint+b.RewardPoint {
			t.Errorf("%+v and %+v became %+v", a, b, got)
		}
		// 50,000 − 20,000, and 150,000 − 40,000 − 50,000 − 30,000 − 5,000
		if got.Debt != taphoa.Dong(55_000) || got.TotalRevenue.Value != taphoa.Dong(150_000) || got.RewardPoint != 15 {
			t.Errorf("debt %v, revenue %v, points %d", got.Debt, got.TotalRevenue, got.RewardPoint)
		}
		if got.Name != lan.Name || got.Code != lan.Code || got.ContactNumber.Value != "0901234567" || got.SubNumber.Value != "0084 913 000 111" ||
			got.Address.Value != "8 Tràng Tiền" || got.Email.Value != "lan@vd.vn" || got.Comments.Value != "thích cà phê" || got.Groups.Value != "Quen,VIP" {
			t.Errorf("the customer is %+v", got)
		}
		again := s.get(old.ID)
		if again.ID != lan.ID || again.Debt != got.Debt || do(s, party.GetCustomerByCode, &taphoa.ByCode{Code: "kh000002"}).ID != lan.ID {
			t.Errorf("the old id answers %+v", again)
		}
		s.read(func(tx *db.Tx) error {
			all := taphoa.Paging{PageSize: 100}
			for name, q := range map[string]taphoa.InvoiceQuery{
				"the old id": {CustomerIDs: []int64{old.ID}}, "the new id": {CustomerIDs: []int64{lan.ID}}, "both": {CustomerIDs: []int64{lan.ID, old.ID}},
				"the old code": {CustomerCode: []string{"KH000002"}}, "the new code": {CustomerCode: []string{"kh000001"}},
			} {
				q.Paging = all
				page, err := sales.ListInvoices(tx, &q)
				if err != nil || len(page.Data) != 2 || page.Total != 2 || page.Data[0].ID != mine.ID || page.Data[1].ID != theirs.ID {
					t.Errorf("%s finds %+v, %v", name, page, err)
				}
			}
			moved, err := sales.ListInvoices(tx, &taphoa.InvoiceQuery{Paging: all, LastModifiedFrom: taphoa.Some(since)})
			if err != nil || len(moved.Data) != 1 || moved.Data[0].CustomerID.Value != lan.ID || moved.Data[0].CustomerCode.Value != lan.Code ||
				moved.Data[0].CustomerName.Value != lan.Name || moved.Data[0].Total != theirs.Total || moved.Data[0].PurchaseDate != theirs.PurchaseDate {
				t.Errorf("pollers learn %+v, %v", moved.Data, err)
			}
			o, err := sales.GetOrder(tx, &taphoa.ByID{ID: order.ID})
			if err != nil || o.CustomerID.Value != lan.ID || o.CustomerName.Value != lan.Name || o.ModifiedDate.Value < since {
				t.Errorf("the order is %+v, %v", o, err)
			}
			r, err := sales.GetReturn(tx, &taphoa.ByID{ID: ret.ID})
			if err != nil || r.CustomerID.Value != lan.ID || r.CustomerCode.Value != lan.Code {
				t.Errorf("the return is %+v, %v", r, err)
			}
			returns, err := sales.ListReturns(tx, &taphoa.ReturnQuery{Paging: all, CustomerIDs: []int64{old.ID}})
			if err != nil || len(returns.Data) != 1 || returns.Data[0].ID != ret.ID {
				t.Errorf("the old id finds the returns %+v, %v", returns, err)
			}
			f, err := cash.GetCashFlow(tx, &taphoa.ByID{ID: free.ID})
			if err != nil || f.PartnerID.Value != lan.ID || f.PartnerName.Value != lan.Name {
				t.Errorf("the receipt is %+v, %v", f, err)
			}
			customers, err := party.ListCustomers(tx, &taphoa.CustomerQuery{Paging: all, IncludeRemoveIDs: true, LastModifiedFrom: taphoa.Some(since)})
			if err != nil || len(customers.Data) != 1 || customers.Data[0].ID != lan.ID || !slices.Equal(customers.RemoveID, []int64{old.ID}) {
				t.Errorf("the list is %+v, %v", customers, err)
			}
			return err
		})
		s.balanced()

		// What was under way goes on, and voiding all leaves nothing.
		do(s, sales.UpdateOrder, &taphoa.OrderUpdate{ByID: taphoa.ByID{ID: order.ID}, OrderInput: taphoa.OrderInput{MakeInvoice: true}})
		do(s, sales.DeleteReturn, &taphoa.ReturnDelete{ID: ret.ID, IsVoidPayment: true})
		do(s, debt.VoidCashFlow, &taphoa.ByID{ID: free.ID})
		if ids := s.invoices(old.ID); len(ids) != 3 {
			t.Errorf("there are the invoices %v, want 3", ids)
		}
		for _, id := range s.invoices(lan.ID) {
			do(s, sales.DeleteInvoice, &taphoa.InvoiceDelete{ID: id, IsVoidPayment: true})
		}
		if c := s.get(old.ID); c.Debt != 0 || c.TotalInvoiced.Value != 0 || c.TotalRevenue.Value != 0 || c.RewardPoint != 0 {
			t.Errorf("with all voided the customer is %+v", c)
		}
		s.balanced()
	})
}

func TestTheVouchersThatAMergedCustomerHasBoughtAreTheOthers(t *testing.T) {
	inStore(t, nil, func(t *testing.T, s *store) {
		some := taphoa.Some[string]
		campaign := do(s, promo.CreateVoucherCampaign, &taphoa.VoucherCampaignInput{
			Code: some("TET"), Name: some("Mừng Tết"), Price: dong(20_000), EndDate: taphoa.Some(s.clock.Now() + 1_000_000_000),
		})
		codes := []taphoa.CodeInput{{Code: "V1"}, {Code: "V2"}}
		do(s, promo.CreateVouchers, &taphoa.VoucherCreate{VoucherCampaignID: campaign.ID, Data: codes})
		old := s.person(taphoa.CustomerInput{Name: some("Lan cũ")})
		for i := range codes {
			if i == 1 {
				s.merge(s.customer, old.ID)
			}
			do(s, promo.SellVouchers, &taphoa.VoucherSale{
				VoucherRelease: taphoa.VoucherRelease{CampaignID: campaign.ID, Vouchers: codes[i : i+1]}, PartnerType: "C", PartnerID: taphoa.Some(old.ID),
			})
		}
		for _, v := range do(s, promo.ListVouchers, &taphoa.VoucherQuery{CampaignID: taphoa.Some(campaign.ID)}).Data {
			if v.PartnerID.Value != s.customer || v.PartnerName.Value != "Chị Lan" {
				t.Errorf("voucher %s was bought by %v %v, want customer %d", v.Code, v.PartnerID, v.PartnerName, s.customer)
			}
		}
		page := do(s, cash.ListCashFlow, &taphoa.CashFlowQuery{Paging: taphoa.Paging{PageSize: 10}})
		for _, e := range page.Data {
			if e.PartnerID.Value != s.customer || len(page.Data) != 2 {
				t.Errorf("receipt %s of %d is of %v", e.Code, len(page.Data), e.PartnerID)
			}
		}
		s.balanced()
	})
}

// invoices are the ids of the valid invoices of a customer.
func (s *store) invoices(customer int64) (ids []int64) {
	s.read(func(tx *db.Tx) error {
		page, err := sales.ListInvoices(tx, &taphoa.InvoiceQuery{Paging: taphoa.Paging{PageSize: 1000}, CustomerIDs: []int64{customer}})
		for _, v := range page.Data {
			if v.Status != taphoa.InvoiceVoid {
				ids = append(ids, v.ID)
			}
		}
		return err
	})
	return ids
}

func TestWhatNamesAMergedCustomerMeansTheOneThatIsLeft(t *testing.T) {
	inStore(t, nil, func(t *testing.T, s *store) {
		some := taphoa.Some[string]
		a := s.person(taphoa.CustomerInput{Name: some("A"), Code: some("KHA"), ContactNumber: some("0913000111")})
		b := s.person(taphoa.CustomerInput{Name: some("B"), ContactNumber: some("0914000111")})
		c := s.person(taphoa.CustomerInput{Name: some("C"), ContactNumber: some("0915000111")})
		s.merge(b.ID, a.ID)
		s.merge(c.ID, b.ID)
		for _, in := range []taphoa.InvoiceInput{
			{CustomerID: taphoa.Some(a.ID)},
			{CustomerID: taphoa.Null[int64](), Customer: &taphoa.DocumentCustomer{ID: taphoa.Some(b.ID)}},
			{CustomerID: taphoa.Null[int64](), Customer: &taphoa.DocumentCustomer{Code: some("kha"), Name: some("Tên khác")}},
			{CustomerID: taphoa.Null[int64](), Customer: &taphoa.DocumentCustomer{ContactNumber: some("+84 0913 000 111")}},
			{CustomerID: taphoa.Null[int64](), Customer: &taphoa.DocumentCustomer{Code: some("KH000003"), ContactNumber: some("0901234567")}},
		} {
			in.InvoiceDetails = []taphoa.DetailInput{line(s.coffee, 1)}
			if v := s.invoice(in); v.CustomerID.Value != c.ID || v.CustomerName.Value != "C" {
				t.Errorf("%+v is sold to %v, want C", in.Customer, v.CustomerName)
			}
		}
		if got := do(s, party.UpdateCustomer, &taphoa.CustomerUpdate{ID: a.ID, CustomerInput: taphoa.CustomerInput{Comments: some("mới")}}); got.ID != c.ID || got.Comments.Value != "mới" {
			t.Errorf("an update of A answers %+v", got)
		}
		group := do(s, party.CreateCustomerGroup, &taphoa.CustomerGroupInput{Name: "Sỉ", Members: []taphoa.GroupMember{{CustomerID: a.ID}, {CustomerID: c.ID}}})
		if len(group.CustomerGroupDetails) != 1 || group.CustomerGroupDetails[0].CustomerID != c.ID {
			t.Errorf("the group has %+v", group.CustomerGroupDetails)
		}
		receipt := do(s, debt.CreateCashFlow, &taphoa.CashFlowInput{
			BranchID: taphoa.Some(s.branch), Amount: taphoa.Some(taphoa.Dong(5_000)), PartnerType: some("c"), PartnerID: taphoa.Some(b.ID),
		})
		if receipt.PartnerID.Value != c.ID || receipt.PartnerName.Value != "C" {
			t.Errorf("the receipt is %+v", receipt)
		}
		for _, q := range []taphoa.CustomerQuery{{Code: "KHA"}, {Code: b.Code}, {ContactNumber: "84913000111"}, {ContactNumber: "0914000111"}} {
			q.Paging = taphoa.Paging{PageSize: 10}
			if page := do(s, party.ListCustomers, &q); len(page.Data) != 1 || page.Data[0].ID != c.ID {
				t.Errorf("%+v finds %+v", q, page.Data)
			}
		}
		// The code and the number are free; who takes them is meant.
		d := s.person(taphoa.CustomerInput{Name: some("D"), Code: some("KHA"), ContactNumber: some("0913 000 111")})
		if got := do(s, party.GetCustomerByCode, &taphoa.ByCode{Code: "KHA"}); got.ID != d.ID {
			t.Errorf("the code is %+v", got)
		}
		v := s.invoice(taphoa.InvoiceInput{
			CustomerID: taphoa.Null[int64](), Customer: &taphoa.DocumentCustomer{ContactNumber: some("0913000111")}, InvoiceDetails: []taphoa.DetailInput{line(s.coffee, 1)},
		})
		if v.CustomerID.Value != d.ID {
			t.Errorf("the number is sold to %v", v.CustomerName)
		}
		s.balanced()
	})
}

func TestWhoCannotBeMerged(t *testing.T) {
	inStore(t, nil, func(t *testing.T, s *store) {
		some := taphoa.Some[string]
		lan := s.get(s.customer)
		mai := s.person(taphoa.CustomerInput{Name: some("Mai"), ContactNumber: some("0913000111")})
		dead := s.person(taphoa.CustomerInput{Name: some("Đã xóa")})
		do(s, party.DeleteCustomer, &taphoa.ByID{ID: dead.ID})
		s.refusedLike("không thể gộp vào chính mình", s.merges(lan.ID, lan.ID))
		for _, id := range []int64{0, -1, 999, taphoa.IDMax, dead.ID} {
			s.refusedLike("(customerId) không tồn tại", s.merges(lan.ID, id))
			s.refusedLike("không tồn tại", s.merges(id, lan.ID))
		}
		for i, c := range []struct {
			receiver, number string
			status           int64
			refused          bool
		}{
			{"Mai", "0913000111", 2, true},
			{"Chị Lan", "0913000111", 2, true},
			{"Anh Ba", "", taphoa.DeliveryWaiting, true},
			{"chị  LAN", "+84 0901 234 567", 2, false},
			{"", "09*****111", 2, false},
			{"Mai", "0913000111", taphoa.DeliveryDelivered, false},
		} {
			mai := s.person(taphoa.CustomerInput{Name: some("Mai"), Code: some(fmt.Sprint("M", i))})
			v := s.invoice(taphoa.InvoiceInput{
				CustomerID: taphoa.Some(mai.ID), InvoiceDetails: []taphoa.DetailInput{line(s.coffee, 1)},
				DeliveryDetail: &taphoa.DeliveryInput{Receiver: some(c.receiver), ContactNumber: some(c.number), Status: taphoa.Some(c.status)},
			})
			if c.refused {
				s.refusedLike("Hóa đơn "+v.Code, s.merges(lan.ID, mai.ID))
				do(s, sales.DeleteInvoice, &taphoa.InvoiceDelete{ID: v.ID})
			}
			if got := s.merge(lan.ID, mai.ID); got.ID != lan.ID {
				t.Errorf("%+v: merged into %+v", c, got)
			}
		}
		before := s.merge(lan.ID, mai.ID)
		s.clock.Advance(60)
		if got := s.merge(lan.ID, mai.ID); got.ModifiedDate != before.ModifiedDate {
			t.Errorf("merged again it changed: %+v", got)
		}
		if got := s.merge(mai.ID, lan.ID); got.ID != lan.ID || got.ModifiedDate != before.ModifiedDate {
			t.Errorf("merged the other way round it is %+v", got)
		}
		minh := s.person(taphoa.CustomerInput{Name: some("Minh")})
		there := do(s, org.CreateBranch, &taphoa.BranchInput{BranchName: "Quận 1"}).ID
		tu := s.person(taphoa.CustomerInput{Name: some("Tú"), BranchID: taphoa.Some(there)})
		s.write(func(tx *db.Tx) error { return org.SetSetting(tx, "ManagerCustomerByBranch", "true") })
		s.refusedLike("thuộc chi nhánh khác", s.merges(minh.ID, tu.ID))
		s.write(func(tx *db.Tx) error { return org.SetSetting(tx, "ManagerCustomerByBranch", "false") })
		s.merge(minh.ID, tu.ID)
		s.refusedLike("đã được gộp vào khách hàng", s.merges(minh.ID, mai.ID))
		s.refusedLike("không tồn tại hoặc đã bị xóa", func(tx *db.Tx) error {
			_, err := party.DeleteCustomer(tx, &taphoa.ByID{ID: mai.ID})
			return err
		})
		s.balanced()
	})
}

// TestMergedCustomersAddUpInARandomShop lets a shop sell, order, collect, return and void while its customers are merged by
// chance, and named by any id that they ever had. It compares debts, totals and points with the documents.
func TestMergedCustomersAddUpInARandomShop(t *testing.T) {
	inStore(t, []string{"RewardPointRate", "10000"}, func(t *testing.T, s *store) {
		random := rand.New(rand.NewPCG(13, 4))
		ids, now := []int64{s.customer}, map[int64]int64{s.customer: s.customer}
		for i := range 5 {
			id := s.person(taphoa.CustomerInput{Name: taphoa.Some(fmt.Sprint("Khách ", i))}).ID
			ids, now[id] = append(ids, id), id
		}
		var invoices, orders, returns, entries []int64
		for range 150 {
			customer := taphoa.Some(ids[random.IntN(len(ids))])
			amount := taphoa.Some(taphoa.Dong(random.Int64N(40) * 1_000))
			try(s, func(tx *db.Tx) (err error) {
				switch of, what := taphoa.Some(s.branch), random.IntN(10); {
				case what < 2 || len(invoices) == 0:
					v, err := sales.CreateInvoice(tx, &taphoa.InvoiceInput{
						BranchID: of, CustomerID: customer, InvoiceDetails: []taphoa.DetailInput{line(s.coffee, 1+random.Int64N(2))}, TotalPayment: amount,
					})
					if err == nil {
						invoices = append(invoices, v.ID)
					}
					return err
				case what == 2:
					o, err := sales.CreateOrder(tx, &taphoa.OrderInput{
						BranchID: of, CustomerID: customer, OrderDetails: []taphoa.DetailInput{line(s.sugar, 1)}, TotalPayment: amount,
					})
					if err == nil {
						orders = append(orders, o.ID)
					}
					return err
				case what == 3 && len(orders) > 0:
					_, err = sales.UpdateOrder(tx, &taphoa.OrderUpdate{
						ByID: taphoa.ByID{ID: orders[random.IntN(len(orders))]}, OrderInput: taphoa.OrderInput{MakeInvoice: true},
					})
				case what == 4:
					r, err := sales.CreateReturn(tx, &taphoa.ReturnInput{InvoiceID: taphoa.Some(invoices[random.IntN(len(invoices))]), TotalPayment: amount})
					if err == nil {
						returns = append(returns, r.ID)
					}
					return err
				case what == 5:
					e, err := debt.CreateCashFlow(tx, &taphoa.CashFlowInput{BranchID: of, Amount: amount, PartnerType: taphoa.Some("C"), PartnerID: customer})
					if err == nil {
						entries = append(entries, e.ID)
					}
					return err
				case what == 6:
					_, err = sales.PayInvoice(tx, &taphoa.InvoicePaymentInput{
						InvoiceID: taphoa.Some(invoices[random.IntN(len(invoices))]), Amount: amount, Method: "cash",
					})
				case what == 7:
					_, err = sales.DeleteInvoice(tx, &taphoa.InvoiceDelete{ID: invoices[random.IntN(len(invoices))], IsVoidPayment: random.IntN(2) == 0})
				case what == 8 && len(returns) > 0:
					_, err = sales.DeleteReturn(tx, &taphoa.ReturnDelete{ID: returns[random.IntN(len(returns))], IsVoidPayment: random.IntN(2) == 0})
				case what == 9 && random.IntN(2) == 0:
					kept, gone := ids[random.IntN(len(ids))], ids[random.IntN(len(ids))]
					if _, err = sales.MergeCustomers(tx, merging(kept, gone)); err == nil && now[kept] != now[gone] {
						for id, is := range now {
							if is == gone {
								now[id] = now[kept]
							}
						}
					}
				}
				return err
			})
		}
		left := map[int64]bool{}
		for id, is := range now {
			if left[is] = true; s.get(id).ID != is {
				t.Errorf("customer %d is %d, want %d", id, s.get(id).ID, is)
			}
		}
		if len(left) > 4 || len(orders) < 5 || len(returns) < 5 || len(entries) < 5 {
			t.Errorf("%d customers are left, there are %d orders, %d returns, %d entries: too little happened", len(left), len(orders), len(returns), len(entries))
		}
		for id := range left {
			s.addsUp(id)
		}
		s.balanced()
	})
}

// try runs an operation that may be refused.
func try(s *store, op func(*db.Tx) error) {
	s.t.Helper()
	var refusal *taphoa.Error
	if err := s.d.Write(s.t.Context(), s.who, op); err != nil && !errors.As(err, &refusal) {
		s.t.Fatal(err)
	}
}

// addsUp compares a customer with the documents and the cash book.
func (s *store) addsUp(id int64) {
	s.t.Helper()
	s.read(func(tx *db.Tx) error {
		type sums struct {
			Invoiced, Returned, Paid taphoa.Money
			Points                   int64
		}
		want, _, err := db.One[sums](tx, `SELECT
			CAST(COALESCE((SELECT SUM(total) FROM invoices WHERE retailer_id = :retailer AND customer_id = ? AND status <> 2), 0) AS BIGINT) AS invoiced,
			CAST(COALESCE((SELECT SUM(return_total) FROM returns WHERE retailer_id = :retailer AND customer_id = ? AND status = 1), 0) AS BIGINT) AS returned,
			CAST(COALESCE((SELECT SUM(amount) FROM payments
				WHERE retailer_id = :retailer AND partner_type = 'C' AND partner_id = ? AND status = 0), 0) AS BIGINT) AS paid,
			CAST(COALESCE((SELECT SUM(points) FROM invoices WHERE retailer_id = :retailer AND customer_id = ? AND status <> 2), 0) AS BIGINT) AS points`, id, id, id, id)
		if err != nil {
			return err
		}
		c, err := party.GetCustomer(tx, &taphoa.ByID{ID: id})
		if c.TotalInvoiced.Value != want.Invoiced || c.TotalRevenue.Value != want.Invoiced-want.Returned ||
			c.Debt != want.Invoiced-want.Returned-want.Paid || c.RewardPoint != want.Points || c.TotalPoint.Value != want.Points {
			s.t.Errorf("customer %d bought %v, %v with returns, owes %v and has %d points, the documents say %+v",
				id, c.TotalInvoiced.Value, c.TotalRevenue.Value, c.Debt, c.RewardPoint, want)
		}
		return err
	})
}
