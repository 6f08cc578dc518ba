package sales_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/taphoa/taphoa"
	"github.com/taphoa/taphoa/internal/cash"
	"github.com/taphoa/taphoa/internal/db"
	"github.com/taphoa/taphoa/internal/dbtest"
	"github.com/taphoa/taphoa/internal/debt"
	"github.com/taphoa/taphoa/internal/org"
	"github.com/taphoa/taphoa/internal/party"
	"github.com/taphoa/taphoa/internal/right"
	"github.com/taphoa/taphoa/internal/sales"
)

// staff is a shop of two branches: Lan and Hoa sell at the first one, Minh at the second one.
type staff struct {
	*store
	second          int64
	lan, hoa, minh  int64
	orders, returns map[int64]int64  // by who has sold
	invoices, bills map[int64]int64  // of three, of which one has come back, and of one
	codes           map[int64]string // of invoices, by their ids
}

// sells is what a cashier may do.
func sells(more ...right.Right) right.Set {
	return right.Of(append(more, right.SeeOrders, right.CreateOrders, right.ChangeOrders, right.VoidOrders, right.SeeInvoices,
		right.CreateInvoices, right.ChangeInvoices, right.VoidInvoices, right.SeeReturns, right.CreateReturns, right.ChangeReturns,
		right.VoidReturns, right.TakePayments)...)
}

// openStaff opens a shop in which each of the three has an order of 1, invoices of 3 and of 1, and a return of one of the three.
func openStaff(t *testing.T, d *db.DB, clock *dbtest.Clock) *staff {
	t.Helper()
	s := &staff{
		store:  openStore(t, d, clock, "AllowSellWhenOutStock", "true", "AllowOrderWhenOutStock", "true"),
		orders: map[int64]int64{}, invoices: map[int64]int64{}, bills: map[int64]int64{}, returns: map[int64]int64{}, codes: map[int64]string{},
	}
	s.write(func(tx *db.Tx) error {
		branch, err := org.CreateBranch(tx, &taphoa.BranchInput{BranchName: "Huế"})
		s.second = branch.ID
		for name, id := range map[string]*int64{"lan": &s.lan, "hoa": &s.hoa, "minh": &s.minh} {
			if err == nil {
				var u taphoa.User
				u, err = org.CreateUser(tx, &taphoa.UserInput{UserName: name, GivenName: name})
				*id = u.ID
			}
		}
		return err
	})
	for _, user := range []int64{s.lan, s.hoa, s.minh} {
		branch := s.branch
		if user == s.minh {
			branch = s.second
		}
		s.sell(user, branch)
	}
	return s
}

func (s *staff) sell(user, branch int64) {
	s.t.Helper()
	err := s.as(user, right.Grant{Branch: branch, Set: sells()})(func(tx *db.Tx) error {
		o, err := sales.CreateOrder(tx, &taphoa.OrderInput{BranchID: taphoa.Some(branch), OrderDetails: []taphoa.DetailInput{line(s.coffee, 1)}})
		if err != nil {
			return err
		}
		v, err := sales.CreateInvoice(tx, &taphoa.InvoiceInput{BranchID: taphoa.Some(branch), InvoiceDetails: []taphoa.DetailInput{line(s.coffee, 3)}})
		if err != nil {
			return err
		}
		bill, err := sales.CreateInvoice(tx, &taphoa.InvoiceInput{BranchID: taphoa.Some(branch), InvoiceDetails: []taphoa.DetailInput{line(s.coffee, 1)}})
		if err != nil {
			return err
		}
		r, err := sales.CreateReturn(tx, &taphoa.ReturnInput{InvoiceID: taphoa.Some(v.ID), ReturnDetails: []taphoa.ReturnDetailInput{{DetailInput: line(s.coffee, 1)}}})
		if err != nil {
			return err
		}
		if o.SoldByID.Value != user || v.SoldByID.Value != user || r.ReceivedByID != user {
			s.t.Errorf("%d sells as %d and %d, and takes back as %d", user, o.SoldByID.Value, v.SoldByID.Value, r.ReceivedByID)
		}
		s.orders[user], s.invoices[user], s.bills[user], s.returns[user], s.codes[v.ID] = o.ID, v.ID, bill.ID, r.ID, v.Code
		return nil
	})
	if err != nil {
		s.t.Fatal(err)
	}
}

