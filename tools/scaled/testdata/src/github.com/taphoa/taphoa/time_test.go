package taphoa_test

import "github.com/taphoa/taphoa"

var wrong = smallest + taphoa.Money(1) // want `1 is 1/10000`
