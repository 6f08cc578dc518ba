package promo_test

import (
	"errors"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/taphoa/taphoa"
	"github.com/taphoa/taphoa/internal/cash"
	"github.com/taphoa/taphoa/internal/db"
	"github.com/taphoa/taphoa/internal/promo"
	"github.com/taphoa/taphoa/internal/sales"
)

// TestAThousandVouchersAreSpentOnceEach lets sixteen tills try every one of a thousand vouchers.
func TestAThousandVouchersAreSpentOnceEach(t *testing.T) {
	const tills, number = 16, 1000
	inStore(t, func(t *testing.T, s *store) {
		vouchers := s.vouchers(s.campaign(nil), "V", number)
		var spent, paid atomic.Int64
		var group sync.WaitGroup
		for till := range tills {
			group.Go(func() {
				random := rand.New(rand.NewPCG(3, uint64(till)))
				mine := slices.Clone(vouchers)
				random.Shuffle(len(mine), func(i, j int) { mine[i], mine[j] = mine[j], mine[i] })
				for _, v := range mine {
					var amount taphoa.Money
					err := s.d.Write(t.Context(), s.who, func(tx *db.Tx) error {
						sale := &promo.Sale{
							BranchID: s.branch, Open: taphoa.Dong(random.Int64N(30_000) + 1), Goods: []promo.VoucherLine{{ProductID: s.tea, Amount: taphoa.Dong(50_000)}},
						}
						receipts, err := promo.Redeem(tx, sale, []promo.VoucherUse{{VoucherID: v.ID}})
						if err != nil {
							return err
						}
						r := receipts[0]
						r.BranchID, r.Partner, r.TransDate = s.branch, cash.Customer(s.lan), tx.Now
						amount = r.Amount
						_, err = cash.Receive(tx, r)
						return err
					})
					refusal := (*taphoa.Error)(nil)
					switch {
					case err == nil:
						spent.Add(1)
						paid.Add(int64(amount))
					case !errors.As(err, &refusal) || refusal.Field != "payments.voucherId":
						t.Error(err)
					}
				}
			})
		}
		group.Wait()
		if spent.Load() != number {
			t.Errorf("%d vouchers were spent, want %d", spent.Load(), number)
		}
		s.write(func(tx *db.Tx) error {
			debt, err := cash.Debt(tx, cash.Customer(s.lan))
			if err != nil {
				return err
			}
			account, err := cash.Balance(tx, cash.Vouchers(s.branch))
			if want := taphoa.Money(paid.Load()); debt != -want || account != want || want == 0 {
				t.Errorf("vouchers have paid %v, the account has %v, the customer owes %v", want, account, debt)
			}
			return err
		})
		used := done(s, promo.ListVouchers, &taphoa.VoucherQuery{CampaignID: taphoa.Some(vouchers[0].VoucherCampaignID), Status: []int64{2}})
		if used.Total != number || used.PageSize != number {
			t.Errorf("%d vouchers are used, on a page of %d", used.Total, used.PageSize)
		}
		s.sound()
	})
}

// TestVouchersAreUsedAndReleasedUnderEightTills sells with and voids the same few vouchers concurrently.
func TestVouchersAreUsedAndReleasedUnderEightTills(t *testing.T) {
	inStore(t, func(t *testing.T, s *store) {
		combine := func(in *taphoa.VoucherCampaignInput) { in.UseVoucherCombineInvoice = taphoa.Some(true) }
		vouchers := s.vouchers(s.campaign(combine), "V", 12)
		var group sync.WaitGroup
		for till := range 8 {
			group.Go(func() {
				random := rand.New(rand.NewPCG(5, uint64(till)))
				for range 12 {
					a, b := vouchers[random.IntN(len(vouchers))], vouchers[random.IntN(len(vouchers))]
					mode, void := random.IntN(4), random.IntN(3) > 0
					err := s.buy(mode, a, b)
					if err == nil && void {
						err = s.d.Write(t.Context(), s.who, func(tx *db.Tx) error { return s.voidUser(tx, a) })
					}
					if refusal := (*taphoa.Error)(nil); err != nil && !errors.As(err, &refusal) {
						t.Error(err)
					}
				}
			})
		}
		group.Wait()
		s.sound()
	})
}

