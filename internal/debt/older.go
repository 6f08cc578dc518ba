package debt

import (
	"context"
	"errors"
	"time"

	"github.com/taphoa/taphoa"
	"github.com/taphoa/taphoa/internal/cash"
	"github.com/taphoa/taphoa/internal/db"
	"github.com/taphoa/taphoa/internal/sales"
	"github.com/taphoa/taphoa/internal/supply"
)

const (
	olderAccounts  = 20    // in a transaction, at most
	olderDocuments = 2_000 // after which a transaction takes no further account
	olderWalkIns   = 200   // orders and invoices of those without a name in a transaction
)

// Older says what [AllocateOlder] has done.
type Older struct {
	cash.Older
	Partners int // who were allocated
}

// AllocateOlder allocates the money of all partners of all shops whom earlier versions have left, each as a whole, in small
// transactions. pause is called after each with the time that it took. again has it try those that were left as they are, too. An
// error of one partner does not keep it from the others. Several may run at once, beside sales.
func AllocateOlder(ctx context.Context, d *db.DB, again bool, pause func(context.Context, time.Duration)) (done Older, err error) {
	var shops []int64
	err = d.Read(ctx, db.Actor{}, func(tx *db.Tx) (err error) {
		shops, err = db.All[int64](tx.Everywhere(), `SELECT DISTINCT retailer_id FROM unallocated_partners ORDER BY retailer_id`)
		return err
	})
	for _, shop := range shops {
		s := olderShop{d: d, actor: db.Actor{Retailer: shop}, again: again, pause: pause, done: &done}
		err = errors.Join(err, s.allocate(ctx))
		if ctx.Err() != nil {
			break
		}
	}
	return done, err
}

// olderShop allocates the money of a shop.
type olderShop struct {
	d     *db.DB
	actor db.Actor
	again bool
	pause func(context.Context, time.Duration)
	done  *Older
}

func (s *olderShop) allocate(ctx context.Context) error {
	var failed error
	after, some := cash.Account{}, int64(olderAccounts)
	for ctx.Err() == nil {
		next, err := s.accounts(ctx, after, some)
		switch {
		case err != nil && some > 1 && ctx.Err() == nil: // the others are not to wait for it
			some = 1
			continue
		case err != nil:
			failed = errors.Join(failed, err)
		default:
			some = olderAccounts
		}
		if next == after {
			break
		}
		after = next
	}
	if ctx.Err() == nil {
		failed = errors.Join(failed, s.walkIns(ctx))
	}
	return errors.Join(failed, ctx.Err())
}

// accounts allocates the next accounts after one, and returns the last one that it has tried.
func (s *olderShop) accounts(ctx context.Context, after cash.Account, some int64) (cash.Account, error) {
	var (
		did  Older
		last cash.Account
	)
	err := s.write(ctx, func(tx *db.Tx) error {
		did, last = Older{}, after
		accounts, err := cash.OlderAccounts(tx, after, s.again, some)
		for _, a := range accounts {
			if err != nil || did.Documents >= olderDocuments {
				break
			}
			last = a
			var one cash.Older
			one, err = allocateOlder(tx, a)
			did.Add(one)
			did.Partners += 1 - one.Left
		}
		return err
	})
	if err == nil {
		s.done.Add(did.Older)
		s.done.Partners += did.Partners
	}
	return last, err
}

func allocateOlder(tx *db.Tx, a cash.Account) (cash.Older, error) {
	if a.Type == taphoa.PartnerSupplier {
		return supply.AllocateOlder(tx, a.ID)
	}
	return sales.AllocateOlder(tx, a.ID)
}

// walkIns allocates the sales to those without a name, and ends the allocation of the shop.
func (s *olderShop) walkIns(ctx context.Context) error {
	var next sales.OlderSales
	for {
		is := false
		err := s.d.Read(ctx, s.actor, func(tx *db.Tx) (err error) {
			if is, err = cash.IsOlder(tx, cash.Customer(0)); err == nil && is {
				next, err = sales.OlderWalkIns(tx, next, olderWalkIns)
			}
			return err
		})
		if err != nil || !is {
			return err
		}
		var did cash.Older
		err = s.write(ctx, func(tx *db.Tx) (err error) {
			if len(next.Orders)+len(next.Invoices) == 0 {
				cash.EndOlder(tx, cash.Customer(0))
				tx.ForgetKept()
				did = cash.Older{}
				return nil
			}
			did, err = sales.AllocateOlderWalkIns(tx, next.Orders, next.Invoices)
			return err
		})
		if err != nil {
			return err
		}
		s.done.Add(did)
	}
}

func (s *olderShop) write(ctx context.Context, do func(*db.Tx) error) error {
	began := time.Now()
	err := s.d.Write(ctx, s.actor, do)
	s.pause(ctx, time.Since(began))
	return err
}

// allocateFirst allocates what an earlier version has left of a partner's account, before an operation asks for it.
func allocateFirst(tx *db.Tx, partnerType string, id int64) error {
	if id == 0 || partnerType != taphoa.PartnerCustomer && partnerType != taphoa.PartnerSupplier {
		return nil
	}
	a := cash.Account{Type: partnerType, ID: id}
	if partnerType == taphoa.PartnerCustomer {
		now, err := cash.CustomersNow(tx, id)
		if err != nil {
			return err
		}
		a.ID = now[0]
	}
	is, err := cash.IsOlder(tx, a)
	if err == nil && is {
		_, err = allocateOlder(tx, a)
	}
	return err
}
