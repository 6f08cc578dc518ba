package access

import (
	"context"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"github.com/taphoa/taphoa"
	"github.com/taphoa/taphoa/internal/audit"
	"github.com/taphoa/taphoa/internal/db"
	"github.com/taphoa/taphoa/internal/throttle"
)

// Options of a [Service]; the zero value is right for production.
type Options struct {
	Log     *slog.Logger    // nil for the default
	Refused *audit.Refusals // for the audit log; nil: they are not kept
}

// Service signs people in. It is safe for concurrent use.
type Service struct {
	db       *db.DB
	log      *slog.Logger
	refused  *audit.Refusals
	throttle *throttle.Throttle
	asking   *throttle.Throttle // of [Service.Forgotten]
	hasher   hasher

	seeing sync.Map       // id of a session -> struct{}: whose use is being written
	saving sync.WaitGroup // those

	challenges atomic.Pointer[[]byte] // the key that signs them, once it is known
}

// New returns a service of a database.
func New(d *db.DB, o Options) *Service {
	s := &Service{db: d, log: o.Log, refused: o.Refused, hasher: newHasher()}
	if s.log == nil {
		s.log = slog.Default()
	}
	s.throttle = throttle.New(s.logDelay)
	s.asking = throttle.New(func(d throttle.Delay) {
		s.log.Warn("resets of passwords are not sent: too many are asked for", "network", d.Network, "delay", d.Delay.String())
	})
	return s
}

// logDelay logs that wrong passwords or codes delay people. What they typed as their name may be a password, and is not logged.
func (s *Service) logDelay(d throttle.Delay) {
	s.log.Warn("sign-ins are delayed", "network", d.Network, "delay", d.Delay.String(),
		"account_failures", d.Failures, "network_failures", d.AllInNetwork)
}

// Throttled returns how many attempts were refused because of failures before them.
func (s *Service) Throttled() int64 { return s.throttle.Refused() }

// Caller is where a request comes from.
type Caller struct {
	Address   string // IP address, with or without a port: behind trusted proxies that of their client
	UserAgent string
}

// Limited is the error for what may be tried again later. It wraps a [taphoa.Error] of [taphoa.KindLimited].
type Limited struct {
	Wait   time.Duration // for Retry-After: see [throttle.Seconds]
	reason *taphoa.Error
}

func (l *Limited) Error() string { return l.reason.Error() }

// Unwrap returns the [taphoa.Error].
func (l *Limited) Unwrap() error { return l.reason }

func limited(wait time.Duration, reason *taphoa.Error) error {
	reason.Kind = taphoa.KindLimited
	return &Limited{wait, reason}
}

func delayed(wait time.Duration) error {
	return limited(wait, taphoa.Refuse(taphoa.CodeRateLimited, "", "Sai quá nhiều lần, hãy thử lại sau %d giây", throttle.Seconds(wait)))
}

// Errors that a page answers with another page.
var (
	// ErrSignedOut is for a token that is not, or no longer, that of a session.
	ErrSignedOut error = of(taphoa.KindUnauthorized, taphoa.Refuse(taphoa.CodeToken, "", "Phiên đăng nhập đã hết, hãy đăng nhập lại"))
	// ErrSecondFactor is for a session that still owes its second factor.
	ErrSecondFactor error = of(taphoa.KindForbidden, taphoa.Refuse(taphoa.CodeToken, "", "Hãy nhập mã xác thực để tiếp tục"))
	// ErrUnconfirmed is for what asks for the password again: see [Service.Confirm].
	ErrUnconfirmed error = of(taphoa.KindForbidden, taphoa.Refuse(taphoa.CodeToken, "", "Hãy nhập lại mật khẩu để tiếp tục"))
	// ErrNotOwner is for what only the owner of the shop may do.
	ErrNotOwner error = of(taphoa.KindForbidden, taphoa.Refuse(taphoa.CodeToken, "", "Chỉ chủ cửa hàng được làm việc này"))
	// ErrLink is for a link that is unknown, used or expired.
	ErrLink error = taphoa.NotFound(taphoa.CodeValidate, "Liên kết không đúng, đã được dùng hoặc đã hết hạn, hãy xin liên kết mới")
)

func of(kind taphoa.ErrorKind, e *taphoa.Error) *taphoa.Error {
	e.Kind = kind
	return e
}

// record writes what the audit log names, as an operation of a user.
func (s *Service) record(ctx context.Context, by *Account, operation string, op func(*db.Tx) error) error {
	return s.db.Write(ctx, db.Actor{Retailer: by.Retailer, User: by.User}, func(tx *db.Tx) error {
		audit.Operation(tx, operation, "users")
		return op(tx)
	})
}

// actor is a user for what is written without the head of the shop.
func (a *Account) actor() db.Actor {
	return db.Actor{Retailer: a.Retailer, User: a.User, WithoutHead: true}
}
