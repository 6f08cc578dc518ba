// Package plan has the values that plans of documents need of the shop itself: its settings, and a [Directory] of its
// branches, users and sale channels. It does not reach the database; package org reads what it needs.
package plan
