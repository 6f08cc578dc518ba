// Package supply is the room where the shop buys: purchase orders, which are receipts of goods from suppliers.
//
// A completed purchase order brings its goods to the branch at landed cost, makes the shop owe its total to the
// supplier, and both are taken back by mirrors when it is voided. A draft moves neither; money that is paid for a draft
// is paid in advance. The rooms below do the moving (stock, cash) and find the words (catalog, party, org); this one
// decides.
//
// It owns the tables purchase_orders, purchase_order_lines and purchase_order_surcharges.
//
// Life of a purchase order: Phiếu tạm 1 → Đã nhập hàng 3, any → Đã hủy 4. Only a draft changes. What holds of one that is
// completed:
//
//  1. total = Σ quantity × (price − discount) − document discount + tax + expenses paid to the supplier
//  2. landed cost = the same, plus expenses paid to others, line by line, to the last đồng. Tax that a shop of the
//     deduction method pays comes back from the state and is no cost; in the direct method it is
//  3. what was paid for it are the payment vouchers of the cash book that name it
package supply
