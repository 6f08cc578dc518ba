package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"

	"github.com/taphoa/taphoa"
	"github.com/taphoa/taphoa/internal/audit"
	"github.com/taphoa/taphoa/internal/catalog"
	"github.com/taphoa/taphoa/internal/db"
	"github.com/taphoa/taphoa/internal/org"
	"github.com/taphoa/taphoa/internal/party"
	"github.com/taphoa/taphoa/internal/promo"
	"github.com/taphoa/taphoa/internal/sales"
	"github.com/taphoa/taphoa/internal/schema"
	"github.com/taphoa/taphoa/internal/stock"
	"github.com/taphoa/taphoa/internal/supply"
)

// documentTables are the tables of documents, among which the newest one is found.
var documentTables = []string{
	"orders", "invoices", "returns", "purchase_orders", "order_suppliers", "transfers", "stocktakes", "payments",
}

// checkAll prints the contents of a migrated database and returns the numbers of shops and of faults in their ledgers. A
// code limits it to one shop.
func (p *program) checkAll(tx *db.Tx, code string) (shops, faults int, err error) {
	list, err := org.ListShops(tx)
	if code != "" && err == nil {
		var shop org.Shop
		shop, err = findShop(tx, code)
		list = []org.Shop{shop}
	}
	for _, shop := range list {
		if err != nil {
			break
		}
		tx.Retailer = shop.RetailerID
		var n int
		if err = p.contents(tx, shop); err == nil {
			n, err = p.ledgers(tx, shop)
		}
		faults += n
	}
	return len(list), faults, err
}

// contents prints what a shop has, so that the reader notices an empty or old copy.
func (p *program) contents(tx *db.Tx, shop org.Shop) error {
	n := map[string]int64{}
	for _, table := range append([]string{"products", "customers", "suppliers", "events"}, documentTables...) {
		var err error
		if n[table], err = count(tx, table); err != nil {
			return err
		}
	}
	var newest struct {
		Code        string
		CreatedDate taphoa.Time
	}
	for _, table := range documentTables {
		last, found, err := db.One[struct {
			Code        string
			CreatedDate taphoa.Time
		}](tx, `SELECT code, created_date FROM `+table+` WHERE retailer_id = :retailer ORDER BY created_date DESC, id DESC LIMIT 1`)
		if err != nil {
			return err
		}
		if found && last.CreatedDate > newest.CreatedDate {
			newest = last
		}
	}
	p.say("%s (%s): products: %d, customers: %d, suppliers: %d, events: %d", shop.Code, shop.Name,
		n["products"], n["customers"], n["suppliers"], n["events"])
	p.say("%s: orders: %d, invoices: %d, returns: %d, purchases: %d, orders to suppliers: %d, transfers: %d, stock takes: %d, payments: %d",
		shop.Code, n["orders"], n["invoices"], n["returns"], n["purchase_orders"], n["order_suppliers"], n["transfers"],
		n["stocktakes"], n["payments"])
	if newest.CreatedDate == 0 {
		p.say("%s: there is no document yet", shop.Code)
	} else {
		p.say("%s: the newest document is %s of %s", shop.Code, newest.Code, p.when(newest.CreatedDate))
	}
	return nil
}

// count returns how many rows of a table the shop has, without deleted ones.
func count(tx *db.Tx, table string) (int64, error) {
	present := ""
	if slices.Contains([]string{"products", "customers", "suppliers"}, table) {
		present = " AND deleted_at = 0"
	}
	n, _, err := db.One[int64](tx, `SELECT COUNT(*) FROM `+table+` WHERE retailer_id = :retailer`+present)
	return n, err
}

// auditLog prints what is wrong with the audit log of a shop, and how it ends, and returns the number of faults.
func (p *program) auditLog(tx *db.Tx, shop org.Shop) (int, error) {
	faults, err := audit.Check(tx)
	if err != nil {
		return 0, err
	}
	for _, fault := range faults {
		p.say("%s: audit log: %s", shop.Code, fault)
	}
	head, err := tx.Head()
	if err == nil && head.Audits > 0 {
		p.say("%s: the audit log ends with entry %d, whose hash is %s", shop.Code, head.Audits, head.AuditHash)
	}
	return len(faults), err
}

// ledgers prints the faults in the ledgers of a shop, or how much was checked, and returns the number of faults.
func (p *program) ledgers(tx *db.Tx, shop org.Shop) (int, error) {
	settings, err := org.GetSettings(tx)
	if err != nil {
		return 0, err
	}
	goods, err := stock.Check(tx, stock.Limits{
		BelowZero: settings.AllowSellWhenOutStock, BelowReserved: settings.AllowSellWhenOrderOutStock,
	})
	if err != nil {
		return 0, err
	}
	moved, err := supply.Check(tx)
	if err != nil {
		return 0, err
	}
	goods = append(goods, moved...)
	waiting, err := stock.Waiting(tx)
	if err != nil {
		return 0, err
	}
	money, err := p.money(tx, shop)
	if err != nil {
		return 0, err
	}
	codes, err := promo.Check(tx)
	if err != nil {
		return 0, err
	}
	lists, err := db.CheckCounts(tx)
	if err != nil {
		return 0, err
	}
	altered, err := p.auditLog(tx, shop)
	if err != nil {
		return 0, err
	}
	for _, finding := range lists {
		p.say("%s: lists: %s", shop.Code, finding)
	}
	if len(lists) > 0 {
		p.say("%s: lists: {taphoa} migrate --recount counts the rows again", shop.Code)
	}
	for _, finding := range goods {
		p.say("%s: goods: %s", shop.Code, finding)
	}
	for _, finding := range money {
		p.say("%s: money: %s", shop.Code, finding)
	}
	if waiting > 0 { // not a fault: serve recosts them
		p.say("%s: goods: levels whose costs are being worked out and were not checked: %d", shop.Code, waiting)
	}
	for _, finding := range codes {
		p.say("%s: vouchers and coupons: %s", shop.Code, finding)
	}
	if err := p.outdated(tx, shop); err != nil {
		return 0, err
	}
	faults := len(lists) + len(goods) + len(money) + len(codes) + altered
	if faults > 0 {
		return faults, nil
	}
	var counts [2]int64
	for i, table := range []string{"stock_postings", "cash_postings"} {
		if counts[i], err = count(tx, table); err != nil {
			return 0, err
		}
	}
	p.say("%s: OK, postings checked: %d of goods, %d of money", shop.Code, counts[0], counts[1])
	return 0, nil
}

