package main

import (
	"bytes"
	"errors"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
)

// sandboxed runs a command in a sandbox of its own, as this program does.
func sandboxed(t *testing.T, flags []string, command ...string) (status int, out, faults string) {
	t.Helper()
	if runtime.GOOS != "linux" {
		t.Skip("namespaces are Linux's")
	}
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	args := append(append([]string{"sandbox", "exec"}, flags...), "--")
	c := exec.CommandContext(t.Context(), self, append(args, command...)...)
	c.Env = append(os.Environ(), asProgram+"=1", "LANG=en", "PYTHONDONTWRITEBYTECODE=1")
	var stdout, stderr bytes.Buffer
	c.Stdout, c.Stderr = &stdout, &stderr
	err = c.Run()
	ended := (*exec.ExitError)(nil)
	if err != nil && !errors.As(err, &ended) {
		t.Fatal(err)
	}
	return c.ProcessState.ExitCode(), stdout.String(), stderr.String()
}

// TestUnchangedProgramsBuy: programs with KiotViet's hosts and credentials of their own in their code sell two bottles each, and what
// is left in the shop says so.
func TestUnchangedProgramsBuy(t *testing.T) {
	t.Parallel()
	built := filepath.Join(t.TempDir(), "buy")
	source := built + ".go"
	text, err := os.ReadFile("testdata/buy/buy.go.txt")
	if err == nil {
		err = os.WriteFile(source, text, 0o600)
	}
	if err != nil {
		t.Fatal(err)
	}
	if out, err := exec.CommandContext(t.Context(), "go", "build", "-o", built, source).CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	for _, command := range [][]string{{"node", "testdata/buy/buy.mjs"}, {"python3", "testdata/buy/buy.py"}, {"php", "testdata/buy/buy.php"}, {built}} {
		t.Run(filepath.Base(command[0]), func(t *testing.T) {
			t.Parallel()
			if _, err := exec.LookPath(command[0]); err != nil && os.Getenv("CI") == "" {
				t.Skipf("%s is not installed", command[0])
			}
			status, out, faults := sandboxed(t, nil, command...)
			if code, sold, _ := strings.Cut(strings.TrimSpace(out), " "); status != 0 || !strings.HasPrefix(code, "HD") || sold != "2" {
				t.Errorf("it ended with %d, printed %q and %q", status, out, faults)
			}
		})
	}
}

// TestACommandIsToldOfItsShop: by variables, with the credentials that the operator gave it; its status is the program's.
func TestACommandIsToldOfItsShop(t *testing.T) {
	t.Parallel()
	status, out, faults := sandboxed(t, []string{"--empty", "--retailer", "CoBien", "--client-id", "app", "--client-secret", "hush"}, "sh", "-c",
		`echo $TAPHOA_SANDBOX_RETAILER $TAPHOA_SANDBOX_CLIENT_ID
		curl -s https://id.kiotviet.vn/connect/token -d grant_type=client_credentials -d scopes=PublicApi.Access -d client_id=app -d client_secret=wrong
		curl -s $TAPHOA_SANDBOX_URL/_sandbox/shops/$TAPHOA_SANDBOX_FORK
		exit 9`)
	if status != 9 || !strings.HasPrefix(out, "CoBien app\n") || !strings.Contains(out, "invalid_client") || !strings.Contains(out, `"retailer": "CoBien"`) {
		t.Errorf("it ended with %d, printed\n%s%s", status, out, faults)
	}
	if status, _, faults = sandboxed(t, nil, "no-such-command"); status != 127 || !strings.Contains(faults, "no-such-command") {
		t.Errorf("a command that is not there: %d %s", status, faults)
	}
}

// TestTheQuickStartOfTheSandbox runs its lines, of both languages, as they are in the document; only the port is another one.
func TestTheQuickStartOfTheSandbox(t *testing.T) {
	t.Parallel()
	if runtime.GOOS != "linux" {
		t.Skip("namespaces are Linux's")
	}
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "taphoa"), []byte("#!/bin/sh\nexec "+self+" \"$@\"\n"), 0o755); err != nil { //nolint:gosec // it is run
		t.Fatal(err)
	}
	lines := map[string]bool{}
	for _, name := range []string{"../../docs/sandbox.md", "../../docs/sandbox.vi.md"} {
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		_, block, _ := strings.Cut(string(text), "```sh\n")
		block, _, _ = strings.Cut(block, "```")
		lines[block] = true
	}
	if len(lines) != 1 {
		t.Fatal("the quick starts of the two languages differ")
	}
	for block := range lines {
		if n := strings.Count(block, "\n"); n > 10 {
			t.Errorf("the quick start has %d lines", n)
		}
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		at := l.Addr().String()
		if err := l.Close(); err != nil {
			t.Fatal(err)
		}
		script := strings.ReplaceAll(block, "127.0.0.1:8899", at)
		c := exec.CommandContext(t.Context(), "bash", "-e", "-c", "trap 'kill $!; wait' EXIT\n"+script)
		c.Env = append(os.Environ(), asProgram+"=1", "LANG=en", "PATH="+dir+":"+os.Getenv("PATH"), "TAPHOA_SANDBOX_URL=http://"+at)
		out, err := c.CombinedOutput()
		if err != nil {
			t.Errorf("the quick start: %v", err)
		}
		for _, want := range []string{`"access_token":`, `"retailer": "mine"`, `"total":`, `"frozen": true`, `"fault": "cut"`, "Đã xóa bản sao mine"} {
			if !strings.Contains(string(out), want) {
				t.Errorf("the quick start does not print %s:\n%s", want, out)
			}
		}
	}
}
