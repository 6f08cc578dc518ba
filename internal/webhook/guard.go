package webhook

import (
	"fmt"
	"net"
	"net/netip"
	"syscall"
	"time"
)

// Guard decides which addresses the courier may dial. Registrations come from programs, and a program must not be able
// to reach through the courier what it cannot reach itself: the operator's own network, the host, a cloud's metadata.
type Guard struct {
	Allowed []netip.Prefix // networks that the operator allows although they are private
}

// refused are the networks that are not the public internet (IANA special-purpose registries), and those that carry IPv4
// addresses inside IPv6.
var refused = prefixes(
	"0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12", "192.0.0.0/24",
	"192.0.2.0/24", "192.31.196.0/24", "192.52.193.0/24", "192.88.99.0/24", "192.168.0.0/16", "192.175.48.0/24",
	"198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24", "224.0.0.0/4", "240.0.0.0/4",
	"::/96", "::ffff:0:0:0/96", "64:ff9b::/96", "64:ff9b:1::/48", "100::/64", "2001::/23", "2001:db8::/32", "2002::/16",
	"3fff::/20", "5f00::/16", "fc00::/7", "fe80::/10", "fec0::/10", "ff00::/8",
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

// Check refuses an address that is not on the public internet, unless its network is allowed.
func (g *Guard) Check(addr netip.Addr) error {
	addr = addr.Unmap().WithZone("")
	for _, p := range g.Allowed {
		if p.Contains(addr) {
			return nil
		}
	}
	if addr.IsValid() && addr.IsGlobalUnicast() && !addr.IsPrivate() {
		public := true
		for _, p := range refused {
			public = public && !p.Contains(addr)
		}
		if public {
			return nil
		}
	}
	return fmt.Errorf("địa chỉ %v thuộc mạng nội bộ, máy chủ không gửi webhook tới đó", addr)
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
	return &net.Dialer{Timeout: 4 * time.Second, Control: g.control}
}
