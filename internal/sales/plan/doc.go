// Package plan decides sales: what an order, an invoice, a payment or a return comes to, as a pure function of the rows
// that were asked for.
//
// [Facts] are these rows, with the parts of the ledgers of goods, money and vouchers that the sale may change. A plan
// ([NewOrder], [NewInvoice], ...) checks all conditions from top to bottom and returns a [Sale]: the rows to be written,
// the ledgers as they are to be, and what is answered. Nothing here reaches the database or a clock.
package plan
