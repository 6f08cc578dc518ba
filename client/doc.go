// Package client calls the KiotViet Public API, of the vendor or of a Taphoa: one method an operation, with the types of
// package taphoa.
//
//	c, err := client.New(client.Config{BaseURL: "http://127.0.0.1:8080", Retailer: "taphoa", ClientID: …, ClientSecret: …})
//	page, err := c.ListProducts(ctx, &taphoa.ProductQuery{IncludeInventory: true})
//	tea, err := c.GetProductByCode(ctx, &taphoa.ProductByCode{Code: "SP000001"})
//	customer, err := c.GetCustomerByID(ctx, &taphoa.ByID{ID: 101})
//	order, err := c.CreateOrder(ctx, &taphoa.OrderInput{
//		BranchID: taphoa.Some[int64](1),
//		OrderDetails: []taphoa.DetailInput{{
//			ProductCode: taphoa.Some("SP000001"),
//			Quantity:    taphoa.Some(taphoa.Units(2)),
//			Price:       taphoa.Some(taphoa.Dong(10_800)),
//		}},
//	})
//
// Each method has one struct as its input, which also has the id, if there is one; nil means an empty one. Optional members
// are set with [taphoa.Some]. Amounts are scaled integers: use [taphoa.Dong], [taphoa.Units] and [taphoa.Ratio], or a
// constant times [taphoa.Scale], such as taphoa.Quantity(0.25 * taphoa.Scale).
//
// A Client gets and renews its token, waits and tries again where that has no second effect, and returns refusals as
// [*Error]. Beyond single calls there are [All] for lists of any length, [Sync] for the changes since an instant,
// [Client.Follow] for the feed of events, and [WebhookHandler] to receive webhooks. The examples run against a demo shop:
// taphoa serve --demo.
//
// The comment of a method describes the operation of Taphoa; operations of Taphoa only are not in the vendor's API. The
// files methods_*.go are generated from the route table by
//
//	go test ./internal/api -run Client -update
//
// # Invariants
//
//  1. A write is sent a second time only if the server supports Idempotency-Key, or has refused the first for its token.
//     KiotViet does not support it, therefore it gets no key and nothing is sent to it twice: net/http itself would repeat
//     a request with a key.
//  2. Concurrent calls request a token once.
//  3. Every wait ends with its context.
package client
