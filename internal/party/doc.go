// Package party has the partners of the shop: customers and suppliers with their groups, and carriers. Package plan below
// it resolves the customer and the carrier of a document; the functions Ask… and Save… of this one ask for its facts, and
// write its rows.
//
// It owns the tables customers, customer_groups, customer_group_members, suppliers, supplier_groups,
// supplier_group_members, merged_customers and delivery_partners. Debts belong to cash and are read from its cash_balances.
// Invariants:
//
//  1. codes: no two customers of a shop have one code, and no two suppliers, in whatever letter case; a deleted one's
//     code can be used again
//  2. numbers: no two customers have one contact number, however it is written; with the setting
//     ManagerCustomerByBranch, no two of one branch. Masked numbers (09****123), several in one text and texts without
//     digits are no numbers; those that were one before the rule of today keep theirs
//  3. totals: those of purchases, sales and points change by differences only, with the document that causes them, and do
//     not modify the partner
//  4. merged customers: their id, code and number mean the customer that is left, unless another has the code or number now;
//     that one is never merged itself
package party
