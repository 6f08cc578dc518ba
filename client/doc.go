// Package client calls the KiotViet Public API, of the vendor or of a Taphoa: one method an operation, with the nouns of
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
// Each method takes one struct, which holds the id, too, where there is one; nil stands for an empty one. A member that may
// be missing is given with [taphoa.Some]. Amounts are scaled integers: [taphoa.Dong], [taphoa.Units] and [taphoa.Ratio]
// make them, or a constant times [taphoa.Scale], such as taphoa.Quantity(0.25 * taphoa.Scale).
//
// A Client gets and renews its token, waits and tries again where that cannot do anything twice, and answers refusals as
// [*Error]. Beyond single calls there are [All] for lists of any length, [Sync] for what has changed since an instant,
// [Client.Follow] for the feed of events, and [WebhookHandler] for who is told instead of asking. The examples run against
// a shop to play with: taphoa serve --demo.
//
// A method says what the operation does, in Taphoa; those of Taphoa only are not in the vendor's API. The files
// methods_*.go are written from the route table by
//
//	go test ./internal/api -run Client -update
//
// # Invariants
//
//  1. A write is sent a second time only when the server tells both apart by their Idempotency-Key, or has refused the
//     first for its token. KiotViet knows no such key, therefore it gets none and nothing is sent to it twice: net/http
//     itself would repeat a request that bears one.
//  2. A token is asked for once, however many goroutines want it.
//  3. Every wait ends with its context.
package client
