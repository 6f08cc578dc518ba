package org

import (
	"strconv"
	"strings"

	"github.com/taphoa/taphoa"
	"github.com/taphoa/taphoa/internal/db"
)

// ListLocations lists the districts of Vietnam, the same for every shop (contract locations).
func ListLocations(tx *db.Tx, in *taphoa.LocationQuery) (taphoa.Page[taphoa.Location], error) {
	places := allLocations()
	if needle := db.Fold(in.Name); needle != "" {
		var found []taphoa.Location
		for _, p := range places {
			if strings.Contains(strings.ToLower(p.NormalName), needle) {
				found = append(found, p)
			}
		}
		places = found
	}
	from := in.CurrentItem
	if in.Cursor != "" && in.Cursor != "*" { // the places never change, so that their number is a cursor
		n, err := strconv.ParseInt(in.Cursor, 10, 64)
		if err != nil || n < 0 {
			return taphoa.Page[taphoa.Location]{}, db.RefuseCursor()
		}
		from = n
	}
	at, err := tx.LastChange() // the places belong to no shop; its stamp stands still as long as theirs would
	page := taphoa.Page[taphoa.Location]{Total: int64(len(places)), PageSize: in.PageSize, Data: []taphoa.Location{}, Timestamp: at}
	from = min(from, page.Total)
	to := min(from+in.PageSize, page.Total)
	if in.Cursor != "" && to < page.Total {
		page.NextCursor = strconv.FormatInt(to, 10)
	}
	for _, p := range places[from:to] {
		if !in.IncludeWards {
			p.Wards = nil
		}
		page.Data = append(page.Data, p)
	}
	return page, err
}

// ListTaxes lists the tax rates that a taxId can name (contract taxes).
func ListTaxes(*db.Tx, *struct{}) (taphoa.TaxList, error) {
	return taphoa.TaxList{Data: taphoa.Taxes, IsSuccess: true}, nil
}
