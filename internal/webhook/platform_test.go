package webhook_test

import (
	"net/http"
	"net/netip"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/taphoa/taphoa"
	"github.com/taphoa/taphoa/internal/dbtest"
	"github.com/taphoa/taphoa/internal/webhook"
)

// cloudAddresses are a cloud's own addresses, and IPv6 addresses through which some network reaches one. No test dials them.
var cloudAddresses = []string{
	"169.254.169.254", "169.254.170.2", "169.254.170.23", "169.254.0.23", "169.254.42.42", "169.254.255.255", "168.63.129.16",
	"100.100.100.200", "192.0.0.192", "100.96.0.96", "100.80.80.80", "100.88.222.5", "192.80.8.124", "161.26.0.10", "166.9.14.2",
	"fd00:ec2::254", "fd00:ec2::23", "fd00:ec2::253", "fd20:ce::254", "fd00:c1::a9fe:a9fe", "fd00:100::100:200", "fd00:42::42",
	"fd00:a9fe:a9fe::1", "fe80::a9fe:a9fe", "fe80::1%lo",
	"::ffff:169.254.169.254", "::ffff:a83f:8110", "::169.254.169.254", "::ffff:0:100.100.100.200", "64:ff9b::168.63.129.16",
	"64:ff9b:1::192.0.0.192", "64:ff9b:1:a9fe:a9:fe00::", "64:ff9b:1:7:a9:fea9:fe00:0", "2002:a9fe:a9fe::1", "2002:a83f:8110:1:2:3:4:5",
	"2001:0:a9fe:a9fe::1", "2001:0:1:2:3:4:5601:5601", "2606:4700::5efe:169.254.169.254", "2606:4700::200:5efe:168.63.129.16", "fd12::5efe:100.100.100.200",
}

func TestACloudsAddressesAreOpenedByThemselvesAlone(t *testing.T) {
	var everything, broad []netip.Prefix
	for _, text := range []string{"0.0.0.0/0", "::/0"} {
		everything = append(everything, netip.MustParsePrefix(text))
	}
	for _, text := range []string{"100.64.0.0/10", "169.254.0.0/16", "169.254.169.254/31", "fd00::/8", "64:ff9b::/96", "168.63.129.16/31", "fe80::/10", "fd00:ec2::254/127"} {
		broad = append(broad, netip.MustParsePrefix(text))
	}
	for _, text := range cloudAddresses {
		addr := netip.MustParseAddr(text)
		to := netip.AddrPortFrom(addr, 80).String()
		alone := netip.PrefixFrom(addr.Unmap().WithZone(""), addr.Unmap().BitLen())
		for what, allowed := range map[string][]netip.Prefix{"nothing": nil, "everything": everything, "networks": broad} {
			if (webhook.Guard{Allowed: allowed}).Control("tcp", to) == nil {
				t.Errorf("%s is dialled, allowed is %s", to, what)
			}
		}
		if err := (webhook.Guard{Allowed: []netip.Prefix{alone}}).Control("tcp", to); err != nil {
			t.Errorf("%s, allowed by itself: %v", to, err)
		}
	}
	for _, text := range []string{
		"100.100.100.199", "100.64.0.1", "168.63.129.15", "192.0.0.193", "fd00:ec3::1", "fd00:42::1", "64:ff9b::10.0.0.1", "2606:4700::a9fe:a9fe", "10.0.0.1",
	} {
		if err := (webhook.Guard{Allowed: everything}).Control("tcp", netip.AddrPortFrom(netip.MustParseAddr(text), 80).String()); err != nil {
			t.Errorf("%s, although all is allowed: %v", text, err)
		}
	}
}

