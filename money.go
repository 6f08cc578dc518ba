package taphoa

import (
	"cmp"
	"errors"
	"math"
	"math/bits"
	"slices"

	"github.com/go-json-experiment/json/jsontext"
)

// Money is an amount of đồng (VND); make it with Dong(10_800) or, with a fraction, as Money(0.5 * Scale).
//
// It is an integer scaled by 10⁴: the bare Money(10800) is 1.08 đồng. The check github.com/taphoa/taphoa/tools/scaled
// refuses that, for go vet -vettool in programs of yours, too. Text is read with [ParseDecimal]. On the wire it is a JSON number (contract transactions-common, legend types: decimal
// and double); on input a string that holds a number and null, which is zero, do as well.
//
// Arithmetic with the methods never wraps: a result outside of ±922,337,203,685,477.5807 is [ErrDecimalRange]. What needs
// rounding is rounded once, to four places, half away from zero.
type Money int64

// Quantity is a measured amount (pieces, kilograms, centimetres); make it with Units(3) or as Quantity(0.25 * Scale).
//
// It is an integer scaled by 10⁴: the bare Quantity(3) is 0.0003. JSON and arithmetic are like [Money]'s.
type Quantity int64

// Percent is a number of percent (8 is eight percent); make it with Ratio(8) or as Percent(12.5 * Scale).
//
// It is an integer scaled by 10⁴: the bare Percent(8) is 0.0008 percent. JSON is like [Money]'s.
type Percent int64

// Dong is n whole đồng. It panics beyond ±922,337,203,685,477: check an n from outside first, or read it with
// [ParseDecimal].
func Dong(n int64) Money { return ofWhole[Money](n) }

// Units is n whole pieces, kilograms or what else is measured. It panics where [Dong] does.
func Units(n int64) Quantity { return ofWhole[Quantity](n) }

// Ratio is n whole percent. It panics where [Dong] does.
func Ratio(n int64) Percent { return ofWhole[Percent](n) }

// Add is m plus n, or [ErrDecimalRange].
func (m Money) Add(n Money) (Money, error) { return addDecimal(m, n) }

// Sub is m minus n, or [ErrDecimalRange].
func (m Money) Sub(n Money) (Money, error) { return subDecimal(m, n) }

// Times is the price of q at m apiece, or [ErrDecimalRange].
func (m Money) Times(q Quantity) (Money, error) { return mulDiv[Money](int64(m), int64(q), Scale) }

// Div is the price apiece when q cost m; [ErrDecimalRange] also when q is zero.
func (m Money) Div(q Quantity) (Money, error) { return mulDiv[Money](int64(m), Scale, int64(q)) }

// Share is p percent of m, or [ErrDecimalRange].
func (m Money) Share(p Percent) (Money, error) { return mulDiv[Money](int64(m), int64(p), 100*Scale) }

// RatioOf is how many percent m is of a whole, or [ErrDecimalRange].
func (m Money) RatioOf(whole Money) (Percent, error) {
	return mulDiv[Percent](int64(m), 100*Scale, int64(whole))
}

// TimesDong is the price of q at m apiece in whole đồng, rounded once, half away from zero; or [ErrDecimalRange].
func (m Money) TimesDong(q Quantity) (Money, error) { return mulDivDong(int64(m), int64(q), Scale) }

// ShareDong is p percent of m in whole đồng, rounded once, half away from zero; or [ErrDecimalRange].
func (m Money) ShareDong(p Percent) (Money, error) { return mulDivDong(int64(m), int64(p), 100*Scale) }

// ContainedDong is the tax that an amount with a tax of p percent contains, in whole đồng, rounded once, half away from
// zero; or [ErrDecimalRange]. 108 contain 8 at 8 percent.
func (m Money) ContainedDong(p Percent) (Money, error) {
	return mulDivDong(int64(m), int64(p), 100*Scale+int64(p))
}

// mulDivDong is a times b divided by divisor in whole đồng.
func mulDivDong(a, b, divisor int64) (Money, error) {
	whole, err := mulDiv[Money](a, b, divisor*Scale)
	if n := int64(whole); err != nil || n > math.MaxInt64/Scale || n < math.MinInt64/Scale {
		return 0, ErrDecimalRange
	}
	return whole * Scale, nil
}

// Abs is m without its sign.
func (m Money) Abs() Money { return max(m, -m) }

// RoundDong is m rounded to the whole đồng, half away from zero. The last half đồng of the range, for which there is no
// whole đồng further out, is cut instead.
func (m Money) RoundDong() Money {
	negative, size := magnitude(int64(m))
	whole, _ := divRound(negative, 0, size, Scale) // a quotient of two int64 is in range
	return Money(min(max(whole, math.MinInt64/Scale), math.MaxInt64/Scale) * Scale)
}

// Add is q plus r, or [ErrDecimalRange].
func (q Quantity) Add(r Quantity) (Quantity, error) { return addDecimal(q, r) }

