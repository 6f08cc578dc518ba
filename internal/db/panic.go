package db

import (
	"fmt"
	"runtime/debug"
)

// PanicError is a panic of an operation, caught at the edge of its transaction.
type PanicError struct {
	Value any
	Stack []byte
}

// NewPanic is the error of a recovered value, with the stack of the panic.
func NewPanic(p any) *PanicError { return &PanicError{Value: p, Stack: debug.Stack()} }

func (p *PanicError) Error() string { return fmt.Sprintf("panic in an operation: %v", p.Value) }
