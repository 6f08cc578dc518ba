package api_test

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/go-json-experiment/json"

	"github.com/taphoa/taphoa/internal/api"
	"github.com/taphoa/taphoa/internal/apitest"
)

// socket is a server of the API on a port of this machine, configured as the program's, and spoken to in raw bytes.
type socket struct {
	t    *testing.T
	d    *apitest.Server
	addr string
}

// onSocket serves the API; change, unless nil, changes the server's bounds.
func onSocket(t *testing.T, d *apitest.Server, change func(*http.Server)) *socket {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	return serveOn(t, d, l, change)
}

func serveOn(t *testing.T, d *apitest.Server, l net.Listener, change func(*http.Server)) *socket {
	server := api.HTTPServer(d.Handler, slog.New(slog.DiscardHandler))
	if change != nil {
		change(server)
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		_ = server.Serve(l)
	}()
	t.Cleanup(func() {
		_ = server.Close()
		<-done
	})
	return &socket{t: t, d: d, addr: l.Addr().String()}
}

func (s *socket) dial() net.Conn {
	s.t.Helper()
	c, err := net.Dial("tcp", s.addr)
	if err != nil {
		s.t.Fatal(err)
	}
	s.t.Cleanup(func() { _ = c.Close() })
	_ = c.SetDeadline(time.Now().Add(10 * time.Second))
	return c
}

// head is the head of a request of the shop with more lines.
func (s *socket) head(method, target string, lines ...string) string {
	return method + " " + target + " HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer " + s.d.Shop.Token + "\r\nRetailer: " + s.d.Shop.Code + "\r\n" +
		strings.Join(append(lines, "", ""), "\r\n")
}

// quiet is how long a server that has answered, and has not said that it closes, may say nothing.
const quiet = 400 * time.Millisecond

// talk sends bytes and returns all that is answered until the server closes or is quiet.
func (s *socket) talk(raw string) (answers string, closed bool) {
	s.t.Helper()
	c, err := net.Dial("tcp", s.addr)
	if err != nil {
		s.t.Error(err)
		return "", false
	}
	defer c.Close()
	go func() { _, _ = io.WriteString(c, raw) }()
	var all []byte
	b := make([]byte, 64<<10)
	for {
		wait := 10 * time.Second
		if len(all) > 0 && !bytes.Contains(all, []byte("\r\nConnection: close\r\n")) {
			wait = quiet
		}
		_ = c.SetReadDeadline(time.Now().Add(wait))
		n, err := c.Read(b)
		all = append(all, b[:n]...)
		if err != nil {
			return string(all), !errors.Is(err, os.ErrDeadlineExceeded) // a reset closes it, too
		}
	}
}

// statusesOf are the statuses of answers one behind the other.
func statusesOf(answers, method string) (all []int) {
	r := bufio.NewReader(strings.NewReader(answers))
	for {
		a, err := http.ReadResponse(r, &http.Request{Method: method})
		if err != nil {
			return all
		}
		_, _ = io.Copy(io.Discard, a.Body)
		all = append(all, a.StatusCode)
	}
}

