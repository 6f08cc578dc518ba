package main

import (
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestHealthTellsWhetherTheServerIsReady(t *testing.T) {
	x := terminal{T: t, database: "sqlite:" + filepath.Join(t.TempDir(), "taphoa.db"), variables: map[string]string{}}
	x.do("shop", "create", "abc", "ABC")
	s := x.serve()
	address := strings.TrimPrefix(s.base, "http://")
	_, port, err := net.SplitHostPort(address)
	if err != nil {
		t.Fatal(err)
	}
	for _, addr := range []string{address, ":" + port, "0.0.0.0:" + port, "[::]:" + port} {
		x.variables["TAPHOA_ADDR"] = addr // as the server in the same container has it
		if out := x.do("health"); out != "ready\n" {
			t.Errorf("on %s it prints %q", addr, out)
		}
	}
	s.stop()
	s.ends()
	x.refused("no server answers on "+address, "health", "--addr", address)

	full := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/readyz" {
			http.Error(w, "not ready", http.StatusServiceUnavailable)
		}
	}))
	defer full.Close()
	x.refused("is not ready", "health", "--addr", strings.TrimPrefix(full.URL, "http://"))
	x.refused("missing port", "health", "--addr", "127.0.0.1")
}

func TestASecretMayComeInAFile(t *testing.T) {
	dir := t.TempDir()
	secret := filepath.Join(dir, "database_url")
	if err := os.WriteFile(secret, []byte("sqlite:"+filepath.Join(dir, "taphoa.db")+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	x := terminal{T: t, variables: map[string]string{"TAPHOA_DATABASE_FILE": secret}}
	x.do("shop", "create", "abc", "ABC")
	if _, err := os.Stat(filepath.Join(dir, "taphoa.db")); err != nil {
		t.Error(err)
	}
	x.variables["TAPHOA_DATABASE_FILE"] += ".missing"
	x.refused("TAPHOA_DATABASE_FILE", "shop", "list")
	x.variables["TAPHOA_DATABASE"] = "sqlite:" + filepath.Join(dir, "taphoa.db") // wins
	x.do("shop", "list")
}
