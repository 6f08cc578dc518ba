package cash

import (
	"fmt"
	"slices"
	"strings"

	"github.com/taphoa/taphoa"
	"github.com/taphoa/taphoa/internal/cash/plan"
	"github.com/taphoa/taphoa/internal/db"
	"github.com/taphoa/taphoa/internal/text"
)

// partner is where those are found whom entries of a type name: the table, its column of folded names, its contact numbers as
// they are searched, what cash entries show of its rows, and which of them are not deleted.
type partner struct{ letter, called, table, search, number, columns, living string }

// numberKey is the key of a contact number, or what has none as it is written.
var numberKey = "CASE WHEN phone_key = '' THEN " + db.Unmarked("contact_number") + " ELSE phone_key END"

var partners = []partner{
	{taphoa.PartnerCustomer, "Khách hàng", "customers", "search", numberKey, namedColumns + ", ward_name, location_name", livingRows},
	{taphoa.PartnerSupplier, "Nhà cung cấp", "suppliers", "search", numberKey, namedColumns + ", ward_name, location_name", livingRows},
	{taphoa.PartnerUser, "Nhân viên", "users", "search", db.Unmarked("mobile_phone"), "given_name AS name, mobile_phone AS contact_number, address", livingRows},
	{taphoa.PartnerCarrier, "Đối tác giao hàng", "delivery_partners", "name_key", db.Unmarked("contact_number"), namedColumns, ""}, // carriers are not deleted
}

const (
	namedColumns = "name, contact_number, address"
	livingRows   = " AND deleted_at = 0"
)

const (
	// cashBook are the payments that moved money. Those by voucher stay with their documents.
	cashBook = `p.method <> 'Voucher'`
	// originColumn is [plan.PaymentRow.Origin].
	originColumn = `CASE WHEN p.history_origin IS NOT NULL THEN p.history_origin WHEN p.purchase_id IS NOT NULL THEN 'PurchaseOrder' WHEN p.return_id IS NOT NULL THEN 'Return'
		WHEN p.invoice_id IS NOT NULL THEN 'Invoice' WHEN p.order_id IS NOT NULL THEN 'Order'
		WHEN p.voucher_campaign_id IS NOT NULL THEN 'Voucher' ELSE 'Manual' END`
	cashFlowColumns = `p.id, p.code, p.branch_id, p.user_id AS created_by, p.user_id, p.used_for_financial_reporting,
		p.cash_flow_group_id, g.name AS cash_group, p.method, p.partner_type, NULLIF(p.partner_id, 0) AS partner_id, p.status,
		p.trans_date, p.amount, p.account_id, p.description, p.retailer_id, ` + originColumn + ` AS origin,
		COALESCE(p.partner_name, c.name, s.name, w.given_name, k.name) AS partner_name,
		COALESCE(p.contact_number, c.contact_number, s.contact_number, w.mobile_phone, k.contact_number) AS contact_number,
		COALESCE(p.address, c.address, s.address, w.address, k.address) AS address,
		COALESCE(p.ward_name, c.ward_name, s.ward_name) AS ward_name,
		COALESCE(p.location_name, c.location_name, s.location_name) AS location_name`
	cashFlowJoins = `
		LEFT JOIN cash_flow_groups g ON g.retailer_id = :retailer AND g.id = p.cash_flow_group_id
		LEFT JOIN customers c ON c.retailer_id = :retailer AND p.partner_type = 'C' AND c.id = p.partner_id
		LEFT JOIN suppliers s ON s.retailer_id = :retailer AND p.partner_type = 'S' AND s.id = p.partner_id
		LEFT JOIN users w ON w.retailer_id = :retailer AND p.partner_type = 'U' AND w.id = p.partner_id
		LEFT JOIN delivery_partners k ON k.retailer_id = :retailer AND p.partner_type = 'D' AND k.id = p.partner_id`
	accountColumn = `, b.bank_name || ' - ' || b.account_number AS bank_account`
	accountJoin   = ` LEFT JOIN bank_accounts b ON b.retailer_id = :retailer AND b.id = p.account_id`
	branchColumn  = `, r.branch_name`
	branchJoin    = ` LEFT JOIN branches r ON r.retailer_id = :retailer AND r.id = p.branch_id`
	userColumn    = `, u.given_name AS user_name`
	userJoin      = ` LEFT JOIN users u ON u.retailer_id = :retailer AND u.id = p.user_id`
)

