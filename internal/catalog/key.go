package catalog

import (
	"github.com/taphoa/taphoa"
)

// refuse is a refusal about a product.
func refuse(field, format string, args ...any) error {
	return taphoa.Refuse(taphoa.CodeProduct, field, format, args...)
}

// unknown is the error for a product that does not exist.
func unknown(what any) error {
	return taphoa.NotFound(taphoa.CodeProduct, "Sản phẩm %v không tồn tại", what)
}
