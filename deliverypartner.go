package taphoa

// PartnerDelivery is a carrier that brings goods to customers, in requests and responses alike (contract orders,
// PartnerDelivery).
type PartnerDelivery struct {
	Code          Opt[string] `json:"code,omitzero" max:"50"`
	Name          Opt[string] `json:"name,omitzero" max:"255"`
	Address       Opt[string] `json:"address,omitzero" max:"1000"`
	ContactNumber Opt[string] `json:"contactNumber,omitzero" max:"255"`
	Email         Opt[string] `json:"email,omitzero" max:"255"`
}
