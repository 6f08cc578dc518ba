package webhook_test

import (
	"context"
	"encoding/binary"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/taphoa/taphoa"
	"github.com/taphoa/taphoa/internal/webhook"
)

// addresses are what a receiver's name may resolve to, and whether it is on the public internet.
var addresses = []struct {
	name, addr string
	public     bool
}{
	{"this host", "0.0.0.0", false},
	{"this network", "0.1.2.3", false},
	{"private 10, first", "10.0.0.0", false},
	{"private 10, last", "10.255.255.255", false},
	{"before private 10", "9.255.255.255", true},
	{"after private 10", "11.0.0.0", true},
	{"carrier-grade NAT, first", "100.64.0.0", false},
	{"carrier-grade NAT, last", "100.127.255.255", false},
	{"before carrier-grade NAT", "100.63.255.255", true},
	{"after carrier-grade NAT", "100.128.0.0", true},
	{"metadata of Alibaba", "100.100.100.200", false},
	{"loopback", "127.0.0.1", false},
	{"loopback, another", "127.8.9.10", false},
	{"loopback, last", "127.255.255.255", false},
	{"after loopback", "128.0.0.1", true},
	{"link-local", "169.254.0.1", false},
	{"metadata of AWS, GCP and Azure", "169.254.169.254", false},
	{"metadata of ECS tasks", "169.254.170.2", false},
	{"private 172, first", "172.16.0.0", false},
	{"private 172, last", "172.31.255.255", false},
	{"before private 172", "172.15.255.255", true},
	{"after private 172", "172.32.0.0", true},
	{"IETF protocols", "192.0.0.8", false},
	{"metadata of Oracle, classic", "192.0.0.192", false},
	{"documentation 1", "192.0.2.1", false},
	{"documentation 2", "198.51.100.7", false},
	{"documentation 3", "203.0.113.9", false},
	{"AS112", "192.31.196.1", false},
	{"AS112, direct", "192.175.48.1", false},
	{"AMT", "192.52.193.1", false},
	{"6to4 relay", "192.88.99.1", false},
	{"private 192", "192.168.1.1", false},
	{"after private 192", "192.169.0.1", true},
	{"benchmarks, first", "198.18.0.0", false},
	{"benchmarks, last", "198.19.255.255", false},
	{"multicast", "224.0.0.1", false},
	{"multicast, last", "239.255.255.255", false},
	{"reserved", "240.0.0.1", false},
	{"broadcast", "255.255.255.255", false},
	{"a public address", "8.8.8.8", true},

	{"IPv6 unspecified", "::", false},
	{"IPv6 loopback", "::1", false},
	{"IPv4 compatible", "::127.0.0.1", false},
	{"IPv4 compatible, public", "::8.8.8.8", false},
	{"IPv4 mapped loopback", "::ffff:127.0.0.1", false},
	{"IPv4 mapped metadata", "::ffff:a9fe:a9fe", false},
	{"IPv4 mapped private", "::ffff:192.168.0.1", false},
	{"IPv4 mapped public", "::ffff:8.8.8.8", true},
	{"IPv4 translated", "::ffff:0:10.0.0.1", false},
	{"NAT64 of loopback", "64:ff9b::127.0.0.1", false},
	{"NAT64 of a public address", "64:ff9b::8.8.8.8", false},
	{"NAT64, local", "64:ff9b:1::10.0.0.1", false},
	{"discard", "100::1", false},
	{"dummy", "100:0:0:1::1", false},
	{"Teredo", "2001::1", false},
	{"benchmarks", "2001:2::1", false},
	{"ORCHID", "2001:20::1", false},
	{"documentation", "2001:db8::1", false},
	{"6to4 of loopback", "2002:7f00:1::1", false},
	{"6to4 of a private address", "2002:c0a8:101::1", false},
	{"a public IPv6 address", "2606:4700:4700::1111", true},
	{"documentation, new", "3fff::1", false},
	{"segment routing", "5f00::1", false},
	{"unique local", "fc00::1", false},
	{"unique local, random", "fd12:3456:789a::1", false},
	{"metadata of AWS, IPv6", "fd00:ec2::254", false},
	{"link-local IPv6", "fe80::1", false},
	{"link-local IPv6 with a zone", "fe80::1%lo", false},
	{"loopback with a zone", "::1%lo", false},
	{"site-local", "fec0::1", false},
	{"multicast, all nodes", "ff02::1", false},
	{"multicast, global", "ff0e::1", false},
}

