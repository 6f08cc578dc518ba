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
	pay(taphoa.Money(10800))                              // want `^10800 as a taphoa.Money is 1.08, for it is scaled by 10⁴: write taphoa.Dong\(10800\) or 10800 \* taphoa.Scale$`
	pay(10800)                                            // want `^10800 as a`
	pay(thousand)                                         // want `^1000 as a`
	pay(3 * thousand)                                     // want `^3000 as a`
	pay((-5))                                             // want `^-5 as a`
	pay(math.MaxInt64)                                    // want `^9223372036854775807 as a`
	var a taphoa.Money = 10800                            // want `^10800 as a`
	var b price = 2                                       // want `2 as a taphoa.Money is 0.0002`
	const c taphoa.Percent = 8                            // want `8 as a taphoa.Percent is 0.0008.* taphoa.Ratio`
	d := taphoa.Quantity(1)                               // want `1 as a taphoa.Quantity.* taphoa.Units`
	e := []taphoa.Money{0, 1}                             // want `^1 as a`
	f := map[taphoa.Quantity]int{7: 1}                    // want `^7 as a`
	g := taphoa.Some[taphoa.Money](9)                     // want `^9 as a`
	h := taphoa.Some(taphoa.Money(9))                     // want `^9 as a`
	i := line{2, 3, taphoa.Opt[taphoa.Percent]{Value: 4}} // want `^2 as a` `^3 as a` `^4 as a`
	if m > 10_000 || q == 1 {                             // want `^10000 as a` `^1 as a`
		a, d = 1, 2 // want `^1 as a` `^2 as a`
	}
	switch q {
	case 6: // want `^6 as a`
	}
	a++             // want `\+\+ changes a Money by 0.0001: add taphoa.Dong\(1\)`
	d--             // want `-- changes a Quantity by 0.0001`
	a += 5          // want `^5 as a`
	a = m + 5       // want `^5 as a`
	a = 5 / m       // want `^5 as a`
	a = m*2 + 1     // want `^1 as a`
	a = 2 * (m + 1) // want `^1 as a`
	a = max(m, 1)   // want `^1 as a`
	prices <- 4     // want `^4 as a`
	_, _, _, _, _, _, _ = b, c, e, f, g, h, i
	return 100 // want `^100 as a`
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
	pay(taphoa.Scale * taphoa.Scale) // want `^100000000 as a`
	pay(taphoa.Scale + 1)            // want `^10001 as a`
}
