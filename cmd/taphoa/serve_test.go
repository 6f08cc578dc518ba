package main

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/taphoa/taphoa"
	"github.com/taphoa/taphoa/internal/db"
	"github.com/taphoa/taphoa/internal/dbtest"
	"github.com/taphoa/taphoa/internal/demo"
	"github.com/taphoa/taphoa/internal/message"
	"github.com/taphoa/taphoa/internal/oauth"
	"github.com/taphoa/taphoa/internal/party"
)

// slowest is generous: on a quiet machine an existing database is served after some 25 ms, and 300 ms are the aim.
const slowest = 2 * time.Second

func TestAnExistingShopIsServedSoonAfterTheStart(t *testing.T) {
	x := terminal{T: t, database: "sqlite:" + filepath.Join(t.TempDir(), "taphoa.db")}
	x.do("shop", "create", "abc", "ABC")
	s := x.serve() // makes the signing key
	s.stop()
	s.ends()

	start := time.Now()
	s = x.serve()
	answer, err := http.Get(s.base + "/readyz")
	took := time.Since(start)
	if err != nil {
		t.Fatal(err)
	}
	answer.Body.Close()
	t.Logf("ready after %v", took)
	if answer.StatusCode != http.StatusOK || took > slowest {
		t.Errorf("%s after %v", answer.Status, took)
	}
}

func TestARunningRequestEndsBeforeTheServerDoes(t *testing.T) {
	eachEngine(t, func(t terminal) {
		t.do("shop", "create", "abc", "ABC")
		id, secret := t.client("create", "--name", "Web")
		s := t.serve()
		form := "grant_type=client_credentials&client_id=" + id + "&client_secret=" + secret

		conn, err := net.Dial("tcp", strings.TrimPrefix(s.base, "http://"))
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close()
		fmt.Fprintf(conn, "POST /connect/token HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: %d\r\n\r\n", len(form))
		in := bufio.NewReader(conn)
		if line, err := in.ReadString('\n'); err != nil || !strings.Contains(line, "100 Continue") {
			t.Fatal("the request does not run:", line, err)
		}
		_, _ = in.ReadString('\n')

		s.stop()
		for tries := 0; ; tries++ { // until no new connection is accepted
			other, err := net.Dial("tcp", conn.RemoteAddr().String())
			if err != nil {
				break
			}
			other.Close()
			if tries == 200 {
				t.Fatal("the server still lets others in")
			}
			time.Sleep(10 * time.Millisecond)
		}
		fmt.Fprint(conn, form)
		answer, err := http.ReadResponse(in, nil)
		if err != nil {
			t.Fatal(err)
		}
		answer.Body.Close()
		if answer.StatusCode != http.StatusOK {
			t.Errorf("the running request ended with %s", answer.Status)
		}
		s.ends()
	})
}

func TestTwoServersCannotHaveOneAddress(t *testing.T) {
	x := terminal{T: t, database: "sqlite:" + filepath.Join(t.TempDir(), "taphoa.db")}
	s := x.serve("--create")
	x.refused("address already in use", "serve", "--addr", strings.TrimPrefix(s.base, "http://"))
}

func TestTheDemoStartsTwiceInARowAndLeavesNothing(t *testing.T) {
	dir := t.TempDir()
	t.Setenv("TMPDIR", dir)
	var before string
	for range 2 {
		x := terminal{T: t}
		s := x.serve("--demo")
		c := caller{t, s.base, demo.ShopCode, s.token(demo.ClientID, demo.ClientSecret)}
		var page struct{ Total int }
		c.must(http.MethodGet, "/branches", "", &page)
		if page.Total == 0 {
			t.Error("the demo shop has no branches")
		}
		s.stop()
		s.ends()
		printed, _ := s.text()
		if !strings.Contains(printed, "curl -s "+s.base+"/connect/token") || !strings.Contains(printed, demo.ClientSecret) {
			t.Errorf("the demo does not say how to call it:\n%s", printed)
		}
		if c.token == before {
			t.Error("the second demo has the key of the first")
		}
		before = c.token
	}
	if left, err := os.ReadDir(dir); err != nil || len(left) > 0 {
		t.Errorf("the demo leaves %v (%v)", left, err)
	}
}