func TestOnlyPublicAddressesAreAllowed(t *testing.T) {
	guard := webhook.Guard{}
	for _, a := range addresses {
		if err := guard.Check(netip.MustParseAddr(a.addr)); (err == nil) != a.public {
			t.Errorf("%s, %s: %v", a.name, a.addr, err)
		} else if err != nil && strings.Contains(err.Error(), a.addr) {
			t.Errorf("the refusal names the address: %v", err)
		}
	}
	if guard.Check(netip.Addr{}) == nil {
		t.Error("no address is let through")
	}
}

func TestAnAllowedNetworkIsAllowedAndNoOther(t *testing.T) {
	guard := webhook.Guard{Allowed: []netip.Prefix{
		netip.MustParsePrefix("10.1.0.0/16"), netip.MustParsePrefix("fd00:1::/32"), netip.MustParsePrefix("192.168.7.7/32"),
	}}
	for addr, allowed := range map[string]bool{
		"10.1.2.3": true, "::ffff:10.1.2.3": true, "10.2.0.1": false, "fd00:1::5": true, "fd00:2::5": false, "192.168.7.7": true,
		"192.168.7.8": false, "127.0.0.1": false, "::10.1.2.3": false, "64:ff9b::10.1.2.3": false, "8.8.8.8": true,
	} {
		if err := guard.Check(netip.MustParseAddr(addr)); (err == nil) != allowed {
			t.Errorf("%s: %v", addr, err)
		}
	}
}

// names returns a resolver of the given names; what a name resolves to may change between calls.
func names(t *testing.T, known map[string]func() string) *net.Resolver {
	t.Helper()
	server, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { server.Close() })
	go func() {
		for b := make([]byte, 1500); ; {
			n, from, err := server.ReadFrom(b)
			if err != nil {
				return
			}
			_, _ = server.WriteTo(answerName(b[:n], known), from)
		}
	}()
	return &net.Resolver{PreferGo: true, Dial: dialTo(server.LocalAddr().String())}
}

func dialTo(server string) func(context.Context, string, string) (net.Conn, error) {
	return func(ctx context.Context, _, _ string) (net.Conn, error) {
		return new(net.Dialer).DialContext(ctx, "udp", server)
	}
}

// answerName returns the response to a DNS query.
func answerName(query []byte, known map[string]func() string) []byte {
	var labels []string
	at := 12
	for query[at] != 0 {
		labels = append(labels, string(query[at+1:at+1+int(query[at])]))
		at += 1 + int(query[at])
	}
	kind := binary.BigEndian.Uint16(query[at+1:])
	answer := append(append([]byte(nil), query[:2]...), 0x81, 0x80, 0, 1, 0, 0, 0, 0, 0, 0)
	answer = append(answer, query[12:at+5]...)
	lead := known[strings.ToLower(strings.Join(labels, "."))]
	if lead == nil {
		answer[3] = 0x83
		return answer
	}
	addrs := lead()
	if addrs == "fails" {
		answer[3] = 0x82
		return answer
	}
	if kind != 1 && kind != 28 {
		return answer
	}
	wanted := map[uint16]bool{1: true, 28: false}[kind]
	for text := range strings.SplitSeq(addrs, " ") {
		addr := netip.MustParseAddr(text)
		if addr.Is4() != wanted {
			continue
		}
		raw := addr.AsSlice()
		answer = append(answer, 0xc0, 12, 0, byte(kind), 0, 1, 0, 0, 0, 0, 0, byte(len(raw)))
		answer = append(answer, raw...)
		answer[7]++
	}
	return answer
}

// privateServer is a server that must not get a connection.
func privateServer(t *testing.T, addr string) (port string) {
	t.Helper()
	l, err := net.Listen("tcp", addr)
	if err != nil {
		t.Logf("no server at %s: %v", addr, err)
		return ""
	}
	server := &http.Server{Handler: http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		t.Errorf("%s %s has come through to %s", r.Method, r.URL, addr)
	})}
	go func() { _ = server.Serve(l) }()
	t.Cleanup(func() { server.Close() })
	_, port, _ = net.SplitHostPort(l.Addr().String())
	return port
}

// allowedServer is a receiver on an address of its own, which a guard can allow while it refuses the rest of loopback.
func allowedServer(t *testing.T, h http.HandlerFunc) *httptest.Server {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.2:0")
	if err != nil {
		t.Skipf("this system has one loopback address only: %v", err)
	}
	s := httptest.NewUnstartedServer(h)
	s.Listener.Close()
	s.Listener = l
	s.Start()
	t.Cleanup(s.Close)
	return s
}