// TestARequestIsNotReadFromTheBodyOfAnother sends requests whose ends a proxy may see elsewhere, with a write in what is the
// body for one reader and the next request for another.
func TestARequestIsNotReadFromTheBodyOfAnother(t *testing.T) {
	t.Parallel()
	d := apitest.Seeded(t, "sqlite")
	s := onSocket(t, d, nil)
	body := `{"categoryName":"Lậu"}`
	smuggled := s.head("POST", "/categories", "Content-Type: application/json", fmt.Sprint("Content-Length: ", len(body))) + body
	long := fmt.Sprint("Content-Length: ", len(smuggled))
	chunked := "0\r\n\r\n" + smuggled
	before := d.Digest(d.Shop)
	var wg sync.WaitGroup
	for name, raw := range map[string]string{
		"one length":                  s.head("POST", "/trademarks", long) + smuggled,
		"the same length twice":       s.head("POST", "/trademarks", long, long) + smuggled,
		"two lengths, 0 first":        s.head("POST", "/trademarks", "Content-Length: 0", long) + smuggled,
		"two lengths, 0 last":         s.head("POST", "/trademarks", long, "Content-Length: 0") + smuggled,
		"two lengths in one line":     s.head("POST", "/trademarks", "Content-Length: 0, "+long[16:]) + smuggled,
		"a length with a sign":        s.head("POST", "/trademarks", "Content-Length: +0") + smuggled,
		"a negative length":           s.head("POST", "/trademarks", "Content-Length: -1") + smuggled,
		"a hexadecimal length":        s.head("POST", "/trademarks", "Content-Length: 0x0") + smuggled,
		"an empty length":             s.head("POST", "/trademarks", "Content-Length:") + smuggled,
		"a huge length":               s.head("POST", "/trademarks", "Content-Length: 99999999999999999999") + smuggled,
		"a blank before the colon":    s.head("POST", "/trademarks", "Content-Length : 0") + smuggled,
		"a length behind a folded":    s.head("POST", "/trademarks", "X: a", " Content-Length: 0", long) + smuggled,
		"length and chunks":           s.head("POST", "/trademarks", fmt.Sprint("Content-Length: ", len(chunked)), "Transfer-Encoding: chunked") + chunked,
		"chunks and length":           s.head("POST", "/trademarks", "Transfer-Encoding: chunked", fmt.Sprint("Content-Length: ", len(chunked))) + chunked,
		"chunked, identity":           s.head("POST", "/trademarks", "Transfer-Encoding: chunked, identity") + chunked,
		"identity":                    s.head("POST", "/trademarks", "Transfer-Encoding: identity", "Content-Length: 0") + smuggled,
		"xchunked":                    s.head("POST", "/trademarks", "Transfer-Encoding: xchunked", "Content-Length: 0") + smuggled,
		"a vertical tab":              s.head("POST", "/trademarks", "Transfer-Encoding: \x0bchunked", "Content-Length: 0") + smuggled,
		"quoted":                      s.head("POST", "/trademarks", `Transfer-Encoding: "chunked"`, "Content-Length: 0") + smuggled,
		"two encodings":               s.head("POST", "/trademarks", "Transfer-Encoding: chunked", "Transfer-Encoding: identity") + chunked,
		"chunked twice":               s.head("POST", "/trademarks", "Transfer-Encoding: chunked", "Transfer-Encoding: chunked") + chunked,
		"a blank before its colon":    s.head("POST", "/trademarks", "Transfer-Encoding : chunked", "Content-Length: 0") + smuggled,
		"chunks for HTTP/1.0":         strings.Replace(s.head("POST", "/trademarks", "Transfer-Encoding: chunked", "Connection: keep-alive"), "1.1", "1.0", 1) + chunked,
		"a chunk's size with a sign":  s.head("POST", "/trademarks", "Transfer-Encoding: chunked") + "+0\r\n\r\n" + smuggled,
		"a chunk's size with 0x":      s.head("POST", "/trademarks", "Transfer-Encoding: chunked") + "0x0\r\n\r\n" + smuggled,
		"a chunk's size of 17 digits": s.head("POST", "/trademarks", "Transfer-Encoding: chunked") + "10000000000000000\r\n" + smuggled,
		"a chunk without its line":    s.head("POST", "/trademarks", "Transfer-Encoding: chunked") + "1\r\nab0\r\n\r\n" + smuggled,
		"an extension with a line":    s.head("POST", "/trademarks", "Transfer-Encoding: chunked") + "1;\n" + smuggled,
		"extensions":                  s.head("POST", "/trademarks", "Transfer-Encoding: chunked") + "2;a=b\r\n{}\r\n0;x=\"y\"\r\n\r\n" + smuggled,
		"extensions without end":      s.head("POST", "/trademarks", "Transfer-Encoding: chunked") + strings.Repeat("1;"+strings.Repeat("a", 3000)+"\r\n \r\n", 100) + chunked,
		"chunks that end in LF":       s.head("POST", "/trademarks", "Transfer-Encoding: chunked") + "0\n\n" + smuggled,
		"a chunk that ends in LF":     s.head("POST", "/trademarks", "Transfer-Encoding: chunked") + "2\r\n{}\n" + chunked,
		"a length behind the chunks":  s.head("POST", "/trademarks", "Transfer-Encoding: chunked", "Trailer: Content-Length") + "0\r\nContent-Length: 5\r\n\r\n" + smuggled,
		"CHUNKED":                     s.head("POST", "/trademarks", "tRANSFER-eNCODING: CHUNKED", long) + chunked,
		"chunked in a folded line":    s.head("POST", "/trademarks", "Transfer-Encoding:", " chunked", long) + chunked,
		"a length in a folded line":   s.head("POST", "/trademarks", "Content-Length:", "\t"+long[16:]) + smuggled,
		"a folded first line":         strings.Replace(s.head("POST", "/trademarks", long), "\r\nHost", "\r\n Host", 1) + smuggled,
		"lines that end in LF":        strings.ReplaceAll(s.head("POST", "/trademarks", long), "\r\n", "\n") + smuggled,
		"lines that end in CR":        strings.ReplaceAll(s.head("POST", "/trademarks", long), "\r\n", "\r") + smuggled,
		"a length behind LF":          s.head("POST", "/trademarks", "X: a\n"+long) + smuggled,
		"two numbers":                 s.head("POST", "/trademarks", "Content-Length: 1 2") + smuggled,
		"NUL in a name":               s.head("POST", "/trademarks", "Content-Length\x00: 0") + smuggled,
		"NUL in a value":              s.head("POST", "/trademarks", "X: a\x00b", long) + smuggled,
		"a bare CR in a value":        s.head("POST", "/trademarks", "X: a\rContent-Length: 0", long) + smuggled,
		"a name without a colon":      s.head("POST", "/trademarks", "Content-Length 0") + smuggled,
		"an empty name":               s.head("POST", "/trademarks", ": 0") + smuggled,
		"a GET with a body":           s.head("GET", "/trademarks", long) + smuggled,
		"a HEAD with a body":          s.head("HEAD", "/trademarks", long) + smuggled,
		"a body that is too large":    s.head("POST", "/trademarks", "Content-Length: 99999999", "Expect: 100-continue") + smuggled,
		"an unknown expectation":      s.head("POST", "/trademarks", "Expect: 200-ok", long) + smuggled,
		"no route":                    s.head("POST", "/nothing", long) + smuggled,
		"no token":                    "POST /trademarks HTTP/1.1\r\nHost: x\r\n" + long + "\r\n\r\n" + smuggled,
		"an upgrade":                  s.head("GET", "/trademarks", "Connection: Upgrade", "Upgrade: h2c", long) + smuggled,
		"the preface of HTTP/2":       "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + smuggled,
		"CONNECT":                     "CONNECT x:80 HTTP/1.1\r\nHost: x:80\r\n" + long + "\r\n\r\n" + smuggled,
	} {
		wg.Go(func() {
			answers, closed := s.talk(raw)
			method, _, _ := strings.Cut(raw, " ")
			statuses := statusesOf(answers, method)
			ours := len(statuses) == 1 && statuses[0] >= 500 && statuses[0] != http.StatusNotImplemented && statuses[0] != http.StatusHTTPVersionNotSupported
			if len(statuses) > 1 || ours || len(statuses) == 0 && !closed {
				t.Errorf("%s: the statuses are %d: %.600s", name, statuses, answers)
			}
		})
	}
	wg.Wait()
	if differs := before.Differs(d.Digest(d.Shop)); differs != nil {
		t.Errorf("something behind a request has changed %s", differs)
	}
	if answers, _ := s.talk(s.head("GET", "/trademarks") + smuggled); len(statusesOf(answers, "GET")) != 2 {
		t.Errorf("two requests one behind the other are answered with %s", answers)
	}
}

