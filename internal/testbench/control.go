package testbench

import (
	"context"
	"crypto/subtle"
	"errors"
	"io"
	"mime"
	"net/http"
	"slices"
	"strings"
	"syscall"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/taphoa/taphoa"
	"github.com/taphoa/taphoa/internal/api"
	"github.com/taphoa/taphoa/internal/db"
)

const (
	controlPath    = "/_sandbox"
	controlBodyMax = 1 << 20 // bytes
)

// routes are the addresses below /_sandbox.
func (s *Sandbox) routes() http.Handler {
	mux := http.NewServeMux()
	for pattern, serve := range map[string]func(*http.Request) (any, error){
		"GET /_sandbox/health":                                     s.health,
		"GET /_sandbox/templates":                                  s.listTemplates,
		"POST /_sandbox/shops":                                     s.createFork,
		"GET /_sandbox/shops":                                      s.listForks,
		"GET /_sandbox/shops/{fork}":                               s.getFork,
		"DELETE /_sandbox/shops/{fork}":                            s.deleteFork,
		"GET /_sandbox/shops/{fork}/faults":                        s.getFaults,
		"PUT /_sandbox/shops/{fork}/faults":                        s.setFaults,
		"GET /_sandbox/shops/{fork}/clock":                         s.getClock,
		"PUT /_sandbox/shops/{fork}/clock":                         s.setClock,
		"POST /_sandbox/shops/{fork}/snapshots":                    s.createSnapshot,
		"GET /_sandbox/shops/{fork}/snapshots":                     s.listSnapshots,
		"DELETE /_sandbox/shops/{fork}/snapshots/{snapshot}":       s.deleteSnapshot,
		"POST /_sandbox/shops/{fork}/snapshots/{snapshot}/restore": s.restoreSnapshot,
		"GET /_sandbox/shops/{fork}/requests":                      s.listRequests,
		"GET /_sandbox/requests":                                   s.listRequests,
		"DELETE /_sandbox/shops/{fork}/requests":                   s.forgetRequests,
		"GET /_sandbox/shops/{fork}/state":                         s.showState,
		"GET /_sandbox/shops/{fork}/snapshots/{snapshot}/changes":  s.compareSnapshot,
	} {
		mux.HandleFunc(pattern, func(w http.ResponseWriter, r *http.Request) {
			answer, err := serve(r)
			if err != nil {
				fail(w, err)
				return
			}
			writeJSON(w, http.StatusOK, answer)
		})
	}
	mux.HandleFunc("GET /_sandbox/shops/{fork}/report", s.serveReport)
	mux.HandleFunc("POST /_sandbox/shops/{fork}/expect", s.serveExpect)
	mux.HandleFunc("POST /_sandbox/shops/{fork}/assert", s.serveAssert)
	s.pages(mux)
	mux.HandleFunc(controlPath+"/", func(w http.ResponseWriter, r *http.Request) {
		fail(w, errNoPath(r))
	})
	return mux
}

func errNoPath(r *http.Request) error {
	return &taphoa.Error{Kind: taphoa.KindNoRoute, Code: "NotFound", Message: "Đường dẫn không tồn tại: " + r.Method + " " + r.URL.Path}
}

// serveControl serves what is below /_sandbox to programs, and to no page of another origin.
func (s *Sandbox) serveControl(w http.ResponseWriter, r *http.Request) {
	h := w.Header()
	h.Set("Cache-Control", "no-store")
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Cross-Origin-Resource-Policy", "same-origin")
	h.Set(Header, "-") // of no fork
	switch site := r.Header.Get("Sec-Fetch-Site"); {
	case r.Header.Get("Origin") != "", site != "" && site != "same-origin" && site != "none":
		refuse(w, http.StatusForbidden, &taphoa.Error{Code: taphoa.CodeBusiness, Message: "Trang web của nơi khác không được gọi /_sandbox"})
		return
	case s.o.Token != "" && !s.bears(r):
		h.Set("WWW-Authenticate", `Basic realm="taphoa sandbox"`) // for browsers, which ask for a password
		refuse(w, http.StatusUnauthorized, &taphoa.Error{
			Code: taphoa.CodeToken, Message: "Sandbox này mở ra ngoài máy: hãy gửi header Authorization: Bearer với token in ra khi khởi động",
		})
		return
	case r.ContentLength != 0 && !isJSON(r):
		refuse(w, http.StatusUnsupportedMediaType, &taphoa.Error{Code: taphoa.CodeValidate, Message: "/_sandbox chỉ nhận JSON: hãy gửi Content-Type: application/json"})
		return
	}
	s.control.ServeHTTP(w, r)
}

// bears reports whether a request has the token: as a bearer, or as the password of a browser.
func (s *Sandbox) bears(r *http.Request) bool {
	_, given, ok := r.BasicAuth()
	if !ok {
		given, ok = strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
	}
	return ok && subtle.ConstantTimeCompare([]byte(given), []byte(s.o.Token)) == 1
}

func isJSON(r *http.Request) bool {
	kind, _, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	return err == nil && kind == "application/json"
}

