package plan_test

import (
	"errors"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/taphoa/taphoa"
	"github.com/taphoa/taphoa/internal/plan"
	promoplan "github.com/taphoa/taphoa/internal/promo/plan"
)

const now = taphoa.Time(1_700_000_000_000_000)

func days(n int) taphoa.Time { return now.Add(time.Duration(n) * 24 * time.Hour) }

// rows is what is stored: one campaign of 20.000 without limits, with two released vouchers.
type rows struct {
	vouchers  []promoplan.Voucher
	campaigns []promoplan.Campaign
	limits    []promoplan.Limit
	scope     promoplan.VoucherScope
	uses      []promoplan.VoucherUse
}

func stored() *rows {
	return &rows{
		vouchers: []promoplan.Voucher{
			{ID: 2, Code: "V2", CampaignID: 9, Status: taphoa.CodeReleased, ReleaseDate: taphoa.Some(days(-1))},
			{ID: 1, Code: "V1", CampaignID: 9, Status: taphoa.CodeReleased, ReleaseDate: taphoa.Some(days(-1))},
		},
		campaigns: []promoplan.Campaign{{
			ID: 9, Code: "TET", IsActive: true, StartDate: days(-10), EndDate: days(10), Price: taphoa.Dong(20_000),
			UseVoucherCombineInvoice: true, IsGlobal: true, ForAllCusGroup: true, ForAllUser: true,
		}},
		scope: promoplan.VoucherScope{
			BranchID: 7, SellerID: 8, CustomerID: taphoa.Some[int64](3), CustomerGroups: []int64{30}, Open: taphoa.Dong(100_000),
			Lines: []promoplan.VoucherLine{{ProductID: 11, CategoryID: 111, Amount: taphoa.Dong(50_000)}, {ProductID: 12, CategoryID: 112, Amount: taphoa.Dong(10_000)}},
		},
		uses: []promoplan.VoucherUse{{VoucherID: 1}},
	}
}

// facts are the rows as facts; category 111 is below 110.
func (r *rows) facts() *promoplan.Facts {
	return promoplan.NewFacts(r.vouchers, r.campaigns, r.limits, map[int64]int64{111: 110, 110: 0, 112: 0})
}

func (r *rows) limit(kind string, id int64) {
	c := &r.campaigns[0]
	r.limits = append(r.limits, promoplan.Limit{CampaignID: c.ID, Kind: kind, RefID: id})
	c.IsGlobal = c.IsGlobal && kind != promoplan.LimitBranch
	c.ForAllUser = c.ForAllUser && kind != promoplan.LimitUser
	c.ForAllCusGroup = c.ForAllCusGroup && kind != promoplan.LimitGroup
}

func (r *rows) redeem() ([]promoplan.VoucherPayment, *promoplan.Facts, error) {
	f := r.facts()
	payments, err := promoplan.Redeem(&plan.Context{Now: now + 5, Clock: now}, f, &r.scope, r.uses)
	return payments, f, err
}

