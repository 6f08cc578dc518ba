// Command bench measures how fast Taphoa answers on this machine, as ratios to ceilings measured in the same run.
//
//	go run ./bench                    SQLite, 16 connections, 5 seconds a measurement
//	go run ./bench -database URL      another database, for example postgres://…
//	go run ./bench -postgres          PostgreSQL on a server of its own, from the first second of a fresh database
//
// It builds the program without cgo, starts it with the demo shop on a port of its own choosing, and drives it from
// this process, so that on a small machine the load generator shares the processors with the server. It prints:
//
//   - the size of the binary, how long it takes to be ready on an existing database, and its memory, idle and loaded;
//   - invoices of three lines a second (POST /invoices, with customer and payment), and their ratio to the same SQL
//     effect through the bare driver, one prepared statement after another, as many invoices a commit as there are
//     connections (SQLite only);
//   - pages of 100 products with stock a second (GET /products?pageSize=100&includeInventory=true), and their ratio to
//     the same bytes served by bare net/http; once as a program that polls gets them, while nothing changes (answers
//     are kept), and once with each page worked out anew;
//   - both at once.
//
// With -postgres it prints orders and invoices of three lines a second, of one shop with 10,000 products and of eight, each
// second by itself and with the processor's time that one took in the server and in PostgreSQL; orders while somebody holds a
// snapshot as pg_dump does; and on both engines how fast a shop's branches are answered beside another shop that asks for its
// dearest list on all connections. -program measures another build, TAPHOA_PG_SETTINGS sets what the database server is to
// have ("shared_preload_libraries=auto_explain …").
//
// Absolute numbers hold for the machine and the moment only; quote the ratios. Nothing but loopback is addressed, and
// the run ends by itself.
package main
