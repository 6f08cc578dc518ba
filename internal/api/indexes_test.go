package api_test

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"net/url"
	"path"
	"regexp"
	"strings"
	"sync"
	"testing"

	"zombiezen.com/go/sqlite"

	"github.com/taphoa/taphoa/internal/access"
	"github.com/taphoa/taphoa/internal/apitest"
	"github.com/taphoa/taphoa/internal/cash"
	"github.com/taphoa/taphoa/internal/db"
	"github.com/taphoa/taphoa/internal/dbtest"
	"github.com/taphoa/taphoa/internal/debt"
	"github.com/taphoa/taphoa/internal/oauth"
	"github.com/taphoa/taphoa/internal/passkeytest"
	"github.com/taphoa/taphoa/internal/promo"
	"github.com/taphoa/taphoa/internal/requestlog"
	"github.com/taphoa/taphoa/internal/right"
	"github.com/taphoa/taphoa/internal/stock"
	"github.com/taphoa/taphoa/internal/supply"
	"github.com/taphoa/taphoa/internal/webhook"
)

// askedBesides are requests behind the transcripts of a directory that an index is for, and that none of them makes.
var askedBesides = map[string][]string{
	"testdata/orders":         {"/orders?soldById=1", "/orders?productId=1"},
	"testdata/invoices":       {"/invoices?soldById=1", "/invoices?productId=1"},
	"testdata/returns":        {"/returns?soldById=1", "/returns?productId=1", "/returns?customerId=1"},
	"testdata/purchaseorders": {"/purchaseorders?supplierIds=1", "/purchaseorders?orderBy=modifiedDate"},
}

// askBesides asks for what an index is for, and no transcript does.
func askBesides(t *testing.T, d *apitest.Server, s *apitest.Script) {
	t.Helper()
	for _, target := range askedBesides[path.Dir(s.File)] {
		if a := d.Send(http.MethodGet, target, ""); a.Status != http.StatusOK {
			t.Errorf("%s: %d %s", target, a.Status, a.Body)
		}
	}
}

// everyIndexIsUsed lets the program do what it does by itself. What was then sent to SQLite, and by the transcripts before, is
// explained: each index that is not there to keep two records apart has to be part of some plan. Each write pays for it.
func everyIndexIsUsed(t *testing.T, texts *sentTexts) {
	t.Helper()
	d := apitest.Seeded(t, "sqlite")
	texts.collect(d)
	d.Send(http.MethodPost, "/customers", `{"name":"Mai"}`, "Idempotency-Key", "1")
	texts.background(t, d)
	file, _ := strings.CutPrefix(dbtest.Migrated(t, "sqlite"), "sqlite:")
	dbtest.Open(t, "sqlite:"+file, nil) // lets connections keep their plans, as they do while serving
	conn, err := sqlite.OpenConn(file, sqlite.OpenReadWrite)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	used := map[string]bool{}
	index := regexp.MustCompile(`USING (?:COVERING )?INDEX (\w+)`)
	for sql := range texts.all {
		eachRow(t, conn, "EXPLAIN QUERY PLAN "+sql, func(row *sqlite.Stmt) {
			for _, m := range index.FindAllStringSubmatch(row.ColumnText(3), -1) {
				used[m[1]] = true
			}
		})
	}
	eachRow(t, conn, `SELECT name, sql FROM sqlite_schema WHERE type = 'index' AND sql IS NOT NULL ORDER BY name`, func(row *sqlite.Stmt) {
		if sql := row.ColumnText(1); !used[row.ColumnText(0)] && !strings.HasPrefix(sql, "CREATE UNIQUE") {
			t.Errorf("no statement uses %s", sql)
		}
	})
	if len(texts.all) < 500 {
		t.Errorf("only %d statements were sent", len(texts.all))
	}
}

// sentTexts are the texts of statements as SQLite got them.
type sentTexts struct {
	mu  sync.Mutex
	all map[string]bool
}

func (s *sentTexts) in(ctx context.Context) context.Context {
	return db.WithTrace(ctx, &db.Trace{Statement: func(sql string, _ []any) {
		s.mu.Lock()
		defer s.mu.Unlock()
		if s.all == nil {
			s.all = map[string]bool{}
		}
		s.all[sql] = true
	}})
}

// collect collects the statements of the requests to a server.
func (s *sentTexts) collect(d *apitest.Server) {
	inner := d.Handler
	d.Handler = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { inner.ServeHTTP(w, r.WithContext(s.in(r.Context()))) })
}

