package mail_test

import (
	"context"
	"encoding/base64"
	"errors"
	"net"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/taphoa/taphoa/internal/mail"
	"github.com/taphoa/taphoa/internal/mailtest"
)

const (
	password = "m%t kh@u"
	from     = "Tạp hóa Cô Biển <khong-tra-loi@cobien.example>"
	text     = "Chào Chị Lan,\n\nMở liên kết này:\nhttps://shop.example/console/link#bimat\n\n.một dấu chấm ở đầu dòng = và dấu bằng.\n"
)

// open returns the client of a stub, as if its host were the name in its certificate.
func open(tb testing.TB, stub *mailtest.Server, scheme, user string) *mail.Server {
	tb.Helper()
	s, err := mail.New(scheme+"://"+user+stub.Addr(), from)
	if err != nil {
		tb.Fatal(err)
	}
	s.Roots = stub.Roots
	return s
}

func message() mail.Message {
	return mail.Message{To: "lan@example.com", Subject: "Lời mời vào gian hàng Tạp hóa Cô Biển, số 12 đường Trần Hưng Đạo", Text: text}
}

// TestAMailArrives by each way to a server, whole and once.
func TestAMailArrives(t *testing.T) {
	t.Parallel()
	user := "may:m%25t%20kh%40u@"
	plain := "PLAIN " + base64.StdEncoding.EncodeToString([]byte("\x00may\x00"+password))
	for name, way := range map[string]struct {
		stub   mailtest.Options
		scheme string
		user   string
		remote bool
		tls    bool
		login  string
	}{
		"on this machine":          {mailtest.Options{}, "smtp", "", false, false, ""},
		"there with a password":    {mailtest.Options{Auth: "LOGIN PLAIN"}, "smtp", user, false, false, plain},
		"TLS from the start":       {mailtest.Options{TLS: true, Auth: "PLAIN LOGIN"}, "smtps", user, false, true, plain},
		"STARTTLS":                 {mailtest.Options{STARTTLS: true, Auth: "PLAIN LOGIN"}, "smtp", user, true, true, plain},
		"STARTTLS, no password":    {mailtest.Options{STARTTLS: true}, "smtp", "", true, true, ""},
		"a server that ends early": {mailtest.Options{Replies: map[string]string{"QUIT": "cut"}}, "smtp", "", false, false, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			stub := mailtest.New(t, way.stub)
			s := open(t, stub, way.scheme, way.user)
			if way.remote {
				s.BeRemote()
			}
			if err := s.Send(t.Context(), message()); err != nil {
				t.Fatal(err)
			}
			got := stub.Received()
			if len(got) != 1 || got[0].TLS != way.tls || got[0].Login != way.login || !strings.HasPrefix(got[0].From, "FROM:<khong-tra-loi@cobien.example>") ||
				!slices.Equal(got[0].To, []string{"TO:<lan@example.com>"}) {
				t.Fatalf("%+v", got)
			}
			header, subject, body := got[0].Parse(t)
			if body != text || subject != message().Subject {
				t.Errorf("%q: %q", subject, body)
			}
			for _, line := range strings.Split(got[0].Raw, "\n") {
				if len(line) > 78 {
					t.Errorf("a line of %d: %s", len(line), line)
				}
			}
			sender, err := header.AddressList("From")
			if err != nil || len(sender) != 1 || sender[0].Name != "Tạp hóa Cô Biển" {
				t.Errorf("from %v, %v", sender, err)
			}
			if at, err := header.Date(); err != nil || time.Since(at).Abs() > time.Minute {
				t.Errorf("of %v, %v", at, err)
			}
			if id := header.Get("Message-ID"); !strings.HasSuffix(id, "@cobien.example>") || len(id) < 30 {
				t.Errorf("Message-ID %s", id)
			}
			if header.Get("To") != "<lan@example.com>" || header.Get("Auto-Submitted") != "auto-generated" || header.Get("Content-Type") != "text/plain; charset=UTF-8" {
				t.Errorf("%v", header)
			}
		})
	}
}

