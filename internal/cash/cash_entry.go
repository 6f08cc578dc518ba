package cash

import (
	"github.com/taphoa/taphoa"
	"github.com/taphoa/taphoa/internal/cash/plan"
	"github.com/taphoa/taphoa/internal/db"
	"github.com/taphoa/taphoa/internal/org"
)

// NewCashFlow plans a receipt or a payment that belongs to no document. Who calls it lets it settle documents, and saves it with
// [SaveEntry]. It refuses, with CodeValidate, a branch that does not exist.
func NewCashFlow(tx *db.Tx, in *taphoa.CashFlowInput) (e plan.Entry, l *plan.Ledger, err error) {
	if in.BranchID.Or(0) == 0 {
		return e, nil, taphoa.Refuse(taphoa.CodeValidate, "branchId", "Chi nhánh (branchId) không được để trống")
	}
	branch, err := org.GetBranch(tx, &taphoa.ByID{ID: in.BranchID.Value})
	if err != nil {
		return e, nil, err
	}
	if err := tx.Actor().May(branch.ID); err != nil {
		return e, nil, err
	}
	if err := tx.Actor().Dated(branch.ID, "transDate", in.TransDate.Or(tx.Clock), tx.Clock); err != nil {
		return e, nil, err
	}
	partner := plan.PartnerTypeOf(in)
	if in.PartnerID.Has() && partner == taphoa.PartnerCustomer {
		now, err := CustomersNow(tx, in.PartnerID.Value)
		if err != nil {
			return e, nil, err
		}
		in.PartnerID.Value = now[0]
	}
	b := tx.Batch()
	ledger := Ask(tx, b, Question{Accounts: partnersAccount(partner, in.PartnerID.Or(0))})
	entry := askEntry(tx, b, in)
	if err := b.Run(); err != nil {
		return e, nil, err
	}
	if l, err = ledger(); err != nil {
		return e, nil, err
	}
	facts := entry()
	facts.Branch = branch
	e, err = plan.NewEntry(l, &facts, in)
	return e, l, err
}

// partnersAccount is the account of a customer or a supplier; none for others.
func partnersAccount(partnerType string, id int64) []plan.Account {
	if id == 0 || partnerType != taphoa.PartnerCustomer && partnerType != taphoa.PartnerSupplier {
		return nil
	}
	return []plan.Account{{Type: partnerType, ID: id}}
}

// SaveEntry writes a new entry of the cash book.
func SaveEntry(tx *db.Tx, e *plan.Entry, l *plan.Ledger) (plan.Changes, error) {
	if e.NewGroup != nil {
		db.Insert(tx, "cash_flow_groups", *e.NewGroup)
	}
	return Save(tx, l)
}

var groupColumns = db.Columns[plan.GroupRow]("g")

// askEntry adds to a batch what a new entry depends on beside the branch.
func askEntry(tx *db.Tx, b *db.Batch, in *taphoa.CashFlowInput) func() plan.EntryFacts {
	var f plan.EntryFacts
	user := db.Want[string](b, `SELECT given_name FROM users WHERE retailer_id = :retailer AND id = ?`, tx.User)
	var named *db.Rows[plan.PartnerFacts]
	for i := range partners {
		if p := &partners[i]; p.letter == plan.PartnerTypeOf(in) {
			f.PartnerTerm = taphoa.Term(p.called)
			named = db.Want[plan.PartnerFacts](b,
				`SELECT `+p.columns+` FROM `+p.table+` WHERE retailer_id = :retailer AND id = ?`+p.living, in.PartnerID.Or(0))
		}
	}
	var groups *db.Rows[plan.GroupRow]
	switch id := in.CashFlowGroupID.Or(0); {
	case id != 0:
		groups = db.Want[plan.GroupRow](b, `SELECT `+groupColumns+` FROM cash_flow_groups g WHERE g.retailer_id = :retailer AND g.id = ?`, id)
	case plan.GroupKey(in) != "":
		groups = db.Want[plan.GroupRow](b,
			`SELECT `+groupColumns+` FROM cash_flow_groups g WHERE g.retailer_id = :retailer AND g.name_key = ?`, plan.GroupKey(in))
	}
	return func() plan.EntryFacts {
		if name, found := user.One(); found {
			f.UserName = taphoa.Some(name)
		}
		if partner, found := named.One(); found {
			f.Partner = &partner
		}
		f.Groups = groups.All()
		return f
	}
}

// VoidCashFlow plans the voiding of an entry of the cash book that belongs to no document; it stays readable, and what it has
// settled is open again. An entry that is voided already stays as it is. It refuses an entry that does not exist.
func VoidCashFlow(tx *db.Tx, in *taphoa.ByID) (v taphoa.CashFlow, l *plan.Ledger, err error) {
	if v, err = GetCashFlow(tx, in); err == nil {
		err = tx.Actor().May(v.BranchID)
	}
	if err != nil {
		return v, nil, err
	}
	var accounts []plan.Account
	if v.UsedForFinancialReporting == 0 {
		accounts = partnersAccount(v.PartnerType.Or(""), v.PartnerID.Or(0))
	}
	if l, err = askAlone(tx, Question{PaymentIDs: []int64{in.ID}, Accounts: accounts}); err != nil {
		return v, nil, err
	}
	v, err = plan.VoidEntry(l, v)
	return v, l, err
}
