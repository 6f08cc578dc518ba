package cash

import (
	"github.com/taphoa/taphoa"
	"github.com/taphoa/taphoa/internal/cash/plan"
	"github.com/taphoa/taphoa/internal/db"
	"github.com/taphoa/taphoa/internal/org"
)

// CreateCashFlow creates a receipt or a payment that belongs to no document, and returns it as [GetCashFlow] does. It refuses,
// with CodeValidate, a branch that does not exist.
func CreateCashFlow(tx *db.Tx, in *taphoa.CashFlowInput) (taphoa.CashFlow, error) {
	if in.BranchID.Or(0) == 0 {
		return taphoa.CashFlow{}, taphoa.Refuse(taphoa.CodeValidate, "branchId", "Chi nhánh (branchId) không được để trống")
	}
	branch, err := org.GetBranch(tx, &taphoa.ByID{ID: in.BranchID.Value})
	if err != nil {
		return taphoa.CashFlow{}, err
	}
	if in.PartnerID.Has() && plan.PartnerTypeOf(in) == taphoa.PartnerCustomer {
		now, err := CustomersNow(tx, in.PartnerID.Value)
		if err != nil {
			return taphoa.CashFlow{}, err
		}
		in.PartnerID.Value = now[0]
	}
	b := tx.Batch()
	ledger, entry := Ask(tx, b, Question{}), askEntry(tx, b, in)
	if err := b.Run(); err != nil {
		return taphoa.CashFlow{}, err
	}
	l, err := ledger()
	if err != nil {
		return taphoa.CashFlow{}, err
	}
	facts := entry()
	facts.Branch = branch
	e, err := plan.NewEntry(l, &facts, in)
	if err != nil {
		return taphoa.CashFlow{}, err
	}
	if e.NewGroup != nil {
		db.Insert(tx, "cash_flow_groups", *e.NewGroup)
	}
	return e.CashFlow, Save(tx, l)
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

// VoidCashFlow voids an entry of the cash book that belongs to no document; it stays readable. An entry that is voided
// already stays as it is. It refuses an entry that does not exist.
func VoidCashFlow(tx *db.Tx, in *taphoa.ByID) (taphoa.CashFlowVoided, error) {
	var none taphoa.CashFlowVoided
	b := tx.Batch()
	ledger := Ask(tx, b, Question{PaymentIDs: []int64{in.ID}})
	entry := db.Want[taphoa.CashFlow](b, oneCashFlow, in.ID)
	if err := b.Run(); err != nil {
		return none, err
	}
	l, err := ledger()
	if err != nil {
		return none, err
	}
	v, found := entry.One()
	if !found {
		return none, unknownCashFlow()
	}
	plan.CompleteCashFlow(&v)
	if v, err = plan.VoidEntry(l, v); err != nil {
		return none, err
	}
	return taphoa.CashFlowVoided{CashFlow: v, Message: taphoa.MessageDeleted}, Save(tx, l)
}
