package webhook_test

import (
	"net/netip"
	"testing"

	"github.com/taphoa/taphoa/internal/webhook"
)

// FuzzGuard dials no address that the standard library knows as one of the inside, in no spelling, whatever is allowed
// elsewhere; and each that is allowed, a cloud's own by itself alone.
func FuzzGuard(f *testing.F) {
	for _, seed := range []string{
		"8.8.8.8", "127.0.0.1", "10.1.2.3", "169.254.169.254", "0.0.0.0", "255.255.255.255", "224.0.0.1", "100.100.100.200",
		"2606:4700::1111", "::1", "fe80::1", "fd00:ec2::254", "ff02::1", "::ffff:127.0.0.1", "64:ff9b::a00:1", "2002:7f00:1::", "::", "2001::1",
	} {
		addr := netip.MustParseAddr(seed)
		f.Add(addr.AsSlice(), uint8(addr.BitLen()))
	}
	f.Fuzz(func(t *testing.T, bytes []byte, bits uint8) {
		addr, ok := netip.AddrFromSlice(bytes)
		if !ok {
			return
		}
		plain := addr.Unmap()
		inside := plain.IsPrivate() || plain.IsLoopback() || plain.IsLinkLocalUnicast() || plain.IsMulticast() || plain.IsUnspecified() || !plain.IsGlobalUnicast()
		var guard webhook.Guard
		err := guard.Check(addr)
		if inside && err == nil {
			t.Fatalf("%s is dialled", addr)
		}
		for _, same := range []netip.Addr{plain, netip.AddrFrom16(addr.As16()), netip.AddrFrom16(addr.As16()).WithZone("eth0")} {
			if other := guard.Check(same); (other == nil) != (err == nil) {
				t.Fatalf("%s: %v, but as %s: %v", addr, err, same, other)
			}
		}
		if network, bad := plain.Prefix(int(bits)); bad == nil {
			guard.Allowed = []netip.Prefix{network}
			if err, itself := guard.Check(addr), network.IsSingleIP(); (err != nil) != (webhook.IsPlatform(plain) && !itself) {
				t.Fatalf("%s with %s allowed: %v", addr, network, err)
			}
		}
	})
}