func TestURLsOfCloudsAreNotRegistered(t *testing.T) {
	urls := []string{
		"http://metadata.google.internal/computeMetadata/v1/", "http://METADATA.google.internal.:80/", "http://metadata/", "https://metadata.goog/",
		"http://metadata.tencentyun.com/latest", "http://instance-data/", "http://a:b@metadata.packet.net/", "http://ｍetadata.goog/",
		"http://2852039166/", "http://0xa9fea9fe/", "http://0XA9FEA9FE/", "http://0251.0376.0251.0376/", "http://0xa9.0xfe.0xa9.0xfe/",
		"http://169.254.43518/", "http://169.16689662/", "http://169.254.169.254./", "http://025177524776/", "http://169.0xfe.0251.254/",
		"http://7147006462/", "http://425.510.425.510/", "http://0169.254.0169.254/", "http://meta\u00addata.google\u200b.internal/", "http://metadata\ufe0f.goog/",
		"http://１６９.254.169.254/", "http://169。254。169。254/", "http://169｡254．169.254/", "http://①⑥⑧.63.129.16/",
		"http://u:p@168.63.129.16:32526/", "https://[::ffff:a9fe:a9fe%25eth0]/", "http://0x646464c8/", "http://100.100.25800/",
	}
	for _, text := range cloudAddresses {
		host := strings.ReplaceAll(text, "%", "%25")
		if strings.Contains(text, ":") {
			host = "[" + host + "]"
		}
		urls = append(urls, "http://"+host+"/", "https://lan:x@"+strings.ToUpper(host)+":8443/hook")
	}
	for _, to := range urls {
		in := taphoa.WebhookInput{WebhookWrite: taphoa.WebhookWrite{URL: taphoa.Some(to)}}
		if in.Validate() == nil && (&webhook.Guard{}).Refuse(to) == nil {
			t.Errorf("%s may be registered", to)
		}
	}
	for _, to := range []string{
		"https://shop.vn/169.254.169.254", "http://10.0.0.1/", "http://127.0.0.1/", "http://100.64.0.1/", "http://192.168.1.1?@169.254.169.254",
		"http://metadata.shop.vn/", "http://169.254.169.254.nip.io/", "http://0xa9fea9ff0/", "http://1.2.3.4.5/", "http://[fd00::1]/", "http://08.8.8.8/", "http://2852039166.vn/",
	} {
		if err := (&webhook.Guard{}).Refuse(to); err != nil {
			t.Errorf("%s: %v", to, err)
		}
	}
	for to, allowed := range map[string]string{"http://169.254.7.7/": "169.254.7.7/32", "http://[fd00:ec2::254]/": "fd00:ec2::254/128"} {
		if err := (&webhook.Guard{Allowed: []netip.Prefix{netip.MustParsePrefix(allowed)}}).Refuse(to); err != nil {
			t.Errorf("%s, allowed by itself: %v", to, err)
		}
	}
}

// TestACloudIsNotReachedThroughARedirectOrAName has receivers that redirect to it, a name that becomes its name between the
// lookup and the connection, and names that are its name among others.
func TestACloudIsNotReachedThroughARedirectOrAName(t *testing.T) {
	eachShop(t, func(s shop) {
		good := allowedServer(s.T, func(http.ResponseWriter, *http.Request) { s.Error("a name of a cloud's address is dialled") })
		var lookups atomic.Int64
		known := map[string]func() string{"rebind.test": func() string {
			if lookups.Add(1) <= 2 { // of both kinds of addresses
				return "127.0.0.2"
			}
			return "169.254.169.254"
		}}
		for host, addrs := range map[string]string{
			"last.test": "127.0.0.2 169.254.169.254", "first.test": "169.254.170.2 127.0.0.2", "six.test": "127.0.0.2 fd00:ec2::254",
			"mapped.test": "::ffff:100.100.100.200 127.0.0.2",
		} {
			known[host] = func() string { return addrs }
		}
		ids := map[string]int64{}
		for host := range known {
			ids[host] = s.register("http://" + host + good.URL[strings.LastIndex(good.URL, ":"):] + "/")
		}
		requests := map[string]*receiver{}
		for _, location := range []string{"http://169.254.169.254/latest/", "http://[fd00:ec2::254]/x", "//100.100.100.200/", "http://metadata:%zz/", "http://[::1/bad"} {
			r := newReceiver(s.T, func(w http.ResponseWriter, _ *http.Request) {
				w.Header().Set("Location", location)
				w.WriteHeader(307)
			})
			ids[location], requests[location] = s.register(r.URL), r
		}
		var log dbtest.Log
		s.startDeliverer(webhook.Options{
			Log: log.Logger(), Guard: webhook.Guard{Allowed: []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}}.With(names(s.T, known)),
		})
		s.emit(1)
		for to, id := range ids {
			s.until("it is tried", func() bool { return len(s.log(id)) > 0 })
			d, want := s.log(id)[0], "mạng nội bộ"
			if r := requests[to]; r != nil {
				want = "không đi theo chuyển hướng"
				if len(r.all()) != 1 || d.Status.Or(0) != 307 || strings.Contains(s.shownOf(id)+log.String(), to) {
					s.Errorf("%s: %d requests, %s", to, len(r.all()), s.shownOf(id))
				}
			}
			if d.Outcome != taphoa.DeliveryFailed || !strings.Contains(d.Error.Or(""), want) {
				s.Errorf("%s: %+v", to, d)
			}
		}
		for _, addr := range []string{"169.254.169.254", "169.254.170.2", "fd00:ec2::254", "100.100.100.200"} {
			if !strings.Contains(log.String(), addr+" is an internal address of a cloud, --webhook-allow "+networkOf(addr)+" would allow it") {
				s.Errorf("the log has no %s: %s", addr, log.String())
			}
		}
	})
}

func networkOf(addr string) string {
	a := netip.MustParseAddr(addr)
	return netip.PrefixFrom(a, a.BitLen()).String()
}
