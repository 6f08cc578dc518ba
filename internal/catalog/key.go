package catalog

import (
	"strings"

	"golang.org/x/text/unicode/norm"

	"github.com/taphoa/taphoa"
	"github.com/taphoa/taphoa/internal/db"
)

// nameKey is a name's key: it orders without regard to tones and case, and two names are one when they differ in case
// or blanks alone. Folding alone would not do, since Bò and Bơ are different products.
func nameKey(name string) string {
	return db.Fold(name) + "\t" + strings.ToLower(norm.NFC.String(clean(name)))
}

// clean trims a name and collapses its blanks.
func clean(name string) string { return strings.Join(strings.Fields(name), " ") }

// refuse is a refusal about a product.
func refuse(field, format string, args ...any) error {
	return taphoa.Refuse(taphoa.CodeProduct, field, format, args...)
}

// unknown is the error for a product that does not exist.
func unknown(what any) error {
	return taphoa.NotFound(taphoa.CodeProduct, "Sản phẩm %v không tồn tại", what)
}
