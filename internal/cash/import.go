package cash

import (
	"slices"
	"strings"

	"github.com/taphoa/taphoa"
	"github.com/taphoa/taphoa/internal/cash/plan"
	"github.com/taphoa/taphoa/internal/db"
	"github.com/taphoa/taphoa/internal/org"
	docplan "github.com/taphoa/taphoa/internal/plan"
	"github.com/taphoa/taphoa/internal/text"
)

// importedAccount is a row of bank_accounts.
type importedAccount struct {
	ID                      int64
	BankName, AccountNumber string
	Description             taphoa.Opt[string]
	CreatedDate             taphoa.Time
	ModifiedDate            taphoa.Opt[taphoa.Time]
	ChangedAt               taphoa.Time
}

func (a *importedAccount) id() int64 { return a.ID }

// ImportBankAccounts writes bank accounts as another system shows them.
func ImportBankAccounts(tx *db.Tx, accounts []taphoa.BankAccount) error {
	rows := make([]importedAccount, len(accounts))
	for i := range accounts {
		docplan.CopyFields(&rows[i], &accounts[i])
		rows[i].ChangedAt = accounts[i].ModifiedDate.Or(accounts[i].CreatedDate)
	}
	return db.Import(tx, "bank_accounts", rows, (*importedAccount).id)
}

// RemoveImportedBankAccounts notes which bank accounts another system uses no more.
func RemoveImportedBankAccounts(tx *db.Tx, ids []int64) error {
	_, err := db.RemoveImported(tx, "bank_accounts", ids)
	return err
}

// ImportSurcharges writes surcharges as another system shows them: those that are stopped, too, if they are among what has changed. No
// system shows for which branch one is.
func ImportSurcharges(tx *db.Tx, surcharges []taphoa.Surcharge) error {
	rows, last := make([]surchargeRow, len(surcharges)), int64(0)
	for i := range surcharges {
		s, r := &surcharges[i], &rows[i]
		docplan.CopyFields(r, s)
		r.CodeKey, r.ChangedAt, last = text.CodeKey(s.SurchargeCode), s.ModifiedDate.Or(s.CreatedDate), max(last, s.ID)
	}
	db.Upsert(tx, "surcharges", []string{"id"}, rows...)
	return tx.KeepIDs("surcharges", last)
}

// importedEntry is a row of payments of which more is stored than entries show.
type importedEntry struct {
	ID                                                 int64
	Code                                               string
	BranchID                                           int64
	Amount                                             taphoa.Money
	Method                                             string
	AccountID                                          taphoa.Opt[int64]
	Status                                             int64
	PartnerType                                        string
	PartnerID                                          int64
	Description                                        taphoa.Opt[string]
	UserID                                             int64
	TransDate, CreatedDate, ChangedAt                  taphoa.Time
	CashFlowGroupID                                    taphoa.Opt[int64]
	UsedForFinancialReporting                          int64
	PartnerName, PartnerSearch, ContactNumber, Address taphoa.Opt[string]
	WardName, LocationName                             taphoa.Opt[string]
	HistoryOrigin                                      string
}

func (e *importedEntry) id() int64 { return e.ID }

// ImportCashFlow writes entries of the cash book as another system shows them, as history: no money moves here. An entry shows its
// partner as that is here; one that is not here, as the entry shows it.
func ImportCashFlow(tx *db.Tx, entries []taphoa.CashFlow) error {
	known, err := knownPartners(tx, entries)
	if err != nil {
		return err
	}
	rows, groups := make([]importedEntry, len(entries)), map[int64]plan.GroupRow{}
	named := org.Named{Users: map[int64]string{}, Branches: map[int64]string{}}
	codes := db.Freed{Column: "code", Set: "code = '~' || id"}
	ids := make([]int64, len(entries))
	for i := range entries {
		e, r := &entries[i], &rows[i]
		docplan.CopyFields(r, e)
		r.PartnerType, r.PartnerID, r.HistoryOrigin = e.PartnerType.Or(taphoa.PartnerOther), e.PartnerID.Or(0), e.Origin
		if r.HistoryOrigin == "" {
			r.HistoryOrigin = "Manual"
		}
		r.CreatedDate, r.ChangedAt = e.TransDate, tx.Now
		if known[Account{Type: r.PartnerType, ID: r.PartnerID}] {
			shown := taphoa.Opt[string]{}
			r.PartnerName, r.ContactNumber, r.Address, r.WardName, r.LocationName = shown, shown, shown, shown, shown
		} else if r.PartnerName.Has() {
			r.PartnerSearch = taphoa.Some(text.Fold(r.PartnerName.Value))
		}
		ids[i], codes.Values = e.ID, append(codes.Values, e.Code)
		named.Users[e.UserID], named.Branches[e.BranchID] = e.User.Or(""), e.Branch.Or("")
		if id, name := e.CashFlowGroupID.Or(0), e.CashGroup.Or(""); id > int64(len(taphoa.CashFlowGroups)) && name != "" {
			groups[id] = plan.GroupRow{ID: id, Name: name, NameKey: text.Fold(name), IsReceipt: e.Amount > 0, CreatedDate: tx.Now}
		}
	}
	if err := importNamed(tx, &named, groups, entries); err != nil {
		return err
	}
	if err := db.Import(tx, "payments", rows, (*importedEntry).id, codes); err != nil {
		return err
	}
	cashFlowUpdated.Emit(tx, ids...)
	return nil
}

// knownPartners are those of the partners of entries that are here, also deleted ones.
func knownPartners(tx *db.Tx, entries []taphoa.CashFlow) (map[Account]bool, error) {
	known := map[Account]bool{}
	for i := range partners {
		var ids []int64
		for j := range entries {
			if entries[j].PartnerType.Or("") == partners[i].letter {
				ids = append(ids, entries[j].PartnerID.Or(0))
			}
		}
		if len(ids) == 0 {
			continue
		}
		found, err := db.All[int64](tx, `SELECT id FROM `+partners[i].table+` WHERE retailer_id = :retailer AND id IN ?`, ids)
		if err != nil {
			return nil, err
		}
		for _, id := range found {
			known[Account{Type: partners[i].letter, ID: id}] = true
		}
	}
	return known, nil
}

// importNamed makes what entries name and lists do not show: users, branches, kinds of receipts and payments, bank accounts.
func importNamed(tx *db.Tx, named *org.Named, groups map[int64]plan.GroupRow, entries []taphoa.CashFlow) error {
	if err := org.ImportNamed(tx, named); err != nil {
		return err
	}
	var last int64
	for id, g := range groups {
		last = max(last, id)
		db.Upsert(tx, "cash_flow_groups", []string{"id"}, g)
	}
	if err := tx.KeepIDs("cash_flow_groups", last); err != nil {
		return err
	}
	accounts, err := BankAccounts(tx)
	if err != nil {
		return err
	}
	var rows []importedAccount
	var gone []int64
	for i := range entries {
		id, label := entries[i].AccountID.Or(0), entries[i].Account.Or("")
		is := func(a plan.BankAccount) bool { return a.ID == id }
		if id == 0 || label == "" || slices.ContainsFunc(accounts, is) || slices.Contains(gone, id) {
			continue
		}
		bank, number, _ := strings.Cut(label, " - ")
		rows, gone = append(rows, importedAccount{ID: id, BankName: bank, AccountNumber: number, CreatedDate: tx.Now, ChangedAt: tx.Now}), append(gone, id)
	}
	if err := db.Import(tx, "bank_accounts", rows, (*importedAccount).id); err != nil {
		return err
	}
	return RemoveImportedBankAccounts(tx, gone)
}
