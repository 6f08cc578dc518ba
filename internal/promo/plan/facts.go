package plan

import (
	"cmp"
	"maps"
	"slices"

	"github.com/taphoa/taphoa"
)

// What a campaign can be limited to: kinds of [Limit].
const (
	LimitBranch   = "branch"
	LimitUser     = "user"
	LimitGroup    = "group" // of customers
	LimitCategory = "category"
	LimitProduct  = "product"
)

// Voucher is a locked voucher.
type Voucher struct {
	ID          int64
	Code        string
	CampaignID  int64
	Status      int64 // taphoa.CodeUnused and so on
	ReleaseDate taphoa.Opt[taphoa.Time]
	DeletedAt   taphoa.Time // 0 unless it is deleted
}

// Campaign is what a campaign of vouchers demands, without its limits.
type Campaign struct {
	ID                       int64
	Code                     string
	IsActive                 bool
	StartDate                taphoa.Time
	EndDate                  taphoa.Time
	ExpireTime               taphoa.Opt[int64] // days from the release of a voucher
	PrereqPrice              taphoa.Opt[taphoa.Money]
	Price                    taphoa.Money // the face value
	UseVoucherCombineInvoice bool
	IsGlobal                 bool // in all branches
	ForAllCusGroup           bool
	ForAllUser               bool
}

// Limit is a branch, user, group, category or product that a campaign is limited to.
type Limit struct {
	CampaignID int64
	Kind       string
	RefID      int64
}

// Facts is what was asked for about the vouchers of a request. [Redeem] and [Facts.Release] change it; [Facts.Used] and
// [Facts.Released] are what is to be written in the end.
type Facts struct {
	vouchers  map[int64]*lockedVoucher
	campaigns map[int64]*campaign
	parents   map[int64]int64 // of categories
}

// lockedVoucher is a voucher with the status that is stored.
type lockedVoucher struct {
	Voucher
	stored int64
	usedAt taphoa.Time // if it was redeemed now
}

// campaign is a campaign with its limits by kind.
type campaign struct {
	Campaign
	limits map[string][]int64
}

// NewFacts returns the facts of asked rows: the vouchers of a request and of its document, their campaigns with all
// limits, and the parents of the shop's categories, which may be missing unless [CategoriesNeeded].
func NewFacts(vouchers []Voucher, campaigns []Campaign, limits []Limit, parents map[int64]int64) *Facts {
	f := &Facts{vouchers: map[int64]*lockedVoucher{}, campaigns: map[int64]*campaign{}, parents: parents}
	for _, v := range vouchers {
		f.vouchers[v.ID] = &lockedVoucher{Voucher: v, stored: v.Status}
	}
	for _, c := range campaigns {
		f.campaigns[c.ID] = &campaign{c, map[string][]int64{}}
	}
	for _, l := range limits {
		if c := f.campaigns[l.CampaignID]; c != nil {
			c.limits[l.Kind] = append(c.limits[l.Kind], l.RefID)
		}
	}
	return f
}

// CategoriesNeeded reports whether a campaign with these limits looks at categories.
func CategoriesNeeded(limits []Limit) bool {
	return slices.ContainsFunc(limits, func(l Limit) bool { return l.Kind == LimitCategory })
}

// Release sets used vouchers to released when their payments are voided. Vouchers in another status stay
// as they are.
func (f *Facts) Release(voucherIDs []int64) {
	for _, id := range voucherIDs {
		if v := f.vouchers[id]; v != nil && v.Status == taphoa.CodeUsed {
			v.Status, v.usedAt = taphoa.CodeReleased, 0
		}
	}
}

// Knows reports whether a voucher was asked for.
func (f *Facts) Knows(voucherID int64) bool { return f.vouchers[voucherID] != nil }

// Used returns the vouchers that were redeemed, in the order of ids, and when.
func (f *Facts) Used() (ids []int64, at taphoa.Time) {
	for _, v := range f.sorted() {
		if v.usedAt != 0 {
			ids, at = append(ids, v.ID), v.usedAt
		}
	}
	return ids, at
}

// Released returns the vouchers that are stored as used and are released again, in the order of ids.
func (f *Facts) Released() (ids []int64) {
	for _, v := range f.sorted() {
		if v.stored == taphoa.CodeUsed && v.Status == taphoa.CodeReleased {
			ids = append(ids, v.ID)
		}
	}
	return ids
}

func (f *Facts) sorted() []*lockedVoucher {
	return slices.SortedFunc(maps.Values(f.vouchers), func(a, b *lockedVoucher) int { return cmp.Compare(a.ID, b.ID) })
}
