package mail

import (
	"context"
	"crypto/rand"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/textproto"
	"strings"
	"syscall"
	"time"

	"github.com/wneessen/go-mail"
)

// Message is a mail to one person.
type Message struct {
	To      string // an address: see [ParseAddress]
	Subject string // one line; other white space becomes blanks
	Text    string
}

// sendTime is how long handing in one mail takes at most.
const sendTime = 10 * time.Second

var (
	errTime    = errors.New("the mail server does not answer in time")
	errLost    = errors.New("the connection to the mail server was lost")
	errNoSMTP  = errors.New("the mail server does not speak SMTP")
	errAddress = errors.New("the mail has no valid address")
)

// Send hands a mail in. It takes 10 seconds at most, and ends with the context.
func (s *Server) Send(ctx context.Context, m Message) error {
	message, err := s.message(m)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, s.limit)
	defer cancel()
	conn, err := s.dial(ctx)
	if err != nil {
		return describe(ctx, err)
	}
	defer conn.Close()
	defer context.AfterFunc(ctx, func() { conn.Close() })()
	client, err := mail.NewClient(s.host, s.options(conn)...)
	if err != nil {
		return describe(ctx, err)
	}
	session, err := client.DialToSMTPClientWithContext(ctx)
	if err == nil {
		err = client.SendWithSMTPClient(session, message)
	}
	if err != nil {
		return describe(ctx, err)
	}
	_ = session.Quit() // the server has taken the mail, whatever it says now
	return nil
}

// dial connects, with TLS where it is not begun later.
func (s *Server) dial(ctx context.Context) (net.Conn, error) {
	if s.implicit {
		return (&tls.Dialer{Config: s.tlsConfig()}).DialContext(ctx, "tcp", s.address())
	}
	return new(net.Dialer).DialContext(ctx, "tcp", s.address())
}

// options are those of a connection, which ends with a context: the client's own time limit is out of its way.
func (s *Server) options(conn net.Conn) []mail.Option {
	policy := mail.TLSMandatory
	if s.plain || s.implicit {
		policy = mail.NoTLS
	}
	options := []mail.Option{
		mail.WithDialContextFunc(func(context.Context, string, string) (net.Conn, error) { return conn, nil }),
		mail.WithPort(s.port), mail.WithTimeout(2 * s.limit), mail.WithTLSPolicy(policy), mail.WithTLSConfig(s.tlsConfig()),
		mail.WithoutNoop(), mail.WithoutRset(),
	}
	if s.user == "" {
		return options
	}
	ways := []mail.SMTPAuthType{mail.SMTPAuthSCRAMSHA256, mail.SMTPAuthPlain, mail.SMTPAuthLogin}
	if s.plain {
		ways = []mail.SMTPAuthType{mail.SMTPAuthSCRAMSHA256, mail.SMTPAuthPlainNoEnc, mail.SMTPAuthLoginNoEnc}
	}
	return append(options, mail.WithUsername(s.user), mail.WithPassword(s.password), mail.WithOpportunisticSMTPAuth(ways...))
}

func (s *Server) message(m Message) (*mail.Msg, error) {
	message := mail.NewMsg(mail.WithEncoding(mail.EncodingQP), mail.WithNoDefaultUserAgent())
	message.FromMailAddress(s.from)
	if err := message.To(m.To); err != nil {
		return nil, errAddress
	}
	message.Subject(strings.Join(strings.Fields(m.Subject), " "))
	message.SetDate()
	_, domain, _ := strings.Cut(s.from.Address, "@")
	message.SetMessageIDWithValue(rand.Text() + "@" + domain) // not of the machine's name, which is internal
	message.SetGenHeader("Auto-Submitted", "auto-generated")  // no answers by programs (RFC 3834)
	message.SetBodyString(mail.TypeTextPlain, m.Text)
	return message, nil
}

// describe returns an error without what the server said but its numbers: it may repeat a command with the password, or a line of
// the mail.
func describe(ctx context.Context, err error) error {
	reply, malformed, failed := (*textproto.Error)(nil), textproto.ProtocolError(""), (*mail.SendError)(nil)
	switch {
	case errors.As(err, &reply):
		return fmt.Errorf("the mail server refuses: %d", reply.Code)
	case errors.As(err, &failed) && failed.ErrorCode() != 0:
		return fmt.Errorf("the mail server refuses: %v: %s", failed.Reason, strings.TrimSpace(fmt.Sprint(failed.ErrorCode(), " ", failed.EnhancedStatusCode())))
	case ctx.Err() != nil:
		return errTime
	case failed != nil, errors.Is(err, io.EOF), errors.Is(err, syscall.ECONNRESET):
		return errLost
	case errors.As(err, &malformed):
		return errNoSMTP
	}
	return err
}
