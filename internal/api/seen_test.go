package api_test

import (
	"bytes"
	"fmt"
	"maps"
	"net/http"
	"net/netip"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/taphoa/taphoa/internal/api"
	"github.com/taphoa/taphoa/internal/apitest"
	"github.com/taphoa/taphoa/internal/db"
	"github.com/taphoa/taphoa/internal/dbtest"
	"github.com/taphoa/taphoa/internal/oauth"
	"github.com/taphoa/taphoa/internal/webhook"
)

// watched is a server that has options of its own and writes a log that the test reads: errors are expected.
func watched(t *testing.T, engine string, o api.Options) (*apitest.Server, *dbtest.Log) {
	t.Helper()
	d, j := apitest.New(t, engine), &dbtest.Log{}
	tokens, err := oauth.New(d.DB, oauth.Options{})
	if err != nil {
		t.Fatal(err)
	}
	o.Log = j.Logger()
	d.Handler = api.New(d.DB, tokens, o)
	return d, j
}

// until waits for something.
func until(t *testing.T, what string, is func() bool) {
	t.Helper()
	for end := time.Now().Add(20 * time.Second); !is(); time.Sleep(50 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("still not so: %s", what)
		}
	}
}

// unavailable checks that an answer says when to try again, in a sentence with some words.
func unavailable(t *testing.T, a apitest.Answer, words string) {
	t.Helper()
	sentence, err := a.Refusal()
	if a.Status != http.StatusServiceUnavailable || a.Header.Get("Retry-After") == "" || err != nil || !strings.Contains(sentence, words) {
		t.Errorf("%d, Retry-After %q, %v: %s", a.Status, a.Header.Get("Retry-After"), err, a.Body)
	}
}

// fullDisk makes a database refuse what needs space, and freeSpace undoes it: scripts for each engine. That of PostgreSQL
// raises the error of a file that cannot grow.
var (
	fullDisk = map[string]string{
		"sqlite": `PRAGMA max_page_count = 1`,
		"postgres": `
			CREATE FUNCTION full_disk() RETURNS trigger LANGUAGE plpgsql AS
				$$ BEGIN RAISE EXCEPTION 'could not extend file: No space left on device' USING ERRCODE = '53100'; END $$;
			CREATE TRIGGER full_disk BEFORE INSERT OR UPDATE ON customers FOR EACH STATEMENT EXECUTE FUNCTION full_disk();
			CREATE TRIGGER full_disk BEFORE INSERT OR UPDATE ON id_blocks FOR EACH STATEMENT EXECUTE FUNCTION full_disk()`,
	}
	freeSpace = map[string]string{
		"sqlite":   `PRAGMA max_page_count = 1073741823`,
		"postgres": `DROP FUNCTION full_disk CASCADE`,
	}
)

func TestAFullDiskIsToldToClientsAndToTheLoadBalancer(t *testing.T) {
	for _, engine := range dbtest.Engines {
		t.Run(engine, func(t *testing.T) {
			t.Parallel()
			d, j := watched(t, engine, api.Options{})
			customer := func(n int) apitest.Answer {
				return d.Send(http.MethodPost, "/customers", fmt.Sprintf(`{"name":"Khách %d","comments":%q}`, n, strings.Repeat("dài ", 200)))
			}
			ready := func() apitest.Answer { return d.Send(http.MethodGet, "/readyz", "") }
			if a := ready(); a.Status != http.StatusOK || string(a.Body) != "ready\n" {
				t.Fatalf("at first %d %s", a.Status, a.Body)
			}
			if err := d.DB.Script(t.Context(), fullDisk[engine]); err != nil {
				t.Fatal(err)
			}
			n, a := 0, apitest.Answer{Status: http.StatusOK}
			for ; n < 500 && a.Status == http.StatusOK; n++ { // the space that is left in pages is filled first
				a = customer(n)
			}
			unavailable(t, a, "ổ đĩa đã đầy")
			for range 3 {
				if a := ready(); a.Status != http.StatusServiceUnavailable || string(a.Body) != "not ready: the database cannot be written, its disk is full or fails\n" {
					t.Errorf("then %d %s", a.Status, a.Body)
				}
			}
			if a := d.Send(http.MethodGet, "/customers", ""); a.Status != http.StatusOK {
				t.Errorf("reading: %d %s", a.Status, a.Body)
			}
			if err := d.DB.Script(t.Context(), freeSpace[engine]); err != nil {
				t.Fatal(err)
			}
			if a := customer(n); a.Status != http.StatusOK {
				t.Errorf("with space again: %d %s", a.Status, a.Body)
			}
			until(t, "it is ready again", func() bool { return ready().Status == http.StatusOK })
			if len(j.Lines("not ready")) != 1 || len(j.Lines("ready again")) != 1 {
				t.Errorf("the log tells %v and %v", j.Lines("not ready"), j.Lines("ready again"))
			}
		})
	}
}

