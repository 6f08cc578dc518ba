package throttle

import (
	"encoding/binary"
	"net/netip"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// fakeThrottle is a throttle whose clock shows what the test sets.
func fakeThrottle() (*Throttle, *time.Duration) {
	t, now := New(func(Delay) {}), new(time.Duration)
	t.Elapsed = func() time.Duration { return *now }
	return t, now
}

// TestEachFurtherFailureDoublesTheDelay: of a client, and of a network whose clients are others each time.
func TestEachFurtherFailureDoublesTheDelay(t *testing.T) {
	t.Parallel()
	network := NetworkOf("203.0.113.7:5000")
	for name, test := range map[string]struct {
		free int
		id   func(i int) string
	}{
		"a client":  {freeOfCaller, func(int) string { return "a" }},
		"a network": {freeOfNetwork, func(i int) string { return strings.Repeat("a", i) }},
	} {
		t.Run(name, func(t *testing.T) {
			x, now := fakeThrottle()
			want := time.Duration(0)
			for i := range test.free + 14 {
				if i == test.free {
					want = time.Second
				}
				x.Settle(test.id(i), network, false)
				for range 3 { // asking does not lengthen it
					if got := x.Wait(test.id(i), network); got != want {
						t.Fatalf("after %d failures the delay is %v, want %v", i+1, got, want)
					}
				}
				if want > 0 {
					*now += want - 1
					if x.Wait(test.id(i), network) != 1 {
						t.Fatal("the delay ends before its time")
					}
					*now++
					if x.Wait(test.id(i), network) != 0 {
						t.Fatal("the delay has no end")
					}
				}
				want = min(2*want, 15*time.Minute)
			}
			*now += 15*time.Minute - 1
			x.Settle(test.id(99), network, false)
			if x.Wait(test.id(99), network) != 15*time.Minute {
				t.Error("failures are forgotten too early")
			}
			*now += 30 * time.Minute
			x.Settle(test.id(100), network, false)
			if x.Wait(test.id(100), network) != 0 {
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
		for range freeOfCaller + 1 {
			x.Settle("a", NetworkOf(test.attacker), false)
		}
		if x.Wait("a", NetworkOf(test.same)) == 0 {
			t.Errorf("%s is not in the network of %s", test.same, test.attacker)
		}
		if x.Wait("a", NetworkOf(test.other)) != 0 {
			t.Errorf("%s pays for %s", test.other, test.attacker)
		}
		if x.Wait("b", NetworkOf(test.same)) != 0 {
			t.Errorf("%s: another client of the network pays", test.attacker)
		}
	}
}

// TestAProgramWithAnOldSecretDoesNotLockOutOthersInItsNetwork: it asks every seven seconds for a day.
func TestAProgramWithAnOldSecretDoesNotLockOutOthersInItsNetwork(t *testing.T) {
	t.Parallel()
	x, now := fakeThrottle()
	network := NetworkOf("203.0.113.7:5000")
	for *now < 24*time.Hour {
		for _, id := range []string{"old", "older", "oldest"} {
			x.Settle(id, network, false) // or must wait
		}
		if x.Wait("other", network) != 0 {
			t.Fatalf("the other client has to wait after %v", *now)
		}
		*now += 7 * time.Second
	}
}

// TestATokenEndsTheCountOfItsClientAlone: two programs share a client, and one has its old secret; but an attacker with a
// client of its own does not make guesses at others free.
func TestATokenEndsTheCountOfItsClientAlone(t *testing.T) {
	t.Parallel()
	network := NetworkOf("203.0.113.7:5000")
	x, _ := fakeThrottle()
	for range 10 * freeOfNetwork {
		if x.Settle("shared", network, false) != 0 || x.Settle("shared", network, true) != 0 {
			t.Fatal("a client that gets tokens is delayed")
		}
	}
	x, _ = fakeThrottle()
	for i := range freeOfNetwork + 1 {
		if x.Wait("new", network) != 0 {
			t.Fatalf("the network is delayed after %d guesses", i)
		}
		x.Settle(strings.Repeat("x", i), network, false)
		x.Settle("own", network, true)
	}
	if x.Wait("new", network) == 0 {
		t.Error("guesses are free for who has a client")
	}
}

// TestClientsThatHaveHadTokensAreNotDelayedByOthers: an office has clients that work, and an attacker, or a proxy hides all
// callers. Their own failures delay them as before.
func TestClientsThatHaveHadTokensAreNotDelayedByOthers(t *testing.T) {
	t.Parallel()
	x, now := fakeThrottle()
	network := NetworkOf("203.0.113.7:5000")
	clients := []string{"shop", "accounting", "delivery"}
	for _, id := range clients {
		x.Settle(id, network, true)
	}
	for i := range 1000 {
		x.Settle(strings.Repeat("x", i), network, false)
		if i > freeOfNetwork && x.Wait("new", network) == 0 {
			t.Fatal("the network is not delayed")
		}
		for _, id := range clients {
			if x.Settle(id, network, true) != 0 {
				t.Fatalf("%s is delayed after %d guesses at others", id, i+1)
			}
		}
		*now += x.Wait("new", network)
	}
	for range freeOfCaller + 1 {
		x.Settle("shop", network, false)
	}
	if x.Wait("shop", network) != time.Second || x.Settle("shop", network, true) != time.Second {
		t.Error("guesses at a client that has had tokens are free")
	}
	if x.Wait("delivery", network) != 0 {
		t.Error("one client's failures delay another one")
	}
}

// TestGuessesAtOnceAreNotAnswered: all of them are let in before the first one is counted, the right one, too.
func TestGuessesAtOnceAreNotAnswered(t *testing.T) {
	t.Parallel()
	network := NetworkOf("203.0.113.7:5000")
	for name, test := range map[string]struct {
		free int
		id   func(i int) string
	}{
		"at a client":     {freeOfCaller, func(int) string { return "a" }},
		"at many clients": {freeOfNetwork, func(i int) string { return strings.Repeat("a", i) }},
	} {
		t.Run(name, func(t *testing.T) {
			x, _ := fakeThrottle()
			for i := range 200 {
				if x.Wait(test.id(i), network) != 0 {
					t.Fatal("delayed before the first failure")
				}
			}
			var answered atomic.Int32
			var group sync.WaitGroup
			for i := range 200 {
				group.Go(func() {
					if x.Settle(test.id(i), network, false) == 0 {
						answered.Add(1)
					}
				})
			}
			group.Wait()
			if got := int(answered.Load()); got != test.free+1 {
				t.Errorf("%d guesses are answered, want %d", got, test.free+1)
			}
			if x.Settle(test.id(0), network, true) != time.Second {
				t.Error("the right guess among them is answered")
			}
			if x.Refused() != 200-int64(answered.Load())+1 {
				t.Errorf("%d are counted as refused", x.Refused())
			}
		})
	}
}

// TestManyAttackersDoNotFillTheMemory: every entry has another network, or another client id.
func TestManyAttackersDoNotFillTheMemory(t *testing.T) {
	heap := func() uint64 {
		runtime.GC()
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		return m.HeapAlloc
	}
	before := heap()
	x, _ := fakeThrottle()
	id := []byte(strings.Repeat("a", 100))
	for i := range uint64(2 * maxAttempts) { // each has an entry for its network, too
		var address [16]byte
		binary.BigEndian.PutUint64(address[:], i<<8)
		binary.BigEndian.PutUint64(id, i)
		x.Settle(string(id), netip.PrefixFrom(netip.AddrFrom16(address), 56), false)
	}
	if got := x.table.Len(); got != maxAttempts {
		t.Errorf("%d entries", got)
	}
	if grown := int64(heap()) - int64(before); grown > 16<<20 {
		t.Errorf("the table has %d bytes", grown)
	}
	runtime.KeepAlive(x)
}
