package cash

import (
	"github.com/taphoa/taphoa"
	"github.com/taphoa/taphoa/internal/cash/plan"
	"github.com/taphoa/taphoa/internal/db"
)

// Merged are the customers of a shop that were merged into others. What names one of them means the one that is left.
type Merged struct {
	ids            map[int64]int64
	codes, numbers map[string]int64
}

// MergedCustomers returns the customers that were merged into others, from memory.
func MergedCustomers(tx *db.Tx) (*Merged, error) {
	return db.Kept(tx, "merged customers", 0, func(tx *db.Tx) (*Merged, error) {
		type row struct {
			ID, KeptID        int64
			CodeKey, PhoneKey string
		}
		rows, err := db.All[row](tx, `
			SELECT m.id, m.kept_id, c.code_key, c.phone_key FROM merged_customers m CROSS JOIN customers c
			WHERE m.retailer_id = :retailer AND c.retailer_id = :retailer AND c.id = m.id ORDER BY m.merged_at, m.id`)
		m := &Merged{map[int64]int64{}, map[string]int64{}, map[string]int64{}}
		for _, r := range rows {
			m.ids[r.ID], m.codes[r.CodeKey], m.numbers[r.PhoneKey] = r.KeptID, r.KeptID, r.KeptID
		}
		delete(m.numbers, "")
		return m, err
	})
}

// Now is the customer that an id means.
func (m *Merged) Now(id int64) int64 {
	if kept, gone := m.ids[id]; gone {
		return kept
	}
	return id
}

// WithCode is the customer into which the last one with a code was merged, 0 if there is none.
func (m *Merged) WithCode(key string) int64 { return m.codes[key] }

// WithNumber is the customer into which the last one with a contact number was merged, 0 if there is none.
func (m *Merged) WithNumber(key string) int64 { return m.numbers[key] }

// CustomersNow are the customers that ids mean.
func CustomersNow(tx *db.Tx, ids ...int64) ([]int64, error) {
	if len(ids) == 0 {
		return ids, nil
	}
	m, err := MergedCustomers(tx)
	if err != nil {
		return nil, err
	}
	now := make([]int64, len(ids))
	for i, id := range ids {
		now[i] = m.Now(id)
	}
	return now, nil
}

// MergeCustomer makes the payments, the adjustments, the postings, the debt and the open documents of a customer another's, and tells of the
// payments. The account of both is settled then; the changes say what documents are paid by it. It walks the cash book: each sale
// would pay for an index that only this needs.
func MergeCustomer(tx *db.Tx, gone, kept int64) (plan.Changes, error) {
	if err := moveMoney(tx, gone, kept); err != nil {
		return plan.Changes{}, err
	}
	if err := moveAllocations(tx, gone, kept); err != nil {
		return plan.Changes{}, err
	}
	l, err := askAlone(tx, Question{Accounts: []plan.Account{Customer(kept)}})
	if err != nil {
		return plan.Changes{}, err
	}
	l.Settle()
	return Save(tx, l)
}

// moveAllocations makes the open documents of a customer another's, and what was allocated to them.
func moveAllocations(tx *db.Tx, gone, kept int64) error {
	items, err := db.All[plan.OpenItemRow](tx, `
		SELECT `+db.Columns[plan.OpenItemRow]("o")+` FROM open_items o
		WHERE o.retailer_id = :retailer AND o.account_type = ? AND o.account_id = ?`, taphoa.PartnerCustomer, gone)
	if err != nil {
		return err
	}
	allocations, err := db.All[plan.AllocationRow](tx, `
		SELECT `+allocationColumns+` FROM allocations a
		WHERE a.retailer_id = :retailer AND a.account_type = ? AND a.account_id = ?`, taphoa.PartnerCustomer, gone)
	for i := range items {
		row := items[i]
		row.AccountID = kept
		db.Update(tx, "open_items", &items[i], &row, "account_type", "account_id", "kind", "document_id")
	}
	for i := range allocations {
		row := allocations[i]
		row.AccountID = kept
		db.Update(tx, "allocations", &allocations[i], &row, "id")
	}
	return err
}

// moveMoney makes the payments, the postings and the debt of a customer another's.
func moveMoney(tx *db.Tx, gone, kept int64) error {
	payments, err := db.All[plan.PaymentRow](tx, `
		SELECT `+paymentColumns+` FROM payments p
		WHERE p.retailer_id = :retailer AND p.partner_type = ? AND p.partner_id = ?`, taphoa.PartnerCustomer, gone)
	if err != nil {
		return err
	}
	if err := mergeAdjustments(tx, gone, kept); err != nil {
		return err
	}
	from, to := Customer(gone), Customer(kept)
	postings, err := db.All[plan.PostingRow](tx, `
		SELECT `+postingColumns+` FROM cash_postings c
		WHERE c.retailer_id = :retailer AND (c.from_type = ? AND c.from_id = ? OR c.to_type = ? AND c.to_id = ?)`,
		from.Type, from.ID, from.Type, from.ID)
	if err != nil {
		return err
	}
	debt, err := Debt(tx, from)
	if err != nil {
		return err
	}
	for i := range payments {
		row := payments[i]
		row.PartnerID, row.ChangedAt = kept, tx.Now
		db.Update(tx, "payments", &payments[i], &row, "id")
		cashFlowUpdated.Emit(tx, row.ID)
	}
	for i := range postings {
		row := postings[i]
		if row.FromType == from.Type && row.FromID == from.ID {
			row.FromID = to.ID
		}
		if row.ToType == from.Type && row.ToID == from.ID {
			row.ToID = to.ID
		}
		db.Update(tx, "cash_postings", &postings[i], &row, "kind", "document_id", "step", "line")
	}
	if debt != 0 {
		addBalances(tx, plan.BalanceRow{AccountType: to.Type, AccountID: to.ID, Balance: debt},
			plan.BalanceRow{AccountType: from.Type, AccountID: from.ID, Balance: -debt})
	}
	return nil
}
