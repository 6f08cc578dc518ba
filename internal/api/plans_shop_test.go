package api_test

import (
	"cmp"
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/jackc/pgx/v5"

	"github.com/taphoa/taphoa"
	"github.com/taphoa/taphoa/internal/api"
	"github.com/taphoa/taphoa/internal/cash"
	"github.com/taphoa/taphoa/internal/db"
	"github.com/taphoa/taphoa/internal/dbtest"
	"github.com/taphoa/taphoa/internal/debt"
	"github.com/taphoa/taphoa/internal/demo"
	"github.com/taphoa/taphoa/internal/oauth"
	"github.com/taphoa/taphoa/internal/org"
	"github.com/taphoa/taphoa/internal/promo"
	"github.com/taphoa/taphoa/internal/sales"
	"github.com/taphoa/taphoa/internal/schema"
	"github.com/taphoa/taphoa/internal/stock"
	"github.com/taphoa/taphoa/internal/supply"
	"github.com/taphoa/taphoa/internal/webhook"
)

// bigShop is the demo shop, many times over. Its first months are the demo's, made by operations; the SQL of [bigShop.grow]
// then lets the same months come again, with products, partners and documents of their own but the same branches, users,
// groups and campaigns. So every table has its rows in proportion, the ledgers hold, and what a filter finds is either as
// much as in the demo (one customer's invoices) or grows with the shop (a branch's invoices).
type bigShop struct {
	http.Handler
	tb       testing.TB
	engine   string
	url      string
	db       *db.DB
	retailer int64
	token    string
	tables   map[string][]string // columns
	stride   int64               // between the ids of one season and the next
	seasons  int64
	asks     int
}

// season is how long the demo's story is.
const season = 130 * 24 * time.Hour

// few are the tables that do not grow with what a shop sells.
var few = map[string]string{
	"retailers": "", "settings": "", "oauth_clients": "", "idempotency_keys": "",
	"shop_heads":      "counted up",
	"row_counts":      "counted up",
	"branches":        "a shop has a few",
	"users":           "a shop has a few",
	"sale_channels":   "a shop has a few",
	"access_accounts": "as many as users", "access_recovery_codes": "", "access_sessions": "", "access_links": "", "access_passkeys": "up to twenty a user",
	"access_roles": "a shop has a few", "access_user_roles": "as many as users", "access_approvals": "one a PIN that was given", "oauth_client_uses": "", "oauth_consents": "", "oauth_grants": "",
	"request_log":   "a week of requests",
	"audit_log":     "it is read from its end, by number, in parts",
	"bank_accounts": "a shop has a few", "surcharges": "a shop has a few", "cash_flow_groups": "a shop has a few",
	"customer_groups": "a shop has a few; they have more members", "supplier_groups": "a shop has a few; they have more members",
	"attributes":        "a shop has a few; more products have them",
	"delivery_partners": "a shop has a few; they have more deliveries",
	"price_books":       "a shop has a few; they have more prices", "price_book_branches": "", "price_book_customer_groups": "", "price_book_users": "",
	"voucher_campaigns": "a shop has a few; they have more vouchers", "voucher_campaign_limits": "",
	"coupon_campaigns": "a shop has a few; they have more coupons",
	"webhooks":         "a shop has a few; they have more deliveries", "webhook_redeliveries": "", "webhook_held": "",
}

// own are the columns that name a record of the same season.
var own = split(`id document_id product_id material_id base_id master_unit_id master_product_id category_id parent_id trade_mark_id
	customer_id supplier_id order_id invoice_id return_id purchase_id purchase_order_id order_supplier_id transfer_id stock_take_id
	batch_id origin_id voucher_id detail_id invoice_detail_id tax_row_id kept_id creditor_id debtor_id`)

// sharedByAll are the columns that name one of a few.
var sharedByAll = split(`retailer_id branch_id from_branch_id to_branch_id sold_by_id cashier_id purchase_by_id user_id created_by_id
	received_by_id sale_channel_id price_book_id group_id customer_group_id campaign_id voucher_campaign_id surcharge_id tax_id
	attribute_id cash_flow_group_id partner_delivery_id expenses_other_id location_id webhook_id invoice_ref_id`)

// typed are the columns that name a customer or a supplier if another column says so.
var typed = map[string]string{
	"payments.partner_id": "partner_type", "vouchers.partner_id": "partner_type", "payments.account_id": "", "history_payments.account_id": "",
	"open_items.account_id": "account_type", "allocations.account_id": "account_type", "unallocated_partners.account_id": "account_type",
	"debt_adjustments.partner_id": "partner_type", "cash_balances.account_id": "account_type", "cash_postings.from_id": "from_type", "cash_postings.to_id": "to_type",
}

