package org

import (
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
	at, err := tx.LastChange() // the places belong to no shop; its stamp stands still as long as theirs would
	page := taphoa.Page[taphoa.Location]{Total: int64(len(places)), PageSize: in.PageSize, Data: []taphoa.Location{}, Timestamp: at}
	from := min(in.CurrentItem, page.Total)
	for _, p := range places[from:min(from+in.PageSize, page.Total)] {
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
