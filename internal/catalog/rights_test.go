package catalog_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/taphoa/taphoa"
	"github.com/taphoa/taphoa/internal/catalog"
	"github.com/taphoa/taphoa/internal/db"
	"github.com/taphoa/taphoa/internal/right"
	"github.com/taphoa/taphoa/internal/wire"
)

// with is the shop as a person sees it.
func (s *shop) with(grants ...right.Grant) *shop {
	person := *s
	person.who = db.Actor{Retailer: s.who.Retailer, User: s.who.User, Held: right.Hold(s.who.User, grants...), Needs: right.ChangeProducts}
	return &person
}

// at is the shop as a person sees it who has chosen a branch to work at.
func (s *shop) at(branch int64, grants ...right.Grant) *shop {
	person := s.with(grants...)
	person.who.Held = person.who.Held.Only(branch)
	return person
}

func grant(branch int64, rights ...right.Right) right.Grant {
	return right.Grant{Branch: branch, Set: right.Of(rights...)}
}

// lacks runs an operation that must be refused for want of a right, about a member.
func lacks[In, Out any](s *shop, want right.Right, branch int64, field string, op func(*db.Tx, In) (Out, error), in In) {
	s.t.Helper()
	_, err := try(s, op, in)
	missing, refusal := (*right.Missing)(nil), (*taphoa.Error)(nil)
	if !errors.As(err, &missing) || missing.Right != want || missing.Branch != branch {
		s.t.Fatalf("got %v, want the lack of %s at %d", err, want.Key(), branch)
	}
	if !errors.As(err, &refusal) || refusal.Field != field || refusal.Kind != taphoa.KindForbidden {
		s.t.Errorf("the refusal %+v is not about %s", refusal, field)
	}
}

func priced(dong int64) func(*in) {
	return func(p *in) { p.BasePrice = taphoa.Some(taphoa.Dong(dong)) }
}

func changed(id int64, more ...func(*in)) *in {
	p := &in{ID: id}
	for _, m := range more {
		m(p)
	}
	return p
}

// TestThePriceOfAProductIsARightOfItsOwn once there is the product: one that is made comes with a price.
func TestThePriceOfAProductIsARightOfItsOwn(t *testing.T) {
	each(t, func(t *testing.T, s *shop) {
		keeper := s.with(grant(s.main, right.SeeProducts, right.ChangeProducts))
		pricer := s.with(grant(s.up, right.SeeProducts, right.ChangeProducts, right.ChangePrices))
		tea := write(keeper, catalog.CreateProduct, input("Trà", coded("TRA"), priced(10_000)))
		lacks(keeper, right.ChangePrices, 0, "basePrice", catalog.UpdateProduct, changed(tea.ID, priced(9_000)))
		lacks(keeper, right.ChangePrices, 0, "basePrice", catalog.UpdateProduct, changed(tea.ID, priced(0)))
		write(keeper, catalog.UpdateProduct, changed(tea.ID, priced(10_000), func(p *in) { p.Name = taphoa.Some("Trà xanh") }))
		unit := write(keeper, catalog.CreateProduct, input("Trà thùng", unitOf(tea.ID, "thùng", 24), priced(230_000)))
		write(keeper, catalog.BulkCreateProducts, several(input("Gạo", priced(20_000))))

		lacks(keeper, right.ChangePrices, 0, "listProducts[1].basePrice", catalog.BulkUpdateProducts,
			several(changed(unit.ID, priced(230_000)), changed(tea.ID, priced(9_000))))
		_, err := try(keeper, catalog.BulkUpdateProducts, several(changed(unit.ID), changed(tea.ID, priced(9_000))))
		equal(t, "the sentence", err.Error(),
			"listProducts[1].basePrice: Sản phẩm thứ 2 (TRA): Bạn không có quyền: Đổi giá bán của hàng hóa và bảng giá. Giá bán (basePrice) của sản phẩm TRA phải giữ nguyên")
		equal(t, "the price", s.product(tea.ID).BasePrice, taphoa.Dong(10_000))
		equal(t, "the name", s.product(tea.ID).Name, "Trà xanh")
		for i, person := range []*shop{pricer, s.with(right.Grant{Set: right.All}), s} {
			price := int64(11_000 + 1_000*i)
			write(person, catalog.UpdateProduct, changed(tea.ID, priced(price)))
			write(person, catalog.BulkUpdateProducts, several(changed(tea.ID, priced(price+500))))
			equal(t, "the price", s.product(tea.ID).BasePrice, taphoa.Dong(price+500))
		}
	})
}

