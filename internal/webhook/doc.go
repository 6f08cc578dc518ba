// Package webhook delivers the events of a shop to registered URLs: it has the registrations and the deliverer.
//
// A registration holds the number of its last event that is done with or held up; the deliverer sends the events after it
// one after another and advances the number. The events themselves are in the log of package event.
//
// What holds (contract webhooks; docs/decisions/0014):
//
//  1. at least once: an event is done with when a receiver has responded 2xx, or when it was given up visibly, as dead
//  2. in order: an event is sent when those before it that have a record in common are done with. What a receiver refuses
//     is held up, with the later events of its records; the others pass
//  3. one owner: a registration has one deliverer at a time, whose lease outlasts each of its requests; results of a
//     deliverer that has been replaced change nothing
//  4. isolation: a registration that fails delays no other; concurrent requests are bounded by shop and by host, not in all
//
// Receivers on private addresses are refused when they are dialled, unless the operator allows their network. Those on
// addresses of the clouds' own services are refused when they are registered, too.
//
// It owns the tables webhooks, webhook_deliveries, webhook_redeliveries, webhook_held and webhook_sweeps.
package webhook
