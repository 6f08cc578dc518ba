package plan

import "github.com/taphoa/taphoa"

// Leaves tells the ledger what a stored document leaves open of a partner without a name, whose open items are not stored: one that is
// settled by no document of the question.
func (l *Ledger) Leaves(d PartnerDocument, open taphoa.Money) {
	if d.Account.ID == 0 {
		l.Name(d.Ref, d.Code)
		l.item(&d).OpenAmount = open
	}
}

// payAgain lets what is left of the payments that were booked for a document of a partner without a name, such as after it became
// cheaper, pay it when it is dearer again: there is no account that would have it as credit.
func (l *Ledger) payAgain(i *openItem) {
	for n := range l.payments {
		p := &l.payments[n]
		if !p.Paid() || p.own() != i.ref() {
			continue
		}
		pays, partner := l.itemOf(p)
		rest := l.Rest(p.ID)
		switch {
		case !partner || pays.account() != i.account() || pays.debtor == i.debtor:
		case pays.debtor:
			pays.OpenAmount = rest
			l.allocate(i, pays, min(rest, max(0, -i.OpenAmount)))
		default:
			pays.OpenAmount = -rest
			l.allocate(pays, i, min(rest, max(0, i.OpenAmount)))
		}
	}
}
