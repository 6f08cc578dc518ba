package api

import (
	"crypto/sha256"
	"encoding/hex"
	"io"
	"net/http"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/taphoa/taphoa"
	"github.com/taphoa/taphoa/internal/db"
)

const (
	keyHeader = "Idempotency-Key"
	keyMax    = 255 // characters

	// keyKept is how long an answer is kept, by stamps. Each new key's is later than all before, by the time since the last
	// one that came before it by the clock, and by at most keyStep. So jumps of the clock age a key by an hour at most, servers
	// whose clocks differ age it once each, and what follows a clock that was far ahead expires as well.
	keyKept = 48 * time.Hour
	keyStep = time.Hour

	// keysPruned is how many expired answers are deleted when a new one is written: more than one, so that they do not
	// accumulate, and few, so that no write waits for them.
	keysPruned = 4
)

// idempotentWrite is a write that is done once, however often it is sent: the caller's key, what it was sent with,
// and the answer. The answer is stored in the transaction of the effect, so that there is never one without the other.
// A refusal changes nothing and is therefore not stored: the same request is evaluated again, and may succeed later.
type idempotentWrite struct {
	key         string
	fingerprint string // of the request, and of the reader: an answer is given neither to others, nor to who may see less by now
	replayed    bool   // the answer is that of an earlier request
	status      int
	answer      string
}

// parseIdempotencyKey returns nil if the request has no Idempotency-Key header.
func parseIdempotencyKey(r *http.Request, body []byte) (*idempotentWrite, error) {
	keys := r.Header[keyHeader]
	if len(keys) == 0 {
		return nil, nil
	}
	key := keys[0]
	unprintable := func(c rune) bool { return !unicode.IsPrint(c) }
	if len(keys) > 1 || key == "" || !utf8.ValidString(key) || utf8.RuneCountInString(key) > keyMax || strings.ContainsFunc(key, unprintable) {
		return nil, taphoa.Unreadable(keyHeader, "Tiêu đề %s phải có từ 1 đến %d ký tự in được và chỉ gửi một lần", keyHeader, keyMax)
	}
	sum := sha256.New()
	_, _ = io.WriteString(sum, r.Method+" "+r.URL.EscapedPath()+"?"+r.URL.RawQuery+"\n")
	_, _ = sum.Write(body)
	return &idempotentWrite{key: key, fingerprint: hex.EncodeToString(sum.Sum(nil))}, nil
}

// of notes who sends the request, by [right.Held.Key].
func (o *idempotentWrite) of(reader string) {
	if o != nil && reader != "" {
		sum := sha256.Sum256([]byte(reader))
		o.fingerprint += "/" + hex.EncodeToString(sum[:8])
	}
}

// claim stores the key for this request, or finds the answer of the request that has it. It comes before everything else
// in the transaction: of two requests at a time the second waits here for the first, and does not begin what the first
// has already done.
func (o *idempotentWrite) claim(tx *db.Tx, client string) error {
	o.replayed = false // the operation may be run again
	fresh, err := tx.Exec(`
		INSERT INTO idempotency_keys (retailer_id, client_id, idempotency_key, fingerprint, status, answer, created_date, stamp)
		VALUES (:retailer, ?, ?, ?, 0, '', ?,
			COALESCE((SELECT MAX(stamp) + 1 FROM idempotency_keys WHERE retailer_id = :retailer), 0) + COALESCE((
				SELECT CASE WHEN MAX(created_date) < ? THEN ? ELSE ? - MAX(created_date) END
				FROM idempotency_keys WHERE retailer_id = :retailer AND created_date <= ?), 0))
		ON CONFLICT (retailer_id, client_id, idempotency_key) DO NOTHING`, client, o.key, o.fingerprint, tx.Clock,
		tx.Clock.Add(-keyStep), keyStep.Microseconds(), tx.Clock, tx.Clock)
	if err != nil || fresh > 0 {
		return err
	}
	type stored struct {
		Fingerprint string
		Status      int
		Answer      string
	}
	first, found, err := db.One[stored](tx, `
		SELECT fingerprint, status, answer FROM idempotency_keys
		WHERE retailer_id = :retailer AND client_id = ? AND idempotency_key = ?`, client, o.key)
	switch {
	case err != nil:
		return err
	case !found: // expired and pruned just now
		return &db.Conflict{Constraint: "idempotency_keys"}
	case request(first.Fingerprint) == request(o.fingerprint) && first.Fingerprint != o.fingerprint:
		return taphoa.Refuse(taphoa.CodeValidate, keyHeader,
			"Yêu cầu với %s này đã được thực hiện bởi người khác, hoặc khi bạn có quyền khác bây giờ, nên không xem lại kết quả ở đây được", keyHeader)
	case first.Fingerprint != o.fingerprint:
		return taphoa.Refuse(taphoa.CodeValidate, keyHeader,
			"%s này đã được dùng cho một yêu cầu khác, hãy tạo khóa mới cho mỗi yêu cầu", keyHeader)
	}
	o.replayed, o.status, o.answer = true, first.Status, first.Answer
	return nil
}

// request is the part of a fingerprint that is the request's.
func request(fingerprint string) string {
	of, _, _ := strings.Cut(fingerprint, "/")
	return of
}

// keep stores the answer under the key that was claimed, and drops a few that have expired.
func (o *idempotentWrite) keep(tx *db.Tx, client string, status int, answer []byte) {
	o.status, o.answer = status, string(answer)
	tx.Queue(`
		UPDATE idempotency_keys SET status = ?, answer = ?
		WHERE retailer_id = :retailer AND client_id = ? AND idempotency_key = ?`, o.status, o.answer, client, o.key)
	const expired = `stamp < (SELECT MAX(stamp) FROM idempotency_keys WHERE retailer_id = :retailer) - ?`
	tx.Queue(`
		DELETE FROM idempotency_keys
		WHERE retailer_id = :retailer AND `+expired+` AND (client_id, idempotency_key) IN (
			SELECT client_id, idempotency_key FROM idempotency_keys
			WHERE retailer_id = :retailer AND `+expired+`
			ORDER BY stamp, client_id, idempotency_key LIMIT ?)`, keyKept.Microseconds(), keyKept.Microseconds(), keysPruned)
}

// ForgetAnswers drops the stored answers of the shop, for a copy of it: some have secrets.
func ForgetAnswers(tx *db.Tx) {
	tx.Queue(`DELETE FROM idempotency_keys WHERE retailer_id = :retailer`)
}
