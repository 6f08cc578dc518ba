package main

import (
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/taphoa/taphoa/internal/demo"
	"github.com/taphoa/taphoa/internal/testbench"
)

// TestTheSandboxStartsWithAShopAndLeavesNothing: what it prints works, and neither it nor one that was killed leaves files.
func TestTheSandboxStartsWithAShopAndLeavesNothing(t *testing.T) {
	dir := t.TempDir()
	t.Setenv("TMPDIR", dir)
	if err := os.MkdirAll(filepath.Join(dir, testbench.DirPrefix+"4194305-1", "forks"), 0o700); err != nil { // more than Linux gives a process
		t.Fatal(err)
	}
	x := terminal{T: t}
	s := x.launch("sandbox", "--addr=127.0.0.1:0")
	if _, err := os.Stat(filepath.Join(dir, testbench.DirPrefix+"4194305-1")); !os.IsNotExist(err) {
		t.Errorf("what a killed sandbox has left is there: %v", err)
	}
	c := caller{t, s.base, demo.ShopCode, s.token(demo.ClientID, demo.ClientSecret)}
	var page struct{ Total int }
	if c.must(http.MethodGet, "/products", "", &page); page.Total == 0 {
		t.Error("the shop has no products")
	}
	var fork struct{ Name, ClientID, ClientSecret string }
	c.must(http.MethodPost, "/_sandbox/shops", `{"retailer":"CoBien","clientId":"id-in-the-code","clientSecret":"s3cret"}`, &fork)
	other := caller{t, s.base, "cobien", s.token("id-in-the-code", "s3cret")}
	other.must(http.MethodGet, "/products", "", &page)
	s.says(`Client secret +` + demo.ClientSecret)
	s.stop()
	s.ends()
	if left, err := os.ReadDir(dir); err != nil || len(left) > 0 {
		t.Errorf("the sandbox leaves %v (%v)", left, err)
	}
}

// TestASandboxForAProgramWithItsOwnCredentials: the first fork has what the program has in its code.
func TestASandboxForAProgramWithItsOwnCredentials(t *testing.T) {
	t.Setenv("TMPDIR", t.TempDir())
	x := terminal{T: t}
	x.refused("--client-id and --client-secret belong together", "sandbox", "--client-id", "app")
	x.refused("--max-forks", "sandbox", "--max-forks", "0")
	s := x.launch("sandbox", "--addr=127.0.0.1:0", "--empty", "--retailer", "MyShop", "--client-id", "app", "--client-secret", "hush")
	c := caller{t, s.base, "MyShop", s.token("app", "hush")}
	var page struct{ Total int }
	if c.must(http.MethodGet, "/products", "", &page); page.Total != 0 {
		t.Errorf("the empty shop has %d products", page.Total)
	}
	if printed, _ := s.text(); !strings.Contains(printed, "MyShop") {
		t.Errorf("it printed\n%s", printed)
	}
	s.stop()
	s.ends()
}
