// Package testbench is what `taphoa sandbox` adds to a server: copies of a template's shop, each a database of its own with its own
// credentials, and the addresses below /_sandbox by which test programs make, inspect and delete them. It owns the files in the directory
// that it is given, and no tables.
//
// A request belongs to a fork by what it says itself, so that an unchanged program reaches it: the header X-Taphoa-Sandbox, the client of
// its token, the client_id of a token request, the header Retailer, in this order; else to the default fork, if there is one.
//
// Invariants:
//
//  1. Nothing of a fork is seen in another one: they share no file and no cache.
//  2. There are at most [Options.MaxForks] forks of at most [Options.MaxBytes] in all. A new one takes the place of those that were used
//     least recently; a request for one of those is 503 and names the bound.
//  3. Addresses below /_sandbox answer the names of this machine and the vendor's hosts only, and no browser's page of another origin.
//  4. Every answer names its fork in X-Taphoa-Sandbox.
//  5. The clock of a fork never goes back.
//  6. A rule of faults that has a request fail after it was served leaves what that has written: as when a connection breaks.
//  7. What a live shop's programs and people sign in with is in no copy of it, and neither are its webhooks; those that a fork registers
//     are delivered to this machine and [Options.AllowHooks] only.
//  8. A comparison tells each record that its own operation shows otherwise, and no other one. Names of other records that it shows are
//     told with those.
//  9. A snapshot is the fork at one instant; after it was restored, the fork is what it was then, and its tokens are still good.
package testbench
