// Package sandbox gives each test of a program for KiotViet a shop of its own: with 300 products and 1,000 documents, a clock, faults, and
// a log of what the program asked for.
//
//	func TestAnOrderIsImportedOnce(t *testing.T) {
//		shop := sandbox.New(t)
//		importOrder(t.Context(), shop.HTTP, "WEB-1042") // a program with KiotViet's hosts in its code
//		shop.Expect(sandbox.Expectation{Method: "POST", Path: "/orders", Times: 1})
//	}
//
// The shop is a fork of a sandbox: of the one that TAPHOA_SANDBOX_URL names, as in taphoa sandbox exec -- go test ./..., and
// otherwise of one in the test's own process, so that go test needs nothing else. It is deleted when the test ends. If the test has failed,
// its log then says what the shop was asked for, what it has refused, and what would differ at KiotViet.
//
// Methods fail the test when the sandbox refuses; call them from the test's goroutine.
//
// # Invariants
//
//  1. What the program does through [Shop.HTTP] and [Shop.Client] never reaches KiotViet.
//  2. When the last shop of a process is gone, no file, no port and no goroutine of a sandbox is left.
package sandbox
