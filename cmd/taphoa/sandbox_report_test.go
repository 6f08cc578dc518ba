package main

import (
	"context"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/taphoa/taphoa/internal/testbench"
)

// benchOf serves a sandbox with an empty shop, and asks it for what a client that misspells asks for.
func benchOf(t *testing.T, o testbench.Options) string {
	t.Helper()
	o.Dir = t.TempDir()
	s := testbench.New(o)
	server := httptest.NewServer(s)
	t.Cleanup(func() {
		server.Close()
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	if err := s.AddTemplate(t.Context(), testbench.DefaultTemplate, testbench.Empty); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Create(t.Context(), testbench.ForkInput{Name: "kho"}); err != nil {
		t.Fatal(err)
	}
	return server.URL
}

func ask(t *testing.T, url string) {
	t.Helper()
	r, err := http.NewRequestWithContext(context.Background(), http.MethodGet, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set(testbench.Header, "kho")
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	answer.Body.Close()
}

// TestASandboxIsAskedByCommands: for its report in each format and language, and for its log.
func TestASandboxIsAskedByCommands(t *testing.T) {
	t.Parallel()
	base := benchOf(t, testbench.Options{})
	ask(t, base+"/orders?PageSize=200&lastModifyFrom=2020-01-01")
	v := terminal{T: t, database: "sqlite:none.db", variables: map[string]string{"TAPHOA_SANDBOX_URL": base}}
	if out := v.do("sandbox", "report"); !strings.Contains(out, "taphoa sandbox · fork kho") || !strings.Contains(out, "lastModifyFrom → lastModifiedFrom") {
		t.Errorf("the report is\n%s", out)
	}
	if out := v.do("sandbox", "report", "--lang", "vi", "--fork", "kho"); !strings.Contains(out, "Trang lớn hơn 100 bản ghi") {
		t.Errorf("in Vietnamese the report is\n%s", out)
	}
	file := filepath.Join(t.TempDir(), "report.xml")
	v.do("sandbox", "report", "--format", "junit", "--output", file)
	if text, err := os.ReadFile(file); err != nil || !strings.Contains(string(text), "<testsuite") {
		t.Errorf("%v %s", err, text)
	}
	if out := v.do("logs", "--fork", "kho"); !strings.Contains(out, " 401 GET    listOrders") ||
		!strings.HasSuffix(out, "/orders?PageSize=200&lastModifyFrom=2020-01-01  ~ PageSize → pageSize  ✗ lastModifyFrom → lastModifiedFrom\n") {
		t.Errorf("the log is %q", out)
	}
	v.refused("Không có bản sao none", "logs", "--fork", "none")
	v.refused("no sandbox answers at http://127.0.0.1:1", "logs", "--url", "http://127.0.0.1:1")
	v.refused("must be one of", "sandbox", "report", "--format", "pdf")
}

// TestAPublicSandboxWantsItsToken: of commands, too.
func TestAPublicSandboxWantsItsToken(t *testing.T) {
	t.Parallel()
	base := benchOf(t, testbench.Options{Token: "t0ken-of-this-one"})
	v := terminal{T: t, database: "sqlite:none.db", variables: map[string]string{}}
	v.refused("wants its token", "sandbox", "report", "--url", base)
	v.variables["TAPHOA_SANDBOX_TOKEN"] = "t0ken-of-this-one"
	if out := v.do("sandbox", "report", "--url", base); !strings.Contains(out, "No request has come yet.") {
		t.Errorf("with its token the report is %s", out)
	}
}

// TestAnEventHasTheMembersThatItIsGiven: at any depth, and none that the record does not have.
func TestAnEventHasTheMembersThatItIsGiven(t *testing.T) {
	eachEngine(t, func(t terminal) {
		t.do("shop", "create", "abc", "ABC")
		out := t.do("trigger", "customer.update", "--shop", "abc", "--override", "name=Chị Năm", "--override", "contactNumber=0901234567")
		if !strings.Contains(out, `    name: "Chị Năm"`) || !strings.Contains(out, `    contactNumber: "0901234567"`) {
			t.Errorf("the event is\n%s", out)
		}
		out = t.do("trigger", "order.update", "--shop", "abc", "--override", "orderDetails.0.quantity=7", "--override", "Description=Gói kỹ", "--override", "extra=[1]")
		if !strings.Contains(out, "    orderDetails.0.quantity: 7") || !strings.Contains(out, `    Description: "Gói kỹ"`) {
			t.Errorf("the event is\n%s", out)
		}
		status, _, faults := t.try("trigger", "order.update", "--shop", "abc", "--override", "orderDetails[0].quanity=1")
		if status != 1 || faults != "taphoa: --override: order has no member orderDetails.quanity, did you mean quantity?\n" {
			t.Errorf("status %d, %s", status, faults)
		}
		t.refused("--override: customer has no member contactNumbr, did you mean contactNumber?", "trigger", "customer.update", "--shop", "abc", "--override", "contactNumbr=1")
		t.refused("--override must be MEMBER=VALUE, not x", "trigger", "customer.update", "--shop", "abc", "--override", "x")
		t.refused("gender", "trigger", "customer.update", "--shop", "abc", "--override", "gender=perhaps")
	})
}