// readInput decodes a JSON object strictly: a misspelt member is refused. No body is an empty one.
func readInput(r *http.Request, input any) error {
	body, err := io.ReadAll(io.LimitReader(r.Body, controlBodyMax+1))
	switch {
	case err != nil:
		return taphoa.Unreadable("", "Không đọc được nội dung yêu cầu")
	case len(body) > controlBodyMax:
		return &taphoa.Error{Kind: taphoa.KindTooLarge, Message: "Nội dung yêu cầu vượt quá 1 MB"}
	case len(strings.TrimSpace(string(body))) == 0:
		return nil
	}
	if err := json.Unmarshal(body, input, json.RejectUnknownMembers(true)); err != nil {
		field := ""
		if at := (*json.SemanticError)(nil); errors.As(err, &at) {
			field = strings.ReplaceAll(strings.TrimPrefix(string(at.JSONPointer), "/"), "/", ".")
		}
		if field != "" {
			return taphoa.Unreadable(field, "%s không có hoặc không đúng kiểu", field)
		}
		return taphoa.Unreadable("", "Nội dung yêu cầu không phải là một đối tượng JSON đúng")
	}
	return nil
}

func writeJSON(w http.ResponseWriter, status int, v any) {
	text, err := json.Marshal(v, jsontext.WithIndent("  "), json.Deterministic(true))
	if err != nil {
		fail(w, err)
		return
	}
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.WriteHeader(status)
	_, _ = w.Write(append(text, '\n'))
}

// fail answers with an error.
func fail(w http.ResponseWriter, err error) {
	e, full := (*taphoa.Error)(nil), (*unavailable)(nil)
	switch {
	case errors.As(err, &full):
		w.Header().Set("Retry-After", "5")
		refuse(w, http.StatusServiceUnavailable, full.reason)
	case errors.As(err, &e) && api.StatusOf(e.Kind) != 0:
		refuse(w, api.StatusOf(e.Kind), e)
	case errors.Is(err, syscall.ENOSPC), errors.Is(err, db.ErrStorage):
		refuse(w, http.StatusServiceUnavailable, &taphoa.Error{Code: "SandboxFull", Message: "Ổ đĩa chứa dữ liệu của sandbox đã hết chỗ hoặc không ghi được: " +
			"hãy giải phóng dung lượng rồi gọi lại"})
	case errors.Is(err, errClosed), errors.Is(err, db.ErrClosed), errors.Is(err, context.Canceled):
		refuse(w, http.StatusServiceUnavailable, &taphoa.Error{Code: "Unavailable", Message: "Sandbox đang dừng"})
	default:
		refuse(w, http.StatusInternalServerError, &taphoa.Error{Code: taphoa.CodeInternalError, Message: "Sandbox gặp lỗi: " + err.Error()})
	}
}

// refuse answers with a refusal.
func refuse(w http.ResponseWriter, status int, e *taphoa.Error) {
	writeJSON(w, status, api.EnvelopeOf(e))
}

// refuseUnmet answers with what is not as expected, and with the values that differ.
func refuseUnmet(w http.ResponseWriter, sentence string, fields []taphoa.FieldError, differs []mismatch) {
	writeJSON(w, api.StatusOf(taphoa.KindRefused), struct {
		api.Envelope
		Differences []mismatch `json:"differences,omitzero"`
	}{api.EnvelopeOf(&taphoa.Error{Code: taphoa.CodeBusiness, Message: sentence, Items: fields}), differs})
}

func (s *Sandbox) health(*http.Request) (any, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return struct {
		Status   string `json:"status"`
		Forks    int    `json:"forks"`
		MaxForks int    `json:"maxForks"`
		Bytes    int64  `json:"bytes"`
		MaxBytes int64  `json:"maxBytes"`
	}{"ok", len(s.forks), s.o.MaxForks, s.bytes(), s.o.MaxBytes}, nil
}

func (s *Sandbox) listTemplates(*http.Request) (any, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	type shown struct {
		Name  string `json:"name"`
		Bytes int64  `json:"bytes"`
	}
	all := []shown{}
	for _, t := range s.templates {
		all = append(all, shown{t.name, t.bytes})
	}
	slices.SortFunc(all, func(a, b shown) int { return strings.Compare(a.Name, b.Name) })
	return all, nil
}

func (s *Sandbox) createFork(r *http.Request) (any, error) {
	var in ForkInput
	if err := readInput(r, &in); err != nil {
		return nil, err
	}
	return s.Create(r.Context(), in)
}

func (s *Sandbox) listForks(*http.Request) (any, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	all := []*Fork{}
	for _, f := range s.forks {
		all = append(all, f)
	}
	slices.SortFunc(all, func(a, b *Fork) int { return strings.Compare(a.Name, b.Name) })
	return all, nil
}

func (s *Sandbox) getFork(r *http.Request) (any, error) { return s.fork(r.PathValue("fork")) }

func (s *Sandbox) deleteFork(r *http.Request) (any, error) {
	name := r.PathValue("fork")
	return struct {
		Message string `json:"message"`
	}{"Đã xóa bản sao " + name}, s.Delete(name)
}
