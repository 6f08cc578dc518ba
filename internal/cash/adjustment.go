package cash

import (
	"slices"
	"strings"
	"time"

	"github.com/taphoa/taphoa"
	"github.com/taphoa/taphoa/internal/cash/plan"
	"github.com/taphoa/taphoa/internal/db"
	"github.com/taphoa/taphoa/internal/org"
)

// What is shown of partners and of what is left is looked up for each record of a page: a join would be one with all of them.
var adjustmentColumns = `a.id, a.code, a.type, a.partner_type, a.partner_id, ` + ofAdjusted("code") + ` AS partner_code,
	` + ofAdjusted("name") + ` AS partner_name, a.document_date, a.debt, a.points, ` + adjustmentLeft + ` AS amount_left, a.reason,
	a.status, a.created_by, a.created_date, a.modified_date, a.retailer_id`

const adjustmentLeft = `COALESCE((SELECT o.open_amount FROM open_items o WHERE o.retailer_id = :retailer AND o.account_type = a.partner_type
		AND o.account_id = a.partner_id AND o.kind = 'adjustment' AND o.document_id = a.id), 0)`

// adjustmentDocuments are of the whole shop, as debts are.
var adjustmentDocuments = DocumentsOf(plan.KindAdjustment).As("a")

var adjustmentOrders = db.Orders{
	"code": db.Text("a.code_key"), "name": db.Text("a.code_key"), "type": db.Text("a.type"), "partnertype": db.Text("a.partner_type"),
	"partnerid": db.Number("a.partner_id"), "partnercode": db.Text(ofAdjusted("code_key")).OrNull(), "partnername": db.Text(ofAdjusted("search")).OrNull(),
	"documentdate": db.Number("a.document_date"), "debt": db.Number("a.debt"), "points": db.Number("a.points"), "left": db.Number(adjustmentLeft),
	"reason": db.Long("a.reason"), "status": db.Number("a.status"),
	"statusvalue": db.Labels("a.status", taphoa.AdjustmentVoid, taphoa.AdjustmentStatusValue),
	"createdby":   db.Number("a.created_by").OrNull(), "createddate": db.Number("a.created_date"), "modifieddate": db.Number("a.changed_at"),
}

// ofAdjusted is a column of the partner, which customers and suppliers have.
func ofAdjusted(column string) string {
	of := func(table string) string {
		return "(SELECT x." + column + " FROM " + table + " x WHERE x.retailer_id = :retailer AND x.id = a.partner_id)"
	}
	return "CASE a.partner_type WHEN 'C' THEN " + of("customers") + " ELSE " + of("suppliers") + " END"
}

// ListAdjustments lists the opening balances and adjustments of debts and points, valid and void. The vendor's API has no such
// operation.
func ListAdjustments(tx *db.Tx, in *taphoa.DebtAdjustmentQuery) (taphoa.Page[taphoa.DebtAdjustment], error) {
	list := db.List{Table: "debt_adjustments a", Columns: adjustmentColumns, Orders: adjustmentOrders, Documents: adjustmentDocuments}
	customers, err := CustomersNow(tx, in.PartnerIDs...)
	if err != nil {
		return taphoa.Page[taphoa.DebtAdjustment]{}, err
	}
	partners, letters, types := slices.Concat(in.PartnerIDs, customers), upper(in.PartnerType), []string{}
	for _, name := range in.Type {
		types = append(types, strings.ToLower(strings.TrimSpace(name)))
	}
	list.If(len(partners) > 0, "a.partner_id IN ?", partners).
		If(len(letters) > 0 && !slices.Contains(letters, "A"), "a.partner_type IN ?", letters).
		If(len(types) > 0, "a.type IN ?", types).
		If(len(in.Status) > 0, "a.status IN ?", in.Status).
		If(in.FromDocumentDate.Has(), "a.document_date >= ?", in.FromDocumentDate.Value).
		If(in.ToDocumentDate.Has(), "a.document_date <= ?", in.ToDocumentDate.Value).
		If(in.LastModifiedFrom.Has(), "a.changed_at >= ?", in.LastModifiedFrom.Value)
	page, err := db.ListPage[taphoa.DebtAdjustment](tx, &list, in.Paging)
	for i := range page.Data {
		page.Data[i].StatusValue = taphoa.AdjustmentStatusValue(page.Data[i].Status)
	}
	return page, err
}

