// Package taphoa holds the nouns of a shop: the types that the KiotViet Public API shows, with the vendor's JSON names,
// the inputs that it takes, and the words they are made of ([Money], [Quantity], [Percent], [Time], [Opt], [Page],
// [Error]). It imports the standard library and the JSON library only. Amounts are made with [Dong], [Units] and [Ratio],
// members that may be missing with [Some]; package client sends them.
//
// It is also the map of the house. Verbs live in the business rooms below internal; each room owns its tables:
//
//	db       the cellar: transactions, statements, paging; alone knows which engine runs
//	schema   the tables' migrations
//	wire     the vendor's spelling: lenient in what it takes, exact in what it gives
//	quota    shares of what is bounded: memory, connections, streams
//	org      shops, settings, branches, users, sale channels, locations, document codes
//	stock    the goods ledger
//	cash     the money ledger: payments, debts, bank accounts, surcharges
//	catalog  categories, trademarks, attributes, products, price books
//	party    customers, suppliers, their groups, delivery partners
//	promo    vouchers and coupons
//	sales    orders and invoices, returns, records of electronic invoices
//	supply   purchase orders, orders to suppliers, transfers, stock takes
//	event    the log of what changed, and its feed
//	webhook  registrations, and the courier that delivers events
//	client   the public Go client
//	oauth    clients, tokens, keys
//	openapi  what describes the API: a document made of the route table, and a page that shows it
//	api      the vendor's door: one line an operation in routes.go
//	demo     the shop that serve --demo fills an empty database with
//
// Imports point down only: cmd → api, openapi, webhook, oauth, demo → sales, supply → promo → catalog, party → stock, cash
// → org → event → db → taphoa.
//
// Glossary: a shop is what the vendor calls a retailer; a branch is a place with stock; a document is an order, an
// invoice or a purchase order; a posting moves goods from place to place or money from account to account; a level is
// what a place holds.
package taphoa