func TestADatabaseThatCannotBeReachedIsToldAndComesBack(t *testing.T) {
	t.Parallel()
	d, _ := watched(t, "postgres", api.Options{})
	server := dbtest.Open(t, dbtest.URL(t, "postgres"), nil) // the same server through another database
	var name string
	d.Read(func(tx *db.Tx) (err error) {
		name, _, err = db.One[string](tx.Everywhere(), `SELECT CAST(current_database() AS TEXT)`)
		return err
	})
	allow := func(yes bool) {
		t.Helper()
		script := fmt.Sprintf(`ALTER DATABASE %q ALLOW_CONNECTIONS %v`, name, yes)
		if err := server.Script(t.Context(), script); err != nil {
			t.Fatal(err)
		}
	}
	t.Cleanup(func() { _ = server.Script(t.Context(), fmt.Sprintf(`ALTER DATABASE %q ALLOW_CONNECTIONS true`, name)) })
	allow(false)
	if err := server.Script(t.Context(), fmt.Sprintf(`SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '%s'`, name)); err != nil {
		t.Fatal(err)
	}
	for range 3 {
		unavailable(t, d.Send(http.MethodGet, "/customers", ""), "không truy cập được cơ sở dữ liệu")
		unavailable(t, d.Send(http.MethodPost, "/customers", `{"name":"An"}`), "không truy cập được cơ sở dữ liệu")
	}
	form := "grant_type=client_credentials&client_id=7a000000-0000-4000-8000-0000000000ff&client_secret=X"
	token := d.Send(http.MethodPost, "/connect/token", form, "Content-Type", "application/x-www-form-urlencoded")
	if code, _ := token.Get("$.error"); token.Status != http.StatusServiceUnavailable || code != "temporarily_unavailable" || token.Header.Get("Retry-After") == "" {
		t.Errorf("a token request gets %d %s", token.Status, token.Body)
	}
	if a := d.Send(http.MethodGet, "/readyz", ""); a.Status != http.StatusServiceUnavailable || string(a.Body) != "not ready: the database does not answer\n" {
		t.Errorf("/readyz: %d %s", a.Status, a.Body)
	}
	figures := string(d.Send(http.MethodGet, "/metrics", "").Body)
	if !strings.Contains(figures, "\ntaphoa_ready 0\n") || strings.Contains(figures, "\ntaphoa_shops") {
		t.Errorf("/metrics:\n%s", figures)
	}
	allow(true)
	until(t, "it is ready again", func() bool { return d.Send(http.MethodGet, "/readyz", "").Status == http.StatusOK })
	until(t, "writes are stored again", func() bool {
		return d.Send(http.MethodPost, "/customers", `{"name":"An"}`).Status == http.StatusOK
	})
}

func TestAServerWhoseDatabaseLacksAMigrationIsNotReady(t *testing.T) {
	for _, engine := range dbtest.Engines {
		t.Run(engine, func(t *testing.T) {
			t.Parallel()
			d, _ := watched(t, engine, api.Options{})
			if err := d.DB.Script(t.Context(), `DELETE FROM schema_migrations WHERE name = '0018_webhook.sql'`); err != nil {
				t.Fatal(err)
			}
			a := d.Send(http.MethodGet, "/readyz", "")
			if a.Status != http.StatusServiceUnavailable || string(a.Body) != "not ready: migrations are missing, run taphoa migrate: 0018_webhook.sql\n" {
				t.Errorf("%d %s", a.Status, a.Body)
			}
		})
	}
}

