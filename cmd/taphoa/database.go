package main

import (
	"context"
	"errors"
	"io/fs"
	"strings"

	"github.com/taphoa/taphoa"
	"github.com/taphoa/taphoa/internal/audit"
	"github.com/taphoa/taphoa/internal/db"
	"github.com/taphoa/taphoa/internal/message"
	"github.com/taphoa/taphoa/internal/org"
	"github.com/taphoa/taphoa/internal/schema"
)

const databaseDefault = "sqlite:taphoa.db"

// url returns the URL of the database.
func (p *program) url() string {
	if p.Database == "" {
		return databaseDefault
	}
	return p.Database
}

// sameDatabase returns the --database flag for a command in a hint, if there was one. A URL with a password is not repeated.
func (p *program) sameDatabase() string {
	if p.Database == "" || p.from["--database"] != "" || !strings.HasPrefix(p.Database, "sqlite:") {
		return ""
	}
	return " --database " + quoted(p.Database)
}

// with migrates the database and opens it while do runs.
func with(ctx context.Context, url string, o db.Options, do func(d *db.DB) error) error {
	return withNewest(ctx, url, o, func(d *db.DB, _ []string) error { return do(d) })
}

// withNewest is with for a command that needs the names of the applied migrations.
func withNewest(ctx context.Context, url string, o db.Options, do func(d *db.DB, migrated []string) error) error {
	return openUnmigrated(ctx, url, o, func(d *db.DB) error {
		migrated, err := schema.Migrate(ctx, d)
		if err != nil {
			return err
		}
		return do(d, migrated)
	})
}

// openUnmigrated opens the database without migrating it while do runs.
func openUnmigrated(ctx context.Context, url string, o db.Options, do func(d *db.DB) error) (err error) {
	d, err := db.Open(ctx, url, o)
	if errors.Is(err, fs.ErrNotExist) {
		return noDatabase{message.Errorf("there is no database %s: name another with --database, or make it with {taphoa} shop create CODE NAME", url), url}
	}
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, d.Close()) }()
	return do(d)
}

// noDatabase is the error of a database that does not exist.
type noDatabase struct {
	error
	url string
}

func (e noDatabase) Unwrap() error { return e.error }

// ofShop has the flags of a command for one shop.
type ofShop struct {
	Shop string `variable:"TAPHOA_SHOP" placeholder:"CODE" help:"Code of the shop; not needed where there is only one."`
}

// read runs a reading operation in the shop.
func (o ofShop) read(ctx context.Context, p *program, op func(*db.Tx) error) error {
	return o.run(ctx, p, (*db.DB).Read, op)
}

// write runs a writing operation in the shop, which the audit log has under the command's name.
func (o ofShop) write(ctx context.Context, p *program, op func(*db.Tx) error) error {
	return o.run(ctx, p, (*db.DB).Write, p.audited(op))
}

// audited has an operation written into the audit log, under the command's name.
func (p *program) audited(op func(*db.Tx) error) func(*db.Tx) error {
	return func(tx *db.Tx) error {
		audit.Operation(tx, programName+" "+p.command, "")
		return op(tx)
	}
}

// transact is DB.Read or DB.Write.
type transact func(d *db.DB, ctx context.Context, who db.Actor, op func(*db.Tx) error) error

func (o ofShop) run(ctx context.Context, p *program, in transact, op func(*db.Tx) error) error {
	return with(ctx, p.url(), db.Options{Existing: true}, func(d *db.DB) error {
		var shop org.Shop
		err := d.Read(ctx, db.Actor{}, func(tx *db.Tx) (err error) {
			shop, err = findShop(tx, o.Shop)
			return err
		})
		if err != nil {
			return err
		}
		return in(d, ctx, db.Actor{Retailer: shop.RetailerID}, op)
	})
}

// findShop returns the shop of a code, or the only one.
func findShop(tx *db.Tx, code string) (org.Shop, error) {
	if code != "" {
		shop, found, err := org.FindShop(tx, code)
		if err == nil && !found {
			err = message.Errorf("there is no shop %s: {taphoa} shop list shows which there are", code)
		}
		return shop, err
	}
	shops, err := org.ListShops(tx)
	switch {
	case err != nil:
		return org.Shop{}, err
	case len(shops) == 0:
		return org.Shop{}, message.Errorf("the database has no shop yet: open one with {taphoa} shop create CODE NAME")
	case len(shops) > 1:
		return org.Shop{}, message.Errorf("the database has %d shops: name one with --shop CODE", len(shops))
	}
	return shops[0], nil
}

// allPages returns a whole list.
func allPages[T any](list func(taphoa.Paging) (taphoa.Page[T], error)) ([]T, error) {
	var all []T
	for {
		page, err := list(taphoa.Paging{PageSize: taphoa.PageSizeMax, CurrentItem: int64(len(all))})
		all = append(all, page.Data...)
		if err != nil || len(page.Data) == 0 || int64(len(all)) >= page.Total {
			return all, err
		}
	}
}
