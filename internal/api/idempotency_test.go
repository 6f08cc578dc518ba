package api_test

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/taphoa/taphoa/internal/api"
	"github.com/taphoa/taphoa/internal/apitest"
	"github.com/taphoa/taphoa/internal/db"
	"github.com/taphoa/taphoa/internal/dbtest"
	"github.com/taphoa/taphoa/internal/schema"
)

const keyHeader = "Idempotency-Key"

// tries is how often a client that hears nothing sends a write.
const tries = 3

// repeating sends each write three times under one key and watches that the shop changes with the first only.
type repeating struct {
	t     *testing.T
	d     *apitest.Server
	inner http.Handler
	want  map[string]bool // operations to repeat, until they are done
	sent  int
}

func (h *repeating) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	operation := api.OperationAt(r.Method, r.URL.EscapedPath())
	if r.Method == http.MethodGet || !h.want[operation] {
		h.inner.ServeHTTP(w, r)
		return
	}
	h.sent++
	key := fmt.Sprintf("lần %d", h.sent)
	body, err := io.ReadAll(r.Body)
	if err != nil {
		h.t.Fatal(err)
	}
	try := func() apitest.Answer {
		again := r.Clone(r.Context())
		again.Header.Set(keyHeader, key)
		again.Body = io.NopCloser(bytes.NewReader(body))
		return (&apitest.Server{Handler: h.inner}).Do(again)
	}
	first := try()
	if first.Status == http.StatusOK {
		delete(h.want, operation)
		before := h.d.Digest(h.d.Shop)
		for range tries - 1 {
			a := try()
			if a.Status != first.Status || !bytes.Equal(a.Body, first.Body) || a.Header.Get("Idempotency-Replayed") != "true" {
				h.t.Errorf("%s again: %d %v %s, want %s", operation, a.Status, a.Header, a.Body, first.Body)
			}
		}
		if differs := before.Differs(h.d.Digest(h.d.Shop)); differs != nil {
			h.t.Errorf("%s again has changed %s", operation, differs)
		}
		if first.Header.Get("Idempotency-Replayed") != "" {
			h.t.Errorf("the first answer of %s is called a repeated one", operation)
		}
	}
	for name, values := range first.Header {
		w.Header()[name] = values
	}
	w.WriteHeader(first.Status)
	_, _ = w.Write(first.Body)
}

// TestARetriedWriteChangesTheShopOnce sends every writing operation, as its transcript has it, three times.
func TestARetriedWriteChangesTheShopOnce(t *testing.T) {
	t.Parallel()
	for _, engine := range dbtest.Engines {
		t.Run(engine, func(t *testing.T) {
			t.Parallel()
			want := toBeTried(t, engine, func(*api.Route) bool { return true })
			playUntilDone(t, engine, want, writes, func(t *testing.T, d *apitest.Server) {
				d.Handler = &repeating{t: t, d: d, inner: d.Handler, want: want}
			})
			for operation := range want {
				t.Errorf("%s has not been tried", operation)
			}
		})
	}
}

const oneTea = `{"branchId":{branch:CN1},"totalPayment":25000,"invoiceDetails":[{"productCode":"TRA","quantity":1}]}`

// TestOneKeyAtManyTills sends one invoice from sixteen places at once.
func TestOneKeyAtManyTills(t *testing.T) {
	apitest.Each(t, func(t *testing.T, d *apitest.Server) {
		body := fillIn(d, oneTea)
		var (
			group   sync.WaitGroup
			fresh   atomic.Int64
			answers [16]apitest.Answer
		)
		for i := range answers {
			group.Go(func() {
				answers[i] = d.Send(http.MethodPost, "/invoices", body, keyHeader, "till-1")
				if answers[i].Header.Get("Idempotency-Replayed") == "" {
					fresh.Add(1)
				}
			})
		}
		group.Wait()
		for _, a := range answers {
			if a.Status != http.StatusOK || !bytes.Equal(a.Body, answers[0].Body) {
				t.Errorf("%d %s, another got %s", a.Status, a.Body, answers[0].Body)
			}
		}
		if total, _ := d.Send(http.MethodGet, "/invoices", "").Get("$.total"); total != "1" || fresh.Load() != 1 {
			t.Errorf("%s invoices, %d answers of their own", total, fresh.Load())
		}
	})
}

