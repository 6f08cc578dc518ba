package plan

import (
	"github.com/taphoa/taphoa"
	"github.com/taphoa/taphoa/internal/right"
	stockplan "github.com/taphoa/taphoa/internal/stock/plan"
)

// VoidReturn plans to void a return: it stays readable, the goods leave the branch again, the customer owes what they did
// before, and the invoice can be returned again. What was paid back stays paid unless it is to be voided, too. A return
// that is void already stays as it is. It refuses, with [taphoa.CodeInvoice], goods that are not there any more, if the
// shop does not sell what it does not have.
func VoidReturn(f *Facts, voidPayments bool) (*Sale, error) {
	if _, err := f.takeReturn(right.VoidReturns); err != nil {
		return nil, err
	}
	s := changeStoredReturn(f)
	r := &s.Return.Row
	changed := r.Status == taphoa.ReturnDone
	for _, p := range paid(f.returnPayments(r.ID)) {
		if !voidPayments || f.Cash.PaysOthers(p.ID) {
			continue
		}
		if _, err := f.Cash.Void(p.ID); err != nil {
			return nil, err
		}
		changed = true
	}
	if r.Status == taphoa.ReturnDone {
		if err := s.reverseReturn(); err != nil {
			return nil, err
		}
	}
	if changed {
		r.changed(f)
	}
	return s, s.settle()
}

// reverseReturn reverses whatever a return has moved.
func (s *Sale) reverseReturn() error {
	f, r := s.Facts, &s.Return.Row
	r.Status = taphoa.ReturnVoid
	doc := stockplan.Document{Kind: "return", ID: r.ID, Step: r.StockStep, EffectiveAt: r.ReturnDate}
	used, err := f.Stock.Post(doc, nil, f.sellLimits())
	if err != nil {
		return outOfStockError(err, taphoa.CodeInvoice)
	}
	if used {
		r.StockStep++
	}
	if err := s.postCredit(); err != nil {
		return err
	}
	if s.Invoice != nil {
		s.Invoice.addReturnQuantities(s.Return.Lines, -1)
	}
	s.addReturned(r.ReturnTotal, r.Points)
	return nil
}
