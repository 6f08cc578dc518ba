// Command bench measures how fast Taphoa answers on this machine, as ratios to ceilings measured in the same run.
//
//	go run ./bench                    SQLite, 16 connections, 5 seconds a measurement
//	go run ./bench -database URL      another database, for example postgres://…
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
// Absolute numbers hold for the machine and the moment only; quote the ratios. Nothing but loopback is addressed, and
// the run ends by itself.
package main
