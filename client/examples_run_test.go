package client_test

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"go/ast"
	"go/doc"
	"go/format"
	"go/parser"
	"go/token"
	"log/slog"
	"net"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/taphoa/taphoa"
	"github.com/taphoa/taphoa/client"
	"github.com/taphoa/taphoa/internal/api"
	"github.com/taphoa/taphoa/internal/dbtest"
	"github.com/taphoa/taphoa/internal/demo"
	"github.com/taphoa/taphoa/internal/oauth"
	"github.com/taphoa/taphoa/internal/webhook"
)

// expectedOutput is what each example prints sooner or later.
var expectedOutput = map[string]string{
	"":               `^SP\d+ Trà xanh 25000\nHD\d+ 50000 50000\n420 \w+\n`,
	"All":            `^3\d\d products, [\d.]+ pieces\n`,
	"Sync":           `^\d+ customers; go on from 20\d\d-`,
	"Client_Follow":  `(?m)^\d+ DH\d+ \d+$`,
	"WebhookHandler": `(?m)^order\.update DH\d+ \d+$`,
}

// TestTheExamplesRun copies each example, as in the documentation, into a main.go of another module and runs it against the
// demo shop.
func TestTheExamplesRun(t *testing.T) {
	file, err := parser.ParseFile(token.NewFileSet(), "example_test.go", nil, parser.ParseComments)
	if err != nil {
		t.Fatal(err)
	}
	base, dir := serveDemo(t, "sqlite"), t.TempDir()
	sent := 0
	for _, e := range doc.Examples(file) {
		if e.Play == nil {
			t.Errorf("Example%s is not a whole program", e.Name)
			continue
		}
		sent++
		writeProgram(t, dir, "example"+strings.ToLower(e.Name), e.Play, base)
	}
	if sent != len(expectedOutput) {
		t.Errorf("%d examples, %d are known here", sent, len(expectedOutput))
	}
	build := exec.Command("go", "build", "-mod=mod", "-o", dir+string(filepath.Separator), "./...")
	build.Dir = newModule(t, dir)
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	shop := connectDemo(t, base)
	for name, want := range expectedOutput {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			runUntil(t, shop, exec.Command(filepath.Join(dir, "example"+strings.ToLower(name))), regexp.MustCompile(want))
		})
	}
}

// serveDemo runs the server of serve --demo.
func serveDemo(t *testing.T, engine string) (base string) {
	t.Helper()
	ctx := t.Context()
	d := dbtest.Open(t, dbtest.Migrated(t, engine), nil)
	if err := demo.Fill(ctx, d, slog.New(slog.DiscardHandler)); err != nil {
		t.Fatal(err)
	}
	tokens, err := oauth.New(d, oauth.Options{})
	if err != nil {
		t.Fatal(err)
	}
	deliver, stop := context.WithCancel(context.WithoutCancel(ctx))
	ended := make(chan struct{})
	deliverer := webhook.NewDeliverer(d, webhook.Options{Guard: webhook.Guard{Allowed: webhook.Loopback()}})
	go func() { defer close(ended); deliverer.Run(deliver) }()
	t.Cleanup(func() { stop(); <-ended })
	handler := api.New(d, tokens, api.Options{})
	server := httptest.NewServer(handler)
	t.Cleanup(func() { handler.Stop(); server.Close() })
	return server.URL
}

func connectDemo(t *testing.T, base string) *client.Client {
	t.Helper()
	return connect(t, client.Config{BaseURL: base, Retailer: demo.ShopCode, ClientID: demo.ClientID, ClientSecret: demo.ClientSecret})
}

// writeProgram writes an example as a program, with the addresses of this test.
func writeProgram(t *testing.T, dir, name string, program *ast.File, base string) {
	t.Helper()
	var b bytes.Buffer
	if err := format.Node(&b, token.NewFileSet(), program); err != nil {
		t.Fatal(err)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	l.Close()
	source := strings.NewReplacer("http://127.0.0.1:8080", base, "127.0.0.1:3000", l.Addr().String()).Replace(b.String())
	if !strings.Contains(source, base) {
		t.Errorf("%s does not call the demo:\n%s", name, source)
	}
	if err := os.MkdirAll(filepath.Join(dir, "module", name), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "module", name, "main.go"), []byte(source), 0o600); err != nil {
		t.Fatal(err)
	}
}

// newModule creates a module that requires this one from its source tree.
func newModule(t *testing.T, dir string) string {
	t.Helper()
	root, err := filepath.Abs("..")
	if err != nil {
		t.Fatal(err)
	}
	mod, err := os.ReadFile("../go.mod")
	if err != nil {
		t.Fatal(err)
	}
	sum, err := os.ReadFile("../go.sum")
	if err != nil {
		t.Fatal(err)
	}
	const us = "github.com/taphoa/taphoa"
	text := strings.Replace(string(mod), "module "+us, "module example.vn/copied", 1)
	text += fmt.Sprintf("\nrequire %s v0.0.0\n\nreplace %s => %s\n", us, us, root)
	dir = filepath.Join(dir, "module")
	for name, body := range map[string]string{"go.mod": text, "go.sum": string(sum)} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(body), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// runUntil runs a program until its output matches want, and creates orders meanwhile.
func runUntil(t *testing.T, shop *client.Client, program *exec.Cmd, want *regexp.Regexp) {
	t.Helper()
	var stderr bytes.Buffer
	program.Stderr = &stderr
	out, err := program.StdoutPipe()
	if err == nil {
		err = program.Start()
	}
	if err != nil {
		t.Fatal(err)
	}
	patience := time.AfterFunc(20*time.Second, func() { program.Process.Kill() })
	orders, stop := context.WithCancel(t.Context())
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		for orders.Err() == nil {
			_, err := shop.CreateOrder(orders, &taphoa.OrderInput{
				BranchID:     taphoa.Some[int64](1),
				OrderDetails: []taphoa.DetailInput{{ProductCode: taphoa.Some("SP000001"), Quantity: taphoa.Some(taphoa.Units(1))}},
			})
			if err != nil && orders.Err() == nil {
				t.Error(err)
			}
			select {
			case <-orders.Done():
			case <-time.After(100 * time.Millisecond):
			}
		}
	}()
	var printed strings.Builder
	for lines := bufio.NewScanner(out); !want.MatchString(printed.String()) && lines.Scan(); {
		printed.WriteString(lines.Text() + "\n")
	}
	stop()
	<-ended
	patience.Stop()
	program.Process.Kill()
	program.Wait()
	if !want.MatchString(printed.String()) {
		t.Errorf("it printed\n%s%s\nwant %s", printed.String(), stderr.String(), want)
	}
}
