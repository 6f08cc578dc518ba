package org

import (
	"cmp"
	"slices"
	"strings"

	"github.com/taphoa/taphoa"
	"github.com/taphoa/taphoa/internal/db"
)

// ListLocations lists the districts of Vietnam, the same for every shop (contract locations). The timestamp is the
// shop's, which does not change more often than those of other lists.
func ListLocations(tx *db.Tx, in *taphoa.LocationQuery) (taphoa.Page[taphoa.Location], error) {
	order := strings.ToLower(in.OrderBy)
	locations := sortedLocations(order, strings.EqualFold(in.OrderDirection, "desc"))
	needle := db.Fold(in.Name)
	if needle != "" {
		locations = slices.DeleteFunc(slices.Clone(locations), func(p taphoa.Location) bool {
			return !strings.Contains(strings.ToLower(p.NormalName), needle)
		})
	}
	page, err := db.Cut(tx, locations, order+in.OrderDirection+" "+needle, in.Paging)
	if !in.IncludeWards {
		page.Data = slices.Clone(page.Data)
		for i := range page.Data {
			page.Data[i].Wards = nil
		}
	}
	return page, err
}

// sortedLocations are all districts by name without regard to diacritics, unless by another member of theirs.
func sortedLocations(order string, descending bool) []taphoa.Location {
	locations := allLocations()
	compare := map[string]func(a, b taphoa.Location) int{
		"id":   func(a, b taphoa.Location) int { return cmp.Compare(a.ID, b.ID) },
		"name": func(a, b taphoa.Location) int { return strings.Compare(a.Name, b.Name) },
	}[order]
	if compare == nil && !descending {
		return locations
	}
	locations = slices.Clone(locations)
	if compare != nil {
		slices.SortStableFunc(locations, compare)
	}
	if descending {
		slices.Reverse(locations)
	}
	return locations
}

// Located completes the district of an address: its name follows a known id, its id a known name. What is known of neither
// is kept as it is, and what is stored beside it goes.
func Located(id taphoa.Opt[int64], name taphoa.Opt[string]) (taphoa.Opt[int64], taphoa.Opt[string]) {
	named := func(p taphoa.Location) bool { return db.Fold(p.Name) == db.Fold(name.Value) }
	known := allLocations()
	if id.Or(0) != 0 {
		if at := slices.IndexFunc(known, func(p taphoa.Location) bool { return p.ID == id.Value }); at >= 0 {
			return id, taphoa.Some(known[at].Name)
		}
	}
	if name.Or("") != "" {
		if at := slices.IndexFunc(known, named); at >= 0 {
			return taphoa.Some(known[at].ID), name
		}
	}
	switch {
	case id.Or(0) != 0 && !name.Given():
		name = taphoa.Null[string]()
	case name.Or("") != "" && !id.Given():
		id = taphoa.Null[int64]()
	}
	return id, name
}

// ListTaxes lists the tax rates that a taxId can name (contract taxes).
func ListTaxes(*db.Tx, *struct{}) (taphoa.TaxList, error) {
	return taphoa.TaxList{Data: taphoa.Taxes, IsSuccess: true}, nil
}
