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

// Guard decides which addresses the courier may dial. Registrations come from programs, and a program must not be able
// to reach through the courier what it cannot reach itself: the operator's own network, the host, a cloud's metadata.
type Guard struct {
	Allowed []netip.Prefix // networks that the operator allows although they are private

	resolver *net.Resolver // of names; nil: the machine's
}

// refused are the networks that are not the public internet (IANA special-purpose registries). Of IPv6 only 2000::/3 is,
// without what is special there; this refuses the ways to write an IPv4 address inside an IPv6 one, too.
var refused = prefixes(
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

// Loopback are the networks of the host itself.
func Loopback() []netip.Prefix { return prefixes("127.0.0.0/8", "::1/128") }

// PrivateError refuses an address that is not on the public internet. Its sentence does not name the address: who
// registers a name must not learn what it means inside.
type PrivateError struct{ Addr netip.Addr }

func (*PrivateError) Error() string {
	return "địa chỉ thuộc mạng nội bộ, máy chủ không gửi webhook tới đó"
}

// Check refuses an address that is not on the public internet, unless its network is allowed, with a [PrivateError].
func (g *Guard) Check(addr netip.Addr) error {
	addr = addr.Unmap().WithZone("")
	holds := func(p netip.Prefix) bool { return p.Contains(addr) }
	if addr.IsValid() && (slices.ContainsFunc(g.Allowed, holds) || !slices.ContainsFunc(refused, holds)) {
		return nil
	}
	return &PrivateError{addr}
}

// control is called with each address that a name has led to, just before it is dialled: what the name says later, or
// to somebody else, does not matter.
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

// lookupTime bounds how long a registration may wait for what its name means.
const lookupTime = time.Second

// Warning is what whoever registers a URL has to know at once: that the courier will not deliver there, and what the
// operator can do. It is empty when nothing is known against it. A name is looked up, so this is not for transactions.
func (g *Guard) Warning(ctx context.Context, to string) string {
	u, err := url.Parse(to)
	if err != nil {
		return ""
	}
	host := u.Hostname()
	addrs := []netip.Addr{{}}
	if addrs[0], err = netip.ParseAddr(host); err != nil {
		ctx, cancel := context.WithTimeout(ctx, lookupTime)
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

// unreachable says why nothing is delivered to a host, and how the operator allows it. Of a name it does not tell whether
// there is none or whether it leads to a private address: the names inside are not for those who register.
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

// networkOf is how --webhook-allow names an address alone.
func networkOf(addr netip.Addr) netip.Prefix {
	addr = addr.Unmap().WithZone("")
	return netip.PrefixFrom(addr, addr.BitLen())
}
