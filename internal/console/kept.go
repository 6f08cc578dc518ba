package console

import (
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
)

// What a person has typed when the session ends travels in these members of the sign-in form.
const (
	keptPath = "kept-path"
	keptForm = "kept-form"
)

// showEnded asks a person to sign in again whose session has ended, and keeps what was typed. The forms of one's own account
// have secrets in them, and are not kept.
func (v *visit) showEnded() error {
	secret := strings.HasPrefix(v.r.URL.Path, "/console/confirm") || strings.HasPrefix(v.r.URL.Path, accountPath+"/")
	form := v.signInForm("", nil)
	v.r.PostForm.Del("password")
	v.r.PostForm.Del(secretName)
	shown := typed(v.r.PostForm)
	if secret {
		shown = nil
	}
	if len(shown) > 0 {
		form.Hidden = []Hidden{{keptPath, v.r.URL.Path}, {keptForm, v.r.PostForm.Encode()}}
	}
	return v.showNarrow(http.StatusUnauthorized, v.say("Phiên đã hết hạn"), SessionEnded{Form: form, Kept: shown})
}

// typed is what a person has typed in a form.
func typed(form url.Values) (shown []KeyValue) {
	for _, name := range slices.Sorted(maps.Keys(form)) {
		if text := strings.Join(form[name], ", "); text != "" && name != "key" && !strings.HasPrefix(name, shownBefore) {
			shown = append(shown, KeyValue{Key: name, Cell: Cell{Text: text}})
		}
	}
	return shown
}

// kept are the members of a form of signing in that carry what was typed.
func (v *visit) kept() []Hidden {
	if v.r.PostForm.Get(keptPath) == "" {
		return nil
	}
	return []Hidden{{keptPath, v.r.PostForm.Get(keptPath)}, {keptForm, v.r.PostForm.Get(keptForm)}}
}

// offerKept lets the person send what was typed before the session ended. It is not sent by itself: who has signed in may be
// another person, of another shop.
func (v *visit) offerKept() error {
	path := v.r.PostForm.Get(keptPath)
	form, err := url.ParseQuery(v.r.PostForm.Get(keptForm))
	if err != nil || !local(path) {
		return v.redirect("/console/")
	}
	again := Form{ID: "kept", URL: path, Plain: true, Save: v.say("Gửi tiếp"), Cancel: "/console/"}
	for _, name := range slices.Sorted(maps.Keys(form)) {
		for _, value := range form[name] {
			again.Hidden = append(again.Hidden, Hidden{name, value})
		}
	}
	return v.showNarrow(http.StatusOK, v.say("Những gì đã nhập vẫn còn"),
		Alert{Tone: "info", Title: v.say("Bạn đã đăng nhập lại"), Text: v.say("Những gì bạn đã nhập chưa được lưu. Kiểm tra rồi gửi tiếp vào gian hàng %s.", v.session.ShopName)},
		Card{Title: v.say("Đã nhập"), Body: []any{KeyValues{Items: typed(form)}}}, again)
}
