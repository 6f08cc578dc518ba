package main

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"fmt"
	"math/big"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/go-json-experiment/json"

	"github.com/taphoa/taphoa"
	"github.com/taphoa/taphoa/internal/dbtest"
)

// findings runs the doctor and returns what it finds, by area.
func (t terminal) findings(args ...string) map[string][]finding {
	t.Helper()
	status, out, faults := t.try(append([]string{"doctor", "--json"}, args...)...)
	var all []finding
	if err := json.Unmarshal([]byte(out), &all); err != nil {
		t.Fatalf("status %d: %s%s", status, out, faults)
	}
	byArea, wrong := map[string][]finding{}, 0
	for _, f := range all {
		byArea[f.Area] = append(byArea[f.Area], f)
		if !f.OK {
			wrong++
		}
	}
	if (wrong > 0) != (status == 1) || wrong > 0 && !strings.Contains(faults, fmt.Sprintf("%d things are to be put right", wrong)) {
		t.Errorf("status %d with %d wrong things: %s", status, wrong, faults)
	}
	return byArea
}

// finds expects one finding of an area.
func (t terminal) finds(ok bool, area, words string, args ...string) {
	t.Helper()
	if got := t.findings(args...)[area]; len(got) != 1 || got[0].OK != ok || !strings.Contains(got[0].Text, words) {
		t.Errorf("the doctor says of the %s %v, want %q", area, got, words)
	}
}

func TestADoctorFindsNothingWrongWithAShopThatSells(t *testing.T) {
	eachEngine(t, func(x terminal) {
		x.do("shop", "create", "abc", "ABC")
		s := x.serve()
		defer s.ends()
		defer s.stop()
		addr := strings.TrimPrefix(s.base, "http://")
		for area, all := range x.findings("--addr", addr) {
			for _, f := range all {
				if !f.OK && area != "leftovers" { // other sandboxes of this machine
					t.Errorf("%s: %s", area, f.Text)
				}
			}
		}
		if _, out, _ := x.try("doctor", "--addr", addr); !strings.Contains(out, "OK server: ready on "+addr+"\nOK leftovers: ") && !strings.Contains(out, "!! leftovers: ") {
			t.Error(out)
		}
	})
}

func TestADoctorFindsWhatIsWrongWithADatabase(t *testing.T) {
	eachEngine(t, func(x terminal) {
		x.do("shop", "create", "abc", "ABC")
		x.do("branch", "create", "Chợ")
		d := dbtest.Open(t, x.database, nil)
		change := func(sql string) {
			t.Helper()
			if err := d.Script(t.Context(), sql); err != nil {
				t.Fatal(err)
			}
		}
		x.finds(true, "webhooks", "active: 0, switched off: 0, waiting events: 0")
		x.finds(true, "clock", "not behind the last change")
		x.finds(false, "server", "no server answers on 127.0.0.1:1; start it", "--addr", "127.0.0.1:1")

		now := time.Now()
		hook := func(id, active int, reason, lastError string) string {
			return fmt.Sprintf(`INSERT INTO webhooks (retailer_id, id, type, url, is_active, stop_reason, last_error, created_date, done_seq)
				SELECT retailer_id, %d, 'branch.update', 'https://a.example', %d = 1, %s, %s, 0, 0 FROM retailers;`, id, active, reason, lastError)
		}
		change(hook(1, 0, "NULL", "NULL") + hook(2, 1, "NULL", "NULL"))
		x.finds(true, "webhooks", "active: 1, switched off: 1")
		change(fmt.Sprintf(`UPDATE events SET at = %d`, now.Add(-time.Hour).UnixMicro()))
		x.finds(false, "webhooks", " events wait since ")
		change(`UPDATE shop_heads SET last_seq = last_seq - 1`)
		x.finds(false, "database", "the log of 1 shops is damaged: taphoa check tells more")
		change(`UPDATE shop_heads SET last_seq = last_seq + 1`)
		change(hook(3, 1, "NULL", "'500'") + hook(4, 0, "'403'", "'403'") +
			`INSERT INTO webhook_deliveries (retailer_id, id, webhook_id, first_seq, last_seq, attempt, outcome, duration, at)
				SELECT retailer_id, 1, 1, 1, 1, 3, 'dead', 1, 1 FROM retailers`)
		if got := fmt.Sprint(x.findings()["webhooks"]); !strings.Contains(got, "1 were stopped") || !strings.Contains(got, "1 fail: ") || !strings.Contains(got, "1 deliveries were given up") {
			t.Error(got)
		}
		change(`DELETE FROM webhook_deliveries`)
		change(fmt.Sprintf(`UPDATE shop_heads SET at = %d`, now.Add(time.Hour).UnixMicro()))
		x.finds(false, "clock", ": set the clock (timedatectl set-ntp true)")
		change(`DELETE FROM schema_migrations WHERE name = (SELECT MAX(name) FROM schema_migrations)`)
		x.finds(false, "database", "has the shape of an older program: taphoa migrate carries out the 1 migrations")
		change(`INSERT INTO schema_migrations (name, applied_at) VALUES ('9999_future.sql', 1)`)
		x.finds(false, "database", "the database is newer than this program: it has the migration 9999_future.sql")
		x.variables = map[string]string{"TAPHOA_DATABASE": "postgres://a:b@127.0.0.1:1/c"}
		x.finds(false, "database", "nothing listens at 127.0.0.1:1")
	})
}