// buy pays with two vouchers, by one of the operations that can.
func (s *store) buy(mode int, a, b taphoa.Voucher) error {
	write := func(op func(*db.Tx) error) error { return s.d.Write(s.t.Context(), s.who, op) }
	if mode == 0 {
		return write(func(tx *db.Tx) error {
			_, err := sales.CreateInvoice(tx, s.sale(a, b))
			return err
		})
	}
	first := s.order(a)
	if mode == 1 {
		first = s.order(a, b)
		first.MakeInvoice = true
	}
	var o *taphoa.Order
	err := write(func(tx *db.Tx) (err error) {
		o, err = sales.CreateOrder(tx, first)
		return err
	})
	if err != nil || mode == 1 {
		return err
	}
	change := &taphoa.OrderUpdate{ByID: taphoa.ByID{ID: o.ID}, OrderInput: taphoa.OrderInput{
		IsApplyVoucher: true, Payments: with(a, b), MakeInvoice: mode == 3,
	}}
	return write(func(tx *db.Tx) error {
		_, err := sales.UpdateOrder(tx, change)
		return err
	})
}

// voidUser voids the document that a voucher was used for, if one is valid.
func (s *store) voidUser(tx *db.Tx, v taphoa.Voucher) error {
	type payment struct{ OrderID, InvoiceID taphoa.Opt[int64] }
	p, found, err := db.One[payment](tx, `
		SELECT order_id, invoice_id FROM payments WHERE retailer_id = :retailer AND voucher_id = ? AND status = 0`, v.ID)
	switch {
	case err != nil || !found:
	case p.InvoiceID.Has():
		_, err = sales.DeleteInvoice(tx, &taphoa.InvoiceDelete{ID: p.InvoiceID.Value, IsVoidPayment: true})
	default:
		_, err = sales.DeleteOrder(tx, &taphoa.OrderDelete{ID: p.OrderID.Value})
	}
	return err
}

func TestAVoucherPaysAnInvoiceOnceAndComesBackWhenItIsVoided(t *testing.T) {
	inStore(t, func(t *testing.T, s *store) {
		v := s.vouchers(s.campaign(nil), "V", 1)[0]
		in := s.sale(v)
		in.TotalPayment = taphoa.Some(taphoa.Dong(30_000))
		sold := done(s, sales.CreateInvoice, in)
		if sold.TotalPayment != taphoa.Dong(50_000) || len(sold.Payments) != 2 || sold.Payments[1].Method != "Voucher" || sold.Payments[1].Amount != taphoa.Dong(20_000) {
			t.Errorf("paid %v by %+v", sold.TotalPayment, sold.Payments)
		}
		s.is(v, taphoa.CodeUsed)
		s.owes(50_000)
		refused(s, "payments.voucherId", "Đã sử dụng", sales.CreateInvoice, s.sale(v))
		void := done(s, sales.DeleteInvoice, &taphoa.InvoiceDelete{ID: sold.ID})
		if void.TotalPayment != 0 || void.Payments[1].Status != taphoa.PaymentVoided || void.Payments[0].Status != taphoa.PaymentPaid || void.Payments[0].Amount != 0 {
			t.Errorf("void: %v paid by %+v", void.TotalPayment, void.Payments)
		}
		s.is(v, taphoa.CodeReleased)
		s.owes(-30_000) // the payment in cash stays valid, as credit
		done(s, sales.CreateInvoice, s.sale(v))
		s.is(v, taphoa.CodeUsed)
	})
}