var cashFlowDocuments = DocumentsOf("payment").As("p")

var cashFlowOrders = db.Orders{
	"code": db.Text("p.code"), "name": db.Text("p.code"), "branchid": db.Number("p.branch_id"),
	"branch": db.Named("branches", "branch_name", "p.branch_id"), "userid": db.Number("p.user_id"), "createdby": db.Number("p.user_id"),
	"user":                      db.Named("users", "given_name", "p.user_id"),
	"usedforfinancialreporting": db.Number("p.used_for_financial_reporting"),
	"cashflowgroupid":           db.Number("p.cash_flow_group_id").OrNull(), "cashgroup": cashGroupOrder(),
	"method": db.Text("p.method"), "status": db.Number("p.status"),
	"statusvalue": db.Labels("p.status", taphoa.PaymentVoided, taphoa.PaymentStatusValue),
	"transdate":   db.Number("p.trans_date"), "createddate": db.Number("p.created_date"), "modifieddate": db.Number("p.changed_at"),
	"amount": db.Number("p.amount"), "accountid": db.Number("p.account_id").OrNull(),
	"account": db.Named("bank_accounts", "bank_name || ' - ' || x.account_number", "p.account_id"), "description": db.Long("p.description"),
	"partnertype": db.Text("p.partner_type"), "partnerid": db.Number("p.partner_id"),
	"partnername":   partnerOrder("p.partner_name", "name", "name", "given_name", "name"),
	"contactnumber": partnerOrder("p.contact_number", "contact_number", "contact_number", "mobile_phone", "contact_number"),
	"address":       partnerOrder("p.address", "address", "address", "address", "address"),
	"wardname":      partnerOrder("p.ward_name", "ward_name", "ward_name"),
	"locationname":  partnerOrder("p.location_name", "location_name", "location_name"),
	"origin":        db.Text(originColumn),
}

// partnerOrder sorts by a text of the entries' own, or else a column of their partner: that of each of the partners, which
// the last ones need not have.
func partnerOrder(own string, columns ...string) db.Order {
	texts := ""
	for i, column := range columns {
		texts += ` WHEN '` + partners[i].letter + `' THEN (
			SELECT x.` + column + ` FROM ` + partners[i].table + ` x WHERE x.retailer_id = :retailer AND x.id = p.partner_id)`
	}
	return db.Text("COALESCE(" + own + ", CASE p.partner_type" + texts + " END)").OrNull()
}

// cashGroupOrder sorts by the names of the groups, those that every shop has and its own.
func cashGroupOrder() db.Order {
	names := ""
	for _, g := range taphoa.CashFlowGroups {
		names += fmt.Sprintf(" WHEN %d THEN '%s'", g.ID, g.Name)
	}
	return db.Text("CASE p.cash_flow_group_id" + names +
		" ELSE (SELECT x.name FROM cash_flow_groups x WHERE x.retailer_id = :retailer AND x.id = p.cash_flow_group_id) END").OrNull()
}

// ListCashFlow lists the cash book: the receipts and payments in money of all documents and those of none, paid and voided
// (contract cashflow, listCashFlow).
func ListCashFlow(tx *db.Tx, in *taphoa.CashFlowQuery) (taphoa.Page[taphoa.CashFlow], error) {
	list := db.List{
		Table: "payments p", Live: cashBook, Columns: cashFlowColumns, Joins: cashFlowJoins,
		Orders: cashFlowOrders, Documents: cashFlowDocuments,
	}
	for _, also := range []struct {
		wanted       bool
		column, join string
	}{{in.IncludeAccount, accountColumn, accountJoin}, {in.IncludeBranch, branchColumn, branchJoin}, {in.IncludeUser, userColumn, userJoin}} {
		if also.wanted {
			list.Columns += also.column
			list.Joins += also.join
		}
	}
	filterCashFlow(&list, in)
	page, err := db.ListPage[taphoa.CashFlow](tx, &list, in.Paging)
	for i := range page.Data {
		plan.CompleteCashFlow(&page.Data[i])
	}
	if err == nil {
		err = fillDocuments(tx, page.Data)
	}
	if err == nil {
		err = HideDocuments(tx, page.Data)
	}
	return page, err
}

