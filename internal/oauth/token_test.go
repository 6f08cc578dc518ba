package oauth_test

import (
	"bytes"
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"fmt"
	"io"
	mathrand "math/rand/v2"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/taphoa/taphoa/internal/db"
	"github.com/taphoa/taphoa/internal/dbtest"
	"github.com/taphoa/taphoa/internal/oauth"
)

func TestThousandsOfTokensArePlainBase64(t *testing.T) {
	t.Parallel()
	clock := dbtest.NewClock()
	d := dbtest.Open(t, dbtest.URL(t, "sqlite"), clock)
	x := open(t, d, clock)
	// A code moves each bad character through all three places of a group.
	for i, code := range []string{"a>?~", "aa>?~", "aaa>?~", ">>>", "???", "~~~", `\\~"/>`, "z~!@#$%^&*()_+-=[]{}|;':,./<>?"} {
		shop := openShop(t, d, code)
		id := fmt.Sprintf("0a0b0c0d-0000-4000-8000-%012d", i)
		write(t, d, shop, func(tx *db.Tx) error {
			_, _, err := oauth.CreateClient(tx, oauth.ClientInput{Name: "CRM", ClientID: id, Secret: secret})
			return err
		})
		for range 250 {
			clock.Advance(1)
			created := token(t, x.Service, id, secret)
			if text := strings.Split(created, ".")[1]; strings.ContainsAny(text, "-_+/") {
				t.Fatalf("the payload %s is not plain base64", text)
			}
			if got := payload(t, created)["client_RetailerCode"]; got != code {
				t.Fatalf("the shop is %q, want %q", got, code)
			}
		}
	}
}

func FuzzVerify(f *testing.F) {
	d := dbtest.Open(f, dbtest.URL(f, "sqlite"), dbtest.NewClock())
	x := open(f, d, nil)
	good := token(f, x.Service, clientID, secret)
	f.Add(good)
	for _, bad := range tampered(f, good) {
		if len(bad) < 64<<10 {
			f.Add(bad)
		}
	}
	f.Fuzz(func(t *testing.T, text string) {
		_, err := x.Verify(t.Context(), text)
		if text == good {
			verifies(t, x.Service, text)
			return
		}
		refused(t, err, "oken")
	})
}

func FuzzServeToken(f *testing.F) {
	d := dbtest.Open(f, dbtest.URL(f, "sqlite"), dbtest.NewClock())
	x := open(f, d, nil)
	f.Add("a=b", formType, form(clientID, secret))
	f.Add("", "application/json", `{"grant_type":"client_credentials","scopes":["a"]}`)
	f.Add("grant_type=client_credentials&client_id=x&client_secret=y", "", "")
	f.Fuzz(func(t *testing.T, query, contentType, body string) {
		r := post("/connect/token", contentType, body)
		r.URL.RawQuery = query
		r.RemoteAddr = fmt.Sprintf("[%x:%x:%x::1]:5000", mathrand.N(1<<16), mathrand.N(1<<16), mathrand.N(1<<16)) // failures delay a network
		a := send(t, x.Service, r)
		if (a.Status == 200) != (a.AccessToken != "") || (a.Status == 400) != (a.Error != "") {
			t.Errorf("got %+v", a)
		}
		if a.Status == 200 && !strings.Contains(query+body, secret) && !strings.Contains(body, `\`) && !strings.Contains(query+body, "%") {
			t.Errorf("a token for %q %q", query, body)
		}
	})
}

// BenchmarkTokenWarm measures the token endpoint and Verify with the system clock.
func BenchmarkTokenWarm(b *testing.B) {
	x := open(b, dbtest.Open(b, dbtest.URL(b, "sqlite"), nil), nil)
	benchmarkToken(b, x, func() {})
}

// BenchmarkTokenCold measures them without the shared token and the cached row: a signature and a query.
func BenchmarkTokenCold(b *testing.B) {
	clock := dbtest.NewClock()
	x := open(b, dbtest.Open(b, dbtest.URL(b, "sqlite"), clock), clock)
	benchmarkToken(b, x, func() { clock.Advance(5) })
}

func benchmarkToken(b *testing.B, x *harness, before func()) {
	body := form(clientID, secret)
	r := post("/connect/token", formType, body)
	w := httptest.NewRecorder()
	b.ReportAllocs()
	for b.Loop() {
		before()
		w.Body.Reset()
		r.Body = io.NopCloser(strings.NewReader(body))
		if x.ServeToken(w, r); w.Code != 200 {
			b.Fatal(w.Body)
		}
	}
}

// BenchmarkFloor measures the minimum: a signature, its verification, and a hash of a token.
func BenchmarkFloor(b *testing.B) {
	text := bytes.Repeat([]byte("a"), 931)
	sum := sha256.Sum256(text)
	signature, err := rsa.SignPKCS1v15(rand.Reader, key(), crypto.SHA256, sum[:])
	if err != nil {
		b.Fatal(err)
	}
	b.Run("sign", func(b *testing.B) {
		for b.Loop() {
			_, _ = rsa.SignPKCS1v15(rand.Reader, key(), crypto.SHA256, sum[:])
		}
	})
	b.Run("check", func(b *testing.B) {
		for b.Loop() {
			_ = rsa.VerifyPKCS1v15(&key().PublicKey, crypto.SHA256, sum[:], signature)
		}
	})
	b.Run("hash", func(b *testing.B) {
		for b.Loop() {
			_ = sha256.Sum256(text)
		}
	})
}

func BenchmarkVerifyKnown(b *testing.B) {
	x := open(b, dbtest.Open(b, dbtest.URL(b, "sqlite"), nil), nil)
	good := token(b, x.Service, clientID, secret)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := x.Verify(b.Context(), good); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkVerifyKnownParallel(b *testing.B) {
	x := open(b, dbtest.Open(b, dbtest.URL(b, "sqlite"), nil), nil)
	good := token(b, x.Service, clientID, secret)
	b.RunParallel(func(p *testing.PB) {
		for p.Next() {
			if _, err := x.Verify(b.Context(), good); err != nil {
				b.Fatal(err)
			}
		}
	})
}

// BenchmarkVerifyUnknown verifies a changed payload, which costs a whole verification and is never cached.
func BenchmarkVerifyUnknown(b *testing.B) {
	x := open(b, dbtest.Open(b, dbtest.URL(b, "sqlite"), nil), nil)
	bad := tampered(b, token(b, x.Service, clientID, secret))["another client in the payload"]
	for b.Loop() {
		if _, err := x.Verify(b.Context(), bad); err == nil {
			b.Fatal("it was accepted")
		}
	}
}
