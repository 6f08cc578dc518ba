package oauth

import (
	"crypto/sha256"
	"fmt"
	"log/slog"
	"net/netip"
	"sync"
	"time"

	"github.com/hashicorp/golang-lru/v2/simplelru"
)

// How wrong credentials are delayed. People paste a wrong secret once or twice and programs repeat it, so the first failures
// of a client are free; a network may hold several integrators, and everybody where a proxy hides the callers. A client's
// failures beyond its free ones do not count for its network: they are slow already, and one program with an old secret must
// not lock out its neighbours.
const (
	freeOfClient  = 5
	freeOfNetwork = 20

	minDelay = time.Second
	maxDelay = 15 * time.Minute // also how long nothing may fail, after the delay, until failures are forgotten

	maxFailures = 1 << 15     // entries of the table; all have the same size, together some 10 MiB
	logEvery    = time.Minute // for each network
)

// throttle delays callers that fail to authenticate, by client and network, so that nobody locks out a client for others.
// It is safe for concurrent use; elapsed must not go backwards.
type throttle struct {
	elapsed func() time.Duration // a monotonic clock

	mu      sync.Mutex
	table   *simplelru.LRU[throttleKey, *failures] // the least recent entry is removed first
	refused int64                                  // requests
}

// throttleKey identifies a client in a network, or a network.
type throttleKey struct {
	network netip.Prefix
	client  [sha256.Size]byte // of the id, which may be any text; zero for the network
}

// failures are the failed requests of a key.
type failures struct {
	count int
	until time.Duration // the end of the delay, or the last failure
	log   time.Duration // of a network: when the next line may be logged
}

func newThrottle() *throttle {
	start := time.Now()
	table, _ := simplelru.NewLRU[throttleKey, *failures](maxFailures, nil) // the size is valid
	return &throttle{elapsed: func() time.Duration { return time.Since(start) }, table: table}
}

// networkOf returns the network of a caller from [net/http.Request.RemoteAddr]: /24 of IPv4 and /56 of IPv6, which is what a
// household or a small company has. Callers without an IP address share the zero network.
func networkOf(remote string) netip.Prefix {
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

func keysOf(clientID string, network netip.Prefix) (client, all throttleKey) {
	return throttleKey{network, sha256.Sum256([]byte(clientID))}, throttleKey{network: network}
}

// wait returns how long a client in a network must wait, 0 if it may try. A caller that has to wait is counted as refused.
func (t *throttle) wait(clientID string, network netip.Prefix) (wait time.Duration) {
	client, all := keysOf(clientID, network)
	t.mu.Lock()
	defer t.mu.Unlock()
	now := t.elapsed()
	for _, key := range []throttleKey{client, all} {
		if f, ok := t.table.Get(key); ok {
			wait = max(wait, f.until-now)
		}
	}
	if wait > 0 {
		t.refused++
	}
	return wait
}

// failed counts a failure of a client in a network.
func (t *throttle) failed(clientID string, network netip.Prefix) {
	client, all := keysOf(clientID, network)
	t.mu.Lock()
	defer t.mu.Unlock()
	now := t.elapsed()
	ofClient, ofNetwork := t.entry(client, now), t.entry(all, now)
	ofClient.fail(now, freeOfClient)
	if ofClient.count <= freeOfClient {
		ofNetwork.fail(now, freeOfNetwork)
	}
	delay := max(ofClient.until, ofNetwork.until) - now
	if delay == 0 || now < ofNetwork.log {
		return
	}
	ofNetwork.log = now + logEvery
	if !clientIDPattern.MatchString(clientID) {
		clientID = "" // any text, of any length
	}
	slog.Warn("token requests are delayed", "network", network, "client", clientID, "delay", delay.String(),
		"client_failures", ofClient.count, "network_failures", ofNetwork.count)
}

// entry returns the failures of a key, without those that are forgotten.
func (t *throttle) entry(key throttleKey, now time.Duration) *failures {
	f, ok := t.table.Get(key)
	if !ok {
		f = &failures{until: now}
		t.table.Add(key, f)
	}
	if now-f.until >= maxDelay {
		f.count = 0
	}
	return f
}

// fail counts one failure: the first ones are free, and each further one doubles the delay.
func (f *failures) fail(now time.Duration, free int) {
	f.count++
	delay := time.Duration(0)
	if beyond := f.count - free; beyond > 0 {
		delay = min(minDelay<<min(beyond-1, 20), maxDelay)
	}
	f.until = max(f.until, now+delay)
}

// succeeded forgets the failures of a client in a network, also for the network: of two programs with one client, one may
// still have the old secret. Those of other clients stay, so that an attacker's own client does not make guesses free.
func (t *throttle) succeeded(clientID string, network netip.Prefix) {
	client, all := keysOf(clientID, network)
	t.mu.Lock()
	defer t.mu.Unlock()
	ofClient, ok := t.table.Peek(client)
	if !ok {
		return
	}
	t.table.Remove(client)
	if ofNetwork, ok := t.table.Peek(all); ok {
		ofNetwork.count = max(0, ofNetwork.count-min(ofClient.count, freeOfClient))
	}
}

// Throttled returns how many token requests were refused because of failures before them.
func (s *Service) Throttled() int64 {
	s.throttle.mu.Lock()
	defer s.throttle.mu.Unlock()
	return s.throttle.refused
}

// throttledError is how long a caller has to wait.
type throttledError time.Duration

// seconds returns the time to wait, rounded up.
func (e throttledError) seconds() int64 {
	return int64((time.Duration(e) + time.Second - 1) / time.Second)
}

func (e throttledError) Error() string {
	return fmt.Sprintf("Sai client_id hoặc client_secret quá nhiều lần, hãy thử lại sau %d giây", e.seconds())
}