// TestNothingIsSaidInTheClear to a server beyond loopback that offers no TLS, or that no trusted authority certifies.
func TestNothingIsSaidInTheClear(t *testing.T) {
	t.Parallel()
	for name, stub := range map[string]mailtest.Options{
		"no STARTTLS": {Auth: "PLAIN LOGIN"}, "STARTTLS refused": {STARTTLS: true, Auth: "PLAIN", Replies: map[string]string{"STARTTLS": "454 4.7.0 not now"}},
		"unknown authority": {STARTTLS: true, Auth: "PLAIN"}, "TLS of an unknown authority": {TLS: true, Auth: "PLAIN"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server := mailtest.New(t, stub)
			scheme := "smtp"
			if stub.TLS {
				scheme = "smtps"
			}
			s := open(t, server, scheme, "may:bimat@")
			s.BeRemote()
			if strings.Contains(name, "unknown") {
				s.Roots = nil
			}
			if err := s.Send(t.Context(), message()); err == nil {
				t.Error("sent")
			}
			for _, line := range server.Lines() {
				if !strings.HasPrefix(line, "EHLO") && line != "STARTTLS" {
					t.Errorf("said %q", line)
				}
			}
		})
	}
}

// TestAFailureIsToldWithoutTheServersWords has servers that refuse, repeating what they were told, cut and talk nonsense.
func TestAFailureIsToldWithoutTheServersWords(t *testing.T) {
	t.Parallel()
	const echo = " 5.7.1 AUTH PLAIN AG1heQBtJXQga2hAdQ== https://shop.example/console/link#bimat"
	for name, c := range map[string]struct{ verb, reply, want string }{
		"greeting":  {"greeting", "554" + echo, "554"},
		"nonsense":  {"greeting", "HTTP/1.1 400" + echo, "does not speak SMTP"},
		"password":  {"AUTH", "535" + echo, "535"},
		"sender":    {"MAIL", "550" + echo, "550 5.7.1"},
		"recipient": {"RCPT", "550" + echo, "550 5.7.1"},
		"data":      {"DATA", "451" + echo, "451 5.7.1"},
		"spam":      {".", "554" + echo, "554 5.7.1"},
		"garbage":   {".", "bimat" + echo, "was lost"},
		"cut":       {"RCPT", "cut", "was lost"},
		"cut early": {"greeting", "cut", "was lost"},
		"cut late":  {".", "cut", "was lost"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			stub := mailtest.New(t, mailtest.Options{Auth: "PLAIN", Replies: map[string]string{c.verb: c.reply}})
			err := open(t, stub, "smtp", "may:m%25t%20kh%40u@").Send(t.Context(), message())
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Fatalf("got %v, want %q", err, c.want)
			}
			for _, secret := range []string{"bimat", "AG1h", password, "lan@", "Chào"} {
				if strings.Contains(err.Error(), secret) {
					t.Errorf("%v has %q", err, secret)
				}
			}
		})
	}
	if err := open(t, mailtest.New(t, mailtest.Options{}), "smtp", "may:bimat@").Send(t.Context(), message()); err == nil || strings.Contains(err.Error(), "bimat") {
		t.Errorf("a server that takes no password: %v", err)
	}
}

// TestASlowServerIsLeft when the time is over, wherever it hangs.
func TestASlowServerIsLeft(t *testing.T) {
	t.Parallel()
	for _, verb := range []string{"greeting", "EHLO", "AUTH", "RCPT", ".", "QUIT"} {
		t.Run(verb, func(t *testing.T) {
			t.Parallel()
			stub := mailtest.New(t, mailtest.Options{Auth: "PLAIN", Replies: map[string]string{verb: "hang"}})
			s := open(t, stub, "smtp", "may:bimat@")
			s.Within(100 * time.Millisecond)
			began := time.Now()
			err := s.Send(t.Context(), message())
			if took := time.Since(began); took > time.Second {
				t.Errorf("it took %v", took)
			}
			if taken := verb == "QUIT"; taken != (err == nil) || !taken && !strings.Contains(err.Error(), "in time") {
				t.Errorf("%v", err)
			}
		})
	}
}

// TestASendingEndsWithItsContext, as when the server stops.
func TestASendingEndsWithItsContext(t *testing.T) {
	t.Parallel()
	stub := mailtest.New(t, mailtest.Options{Replies: map[string]string{"DATA": "hang"}})
	ctx, cancel := context.WithCancel(t.Context())
	time.AfterFunc(50*time.Millisecond, cancel)
	began := time.Now()
	if err := open(t, stub, "smtp", "").Send(ctx, message()); err == nil || time.Since(began) > time.Second {
		t.Errorf("after %v: %v", time.Since(began), err)
	}
}

