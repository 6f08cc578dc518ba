package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/url"
	"os"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/taphoa/taphoa/internal/browsertest"
	"github.com/taphoa/taphoa/internal/db"
	"github.com/taphoa/taphoa/internal/dbtest"
	"github.com/taphoa/taphoa/internal/oauth"
	"github.com/taphoa/taphoa/internal/schema"
)

// asProgram makes the test program the program itself, for tests that kill it.
const asProgram = "TAPHOA_TEST_AS_PROGRAM"

func TestMain(m *testing.M) {
	if os.Getenv(asProgram) != "" {
		main()
	}
	programName = "taphoa"
	// backup and restore run programs that some distributions keep out of the path.
	if err := os.Setenv("PATH", os.Getenv("PATH")+string(os.PathListSeparator)+dbtest.Programs()); err != nil {
		panic(err)
	}
	dbtest.Main(m, browsertest.Stop)
}

// terminal runs commands on one database.
type terminal struct {
	*testing.T
	database  string
	variables map[string]string
}

// eachEngine runs a test on both engines, with the address of a database that has no shop, but the key that signs tokens: to
// make one takes longer than many a test.
func eachEngine(t *testing.T, test func(terminal)) {
	t.Helper()
	eachDatabase(t, keyed, test)
}

func keyed(tb testing.TB, engine string) string {
	tb.Helper()
	return dbtest.Filled(tb, engine, "key, "+schema.Fingerprint(), func(url string) error {
		d, err := db.Open(context.Background(), url, db.Options{})
		if err != nil {
			return err
		}
		_, err = schema.Migrate(context.Background(), d)
		if err == nil {
			_, err = oauth.New(d, oauth.Options{})
		}
		return errors.Join(err, d.Close())
	})
}

// eachEmpty is eachEngine with a database that has nothing at all: the program makes the tables.
func eachEmpty(t *testing.T, test func(terminal)) {
	t.Helper()
	eachDatabase(t, dbtest.URL, test)
}

func eachDatabase(t *testing.T, address func(testing.TB, string) string, test func(terminal)) {
	t.Helper()
	t.Parallel()
	for _, engine := range dbtest.Engines {
		t.Run(engine, func(t *testing.T) {
			t.Parallel()
			test(terminal{T: t, database: address(t, engine)})
		})
	}
}

func (t terminal) getenv(name string) string {
	switch {
	case name == "GOGC" || name == "GOMEMLIMIT":
		return "as it is" // for this whole process
	case name == "TAPHOA_DATABASE" && t.variables[name] == "":
		return t.database
	}
	return t.variables[name]
}

// try runs a command.
func (t terminal) try(args ...string) (status int, out, faults string) {
	t.Helper()
	var stdout, stderr bytes.Buffer
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second) // for a server that should not have started
	defer cancel()
	status = run(ctx, args, &stdout, &stderr, t.getenv)
	return status, stdout.String(), stderr.String()
}

// do runs a command that succeeds and returns its output.
func (t terminal) do(args ...string) string {
	t.Helper()
	status, out, faults := t.try(args...)
	if status != 0 || faults != "" {
		t.Fatalf("taphoa %s: status %d, %s", strings.Join(args, " "), status, faults)
	}
	return out
}

// refused runs a command that fails, in one line that holds the words.
func (t terminal) refused(words string, args ...string) {
	t.Helper()
	status, out, faults := t.try(args...)
	if status != 1 || out != "" || strings.Count(faults, "\n") != 1 || !strings.HasPrefix(faults, "taphoa: ") ||
		!strings.Contains(faults, words) {
		t.Errorf("taphoa %s: status %d, printed %q, refused with %q, want status 1 and one line with %q",
			strings.Join(args, " "), status, out, faults, words)
	}
}

// client registers a client and returns the printed id and secret.
func (t terminal) client(args ...string) (id, secret string) {
	t.Helper()
	for line := range strings.Lines(t.do(append([]string{"client"}, args...)...)) {
		line = strings.TrimSpace(line)
		if text, ok := strings.CutPrefix(line, "client_id="); ok {
			id = text
		} else if text, ok := strings.CutPrefix(line, "client_secret="); ok {
			secret = text
		}
	}
	return id, secret
}

// server is a running taphoa serve.
type server struct {
	terminal
	base   string
	stop   context.CancelFunc // what SIGTERM does
	status chan int
	mu     sync.Mutex
	out    strings.Builder // what it has printed
	logged bytes.Buffer
}

