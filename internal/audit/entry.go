package audit

import (
	"crypto/sha256"
	"encoding/base64"
	"strconv"

	"github.com/taphoa/taphoa"
)

// Entry is a row of audit_log.
type Entry struct {
	N          int64
	At         taphoa.Time
	UserID     int64 // 0: a command, or nobody who is known
	ApproverID int64 // who has allowed it; 0: it was not asked
	ClientID   string
	Address    string
	RequestID  string
	Operation  string
	Resource   string
	RecordID   int64
	Record     string
	FirstSeq   int64
	LastSeq    int64
	Changes    string // JSON: member -> [before, after]
	Hash       string
}

// ofLog is the RecordID of entries about the log itself.
const ofLog = -1

// hash is that of the entry after the one with a hash. All of a row goes into it, the lengths of texts, too.
func (e *Entry) hash(shop int64, before string) string {
	b := make([]byte, 0, 512)
	for _, n := range [...]int64{shop, e.N, int64(e.At), e.UserID, e.ApproverID, e.RecordID, e.FirstSeq, e.LastSeq} {
		b = append(strconv.AppendInt(b, n, 10), ' ')
	}
	for _, text := range [...]string{before, e.ClientID, e.Address, e.RequestID, e.Operation, e.Resource, e.Record, e.Changes} {
		b = append(append(strconv.AppendInt(b, int64(len(text)), 10), ':'), text...)
	}
	sum := sha256.Sum256(b)
	return base64.RawStdEncoding.EncodeToString(sum[:])
}