func TestAVoucherOfAnOrderGoesWithItsInvoiceAndBack(t *testing.T) {
	inStore(t, func(t *testing.T, s *store) {
		v := s.vouchers(s.campaign(nil), "V", 1)[0]
		o := done(s, sales.CreateOrder, s.order(v))
		if o.TotalPayment != taphoa.Dong(20_000) || o.Method.Value != "Voucher" {
			t.Errorf("%v paid by %v", o.TotalPayment, o.Method)
		}
		s.owes(-20_000)
		change := &taphoa.OrderUpdate{ByID: taphoa.ByID{ID: o.ID}, OrderInput: taphoa.OrderInput{
			IsApplyVoucher: true, Payments: with(v), MakeInvoice: true, // as the client has read it
		}}
		done(s, sales.UpdateOrder, change)
		s.owes(80_000)
		invoices := done(s, sales.ListInvoices, &taphoa.InvoiceQuery{Paging: taphoa.Paging{PageSize: 10}, OrderID: taphoa.Some(o.ID), IncludePayment: true})
		sold := invoices.Data[0]
		if sold.TotalPayment != taphoa.Dong(20_000) || len(sold.Payments) != 1 {
			t.Errorf("the invoice has %v by %+v", sold.TotalPayment, sold.Payments)
		}
		done(s, sales.DeleteInvoice, &taphoa.InvoiceDelete{ID: sold.ID})
		s.is(v, taphoa.CodeUsed) // the order has it again
		s.owes(-20_000)
		done(s, sales.DeleteOrder, &taphoa.OrderDelete{ID: o.ID})
		s.is(v, taphoa.CodeReleased)
		s.owes(0)
	})
}

func TestAVoucherThatHasNoOrderToGoBackToIsReleased(t *testing.T) {
	inStore(t, func(t *testing.T, s *store) {
		v := s.vouchers(s.campaign(nil), "V", 1)[0]
		o := done(s, sales.CreateOrder, s.order(v))
		part := s.sale()
		part.OrderID, part.InvoiceDetails = taphoa.Some(o.ID), []taphoa.DetailInput{line(s.tea, 1)}
		sold := done(s, sales.CreateInvoice, part)
		done(s, sales.DeleteOrder, &taphoa.OrderDelete{ID: o.ID})
		s.is(v, taphoa.CodeUsed) // the invoice is valid
		s.owes(30_000)
		done(s, sales.DeleteInvoice, &taphoa.InvoiceDelete{ID: sold.ID})
		s.is(v, taphoa.CodeReleased)
		s.owes(0)
	})
}

func TestAnOrderMadeWithItsInvoiceIsPaidByVoucher(t *testing.T) {
	inStore(t, func(t *testing.T, s *store) {
		v := s.vouchers(s.campaign(nil), "V", 1)[0]
		in := s.order(v)
		in.MakeInvoice = true
		o := done(s, sales.CreateOrder, in)
		if o.Status != taphoa.OrderCompleted || o.TotalPayment != taphoa.Dong(20_000) {
			t.Errorf("status %d, %v paid", o.Status, o.TotalPayment)
		}
		s.is(v, taphoa.CodeUsed)
		s.owes(80_000)
	})
}

