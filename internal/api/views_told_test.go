package api_test

import (
	"reflect"
	"regexp"
	"strings"
	"testing"

	"github.com/taphoa/taphoa"
	"github.com/taphoa/taphoa/internal/api"
	"github.com/taphoa/taphoa/internal/wire"
)

// telling are names of members that may tell what some readers are not to know.
var telling = regexp.MustCompile(`(?i)cost|debt|total|revenue|profit|owed|balance$`)

// purchases are types of what the shop buys.
var purchases = regexp.MustCompile(`^(Purchase|OrderSupplier)`)

// shownToAll are amounts, and members with a telling name, that everyone sees who sees the record, with the reason; by type, or by
// type and field.
var shownToAll = map[string]string{
	"Invoice": ofSale, "InvoiceDetail": ofSale, "InvoiceDetailTax": ofSale, "Order": ofSale, "OrderDetail": ofSale, "OrderDetailTax": ofSale,
	"Return": ofSale, "ReturnDetail": ofSale, "ReturnDetailTax": ofSale, "Delivery": ofSale, "DocumentSurcharge": ofSale, "Payment": ofSale,
	"Allocation": "what settles a sale is what the till need not collect; that of purchases is hidden as a whole",

	"Product": toCustomers, "ProductUnit": toCustomers, "ProductFormula": toCustomers, "FormulaProduct": toCustomers,
	"ProductPriceBook": toCustomers, "PriceBookDetail": toCustomers, "Surcharge": toCustomers, "CustomerGroup": toCustomers,
	"VoucherCampaign": toCustomers, "Voucher": toCustomers,

	"CashFlow.Amount":       "the cash book is what its right shows",
	"InvoicePayment.Amount": "what the caller has paid",
	"SettingsOurs":          "a setting",

	"Page.Total": records, "Statement.Total": records, "Ageing.Total": records, "OpenDocuments.Total": records,
	"OrderSupplierAnswer.Total": records,

	"Totals.Total":        "the totals are hidden as a whole", // of documents whose amounts are shown
	"Totals.TotalPayment": "the totals are hidden as a whole",

	"OrderSupplierHead.TotalQty": quantity, "OrderSupplierHead.TotalQuantity": quantity, "OrderSupplierHead.TotalProductType": quantity,
}

const (
	ofSale      = "who sees a sale sees at which prices, and what is paid of it"
	toCustomers = "what customers are offered"
	records     = "how many records there are"
	quantity    = "goods, and not what they cost"
)

// TestMembersThatTellAreHiddenFromSome walks the types of all answers: each amount, and each member whose name says that it tells
// of costs, debts or totals, is hidden from readers without the right to see it, or is in the table above. So are the terms of
// purchases.
func TestMembersThatTellAreHiddenFromSome(t *testing.T) {
	used, seen := map[string]bool{}, map[reflect.Type]bool{}
	var walk func(typ reflect.Type)
	walk = func(typ reflect.Type) {
		if typ = elementOf(typ); typ == nil || typ.Kind() != reflect.Struct || seen[typ] {
			return
		}
		seen[typ] = true
		owner, _, _ := strings.Cut(typ.Name(), "[")
		for i := range typ.NumField() {
			f := typ.Field(i)
			if name, _, _ := strings.Cut(f.Tag.Get("json"), ","); name == "" && !f.Anonymous || name == "-" || wire.ViewOf(f.Tag) != 0 {
				if owner == "Page" && f.Name == "Totals" { // which have a kind of their own
					walk(f.Type)
				}
				continue
			}
			element := elementOf(f.Type)
			terms := element == reflect.TypeFor[taphoa.Percent]() && purchases.MatchString(owner)
			if terms || element == reflect.TypeFor[taphoa.Money]() || telling.MatchString(f.Name) {
				key := owner + "." + f.Name
				if shownToAll[key] == "" {
					key = owner
				}
				if shownToAll[key] == "" && element.Kind() != reflect.Struct {
					t.Errorf("%s.%s tells: it needs a view, or a reason why everyone may see it", owner, f.Name)
				}
				used[key] = true
			}
			walk(f.Type)
		}
	}
	for _, r := range api.Routes() {
		walk(r.Out)
	}
	for key, reason := range shownToAll {
		if !used[key] {
			t.Errorf("%s (%s) is excepted in vain", key, reason)
		}
	}
	if len(seen) < 60 {
		t.Errorf("only %d types walked", len(seen))
	}
}
