package catalog

import (
	"slices"

	"github.com/taphoa/taphoa"
	"github.com/taphoa/taphoa/internal/db"
	"github.com/taphoa/taphoa/internal/text"
)

const levelsMax = 3 // of categories

var categoryOrders = db.Orders{
	"name": db.Text("c.name_key"), "categoryname": db.Text("c.name_key"), "categoryid": db.Number("c.id"),
	"parentid": db.Number("c.parent_id"), "rank": db.Number("c.rank"), "haschild": db.Flag(hasChild),
	"createddate": db.Number("c.created_date"), "modifieddate": db.Number("c.changed_at"),
}

const hasChild = `EXISTS (SELECT 1 FROM categories k
	WHERE k.retailer_id = :retailer AND k.parent_id = c.id AND k.deleted_at = 0)`

func categoryList() *db.List {
	return &db.List{
		Table: "categories c", Live: "c.deleted_at = 0",
		Columns: `c.id AS category_id, NULLIF(c.parent_id, 0) AS parent_id, c.category_name, c.retailer_id, c.rank,
			c.modified_date, c.created_date, ` + hasChild + ` AS has_child`,
		Default: "name",
		Orders:  categoryOrders,
	}
}

// ListCategories lists the categories, flat or as a tree, whose pages count roots (contract categories).
func ListCategories(tx *db.Tx, in *taphoa.CategoryQuery) (taphoa.Page[taphoa.Category], error) {
	list := categoryList().
		If(in.HierachicalData, "c.parent_id = 0").
		If(!in.HierachicalData && in.LastModifiedFrom.Has(), "c.changed_at >= ?", in.LastModifiedFrom.Value)
	page, err := db.ListPage[taphoa.Category](tx, list, in.Paging)
	if err == nil && in.HierachicalData {
		err = growTree(tx, page.Data, in.Paging)
	}
	if err == nil {
		page.RemovedIDs, err = db.Removed(tx, "categories", in.LastModifiedFrom, in.Paging)
	}
	return page, err
}

// growTree hangs their descendants under categories, level by level, each level in the order asked for.
func growTree(tx *db.Tx, parents []taphoa.Category, order taphoa.Paging) error {
	at := make(map[int64]*taphoa.Category, len(parents))
	order.PageSize, order.CurrentItem, order.Cursor = taphoa.IDMax, 0, ""
	for level := parents; len(level) > 0; {
		var ids []int64
		for i := range level {
			level[i].Children = []taphoa.Category{}
			at[level[i].CategoryID] = &level[i]
			if level[i].HasChild {
				ids = append(ids, level[i].CategoryID)
			}
		}
		if len(ids) == 0 {
			return nil
		}
		page, err := db.ListPage[taphoa.Category](tx, categoryList().Where("c.parent_id IN ?", ids), order)
		if err != nil {
			return err
		}
		// A parent's children must be complete before the next level takes their addresses.
		level = make([]taphoa.Category, 0, len(page.Data))
		for _, id := range ids {
			from := len(level)
			for _, c := range page.Data {
				if c.ParentID.Value == id {
					level = append(level, c)
				}
			}
			at[id].Children = level[from:len(level):len(level)]
		}
	}
	return nil
}

// GetCategory returns one category with its descendants (contract categories).
func GetCategory(tx *db.Tx, in *taphoa.ByID) (taphoa.CategoryDetail, error) {
	page, err := db.ListPage[taphoa.Category](tx, categoryList().Where("c.id = ?", in.ID),
		taphoa.Paging{PageSize: 1})
	if err == nil && len(page.Data) == 0 {
		err = unknownCategory(in.ID)
	}
	if err == nil {
		err = growTree(tx, page.Data, taphoa.Paging{})
	}
	if err != nil {
		return taphoa.CategoryDetail{}, err
	}
	return taphoa.CategoryDetail{Category: page.Data[0], Data: page.Data[0]}, nil
}

func unknownCategory(id int64) error {
	return taphoa.NotFound(taphoa.CodeValidate, "Nhóm hàng %d không tồn tại", id)
}

