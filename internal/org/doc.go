// Package org is the room of the shop itself: who it is, what it allows, where it sells and who works there.
//
// It owns the tables retailers, settings, branches, users and sale_channels, the list of places of Vietnam
// (data/), and the gapless codes of documents.
package org
