package taphoa_test

import (
	"errors"
	"math"
	"math/big"
	"testing"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
	"pgregory.net/rapid"

	"github.com/taphoa/taphoa"
)

const (
	most  = math.MaxInt64
	least = math.MinInt64
)

func money(t *testing.T, text string) taphoa.Money {
	t.Helper()
	scaled, err := taphoa.ParseDecimal(text)
	if err != nil {
		t.Fatalf("%q: %v", text, err)
	}
	return taphoa.Money(scaled)
}

func TestArithmetic(t *testing.T) {
	type result struct {
		scaled int64
		err    error
	}
	of := func(n int64, err error) result { return result{n, err} }
	ofMoney := func(m taphoa.Money, err error) result { return of(int64(m), err) }
	ofQuantity := func(q taphoa.Quantity, err error) result { return of(int64(q), err) }
	tooFar := result{0, taphoa.ErrDecimalRange}

	for _, c := range []struct {
		name      string
		got, want result
	}{
		{"three at 149,000 đồng", ofMoney(taphoa.Dong(149_000).Times(taphoa.Units(3))), of(4_470_000_000, nil)},
		{"a third of a kilogram", ofMoney(taphoa.Dong(90).Times(3333)), of(299_970, nil)},
		{"a product rounds a half up", ofMoney(taphoa.Money(5).Times(1000)), of(1, nil)},
		{"a negative product rounds a half down", ofMoney(taphoa.Money(-5).Times(1000)), of(-1, nil)},
		{"a product rounds less than a half to zero", ofMoney(taphoa.Money(4).Times(1000)), of(0, nil)},
		{"a product that overflows", ofMoney(taphoa.Money(most).Times(10_001)), tooFar},
		{"the smallest times one stays", ofMoney(taphoa.Money(least).Times(taphoa.Units(1))), of(least, nil)},
		{"the smallest times minus one overflows", ofMoney(taphoa.Money(least).Times(taphoa.Units(-1))), tooFar},
		{"twelve and a half percent", ofMoney(taphoa.Dong(80_000).Share(125_000)), of(100_000_000, nil)},
		{"a share rounds to four places", ofMoney(taphoa.Money(1).Share(taphoa.Ratio(50))), of(1, nil)},
		{"a share that overflows", ofMoney(taphoa.Money(most).Share(taphoa.Ratio(101))), tooFar},
		{"a hundred percent of the largest", ofMoney(taphoa.Money(most).Share(taphoa.Ratio(100))), of(most, nil)},
		{"price apiece", ofMoney(taphoa.Dong(100).Div(taphoa.Units(3))), of(333_333, nil)},
		{"price apiece rounds a half up", ofMoney(taphoa.Money(1).Div(taphoa.Units(2))), of(1, nil)},
		{"price for none", ofMoney(taphoa.Dong(100).Div(0)), tooFar},
		{"nothing for none", ofMoney(taphoa.Dong(0).Div(0)), tooFar},
		{"a quotient that overflows", ofMoney(taphoa.Money(most).Div(1)), tooFar},
		{"the smallest by minus one overflows", ofMoney(taphoa.Money(least).Div(taphoa.Units(-1))), tooFar},
		{"the smallest by itself", ofQuantity(taphoa.Quantity(least).Div(least)), of(taphoa.Scale, nil)},
		{"boxes times pieces", ofQuantity(taphoa.Units(3).Times(taphoa.Units(24))), of(720_000, nil)},
		{"pieces by pieces a box", ofQuantity(taphoa.Units(36).Div(taphoa.Units(24))), of(15_000, nil)},
		{"a sum", ofMoney(taphoa.Dong(2).Add(taphoa.Dong(-5))), of(-30_000, nil)},
		{"a sum that overflows", ofMoney(taphoa.Money(most).Add(1)), tooFar},
		{"a sum that underflows", ofQuantity(taphoa.Quantity(least).Add(-1)), tooFar},
		{"a difference", ofQuantity(taphoa.Units(2).Sub(taphoa.Units(5))), of(-30_000, nil)},
		{"a difference that overflows", ofMoney(taphoa.Money(0).Sub(least)), tooFar},
		{"a difference that underflows", ofQuantity(taphoa.Quantity(least).Sub(1)), tooFar},
		{"the smallest minus itself", ofMoney(taphoa.Money(least).Sub(least)), of(0, nil)},
	} {
		t.Run(c.name, func(t *testing.T) {
			if c.got.scaled != c.want.scaled || !errors.Is(c.got.err, c.want.err) {
				t.Errorf("got %d, %v; want %d, %v", c.got.scaled, c.got.err, c.want.scaled, c.want.err)
			}
		})
	}
}

