package oauth

import (
	"encoding/binary"
	"net/netip"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"
)

// fakeThrottle is a throttle whose clock stands still unless it is advanced.
func fakeThrottle() (*throttle, *time.Duration) {
	t, now := newThrottle(), new(time.Duration)
	t.elapsed = func() time.Duration { return *now }
	return t, now
}

// TestEachFurtherFailureDoublesTheDelay: of a client, and of a network whose clients are others each time.
func TestEachFurtherFailureDoublesTheDelay(t *testing.T) {
	t.Parallel()
	network := networkOf("203.0.113.7:5000")
	for name, test := range map[string]struct {
		free int
		id   func(i int) string
	}{
		"a client":  {freeOfClient, func(int) string { return "a" }},
		"a network": {freeOfNetwork, func(i int) string { return strings.Repeat("a", i) }},
	} {
		t.Run(name, func(t *testing.T) {
			x, now := fakeThrottle()
			want := time.Duration(0)
			for i := range test.free + 14 {
				if i == test.free {
					want = time.Second
				}
				x.failed(test.id(i), network)
				for range 3 { // asking does not lengthen it
					if got := x.wait(test.id(i), network); got != want {
						t.Fatalf("after %d failures the delay is %v, want %v", i+1, got, want)
					}
				}
				if want > 0 {
					*now += want - 1
					if x.wait(test.id(i), network) != 1 {
						t.Fatal("the delay ends before its time")
					}
					*now++
					if x.wait(test.id(i), network) != 0 {
						t.Fatal("the delay has no end")
					}
				}
				want = min(2*want, 15*time.Minute)
			}
			*now += 15*time.Minute - 1
			x.failed(test.id(99), network)
			if x.wait(test.id(99), network) != 15*time.Minute {
				t.Error("failures are forgotten too early")
			}
			*now += 30 * time.Minute
			x.failed(test.id(100), network)
			if x.wait(test.id(100), network) != 0 {
				t.Error("failures are never forgotten")
			}
		})
	}
}

// TestAClientIsDelayedInItsNetworkOnly tries addresses of the same network and of others.
func TestAClientIsDelayedInItsNetworkOnly(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ attacker, same, other string }{
		{"203.0.113.7:5000", "203.0.113.250:1", "203.0.114.7:5000"},
		{"203.0.113.7:5000", "[::ffff:203.0.113.9]:80", "[::ffff:203.0.112.7]:80"},
		{"[2001:db8:1:200::7]:5000", "[2001:db8:1:2ff:ffff::1]:1", "[2001:db8:1:300::7]:5000"},
		{"[fe80::1%eth0]:5000", "[fe80::2%eth1]:5000", "[fe80:0:0:100::1%eth0]:5000"},
		{"203.0.113.7", "203.0.113.7:99", "127.0.0.1:80"},
		{"@", "", "[::1]:80"},
	} {
		x, _ := fakeThrottle()
		for range freeOfClient + 1 {
			x.failed("a", networkOf(test.attacker))
		}
		if x.wait("a", networkOf(test.same)) == 0 {
			t.Errorf("%s is not in the network of %s", test.same, test.attacker)
		}
		if x.wait("a", networkOf(test.other)) != 0 {
			t.Errorf("%s pays for %s", test.other, test.attacker)
		}
		if x.wait("b", networkOf(test.same)) != 0 {
			t.Errorf("%s: another client of the network pays", test.attacker)
		}
	}
}

// TestAProgramWithAnOldSecretDoesNotLockOutItsNeighbours: it asks at the end of each delay for a day.
func TestAProgramWithAnOldSecretDoesNotLockOutItsNeighbours(t *testing.T) {
	t.Parallel()
	x, now := fakeThrottle()
	network := networkOf("203.0.113.7:5000")
	for *now < 24*time.Hour {
		for _, id := range []string{"old", "older", "oldest"} {
			if x.wait(id, network) == 0 {
				x.failed(id, network)
			}
		}
		if x.wait("neighbour", network) != 0 {
			t.Fatalf("the neighbour has to wait after %v", *now)
		}
		*now += time.Second
	}
}

// TestATokenEndsTheCountOfItsClientAlone: two programs share a client, and one has its old secret; but an attacker with a
// client of its own does not make guesses at others free.
func TestATokenEndsTheCountOfItsClientAlone(t *testing.T) {
	t.Parallel()
	network := networkOf("203.0.113.7:5000")
	x, _ := fakeThrottle()
	for range 10 * freeOfNetwork {
		x.failed("shared", network)
		if x.wait("shared", network) != 0 {
			t.Fatal("a client that gets tokens is delayed")
		}
		x.succeeded("shared", network)
	}
	for i := range freeOfNetwork {
		if x.wait("own", network) != 0 {
			t.Fatalf("the network is delayed after %d guesses", i)
		}
		x.failed(strings.Repeat("x", i), network)
		x.failed("own", network)
		x.succeeded("own", network)
	}
	if x.wait("own", network) == 0 {
		t.Error("guesses are free for who has a client")
	}
}

func TestFailuresAtOnceAreAllCounted(t *testing.T) {
	t.Parallel()
	x, _ := fakeThrottle()
	network := networkOf("203.0.113.7:5000")
	var group sync.WaitGroup
	for range 16 {
		group.Go(func() { x.failed("a", network) })
	}
	group.Wait()
	if got := x.wait("a", network); got != maxDelay {
		t.Errorf("after 16 failures the delay is %v", got)
	}
	if got := x.table.Len(); got != 2 {
		t.Errorf("%d entries", got)
	}
}

// TestAMillionAttackersDoNotFillTheMemory: every entry has another network, or another client id.
func TestAMillionAttackersDoNotFillTheMemory(t *testing.T) {
	heap := func() uint64 {
		runtime.GC()
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		return m.HeapAlloc
	}
	before := heap()
	x, _ := fakeThrottle()
	id := []byte(strings.Repeat("a", 100))
	for i := range uint64(500_000) { // each has an entry for its network, too
		var address [16]byte
		binary.BigEndian.PutUint64(address[:], i<<8)
		binary.BigEndian.PutUint64(id, i)
		x.failed(string(id), netip.PrefixFrom(netip.AddrFrom16(address), 56))
	}
	if got := x.table.Len(); got != maxFailures {
		t.Errorf("%d entries", got)
	}
	if grown := int64(heap()) - int64(before); grown > 16<<20 {
		t.Errorf("the table has %d bytes", grown)
	}
	runtime.KeepAlive(x)
}
