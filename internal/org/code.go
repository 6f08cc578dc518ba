package org

import (
	"fmt"

	"github.com/taphoa/taphoa/internal/db"
)

// NextCode answers the next code of a sequence of the shop, such as HD000123: the prefix and at least six digits.
// taken tells whether a client has used a code already; such numbers are passed over.
//
// The sequence's row stays locked until the commit, which is what makes the codes gapless: call it last.
func NextCode(tx *db.Tx, prefix string, taken func(code string) (bool, error)) (string, error) {
	for {
		n, _, err := db.One[int64](tx, `
			INSERT INTO counters (retailer_id, name, value) VALUES (:retailer, ?, 1)
			ON CONFLICT (retailer_id, name) DO UPDATE SET value = counters.value + 1
			RETURNING value`, prefix)
		if err != nil {
			return "", err
		}
		code := fmt.Sprintf("%s%06d", prefix, n)
		if used, err := taken(code); err != nil || !used {
			return code, err
		}
	}
}