// anyNumber is mostly small numbers, and often one at an end of the range.
func anyNumber() *rapid.Generator[int64] {
	return rapid.OneOf(rapid.Int64(), rapid.Int64Range(-1e7, 1e7), rapid.SampledFrom([]int64{
		0, 1, -1, 5_000, -5_000, taphoa.Scale, -taphoa.Scale, most, most - 1, least, least + 1, most / taphoa.Scale,
	}))
}

func TestArithmeticAgreesWithBigNumbers(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a, b := anyNumber().Draw(t, "a"), anyNumber().Draw(t, "b")
		m, q := taphoa.Money(a), taphoa.Quantity(b)
		x, y := big.NewRat(a, 1), big.NewRat(b, 1)
		scale := big.NewRat(taphoa.Scale, 1)

		agree := func(name string, got int64, err error, exact *big.Rat) {
			t.Helper()
			want, ok := bigRound(exact)
			if !ok && (got != 0 || !errors.Is(err, taphoa.ErrDecimalRange)) {
				t.Fatalf("%s of %d and %d = %d, %v; want a range error", name, a, b, got, err)
			}
			if ok && (got != want || err != nil) {
				t.Fatalf("%s of %d and %d = %d, %v; want %d", name, a, b, got, err, want)
			}
		}
		product := new(big.Rat).Mul(x, y)
		money, err := m.Times(q)
		agree("Money.Times", int64(money), err, new(big.Rat).Quo(product, scale))
		quantity, err := taphoa.Quantity(a).Times(q)
		agree("Quantity.Times", int64(quantity), err, new(big.Rat).Quo(product, scale))
		money, err = m.Share(taphoa.Percent(b))
		agree("Money.Share", int64(money), err, new(big.Rat).Quo(product, big.NewRat(100*taphoa.Scale, 1)))
		money, err = m.Add(taphoa.Money(b))
		agree("Money.Add", int64(money), err, new(big.Rat).Add(x, y))
		money, err = m.Sub(taphoa.Money(b))
		agree("Money.Sub", int64(money), err, new(big.Rat).Sub(x, y))
		quantity, err = taphoa.Quantity(a).Add(q)
		agree("Quantity.Add", int64(quantity), err, new(big.Rat).Add(x, y))
		quantity, err = taphoa.Quantity(a).Sub(q)
		agree("Quantity.Sub", int64(quantity), err, new(big.Rat).Sub(x, y))
		if b == 0 {
			return
		}
		ratio := new(big.Rat).Quo(new(big.Rat).Mul(x, scale), y)
		money, err = m.Div(q)
		agree("Money.Div", int64(money), err, ratio)
		quantity, err = taphoa.Quantity(a).Div(q)
		agree("Quantity.Div", int64(quantity), err, ratio)
	})
}

func TestRoundDong(t *testing.T) {
	for _, c := range []struct{ name, amount, want string }{
		{"a whole đồng stays", "149000", "149000"},
		{"less than a half goes", "10.4999", "10"},
		{"a half goes up", "10.5", "11"},
		{"a negative half goes down", "-10.5", "-11"},
		{"a negative amount near zero", "-0.4999", "0"},
		{"the largest amount is cut", "922337203685477.5807", "922337203685477"},
		{"the smallest amount is cut", "-922337203685477.5808", "-922337203685477"},
		{"the last that rounds down", "922337203685477.4999", "922337203685477"},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := money(t, c.amount).RoundDong(); got.String() != c.want {
				t.Errorf("got %s, want %s", got, c.want)
			}
		})
	}
}

func TestConstructorsPanicOnOverflow(t *testing.T) {
	if got := taphoa.Dong(most / taphoa.Scale).String(); got != "922337203685477" {
		t.Errorf("the largest whole amount is %s", got)
	}
	for name, construct := range map[string]func(){
		"Dong":  func() { taphoa.Dong(most/taphoa.Scale + 1) },
		"Units": func() { taphoa.Units(least/taphoa.Scale - 1) },
		"Ratio": func() { taphoa.Ratio(most) },
	} {
		t.Run(name, func(t *testing.T) {
			defer func() {
				if recover() == nil {
					t.Error("no panic")
				}
			}()
			construct()
		})
	}
}

