package isolate_test

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"io"
	"log"
	"net/http"
	"os"
	"os/exec"
	"os/signal"
	"strings"
	"syscall"
	"testing"

	"github.com/taphoa/taphoa/internal/isolate"
	"github.com/taphoa/taphoa/internal/trust"
)

// part is the variable that makes the test program something else: a program that runs its arguments in a sandbox (own, net), in
// namespaces without a server (bare), or a client.
const part = "TAPHOA_ISOLATE_TEST"

func TestMain(m *testing.M) {
	switch p := os.Getenv(part); p {
	case "":
		// Who runs tests in the background has signals ignored, which programs then cannot catch.
		for _, s := range []os.Signal{syscall.SIGHUP, syscall.SIGINT, syscall.SIGQUIT, syscall.SIGTERM} {
			if signal.Ignored(s) {
				signal.Notify(make(chan os.Signal, 1), s)
			}
		}
		os.Exit(m.Run())
	case "client":
		os.Exit(client())
	case "filtered":
		if err := filter(); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(2)
		}
		fallthrough
	default:
		exit, err := asProgram(p)
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
		}
		os.Exit(exit)
	}
}

// asProgram is what taphoa sandbox exec does, with a small handler.
func asProgram(mode string) (exit int, err error) {
	if !isolate.Inside() {
		return isolate.Enter(isolate.Options{Net: mode == "net"}, os.Stdin, os.Stdout, os.Stderr)
	}
	space, err := isolate.Prepare(trust.VendorHosts)
	if err != nil {
		return 1, err
	}
	environ := os.Environ()
	if mode == "bare" {
		_ = space.TLS.Close()
		_ = space.Plain.Close()
	} else {
		authority, err := trust.NewAuthority()
		if err != nil {
			return 1, err
		}
		m, err := trust.Bundle(space.Dir, authority.AuthorityPEM(), environ)
		if err != nil {
			return 1, err
		}
		for file, with := range m.Covers {
			if err := space.Cover(file, with); err != nil {
				return 1, err
			}
		}
		environ = m.Environ
		server := &http.Server{Handler: http.HandlerFunc(vendor), TLSConfig: authority.TLS(), ErrorLog: log.New(io.Discard, "", 0)}
		go func() { _ = server.ServeTLS(space.TLS, "", "") }()
		if space.Plain != nil {
			go func() { _ = server.Serve(space.Plain) }()
		}
	}
	return space.Command(os.Args[1:], environ)
}

// products is what the handler returns to a client that has asked for a token first.
const products = `{"total":1,"data":[{"name":"Cà phê"}]}`

func vendor(w http.ResponseWriter, r *http.Request) {
	_, _ = io.Copy(io.Discard, r.Body)
	switch r.Method + " " + r.Host + r.URL.Path {
	case "POST id.kiotviet.vn/connect/token":
		fmt.Fprint(w, `{"access_token":"t0k3n","expires_in":86400,"token_type":"Bearer"}`)
	case "GET public.kiotapi.com/products":
		if r.Header.Get("Authorization") != "Bearer t0k3n" {
			w.WriteHeader(http.StatusUnauthorized)
			return
		}
		fmt.Fprint(w, products)
	default:
		w.WriteHeader(http.StatusNotFound)
	}
}

// client is a client in Go with the vendor's hosts in its code.
func client() int {
	answer, err := http.Post("https://id.kiotviet.vn/connect/token", "application/x-www-form-urlencoded", strings.NewReader("grant_type=client_credentials"))
	if err == nil {
		text, _ := io.ReadAll(answer.Body)
		request, _ := http.NewRequest(http.MethodGet, "https://public.kiotapi.com/products", nil)
		_, token, _ := strings.Cut(string(text), `"access_token":"`)
		token, _, _ = strings.Cut(token, `"`)
		request.Header.Set("Authorization", "Bearer "+token)
		answer, err = http.DefaultClient.Do(request)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	_, _ = io.Copy(os.Stdout, answer.Body)
	return 0
}

// result is what a command has printed, and its exit status.
type result struct {
	exit        int
	out, errors string
}

func (r result) String() string {
	return fmt.Sprintf("exit status %d, output %q, errors %q", r.exit, r.out, r.errors)
}

// sandboxed returns a command that the test program runs in a sandbox.
func sandboxed(t *testing.T, mode string, argv ...string) *exec.Cmd {
	t.Helper()
	requireNamespaces(t)
	program, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), program, argv...)
	cmd.Env = append(os.Environ(), part+"="+mode)
	return cmd
}

func run(t *testing.T, cmd *exec.Cmd) (r result) {
	t.Helper()
	var out, errs bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &errs
	err := cmd.Run()
	if ended := (*exec.ExitError)(nil); err != nil && !errors.As(err, &ended) {
		t.Fatal(err)
	}
	return result{cmd.ProcessState.ExitCode(), out.String(), errs.String()}
}

// inside runs a command in a sandbox.
func inside(t *testing.T, mode string, argv ...string) result {
	t.Helper()
	return run(t, sandboxed(t, mode, argv...))
}

// skipOrFail skips a test for which something is missing that CI has.
func skipOrFail(t *testing.T, inCI bool, why string) {
	t.Helper()
	if inCI && cmp.Or(os.Getenv("CI"), "false") != "false" {
		t.Fatal(why)
	}
	t.Skip(why)
}
