package console

import (
	"net/http"
	"slices"
	"time"

	"github.com/taphoa/taphoa"
)

// oldSecretUntil is until when the secret before signs as well; empty: it does not.
func (v *visit) oldSecretUntil(r record) string {
	until, err := taphoa.ParseTime(r.text("oldSecretUntil"))
	if err != nil || until <= v.db.Now() {
		return ""
	}
	return instant(until)
}

func (v *visit) showWebhookSecret() error { return v.drawWebhookSecret(http.StatusOK, nil) }

func (v *visit) drawWebhookSecret(status int, refusal *taphoa.Error) error {
	if err := v.secure(); err != nil {
		return err
	}
	r, _, err := v.askByID("getWebhook")
	if err != nil {
		return err
	}
	old := Field{Kind: "choices", Name: "overlap", Label: v.say("Mã bí mật cũ"), Choices: v.overlapChoices()}
	if until := v.oldSecretUntil(r); until != "" {
		old.Hint = v.say("Mã trước mã đang dùng, còn hiệu lực đến %s, sẽ hết hiệu lực khi đổi.", until)
	}
	return v.hookForm(status, "secret", v.say("Đổi mã bí mật"), v.say("Đổi mã bí mật"), refusal, append([]Section{{
		Title: v.say("Chữ ký"), Text: v.say("Cho mã cũ thêm thời gian thì máy nhận không gián đoạn: đến hết lúc đó X-Hub-Signature còn theo mã cũ, Webhook-Signature có chữ ký của cả hai mã, và máy nhận cần biết cả mã mới. Hết hiệu lực ngay thì từ lần gửi kế tiếp chữ ký theo mã mới; máy nhận từ chối chữ ký lạ bằng 401 hay 403 thì webhook bị ngừng: đổi ở máy nhận cùng lúc, rồi bật lại nếu cần; không sự kiện nào mất."),
		Fields: []Field{v.hookSecretField(), old},
	}}, v.confirmSections()...)...)
}

// changeWebhookSecret gives a webhook a new secret, and shows it if it was made here.
func (v *visit) changeWebhookSecret() error {
	if err := v.secure(); err != nil {
		return err
	}
	typed := v.r.PostForm
	chosen := slices.IndexFunc(overlaps, func(o overlap) bool { return o.value == typed.Get("overlap") })
	if chosen < 0 {
		return v.again(taphoa.Refuse(taphoa.CodeValidate, "overlap", "Hãy chọn mã bí mật cũ còn dùng được bao lâu"), v.drawWebhookSecret)
	}
	err := v.confirmTyped()
	secret, made := v.hookSecret("secret of webhook " + v.r.PathValue("id"))
	if err == nil {
		_, err = v.write("(rotateWebhookSecret)", map[string]string{"id": v.r.PathValue("id")},
			map[string]any{"secret": secret, "overlapHours": int64(overlaps[chosen].time / time.Hour)}, &filled{key: typed.Get("key")})
	}
	if err != nil {
		return v.again(err, v.drawWebhookSecret)
	}
	r, _, err := v.askByID("getWebhook")
	if err != nil {
		return err
	}
	at := v.address(&webhooks, r.text("id"))
	if !made {
		v.toast(v.say("Đã lưu"))
		return v.redirect(at)
	}
	return v.shownOnce(r.text("url"), at, v.hookSecretShown(secret))
}