// as returns how a person works.
func (s *staff) as(user int64, grants ...right.Grant) func(func(*db.Tx) error) error {
	who := db.Actor{Retailer: s.who.Retailer, User: user, Held: right.Hold(user, grants...)}
	return func(op func(*db.Tx) error) error { return s.d.Write(s.t.Context(), who, op) }
}

// sees checks that a person finds the documents of some, in lists, with their sums, and alone, and that those of others do not exist.
func (s *staff) sees(name string, user int64, grants []right.Grant, those ...int64) {
	s.t.Helper()
	err := s.as(user, grants...)(func(tx *db.Tx) error {
		p := taphoa.Paging{PageSize: 10}
		orders, err := sales.ListOrders(tx, &taphoa.OrderQuery{Paging: p, IncludeTotals: true})
		if err != nil {
			return err
		}
		invoices, err := sales.ListInvoices(tx, &taphoa.InvoiceQuery{Paging: p, IncludeTotals: true})
		if err != nil {
			return err
		}
		returns, err := sales.ListReturns(tx, &taphoa.ReturnQuery{Paging: p})
		if err != nil {
			return err
		}
		n := int64(len(those))
		got := []int64{orders.Total, int64(len(orders.Data)), invoices.Total, int64(len(invoices.Data)), returns.Total, int64(len(returns.Data))}
		if !slices.Equal(got, []int64{n, n, 2 * n, 2 * n, n, n}) {
			s.t.Errorf("%s lists orders, invoices and returns: %d, want those of %d", name, got, n)
		}
		if orders.Totals.Total.Value != taphoa.Dong(50_000*n) || invoices.Totals.Total.Value != taphoa.Dong(200_000*n) {
			s.t.Errorf("%s sees sums of %v and %v, want those of %d", name, orders.Totals.Total.Value, invoices.Totals.Total.Value, n)
		}
		for _, seller := range []int64{s.lan, s.hoa, s.minh} {
			for what, err := range s.gets(tx, seller) {
				if seen := slices.Contains(those, seller); seen != (err == nil) || !seen && !unknown(err) {
					s.t.Errorf("%s asks for %s of %d: %v", name, what, seller, err)
				}
			}
		}
		return nil
	})
	if err != nil {
		s.t.Error(name, err)
	}
}

// gets asks for the documents that a person has sold in each way.
func (s *staff) gets(tx *db.Tx, seller int64) map[string]error {
	all := map[string]error{}
	id := func(id int64) *taphoa.ByID { return &taphoa.ByID{ID: id} }
	_, all["the order"] = sales.GetOrder(tx, id(s.orders[seller]))
	_, all["the order by code"] = sales.GetOrderByCode(tx, &taphoa.ByCode{Code: fmt.Sprintf("DH%06d", s.orders[seller])})
	_, all["the invoice"] = sales.GetInvoice(tx, id(s.invoices[seller]))
	_, all["the invoice by code"] = sales.GetInvoiceByCode(tx, &taphoa.ByCode{Code: s.codes[s.invoices[seller]]})
	_, all["the return"] = sales.GetReturn(tx, id(s.returns[seller]))
	_, all["the return by code"] = sales.GetReturnByCode(tx, &taphoa.ByCode{Code: fmt.Sprintf("TH%06d", s.returns[seller])})
	return all
}

// unknown reports whether a refusal says that there is no such document.
func unknown(err error) bool {
	refusal, ok := errors.AsType[*taphoa.Error](err)
	return ok && refusal.Kind == taphoa.KindNotFound && slices.Contains(
		[]string{"Đơn đặt hàng không tồn tại", "Hóa đơn không tồn tại", "Phiếu trả hàng không tồn tại"}, refusal.Message)
}

