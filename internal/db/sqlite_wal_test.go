package db_test

import (
	"bytes"
	"context"
	"encoding/binary"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/taphoa/taphoa/internal/db"
	"github.com/taphoa/taphoa/internal/dbtest"
)

// crashed returns a file with its WAL as a process leaves them that is killed between two writes, and how many rows each has.
// earlier asks for frames of an earlier generation behind the live ones.
func crashed(t *testing.T, earlier bool) (file string, rows int64) {
	t.Helper()
	url := dbtest.Migrated(t, "sqlite")
	at := strings.TrimPrefix(url, "sqlite:")
	d := openWithCheckpoints(t, url, map[bool]int{true: 100}[earlier])
	defer d.Close()
	who := db.Actor{Retailer: 1}
	add := func(n int) {
		for range n {
			rows++
			write(t, d, who, func(tx *db.Tx) error {
				tx.Queue(`INSERT INTO notes (retailer_id, id, body) VALUES (:retailer, ?, ?)`, rows, strings.Repeat("x", 3000))
				return nil
			})
		}
	}
	if add(60); earlier {
		for wal := at + "-wal"; ; add(1) { // until the WAL begins again, and has some frames
			raw, err := os.ReadFile(wal)
			if err != nil {
				t.Fatal(err)
			}
			if binary.BigEndian.Uint32(raw[12:]) > 0 && rows > 200 {
				break
			}
		}
		add(5)
	}
	file = filepath.Join(t.TempDir(), "a.db")
	read := func() (all [3][]byte) {
		for i, end := range []string{"", "-wal", "-shm"} {
			raw, err := os.ReadFile(at + end)
			if all[i] = raw; err != nil {
				t.Fatal(err)
			}
		}
		return all
	}
	// Within a checkpoint the file is no database without its WAL: what is copied is of before or after one.
	all, again := read(), read()
	for checkpointing(all[2]) || !slices.EqualFunc(all[:], again[:], bytes.Equal) {
		time.Sleep(time.Millisecond)
		all, again = again, read()
	}
	for i, end := range []string{"", "-wal", "-shm"} {
		if err := os.WriteFile(file+end, all[i], 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return file, rows
}

// checkpointing reports whether a checkpoint has begun and not ended, by the index of a WAL (nBackfill and nBackfillAttempted of
// SQLite's WalCkptInfo).
func checkpointing(index []byte) bool {
	const info = 96
	return !bytes.Equal(index[info:info+4], index[info+32:info+36])
}

// TestFramesThatAreDroppedFromTheWALAreTold damages the WAL of a process that was killed in every way, and opens the database: a
// consistent state, and a line in the log if anything at the end is ignored.
func TestFramesThatAreDroppedFromTheWALAreTold(t *testing.T) {
	cut := func(n int) func([]byte) []byte { return func(b []byte) []byte { return b[:len(b)-n] } }
	flip := func(at func([]byte) int) func([]byte) []byte {
		return func(b []byte) []byte { b[at(b)] ^= 1; return b }
	}
	junk := func(n int) func([]byte) []byte {
		return func(b []byte) []byte { return append(b, bytes.Repeat([]byte{0xa5, 17, 3}, n/3)...) }
	}
	const frame = 4096 + 24
	for _, test := range []struct {
		name    string
		earlier bool
		change  func([]byte) []byte
		told    bool
		lost    bool // rows are missing
	}{
		{"nothing", false, cut(0), false, false},
		{"an earlier generation behind", true, cut(0), false, false},
		{"an earlier generation, cut anywhere", true, cut(1000), false, false},
		{"cut by a byte", false, cut(1), true, true},
		{"cut by 100,000 bytes", false, cut(100_000), true, true},
		{"cut by a frame inside a commit", false, cut(frame), true, true},
		{"a flipped byte in the middle", false, flip(func(b []byte) int { return len(b) / 2 }), true, true},
		{"a flipped byte in the live part, an earlier generation behind", true, flip(func([]byte) int { return 32 + frame + 100 }), true, true},
		{"a flipped byte in the header", false, flip(func([]byte) int { return 17 }), true, true},
		{"5,000 bytes of junk", false, junk(5000), true, false},
		{"100,000 bytes of junk", false, junk(100_000), true, false},
		{"a few bytes of junk", false, junk(9), true, false},
		{"zeros, as a file system leaves them", false, func(b []byte) []byte { return append(b, make([]byte, 2*frame)...) }, true, false},
		{"an empty WAL", false, func([]byte) []byte { return nil }, true, true},
		{"only its header", false, func(b []byte) []byte { return b[:32] }, true, true},
		{"a part of its header", false, func(b []byte) []byte { return b[:20] }, true, true},
		{"cut behind a commit", false, untilCommit, true, true},
	} {
		t.Run(test.name, func(t *testing.T) {
			file, rows := crashed(t, test.earlier)
			raw, err := os.ReadFile(file + "-wal")
			if err == nil {
				err = os.WriteFile(file+"-wal", test.change(raw), 0o600)
			}
			if err != nil {
				t.Fatal(err)
			}
			text := opened(t, file)
			if n := strings.Count(text, "level=WARN"); n != map[bool]int{true: 1}[test.told] {
				t.Errorf("the log says %q", text)
			}
			d, err := db.Open(context.Background(), "sqlite:"+file, db.Options{Readers: 1})
			if err != nil {
				t.Fatal(err)
			}
			defer d.Close()
			if state, err := d.Integrity(t.Context()); err != nil || len(state.Faults) > 0 {
				t.Errorf("what is left is no database: %v %v", err, state.Faults)
			}
			left := int64(0)
			err = d.Read(t.Context(), db.Actor{Retailer: 1}, func(tx *db.Tx) (err error) {
				left, _, err = db.One[int64](tx, `SELECT COUNT(*) FROM notes WHERE retailer_id = :retailer AND id <= ?`, rows)
				return err
			})
			// Of a later generation the file may have all that is in its live part already.
			if lost := err != nil || left < rows; lost != test.lost && (lost || !test.earlier) {
				t.Errorf("of %d rows %d are left: %v", rows, left, err)
			}
		})
	}
	t.Run("a computer that stopped", func(t *testing.T) { // it leaves no index, so that what is cut behind a commit shows nowhere
		for _, gone := range []string{"-shm", "-wal"} {
			file, _ := crashed(t, false)
			if err := os.Remove(file + gone); err != nil {
				t.Fatal(err)
			}
			if text := opened(t, file); strings.Count(text, "level=WARN") != strings.Count(gone, "-wal") {
				t.Errorf("without %s the log says %q", gone, text)
			}
		}
	})
	t.Run("a process that writes", func(t *testing.T) { // whose open transaction is no loss
		file, _ := crashed(t, false)
		p := hold(t, file)
		defer p.release()
		f, err := os.OpenFile(file+"-wal", os.O_APPEND|os.O_WRONLY, 0)
		if err == nil {
			_, err = fmt.Fprint(f, strings.Repeat("x", 9000))
		}
		if err != nil || f.Close() != nil {
			t.Fatal(err)
		}
		if text := opened(t, file); text != "" {
			t.Errorf("the log says %q", text)
		}
	})
}

// opened opens and closes a database and returns what that logs.
func opened(t *testing.T, file string) string {
	t.Helper()
	var text bytes.Buffer
	before := slog.Default()
	slog.SetDefault(slog.New(slog.NewTextHandler(&text, nil)))
	defer slog.SetDefault(before)
	d, err := db.Open(context.Background(), "sqlite:"+file, db.Options{Readers: 1})
	if err != nil {
		t.Fatal(err)
	}
	if err := d.Close(); err != nil {
		t.Error(err)
	}
	return text.String()
}

// untilCommit cuts a WAL behind the commit in its middle.
func untilCommit(wal []byte) []byte {
	const frame = 4096 + 24
	at := 32
	for end := at + frame; end < len(wal)/2; end += frame {
		if binary.BigEndian.Uint32(wal[end-frame+4:]) != 0 {
			at = end
		}
	}
	return wal[:at]
}