// TestStockThatComesWithAProductIsACountOfTheBranch and its cost is written by who sees costs there.
func TestStockThatComesWithAProductIsACountOfTheBranch(t *testing.T) {
	each(t, func(t *testing.T, s *shop) {
		rights := []right.Right{right.SeeProducts, right.ChangeProducts}
		clerk := s.with(grant(s.main, rights...))
		counter := s.with(grant(s.main, append(rights, right.CreateStockTakes)...), grant(s.up, rights...))
		coster := s.with(grant(s.main, append(rights, right.CreateStockTakes, right.SeeCost)...), grant(s.up, append(rights, right.SeeCost)...))
		onHand := func(branch, n int64) func(*in) {
			return func(p *in) {
				p.Inventories = append(p.Inventories, taphoa.InventoryInput{BranchID: branch, OnHand: taphoa.Some(taphoa.Units(n))})
			}
		}
		cost := func(branch, dong int64) func(*in) {
			return func(p *in) {
				p.Inventories = append(p.Inventories, taphoa.InventoryInput{BranchID: branch, Cost: taphoa.Some(taphoa.Dong(dong))})
			}
		}
		lacks(clerk, right.CreateStockTakes, s.main, "inventories", catalog.CreateProduct, input("Trà", onHand(s.main, 5)))
		lacks(counter, right.CreateStockTakes, s.up, "inventories", catalog.CreateProduct, input("Trà", onHand(s.main, 5), onHand(s.up, 5)))
		lacks(counter, right.SeeCost, s.main, "cost", catalog.CreateProduct, input("Trà", stocked(s.main, 5, 700)))
		lacks(coster, right.CreateStockTakes, s.up, "inventories", catalog.CreateProduct, input("Trà", cost(s.up, 700)))
		write(clerk, catalog.CreateProduct, input("Mới", stocked(s.main, 0, 0))) // zeros, as clients send them
		tea := write(counter, catalog.CreateProduct, input("Trà", coded("TRA"), stocked(s.main, 5, 0), onHand(s.up, 0))).ID
		equal(t, "the stock", at(t, s.product(tea), s.main).OnHand, taphoa.Units(5))
		write(coster, catalog.UpdateProduct, changed(tea, cost(s.main, 700)))
		equal(t, "the cost", at(t, s.product(tea), s.main).Cost, taphoa.Dong(700))

		write(clerk, catalog.UpdateProduct, changed(tea, onHand(s.main, 5))) // as it is shown
		lacks(clerk, right.CreateStockTakes, s.main, "inventories", catalog.UpdateProduct, changed(tea, onHand(s.main, 6)))
		lacks(clerk, right.CreateStockTakes, s.main, "listProducts[0].inventories", catalog.BulkUpdateProducts, several(changed(tea, onHand(s.main, 6))))
		for _, guess := range []int64{0, 600, 700} { // the right one is refused as the wrong ones are
			for _, person := range []*shop{clerk, counter} {
				lacks(person, right.SeeCost, s.main, "cost", catalog.UpdateProduct, changed(tea, cost(s.main, guess)))
			}
		}
		lacks(counter, right.SeeCost, s.main, "cost", catalog.CreateProduct, input("Trà thùng", unitOf(tea, "thùng", 2), cost(s.main, 1_400)))
		write(counter, catalog.CreateProduct, input("Trà hộp", unitOf(tea, "hộp", 3), cost(s.main, 0)))
		for i, person := range []*shop{s.with(right.Grant{Set: right.All}), s} {
			n := int64(8 + i)
			write(person, catalog.UpdateProduct, changed(tea, stocked(s.main, n, 100*n), stocked(s.up, n, 100*n)))
			equal(t, "the stock", s.onHand(tea), map[int]string{0: "8 8", 1: "9 9"}[i])
		}
	})
}

