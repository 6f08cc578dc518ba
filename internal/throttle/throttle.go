package throttle

import (
	"crypto/sha256"
	"net/netip"
	"sync"
	"time"

	"github.com/hashicorp/golang-lru/v2/simplelru"
)

// People paste a wrong secret once or twice and programs repeat it, so the first failures of a caller are free; a network may
// hold several callers, and everybody where a proxy hides them. A caller's failures beyond its free ones do not count for its
// network: they are slow already, and one program with an old secret must not lock out others there.
const (
	freeOfCaller  = 5
	freeOfNetwork = 20

	minDelay = time.Second
	maxDelay = 15 * time.Minute // also how long nothing may fail, after the delay, until failures are forgotten

	maxAttempts = 1 << 15     // entries of the table; all have the same size, together some 10 MiB
	logEvery    = time.Minute // for each network
	logMinGap   = time.Second // for all
)

// Throttle delays callers that fail to authenticate, by name and network, so that no caller locks out another elsewhere. It is
// safe for concurrent use.
type Throttle struct {
	// Elapsed is a monotonic clock, which must not go backwards.
	Elapsed func() time.Duration

	delayed func(Delay)

	mu      sync.Mutex
	table   *simplelru.LRU[key, *attempts] // the least recent entry is removed first
	nextLog time.Duration                  // when the next line may be logged
	refused int64                          // attempts
}

// Delay is a failure that is followed by a delay.
type Delay struct {
	Network                netip.Prefix
	Caller                 string // as it names itself: any text, of any length
	Delay                  time.Duration
	Failures, AllInNetwork int // of the caller; of the network
}

// key identifies a caller in a network, or a network.
type key struct {
	network netip.Prefix
	caller  [sha256.Size]byte // of the name, which may be any text; zero for the network
}

// attempts are those of a key.
type attempts struct {
	failures  int
	until     time.Duration // the end of the delay, or the last failure
	succeeded bool          // of a caller: it has authenticated, so its network's delay is not for it
	nextLog   time.Duration // of a network
}

// New returns a throttle that tells delayed of delays, a network's once a minute and no more than one a second.
func New(delayed func(Delay)) *Throttle {
	start := time.Now()
	table, _ := simplelru.NewLRU[key, *attempts](maxAttempts, nil) // the size is valid
	return &Throttle{Elapsed: func() time.Duration { return time.Since(start) }, delayed: delayed, table: table}
}

// NetworkOf returns the network of a caller from [net/http.Request.RemoteAddr]: /24 of IPv4 and /56 of IPv6, which is what a
// household or a small company has. Callers without an IP address share the zero network.
func NetworkOf(remote string) netip.Prefix {
	at, err := netip.ParseAddrPort(remote)
	address := at.Addr()
	if err != nil {
		address, _ = netip.ParseAddr(remote)
	}
	address = address.Unmap()
	bits := 56
	if address.Is4() {
		bits = 24
	}
	network, _ := address.Prefix(bits) // fails for no address
	return network
}

func keysOf(caller string, network netip.Prefix) (own, all key) {
	return key{network, sha256.Sum256([]byte(caller))}, key{network: network}
}

// Wait returns how long a caller in a network must wait, 0 if it may try. One that has to wait is counted as refused.
func (t *Throttle) Wait(caller string, network netip.Prefix) time.Duration {
	own, all := keysOf(caller, network)
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.refuse(own, all, t.Elapsed())
}

func (t *Throttle) refuse(own, all key, now time.Duration) (wait time.Duration) {
	ofCaller, known := t.table.Get(own)
	if known {
		wait = max(0, ofCaller.until-now)
	}
	if ofNetwork, ok := t.table.Get(all); ok && !(known && ofCaller.succeeded) {
		wait = max(wait, ofNetwork.until-now)
	}
	if wait > 0 {
		t.refused++
	}
	return wait
}

// Settle counts an attempt whose credentials were compared, unless it must wait after all, like [Throttle.Wait]: those that
// were compared meanwhile have used up the free ones. Its answer must then not depend on the comparison.
func (t *Throttle) Settle(caller string, network netip.Prefix, accepted bool) (wait time.Duration) {
	own, all := keysOf(caller, network)
	t.mu.Lock()
	defer t.mu.Unlock()
	now := t.Elapsed()
	if wait = t.refuse(own, all, now); wait > 0 {
		return wait
	}
	ofCaller := t.entry(own, now)
	if accepted {
		*ofCaller = attempts{succeeded: true, until: now}
		return 0
	}
	ofNetwork := t.entry(all, now)
	ofCaller.fail(now, freeOfCaller)
	if ofCaller.failures <= freeOfCaller {
		ofNetwork.fail(now, freeOfNetwork)
	}
	t.tell(caller, network, ofCaller, ofNetwork, now)
	return 0
}

// entry returns the attempts of a key, without failures that are forgotten.
func (t *Throttle) entry(k key, now time.Duration) *attempts {
	a, ok := t.table.Get(k)
	if !ok {
		a = &attempts{until: now}
		t.table.Add(k, a)
	}
	if now-a.until >= maxDelay {
		a.failures = 0
	}
	return a
}

// fail counts one failure: the first ones are free, and each further one doubles the delay.
func (a *attempts) fail(now time.Duration, free int) {
	a.failures++
	delay := time.Duration(0)
	if beyond := a.failures - free; beyond > 0 {
		delay = min(minDelay<<min(beyond-1, 20), maxDelay)
	}
	a.until = max(a.until, now+delay)
}

// tell passes on a failure that is followed by a delay, if it is time for a line.
func (t *Throttle) tell(caller string, network netip.Prefix, ofCaller, ofNetwork *attempts, now time.Duration) {
	delay := max(ofCaller.until, ofNetwork.until) - now
	if delay == 0 || now < max(t.nextLog, ofNetwork.nextLog) {
		return
	}
	t.nextLog, ofNetwork.nextLog = now+logMinGap, now+logEvery
	t.delayed(Delay{network, caller, delay, ofCaller.failures, ofNetwork.failures})
}

// Refused returns how many attempts were refused because of failures before them.
func (t *Throttle) Refused() int64 {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.refused
}

// Seconds returns a time to wait in whole seconds, rounded up: for Retry-After.
func Seconds(wait time.Duration) int64 { return int64((wait + time.Second - 1) / time.Second) }
