package plan

import "github.com/taphoa/taphoa"

// Wholes are what the lines of a document take from, in base units by product: what a branch has, what is reserved for the
// document, what it has moved before. A line that takes all that the lines before it have left takes exactly that, though
// its unit shows it rounded ([Item.Quantities]).
type Wholes struct {
	sources []func(productID int64) taphoa.Quantity
	taken   map[int64]taphoa.Quantity
}

// NewWholes returns sources of which nothing is taken yet.
func NewWholes(sources ...func(productID int64) taphoa.Quantity) *Wholes {
	return &Wholes{sources, map[int64]taphoa.Quantity{}}
}

// Take is [Item.Quantities] of what is left, or of others, and takes it off what is left.
func (w *Wholes) Take(i *Item, quantity taphoa.Quantity, others ...taphoa.Quantity) ([]BaseQuantity, error) {
	for _, of := range w.sources {
		others = append(others, of(i.BaseID)-w.taken[i.BaseID])
	}
	moved, err := i.Quantities(quantity, others...)
	w.Leave(moved)
	return moved, err
}

// Leave takes goods off what is left.
func (w *Wholes) Leave(moved []BaseQuantity) {
	for _, m := range moved {
		w.taken[m.ProductID] += m.Quantity // at most a document's lines of bounded quantities
	}
}