func TestAVoucherPaysNoMoreThanIsOpen(t *testing.T) {
	inStore(t, func(t *testing.T, s *store) {
		c := s.campaign(func(in *taphoa.VoucherCampaignInput) { in.UseVoucherCombineInvoice = taphoa.Some(true) })
		all := s.vouchers(c, "V", 7)
		in := s.sale(all[:2]...)
		in.TotalPayment = taphoa.Some(taphoa.Dong(70_000)) // leaves 30.000 for two of 20.000
		v := done(s, sales.CreateInvoice, in)
		if v.TotalPayment != taphoa.Dong(100_000) || v.Payments[2].Amount != taphoa.Dong(10_000) {
			t.Errorf("paid %v by %+v", v.TotalPayment, v.Payments)
		}
		s.owes(0)
		in = s.sale(all[2])
		in.TotalPayment = taphoa.Some(taphoa.Dong(100_000))
		refused(s, "payments.voucherId", "Không còn số tiền", sales.CreateInvoice, in)
		in = s.sale(all[2])
		in.Payments[0].Amount = taphoa.Dong(20_001)
		refused(s, "payments.amount", "mệnh giá", sales.CreateInvoice, in)
		in.Payments[0].Amount = taphoa.Dong(5_000)
		if v = done(s, sales.CreateInvoice, in); v.TotalPayment != taphoa.Dong(5_000) {
			t.Errorf("paid %v", v.TotalPayment)
		}
		s.is(all[2], taphoa.CodeUsed) // the rest is forfeited
		in = s.sale(all[3])
		in.Method, in.TotalPayment = taphoa.Some("Voucher"), taphoa.Some(taphoa.Dong(20_000)) // the same amount twice
		if v = done(s, sales.CreateInvoice, in); v.TotalPayment != taphoa.Dong(20_000) || v.Method.Value != "Voucher" {
			t.Errorf("paid %v by %v", v.TotalPayment, v.Method)
		}
		in = s.sale()
		in.Method, in.TotalPayment = taphoa.Some("Voucher"), taphoa.Some(taphoa.Dong(20_000))
		refused(s, "payments.voucherId", "cần một dòng payments", sales.CreateInvoice, in)
		in = s.sale(all[4])
		in.IsApplyVoucher = false
		if v = done(s, sales.CreateInvoice, in); v.TotalPayment != 0 {
			t.Errorf("paid %v although no voucher is applied", v.TotalPayment)
		}
		s.is(all[4], taphoa.CodeReleased)
	})
}

func TestAnInvoiceIsChangedOnlyAsItsVouchersAllow(t *testing.T) {
	inStore(t, func(t *testing.T, s *store) {
		c := s.campaign(func(in *taphoa.VoucherCampaignInput) {
			in.PrereqPrice, in.UseVoucherCombineInvoice = taphoa.Some(taphoa.Dong(60_000)), taphoa.Some(true)
		})
		all := s.vouchers(c, "V", 4)
		v := done(s, sales.CreateInvoice, s.sale(all[0]))
		change := func(in taphoa.InvoiceInput) *taphoa.InvoiceUpdate {
			return &taphoa.InvoiceUpdate{ByID: taphoa.ByID{ID: v.ID}, InvoiceInput: in}
		}
		refused(s, "total", "thấp hơn số tiền", sales.UpdateInvoice, change(taphoa.InvoiceInput{InvoiceDetails: []taphoa.DetailInput{line(s.salt, 1)}}))
		refused(s, "payments.voucherId", "tổng tiền hàng từ 60000", sales.UpdateInvoice,
			change(taphoa.InvoiceInput{InvoiceDetails: []taphoa.DetailInput{line(s.tea, 1)}}))
		done(s, sales.UpdateInvoice, change(taphoa.InvoiceInput{
			InvoiceDetails: []taphoa.DetailInput{line(s.tea, 1), line(s.salt, 1)}, IsApplyVoucher: true, Payments: with(all[0], all[1]),
		}))
		s.owes(20_000)
		s.is(all[1], taphoa.CodeUsed)
		got := done(s, sales.UpdateInvoice, change(taphoa.InvoiceInput{IsApplyVoucher: true, Payments: with(all[2])}))
		if got.TotalPayment != taphoa.Dong(60_000) {
			t.Errorf("paid %v", got.TotalPayment)
		}
		done(s, sales.DeleteInvoice, &taphoa.InvoiceDelete{ID: v.ID, IsVoidPayment: true})
		for _, voucher := range all[:3] {
			s.is(voucher, taphoa.CodeReleased)
		}
		s.owes(0)
		o := done(s, sales.CreateOrder, s.order(all[0]))
		refused(s, "payments.voucherId", "tổng tiền hàng từ 60000", sales.UpdateOrder, &taphoa.OrderUpdate{
			ByID: taphoa.ByID{ID: o.ID}, OrderInput: taphoa.OrderInput{OrderDetails: []taphoa.DetailInput{line(s.tea, 1)}},
		})
	})
}

