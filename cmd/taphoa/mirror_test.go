package main

import (
	"bufio"
	"bytes"
	"context"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/taphoa/taphoa/internal/demo"
)

// TestALiveShopIsCopiedAndServed: the commands of an operator who copies a shop, compares both, and serves the copy.
func TestALiveShopIsCopiedAndServed(t *testing.T) {
	t.Setenv("TMPDIR", t.TempDir())
	live := terminal{T: t}.launch("sandbox", "--addr=127.0.0.1:0", "--vendor-limits")
	dir := t.TempDir()
	secret := filepath.Join(dir, "secret")
	if err := os.WriteFile(secret, []byte(demo.ClientSecret+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	x := terminal{T: t, database: "sqlite:" + filepath.Join(dir, "copy.db")}
	from := []string{"--retailer", demo.ShopCode, "--client-id", demo.ClientID, "--client-secret-file", secret, "--api", live.base}
	x.refused("--retailer, --client-id and the secret", "mirror", "pull", "--retailer", "x")
	if out := x.do(append([]string{"mirror", "pull"}, from...)...); !strings.Contains(out, "up to date") {
		t.Errorf("it printed\n%s", out)
	}
	if out := x.do(append([]string{"mirror", "verify"}, from...)...); !strings.Contains(out, "equal: ") {
		t.Errorf("it printed\n%s", out)
	}
	x.refused("has persons' data", append([]string{"mirror", "pull", "--mask"}, from...)...)
	x.do("check")
	caller{t, live.base, demo.ShopCode, live.token(demo.ClientID, demo.ClientSecret)}.must(http.MethodPost, "/customers", `{"name":"Chị Mới"}`, new(struct{ ID int64 }))
	status, out, faults := x.try(append([]string{"mirror", "verify"}, from...)...)
	if status != 1 || !strings.Contains(out, "only the live shop has it") || !strings.Contains(faults, "1 differences in") {
		t.Errorf("status %d, it printed\n%s%s", status, out, faults)
	}
	x.do(append([]string{"mirror", "pull"}, from...)...)
	x.do(append([]string{"mirror", "verify"}, from...)...)
	live.stop()
	live.ends()
}

// TestAHookBringsAChangeAtOnce: the next pull is an hour away, and the live shop has no webhook when the command has ended.
func TestAHookBringsAChangeAtOnce(t *testing.T) {
	t.Parallel()
	live := terminal{T: t}.launch("sandbox", "--addr=127.0.0.1:0", "--empty")
	free, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	hooks := free.Addr().String()
	if err := free.Close(); err != nil {
		t.Fatal(err)
	}
	x := terminal{T: t, database: "sqlite:" + filepath.Join(t.TempDir(), "copy.db"), variables: map[string]string{"TAPHOA_MIRROR_CLIENT_SECRET": demo.ClientSecret}}
	pull := []string{"mirror", "pull", "--retailer", demo.ShopCode, "--client-id", demo.ClientID, "--api", live.base, "--hook-address", "http://" + hooks, "--hook-listen", hooks}
	x.refused("--hook-address needs --every", pull...)

	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	read, write := io.Pipe()
	ended := make(chan int, 1)
	var faults bytes.Buffer
	go func() {
		ended <- run(ctx, append(pull, "--every", "1h"), write, &faults, x.getenv)
		write.Close()
	}()
	c := caller{t, live.base, demo.ShopCode, live.token(demo.ClientID, demo.ClientSecret)}
	pulls := 0
	for lines := bufio.NewScanner(read); lines.Scan(); {
		if !strings.HasPrefix(lines.Text(), "customers: ") {
			continue
		}
		if pulls++; pulls == 1 {
			c.must(http.MethodPost, "/customers", `{"name":"Chị Mới"}`, new(struct{ ID int64 }))
		} else if lines.Text() == "customers: 1 of 1" {
			cancel()
		}
	}
	if status := <-ended; status != 0 || pulls != 2 {
		t.Errorf("it ended with %d after %d pulls\n%s", status, pulls, faults.String())
	}
	var page struct{ Total int }
	if c.must(http.MethodGet, "/webhooks", "", &page); page.Total != 0 {
		t.Errorf("%d webhooks are left behind", page.Total)
	}
	cancel()
	live.stop()
	live.ends()
}

func TestTheRecipeOfAMirror(t *testing.T) {
	t.Setenv("TMPDIR", t.TempDir())
	live := terminal{T: t}.launch("sandbox", "--addr=127.0.0.1:0", "--empty")
	out := newMachine(t).do(recipe(t, "mirror", "THE SECRET", demo.ClientSecret, "--retailer cobien", "--retailer "+demo.ShopCode+" --api "+live.base,
		"--client-id ID", "--client-id "+demo.ClientID))
	if !strings.Contains(out, "equal: ") {
		t.Errorf("the recipe says\n%s", out)
	}
	live.stop()
	live.ends()
}

// TestTheQuickStartOfAMirror runs the lines of the document; the copy is served by other tests.
func TestTheQuickStartOfAMirror(t *testing.T) {
	t.Setenv("TMPDIR", t.TempDir())
	live := terminal{T: t}.launch("sandbox", "--addr=127.0.0.1:0", "--vendor-limits")
	lines := codeBlock(t, "docs/mirror.md", "sh", "umask 077")
	for _, pair := range [][2]string{
		{"THE SECRET", demo.ClientSecret},
		{"RETAILER=cobien", "RETAILER=" + demo.ShopCode},
		{"CLIENT_ID=ID", "CLIENT_ID=" + demo.ClientID},
		{"taphoa mirror pull", "taphoa mirror pull --api " + live.base},
		{"taphoa mirror verify", "taphoa mirror verify --api " + live.base},
		{"taphoa serve ", "taphoa check "},
	} {
		if !strings.Contains(lines, pair[0]) {
			t.Fatalf("the quick start has no %q", pair[0])
		}
		lines = strings.ReplaceAll(lines, pair[0], pair[1])
	}
	if out := newMachine(t).do(lines); !strings.Contains(out, "equal: ") || !strings.Contains(out, "client_secret=") {
		t.Errorf("the quick start says\n%s", out)
	}
	live.stop()
	live.ends()
}
