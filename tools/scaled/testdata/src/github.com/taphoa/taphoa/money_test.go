package taphoa_test

import "github.com/taphoa/taphoa"

var smallest = taphoa.Money(1)