func (s *server) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.logged.Write(p)
}

// text returns what the server has printed and logged so far.
func (s *server) text() (printed, logged string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.out.String(), s.logged.String()
}

// serve starts the server on a free port and waits until it says that it listens.
func (t terminal) serve(args ...string) *server {
	t.Helper()
	return t.launch(append([]string{"serve", "--addr=127.0.0.1:0"}, args...)...)
}

// launch starts a command that serves.
func (t terminal) launch(args ...string) *server {
	t.Helper()
	ctx, cancel := context.WithCancel(context.WithoutCancel(t.Context()))
	s := &server{terminal: t, stop: cancel, status: make(chan int, 1)}
	read, write := io.Pipe()
	go func() {
		s.status <- run(ctx, args, write, s, t.getenv)
		write.Close()
	}()
	listening := make(chan string, 1)
	go func() {
		defer close(listening)
		for lines := bufio.NewScanner(read); lines.Scan(); {
			s.mu.Lock()
			s.out.WriteString(lines.Text() + "\n")
			s.mu.Unlock()
			for _, begin := range []string{"taphoa is listening on ", "taphoa đang chạy tại ", "the sandbox is listening on "} {
				if base, ok := strings.CutPrefix(lines.Text(), begin); ok {
					base, _, _ = strings.Cut(base, ",")
					listening <- base
				}
			}
		}
	}()
	t.Cleanup(s.stop)
	if s.base = <-listening; s.base == "" {
		_, logged := s.text()
		t.Fatalf("the server ended with status %d: %s", <-s.status, logged)
	}
	return s
}

// says waits until the server has printed something that a pattern finds.
func (s *server) says(pattern string) {
	s.Helper()
	re := regexp.MustCompile(pattern)
	for range 200 {
		if printed, _ := s.text(); re.MatchString(printed) {
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
	printed, logged := s.text()
	s.Errorf("the server does not say %q:\n%s%s", pattern, printed, logged)
}

// ends waits until the server has ended, after stop.
func (s *server) ends() {
	s.Helper()
	select {
	case status := <-s.status:
		if status != 0 {
			_, logged := s.text()
			s.Errorf("the server ended with status %d: %s", status, logged)
		}
	case <-time.After(20 * time.Second):
		s.Fatal("the server does not end")
	}
}

// token exchanges a client's id and secret; it is "" when they are refused.
func (s *server) token(id, secret string) string {
	s.Helper()
	return s.tokenFor("PublicApi.Access", id, secret)
}

// tokenFor is token for another scope.
func (s *server) tokenFor(scope, id, secret string) string {
	s.Helper()
	answer, err := http.PostForm(s.base+"/connect/token", url.Values{
		"grant_type": {"client_credentials"}, "scopes": {scope}, "client_id": {id}, "client_secret": {secret},
	})
	if err != nil {
		s.Fatal(err)
	}
	defer answer.Body.Close()
	var body struct {
		Token string `json:"access_token"`
	}
	if err := json.NewDecoder(answer.Body).Decode(&body); err != nil {
		s.Fatal(err)
	}
	return body.Token
}

// caller is a program that uses the API.
type caller struct {
	*testing.T
	base, shop, token string
}

// call sends a request, decodes the response into a struct and returns the status.
func (c caller) call(method, path, body string, into any) int {
	c.Helper()
	r, err := http.NewRequestWithContext(c.Context(), method, c.base+path, strings.NewReader(body))
	if err != nil {
		c.Fatal(err)
	}
	r.Header.Set("Authorization", "Bearer "+c.token)
	r.Header.Set("Retailer", c.shop)
	if body != "" {
		r.Header.Set("Content-Type", "application/json")
	}
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		c.Fatal(err)
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	if err != nil {
		c.Fatal(err)
	}
	if err := json.Unmarshal(text, into); err != nil {
		c.Fatalf("%s %s answers %s: %v", method, path, text, err)
	}
	if answer.StatusCode != http.StatusOK {
		c.Logf("%s %s: %s %s", method, path, answer.Status, text)
	}
	return answer.StatusCode
}

// must is call for a request that must return 200.
func (c caller) must(method, path, body string, into any) {
	c.Helper()
	if status := c.call(method, path, body, into); status != http.StatusOK {
		c.Fatalf("%s %s: status %d", method, path, status)
	}
}
