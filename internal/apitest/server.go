package apitest

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/go-json-experiment/json"

	"github.com/taphoa/taphoa/internal/api"
	"github.com/taphoa/taphoa/internal/db"
	"github.com/taphoa/taphoa/internal/dbtest"
	"github.com/taphoa/taphoa/internal/oauth"
	"github.com/taphoa/taphoa/internal/org"
	"github.com/taphoa/taphoa/internal/schema"
)

// Shop is a shop of a [Server] and the client that calls for it.
type Shop struct {
	Code     string
	Retailer int64
	ClientID string
	Secret   string
	Token    string
}

// The shops of every server, with their clients.
var shops = []Shop{
	{Code: "taphoa", ClientID: "7a000000-0000-4000-8000-000000000001", Secret: "7A00000000000000000000000000000000000001"},
	{Code: "hangxom", ClientID: "7a000000-0000-4000-8000-000000000002", Secret: "7A00000000000000000000000000000000000002"},
}

// Server is the API over one database, with a clock that does not move by itself.
type Server struct {
	http.Handler
	DB        *db.DB
	Clock     *dbtest.Clock
	Shop      Shop // the caller, unless a request has other headers
	OtherShop Shop // another shop in the same database

	tb  testing.TB
	url string // of the database
	o   api.Options

	visible, mark string                 // of the newest [Server.Snapshot] on PostgreSQL
	digests       map[int64]markedDigest // of the shops, on PostgreSQL
}

// New returns a server of two shops that have only what every new shop has.
func New(tb testing.TB, engine string) *Server { return NewWith(tb, engine, api.Options{}) }

// Seeded returns a server of two shops that both have the records of [Seed].
func Seeded(tb testing.TB, engine string) *Server {
	tb.Helper()
	return SeededWith(tb, engine, api.Options{})
}

// SeededWith is [Seeded] with options of the API.
func SeededWith(tb testing.TB, engine string, o api.Options) *Server {
	tb.Helper()
	return open(tb, engine, "seeded", o, func(tx *db.Tx) error { return Seed(tx) })
}

// NewWith is [New] with options of the API.
func NewWith(tb testing.TB, engine string, o api.Options) *Server {
	tb.Helper()
	return open(tb, engine, "empty", o, nil)
}

// Each runs a test on both engines, each time with a database of its own that has two seeded shops. It lets other tests run
// beside it: a test on PostgreSQL and its server wait for each other, so that one alone keeps one core.
func Each(t *testing.T, test func(t *testing.T, d *Server)) {
	t.Helper()
	t.Parallel()
	for _, engine := range dbtest.Engines {
		t.Run(engine, func(t *testing.T) {
			t.Parallel()
			test(t, Seeded(t, engine))
		})
	}
}

func open(tb testing.TB, engine, content string, o api.Options, fill func(*db.Tx) error) *Server {
	tb.Helper()
	d := &Server{tb: tb, url: copyOf(tb, engine, content, fill), o: o, digests: map[int64]markedDigest{}}
	d.serve()
	d.reserveIDs()
	d.Shop, d.OtherShop = d.authenticate(shops[0]), d.authenticate(shops[1])
	return d
}

// SecondServer returns another server on the same database with the same options, and with a clock of its own.
func (d *Server) SecondServer() *Server {
	other := *d
	other.serve()
	return &other
}

func (d *Server) serve() {
	d.tb.Helper()
	o := d.o
	d.Clock = dbtest.NewClock()
	d.DB = dbtest.Open(d.tb, d.url, d.Clock)
	tokens, err := oauth.New(d.DB, oauth.Options{})
	if err != nil {
		d.tb.Fatal(err)
	}
	o.Log = slog.New(slog.NewTextHandler(failOnLog{d.tb}, &slog.HandlerOptions{Level: slog.LevelError}))
	d.Handler = api.New(d.DB, tokens, o)
}

// reserveIDs begins a block of ids of every kind. A refused request may be the first to need one: SQLite rolls the block
// back then, PostgreSQL does not, and the ids in transcripts would differ between the engines.
func (d *Server) reserveIDs() {
	d.tb.Helper()
	d.Write(func(tx *db.Tx) error {
		kinds, err := db.All[string](tx.Everywhere(), `SELECT name FROM id_blocks ORDER BY name`)
		for _, kind := range append(kinds, "orders", "order_lines", "invoices", "invoice_lines", "line_taxes", "document_surcharges", "payments", "stocktakes") {
			if err == nil {
				_, err = tx.NewID(kind)
			}
		}
		return err
	})
}

// failOnLog fails the test for every error that the server logs: no request may cause one.
type failOnLog struct{ tb testing.TB }

func (f failOnLog) Write(line []byte) (int, error) {
	f.tb.Errorf("the server logged: %.3000s", strings.ReplaceAll(string(line), `\n`, "\n"))
	return len(line), nil
}

// authenticate fills in the shop's id and a token that has all scopes.
func (d *Server) authenticate(s Shop) Shop {
	d.tb.Helper()
	s.Token = d.Token(s, oauth.ScopePublic+" "+oauth.ScopeAdmin)
	err := d.DB.Read(d.tb.Context(), db.Actor{}, func(tx *db.Tx) error {
		shop, _, err := org.FindShop(tx, s.Code)
		s.Retailer = shop.RetailerID
		return err
	})
	if err != nil {
		d.tb.Fatal(err)
	}
	return s
}

