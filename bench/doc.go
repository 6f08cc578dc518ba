// Command bench measures how fast Taphoa responds on this machine, as ratios to ceilings measured in the same run.
//
//	go run ./bench                    SQLite, 16 connections, 5 seconds a measurement
//	go run ./bench -database URL      another database, for example postgres://…
//	go run ./bench -postgres          PostgreSQL on a server of its own, from the first second of a fresh database
//	go run ./bench -only lists        one part of either; -against PROGRAM compares its lists with an older build's
//	go run ./bench -only desk        pages of the desk while invoices are sold
//	go run ./bench -only sandbox     forks of a shop for tests: how long one takes, and a thousand tests that each have one
//	go run ./bench -only mirror      a copy of a shop: how many requests it takes, whole, again and cut, and how long
//	go run ./bench -only orders,invoices   orders and invoices of a shop with 10,000 products, on SQLite too
//
// It builds the program without cgo, starts it with the demo shop on a port of its own choosing, and drives it from
// this process, so that on a small machine the load generator shares the processors with the server. It prints:
//
//   - the size of the binary, how long it takes to be ready on an existing database, and its memory, idle and loaded;
//   - invoices of three lines a second (POST /invoices, with customer and payment), and their ratio to the same SQL
//     effect through the bare driver, one prepared statement after another, as many invoices a commit as there are
//     connections (SQLite only);
//   - pages of 100 products with stock a second (GET /products?pageSize=100&includeInventory=true), and their ratio to
//     the same bytes served by bare net/http; once as a polling program gets them, while nothing changes (responses
//     are cached), and once with each page computed again;
//   - both at once.
//
// Then it fills a shop of 10,000 products with stock at two branches and of 200,000 invoices (the first few by the API,
// copies of them by SQL, with their lines, postings and receipts), and measures lists, on either engine:
//
//   - pages of 100 products with stock, as a ratio to a page's bytes from bare net/http: one page again and again, as a
//     program that polls asks for it while nothing changes; pages from anywhere, no request twice, so that cached
//     responses do not help; and those while 200 invoices a second are sold;
//   - pages of 100 invoices: the first one, some in the middle and the last ones, and all pages by cursor if the program
//     has cursors; no request twice either. Their ratio is CPU to CPU of the first page. Depth is set by
//     -invoices (1000200 for a page at 1,000,000; 0 leaves invoices out);
//   - the processor's time that a page takes in the server (and in PostgreSQL), which says most where the machine has
//     other work, and the server's largest memory.
//
// Each list gets -seconds in three rounds; a round asks for all lists of both programs, one after another, beside bare
// net/http. With -against the older program fills the database, and the newer one migrates a copy of it;
// the checks of both must find no faults.
//
// With -postgres it also prints orders and invoices of three lines a second, of one shop with 10,000 products and of eight,
// each second by itself and with the processor's time that one took in the server and in PostgreSQL; orders while another
// connection holds a snapshot as pg_dump does; and on both engines how fast a shop's branches are read beside another shop
// that requests its most expensive list on all connections. -program measures another build, TAPHOA_PG_SETTINGS are settings
// of the database server ("shared_preload_libraries=auto_explain …").
//
// Absolute numbers are valid for the machine and the time of the run only; quote the ratios. Only loopback addresses are
// used, and the run ends by itself.
package main