// TestOneKeyForACodeThatIsFree makes a customer whose code is taken when the second request comes.
func TestOneKeyForACodeThatIsFree(t *testing.T) {
	apitest.Each(t, func(t *testing.T, d *apitest.Server) {
		var group sync.WaitGroup
		for range 8 {
			group.Go(func() {
				a := d.Send(http.MethodPost, "/customers", `{"name":"Chị Lan","code":"KH-LAN"}`, keyHeader, "khách Lan")
				if a.Status != http.StatusOK {
					t.Errorf("the code is taken by the request itself: %d %s", a.Status, a.Body)
				}
			})
		}
		group.Wait()
	})
}

// TestAKeyIsForOneRequest uses a key for other requests, and by other callers.
func TestAKeyIsForOneRequest(t *testing.T) {
	apitest.Each(t, func(t *testing.T, d *apitest.Server) {
		const key = "k-1"
		id := d.ID("customer:KH-CTY")
		first := d.Send(http.MethodPost, "/customers?x=1", `{"name":"Một"}`, keyHeader, key)
		before := d.Digest(d.Shop)
		for what, r := range map[string][3]string{
			"another body":   {"POST", "/customers?x=1", `{"name":"Hai"}`},
			"another query":  {"POST", "/customers?x=2", `{"name":"Một"}`},
			"another path":   {"POST", "/surchages?x=1", `{"name":"Một"}`},
			"another method": {"PUT", fmt.Sprintf("/customers/%d?x=1", id), `{"name":"Một"}`},
		} {
			a := d.Send(r[0], r[1], r[2], keyHeader, key)
			if sentence, err := a.Refusal(); a.Status != 420 || err != nil || !strings.Contains(sentence, keyHeader) || !vietnamese.MatchString(sentence) {
				t.Errorf("%s: %d %s", what, a.Status, a.Body)
			}
		}
		if differs := before.Differs(d.Digest(d.Shop)); differs != nil {
			t.Errorf("refused requests have changed %s", differs)
		}
		n := d.As(d.OtherShop)
		a := n.Send(http.MethodPost, "/customers?x=1", `{"name":"Một"}`, keyHeader, key)
		if ours, _ := first.Get("$.id"); a.Status != http.StatusOK || a.Header.Get("Idempotency-Replayed") != "" {
			t.Errorf("the neighbour's key: %d %s", a.Status, a.Body)
		} else if theirs, _ := a.Get("$.id"); ours == theirs {
			t.Errorf("the neighbour gets our answer: %s", a.Body)
		}
		if a := d.Send(http.MethodGet, "/customers", "", keyHeader, key); a.Status != http.StatusOK || a.Header.Get("Idempotency-Replayed") != "" {
			t.Errorf("a key on what only reads: %d %v", a.Status, a.Header)
		}
	})
}

// TestARefusalDoesNotUseUpItsKey tries again after the reason of a refusal has gone.
func TestARefusalDoesNotUseUpItsKey(t *testing.T) {
	apitest.Each(t, func(t *testing.T, d *apitest.Server) {
		body := fillIn(d, `{"branchId":{branch:CN1},"invoiceDetails":[{"productCode":"HET","quantity":1}]}`)
		d.Set("AllowSellWhenOutStock", "false")
		before := d.Digest(d.Shop)
		for range tries {
			if a := d.Send(http.MethodPost, "/invoices", body, keyHeader, "k"); a.Status != 420 || a.Header.Get("Idempotency-Replayed") != "" {
				t.Errorf("goods that are out of stock: %d %v %s", a.Status, a.Header, a.Body)
			}
		}
		if differs := before.Differs(d.Digest(d.Shop)); differs != nil {
			t.Errorf("refused requests have changed %s", differs)
		}
		d.Set("AllowSellWhenOutStock", "true")
		if a := d.Send(http.MethodPost, "/invoices", body, keyHeader, "k"); a.Status != http.StatusOK {
			t.Errorf("the same after the shop has allowed it: %d %s", a.Status, a.Body)
		}
	})
}

