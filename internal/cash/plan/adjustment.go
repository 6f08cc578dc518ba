package plan

import (
	"strings"

	"github.com/taphoa/taphoa"
	"github.com/taphoa/taphoa/internal/right"
	"github.com/taphoa/taphoa/internal/text"
)

// AdjustmentRow is a row of the table debt_adjustments: an opening balance or an adjustment of a debt or of points. Its only step of
// postings is the first one, and the second one reverses it.
type AdjustmentRow struct {
	ID           int64
	Code         string
	CodeKey      string
	Type         string
	PartnerType  string
	PartnerID    int64
	DocumentDate taphoa.Time
	Debt         taphoa.Money // what a customer owes more, or the shop owes a supplier more
	Points       int64
	Reason       taphoa.Opt[string]
	Status       int64
	CreatedBy    taphoa.Opt[int64]
	CreatedDate  taphoa.Time
	ModifiedDate taphoa.Opt[taphoa.Time]
	ChangedAt    taphoa.Time
}

// KindAdjustment is the kind of adjustments as documents.
const KindAdjustment = "adjustment"

// pointsMax is far from where a sum of points would overflow.
const pointsMax = 1_000_000_000

// Ref is the adjustment as a document.
func (r *AdjustmentRow) Ref() DocumentRef { return DocumentRef{KindAdjustment, r.ID} }

// Account is the account of the partner whose debt is adjusted.
func (r *AdjustmentRow) Account() Account { return Account{r.PartnerType, r.PartnerID} }

// document is the adjustment as a document of its partner's account.
func (r *AdjustmentRow) document() PartnerDocument {
	return PartnerDocument{Account: r.Account(), Ref: r.Ref(), Code: r.Code, Date: r.DocumentDate, Debtor: r.Debt > 0}
}

// posting is what the adjustment moves; none for one of points alone.
func (r *AdjustmentRow) posting() []Posting {
	p := Posting{Adjustments(), r.Account(), r.Debt.Abs()}
	if (r.Debt < 0) != (r.PartnerType == typeSupplier) { // the account of a supplier is what he owes
		p.From, p.To = p.To, p.From
	}
	if r.Debt == 0 {
		return nil
	}
	return []Posting{p}
}

// TotalPoints is by how much the adjustment has changed the points that the customer was ever given.
func (r *AdjustmentRow) TotalPoints() int64 { return max(0, r.Points) }

// AdjustedPartner is what an adjustment depends on of its partner.
type AdjustedPartner struct {
	Code        string
	Name        taphoa.Opt[string]
	RewardPoint int64 // 0 for suppliers
}

// AdjustmentFacts are what a new adjustment depends on.
type AdjustmentFacts struct {
	Partner *AdjustedPartner // whom the request names; nil when there is no such partner, or a deleted one
	Opening string           // the code of the partner's valid opening of the day; "" for none
}

// AdjustmentType is the type that a request names. It need not be valid.
func AdjustmentType(in *taphoa.DebtAdjustmentInput) string {
	if name := strings.ToLower(strings.TrimSpace(in.Type.Or(""))); name != "" {
		return name
	}
	return taphoa.AdjustmentOther
}

// AdjustedPartnerType is the type of partner that a request names. It need not be valid.
func AdjustedPartnerType(in *taphoa.DebtAdjustmentInput) string {
	return strings.ToUpper(strings.TrimSpace(in.PartnerType.Or("")))
}