// writes are all that changes documents that a person has sold.
func (s *staff) writes(seller int64) map[string]func(*db.Tx) error {
	o, v, r := s.orders[seller], s.invoices[seller], s.returns[seller]
	return map[string]func(*db.Tx) error{
		"updates the order": func(tx *db.Tx) error {
			_, err := sales.UpdateOrder(tx, &taphoa.OrderUpdate{ByID: taphoa.ByID{ID: o}, OrderInput: taphoa.OrderInput{Description: taphoa.Some("Gọi trước")}})
			return err
		},
		"invoices the order": func(tx *db.Tx) error {
			_, err := sales.CreateInvoice(tx, &taphoa.InvoiceInput{OrderID: taphoa.Some(o)})
			return err
		},
		"makes the order's invoice": func(tx *db.Tx) error {
			_, err := sales.UpdateOrder(tx, &taphoa.OrderUpdate{ByID: taphoa.ByID{ID: o}, OrderInput: taphoa.OrderInput{MakeInvoice: true}})
			return err
		},
		"voids the order": func(tx *db.Tx) error { _, err := sales.DeleteOrder(tx, &taphoa.OrderDelete{ID: o}); return err },
		"voids the order by its status": func(tx *db.Tx) error {
			_, err := sales.UpdateOrder(tx, &taphoa.OrderUpdate{ByID: taphoa.ByID{ID: o}, OrderInput: taphoa.OrderInput{Status: taphoa.Some[int64](taphoa.OrderVoided)}})
			return err
		},
		"updates the invoice": func(tx *db.Tx) error {
			_, err := sales.UpdateInvoice(tx, &taphoa.InvoiceUpdate{ByID: taphoa.ByID{ID: v}, InvoiceInput: taphoa.InvoiceInput{Description: taphoa.Some("Giao sáng")}})
			return err
		},
		"pays the invoice": func(tx *db.Tx) error {
			_, err := debt.Pay(tx, &taphoa.InvoicePaymentInput{InvoiceID: taphoa.Some(v), Amount: taphoa.Some(taphoa.Dong(1_000))})
			return err
		},
		"takes goods back": func(tx *db.Tx) error {
			_, err := sales.CreateReturn(tx, &taphoa.ReturnInput{InvoiceID: taphoa.Some(v), ReturnDetails: []taphoa.ReturnDetailInput{{DetailInput: line(s.coffee, 1)}}})
			return err
		},
		"updates the return": func(tx *db.Tx) error {
			_, err := sales.UpdateReturn(tx, &taphoa.ReturnUpdate{ByID: taphoa.ByID{ID: r}, ReturnInput: taphoa.ReturnInput{Description: taphoa.Some("Rách")}})
			return err
		},
		"voids the return": func(tx *db.Tx) error { _, err := sales.DeleteReturn(tx, &taphoa.ReturnDelete{ID: r}); return err },
		"voids the return by its status": func(tx *db.Tx) error {
			_, err := sales.UpdateReturn(tx, &taphoa.ReturnUpdate{ByID: taphoa.ByID{ID: r}, ReturnInput: taphoa.ReturnInput{Status: taphoa.Some[int64](taphoa.ReturnVoid)}})
			return err
		},
		"voids the invoice": func(tx *db.Tx) error {
			_, err := sales.DeleteInvoice(tx, &taphoa.InvoiceDelete{ID: s.bills[seller]})
			return err
		},
		"voids the invoice by its status": func(tx *db.Tx) error {
			in := &taphoa.InvoiceUpdate{ByID: taphoa.ByID{ID: s.bills[seller]}}
			in.Status = taphoa.Some[int64](taphoa.InvoiceVoid)
			_, err := sales.UpdateInvoice(tx, in)
			return err
		},
	}
}

// errUndo undoes what an operation that succeeds has done.
var errUndo = errors.New("undo")

// tries checks how each write of a person on the documents of a seller ends: as unknown, for want of a right, or well.
func (s *staff) tries(name string, user int64, grants []right.Grant, seller int64, want func(what string, err error) bool) {
	s.t.Helper()
	for what, op := range s.writes(seller) {
		err := s.as(user, grants...)(func(tx *db.Tx) error {
			if err := op(tx); err != nil {
				return err
			}
			return errUndo
		})
		if errors.Is(err, errUndo) {
			err = nil
		}
		if !want(what, err) {
			s.t.Errorf("%s %s of %d: %v", name, what, seller, err)
		}
	}
}

func allDone(_ string, err error) bool    { return err == nil }
func allUnknown(_ string, err error) bool { return unknown(err) }

