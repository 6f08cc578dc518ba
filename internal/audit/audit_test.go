package audit_test

import (
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/taphoa/taphoa"
	"github.com/taphoa/taphoa/internal/audit"
	"github.com/taphoa/taphoa/internal/db"
	"github.com/taphoa/taphoa/internal/dbtest"
	"github.com/taphoa/taphoa/internal/right"
)

func TestMain(m *testing.M) { dbtest.Main(m) }

// lan works in shop 1 with a program.
var lan = db.Actor{Retailer: 1, User: 7, Client: "may-ban-hang"}

// shop is a database in which settings are changed: any table would do.
type shop struct {
	testing.TB
	db    *db.DB
	clock *dbtest.Clock
}

func each(t *testing.T, test func(t *testing.T, s *shop)) {
	dbtest.Each(t, func(t *testing.T, d *db.DB, clock *dbtest.Clock) { test(t, &shop{t, d, clock}) })
}

// set is an operation that changes a setting.
func set(name, value string) func(*db.Tx) error {
	return func(tx *db.Tx) error {
		audit.Operation(tx, "setSetting", "settings")
		audit.Record(tx, 5, name)
		audit.Value(tx, "value", nil, value)
		tx.Queue(`
			INSERT INTO settings (retailer_id, name, value) VALUES (:retailer, ?, ?)
			ON CONFLICT (retailer_id, name) DO UPDATE SET value = excluded.value`, name, value)
		return nil
	}
}

func (s *shop) write(who db.Actor, op func(*db.Tx) error) {
	s.Helper()
	if err := s.db.Write(s.Context(), who, op); err != nil {
		s.Fatal(err)
	}
}

func (s *shop) list(in taphoa.AuditQuery) (page taphoa.AuditPage) {
	s.Helper()
	if err := in.Validate(); err != nil {
		s.Fatal(err)
	}
	err := s.db.Read(s.Context(), lan, func(tx *db.Tx) (err error) {
		page, err = audit.List(tx, &in, nil)
		return err
	})
	if err != nil {
		s.Fatal(err)
	}
	return page
}

func (s *shop) check() (findings []string) {
	s.Helper()
	err := s.db.Read(s.Context(), lan, func(tx *db.Tx) (err error) {
		findings, err = audit.Check(tx)
		return err
	})
	if err != nil {
		s.Fatal(err)
	}
	return findings
}

// operations are those of the entries, the oldest first.
func (s *shop) operations() (all []string) {
	s.Helper()
	for _, e := range slices.Backward(s.list(taphoa.AuditQuery{Limit: 500}).Data) {
		all = append(all, e.Operation)
	}
	return all
}

func TestAnOperationThatChangesSomethingHasOneEntry(t *testing.T) {
	each(t, func(t *testing.T, s *shop) {
		ctx := audit.With(t.Context(), audit.Request{ID: "yeu-cau-1", Address: "203.0.113.7"})
		err := s.db.Write(ctx, lan, func(tx *db.Tx) error {
			tx.Approve(9, 0, right.All)
			return set("a", "1")(tx)
		})
		if err != nil {
			t.Fatal(err)
		}
		no := errors.New("no")
		for name, op := range map[string]func(*db.Tx) error{
			"is refused":      func(tx *db.Tx) error { return errors.Join(set("a", "2")(tx), no) },
			"changes nothing": func(tx *db.Tx) error { audit.Operation(tx, "nothing", "settings"); return nil },
			"is upkeep": func(tx *db.Tx) error {
				tx.Queue(`DELETE FROM settings WHERE retailer_id = :retailer AND name = 'x'`)
				return nil
			},
		} {
			if err := s.db.Write(t.Context(), lan, op); err != nil && !errors.Is(err, no) {
				t.Errorf("what %s: %v", name, err)
			}
		}
		dry := lan
		dry.DryRun = true
		s.write(dry, set("a", "3"))
		page := s.list(taphoa.AuditQuery{})
		if len(page.Data) != 1 || page.Last != 1 || page.Next.Has() {
			t.Fatalf("the log is %+v", page)
		}
		got := page.Data[0]
		if want := "1 7 9 may-ban-hang 203.0.113.7 yeu-cau-1 setSetting 5 a value:null→\"1\""; want != fmt.Sprintf("%d %d %d %s %s %s %s %d %s %s:%s→%s", got.Number,
			got.UserID, got.ApproverID, got.ClientID, got.Address, got.RequestID, got.Operation, got.RecordID, got.Record, got.Changes[0].Member,
			got.Changes[0].Before, got.Changes[0].After) || got.At != s.clock.Now() {
			t.Errorf("the entry is %+v", got)
		}
		if other := (db.Actor{Retailer: 2}); len(s.check()) > 0 {
			t.Error(s.check())
		} else if err := s.db.Read(t.Context(), other, func(tx *db.Tx) error {
			page, err := audit.List(tx, &taphoa.AuditQuery{Limit: 5}, nil)
			if len(page.Data) > 0 {
				t.Errorf("another shop reads %+v", page.Data)
			}
			return err
		}); err != nil {
			t.Error(err)
		}
	})
}

