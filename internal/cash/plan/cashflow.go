package plan

import "github.com/taphoa/taphoa"

// PartnerFacts are what the cash book shows of a partner.
type PartnerFacts struct {
	Name          taphoa.Opt[string]
	ContactNumber taphoa.Opt[string]
	Address       taphoa.Opt[string]
	WardName      taphoa.Opt[string] // of customers and suppliers
	LocationName  taphoa.Opt[string] // of customers and suppliers
}

// NamePartner gives the ledger the data that the cash book shows of a partner: a letter of taphoa.PartnerTypes and an id. Without it,
// events about payments of the partner are read from the database.
func (l *Ledger) NamePartner(partnerType string, id int64, facts PartnerFacts) {
	l.partners[Account{partnerType, id}] = facts
}

// NameGroup gives the ledger the name of a group of receipts or payments.
func (l *Ledger) NameGroup(id int64, name string) { l.groups[id] = name }

// Event is a payment that was created or voided, and its data in cashflow.update: nil if it must be read.
type Event struct {
	PaymentID int64
	Data      *taphoa.CashFlow
}

func (l *Ledger) event(p *PaymentRow) Event {
	e := Event{PaymentID: p.ID}
	if v, known := l.CashFlow(p); known {
		e.Data = &v
	}
	return e
}

// CashFlow is a payment as the cash book shows it, without the names of bank account, branch and user, which lists show
// when asked to. known is false if the ledger was not given the partner or the group.
func (l *Ledger) CashFlow(p *PaymentRow) (v taphoa.CashFlow, known bool) {
	v = taphoa.CashFlow{
		ID: p.ID, Code: p.Code, BranchID: p.BranchID, CreatedBy: p.UserID, UserID: p.UserID,
		UsedForFinancialReporting: p.UsedForFinancialReporting, CashFlowGroupID: p.CashFlowGroupID, Method: string(p.Method),
		PartnerType: taphoa.Some(p.PartnerType), PartnerID: taphoa.SomeIf(p.PartnerID), Status: p.Status, TransDate: p.TransDate,
		Amount: p.Amount, AccountID: p.AccountID, Description: p.Description, RetailerID: l.ctx.Retailer,
		PartnerName: p.PartnerName, ContactNumber: p.ContactNumber, Address: p.Address, Origin: p.Origin(),
	}
	if p.PartnerID != 0 && p.PartnerType != taphoa.PartnerOther {
		partner, named := l.partners[p.partner()]
		if !named {
			return v, false
		}
		v.PartnerName = first(v.PartnerName, partner.Name)
		v.ContactNumber = first(v.ContactNumber, partner.ContactNumber)
		v.Address = first(v.Address, partner.Address)
		if p.PartnerType == taphoa.PartnerCustomer || p.PartnerType == taphoa.PartnerSupplier {
			v.WardName, v.LocationName = orAbsent(partner.WardName), orAbsent(partner.LocationName)
		}
	}
	CompleteCashFlow(&v)
	if group := p.CashFlowGroupID; group.Has() && !v.CashGroup.Has() {
		name, named := l.groups[group.Value]
		if !named {
			return v, false
		}
		v.CashGroup = taphoa.Some(name)
	}
	v.Documents, known = l.ShownDocuments(p.ID)
	return v, known
}

// first is COALESCE.
func first(a, b taphoa.Opt[string]) taphoa.Opt[string] {
	if a.Has() {
		return a
	}
	return orAbsent(b)
}

// CompleteCashFlow adds what follows from the other members: status label and the name of a group that every shop has.
func CompleteCashFlow(v *taphoa.CashFlow) {
	v.StatusValue = taphoa.PaymentStatusValue(v.Status)
	if id := v.CashFlowGroupID.Or(0); 0 < id && id <= int64(len(taphoa.CashFlowGroups)) {
		v.CashGroup = taphoa.Some(taphoa.CashFlowGroups[id-1].Name)
	}
}

// Origin names what made the payment, as the cash book shows it.
func (p *PaymentRow) Origin() string {
	switch {
	case p.HistoryOrigin.Has():
		return p.HistoryOrigin.Value
	case p.PurchaseID.Has():
		return "PurchaseOrder"
	case p.ReturnID.Has():
		return "Return"
	case p.InvoiceID.Has():
		return "Invoice"
	case p.OrderID.Has():
		return "Order"
	case p.VoucherCampaignID.Has():
		return "Voucher"
	}
	return "Manual"
}
