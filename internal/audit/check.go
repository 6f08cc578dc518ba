package audit

import (
	"errors"
	"fmt"

	"github.com/taphoa/taphoa"
	"github.com/taphoa/taphoa/internal/db"
)

// errEnough ends a walk.
var errEnough = errors.New("enough")

// Check walks the chain of the shop's log and returns what is wrong with it, at most a few findings: after the first, the hashes of
// what follows say nothing.
func Check(tx *db.Tx) (findings []string, err error) {
	head, err := tx.Head()
	if err != nil {
		return nil, err
	}
	next, before, err := base(tx)
	if err != nil {
		return nil, err
	}
	at := taphoa.Time(0)
	err = each(tx, func(e *Entry) error {
		hash := e.hash(tx.Retailer, before)
		switch {
		case e.N != next:
			findings = append(findings, fmt.Sprintf("entry %d is missing", next))
		case hash != e.Hash:
			findings = append(findings, fmt.Sprintf("entry %d, or the one before it, is not what was written", e.N))
		case e.At < at:
			findings = append(findings, fmt.Sprintf("entry %d is older than the one before it", e.N))
		}
		if len(findings) > 0 {
			return errEnough
		}
		next, before, at = e.N+1, hash, e.At
		return nil
	})
	if errors.Is(err, errEnough) {
		return findings, nil
	}
	switch {
	case err != nil:
		return nil, err
	case head.Audits != next-1:
		findings = append(findings, fmt.Sprintf("there are entries up to %d, and there were %d", next-1, head.Audits))
	case head.AuditHash != before:
		findings = append(findings, fmt.Sprintf("the newest entry, %d, is not the one that was written last", next-1))
	}
	return findings, nil
}

// base is the number of the first entry that is kept, and the hash of the one before it: of [Prune]'s last entry.
func base(tx *db.Tx) (first int64, before string, err error) {
	rows, err := db.All[Entry](tx, `SELECT `+columns+` FROM audit_log a
		WHERE a.retailer_id = :retailer AND a.record_id = ? AND a.n >= 0 ORDER BY a.n DESC LIMIT 1`, int64(ofLog))
	if err != nil || len(rows) == 0 {
		return 1, "", err
	}
	return rows[0].FirstSeq + 1, rows[0].Record, nil
}

// each calls visit for all entries of the shop in their order.
func each(tx *db.Tx, visit func(*Entry) error) error {
	for after := int64(0); ; {
		rows, err := db.All[Entry](tx, `SELECT `+columns+` FROM audit_log a
			WHERE a.retailer_id = :retailer AND a.n > ? ORDER BY a.n LIMIT ?`, after, int64(part))
		if err != nil {
			return err
		}
		for i := range rows {
			if err := visit(&rows[i]); err != nil {
				return err
			}
			after = rows[i].N
		}
		if len(rows) < part {
			return nil
		}
	}
}
