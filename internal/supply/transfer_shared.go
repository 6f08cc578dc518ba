package supply

import (
	"cmp"
	"maps"
	"slices"
	"strings"

	"github.com/taphoa/taphoa"
	"github.com/taphoa/taphoa/internal/db"
)

func refuse(field, format string, args ...any) error {
	return taphoa.Refuse(taphoa.CodeValidate, field, format, args...)
}

// codeKey is what a document's code is compared by.
func codeKey(code string) string { return strings.ToLower(strings.TrimSpace(code)) }

// codeUsed reports whether a document of a table other than the one of the id has a code.
func codeUsed(tx *db.Tx, table, code string, id int64) (bool, error) {
	_, used, err := db.One[int64](tx, `SELECT id FROM `+table+` WHERE retailer_id = :retailer AND code_key = ? AND id <> ?`, codeKey(code), id)
	return used, err
}

// openBranch refuses a branch that is missing, unknown or closed.
func openBranch(tx *db.Tx, label, field string, id int64) error {
	if id == 0 {
		return refuse(field, "%s (%s) không được để trống", taphoa.Term(label), field)
	}
	_, found, err := db.One[int64](tx, `SELECT id FROM branches WHERE retailer_id = :retailer AND id = ? AND deleted_at = 0`, id)
	if err == nil && !found {
		err = refuse(field, "%s %d (%s) không tồn tại hoặc đã ngừng hoạt động", taphoa.Term(label), id, field)
	}
	return err
}

// splitSerials are the serial numbers of a text, as clients separate them.
func splitSerials(text string) []string {
	serials := strings.FieldsFunc(text, func(r rune) bool { return r == ',' || r == ';' || r == '|' || r == '\n' })
	for i := range serials {
		serials[i] = strings.TrimSpace(serials[i])
	}
	return slices.DeleteFunc(serials, func(s string) bool { return s == "" })
}

// sortedKeys are the keys of a map in order, so that documents that are alike post alike.
func sortedKeys[V any](m map[parcelKey]V) []parcelKey {
	return slices.SortedFunc(maps.Keys(m), func(a, b parcelKey) int {
		return cmp.Or(cmp.Compare(a.product, b.product), cmp.Compare(a.batch, b.batch))
	})
}
