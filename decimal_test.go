package taphoa_test

import (
	"errors"
	"math"
	"math/big"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/taphoa/taphoa"
)

func TestParseDecimal(t *testing.T) {
	for _, c := range []struct {
		name string
		text string
		want int64
		err  error
	}{
		{"a whole number is scaled", "149000", 1_490_000_000, nil},
		{"a fraction keeps four places", "90.1234", 901_234, nil},
		{"a float of a Python client is whole", "101000.0", 1_010_000_000, nil},
		{"zero is zero", "0", 0, nil},
		{"minus zero is zero", "-0.0", 0, nil},
		{"a minus sign", "-12.5", -125_000, nil},
		{"a plus sign", "+12.5", 125_000, nil},
		{"blanks around it", " \t12.5\r\n", 125_000, nil},
		{"leading zeros", "0000000000000000000000000000007", 70_000, nil},
		{"a long row of zeros behind the point", "1.0000000000000000000000000000", 10_000, nil},
		{"no digit before the point", ".5", 5_000, nil},
		{"no digit behind the point", "5.", 50_000, nil},
		{"an exponent", "1e3", 10_000_000, nil},
		{"a negative exponent", "1.5E-2", 150, nil},
		{"a signed exponent", "1.5e+2", 1_500_000, nil},
		{"an exponent that undoes a long fraction", "0.00000000000000000000123e23", 1_230_000, nil},
		{"the fifth place rounds down below a half", "0.00004999999", 0, nil},
		{"the fifth place rounds a half away from zero", "0.00005", 1, nil},
		{"a negative half also goes away from zero", "-0.00005", -1, nil},
		{"an exponent leads to the same half", "5e-5", 1, nil},
		{"the first digit is too small to round up", "9e-6", 0, nil},
		{"a tiny number is zero", "1e-400", 0, nil},
		{"zero with an absurd exponent is zero", "0e999999999999999999999", 0, nil},
		{"rounding may carry through", "9.99995", 100_000, nil},
		{"the largest number", "922337203685477.5807", math.MaxInt64, nil},
		{"the smallest number", "-922337203685477.5808", math.MinInt64, nil},
		{"below the largest a fifth place is dropped", "922337203685477.58074", math.MaxInt64, nil},
		{"above the largest a fifth place is too much", "922337203685477.58075", 0, taphoa.ErrDecimalRange},
		{"one above the largest", "922337203685477.5808", 0, taphoa.ErrDecimalRange},
		{"one below the smallest", "-922337203685477.5809", 0, taphoa.ErrDecimalRange},
		{"twenty digits", "10000000000000000000", 0, taphoa.ErrDecimalRange},
		{"what would wrap around to zero", "1844674407370955.1616", 0, taphoa.ErrDecimalRange},
		{"an absurd exponent", "1e400", 0, taphoa.ErrDecimalRange},
		{"a more absurd exponent", "1e999999999999999999999", 0, taphoa.ErrDecimalRange},
		{"nothing", "", 0, taphoa.ErrDecimalSyntax},
		{"only blanks", "   ", 0, taphoa.ErrDecimalSyntax},
		{"only a sign", "-", 0, taphoa.ErrDecimalSyntax},
		{"only a point", ".", 0, taphoa.ErrDecimalSyntax},
		{"only an exponent", "e5", 0, taphoa.ErrDecimalSyntax},
		{"an exponent without digits", "1e", 0, taphoa.ErrDecimalSyntax},
		{"an exponent with only a sign", "1e-", 0, taphoa.ErrDecimalSyntax},
		{"two signs", "--1", 0, taphoa.ErrDecimalSyntax},
		{"two points", "1.2.3", 0, taphoa.ErrDecimalSyntax},
		{"a thousands separator", "1,000", 0, taphoa.ErrDecimalSyntax},
		{"a blank inside", "1 000", 0, taphoa.ErrDecimalSyntax},
		{"a currency sign", "1000đ", 0, taphoa.ErrDecimalSyntax},
		{"a hexadecimal number", "0x10", 0, taphoa.ErrDecimalSyntax},
		{"not a number", "NaN", 0, taphoa.ErrDecimalSyntax},
		{"infinity", "Infinity", 0, taphoa.ErrDecimalSyntax},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, err := taphoa.ParseDecimal(c.text)
			if got != c.want || !errors.Is(err, c.err) {
				t.Errorf("ParseDecimal(%q) = %d, %v; want %d, %v", c.text, got, err, c.want, c.err)
			}
		})
	}
}

func TestParseExactDecimal(t *testing.T) {
	for text, want := range map[string]int64{
		"0.3": 3_000, "0.30000000000000004": 3_000, "0.29999999999999999": 3_000, "0.115": 1_150, "3": 30_000, "1e-4": 1, "-2.5": -25_000,
		"0.000100001": 1, "0.0000999990": 1, "1.23456e4": 123_456_000, "0.0000000001": 0, "5e-12": 0,
	} {
		if got, err := taphoa.ParseExactDecimal(text); got != want || err != nil {
			t.Errorf("%s is %d (%v), want %d", text, got, err, want)
		}
	}
	for _, text := range []string{"0.00476190476", "0.33333", "0.00005", "1.000000002", "0.0001000011", "1.99999", "8e-5", "-0.12345", "0.29999"} {
		if got, err := taphoa.ParseExactDecimal(text); !errors.Is(err, taphoa.ErrDecimalPlaces) {
			t.Errorf("%s is %d (%v), and cannot be kept", text, got, err)
		}
	}
	if _, err := taphoa.ParseExactDecimal("1,5"); !errors.Is(err, taphoa.ErrDecimalSyntax) {
		t.Error(err)
	}
}

