package taphoa_test

import (
	"errors"
	"math"
	"math/big"
	"net/http"
	"testing"

	"github.com/taphoa/taphoa"
)

// FuzzMoney compares the arithmetic of amounts with that of math/big, which rounds once and never overflows.
func FuzzMoney(f *testing.F) {
	for _, seed := range [][3]int64{
		{149_000 * taphoa.Scale, 3 * taphoa.Scale, 8 * taphoa.Scale},
		{1, 1, 1},
		{-5_000, 3, 0},
		{math.MinInt64, -1, -taphoa.Scale},
		{math.MaxInt64, math.MaxInt64, math.MinInt64},
		{math.MinInt64, math.MinInt64, 100 * taphoa.Scale},
		{108 * taphoa.Scale, 50, -100 * taphoa.Scale},
	} {
		f.Add(seed[0], seed[1], seed[2])
	}
	f.Fuzz(func(t *testing.T, a, b, c int64) {
		m, q, p := taphoa.Money(a), taphoa.Quantity(b), taphoa.Percent(c)
		check := func(name string, got int64, err error, num, den *big.Int, step int64) {
			t.Helper()
			if den.Sign() == 0 {
				if err != taphoa.ErrDecimalRange { //nolint:errorlint // it is documented to be that one
					t.Fatalf("%s of %d, %d, %d: %d, %v for a divisor of zero", name, a, b, c, got, err)
				}
				return
			}
			want, ok := bigRound(new(big.Rat).SetFrac(num, new(big.Int).Mul(den, big.NewInt(step))))
			ok = ok && want <= math.MaxInt64/step && want >= math.MinInt64/step
			if ok != (err == nil) || ok && got != want*step {
				t.Fatalf("%s of %d, %d, %d: %d, %v; want %d, in range: %v", name, a, b, c, got, err, want*step, ok)
			}
		}
		x, y, z := big.NewInt(a), big.NewInt(b), big.NewInt(c)
		one, scale, hundred := big.NewInt(1), big.NewInt(taphoa.Scale), big.NewInt(100*taphoa.Scale)
		product := func(x, y *big.Int) *big.Int { return new(big.Int).Mul(x, y) }

		sum, err := m.Add(taphoa.Money(b))
		check("Add", int64(sum), err, new(big.Int).Add(x, y), one, 1)
		sum, err = m.Sub(taphoa.Money(b))
		check("Sub", int64(sum), err, new(big.Int).Sub(x, y), one, 1)
		price, err := m.Times(q)
		check("Times", int64(price), err, product(x, y), scale, 1)
		price, err = m.TimesDong(q)
		check("TimesDong", int64(price), err, product(x, y), scale, taphoa.Scale)
		price, err = m.Div(q)
		check("Div", int64(price), err, product(x, scale), y, 1)
		share, err := m.Share(p)
		check("Share", int64(share), err, product(x, z), hundred, 1)
		share, err = m.ShareDong(p)
		check("ShareDong", int64(share), err, product(x, z), hundred, taphoa.Scale)
		if c >= 0 && c <= 1000*taphoa.Scale { // a tax
			share, err = m.ContainedDong(p)
			check("ContainedDong", int64(share), err, product(x, z), new(big.Int).Add(hundred, z), taphoa.Scale)
		}
		ratio, err := m.RatioOf(taphoa.Money(b))
		check("RatioOf", int64(ratio), err, product(x, hundred), y, 1)
	})
}

// FuzzAllocate holds the shares of an amount to what is documented of them.
func FuzzAllocate(f *testing.F) {
	f.Add(int64(100*taphoa.Scale), int64(1), int64(1), int64(1))
	f.Add(int64(-7), int64(0), int64(0), int64(0))
	f.Add(int64(math.MinInt64), int64(math.MaxInt64), int64(0), int64(0))
	f.Add(int64(1), int64(math.MaxInt64), int64(1), int64(-1))
	f.Fuzz(func(t *testing.T, total, a, b, c int64) {
		weights := []taphoa.Money{taphoa.Money(a), taphoa.Money(b), taphoa.Money(c)}
		all := new(big.Int)
		for _, w := range weights {
			all.Add(all, big.NewInt(int64(w)))
		}
		shares, err := taphoa.Allocate(taphoa.Money(total), weights)
		if refused := min(a, b, c) < 0 || !all.IsInt64(); refused != (err != nil) {
			t.Fatalf("%d over %v: %v, %v", total, weights, shares, err)
		}
		if err != nil {
			return
		}
		step := int64(1)
		if total%taphoa.Scale == 0 {
			step = taphoa.Scale
		}
		sum := new(big.Int)
		for i, s := range shares {
			sum.Add(sum, big.NewInt(int64(s)))
			if int64(s)%step != 0 || all.Sign() > 0 && weights[i] == 0 && s != 0 {
				t.Fatalf("%d over %v: %v", total, weights, shares)
			}
			if all.Sign() == 0 {
				continue
			}
			// |share - total·weight/all| < step
			off := new(big.Int).Mul(big.NewInt(int64(s)), all)
			off.Sub(off, new(big.Int).Mul(big.NewInt(total), big.NewInt(int64(weights[i]))))
			if off.CmpAbs(new(big.Int).Mul(big.NewInt(step), all)) >= 0 {
				t.Fatalf("%d over %v: %v is off by a step", total, weights, shares)
			}
		}
		if sum.Cmp(big.NewInt(total)) != 0 {
			t.Fatalf("%d over %v: %v add up to %v", total, weights, shares, sum)
		}
	})
}

// FuzzWebhookURL takes URLs of registrations: what is accepted can be sent to, and is accepted again as it is stored.
func FuzzWebhookURL(f *testing.F) {
	for _, seed := range []string{
		"https://crm.example/hook?a=1", " http://127.0.0.1:8080/ ", "http://[::1]:80", "http://[fe80::1%25eth0]/", "https://a:b@example.com", "HTTPS://EXAMPLE.COM.",
		"http://", "http:///x", "ftp://x", "http://x:0", "http://x:65536", "http://x:", "//x", "http://a b", "http://%41/", "http:x", "http://x\x00", "https://ví.dụ",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		in := taphoa.WebhookInput{WebhookWrite: taphoa.WebhookWrite{URL: taphoa.Some(text)}}
		if err := in.Validate(); err != nil {
			mustRefuse(t, err, "Url")
			return
		}
		r, err := http.NewRequest(http.MethodPost, in.URL.Value, http.NoBody)
		if err != nil {
			t.Fatalf("%q is accepted and cannot be sent to: %v", text, err)
		}
		if r.URL.Hostname() == "" || r.URL.Scheme != "http" && r.URL.Scheme != "https" || r.URL.Opaque != "" {
			t.Fatalf("%q is accepted as %#v", text, r.URL)
		}
		again := taphoa.WebhookInput{WebhookWrite: taphoa.WebhookWrite{URL: taphoa.Some(in.URL.Value)}}
		if err := again.Validate(); err != nil || again.URL != in.URL {
			t.Fatalf("%q is stored as %q, which is %q, %v", text, in.URL.Value, again.URL.Value, err)
		}
	})
}

// mustRefuse fails unless the error is a refusal that names the field.
func mustRefuse(t *testing.T, err error, field string) {
	t.Helper()
	var refusal *taphoa.Error
	if !errors.As(err, &refusal) || refusal.Kind != taphoa.KindRefused || refusal.Field != field || refusal.Message == "" {
		t.Fatalf("%#v is no refusal of %s", err, field)
	}
}
