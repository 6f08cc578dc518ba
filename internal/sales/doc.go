// Package sales is the room where the shop sells: orders, invoices and returns.
//
// An order reserves its goods; an invoice takes them out of the branch, makes the customer owe its total, and books
// what was paid. Both are kept for good: voiding moves everything back by mirrors. The rooms below do the moving (stock,
// cash) and find the words (catalog, party, org); this one decides.
//
// A return brings goods back and takes their worth off what the customer owes; what is paid out of it is a voucher of
// the cash book, the rest a credit. What holds of the returns of an invoice that stand:
//
//  1. together they bring back no more of a line than it sold; invoice_lines.return_quantity is what they brought back
//  2. when they have brought back all of a line, they have brought back its whole value, discount and tax, and no đồng
//     more; with the last line, all goods and all points
//  3. the invoice keeps its lines and its status, and cannot be voided
//
// It owns the tables orders, order_lines, invoices, invoice_lines, line_taxes, document_surcharges, deliveries, einvoices,
// returns and return_lines.
//
// Life of an order (taphoa.OrderTransitions), of an invoice (taphoa.InvoiceTransitions) and of a return:
//
//	Phiếu tạm 1 ⇄ Đã xác nhận 5 → Đang giao hàng 2 → Hoàn thành 3      any open one → Đã hủy 4
//	Đang xử lý 3 → Hoàn thành 1 | Không giao được 5                    any → Đã hủy 2
//	Đã trả 1 → Đã hủy 2
package sales