func TestParseDecimalAllocatesNothing(t *testing.T) {
	long := strings.Repeat("0", 1000) + "1e999999999"
	for _, text := range []string{"149000", "-90.5", "1e400", "1e-400", long, "abc"} {
		if n := testing.AllocsPerRun(100, func() { _, _ = taphoa.ParseDecimal(text) }); n != 0 {
			t.Errorf("ParseDecimal of %.20q allocates %v times", text, n)
		}
	}
}

func TestAppendDecimal(t *testing.T) {
	for _, c := range []struct {
		name   string
		scaled int64
		want   string
	}{
		{"a whole value has no fraction", 1_490_000_000, "149000"},
		{"trailing zeros are cut", 905_000, "90.5"},
		{"zeros inside stay", 10_203, "1.0203"},
		{"the smallest step", -1, "-0.0001"},
		{"zero has no sign", 0, "0"},
		{"the largest number", math.MaxInt64, "922337203685477.5807"},
		{"the smallest number", math.MinInt64, "-922337203685477.5808"},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := string(taphoa.AppendDecimal([]byte("x"), c.scaled)); got != "x"+c.want {
				t.Errorf("AppendDecimal(x, %d) = %q, want %q", c.scaled, got, "x"+c.want)
			}
		})
	}
}

func TestWhatIsAppendedParsesBack(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		scaled := rapid.Int64().Draw(t, "scaled")
		text := string(taphoa.AppendDecimal(nil, scaled))
		if got, err := taphoa.ParseDecimal(text); got != scaled || err != nil {
			t.Fatalf("%d is written %q and read %d, %v", scaled, text, got, err)
		}
	})
}

// JSON.stringify writes the shortest digits that name the double, without an exponent between 1e-6 and 1e21, and that is
// what strconv does with 'f' and -1. Fifteen digits are what a double always keeps.
func TestNumbersAreWrittenAsJavaScriptWritesThem(t *testing.T) {
	const fifteenDigits = 999_999_999_999_999
	check := func(t *rapid.T, scaled int64, number float64) {
		want := strconv.FormatFloat(number, 'f', -1, 64)
		if got := string(taphoa.AppendDecimal(nil, scaled)); got != want {
			t.Fatalf("AppendDecimal(%d) = %q, JavaScript writes %q", scaled, got, want)
		}
	}
	t.Run("with a fraction up to fifteen digits", func(t *testing.T) {
		rapid.Check(t, func(t *rapid.T) {
			scaled := rapid.Int64Range(-fifteenDigits, fifteenDigits).Draw(t, "scaled")
			check(t, scaled, float64(scaled)/taphoa.Scale)
		})
	})
	t.Run("whole up to the end of the range", func(t *testing.T) {
		rapid.Check(t, func(t *rapid.T) {
			whole := rapid.Int64Range(math.MinInt64/taphoa.Scale, math.MaxInt64/taphoa.Scale).Draw(t, "whole")
			check(t, whole*taphoa.Scale, float64(whole))
		})
	})
}

var decimalPattern = regexp.MustCompile(`^[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE]([+-]?[0-9]+))?$`)

// bigRound rounds half away from zero; ok is false when the result is no int64.
func bigRound(exact *big.Rat) (rounded int64, ok bool) {
	half := big.NewRat(1, 2)
	if exact.Sign() < 0 {
		half.Neg(half)
	}
	sum := new(big.Rat).Add(exact, half)
	quotient := new(big.Int).Quo(sum.Num(), sum.Denom())
	return quotient.Int64(), quotient.IsInt64()
}

func FuzzParseDecimal(f *testing.F) {
	for _, text := range []string{
		"0", "-0.0", "149000", "90.5", " 1.5E-2 ", "1e400", "1e-400", "0e999999999999", ".5", "5.", "922337203685477.5807",
		"-922337203685477.5808", "922337203685477.58075", "0.00005", "-0.00005", "1,5", "0x1", "", ".", "1e", "--1", "\u00a01",
	} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		got, err := taphoa.ParseDecimal(text)
		trimmed := strings.TrimSpace(text)
		match := decimalPattern.FindStringSubmatch(trimmed)
		if match == nil {
			if !errors.Is(err, taphoa.ErrDecimalSyntax) {
				t.Fatalf("ParseDecimal(%q) = %d, %v", text, got, err)
			}
			return
		}
		if len(match[3]) > 3 { // math/big would compute for long
			return
		}
		exact, _ := new(big.Rat).SetString(trimmed)
		want, inRange := bigRound(exact.Mul(exact, big.NewRat(taphoa.Scale, 1)))
		if !inRange {
			if !errors.Is(err, taphoa.ErrDecimalRange) {
				t.Fatalf("ParseDecimal(%q) = %d, %v; want a range error", text, got, err)
			}
			return
		}
		if got != want || err != nil {
			t.Fatalf("ParseDecimal(%q) = %d, %v; want %d", text, got, err, want)
		}
		if back, err := taphoa.ParseDecimal(string(taphoa.AppendDecimal(nil, got))); back != got || err != nil {
			t.Fatalf("%d comes back as %d, %v", got, back, err)
		}
	})
}

func BenchmarkAppendDecimal(b *testing.B) {
	buf := make([]byte, 0, 32)
	for _, c := range []struct {
		name   string
		scaled int64
	}{{"whole", 1_490_000_000}, {"fraction", 905_000}, {"long", math.MinInt64}} {
		b.Run(c.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				buf = taphoa.AppendDecimal(buf[:0], c.scaled)
			}
		})
	}
}

func BenchmarkParseDecimal(b *testing.B) {
	for _, text := range []string{"149000", "101000.0", "-922337203685477.5808", "1.5E-2"} {
		b.Run(text, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				_, _ = taphoa.ParseDecimal(text)
			}
		})
	}
}