func split(words string) map[string]bool {
	set := map[string]bool{}
	for _, w := range strings.Fields(words) {
		set[w] = true
	}
	return set
}

// inSeason is what a column holds in season k, as SQL, or "" for a column whose name does not say.
func (b *bigShop) inSeason(table, column string) string {
	s := "s." + column
	later := fmt.Sprintf("CASE WHEN %s > 0 THEN %s + k * %d ELSE %s END", s, s, int64(season/time.Microsecond), s)
	other := fmt.Sprintf("CASE WHEN %s > 0 THEN %s + k * %d ELSE %s END", s, s, b.stride, s)
	kind, isTyped := typed[table+"."+column]
	switch {
	case isTyped && kind == "":
		return s
	case isTyped:
		return fmt.Sprintf("CASE WHEN s.%s IN ('C', 'S') THEN %s ELSE %s END", kind, other, s)
	case own[column]:
		return other
	case sharedByAll[column]:
		return s
	case table == "events" && column == "seq":
		return "s.seq + k * (SELECT MAX(seq) FROM season_events)"
	case column == "birth_date":
		return s
	case column == "at" || strings.HasSuffix(column, "_at") || strings.HasSuffix(column, "_date") || column == "expected_delivery":
		return later
	case column == "phone_key":
		return "CASE WHEN s.phone_key = '' THEN '' ELSE s.phone_key || k END"
	case column == "bar_code" || column == "contact_number":
		return s + " || k"
	case column == "code" || strings.HasSuffix(column, "_code") || strings.HasSuffix(column, "_key") || column == "search" || column == "uuid":
		return s + " || '-' || k"
	case strings.HasSuffix(column, "_id"):
		return ""
	}
	return s
}

// newBigShop opens a server over the demo shop with some webhook deliveries and electronic invoices besides.
func newBigShop(tb testing.TB, engine string) *bigShop {
	tb.Helper()
	b := &bigShop{tb: tb, engine: engine}
	b.open()
	b.fill()
	return b
}

// open opens a database without a shop.
func (b *bigShop) open() {
	b.tb.Helper()
	if b.engine == "postgres" {
		b.url = dbtest.Database(b.tb, "max_parallel_workers_per_gather=2") // as servers have it
	} else {
		b.url = dbtest.URL(b.tb, b.engine)
	}
	var err error
	if b.db, err = db.Open(b.tb.Context(), b.url, db.Options{Now: dbtest.NewClock().Now, Readers: 2}); err != nil { // few sessions make few plans
		b.tb.Fatal(err)
	}
	b.tb.Cleanup(func() { b.db.Close() })
	if _, err := schema.Migrate(b.tb.Context(), b.db); err != nil {
		b.tb.Fatal(err)
	}
}

