package catalog_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/taphoa/taphoa"
	"github.com/taphoa/taphoa/internal/catalog"
	"github.com/taphoa/taphoa/internal/wire"
)

// category creates a category; parent 0 is the root.
func (s *shop) category(name string, parent int64) int64 {
	s.t.Helper()
	return write(s, catalog.CreateCategory, categoryInput(0, name, parent)).Data.CategoryID
}

func categoryInput(id int64, name string, parent int64) *taphoa.CategoryInput {
	return &taphoa.CategoryInput{ID: id, CategoryName: taphoa.Some(name), ParentID: taphoa.Some(parent)}
}

func (s *shop) categories(q taphoa.CategoryQuery) taphoa.Page[taphoa.Category] {
	s.t.Helper()
	if q.PageSize == 0 {
		q.PageSize = 100
	}
	return read(s, catalog.ListCategories, &q)
}

// names writes categories as an outline: a name, and its children in brackets.
func names(categories []taphoa.Category) string {
	var b strings.Builder
	for i, c := range categories {
		if i > 0 {
			b.WriteString(" ")
		}
		b.WriteString(c.CategoryName)
		if len(c.Children) > 0 {
			b.WriteString("(" + names(c.Children) + ")")
		}
	}
	return b.String()
}

func TestCategoriesNestThreeLevelsAndNoMore(t *testing.T) {
	each(t, func(t *testing.T, s *shop) {
		one := s.category("Một", 0)
		two := s.category("Hai", one)
		three := s.category("Ba", two)
		refused(s, catalog.CreateCategory, categoryInput(0, "Bốn", three), "3 cấp", "parentId")
		pair := s.category("Đôi", 0)
		s.category("Đôi con", pair)
		refused(s, catalog.UpdateCategory, categoryInput(pair, "Đôi", two), "3 cấp")
		moved := write(s, catalog.UpdateCategory, categoryInput(pair, "Đôi", one))
		equal(t, "the parent after the move", moved.Data.ParentID.Or(0), one)
		equal(t, "the outline", names(s.categories(taphoa.CategoryQuery{HierachicalData: true}).Data), "Một(Đôi(Đôi con) Hai(Ba))")
	})
}

func TestACategoryNeverBecomesItsOwnAncestor(t *testing.T) {
	each(t, func(t *testing.T, s *shop) {
		one := s.category("Một", 0)
		two := s.category("Hai", one)
		refused(s, catalog.UpdateCategory, categoryInput(one, "Một", two), "chính nó")
		refused(s, catalog.UpdateCategory, categoryInput(one, "Một", one), "chính nó")
		refused(s, catalog.UpdateCategory, categoryInput(one, "Một", 987654), "987654", "không tồn tại")
		refused(s, catalog.CreateCategory, categoryInput(0, "Con", -1), "không tồn tại")
	})
}

func TestACategoryIsNeverNamedTwiceUnderOneParent(t *testing.T) {
	each(t, func(t *testing.T, s *shop) {
		bo := s.category("Bò", 0)
		refused(s, catalog.CreateCategory, categoryInput(0, "  bÒ ", 0), "Bò", "đã tồn tại")
		butter := s.category("Bơ", 0) // another word, though it folds to the same letters
		s.category("Bò", bo)
		refused(s, catalog.UpdateCategory, categoryInput(butter, "Bò", 0), "đã tồn tại")
		refused(s, catalog.CreateCategory, categoryInput(0, "   ", 0), "categoryName")
		refused(s, catalog.CreateCategory, &taphoa.CategoryInput{}, "categoryName")
		write(s, catalog.UpdateCategory, categoryInput(bo, "BÒ", 0)) // itself is no other
	})
}

