package api

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/taphoa/taphoa"
	"github.com/taphoa/taphoa/internal/db"
	"github.com/taphoa/taphoa/internal/oauth"
)

// Envelope is the body of every refusal (contract authentication, ErrorResponse).
type Envelope struct {
	ResponseStatus responseStatus `json:"responseStatus"`
	Message        string         `json:"message"` // the same again, for the clients that read it here
}

type responseStatus struct {
	ErrorCode string              `json:"errorCode"`
	Message   string              `json:"message"`
	Errors    []taphoa.FieldError `json:"errors"`
}

// statusRefused is the vendor's status of business refusals.
const statusRefused = 420

var statuses = map[taphoa.ErrorKind]int{
	taphoa.KindUnreadable: http.StatusBadRequest, taphoa.KindRefused: statusRefused, taphoa.KindNotFound: statusRefused,
	taphoa.KindUnauthorized: http.StatusUnauthorized, taphoa.KindForbidden: http.StatusForbidden,
	taphoa.KindNoRoute: http.StatusNotFound, taphoa.KindLimited: http.StatusTooManyRequests,
	taphoa.KindTooLarge: http.StatusRequestEntityTooLarge, taphoa.KindMethod: http.StatusMethodNotAllowed,
	taphoa.KindStale: http.StatusPreconditionFailed, taphoa.KindMisdirected: http.StatusMisdirectedRequest,
}

var errTooLarge = &taphoa.Error{
	Kind: taphoa.KindTooLarge, Code: taphoa.CodeValidate,
	Message: fmt.Sprintf("Nội dung yêu cầu vượt quá %d MB", bodyMax>>20),
}

var errBody = taphoa.Unreadable("", "Không đọc được nội dung yêu cầu")

func errNoScope(scope string) error {
	sentence := "Token không có quyền " + scope + ", hãy lấy token với scopes=" + oauth.ScopePublic
	if scope == oauth.ScopeAdmin {
		sentence += " " + scope + " từ một ứng dụng được cấp quyền này (taphoa client create --admin)"
	}
	return &taphoa.Error{Kind: taphoa.KindForbidden, Code: taphoa.CodeBusiness, Message: sentence}
}

func errNoRoute(r *http.Request) error {
	return &taphoa.Error{Kind: taphoa.KindNoRoute, Code: "NotFound", Message: "Đường dẫn không tồn tại: " + r.URL.Path}
}

// errMethod refuses a method that a path does not have and names those that it has.
func errMethod(w http.ResponseWriter, found map[string]*route) error {
	var methods []string
	for m := range found {
		methods = append(methods, m)
	}
	slices.Sort(methods)
	w.Header().Set("Allow", strings.Join(methods, ", "))
	return &taphoa.Error{
		Kind: taphoa.KindMethod, Code: "MethodNotAllowed",
		Message: "Phương thức không được hỗ trợ ở đường dẫn này, hãy dùng: " + strings.Join(methods, ", "),
	}
}

// Refusal is what a caller is told of an error.
type Refusal struct {
	Status     int // of HTTP
	Error      *taphoa.Error
	RetryAfter string // seconds; empty unless it may do later
}

// Refuse says what the caller of a request is told of an error. Internal details go to the log only, and the caller gets the
// request's id to ask about it.
func (s *Server) Refuse(r *http.Request, err error, id string) Refusal {
	e := (*taphoa.Error)(nil)
	conflict := (*db.Conflict)(nil)
	retry := ""
	switch {
	case errors.As(err, &e) && e.Kind != taphoa.KindInternal:
	case errors.Is(err, db.ErrBusy):
		retry = "1"
		e = &taphoa.Error{
			Kind: taphoa.KindLimited, Code: taphoa.CodeRateLimited,
			Message: "Quá nhiều yêu cầu của bạn đang chờ xử lý cùng lúc, hãy gửi lại sau 1 giây",
		}
	case errors.As(err, &conflict):
		e = taphoa.Refuse(taphoa.CodeValidate, "", "Dữ liệu vừa được người khác thay đổi, hãy thử lại")
	case errors.Is(err, db.ErrRange):
		e = taphoa.Refuse(taphoa.CodeValidate, "", "Số cộng dồn vượt quá giới hạn mà hệ thống lưu được")
	case errors.Is(err, db.ErrUnavailable):
		s.db.Report(r.Context(), s.log, "request failed", err, "id", id, "method", r.Method, "path", r.URL.Path)
		return unavailable(whyUnavailable(err, r.Header.Get(keyHeader) != ""), id)
	case errors.Is(err, context.Canceled) && r.Context().Err() != nil, errors.Is(err, db.ErrClosed), errors.Is(err, context.DeadlineExceeded):
		return unavailable("Hệ thống đang bận hoặc đang dừng, hãy thử lại sau", id)
	default:
		attributes := []any{"id", id, "method", r.Method, "path", r.URL.Path, "error", err}
		if p := (*db.PanicError)(nil); errors.As(err, &p) {
			attributes = append(attributes, "stack", string(p.Stack))
		}
		s.log.Error("request failed", attributes...)
		return Refusal{Status: http.StatusInternalServerError, Error: &taphoa.Error{
			Code: taphoa.CodeInternalError, Message: "Lỗi hệ thống, vui lòng báo mã yêu cầu " + id,
		}}
	}
	return Refusal{statuses[e.Kind], e, retry}
}

