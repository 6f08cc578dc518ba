//go:build linux || darwin

package main

import (
	"bufio"
	"bytes"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"io"
	"math/big"
	"net"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/taphoa/taphoa/internal/dbtest"
)

// The tests of this file run the commands of docs/operations.md literally, except for paths and ports.

const manual = "../../docs/operations.md"

var recipePattern = regexp.MustCompile("(?s)<!-- recipe: ([a-z-]+) -->\n```[a-z]+\n(.*?)```\n")

// recipe is a block of the manual in which each first word of a pair, which must be there, is replaced by the second.
func recipe(t *testing.T, name string, replace ...string) string {
	t.Helper()
	text, err := os.ReadFile(manual)
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range recipePattern.FindAllStringSubmatch(string(text), -1) {
		if m[1] != name {
			continue
		}
		for pair := range slices.Chunk(replace, 2) {
			if !strings.Contains(m[2], pair[0]) {
				t.Fatalf("the recipe %s has no %q", name, pair[0])
			}
			m[2] = strings.ReplaceAll(m[2], pair[0], pair[1])
		}
		return m[2]
	}
	t.Fatalf("the manual has no recipe %s", name)
	return ""
}

func TestTheManualHasEachFlagOfServe(t *testing.T) {
	text, err := os.ReadFile(manual)
	if err != nil {
		t.Fatal(err)
	}
	flags := regexp.MustCompile(`(?m)^ +--([a-z-]+).*`).FindAllStringSubmatch((terminal{T: t}).do("serve", "--help"), -1)
	if len(flags) < 10 {
		t.Fatalf("the help has the flags %v", flags)
	}
	for _, f := range flags {
		name := "TAPHOA_" + strings.ToUpper(strings.ReplaceAll(f[1], "-", "_"))
		if f[1] != "version" && !regexp.MustCompile("(?m)^\\| `--"+f[1]+"[` ].*\\| `"+name+"` \\|").Match(text) {
			t.Errorf("the manual's table lacks --%s (%s)", f[1], name)
		}
	}
}

func TestEveryRecipeOfTheManualIsRun(t *testing.T) {
	text, err := os.ReadFile(manual)
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, m := range recipePattern.FindAllStringSubmatch(string(text), -1) {
		names = append(names, m[1])
	}
	if want := []string{"first", "unit", "service", "proxied", "nginx", "caddy", "postgres", "backup", "restore", "postgres-backup", "mirror"}; !slices.Equal(names, want) {
		t.Errorf("the manual has the recipes %v, the tests below run %v", names, want)
	}
	unmarked := regexp.MustCompile("(?s)\n```[a-z]+\n(.*?)\n```\n").FindAllStringSubmatch(recipePattern.ReplaceAllString(string(text), ""), -1)
	for _, block := range unmarked {
		if !strings.HasPrefix(block[1], "docker ") && !strings.Contains(block[1], "go build") { // which no test machine has, and every one does
			t.Errorf("a block of the manual is no recipe:\n%s", block[1])
		}
	}
}

// installed is the path of a program that a recipe needs.
func installed(t *testing.T, program string) string {
	t.Helper()
	for _, name := range []string{program, "/usr/sbin/" + program} {
		if path, err := exec.LookPath(name); err == nil {
			return path
		}
	}
	if ci, _ := strconv.ParseBool(os.Getenv("CI")); ci {
		t.Fatalf("%s is not installed", program)
	}
	t.Skipf("%s is not installed here", program)
	return ""
}

// machine runs an operator's commands: the program is in its path, and commands of an administrator are only recorded.
type machine struct {
	*testing.T
	dir, port string
	env       []string
}