func filterCashFlow(list *db.List, in *taphoa.CashFlowQuery) {
	list.If(len(in.BranchIDs) > 0, "p.branch_id IN ?", in.BranchIDs).
		If(len(in.IDs) > 0, "p.id IN ?", in.IDs).
		If(len(in.CashFlowGroupID) > 0, "p.cash_flow_group_id IN ?", in.CashFlowGroupID).
		If(in.UserID.Or(0) != 0, "p.user_id = ?", in.UserID.Value).
		If(in.AccountID.Or(0) != 0, "p.account_id = ?", in.AccountID.Value).
		If(in.UsedForFinancialReporting.Has(), "p.used_for_financial_reporting = ?", in.UsedForFinancialReporting.Value).
		If(len(in.Status) > 0, "p.status IN ?", in.Status).
		If(in.StartDate.Has(), "p.trans_date >= ?", in.StartDate.Value).
		If(in.EndDate.Has(), "p.trans_date < ?", in.EndDate.Value)
	if in.IsReceipt.Has() {
		list.If(in.IsReceipt.Value, "p.amount > 0").If(!in.IsReceipt.Value, "p.amount < 0")
	}
	var codes, methods []string
	for _, code := range in.Code {
		codes = append(codes, strings.ToUpper(text.Clean(code)))
	}
	for _, word := range in.Method {
		if method, err := taphoa.ParseMethod("method", word); err == nil {
			word = string(method)
		}
		methods = append(methods, word)
	}
	list.If(len(codes) > 0, "p.code IN ?", codes).If(len(methods) > 0, "p.method IN ?", methods)
	var partners []string
	for _, letter := range in.PartnerType {
		partners = append(partners, strings.ToUpper(letter))
	}
	list.If(len(partners) > 0 && !slices.Contains(partners, "A"), "p.partner_type IN ?", partners)
	if name := strings.TrimSpace(in.PartnerName.Or("")); name != "" {
		whereAny(list, "p.partner_search", func(p *partner) string { return p.search }, db.Contains(name))
	}
	if number := partOfNumber(in.ContactNumber.Or("")); number != "" {
		whereAny(list, db.Unmarked("p.contact_number"), func(p *partner) string { return p.number }, db.Containing(number))
	}
}

// partOfNumber is what a contact number contains however it is written: of a whole one what follows 0 or the country
// code.
func partOfNumber(number string) string {
	number = strings.NewReplacer(" ", "", ".", "", "-", "", "(", "", ")", "").Replace(number)
	if key := text.PhoneKey(number); len(key) > 9 || key != "" && key != number {
		return strings.TrimPrefix(key, "0")
	}
	return number
}

// whereAny keeps the entries in which a column of their own, or else a column of their partner, is like a pattern.
func whereAny(list *db.List, own string, column func(*partner) string, pattern string) {
	line, args := "("+own+` LIKE ? ESCAPE '\'`, []any{pattern}
	for i := range partners {
		p := &partners[i]
		line += ` OR p.partner_type = '` + p.letter + `' AND p.partner_id IN (
			SELECT id FROM ` + p.table + ` WHERE retailer_id = :retailer AND ` + column(p) + ` LIKE ? ESCAPE '\')`
		args = append(args, pattern)
	}
	list.Where(line+")", args...)
}

const oneCashFlow = `
	SELECT ` + cashFlowColumns + accountColumn + branchColumn + userColumn + `
	FROM payments p ` + cashFlowJoins + accountJoin + branchJoin + userJoin + `
	WHERE p.retailer_id = :retailer AND p.id = ? AND ` + cashBook

// GetCashFlow returns one entry of the cash book with all that can be included, or an error if there is no such entry.
func GetCashFlow(tx *db.Tx, in *taphoa.ByID) (taphoa.CashFlow, error) {
	sql, args := tx.Found(cashFlowDocuments, oneCashFlow, in.ID)
	v, found, err := db.One[taphoa.CashFlow](tx, sql, args...)
	if err == nil && !found {
		err = unknownCashFlow()
	}
	if err != nil {
		return v, err
	}
	plan.CompleteCashFlow(&v)
	entries := []taphoa.CashFlow{v}
	if err = fillDocuments(tx, entries); err == nil {
		err = HideDocuments(tx, entries)
	}
	return entries[0], err
}

func unknownCashFlow() error {
	return taphoa.NotFound(taphoa.CodeValidate, "Phiếu thu chi không tồn tại")
}
