package taphoa

import (
	"bytes"
	"errors"
	"math"
	"math/bits"
	"strconv"
	"strings"

	"github.com/go-json-experiment/json/jsontext"
)

// Scale is what one đồng, one piece or one percent is stored as: four decimal places. Times a constant it makes a [Money],
// [Quantity] or [Percent] with a fraction, such as Quantity(0.25 * Scale); a fifth place does not compile.
const (
	Scale       = 10_000
	scaleDigits = 4
)

// What can be wrong with a number. They are returned as they are: the caller knows the member at fault and names it.
var (
	// ErrDecimalSyntax is the error for a text that is not a decimal number.
	ErrDecimalSyntax = errors.New("not a decimal number")
	// ErrDecimalRange is the error for a number outside ±922,337,203,685,477.5807, or for a divisor of zero.
	ErrDecimalRange = errors.New("number out of range")
	// ErrDecimalPlaces is the error for a number that four decimal places cannot hold.
	ErrDecimalPlaces = errors.New("more than four decimal places")
)

// decimal is any of the scaled number types.
type decimal interface{ Money | Quantity | Percent }

// ParseDecimal reads a decimal number exactly, scaled by [Scale], for a conversion to [Money], [Quantity] or [Percent]: an
// optional sign, digits with or without a fraction, an optional exponent, blanks around it ("101000.0", "1.5E-2", " 7 ";
// contract observed-behaviour, section 4.3). What lies beyond four decimal places is rounded half away from zero. The
// error is [ErrDecimalSyntax] or [ErrDecimalRange].
func ParseDecimal(text string) (int64, error) {
	parts, ok := splitDecimal(strings.TrimSpace(text))
	if !ok {
		return 0, ErrDecimalSyntax
	}
	return parts.scaled()
}

// ParseExactDecimal is [ParseDecimal] for what must not be rounded, such as a quantity: the error is [ErrDecimalPlaces] if the
// number differs from its value with four places by more than 10⁻⁹, as binary fractions of programs may
// (0.30000000000000004).
func ParseExactDecimal(text string) (int64, error) {
	parts, ok := splitDecimal(strings.TrimSpace(text))
	if !ok {
		return 0, ErrDecimalSyntax
	}
	if !parts.fits() {
		return 0, ErrDecimalPlaces
	}
	return parts.scaled()
}

// fits reports whether the digits beyond the scale are less than 10⁻⁹ away from none.
func (p decimalParts) fits() bool {
	const free = 9 - scaleDigits
	digits := p.whole + p.fraction
	keep := int64(len(p.whole)) + p.exponent + scaleDigits
	if keep < 0 {
		digits, keep = strings.Repeat("0", int(min(-keep, free)))+digits, 0
	}
	if keep >= int64(len(digits)) {
		return true
	}
	beyond := digits[keep:]
	first, rest := beyond[:min(free, len(beyond))], beyond[min(free, len(beyond)):]
	first += strings.Repeat("0", free-len(first))
	return first == "00000" || first == "99999" || first == "00001" && strings.Trim(rest, "0") == ""
}

// decimalParts is the parsed text of a number.
type decimalParts struct {
	negative        bool
	whole, fraction string // digits only, at least one of the two
	exponent        int64
}

// exponentMax bounds an exponent so that sums with the length of a text cannot overflow; no text is that long.
const exponentMax = 1 << 40

func splitDecimal(text string) (parts decimalParts, ok bool) {
	parts.negative, text = cutSign(text)
	parts.whole, text = cutDigits(text)
	if text != "" && text[0] == '.' {
		parts.fraction, text = cutDigits(text[1:])
	}
	if parts.whole == "" && parts.fraction == "" {
		return parts, false
	}
	if text == "" {
		return parts, true
	}
	if text[0] != 'e' && text[0] != 'E' {
		return parts, false
	}
	negative, text := cutSign(text[1:])
	digits, text := cutDigits(text)
	if digits == "" || text != "" {
		return parts, false
	}
	for i := 0; i < len(digits) && parts.exponent < exponentMax; i++ {
		parts.exponent = parts.exponent*10 + int64(digits[i]-'0')
	}
	if negative {
		parts.exponent = -parts.exponent
	}
	return parts, true
}

func cutSign(text string) (negative bool, rest string) {
	if text != "" && (text[0] == '-' || text[0] == '+') {
		return text[0] == '-', text[1:]
	}
	return false, text
}

func cutDigits(text string) (digits, rest string) {
	i := 0
	for i < len(text) && text[i]-'0' <= 9 {
		i++
	}
	return text[:i], text[i:]
}

// scaled keeps the digits that are left of the point once it has moved by the exponent and by the four places of the
// scale. The next digit alone decides the rounding: half away from zero looks no further.
func (p decimalParts) scaled() (int64, error) {
	whole, fraction, next, zeros := p.whole, p.fraction, byte('0'), int64(0)
	keep := int64(len(whole)) + p.exponent + scaleDigits
	switch inFraction := keep - int64(len(whole)); {
	case keep < 0:
		return 0, nil
	case inFraction < 0:
		whole, fraction, next = whole[:keep], "", whole[keep]
	case inFraction < int64(len(fraction)):
		fraction, next = fraction[:inFraction], fraction[inFraction]
	default:
		zeros = inFraction - int64(len(fraction))
	}
	value, ok := foldDigits(0, whole)
	if ok {
		value, ok = foldDigits(value, fraction)
	}
	if value == 0 {
		zeros = 0 // "0e999999999" must not count to a thousand million
	}
	for ; ok && zeros > 0; zeros-- {
		value, ok = foldDigits(value, "0")
	}
	if !ok {
		return 0, ErrDecimalRange
	}
	high, low := bits.Mul64(value, 10)
	low, carry := bits.Add64(low, uint64(next-'0'), 0)
	return divRound(p.negative, high+carry, low, 10)
}

