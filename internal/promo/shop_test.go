package promo_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/taphoa/taphoa"
	"github.com/taphoa/taphoa/internal/cash"
	"github.com/taphoa/taphoa/internal/catalog"
	"github.com/taphoa/taphoa/internal/db"
	"github.com/taphoa/taphoa/internal/dbtest"
	"github.com/taphoa/taphoa/internal/org"
	"github.com/taphoa/taphoa/internal/party"
	"github.com/taphoa/taphoa/internal/promo"
)

func TestMain(m *testing.M) { dbtest.Main(m) }

// store is a shop with two branches, a user, tea in a category below drinks, salt outside of it, and a customer in a
// group.
type store struct {
	t                          *testing.T
	d                          *db.DB
	clock                      *dbtest.Clock
	who                        db.Actor
	branch, other, admin, user int64
	drinks, teas, dry          int64
	tea, salt                  int64
	group, lan, stranger       int64
}

func inStore(t *testing.T, test func(t *testing.T, s *store)) {
	t.Helper()
	dbtest.Each(t, func(t *testing.T, d *db.DB, clock *dbtest.Clock) { test(t, openStore(t, d, clock, "taphoa")) })
}

func openStore(t *testing.T, d *db.DB, clock *dbtest.Clock, code string) *store {
	t.Helper()
	s := &store{t: t, d: d, clock: clock}
	s.write(func(tx *db.Tx) error {
		shop, err := org.CreateShop(tx, code, "Tạp hoá")
		s.who = db.Actor{Retailer: shop.RetailerID, User: tx.User}
		return err
	})
	s.branch = done(s, org.ListBranches, &taphoa.BranchQuery{Paging: taphoa.Paging{PageSize: 1}}).Data[0].ID
	s.other = done(s, org.CreateBranch, &taphoa.BranchInput{BranchName: "Quận 1"}).ID
	s.user = done(s, org.CreateUser, &taphoa.UserInput{UserName: "lan", GivenName: "Lan"}).ID
	s.write(func(tx *db.Tx) error {
		admin, err := org.FindSeller(tx, "soldById", 0)
		s.admin = admin.ID
		return err
	})
	category := func(name string, parent int64) int64 {
		in := &taphoa.CategoryInput{CategoryName: taphoa.Some(name), ParentID: taphoa.SomeIf(parent)}
		return done(s, catalog.CreateCategory, in).Data.CategoryID
	}
	s.drinks, s.dry = category("Đồ uống", 0), category("Đồ khô", 0)
	s.teas = category("Trà", s.drinks)
	product := func(code string, category, price int64) int64 {
		p := done(s, catalog.CreateProduct, &taphoa.ProductInput{
			Name: taphoa.Some(code), Code: taphoa.Some(code), CategoryID: taphoa.Some(category), BasePrice: taphoa.Some(taphoa.Dong(price)),
		})
		return p.ID
	}
	s.tea, s.salt = product("TRA", s.teas, 50_000), product("MUOI", s.dry, 10_000)
	s.group = done(s, party.CreateCustomerGroup, &taphoa.CustomerGroupInput{Name: "Khách quen"}).ID
	customer := func(name string, groups ...int64) int64 {
		return done(s, party.CreateCustomer, &taphoa.CustomerInput{Name: taphoa.Some(name), GroupIDs: taphoa.Some(groups)}).ID
	}
	s.lan, s.stranger = customer("Lan", s.group), customer("Khách lạ")
	return s
}

func (s *store) write(op func(*db.Tx) error) {
	s.t.Helper()
	if err := s.d.Write(s.t.Context(), s.who, op); err != nil {
		s.t.Fatal(err)
	}
}

// done runs an operation that must succeed.
func done[In, Out any](s *store, op func(*db.Tx, In) (Out, error), in In) (out Out) {
	s.t.Helper()
	s.write(func(tx *db.Tx) (err error) {
		out, err = op(tx, in)
		return err
	})
	return out
}

// refused runs an operation that must be refused, with a sentence about a field that contains the words.
func refused[In, Out any](s *store, field, words string, op func(*db.Tx, In) (Out, error), in In) {
	s.t.Helper()
	err := s.d.Write(s.t.Context(), s.who, func(tx *db.Tx) error {
		_, err := op(tx, in)
		return err
	})
	e, ok := errors.AsType[*taphoa.Error](err)
	if !ok || e.Kind == taphoa.KindInternal || e.Field != field || !strings.Contains(e.Message, words) {
		s.t.Errorf("got %v, want a refusal about %q that says %q", err, field, words)
	}
	s.sound()
}

