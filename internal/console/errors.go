package console

import (
	"errors"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"github.com/taphoa/taphoa"
	"github.com/taphoa/taphoa/internal/access"
	"github.com/taphoa/taphoa/internal/api"
	"github.com/taphoa/taphoa/internal/right"
	"github.com/taphoa/taphoa/internal/throttle"
)

var (
	errForm = taphoa.Unreadable("", "Không đọc được nội dung biểu mẫu: có ký tự không hợp lệ, hoặc dài quá 1 MB")

	errCrossSite = forbidden("Yêu cầu này đến từ một trang web khác nên không được thực hiện")

	errInsecure = forbidden("Chỉ đăng nhập qua https: kết nối này không được mã hóa, người khác trên mạng có thể đọc được mật khẩu")
)

func forbidden(sentence string) *taphoa.Error {
	e := taphoa.Refuse(taphoa.CodeBusiness, "", sentence)
	e.Kind = taphoa.KindForbidden
	return e
}

// notFound shows that there is no such page. To who is not signed in, /console/CODE is the page of a shop.
func (v *visit) notFound() error {
	found, err := v.authenticate()
	if err != nil {
		return err
	}
	if !found && v.r.Method == http.MethodGet {
		if shop := strings.TrimPrefix(v.r.URL.Path, "/console/"); shop != "" && !strings.Contains(shop, "/") {
			return v.redirect("/console/sign-in?" + url.Values{"shop": {shop}}.Encode())
		}
		return v.askToSignIn()
	}
	return v.drawError(http.StatusNotFound, v.say("Không tìm thấy trang"), NotFound{Action: Action{Text: v.say("Về trang đầu"), URL: "/console/"}})
}

// tellWhen says when a refused request may be sent again.
func (v *visit) tellWhen(err error, refusal api.Refusal) {
	after := refusal.RetryAfter
	if limited := (*access.Limited)(nil); errors.As(err, &limited) {
		after = strconv.FormatInt(throttle.Seconds(limited.Wait), 10)
	}
	if after != "" {
		v.w.Header().Set("Retry-After", after)
	}
}

// fail shows what went wrong. Details of an error inside go to the log only.
func (v *visit) fail(err error) {
	refusal := v.api.Refuse(v.r, err, v.id())
	v.tellWhen(err, refusal)
	status, sentence := refusal.Status, v.sentence(refusal.Error)
	var body any = Alert{Tone: "danger", Title: v.say("Chưa thực hiện được"), Text: sentence}
	missing := (*right.Missing)(nil)
	switch kind := refusal.Error.Kind; {
	case errors.As(err, &missing):
		body = v.lacking(sentence)
	case errors.Is(err, access.ErrLink):
		status = http.StatusNotFound
		body = Alert{Tone: "warning", Title: v.say("Liên kết không dùng được"), Text: sentence}
	case kind == taphoa.KindNotFound:
		status = http.StatusNotFound
		body = NotFound{Text: sentence, Action: Action{Text: v.say("Về trang đầu"), URL: "/console/"}}
	case kind == taphoa.KindRefused:
		status = http.StatusUnprocessableEntity
	case status == http.StatusInternalServerError:
		fault := Fault{RequestID: v.id()}
		if v.r.Method == http.MethodGet {
			fault.Again = v.r.URL.RequestURI()
		}
		body = fault
	}
	if err := v.drawError(status, v.say("Chưa thực hiện được"), body); err != nil {
		v.options.Log.Error("a page cannot be drawn", "id", v.id(), "error", err)
		http.Error(v.w, sentence, status)
	}
}

func (v *visit) drawError(status int, title string, body any) error {
	if v.session.User == 0 || v.session.Pending {
		return v.showNarrow(status, title, body)
	}
	return v.show(status, title, body)
}
