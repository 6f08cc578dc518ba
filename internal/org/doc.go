// Package org is about the shop itself: its settings, branches, users and sale channels. [GetDirectory] gives all of them as
// one value to plans of documents.
//
// It owns the tables retailers, settings, branches, users and sale_channels, the list of places of Vietnam
// (data/), and the gapless codes of documents.
package org
