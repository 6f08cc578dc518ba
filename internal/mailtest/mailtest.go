package mailtest

import (
	"bytes"
	"crypto/tls"
	"crypto/x509"
	"io"
	"mime"
	"mime/quotedprintable"
	"net"
	"net/http/httptest"
	"net/mail"
	"net/textproto"
	"strings"
	"sync"
	"testing"
	"time"
)

// Server takes mail.
type Server struct {
	Roots *x509.CertPool // certify it for 127.0.0.1 and example.com

	listener net.Listener
	config   *tls.Config
	o        Options

	mu       sync.Mutex
	received []Mail
	lines    []string
	open     map[net.Conn]bool
	running  sync.WaitGroup
}

// Options of a [Server].
type Options struct {
	TLS      bool              // from the start
	STARTTLS bool              // is offered
	Auth     string            // the mechanisms that are offered
	Replies  map[string]string // by the first word of a command, or "." for the end of a mail: instead of OK; "cut" closes the connection, "hang" says nothing
}

// Mail is one that was taken.
type Mail struct {
	From  string
	To    []string
	Raw   string
	TLS   bool
	Login string // what AUTH was given
}

// New starts a server, which ends with the test.
func New(tb testing.TB, o Options) *Server {
	tb.Helper()
	certified := httptest.NewTLSServer(nil)
	defer certified.Close()
	s := &Server{o: o, Roots: x509.NewCertPool(), open: map[net.Conn]bool{}}
	s.Roots.AddCert(certified.Certificate())
	s.config = &tls.Config{Certificates: certified.TLS.Certificates, MinVersion: tls.VersionTLS12}
	var err error
	if s.listener, err = net.Listen("tcp", "127.0.0.1:0"); err != nil {
		tb.Fatal(err)
	}
	s.running.Go(s.accept)
	tb.Cleanup(func() {
		s.listener.Close()
		s.mu.Lock()
		for conn := range s.open {
			conn.Close()
		}
		s.mu.Unlock()
		s.running.Wait()
	})
	return s
}

// Addr returns 127.0.0.1 with the port.
func (s *Server) Addr() string { return s.listener.Addr().String() }

// Received returns the mail that was taken until now.
func (s *Server) Received() []Mail {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]Mail(nil), s.received...)
}

// Lines returns the commands that were given until now.
func (s *Server) Lines() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]string(nil), s.lines...)
}

// Await returns the mail that was taken when there are n, or all after two seconds.
func (s *Server) Await(n int) []Mail {
	for end := time.Now().Add(2 * time.Second); len(s.Received()) < n && time.Now().Before(end); {
		time.Sleep(2 * time.Millisecond)
	}
	return s.Received()
}

// Parse returns the headers and the text of a mail as a person reads them.
func (m Mail) Parse(tb testing.TB) (header mail.Header, subject, text string) {
	tb.Helper()
	read, err := mail.ReadMessage(strings.NewReader(m.Raw))
	if err != nil {
		tb.Fatalf("%v: %s", err, m.Raw)
	}
	if subject, err = new(mime.WordDecoder).DecodeHeader(read.Header.Get("Subject")); err != nil {
		tb.Fatal(err)
	}
	if got := read.Header.Get("Content-Transfer-Encoding"); got != "quoted-printable" {
		tb.Fatalf("the encoding is %q", got)
	}
	return read.Header, subject, decode(tb, read.Body)
}

func (s *Server) accept() {
	for {
		conn, err := s.listener.Accept()
		if err != nil {
			return
		}
		s.mu.Lock()
		s.open[conn] = true
		s.mu.Unlock()
		s.running.Go(func() {
			defer conn.Close()
			if s.o.TLS {
				s.talk(tls.Server(conn, s.config), true)
			} else {
				s.talk(conn, false)
			}
		})
	}
}

// talk answers the commands of a connection.
func (s *Server) talk(conn net.Conn, secure bool) {
	text := textproto.NewConn(conn)
	var m Mail
	if !s.answer(text, conn, "greeting", "220 ready") {
		return
	}
	for {
		line, err := text.ReadLine()
		if err != nil {
			return
		}
		s.mu.Lock()
		s.lines = append(s.lines, line)
		s.mu.Unlock()
		verb, rest, _ := strings.Cut(line, " ")
		reply := "250 OK"
		switch strings.ToUpper(verb) {
		case "EHLO":
			reply = s.extensions(secure)
		case "STARTTLS":
			if !s.answer(text, conn, verb, "220 go ahead") {
				return
			}
			conn, secure = tls.Server(conn, s.config), true
			text = textproto.NewConn(conn)
			continue
		case "AUTH":
			m.Login, reply = rest, "235 2.7.0 welcome"
		case "MAIL":
			m.From, m.To, m.TLS = rest, nil, secure
		case "RCPT":
			m.To = append(m.To, rest)
		case "DATA":
			reply = "354 go on"
		case "QUIT":
			reply = "221 bye"
		}
		if !s.answer(text, conn, strings.ToUpper(verb), reply) {
			return
		}
		if strings.HasPrefix(reply, "354") && s.o.Replies["DATA"] == "" && !s.take(text, conn, &m) {
			return
		}
	}
}

// take reads a mail.
func (s *Server) take(text *textproto.Conn, conn net.Conn, m *Mail) bool {
	raw, err := text.ReadDotBytes()
	if err != nil {
		return false
	}
	m.Raw = string(raw)
	reply := s.o.Replies["."]
	if reply == "" || strings.HasPrefix(reply, "2") {
		s.mu.Lock()
		s.received = append(s.received, *m)
		s.mu.Unlock()
	}
	return s.answer(text, conn, ".", "250 2.0.0 taken")
}

func (s *Server) extensions(secure bool) string {
	all := []string{"stub", "ENHANCEDSTATUSCODES", "8BITMIME"}
	if s.o.STARTTLS && !secure {
		all = append(all, "STARTTLS")
	}
	if s.o.Auth != "" {
		all = append(all, "AUTH "+s.o.Auth)
	}
	for i := range all {
		dash := "-"
		if i == len(all)-1 {
			dash = " "
		}
		all[i] = "250" + dash + all[i]
	}
	return strings.Join(all, "\r\n")
}

// answer answers a command, and reports whether the connection goes on.
func (s *Server) answer(text *textproto.Conn, conn net.Conn, verb, reply string) bool {
	if other := s.o.Replies[verb]; other != "" {
		reply = other
	}
	switch reply {
	case "cut":
		return false
	case "hang":
		_, _ = io.Copy(io.Discard, conn) // until the other side closes
		return false
	}
	return text.PrintfLine("%s", reply) == nil
}

func decode(tb testing.TB, body io.Reader) string {
	tb.Helper()
	b, err := io.ReadAll(quotedprintable.NewReader(body))
	if err != nil {
		tb.Fatal(err)
	}
	return string(bytes.ReplaceAll(b, []byte("\r\n"), []byte("\n")))
}
