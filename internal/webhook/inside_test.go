package webhook_test

import (
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"os"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/taphoa/taphoa/internal/dbtest"
	"github.com/taphoa/taphoa/internal/webhook"
)

// TestNamesInsideCannotBeTold compares what a client sees of names that exist inside, with something that listens there or
// not, with what it sees of a name that no host has.
func TestNamesInsideCannotBeTold(t *testing.T) {
	eachShop(t, func(s shop) {
		var accepted atomic.Int64
		inside := httptest.NewUnstartedServer(http.NotFoundHandler())
		inside.Config.ConnState = func(_ net.Conn, state http.ConnState) {
			if state == http.StateNew {
				accepted.Add(1)
			}
		}
		inside.StartTLS()
		s.Cleanup(inside.Close)
		port := fmt.Sprint(inside.Listener.Addr().(*net.TCPAddr).Port)
		hosts := map[string]func() string{}
		for host, addr := range map[string]string{
			"tls.test": "127.0.0.1", "ten.test": "10.1.2.3", "cloud.test": "169.254.169.254", "six.test": "fd00::1", "many.test": "10.1.2.3 10.1.2.4", "sick.test": "fails",
		} {
			hosts[host] = func() string { return addr }
		}
		ids := map[int64]string{}
		for host := range hosts {
			ids[s.register("https://"+host+":"+port+"/")] = host
			ids[s.register("http://"+host+":1/")] = host
		}
		nowhere := s.register("http://nowhere.test/")
		ids[nowhere] = "nowhere.test"
		var log dbtest.Log
		s.startDeliverer(webhook.Options{Log: log.Logger(), Guard: webhook.Guard{Allowed: []netip.Prefix{}}.With(names(s.T, hosts))})
		s.emit(1)
		s.until("nowhere is tried", func() bool { return len(s.log(nowhere)) > 0 })
		want := s.log(nowhere)[0].Error.Or("")
		for id, host := range ids {
			s.until(host+" is tried", func() bool { return len(s.log(id)) > 0 })
			d, w := s.log(id)[0], s.registration(id)
			took := time.Duration(d.Duration) * time.Microsecond
			if got := strings.ReplaceAll(d.Error.Or(""), host, "nowhere.test"); got != want || w.LastError != d.Error || d.Status.Has() || d.Answer.Has() {
				s.Errorf("%s: %+v, %q instead of %q", host, d, got, want)
			}
			if took < webhook.LookupTimeout || took > 3*webhook.LookupTimeout && !dbtest.RaceDetector {
				s.Errorf("%s takes %v", host, took)
			}
		}
		if accepted.Load() != 0 {
			s.Errorf("%d connections", accepted.Load())
		}
		for _, truth := range []string{"127.0.0.1 is a private address", "10.1.2.3 is a private address", "169.254.169.254 is an internal", `"reason":"no such host"`, `"reason":"server misbehaving"`} {
			s.until("the operator's log has "+truth, func() bool { return strings.Contains(log.String(), truth) }) // which is written after what is stored
		}
	})
}