// TestNamesAndAddressesStayWhereTheyAre tries to add headers, recipients and commands.
func TestNamesAndAddressesStayWhereTheyAre(t *testing.T) {
	t.Parallel()
	stub := mailtest.New(t, mailtest.Options{})
	s := open(t, stub, "smtp", "")
	bad := []string{
		"lan@example.com\r\nBcc: x@evil.example", "lan@example.com>\r\nRCPT TO:<x@evil.example", "lan@example.com, x@evil.example", "\"a\r\nDATA\"@example.com", "lan", "", "@", "lan@",
		"Lan\r\nBcc: x@evil.example <lan@example.com>", "lan@example.com\x00", "=?utf-8?q?a=0D=0ABcc:x?= <lan@exa\nmple.com>", "undisclosed:a@example.com, b@example.com;",
	}
	for _, address := range bad {
		if got, ok := mail.ParseAddress(address); ok {
			t.Errorf("%q is the address %q", address, got)
		}
		if err := s.Send(t.Context(), mail.Message{To: address, Subject: "x", Text: "x"}); err == nil {
			t.Errorf("sent to %q", address)
		}
		if _, err := mail.New("smtp://127.0.0.1:25", address); !errors.Is(err, mail.ErrFrom) {
			t.Errorf("from %q: %v", address, err)
		}
	}
	if lines := stub.Lines(); len(lines) > 0 {
		t.Errorf("said %q", lines)
	}
	if got, ok := mail.ParseAddress(" Chị Lan <lan@example.com> "); !ok || got != "lan@example.com" {
		t.Errorf("the address is %q", got)
	}
	for _, subject := range []string{"Mời\r\nBcc: x@evil.example", "Hi\nBcc: x@evil.example\n\nbody", "=?utf-8?q?a=0D=0ABcc:_x@evil.example?=", "a\r\n.\r\nQUIT\r\n", strings.Repeat("ầ", 500)} {
		if err := s.Send(t.Context(), mail.Message{To: "lan@example.com", Subject: subject, Text: "một\r\n.\r\nRSET\r\n"}); err != nil {
			t.Fatal(err)
		}
		all := stub.Received()
		last := all[len(all)-1]
		header, got, body := last.Parse(t)
		if header.Get("Bcc") != "" || len(last.To) != 1 || body != "một\n.\nRSET\n" {
			t.Errorf("%q: %s", subject, last.Raw)
		}
		if !strings.HasPrefix(subject, "=?") && got != strings.Join(strings.Fields(subject), " ") {
			t.Errorf("%q became %q", subject, got)
		}
	}
	if slices.Contains(stub.Lines(), "RSET") {
		t.Error("a line of the text is a command")
	}
}

// TestTheURLOfAServer is read strictly, and not repeated.
func TestTheURLOfAServer(t *testing.T) {
	for url, want := range map[string]string{
		"smtp://mail.example": "mail.example:587", "smtps://mail.example": "mail.example:465", "smtp://u:p@mail.example:25/": "mail.example:25",
		"smtp://u:p%40%3A%2F@[2001:db8::1]": "[2001:db8::1]:587", "SMTPS://u%40mail.example:p@mail.example:1": "mail.example:1",
	} {
		s, err := mail.New(url, "a@mail.example")
		if err != nil || s.Address() != want {
			t.Errorf("%s: %v", url, err)
			continue
		}
		if _, _, err := net.SplitHostPort(s.Address()); err != nil {
			t.Error(err)
		}
	}
	for _, url := range []string{
		"", "mail.example", "mail.example:25", "http://mail.example", "smtp:mail.example", "smtp://", "smtp://:25", "smtp://u@mail.example", "smtp://:bimat@mail.example", "smtp://u:@mail.example",
		"smtp://u:bimat@mail.example:0", "smtp://u:bimat@mail.example:65536", "smtp://u:bimat@mail.example:x", "smtp://u:bi#mat@mail.example", "smtp://u:bi/mat@mail.example",
		"smtp://u:bimat@mail.example/inbox", "smtp://u:bimat@mail.example?tls=no", "smtp://u:bi mat@mail example", "smtp://u:bimat@mail.example#x", "smtp://u:bi%mat@mail.example",
	} {
		if _, err := mail.New(url, "a@mail.example"); !errors.Is(err, mail.ErrURL) {
			t.Errorf("%q: %v", url, err)
		}
	}
}