func TestEveryRuleOfACampaignIsKept(t *testing.T) {
	type campaign = taphoa.VoucherCampaignInput
	type sale = taphoa.InvoiceInput
	inStore(t, func(t *testing.T, s *store) {
		yes, no := taphoa.Some(true), taphoa.Some(false)
		for i, c := range []struct {
			name   string
			limit  func(*campaign)
			breaks func(*sale)
			words  string
			keeps  func(*sale)
		}{
			{
				"branch", func(in *campaign) { in.VoucherBranchs = taphoa.Some([]taphoa.VoucherBranch{{BranchID: s.other}}) },
				nil, "chi nhánh này", func(v *sale) { v.BranchID = taphoa.Some(s.other) },
			},
			{
				"seller", func(in *campaign) { in.VoucherUsers = taphoa.Some([]taphoa.VoucherUser{{UserID: s.user}}) },
				nil, "Người bán", func(v *sale) { v.SoldByID = taphoa.Some(s.user) },
			},
			{
				"group", func(in *campaign) { in.VoucherCusGroups = taphoa.Some([]taphoa.VoucherCusGroup{{GroupID: s.group}}) },
				func(v *sale) { v.CustomerID = taphoa.Some(s.stranger) }, "nhóm", nil,
			},
			{
				"group, and a walk-in", func(in *campaign) { in.VoucherCusGroups = taphoa.Some([]taphoa.VoucherCusGroup{{GroupID: s.group}}) },
				func(v *sale) { v.CustomerID = taphoa.Opt[int64]{} }, "nhóm", nil,
			},
			{
				"product", func(in *campaign) { in.PrereqProductIDs = taphoa.Some([]int64{s.salt}) },
				nil, "chỉ dùng được khi mua", func(v *sale) { v.InvoiceDetails = append(v.InvoiceDetails, line(s.salt, 1)) },
			},
			{
				"category, with those below it", func(in *campaign) { in.PrereqCategoryIDs = taphoa.Some([]int64{s.drinks}) },
				func(v *sale) { v.InvoiceDetails = []taphoa.DetailInput{line(s.salt, 5)} }, "chỉ dùng được khi mua", nil,
			},
			{
				"amount", func(in *campaign) { in.PrereqPrice = taphoa.Some(taphoa.Dong(100_001)) },
				nil, "tổng tiền hàng từ 100001", func(v *sale) { v.InvoiceDetails = append(v.InvoiceDetails, line(s.salt, 1)) },
			},
			{
				"amount of the goods that count", func(in *campaign) {
					in.PrereqPrice, in.PrereqProductIDs = taphoa.Some(taphoa.Dong(20_000)), taphoa.Some([]int64{s.salt})
				}, func(v *sale) { v.InvoiceDetails = append(v.InvoiceDetails, line(s.salt, 1)) }, "hiện là 10000",
				func(v *sale) { v.InvoiceDetails = append(v.InvoiceDetails, line(s.salt, 2)) },
			},
			{"not yet", func(in *campaign) { in.StartDate = taphoa.Some(s.in(1)) }, nil, "chưa đến ngày", nil},
			{"another campaign", func(*campaign) {}, func(v *sale) { v.Payments[0].VoucherCampaignID = taphoa.Some[int64](987) }, "không thuộc đợt", nil},
			{"unknown", func(*campaign) {}, func(v *sale) { v.Payments[0].VoucherID = taphoa.Some[int64](987_654) }, "không tồn tại", nil},
			{"none", func(*campaign) {}, func(v *sale) { v.Payments[0].VoucherID = taphoa.Opt[int64]{} }, "không tồn tại", nil},
			{"twice", func(in *campaign) { in.UseVoucherCombineInvoice = yes }, func(v *sale) { v.Payments = append(v.Payments, v.Payments[0]) }, "lặp lại", nil},
			{"not beside another", func(in *campaign) { in.UseVoucherCombineInvoice = no }, func(v *sale) {
				v.Payments = append(v.Payments, with(s.vouchers(s.campaign(func(in *campaign) { in.UseVoucherCombineInvoice = yes }), "Y", 1)...)...)
			}, "không được dùng chung", nil},
		} {
			limited := s.campaign(c.limit)
			voucher := s.vouchers(limited, string(rune('A'+i)), 1)[0]
			bad, good := s.sale(voucher), s.sale(voucher)
			if c.breaks != nil {
				c.breaks(bad)
			}
			err := s.d.Write(t.Context(), s.who, func(tx *db.Tx) error {
				_, err := sales.CreateInvoice(tx, bad)
				return err
			})
			if refusal := (*taphoa.Error)(nil); !errors.As(err, &refusal) || !strings.Contains(refusal.Message, c.words) {
				t.Errorf("%s: got %v, want a refusal with %q", c.name, err, c.words)
			}
			s.is(voucher, taphoa.CodeReleased)
			if c.name == "not yet" {
				continue
			}
			if c.keeps != nil {
				c.keeps(good)
			}
			if v := done(s, sales.CreateInvoice, good); v.TotalPayment != taphoa.Dong(20_000) {
				t.Errorf("%s: paid %v", c.name, v.TotalPayment)
			}
		}
		s.sound()
	})
}