func TestNumbersAreTextAsOnTheWire(t *testing.T) {
	got := taphoa.Dong(-149_000).String() + " " + taphoa.Quantity(15_000).String() + " " + taphoa.Ratio(8).String()
	if got != "-149000 1.5 8" {
		t.Error(got)
	}
}

func TestAllocate(t *testing.T) {
	type amounts = []taphoa.Money
	dong := func(ns ...int64) amounts {
		out := make(amounts, len(ns))
		for i, n := range ns {
			out[i] = taphoa.Dong(n)
		}
		return out
	}
	for _, c := range []struct {
		name    string
		total   taphoa.Money
		weights amounts
		want    amounts
		err     error
	}{
		{"an even proportion", taphoa.Dong(30), dong(1, 2), dong(10, 20), nil},
		{"the largest remainder gets the odd đồng", taphoa.Dong(100), dong(1, 2, 3), dong(17, 33, 50), nil},
		{"of equal remainders the earlier gets it", taphoa.Dong(100), dong(1, 1, 1), dong(34, 33, 33), nil},
		{"two odd đồng go to two lines", taphoa.Dong(101), dong(1, 1, 1), dong(34, 34, 33), nil},
		{"a later line may have the largest remainder", taphoa.Dong(10), dong(10, 10, 19), dong(3, 2, 5), nil},
		{"a zero weight gets nothing", taphoa.Dong(5), dong(0, 1, 0, 1), dong(0, 3, 0, 2), nil},
		{"all zero weights share evenly, the first takes the rest", taphoa.Dong(11), dong(0, 0, 0), dong(5, 3, 3), nil},
		{"fewer đồng than lines", taphoa.Dong(2), dong(7, 7, 7), dong(1, 1, 0), nil},
		{"a broken total is split to the last place", 10_001, dong(1, 1), amounts{5_001, 5_000}, nil},
		{"a negative total mirrors a positive one", taphoa.Dong(-100), dong(1, 1, 1), dong(-34, -33, -33), nil},
		{"nothing to split", 0, dong(1, 2), dong(0, 0), nil},
		{"nothing over nothing", 0, nil, amounts{}, nil},
		{"one line gets all, at the end of the range", least, amounts{most}, amounts{least}, nil},
		{"no lines", taphoa.Dong(1), nil, nil, taphoa.ErrAllocate},
		{"a negative weight", taphoa.Dong(1), dong(2, -1), nil, taphoa.ErrAllocate},
		{"weights that overflow", taphoa.Dong(1), amounts{most, 1}, nil, taphoa.ErrDecimalRange},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, err := taphoa.Allocate(c.total, c.weights)
			if !errors.Is(err, c.err) || len(got) != len(c.want) {
				t.Fatalf("got %v, %v; want %v, %v", got, err, c.want, c.err)
			}
			for i := range got {
				if got[i] != c.want[i] {
					t.Fatalf("got %v, want %v", got, c.want)
				}
			}
		})
	}
}

