// Package lru keeps values up to a bound in bytes; what was used least recently goes first.
package lru
