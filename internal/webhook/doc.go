// Package webhook tells other programs what changed in a shop: the registrations, and the courier who delivers.
//
// A registration holds the number up to which its events are done with; the courier delivers what lies behind it, one
// after another, and moves the number on. The events themselves stand in the log of package event.
//
// What holds (contract webhooks; docs/decisions/0014):
//
//  1. at least once: an event is done with when a receiver has answered 2xx, or when it was given up visibly, as dead
//  2. in order: a registration's event is sent when the one before it is done with
//  3. one courier: a registration has one owner at a time, whose lease outlasts each of his requests; results of an owner
//     who has been replaced move nothing
//  4. nobody waits for a neighbour: a registration that fails waits alone, and requests under way are bounded by shop and
//     by host, not in all
//
// Receivers on private addresses are refused when they are dialled, unless the operator allows their network.
//
// It owns the tables webhooks, webhook_deliveries and webhook_redeliveries.
package webhook