func TestAllocatedSharesAddUpAndStayCloseToExact(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		total := taphoa.Money(anyNumber().Draw(t, "total"))
		if rapid.Bool().Draw(t, "whole") {
			total = total / taphoa.Scale * taphoa.Scale
		}
		weight := rapid.OneOf(rapid.Just(int64(0)), rapid.Int64Range(0, 50), rapid.Int64Range(0, most/40))
		raw := rapid.SliceOfN(weight, 1, 40).Draw(t, "weights")
		weights, sum := make([]taphoa.Money, len(raw)), int64(0)
		for i, w := range raw {
			weights[i] = taphoa.Money(w)
			sum += w
		}
		shares, err := taphoa.Allocate(total, weights)
		if err != nil {
			t.Fatal(err)
		}
		step := int64(1)
		if total%taphoa.Scale == 0 {
			step = taphoa.Scale
		}
		added := new(big.Int)
		for i, share := range shares {
			added.Add(added, big.NewInt(int64(share)))
			if int64(share)%step != 0 {
				t.Fatalf("share %s of %s is no multiple of the step", share, total)
			}
			if sum == 0 {
				continue
			}
			off := big.NewRat(int64(total), sum)
			off.Mul(off, big.NewRat(raw[i], 1)).Sub(off, big.NewRat(int64(share), 1)).Abs(off)
			if off.Cmp(big.NewRat(step, 1)) >= 0 {
				t.Fatalf("share %s of %s for %d of %d is off by %s", share, total, raw[i], sum, off.FloatString(5))
			}
		}
		for i, share := range shares {
			for j, later := range shares[i+1:] {
				if raw[i] == raw[i+1+j] && max(share, -share) < max(later, -later) {
					t.Fatalf("of the equal lines %d and %d the later gets more: %v", i, i+1+j, shares)
				}
			}
		}
		if added.Cmp(big.NewInt(int64(total))) != 0 {
			t.Fatalf("shares of %d add up to %s", total, added)
		}
	})
}

func TestNumbersInJSON(t *testing.T) {
	type document struct {
		Total    taphoa.Money
		Quantity taphoa.Quantity
		Ratio    taphoa.Percent
	}
	want := document{taphoa.Dong(149_000), 15_000, 125_000}
	t.Run("are written as numbers", func(t *testing.T) {
		got, err := json.Marshal(want)
		if text := `{"Total":149000,"Quantity":1.5,"Ratio":12.5}`; string(got) != text || err != nil {
			t.Errorf("got %s, %v", got, err)
		}
	})
	for name, text := range map[string]string{
		"are read as numbers":                `{"Total":149000.0,"Quantity":15e-1,"Ratio":12.50}`,
		"are read from strings":              `{"Total":"149000","Quantity":" 1.5 ","Ratio":"12.5"}`,
		"are read from strings with escapes": `{"Total":"14900\u0030","Quantity":"1\u002e5","Ratio":"12.5\n"}`,
	} {
		t.Run(name, func(t *testing.T) {
			var got document
			if err := json.Unmarshal([]byte(text), &got); got != want || err != nil {
				t.Errorf("got %v, %v", got, err)
			}
		})
	}
	t.Run("are zero when null", func(t *testing.T) {
		got := want
		err := json.Unmarshal([]byte(`{"Total":null,"Quantity":null,"Ratio":null}`), &got)
		if (got != document{}) || err != nil {
			t.Errorf("got %v, %v", got, err)
		}
	})
	for name, c := range map[string]struct {
		text string
		want error
	}{
		"are not true":       {`{"Total":true}`, taphoa.ErrDecimalSyntax},
		"are not objects":    {`{"Total":{"a":1}}`, taphoa.ErrDecimalSyntax},
		"are not words":      {`{"Quantity":"một"}`, taphoa.ErrDecimalSyntax},
		"are not empty":      {`{"Quantity":""}`, taphoa.ErrDecimalSyntax},
		"are not astronomic": {`{"Ratio":1e400}`, taphoa.ErrDecimalRange},
	} {
		t.Run(name, func(t *testing.T) {
			got := want
			err := json.Unmarshal([]byte(c.text), &got)
			if !errors.Is(err, c.want) || got != want {
				t.Fatalf("got %v, %v", got, err)
			}
		})
	}
	t.Run("name the member at fault", func(t *testing.T) {
		var got struct{ Lines []document }
		err := json.Unmarshal([]byte(`{"Lines":[{},{"Total":"x"}]}`), &got)
		var semantic *json.SemanticError
		if !errors.As(err, &semantic) || semantic.JSONPointer != jsontext.Pointer("/Lines/1/Total") {
			t.Errorf("got %v", err)
		}
	})
}

func BenchmarkAllocate(b *testing.B) {
	weights := make([]taphoa.Money, 20)
	for i := range weights {
		weights[i] = taphoa.Dong(int64(i*7919%1000) * 500)
	}
	b.ReportAllocs()
	for b.Loop() {
		if _, err := taphoa.Allocate(taphoa.Dong(123_457), weights); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkMoneyTimes(b *testing.B) {
	price, quantity := taphoa.Dong(149_000), taphoa.Quantity(12_345)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := price.Times(quantity); err != nil {
			b.Fatal(err)
		}
	}
}
