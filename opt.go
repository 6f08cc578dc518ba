package taphoa

import (
	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// OptState is whether an optional member is absent, null or has a value.
type OptState uint8

// The three states of an [Opt].
const (
	OptAbsent OptState = iota // the member was not there
	OptNull                   // the member was an explicit null
	OptValue                  // the member has a value
)

// Opt is a member that may be missing. In a request absent (leave unchanged), null and a value differ: null
// clears what only the scope Taphoa.Admin writes, and leaves unchanged what the vendor's own clients write. In a response
// and in a row only a value counts, and a member without one is left out (contract transactions-common, rules). Tag
// response members with json:",omitzero".
//
// Value is the first field and State the second; the packages db and wire rely on that.
type Opt[T any] struct {
	Value T
	State OptState
}

// Some is an Opt that holds v. A bare number is an int: an id is Some[int64](1), and a price Some(Dong(10_800)).
func Some[T any](v T) Opt[T] { return Opt[T]{Value: v, State: OptValue} }

// Null is an Opt that was explicitly null.
func Null[T any]() Opt[T] { return Opt[T]{State: OptNull} }

// SomeIf is an Opt that holds v, or is absent when v is the zero value.
func SomeIf[T comparable](v T) Opt[T] {
	var zero T
	if v == zero {
		return Opt[T]{}
	}
	return Some(v)
}

// Has reports a value.
func (o Opt[T]) Has() bool { return o.State == OptValue }

// Given reports a value or an explicit null: in an update, whether the member is to change.
func (o Opt[T]) Given() bool { return o.State != OptAbsent }

// IsZero reports that there is no value, so that omitzero leaves the member out.
func (o Opt[T]) IsZero() bool { return o.State != OptValue }

// Or is the value, or fallback when there is none.
func (o Opt[T]) Or(fallback T) T {
	if o.State == OptValue {
		return o.Value
	}
	return fallback
}

// MarshalJSONTo writes the value or null.
func (o Opt[T]) MarshalJSONTo(enc *jsontext.Encoder) error {
	if o.State != OptValue {
		return enc.WriteToken(jsontext.Null)
	}
	return json.MarshalEncode(enc, o.Value)
}

// UnmarshalJSONFrom reads a value or null.
func (o *Opt[T]) UnmarshalJSONFrom(dec *jsontext.Decoder) error {
	if dec.PeekKind() == 'n' {
		*o = Null[T]()
		return dec.SkipValue()
	}
	o.State = OptValue
	return json.UnmarshalDecode(dec, &o.Value)
}