func TestEachRequestHasALineInTheAccessLogWithoutWhatMayBeSecret(t *testing.T) {
	t.Parallel()
	d, j := watched(t, "sqlite", api.Options{AccessLog: true})
	a := d.Send(http.MethodGet, "/Customers?contactNumber=0900123456&token=bimat", "", "X-Request-Id", "abc-1", "X-Forwarded-For", "203.0.113.9")
	d.Send(http.MethodPost, "/connect/token", "grant_type=client_credentials&client_id=x&client_secret=bimat", "Content-Type", "application/x-www-form-urlencoded")
	d.Send(http.MethodGet, "/healthz", "")
	d.Send(strings.Repeat("X", 3000), "/"+strings.Repeat("x", 3000), "")
	d.Send(http.MethodHead, "/customers", "")
	lines := j.Lines("request")
	if len(lines) != 5 || strings.Contains(j.String(), "bimat") || strings.Contains(j.String(), "0900123456") {
		t.Fatalf("the log is\n%s", j.String())
	}
	want := map[string]any{
		"level": "INFO", "msg": "request", "method": "GET", "path": "/Customers", "operation": "listCustomers", "status": 200.0,
		"bytes": float64(len(a.Body)), "client": d.Shop.ClientID, "shop": "taphoa", "id": "abc-1", "remote": "192.0.2.1:1234",
		"forwarded": "203.0.113.9",
	}
	first := maps.Clone(lines[0])
	if took, ok := first["took"].(float64); !ok || took <= 0 {
		t.Errorf("it took %v", first["took"])
	}
	delete(first, "took")
	delete(first, "time")
	if !maps.Equal(first, want) {
		t.Errorf("the first line is %v, want %v", first, want)
	}
	if l := lines[1]; l["path"] != "/connect/token" || l["status"] != 400.0 || l["bytes"] == 0.0 || l["operation"] != "none" {
		t.Errorf("of a token request it tells %v", l)
	}
	if path, method := lines[3]["path"].(string), lines[3]["method"].(string); len(path) > 500 || len(method) > 20 {
		t.Errorf("a path has %d bytes, a method %d", len(path), len(method))
	}

	if l := lines[4]; l["method"] != "HEAD" || l["status"] != 200.0 || l["bytes"] != 0.0 {
		t.Errorf("of a HEAD it tells %v", l)
	}

	quiet, j := watched(t, "sqlite", api.Options{})
	quiet.Send(http.MethodGet, "/customers", "")
	if len(j.Lines("request")) > 0 {
		t.Error("there is an access log, which is off")
	}
}

// metricNames are the names of our metrics in /metrics.
var metricNames = regexp.MustCompile(`(?m)^# TYPE (taphoa_\w+) `)

func TestEveryMetricIsDocumentedAndEveryDocumentedOneIsThere(t *testing.T) {
	t.Parallel()
	shown := map[string]bool{}
	for _, engine := range dbtest.Engines {
		d := apitest.Seeded(t, engine)
		tokens, err := oauth.New(d.DB, oauth.Options{})
		if err != nil {
			t.Fatal(err)
		}
		d.Handler = api.New(d.DB, tokens, api.Options{Deliverer: webhook.NewDeliverer(d.DB, webhook.Options{})})
		if a := d.Send(http.MethodGet, "/customers", ""); a.Status != http.StatusOK {
			t.Fatalf("%d %s", a.Status, a.Body)
		}
		throttled := 0
		for range 9 { // the first failures are not delayed
			a := d.Send(http.MethodPost, "/connect/token", "grant_type=client_credentials&client_id=x&client_secret=x", "Content-Type", "application/x-www-form-urlencoded")
			if a.Status == http.StatusTooManyRequests {
				throttled++
			}
		}
		if throttled == 0 {
			t.Error("no token request is delayed")
		}
		figures := d.Send(http.MethodGet, "/metrics", "")
		for _, m := range metricNames.FindAllSubmatch(figures.Body, -1) {
			shown[string(m[1])] = true
		}
		for _, line := range []string{
			"taphoa_ready 1", "taphoa_shops 2", `taphoa_webhook_registrations{state="stopped"} 0`, `taphoa_webhook_deliveries_total{outcome="dead"} 0`,
			`taphoa_request_seconds_count{operation="listCustomers",status="200"} 1`, fmt.Sprintf("taphoa_token_requests_throttled_total %d", throttled),
		} {
			if !strings.Contains(string(figures.Body), "\n"+line+"\n") {
				t.Errorf("%s: no line %s in\n%s", engine, line, figures.Body)
			}
		}
		for _, name := range []string{"taphoa_database_size_bytes", "taphoa_connections_max", "taphoa_events_told_total"} {
			if strings.Contains(string(figures.Body), "\n"+name+" 0\n") {
				t.Errorf("%s: %s is 0", engine, name)
			}
		}
		if !strings.Contains(string(figures.Body), `taphoa_build_info{commit="`) {
			t.Error("the figures do not tell what runs")
		}
	}
	text, err := os.ReadFile("../../docs/monitoring.md")
	if err != nil {
		t.Fatal(err)
	}
	documented := map[string]bool{}
	for _, m := range regexp.MustCompile("(?m)^\\| `(taphoa_\\w+)").FindAllSubmatch(text, -1) {
		documented[string(m[1])] = true
	}
	if a, b := slices.Sorted(maps.Keys(shown)), slices.Sorted(maps.Keys(documented)); !slices.Equal(a, b) {
		t.Errorf("/metrics has\n%q\ndocs/monitoring.md has\n%q", a, b)
	}
	// What rules and text name exists, too; a summary and a histogram have a sum and a count.
	for _, m := range regexp.MustCompile(`taphoa_[a-z_]+`).FindAllString(string(text), -1) {
		base := regexp.MustCompile(`_(sum|count|bucket)$`).ReplaceAllString(m, "")
		if !shown[m] && !shown[base] {
			t.Errorf("docs/monitoring.md names %s, which there is not", m)
		}
	}
}