// TestATargetOfAnyFormIsAPathOfTheTableOrRefused asks for /branches with targets that proxies and servers read in several ways.
func TestATargetOfAnyFormIsAPathOfTheTableOrRefused(t *testing.T) {
	t.Parallel()
	s := onSocket(t, apitest.Seeded(t, "sqlite"), nil)
	long := strings.Repeat("x", 30_000)
	var wg sync.WaitGroup
	for target, status := range map[string]int{
		"/branches": 200, "http://x/branches": 200, "http://evil.example/branches": 200, strings.Repeat("/", 30_000) + "branches": 200,
		"branches": 400, "": 400, "x:80": 404, "*": 404, "//x/branches": 404, `\branches`: 400, `/\branches`: 404, "file:///branches": 200, "http://x": 404,
		"/branches\x00": 400, "/branches\x00.css": 400, "/branches x": 400, "/branches\tx": 400, "/branches\x7f": 400, "/branches\x1b[2J": 400,
		"/branches%00": 404, "/branches%": 400, "/branches%zz": 400, "/branches%2": 400, "/branches%2f": 404, "%2fbranches": 400, "/%2fbranches": 404,
		"/branches%0d%0aX:1": 404, "/branches;x": 404, "/branches#x": 404, "/docs/..%2fbranches": 404, "/x/../branches": 404, "/./branches": 404,
		"/bránches": 404, "/\xff\xfe": 404, "/%c0%ae%c0%ae/branches": 404, "/" + long: 404, strings.Repeat("/branches", 3000): 404, "/customers/code/" + long: 420,
		"/branches?" + long: 200, "/branches?%zz=%zz&pageSize=1": 200, "/branches?x=\xff": 200,
	} {
		wg.Go(func() {
			answers, _ := s.talk(s.head("GET", target))
			if statuses := statusesOf(answers, "GET"); !slices.Equal(statuses, []int{status}) || strings.Contains(answers, "\r\nLocation:") || status != 200 && strings.Contains(answers, "CN2") {
				t.Errorf("%.80q: %d instead of %d: %.600s", target, statuses, status, answers)
			}
		})
	}
	wg.Wait()
}

