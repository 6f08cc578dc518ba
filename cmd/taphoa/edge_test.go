package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/taphoa/taphoa/internal/demo"
)

// ask asks for a path, as a client that calls the server by a name.
func (s *server) ask(base, path, host string) (status int, body string) {
	s.Helper()
	r, err := http.NewRequestWithContext(s.Context(), http.MethodGet, base+path, nil)
	if err != nil {
		s.Fatal(err)
	}
	r.Host = host
	a, err := http.DefaultClient.Do(r)
	if err != nil {
		s.Fatal(err)
	}
	defer a.Body.Close()
	text, err := io.ReadAll(a.Body)
	if err != nil {
		s.Fatal(err)
	}
	return a.StatusCode, string(text)
}

func (s *server) stops() {
	s.Helper()
	s.stop()
	s.ends()
}

func TestTheDemoAnswersToNamesOfThisMachineOnly(t *testing.T) {
	t.Parallel()
	s := terminal{T: t}.serve("--demo", "--metrics-addr=127.0.0.1:0")
	s.says(`(?m)^Metrics +http://127\.0\.0\.1:\d+/metrics$`)
	for _, path := range []string{"/", "/docs", "/connect/token", "/products", "/readyz"} {
		if status, body := s.ask(s.base, path, "evil.example"); status != http.StatusMisdirectedRequest || !strings.Contains(body, `"responseStatus"`) {
			t.Errorf("%s of evil.example: %d %s", path, status, body)
		}
	}
	if status, _ := s.ask(s.metricsBase(), "/metrics", "evil.example"); status != http.StatusMisdirectedRequest {
		t.Errorf("the metrics of evil.example: %d", status)
	}
	if status, body := s.ask(s.base, "/readyz", "localhost"); status != http.StatusOK {
		t.Errorf("localhost: %d %s", status, body)
	}
	conn, err := net.Dial("tcp", strings.TrimPrefix(s.base, "http://"))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	for target, want := range map[string]int{"OPTIONS * HTTP/1.1\r\nHost: evil.example": 421, "GET http://evil.example/readyz HTTP/1.1\r\nHost: localhost": 421} {
		fmt.Fprintf(conn, "%s\r\n\r\n", target)
		a, err := http.ReadResponse(bufio.NewReader(conn), nil)
		if err != nil {
			t.Fatal(err)
		}
		if a.Body.Close(); a.StatusCode != want || a.Header.Get("X-Frame-Options") != "DENY" {
			t.Errorf("%q: %s %v", target, a.Status, a.Header)
		}
	}
	s.stops()
}

// metricsBase is the address of the listener for metrics, from the log.
func (s *server) metricsBase() string {
	_, logged := s.text()
	for line := range strings.Lines(logged) {
		var started struct{ Msg, Metrics string }
		if json.Unmarshal([]byte(line), &started) == nil && started.Msg == "started" {
			return strings.TrimSuffix(started.Metrics, "/metrics")
		}
	}
	s.Fatalf("the log has no address of the metrics:\n%s", logged)
	return ""
}

func TestMetricsHaveAListenerOfTheirOwn(t *testing.T) {
	eachEngine(t, func(t terminal) {
		t.do("shop", "create", "abc", "ABC")
		s := t.serve("--metrics-addr=127.0.0.1:0")
		base := s.metricsBase()
		for path, want := range map[string][2]int{ // of the main address, and of the one for metrics
			"/metrics": {404, 200}, "/healthz": {200, 200}, "/readyz": {200, 200}, "/products": {401, 404}, "/docs": {200, 404}, "/metrics/": {404, 404},
		} {
			status, _ := s.ask(s.base, path, "")
			own, body := s.ask(base, path, "")
			if status != want[0] || own != want[1] || own == http.StatusNotFound && !strings.Contains(body, `"responseStatus"`) {
				t.Errorf("%s: %d and %d %.100s, want %v", path, status, own, body, want)
			}
		}
		if out := t.do("health", "--addr", strings.TrimPrefix(s.base, "http://")); out != "ready\n" {
			t.Errorf("health says %s", out)
		}
		t.refused("address already in use, perhaps by another taphoa: --metrics-addr 127.0.0.1:0 takes a free port",
			"serve", "--addr=127.0.0.1:0", "--metrics-addr", strings.TrimPrefix(base, "http://"))
		t.refused("--metrics-addr 192.0.2.1:0: this machine has no such address", "serve", "--addr=127.0.0.1:0", "--metrics-addr=192.0.2.1:0")
		t.refused(`--metrics-addr "8080": missing port: write HOST:PORT, such as 127.0.0.1:8080`, "serve", "--metrics-addr=8080")
		t.refused("--metrics-addr 127.0.0.1:99999: invalid port 99999", "serve", "--metrics-addr=127.0.0.1:99999")
		t.refused("loopback addresses only, not on 0.0.0.0:0", "serve", "--demo", "--metrics-addr=0.0.0.0:0")
		s.stops()
		if conn, err := net.Dial("tcp", strings.TrimPrefix(base, "http://")); err == nil {
			conn.Close()
			t.Error("the listener for metrics has outlived the server")
		}
	})
}

