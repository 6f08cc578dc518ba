// Package sales is the room where the shop sells: orders and invoices.
//
// An order reserves its goods; an invoice takes them out of the branch, makes the customer owe its total, and books
// what was paid. Both are kept for good: voiding moves everything back by mirrors. The rooms below do the moving (stock,
// cash) and find the words (catalog, party, org); this one decides.
//
// It owns the tables orders, order_lines, invoices, invoice_lines, line_taxes, document_surcharges, deliveries and
// einvoices.
//
// Life of an order (taphoa.OrderMoves) and of an invoice (taphoa.InvoiceMoves):
//
//	Phiếu tạm 1 ⇄ Đã xác nhận 5 → Đang giao hàng 2 → Hoàn thành 3      any open one → Đã hủy 4
//	Đang xử lý 3 → Hoàn thành 1 | Không giao được 5                    any → Đã hủy 2
package sales
