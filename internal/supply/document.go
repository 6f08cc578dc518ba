package supply

import (
	"cmp"

	"github.com/taphoa/taphoa"
	"github.com/taphoa/taphoa/internal/catalog"
	catalogplan "github.com/taphoa/taphoa/internal/catalog/plan"
	"github.com/taphoa/taphoa/internal/db"
	"github.com/taphoa/taphoa/internal/right"
	"github.com/taphoa/taphoa/internal/text"
)

const (
	linesMax  = 1000 // lines of one document
	serialMax = 125  // characters of a serial
)

func refuse(field, format string, args ...any) error {
	return taphoa.Refuse(taphoa.CodeValidate, field, format, args...)
}

// findProducts finds the product of each line, by id or code. Those that the document has already may be deleted. field is
// the member that a refusal names.
func findProducts[T any](
	tx *db.Tx, field string, lines []T, held []catalogplan.Held, key func(*T) (id int64, code string),
) ([]*catalog.Item, error) {
	named := func(l *T) (int64, string) {
		id, code := key(l)
		return catalogplan.NameHeld(held, id, code)
	}
	ids, codes := catalogplan.Named(lines, named)
	found, err := catalog.FindItems(tx, ids, codes, catalogplan.HeldIDs(held))
	if err != nil {
		return nil, err
	}
	products := make([]*catalog.Item, len(lines))
	for i := range lines {
		if products[i] = found.Find(named(&lines[i])); products[i] == nil {
			id, code := key(&lines[i])
			return nil, taphoa.Refuse(taphoa.CodeProduct, field, "Hàng hóa ở dòng %d không tồn tại (productId %d, productCode %q)", i+1, id, code)
		}
	}
	return products, nil
}

// mayAtBoth refuses what the actor may not do at the branch where a document is, and at the one where it is to be; 0 for none.
func mayAtBoth(tx *db.Tx, from, to int64, also ...right.Right) error {
	for _, branch := range []int64{from, to} {
		if branch != 0 {
			if err := tx.Actor().May(branch, also...); err != nil {
				return err
			}
		}
	}
	return nil
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

// keepsSupplier reports whether a request names the supplier that a document has, by id or code: they may be deleted since.
func keepsSupplier(in *taphoa.DocumentSupplier, id, stored taphoa.Opt[int64], code taphoa.Opt[string]) bool {
	named, namedCode := id.Or(0), ""
	if in != nil {
		named, namedCode = cmp.Or(in.ID.Or(0), named), text.CodeKey(in.Code.Or(""))
	}
	if named != 0 {
		return named == stored.Or(0)
	}
	return stored.Has() && namedCode != "" && namedCode == text.CodeKey(code.Or(""))
}
