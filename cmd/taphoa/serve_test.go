package main

import (
	"bufio"
	"fmt"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/taphoa/taphoa/internal/dbtest"
	"github.com/taphoa/taphoa/internal/demo"
)

// slowest is generous: on a quiet machine an existing database is served after some 25 ms, and 300 ms are the aim.
const slowest = 2 * time.Second

func TestAnExistingShopIsServedSoonAfterTheStart(t *testing.T) {
	x := terminal{T: t, database: "sqlite:" + filepath.Join(t.TempDir(), "taphoa.db")}
	x.do("shop", "create", "abc", "ABC")
	s := x.serve() // makes the signing key
	s.stop()
	s.ends()

	start := time.Now()
	s = x.serve()
	answer, err := http.Get(s.base + "/readyz")
	took := time.Since(start)
	if err != nil {
		t.Fatal(err)
	}
	answer.Body.Close()
	t.Logf("ready after %v", took)
	if answer.StatusCode != http.StatusOK || took > slowest {
		t.Errorf("%s after %v", answer.Status, took)
	}
}

func TestARunningRequestEndsBeforeTheServerDoes(t *testing.T) {
	eachEngine(t, func(t terminal) {
		t.do("shop", "create", "abc", "ABC")
		id, secret := t.client("create", "--name", "Web")
		s := t.serve()
		form := "grant_type=client_credentials&client_id=" + id + "&client_secret=" + secret

		conn, err := net.Dial("tcp", strings.TrimPrefix(s.base, "http://"))
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close()
		fmt.Fprintf(conn, "POST /connect/token HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: %d\r\n\r\n", len(form))
		in := bufio.NewReader(conn)
		if line, err := in.ReadString('\n'); err != nil || !strings.Contains(line, "100 Continue") {
			t.Fatal("the request does not run:", line, err)
		}
		_, _ = in.ReadString('\n')

		s.stop()
		for tries := 0; ; tries++ { // until nobody new is let in
			other, err := net.Dial("tcp", conn.RemoteAddr().String())
			if err != nil {
				break
			}
			other.Close()
			if tries == 200 {
				t.Fatal("the server still lets others in")
			}
			time.Sleep(10 * time.Millisecond)
		}
		fmt.Fprint(conn, form)
		answer, err := http.ReadResponse(in, nil)
		if err != nil {
			t.Fatal(err)
		}
		answer.Body.Close()
		if answer.StatusCode != http.StatusOK {
			t.Errorf("the running request ended with %s", answer.Status)
		}
		s.ends()
	})
}

func TestTwoServersCannotHaveOneAddress(t *testing.T) {
	x := terminal{T: t, database: "sqlite:" + filepath.Join(t.TempDir(), "taphoa.db")}
	s := x.serve("--create")
	x.refused("address already in use", "serve", "--addr", strings.TrimPrefix(s.base, "http://"))
}

func TestTheDemoStartsTwiceInARowAndLeavesNothing(t *testing.T) {
	dir := t.TempDir()
	t.Setenv("TMPDIR", dir)
	var before string
	for range 2 {
		x := terminal{T: t}
		s := x.serve("--demo")
		c := caller{t, s.base, demo.ShopCode, s.token(demo.ClientID, demo.ClientSecret)}
		var page struct{ Total int }
		c.must(http.MethodGet, "/branches", "", &page)
		if page.Total == 0 {
			t.Error("the demo shop has no branches")
		}
		s.stop()
		s.ends()
		printed, _ := s.text()
		if !strings.Contains(printed, "curl -s "+s.base+"/connect/token") || !strings.Contains(printed, demo.ClientSecret) {
			t.Errorf("the demo does not say how to call it:\n%s", printed)
		}
		if c.token == before {
			t.Error("the second demo has the key of the first")
		}
		before = c.token
	}
	if left, err := os.ReadDir(dir); err != nil || len(left) > 0 {
		t.Errorf("the demo leaves %v (%v)", left, err)
	}
}

func TestTheDemoFillsAnEmptyDatabaseOnly(t *testing.T) {
	eachEngine(t, func(t terminal) {
		t.do("shop", "create", "abc", "ABC")
		t.refused("fills an empty database only", "serve", "--demo", "--addr=127.0.0.1:0", "--database", t.database)
		if out := t.do("shop", "list"); strings.Contains(out, demo.ShopCode) {
			t.Errorf("the demo came into a shop's database:\n%s", out)
		}
	})
}

func TestADemoIsNotServedToOtherMachines(t *testing.T) {
	file := "sqlite:" + filepath.Join(t.TempDir(), "demo.db")
	x := terminal{T: t, database: file}
	for range 2 { // the second time it is filled already
		s := x.serve("--demo", "--database", file)
		s.stop()
		s.ends()
	}
	x.refused("known to everybody", "serve", "--addr=0.0.0.0:0")
	x.do("client", "revoke", demo.ClientID)
	if err := refuseDemoClient(t.Context(), dbtest.Open(t, file, nil)); err != nil {
		t.Errorf("refused although the client has ended: %v", err)
	}
}