// TestWhatIsTooLargeIsRefusedAtOnce sends heads and bodies beyond what is taken: each is answered without its rest, and the
// connection is closed, unless it was read all the same.
func TestWhatIsTooLargeIsRefusedAtOnce(t *testing.T) {
	t.Parallel()
	d := apitest.Seeded(t, "sqlite")
	s := onSocket(t, d, nil)
	before := d.Digest(d.Shop)
	var wg sync.WaitGroup
	for name, c := range map[string]struct {
		raw    string
		status int
	}{
		"an address":         {s.head("GET", "/customers?name="+strings.Repeat("x", 1<<20)), 431},
		"a path":             {s.head("GET", "/"+strings.Repeat("x/", 1<<19)), 431},
		"a method":           {s.head(strings.Repeat("X", 1<<20), "/customers"), 431},
		"a header":           {s.head("GET", "/customers", "X: "+strings.Repeat("x", 128<<10)), 431},
		"a header's name":    {s.head("GET", "/customers", strings.Repeat("x", 128<<10)+": 1"), 431},
		"10,000 headers":     {s.head("GET", "/customers", slices.Repeat([]string{"X: 0123456789"}, 10_000)...), 431},
		"100 cookies of 4 K": {s.head("GET", "/customers", slices.Repeat([]string{"Cookie: a=" + strings.Repeat("x", 4<<10)}, 100)...), 431},
		"a token, read":      {s.head("GET", "/customers", "Authorization: Bearer "+strings.Repeat("A", 60<<10)), 400},
		"a body":             {s.head("POST", "/customers", "Content-Type: application/json", "Content-Length: 9000000"), 413},
		"a body, read":       {s.head("POST", "/customers", "Content-Length: 8000000") + strings.Repeat("x", 8_000_000), 413},
		"a body of 9 EB":     {s.head("POST", "/customers", "Content-Length: 9223372036854775807"), 413},
		"a body, asked for":  {s.head("POST", "/customers", "Content-Length: 5000000", "Expect: 100-continue"), 413},
		"a body in chunks":   {s.head("POST", "/customers", "Transfer-Encoding: chunked") + strings.Repeat("10000\r\n"+strings.Repeat(" ", 0x10000)+"\r\n", 80), 413},
		"a token request":    {s.head("POST", "/connect/token", "Content-Length: 70000") + strings.Repeat("x", 70_000), 400},
	} {
		wg.Go(func() {
			answers, closed := s.talk(c.raw)
			statuses := statusesOf(answers, http.MethodGet)
			if !slices.Equal(statuses, []int{c.status}) || closed == strings.HasSuffix(name, ", read") {
				t.Errorf("%s: %d, closed: %t: %.300s", name, statuses, closed, answers)
			}
		})
	}
	wg.Wait()
	if differs := before.Differs(d.Digest(d.Shop)); differs != nil {
		t.Errorf("refused requests have changed %s", differs)
	}
}