func TestVouchersPayWhatIsOpen(t *testing.T) {
	type use = promoplan.VoucherUse
	for _, c := range []struct {
		name    string
		change  func(*rows)
		amounts []taphoa.Money // in the order of uses
		used    []int64
	}{
		{"the face value", func(*rows) {}, []taphoa.Money{taphoa.Dong(20_000)}, []int64{1}},
		{"less if the request says so", func(r *rows) { r.uses[0].Amount = taphoa.Dong(5_000) }, []taphoa.Money{taphoa.Dong(5_000)}, []int64{1}},
		{"in the order of the request", func(r *rows) {
			r.uses, r.scope.Open = []use{{VoucherID: 2, CampaignID: 9}, {VoucherID: 1}}, taphoa.Dong(30_000)
		}, []taphoa.Money{taphoa.Dong(20_000), taphoa.Dong(10_000)}, []int64{1, 2}},
		{"nothing again", func(r *rows) { r.scope.AppliedVouchers, r.vouchers[1].Status = []int64{1}, taphoa.CodeUsed }, nil, nil},
		{"nothing", func(r *rows) { r.uses = nil }, nil, nil},
		{"with a limit on a parent category", func(r *rows) { r.limit(promoplan.LimitCategory, 110) }, []taphoa.Money{taphoa.Dong(20_000)}, []int64{1}},
		{"with all limits", func(r *rows) {
			r.limit(promoplan.LimitBranch, 7)
			r.limit(promoplan.LimitUser, 8)
			r.limit(promoplan.LimitGroup, 30)
			r.limit(promoplan.LimitProduct, 12)
			r.campaigns[0].PrereqPrice = taphoa.Some(taphoa.Dong(10_000))
		}, []taphoa.Money{taphoa.Dong(20_000)}, []int64{1}},
		{"on the last day", func(r *rows) { r.campaigns[0].ExpireTime = taphoa.Some[int64](1) }, []taphoa.Money{taphoa.Dong(20_000)}, []int64{1}},
	} {
		r := stored()
		c.change(r)
		payments, f, err := r.redeem()
		var amounts []taphoa.Money
		for i, p := range payments {
			if p.VoucherID != r.uses[i].VoucherID {
				t.Errorf("%s: payment %d is of voucher %d", c.name, i, p.VoucherID)
			}
			amounts = append(amounts, p.Amount)
		}
		used, at := f.Used()
		if err != nil || !slices.Equal(amounts, c.amounts) || !slices.Equal(used, c.used) || len(used) > 0 && at != now || f.Released() != nil {
			t.Errorf("%s: got %v, %v, used %v at %v, released %v", c.name, amounts, err, used, at, f.Released())
		}
	}
}

func TestVouchersAreRefusedInOneOrder(t *testing.T) {
	type use = promoplan.VoucherUse
	// Each case has the faults of later ones, too, so that the order is tested.
	faults := []struct {
		name, field, words string
		fault              func(*rows)
	}{
		{"too many", "payments", "tối đa 100 voucher", func(r *rows) { r.uses = append(r.uses, make([]use, 100)...) }},
		{"unknown", "payments.voucherId", "Voucher 1 (voucherId) không tồn tại", func(r *rows) { r.vouchers[1].DeletedAt = now }},
		{"twice", "payments.voucherId", "V1 (voucherId) bị lặp lại", func(r *rows) {
			r.uses = append(r.uses, r.uses[0])
			r.uses[0].CampaignID = 0 // vouchers are checked one after another
		}},
		{"campaign", "payments.voucherCampaignId", "không thuộc đợt phát hành 4", func(r *rows) { r.uses[0].CampaignID = 4 }},
		{"cannot be combined", "payments.voucherId", "TET không được dùng chung", func(r *rows) {
			r.campaigns[0].UseVoucherCombineInvoice, r.scope.AppliedVouchers = false, []int64{2}
		}},
		{"inactive", "payments.voucherId", "đợt phát hành TET đang ngừng", func(r *rows) { r.campaigns[0].IsActive = false }},
		{"too early", "payments.voucherId", "chưa đến ngày sử dụng " + days(1).String(), func(r *rows) { r.campaigns[0].StartDate = days(1) }},
		{"expired", "payments.voucherId", "hết hạn từ " + days(-2).String(), func(r *rows) { r.campaigns[0].EndDate = days(-2) }},
		{"amount", "payments.amount", "Số tiền 20000.0001", func(r *rows) { r.uses[0].Amount = taphoa.Dong(20_000) + 0.0001*taphoa.Scale }},
		{"branch", "payments.voucherId", "tại chi nhánh này", func(r *rows) { r.limit(promoplan.LimitBranch, 70) }},
		{"seller", "payments.voucherId", "Người bán", func(r *rows) { r.limit(promoplan.LimitUser, 80) }},
		{"group", "payments.voucherId", "thuộc nhóm", func(r *rows) { r.limit(promoplan.LimitGroup, 300) }},
		{"product", "payments.voucherId", "chỉ dùng được khi mua", func(r *rows) {
			r.limit(promoplan.LimitProduct, 13)
			r.limit(promoplan.LimitCategory, 999)
		}},
		{"nothing open", "payments.voucherId", "Không còn số tiền nào", func(r *rows) { r.scope.Open = 0 }},
	}
	for i, c := range faults {
		r := stored()
		for k := len(faults) - 1; k >= i; k-- {
			faults[k].fault(r)
		}
		check(t, c.name, r, c.field, c.words)
	}
	r := stored()
	r.vouchers[1].Status = taphoa.CodeUnused
	check(t, "unused", r, "payments.voucherId", "V1 chưa được phát hành")
	r.vouchers[1].Status = taphoa.CodeCancelled
	check(t, "cancelled", r, "payments.voucherId", "V1 đang ở trạng thái")
	r = stored()
	r.campaigns[0].ExpireTime, r.vouchers[1].ReleaseDate = taphoa.Some[int64](1), taphoa.Some(days(-1)-1)
	check(t, "expired after its release", r, "payments.voucherId", "đã hết hạn")
	r = stored()
	r.campaigns[0].PrereqPrice = taphoa.Some(taphoa.Dong(60_000) + 0.0001*taphoa.Scale)
	check(t, "minimum", r, "payments.voucherId", "hiện là 60000")
	r.scope.Lines[0].Amount, r.scope.Lines[1].Amount = taphoa.Money(int64(1<<62)), taphoa.Money(int64(1<<62))
	check(t, "overflow", r, "total", "vượt quá giới hạn")
}