// TestADocumentThatAPersonDoesNotSeeDoesNotExist for them: in lists and sums, alone, and for whatever they would do with it.
func TestADocumentThatAPersonDoesNotSeeDoesNotExist(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB, clock *dbtest.Clock) {
		s := openStaff(t, d, clock)
		at := func(branch int64, set right.Set) right.Grant { return right.Grant{Branch: branch, Set: set} }
		own := []right.Grant{at(s.branch, sells())}
		s.sees("Lan", s.lan, own, s.lan)
		s.tries("Lan", s.lan, own, s.lan, allDone)
		s.tries("Lan", s.lan, own, s.hoa, allUnknown)
		s.tries("Lan", s.lan, own, s.minh, allUnknown)

		all := []right.Grant{at(s.branch, sells(right.SeeOthers))}
		s.sees("Lan, who sees others,", s.lan, all, s.lan, s.hoa)
		s.tries("Lan, who sees others,", s.lan, all, s.hoa, allDone)
		s.tries("Lan, who sees others,", s.lan, all, s.minh, allUnknown)

		looks := right.Of(right.SeeOrders, right.SeeInvoices, right.SeeReturns, right.SeeOthers)
		both := []right.Grant{at(s.branch, sells()), at(s.second, looks)}
		s.sees("Lan, who looks at the second branch,", s.lan, both, s.lan, s.minh)
		s.tries("Lan, who looks at the second branch,", s.lan, both, s.hoa, allUnknown)
		s.tries("Lan, who looks at the second branch,", s.lan, both, s.lan, allDone)
		needs := map[string]right.Right{
			"updates the order": right.ChangeOrders, "invoices the order": right.CreateInvoices, "makes the order's invoice": right.ChangeOrders,
			"voids the order": right.VoidOrders, "voids the order by its status": right.VoidOrders, "updates the invoice": right.ChangeInvoices,
			"pays the invoice": right.TakePayments, "takes goods back": right.CreateReturns, "updates the return": right.ChangeReturns,
			"voids the return": right.VoidReturns, "voids the return by its status": right.VoidReturns, "voids the invoice": right.VoidInvoices,
			"voids the invoice by its status": right.VoidInvoices,
		}
		for what, op := range s.writes(s.minh) {
			who := db.Actor{Retailer: s.who.Retailer, User: s.lan, Held: right.Hold(s.lan, both...), Needs: needs[what]}
			err := s.d.Write(t.Context(), who, op)
			missing, ok := errors.AsType[*right.Missing](err)
			if !ok || missing.Branch != s.second || missing.Right != needs[what] {
				t.Errorf("Lan %s of the second branch: %v, want the lack of %q", what, err, needs[what].Title())
			}
		}
		whole := []right.Grant{at(0, sells(right.SeeOthers))}
		s.sees("who works everywhere", s.lan, whole, s.lan, s.hoa, s.minh)
		s.tries("who works everywhere", s.lan, whole, s.minh, allDone)
		s.sees("who has left the branch", s.lan, []right.Grant{at(s.second, sells())})
		s.sees("nobody", s.lan, nil)
		s.tries("who may only look", s.lan, []right.Grant{at(s.second, looks)}, s.hoa, allUnknown)
	})
}

