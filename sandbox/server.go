package sandbox

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"strings"
	"sync"
	"time"

	"github.com/go-json-experiment/json"

	"github.com/taphoa/taphoa/client"
	"github.com/taphoa/taphoa/internal/api"
	"github.com/taphoa/taphoa/internal/db"
	"github.com/taphoa/taphoa/internal/testbench"
)

// The variables that name a running sandbox, and its token where other machines reach it.
const (
	urlVariable   = "TAPHOA_SANDBOX_URL"
	tokenVariable = "TAPHOA_SANDBOX_TOKEN"
)

// patience is how long a sandbox may take to answer.
const patience = 30 * time.Second

// server is a sandbox that shops are forks of.
type server struct {
	url  string
	http *http.Transport

	// Of one in this process:
	bench     *testbench.Sandbox
	dir       string
	listening *http.Server
	templates map[string]bool // that were added
}

// local is the sandbox of this process, while one of its shops is used.
var local struct {
	sync.Mutex
	*server
	users  int
	images map[string]*testbench.Image // of templates that were filled: a later sandbox has them at once
}

var fills = map[string]func(context.Context, *db.DB) error{Default: testbench.Demo, Empty: testbench.Empty}

// acquire returns the sandbox that is named, or that of this process, which has the template then.
func acquire(ctx context.Context, template string) (*server, error) {
	if url := os.Getenv(urlVariable); url != "" {
		return &server{url: strings.TrimRight(url, "/"), http: newTransport()}, nil
	}
	if template == "" {
		template = Default
	}
	local.Lock()
	defer local.Unlock()
	if local.server == nil {
		s, err := listen()
		if err != nil {
			return nil, err
		}
		local.server = s
	}
	local.users++
	if err := local.add(ctx, template); err != nil {
		return nil, errors.Join(err, leaveLocal())
	}
	return local.server, nil
}

func newTransport() *http.Transport { return http.DefaultTransport.(*http.Transport).Clone() }

// listen begins a sandbox in this process.
func listen() (*server, error) {
	dir, err := testbench.NewDir()
	if err != nil {
		return nil, err
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, errors.Join(err, os.RemoveAll(dir))
	}
	log := slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: slog.LevelError})) // what is wrong with the sandbox itself
	s := &server{
		url: "http://" + l.Addr().String(), http: newTransport(), dir: dir, bench: testbench.New(testbench.Options{Dir: dir, Log: log}),
		templates: map[string]bool{},
	}
	s.listening = api.HTTPServer(s.bench, log)
	go func() { _ = s.listening.Serve(l) }() // until it is closed
	return s, nil
}

// add has the sandbox of this process know a template. local is locked.
func (s *server) add(ctx context.Context, template string) (err error) {
	fill := fills[template]
	if s.templates[template] || fill == nil { // an unknown one is refused with the fork
		return nil
	}
	if image := local.images[template]; image != nil {
		err = s.bench.AddImage(image)
	} else if err = s.bench.AddTemplate(ctx, template, fill); err == nil {
		image, err = s.bench.Image(template)
		if local.images == nil {
			local.images = map[string]*testbench.Image{}
		}
		local.images[template] = image
	}
	s.templates[template] = err == nil
	return err
}

// release ends the use of a sandbox.
func (s *server) release() error {
	s.http.CloseIdleConnections()
	if s.bench == nil {
		return nil
	}
	local.Lock()
	defer local.Unlock()
	return leaveLocal()
}

// leaveLocal ends the sandbox of this process with its last user. local is locked.
func leaveLocal() error {
	if local.users--; local.users > 0 {
		return nil
	}
	s := local.server
	local.server = nil
	return errors.Join(s.listening.Close(), s.bench.Close(), os.RemoveAll(s.dir))
}

// tokenURL is where tokens are: at KiotViet's host if that leads to the sandbox.
func (s *server) tokenURL() string {
	if s.url == client.VendorBaseURL {
		return client.VendorTokenURL
	}
	return s.url + "/connect/token"
}

// call sends a request below /_sandbox and returns its answer.
func (s *server) call(method, path string, body any) ([]byte, error) {
	ctx, cancel := context.WithTimeout(context.Background(), patience) // also when the test has ended
	defer cancel()
	var content []byte
	if body != nil {
		var err error
		if content, err = json.Marshal(body); err != nil {
			return nil, err
		}
	}
	r, err := http.NewRequestWithContext(ctx, method, s.url+"/_sandbox/"+path, bytes.NewReader(content))
	if err != nil {
		return nil, err
	}
	if content != nil {
		r.Header.Set("Content-Type", "application/json")
	}
	if token := os.Getenv(tokenVariable); token != "" {
		r.Header.Set("Authorization", "Bearer "+token)
	}
	response, err := (&http.Client{Transport: s.http}).Do(r)
	if err != nil {
		return nil, fmt.Errorf("no sandbox answers (%s): %w", urlVariable, err)
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if err == nil && response.StatusCode != http.StatusOK {
		err = refused(response.StatusCode, text)
	}
	return text, err
}

// refused is the error of an answer that is not 200.
func refused(status int, text []byte) error {
	var refusal struct {
		Message        string
		ResponseStatus struct {
			Errors []struct{ Message string }
		}
	}
	if json.Unmarshal(text, &refusal, json.MatchCaseInsensitiveNames(true)) != nil || refusal.Message == "" {
		return fmt.Errorf("%d %.300s", status, text)
	}
	lines := []string{refusal.Message}
	if all := refusal.ResponseStatus.Errors; len(all) > 1 {
		for _, e := range all {
			lines = append(lines, e.Message)
		}
	}
	return errors.New(strings.Join(lines, "\n\t"))
}