// CreateCategory adds a category (contract categories).
func CreateCategory(tx *db.Tx, in *taphoa.CategoryInput) (taphoa.CategoryAnswer, error) {
	tree, err := lockTree(tx)
	if err != nil {
		return taphoa.CategoryAnswer{}, err
	}
	fresh := branch{NameKey: text.NameKey(in.CategoryName.Value)}
	if err := tree.place(&fresh, in); err != nil {
		return taphoa.CategoryAnswer{}, err
	}
	if err := tree.refuseUsed(&fresh); err != nil {
		return taphoa.CategoryAnswer{}, err
	}
	id, err := insertCategory(tx, fresh.ParentID, text.Clean(in.CategoryName.Value), in.Rank.Value)
	if err != nil {
		return taphoa.CategoryAnswer{}, err
	}
	return categoryAnswer(tx, id)
}

func insertCategory(tx *db.Tx, parent int64, name string, rank int64) (int64, error) {
	id, err := tx.NewID("categories")
	if err == nil {
		tx.Queue(`
			INSERT INTO categories (retailer_id, id, parent_id, category_name, name_key, rank, created_date, changed_at)
			VALUES (:retailer, ?, ?, ?, ?, ?, :now, :now)`, id, parent, name, text.NameKey(name), rank)
		categoryUpdated.Emit(tx, id)
	}
	return id, err
}

// UpdateCategory renames a category or moves it under another parent (contract categories).
func UpdateCategory(tx *db.Tx, in *taphoa.CategoryInput) (taphoa.CategoryAnswer, error) {
	tree, err := lockTree(tx)
	if err != nil {
		return taphoa.CategoryAnswer{}, err
	}
	changed := tree.find(in.ID)
	if changed == nil {
		return taphoa.CategoryAnswer{}, unknownCategory(in.ID)
	}
	before := *changed
	if in.CategoryName.Given() {
		changed.CategoryName = text.Clean(in.CategoryName.Value)
	}
	changed.NameKey, changed.Rank = text.NameKey(changed.CategoryName), in.Rank.Or(changed.Rank)
	if err := tree.place(changed, in); err != nil {
		return taphoa.CategoryAnswer{}, err
	}
	if changed.ParentID != before.ParentID || changed.NameKey != before.NameKey {
		if err := tree.refuseUsed(changed); err != nil {
			return taphoa.CategoryAnswer{}, err
		}
	}
	if !db.Unchanged(&before, changed) {
		tx.Queue(`
			UPDATE categories SET parent_id = :parent_id, category_name = :category_name, name_key = :name_key, rank = :rank,
				modified_date = :now, changed_at = :now
			WHERE retailer_id = :retailer AND id = ?`, changed, changed.ID)
		categoryUpdated.Emit(tx, changed.ID)
	}
	return categoryAnswer(tx, changed.ID)
}

func categoryAnswer(tx *db.Tx, id int64) (taphoa.CategoryAnswer, error) {
	detail, err := GetCategory(tx, &taphoa.ByID{ID: id})
	return taphoa.CategoryAnswer{Category: detail.Data, Message: taphoa.MessageUpdated, Data: detail.Data}, err
}

// DeleteCategory deletes a category that neither categories nor products lie in (contract categories).
func DeleteCategory(tx *db.Tx, in *taphoa.ByID) (taphoa.Message, error) {
	tree, err := lockTree(tx)
	if err != nil {
		return taphoa.Message{}, err
	}
	doomed := tree.find(in.ID)
	if doomed == nil {
		return taphoa.Message{}, unknownCategory(in.ID)
	}
	for i := range tree {
		if tree[i].ParentID == doomed.ID {
			return taphoa.Message{}, taphoa.Refuse(taphoa.CodeValidate, "id",
				"Nhóm hàng %s có nhóm con %s nên không thể xóa, hãy chuyển hoặc xóa nhóm con trước",
				doomed.CategoryName, tree[i].CategoryName)
		}
	}
	code, used, err := db.One[string](tx, `
		SELECT code FROM products WHERE retailer_id = :retailer AND category_id = ? AND deleted_at = 0 ORDER BY id LIMIT 1`, doomed.ID)
	if used {
		err = taphoa.Refuse(taphoa.CodeValidate, "id",
			"Nhóm hàng %s đang có sản phẩm %s nên không thể xóa, hãy chuyển các sản phẩm sang nhóm khác trước",
			doomed.CategoryName, code)
	}
	if err != nil {
		return taphoa.Message{}, err
	}
	_, err = tx.Exec(`UPDATE categories SET deleted_at = :now, changed_at = :now WHERE retailer_id = :retailer AND id = ?`,
		doomed.ID)
	categoryDeleted.Emit(tx, doomed.ID)
	return taphoa.Message{Message: taphoa.MessageDeleted}, err
}

// branch is a category as the rules of the tree see it.
type branch struct {
	ID, ParentID, Rank    int64
	CategoryName, NameKey string
}