// background takes what the program asks without a request: the audit, figures, commands. The deliverer asks by keys.
func (s *sentTexts) background(t *testing.T, d *apitest.Server) {
	t.Helper()
	ctx := s.in(t.Context())
	err := d.DB.Read(ctx, db.Actor{Retailer: d.Shop.Retailer}, func(tx *db.Tx) error {
		_, err1 := stock.Check(tx, stock.Limits{})
		_, err2 := cash.Check(tx)
		_, err3 := supply.Check(tx)
		_, err4 := promo.Check(tx)
		_, err5 := webhook.Count(tx)
		_, err6 := oauth.ListClients(tx)
		_, err7 := debt.Check(tx)
		_, _, err8 := debt.Unallocated(tx)
		_, err9 := requestlog.List(tx, requestlog.Filter{RefusedOnly: true})
		return errors.Join(err1, err2, err3, err4, err5, err6, err7, err8, err9)
	})
	if err = errors.Join(err, stock.RecostAll(ctx, d.DB), signInOnce(ctx, d), signInByPasskey(ctx, t, d)); err != nil {
		t.Error(err)
	}
}

// signInOnce has the owner sign in, look who else may, approve of what Lan does, and sign out everywhere.
func signInOnce(ctx context.Context, d *apitest.Server) error {
	people := access.New(d.DB, access.Options{})
	var owner, lan access.Session
	err := d.DB.Write(ctx, db.Actor{Retailer: d.Shop.Retailer}, func(tx *db.Tx) error {
		account, err := access.FindOwner(tx)
		if err == nil {
			_, owner, err = access.StartSession(tx, account.User, access.Caller{})
		}
		if err == nil {
			err = access.SetUserRoles(tx, d.ID("user:lan"), []access.UserRole{{Role: right.CashierRole}})
		}
		if err == nil {
			_, lan, err = access.StartSession(tx, d.ID("user:lan"), access.Caller{})
		}
		return err
	})
	if err != nil {
		return err
	}
	_, err1 := people.Accounts(ctx, owner)
	_, err2 := people.Sessions(ctx, owner)
	err3 := people.SetPIN(ctx, owner, "271828")
	_, err4 := people.Approve(ctx, lan, owner.User, "271828", "deleteInvoiceById", right.VoidInvoices)
	return errors.Join(err1, err2, err3, err4, signInToAProgram(ctx, d, owner), people.EndAllSessions(ctx, owner, false))
}

// signInByPasskey has the owner add a passkey.
func signInByPasskey(ctx context.Context, t *testing.T, d *apitest.Server) error {
	t.Helper()
	people, site := access.New(d.DB, access.Options{}), access.Site{ID: "cobien.example", Origin: "https://cobien.example"}
	hash, err := people.Hash(ctx, "cá rô kho tộ 7 món")
	if err != nil {
		return err
	}
	var token string
	var owner access.Session
	err = d.DB.Write(ctx, db.Actor{Retailer: d.Shop.Retailer}, func(tx *db.Tx) error {
		account, err := access.FindOwner(tx)
		if err == nil {
			err = access.SetPassword(tx, account.User, hash)
		}
		if err == nil {
			token, owner, err = access.StartSession(tx, account.User, access.Caller{})
		}
		return err
	})
	if err != nil {
		return err
	}
	options, err := people.BeginPasskey(ctx, owner, site)
	if err == nil {
		_, err = people.AddPasskey(ctx, token, site, (&passkeytest.Authenticator{Origin: site.Origin}).Create(t, options), "Điện thoại")
	}
	return err
}

// signInToAProgram has the owner sign in to a program, and end that.
func signInToAProgram(ctx context.Context, d *apitest.Server, owner access.Session) error {
	const back = "https://so.example.vn/"
	tokens, err := oauth.New(d.DB, oauth.Options{})
	if err != nil {
		return err
	}
	var client oauth.Client
	err = d.DB.Write(ctx, db.Actor{Retailer: owner.Retailer}, func(tx *db.Tx) (err error) {
		client, _, err = oauth.CreateClient(tx, oauth.ClientInput{Name: "Sổ", Redirects: []string{back}})
		return err
	})
	if err != nil {
		return err
	}
	asked, err := tokens.ReadAuthorization(httptest.NewRequestWithContext(ctx, http.MethodGet, "/", nil),
		url.Values{"client_id": {client.ClientID}, "redirect_uri": {back}, "response_type": {"code"}})
	if err == nil {
		_, err = tokens.Allow(ctx, asked, &owner)
	}
	if err != nil {
		return err
	}
	return d.DB.Write(ctx, db.Actor{Retailer: owner.Retailer}, func(tx *db.Tx) error {
		_, err := oauth.Apps(tx, owner.User)
		return errors.Join(err, oauth.Disconnect(tx, owner.User, client.ClientID))
	})
}

func eachRow(t *testing.T, conn *sqlite.Conn, sql string, each func(*sqlite.Stmt)) {
	t.Helper()
	stmt, _, err := conn.PrepareTransient(sql)
	if err != nil {
		t.Fatalf("%v in %s", err, sql)
	}
	defer func() { _ = stmt.Finalize() }()
	for {
		more, err := stmt.Step()
		if err != nil {
			t.Fatalf("%v in %s", err, sql)
		}
		if !more {
			return
		}
		each(stmt)
	}
}
