package main

import (
	"context"
	"errors"
	"os"
	"time"

	"github.com/taphoa/taphoa"
	"github.com/taphoa/taphoa/internal/db"
	"github.com/taphoa/taphoa/internal/schema"
	"github.com/taphoa/taphoa/internal/testbench"
	"github.com/taphoa/taphoa/internal/trust"
	"github.com/taphoa/taphoa/internal/webhook"
)

const (
	clockApart    = 5 * time.Second  // between this machine and the database's server
	hooksPatience = 15 * time.Minute // for what waits: the first few attempts
)

// examineDatabase looks at what can be seen without reading the ledgers, which check does.
func (x *examination) examineDatabase(ctx context.Context) {
	err := openUnmigrated(ctx, x.url(), db.Options{Existing: true, ReadOnly: true}, func(d *db.DB) error {
		waiting, err := missingMigrations(ctx, d)
		switch {
		case errors.Is(err, schema.ErrForeign):
			x.wrong("database", x.text("this is no database of Taphoa's, or an empty one: --database names another"))
			return nil
		case err != nil:
			return err
		case len(waiting) > 0:
			x.wrong("database", x.text("%s has the shape of an older program: {taphoa} migrate carries out the %d migrations that are missing", d.Where(), len(waiting)))
			return nil
		}
		return d.Read(ctx, db.Actor{}, func(tx *db.Tx) error {
			return errors.Join(x.examineHeads(tx.Everywhere(), d), x.examineClock(tx), x.examineWebhooks(tx))
		})
	})
	if err != nil {
		x.wrong("database", x.sentence(err))
	}
}

// examineHeads compares the heads of the shops with their events.
func (x *examination) examineHeads(tx *db.Tx, d *db.DB) error {
	type counts struct{ Shops, Headless, Behind int64 }
	n, _, err := db.One[counts](tx, `
		SELECT COUNT(*) AS shops, COUNT(*) FILTER (WHERE h.retailer_id IS NULL) AS headless,
			COUNT(*) FILTER (WHERE h.last_seq < (SELECT COALESCE(MAX(e.seq), 0) FROM events e WHERE e.retailer_id = r.retailer_id)) AS behind
		FROM retailers r LEFT JOIN shop_heads h ON h.retailer_id = r.retailer_id`)
	switch {
	case err != nil:
	case n.Headless+n.Behind > 0:
		x.wrong("database", x.text("%s: the log of %d shops is damaged: {taphoa} check tells more, {taphoa} restore puts a backup in its place", d.Where(), n.Headless+n.Behind))
	default:
		x.right("database", x.text("%s, shops: %d; {taphoa} check reads the ledgers", d.Where(), n.Shops))
	}
	return err
}

// examineClock compares the clock of this machine with the database's.
func (x *examination) examineClock(tx *db.Tx) error {
	last, _, err := db.One[taphoa.Time](tx.Everywhere(), `SELECT COALESCE(MAX(at), 0) FROM shop_heads`)
	if err != nil {
		return err
	}
	shared, err := tx.SharedClock()
	if err != nil {
		return err
	}
	x.judgeClock(time.Now(), last, shared)
	return nil
}

func (x *examination) judgeClock(now time.Time, last, shared taphoa.Time) {
	switch apart := shared.Std().Sub(now).Abs(); {
	case last.Std().Sub(now) > clockApart:
		x.wrong("clock", x.text("this machine has %s, and the last change is of %s: set the clock (timedatectl set-ntp true)", x.when(taphoa.TimeOf(now)), x.when(last)))
	case apart > clockApart:
		x.wrong("clock", x.text("the clocks of this machine and of the database are %s apart: set both (timedatectl set-ntp true)", x.duration(apart)))
	default:
		x.right("clock", x.text("%s, not behind the last change", x.when(taphoa.TimeOf(now))))
	}
}

// examineWebhooks looks at what is not delivered.
func (x *examination) examineWebhooks(tx *db.Tx) error {
	n, err := webhook.Count(tx)
	if err != nil {
		return err
	}
	before := len(x.findings)
	if n.Stopped > 0 {
		x.wrong("webhooks", x.text("%d were stopped because their receivers refuse: correct those, and switch them on (PUT /webhooks/{id}, isActive)", n.Stopped))
	}
	if n.Failing > 0 {
		x.wrong("webhooks", x.text("%d fail: GET /webhooks/{id} shows lastError", n.Failing))
	}
	if n.Dead > 0 {
		x.wrong("webhooks", x.text("%d deliveries were given up: GET /webhooks/deadletters lists them, to be delivered again", n.Dead))
	}
	if n.Waiting > 0 && time.Since(n.Oldest.Std()) > hooksPatience && n.Failing == 0 {
		x.wrong("webhooks", x.text("%d events wait since %s: a running server delivers them", n.Waiting, x.when(n.Oldest)))
	}
	if len(x.findings) == before {
		x.right("webhooks", x.text("active: %d, switched off: %d, waiting events: %d", n.Delivering, n.Off, n.Waiting))
	}
	return nil
}

// examineLeftovers looks for what killed sandboxes have left.
func (x *examination) examineLeftovers(ctx context.Context) {
	before := len(x.findings)
	x.examineHosts(trust.HostsFile())
	x.examineForks(os.TempDir())
	if store, err := trust.FindStore(); err == nil {
		x.examineStore(ctx, store)
	}
	if len(x.findings) == before {
		x.right("leftovers", x.text("no sandbox has left anything"))
	}
}

func (x *examination) examineHosts(file string) {
	n, err := trust.Leftovers(file)
	if err != nil {
		x.wrong("leftovers", x.sentence(err))
	} else if n > 0 {
		x.wrong("leftovers", x.text("%s has lines of %d sandboxes that were killed: run {taphoa} version as root, which removes them", file, n))
	}
}

func (x *examination) examineForks(temp string) {
	for _, dir := range testbench.LeftDirs(temp) {
		x.wrong("leftovers", x.text("%s is of a sandbox that was killed: rm -r %s", dir, quoted(dir)))
	}
}

func (x *examination) examineStore(ctx context.Context, store *trust.Store) {
	if n := store.Count(ctx); n > 0 {
		x.wrong("leftovers", x.text("this system trusts the authorities of %d sandboxes: if none runs with --install, {taphoa} sandbox serve --uninstall --yes removes them", n))
	}
}
