package main

import (
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/taphoa/taphoa"
	"github.com/taphoa/taphoa/internal/cash"
	"github.com/taphoa/taphoa/internal/db"
	"github.com/taphoa/taphoa/internal/event"
)

// level is the stock of a product in a branch.
type level struct{ onHand, reserved, onOrder, cost float64 }

// ledgers are the stocks and balances of the shop after a step.
type ledgers struct {
	noodles, cartons, milk [2]level // by branch; a carton is ten packs of noodles
	lots                   string   // of milk: lot@branch=pieces
	owed, bought           float64  // to and from the supplier
	debt, sold, revenue    float64  // of the customer
	points, left           int64    // given to the customer, and left of them
	flow                   [2]float64
	entries                string // of the cash book, oldest first
	drawer                 [2]taphoa.Money
	bank                   taphoa.Money
	voucher                int64 // status
}

// agree compares the ledgers, as the API and the money ledger show them, with the wanted values.
func (s *chain) agree(step string, want *ledgers) {
	s.Helper()
	got := ledgers{}
	s.counts(&got)
	s.readsParties(&got)
	s.readsCash(&got)
	if got != *want {
		s.Errorf("%s:\nthe books say %+v,\nwant          %+v", step, got, *want)
	}
	if out := s.desk.do("check"); !strings.Contains(out, "chuoi: OK") {
		s.Errorf("%s: check says %s", step, out)
	}
}

// counts reads the stock levels.
func (s *chain) counts(got *ledgers) {
	s.Helper()
	var goods struct {
		Data []struct {
			Code        string
			Inventories []struct {
				BranchID                        int64
				OnHand, Reserved, OnOrder, Cost float64
			}
			ProductBatchExpires []struct {
				BatchName string
				BranchID  int64
				OnHand    float64
			}
		}
	}
	s.must(http.MethodGet, "/products?includeInventory=true&IncludeBatchExpires=true&orderBy=id", "", &goods)
	at := map[string]*[2]level{"MI": &got.noodles, "MI-THUNG": &got.cartons, "SUA": &got.milk}
	var lots []string
	for _, p := range goods.Data {
		for _, i := range p.Inventories {
			at[p.Code][slices.Index(s.branches[:], i.BranchID)] = level{i.OnHand, i.Reserved, i.OnOrder, i.Cost}
		}
		for _, l := range p.ProductBatchExpires {
			lots = append(lots, fmt.Sprint(l.BatchName, "@", 1+slices.Index(s.branches[:], l.BranchID), "=", l.OnHand))
		}
	}
	slices.Sort(lots)
	got.lots = strings.Join(lots, " ")
}

// readsParties reads the debts of supplier and customer, the points and the voucher.
func (s *chain) readsParties(got *ledgers) {
	s.Helper()
	var supplier struct {
		Data struct{ Debt, TotalInvoiced float64 }
	}
	s.must(http.MethodGet, fmt.Sprint("/suppliers/", s.supplier), "", &supplier)
	got.owed, got.bought = supplier.Data.Debt, supplier.Data.TotalInvoiced
	var customer struct {
		Debt, TotalInvoiced, TotalRevenue float64
		TotalPoint, RewardPoint           int64
	}
	s.must(http.MethodGet, fmt.Sprint("/customers/", s.customer), "", &customer)
	got.debt, got.sold, got.revenue = customer.Debt, customer.TotalInvoiced, customer.TotalRevenue
	got.points, got.left = customer.TotalPoint, customer.RewardPoint
	var voucher struct{ Status int64 }
	s.must(http.MethodGet, fmt.Sprint("/voucher/", s.voucher), "", &voucher)
	got.voucher = voucher.Status
}

// readsCash reads the cash book by branch and in all, and the ledger of money.
func (s *chain) readsCash(got *ledgers) {
	s.Helper()
	type entry struct {
		Code, Method string
		Amount       float64
		Status       int
	}
	var list struct{ Data []entry }
	for i, branch := range s.branches {
		s.must(http.MethodGet, fmt.Sprint("/cashflow?branchIds=", branch), "", &list)
		for _, e := range list.Data {
			got.flow[i] += e.Amount
		}
		list.Data = nil
	}
	s.must(http.MethodGet, "/cashflow?orderBy=id&orderDirection=ASC", "", &list)
	var entries []string
	for _, e := range list.Data {
		entries = append(entries, fmt.Sprintf("%s %s %.0f %d", e.Code, e.Method, e.Amount, e.Status))
	}
	got.entries = strings.Join(entries, ", ")
	err := s.books.Read(s.Context(), db.Actor{Retailer: s.retailer}, func(tx *db.Tx) (err error) {
		for i, account := range []cash.Account{cash.Drawer(s.branches[0]), cash.Drawer(s.branches[1]), cash.Bank(s.bank)} {
			balance, err := cash.Balance(tx, account)
			if err != nil {
				return err
			}
			if i < 2 {
				got.drawer[i] = balance
			} else {
				got.bank = balance
			}
		}
		return nil
	})
	if err != nil {
		s.Fatal(err)
	}
}

// eventDocuments returns the documents in the feed of events, as "type code".
func (s *chain) eventDocuments() (documents []string) {
	s.Helper()
	var stored []int64 // what is internal takes numbers, too
	err := s.books.Read(s.Context(), db.Actor{Retailer: s.retailer}, func(tx *db.Tx) (err error) {
		stored, err = db.All[int64](tx, `SELECT seq FROM events WHERE retailer_id = :retailer AND type <> ? ORDER BY seq`, event.Internal)
		return err
	})
	if err != nil {
		s.Fatal(err)
	}
	for next := int64(0); ; {
		var feed struct {
			Data []struct {
				Seq  int64
				Type string
				Data []struct{ Code string }
			}
			Next, Last, Oldest int64
		}
		s.must(http.MethodGet, fmt.Sprint("/events?limit=7&after=", next), "", &feed)
		next = feed.Next
		if feed.Oldest != 1 || len(feed.Data) == 0 && (next != feed.Last || len(stored) > 0) {
			s.Fatalf("the feed goes from %d to %d, ends at %d and leaves out %v", feed.Oldest, feed.Last, next, stored)
		}
		if len(feed.Data) == 0 {
			return documents
		}
		for _, e := range feed.Data {
			if len(stored) == 0 || e.Seq != stored[0] {
				s.Fatalf("event %d comes where the first of %v should", e.Seq, stored)
			}
			stored = stored[1:]
			for _, d := range e.Data {
				documents = append(documents, e.Type+" "+d.Code)
			}
		}
	}
}
