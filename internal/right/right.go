package right

import (
	"math/bits"
	"slices"

	"github.com/taphoa/taphoa"
)

// Right is what a role may allow.
type Right uint8

// The rights. What follows see is for reading, and needed by whoever is to find a record.
const (
	Anyone Right = iota // needs a role, whichever

	SeeProducts
	ChangeProducts
	RemoveProducts
	ChangePrices
	SeeCost

	SeeOrders
	CreateOrders
	ChangeOrders
	VoidOrders
	SeeInvoices
	CreateInvoices
	ChangeInvoices
	VoidInvoices
	SeeReturns
	CreateReturns
	ChangeReturns
	VoidReturns
	ReturnUnbilled
	SellAtAnyPrice
	Discount // up to limits
	SellBelowCost
	TakePayments
	SeeVouchers
	ChangeVouchers

	SeeCustomers
	ChangeCustomers
	RemoveCustomers
	SeeSuppliers
	ChangeSuppliers
	RemoveSuppliers
	SeeDebts
	AdjustDebts

	SeePurchases
	CreatePurchases
	VoidPurchases
	SeePurchasePrices
	SeeTransfers
	CreateTransfers
	VoidTransfers
	SeeStockTakes
	CreateStockTakes
	VoidStockTakes

	SeeCash
	CreateCash
	VoidCash

	SeeTotals
	SeeOthers
	BackDate
	SeeUsers

	// What follows is about the shop itself, and needs a role in the whole shop.

	SeeAudit
	ChangeSettings
	Administer // the owner's alone

	count
)

// info is a right as roles store it and as people read it.
type info struct{ key, group, title string }

// table has the texts of all rights. The titles are keys of other languages.
var table = [count]info{
	Anyone: {"anyone", "", "Có vai trò trong cửa hàng"},

	SeeProducts:    {"products.see", "Hàng hóa và giá", "Xem hàng hóa"},
	ChangeProducts: {"products.change", "Hàng hóa và giá", "Thêm và sửa hàng hóa"},
	RemoveProducts: {"products.remove", "Hàng hóa và giá", "Xóa hàng hóa"},
	ChangePrices:   {"prices.change", "Hàng hóa và giá", "Đổi giá bán của hàng hóa và bảng giá"},
	SeeCost:        {"cost.see", "Hàng hóa và giá", "Xem giá vốn"},

	SeeOrders:      {"orders.see", "Bán hàng", "Xem đơn đặt hàng"},
	CreateOrders:   {"orders.create", "Bán hàng", "Tạo đơn đặt hàng"},
	ChangeOrders:   {"orders.change", "Bán hàng", "Sửa đơn đặt hàng"},
	VoidOrders:     {"orders.void", "Bán hàng", "Hủy đơn đặt hàng"},
	SeeInvoices:    {"invoices.see", "Bán hàng", "Xem hóa đơn"},
	CreateInvoices: {"invoices.create", "Bán hàng", "Tạo hóa đơn"},
	ChangeInvoices: {"invoices.change", "Bán hàng", "Sửa hóa đơn"},
	VoidInvoices:   {"invoices.void", "Bán hàng", "Hủy hóa đơn"},
	SeeReturns:     {"returns.see", "Bán hàng", "Xem phiếu trả hàng"},
	CreateReturns:  {"returns.create", "Bán hàng", "Nhận trả hàng"},
	ChangeReturns:  {"returns.change", "Bán hàng", "Sửa phiếu trả hàng"},
	VoidReturns:    {"returns.void", "Bán hàng", "Hủy phiếu trả hàng"},
	ReturnUnbilled: {"returns.unbilled", "Bán hàng", "Nhận trả hàng không có hóa đơn"},
	SellAtAnyPrice: {"sales.price", "Bán hàng", "Bán khác giá niêm yết"},
	Discount:       {"sales.discount", "Bán hàng", "Giảm giá khi bán"},
	SellBelowCost:  {"sales.belowcost", "Bán hàng", "Bán dưới giá vốn"},
	TakePayments:   {"payments.take", "Bán hàng", "Thu tiền hóa đơn"},
	SeeVouchers:    {"vouchers.see", "Bán hàng", "Xem voucher và coupon"},
	ChangeVouchers: {"vouchers.change", "Bán hàng", "Phát hành và hủy voucher, coupon"},

	SeeCustomers:    {"customers.see", "Khách hàng và nhà cung cấp", "Xem khách hàng"},
	ChangeCustomers: {"customers.change", "Khách hàng và nhà cung cấp", "Thêm và sửa khách hàng"},
	RemoveCustomers: {"customers.remove", "Khách hàng và nhà cung cấp", "Xóa và gộp khách hàng"},
	SeeSuppliers:    {"suppliers.see", "Khách hàng và nhà cung cấp", "Xem nhà cung cấp"},
	ChangeSuppliers: {"suppliers.change", "Khách hàng và nhà cung cấp", "Thêm và sửa nhà cung cấp"},
	RemoveSuppliers: {"suppliers.remove", "Khách hàng và nhà cung cấp", "Xóa nhà cung cấp"},
	SeeDebts:        {"debts.see", "Khách hàng và nhà cung cấp", "Xem công nợ"},
	AdjustDebts:     {"debts.adjust", "Khách hàng và nhà cung cấp", "Điều chỉnh công nợ"},

	SeePurchases:      {"purchases.see", "Kho hàng", "Xem phiếu nhập hàng và đặt hàng nhập"},
	CreatePurchases:   {"purchases.create", "Kho hàng", "Tạo và sửa phiếu nhập hàng, đặt hàng nhập"},
	VoidPurchases:     {"purchases.void", "Kho hàng", "Hủy phiếu nhập hàng và đặt hàng nhập"},
	SeePurchasePrices: {"purchases.price", "Kho hàng", "Xem giá nhập"},
	SeeTransfers:      {"transfers.see", "Kho hàng", "Xem phiếu chuyển hàng"},
	CreateTransfers:   {"transfers.create", "Kho hàng", "Tạo, gửi và nhận phiếu chuyển hàng"},
	VoidTransfers:     {"transfers.void", "Kho hàng", "Hủy phiếu chuyển hàng"},
	SeeStockTakes:     {"stocktakes.see", "Kho hàng", "Xem phiếu kiểm kho"},
	CreateStockTakes:  {"stocktakes.create", "Kho hàng", "Kiểm kho"},
	VoidStockTakes:    {"stocktakes.void", "Kho hàng", "Hủy phiếu kiểm kho"},

	SeeCash:    {"cash.see", "Sổ quỹ", "Xem sổ quỹ"},
	CreateCash: {"cash.create", "Sổ quỹ", "Tạo phiếu thu và phiếu chi"},
	VoidCash:   {"cash.void", "Sổ quỹ", "Hủy phiếu thu và phiếu chi"},

	SeeTotals:      {"totals.see", "Cửa hàng", "Xem tổng doanh thu và tổng của danh sách"},
	SeeOthers:      {"others.see", "Cửa hàng", "Xem chứng từ của người khác"},
	BackDate:       {"documents.backdate", "Cửa hàng", "Ghi lùi ngày chứng từ"},
	SeeUsers:       {"users.see", "Cửa hàng", "Xem người dùng"},
	SeeAudit:       {"audit.see", "Cửa hàng", "Xem nhật ký thao tác của mọi người"},
	ChangeSettings: {"settings.change", "Cửa hàng", "Thiết lập cửa hàng"},
	Administer:     {"administer", "Cửa hàng", "Quản lý người dùng, vai trò, kết nối và webhook"},
}