// TestStockIsShownOfBranchesWhereThePersonHasARole in every way of reading it, also when another person has read it before.
func TestStockIsShownOfBranchesWhereThePersonHasARole(t *testing.T) {
	each(t, func(t *testing.T, s *shop) {
		tea := write(s, catalog.CreateProduct, input("Trà", coded("TRA"), func(p *in) {
			for _, branch := range []int64{s.main, s.up} {
				p.Inventories = append(p.Inventories, taphoa.InventoryInput{BranchID: branch, OnHand: taphoa.Some(taphoa.Units(7)), Cost: taphoa.Some(taphoa.Dong(5_000))})
			}
		}))
		all := taphoa.Paging{PageSize: 10}
		for range 2 { // the second time from what is kept
			for name, c := range map[string]struct {
				who  *shop
				want []int64
			}{
				"the owner":                {s, []int64{s.main, s.up}},
				"a keeper of the shop":     {s.with(grant(0, right.SeeProducts)), []int64{s.main, s.up}},
				"a keeper of one branch":   {s.with(grant(s.main, right.SeeProducts)), []int64{s.main}},
				"a keeper of the other":    {s.with(grant(s.up, right.SeeProducts)), []int64{s.up}},
				"a keeper of both":         {s.with(grant(s.main, right.SeeProducts), grant(s.up, right.SeeProducts)), []int64{s.main, s.up}},
				"who works at one of both": {s.at(s.up, grant(s.main, right.SeeProducts), grant(s.up, right.SeeProducts)), []int64{s.up}},
			} {
				branchesOf := func(p *taphoa.Product) (ids []int64) {
					for _, at := range p.Inventories {
						ids = append(ids, at.BranchID)
					}
					return ids
				}
				listed := read(c.who, catalog.ListProducts, &taphoa.ProductQuery{Paging: all, IncludeInventory: true})
				equal(t, name+", a list", fmt.Sprint(branchesOf(&listed.Data[0])), fmt.Sprint(c.want))
				texts := read(c.who, func(tx *db.Tx, in *taphoa.ProductQuery) (wire.TextPage, error) {
					return catalog.ListProductTexts(tx, in, wire.Form{})
				}, &taphoa.ProductQuery{Paging: all, IncludeInventory: true})
				for _, branch := range []int64{s.main, s.up} {
					if got, want := strings.Contains(string(texts.Data[0]), fmt.Sprintf(`"branchId":%d,`, branch)), slices.Contains(c.want, branch); got != want {
						t.Errorf("%s: the text shows branch %d: %v", name, branch, got)
					}
				}
				one := read(c.who, catalog.GetProduct, &taphoa.ProductByID{ID: tea.ID})
				equal(t, name+", a product", fmt.Sprint(branchesOf(&one)), fmt.Sprint(c.want))
				var ids []int64
				for _, at := range read(c.who, catalog.ListProductOnHands, &taphoa.OnHandQuery{Paging: all}).Data[0].Inventories {
					ids = append(ids, at.BranchID)
				}
				equal(t, name+", on hand", fmt.Sprint(ids), fmt.Sprint(c.want))
			}
		}
		elsewhere := read(s.with(grant(s.main, right.SeeProducts)), catalog.ListProductOnHands, &taphoa.OnHandQuery{Paging: all, BranchIDs: []int64{s.up}})
		if len(elsewhere.Data) > 0 && len(elsewhere.Data[0].Inventories) > 0 {
			t.Errorf("who asks for another branch is shown %+v", elsewhere.Data[0].Inventories)
		}
	})
}