func TestEntriesAreInTheOrderOfCommitsWhileManyWrite(t *testing.T) {
	each(t, func(t *testing.T, s *shop) {
		const writers, times = 8, 20
		var all sync.WaitGroup
		for w := range writers {
			all.Go(func() {
				for i := range times {
					op := set(fmt.Sprint(w), fmt.Sprint(i))
					if i%4 == 3 {
						op = func(tx *db.Tx) error { return errors.Join(set("x", "y")(tx), errors.New("no")) }
					}
					_ = s.db.Write(t.Context(), lan, op)
				}
			})
		}
		all.Wait()
		page := s.list(taphoa.AuditQuery{Limit: 500})
		if len(page.Data) != writers*times*3/4 || page.Last != int64(len(page.Data)) {
			t.Errorf("%d entries, the last is %d", len(page.Data), page.Last)
		}
		last := map[string]string{}
		for _, e := range slices.Backward(page.Data) {
			if value := string(e.Changes[0].After); len(value) < len(last[e.Record]) || len(value) == len(last[e.Record]) && value <= last[e.Record] {
				t.Errorf("entry %d sets %s to %s after %s", e.Number, e.Record, value, last[e.Record])
			} else {
				last[e.Record] = value
			}
		}
		if findings := s.check(); len(findings) > 0 {
			t.Error(findings)
		}
	})
}

// TestWhatIsAlteredIsFound changes the stored log in every way that there is.
func TestWhatIsAlteredIsFound(t *testing.T) {
	each(t, func(t *testing.T, s *shop) {
		for i := range 6 {
			s.write(lan, set("a", fmt.Sprint(i)))
		}
		faults := map[string]string{
			"no one sees the newest": `DELETE FROM audit_log WHERE retailer_id = :retailer AND n = 6`,
			"nor the oldest":         `DELETE FROM audit_log WHERE retailer_id = :retailer AND n = 1`,
			"nor one between":        `DELETE FROM audit_log WHERE retailer_id = :retailer AND n = 3`,
			"all are gone":           `DELETE FROM audit_log WHERE retailer_id = :retailer`,
			"one was made up": `INSERT INTO audit_log (retailer_id, n, at, user_id, approver_id, client_id, address, request_id, operation, resource, record_id, record,
				first_seq, last_seq, changes, hash) SELECT retailer_id, 7, at, user_id, approver_id, client_id, address, request_id, operation, resource, record_id, record,
				first_seq, last_seq, changes, hash FROM audit_log WHERE retailer_id = :retailer AND n = 6`,
		}
		for _, column := range []string{"at", "user_id", "approver_id", "record_id", "first_seq", "last_seq"} {
			faults[column] = `UPDATE audit_log SET ` + column + ` = ` + column + ` + 1 WHERE retailer_id = :retailer AND n = 4`
		}
		for _, column := range []string{"client_id", "address", "request_id", "operation", "resource", "record", "changes", "hash"} {
			faults[column] = `UPDATE audit_log SET ` + column + ` = ` + column + ` || 'x' WHERE retailer_id = :retailer AND n = 4`
		}
		undo := errors.New("undo")
		for name, sql := range faults {
			var findings []string
			err := s.db.Write(t.Context(), lan, func(tx *db.Tx) (err error) {
				if _, err = tx.Exec(sql); err == nil {
					findings, err = audit.Check(tx)
				}
				return errors.Join(err, undo)
			})
			if !errors.Is(err, undo) || len(findings) == 0 {
				t.Errorf("%s: %v, %v", name, findings, err)
			}
		}
		if findings := s.check(); len(findings) > 0 {
			t.Error(findings)
		}
	})
}