// TestARightIsNeededAtEachBranchThatAWriteIsAbout.
func TestARightIsNeededAtEachBranchThatAWriteIsAbout(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB, clock *dbtest.Clock) {
		s := openStaff(t, d, clock)
		withoutVoids := right.Of(right.SeeOrders, right.ChangeOrders, right.CreateOrders, right.SeeInvoices, right.ChangeInvoices, right.SeeReturns, right.ChangeReturns)
		first := right.Grant{Branch: s.branch, Set: sells()}
		for _, c := range []struct {
			name   string
			grants []right.Grant
			needs  right.Right
			lacks  right.Right
			at     int64
			op     func(*db.Tx) error
		}{
			{"moves an order to another branch", []right.Grant{first}, right.ChangeOrders, right.ChangeOrders, s.second, func(tx *db.Tx) error {
				_, err := sales.UpdateOrder(tx, &taphoa.OrderUpdate{ByID: taphoa.ByID{ID: s.orders[s.lan]}, OrderInput: taphoa.OrderInput{BranchID: taphoa.Some(s.second)}})
				return err
			}},
			{"sells at another branch", []right.Grant{first}, right.CreateInvoices, right.CreateInvoices, s.second, func(tx *db.Tx) error {
				_, err := sales.CreateInvoice(tx, &taphoa.InvoiceInput{BranchID: taphoa.Some(s.second), InvoiceDetails: []taphoa.DetailInput{line(s.coffee, 1)}})
				return err
			}},
			{"orders at another branch", []right.Grant{first}, right.CreateOrders, right.CreateOrders, s.second, func(tx *db.Tx) error {
				_, err := sales.CreateOrder(tx, &taphoa.OrderInput{BranchID: taphoa.Some(s.second), OrderDetails: []taphoa.DetailInput{line(s.coffee, 1)}})
				return err
			}},
			{"invoices an order at another branch", []right.Grant{first}, right.CreateInvoices, right.CreateInvoices, s.second, func(tx *db.Tx) error {
				_, err := sales.CreateInvoice(tx, &taphoa.InvoiceInput{OrderID: taphoa.Some(s.orders[s.lan]), BranchID: taphoa.Some(s.second)})
				return err
			}},
			{"takes goods back at another branch", []right.Grant{first}, right.CreateReturns, right.CreateReturns, s.second, func(tx *db.Tx) error {
				_, err := sales.CreateReturn(tx, &taphoa.ReturnInput{InvoiceID: taphoa.Some(s.invoices[s.lan]), BranchID: taphoa.Some(s.second)})
				return err
			}},
			{"orders with an invoice", []right.Grant{{Branch: s.branch, Set: withoutVoids}}, right.CreateOrders, right.CreateInvoices, s.branch, func(tx *db.Tx) error {
				_, err := sales.CreateOrder(tx, &taphoa.OrderInput{BranchID: taphoa.Some(s.branch), OrderDetails: []taphoa.DetailInput{line(s.coffee, 1)}, MakeInvoice: true})
				return err
			}},
			{"makes an order's invoice", []right.Grant{{Branch: s.branch, Set: withoutVoids}}, right.ChangeOrders, right.CreateInvoices, s.branch, s.writes(s.lan)["makes the order's invoice"]},
			{"voids an order by its status", []right.Grant{{Branch: s.branch, Set: withoutVoids}}, right.ChangeOrders, right.VoidOrders, s.branch, s.writes(s.lan)["voids the order by its status"]},
			{"voids an invoice by its status", []right.Grant{{Branch: s.branch, Set: withoutVoids}}, right.ChangeInvoices, right.VoidInvoices, s.branch, s.writes(s.lan)["voids the invoice by its status"]},
			{"voids a return by its status", []right.Grant{{Branch: s.branch, Set: withoutVoids}}, right.ChangeReturns, right.VoidReturns, s.branch, s.writes(s.lan)["voids the return by its status"]},
			{"takes money with an update", []right.Grant{{Branch: s.branch, Set: withoutVoids}}, right.ChangeInvoices, right.TakePayments, s.branch, func(tx *db.Tx) error {
				_, err := sales.UpdateInvoice(tx, &taphoa.InvoiceUpdate{ByID: taphoa.ByID{ID: s.invoices[s.lan]}, InvoiceInput: taphoa.InvoiceInput{TotalPayment: taphoa.Some(taphoa.Dong(60_000))}})
				return err
			}},
		} {
			who := db.Actor{Retailer: s.who.Retailer, User: s.lan, Held: right.Hold(s.lan, c.grants...), Needs: c.needs}
			err := s.d.Write(t.Context(), who, c.op)
			if missing, ok := errors.AsType[*right.Missing](err); !ok || missing.Right != c.lacks || missing.Branch != c.at {
				t.Errorf("who %s: %v, want the lack of %q at %d", c.name, err, c.lacks.Title(), c.at)
			}
		}
		s.balanced()
	})
}

// TestPricesAreListedInTheDatabase: what a plan needs to judge prices and costs is asked for, also where all prices are given.
func TestPricesAreListedInTheDatabase(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB, clock *dbtest.Clock) {
		s := openStaff(t, d, clock)
		book := s.book("Sỉ", 40_000)
		at := func(price int64) []taphoa.DetailInput {
			l := line(s.coffee, 1)
			l.Price = taphoa.Some(taphoa.Dong(price))
			return []taphoa.DetailInput{l}
		}
		o := s.order(taphoa.OrderInput{OrderDetails: at(40_000), PriceBookID: taphoa.Some(book)})
		v := s.invoice(taphoa.InvoiceInput{InvoiceDetails: at(40_000), PriceBookID: taphoa.Some(book)})
		orders := func(lines []taphoa.DetailInput) func(*db.Tx) error {
			return func(tx *db.Tx) error {
				_, err := sales.UpdateOrder(tx, &taphoa.OrderUpdate{ByID: taphoa.ByID{ID: o.ID}, OrderInput: taphoa.OrderInput{OrderDetails: lines}})
				return err
			}
		}
		sells1 := func(in taphoa.InvoiceInput) func(*db.Tx) error {
			return func(tx *db.Tx) error {
				in.BranchID = taphoa.Some(s.branch)
				_, err := sales.CreateInvoice(tx, &in)
				return err
			}
		}
		for _, c := range []struct {
			name  string
			more  []right.Right
			op    func(*db.Tx) error
			lacks right.Right
		}{
			{"at the book's price", nil, sells1(taphoa.InvoiceInput{InvoiceDetails: at(40_000), PriceBookID: taphoa.Some(book)}), 0},
			{"at another price", nil, sells1(taphoa.InvoiceInput{InvoiceDetails: at(39_999), PriceBookID: taphoa.Some(book)}), right.SellAtAnyPrice},
			{"more of an order at its book's price", nil, orders([]taphoa.DetailInput{at(40_000)[0], line(s.sugar, 1)}), 0},
			{"more of an order at another price", nil, orders(at(39_000)), right.SellAtAnyPrice},
			{"more of an invoice at another price", nil, func(tx *db.Tx) error {
				_, err := sales.UpdateInvoice(tx, &taphoa.InvoiceUpdate{ByID: taphoa.ByID{ID: v.ID}, InvoiceInput: taphoa.InvoiceInput{InvoiceDetails: at(39_000)}})
				return err
			}, right.SellAtAnyPrice},
			{"at cost", []right.Right{right.SellAtAnyPrice}, sells1(taphoa.InvoiceInput{InvoiceDetails: at(30_000)}), 0},
			{"below cost", []right.Right{right.SellAtAnyPrice}, sells1(taphoa.InvoiceInput{InvoiceDetails: at(29_999)}), right.SellBelowCost},
			{"an order below cost", []right.Right{right.SellAtAnyPrice}, orders(at(29_999)), right.SellBelowCost},
		} {
			err := s.as(s.lan, right.Grant{Branch: s.branch, Set: sells(append(c.more, right.SeeOthers)...)})(c.op)
			missing, ok := errors.AsType[*right.Missing](err)
			if ok != (c.lacks != 0) || ok && missing.Right != c.lacks || !ok && err != nil {
				t.Errorf("%s: %v, want the lack of %q", c.name, err, c.lacks.Title())
			}
		}
	})
}