// TestASlowClientIsCutOff drips heads and bodies, says nothing, and reads nothing, with bounds of time that are short for the
// test.
func TestASlowClientIsCutOff(t *testing.T) {
	t.Parallel()
	d := apitest.Seeded(t, "sqlite")
	const bound = 150 * time.Millisecond
	s := onSocket(t, d, func(server *http.Server) {
		if server.ReadHeaderTimeout <= 0 || server.ReadTimeout <= 0 || server.WriteTimeout <= 0 || server.IdleTimeout <= 0 {
			t.Error("the program's server waits for ever")
		}
		server.ReadHeaderTimeout, server.ReadTimeout, server.WriteTimeout, server.IdleTimeout = bound, 2*bound, 3*bound, bound
	})
	before := d.Digest(d.Shop)
	drip := func(c net.Conn, text string) {
		for i := range text {
			if _, err := io.WriteString(c, text[i:i+1]); err != nil {
				return
			}
			time.Sleep(bound / 10)
		}
	}
	body := `{"categoryName":"Chậm mà chắc, chậm mà chắc, chậm mà chắc"}`
	start := s.head("POST", "/categories", "Content-Type: application/json", fmt.Sprint("Content-Length: ", len(body)))
	chunks := s.head("POST", "/categories", "Content-Type: application/json", "Transfer-Encoding: chunked")
	var wg sync.WaitGroup
	for name, send := range map[string]func(net.Conn){
		"nothing":                func(net.Conn) {},
		"a head in drips":        func(c net.Conn) { drip(c, start) },
		"half a head":            func(c net.Conn) { _, _ = io.WriteString(c, start[:40]) },
		"a body in drips":        func(c net.Conn) { _, _ = io.WriteString(c, start); drip(c, body) },
		"half a body":            func(c net.Conn) { _, _ = io.WriteString(c, start+body[:20]) },
		"chunks in drips":        func(c net.Conn) { _, _ = io.WriteString(c, chunks); drip(c, strings.Repeat("1\r\n{\r\n", 20)) },
		"no end of the chunks":   func(c net.Conn) { _, _ = fmt.Fprintf(c, "%s%x\r\n%s\r\n", chunks, len(body), body) },
		"nothing after a GET":    func(c net.Conn) { _, _ = io.WriteString(c, s.head("GET", "/branches")) },
		"a preface, and nothing": func(c net.Conn) { _, _ = io.WriteString(c, "\r\n") },
	} {
		c := s.dial()
		wg.Go(func() { send(c) })
		wg.Go(func() {
			began := time.Now()
			_ = c.SetReadDeadline(began.Add(20 * bound))
			answers, err := io.ReadAll(c)
			if errors.Is(err, os.ErrDeadlineExceeded) {
				t.Errorf("%s: still open after %v: %s", name, time.Since(began), answers)
			}
			for _, status := range statusesOf(string(answers), http.MethodGet) {
				if status >= 500 || status < 400 && name != "nothing after a GET" {
					t.Errorf("%s: %d %s", name, status, answers)
				}
			}
			_ = c.Close()
		})
	}
	wg.Wait()
	if differs := before.Differs(d.Digest(d.Shop)); differs != nil {
		t.Errorf("half a request has changed %s", differs)
	}

	deaf := s.dial() // asks for ever and reads nothing: neither is held for ever
	_ = deaf.SetWriteDeadline(time.Now().Add(20 * bound))
	for {
		if _, err := io.WriteString(deaf, s.head("GET", "/openapi.json")); err != nil {
			if errors.Is(err, os.ErrDeadlineExceeded) {
				t.Error("a client that reads nothing is kept")
			}
			break
		}
	}
}

