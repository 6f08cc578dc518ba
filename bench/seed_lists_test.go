package main

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/taphoa/taphoa/internal/dbtest"
)

func TestMain(m *testing.M) { dbtest.Main(m) }

// TestTheShopOfTheListsIsInOrder: the copied rows are such as the server would have written.
func TestTheShopOfTheListsIsInOrder(t *testing.T) {
	program, err := build(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	for _, engine := range dbtest.Engines {
		t.Run(engine, func(t *testing.T) {
			t.Parallel()
			url := dbtest.URL(t, engine)
			if err := errors.Join(fillLists(program, url, 3*seedInvoices), run(program, url, "migrate"), run(program, url, "check")); err != nil {
				t.Fatal(err)
			}
			err := whileServing(program, url, func(s *shop, base string) error {
				for _, list := range []struct {
					name  string
					total int
				}{{"products", shopProducts}, {"invoices", 3 * seedInvoices}} {
					seen := map[int64]bool{}
					for at := 0; at < list.total; at += pageSize {
						var page struct {
							Total int
							Data  []struct{ ID int64 }
						}
						if err := s.get(fmt.Sprintf("%s/%s?pageSize=%d&currentItem=%d", base, list.name, pageSize, at), &page); err != nil {
							return err
						}
						if page.Total != list.total {
							t.Errorf("%s: total %d at %d, want %d", list.name, page.Total, at, list.total)
						}
						for _, d := range page.Data {
							seen[d.ID] = true
						}
					}
					if len(seen) != list.total {
						t.Errorf("%d of %d %s are listed", len(seen), list.total, list.name)
					}
				}
				return errors.Join(s.findRecords(base), s.send(base, "POST", "/invoices", s.sale(rand.New(rand.NewPCG(1, 1))), nil))
			})
			if err = errors.Join(err, run(program, url, "check")); err != nil {
				t.Error(err)
			}
		})
	}
}
