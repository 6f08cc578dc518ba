package shop

import (
	"math"

	"github.com/taphoa/taphoa"
)

type (
	price = taphoa.Money
	line  struct {
		Price taphoa.Money
		Count taphoa.Quantity
		Tax   taphoa.Opt[taphoa.Percent]
	}
)

const thousand = 1_000

func pay(taphoa.Money) {}

func wrong(m taphoa.Money, q taphoa.Quantity, prices chan taphoa.Money) taphoa.Money {
	pay(taphoa.Money(10800))                              // want `as a Money, which is scaled by 10⁴, 10800 is 10800/10000: make it with taphoa.Dong\(n\), or as n \* taphoa.Scale`
	pay(10800)                                            // want `10800 is`
	pay(thousand)                                         // want `1000 is`
	pay(3 * thousand)                                     // want `3000 is`
	pay((-5))                                             // want `-5 is`
	pay(math.MaxInt64)                                    // want `9223372036854775807 is`
	var a taphoa.Money = 10800                            // want `10800 is`
	var b price = 2                                       // want `as a Money.* 2 is`
	const c taphoa.Percent = 8                            // want `as a Percent.* taphoa.Ratio`
	d := taphoa.Quantity(1)                               // want `as a Quantity.* taphoa.Units`
	e := []taphoa.Money{0, 1}                             // want `1 is`
	f := map[taphoa.Quantity]int{7: 1}                    // want `7 is`
	g := taphoa.Some[taphoa.Money](9)                     // want `9 is`
	h := taphoa.Some(taphoa.Money(9))                     // want `9 is`
	i := line{2, 3, taphoa.Opt[taphoa.Percent]{Value: 4}} // want `2 is` `3 is` `4 is`
	if m > 10_000 || q == 1 {                             // want `10000 is` `1 is`
		a, d = 1, 2 // want `1 is` `2 is`
	}
	switch q {
	case 6: // want `6 is`
	}
	a++             // want `\+\+ changes a Money by 0.0001: add taphoa.Dong\(1\)`
	d--             // want `-- changes a Quantity by 0.0001`
	a += 5          // want `5 is`
	a = m + 5       // want `5 is`
	a = 5 / m       // want `5 is`
	a = m*2 + 1     // want `1 is`
	a = 2 * (m + 1) // want `1 is`
	a = max(m, 1)   // want `1 is`
	prices <- 4     // want `4 is`
	_, _, _, _, _, _, _ = b, c, e, f, g, h, i
	return 100 // want `100 is`
}

func right(m taphoa.Money, q taphoa.Quantity, n int64) taphoa.Money {
	const kilo taphoa.Quantity = 1 * taphoa.Scale
	const half = taphoa.Percent(0.5 * taphoa.Scale)
	var none taphoa.Money
	pay(0)
	pay(taphoa.Money(0))
	pay(taphoa.Dong(10_800))
	pay(taphoa.Money(n))
	pay(taphoa.Money(int64(10_800)))
	pay(-(taphoa.Scale * thousand) / 4)
	pay(taphoa.Money(m))
	pay(2*taphoa.Scale + 0.5*taphoa.Scale)
	m *= 2
	m /= 3
	m %= taphoa.Scale
	m = m*2 + 2*m - m/4 + m%taphoa.Scale + m<<1
	if m < 0 || q != 0 || q > kilo || len("abc") > 2 {
		n++
	}
	_ = line{Price: taphoa.Dong(2), Count: kilo, Tax: taphoa.Some(half)}
	_ = []int64{1, 2}
	return max(m, none, 0)
}

func wrongScale(m taphoa.Money) {
	pay(taphoa.Scale * taphoa.Scale) // want `100000000 is`
	pay(taphoa.Scale + 1)            // want `10001 is`
}
