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
// not lock out others there.
const (
	freeOfClient  = 5
	freeOfNetwork = 20

	minDelay = time.Second
	maxDelay = 15 * time.Minute // also how long nothing may fail, after the delay, until failures are forgotten

	maxAttempts = 1 << 15     // entries of the table; all have the same size, together some 10 MiB
	logEvery    = time.Minute // for each network
	logMinGap   = time.Second // for all
)

// throttle delays callers that fail to authenticate, by client and network, so that no caller locks out a client elsewhere.
// It is safe for concurrent use; elapsed must not go backwards.
type throttle struct {
	elapsed func() time.Duration // a monotonic clock

	mu      sync.Mutex
	table   *simplelru.LRU[throttleKey, *attempts] // the least recent entry is removed first
	nextLog time.Duration                          // when the next line may be logged
	refused int64                                  // requests
}

// throttleKey identifies a client in a network, or a network.
type throttleKey struct {
	network netip.Prefix
	client  [sha256.Size]byte // of the id, which may be any text; zero for the network
}

// attempts are the token requests of a key.
type attempts struct {
	failures  int
	until     time.Duration // the end of the delay, or the last failure
	succeeded bool          // of a client: it has had a token, so its network's delay is not for it
	nextLog   time.Duration // of a network
}

func newThrottle() *throttle {
	start := time.Now()
	table, _ := simplelru.NewLRU[throttleKey, *attempts](maxAttempts, nil) // the size is valid
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
func (t *throttle) wait(clientID string, network netip.Prefix) time.Duration {
	client, all := keysOf(clientID, network)
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.refuse(client, all, t.elapsed())
}

func (t *throttle) refuse(client, all throttleKey, now time.Duration) (wait time.Duration) {
	ofClient, known := t.table.Get(client)
	if known {
		wait = max(0, ofClient.until-now)
	}
	if ofNetwork, ok := t.table.Get(all); ok && !(known && ofClient.succeeded) {
		wait = max(wait, ofNetwork.until-now)
	}
	if wait > 0 {
		t.refused++
	}
	return wait
}

// settle counts an attempt whose credentials were compared, unless it must wait after all, like [throttle.wait]: those that
// were compared meanwhile have used up the free ones. Its answer must then not depend on the comparison.
func (t *throttle) settle(clientID string, network netip.Prefix, accepted bool) (wait time.Duration) {
	client, all := keysOf(clientID, network)
	t.mu.Lock()
	defer t.mu.Unlock()
	now := t.elapsed()
	if wait = t.refuse(client, all, now); wait > 0 {
		return wait
	}
	ofClient := t.entry(client, now)
	if accepted {
		*ofClient = attempts{succeeded: true, until: now}
		return 0
	}
	ofNetwork := t.entry(all, now)
	ofClient.fail(now, freeOfClient)
	if ofClient.failures <= freeOfClient {
		ofNetwork.fail(now, freeOfNetwork)
	}
	t.log(clientID, network, ofClient, ofNetwork, now)
	return 0
}

// entry returns the attempts of a key, without failures that are forgotten.
func (t *throttle) entry(key throttleKey, now time.Duration) *attempts {
	a, ok := t.table.Get(key)
	if !ok {
		a = &attempts{until: now}
		t.table.Add(key, a)
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

// log logs a failure that is followed by a delay, if it is time for a line.
func (t *throttle) log(clientID string, network netip.Prefix, ofClient, ofNetwork *attempts, now time.Duration) {
	delay := max(ofClient.until, ofNetwork.until) - now
	if delay == 0 || now < max(t.nextLog, ofNetwork.nextLog) {
		return
	}
	t.nextLog, ofNetwork.nextLog = now+logMinGap, now+logEvery
	if !clientIDPattern.MatchString(clientID) {
		clientID = "" // any text, of any length
	}
	slog.Warn("token requests are delayed", "network", network, "client", clientID, "delay", delay.String(),
		"client_failures", ofClient.failures, "network_failures", ofNetwork.failures)
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
