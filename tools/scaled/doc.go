// Command scaled is a check for go vet: it refuses untyped constants as taphoa.Money, taphoa.Quantity or taphoa.Percent.
// Those are integers scaled by 10⁴, therefore taphoa.Money(10800) compiles and is 1.08 đồng.
//
//	go vet -vettool="$(go -C tools tool -n scaled)" ./...       # here
//	go install github.com/taphoa/taphoa/tools/scaled@latest     # in a program of yours
//	go vet -vettool="$(command -v scaled)" ./...
//
// Use instead:
//
//	taphoa.Dong(10_800), taphoa.Units(3), taphoa.Ratio(8)   whole numbers
//	taphoa.Quantity(0.25 * taphoa.Scale)                    constants with a fraction
//	0, price * 2, price / 2, price % taphoa.Scale           zero, and factors
//	taphoa.Money(int64(10_800))                             typed constants: the scaled number itself
//
// The package's own money_test.go is exempt.
package main
