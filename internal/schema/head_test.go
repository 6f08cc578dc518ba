package schema_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/taphoa/taphoa"
	"github.com/taphoa/taphoa/internal/db"
	"github.com/taphoa/taphoa/internal/dbtest"
	"github.com/taphoa/taphoa/internal/event"
	"github.com/taphoa/taphoa/internal/schema"
)

func TestMain(m *testing.M) { dbtest.Main(m) }

// before creates the tables as they were before a migration.
func before(t *testing.T, d *db.DB, migration string) {
	t.Helper()
	script := "CREATE TABLE schema_migrations (name TEXT NOT NULL PRIMARY KEY, applied_at BIGINT NOT NULL) {{clustered}};\n"
	files, err := filepath.Glob("migrations/*.sql")
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		if filepath.Base(f) >= migration {
			break
		}
		text, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		script += string(text) + fmt.Sprintf("\nINSERT INTO schema_migrations (name, applied_at) VALUES ('%s', 1);\n", filepath.Base(f))
	}
	if err := d.Script(t.Context(), script); err != nil {
		t.Fatal(err)
	}
}

// prefixes of the codes that shops counted before they had a head.
var prefixes = strings.Fields("SP KH NCC DT DH HD TH PN PDN TRF KK THK TT TTDH TTHD PC PCPN PCTH PHVC PHCP")

// TestAShopFromBeforeItsHeadContinuesItsNumbers: codes and the numbers of events continue, and no change is dated before
// what clients have seen, whose instants were not in the order of their numbers then.
func TestAShopFromBeforeItsHeadContinuesItsNumbers(t *testing.T) {
	for _, engine := range dbtest.Engines {
		t.Run(engine, func(t *testing.T) {
			t.Parallel()
			clock := dbtest.NewClock()
			d, err := db.Open(t.Context(), dbtest.URL(t, engine), db.Options{Now: clock.Now})
			if err != nil {
				t.Fatal(err)
			}
			defer d.Close()
			before(t, d, "0020")
			now := int64(clock.Now())
			script := ""
			for shop := 1; shop <= 4; shop++ { // 1 sells, 2 has nothing, 3 has lost all its events, 4 has only codes
				script += fmt.Sprintf("INSERT INTO retailers (retailer_id, code, code_key, name, created_date) VALUES (%[1]d, 's%[1]d', 's%[1]d', 'S', %[2]d);\n", shop, now-1000)
			}
			for i, prefix := range prefixes {
				script += fmt.Sprintf("INSERT INTO counters (retailer_id, name, value) VALUES (1, '%s', %d), (4, '%s', %d);\n", prefix, 100+i, prefix, 900+i)
			}
			script += "INSERT INTO event_heads (retailer_id, last_seq, dropped_seq) VALUES (1, 7, 3), (3, 5, 5);\n"
			for seq, at := range map[int]int64{4: now - 50, 5: now + 7_000_000, 6: now - 40, 7: now - 30} {
				script += fmt.Sprintf("INSERT INTO events (retailer_id, seq, type, at, data) VALUES (1, %d, 'order.update', %d, '[]');\n", seq, at)
			}
			if err := d.Script(t.Context(), script); err != nil {
				t.Fatal(err)
			}
			if _, err := schema.Migrate(t.Context(), d); err != nil {
				t.Fatal(err)
			}

			for shop, want := range map[int64]db.Head{
				1: {At: taphoa.Time(now + 7_000_000), LastSeq: 7, DroppedSeq: 3}, 2: {At: taphoa.Time(now - 1000)},
				3: {At: taphoa.Time(now - 1000), LastSeq: 5, DroppedSeq: 5}, 4: {At: taphoa.Time(now - 1000)},
			} {
				in(t, d.Read, shop, func(tx *db.Tx) error {
					got, err := tx.Head()
					if got.At != want.At || got.LastSeq != want.LastSeq || got.DroppedSeq != want.DroppedSeq {
						t.Errorf("the head of shop %d says %v, %d and %d, want %v, %d and %d", shop,
							got.At, got.LastSeq, got.DroppedSeq, want.At, want.LastSeq, want.DroppedSeq)
					}
					return err
				})
			}
			in(t, d.Write, 1, func(tx *db.Tx) error {
				if tx.Now != taphoa.Time(now+7_000_001) || tx.Clock != clock.Now() {
					t.Errorf("the next change is at %v, by the clock at %v", tx.Now, tx.Clock)
				}
				seq, err := tx.NextSeq()
				if seq != 8 {
					t.Errorf("the next event has number %d", seq)
				}
				return err
			})
			for shop, first := range map[int64]int64{1: 100, 2: -1, 4: 900} {
				in(t, d.Write, shop, func(tx *db.Tx) error {
					for i, prefix := range prefixes {
						want := first + int64(i) + 1
						if first < 0 {
							want = 1
						}
						if n, err := tx.NextNumber(prefix); n != want || err != nil {
							t.Errorf("the next %s of shop %d has number %d (%v), want %d", prefix, shop, n, err, want)
						}
					}
					return nil
				})
			}
			in(t, d.Read, 3, func(tx *db.Tx) error { // a reader at the end of a log without events is still at its end
				feed, err := event.Feed(tx, &taphoa.EventQuery{After: taphoa.Some[int64](5), Limit: 10})
				if feed.Next != 5 || feed.Last != 5 || feed.Oldest != 6 {
					t.Errorf("the feed says %+v", feed)
				}
				return err
			})
		})
	}
}

func in(t *testing.T, transact func(ctx context.Context, who db.Actor, op func(*db.Tx) error) error, shop int64, op func(*db.Tx) error) {
	t.Helper()
	if err := transact(t.Context(), db.Actor{Retailer: shop}, op); err != nil {
		t.Fatal(err)
	}
}
