package main

import (
	"net"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"
)

func TestHealthReportsWhetherTheServerIsReady(t *testing.T) {
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