// NewAdjustment adds an opening balance or an adjustment. It refuses with CodeValidate types, dates and numbers that are not valid, an
// unknown partner, a second opening of a day, and fewer points than none.
func NewAdjustment(l *Ledger, f *AdjustmentFacts, in *taphoa.DebtAdjustmentInput) (AdjustmentRow, error) {
	row := AdjustmentRow{
		Type: AdjustmentType(in), PartnerType: AdjustedPartnerType(in), PartnerID: in.PartnerID.Or(0),
		DocumentDate: in.DocumentDate.Or(l.ctx.Clock), Debt: in.Debt.Or(0).RoundDong(), Points: in.Points.Or(0),
	}
	if reason := strings.TrimSpace(in.Reason.Or("")); reason != "" {
		row.Reason = taphoa.Some(reason)
	}
	if err := row.check(l.ctx.Clock); err != nil {
		return row, err
	}
	if err := l.ctx.Actor.Dated(0, "documentDate", row.DocumentDate, l.ctx.Clock); err != nil {
		return row, err
	}
	called := taphoa.Term("Khách hàng")
	if row.PartnerType == typeSupplier {
		called = "Nhà cung cấp"
	}
	switch p := f.Partner; {
	case p == nil:
		return row, taphoa.Refuse(taphoa.CodeValidate, "partnerId", "%s %d (partnerId) không tồn tại", called, row.PartnerID)
	case row.Type == taphoa.AdjustmentOpening && f.Opening != "":
		full := taphoa.Refuse(taphoa.CodeValidate, "documentDate",
			"%s %s đã có phiếu đầu kỳ %s trong ngày này (documentDate): hãy hủy phiếu đó hoặc lập phiếu điều chỉnh", called, p.Code, f.Opening)
		plain := taphoa.Refuse(taphoa.CodeValidate, "documentDate",
			"%s %s đã có phiếu đầu kỳ trong ngày này (documentDate): hãy hủy phiếu đó hoặc lập phiếu điều chỉnh", called, p.Code)
		return row, l.ctx.Actor.Tell(right.SeeDebts, l.ctx.Actor.Tell(right.SeeOthers, full, plain), plain)
	case row.Points < 0 && p.RewardPoint+row.Points < 0:
		return row, taphoa.Refuse(taphoa.CodeValidate, "points",
			"Khách hàng %s chỉ có %d điểm, không thể trừ %d điểm (points)", p.Code, p.RewardPoint, -row.Points)
	}
	return l.Adjust(row)
}

// check refuses what is not valid by itself.
func (r *AdjustmentRow) check(now taphoa.Time) error {
	refuse := func(member, sentence string, args ...any) error {
		return taphoa.Refuse(taphoa.CodeValidate, member, sentence, args...)
	}
	switch {
	case !keepsDebt(r.PartnerType):
		return refuse("partnerType", "Đối tượng %q (partnerType) của phiếu điều chỉnh không hợp lệ: dùng C (khách hàng) hoặc S (nhà cung cấp)", r.PartnerType)
	case r.PartnerID == 0:
		return refuse("partnerId", "Phiếu điều chỉnh cần đối tượng (partnerId)")
	case r.Type != taphoa.AdjustmentOpening && r.Type != taphoa.AdjustmentOther:
		return refuse("type", "Loại phiếu %q (type) không hợp lệ: dùng opening (đầu kỳ) hoặc adjustment (điều chỉnh)", r.Type)
	case r.DocumentDate > now:
		return refuse("documentDate", "Ngày của phiếu điều chỉnh (documentDate) không được sau thời điểm hiện tại")
	case r.Points != 0 && r.PartnerType == typeSupplier:
		return refuse("points", "Chỉ khách hàng mới có điểm (points)")
	case r.Debt == 0 && r.Points == 0:
		return refuse("debt", "Phiếu điều chỉnh cần công nợ (debt) hoặc điểm (points) khác 0")
	case r.Debt > taphoa.MoneyMax || r.Debt < -taphoa.MoneyMax:
		return refuse("debt", "Công nợ (debt) của phiếu điều chỉnh không được vượt quá %v", taphoa.MoneyMax)
	case r.Points > pointsMax || r.Points < -pointsMax:
		return refuse("points", "Điểm (points) của phiếu điều chỉnh không được vượt quá %d", int64(pointsMax))
	}
	return nil
}