// outdated prints what earlier versions wrote and today's rules would not. These are no faults: they stay as they are.
func (p *program) outdated(tx *db.Tx, shop org.Shop) error {
	for _, find := range []func(*db.Tx) ([]string, error){sales.Outdated, supply.Outdated, party.Outdated, catalog.Outdated, schema.Outdated} {
		findings, err := find(tx)
		if err != nil {
			return err
		}
		for _, finding := range findings {
			p.say("%s: older rules: %s", shop.Code, finding)
		}
	}
	for _, c := range corrections {
		lines, _, err := c.find(p, tx, repairAll)
		if err != nil {
			return err
		}
		if len(lines) > 0 {
			c.note(p, shop.Code, len(lines))
		}
	}
	return nil
}

// engine prints the engine's report about its own files and returns the number of faults.
func (p *program) engine(ctx context.Context, d *db.DB) (int, error) {
	state, err := d.Integrity(ctx)
	if err != nil {
		return 0, err
	}
	for _, fault := range state.Faults {
		p.say("database: damaged: %s", fault)
	}
	if len(state.Faults) > 0 {
		return len(state.Faults), nil // the engine may have given up before the end
	}
	switch state.Method {
	case "integrity_check":
		p.say("database: every page was read and every index compared with its table: %d tables, %d indexes", state.Tables, state.Indexes)
	case "amcheck":
		p.say("database: every row of %d tables was read, and %d indexes were compared with them by amcheck", state.Tables, state.Indexes)
	default:
		p.say("database: every row of %d tables was read, and %d indexes were scanned and their entries counted", state.Tables, state.Indexes)
		p.say("database: not checked: whether entries of indexes have the right keys; CREATE EXTENSION amcheck, by a superuser, checks that")
	}
	if len(state.Unchecked) > 0 {
		p.say("database: indexes that were not checked: %s", strings.Join(state.Unchecked, ", "))
	}
	if len(state.Triggers) > 0 {
		p.say("database: note: triggers that Taphoa did not make change what it writes: %s", strings.Join(state.Triggers, ", "))
	}
	return 0, nil
}

// missingMigrations returns the migrations that a database lacks. It refuses one of a newer program, or of another.
func missingMigrations(ctx context.Context, d *db.DB) (waiting []string, err error) {
	err = d.Read(ctx, db.Actor{}, func(tx *db.Tx) (err error) {
		waiting, err = schema.Behind(tx)
		return err
	})
	return waiting, err
}

// inMigratedCopy runs do on a migrated temporary copy of the database, so that the database is not changed.
func inMigratedCopy(ctx context.Context, d *db.DB, do func(d *db.DB) error) (err error) {
	dir, err := os.MkdirTemp("", "taphoa-check-")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	url, err := d.Clone(ctx, dir)
	if err != nil {
		return err
	}
	return with(ctx, url, db.Options{Existing: true}, do)
}

// warnExposed prints which files of the database others can read, and the command to correct that, which it returns.
func (p *program) warnExposed(url string) (mend string) {
	files := db.Exposed(url)
	if len(files) == 0 {
		return ""
	}
	for i, file := range files {
		if strings.HasPrefix(file, "-") { // which chmod would take for options
			file = "./" + file
		}
		files[i] = quoted(file)
	}
	mend = strings.Join(files, " ")
	p.say("warning: others on this machine can read the database, which holds the key that signs tokens: chmod 600 %s", mend)
	return "chmod 600 " + mend
}

// progress returns a function that shows the progress of a copy on a terminal, and one that must be called at its end.
func (p *program) progress() (step db.Progress, end func()) {
	if !isTerminal(p.stderr) {
		return func(int64, int64) {}, func() {}
	}
	last := int64(-1)
	step = func(done, total int64) {
		part := done >> 20
		if total > 0 {
			part = done * 100 / total
		}
		if part == last {
			return
		}
		if last = part; total > 0 {
			fmt.Fprintf(p.stderr, "\r%3d %% (%s / %s) ", part, bytesOf(done), bytesOf(total))
		} else {
			fmt.Fprintf(p.stderr, "\r%s ", bytesOf(done))
		}
	}
	return step, func() { fmt.Fprintf(p.stderr, "\r%30s\r", "") }
}

// bytesOf formats a number of bytes.
func bytesOf(n int64) string {
	switch {
	case n < 1<<20:
		return fmt.Sprintf("%d KB", (n+1023)>>10)
	case n < 10<<30:
		return fmt.Sprintf("%d MB", n>>20)
	}
	return fmt.Sprintf("%d GB", n>>30)
}