// TestAnswersNameNoDocumentThatThePersonDoesNotSee: neither reads nor writes.
func TestAnswersNameNoDocumentThatThePersonDoesNotSee(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB, clock *dbtest.Clock) {
		s := openStaff(t, d, clock)
		var surcharge int64
		s.write(func(tx *db.Tx) error {
			made, err := cash.CreateSurcharge(tx, &taphoa.SurchargeInput{Name: "Phí giao hàng", Value: taphoa.Some(taphoa.Dong(5_000))})
			surcharge = made.Data.ID
			return err
		})
		// Minh invoices an order of the first branch at his, and goods come back at the first branch.
		o := s.order(taphoa.OrderInput{
			OrderDetails: []taphoa.DetailInput{line(s.coffee, 2)}, Surcharges: []taphoa.SurchargeWrite{{SurchargeID: taphoa.Some(surcharge)}},
			SoldByID: taphoa.Some(s.lan),
		})
		var v *taphoa.Invoice
		var r *taphoa.Return
		s.write(func(tx *db.Tx) (err error) {
			v, err = sales.CreateInvoice(tx, &taphoa.InvoiceInput{OrderID: taphoa.Some(o.ID), BranchID: taphoa.Some(s.second), SoldByID: taphoa.Some(s.minh)})
			return err
		})
		s.write(func(tx *db.Tx) (err error) {
			r, err = sales.CreateReturn(tx, &taphoa.ReturnInput{
				InvoiceID: taphoa.Some(v.ID), BranchID: taphoa.Some(s.branch), ReceivedByID: taphoa.Some(s.lan),
				ReturnDetails: []taphoa.ReturnDetailInput{{DetailInput: line(s.coffee, 1)}},
			})
			return err
		})
		if v.OrderCode.Value != o.Code || r.InvoiceID.Value != v.ID || len(r.Allocations) != 1 || r.Allocations[0].ID != v.ID {
			t.Fatalf("the invoice %+v names its order, and the return %+v the invoice", v, r)
		}
		note := taphoa.Some("Ghi chú")
		second := []right.Grant{{Branch: s.second, Set: sells(right.SeeOthers)}}
		invoice := map[string]func(*db.Tx) (*taphoa.Invoice, error){
			"get": func(tx *db.Tx) (*taphoa.Invoice, error) { return sales.GetInvoice(tx, &taphoa.ByID{ID: v.ID}) },
			"list": func(tx *db.Tx) (*taphoa.Invoice, error) {
				page, err := sales.ListInvoices(tx, &taphoa.InvoiceQuery{Paging: taphoa.Paging{PageSize: 10, OrderBy: "id", OrderDirection: "desc"}, IncludePayment: true})
				return &page.Data[0], err
			},
			"put": func(tx *db.Tx) (*taphoa.Invoice, error) {
				return sales.UpdateInvoice(tx, &taphoa.InvoiceUpdate{ByID: taphoa.ByID{ID: v.ID}, InvoiceInput: taphoa.InvoiceInput{Description: note}})
			},
		}
		for way, ask := range invoice {
			for who, c := range map[string]struct {
				grants []right.Grant
				named  bool
			}{
				"of the second branch": {second, false}, "of both": {append(second, right.Grant{Branch: s.branch, Set: sells(right.SeeOthers)}), true},
				"nobody's rights": {nil, true},
			} {
				var got *taphoa.Invoice
				op := func(tx *db.Tx) (err error) { got, err = ask(tx); return err }
				var err error
				if c.grants == nil {
					err = d.Write(t.Context(), s.who, op)
				} else {
					err = s.as(s.minh, c.grants...)(op)
				}
				if err != nil || got.ID != v.ID || got.OrderID.Has() != c.named || got.OrderCode.Has() != c.named || (len(got.Allocations) > 0) != c.named {
					t.Errorf("%s, to who is %s: %+v, %v", way, who, got, err)
				}
			}
		}
		err := s.as(s.lan, right.Grant{Branch: s.branch, Set: sells(right.SeeOthers)})(func(tx *db.Tx) error {
			order, err := sales.GetOrder(tx, &taphoa.ByID{ID: o.ID})
			if err != nil {
				return err
			}
			taken, err := sales.UpdateReturn(tx, &taphoa.ReturnUpdate{ByID: taphoa.ByID{ID: r.ID}, ReturnInput: taphoa.ReturnInput{Description: note}})
			if err != nil {
				return err
			}
			again, err := sales.GetReturn(tx, &taphoa.ByID{ID: r.ID})
			for _, r := range []*taphoa.Return{taken, again} {
				if r.InvoiceID.Has() || len(r.Allocations) > 0 {
					t.Errorf("the return names the invoice of the second branch: %+v", r)
				}
			}
			if len(order.InvoiceOrderSurcharges) != 1 || order.InvoiceOrderSurcharges[0].InvoiceID.Has() {
				t.Errorf("the order's surcharges name the invoice of the second branch: %+v", order.InvoiceOrderSurcharges)
			}
			return err
		})
		if err != nil {
			t.Error(err)
		}
		// Neither can it be found by the order, nor sorted, nor is the return's code told.
		err = s.as(s.minh, second...)(func(tx *db.Tx) error {
			page, err := sales.ListInvoices(tx, &taphoa.InvoiceQuery{Paging: taphoa.Paging{PageSize: 10}, OrderID: taphoa.Some(o.ID)})
			if page.Total != 0 {
				t.Errorf("%d invoices are found by an order that is not seen", page.Total)
			}
			if err != nil {
				return err
			}
			last, err := sales.CreateInvoice(tx, &taphoa.InvoiceInput{BranchID: taphoa.Some(s.second), InvoiceDetails: []taphoa.DetailInput{line(s.coffee, 1)}})
			if err != nil {
				return err
			}
			for _, member := range []string{"orderId", "orderCode"} {
				page, err := sales.ListInvoices(tx, &taphoa.InvoiceQuery{Paging: taphoa.Paging{PageSize: 1, OrderBy: member, OrderDirection: "desc"}})
				if err != nil || page.Data[0].ID != last.ID {
					t.Errorf("by %s comes %d last (%v), want the order of ids", member, page.Data[0].ID, err)
				}
			}
			_, err = sales.DeleteInvoice(tx, &taphoa.InvoiceDelete{ID: v.ID})
			return err
		})
		want := fmt.Sprintf("Hóa đơn %s đã có phiếu trả hàng, không thể hủy, đổi hàng hóa hay trạng thái", v.Code)
		if refusal, ok := errors.AsType[*taphoa.Error](err); !ok || refusal.Message != want {
			t.Errorf("%v, want %q", err, want)
		}
		s.balanced()
	})
}