func TestADatabaseOfTheDemoIsWarnedAboutOnEveryAddress(t *testing.T) {
	t.Parallel()
	x := terminal{T: t, database: "sqlite:" + filepath.Join(t.TempDir(), "demo.db")}
	x.serve("--demo", "--database", x.database).stops()
	revoke := "client revoke --shop " + demo.ShopCode + " " + demo.ClientID
	for _, addr := range []string{"127.0.0.1:0", "[::1]:0", "localhost:0", "127.9.9.9:0"} {
		s := x.serve("--addr", addr)
		s.says("(?s)warning: the secret of the demo's client is known to everybody.*taphoa client revoke --shop taphoa")
		s.stops()
		if _, logged := s.text(); strings.Count(logged, revoke) != 1 {
			t.Errorf("on %s it logs %s", addr, logged)
		}
	}
	for _, addr := range []string{"0.0.0.0:0", ":0", "[::]:0", "192.0.2.1:0", "[2001:db8::1]:0", lanAddress(t) + ":0"} {
		if status, out, faults := x.try("serve", "--addr", addr); status != 1 || !strings.Contains(faults, revoke) &&
			!strings.Contains(faults, "no such address") || strings.Contains(out, "listening") {
			t.Errorf("on %s: status %d, %s%s", addr, status, out, faults)
		}
	}
	if _, _, faults := x.try("serve", "--addr", ":0"); !strings.Contains(faults, revoke) {
		t.Errorf("on all addresses: %s", faults)
	}
	x.do(strings.Fields(revoke)...)
	s := x.serve("--addr=0.0.0.0:0")
	s.stops()
	if printed, logged := s.text(); strings.Contains(printed+logged, "known to everybody") {
		t.Errorf("without its client it says %s%s", printed, logged)
	}
	// Nor does a program of a real shop get away with the demo's secret, under whatever id.
	x.do("shop", "create", "cobien", "Cô Biển")
	const id = "7a000000-0000-4000-8000-000000000009"
	x.do("client", "create", "--shop", "cobien", "--name", "CRM", "--id", id, "--secret", demo.ClientSecret)
	x.refused("client revoke --shop cobien "+id+" --database", "serve", "--database", x.database, "--addr", ":0")
	x.do("client", "rotate", "--shop", "cobien", id)
	s = x.serve("--addr=0.0.0.0:0")
	s.stops()
	if printed, logged := s.text(); strings.Contains(printed+logged, "known to everybody") {
		t.Errorf("with a secret of its own it says %s%s", printed, logged)
	}
}

// lanAddress is an address by which others reach this machine, 0.0.0.0 if there is none.
func lanAddress(t *testing.T) string {
	all, err := net.InterfaceAddrs()
	if err != nil {
		t.Fatal(err)
	}
	for _, a := range all {
		if n, ok := a.(*net.IPNet); ok && n.IP.To4() != nil && !n.IP.IsLoopback() {
			return n.IP.String()
		}
	}
	return "0.0.0.0"
}