// Key is how roles store the right.
func (r Right) Key() string { return table[r].key }

// ofShop reports whether the right is about the shop itself.
func (r Right) ofShop() bool { return r >= SeeAudit }

// Group is the heading under which people find the right.
func (r Right) Group() string { return table[r].group }

// Title says in Vietnamese what the right allows.
func (r Right) Title() string { return table[r].title }

// Grantable are the rights that roles of the shop may have, in the order of the table.
func Grantable() (all []Right) {
	for r := Anyone + 1; r < Administer; r++ {
		all = append(all, r)
	}
	return all
}

// Parse returns the right with a key.
func Parse(key string) (Right, bool) {
	at := slices.IndexFunc(table[:], func(i info) bool { return i.key == key })
	return Right(max(0, at)), at >= 0
}

// Set are rights that are held at one place, with the limits of [Discount].
type Set struct {
	rights  uint64
	Percent taphoa.Percent // of what the goods cost without discount
	Amount  taphoa.Money   // of a document
}

// All are all rights without limits.
var All = Set{rights: 1<<count - 1, Percent: taphoa.Ratio(100), Amount: taphoa.MoneyMax}

// Of is a set of rights. It has no discount, whatever the limits, unless it has the right to one.
func Of(rights ...Right) (s Set) {
	s.rights = 1 << Anyone
	for _, r := range rights {
		s.rights |= 1 << r
	}
	return s
}

// Has reports whether a right is in the set.
func (s Set) Has(r Right) bool { return s.rights>>r&1 == 1 }

// Len is the number of rights that roles of the shop may have.
func (s Set) Len() int { return bits.OnesCount64(s.rights &^ (1<<Anyone | 1<<Administer)) }

// Or is what either of two sets allows.
func (s Set) Or(other Set) Set {
	return Set{s.rights | other.rights, max(s.Percent, other.Percent), max(s.Amount, other.Amount)}
}

// and is what both of two sets allow.
func (s Set) and(other Set) Set {
	return Set{s.rights & other.rights, min(s.Percent, other.Percent), min(s.Amount, other.Amount)}
}

// Among are the rights that are in another set, too, with the limits of this one.
func (s Set) Among(other Set) Set {
	s.rights &= other.rights
	return s
}

// AllowsDiscount reports whether a discount of goods, at what they cost without it, is within one of the limits.
func (s Set) AllowsDiscount(discount, goods taphoa.Money) bool {
	if discount <= 0 {
		return true
	}
	if !s.Has(Discount) {
		return false
	}
	share, err := goods.Share(s.Percent)
	return discount <= s.Amount || err == nil && discount <= share
}
