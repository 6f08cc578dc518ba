package plan

import (
	"github.com/taphoa/taphoa"
	"github.com/taphoa/taphoa/internal/text"
)

// Held is a line that a document has already. Its product may have been deleted or stopped since: it may stay on the document,
// at no more than the document has of it.
type Held struct {
	ProductID int64
	Code      string // of the product when the line was written
	Quantity  taphoa.Quantity
}

// HeldIDs are the products of held lines.
func HeldIDs(held []Held) []int64 {
	ids := make([]int64, len(held))
	for i, h := range held {
		ids[i] = h.ProductID
	}
	return ids
}

// NameHeld is how a line names its product, by the id where a held line has its code: that is its product, whatever the code
// is of by now.
func NameHeld(held []Held, id int64, code string) (int64, string) {
	if id != 0 || code == "" {
		return id, code
	}
	key := text.CodeKey(code)
	for _, h := range held {
		if text.CodeKey(h.Code) == key {
			return h.ProductID, code
		}
	}
	return 0, code
}

// HeldName is [DetailName] with [NameHeld].
func HeldName(held []Held) func(*taphoa.DetailInput) (id int64, code string) {
	return func(d *taphoa.DetailInput) (int64, string) {
		id, code := DetailName(d)
		return NameHeld(held, id, code)
	}
}

// HeldQuantities is how much a document has of its products.
func HeldQuantities(held []Held) map[int64]taphoa.Quantity {
	all := make(map[int64]taphoa.Quantity, len(held))
	for _, h := range held {
		all[h.ProductID] += h.Quantity // at most a document's lines of bounded quantities
	}
	return all
}

// RefuseMore takes the quantity of a line off what a document has of a product that was deleted or stopped; field is the
// member. It refuses more.
func RefuseMore(left map[int64]taphoa.Quantity, i *Item, field string, quantity taphoa.Quantity) error {
	if left[i.ID] -= quantity; left[i.ID] >= 0 {
		return nil
	}
	return taphoa.Refuse(taphoa.CodeProduct, field,
		"Hàng hóa %s đã bị xóa hoặc ngừng kinh doanh: chứng từ chỉ được giữ hoặc giảm số lượng đã có (%s)", i.Code, field)
}
