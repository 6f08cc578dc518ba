// Command fuzz runs the fuzz tests of the main module one after another, each on one core, and says how much each did:
//
//	go -C tools run ./fuzz                    # each for 20 seconds
//	go -C tools run ./fuzz -time 1m -run Decode
//	go -C tools run ./fuzz -keep 24           # copy inputs that earlier runs found into testdata, run nothing
//
// It fails for a test that finds something, whose input it prints, and for one below -floor executions a second.
//
// Two things make the fuzzer of go test slow, and this command does without. It clears, copies and compares the counters of
// all packages of a program for each execution, and SQLite alone has hundreds of thousands: this counts in the packages
// that read what clients send, and no others. And it spends up to a minute on making each new input shorter, again and
// again where coverage depends on more than the input: this spends a hundred executions.
package main
