package main

import (
	"context"
	"math"

	"github.com/taphoa/taphoa"
	"github.com/taphoa/taphoa/internal/cash"
	"github.com/taphoa/taphoa/internal/db"
	"github.com/taphoa/taphoa/internal/debt"
	"github.com/taphoa/taphoa/internal/message"
	"github.com/taphoa/taphoa/internal/org"
	"github.com/taphoa/taphoa/internal/sales"
	"github.com/taphoa/taphoa/internal/supply"
)

type repair struct {
	ofShop
	Name string `arg:"" help:"receipt-dates: receipts get the date of the document that they were booked with. small-debts: debts of less than 1 VND are written off."`
	Yes  bool   `help:"Change it; without this flag, what would change is only shown."`
}

// correction corrects one kind of what earlier versions wrote and today's rules would not.
type correction struct {
	name string
	note func(p *program, shop string, n int) // what check says of them

	// find returns a line for each record to correct, at most some, and what corrects these.
	find func(p *program, tx *db.Tx, some int64) (lines []string, correct func() error, err error)
}

var corrections = []correction{
	{"receipt-dates", func(p *program, shop string, n int) {
		p.say("%s: older rules: receipts that bear the moment of their booking and not the date of their document: %d; {taphoa} repair receipt-dates shows them", shop, n)
	}, (*program).misdatedReceipts},
	{"small-debts", func(p *program, shop string, n int) {
		p.say("%s: older rules: debts of less than 1 VND: %d; {taphoa} repair small-debts shows them", shop, n)
	}, (*program).smallDebts},
}

const (
	repairStep = 500 // records in a transaction: the shop's other writes wait for it
	repairAll  = math.MaxInt32
)

// Run shows or makes a correction. Servers may run meanwhile.
func (c *repair) Run(ctx context.Context, p *program) error {
	for _, known := range corrections {
		if known.name != c.Name {
			continue
		}
		if c.Yes {
			return c.correct(ctx, p, known)
		}
		return c.read(ctx, p, func(tx *db.Tx) error {
			lines, _, err := known.find(p, tx, repairAll)
			for _, line := range lines {
				printText(p.stdout, line)
			}
			if len(lines) == 0 {
				p.say("there is nothing to correct")
			} else {
				p.say("to correct: %d; nothing was changed: --yes changes it", len(lines))
			}
			return err
		})
	}
	return message.Errorf("there is no repair %s: there are receipt-dates and small-debts", c.Name)
}

// correct makes a correction, some records at a time.
func (c *repair) correct(ctx context.Context, p *program, known correction) error {
	total := 0
	for again := true; again; {
		var lines []string
		err := c.write(ctx, p, func(tx *db.Tx) (err error) {
			var correct func() error
			if lines, correct, err = known.find(p, tx, repairStep); err != nil || len(lines) == 0 {
				return err
			}
			return correct()
		})
		if err != nil {
			return err
		}
		for _, line := range lines {
			printText(p.stdout, line)
		}
		total, again = total+len(lines), len(lines) > 0
	}
	p.say("corrected: %d", total)
	return nil
}

func (p *program) misdatedReceipts(tx *db.Tx, some int64) (lines []string, correct func() error, err error) {
	receipts, err := sales.MisdatedReceipts(tx, some)
	if err == nil && int64(len(receipts)) < some {
		var paid []cash.Misdated
		paid, err = supply.MisdatedReceipts(tx, some-int64(len(receipts)))
		receipts = append(receipts, paid...)
	}
	for _, r := range receipts {
		lines = append(lines, p.text("%s of %s: %s becomes %s", r.Code, r.Document, p.when(r.TransDate), p.when(r.DocumentDate)))
	}
	return lines, func() error { return cash.Redate(tx, receipts) }, err
}

func (p *program) smallDebts(tx *db.Tx, some int64) (lines []string, correct func() error, err error) {
	debts, err := cash.SmallDebts(tx, some)
	for _, d := range debts {
		line := p.text("customer %s: the debt of %v is written off", d.Code, d.Balance)
		if d.AccountType == taphoa.PartnerSupplier {
			line = p.text("supplier %s: the debt of %v is written off", d.Code, -d.Balance)
		}
		lines = append(lines, line)
	}
	return lines, func() error {
		branches, err := org.ListBranches(tx, &taphoa.BranchQuery{Paging: taphoa.Paging{PageSize: 1}})
		if err != nil {
			return err
		}
		return debt.WriteOff(tx, branches.Data[0].ID, debts)
	}, err
}