func TestACategoryInUseIsNotDeleted(t *testing.T) {
	each(t, func(t *testing.T, s *shop) {
		parent := s.category("Đồ uống", 0)
		child := s.category("Bia", parent)
		beer := s.create("Bia lon", func(in *taphoa.ProductInput) { in.CategoryID = taphoa.Some(child) })
		refused(s, catalog.DeleteCategory, &taphoa.ByID{ID: parent}, "Đồ uống", "Bia", "nhóm con")
		refused(s, catalog.DeleteCategory, &taphoa.ByID{ID: child}, "Bia", beer.Code)
		write(s, catalog.DeleteProduct, &taphoa.ByID{ID: beer.ID})
		before := s.clock.Now()
		equal(t, "the message", write(s, catalog.DeleteCategory, &taphoa.ByID{ID: child}).Message, "Xóa dữ liệu thành công")
		write(s, catalog.DeleteCategory, &taphoa.ByID{ID: parent})
		refused(s, catalog.DeleteCategory, &taphoa.ByID{ID: parent}, "không tồn tại")
		refused(s, catalog.UpdateCategory, categoryInput(parent, "Khác", 0), "không tồn tại")
		page := s.categories(taphoa.CategoryQuery{LastModifiedFrom: taphoa.Some(before)})
		if !slices.Equal(page.RemovedIDs, []int64{parent, child}) {
			t.Errorf("removedIds are %v, want %v", page.RemovedIDs, []int64{parent, child})
		}
		later := s.categories(taphoa.CategoryQuery{LastModifiedFrom: taphoa.Some(s.clock.Now() + 1)})
		if later.RemovedIDs == nil || len(later.RemovedIDs) != 0 {
			t.Errorf("removedIds are %v, want an empty list", later.RemovedIDs)
		}
		s.category("Đồ uống", 0) // the name can be used again
	})
}

func TestCategoriesComeInAlphabeticalOrder(t *testing.T) {
	each(t, func(t *testing.T, s *shop) {
		for _, name := range []string{"Ớt", "Đường", "an", "Bò kho", "Bò"} {
			s.category(name, 0)
		}
		equal(t, "the order", names(s.categories(taphoa.CategoryQuery{}).Data), "an Bò Bò kho Đường Ớt")
		down := s.categories(taphoa.CategoryQuery{Paging: taphoa.Paging{OrderBy: "categoryId", OrderDirection: "desc"}})
		equal(t, "the order by id", names(down.Data), "Bò Bò kho an Đường Ớt")
		second := s.categories(taphoa.CategoryQuery{Paging: taphoa.Paging{PageSize: 2, CurrentItem: 2}})
		equal(t, "the second page", names(second.Data), "Bò kho Đường")
		equal(t, "the total", second.Total, 5)
	})
}

func TestTheTreePagesRootsAndTheFlatListFiltersByDate(t *testing.T) {
	each(t, func(t *testing.T, s *shop) {
		for _, root := range []string{"A", "B", "C"} {
			id := s.category(root, 0)
			for i := range 2 {
				s.category(fmt.Sprint(root, i), s.category(fmt.Sprint(root, root, i), id))
			}
		}
		page := s.categories(taphoa.CategoryQuery{
			Paging: taphoa.Paging{PageSize: 2, CurrentItem: 1}, HierachicalData: true,
			LastModifiedFrom: taphoa.Some(s.clock.Now() + 1), // is ignored
		})
		equal(t, "the tree", names(page.Data), "B(BB0(B0) BB1(B1)) C(CC0(C0) CC1(C1))")
		equal(t, "the total", page.Total, 3)
		if leaf := page.Data[0].Children[0].Children[0]; leaf.Children == nil || leaf.HasChild || !page.Data[0].HasChild {
			t.Errorf("the leaf is %+v", leaf)
		}
		last := s.categories(taphoa.CategoryQuery{LastModifiedFrom: taphoa.Some(s.clock.Now())})
		equal(t, "what changed last", names(last.Data), "C1")
		if last.Data[0].Children != nil {
			t.Error("the flat list has children")
		}
	})
}