func upper(letters []string) (all []string) {
	for _, letter := range letters {
		all = append(all, strings.ToUpper(strings.TrimSpace(letter)))
	}
	return all
}

// GetAdjustment returns an opening balance or an adjustment, or an error if there is no such record.
func GetAdjustment(tx *db.Tx, in *taphoa.ByID) (taphoa.DebtAdjustment, error) {
	which, args := tx.Found(adjustmentDocuments, "a.id = ?", in.ID)
	return findAdjustment(tx, which, args...)
}

// WrittenAdjustment is [GetAdjustment] for who has just written it.
func WrittenAdjustment(tx *db.Tx, id int64) (taphoa.DebtAdjustment, error) {
	return findAdjustment(tx, "a.id = ?", id)
}

func findAdjustment(tx *db.Tx, which string, args ...any) (taphoa.DebtAdjustment, error) {
	v, found, err := db.One[taphoa.DebtAdjustment](tx, `SELECT `+adjustmentColumns+` FROM debt_adjustments a
		WHERE a.retailer_id = :retailer AND `+which, args...)
	if err == nil && !found {
		err = unknownAdjustment()
	}
	v.StatusValue = taphoa.AdjustmentStatusValue(v.Status)
	return v, err
}

func unknownAdjustment() error {
	return taphoa.NotFound(taphoa.CodeValidate, "Phiếu điều chỉnh không tồn tại")
}

// Adjustment is an adjustment that was planned: what is to be written beside the ledger.
type Adjustment struct {
	Row     plan.AdjustmentRow
	Ledger  *plan.Ledger
	Changed bool // false for one that was void already
}

// adjustmentCodes are the codes of adjustments.
var adjustmentCodes = org.Sequence{Prefix: "CB", Table: "debt_adjustments"}

// NewAdjustment plans an opening balance or an adjustment. Who calls it lets it settle documents, changes the points of the customer, and
// saves the ledger. It refuses what [plan.NewAdjustment] refuses.
func NewAdjustment(tx *db.Tx, in *taphoa.DebtAdjustmentInput) (a Adjustment, err error) {
	if err := tx.Actor().May(0); err != nil {
		return a, err
	}
	partner := plan.AdjustedPartnerType(in)
	if in.PartnerID.Has() && partner == taphoa.PartnerCustomer {
		now, err := CustomersNow(tx, in.PartnerID.Value)
		if err != nil {
			return a, err
		}
		in.PartnerID.Value = now[0]
	}
	b := tx.Batch()
	ledger := Ask(tx, b, Question{Accounts: partnersAccount(partner, in.PartnerID.Or(0))})
	ready := org.AskCodes(tx, b, adjustmentCodes)
	adjusted, opening := askAdjustedPartner(b, partner, in.PartnerID.Or(0)), askOpening(tx, b, in)
	if err := b.Run(); err != nil {
		return a, err
	}
	if a.Ledger, err = ledger(); err != nil {
		return a, err
	}
	if err := ready(); err != nil {
		return a, err
	}
	var facts plan.AdjustmentFacts
	if p, found := adjusted.One(); found {
		facts.Partner = &p
	}
	facts.Opening, _ = opening.One()
	a.Row, err = plan.NewAdjustment(a.Ledger, &facts, in)
	a.Changed = true
	return a, err
}

// askAdjustedPartner asks for a partner who is not deleted.
func askAdjustedPartner(b *db.Batch, partner string, id int64) *db.Rows[plan.AdjustedPartner] {
	switch partner {
	case taphoa.PartnerCustomer:
		return db.Want[plan.AdjustedPartner](b, `
			SELECT code, name, reward_point FROM customers WHERE retailer_id = :retailer AND id = ?`+livingRows, id)
	case taphoa.PartnerSupplier:
		return db.Want[plan.AdjustedPartner](b, `
			SELECT code, name, CAST(0 AS BIGINT) AS reward_point FROM suppliers WHERE retailer_id = :retailer AND id = ?`+livingRows, id)
	}
	return nil
}

