package supply_test

import (
	"errors"
	"math/rand/v2"
	"sync"
	"testing"

	"github.com/taphoa/taphoa"
	"github.com/taphoa/taphoa/internal/db"
	"github.com/taphoa/taphoa/internal/dbtest"
	"github.com/taphoa/taphoa/internal/stock"
	"github.com/taphoa/taphoa/internal/supply"
)

// transferClient is one of several clients that transfer goods between branches concurrently.
type transferClient struct {
	*testShop
	random *rand.Rand
	goods  []int64
	made   []int64
}

func (c *transferClient) lines() []taphoa.TransferLineInput {
	var lines []taphoa.TransferLineInput
	for range c.random.IntN(3) + 1 {
		n := c.random.Int64N(5) + 1
		l := of(c.goods[c.random.IntN(len(c.goods))], n)
		if c.random.IntN(2) == 0 {
			l.ReceivedQuantity = taphoa.Some(taphoa.Units(c.random.Int64N(n + 1)))
		}
		lines = append(lines, l)
	}
	return lines
}

// act does one operation, which may be refused for want of stock or for a transfer's status.
func (c *transferClient) act() {
	from := c.random.IntN(3)
	in := taphoa.TransferInput{
		FromBranchID: taphoa.Some(c.branches[from]), ToBranchID: taphoa.Some(c.branches[(from+1+c.random.IntN(2))%3]),
		Status: taphoa.Some(c.random.Int64N(3) + 1), TransferDetails: c.lines(),
	}
	var old, made int64
	if len(c.made) > 0 {
		old = c.made[c.random.IntN(len(c.made))]
	}
	choice, plain := c.random.IntN(6), c.random.IntN(2) == 0
	err := c.d.Write(c.t.Context(), c.who, func(tx *db.Tx) error {
		made = 0
		switch {
		case choice < 2 || old == 0:
			result, err := supply.CreateTransfer(tx, &in)
			if err == nil {
				made = result.Data.ID
			}
			return err
		case choice == 2:
			return void(old)(tx)
		case choice == 3 && plain: // arrived as it was sent
			return to(old, taphoa.TransferReceived)(tx)
		default:
			change := in
			if plain {
				change.FromBranchID, change.ToBranchID = taphoa.Opt[int64]{}, taphoa.Opt[int64]{}
			}
			return update(old, change)(tx)
		}
	})
	if refusal := (*taphoa.Error)(nil); err != nil && !errors.As(err, &refusal) {
		c.t.Error(err)
	}
	if err == nil && made != 0 {
		c.made = append(c.made, made)
	}
}

// TestNothingIsLostBetweenThreeBranchesUnderEightClients compares the levels of the branches in the end with the
// transfers.
func TestNothingIsLostBetweenThreeBranchesUnderEightClients(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB, clock *dbtest.Clock) {
		s := openShop(t, d, clock, "AllowSellWhenOutStock", "false")
		goods := []int64{s.product("A", nil), s.product("B", nil), s.product("C", func(in *taphoa.ProductInput) { in.IsBatchExpireControl = taphoa.Some(true) })}
		one, two := s.lot(goods[2], "L1", "2027-01-01"), s.lot(goods[2], "L2", "2027-02-01")
		for b := range 3 {
			s.buy(goods[0], b, 20, int64(b+1)*1000)
			s.buy(goods[1], b, 20, int64(b+1)*1000)
			s.buy(goods[2], b, 10, 500, inLot(one))
			s.buy(goods[2], b, 10, 700, inLot(two))
		}
		var group sync.WaitGroup
		for i := range 8 {
			group.Go(func() {
				c := transferClient{testShop: s, random: rand.New(rand.NewPCG(7, uint64(i))), goods: goods}
				for range 25 {
					c.act()
				}
			})
		}
		group.Wait()
		s.balanced()
		s.read(func(tx *db.Tx) error { return s.audit(tx, goods) })
	})
}

func (s *testShop) audit(tx *db.Tx, goods []int64) error {
	findings, err := stock.Check(tx, stock.Limits{})
	if err != nil {
		return err
	}
	for _, f := range findings {
		s.t.Error(f)
	}
	want, inTransit := map[[2]int64]taphoa.Quantity{}, map[int64]taphoa.Quantity{}
	for _, p := range goods {
		for _, b := range s.branches {
			want[[2]int64{p, b}] = taphoa.Units(20)
		}
	}
	page, err := supply.ListTransfers(tx, &taphoa.TransferQuery{Paging: taphoa.Paging{PageSize: 1000}})
	if err != nil {
		return err
	}
	seen := map[int64]int{}
	for _, t := range page.Data {
		seen[t.Status]++
		for _, l := range t.TransferDetails {
			switch t.Status {
			case taphoa.TransferSent:
				want[[2]int64{l.ProductID, t.FromBranchID}] -= l.SendQuantity
				inTransit[l.ProductID] += l.SendQuantity
			case taphoa.TransferReceived:
				want[[2]int64{l.ProductID, t.FromBranchID}] -= l.ReceiveQuantity
				want[[2]int64{l.ProductID, t.ToBranchID}] += l.ReceiveQuantity
			}
		}
	}
	for status := range int64(4) {
		if seen[status+1] == 0 {
			s.t.Errorf("no transfer of status %d in %v", status+1, seen)
		}
	}
	levels, err := stock.Levels(tx, goods, s.branches[:])
	if err != nil {
		return err
	}
	all := map[int64]taphoa.Quantity{}
	for _, l := range levels {
		all[l.ProductID] += l.OnHand
		if w := want[[2]int64{l.ProductID, l.BranchID}]; l.OnHand != w {
			s.t.Errorf("product %d at branch %d: the ledger has %v, the transfers %v", l.ProductID, l.BranchID, l.OnHand, w)
		}
	}
	for _, p := range goods {
		if all[p]+inTransit[p] != taphoa.Units(60) {
			s.t.Errorf("product %d: %v in branches and %v in transit, want 60", p, all[p], inTransit[p])
		}
	}
	return nil
}