func TestADoctorFindsFilesThatOthersRead(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("this system has other rights")
	}
	dir := t.TempDir()
	file := filepath.Join(dir, "taphoa.db")
	x := terminal{T: t, database: "sqlite:" + file}
	x.do("shop", "create", "abc", "ABC")
	x.finds(true, "rights", "nobody else")
	mode := func(name string, mode os.FileMode) {
		t.Helper()
		if err := os.Chmod(name, mode); err != nil {
			t.Fatal(err)
		}
	}
	mode(file, 0o644)
	x.finds(false, "rights", "chmod 600 "+file)
	mode(file, 0o600)
	mode(dir, 0o777)
	x.finds(false, "rights", "others on this machine can replace files in "+dir)
	mode(dir, 0o700)
	secret := written(t, 0o644, "secret", "x")
	x.variables = map[string]string{"TAPHOA_SMTP_URL_FILE": secret}
	x.finds(false, "rights", "chmod o= "+secret)
	config := written(t, 0o644, "taphoa.conf", "TAPHOA_SMTP_URL=smtp://a")
	x.variables = map[string]string{"TAPHOA_CONFIG": config}
	x.finds(false, "rights", "chmod o= "+config)
	x.variables = nil
	if os.Getuid() == 0 {
		if err := os.WriteFile(file+"-shm", nil, 0o600); err != nil {
			t.Fatal(err)
		}
		if err := os.Chown(file+"-shm", 65534, 65534); err != nil {
			t.Fatal(err)
		}
		x.finds(false, "rights", file+"-shm belongs to another user")
	}
}

func TestADoctorJudgesDiskLimitsAndClocks(t *testing.T) {
	p := &program{lang: "en", from: map[string]string{}}
	x := &examination{doctor: &doctor{}, program: p}
	x.judgeDisk(100<<20, 10<<20)
	x.judgeDisk(300<<20, 400<<20)
	x.judgeDisk(500<<20, 400<<20)
	x.judgeLimit(256)
	x.judgeLimit(1 << 20)
	x.judgeDisk(-1, -1)
	now := time.Date(2026, 12, 1, 5, 0, 0, 0, time.UTC)
	x.judgeClock(now, taphoa.TimeOf(now), taphoa.TimeOf(now.Add(-90*time.Second)))
	x.judgeClock(now, taphoa.TimeOf(now.Add(2*time.Second)), taphoa.TimeOf(now.Add(2*time.Second)))
	want := []finding{
		{"disk", false, "100 MB are free beside the database, which has 10 MB: make room for 256 MB"},
		{"disk", false, "300 MB are free beside the database, which has 400 MB: make room for 400 MB"},
		{"disk", true, "500 MB are free beside the database, which has 400 MB"},
		{"limits", false, "a process may have 256 files open: let it have 1024 with ulimit -Hn, or LimitNOFILE in the unit"},
		{"limits", true, "a process may have 1048576 files open"},
		{"clock", false, "the clocks of this machine and of the database are 90.0 s apart: set both (timedatectl set-ntp true)"},
		{"clock", true, "2026-12-01 12:00, not behind the last change"},
	}
	if fmt.Sprint(x.findings) != fmt.Sprint(want) {
		t.Errorf("it says %v", x.findings)
	}
}

