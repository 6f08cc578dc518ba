package party

import (
	"strconv"
	"strings"
	"time"

	"github.com/taphoa/taphoa"
	"github.com/taphoa/taphoa/internal/cash"
	"github.com/taphoa/taphoa/internal/db"
	"github.com/taphoa/taphoa/internal/text"
)

const (
	customerColumns = `c.id, c.code, c.name, c.type, c.gender, c.birth_date, c.contact_number, c.sub_number,
		c.identification_number, c.address, c.location_name, c.ward_name, c.email, c.organization, c.comments, c.tax_code, c.payment_days,
		c.reward_point, c.debt_limit, c.debt_limit_policy, c.branch_id, c.retailer_id, c.is_active, c.created_by, c.modified_date, c.created_date`
	totalColumns  = `, c.total_invoiced, c.total_point, c.total_revenue`
	socialColumns = `, c.psid_facebook`
	debtColumn    = `, COALESCE(d.balance, 0) AS debt`
	debtJoin      = `LEFT JOIN cash_balances d ON d.retailer_id = :retailer AND d.account_type = 'C' AND d.account_id = c.id`
	debtOrder     = `COALESCE((SELECT o.balance FROM cash_balances o
		WHERE o.retailer_id = :retailer AND o.account_type = 'C' AND o.account_id = c.id), 0)`
)

var customerOrders = db.Orders{
	"code": db.Text("c.code_key"), "name": db.Text("c.search"), "type": db.Number("c.type"),
	"gender":    db.Number("CAST(CASE WHEN c.gender IS NULL THEN -1 WHEN c.gender THEN 1 ELSE 0 END AS BIGINT)"),
	"birthdate": db.Number("c.birth_date").OrNull(), "contactnumber": db.Text("c.phone_key"), "subnumber": db.Text("c.sub_number").OrNull(),
	"identificationnumber": db.Text("c.identification_number").OrNull(), "address": db.Long("c.address"),
	"locationname": db.Text("c.location_name").OrNull(), "wardname": db.Text("c.ward_name").OrNull(), "email": db.Text("c.email").OrNull(),
	"organization": db.Text("c.organization").OrNull(), "comments": db.Long("c.comments"), "comment": db.Long("c.comments"),
	"taxcode": db.Text("c.tax_code").OrNull(), "paymentdays": db.Number("c.payment_days").OrNull(), "debt": db.Number(debtOrder),
	"debtlimit": db.Number("c.debt_limit").OrNull(), "debtlimitpolicy": db.Text("c.debt_limit_policy").OrNull(), "totalinvoiced": db.Number("c.total_invoiced"),
	"totalpoint": db.Number("c.total_point"), "totalrevenue": db.Number("c.total_revenue"), "rewardpoint": db.Number("c.reward_point"),
	"psidfacebook": db.Number("c.psid_facebook").OrNull(), "branchid": db.Number("c.branch_id").OrNull(),
	"isactive": db.Flag("c.is_active"), "createdby": db.Text("c.created_by").OrNull(),
	"createddate": db.Number("c.created_date"), "modifieddate": db.Number("c.changed_at"),
	"groups": db.Text(`(SELECT string_agg(g.name, ',' ORDER BY g.name_key, g.id) FROM customer_group_members m
		JOIN customer_groups g ON g.retailer_id = :retailer AND g.id = m.group_id AND g.deleted_at = 0
		WHERE m.retailer_id = :retailer AND m.customer_id = c.id)`).OrNull(),
}

// ListCustomers lists the shop's customers (contract customers, listCustomers).
func ListCustomers(tx *db.Tx, in *taphoa.CustomerQuery) (taphoa.Page[taphoa.Customer], error) {
	list := db.List{
		Table: "customers c", Live: "c.deleted_at = 0", Columns: customerColumns, Joins: debtJoin,
		Orders: customerOrders,
	}
	if in.IncludeTotal {
		list.Columns += totalColumns
	}
	if in.IncludeCustomerSocial {
		list.Columns += socialColumns
	}
	list.Columns += debtColumn
	if in.IncludeTotals {
		list.Sums = db.SumOf("d.balance", "debt")
	}
	if err := filterCustomers(tx, &list, in); err != nil {
		return taphoa.Page[taphoa.Customer]{}, err
	}
	page, err := db.ListPage[taphoa.Customer](tx, &list, in.Paging)
	if err == nil && in.IncludeCustomerGroup {
		err = fillGroups(tx, page.Data)
		for i := range page.Data { // the list shows the names alone
			page.Data[i].CustomerGroupDetails = nil
		}
	}
	if err == nil && in.IncludeRemoveIDs {
		page.RemovedIDs, err = db.Removed(tx, "customers", in.LastModifiedFrom, in.Paging)
		page.RemoveID = page.RemovedIDs
	}
	return page, err
}

func filterCustomers(tx *db.Tx, list *db.List, in *taphoa.CustomerQuery) error {
	list.If(in.LastModifiedFrom.Has(), "c.changed_at >= ?", in.LastModifiedFrom.Value).
		If(in.IsActive.Has(), "c.is_active = ?", in.IsActive.Value).
		If(in.GroupID != 0, `c.id IN (
			SELECT m.customer_id FROM customer_group_members m WHERE m.retailer_id = :retailer AND m.group_id = ?)`, in.GroupID)
	if err := filterKeys(tx, list, in.Code, in.ContactNumber); err != nil {
		return err
	}
	if in.Name = strings.TrimSpace(in.Name); in.Name != "" {
		list.Where(`c.search LIKE ? ESCAPE '\'`, db.Contains(in.Name))
	}
	if keyword := strings.TrimSpace(in.Keyword); keyword != "" {
		phone := text.PhoneKey(keyword)
		if phone == "" || strings.Trim(keyword, "0123456789 .-+()") != "" {
			phone = "-" // in no key: "Lan 2" must not find all numbers with a 2
		}
		number, args := numberWith("c", phone)
		list.Where(`(c.code_key LIKE ? ESCAPE '\' OR c.search LIKE ? ESCAPE '\' OR `+number+`)`,
			append([]any{db.Containing(text.CodeKey(keyword)), db.Contains(keyword)}, args...)...)
	}
	return filterBirthDate(list, strings.TrimSpace(in.BirthDate))
}