// Token returns a token of the shop's client with the scopes.
func (d *Server) Token(s Shop, scopes string) string {
	d.tb.Helper()
	form := url.Values{
		"grant_type": {"client_credentials"}, "client_id": {s.ClientID}, "client_secret": {s.Secret}, "scopes": {scopes},
	}
	a := d.Send(http.MethodPost, "/connect/token", form.Encode(), "Content-Type", "application/x-www-form-urlencoded")
	var answer struct {
		Token string `json:"access_token"`
	}
	if err := json.Unmarshal(a.Body, &answer); err != nil || a.Status != http.StatusOK {
		d.tb.Fatalf("no token for %s: %d %s", s.Code, a.Status, a.Body)
	}
	return answer.Token
}

// As returns the same server with another calling shop.
func (d *Server) As(s Shop) *Server {
	other := *d
	other.Shop = s
	return &other
}

// On returns the same server for another test, such as a subtest.
func (d *Server) On(tb testing.TB) *Server {
	other := *d
	other.tb = tb
	return &other
}

// Write runs an operation of a business package in the calling shop.
func (d *Server) Write(op func(*db.Tx) error) {
	d.tb.Helper()
	if err := d.DB.Write(d.tb.Context(), db.Actor{Retailer: d.Shop.Retailer}, op); err != nil {
		d.tb.Fatal(err)
	}
}

// Read runs a read-only operation of a business package in the calling shop.
func (d *Server) Read(op func(*db.Tx) error) {
	d.tb.Helper()
	if err := d.DB.Read(d.tb.Context(), db.Actor{Retailer: d.Shop.Retailer}, op); err != nil {
		d.tb.Fatal(err)
	}
}

// Set changes a setting of the calling shop.
func (d *Server) Set(name, value string) {
	d.tb.Helper()
	d.Write(func(tx *db.Tx) error { return org.SetSetting(tx, name, value) })
}

// Answer is a response.
type Answer struct {
	Status int
	Header http.Header
	Body   []byte
}

// Send sends a request. The target is that of a request line: path and query. Headers come in pairs;
// the shop's own are added unless they are among them. A target that no HTTP server would accept fails the test.
func (d *Server) Send(method, target, body string, headers ...string) Answer {
	d.tb.Helper()
	at, err := url.ParseRequestURI(target)
	if err != nil {
		d.tb.Fatal(err)
	}
	r := httptest.NewRequest(method, "/", strings.NewReader(body)).WithContext(context.WithoutCancel(d.tb.Context()))
	r.URL, r.RequestURI = at, target
	r.Header.Set("Retailer", d.Shop.Code)
	r.Header.Set("Authorization", "Bearer "+d.Shop.Token)
	if body != "" {
		r.Header.Set("Content-Type", "application/json")
	}
	for i := 0; i+1 < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	return d.Do(r)
}

// Do sends a request unchanged.
func (d *Server) Do(r *http.Request) Answer {
	w := httptest.NewRecorder()
	d.ServeHTTP(w, r)
	return Answer{Status: w.Code, Header: w.Header(), Body: w.Body.Bytes()}
}

// Get returns the value at a path of the response, such as $.data[0].id, as text.
func (a Answer) Get(path string) (string, bool) { return lookUp(a.Body, path) }

// Refusal returns the sentence of a refusal, or an error if the response is not the envelope of one.
func (a Answer) Refusal() (sentence string, err error) {
	var e envelope
	d := json.Unmarshal(a.Body, &e, json.RejectUnknownMembers(true))
	switch {
	case d != nil:
		return "", d
	case e.ResponseStatus.ErrorCode == "" || e.ResponseStatus.Errors == nil || e.Message == "" || e.Message != e.ResponseStatus.Message:
		return "", errNoEnvelope
	}
	return e.Message, nil
}

// copyOf returns the address of a database of the engine, with what fill has written in each shop.
func copyOf(tb testing.TB, engine, content string, fill func(*db.Tx) error) string {
	tb.Helper()
	return dbtest.Filled(tb, engine, content+" of "+program(), func(url string) error { return fillDatabase(url, fill) })
}

// program returns a digest of the running test program: processes share a database template only if they run the same
// program.
var program = sync.OnceValue(func() string {
	name, err := os.Executable()
	if err != nil {
		panic(err)
	}
	file, err := os.Open(name)
	if err != nil {
		panic(err)
	}
	defer file.Close()
	sum := sha256.New()
	if _, err := io.Copy(sum, file); err != nil {
		panic(err)
	}
	return hex.EncodeToString(sum.Sum(nil))
})

// fillDatabase creates the shops in an empty database and fills each.
func fillDatabase(databaseURL string, fill func(*db.Tx) error) error {
	ctx := context.Background()
	d, err := db.Open(ctx, databaseURL, db.Options{Now: dbtest.NewClock().Now})
	if err != nil {
		return err
	}
	_, err = schema.Migrate(ctx, d)
	if err == nil {
		_, err = oauth.New(d, oauth.Options{}) // creates the key, which is slow
	}
	for i, s := range shops {
		if err != nil {
			break
		}
		err = d.Write(ctx, db.Actor{}, func(tx *db.Tx) error {
			if _, err := org.CreateShop(tx, s.Code, "Tạp hóa "+strconv.Itoa(i+1)); err != nil {
				return err
			}
			_, _, err := oauth.CreateClient(tx, oauth.ClientInput{
				Name: "apitest", ClientID: s.ClientID, Secret: s.Secret, Scopes: []string{oauth.ScopeAdmin},
			})
			if err == nil && fill != nil {
				err = fill(tx)
			}
			return err
		})
	}
	if closing := d.Close(); err == nil {
		err = closing
	}
	return err
}

// trimmed returns a body without surrounding blanks and of limited length, for messages.
func trimmed(b []byte) string {
	const most = 600
	if b = bytes.TrimSpace(b); len(b) > most {
		b = append(b[:most:most], "…"...)
	}
	return string(b)
}
