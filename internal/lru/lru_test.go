package lru

import (
	"testing"

	"pgregory.net/rapid"
)

// TestACacheHasTheMostRecentlyUsed compares a cache with a plain list in the order of use.
func TestACacheHasTheMostRecentlyUsed(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		type entry struct{ key, value, bytes int }
		var (
			c      = Cache[int, int]{Max: 10 * (overhead + 100)}
			recent []entry // the last one was used last
			value  int
		)
		remove := func(key int) (e entry, found bool) {
			for i := range recent {
				if e = recent[i]; e.key == key {
					recent = append(recent[:i], recent[i+1:]...)
					return e, true
				}
			}
			return entry{}, false
		}
		key := rapid.IntRange(0, 20)
		t.Repeat(map[string]func(*rapid.T){
			"put": func(t *rapid.T) {
				value++
				e := entry{key.Draw(t, "key"), value, rapid.IntRange(0, 3500).Draw(t, "bytes")}
				c.Put(e.key, e.value, e.bytes)
				remove(e.key)
				if e.bytes+overhead > c.Max {
					return
				}
				recent = append(recent, e)
				for size := len(recent); size > 0; {
					sum := 0
					for _, e := range recent {
						sum += e.bytes + overhead
					}
					if sum <= c.Max {
						break
					}
					recent = recent[1:]
				}
			},
			"get": func(t *rapid.T) {
				k := key.Draw(t, "key")
				got, found := c.Get(k)
				e, want := remove(k)
				if want {
					recent = append(recent, e)
				}
				if found != want || got != e.value {
					t.Fatalf("%d is %d (%v), want %d (%v)", k, got, found, e.value, want)
				}
			},
			"shrink": func(t *rapid.T) {
				k := key.Draw(t, "key")
				for i := range recent {
					if e := &recent[i]; e.key == k {
						by := rapid.IntRange(0, e.bytes).Draw(t, "by")
						e.bytes -= by
						c.Shrink(k, by)
					}
				}
			},
			"": func(t *rapid.T) {
				size := 0
				for _, e := range recent {
					size += e.bytes + overhead
					if got, found := c.Peek(e.key); !found || got != e.value {
						t.Fatalf("%d is %d (%v), want %d", e.key, got, found, e.value)
					}
				}
				if c.Size() != size || size > c.Max {
					t.Fatalf("%d bytes are counted, want %d of %d", c.Size(), size, c.Max)
				}
			},
		})
	})
}