// With is the condition that a column of a document names a partner with one of some keys, also a deleted one; keys are its argument,
// twice. The index of keys has only partners that are not deleted, and no empty key; deleted ones are rare.
func With(column, table, key string) string {
	live := "SELECT id FROM " + table + " WHERE retailer_id = :retailer AND deleted_at = 0 AND " + key + " IN ? AND " + key + " <> ''"
	deleted := strings.Replace(live, "deleted_at = 0", "deleted_at > 0", 1)
	if table == "customers" { // one that was merged into another means that one
		deleted = strings.Replace(deleted, "id",
			"COALESCE((SELECT m.kept_id FROM merged_customers m WHERE m.retailer_id = :retailer AND m.id = customers.id), id)", 1) +
			` AND NOT (EXISTS (SELECT 1 FROM merged_customers m WHERE m.retailer_id = :retailer AND m.id = customers.id)
				AND EXISTS (SELECT 1 FROM customers n WHERE n.retailer_id = :retailer AND n.deleted_at = 0
					AND n.` + key + ` = customers.` + key + ` AND n.` + key + ` <> ''))` // unless another has the key now
	}
	return column + " IN (" + live + " UNION ALL " + deleted + ")"
}

// CodeKeys are the keys of the codes that a filter names.
func CodeKeys(codes []string) (keys []string) {
	for _, code := range codes {
		if key := text.CodeKey(code); key != "" {
			keys = append(keys, key)
		}
	}
	return keys
}

// filterKeys filters the partners with a code and a contact number: who has exactly it, or else the customer into
// which one with it was merged, or else who contains it. Programs use the first result, people type a part.
func filterKeys(tx *db.Tx, list *db.List, code, number string) error {
	_, alias, _ := strings.Cut(list.Table, " ")
	if key := text.CodeKey(code); key != "" {
		if exact, err := filterExact(tx, list, "code_key", key, (*cash.Merged).WithCode); err != nil {
			return err
		} else if !exact {
			list.Where(alias+`.code_key LIKE ? ESCAPE '\'`, db.Containing(key))
		}
	}
	number = strings.TrimSpace(number)
	if key := text.PhoneKey(number); key != "" {
		if exact, err := filterExact(tx, list, "phone_key", key, (*cash.Merged).WithNumber); err != nil || exact {
			return err
		}
		condition, args := numberWith(alias, key)
		list.Where("("+condition+")", args...)
	} else if number != "" {
		list.Where(alias+`.contact_number LIKE ? ESCAPE '\'`, db.Containing(number))
	}
	return nil
}

// filterExact filters the partners whose column is key, or the customer that one with this key was merged into, if there are
// any.
func filterExact(tx *db.Tx, list *db.List, column, key string, merged func(*cash.Merged, string) int64) (bool, error) {
	table, alias, _ := strings.Cut(list.Table, " ")
	exact, _, err := db.One[int64](tx, // the condition of the partial index of phones
		`SELECT COUNT(*) FROM `+table+` WHERE retailer_id = :retailer AND deleted_at = 0 AND `+column+` = ? AND `+column+` <> ''`, key)
	list.If(exact > 0, alias+"."+column+" = ? AND "+alias+"."+column+" <> ''", key)
	if err != nil || exact > 0 || table != "customers" {
		return exact > 0, err
	}
	m, err := cash.MergedCustomers(tx)
	if err != nil || merged(m, key) == 0 {
		return false, err
	}
	list.Where("c.id = ?", merged(m, key))
	return true, nil
}

// numberWith is the condition that a contact number contains a key, or one of several numbers in the text, which have no key.
func numberWith(alias, key string) (condition string, args []any) {
	return alias + `.phone_key LIKE ? ESCAPE '\' OR ` + alias + `.phone_key = '' AND ` + db.Unmarked(alias+".contact_number") + ` LIKE ? ESCAPE '\'`,
		[]any{db.Containing(key), db.Containing(strings.TrimPrefix(key, "0"))}
}

// filterBirthDate filters the customers born on a day (yyyy-MM-dd and whatever else is a date) or in any year on a day of
// the year (MM-dd, dd/MM).
func filterBirthDate(list *db.List, text string) error {
	if text == "" {
		return nil
	}
	month, day, found := strings.Cut(text, "-")
	if !found {
		day, month, found = strings.Cut(text, "/")
	}
	if m, err := strconv.ParseUint(month, 10, 8); found && err == nil && 1 <= m && m <= 12 {
		if d, err := strconv.ParseUint(day, 10, 8); err == nil && 1 <= d && d <= 31 {
			list.Where("c.birthday = ?", int64(m*100+d))
			return nil
		}
	}
	born, err := taphoa.ParseTime(text)
	if err != nil {
		return taphoa.Unreadable("birthDate",
			"Ngày sinh (birthDate) %q không hợp lệ: dùng yyyy-MM-dd cho đúng ngày, MM-dd hoặc dd/MM cho mọi năm", text)
	}
	list.Where("c.birth_date >= ? AND c.birth_date < ?", born.Day(), born.Day().Add(24*time.Hour))
	return nil
}