// TestTheHeadKnowsTheNewestEntry: the log's end cannot be cut off, nor exchanged.
func TestTheHeadKnowsTheNewestEntry(t *testing.T) {
	each(t, func(t *testing.T, s *shop) {
		for i := range 3 {
			s.write(lan, set("a", fmt.Sprint(i)))
		}
		for _, sql := range []string{
			`UPDATE shop_heads SET audit_hash = 'x' WHERE retailer_id = 1`, `UPDATE shop_heads SET audits = 7 WHERE retailer_id = 1`,
		} {
			if err := s.db.Script(t.Context(), sql); err != nil {
				t.Fatal(err)
			}
			if findings := s.check(); len(findings) != 1 {
				t.Errorf("%s: %v", sql, findings)
			}
			restore := `UPDATE shop_heads SET audits = 3, audit_hash = (SELECT hash FROM audit_log WHERE retailer_id = 1 AND n = 3) WHERE retailer_id = 1`
			if err := s.db.Script(t.Context(), restore); err != nil {
				t.Fatal(err)
			}
		}
	})
}

func TestPruningKeepsTheChain(t *testing.T) {
	each(t, func(t *testing.T, s *shop) {
		prune := func(before taphoa.Time) {
			t.Helper()
			for more := true; more; {
				s.write(lan, func(tx *db.Tx) (err error) {
					more, err = audit.Prune(tx, before)
					return err
				})
			}
			if findings := s.check(); len(findings) > 0 {
				t.Fatal(findings)
			}
		}
		prune(s.clock.Now()) // there is nothing yet
		var at []taphoa.Time
		for i := range 6 {
			s.write(lan, set("a", fmt.Sprint(i)))
			at = append(at, s.clock.Now())
			s.clock.Advance(3600)
		}
		prune(at[0]) // it is not older
		if got := len(s.operations()); got != 6 {
			t.Errorf("%d entries", got)
		}
		prune(at[2])
		if page := s.list(taphoa.AuditQuery{}); page.Oldest != 3 || page.Data[0].Operation != audit.OperationPrune || page.Data[0].FirstEvent != 2 {
			t.Errorf("the log is %+v", page)
		}
		prune(at[5])
		if got := strings.Join(s.operations(), " "); got != "setSetting pruneAudit pruneAudit" {
			t.Errorf("the log is %s", got)
		}
		s.write(lan, set("a", "7"))
		s.clock.Advance(3600)
		prune(s.clock.Now())
		if got := strings.Join(s.operations(), " "); got != "pruneAudit" {
			t.Errorf("the log is %s", got)
		}
		s.write(lan, set("a", "8"))
		if err := s.db.Script(t.Context(), `DELETE FROM audit_log WHERE retailer_id = 1 AND operation = 'pruneAudit'`); err != nil {
			t.Fatal(err)
		}
		if findings := s.check(); len(findings) == 0 {
			t.Error("the entry of the pruning can be taken away")
		}
		if err := s.db.Script(t.Context(), `UPDATE shop_heads SET audits = 0, audit_hash = '' WHERE retailer_id = 1; DELETE FROM audit_log`); err != nil {
			t.Fatal(err)
		}
	})
}

