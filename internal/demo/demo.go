package demo

import (
	"context"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"slices"
	"time"

	"github.com/taphoa/taphoa"
	"github.com/taphoa/taphoa/internal/db"
	"github.com/taphoa/taphoa/internal/org"
)

// How to call the shop.
const (
	ShopCode     = "taphoa"
	ShopName     = "Tạp hóa Cô Ba"
	ClientID     = "de300000-0000-4000-8000-000000000001"
	ClientSecret = "DE30000000000000000000000000000000000001" // public: it is in the documentation
)

// Fill creates the demo shop, unless it exists. That is one transaction, so that an interrupted start leaves no part of a
// shop, and two processes that start together create one.
func Fill(ctx context.Context, d *db.DB, log *slog.Logger) error {
	var s *generator
	err := d.Write(ctx, db.Actor{}, func(tx *db.Tx) error {
		s = nil // the operation may run again
		if _, found, err := org.FindShop(tx, ShopCode); err != nil || found {
			return err
		}
		s = newGenerator(tx, func() error { return openDemo(tx) })
		return s.run()
	})
	if err != nil {
		return fmt.Errorf("fill the demo shop: %w", err)
	}
	if s != nil {
		log.Debug("filled the demo shop", "shop", ShopCode, "products", len(s.items), "orders", s.orders, "invoices", s.invoices,
			"purchases", s.purchases)
	}
	return nil
}

// FillShop runs the same history for another shop, which open opens at its beginning. tx is then back at its own instant.
func FillShop(tx *db.Tx, open func() error) error {
	s := newGenerator(tx, open)
	defer tx.AsOf(s.now)
	return s.run()
}

const (
	openingDay = -120 // when the shop opened, in days before the last one
	firstDay   = -90  // of its sales

	oneDay = 24 * time.Hour
)

// generator runs the history of the shop: its steps in the order of their instants.
type generator struct {
	tx    *db.Tx
	rng   *rand.Rand
	now   taphoa.Time // no step is later than that
	today taphoa.Time // midnight of the last day
	steps []step      // to be run, the next one first

	shop
	items       []*item          // products, in the order of their creation
	byName      map[string]*item // base units by name, for combos and full documents
	sellable    []*item
	customers   []customer // of sales
	toBeDeleted []customer // at a later step

	productFamilies  int // rows of the product table
	orders, invoices int // created so far
	purchases        int
	deliveries       int
}

type step struct {
	at taphoa.Time
	do func() error
}

func newGenerator(tx *db.Tx, open func() error) *generator {
	s := &generator{
		tx: tx, now: tx.Now, today: tx.Now.Day(), rng: rand.New(rand.NewPCG(1893, 2027)), byName: map[string]*item{},
	}
	s.schedule(s.at(openingDay, 8, 0), open)
	s.schedule(s.at(openingDay, 8, 0), s.equip)
	s.schedule(s.at(openingDay, 10, 0), s.openProducts)
	s.planCustomers()
	s.schedule(s.at(firstDay, 4, 0), s.restock)
	s.schedule(s.at(firstDay, 5, 0), s.fullDocuments)
	s.schedule(s.at(firstDay+1, 6, 0), s.changedRecords)
	for day := firstDay + 7; day < 0; day += 7 {
		s.schedule(s.at(day, 5, 0), s.restock)
	}
	s.changePricing()
	s.planCashBook()
	s.planPurchases()
	s.planSupplierOrders()
	s.planTransfers()
	s.planStockTakes()
	for day := firstDay; day <= 0; day++ {
		s.planSales(day)
	}
	s.planOpenDeliveries()
	s.planVouchers()
	return s
}

// at returns an instant of a day; the last day is 0.
func (s *generator) at(day, hour, minute int) taphoa.Time {
	return s.today.Add(time.Duration(day)*oneDay + time.Duration(hour)*time.Hour + time.Duration(minute)*time.Minute)
}

// minutesFromNow returns the instant minutes after the current step.
func (s *generator) minutesFromNow(minutes int) taphoa.Time {
	return s.tx.Now.Add(time.Duration(minutes) * time.Minute)
}

// schedule plans a step, after those of the same instant.
func (s *generator) schedule(at taphoa.Time, do func() error) {
	i, _ := slices.BinarySearchFunc(s.steps, at+1, func(st step, at taphoa.Time) int { return int(st.at - at) })
	s.steps = slices.Insert(s.steps, i, step{at, do})
}

// run runs the steps up to the morning of the last day; later ones are dropped.
func (s *generator) run() error {
	end := s.at(0, 8, 30)
	for len(s.steps) > 0 && s.steps[0].at <= end {
		next := s.steps[0]
		s.steps = s.steps[1:]
		s.tx.AsOf(min(next.at, s.now))
		if err := next.do(); err != nil {
			return fmt.Errorf("%v: %w", next.at, err)
		}
	}
	return nil
}

// between returns a number from low to high.
func (s *generator) between(low, high int) int { return low + s.rng.IntN(high-low+1) }

// chance returns true in percent of all cases.
func (s *generator) chance(percent int) bool { return s.rng.IntN(100) < percent }

// pick returns one of several values.
func pick[T any](s *generator, from []T) T { return from[s.rng.IntN(len(from))] }
