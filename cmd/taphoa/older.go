package main

import (
	"context"
	"log/slog"
	"time"

	"github.com/taphoa/taphoa/internal/cash"
	"github.com/taphoa/taphoa/internal/db"
	"github.com/taphoa/taphoa/internal/debt"
	"github.com/taphoa/taphoa/internal/org"
)

// Between two tries to allocate the money of partners that an error has kept from it.
const (
	olderWait    = time.Minute
	olderWaitMax = time.Hour
)

// allocateOlder allocates the money of partners of earlier versions, as long as sales take at least as much time.
func allocateOlder(ctx context.Context, d *db.DB, log *slog.Logger) {
	var all debt.Older
	for wait := olderWait; ; wait = min(2*wait, olderWaitMax) {
		done, err := debt.AllocateOlder(ctx, d, false, pause)
		all.Add(done.Older)
		all.Partners += done.Partners
		if err == nil || ctx.Err() != nil {
			break
		}
		d.Report(ctx, log, "money of documents of earlier versions could not be allocated", err)
		pause(ctx, wait)
	}
	if all != (debt.Older{}) {
		log.Info("money of documents of earlier versions was allocated", "partners", all.Partners, "documents", all.Documents,
			"changed", all.Changed, "left", all.Left)
	}
}

func pause(ctx context.Context, d time.Duration) {
	select {
	case <-ctx.Done():
	case <-time.After(max(d, time.Millisecond)):
	}
}

// allocateOlder does the same while nothing else is asked for, and tries those again who were left as they are.
func (p *program) allocateOlder(ctx context.Context, d *db.DB) error {
	done, err := debt.AllocateOlder(ctx, d, true, func(context.Context, time.Duration) {})
	if done != (debt.Older{}) {
		p.say("money of documents of earlier versions was allocated: partners: %d, documents: %d, documents with another totalPayment: %d, partners left as they are: %d",
			done.Partners, done.Documents, done.Changed, done.Left)
	}
	return err
}

// money returns the findings in the money ledger and the accounts of partners, and prints whose money is not allocated yet, which is
// no fault.
func (p *program) money(tx *db.Tx, shop org.Shop) ([]string, error) {
	findings, err := cash.Check(tx)
	if err != nil {
		return nil, err
	}
	accounts, err := debt.Check(tx)
	if err != nil {
		return nil, err
	}
	waiting, left, err := debt.Unallocated(tx)
	if waiting > 0 {
		p.say("%s: money: partners whose money is not allocated to documents yet, and was not checked: %d; serve does it, or {taphoa} migrate", shop.Code, waiting)
	}
	for _, l := range left {
		if l.AccountType == cash.Supplier(0).Type {
			p.say("%s: older rules: the documents of supplier %s come to %v more than the debt; they stay as they were", shop.Code, l.Code, l.Differs)
		} else {
			p.say("%s: older rules: the documents of customer %s come to %v more than the debt; they stay as they were", shop.Code, l.Code, l.Differs)
		}
	}
	return append(findings, accounts...), err
}
