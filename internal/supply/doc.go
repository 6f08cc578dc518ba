// Package supply is the room where goods come in and move about: purchase orders, which are receipts of goods from
// suppliers; the orders that they receive; transfers between branches; stock takes. The rooms below do the moving (stock, cash) and find the words
// (catalog, party, org); this one decides.
//
// It owns the tables purchase_orders, purchase_order_lines, purchase_order_surcharges, order_suppliers,
// order_supplier_lines, order_supplier_expenses, transfers, transfer_lines, stocktakes and stocktake_lines.
//
// # Purchase orders
//
// A completed purchase order brings its goods to the branch at landed cost, makes the shop owe its total to the
// supplier, and both are taken back by mirrors when it is voided. A draft moves neither; money that is paid for a draft
// is paid in advance.
//
// Life of a purchase order: Phiếu tạm 1 → Đã nhập hàng 3, any → Đã hủy 4. Only a draft changes. What holds of one that is
// completed:
//
//  1. total = Σ quantity × (price − discount) − document discount + tax + expenses paid to the supplier
//  2. landed cost = the same, plus expenses paid to others, line by line, to the last đồng. Tax that a shop of the
//     deduction method pays comes back from the state and is no cost; in the direct method it is
//  3. what was paid for it are the payment vouchers of the cash book that name it
//
// # Orders to suppliers
//
// Life of an order to a supplier (taphoa.OrderSupplierMoves); what its purchase orders move decides between 1, 2 and 3:
//
//	Phiếu tạm 0 → Đã xác nhận NCC 1 ⇄ Nhập một phần 2 ⇄ Hoàn thành 3      0, 1 or 2 → Đã hủy 4
//
// It moves nothing itself. While it is open (1 or 2), its branch's levels count what has not come as on order. A purchase
// order that names it is one more receipt of it, and no receipt any more once it is void.
//
//  4. on order: an open order to a supplier awaits what it has ordered and not received
//
// # Transfers
//
// Life of a transfer (taphoa.TransferMoves):
//
//	Phiếu tạm 1 → Đang chuyển 2 → Đã nhận 3      1 or 2 → Đã hủy 4
//
// Sending takes the goods out of the branch into stock.Transit, receiving brings them into the other branch at the cost
// at which they left. What does not arrive goes back to the sender when the rest is received, so that nothing is lost
// between two branches: goods that are really gone are written off by the sender's next stock take.
//
//  5. transit: only transfers under way have goods there
//
// # Stock takes
//
// Life of a stock take: Phiếu tạm 1 → Đã cân bằng kho 2, any → Đã hủy 3. What was counted is compared with what is there
// when it is balanced, not when it was counted.
package supply