func TestOnlyALiveReleasedVoucherPays(t *testing.T) {
	inStore(t, func(t *testing.T, s *store) {
		c := s.campaign(func(in *taphoa.VoucherCampaignInput) { in.ExpireTime = taphoa.Some[int64](2) })
		done(s, promo.CreateVouchers, &taphoa.VoucherCreate{VoucherCampaignID: c.ID, Data: codes("V", 4)})
		all := s.list(c)
		refused(s, "payments.voucherId", "chưa được phát hành", sales.CreateInvoice, s.sale(all[0]))
		done(s, promo.CancelVouchers, &taphoa.VoucherCancel{CampaignID: c.ID, Vouchers: codes("V", 1)})
		refused(s, "payments.voucherId", "Đã hủy", sales.CreateInvoice, s.sale(all[0]))
		give := func(at taphoa.Opt[taphoa.Time], code string) {
			done(s, promo.ReleaseVouchers, &taphoa.VoucherRelease{CampaignID: c.ID, Vouchers: []taphoa.CodeInput{{Code: code}}, ReleaseDate: at})
		}
		give(taphoa.Opt[taphoa.Time]{}, "v0002")
		give(taphoa.Some(s.in(29)), "v0003")
		if all = s.list(c); all[1].ExpireDate.Value != s.in(2) || all[2].ExpireDate.Value != s.in(30) {
			t.Errorf("they expire at %v and %v", all[1].ExpireDate, all[2].ExpireDate)
		}
		refused(s, "payments.voucherId", "chưa đến ngày", sales.CreateInvoice, s.sale(all[2]))
		stop := func(active bool) {
			done(s, promo.UpdateVoucherCampaign, &taphoa.VoucherCampaignUpdate{
				ByID: taphoa.ByID{ID: c.ID}, VoucherCampaignInput: taphoa.VoucherCampaignInput{IsActive: taphoa.Some(active)},
			})
		}
		stop(false)
		refused(s, "payments.voucherId", "ngừng hoạt động", sales.CreateInvoice, s.sale(all[1]))
		stop(true)
		s.clock.Advance(2*24*3600 + 1)
		refused(s, "payments.voucherId", "hết hạn", sales.CreateInvoice, s.sale(all[1]))
		s.clock.Advance(27 * 24 * 3600)
		done(s, sales.CreateInvoice, s.sale(all[2]))
	})
}