// TestElectronicInvoicesAreThoseOfInvoicesThatAPersonSees.
func TestElectronicInvoicesAreThoseOfInvoicesThatAPersonSees(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB, clock *dbtest.Clock) {
		s := openStaff(t, d, clock)
		record := func(ids ...int64) func(*db.Tx) error {
			return func(tx *db.Tx) error {
				in := &taphoa.EInvoiceUpdate{}
				for _, id := range ids {
					in.Data = append(in.Data, taphoa.EInvoiceInfo{
						InvoiceID: taphoa.Some(id), InvoiceRefID: taphoa.Some("ref"), Partner: taphoa.Some[int64](2), Status: taphoa.Some[int64](0), Type: taphoa.Some[int64](0),
					})
				}
				_, err := sales.UpdateEInvoices(tx, in)
				return err
			}
		}
		s.write(record(s.invoices[s.lan], s.invoices[s.hoa], s.invoices[s.minh]))
		own := right.Grant{Branch: s.branch, Set: sells()}
		if err := s.as(s.lan, own)(record(s.invoices[s.lan])); err != nil {
			t.Error(err)
		}
		for _, others := range []int64{s.hoa, s.minh} {
			err := s.as(s.lan, own)(record(s.invoices[s.lan], s.invoices[others]))
			if refusal, ok := errors.AsType[*taphoa.Error](err); !ok || refusal.Kind != taphoa.KindNotFound {
				t.Errorf("the electronic invoice of an invoice that is not seen is recorded: %v", err)
			}
		}
		looks := right.Grant{Branch: s.second, Set: right.Of(right.SeeInvoices, right.SeeOthers)}
		who := db.Actor{Retailer: s.who.Retailer, User: s.lan, Held: right.Hold(s.lan, own, looks), Needs: right.ChangeInvoices}
		err := d.Write(t.Context(), who, record(s.invoices[s.minh]))
		if _, ok := errors.AsType[*right.Missing](err); !ok {
			t.Errorf("who only looks records an electronic invoice: %v", err)
		}
		for name, c := range map[string]struct {
			grants []right.Grant
			want   []int64
		}{
			"own": {[]right.Grant{own}, []int64{s.invoices[s.lan]}}, "and the second branch": {[]right.Grant{own, looks}, []int64{s.invoices[s.lan], s.invoices[s.minh]}},
			"none": {[]right.Grant{{Branch: s.second, Set: sells()}}, nil},
		} {
			err := s.as(s.lan, c.grants...)(func(tx *db.Tx) error {
				page, err := sales.ListEInvoices(tx, &taphoa.EInvoiceQuery{Paging: taphoa.Paging{PageSize: 10}})
				var ids []int64
				for _, e := range page.Data {
					ids = append(ids, e.InvoiceID)
				}
				slices.Sort(ids)
				slices.Sort(c.want)
				if page.Total != int64(len(c.want)) || !slices.Equal(ids, c.want) {
					t.Errorf("%s: %v of %d, want %v", name, ids, page.Total, c.want)
				}
				return err
			})
			if err != nil {
				t.Error(name, err)
			}
		}
	})
}