func TestWhereClientsReachTheServerIsConfigured(t *testing.T) {
	eachEngine(t, func(t terminal) {
		t.do("shop", "create", "abc", "ABC")
		issuer := func(s *server, host string) string {
			t.Helper()
			var found struct{ Issuer string }
			_, body := s.ask(s.base, "/.well-known/openid-configuration", host)
			if err := json.Unmarshal([]byte(body), &found); err != nil {
				t.Fatal(body, err)
			}
			return found.Issuer
		}
		warned := func(s *server) int {
			_, logged := s.text()
			return strings.Count(logged, "--public-url")
		}
		s := t.serve()
		port := s.base[strings.LastIndex(s.base, ":"):]
		for host, want := range map[string]string{"evil.example": s.base, "localhost" + port: "http://localhost" + port, "": s.base} {
			if got := issuer(s, host); got != want {
				t.Errorf("without the flag the issuer for %q is %s, want %s", host, got, want)
			}
		}
		if s.stops(); warned(s) != 0 {
			t.Error("a server of this machine alone is warned")
		}
		s = t.serve("--addr=0.0.0.0:0")
		port = s.base[strings.LastIndex(s.base, ":"):]
		s.base = "http://127.0.0.1" + port
		if got := issuer(s, "evil.example"); got != "http://localhost"+port {
			t.Errorf("on all addresses the issuer is %s", got)
		}
		if s.stops(); warned(s) != 1 {
			t.Errorf("beyond loopback it warns %d times", warned(s))
		}
		s = t.serve("--addr=[::]:0", "--public-url=HTTPS://Shop.example/pos/")
		s.base = "http://[::1]" + s.base[strings.LastIndex(s.base, ":"):]
		if got := issuer(s, "evil.example"); got != "https://shop.example/pos" {
			t.Errorf("with the flag the issuer is %s", got)
		}
		if s.stops(); warned(s) != 0 {
			t.Error("it warns although it has the flag")
		}
		for _, wrong := range []string{"shop.example", "https://u:S3cret@shop.example", "https://shop.example?a=b", "https://shop.example#a", "https://"} {
			t.refused("--public-url must be a URL such as https://shop.example", "serve", "--public-url", wrong)
		}
		for _, wrong := range []string{"loopback", "10.0.0.0/33", "10.0.0.1:80", "::ffff:10.0.0.0/104"} {
			t.refused("--trusted-proxy: ", "serve", "--trusted-proxy", wrong)
		}
	})
}

func TestAFileThatOthersCanReadIsNamedWithTheCommandThatMendsIt(t *testing.T) {
	dir := t.TempDir()
	t.Chdir(dir)
	x := terminal{T: t, database: "sqlite:shop's.db"}
	x.do("shop", "create", "abc", "ABC")
	if out := x.do("check"); strings.Contains(out, "warning") {
		t.Errorf("of a new database it says %s", out)
	}
	mend := func(said string) {
		t.Helper()
		_, command, found := strings.Cut(said, "chmod 600 ")
		command, _, _ = strings.Cut(command, "\n")
		if !found {
			t.Fatalf("no command in %q", said)
		}
		if out, err := exec.Command("sh", "-c", "chmod 600 "+command).CombinedOutput(); err != nil {
			t.Fatalf("%s: %s", command, out)
		}
		if out := x.do("check"); strings.Contains(out, "warning") {
			t.Errorf("after %s it says %s", command, out)
		}
	}
	for _, mode := range []os.FileMode{0o644, 0o640, 0o604, 0o660, 0o666, 0o620} {
		if err := os.Chmod("shop's.db", mode); err != nil {
			t.Fatal(err)
		}
		said := x.do("check")
		if !strings.Contains(said, "warning: others on this machine can ") {
			t.Fatalf("of a file with mode %o it says %s", mode, said)
		}
		mend(said)
	}
	for _, database := range []string{"shop's.db", dir + "/shop's.db", "./shop's.db", "../" + filepath.Base(dir) + "/shop's.db"} {
		x.database = "sqlite:" + database
		if err := os.Chmod("shop's.db", 0o644); err != nil {
			t.Fatal(err)
		}
		mend(x.do("check"))
	}
	if err := os.Chmod("shop's.db", 0o644); err != nil {
		t.Fatal(err)
	}
	s := x.serve()
	s.says("chmod 600 .*shop.*db-wal.*db-shm")
	if _, logged := s.text(); strings.Count(logged, "chmod 600") != 1 {
		t.Errorf("serve logs %s", logged)
	}
	printed, _ := s.text()
	mend(printed)
	s.stops()
}
