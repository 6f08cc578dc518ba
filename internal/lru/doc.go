// Package lru is a cache with a bound in bytes; the least recently used value is removed first.
package lru