// TestAHeaderThatDecidesIsSentOnce sends each header that says who calls, for which shop, or how the body is to be read twice,
// with two values in both orders, and with the same value.
func TestAHeaderThatDecidesIsSentOnce(t *testing.T) {
	t.Parallel()
	d := apitest.Seeded(t, "sqlite")
	s := onSocket(t, d, nil)
	own := "Bearer " + d.Shop.Token
	before := d.Digest(d.Shop)
	var wg sync.WaitGroup
	ask := func(status int, version, method string, lines ...string) {
		raw := method + " /categories " + version + "\r\n" + strings.Join(lines, "\r\n") + "\r\n\r\n"
		wg.Go(func() {
			answers, closed := s.talk(raw)
			if statuses := statusesOf(answers, method); !slices.Equal(statuses, []int{status}) || !closed && strings.Contains(raw, "HTTP/1.0") {
				t.Errorf("%d instead of %d, closed: %t: %.300s\n%s", statuses, status, closed, raw, answers)
			}
		})
	}
	host, shop := "Host: x", "Retailer: "+d.Shop.Code
	for _, twice := range [][2]string{
		{"Authorization: " + own, "Authorization: Bearer " + d.OtherShop.Token},
		{"Authorization: " + own, "authorization: Basic eDp5"},
		{"Retailer: " + d.Shop.Code, "Retailer: " + d.OtherShop.Code},
		{"Retailer: " + d.Shop.Code, "RETAILER: "},
		{"Partner: a", "Partner: b"},
		{"Content-Type: application/json", "Content-Type: text/plain"},
		{"Content-Encoding: gzip", "Content-Encoding: identity"},
		{"Host: x", "Host: y"},
		{"Host: x", "Host: x"},
	} {
		name, _, _ := strings.Cut(twice[0], ":")
		lines := slices.DeleteFunc([]string{host, "Authorization: " + own, shop}, func(l string) bool { return strings.HasPrefix(l, name+":") })
		for _, method := range []string{"GET", "POST"} {
			ask(400, "HTTP/1.1", method, append(slices.Clone(lines), twice[0], twice[1])...)
			ask(400, "HTTP/1.1", method, append(slices.Clone(lines), twice[1], twice[0])...)
		}
	}
	ask(400, "HTTP/1.1", "POST", host, shop, "Authorization: "+own, "Idempotency-Key: a", "Idempotency-Key: b")
	ask(400, "HTTP/1.1", "POST", host, shop, "Authorization: "+own, "Taphoa-Dry-Run: true", "Taphoa-Dry-Run: false")
	ask(401, "HTTP/1.1", "GET", host, "Authorization: "+own, "Retailer: "+d.Shop.Code+", "+d.OtherShop.Code)
	ask(401, "HTTP/1.1", "GET", host, shop, "Authorization: "+own+", Bearer x")
	ask(200, "HTTP/1.1", "GET", host, shop, shop, "Authorization: "+own, "Authorization: "+own)
	ask(400, "HTTP/1.1", "GET", shop, "Authorization: "+own) // without a host
	ask(200, "HTTP/1.0", "GET", shop, "Authorization: "+own)
	ask(200, "HTTP/1.0", "GET", host, shop, "Authorization: "+own, "Connection: keep-alive")
	ask(420, "HTTP/1.0", "POST", shop, "Authorization: "+own, "Content-Length: 2", "", "{}")
	ask(505, "HTTP/2.0", "GET", host, shop, "Authorization: "+own)
	ask(400, "HTTP/1", "GET", host, shop, "Authorization: "+own)
	ask(304, "HTTP/1.1", "GET", host, shop, "Authorization: "+own, "If-None-Match: \"a\"", "If-None-Match: *")
	wg.Wait()
	if differs := before.Differs(d.Digest(d.Shop)); differs != nil {
		t.Errorf("refused requests have changed %s", differs)
	}
}

