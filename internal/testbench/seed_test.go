package testbench_test

import (
	"bytes"
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/taphoa/taphoa"
	"github.com/taphoa/taphoa/internal/db"
	"github.com/taphoa/taphoa/internal/oauth"
	"github.com/taphoa/taphoa/internal/org"
	"github.com/taphoa/taphoa/internal/schema"
	"github.com/taphoa/taphoa/internal/testbench"
	"github.com/taphoa/taphoa/internal/webhook"
)

const liveClient, liveSecret = "aaaaaaaa-0000-4000-8000-000000000001", "AAAAAAAAAABBBBBBBBBBAAAAAAAAAABBBBBBBBBB"

// live makes a database as a server leaves it: with a client, a person's password, a key, and a webhook.
func live(t *testing.T, file, hook string, shops ...string) {
	t.Helper()
	d, err := db.Open(t.Context(), "sqlite:"+file, db.Options{Volatile: true})
	if err != nil {
		t.Fatal(err)
	}
	defer d.Close()
	if _, err := schema.Migrate(t.Context(), d); err != nil {
		t.Fatal(err)
	}
	if _, err := oauth.New(d, oauth.Options{}); err != nil {
		t.Fatal(err)
	}
	err = d.Write(t.Context(), db.Actor{}, func(tx *db.Tx) error {
		for i, code := range shops {
			if _, err := org.CreateShop(tx, code, code); err != nil || i > 0 {
				return err
			}
			owner, err := org.FindSeller(tx, "userId", 0)
			if err != nil {
				return err
			}
			tx.User = owner.ID
			if _, _, err := oauth.CreateClient(tx, oauth.ClientInput{Name: "Live", Scopes: []string{oauth.ScopePublic}, ClientID: liveClient, Secret: liveSecret}); err != nil {
				return err
			}
			if _, err := webhook.Register(tx, &taphoa.WebhookInput{WebhookWrite: taphoa.WebhookWrite{
				Type: taphoa.Some("customer.update"), URL: taphoa.Some(hook), IsActive: taphoa.Some(true),
			}}); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

// TestAForkOfALiveShopReachesNoOne: its programs and webhooks are not active in it, and its file stays as it is.
func TestAForkOfALiveShopReachesNoOne(t *testing.T) {
	var called atomic.Int64
	receiver := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { called.Add(1) }))
	defer receiver.Close()
	file := filepath.Join(t.TempDir(), "live.db")
	live(t, file, receiver.URL, "cuahang")
	before, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	b := open(t, testbench.Options{})
	if err := b.AddFile(t.Context(), "live", file); err != nil {
		t.Fatal(err)
	}
	after, err := os.ReadFile(file)
	if err != nil || !bytes.Equal(before, after) {
		t.Errorf("the file was written: %v", err)
	}
	f := b.fork(`{"template":"live","name":"mot"}`)
	form := "grant_type=client_credentials&scopes=PublicApi.Access&client_id=" + liveClient + "&client_secret=" + liveSecret
	status, _, text := b.do("POST", "/connect/token", form, "Content-Type: application/x-www-form-urlencoded", "X-Taphoa-Sandbox: mot")
	if status == http.StatusOK {
		t.Errorf("the live shop's client is given a token: %s", text)
	}
	var hooks struct{ Total int }
	if f.call(&hooks, "GET", "/webhooks", ""); hooks.Total != 0 {
		t.Errorf("there are %d webhooks", hooks.Total)
	}
	f.call(nil, "POST", "/webhooks", `{"Webhook":{"Type":"customer.update","Url":"http://93.184.215.14/","IsActive":true}}`)
	f.call(nil, "POST", "/customers", `{"name":"Mai"}`)
	var failed struct{ Data []struct{ LastError string } }
	for until := time.Now().Add(10 * time.Second); time.Now().Before(until); time.Sleep(20 * time.Millisecond) {
		if f.call(&failed, "GET", "/webhooks?pageSize=100", ""); len(failed.Data) == 1 && failed.Data[0].LastError != "" {
			break
		}
	}
	if len(failed.Data) != 1 || !strings.Contains(failed.Data[0].LastError, "gian hàng thử nghiệm") {
		_, _, text := b.do("GET", "/webhooks/deliveries?pageSize=7", "", "Authorization: Bearer "+f.token, "Retailer: "+f.Retailer)
		t.Errorf("the webhooks are %+v, the deliveries %s", failed.Data, text)
	}
	if called.Load() > 0 {
		t.Error("the live shop's receiver was called")
	}
	b.fork(`{"template":"live","name":"hai","clientId":"` + liveClient + `","clientSecret":"x"}`) // as a program has it in its code
}

// TestAHookGoesToAnAllowedNetwork refuses the rest of the world.
func TestAHookGoesToAnAllowedNetwork(t *testing.T) {
	guard := webhook.Guard{Only: true, Allowed: append(webhook.Loopback(), netip.MustParsePrefix("10.1.0.0/16"), netip.MustParsePrefix("93.184.215.0/24"))}
	for addr, allowed := range map[string]bool{
		"127.0.0.1": true, "::1": true, "10.1.2.3": true, "10.2.0.1": false, "8.8.8.8": false, "2606:4700:4700::1111": false,
		"93.184.215.14": true, "169.254.169.254": false, "::ffff:8.8.8.8": false,
	} {
		if err := guard.Check(netip.MustParseAddr(addr)); (err == nil) != allowed {
			t.Errorf("%s: %v", addr, err)
		}
	}
}

// TestAFileThatIsNoTemplateIsRefused with a sentence that says why.
func TestAFileThatIsNoTemplateIsRefused(t *testing.T) {
	b, dir := open(t, testbench.Options{}), t.TempDir()
	write := func(name, text string) string {
		file := filepath.Join(dir, name)
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return file
	}
	good := filepath.Join(dir, "good.db")
	live(t, good, "http://127.0.0.1:1/", "mot")
	several, newer, foreign := filepath.Join(dir, "several.db"), filepath.Join(dir, "newer.db"), filepath.Join(dir, "foreign.db")
	live(t, several, "http://127.0.0.1:1/", "mot", "hai")
	for file, sql := range map[string]string{
		newer:   `CREATE TABLE schema_migrations (name TEXT, applied_at BIGINT); INSERT INTO schema_migrations VALUES ('9999_later.sql', 1)`,
		foreign: `CREATE TABLE notes (text TEXT)`,
	} {
		d, err := db.Open(t.Context(), "sqlite:"+file, db.Options{})
		if err == nil {
			err = d.Script(t.Context(), sql)
		}
		if err != nil {
			t.Fatal(err)
		}
		d.Close()
	}
	text, err := os.ReadFile(good)
	if err != nil {
		t.Fatal(err)
	}
	for i := 20_000; i < len(text)*3/4; i++ {
		text[i] = 0xA5
	}
	for file, says := range map[string]string{
		several: "2 gian hàng", newer: "mới hơn", foreign: "không phải là cơ sở dữ liệu", filepath.Join(dir, "none.db"): "Không có tệp",
		write("text.db", strings.Repeat("hello ", 1000)): "không phải là cơ sở dữ liệu", write("pg.dump", "PGDMP\x01\x0e"+strings.Repeat("x", 5000)): "PostgreSQL",
		write("damaged.db", string(text)): "bị hỏng",
	} {
		err := b.AddFile(context.Background(), "seed", file)
		if err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("%s: %v", filepath.Base(file), err)
		}
	}
	if status, _, text := b.do("POST", "/_sandbox/shops", `{"template":"seed"}`); status != 420 {
		t.Errorf("a template is left: %d %s", status, text)
	}
	if left, err := filepath.Glob(filepath.Join(b.Dir(), "templates", "*")); err != nil || len(left) > 0 {
		t.Errorf("files are left: %v %v", left, err)
	}
}

// secretColumn is what columns are called that have what someone signs in or is trusted with.
var secretColumn = regexp.MustCompile(`secret|password|credential|token|hash|pin_|public_key|private_key|answer$`)

// kept are columns of that name which a copy may have, with the reason.
var kept = map[string]string{
	"audit_log.hash":            "it chains the entries",
	"shop_heads.audit_hash":     "it chains the entries",
	"webhook_deliveries.answer": "what receivers have said",
}

// TestNoSecretComesIntoACopy fills each column that may have one: a new table needs its line in a Scrub.
func TestNoSecretComesIntoACopy(t *testing.T) {
	const mark = "MARK"
	file := filepath.Join(t.TempDir(), "live.db")
	live(t, file, "http://127.0.0.1:1/", "cuahang")
	columns := map[string][]string{}
	d, err := db.Open(t.Context(), "sqlite:"+file, db.Options{Volatile: true})
	if err != nil {
		t.Fatal(err)
	}
	err = d.Write(t.Context(), db.Actor{}, func(tx *db.Tx) error {
		names, values := map[string][]string{}, map[string][]string{}
		err := tx.Everywhere().Each(func(row db.Row) error {
			table, column, value := row.Text(0), row.Text(1), "77777"
			switch {
			case column == "retailer_id":
				value = "(SELECT retailer_id FROM retailers)"
			case strings.HasPrefix(row.Text(2), "BOOL"):
				value = "1"
			case row.Text(2) == "TEXT":
				value = "'" + mark + " " + column + "'"
			}
			names[table], values[table] = append(names[table], column), append(values[table], value)
			if secretColumn.MatchString(column) && row.Text(2) == "TEXT" && kept[table+"."+column] == "" {
				columns[table] = append(columns[table], column)
			}
			return nil
		}, `SELECT t.name, c.name, c.type FROM sqlite_schema t, pragma_table_info(t.name) c WHERE t.type = 'table' ORDER BY t.name, c.cid`)
		for table := range columns {
			if err == nil {
				err = tx.Script("INSERT INTO " + table + " (" + strings.Join(names[table], ", ") + ") VALUES (" + strings.Join(values[table], ", ") + ")")
			}
		}
		return err
	})
	if err = errors.Join(err, d.Close()); err != nil || len(columns) < 10 {
		t.Fatal(err, columns)
	}
	b := open(t, testbench.Options{})
	if err := b.AddFile(t.Context(), "live", file); err != nil {
		t.Fatal(err)
	}
	copied, err := db.Open(t.Context(), "sqlite:"+filepath.Join(b.Dir(), "templates", "live.db"), db.Options{ReadOnly: true})
	if err != nil {
		t.Fatal(err)
	}
	defer copied.Close()
	for table, names := range columns {
		for _, column := range names {
			err := copied.Read(t.Context(), db.Actor{}, func(tx *db.Tx) error {
				left, err := db.All[string](tx.Everywhere(), "SELECT "+column+" FROM "+table+" WHERE "+column+" LIKE '"+mark+"%'")
				if len(left) > 0 {
					t.Errorf("%s.%s of the live shop is in the copy", table, column)
				}
				return err
			})
			if err != nil {
				t.Error(err)
			}
		}
	}
}