// askOpening asks for the code of the valid opening of a partner in the day, Vietnam time, of a new one.
func askOpening(tx *db.Tx, b *db.Batch, in *taphoa.DebtAdjustmentInput) *db.Rows[string] {
	if plan.AdjustmentType(in) != taphoa.AdjustmentOpening {
		return nil
	}
	day := in.DocumentDate.Or(tx.Clock).Day()
	return db.Want[string](b, `
		SELECT code FROM debt_adjustments
		WHERE retailer_id = :retailer AND partner_id = ? AND document_date >= ? AND document_date < ? AND partner_type = ? AND type = ? AND status = ?
		ORDER BY id LIMIT 1`,
		in.PartnerID.Or(0), day, day.Add(24*time.Hour), plan.AdjustedPartnerType(in), taphoa.AdjustmentOpening, taphoa.AdjustmentDone)
}

// VoidAdjustment plans the voiding of an adjustment; it stays readable, and what it has settled, or was settled by, is open again. One
// that is voided already stays as it is. It refuses an adjustment that does not exist, and one whose points the customer has no
// more.
func VoidAdjustment(tx *db.Tx, in *taphoa.ByID) (a Adjustment, err error) {
	which, args := tx.Found(adjustmentDocuments, "a.id = ?", in.ID)
	stored, found, err := db.One[plan.AdjustmentRow](tx, `
		SELECT `+db.Columns[plan.AdjustmentRow]("a")+` FROM debt_adjustments a WHERE a.retailer_id = :retailer AND `+which, args...)
	if err == nil && !found {
		err = unknownAdjustment()
	}
	if err == nil {
		err = tx.Actor().May(0)
	}
	if err != nil {
		return a, err
	}
	b := tx.Batch()
	ledger := Ask(tx, b, Question{
		Adjustments: []int64{stored.ID}, Documents: []plan.DocumentRef{stored.Ref()}, Accounts: []plan.Account{stored.Account()},
	})
	var points *db.Rows[plan.AdjustedPartner]
	if stored.Points != 0 { // a deleted customer has points, too
		points = db.Want[plan.AdjustedPartner](b, `
			SELECT code, name, reward_point FROM customers WHERE retailer_id = :retailer AND id = ?`, stored.PartnerID)
	}
	if err := b.Run(); err != nil {
		return a, err
	}
	if a.Ledger, err = ledger(); err != nil {
		return a, err
	}
	partner, _ := points.One()
	a.Row, a.Changed, err = a.Ledger.VoidAdjustment(stored, &partner)
	return a, err
}

// movedAdjustment has the columns of an adjustment that say when it was changed.
type movedAdjustment struct {
	ID           int64
	ModifiedDate taphoa.Opt[taphoa.Time]
	ChangedAt    taphoa.Time
}

// writeAdjustments writes the adjustments that were made or voided, and when others were settled, and tells of them.
func writeAdjustments(tx *db.Tx, c *plan.Changes) {
	for i := range c.Adjustments {
		a := &c.Adjustments[i]
		if a.Stored == nil {
			db.Insert(tx, "debt_adjustments", a.Row)
			tx.Count("debt_adjustments", 1, a.Row.ID)
		} else {
			db.Update(tx, "debt_adjustments", a.Stored, &a.Row, "id")
		}
		adjustmentUpdated.Emit(tx, a.Row.ID)
	}
	for _, id := range c.AdjustmentsMoved() {
		db.Update(tx, "debt_adjustments", &movedAdjustment{ID: id}, &movedAdjustment{id, taphoa.Some(tx.Now), tx.Now}, "id")
		adjustmentUpdated.Emit(tx, id)
	}
}

// mergeAdjustments makes the adjustments of a customer another's, and tells of them. Both may have had an opening on a day.
func mergeAdjustments(tx *db.Tx, gone, kept int64) error {
	rows, err := db.All[plan.AdjustmentRow](tx, `
		SELECT `+db.Columns[plan.AdjustmentRow]("a")+` FROM debt_adjustments a
		WHERE a.retailer_id = :retailer AND a.partner_id = ? AND a.partner_type = ? ORDER BY a.id`, gone, taphoa.PartnerCustomer)
	for i := range rows {
		row := rows[i]
		row.PartnerID, row.ModifiedDate, row.ChangedAt = kept, taphoa.Some(tx.Now), tx.Now
		db.Update(tx, "debt_adjustments", &rows[i], &row, "id")
		adjustmentUpdated.Emit(tx, row.ID)
	}
	return err
}