func newMachine(t *testing.T) *machine {
	t.Helper()
	m := &machine{T: t, dir: t.TempDir(), port: freePort(t)}
	bin := filepath.Join(m.dir, "bin")
	for name, text := range map[string]string{
		"taphoa":    asProgram + `=1 exec ` + os.Args[0] + ` "$@"`,
		"runuser":   `shift 3; exec "$@"`, // -u USER --
		"install":   `echo install "$@" >>` + m.dir + `/noted`,
		"useradd":   `echo useradd "$@" >>` + m.dir + `/noted`,
		"chown":     `shift; ls "$@" >/dev/null && echo chown >>` + m.dir + `/noted`,
		"systemctl": `echo systemctl "$@" >>` + m.dir + `/noted`,
	} {
		if err := os.MkdirAll(bin, 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(bin, name), []byte("#!/bin/sh\n"+text+"\n"), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	for _, dir := range []string{"data", "backup"} {
		if err := os.Mkdir(filepath.Join(m.dir, dir), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	m.env = append(os.Environ(), "PATH="+bin+":"+os.Getenv("PATH"), "TAPHOA_DATABASE=")
	return m
}

func freePort(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	_, port, _ := net.SplitHostPort(l.Addr().String())
	return port
}

// places are what a recipe of SQLite's has of this machine.
func (m *machine) places(more ...string) []string {
	return append([]string{"/var/lib/taphoa", m.dir + "/data"}, more...)
}

func (m *machine) shell(text string) *exec.Cmd {
	command := exec.Command("sh", "-eu", "-c", text)
	command.Dir, command.Env = m.dir, m.env
	command.SysProcAttr = &syscall.SysProcAttr{Setsid: true} // no terminal to ask for passwords on
	return command
}

// do runs a recipe that ends.
func (m *machine) do(text string) string {
	m.Helper()
	out, err := m.shell(text).CombinedOutput()
	if err != nil {
		m.Fatalf("%v:\n%s\nsays\n%s", err, text, out)
	}
	return string(out)
}

// serve runs a recipe that ends with a server, until stop.
func (m *machine) serve(text string) (stop func()) {
	m.Helper()
	command := m.shell(text)
	var out bytes.Buffer
	command.Stdout, command.Stderr = &out, &out
	if err := command.Start(); err != nil {
		m.Fatal(err)
	}
	ended := make(chan struct{})
	go func() {
		_ = command.Wait()
		close(ended)
	}()
	stop = func() {
		_ = syscall.Kill(-command.Process.Pid, syscall.SIGTERM)
		<-ended
	}
	m.Cleanup(stop)
	for end := time.Now().Add(20 * time.Second); ; time.Sleep(20 * time.Millisecond) {
		answer, err := http.Get("http://127.0.0.1:" + m.port + "/readyz")
		if err == nil {
			answer.Body.Close()
			if answer.StatusCode == http.StatusOK {
				return stop
			}
		}
		select {
		case <-ended:
		default:
			if time.Now().Before(end) {
				continue
			}
		}
		stop()
		m.Fatalf("%s\nserves nothing: %s", text, out.String())
	}
}

func TestTheRecipesOfOneFile(t *testing.T) {
	t.Parallel()
	m := newMachine(t)
	stop := m.serve(recipe(t, "first", m.places("127.0.0.1:8080", "127.0.0.1:"+m.port)...))
	if out := m.do(recipe(t, "backup", m.places("/backup/", m.dir+"/backup/")...)); !strings.Contains(out, "cobien: OK") ||
		!strings.HasSuffix(out, "OK, shops checked: 1\n") {
		t.Errorf("the backup says\n%s", out)
	}
	stop()
	if out := m.do(recipe(t, "restore", m.places("/backup/", m.dir+"/backup/")...)); !strings.Contains(out, "restored from") {
		t.Errorf("the restore says\n%s", out)
	}
	m.checkCommands("systemctl stop taphoa", "chown", "systemctl start taphoa")
}

// checkCommands compares the recorded commands of an administrator.
func (m *machine) checkCommands(want ...string) {
	m.Helper()
	text, _ := os.ReadFile(m.dir + "/noted")
	if got := strings.Split(strings.TrimSpace(string(text)), "\n"); !slices.Equal(got, want) {
		m.Errorf("the administrator has done %q, want %q", got, want)
	}
}

func TestTheRecipesOfAService(t *testing.T) {
	t.Parallel()
	m := newMachine(t)
	packaged := func(name string) string {
		text, err := os.ReadFile("../../tools/release/packaging/" + name)
		if err != nil {
			t.Fatal(err)
		}
		return string(text)
	}
	config := strings.NewReplacer("/var/lib/taphoa", m.dir+"/data", "127.0.0.1:8080", "127.0.0.1:"+m.port).Replace(packaged("taphoa.conf"))
	if err := os.WriteFile(m.dir+"/taphoa.conf", []byte(config), 0o600); err != nil {
		t.Fatal(err)
	}
	m.do(recipe(t, "service", m.places("/etc/taphoa/", m.dir+"/")...))
	m.checkCommands("install -m 755 taphoa /usr/local/bin/taphoa",
		"install -m 644 tools/release/packaging/taphoa.service /etc/systemd/system/taphoa.service",
		"useradd --system --home-dir "+m.dir+"/data --shell /usr/sbin/nologin taphoa",
		"install -d -m 700 -o taphoa -g taphoa "+m.dir+"/data",
		"install -D -m 640 -g taphoa tools/release/packaging/taphoa.conf "+m.dir+"/taphoa.conf",
		"systemctl daemon-reload", "systemctl enable --now taphoa")

	if shown := recipe(t, "unit"); shown != strings.ReplaceAll(packaged("taphoa.service"), "/usr/bin/", "/usr/local/bin/") {
		t.Error("the manual shows another unit than that of the packages")
	}
	unit := recipe(t, "unit", "/etc/taphoa/", m.dir+"/", "/usr/local/bin/taphoa", m.dir+"/bin/taphoa")
	line := func(name string) string {
		found := regexp.MustCompile(`(?m)^` + name + `=(.*)$`).FindStringSubmatch(unit)
		if found == nil {
			t.Fatalf("the unit has no %s", name)
		}
		return found[1]
	}
	m.serve("export " + line("Environment") + "; exec " + line("ExecStart"))
	if line("WantedBy") != "multi-user.target" || !strings.Contains(unit, "[Install]\n") {
		t.Error("the unit cannot be enabled")
	}

	t.Run("systemd", func(t *testing.T) {
		analyze := installed(t, "systemd-analyze")
		file := filepath.Join(m.dir, "taphoa.service")
		if err := os.WriteFile(file, []byte(unit), 0o600); err != nil {
			t.Fatal(err)
		}
		// Other units of the machine may have faults of their own.
		if out, err := exec.Command(analyze, "verify", "--man=no", "--recursive-errors=no", file).CombinedOutput(); err != nil || len(out) > 0 {
			t.Errorf("systemd-analyze verify: %v, %s", err, out)
		}
	})
}

func TestTheRecipesOfPostgreSQL(t *testing.T) {
	t.Parallel()
	server := dbtest.OwnServer(t)
	if err := server.SignIn(t.Context(), "local all postgres trust", "local all all scram-sha-256"); err != nil {
		t.Fatal(err)
	}
	socket := server.Socket()
	m := newMachine(t)
	m.env = append(m.env, "PGHOST="+socket, "PGUSER=postgres", "PGPORT=5432", "PGPASSWORD=", "PGPASSFILE=/dev/null", "PGSSLMODE=disable")
	local := []string{"db.example/taphoa?sslmode=verify-full", "/taphoa?host=" + url.QueryEscape(socket) + "&sslmode=disable"}
	text := recipe(t, "postgres", append(local, "127.0.0.1:8080", "127.0.0.1:"+m.port)...)
	text = strings.Replace(text, "createuser", "printf 'secret\\nsecret\\n' | createuser", 1)
	stop := m.serve(text)
	stop()
	restored := ""
	for tries := 0; ; tries++ { // the server notices a little later that a client has disconnected
		out, err := m.shell(recipe(t, "postgres-backup", append(local, "/backup/", m.dir+"/backup/", "taphoa backup", "taphoa backup --force")...)).CombinedOutput()
		if restored = string(out); err == nil {
			break
		} else if tries == 20 || !strings.Contains(restored, "in use") {
			t.Fatalf("%v: %s", err, out)
		}
	}
	if strings.Count(restored, "cobien: OK") != 2 || !strings.Contains(restored, "restored from") {
		t.Errorf("backup and restore say\n%s", restored)
	}
	if out := m.do("export TAPHOA_DATABASE='postgres://taphoa:secret@" + local[1] + "'; taphoa check"); !strings.HasSuffix(out, "OK, shops checked: 1\n") {
		t.Errorf("the check says\n%s", out)
	}
	if out, err := m.shell("export TAPHOA_DATABASE='postgres://taphoa:wrong@" + local[1] + "'; taphoa check").CombinedOutput(); err == nil {
		t.Errorf("any password will do: %s", out)
	}
}

// proxied is a shop behind a proxy that has just been started.
type proxied struct {
	*testing.T
	shop   *server
	client *http.Client
	base   string
}

// behindProxy starts a shop and a proxy in front of it, with TLS for shop.example on the port.
func behindProxy(t *testing.T, start func(upstream, port string) *exec.Cmd) proxied {
	t.Helper()
	x := terminal{T: t, database: "sqlite:" + filepath.Join(t.TempDir(), "taphoa.db")}
	x.do("shop", "create", "abc", "ABC")
	port := freePort(t)
	p := proxied{T: t, base: "https://shop.example:" + port}
	flags := strings.Fields(recipe(t, "proxied", "taphoa serve --addr 127.0.0.1:8080", "--access-log", "https://shop.example", p.base))
	p.shop = x.serve(flags...)
	command := start(strings.TrimPrefix(p.shop.base, "http://"), port)
	var out bytes.Buffer
	command.Stdout, command.Stderr = &out, &out
	if err := command.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = command.Process.Signal(syscall.SIGTERM)
		_ = command.Wait()
		if t.Failed() {
			t.Logf("the proxy says %s", out.String())
		}
	})
	p.client = &http.Client{Transport: &http.Transport{
		TLSClientConfig: &tls.Config{InsecureSkipVerify: true}, // a certificate for this test alone
		DialContext: func(ctx context.Context, network, _ string) (net.Conn, error) {
			return new(net.Dialer).DialContext(ctx, network, "127.0.0.1:"+port)
		},
	}}
	for tries := 0; ; tries++ {
		answer, err := p.client.Get(p.base + "/readyz")
		if err == nil && answer.StatusCode == http.StatusOK {
			answer.Body.Close()
			return p
		}
		if tries == 400 {
			t.Fatal("the proxy does not answer: ", err)
		}
		time.Sleep(20 * time.Millisecond)
	}
}

// send returns the status and the body.
func (p proxied) send(method, path string, body io.Reader, header ...string) (int, string) {
	p.Helper()
	r, err := http.NewRequest(method, p.base+path, body)
	if err != nil {
		p.Fatal(err)
	}
	for pair := range slices.Chunk(header, 2) {
		r.Header.Set(pair[0], pair[1])
	}
	answer, err := p.client.Do(r)
	if err != nil {
		p.Fatal(err)
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	if err != nil {
		p.Fatal(err)
	}
	return answer.StatusCode, string(text)
}

// works checks what every proxy must do.
func (p proxied) works() {
	p.Helper()
	for _, path := range []string{"/metrics", "/metrics?a=b", "//metrics", "/%6Detrics", "/a/../metrics"} {
		if status, body := p.send(http.MethodGet, path, nil); status == http.StatusOK || strings.Contains(body, "taphoa_") {
			p.Errorf("%s answers %d", path, status)
		}
	}
	if _, body := p.send(http.MethodGet, "/.well-known/openid-configuration", nil); !strings.Contains(body, `"token_endpoint":"`+p.base+`/connect/token"`) {
		p.Errorf("the discovery document is %s", body)
	}
	p.send(http.MethodGet, "/healthz", nil, "X-Forwarded-For", "203.0.113.9")
	if _, logged := p.shop.text(); !regexp.MustCompile(`"path":"/healthz",.*"remote":"127\.0\.0\.1:0","peer":"127\.0\.0\.1:\d+"`).MatchString(logged) {
		p.Errorf("of the client behind the proxy it logs\n%s", logged)
	}
	id, secret := p.shop.client("create", "--name", "Web")
	token := p.shop.token(id, secret)
	headers := []string{"Retailer", "abc", "Authorization", "Bearer " + token, "Content-Type", "application/json"}
	name := strings.Repeat("x", 1000)
	for size, want := range map[int]string{
		3_900_000: "name", // a refusal that has read it all
		4_300_000: "4 MB", // in the words of Taphoa
	} {
		body := `{"categoryName": "` + strings.Repeat(name, size/1000) + `"}`
		if status, text := p.send(http.MethodPost, "/categories", strings.NewReader(body), headers...); status < 400 || !strings.Contains(text, "responseStatus") {
			p.Errorf("a body of %d bytes (%s): %d, %.300s", size, want, status, text)
		}
	}

	// A stream has its events while it is open.
	patience, cancel := context.WithTimeout(p.Context(), 5*time.Second)
	defer cancel()
	r, err := http.NewRequestWithContext(patience, http.MethodGet, p.base+"/events?after=0", nil)
	if err != nil {
		p.Fatal(err)
	}
	for pair := range slices.Chunk(headers, 2) {
		r.Header.Set(pair[0], pair[1])
	}
	r.Header.Set("Accept", "text/event-stream")
	stream, err := p.client.Do(r)
	if err != nil {
		p.Fatal(err)
	}
	defer stream.Body.Close()
	if status, text := p.send(http.MethodPost, "/customers", strings.NewReader(`{"name": "Chị Hoa", "branchId": 1}`), headers...); status != http.StatusOK {
		p.Fatal(text)
	}
	for lines := bufio.NewScanner(stream.Body); lines.Scan(); {
		if strings.HasPrefix(lines.Text(), "event: customer.update") {
			return
		}
	}
	p.Fatal("no event comes through")
}

// selfSigned writes one for shop.example, with its key.
func selfSigned(t *testing.T, chain, key string) {
	t.Helper()
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	about := &x509.Certificate{SerialNumber: big.NewInt(1), DNSNames: []string{"shop.example"}, NotAfter: time.Now().Add(time.Hour)}
	public, err := x509.CreateCertificate(rand.Reader, about, about, private.Public(), private)
	if err != nil {
		t.Fatal(err)
	}
	secret, err := x509.MarshalPKCS8PrivateKey(private)
	if err != nil {
		t.Fatal(err)
	}
	for file, block := range map[string]*pem.Block{chain: {Type: "CERTIFICATE", Bytes: public}, key: {Type: "PRIVATE KEY", Bytes: secret}} {
		if err := os.WriteFile(file, pem.EncodeToMemory(block), 0o600); err != nil {
			t.Fatal(err)
		}
	}
}

func TestTheRecipeOfNginx(t *testing.T) {
	t.Parallel()
	nginx := installed(t, "nginx")
	behindProxy(t, func(upstream, port string) *exec.Cmd {
		dir := t.TempDir()
		selfSigned(t, dir+"/fullchain.pem", dir+"/privkey.pem")
		site := recipe(t, "nginx", "listen 443 ssl;", "listen 127.0.0.1:"+port+" ssl;", "/etc/letsencrypt/live/shop.example", dir, "127.0.0.1:8080", upstream)
		temp := ""
		for _, name := range []string{"client_body", "proxy", "fastcgi", "uwsgi", "scgi"} {
			temp += fmt.Sprintf("%s_temp_path %s/%s;\n", name, dir, name)
		}
		file := dir + "/nginx.conf"
		text := "daemon off; master_process off; pid " + dir + "/pid; error_log stderr; events {}\nhttp {\naccess_log off;\n" + temp + site + "}\n"
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if out, err := exec.Command(nginx, "-t", "-q", "-e", "stderr", "-p", dir, "-c", file).CombinedOutput(); err != nil || len(out) > 0 {
			t.Fatalf("nginx -t: %v, %s", err, out)
		}
		return exec.Command(nginx, "-e", "stderr", "-p", dir, "-c", file)
	}).works()
}

func TestTheRecipeOfCaddy(t *testing.T) {
	t.Parallel()
	caddy := installed(t, "caddy")
	behindProxy(t, func(upstream, port string) *exec.Cmd {
		dir := t.TempDir()
		site := recipe(t, "caddy", "shop.example", "https://shop.example:"+port, "127.0.0.1:8080", upstream)
		file := dir + "/Caddyfile"
		text := "{\n\tadmin off\n\tlocal_certs\n\tskip_install_trust\n\tauto_https disable_redirects\n\tdefault_bind 127.0.0.1\n}\n" + site // no network
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		run := func(command string) *exec.Cmd {
			c := exec.Command(caddy, command, "--config", file, "--adapter", "caddyfile")
			c.Env = append(os.Environ(), "HOME="+dir, "XDG_DATA_HOME="+dir, "XDG_CONFIG_HOME="+dir)
			return c
		}
		if out, err := run("validate").CombinedOutput(); err != nil || strings.Contains(string(out), "not formatted") {
			t.Fatalf("caddy validate: %v, %s", err, out)
		}
		return run("run")
	}).works()
}