// privateURLs spell a private address in some way, or resolve to one. P is the port of the private server.
var privateURLs = map[string]string{
	"loopback":                      "http://127.0.0.1:P/",
	"loopback over TLS":             "https://127.0.0.1:P/",
	"loopback in IPv6":              "http://[::1]:P/",
	"loopback in IPv6, long":        "http://[0:0:0:0:0:0:0:1]:P/",
	"loopback with a zone":          "http://[::1%25lo]:P/",
	"link-local with a zone":        "http://[fe80::1%25lo]:P/",
	"mapped":                        "http://[::ffff:127.0.0.1]:P/",
	"mapped, in hex":                "http://[::ffff:7f00:1]:P/",
	"compatible":                    "http://[::127.0.0.1]:P/",
	"this host":                     "http://0.0.0.0:P/",
	"this host in IPv6":             "http://[::]:P/",
	"decimal":                       "http://2130706433:P/",
	"octal":                         "http://0177.0.0.1:P/",
	"octal, long":                   "http://00000177.0.0.1:P/",
	"hex":                           "http://0x7f.0.0.1:P/",
	"hex in one":                    "http://0x7f000001:P/",
	"short":                         "http://127.1:P/",
	"zero":                          "http://0:P/",
	"too large octets":              "http://383.0.0.1:P/",
	"wide digits":                   "http://１２７.0.0.1:P/",
	"ideographic dots":              "http://127。0。0。1:P/",
	"circled digits":                "http://①②⑦.0.0.1:P/",
	"trailing dot":                  "http://127.0.0.1.:P/",
	"localhost":                     "http://localhost:P/",
	"user information":              "http://example.com@127.0.0.1:P/",
	"user information with a port":  "http://example.com:80@127.0.0.1:P/",
	"user information, encoded":     "http://example.com%2F@127.0.0.1:P/",
	"fragment":                      "http://127.0.0.1:P#@example.com/",
	"query":                         "http://127.0.0.1:P?@example.com/",
	"a name of loopback":            "http://inside.test:P/",
	"a name of a private address":   "http://private.test:P/",
	"a name of IPv6 loopback":       "http://six.test:P/",
	"a name of the metadata":        "http://metadata.google.internal/computeMetadata/v1/",
	"a name of both":                "http://both.test:P/",
	"a name in capitals":            "http://INSIDE.TEST:P/",
	"a name with a dot after it":    "http://inside.test.:P/",
	"a name of a mapped address":    "http://mapped.test:P/",
	"metadata":                      "http://169.254.169.254/latest/meta-data/",
	"metadata in hex":               "http://0xa9fea9fe/",
	"private":                       "http://10.0.0.1/",
	"private, another":              "http://192.168.0.1:8080/",
	"carrier-grade NAT":             "http://100.64.0.1/",
	"broadcast":                     "http://255.255.255.255/",
	"multicast":                     "http://224.0.0.1/",
	"benchmarks":                    "http://198.18.0.1/",
	"documentation":                 "http://203.0.113.1/",
	"unique local":                  "http://[fd00::1]/",
	"NAT64":                         "http://[64:ff9b::7f00:1]:P/",
	"6to4":                          "http://[2002:7f00:1::]:P/",
	"Teredo":                        "http://[2001:0:7f00:1::]:P/",
	"a port of something else, SSH": "http://127.0.0.1:22/",
}

func TestNoSpellingOfAPrivateAddressIsDialled(t *testing.T) {
	eachShop(t, func(s shop) {
		port := privateServer(s.T, "127.0.0.1:0")
		privateServer(s.T, "[::1]:"+port)
		known := map[string]func() string{}
		for name, lead := range map[string]string{ // numbers as inet_aton reads them
			"inside.test": "127.0.0.1", "private.test": "10.0.0.1", "six.test": "::1", "both.test": "127.0.0.1 ::1",
			"metadata.google.internal": "169.254.169.254", "mapped.test": "::ffff:127.0.0.1", "localhost": "127.0.0.1",
			"2130706433": "127.0.0.1", "0177.0.0.1": "127.0.0.1", "00000177.0.0.1": "127.0.0.1", "0x7f.0.0.1": "127.0.0.1",
			"0x7f000001": "127.0.0.1", "127.1": "127.0.0.1", "0": "0.0.0.0", "383.0.0.1": "127.0.0.1", "0xa9fea9fe": "169.254.169.254",
		} {
			known[name] = func() string { return lead }
		}
		ids := map[string]int64{}
		for name, url := range privateURLs {
			ids[name] = s.register(strings.ReplaceAll(url, "P", port))
		}
		s.emit(1)
		s.startDeliverer(webhook.Options{Guard: webhook.Guard{Allowed: []netip.Prefix{}}.With(names(s.T, known)), Timeout: 2 * time.Second})
		for name, id := range ids {
			s.until(name+" is tried", func() bool { return len(s.log(id)) > 0 })
			d := s.log(id)[0]
			failure := d.Error.Or("")
			refused := strings.Contains(failure, "mạng nội bộ") || strings.Contains(failure, "không tìm thấy máy")
			if d.Outcome != taphoa.DeliveryFailed || d.Status.Has() || !refused {
				s.Errorf("%s, %s: %+v", name, d.URL, d)
			}
			if strings.Contains(failure, "127.0.0.1") && !strings.Contains(d.URL, "127.0.0.1") || strings.Contains(failure, ":53") {
				s.Errorf("%s: the log shows what a name resolves to inside: %s", name, failure)
			}
		}
	})
}

