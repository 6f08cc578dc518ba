package right

import (
	"fmt"
	"slices"
	"strings"

	"github.com/taphoa/taphoa"
)

// Role is a name for rights. Those that are built in are there in every shop, which may change them, but for the owner's.
type Role struct {
	ID   int64
	Name string // a key of other languages, if it is built in and was not renamed
	Set
}

// BuiltInMax is the highest id of the roles that are built in.
const BuiltInMax = 100

// The ids of the roles that are built in. No shop can change the owner's, which has all rights.
const (
	OwnerRole = 1 + iota
	ManagerRole
	CashierRole
	StockRole
	AccountantRole
	ReaderRole
)

var seesAll = []Right{
	SeeProducts, SeeOrders, SeeInvoices, SeeReturns, SeeVouchers, SeeCustomers, SeeSuppliers, SeePurchases, SeeTransfers, SeeStockTakes,
	SeeCash, SeeOthers, SeeUsers,
}

// BuiltIn are the roles that every shop has.
func BuiltIn() []Role {
	manager := Of(Grantable()...)
	manager.Percent, manager.Amount = taphoa.Ratio(100), 0
	return []Role{
		{OwnerRole, "Chủ cửa hàng", All},
		{ManagerRole, "Quản lý", manager},
		{CashierRole, "Thu ngân", Of(
			SeeProducts, SeeOrders, CreateOrders, ChangeOrders, SeeInvoices, CreateInvoices, SeeReturns, CreateReturns, TakePayments, SeeVouchers,
			SeeCustomers, ChangeCustomers,
		)},
		{StockRole, "Thủ kho", Of(
			SeeProducts, ChangeProducts, SeeSuppliers, SeePurchases, CreatePurchases, SeeTransfers, CreateTransfers, SeeStockTakes,
			CreateStockTakes, SeeOthers,
		)},
		{AccountantRole, "Kế toán", Of(append(slices.Clone(seesAll),
			SeeCost, SeePurchasePrices, SeeDebts, AdjustDebts, SeeTotals, TakePayments, CreateCash, VoidCash, BackDate)...)},
		{ReaderRole, "Chỉ xem", Of(seesAll...)},
	}
}

// Text is a set as it is stored: the keys of its rights, and of a discount its limits: "invoices.see sales.discount=10%,50000".
func (s Set) Text() string {
	var words []string
	for _, r := range append(Grantable(), Administer) {
		switch {
		case !s.Has(r):
		case r == Discount:
			words = append(words, fmt.Sprintf("%s=%s%%,%s", r.Key(), s.Percent, s.Amount))
		default:
			words = append(words, r.Key())
		}
	}
	return strings.Join(words, " ")
}

// ParseSet reads what [Set.Text] has written. Rights that there are no more are left out.
func ParseSet(text string) (Set, error) {
	s := Of()
	for word := range strings.FieldsSeq(text) {
		key, limits, _ := strings.Cut(word, "=")
		r, known := Parse(key)
		if !known || r == Anyone {
			continue
		}
		s.rights |= 1 << r
		if r != Discount {
			continue
		}
		percent, amount, _ := strings.Cut(limits, "%,")
		p, err1 := taphoa.ParseDecimal(percent)
		a, err2 := taphoa.ParseDecimal(amount)
		if err1 != nil || err2 != nil {
			return Set{}, fmt.Errorf("right: the limits %q of a discount are not as they are stored", limits)
		}
		s.Percent, s.Amount = taphoa.Percent(p), taphoa.Money(a)
	}
	return s, nil
}