func TestTheDemoFillsAnEmptyDatabaseOnly(t *testing.T) {
	eachEngine(t, func(t terminal) {
		t.do("shop", "create", "abc", "ABC")
		t.refused("fills an empty database only", "serve", "--demo", "--addr=127.0.0.1:0", "--database", t.database)
		if out := t.do("shop", "list"); strings.Contains(out, demo.ShopCode) {
			t.Errorf("the demo came into a shop's database:\n%s", out)
		}
	})
}

func TestADemoIsNotServedToOtherMachines(t *testing.T) {
	file := "sqlite:" + filepath.Join(t.TempDir(), "demo.db")
	x := terminal{T: t, database: file}
	for range 2 { // the second time it is filled already
		s := x.serve("--demo", "--database", file)
		s.stop()
		s.ends()
	}
	x.refused("known to everybody", "serve", "--addr=0.0.0.0:0")
	x.do("client", "revoke", demo.ClientID)
	err := dbtest.Open(t, file, nil).Read(t.Context(), db.Actor{}, func(tx *db.Tx) error {
		if _, client, err := oauth.FindBySecret(tx, demo.ClientSecret); err != nil || client != "" {
			t.Errorf("the client %s has not ended: %v", client, err)
		}
		return nil
	})
	if err != nil {
		t.Error(err)
	}
}