func TestKeysThatAreNoKeys(t *testing.T) {
	d := apitest.Seeded(t, "sqlite")
	for what, key := range map[string]string{
		"nothing": "", "256 letters": strings.Repeat("ă", 256), "a control character": "a\x01b", "no UTF-8": "a\xff", "a line's end": "a\u2028b",
	} {
		a := d.Send(http.MethodPost, "/customers", `{"name":"x"}`, keyHeader, key)
		if sentence, err := a.Refusal(); a.Status != 400 || err != nil || !strings.Contains(sentence, keyHeader) {
			t.Errorf("%s: %d %s", what, a.Status, a.Body)
		}
	}
	for what, key := range map[string]string{
		"one letter": "x", "255 letters": strings.Repeat("ă", 255), "a UUID": "0c7f5c5e-6b1e-4f0a-9b6f-1d1c2b3a4e5f",
		"a quoted one": `"8e03978e-40d5-43dd-bc93-6894a57f9324"`, "quotes and blanks": `'; DROP TABLE idempotency_keys; --`,
	} {
		for i := range 2 {
			a := d.Send(http.MethodPost, "/customers", `{"name":"x"}`, keyHeader, key)
			if replayed := a.Header.Get("Idempotency-Replayed") == "true"; a.Status != http.StatusOK || replayed != (i == 1) {
				t.Errorf("%s: %d %v %s", what, a.Status, a.Header, a.Body)
			}
		}
	}
}

// keyed is a server whose clients send keys.
type keyed struct {
	*testing.T
	d *apitest.Server
}

// write writes with a key and reports whether the answer is that of an earlier write.
func (k keyed) write(key string) (replayed bool) {
	k.Helper()
	send := func() apitest.Answer {
		return k.d.Send(http.MethodPost, "/surchages", fmt.Sprintf(`{"name":"Thu %s","value":1}`, key), keyHeader, key)
	}
	a := send()
	if a.Status == http.StatusUnauthorized { // a day is a token's life, too
		form := "grant_type=client_credentials&client_id=" + k.d.Shop.ClientID + "&client_secret=" + k.d.Shop.Secret
		k.d.Shop.Token, _ = k.d.Send(http.MethodPost, "/connect/token", form, "Content-Type", "").Get("$.access_token")
		a = send()
	}
	if a.Status != http.StatusOK {
		k.Fatalf("%s: %d %s", key, a.Status, a.Body)
	}
	return a.Header.Get("Idempotency-Replayed") == "true"
}

func (k keyed) kept() (n int64) {
	k.d.Read(func(tx *db.Tx) (err error) {
		n, _, err = db.One[int64](tx, `SELECT COUNT(*) FROM idempotency_keys WHERE retailer_id = :retailer`)
		return err
	})
	return n
}

// hours lets hours pass with a write in each.
func (k keyed) hours(name string, n int) {
	for i := range n {
		k.d.Clock.Advance(3600)
		k.write(fmt.Sprint(name, " ", i))
	}
}

// TestKeysAreKeptForADay writes with many keys, and then for two days with one an hour.
func TestKeysAreKeptForADay(t *testing.T) {
	apitest.Each(t, func(t *testing.T, d *apitest.Server) {
		k := keyed{t, d}
		const year = 365 * 24 * 3600
		d.Clock.Advance(year) // a clock that is wrong for an instant must not keep what comes after it for a year
		d.Set("UseCod", "false")
		d.Clock.Advance(-year)
		for i := range 10 {
			k.write(fmt.Sprint("cũ ", i))
		}
		k.hours("giờ", 47)
		if k.kept() != 57 || !k.write("cũ 0") {
			t.Errorf("%d answers after almost two days, want 57", k.kept())
		}
		for i, want := range []int64{54, 51, 48, 48, 48} { // one comes, at most four go
			if k.hours(fmt.Sprint("sau ", i), 1); k.kept() != want {
				t.Errorf("%d answers after %d hours more, want %d", k.kept(), i+1, want)
			}
		}
		if !k.write("giờ 30") {
			t.Error("a key of less than a day is forgotten")
		}
		if k.write("cũ 0") {
			t.Error("a key lives for ever")
		}
	})
}

// TestAKeyOutlivesJumpsOfTheClock sets the clock ahead or back, and right again.
func TestAKeyOutlivesJumpsOfTheClock(t *testing.T) {
	const day, year = 24 * 3600, 365 * 24 * 3600
	for what, jumps := range map[string][]int64{
		"a day and back":              {day, -day},
		"200,000 s and back":          {200_000, -200_000},
		"a year and back":             {year, -year},
		"back a day, and right":       {-day, day},
		"back a year, and right":      {-year, year},
		"to and fro, again and again": {86_000, -86_000, day, -day, year, -year, 40_000_000, -40_000_000, -day, day, 3600, -3600},
		"ahead in steps":              {12 * 3600, 12 * 3600, day, 7 * day, -9 * day},
	} {
		t.Run(what, func(t *testing.T) {
			apitest.Each(t, func(t *testing.T, d *apitest.Server) {
				k := keyed{t, d}
				k.write("một lần")
				for i, jump := range jumps {
					d.Clock.Advance(jump)
					for n := range 5 { // each may remove what has expired
						k.write(fmt.Sprint("sau ", i, " ", n))
					}
				}
				if !k.write("một lần") {
					t.Error("the write is carried out again")
				}
			})
		})
	}
}

