// Package taphoa has the types of a shop: what the KiotViet Public API shows, with the vendor's JSON names, the inputs that
// it accepts, and their basic types ([Money], [Quantity], [Percent], [Time], [Opt], [Page], [Error]). It imports the
// standard library and the JSON library only. Amounts are made with [Dong], [Units] and [Ratio], optional members with
// [Some]; package client sends them.
//
// The packages below internal, client and sandbox (those below examples are for reading):
//
//	db       storage: transactions, statements, batches, paging; only it knows which engine runs
//	schema   the migrations
//	plan     what plans are given: instant, actor, ids, codes
//	wire     the vendor's spelling: lenient in what it reads, exact in what it writes
//	quota    shares of bounded resources: memory, connections, streams
//	org      shops, settings, branches, users, sale channels, locations, document codes
//	stock    the goods ledger
//	cash     the money ledger: payments, debts, bank accounts, surcharges
//	catalog  categories, trademarks, attributes, products, price books
//	party    customers, suppliers, their groups, delivery partners
//	promo    vouchers and coupons
//	sales    orders, invoices, returns, records of electronic invoices
//	supply   purchase orders, orders to suppliers, transfers, stock takes
//	event    the log of changes, and its feed
//	webhook  registrations of webhooks, and the delivery of events
//	client   the public Go client
//	sandbox  a shop per test, for programs in Go
//	mcp      a shop for assistants: the Model Context Protocol
//	oauth    clients, tokens, keys
//	openapi  the description of the API: a document made of the route table, and a page that shows it
//	api      the HTTP API: one line an operation in routes.go
//	demo     the shop that serve --demo fills an empty database with
//
// Each business package owns its tables. Imports point down only: cmd → api, openapi, webhook, oauth, demo → sales, supply
// → promo → catalog, party → stock, cash → org → event → db → plan → taphoa.
//
// A shop is what the vendor calls a retailer; a branch has stock and cash of its own; a document is an order, an invoice,
// a purchase order, …; a posting moves goods between locations or money between accounts; a level is the quantity of a
// product at a branch. docs/ARCHITECTURE.md has the whole glossary.
package taphoa