// tree is all categories of the shop, by id. A change locks all of it: its rules are about several categories
// at once, and it is small and rarely changed.
type tree []branch

func lockTree(tx *db.Tx) (tree, error) {
	return db.All[branch](tx, `
		SELECT id, parent_id, rank, category_name, name_key FROM categories
		WHERE retailer_id = :retailer AND deleted_at = 0 ORDER BY id :lock`)
}

func (t tree) find(id int64) *branch {
	for i := range t {
		if t[i].ID == id {
			return &t[i]
		}
	}
	return nil
}

// place sets the parent and the order of a category, or returns the rule that forbids it.
func (t tree) place(c *branch, in *taphoa.CategoryInput) error {
	if c.NameKey == text.NameKey("") {
		return taphoa.Refuse(taphoa.CodeValidate, "categoryName", "Tên nhóm hàng (categoryName) không được để trống")
	}
	if in.ParentID.Given() {
		c.ParentID = in.ParentID.Value // null is 0, the root
	}
	depth := 1
	for id := c.ParentID; id != 0; depth++ {
		parent := t.find(id)
		switch {
		case parent == nil:
			return taphoa.Refuse(taphoa.CodeValidate, "parentId", "Nhóm hàng cha %d (parentId) không tồn tại", id)
		case parent == c:
			return taphoa.Refuse(taphoa.CodeValidate, "parentId", "Nhóm hàng %s không thể nằm trong chính nó (parentId)", c.CategoryName)
		}
		id = parent.ParentID
	}
	if depth+t.height(c.ID) > levelsMax {
		return taphoa.Refuse(taphoa.CodeValidate, "parentId", "Nhóm hàng chỉ được lồng nhau tối đa %d cấp (parentId)", levelsMax)
	}
	return nil
}

// refuseUsed refuses a name that another category of the same parent has.
func (t tree) refuseUsed(c *branch) error {
	for i := range t {
		if other := &t[i]; other != c && other.ParentID == c.ParentID && other.NameKey == c.NameKey {
			return taphoa.Refuse(taphoa.CodeValidate, "categoryName", "Nhóm hàng %s (categoryName) đã tồn tại trong nhóm cha này",
				other.CategoryName)
		}
	}
	return nil
}

// height is how many levels lie below a category.
func (t tree) height(id int64) int {
	high := 0
	for i := range t {
		if id != 0 && t[i].ParentID == id {
			high = max(high, 1+t.height(t[i].ID))
		}
	}
	return high
}

// subtree is a category with all that lie below it.
func subtree(tx *db.Tx, id int64) ([]int64, error) {
	ids, err := db.All[int64](tx, `
		SELECT id FROM categories WHERE retailer_id = :retailer AND deleted_at = 0 AND id = ?
		UNION ALL SELECT id FROM categories WHERE retailer_id = :retailer AND deleted_at = 0 AND parent_id = ?
		UNION ALL SELECT id FROM categories WHERE retailer_id = :retailer AND deleted_at = 0 AND parent_id IN
			(SELECT k.id FROM categories k WHERE k.retailer_id = :retailer AND k.deleted_at = 0 AND k.parent_id = ?)`, id, id, id)
	slices.Sort(ids) // the database would read all categories for their order
	if len(ids) == 0 {
		ids = []int64{id} // nothing lies in an unknown category
	}
	return ids, err
}

// otherCategory is where products without a category go (contract products, undocumented).
const otherCategory = "Khác"

// ensureCategory returns the category of a name, on whatever level, and creates a root of that name if there is none.
func ensureCategory(tx *db.Tx, name string) (int64, error) {
	id, found, err := db.One[int64](tx, `
		SELECT id FROM categories WHERE retailer_id = :retailer AND name_key = ? AND deleted_at = 0
		ORDER BY parent_id, id LIMIT 1 :lock`, text.NameKey(name))
	if err != nil || found {
		return id, err
	}
	return insertCategory(tx, 0, text.Clean(name), 0)
}

// lockCategory locks a category until the commit, so that it is not deleted under the product that goes into it.
func lockCategory(tx *db.Tx, id int64) error {
	_, found, err := db.One[int64](tx, `
		SELECT id FROM categories WHERE retailer_id = :retailer AND id = ? AND deleted_at = 0 :lock`, id)
	if err == nil && !found {
		err = refuse("categoryId", "Nhóm hàng %d (categoryId) không tồn tại", id)
	}
	return err
}
