// Package party has those whom the shop deals with: customers and suppliers with their groups, and carriers. Package
// plan below it decides who the customer and the carrier of a document are; the functions Ask… and Save… of this one ask
// for what it has to know, and write its rows.
//
// It owns the tables customers, customer_groups, customer_group_members, suppliers, supplier_groups,
// supplier_group_members and delivery_partners. What a partner owes belongs to cash and is read from its cash_balances.
// What holds:
//
//  1. codes: no two customers of a shop have one code, and no two suppliers, in whatever letter case; a deleted one's
//     code is free again
//  2. numbers: no two customers have one contact number, however it is written; with the setting
//     ManagerCustomerByBranch, no two of one branch. Masked numbers (09****123) and texts without digits are no numbers
//  3. totals: what a customer bought and earned, and what was bought from a supplier, changes by differences only, with
//     the document that causes it, and is no modification of the partner
package party