func TestTheLogIsSearched(t *testing.T) {
	each(t, func(t *testing.T, s *shop) {
		names := []string{"Trà xanh", "Cà phê sữa", "Bánh đậu xanh"}
		mai := db.Actor{Retailer: 1, User: 8}
		var at []taphoa.Time
		for i := range 30 {
			who := lan
			if i%3 == 1 {
				who = mai
			}
			s.write(who, func(tx *db.Tx) error {
				err := set("s"+fmt.Sprint(i), "đã đổi "+fmt.Sprint(i))(tx)
				audit.Operation(tx, []string{"updateProduct", "deleteProduct"}[i%2], "settings")
				audit.Record(tx, int64(100+i%3), names[i%3])
				return err
			})
			at = append(at, s.clock.Now())
			s.clock.Advance(60)
		}
		for name, c := range map[string]struct {
			in    taphoa.AuditQuery
			count int
			first int64
		}{
			"all":                    {taphoa.AuditQuery{}, 30, 30},
			"of a person":            {taphoa.AuditQuery{UserID: 8}, 10, 29},
			"of a program":           {taphoa.AuditQuery{ClientID: "may-ban-hang"}, 20, 30},
			"an operation":           {taphoa.AuditQuery{Operation: "deleteproduct"}, 15, 30},
			"from a time on":         {taphoa.AuditQuery{FromDate: taphoa.Some(at[20])}, 10, 30},
			"until a time":           {taphoa.AuditQuery{ToDate: taphoa.Some(at[20])}, 21, 21},
			"between two":            {taphoa.AuditQuery{FromDate: taphoa.Some(at[10]), ToDate: taphoa.Some(at[12])}, 3, 13},
			"before all":             {taphoa.AuditQuery{ToDate: taphoa.Some(at[0] - 1)}, 0, 0},
			"after all":              {taphoa.AuditQuery{FromDate: taphoa.Some(s.clock.Now())}, 0, 0},
			"text without its marks": {taphoa.AuditQuery{Text: "da doi 17"}, 1, 18},
			"nothing has it":         {taphoa.AuditQuery{Text: "nước mắm"}, 0, 0},
			"a part":                 {taphoa.AuditQuery{Before: taphoa.Some(int64(11)), Limit: 5}, 5, 10},
		} {
			page := s.list(c.in)
			if len(page.Data) != c.count || c.count > 0 && page.Data[0].Number != c.first {
				t.Errorf("%s: %d entries, %+v", name, len(page.Data), page)
			}
			for i := range page.Data {
				if i > 0 && page.Data[i].Number >= page.Data[i-1].Number {
					t.Errorf("%s: entry %d follows %d", name, page.Data[i].Number, page.Data[i-1].Number)
				}
			}
		}
		var walked []int64
		for in := (taphoa.AuditQuery{UserID: 8, Limit: 3}); ; {
			page := s.list(in)
			for _, e := range page.Data {
				walked = append(walked, e.Number)
			}
			if in.Before = page.Next; !in.Before.Has() {
				break
			}
		}
		if want := []int64{29, 26, 23, 20, 17, 14, 11, 8, 5, 2}; !slices.Equal(walked, want) {
			t.Errorf("page by page: %v", walked)
		}
	})
}

// TestTheHistoryOfARecord is found by its id, however much else has happened.
func TestTheHistoryOfARecord(t *testing.T) {
	each(t, func(t *testing.T, s *shop) {
		s.write(lan, func(tx *db.Tx) error {
			audit.Record(tx, 77, "Trà xanh")
			return set("first", "1")(tx)
		})
		for i := range 10 {
			s.write(lan, set("a", fmt.Sprint(i)))
		}
		s.write(lan, func(tx *db.Tx) error { // another kind of record has the same number
			err := set("a", "11")(tx)
			audit.Resource(tx, "products")
			return err
		})
		if page := s.list(taphoa.AuditQuery{RecordID: 5, Resource: "settings"}); len(page.Data) != 10 {
			t.Errorf("%d entries", len(page.Data))
		}
		if err := (&taphoa.AuditQuery{RecordID: 5}).Validate(); err == nil {
			t.Error("a number names a record without its kind")
		}
		if page := s.list(taphoa.AuditQuery{RecordID: 6, Resource: "settings"}); len(page.Data) != 0 || page.Next.Has() {
			t.Errorf("a record that nothing was done to: %+v", page)
		}
	})
}

func TestSeveralRecordsOfOneOperation(t *testing.T) {
	each(t, func(t *testing.T, s *shop) {
		s.write(lan, func(tx *db.Tx) error {
			err := set("a", "1")(tx)
			for i := range 500 {
				audit.Record(tx, int64(100+i), fmt.Sprintf("TRA%d", i))
				audit.Value(tx, "basePrice", taphoa.Dong(10_000), taphoa.Dong(12_000))
			}
			return err
		})
		e := s.list(taphoa.AuditQuery{}).Data[0]
		last := e.Changes[len(e.Changes)-1]
		if e.RecordID != 0 || e.Record != "" || e.Changes[1].Member != "TRA0.basePrice" || string(e.Changes[1].Before) != "10000" {
			t.Errorf("the entry is %+v", e)
		}
		if last.Member != "…" || string(last.After) != fmt.Sprint(500+1-(len(e.Changes)-1)) {
			t.Errorf("it ends with %+v, after %d changes", last, len(e.Changes)-1)
		}
	})
}

