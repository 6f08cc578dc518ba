package api_test

import (
	"bytes"
	"errors"
	"fmt"
	"net/http"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/taphoa/taphoa/internal/api"
	"github.com/taphoa/taphoa/internal/db"
	"github.com/taphoa/taphoa/internal/dbtest"
)

// TestAnOutageHasALineASecondAndItsRequestsFailAtOnce: forty requests and token requests while the disk is full.
func TestAnOutageHasALineASecondAndItsRequestsFailAtOnce(t *testing.T) {
	for _, engine := range dbtest.Engines {
		t.Run(engine, func(t *testing.T) {
			t.Parallel()
			d, j := watched(t, engine, api.Options{})
			if err := d.DB.Script(t.Context(), fullDisk[engine]); err != nil {
				t.Fatal(err)
			}
			status := http.StatusOK
			n := 0
			customer := func() int {
				n++
				a := d.Send(http.MethodPost, "/customers", fmt.Sprintf(`{"name":"Khách %d","comments":%q}`, n, strings.Repeat("dài ", 200)))
				if status = a.Status; status != http.StatusOK {
					unavailable(t, a, "hãy thử lại sau")
				}
				return status
			}
			for n < 500 && customer() == http.StatusOK { // the space that is left in pages is filled first
			}
			began := time.Now()
			for range 40 {
				if customer() == http.StatusOK {
					t.Error("a request is carried out")
				}
			}
			took := time.Since(began)
			if lines := len(j.Lines("request failed")); took > 10*time.Second || lines < 1 || lines > 2+int(took/time.Second) {
				t.Errorf("in %v the log has %d lines", took, lines)
			}
			if err := d.DB.Script(t.Context(), freeSpace[engine]); err != nil {
				t.Fatal(err)
			}
			if customer() != http.StatusOK || len(j.Lines("the database is available again")) != 1 {
				t.Errorf("with space the log says %v", j.Lines(""))
			}
			if a := d.Send(http.MethodGet, "/readyz", ""); a.Status != http.StatusOK {
				t.Errorf("as soon as a write is stored: %d %s", a.Status, a.Body)
			}
		})
	}
}

// TestDamageIsToldToClientsAndToTheLoadBalancer: met by a request on PostgreSQL, and by the look through the file on SQLite.
func TestDamageIsToldToClientsAndToTheLoadBalancer(t *testing.T) {
	t.Run("postgres", func(t *testing.T) {
		t.Parallel()
		d, j := watched(t, "postgres", api.Options{})
		script := strings.ReplaceAll(strings.ReplaceAll(fullDisk["postgres"], "53100", "XX001"), "could not extend file: No space left on device", "invalid page in block 3")
		if err := d.DB.Script(t.Context(), script); err != nil {
			t.Fatal(err)
		}
		for range 20 {
			unavailable(t, d.Send(http.MethodPost, "/customers", `{"name":"An"}`), "bị hỏng")
		}
		notReady(t, d.Send(http.MethodGet, "/readyz", "").Body)
		if lines := len(j.Lines("request failed")); lines < 1 || lines > 4 {
			t.Errorf("the log has %d lines", lines)
		}
		if err := d.DB.Script(t.Context(), freeSpace["postgres"]); err != nil {
			t.Fatal(err)
		}
		if a := d.Send(http.MethodPost, "/customers", `{"name":"An"}`); a.Status != http.StatusOK {
			t.Errorf("what is sound is served: %d %s", a.Status, a.Body)
		}
		notReady(t, d.Send(http.MethodGet, "/readyz", "").Body)
	})
	t.Run("sqlite", func(t *testing.T) {
		t.Parallel()
		d, _ := watched(t, "sqlite", api.Options{})
		var page int64
		d.Read(func(tx *db.Tx) (err error) {
			page, _, err = db.One[int64](tx.Everywhere(), `SELECT rootpage FROM sqlite_schema WHERE name = 'webhook_redeliveries'`)
			return err
		})
		_, file, _ := strings.Cut(d.DB.Where(), ", ")
		f, err := os.OpenFile(file, os.O_RDWR, 0)
		if err != nil {
			t.Fatal(err)
		}
		// Not closed before the database: that would give up its locks.
		t.Cleanup(func() { _ = f.Close() })
		if _, err := f.WriteAt(bytes.Repeat([]byte{0xff}, 60), (page-1)*4096); err != nil {
			t.Fatal(err)
		}
		if found, err := d.DB.Inspect(t.Context()); found == nil || err != nil {
			t.Fatalf("found %v, %v", found, err)
		}
		notReady(t, d.Send(http.MethodGet, "/readyz", "").Body)
		if a := d.Send(http.MethodGet, "/customers", ""); a.Status != http.StatusOK {
			t.Errorf("what is sound is served: %d %s", a.Status, a.Body)
		}
	})
}

func notReady(t *testing.T, body []byte) {
	t.Helper()
	if string(body) != "not ready: the database is damaged, run taphoa check and restore a backup\n" {
		t.Errorf("/readyz says %q", body)
	}
}

// TestTheSentenceOfAnOutageSaysWhetherToSendAgain: what may have been done is only sent again with its key.
func TestTheSentenceOfAnOutageSaysWhetherToSendAgain(t *testing.T) {
	lost := fmt.Errorf("%w: %w", db.ErrUnavailable, db.ErrInDoubt)
	for _, test := range []struct {
		err  error
		key  bool
		want string
	}{
		{db.ErrUnavailable, false, "hãy thử lại sau"},
		{db.ErrStorage, true, "hãy thử lại sau"},
		{errors.Join(db.ErrDamaged, errors.New("x")), false, "báo người quản trị"},
		{lost, false, "xem lại dữ liệu trước khi gửi lại"},
		{lost, true, "hãy gửi lại y hệt với cùng Idempotency-Key"},
	} {
		got := api.WhyUnavailable(test.err, test.key)
		if !strings.Contains(got, test.want) || strings.Contains(got, "có thể đã được thực hiện") != errors.Is(test.err, db.ErrInDoubt) {
			t.Errorf("%v, with a key %v: %s", test.err, test.key, got)
		}
	}
}