// TestAKeyOutlivesAServerThatIsADayAhead has two servers write in turn.
func TestAKeyOutlivesAServerThatIsADayAhead(t *testing.T) {
	apitest.Each(t, func(t *testing.T, d *apitest.Server) {
		right, ahead := keyed{t, d}, keyed{t, d.SecondServer()}
		ahead.d.Clock.Advance(24 * 3600)
		right.write("một lần")
		for i := range 50 {
			ahead.write(fmt.Sprint("sau ", i))
			right.write(fmt.Sprint("đúng ", i))
		}
		if !right.write("một lần") || !ahead.write("một lần") {
			t.Error("the write is carried out again")
		}
		right.hours("giờ", 50)
		if ahead.write("một lần") {
			t.Error("a key lives for ever")
		}
	})
}

// TestKeysOfTheVersionBeforeAreForgottenLater migrates keys, one of which was made when the clock was a year ahead.
func TestKeysOfTheVersionBeforeAreForgottenLater(t *testing.T) {
	for _, engine := range dbtest.Engines {
		t.Run(engine, func(t *testing.T) {
			t.Parallel()
			d, err := db.Open(t.Context(), dbtest.URL(t, engine), db.Options{})
			if err != nil {
				t.Fatal(err)
			}
			defer d.Close()
			dbtest.MigrateBefore(t, d, "0041", `
				INSERT INTO idempotency_keys (retailer_id, client_id, idempotency_key, fingerprint, status, answer, created_date)
				VALUES (1, 'c', 'a year ahead', '', 200, '', 1800000000000000), (1, 'c', 'right', '', 200, '', 1764000000000000);`)
			if _, err := schema.Migrate(t.Context(), d); err != nil {
				t.Fatal(err)
			}
			err = d.Read(t.Context(), db.Actor{Retailer: 1}, func(tx *db.Tx) error {
				n, _, err := db.One[int64](tx, `SELECT COUNT(*) FROM idempotency_keys WHERE retailer_id = :retailer AND stamp = 0`)
				if n != 2 {
					t.Errorf("%d keys count as new, want 2", n)
				}
				return err
			})
			if err != nil {
				t.Error(err)
			}
		})
	}
	apitest.Each(t, func(t *testing.T, d *apitest.Server) { // and then
		k := keyed{t, d}
		for _, key := range []string{"một lần", "hai lần"} {
			k.write(key)
			d.Clock.Advance(400 * 24 * 3600)
		}
		d.Clock.Advance(-800 * 24 * 3600)
		d.Write(func(tx *db.Tx) error {
			_, err := tx.Exec(`UPDATE idempotency_keys SET stamp = 0 WHERE retailer_id = :retailer`)
			return err
		})
		k.hours("giờ", 24)
		if !k.write("một lần") || !k.write("hai lần") {
			t.Error("a write is carried out again")
		}
		if k.hours("sau", 26); k.write("một lần") || k.write("hai lần") {
			t.Error("a key lives for ever")
		}
	})
}

// TestALargeAnswerIsKept repeats an order whose answer has more than a megabyte.
func TestALargeAnswerIsKept(t *testing.T) {
	apitest.Each(t, func(t *testing.T, d *apitest.Server) {
		line := `{"productCode":"TRA","quantity":1,"note":"` + strings.Repeat("dài ", 300) + `"},`
		body := fillIn(d, `{"branchId":{branch:CN1},"orderDetails":[`) + strings.TrimSuffix(strings.Repeat(line, 900), ",") + `]}`
		first := d.Send(http.MethodPost, "/orders", body, keyHeader, "lớn")
		again := d.Send(http.MethodPost, "/orders", body, keyHeader, "lớn")
		if first.Status != http.StatusOK || len(first.Body) < 1<<20 || !bytes.Equal(first.Body, again.Body) {
			t.Errorf("%d, %d bytes, then %d, %d bytes: %.300s", first.Status, len(first.Body), again.Status, len(again.Body), again.Body)
		}
	})
}
