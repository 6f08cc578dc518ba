// Package supply has the documents of goods that come in or change branch: purchase orders, which are receipts of goods
// from suppliers; the orders that they receive; transfers between branches; stock takes. They post by packages stock and
// cash.
//
// It owns the tables purchase_orders, purchase_order_lines, purchase_order_surcharges, order_suppliers,
// order_supplier_lines, order_supplier_expenses, transfers, transfer_lines, stocktakes and stocktake_lines.
//
// # Purchase orders
//
// A completed purchase order posts its goods to the branch at landed cost, and its total to the debt to the supplier, of whose
// account it is a document ([Document]); voiding it reverses both. A draft posts neither; money that is paid for a draft
// belongs to it, pays it when it is completed, and is credit of the supplier when it is voided. An unnamed supplier has no
// credit.
//
// Statuses of a purchase order: Phiếu tạm 1 → Đã nhập hàng 3, any → Đã hủy 4. Only a draft can change. Invariants of a
// completed one:
//
//  1. total = Σ quantity × (price − discount) − document discount + tax + expenses paid to the supplier
//  2. landed cost = the same, plus expenses paid to others, line by line, to the last đồng. Tax is a cost in the direct
//     method only; in the deduction method the state refunds it
//  3. totalPayment = Σ payments + Σ allocations: a payment pays the purchase order that it names, and what it has beyond that
//     pays others of the supplier
//
// # Orders to suppliers
//
// Statuses of an order to a supplier (taphoa.OrderSupplierMoves); the postings of its purchase orders decide between 1, 2
// and 3:
//
//	Phiếu tạm 0 → Đã xác nhận NCC 1 ⇄ Nhập một phần 2 ⇄ Hoàn thành 3      0, 1 or 2 → Đã hủy 4
//
// It posts nothing itself. While it is open (1 or 2), its branch's levels count what was not received as on order. A
// purchase order that names it is a receipt of it until it is void.
//
//  4. on order: an open order to a supplier awaits what it has ordered and not received
//
// # Transfers
//
// Statuses of a transfer (taphoa.TransferMoves):
//
//	Phiếu tạm 1 → Đang chuyển 2 → Đã nhận 3      1 or 2 → Đã hủy 4
//
// Sending posts the goods from the branch to stock.Transit, receiving posts them to the other branch at the cost at which
// they left. What does not arrive returns to the sending branch when the rest is received, so that nothing is lost between
// two branches: goods that are lost are written off by the next stock take of the sending branch.
//
//  5. transit: only transfers under way have goods there
//
// # Stock takes
//
// Statuses of a stock take: Phiếu tạm 1 → Đã cân bằng kho 2, any → Đã hủy 3. A line keeps what the ledger had when its number
// was written, and balancing posts the difference: of 10 in the books 9 were counted, and 2 are sold meanwhile, so 7 are left.
// A draft from before lines kept that is compared with the stock when it is balanced, or when a number of it changes.
package supply