// foldDigits puts digits behind value; ok is false when the result is certainly no int64.
func foldDigits(value uint64, digits string) (result uint64, ok bool) {
	for i := range len(digits) {
		if value > math.MaxInt64/10 {
			return 0, false
		}
		value = value*10 + uint64(digits[i]-'0')
	}
	return value, true
}

// AppendDecimal appends the shortest exact text of a number scaled by [Scale]: "149000", "90.5", "-0.0001". It is valid
// JSON and, for numbers of up to fifteen digits, what JavaScript's JSON.stringify writes.
func AppendDecimal(dst []byte, scaled int64) []byte {
	negative, size := magnitude(scaled)
	if negative {
		dst = append(dst, '-')
	}
	dst = strconv.AppendUint(dst, size/Scale, 10)
	rest := size % Scale
	if rest == 0 {
		return dst
	}
	dst = append(dst, '.', byte('0'+rest/1000), byte('0'+rest/100%10), byte('0'+rest/10%10), byte('0'+rest%10))
	for dst[len(dst)-1] == '0' {
		dst = dst[:len(dst)-1]
	}
	return dst
}

func decimalString(scaled int64) string {
	var buf [24]byte
	return string(AppendDecimal(buf[:0], scaled))
}

// divRound divides the 128-bit high:low by divisor and puts the sign on. It is the only place where numbers are rounded:
// half away from zero, as shops and the vendor do. [ErrDecimalRange] when the result is no int64 or divisor is zero.
func divRound(negative bool, high, low, divisor uint64) (int64, error) {
	if high >= divisor {
		return 0, ErrDecimalRange
	}
	quotient, rest := bits.Div64(high, low, divisor)
	limit, up := uint64(math.MaxInt64), uint64(0)
	if negative {
		limit++
	}
	if rest >= divisor-rest { // at least half of the divisor, asked without overflow
		up = 1
	}
	if quotient > limit-up {
		return 0, ErrDecimalRange
	}
	return withSign(negative, quotient+up), nil
}

// mulDiv is a times b divided by divisor, exact up to the one rounding at its end.
func mulDiv[T decimal](a, b, divisor int64) (T, error) {
	aNegative, aSize := magnitude(a)
	bNegative, bSize := magnitude(b)
	dNegative, dSize := magnitude(divisor)
	high, low := bits.Mul64(aSize, bSize)
	result, err := divRound(aNegative != bNegative != dNegative, high, low, dSize)
	return T(result), err
}

func addDecimal[T decimal](a, b T) (T, error) {
	sum := a + b
	if (a^sum)&(b^sum) < 0 { // both terms have the other sign than the sum: it wrapped
		return 0, ErrDecimalRange
	}
	return sum, nil
}

func subDecimal[T decimal](a, b T) (T, error) {
	difference := a - b
	if (a^b)&(a^difference) < 0 {
		return 0, ErrDecimalRange
	}
	return difference, nil
}

// ofWhole is n whole units. It panics on overflow: such an n is an error of the program, not input.
func ofWhole[T decimal](n int64) T {
	if n > math.MaxInt64/Scale || n < math.MinInt64/Scale {
		panic("taphoa: " + strconv.FormatInt(n, 10) + " whole units overflow")
	}
	return T(n * Scale)
}

// magnitude takes the sign off; unlike -n it is right for the smallest int64, too.
func magnitude(n int64) (negative bool, size uint64) {
	if n < 0 {
		return true, -uint64(n)
	}
	return false, uint64(n)
}

// withSign undoes [magnitude].
func withSign(negative bool, size uint64) int64 {
	if negative {
		return int64(-size)
	}
	return int64(size)
}

func writeDecimal(enc *jsontext.Encoder, scaled int64) error {
	return enc.WriteValue(AppendDecimal(enc.AvailableBuffer(), scaled))
}

// readDecimal reads a number, a string that holds one, or null, which is zero.
func readDecimal(dec *jsontext.Decoder) (int64, error) {
	raw, err := dec.ReadValue()
	if err != nil {
		return 0, err
	}
	switch raw.Kind() {
	case '0':
		return ParseDecimal(string(raw))
	case '"':
		text, err := unquoteJSON(raw)
		if err != nil {
			return 0, err
		}
		return ParseDecimal(string(text))
	case 'n':
		return 0, nil
	}
	return 0, ErrDecimalSyntax
}

// unquoteJSON is the content of a JSON string. It borrows the decoder's buffer unless something is escaped.
func unquoteJSON(raw jsontext.Value) ([]byte, error) {
	if bytes.IndexByte(raw, '\\') >= 0 {
		return jsontext.AppendUnquote(nil, raw)
	}
	return raw[1 : len(raw)-1], nil
}
