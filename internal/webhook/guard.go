package webhook

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"net/url"
	"slices"
	"syscall"
	"time"
)

// Guard decides which addresses the deliverer may dial. Registrations come from programs, and a program must not be able
// to reach through the deliverer what it cannot reach itself: the operator's own network, the host, a cloud's metadata.
type Guard struct {
	Allowed []netip.Prefix // private networks that the operator allows

	resolver *net.Resolver // nil: the system's
}

// nonPublic are the networks that are not the public internet (IANA special-purpose registries). Of IPv6 only 2000::/3 is
// public, except for its special networks; this also covers the ways to write an IPv4 address inside an IPv6 one.
var nonPublic = prefixes(
	"0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12", "192.0.0.0/24",
	"192.0.2.0/24", "192.31.196.0/24", "192.52.193.0/24", "192.88.99.0/24", "192.168.0.0/16", "192.175.48.0/24",
	"198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24", "224.0.0.0/4", "240.0.0.0/4",
	"::/3", "2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20", "4000::/2", "8000::/1",
)

func prefixes(texts ...string) []netip.Prefix {
	list := make([]netip.Prefix, len(texts))
	for i, text := range texts {
		list[i] = netip.MustParsePrefix(text)
	}
	return list
}

// Loopback returns the networks of the host itself.
func Loopback() []netip.Prefix { return prefixes("127.0.0.0/8", "::1/128") }

// PrivateError refuses an address that is not on the public internet. Its sentence does not name the address: a client that
// registers a name must not learn what it resolves to inside.
type PrivateError struct{ Addr netip.Addr }

func (*PrivateError) Error() string {
	return "địa chỉ thuộc mạng nội bộ, máy chủ không gửi webhook tới đó"
}

// Check refuses an address that is not on the public internet, unless its network is allowed, with a [PrivateError].
func (g *Guard) Check(addr netip.Addr) error {
	addr = addr.Unmap().WithZone("")
	contains := func(p netip.Prefix) bool { return p.Contains(addr) }
	if addr.IsValid() && (slices.ContainsFunc(g.Allowed, contains) || !slices.ContainsFunc(nonPublic, contains)) {
		return nil
	}
	return &PrivateError{addr}
}

// control is called with each resolved address just before it is dialled, so that a name that resolves differently later
// or elsewhere cannot get around the check.
func (g *Guard) control(network, address string, _ syscall.RawConn) error {
	to, err := netip.ParseAddrPort(address)
	if err != nil {
		return fmt.Errorf("%s %s: %w", network, address, err)
	}
	return g.Check(to.Addr())
}

func (g *Guard) dialer() *net.Dialer {
	return &net.Dialer{Timeout: 4 * time.Second, Control: g.control, Resolver: g.resolver}
}

// lookupTimeout bounds how long a registration waits for the resolver.
const lookupTimeout = time.Second

// Warning returns a sentence for the client that registers a URL: that the deliverer will not deliver there, and how the
// operator can allow it. It is empty if the URL can be delivered to, or the resolver fails. It resolves names, so it must not
// be called in a transaction.
func (g *Guard) Warning(ctx context.Context, to string) string {
	u, err := url.Parse(to)
	if err != nil {
		return ""
	}
	host := u.Hostname()
	addrs := []netip.Addr{{}}
	if addrs[0], err = netip.ParseAddr(host); err != nil {
		ctx, cancel := context.WithTimeout(ctx, lookupTimeout)
		defer cancel()
		addrs, err = g.resolver.LookupNetIP(ctx, "ip", host)
		if none := (*net.DNSError)(nil); err != nil && !(errors.As(err, &none) && none.IsNotFound) {
			return "" // not known, for now
		}
	}
	if slices.ContainsFunc(addrs, func(a netip.Addr) bool { return g.Check(a) == nil }) {
		return ""
	}
	return "Webhook đã được đăng ký nhưng sẽ không gửi được: " + unreachable(host)
}

// unreachable returns why nothing is delivered to a host, and how the operator allows it. For a name it does not distinguish
// one that does not exist from one with a private address, so that clients cannot list the names inside.
func unreachable(host string) string {
	addr, err := netip.ParseAddr(host)
	network := "MẠNG"
	if err == nil && !addr.Is4In6() {
		network = networkOf(addr).String()
	}
	allow := "mà người vận hành máy chủ chưa cho phép bằng taphoa serve --webhook-allow " + network
	if err != nil {
		return fmt.Sprintf("không tìm thấy máy %s, hoặc máy đó thuộc mạng nội bộ %s", host, allow)
	}
	return fmt.Sprintf("địa chỉ %s thuộc mạng nội bộ %s", host, allow)
}

// networkOf returns the network of one address, as --webhook-allow takes it.
func networkOf(addr netip.Addr) netip.Prefix {
	addr = addr.Unmap().WithZone("")
	return netip.PrefixFrom(addr, addr.BitLen())
}