func TestACategoryUpdateChangesOnlyWhatIsGiven(t *testing.T) {
	each(t, func(t *testing.T, s *shop) {
		root := s.category("Gốc", 0)
		child := s.category("Con", root)
		got := write(s, catalog.UpdateCategory, &taphoa.CategoryInput{ID: child, CategoryName: taphoa.Some("Cháu")})
		equal(t, "the message", got.Message, "Cập nhật dữ liệu thành công")
		equal(t, "the parent", got.Data.ParentID.Or(0), root)
		equal(t, "the name", got.Data.CategoryName, "Cháu")
		equal(t, "modified", got.Data.ModifiedDate.Value, s.clock.Now())
		got = write(s, catalog.UpdateCategory, &taphoa.CategoryInput{ID: child, ParentID: taphoa.Null[int64]()})
		equal(t, "a parent after null", got.Data.ParentID.Has(), false)
		equal(t, "the name", got.Data.CategoryName, "Cháu")
		write(s, catalog.UpdateCategory, categoryInput(child, "Cháu", root))
		got = write(s, catalog.UpdateCategory, categoryInput(child, "Cháu", 0))
		equal(t, "a parent after 0", got.Data.ParentID.Has(), false)
	})
}

func TestACategoryIsShownAtTheTopAndAgainUnderData(t *testing.T) {
	each(t, func(t *testing.T, s *shop) {
		root := s.category("Gốc", 0)
		child := s.category("Con", root)
		var shown struct {
			CategoryID int64
			ParentID   *int64
			Children   []struct{ CategoryID, ParentID int64 }
			Data       struct {
				CategoryID int64
				Children   []struct{ CategoryID int64 }
			}
		}
		detail := read(s, catalog.GetCategory, &taphoa.ByID{ID: root})
		s.must(json.Unmarshal(wire.Append(nil, &detail), &shown))
		equal(t, "the id", shown.CategoryID, root)
		equal(t, "the id under data", shown.Data.CategoryID, root)
		equal(t, "the child", shown.Children[0].CategoryID, child)
		equal(t, "the child's parent", shown.Children[0].ParentID, root)
		equal(t, "the child under data", shown.Data.Children[0].CategoryID, child)
		if shown.ParentID != nil {
			t.Error("a root shows a parent")
		}
		refused(s, catalog.GetCategory, &taphoa.ByID{ID: 987654}, "987654", "không tồn tại")
	})
}

func TestABrandIsNeverListedTwice(t *testing.T) {
	each(t, func(t *testing.T, s *shop) {
		named := func(name string) *taphoa.TrademarkInput { return &taphoa.TrademarkInput{TradeMarkName: name} }
		vina := write(s, catalog.CreateTrademark, named("Vinamilk"))
		equal(t, "modified while never modified", vina.ModifiedDate, vina.CreatedDate)
		write(s, catalog.CreateTrademark, named("Acecook"))
		refused(s, catalog.CreateTrademark, named(" VINAMILK "), "đã tồn tại")
		refused(s, catalog.CreateTrademark, named("  "), "trống")
		page := read(s, catalog.ListTrademarks, &taphoa.TrademarkQuery{Paging: taphoa.Paging{PageSize: 20}})
		equal(t, "the total", page.Total, 2)
		equal(t, "the first", page.Data[0].TradeMarkName, "Acecook")
		since := read(s, catalog.ListTrademarks, &taphoa.TrademarkQuery{
			Paging: taphoa.Paging{PageSize: 20}, LastModifiedFrom: taphoa.Some(vina.CreatedDate + 1),
		})
		equal(t, "brands since", since.Total, 1)
		equal(t, "the brand", read(s, catalog.GetTrademark, &taphoa.ByID{ID: vina.TradeMarkID}), vina)
		refused(s, catalog.GetTrademark, &taphoa.ByID{ID: 5}, "không tồn tại")
	})
}