func TestServePrintsWhatItServesAndWhenItHasEnded(t *testing.T) {
	eachEngine(t, func(t terminal) {
		t.do("shop", "create", "cobien", "Tạp hóa Cô Biển")
		d := dbtest.Open(t, t.database, nil)
		err := d.Write(t.Context(), db.Actor{Retailer: 1}, func(tx *db.Tx) error {
			_, err := party.CreateCustomer(tx, &taphoa.CustomerInput{Name: taphoa.Some("Chị Hoa"), BranchID: taphoa.Some[int64](1)})
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		s := t.serve()
		s.says(`(?m)^Version +\S+, commit .+$`)
		s.says(`(?m)^Database +(SQLite|PostgreSQL) \d+\.\d+.*, ?(\S*)`)
		s.says(`(?ms)^Shop +cobien, Tạp hóa Cô Biển: products: 0, customers: 1, orders: 0,\s+invoices: 0$`)
		s.says(`(?m)^Home page +` + s.base + `/$`)
		s.says(`(?m)^Desk +` + s.base + `/console$`)
		s.says(`(?m)^API docs +` + s.base + `/docs$`)
		s.says(`(?m)^Ready +after \d+(\.\d)? m?s; Ctrl\+C ends it$`)
		s.stop()
		s.ends()
		s.says(`(?m)^taphoa has ended, \d+ ms after it was told to$`)
		printed, logged := s.text()
		if strings.Contains(printed, "Migrated") || strings.Contains(printed, "\x1b") {
			t.Errorf("the server says\n%s", printed)
		}
		for _, step := range []string{`"msg":"started","version":"`, `"msg":"stopping","patience":"15s"`, `"msg":"stopped","took":"`} {
			if strings.Count(logged, step) != 1 {
				t.Errorf("the log lacks %s:\n%s", step, logged)
			}
		}
	})
}

func TestThePageNamesTheOnlyShop(t *testing.T) {
	eachEngine(t, func(t terminal) {
		t.do("shop", "create", "cobien", "Cô Biển & Con")
		s := t.serve()
		page := func() string {
			t.Helper()
			r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, s.base+"/", nil)
			if err != nil {
				t.Fatal(err)
			}
			r.Header.Set("Accept", "text/html")
			a, err := http.DefaultClient.Do(r)
			if err != nil {
				t.Fatal(err)
			}
			defer a.Body.Close()
			text, err := io.ReadAll(a.Body)
			if err != nil || a.StatusCode != http.StatusOK {
				t.Fatalf("%s: %s %v", a.Status, text, err)
			}
			return string(text)
		}
		if text := page(); !strings.Contains(text, "Cô Biển &amp; Con · ") || strings.Contains(text, "cobien") {
			t.Errorf("the page of one shop is %s", text)
		}
		t.do("shop", "create", "hangxom", "Hàng Xóm")
		if text := page(); strings.Contains(text, "Cô Biển") || strings.Contains(text, "Hàng Xóm") {
			t.Errorf("the page of two shops is %s", text)
		}
	})
}

func TestServeCreatesADatabaseOnlyWhenAsked(t *testing.T) {
	file := filepath.Join(t.TempDir(), "taphoa.db")
	x := terminal{T: t, database: "sqlite:" + file}
	x.refused("there is no database sqlite:"+file, "serve", "--addr=127.0.0.1:0")
	x.refused("there is no database sqlite:"+file, "migrate")
	if _, err := os.Stat(file); err == nil {
		t.Error("the refused command has made a database")
	}
	x.variables = map[string]string{"LANG": "vi_VN.UTF-8"}
	s := x.serve("--create")
	s.says(`(?m)^Dữ liệu +SQLite [\d.]+,\s+` + regexp.QuoteMeta(file) + `$`)
	s.says(`(?m)^Nâng cấp +\d+ bước, tới \d{4}_\w+\.sql$`)
	s.says(`(?s)Chưa có gian hàng nào.*taphoa shop create MÃ TÊN`)
	s.stop()
	s.ends()
	s.says(`(?m)^taphoa đã dừng, `)
	if _, logged := s.text(); !strings.Contains(logged, `"msg":"migrated","migrations":["0001_org.sql",`) {
		t.Errorf("the log does not tell of migrations:\n%s", logged)
	}
	x.do("shop", "create", "abc", "ABC")
}

func TestTheDemoFitsATerminal(t *testing.T) {
	for _, lang := range []string{"en", "vi"} {
		t.Run(lang, func(t *testing.T) {
			t.Parallel()
			s := terminal{T: t}.serve("--demo", "--lang", lang)
			s.says(`taphoa trigger invoice.update --url http://`)
			printed, _ := s.text()
			for line := range strings.Lines(printed) {
				if n := len([]rune(line)) - 1; n > width && !strings.Contains(line, "sqlite:") {
					t.Errorf("a line of %d columns: %s", n, line)
				}
			}
			s.says(`(?m)^Retailer +taphoa$`)
			s.says(`(?m) ` + demo.ClientID + `$`)
			s.says(`(?m) ` + demo.ClientSecret + `$`)
			s.stop()
			s.ends()
		})
	}
}

func TestAServerOnAllAddressesLinksToThisMachine(t *testing.T) {
	for base, want := range map[string]string{
		"http://[::]:8080": "http://localhost:8080", "http://0.0.0.0:80": "http://localhost:80", "http://127.0.0.1:1": "http://127.0.0.1:1",
	} {
		if got := linkTo(base); got != want {
			t.Errorf("%s is linked to as %s", base, got)
		}
	}
}

func TestCountsAreReadable(t *testing.T) {
	for lang, want := range map[message.Language]string{message.English: "7 322 1,234 12,345,678", message.Vietnamese: "7 322 1.234 12.345.678"} {
		p := &program{lang: lang}
		if got := fmt.Sprint(p.thousands(7), " ", p.thousands(322), " ", p.thousands(1234), " ", p.thousands(12345678)); got != want {
			t.Errorf("%s writes %s", lang, got)
		}
	}
}

func TestTheNameOfAShopDoesNotSteerTheTerminal(t *testing.T) {
	t.Parallel()
	x := terminal{T: t, database: "sqlite:" + filepath.Join(t.TempDir(), "taphoa.db")}
	x.do("shop", "create", "abc", "Quận\x1b[2J 1\n\u009b31m\u202e")
	s := x.serve()
	s.says("Ready ")
	printed, _ := s.text()
	for _, said := range []string{x.do("shop", "list"), x.do("check"), x.do("backup", x.file("backup.db")), printed} {
		if !strings.Contains(said, "Quận[2J 1") || strings.ContainsAny(said, "\x1b\u009b\u202e") {
			t.Errorf("it says %q", said)
		}
	}
	x.refused("there is no shop x[2Jy", "branch", "list", "--shop", "x\x1b[2Jy")
}

func TestAPasswordInAWrongPlaceIsNotRepeated(t *testing.T) {
	t.Parallel()
	x := terminal{T: t, database: "sqlite:" + filepath.Join(t.TempDir(), "taphoa.db")}
	x.do("shop", "create", "abc", "ABC")
	const secret = "S3cret"
	for _, address := range []string{
		"postgres://taphoa:S3cret@127.0.0.1/taphoa", "postgresql://taphoa:a@S3cret#S3cret@127.0.0.1/taphoa", "POSTGRES://taphoa:a S3cret@127.0.0.1/x",
		"postgres://taphoa@127.0.0.1/taphoa?password=S3cret&sslmode=x", "host=127.0.0.1 password=S3cret", "host=127.0.0.1 password = 'a S3cret'",
		"mysql://root:S3cret@127.0.0.1/x",
	} {
		for _, command := range [][]string{
			{"check"},
			{"serve"},
			{"backup"},
			{"restore"},
			{"migrate"},
			{"help"},
			{"listen"},
			{"trigger"},
			{"branch", "close"},
			{"client", "revoke"},
			{"check", "--database"},
			{"check", "--lang"},
			{"serve", "--addr"},
			{"serve", "--webhook-allow"},
			{"serve", "--cors-origin"},
			{"serve", "--log-level"},
			{"serve", "--databse"},
			{"listen", "--url"},
			{"listen", "--forward-to"},
			{"listen", "--types"},
			{"check", "--shop"},
			{"setting", "set"},
		} {
			if !strings.Contains(address, "://") && (command[0] == "backup" || command[0] == "restore") {
				continue // which is the name of a file
			}
			args := append(slices.Clone(command), address)
			if command[len(command)-1] == "set" {
				args = append(args, "1")
			}
			if status, out, faults := x.try(args...); status != 1 || strings.Contains(out+faults, secret) {
				t.Errorf("taphoa %s: status %d, %s%s", strings.Join(args, " "), status, out, faults)
			}
		}
		x.variables = map[string]string{"TAPHOA_DATABASE_FILE": address}
		if status, _, faults := x.try("check", "--database="); status != 1 || strings.Contains(faults, secret) {
			t.Errorf("TAPHOA_DATABASE_FILE=%s: %s", address, faults)
		}
		x.variables = nil
	}
	x.refused("postgres://USER:PASSWORD@HOST/NAME", "check", "--database", "mysql://root:S3cret@127.0.0.1/x")
	x.refused("MẬT_KHẨU@", "check", "--lang", "vi", "--database", "mysql://root:S3cret@127.0.0.1/x")
}

// TestNoPartOfAPasswordIsRepeated has passwords with all that is special in URLs, in each place that a URL may be typed in.
func TestNoPartOfAPasswordIsRepeated(t *testing.T) {
	t.Parallel()
	x := terminal{T: t, database: "sqlite:" + filepath.Join(t.TempDir(), "taphoa.db")}
	x.do("shop", "create", "abc", "ABC")
	part := regexp.MustCompile("Q[1-9]q")
	var addresses []string
	for _, password := range []string{
		"Q1q", "Q1q@Q2q", "Q1q#Q2q", "Q1q/Q2q", "Q1q%Q2q", "Q1q%40Q2q", "Q1q'Q2q", `Q1q"Q2q`, "Q1q:Q2q", "Q1q?Q2q", "Q1q Q2q", `Q1q\Q2q`, "Q1q&Q2q=Q3q", "Q1q,Q2q",
		"Q1q@Q2q/Q3q#Q4q%Q5q'Q6q", "Q1q//Q2q@Q3q:Q4q", "@Q1q", "/Q1q", "#Q1q", ":Q1q", "Q1q\nQ2q", "5432/Q1q", "1#Q1q", "1?Q1q", "Q1qpass=Q2q",
	} {
		for _, form := range []string{
			"postgres://u:%@127.0.0.1:1/x", "POSTGRESQL://u:%@/x?host=/nowhere", "postgres:u:%@127.0.0.1/x", "postgres:/u:%@127.0.0.1/x", "postgres//u:%@127.0.0.1/x",
			"postgre://u:%@127.0.0.1/x", "http://u:%@127.0.0.1:1", "https://u:%@127.0.0.1:1/x", "u:%@127.0.0.1:1", "//u:%@127.0.0.1:1", "ftp://u:%@x", "://u:%@x",
			"postgres://127.0.0.1:1/x?user=u&password=%", "postgres://u@127.0.0.1:1/x?password=%", "host=127.0.0.1 port=1 password=%", "password = '%' host=127.0.0.1",
			"postgres://:%@127.0.0.1:1/x", "http://u:%@", "sqlite:postgres://u:%@127.0.0.1/x",
		} {
			addresses = append(addresses, strings.ReplaceAll(form, "%", password))
		}
	}
	leaks := func(what any, text string) {
		t.Helper()
		if found := part.FindString(text); found != "" {
			t.Errorf("%q repeats %s: %s", what, found, text)
		}
	}
	for _, address := range addresses {
		p := &program{lang: message.English, typed: map[string]string{address: hidePassword(address)}}
		for _, repeated := range append(strings.FieldsFunc(address, func(r rune) bool { return strings.ContainsRune(",/?#:@ \n", r) }),
			address, strconv.Quote(address), "["+address+"]:8080") {
			if strings.Contains(repeated, "Q") {
				leaks(address, p.sentence(message.Errorf("there is no shop %s: {taphoa} shop list shows which there are", repeated)))
			}
		}
		if strings.HasPrefix(address, "postgres://u:") { // is taken to a server if it can be read
			status, _, faults := x.try("check", "--database", address)
			if leaks(address, faults); status != 1 {
				t.Errorf("%q is a database", address)
			}
		}
	}
	places := [][]string{
		{"check", "--database="},
		{"check", "--lang="},
		{"branch", "list", "--shop="},
		{"check", "--nothing="},
		{"serve", "--addr="},
		{"serve", "--metrics-addr="},
		{"serve", "--public-url="},
		{"serve", "--cors-origin="},
		{"serve", "--webhook-allow="},
		{"serve", "--trusted-proxy="},
		{"serve", "--keep-events="},
		{"serve", "--log-level="},
		{"serve", "--demo="},
		{"serve", "--tls-key=key.pem", "--tls-cert="},
		{"serve", "--tls-cert=cert.pem", "--tls-key="},
		{"serve", "--domain="},
		{"serve", "--domain=shop.example", "--acme-directory="},
		{"serve", "--domain=shop.example", "--acme-ca="},
		{"serve", "--tls-local", "--http-addr="},
		{"serve", "--smtp-url="},
		{"serve", "--smtp-from="},
		{"serve", "--public-url=https://shop.example", "--smtp-from=a@shop.example", "--smtp-url="},
		{"serve", "--public-url=https://shop.example", "--smtp-url=smtp://127.0.0.1", "--smtp-from="},
		{"health", "--addr="},
		{"listen", "--url="},
		{"listen", "--types="},
		{"trigger", "invoice.update", "--url="},
		{"client", "revoke", ""},
		{"check", ""},
		{""},
		{"branch", "close", ""},
		{"trigger", ""},
		{"user", "remove", ""},
		{"help", ""},
	}
	for _, address := range []string{"http://u:Q1q Q2q@127.0.0.1:1", "postgres://u:Q1q,Q2q@Q3q@127.0.0.1:1/x", "u:/Q1q\nQ2q@127.0.0.1:1", "host=127.0.0.1 password=Q1q&Q2q Q3q"} {
		for _, place := range places {
			args := slices.Clone(place)
			args[len(args)-1] += address
			status, out, faults := x.try(args...)
			if leaks(args, out+faults); status != 1 {
				t.Errorf("taphoa %q: status %d", args, status)
			}
		}
		for _, name := range []string{
			"DATABASE", "ADDR", "METRICS_ADDR", "PUBLIC_URL", "CORS_ORIGIN", "WEBHOOK_ALLOW", "TRUSTED_PROXY", "KEEP_EVENTS", "LOG_LEVEL", "DEMO",
			"TLS_CERT", "TLS_KEY", "DOMAIN", "ACME_DIRECTORY", "ACME_CA", "TLS_LOCAL", "TLS_DIR", "HTTP_ADDR", "INSECURE_SIGN_IN",
			"SMTP_URL", "SMTP_FROM",
		} {
			y := x
			y.variables = map[string]string{"TAPHOA_" + name: address}
			status, out, faults := y.try("serve")
			if leaks("TAPHOA_"+name+"="+address, out+faults); status != 1 {
				t.Errorf("TAPHOA_%s=%s: status %d", name, address, status)
			}
		}
	}
	x.refused("in a password write %40 for @", "check", "--database", "postgres://u:54321/x@127.0.0.1:1/x") // not: the host u, port 54321
	secret := filepath.Join(t.TempDir(), "password")
	if err := os.WriteFile(secret, []byte("Q1qQ2q\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	x.database, x.variables = "", map[string]string{"TAPHOA_DATABASE_FILE": secret}
	x.refused("the database … is neither sqlite:FILE nor postgres://", "check")
}

func TestWhatIsNoPasswordIsShown(t *testing.T) {
	for _, text := range []string{
		"abc", "taphoa.db", "sqlite:/home/a@b/taphoa.db", "/home/a@b/taphoa.db", "a@b.example", "127.0.0.1:8080", "[::1]:8080", "http://127.0.0.1:3000/hook",
		"[http://127.0.0.1:1]:8080", "http://[::1]:8080", "postgres://taphoa@127.0.0.1:5432/taphoa", "pg_dump 'postgres://taphoa@/x'", "https://shop.example:443", "10.0.0.0/8", "2001:db8::/32", "",
	} {
		if got := hidePassword(text); got != text {
			t.Errorf("%s is shown as %s", text, got)
		}
	}
	for text, want := range map[string]string{
		"postgres://taphoa:Q1q@127.0.0.1:5432/taphoa": "postgres://taphoa:…@127.0.0.1:5432/taphoa", "http://u:Q1q": "http://u:…",
		"host=127.0.0.1 password=Q1q user=u": "host=127.0.0.1 password=…", "postgres://u@h/x?password=Q1q&sslmode=x": "postgres://u@h/x?password=…",
	} {
		if got := hidePassword(text); got != want {
			t.Errorf("%s is shown as %s, want %s", text, got, want)
		}
	}
}

func TestColoursAreForPeopleWhoWantThem(t *testing.T) {
	p := &program{stdout: io.Discard, getenv: func(string) string { return "" }}
	if got := p.style(bold, "cobien"); got != "cobien" {
		t.Errorf("a file gets colours: %q", got)
	}
	if got := printable("Quận\x1b[2J 1\n"); got != "Quận[2J 1" {
		t.Errorf("a name clears the screen: %q", got)
	}
	if got := wrap("\x1b[1mcobien\x1b[0m Tạp hóa", 10); len(got) != 2 || got[1] != "hóa" {
		t.Errorf("colours take room: %q", got)
	}
}
