// Package taphoa stands for the package of this path: its types and how they are made.
package taphoa

const Scale = 10_000

type (
	Money    int64
	Quantity int64
	Percent  int64
)

type Opt[T any] struct{ Value T }

func Some[T any](v T) Opt[T] { return Opt[T]{v} }

type decimal interface{ Money | Quantity | Percent }

func ofWhole[T decimal](n int64) T { return T(n * Scale) }

func Dong(n int64) Money     { return ofWhole[Money](n) }
func Units(n int64) Quantity { return ofWhole[Quantity](n) }
func Ratio(n int64) Percent  { return ofWhole[Percent](n) }

const half Money = 5_000 // want `5000 as a taphoa.Money is 0.5, .* taphoa.Dong`