// TestAMergeTellsOfNoInvoiceThatThePersonDoesNotSee: a parcel of another branch is in its way, but not named.
func TestAMergeTellsOfNoInvoiceThatThePersonDoesNotSee(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB, clock *dbtest.Clock) {
		s := openStaff(t, d, clock)
		var other int64
		s.write(func(tx *db.Tx) error {
			c, err := party.CreateCustomer(tx, &taphoa.CustomerInput{Name: taphoa.Some("Anh Ba"), Code: taphoa.Some("BA"), ContactNumber: taphoa.Some("0901112223")})
			if err != nil {
				return err
			}
			other = c.ID
			_, err = sales.CreateInvoice(tx, &taphoa.InvoiceInput{
				BranchID: taphoa.Some(s.second), CustomerID: taphoa.Some(other), SoldByID: taphoa.Some(s.minh), InvoiceDetails: []taphoa.DetailInput{line(s.coffee, 1)},
				DeliveryDetail: &taphoa.DeliveryInput{Receiver: taphoa.Some("Anh Ba"), ContactNumber: taphoa.Some("0901112223")},
			})
			return err
		})
		merge := func(tx *db.Tx) error {
			_, err := sales.MergeCustomers(tx, &taphoa.CustomerMerge{ByID: taphoa.ByID{ID: s.customer}, CustomerID: other})
			return err
		}
		for name, c := range map[string]struct {
			branch int64
			words  string
		}{"of the first branch": {s.branch, "Khách hàng BA (customerId) có hóa đơn đang được giao"}, "of the second one": {s.second, "Hóa đơn HD000007 của khách hàng BA"}} {
			err := s.as(s.lan, right.Grant{Branch: c.branch, Set: sells(right.SeeOthers, right.RemoveCustomers)})(merge)
			if refusal, ok := errors.AsType[*taphoa.Error](err); !ok || !strings.HasPrefix(refusal.Message, c.words) {
				t.Errorf("who is %s: %v, want %q", name, err, c.words)
			}
		}
	})
}
