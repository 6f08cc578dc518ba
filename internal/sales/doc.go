// Package sales sells: orders, invoices, payments and returns.
//
// An order reserves its goods; an invoice takes them out of the branch, makes the customer owe its total, and receives
// what was paid. Both are kept: voiding posts the mirror of everything. Each operation asks for what it depends on
// (question), has package plan decide, and saves what it has decided (docs/decisions/0021-ask-plan-save.md).
//
// A return brings goods back and takes their worth off what the customer owes; what is paid out of it is a payment of
// the cash book, the rest a credit. Invariants of the valid returns of an invoice:
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
