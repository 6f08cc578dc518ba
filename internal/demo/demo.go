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
	shopName     = "Tạp hóa Cô Ba"
	ClientID     = "de300000-0000-4000-8000-000000000001"
	ClientSecret = "DE30000000000000000000000000000000000001" // of a shop that everybody may see
)

// Fill makes the demo shop, unless there is one. It is made in one transaction, so that a start that is broken off
// leaves no half of a shop behind, and two processes that start together make one.
func Fill(ctx context.Context, d *db.DB, log *slog.Logger) error {
	var s *story
	err := d.Write(ctx, db.Actor{}, func(tx *db.Tx) error {
		s = nil // the operation may run again
		if _, found, err := org.FindShop(tx, ShopCode); err != nil || found {
			return err
		}
		s = newStory(tx)
		return s.tell()
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

const (
	openingDay = -120 // when the shop opened, in days before the last one
	firstDay   = -90  // of its sales

	oneDay = 24 * time.Hour
)

// story tells what happened in the shop, step by step in the order of the instants.
type story struct {
	tx    *db.Tx
	rng   *rand.Rand
	now   taphoa.Time // what happens later has happened now
	today taphoa.Time // midnight of the last day
	steps []step      // that are to come, the next one first

	shop
	items     []*item          // products, in the order of their creation
	named     map[string]*item // base units by name, for combos and showpieces
	sellable  []*item
	customers []customer // who buy
	leaving   []customer // who will be deleted

	families         int // kinds of goods
	orders, invoices int // made so far
	purchases        int
	deliveries       int
}

type step struct {
	at taphoa.Time
	do func() error
}

func newStory(tx *db.Tx) *story {
	s := &story{
		tx: tx, now: tx.Now, today: tx.Now.Day(), rng: rand.New(rand.NewPCG(1893, 2026)), named: map[string]*item{},
	}
	s.later(s.at(openingDay, 8, 0), s.open)
	s.later(s.at(openingDay, 10, 0), s.stockShelves)
	s.meetCustomers()
	s.later(s.at(firstDay, 5, 0), s.showpieces)
	s.later(s.at(firstDay+1, 6, 0), s.tidyUp)
	for day := firstDay + 7; day < 0; day += 7 {
		s.later(s.at(day, 5, 0), s.restock)
	}
	s.changePricing()
	s.keepBooks()
	s.planPurchases()
	s.planSupplierOrders()
	s.planTransfers()
	s.planStockTakes()
	for day := firstDay; day <= 0; day++ {
		s.trade(day)
	}
	s.underWay()
	s.promote()
	return s
}

// at is an instant of a day; the last one is day 0.
func (s *story) at(day, hour, minute int) taphoa.Time {
	return s.today.Add(time.Duration(day)*oneDay + time.Duration(hour)*time.Hour + time.Duration(minute)*time.Minute)
}

// after is so many minutes from now in the story.
func (s *story) after(minutes int) taphoa.Time {
	return s.tx.Now.Add(time.Duration(minutes) * time.Minute)
}

// later plans a step, behind those of the same instant.
func (s *story) later(at taphoa.Time, do func() error) {
	i, _ := slices.BinarySearchFunc(s.steps, at+1, func(st step, at taphoa.Time) int { return int(st.at - at) })
	s.steps = slices.Insert(s.steps, i, step{at, do})
}

// tell runs the steps. The story ends in the morning of the last day; what would come later does not happen.
func (s *story) tell() error {
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

// between is a number from low to high.
func (s *story) between(low, high int) int { return low + s.rng.IntN(high-low+1) }

// chance is true in so many of a hundred cases.
func (s *story) chance(percent int) bool { return s.rng.IntN(100) < percent }

// pick is one of several.
func pick[T any](s *story, from []T) T { return from[s.rng.IntN(len(from))] }
