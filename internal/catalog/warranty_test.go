package catalog_test

import (
	"errors"
	"slices"
	"testing"

	"github.com/taphoa/taphoa"
	"github.com/taphoa/taphoa/internal/catalog"
	"github.com/taphoa/taphoa/internal/db"
)

func TestAWarrantyThatStaysTheSameIsNotModified(t *testing.T) {
	each(t, func(t *testing.T, s *shop) {
		p := s.create("Quạt")
		set := func(warranties ...taphoa.WarrantyInput) []taphoa.ProductWarranty {
			t.Helper()
			s.clock.Advance(60)
			in := taphoa.WarrantiesInput{ID: p.ID, ProductWarranties: append([]taphoa.WarrantyInput{}, warranties...)}
			return write(s, catalog.SetWarranties, &in).ProductWarranties
		}
		year := taphoa.WarrantyInput{Description: taphoa.Some("Chính hãng"), NumberTime: 12, TimeType: 2, WarrantyType: 1}
		two, check := year, taphoa.WarrantyInput{NumberTime: 1, TimeType: 3, WarrantyType: 3}
		two.NumberTime = 24

		first := set(year, check)
		if again := set(check, year); !slices.Equal(again, first) {
			t.Errorf("the same warranties became %+v", again)
		}
		changed := set(two, check)
		want := slices.Clone(first)
		want[0].NumberTime, want[0].ModifiedDate = 24, taphoa.Some(s.clock.Now())
		if !slices.Equal(changed, want) {
			t.Errorf("got  %+v\nwant %+v", changed, want)
		}
		if more := set(two, check, check); len(more) != 3 || !slices.Equal(more[:2], want) || more[2].ModifiedDate.Has() {
			t.Errorf("with one more they are %+v", more)
		}
		if one := set(check); len(one) != 1 || one[0] != want[1] {
			t.Errorf("with fewer they are %+v", one)
		}
		theirs := open(t, s.d, s.clock, "hai")
		for what, bad := range map[string]struct {
			who db.Actor
			in  []taphoa.WarrantyInput
		}{
			"a warranty for no time": {s.who, []taphoa.WarrantyInput{{TimeType: 2, WarrantyType: 1}}},
			"no list":                {s.who, nil},
			"a user of another shop": {theirs.who, []taphoa.WarrantyInput{}},
		} {
			err := s.d.Write(t.Context(), bad.who, func(tx *db.Tx) error {
				_, err := catalog.SetWarranties(tx, &taphoa.WarrantiesInput{ID: p.ID, ProductWarranties: bad.in})
				return err
			})
			if _, refused := errors.AsType[*taphoa.Error](err); !refused {
				t.Errorf("%s: %v", what, err)
			}
		}
		if one := s.product(p.ID).ProductWarranties; len(one) != 1 {
			t.Errorf("what was refused left %+v", one)
		}
		if none := set(); len(none) != 0 {
			t.Errorf("there are still %+v", none)
		}
	})
}