func TestARegistrationOfAPrivateAddressIsTakenAndWarnedOf(t *testing.T) {
	for _, engine := range dbtest.Engines {
		t.Run(engine, func(t *testing.T) {
			t.Parallel()
			d := apitest.New(t, engine)
			tokens, err := oauth.New(d.DB, oauth.Options{})
			if err != nil {
				t.Fatal(err)
			}
			allowed := webhook.Guard{Allowed: []netip.Prefix{netip.MustParsePrefix("10.1.0.0/16")}}
			d.Handler = api.New(d.DB, tokens, api.Options{Deliverer: webhook.NewDeliverer(d.DB, webhook.Options{Guard: allowed})})
			register := func(url string) apitest.Answer {
				return d.Send(http.MethodPost, "/webhooks", fmt.Sprintf(`{"Webhook":{"Type":"customer.update","Url":%q}}`, url), "Idempotency-Key", url)
			}
			private := register("http://192.168.1.9:3000/hook")
			warning, _ := private.Get("$.warnings[0]")
			if private.Status != http.StatusOK || !strings.Contains(warning, "--webhook-allow 192.168.1.9/32") {
				t.Errorf("%d %s", private.Status, private.Body)
			}
			if again := register("http://192.168.1.9:3000/hook"); !bytes.Equal(again.Body, private.Body) {
				t.Errorf("sent again it is %s", again.Body)
			}
			public := register("http://10.1.2.3/hook")
			if _, any := public.Get("$.warnings"); any || public.Status != http.StatusOK {
				t.Errorf("of an allowed address: %s", public.Body)
			}
			id, _ := public.Get("$.id")
			moved := d.Send(http.MethodPut, "/webhooks/"+id, `{"Url":"http://127.0.0.1/"}`)
			if warning, _ := moved.Get("$.warnings[0]"); moved.Status != http.StatusOK || !strings.Contains(warning, "127.0.0.1/32") {
				t.Errorf("moved: %d %s", moved.Status, moved.Body)
			}
			if shown := d.Send(http.MethodGet, "/webhooks/"+id, ""); strings.Contains(string(shown.Body), "warnings") {
				t.Errorf("afterwards: %s", shown.Body)
			}
			// User and password are not shown, not by the answer that is kept for the key either.
			whole := "http://lan:mat%20khau@10.1.2.3:81/hook"
			for _, shown := range []apitest.Answer{
				register(whole), register(whole), d.Send(http.MethodPut, "/webhooks/"+id, `{"Webhook":{"Url":"http://lan:mat%20khau@10.9.9.9/"}}`),
				d.Send(http.MethodGet, "/webhooks?orderBy=url", ""),
			} {
				if text := string(shown.Body); shown.Status != http.StatusOK || strings.Contains(text, "lan") || strings.Contains(text, "khau") {
					t.Errorf("%d %s", shown.Status, text)
				}
			}
			for _, to := range []string{"http://168.63.129.16/", "https://lan:khau@[fd00:ec2::254]:8443/", "http://0xa9fea9fe/", "http://metadata.google.internal./", "http://lan:mat/khau@shop.vn/"} {
				for _, refused := range []apitest.Answer{
					d.Send(http.MethodPut, "/webhooks/"+id, fmt.Sprintf(`{"Url":%q,"IsActive":false}`, to)), register(to), register(to),
				} {
					field, _ := refused.Get("$.responseStatus.errors[0].fieldName")
					if text := string(refused.Body); refused.Status != 420 || field != "Url" || strings.Contains(text, "lan") || strings.Contains(text, "khau") {
						t.Errorf("%s: %d %s", to, refused.Status, text)
					}
				}
			}
		})
	}
}