// certified writes a certificate for shop.example, and its key.
func certified(t *testing.T, from, to time.Time) (cert, key string) {
	t.Helper()
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	c := &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "x"}, NotBefore: from, NotAfter: to, DNSNames: []string{"shop.example"}}
	der, err := x509.CreateCertificate(rand.Reader, c, c, private.Public(), private)
	if err != nil {
		t.Fatal(err)
	}
	text, err := x509.MarshalPKCS8PrivateKey(private)
	if err != nil {
		t.Fatal(err)
	}
	return written(t, 0o644, "cert.pem", string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}))),
		written(t, 0o600, "key.pem", string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: text})))
}

func TestADoctorReadsTheCertificate(t *testing.T) {
	x := terminal{T: t, database: "sqlite:" + filepath.Join(t.TempDir(), "taphoa.db")}
	now, day := time.Now(), 24*time.Hour
	for _, c := range []struct {
		from, to time.Time
		url      string
		ok       bool
		words    string
	}{
		{now.Add(-day), now.Add(60 * day), "https://shop.example/a", true, "for shop.example, until "},
		{now.Add(-day), now.Add(60 * day), "https://www.example", false, "is for shop.example and not for www.example"},
		{now.Add(-day), now.Add(29 * day), "", false, ": renew it, or look at what should do so"},
		{now.Add(-day), now.Add(-time.Hour), "", false, "has ended on "},
		{now.Add(day), now.Add(60 * day), "", false, "look at the clock"},
	} {
		cert, key := certified(t, c.from, c.to)
		x.finds(c.ok, "certificate", c.words, "--tls-cert", cert, "--tls-key", key, "--public-url", c.url)
	}
	cert, _ := certified(t, now, now.Add(day))
	_, other := certified(t, now, now.Add(day))
	x.finds(false, "certificate", "are no certificate and its key", "--tls-cert", cert, "--tls-key", other)
	if got := x.findings()["certificate"]; got != nil {
		t.Errorf("without a certificate it says %v", got)
	}
}

// TestADoctorLooksAtTheCertificateThatIsShown where there is no file of one.
func TestADoctorLooksAtTheCertificateThatIsShown(t *testing.T) {
	x := terminal{T: t, database: "sqlite:" + filepath.Join(t.TempDir(), "taphoa.db")}
	server := httptest.NewTLSServer(http.NotFoundHandler())
	x.finds(true, "certificate", "for example.com", "--public-url", server.URL)
	x.finds(false, "certificate", "and not for localhost", "--public-url", strings.Replace(server.URL, "127.0.0.1", "localhost", 1))
	server.Close()
	x.finds(false, "certificate", "shows no certificate", "--public-url", server.URL)
}

func TestADoctorFindsWhatKilledSandboxesHaveLeft(t *testing.T) {
	temp := t.TempDir()
	for _, name := range []string{"taphoa-forks-999999999-1", fmt.Sprintf("taphoa-forks-%d-1", os.Getpid())} {
		if err := os.Mkdir(filepath.Join(temp, name), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	x := &examination{doctor: &doctor{}, program: &program{lang: "en", stdout: new(bytes.Buffer)}}
	x.examineForks(temp)
	hosts := written(t, 0o644, "hosts", "# BEGIN taphoa sandbox PID=999999999 START=1\n127.0.0.1 id.kiotviet.vn\n# END taphoa sandbox\n127.0.0.1 localhost\n")
	x.examineHosts(hosts)
	x.examineHosts(written(t, 0o644, "hosts", "127.0.0.1 localhost\n"))
	x.examineHosts(written(t, 0o644, "hosts", "# BEGIN taphoa sandbox PID=1 START=1\n"))
	var texts []string
	for _, f := range x.findings {
		texts = append(texts, f.Text)
	}
	got := strings.Join(texts, "\n")
	if len(texts) != 3 || !strings.Contains(got, "taphoa-forks-999999999-1 is of a sandbox that was killed: rm -r ") ||
		!strings.Contains(got, hosts+" has lines of 1 sandboxes") || !strings.Contains(got, "correct the file by hand") {
		t.Errorf("it says %s", got)
	}
	if _, err := os.Stat(filepath.Join(temp, "taphoa-forks-999999999-1")); err != nil {
		t.Error(err)
	}
}
