package salestest

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"reflect"
	"runtime/debug"

	"github.com/taphoa/taphoa"
	salesplan "github.com/taphoa/taphoa/internal/sales/plan"
)

// Simulation is a shop with random operations and books to compare it with.
type Simulation struct {
	Memory    *Memory
	Generator *Generator
	Model     *Model
	Done      int            // operations
	Refused   map[string]int // by code

	r *rand.Rand
}

// New returns the simulation of a random shop that follows from a seed.
func New(seed uint64) *Simulation {
	r := rand.New(rand.NewPCG(seed, 12)) //nolint:gosec // to be repeated, not to be secret
	return Simulate(NewShop(r), r)
}

// Simulate returns a simulation of operations on a given shop.
func Simulate(m *Memory, r *rand.Rand) *Simulation {
	return &Simulation{Memory: m, Generator: NewGenerator(r, m), Model: NewModel(m), Refused: map[string]int{}, r: r}
}

// sampled is how many operations there are for one whose shop is compared as a whole with what it was before.
const sampled = 250

// Step runs one operation. The error is what is wrong with its plan, or with the shop after it; a refusal is none.
func (s *Simulation) Step() (op *Operation, shown any, refused *taphoa.Error, err error) {
	op = s.Generator.Next()
	s.Done++
	var before []any
	if s.r.IntN(sampled) == 0 {
		before = deepCopy(s.Memory.rows())
	}
	shown, sale, err := s.apply(op)
	if errors.As(err, &refused) {
		s.Refused[refused.Code]++
		if before != nil && !reflect.DeepEqual(before, s.Memory.rows()) {
			return op, nil, refused, errors.New("a refused operation has changed the shop")
		}
		return op, nil, refused, nil
	}
	if err != nil {
		return op, nil, nil, err
	}
	if findings := s.Model.After(op, sale); len(findings) > 0 {
		return op, shown, nil, fmt.Errorf("%q", findings)
	}
	return op, shown, nil, nil
}

func (s *Simulation) apply(op *Operation) (shown any, sale *salesplan.Sale, err error) {
	defer func() {
		if fault := recover(); fault != nil {
			err = fmt.Errorf("panic: %v\n%s", fault, debug.Stack())
		}
	}()
	return s.Memory.Apply(op)
}

// rows are all rows of a shop, and its codes.
func (m *Memory) rows() []any {
	return []any{
		m.Codes, m.Customers, m.Carriers, m.Vouchers, m.Orders, m.Invoices, m.Returns, m.Payments, m.CashPostings, m.Balances, m.OpenItems, m.Allocations, m.Ended, m.Levels, m.Postings,
		m.Reservations, m.Lots, m.LotLevels, m.Serials, m.OrderIDs, m.InvoiceIDs, m.ReturnIDs, m.EntryIDs,
	}
}

func deepCopy(values []any) []any {
	all := make([]any, len(values))
	for i, v := range values {
		all[i] = copyOf(reflect.ValueOf(v)).Interface()
	}
	return all
}

func copyOf(v reflect.Value) reflect.Value {
	c := reflect.New(v.Type()).Elem()
	c.Set(v)
	switch v.Kind() {
	case reflect.Pointer:
		if !v.IsNil() {
			c.Set(reflect.New(v.Type().Elem()))
			c.Elem().Set(copyOf(v.Elem()))
		}
	case reflect.Map:
		c.Set(reflect.MakeMapWithSize(v.Type(), v.Len()))
		for _, key := range v.MapKeys() {
			c.SetMapIndex(key, copyOf(v.MapIndex(key)))
		}
	case reflect.Slice:
		if !v.IsNil() {
			c.Set(reflect.MakeSlice(v.Type(), v.Len(), v.Len()))
			for i := range v.Len() {
				c.Index(i).Set(copyOf(v.Index(i)))
			}
		}
	case reflect.Struct:
		for i := range v.NumField() {
			if c.Field(i).CanSet() {
				c.Field(i).Set(copyOf(v.Field(i)))
			}
		}
	}
	return c
}
