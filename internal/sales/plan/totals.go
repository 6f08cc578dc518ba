package plan

import (
	"github.com/taphoa/taphoa"
	partyplan "github.com/taphoa/taphoa/internal/party/plan"
)

// addTotals adds to what the customer of the invoice has bought.
func (s *Sale) addTotals(invoiced, revenue taphoa.Money, points int64) {
	if invoiced == 0 && revenue == 0 && points == 0 {
		return
	}
	s.Buyers = append(s.Buyers, BuyerTotals{
		CustomerID: s.Invoice.Row.CustomerID.Value,
		Totals:     partyplan.Totals{Invoiced: invoiced, Revenue: revenue, Points: points},
	})
}

// customerGroups are the groups of the customer of the sale.
func (s *Sale) customerGroups() []int64 {
	if s.buyer.Has() {
		return s.buyer.Value.Groups
	}
	return nil
}