// TestWhatListensInsideCannotBeTold has a network that is allowed, and ports there that fail in every way.
func TestWhatListensInsideCannotBeTold(t *testing.T) {
	eachShop(t, func(s shop) {
		closed, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			s.Fatal(err)
		}
		closed.Close()
		withTLS := func(last uint16) string {
			server := httptest.NewUnstartedServer(http.NotFoundHandler())
			server.Config.ErrorLog = log.New(io.Discard, "", 0)
			server.TLS = &tls.Config{MaxVersion: last} //nolint:gosec // an old version must be refused
			server.StartTLS()
			s.Cleanup(server.Close)
			return server.URL
		}
		over := make(chan struct{})
		hangs := func(_ http.ResponseWriter, r *http.Request) {
			select {
			case <-r.Context().Done():
			case <-over:
			}
		}
		urls := map[string]string{
			"closed": "http://" + closed.Addr().String(), "closed, TLS": "https://" + closed.Addr().String(),
			"hangs": newReceiver(s.T, hangs).URL, "resets": newReceiver(s.T, raw("", 0)).URL, "closes": newReceiver(s.T, raw("", -1)).URL,
			"speaks SSH": newReceiver(s.T, raw("SSH-2.0-OpenSSH_9.6\r\n", -1)).URL, "speaks SMTP": newReceiver(s.T, raw("220 ready\r\n", -1)).URL,
			"a database": newReceiver(s.T, raw("J\x00\x00\x00\n8.0.36\x00", -1)).URL, "no TLS": strings.Replace(newReceiver(s.T, nil).URL, "http:", "https:", 1),
			"untrusted": withTLS(tls.VersionTLS13), "outdated": withTLS(tls.VersionTLS11),
		}
		ids := map[string]int64{}
		for what, to := range urls {
			ids[what] = s.register(to)
			ids[what+", by name"] = s.register(strings.Replace(to, "127.0.0.1", "erp.test", 1))
		}
		var second atomic.Bool
		reused := s.register(newReceiver(s.T, func(w http.ResponseWriter, r *http.Request) {
			if second.Swap(true) {
				raw("SSH-2.0-OpenSSH_9.6\r\n", -1)(w, r)
			}
		}).URL)
		var lines dbtest.Log
		known := names(s.T, map[string]func() string{"erp.test": func() string { return "127.0.0.1" }})
		s.startDeliverer(webhook.Options{Log: lines.Logger(), Guard: webhook.Guard{Allowed: webhook.Loopback()}.With(known), Timeout: 2 * time.Second})
		s.emit(1)
		s.until("the first is delivered", func() bool { return len(s.log(reused)) == 1 })
		s.emit(2)
		s.until("the second is tried", func() bool { return len(s.log(reused)) == 2 })
		want := s.log(reused)[1].Error.Or("")
		if !strings.HasPrefix(want, "Không gửi được: máy nhận trong mạng nội bộ không trả lời") {
			s.Errorf("over the connection of the first request: %q", want)
		}
		for what, id := range ids {
			s.until(what+" is tried", func() bool { return len(s.log(id)) > 0 })
			if d, w := s.log(id)[0], s.registration(id); d.Error.Or("") != want || w.LastError != d.Error || d.Status.Has() || d.Answer.Has() {
				s.Errorf("%s: %+v, instead of %q", what, d, want)
			}
		}
		close(over)
		for _, truth := range []string{"connection refused", "no answer within 2s", "SSH-2.0", "first record does not look like", "unknown authority", "protocol version"} {
			if !strings.Contains(lines.String(), truth) {
				s.Errorf("the operator's log lacks %q:\n%s", truth, lines.String())
			}
		}
	})
}

// TestAPublicReceiverIsToldWhatIsWrong has the failures themselves: no test connects to the internet.
func TestAPublicReceiverIsToldWhatIsWrong(t *testing.T) {
	refused := &net.OpError{Op: "dial", Net: "tcp", Addr: &net.TCPAddr{IP: net.IPv4(8, 8, 8, 8), Port: 443}, Err: os.NewSyscallError("connect", syscall.ECONNREFUSED)}
	for want, err := range map[string]error{
		"Không gửi được: connect: connection refused":                     refused,
		"Máy nhận không trả lời trong 5s":                                 os.ErrDeadlineExceeded,
		"Không gửi được: x509: certificate signed by unknown authority":   &tls.CertificateVerificationError{Err: x509.UnknownAuthorityError{}},
		"Không gửi được: http: server gave HTTP response to HTTPS client": http.ErrSchemeMismatch,
	} {
		if got := webhook.Explain(err, "https://shop.vn/", false); !strings.Contains(got, strings.TrimPrefix(want, "Không gửi được: ")) {
			t.Errorf("%v: %q, want %q", err, got, want)
		}
		if got := webhook.Explain(err, "https://shop.vn/", true); !strings.Contains(got, "trong mạng nội bộ") {
			t.Errorf("%v inside: %q", err, got)
		}
	}
}