// check wants a refusal that leaves the facts as they were.
func check(t *testing.T, name string, r *rows, field, words string) {
	t.Helper()
	payments, f, err := r.redeem()
	e, ok := errors.AsType[*taphoa.Error](err)
	if !ok || e.Field != field || !strings.Contains(e.Message, words) || payments != nil {
		t.Errorf("%s: got %v, %v, want a refusal about %q with %q", name, payments, err, field, words)
	}
	if !reflect.DeepEqual(f, r.facts()) {
		t.Errorf("%s: a refusal changed the facts", name)
	}
}

func TestChangedLinesMustSuitTheAppliedVouchers(t *testing.T) {
	r := stored()
	r.vouchers[1].Status, r.scope.AppliedVouchers, r.uses = taphoa.CodeUsed, []int64{1}, nil
	r.campaigns[0].PrereqPrice = taphoa.Some(taphoa.Dong(60_001))
	if _, _, err := r.redeem(); err != nil {
		t.Errorf("lines that have not changed: %v", err)
	}
	r.scope.LinesChanged = true
	check(t, "changed lines", r, "payments.voucherId", "tổng tiền hàng từ 60001, hiện là 60000")
	r.campaigns[0].PrereqPrice = taphoa.Some(taphoa.Dong(60_000))
	if payments, _, err := r.redeem(); err != nil || payments != nil {
		t.Errorf("got %v, %v", payments, err)
	}
}

func TestOnlyUsedVouchersAreReleased(t *testing.T) {
	r := stored()
	r.vouchers[1].Status = taphoa.CodeUsed
	f := r.facts()
	f.Release([]int64{1, 2, 3})
	if used, _ := f.Used(); used != nil || !slices.Equal(f.Released(), []int64{1}) {
		t.Errorf("used %v, released %v", used, f.Released())
	}
	if _, err := promoplan.Redeem(&plan.Context{Clock: now}, f, &r.scope, r.uses); err != nil {
		t.Errorf("a voucher that was released again does not pay: %v", err)
	}
	if used, at := f.Used(); !slices.Equal(used, []int64{1}) || at != now || f.Released() != nil {
		t.Errorf("used %v at %v, released %v", used, at, f.Released())
	}
	f.Release([]int64{1})
	if used, _ := f.Used(); used != nil || !slices.Equal(f.Released(), []int64{1}) {
		t.Errorf("used %v, released %v", used, f.Released())
	}
}