// TestNoSecretIsLogged: what nobody may read in the log is masked, and long values are cut.
func TestNoSecretIsLogged(t *testing.T) {
	each(t, func(t *testing.T, s *shop) {
		long := strings.Repeat("chữ dài ", 100)
		cases := map[string][2]string{
			"password": {"cá rô kho tộ", `"***"`}, "clientSecret": {"S3CR3T", `"***"`}, "pin": {"284613", `"***"`}, "newPin": {"284613", `"***"`},
			"accessToken": {"eyJhbGciOi", `"***"`}, "credentials": {"user:pass", `"***"`}, "otp": {"123456", `"***"`},
			"url": {"https://erp.vn/hook?token=QUERYTOKEN", `"https://erp.vn/hook?…"`}, "accountNumber": {"0071000123456", `"***3456"`}, "bankAccount": {"12345678", `"***"`},
			"shipping": {"nhanh", `"nhanh"`}, "accountId": {"17", `"17"`}, "description": {long, ""},
		}
		s.write(lan, func(tx *db.Tx) error {
			err := set("a", "1")(tx)
			for member, c := range cases {
				audit.Value(tx, member, nil, c[0])
			}
			return err
		})
		for _, c := range s.list(taphoa.AuditQuery{}).Data[0].Changes {
			want, known := cases[c.Member]
			if known && want[1] != "" && string(c.After) != want[1] {
				t.Errorf("%s is logged as %s", c.Member, c.After)
			}
			if c.Member == "description" && (len(c.After) > 250 || !strings.Contains(string(c.After), "…")) {
				t.Errorf("a long value is logged as %s", c.After)
			}
		}
	})
}

// TestRefusalsAreCountedWithinABound: equal ones are one entry, and no more than sixty of a shop are written in an hour.
func TestRefusalsAreCountedWithinABound(t *testing.T) {
	each(t, func(t *testing.T, s *shop) {
		r := audit.NewRefusals(s.db, slog.Default())
		for range 5 {
			r.Note(audit.Refusal{Shop: 1, User: 7, Operation: "signInRefused", Address: "203.0.113.7"})
		}
		r.Note(audit.Refusal{Shop: 1, User: 7, Approver: 9, Operation: "approvalRefused", Address: "203.0.113.7"})
		r.Note(audit.Refusal{Operation: "signInRefused"}) // of no shop
		r.Flush(t.Context())
		page := s.list(taphoa.AuditQuery{})
		if len(page.Data) != 2 {
			t.Fatalf("the log is %+v", page.Data)
		}
		for _, e := range page.Data {
			if e.Operation == "signInRefused" && (len(e.Changes) != 1 || string(e.Changes[0].After) != "5") || e.Operation == "approvalRefused" && e.ApproverID != 9 {
				t.Errorf("an entry is %+v", e)
			}
		}
		for i := range 200 {
			r.Note(audit.Refusal{Shop: 1, Operation: "signInRefused", Address: fmt.Sprintf("198.51.100.%d", i)})
			r.Flush(t.Context())
		}
		if page := s.list(taphoa.AuditQuery{Limit: 500}); len(page.Data) != 60 {
			t.Errorf("%d entries in an hour", len(page.Data))
		}
		s.clock.Advance(3601)
		r.Flush(t.Context())
		if e := s.list(taphoa.AuditQuery{}).Data[0]; e.Operation != audit.OperationMore || string(e.Changes[0].After) != "142" {
			t.Errorf("the rest is %+v", e)
		}
		if findings := s.check(); len(findings) > 0 {
			t.Error(findings)
		}
	})
}

// TestALongValueIsCutWhole: whatever its length and what it ends with, what is stored is JSON with the beginning of the text.
func TestALongValueIsCutWhole(t *testing.T) {
	each(t, func(t *testing.T, s *shop) {
		values := map[string]string{}
		for length := 190; length < 210; length++ {
			for name, unit := range map[string]string{"ascii": "a", "quotes": `"`, "lines": "\n", "marks": "ế", "backslashes": `\\`} {
				values[fmt.Sprint(name, length)] = strings.Repeat(unit, length/len(unit)) + strings.Repeat("a", length%len(unit))
			}
		}
		for member, value := range values {
			s.write(lan, func(tx *db.Tx) error {
				err := set("a", member)(tx)
				audit.Value(tx, member, value, value+"x")
				return err
			})
			changes := s.list(taphoa.AuditQuery{Limit: 1}).Data[0].Changes
			c := changes[len(changes)-1]
			for _, got := range []jsontext.Value{c.Before, c.After} {
				text, err := jsontext.AppendUnquote(nil, got)
				if !got.IsValid() || err != nil || !strings.HasPrefix(value+"x", strings.TrimSuffix(string(text), "…")) || len(text) < 190 || len(text) > 204 {
					t.Errorf("%s is stored as %s", member, got)
				}
			}
		}
	})
}