func TestANameThatResolvesToAPrivateAddressLaterIsRefused(t *testing.T) {
	eachShop(t, func(s shop) {
		var requests atomic.Int64
		good := allowedServer(s.T, func(w http.ResponseWriter, _ *http.Request) {
			requests.Add(1)
			w.Header().Set("Connection", "close") // so that the name is resolved again
		})
		_, port, _ := net.SplitHostPort(good.Listener.Addr().String())
		privateServer(s.T, "127.0.0.1:"+port)
		var rebound atomic.Bool
		known := map[string]func() string{"rebind.test": func() string {
			if rebound.Load() {
				return "127.0.0.1"
			}
			return "127.0.0.2"
		}}
		id := s.register("http://rebind.test:" + port + "/")
		allowed := webhook.Guard{Allowed: []netip.Prefix{netip.MustParsePrefix("127.0.0.2/32")}}
		s.startDeliverer(webhook.Options{Guard: allowed.With(names(s.T, known))})
		s.emit(1)
		s.until("the first is delivered", func() bool { return len(s.log(id)) == 1 })
		rebound.Store(true)
		s.emit(2)
		s.until("the second is tried", func() bool { return len(s.log(id)) == 2 })
		if log := s.log(id); requests.Load() != 1 || log[0].Outcome != taphoa.DeliveryDone || !strings.Contains(log[1].Error.Or(""), "mạng nội bộ") {
			s.Errorf("the log is %+v", log)
		}
	})
}

func TestRedirectsAreNotFollowed(t *testing.T) {
	eachShop(t, func(s shop) {
		port := privateServer(s.T, "127.0.0.1:0")
		var ids []int64
		for _, status := range []int{301, 302, 303, 307, 308} {
			good := allowedServer(s.T, func(w http.ResponseWriter, r *http.Request) {
				http.Redirect(w, r, "http://127.0.0.1:"+port+"/", status)
			})
			ids = append(ids, s.register(fmt.Sprint(good.URL, "/", status)))
		}
		s.emit(1)
		s.startDeliverer(webhook.Options{Guard: webhook.Guard{Allowed: []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}}})
		for _, id := range ids {
			s.until("it is tried", func() bool { return len(s.log(id)) == 1 })
			d := s.log(id)[0]
			if d.Outcome != taphoa.DeliveryFailed || !strings.Contains(d.Error.Or(""), "không đi theo chuyển hướng") || d.Status.Or(0) < 300 {
				s.Errorf("%+v", d)
			}
		}
	})
}

func TestWhatIsNoWebAddressIsNotRegistered(t *testing.T) {
	for _, url := range []string{
		"", "x", "//127.0.0.1/", "ftp://127.0.0.1/", "file:///etc/passwd", "gopher://127.0.0.1:6379/_FLUSHALL", "javascript:alert(1)",
		"http://", "http:///path", "http:127.0.0.1", "http://a b/", "http://a/\r\nHost: b", "http://[::1/", "http://a:port/",
		"http://127.0.0.1\\@example.com/", "unix:///var/run/docker.sock", "data:text/plain,x", "HTTPS", "http://%zz/",
		"http://%31%32%37.0.0.1/", "http://a:0/", "http://a:65536/", "http://a:99999/hook", "https://[2606:4700::1]:70000/",
	} {
		in := taphoa.WebhookInput{WebhookWrite: taphoa.WebhookWrite{Type: taphoa.Some("customer.update"), URL: taphoa.Some(url)}}
		if in.Validate() == nil {
			t.Errorf("%q is taken", url)
		}
	}
}
