package taphoa

// Location is a district with its province, the place that addresses name (contract locations, Location).
type Location struct {
	ID         int64  `json:"id"`         // the locationId of deliveries; the official code of the district
	Name       string `json:"name"`       // 'Hải Dương - Thành phố Hải Dương'
	NormalName string `json:"normalName"` // the name without diacritics, in the same case
	Wards      []Ward `json:"wards,omitzero"`
}

// Ward is the smallest unit of an address (contract locations, Ward).
type Ward struct {
	ID         int64  `json:"id"`   // the official code of the ward
	Name       string `json:"name"` // 'Phường Hàng Bạc'
	NormalName string `json:"normalName"`
	ParentID   int64  `json:"parentId"` // the location it lies in
}

// LocationQuery lists the places of Vietnam; wards come only when they are asked for, because they are many.
type LocationQuery struct {
	Paging
	IncludeWards bool   `query:"includeWards"`
	Name         string `query:"name"`
}