// exhausted is a listener of a process that has no file descriptors left, for a while.
type exhausted struct {
	net.Listener
	left atomic.Int64
}

func (l *exhausted) Accept() (net.Conn, error) {
	if l.left.Add(-1) >= 0 {
		return nil, &net.OpError{Op: "accept", Net: "tcp", Err: os.NewSyscallError("accept4", syscall.EMFILE)}
	}
	return l.Listener.Accept()
}

func TestAServerWithoutFileDescriptorsWaitsForThem(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	e := &exhausted{Listener: l}
	e.left.Store(3)
	s := serveOn(t, apitest.Seeded(t, "sqlite"), e, nil)
	if answers, _ := s.talk(s.head("GET", "/branches", "Connection: close")); !slices.Equal(statusesOf(answers, "GET"), []int{200}) {
		t.Errorf("after it: %s", answers)
	}
}

// TestAWriteOfAClientThatGoesIsWholeOrAbsent lets clients go sooner and later in their writes: an invoice is there with its line
// and its payment, or not at all, and the books agree.
func TestAWriteOfAClientThatGoesIsWholeOrAbsent(t *testing.T) {
	apitest.Each(t, func(t *testing.T, d *apitest.Server) {
		s := onSocket(t, d, nil)
		body := fillIn(d, `{"branchId":{branch:CN1},"customerId":{customer:KH-HOA},"totalPayment":1000,"method":"Cash",
			"invoiceDetails":[{"productCode":"TRA","quantity":1,"price":25000}]}`)
		request := s.head("POST", "/invoices", "Content-Type: application/json", fmt.Sprint("Content-Length: ", len(body))) + body
		stays := func() time.Duration {
			start := time.Now()
			if a := d.Send("POST", "/invoices", body); a.Status != http.StatusOK {
				t.Fatalf("a client that stays: %d %s", a.Status, a.Body)
			}
			return time.Since(start)
		}
		stays()
		took := min(stays(), 50*time.Millisecond)
		const clients = 24
		for i := range time.Duration(clients) {
			c := s.dial()
			_, _ = io.WriteString(c, request)
			time.Sleep(took * i * 2 / clients)
			if i%2 == 0 {
				_ = c.(*net.TCPConn).SetLinger(0) // a reset instead of an end
			}
			_ = c.Close()
		}
		stays() // behind the others
		a := d.Send("GET", "/invoices?pageSize=100&includePayment=true", "")
		var page struct {
			Data []struct {
				TotalPayment   float64
				InvoiceDetails []struct{ Quantity float64 }
				Payments       []struct{ Amount float64 }
			}
		}
		if err := json.Unmarshal(a.Body, &page, json.MatchCaseInsensitiveNames(true)); err != nil {
			t.Fatal(err)
		}
		if n := len(page.Data) - 3; n < 0 || n > clients {
			t.Errorf("%d invoices of %d clients", n, clients)
		} else {
			t.Logf("%d of %d are there", n, clients)
		}
		for _, invoice := range page.Data {
			if invoice.TotalPayment != 1000 || len(invoice.InvoiceDetails) != 1 || len(invoice.Payments) != 1 {
				t.Errorf("half an invoice: %+v", invoice)
			}
		}
		besiege(t, d, 1).ledgersHold()
	})
}
