package org

import (
	"slices"
	"strings"

	"github.com/taphoa/taphoa/internal/db"
	"github.com/taphoa/taphoa/internal/org/plan"
)

// codesMax is how many codes are looked up at once.
const codesMax = 1024

// NextCode answers the next code of a sequence of the shop, such as HD000123: the prefix and at least six digits. The
// sequence is gapless but for the codes that clients have used already: those are found in a table, among the rows that
// narrow leaves ("AND deleted_at = 0"), by their code_key.
func NextCode(tx *db.Tx, prefix, table, narrow string) (string, error) {
	for n := 1; ; n = min(16*n, codesMax) {
		codes, keys := make([]string, n), make([]string, n)
		for i := range codes {
			number, err := tx.NextNumber(prefix)
			if err != nil {
				return "", err
			}
			codes[i] = plan.Code(prefix, number)
			keys[i] = strings.ToLower(codes[i])
		}
		used, err := db.All[string](tx, `SELECT code_key FROM `+table+` WHERE retailer_id = :retailer AND code_key IN ? `+narrow, keys)
		if err != nil {
			return "", err
		}
		for i, code := range codes {
			if !slices.Contains(used, keys[i]) {
				return code, tx.GiveBack(prefix, int64(n-1-i))
			}
		}
	}
}

// NextReceiptCode is [NextCode] for receipts, whose codes nobody chooses.
func NextReceiptCode(tx *db.Tx, prefix string) (string, error) {
	number, err := tx.NextNumber(prefix)
	return plan.Code(prefix, number), err
}