// sound looks for faults in vouchers and money.
func (s *store) sound() {
	s.t.Helper()
	s.write(func(tx *db.Tx) error {
		codes, err := promo.Check(tx)
		if err != nil {
			return err
		}
		money, err := cash.Check(tx)
		for _, f := range append(codes, money...) {
			s.t.Error(f)
		}
		return err
	})
}

// campaign creates a campaign of vouchers worth 20.000 for thirty days, with changes.
func (s *store) campaign(change func(*taphoa.VoucherCampaignInput)) *taphoa.VoucherCampaign {
	s.t.Helper()
	in := &taphoa.VoucherCampaignInput{
		Name: taphoa.Some("Tết"), Price: taphoa.Some(taphoa.Dong(20_000)), EndDate: taphoa.Some(s.in(30)),
	}
	if change != nil {
		change(in)
	}
	return done(s, promo.CreateVoucherCampaign, in)
}

// in returns the instant that many days from now.
func (s *store) in(days int64) taphoa.Time {
	return s.clock.Now() + taphoa.Time(days*24*3600*1_000_000)
}

func codes(prefix string, n int) []taphoa.CodeInput {
	all := make([]taphoa.CodeInput, n)
	for i := range all {
		all[i].Code = fmt.Sprintf("%s%04d", prefix, i+1)
	}
	return all
}

// vouchers creates vouchers of a campaign and releases them.
func (s *store) vouchers(c *taphoa.VoucherCampaign, prefix string, n int) []taphoa.Voucher {
	s.t.Helper()
	done(s, promo.CreateVouchers, &taphoa.VoucherCreate{VoucherCampaignID: c.ID, Data: codes(prefix, n)})
	done(s, promo.ReleaseVouchers, &taphoa.VoucherRelease{CampaignID: c.ID, Vouchers: codes(prefix, n)})
	return s.list(c)
}

func (s *store) list(c *taphoa.VoucherCampaign) []taphoa.Voucher {
	s.t.Helper()
	return done(s, promo.ListVouchers, &taphoa.VoucherQuery{CampaignID: taphoa.Some(c.ID)}).Data
}

func (s *store) voucher(id int64) taphoa.Voucher {
	s.t.Helper()
	return done(s, promo.GetVoucher, &taphoa.ByID{ID: id})
}

func line(product, quantity int64) taphoa.DetailInput {
	return taphoa.DetailInput{ProductID: taphoa.Some(product), Quantity: taphoa.Some(taphoa.Units(quantity))}
}

// with pays with vouchers at their face value.
func with(vouchers ...taphoa.Voucher) (payments []taphoa.PaymentInput) {
	for _, v := range vouchers {
		payments = append(payments, taphoa.PaymentInput{
			Method: "Voucher", MethodStr: "Voucher", Amount: v.Price, VoucherID: taphoa.Some(v.ID), VoucherCampaignID: taphoa.Some(v.VoucherCampaignID),
		})
	}
	return payments
}

// sale is an invoice of two teas (100.000) to Lan, paid with vouchers.
func (s *store) sale(vouchers ...taphoa.Voucher) *taphoa.InvoiceInput {
	return &taphoa.InvoiceInput{
		BranchID: taphoa.Some(s.branch), CustomerID: taphoa.Some(s.lan), IsApplyVoucher: true, Payments: with(vouchers...),
		InvoiceDetails: []taphoa.DetailInput{line(s.tea, 2)},
	}
}

// order is the same as an order.
func (s *store) order(vouchers ...taphoa.Voucher) *taphoa.OrderInput {
	return &taphoa.OrderInput{
		BranchID: taphoa.Some(s.branch), CustomerID: taphoa.Some(s.lan), IsApplyVoucher: true, Payments: with(vouchers...),
		OrderDetails: []taphoa.DetailInput{line(s.tea, 2)},
	}
}

// owes checks what Lan owes.
func (s *store) owes(want int64) {
	s.t.Helper()
	s.write(func(tx *db.Tx) error {
		debt, err := cash.Debt(tx, cash.Customer(s.lan))
		if debt != taphoa.Dong(want) {
			s.t.Errorf("the customer owes %v, want %d", debt, want)
		}
		return err
	})
}

// is checks the status of a voucher.
func (s *store) is(v taphoa.Voucher, status int64) {
	s.t.Helper()
	if now := s.voucher(v.ID); now.Status != status || now.UsedDate.Has() != (status == taphoa.CodeUsed) {
		s.t.Errorf("voucher %s has the status %d (used %v), want %d", v.Code, now.Status, now.UsedDate, status)
	}
	s.sound()
}
