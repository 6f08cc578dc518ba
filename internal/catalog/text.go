package catalog

import (
	"bytes"

	"github.com/cespare/xxhash/v2"

	"github.com/taphoa/taphoa"
	"github.com/taphoa/taphoa/internal/db"
	"github.com/taphoa/taphoa/internal/event"
	"github.com/taphoa/taphoa/internal/wire"
)

// ListProductTexts lists the products. A category includes its subcategories, as in [ListProducts].
func ListProductTexts(tx *db.Tx, in *taphoa.ProductQuery, form wire.Form) (page wire.TextPage, err error) {
	// What [ListProducts] returns, with each product written in a form: from memory if it is cached.
	r, err := keptTexts(tx)
	if err != nil {
		return page, err
	}
	return textPage(tx, r, in, form)
}

func textPage(tx *db.Tx, r *textView, in *taphoa.ProductQuery, form wire.Form) (page wire.TextPage, err error) {
	ids, err := listProductIDs(tx, r, in)
	page.Page = pageLike[wire.Raw](&ids)
	if err != nil {
		return page, err
	}
	page.Data, page.Sums = make([]wire.Raw, len(ids.Data)), make([]uint64, len(ids.Data))
	v := viewOf(in)
	if len(v.branches) > 0 {
		r = nil
	}
	w := textFormat{v.includes, form, ""}
	if held := tx.Actor().Held; !held.Places().All {
		w.reader = held.Key()
	}
	if r != nil {
		r.fill(w, ids.Data, page.Data, page.Sums)
	}
	return page, writeMissing(tx, r, w, v, ids.Data, &page)
}

// writeMissing writes the products of a page that are not cached, and caches them.
func writeMissing(tx *db.Tx, r *textView, w textFormat, v *view, ids []int64, page *wire.TextPage) error {
	var missing []int64
	for i, id := range ids {
		if page.Data[i] == nil {
			missing = append(missing, id)
		}
	}
	if len(missing) == 0 {
		return nil
	}
	found, err := readProducts(tx, missing, v)
	if err != nil {
		return err
	}
	written := make(map[int64]*productText, len(missing))
	var b []byte
	for i, id := range ids {
		if page.Data[i] != nil {
			continue
		}
		b = wire.AppendAs(b[:0], found[id], w.form)
		page.Data[i], page.Sums[i] = bytes.Clone(b), xxhash.Sum64(b)
		written[id] = &productText{page.Data[i], page.Sums[i]}
	}
	if r != nil {
		r.keep(w, written)
	}
	return nil
}

// The largest numbers of events that are read, and of products that were created, changed or deleted; for more than that, all
// texts of the shop are dropped.
const (
	textEventsMax      = 4000
	changedProductsMax = 1000
)

// changesSince returns what has changed since a number, up to what the head says. ok is false when that is everything, or
// it is not known.
func changesSince(tx *db.Tx, since int64, h *db.Head) (c changes, ok bool, err error) {
	events, ok, err := eventsBetween(tx, since, h.LastSeq, textEventsMax,
		"stock.update", productUpdated.Type, productDeleted.Type, event.Internal, priceBookUpdated.Type, priceBookDeleted.Type)
	for i := range events {
		e := &events[i]
		if e.Type == priceBookUpdated.Type || e.Type == priceBookDeleted.Type {
			return c, false, nil // any product may show it
		}
		named, err := event.Products(e)
		if err != nil || len(named) == 0 {
			return c, false, err
		}
		c.texts = append(c.texts, named...)
		if e.Type == productUpdated.Type || e.Type == productDeleted.Type {
			if c.products = append(c.products, named...); len(c.products) > changedProductsMax {
				return c, false, nil
			}
		}
	}
	if ok && len(c.products) > 0 {
		c.living, err = db.All[int64](tx, `SELECT p.id FROM products p WHERE `+liveProducts+` AND p.id IN ? ORDER BY p.id`, c.products)
	}
	return c, ok && err == nil, err
}
