package org

import (
	"slices"

	"github.com/taphoa/taphoa/internal/db"
	"github.com/taphoa/taphoa/internal/org/plan"
	"github.com/taphoa/taphoa/internal/text"
)

// Sequence is a sequence of codes of the shop, such as HD000123: gapless but for the codes that clients have used already.
type Sequence struct {
	Prefix string
	Table  string // where the codes are
	Narrow string // which of its rows count, such as "AND deleted_at = 0"
}

// codesMax is the largest number of codes in one query.
const codesMax = 1024

// AskCodes asks, for each sequence, whether a client has used its next code. After the batch has run, ready skips the codes
// that are used, so that the next code of each sequence is free: with further questions, if there are any.
func AskCodes(tx *db.Tx, b *db.Batch, sequences ...Sequence) (ready func() error) {
	used := make([]*db.Rows[string], len(sequences))
	var failed error
	for i, s := range sequences {
		last, err := lastNumber(tx, s.Prefix)
		if err != nil && failed == nil {
			failed = err
		}
		used[i] = db.Want[string](b, `SELECT code_key FROM `+s.Table+` WHERE retailer_id = :retailer AND code_key = ? `+s.Narrow,
			codeKey(s.Prefix, last+1))
	}
	return func() error {
		for i, s := range sequences {
			if _, found := used[i].One(); found && failed == nil {
				failed = s.passUsed(tx)
			}
		}
		return failed
	}
}

// passUsed moves the sequence to the last number before a free one.
func (s *Sequence) passUsed(tx *db.Tx) error {
	for n := int64(16); ; n = min(16*n, codesMax) {
		last, err := lastNumber(tx, s.Prefix)
		if err != nil {
			return err
		}
		keys := make([]string, n)
		for i := range keys {
			keys[i] = codeKey(s.Prefix, last+1+int64(i))
		}
		used, err := db.All[string](tx, `SELECT code_key FROM `+s.Table+` WHERE retailer_id = :retailer AND code_key IN ? `+s.Narrow, keys)
		if err != nil {
			return err
		}
		for _, key := range keys {
			if !slices.Contains(used, key) {
				return nil
			}
			if _, err := tx.NextNumber(s.Prefix); err != nil {
				return err
			}
		}
	}
}

// lastNumber returns the last number of a prefix that was given out.
func lastNumber(tx *db.Tx, prefix string) (int64, error) {
	next, err := tx.NextNumber(prefix)
	if err != nil {
		return 0, err
	}
	return next - 1, tx.ReturnNumbers(prefix, 1)
}

func codeKey(prefix string, number int64) string { return text.CodeKey(plan.Code(prefix, number)) }

// CodeUsed reports whether the row with the id cannot have a code because another row of its table has it; narrow says which
// rows count, such as "AND deleted_at = 0".
func CodeUsed(tx *db.Tx, table, code string, id int64, narrow string) (bool, error) {
	return KeyUsed(tx, table, "code_key", text.CodeKey(code), id, narrow)
}

// NameUsed is [CodeUsed] for the key of a name, of a row that may be deleted.
func NameUsed(tx *db.Tx, table, key string, id int64) (bool, error) {
	return KeyUsed(tx, table, "name_key", key, id, "AND deleted_at = 0")
}

// KeyUsed is [CodeUsed] for any column. A row keeps what it has, though others may have it too: doubles from before keys
// were made as they are now.
func KeyUsed(tx *db.Tx, table, column, key string, id int64, narrow string) (bool, error) {
	ids, err := db.All[int64](tx,
		`SELECT id FROM `+table+` WHERE retailer_id = :retailer AND `+column+` = ? `+narrow+` ORDER BY id`, key)
	return len(ids) > 0 && !slices.Contains(ids, id), err
}

// NextCode returns the next free code of a sequence: see [AskCodes].
func NextCode(tx *db.Tx, prefix, table, narrow string) (string, error) {
	b := tx.Batch()
	ready := AskCodes(tx, b, Sequence{prefix, table, narrow})
	if err := b.Run(); err != nil {
		return "", err
	}
	if err := ready(); err != nil {
		return "", err
	}
	return NextReceiptCode(tx, prefix)
}

// NextReceiptCode is [NextCode] for receipts, whose codes clients do not choose.
func NextReceiptCode(tx *db.Tx, prefix string) (string, error) {
	number, err := tx.NextNumber(prefix)
	return plan.Code(prefix, number), err
}
