package testbench_test

import (
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/taphoa/taphoa/internal/dbtest"
	"github.com/taphoa/taphoa/internal/testbench"
)

// TestTheEmptyShopIsMadeWhenItIsAskedFor: every sandbox has it, and a later sandbox of the process gets what the first has filled.
func TestTheEmptyShopIsMadeWhenItIsAskedFor(t *testing.T) {
	fresh := func() *bench {
		s := testbench.New(testbench.Options{Dir: t.TempDir(), Log: new(dbtest.Log).Logger()})
		server := httptest.NewServer(s)
		t.Cleanup(func() {
			server.Close()
			if err := s.Close(); err != nil {
				t.Error(err)
			}
		})
		return &bench{t, s, server.URL}
	}
	empty := func(b *bench) {
		t.Helper()
		var products, branches page
		f := b.fork(`{"template":"empty"}`)
		f.call(&products, "GET", "/products", "")
		f.call(&branches, "GET", "/branches", "")
		if products.Total != 0 || branches.Total != 1 {
			t.Errorf("the empty shop has %d products and %d branches", products.Total, branches.Total)
		}
	}
	first, second := fresh(), fresh()
	empty(first)
	empty(first)
	image, err := first.Image(testbench.EmptyTemplate)
	if err == nil {
		err = second.AddImage(image)
	}
	if err != nil {
		t.Fatal(err)
	}
	empty(second)
	if _, err := first.Image("none"); err == nil {
		t.Error("there is an image of no template")
	}
	if status, _, _ := second.do("POST", "/_sandbox/shops", `{"template":"none"}`); status == http.StatusOK {
		t.Error("a fork has no template")
	}
}
