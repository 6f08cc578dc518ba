// Package plan decides sales: what an order, an invoice, a payment or a return comes to, as a pure function of the rows
// that were asked for.
//
// [Facts] are these rows, with the parts of the ledgers of goods, money and vouchers that the sale may change. A plan
// ([NewOrder], [NewInvoice], ...) checks all conditions from top to bottom and returns a [Sale]: the rows to be written,
// the ledgers as they are to be, and what is answered. Nothing here reaches the database or a clock.
//
// What the person who acts may do (plan.Actor) is judged here, too: a stored document is taken by Facts.takeOrder and its like, to which
// one that the person does not see is none; the rules by which a person sells (any price, discount, below cost) are judged where
// lines are priced, whichever operation prices them, and what a document has agreed on already is not judged again.
package plan
