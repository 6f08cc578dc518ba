package webhook

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"
	"unicode"

	"golang.org/x/text/unicode/norm"

	"github.com/taphoa/taphoa"
)

// Guard decides which addresses the deliverer may dial. Registrations come from programs, and a program must not be able
// to reach through the deliverer what it cannot reach itself: the operator's own network, the host, a cloud's metadata.
type Guard struct {
	Allowed []netip.Prefix // private networks that the operator allows; of a cloud's own addresses each by itself alone
	Only    bool           // nothing but Allowed: not the public internet either, for a shop whose events are of tests

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

// platforms are addresses at which clouds give metadata, credentials and settings to their machines. Some are in networks
// that operators use and allow (shared address space, unique local), and some are not private at all.
var platforms = prefixes(
	"169.254.0.0/16", "fe80::/10", // link-local: 169.254.169.254 of nearly all, 169.254.170.2 of AWS, 169.254.0.23 of Tencent
	"fd00:ec2::/32",                            // AWS
	"168.63.129.16/32",                         // Azure
	"fd20:ce::/64",                             // Google
	"192.0.0.192/32", "fd00:c1::a9fe:a9fe/128", // Oracle
	"100.100.100.200/32", "fd00:100::100:200/128", // Alibaba
	"161.26.0.0/16", "166.8.0.0/14", // IBM
	"100.88.222.5/32", "100.96.0.96/32", "100.80.80.80/32", // Tencent, Volcengine, UCloud
	"192.80.8.124/32", "fd00:42::42/128", "fd00:a9fe:a9fe::1/128", // Equinix, Scaleway, Akamai
)

// platformNames are names of the same services.
var platformNames = []string{
	"metadata", "metadata.google.internal", "metadata.goog", "instance-data", "instance-data.ec2.internal", "metadata.tencentyun.com",
	"metadata.azure.internal", "metadata.oraclecloud.com", "api.metadata.cloud.ibm.com", "metadata.packet.net", "metadata.platformequinix.com",
}

// isPlatform reports whether an address is one of a cloud's own, or an IPv6 address through which a gateway reaches one.
func isPlatform(addr netip.Addr) bool {
	addr = addr.Unmap().WithZone("")
	return contains(platforms, addr) || slices.ContainsFunc(embedded(addr), func(a netip.Addr) bool { return contains(platforms, a) })
}

var transition = prefixes("2002::/16", "2001::/32", "64:ff9b:1::/48", "::/3")

// embedded returns the IPv4 addresses that an IPv6 address may contain: in 6to4, Teredo (server, and client inverted), local
// NAT64 (RFC 6052 has five positions; 64 to 71 are zero), the other translations of ::/3, and ISATAP.
func embedded(addr netip.Addr) (list []netip.Addr) {
	b := addr.As16()
	add := func(flip byte, at ...int) {
		list = append(list, netip.AddrFrom4([4]byte{b[at[0]] ^ flip, b[at[1]] ^ flip, b[at[2]] ^ flip, b[at[3]] ^ flip}))
	}
	isatap := (b[8] == 0 || b[8] == 2) && b[9] == 0 && b[10] == 0x5e && b[11] == 0xfe
	switch i := slices.IndexFunc(transition, func(p netip.Prefix) bool { return p.Contains(addr) }); {
	case addr.Is4():
		return nil
	case i == 0:
		add(0, 2, 3, 4, 5)
	case i == 1:
		add(0, 4, 5, 6, 7)
		add(0xff, 12, 13, 14, 15)
	case i == 2:
		add(0, 6, 7, 9, 10)
		add(0, 7, 9, 10, 11)
		add(0, 9, 10, 11, 12)
		add(0, 12, 13, 14, 15)
	case i == 3 || isatap:
		add(0, 12, 13, 14, 15)
	}
	return list
}

func contains(networks []netip.Prefix, addr netip.Addr) bool {
	return slices.ContainsFunc(networks, func(p netip.Prefix) bool { return p.Contains(addr) })
}

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

// ElsewhereError refuses an address that is not in [Guard.Allowed] where [Guard.Only] is set.
type ElsewhereError struct{}

func (*ElsewhereError) Error() string {
	return "gian hàng thử nghiệm chỉ gửi webhook tới chính máy chạy nó, hoặc mạng được cho phép khi khởi động"
}

// Check refuses an address that is not on the public internet, unless its network is allowed, with a [PrivateError]. An address
// of a cloud's own is refused unless it is allowed by itself: who allows its network wants the other machines there.
func (g *Guard) Check(addr netip.Addr) error {
	addr = addr.Unmap().WithZone("")
	switch {
	case g.Only && !contains(g.Allowed, addr):
		return &ElsewhereError{}
	case !g.Only && isPublic(addr), addr.IsValid() && slices.Contains(g.Allowed, networkOf(addr)):
		return nil
	case contains(g.Allowed, addr) && !isPlatform(addr):
		return nil
	}
	return &PrivateError{addr}
}

// isPublic reports whether an address is on the public internet, and not a cloud's own.
func isPublic(addr netip.Addr) bool {
	addr = addr.Unmap().WithZone("")
	return addr.IsValid() && !contains(nonPublic, addr) && !isPlatform(addr)
}

// refusesPlatform reports whether an address is a cloud's own, and not allowed by itself.
func (g *Guard) refusesPlatform(addr netip.Addr) bool {
	return isPlatform(addr) && g.Check(addr) != nil
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

// dial connects to a host that may be dialled.
func (g *Guard) dial(ctx context.Context, network, address string) (net.Conn, error) {
	host, _, err := net.SplitHostPort(address)
	if err == nil {
		err = g.find(ctx, host)
	}
	if err != nil {
		return nil, err
	}
	return g.dialer().DialContext(ctx, network, address)
}

// lookupTimeout is how long a lookup may take, and how long one without an address that may be dialled does take.
const lookupTimeout = time.Second

// find looks a name up and refuses one that has no address which may be dialled, or one of a cloud's own among them. Then it
// takes lookupTimeout, whatever the resolver has answered: a resolver knows the names inside sooner or later than those that
// do not exist.
func (g *Guard) find(ctx context.Context, host string) error {
	if addr, err := netip.ParseAddr(host); err == nil {
		return g.Check(addr)
	}
	limit, cancel := context.WithTimeout(ctx, lookupTimeout)
	defer cancel()
	addrs, err := g.resolver.LookupNetIP(limit, "ip", host)
	if len(addrs) > 0 {
		decisive := slices.IndexFunc(addrs, g.refusesPlatform)
		if decisive < 0 {
			decisive = max(0, slices.IndexFunc(addrs, func(a netip.Addr) bool { return g.Check(a) == nil }))
		}
		err = g.Check(addrs[decisive])
	}
	if err != nil {
		<-limit.Done()
	}
	return err
}

// Refuse refuses to register a URL of a cloud's own address, or of a name that is known for one, however it is spelled.
func (g *Guard) Refuse(to string) error {
	host := literalHost(to)
	addr, err := netip.ParseAddr(host)
	if slices.Contains(platformNames, host) || err == nil && g.refusesPlatform(addr) {
		return taphoa.Refuse(taphoa.CodeValidate, "Url", "Địa chỉ nhận (Url) là địa chỉ nội bộ của nhà cung cấp đám mây, không được đăng ký")
	}
	return nil
}

// literalHost returns the host of a URL, without what IDNA ignores and with the letters that it takes for others, and as an
// address in its usual spelling if some resolver would take it for one: numbers of inet_aton, even those that overflow.
func literalHost(to string) string {
	host, _, _ := strings.Cut(hostOf(to), "%")
	host = strings.Map(func(r rune) rune {
		switch {
		case r == '。':
			return '.'
		case unicode.In(r, unicode.Cf, unicode.Variation_Selector, unicode.Other_Default_Ignorable_Code_Point):
			return -1
		}
		return unicode.ToLower(r)
	}, norm.NFKC.String(host))
	host = strings.TrimSuffix(host, ".")
	if addr, err := netip.ParseAddr(host); err == nil {
		return addr.Unmap().String()
	}
	parts := strings.Split(host, ".")
	var octets [4]byte
	for i, part := range parts {
		n, err := strconv.ParseUint(part, 0, 64)
		if err != nil { // 08 is no octal number
			n, err = strconv.ParseUint(part, 10, 64)
		}
		if err != nil || i > 3 {
			return host
		}
		octets[i] = byte(n)
		for j := 3; i == len(parts)-1 && j >= i; j-- { // the last number has all that is left
			octets[j] = byte(n)
			n >>= 8
		}
	}
	return netip.AddrFrom4(octets).String()
}

// Warning returns a sentence for the client that registers a URL: that the deliverer will not deliver there, and how the
// operator can allow it. It is empty if the URL can be delivered to. It resolves names, so it must not be called in a
// transaction.
func (g *Guard) Warning(ctx context.Context, to string) string {
	u, err := url.Parse(to)
	if err != nil {
		return ""
	}
	err = g.find(ctx, u.Hostname())
	if elsewhere := (*ElsewhereError)(nil); errors.As(err, &elsewhere) {
		return "Webhook đã được đăng ký nhưng sẽ không gửi được: " + elsewhere.Error()
	}
	if err == nil {
		return ""
	}
	return "Webhook đã được đăng ký nhưng sẽ không gửi được: " + unreachable(u.Hostname())
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