// rows are the rows of all tables of a shop on SQLite, as COPY of PostgreSQL reads them.
func (b *bigShop) rows() map[string]string {
	b.tb.Helper()
	all := map[string]string{}
	escape := strings.NewReplacer(`\`, `\\`, "\t", `\t`, "\n", `\n`, "\r", `\r`)
	b.read(func(tx *db.Tx) error {
		for table, columns := range b.tables {
			var text strings.Builder
			err := tx.Everywhere().Each(func(row db.Row) error {
				for i := range columns {
					if i > 0 {
						text.WriteByte('\t')
					}
					if row.Null(i) {
						text.WriteString(`\N`)
					} else {
						_, _ = escape.WriteString(&text, row.Text(i))
					}
				}
				text.WriteByte('\n')
				return nil
			}, "SELECT "+strings.Join(columns, ", ")+" FROM "+table)
			if err != nil {
				return err
			}
			all[table] = text.String()
		}
		return nil
	})
	return all
}

// copyOf opens a server over the shop that another engine has made in its first season: to make it again takes ten times as
// long on PostgreSQL.
func copyOf(tb testing.TB, engine string, of *bigShop, rows map[string]string) *bigShop {
	tb.Helper()
	b := &bigShop{tb: tb, engine: engine, retailer: of.retailer, token: of.token, seasons: 1}
	b.open()
	conn, err := pgx.Connect(tb.Context(), b.url)
	if err != nil {
		tb.Fatal(err)
	}
	defer conn.Close(context.WithoutCancel(tb.Context()))
	for table, text := range rows {
		if _, err := conn.Exec(tb.Context(), "DELETE FROM "+table); err != nil {
			tb.Fatal(err)
		}
		into := "COPY " + table + " (" + strings.Join(of.tables[table], ", ") + ") FROM STDIN"
		if _, err := conn.PgConn().CopyFrom(tb.Context(), strings.NewReader(text), into); err != nil {
			tb.Fatalf("%s: %v", into, err)
		}
	}
	b.serve()
	b.describe()
	return b
}

// serve lets a server answer for the shop.
func (b *bigShop) serve() {
	b.tb.Helper()
	tokens, err := oauth.New(b.db, oauth.Options{})
	if err != nil {
		b.tb.Fatal(err)
	}
	b.Handler = api.New(b.db, tokens, api.Options{Log: slog.New(slog.DiscardHandler)})
}

// fill makes the shop's first season, and a server over it.
func (b *bigShop) fill() {
	b.tb.Helper()
	if err := demo.Fill(b.tb.Context(), b.db, slog.New(slog.DiscardHandler)); err != nil {
		b.tb.Fatal(err)
	}
	b.serve()
	b.read(func(tx *db.Tx) error {
		shop, _, err := org.FindShop(tx, demo.ShopCode)
		b.retailer = shop.RetailerID
		return err
	})
	form := url.Values{
		"grant_type": {"client_credentials"}, "client_id": {demo.ClientID}, "client_secret": {demo.ClientSecret},
		"scopes": {oauth.ScopePublic + " " + oauth.ScopeAdmin},
	}
	r := httptest.NewRequest(http.MethodPost, "/connect/token", strings.NewReader(form.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	w := httptest.NewRecorder()
	b.ServeHTTP(w, r)
	var answer struct {
		Token string `json:"access_token"`
	}
	if err := json.Unmarshal(w.Body.Bytes(), &answer); err != nil || answer.Token == "" {
		b.tb.Fatalf("no token: %s", w.Body)
	}
	b.token, b.seasons = answer.Token, 1
	b.write(b.complete)
	b.write(b.trade)
	b.describe()
}

// complete adds what the demo has too little of for a list of several pages.
func (b *bigShop) complete(tx *db.Tx) error {
	hook, err := webhook.Register(tx, &taphoa.WebhookInput{WebhookWrite: taphoa.WebhookWrite{
		Type: taphoa.Some("product.update"), URL: taphoa.Some("https://erp.taphoa.vn/hooks?noecho"),
	}})
	if err != nil {
		return err
	}
	for i, outcome := range append(slices.Repeat([]string{"delivered"}, 56), "failed", "stopped", "dead", "dead") {
		id, err := tx.NewID("webhook_deliveries")
		if err != nil {
			return err
		}
		tx.Queue(`
			INSERT INTO webhook_deliveries (retailer_id, id, webhook_id, first_seq, last_seq, attempt, outcome, status, duration, at)
			VALUES (:retailer, ?, ?, 1, 2, 1, ?, 200, 1000, ?)`, id, hook.ID, outcome, tx.Now-taphoa.Time(i)*3600*1_000_000)
		tx.Count("webhook_deliveries", 1, id)
	}
	invoices, err := db.All[int64](tx, `SELECT id FROM invoices WHERE retailer_id = :retailer AND status = 1 ORDER BY id LIMIT 20`)
	if err != nil {
		return err
	}
	in := taphoa.EInvoiceUpdate{}
	for i, id := range invoices {
		in.Data = append(in.Data, taphoa.EInvoiceInfo{
			InvoiceID: taphoa.Some(id), InvoiceRefID: taphoa.Some(fmt.Sprint("ref", id)), Partner: taphoa.Some[int64](1),
			Status: taphoa.Some(int64(i % 3)), Type: taphoa.Some[int64](0),
		})
	}
	_, err = sales.UpdateEInvoices(tx, &in)
	return err
}

// trade makes a few stock takes and as many sales again as the demo, so that there are two invoices for each product.
func (b *bigShop) trade(tx *db.Tx) error {
	branch, _, err := db.One[int64](tx, `SELECT MIN(id) FROM branches WHERE retailer_id = :retailer`)
	if err != nil {
		return err
	}
	goods, err := db.All[int64](tx, `
		SELECT id FROM products WHERE retailer_id = :retailer AND deleted_at = 0 AND type = 2 AND is_active AND allows_sale AND master_unit_id IS NULL
			AND NOT is_lot_serial_control AND NOT is_batch_expire_control ORDER BY id`)
	if err != nil {
		return err
	}
	customers, err := db.All[int64](tx, `SELECT id FROM customers WHERE retailer_id = :retailer AND deleted_at = 0 AND is_active ORDER BY id`)
	for i := 0; i < 20 && err == nil; i++ {
		_, err = supply.CreateStockTake(tx, &taphoa.StockTakeInput{
			BranchID: taphoa.Some(branch), IsDraft: taphoa.Some(true), StockTakeDetails: []taphoa.StockTakeLineInput{
				{ProductID: taphoa.Some(goods[i]), ActualQuantity: taphoa.Some(taphoa.Units(1))},
			},
		})
	}
	for i := 0; i < 330 && err == nil; i++ {
		in := taphoa.InvoiceInput{BranchID: taphoa.Some(branch), CustomerID: taphoa.Some(customers[i%len(customers)])}
		for n := range 1 + i%3 {
			in.InvoiceDetails = append(in.InvoiceDetails, taphoa.DetailInput{
				ProductID: taphoa.Some(goods[(i*7+n)%len(goods)]), Quantity: taphoa.Some(taphoa.Units(1)),
			})
		}
		_, err = sales.CreateInvoice(tx, &in)
	}
	return err
}

func (b *bigShop) read(op func(*db.Tx) error) {
	b.tb.Helper()
	if err := b.db.Read(b.tb.Context(), db.Actor{Retailer: b.retailer}, op); err != nil {
		b.tb.Fatal(err)
	}
}

func (b *bigShop) write(op func(*db.Tx) error) {
	b.tb.Helper()
	if err := b.db.Write(b.tb.Context(), db.Actor{Retailer: b.retailer}, op); err != nil {
		b.tb.Fatal(err)
	}
}

// describe finds the tables of shops and keeps the demo's rows of those that grow, as the first season.
func (b *bigShop) describe() {
	b.tb.Helper()
	columns := `SELECT m.name || ' ' || i.name FROM sqlite_schema m JOIN pragma_table_info(m.name) i WHERE m.type = 'table' ORDER BY m.name, i.cid`
	if b.engine == "postgres" {
		columns = `SELECT table_name || ' ' || column_name FROM information_schema.columns WHERE table_schema = 'public' ORDER BY table_name, ordinal_position`
	}
	b.tables = map[string][]string{}
	var script strings.Builder
	b.read(func(tx *db.Tx) error {
		all, err := db.All[string](tx.Everywhere(), columns)
		for _, c := range all {
			table, column, _ := strings.Cut(c, " ")
			if strings.HasPrefix(table, "sqlite_") || table == "schema_migrations" {
				continue
			}
			b.tables[table] = append(b.tables[table], column)
		}
		return err
	})
	for _, table := range b.names() {
		fmt.Fprintf(&script, "CREATE TABLE season_%s AS SELECT * FROM %s WHERE retailer_id = %d;\n", table, table, b.retailer)
		if slices.Contains(b.tables[table], "id") {
			b.read(func(tx *db.Tx) error {
				last, _, err := db.One[int64](tx, "SELECT COALESCE(MAX(id), 0) FROM "+table+" WHERE retailer_id = :retailer")
				b.stride = max(b.stride, last+1)
				return err
			})
		}
	}
	b.script(script.String())
}

// names are the tables that grow.
func (b *bigShop) names() (names []string) {
	for table, columns := range b.tables {
		if _, isFew := few[table]; !isFew && slices.Contains(columns, "retailer_id") {
			names = append(names, table)
		}
	}
	slices.Sort(names)
	return names
}

func (b *bigShop) script(sql string) {
	b.tb.Helper()
	if err := b.db.Script(context.WithoutCancel(b.tb.Context()), sql); err != nil {
		b.tb.Fatal(err)
	}
}

// grow adds seasons until the shop has that number of them.
func (b *bigShop) grow(seasons int64) {
	b.tb.Helper()
	for _, table := range b.names() {
		var values []string
		for _, c := range b.tables[table] {
			value := b.inSeason(table, c)
			if value == "" {
				b.tb.Fatalf("%s.%s: does it name a record of the season, or one of a few?", table, c)
			}
			values = append(values, value)
		}
		b.script(fmt.Sprintf(`
			INSERT INTO %s (%s)
			WITH RECURSIVE n(k) AS (SELECT CAST(%d AS BIGINT) UNION ALL SELECT k + 1 FROM n WHERE k < %d)
			SELECT %s FROM n CROSS JOIN season_%s s ORDER BY k`,
			table, strings.Join(b.tables[table], ", "), b.seasons, seasons-1, strings.Join(values, ", "), table))
	}
	more := seasons - b.seasons
	b.seasons = seasons
	b.script(fmt.Sprintf(`
		UPDATE shop_heads SET at = at + %d, last_seq = (SELECT MAX(seq) FROM events WHERE retailer_id = %d),
			told = (SELECT COUNT(*) FROM events WHERE retailer_id = %d), kept = (SELECT COUNT(*) FROM events WHERE retailer_id = %d),
			refs = refs + 1 WHERE retailer_id = %d;
		UPDATE id_blocks SET value = value + %d;
		UPDATE voucher_campaigns SET quantity = (SELECT COUNT(*) FROM vouchers v
			WHERE v.retailer_id = voucher_campaigns.retailer_id AND v.campaign_id = voucher_campaigns.id AND v.deleted_at = 0);
		UPDATE coupon_campaigns SET quantity = (SELECT COUNT(*) FROM coupons v
			WHERE v.retailer_id = coupon_campaigns.retailer_id AND v.campaign_id = coupon_campaigns.id AND v.deleted_at = 0);`,
		more*int64(season/time.Microsecond), b.retailer, b.retailer, b.retailer, b.retailer, more*b.stride))
	b.count()
}

// count counts the rows of lists again.
func (b *bigShop) count() {
	b.tb.Helper()
	var script strings.Builder
	b.read(func(tx *db.Tx) error {
		names, err := db.All[string](tx, `SELECT DISTINCT name FROM row_counts WHERE retailer_id = :retailer`)
		for _, table := range names {
			id, live := "id", ""
			if !slices.Contains(b.tables[table], id) {
				id = "invoice_id"
			}
			if slices.Contains(b.tables[table], "deleted_at") {
				live = " AND deleted_at = 0"
			} else if table == "payments" {
				live = " AND method <> 'Voucher'"
			}
			fmt.Fprintf(&script, `
				DELETE FROM row_counts WHERE retailer_id = %[1]d AND name = '%[2]s';
				INSERT INTO row_counts SELECT retailer_id, '%[2]s', 0, %[3]s >> 10, COUNT(*) FROM %[2]s WHERE retailer_id = %[1]d%[4]s GROUP BY 1, 4;
				INSERT INTO row_counts SELECT retailer_id, name, 1, block >> 6, SUM(n) FROM row_counts
					WHERE retailer_id = %[1]d AND name = '%[2]s' AND level = 0 GROUP BY 1, 2, 4;
				INSERT INTO row_counts SELECT retailer_id, name, 2, block >> 6, SUM(n) FROM row_counts
					WHERE retailer_id = %[1]d AND name = '%[2]s' AND level = 1 GROUP BY 1, 2, 4;`, b.retailer, table, id, live)
		}
		return err
	})
	b.script(script.String())
}

// check looks for what breaks the invariants of the ledgers, as taphoa check does.
func (b *bigShop) check() {
	b.tb.Helper()
	b.read(func(tx *db.Tx) error {
		goods, err := stock.Check(tx, stock.Limits{BelowZero: true, BelowReserved: true})
		moved, err2 := supply.Check(tx)
		money, err3 := cash.Check(tx)
		codes, err4 := promo.Check(tx)
		counts, err5 := db.CheckCounts(tx)
		accounts, err6 := debt.Check(tx)
		for _, finding := range slices.Concat(goods, moved, money, codes, counts, accounts) {
			b.tb.Errorf("the grown shop: %s", finding)
		}
		return cmp.Or(err, err2, err3, err4, err5, err6)
	})
}

// statement is a text with its values, as the engine gets them.
type statement struct {
	sql  string
	args []any
}

// ask sends a request, whose answer the server has not kept, and returns its statements.
func (b *bigShop) ask(target string) (body []byte, asked []statement) {
	b.tb.Helper()
	body = b.traced(target, &db.Trace{Statement: func(sql string, args []any) { asked = append(asked, statement{sql, args}) }})
	return body, asked
}

func (b *bigShop) traced(target string, trace *db.Trace) []byte {
	b.tb.Helper()
	b.asks++
	r := httptest.NewRequest(http.MethodGet, fmt.Sprintf("%s&ask=%d", target, b.asks), nil)
	r.Header.Set("Retailer", demo.ShopCode)
	r.Header.Set("Authorization", "Bearer "+b.token)
	w := httptest.NewRecorder()
	b.ServeHTTP(w, r.WithContext(db.WithTrace(b.tb.Context(), trace)))
	if w.Code != http.StatusOK {
		b.tb.Errorf("GET %s: %d %.300s", target, w.Code, w.Body)
	}
	return w.Body.Bytes()
}

// file is the file of a shop on SQLite.
func (b *bigShop) file() string { return filepath.Clean(strings.TrimPrefix(b.url, "sqlite:")) }