// Sub is q minus r, or [ErrDecimalRange].
func (q Quantity) Sub(r Quantity) (Quantity, error) { return subDecimal(q, r) }

// Times is q times r (boxes times pieces a box), or [ErrDecimalRange].
func (q Quantity) Times(r Quantity) (Quantity, error) {
	return mulDiv[Quantity](int64(q), int64(r), Scale)
}

// Div is q divided by r (pieces by pieces a box); [ErrDecimalRange] also when r is zero.
func (q Quantity) Div(r Quantity) (Quantity, error) {
	return mulDiv[Quantity](int64(q), Scale, int64(r))
}

// ErrAllocate is the error for an allocation without weights, or with a negative one.
var ErrAllocate = errors.New("amount cannot be allocated over these weights")

// Allocate splits total over the weights in proportion, as a document's discount is spread over its lines. The shares are
// in the order of the weights and add up to total exactly. They are whole đồng when total is, else multiples of 10⁻⁴ đồng,
// and differ from the exact share by less than one such step: what rounding down leaves over goes to the largest
// remainders, the earlier line first. A zero weight gets nothing, but when all are zero the split is even and the
// first takes what is left over. A negative total is split like a positive one.
//
// The error is [ErrAllocate], or [ErrDecimalRange] when the sum of the weights overflows.
func Allocate(total Money, weights []Money) ([]Money, error) {
	if len(weights) == 0 && total != 0 {
		return nil, ErrAllocate
	}
	var sum Money
	for _, weight := range weights {
		if weight < 0 {
			return nil, ErrAllocate
		}
		var err error
		if sum, err = addDecimal(sum, weight); err != nil {
			return nil, err
		}
	}
	step := uint64(1)
	if total%Scale == 0 {
		step = Scale
	}
	negative, size := magnitude(int64(total))
	var steps []uint64
	if sum > 0 {
		steps = inProportion(size/step, weights, uint64(sum))
	} else {
		steps = evenly(size/step, len(weights))
	}
	shares := make([]Money, len(weights))
	for i := range shares {
		shares[i] = Money(withSign(negative, steps[i]*step))
	}
	return shares, nil
}

// inProportion is the largest remainder method.
func inProportion(total uint64, weights []Money, sum uint64) []uint64 {
	shares := make([]uint64, len(weights))
	remainders := make([]uint64, len(weights))
	order := make([]int, len(weights))
	left := total
	for i, weight := range weights {
		high, low := bits.Mul64(total, uint64(weight))
		shares[i], remainders[i] = bits.Div64(high, low, sum) // weight <= sum, so the share fits
		left -= shares[i]
		order[i] = i
	}
	// The remainders add up to left times sum and each is below sum: more than left of them are not zero, so a zero
	// weight is never reached.
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(remainders[b], remainders[a]) })
	for _, i := range order[:left] {
		shares[i]++
	}
	return shares
}

func evenly(total uint64, n int) []uint64 {
	shares := make([]uint64, n)
	for i := range shares {
		shares[i] = total / uint64(n)
	}
	if n > 0 {
		shares[0] += total % uint64(n)
	}
	return shares
}

// String is the amount in đồng, as on the wire.
func (m Money) String() string { return decimalString(int64(m)) }

// String is the amount, as on the wire.
func (q Quantity) String() string { return decimalString(int64(q)) }

// String is the number of percent, as on the wire, without a sign for it.
func (p Percent) String() string { return decimalString(int64(p)) }

// MarshalJSONTo writes a JSON number.
func (m Money) MarshalJSONTo(enc *jsontext.Encoder) error { return writeDecimal(enc, int64(m)) }

// MarshalJSONTo writes a JSON number.
func (q Quantity) MarshalJSONTo(enc *jsontext.Encoder) error { return writeDecimal(enc, int64(q)) }

// MarshalJSONTo writes a JSON number.
func (p Percent) MarshalJSONTo(enc *jsontext.Encoder) error { return writeDecimal(enc, int64(p)) }

// UnmarshalJSONFrom reads what [ParseDecimal] reads, as a number or in a string; null is zero.
func (m *Money) UnmarshalJSONFrom(dec *jsontext.Decoder) error { return unmarshalDecimal(m, dec) }

// UnmarshalJSONFrom reads what [ParseDecimal] reads, as a number or in a string; null is zero.
func (q *Quantity) UnmarshalJSONFrom(dec *jsontext.Decoder) error { return unmarshalDecimal(q, dec) }

// UnmarshalJSONFrom reads what [ParseDecimal] reads, as a number or in a string; null is zero.
func (p *Percent) UnmarshalJSONFrom(dec *jsontext.Decoder) error { return unmarshalDecimal(p, dec) }

func unmarshalDecimal[T decimal](to *T, dec *jsontext.Decoder) error {
	scaled, err := readDecimal(dec)
	if err == nil {
		*to = T(scaled)
	}
	return err
}
