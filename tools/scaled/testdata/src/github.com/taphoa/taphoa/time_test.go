package taphoa_test

import "github.com/taphoa/taphoa"

var wrong = smallest + taphoa.Money(1) // want `1 as a taphoa.Money`