// fail responds with an error.
func (s *Server) fail(c *call, err error, id string) {
	refusal := s.Refuse(c.r, err, id)
	if refusal.RetryAfter != "" {
		c.w.Header().Set("Retry-After", refusal.RetryAfter)
	}
	if refusal.Error.Kind == taphoa.KindUnauthorized {
		c.w.Header().Set("WWW-Authenticate", "jwt")
	}
	s.answer(c, refusal.Status, refusal.Error)
}

// retryAfter is when a caller may try again what could not be done now, in seconds.
const retryAfter = "5"

// whyUnavailable is the sentence for an [db.ErrUnavailable], and what the caller is to do.
func whyUnavailable(err error, hasKey bool) string {
	switch {
	case errors.Is(err, db.ErrInDoubt) && hasKey:
		return "Cơ sở dữ liệu gặp sự cố đúng lúc lưu nên yêu cầu có thể đã được thực hiện, " +
			"hãy gửi lại y hệt với cùng " + keyHeader + ": không thực hiện hai lần"
	case errors.Is(err, db.ErrInDoubt):
		return "Cơ sở dữ liệu gặp sự cố đúng lúc lưu nên yêu cầu có thể đã được thực hiện, " +
			"hãy xem lại dữ liệu trước khi gửi lại; gửi kèm " + keyHeader + " thì lần sau gửi lại được ngay"
	case errors.Is(err, db.ErrDamaged):
		return "Cơ sở dữ liệu bị hỏng, hãy báo người quản trị máy chủ"
	case errors.Is(err, db.ErrStorage):
		return "Máy chủ tạm thời không lưu được dữ liệu vì ổ đĩa đã đầy hoặc gặp lỗi, hãy thử lại sau"
	}
	return "Máy chủ tạm thời không truy cập được cơ sở dữ liệu, hãy thử lại sau"
}

func unavailable(sentence, id string) Refusal {
	return Refusal{http.StatusServiceUnavailable, &taphoa.Error{
		Code: "Unavailable", Message: sentence + " (mã yêu cầu " + id + ")",
	}, retryAfter}
}

func (s *Server) answer(c *call, status int, e *taphoa.Error) {
	c.refusal = e
	body := EnvelopeOf(e)
	s.send(c, status, &body)
}

// StatusOf is the status of HTTP for errors of a kind; 0 for [taphoa.KindInternal], which has no sentence for the caller.
func StatusOf(kind taphoa.ErrorKind) int { return statuses[kind] }

// EnvelopeOf is the body that tells an error.
func EnvelopeOf(e *taphoa.Error) Envelope {
	code := e.Code
	if code == "" {
		code = taphoa.CodeValidate
	}
	items := e.Items
	if len(items) == 0 && e.Field != "" {
		items = []taphoa.FieldError{{Code: code, Field: e.Field, Message: e.Message}}
	}
	return Envelope{responseStatus{code, e.Message, items}, e.Message}
}

// requestID is the caller's own id of the request if it is a sane one, else a new one.
func requestID(r *http.Request) string {
	id := r.Header.Get("X-Request-Id")
	sane := func(c rune) bool {
		return c == '-' || c == '_' || c == '.' || c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z'
	}
	if id != "" && len(id) <= 64 && !strings.ContainsFunc(id, func(c rune) bool { return !sane(c) }) {
		return id
	}
	return rand.Text()[:16]
}