// Adjust adds an adjustment, whose id and code it gives out, to the account of its partner. The next code must be free.
func (l *Ledger) Adjust(row AdjustmentRow) (AdjustmentRow, error) {
	row.ID, row.Code, row.Status = l.ctx.ID("debt_adjustments"), l.ctx.Code("CB"), taphoa.AdjustmentDone
	row.CodeKey, row.CreatedBy = text.CodeKey(row.Code), taphoa.SomeIf(l.ctx.Actor.UserID)
	row.CreatedDate, row.ChangedAt = l.ctx.Now, l.ctx.Now
	if _, err := l.Post(Document{Kind: KindAdjustment, ID: row.ID, EffectiveAt: row.DocumentDate}, row.posting()); err != nil {
		return row, err
	}
	if row.Debt != 0 {
		l.Change(row.document(), row.Debt.Abs())
	}
	l.adjusted = append(l.adjusted, AdjustmentChange{Row: row})
	return row, nil
}

// VoidAdjustment voids an adjustment: the row stays, its posting is reversed, and what it has settled, or was settled by, is open again.
// One that is voided already stays as it is. The postings, the allocations and the account of the adjustment must have been asked
// for. It refuses with CodeValidate to take points that the customer has no more.
func (l *Ledger) VoidAdjustment(stored AdjustmentRow, partner *AdjustedPartner) (row AdjustmentRow, changed bool, err error) {
	if row = stored; row.Status == taphoa.AdjustmentVoid {
		return row, false, nil
	}
	if row.Points > 0 && partner.RewardPoint < row.Points {
		return row, false, taphoa.Refuse(taphoa.CodeValidate, "id",
			"Khách hàng %s chỉ còn %d điểm nên không thể hủy phiếu %s đã cộng %d điểm", partner.Code, partner.RewardPoint, row.Code, row.Points)
	}
	if row.Debt != 0 {
		if _, err := l.Post(Document{Kind: KindAdjustment, ID: row.ID, Step: 1, EffectiveAt: l.ctx.Clock}, nil); err != nil {
			return row, false, err
		}
		i := l.item(new(row.document()))
		l.voidedAt = l.ctx.Clock
		for _, portion := range l.portions(row.Ref()) {
			l.release(portion, taphoa.MoneyMax, l.ctx.Clock)
		}
		i.OpenAmount = 0
	}
	row.Status, row.ModifiedDate, row.ChangedAt = taphoa.AdjustmentVoid, taphoa.Some(l.ctx.Now), l.ctx.Now
	l.adjusted = append(l.adjusted, AdjustmentChange{&stored, row})
	return row, true, nil
}

// Left is what an adjustment leaves open; negative for credit that is left.
func (l *Ledger) Left(row *AdjustmentRow) taphoa.Money {
	if row.Debt == 0 {
		return 0
	}
	return l.item(new(row.document())).OpenAmount
}

// AdjustmentChange is an adjustment before and after.
type AdjustmentChange struct {
	Stored *AdjustmentRow // nil for a new one
	Row    AdjustmentRow
}

// AdjustmentsMoved are the adjustments of which more, or less, is left than before, but for those that were made or voided.
func (c *Changes) AdjustmentsMoved() (ids []int64) {
	add := func(i *OpenItemRow) {
		if i.Kind != KindAdjustment {
			return
		}
		for _, a := range c.Adjustments {
			if a.Row.ID == i.DocumentID {
				return
			}
		}
		ids = append(ids, i.DocumentID)
	}
	for i := range c.NewItems {
		add(&c.NewItems[i])
	}
	for i := range c.ChangedItems {
		if c.ChangedItems[i].Stored.OpenAmount != c.ChangedItems[i].Row.OpenAmount {
			add(&c.ChangedItems[i].Row)
		}
	}
	for i := range c.GoneItems {
		add(&c.GoneItems[i])
	}
	return ids
}
