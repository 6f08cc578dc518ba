package console

import (
	"context"
	"net/http"
	"net/url"
	"strings"
	"sync"

	"github.com/taphoa/taphoa/internal/access"
	"github.com/taphoa/taphoa/internal/mail"
	"github.com/taphoa/taphoa/internal/message"
)

// Whatever comes, this much is kept of what people ask for who are not signed in.
const (
	askersAtOnce = 4
	asksWaiting  = 64
	askLength    = 1000 // bytes of the names together; longer ones mean no account
)

// ask is a person's who has forgotten the password.
type ask struct {
	shop, userName string
	from           access.Caller
	lang           message.Language
}

// Run sends the mails that people ask for who are not signed in, until ctx ends.
func (c *Console) Run(ctx context.Context) {
	var workers sync.WaitGroup
	for range askersAtOnce {
		workers.Go(func() {
			for {
				select {
				case <-ctx.Done():
					return
				case a := <-c.asks:
					c.answer(ctx, a)
				}
			}
		})
	}
	workers.Wait()
}

// answer sends a link to the address of the account that has asked, if it gets one.
func (c *Console) answer(ctx context.Context, a ask) {
	secret, link, ok, err := c.people.Forgotten(ctx, a.shop, a.userName, a.from)
	if err != nil {
		if ctx.Err() == nil {
			c.db.Report(ctx, c.options.Log, "a link could not be made", err)
		}
		return
	}
	if to, is := c.mailable(link.Email); ok && is {
		text := say(a.lang, "Có người yêu cầu đặt lại mật khẩu của bạn ở gian hàng %s.", oneLine(link.ShopName))
		_ = c.sendLink(ctx, a.lang, to, text, secret, link)
	}
}

// mailable returns the address in what people typed as such, if mail can be sent there.
func (c *Console) mailable(email string) (to string, ok bool) {
	if c.options.Mail == nil {
		return "", false
	}
	return mail.ParseAddress(email)
}

// sendLink sends a link, and logs that it could not.
func (c *Console) sendLink(ctx context.Context, l message.Language, to, text, secret string, link access.Link) error {
	subject := say(l, "Đặt lại mật khẩu ở gian hàng %s", link.ShopName)
	if link.Kind == access.KindInvitation {
		subject = say(l, "Lời mời vào gian hàng %s", link.ShopName)
	}
	err := c.options.Mail.Send(ctx, mail.Message{To: to, Subject: subject, Text: strings.Join([]string{
		say(l, "Chào %s,", oneLine(link.GivenName)),
		text + " " + say(l, "Mã gian hàng là %s, tên đăng nhập của bạn là %s.", oneLine(link.ShopCode), oneLine(link.UserName)),
		say(l, "Mở liên kết này để đặt mật khẩu. Liên kết dùng được một lần, đến %s:", instant(link.Expires)),
		c.linkAddress(c.options.PublicURL, secret),
		say(l, "Nếu bạn không chờ thư này thì hãy bỏ qua: không mở liên kết thì không có gì thay đổi. Đừng chuyển thư cho ai, vì ai có liên kết cũng đặt được mật khẩu của bạn."),
	}, "\n\n") + "\n"})
	if err != nil {
		c.options.Log.Warn("a mail could not be sent", "shop", link.ShopCode, "user", link.User, "error", err.Error())
	}
	return err
}

// linkAddress is the address of a link, with its secret in the fragment, which browsers keep for themselves.
func (c *Console) linkAddress(base, secret string) string {
	return strings.TrimSuffix(base, "/") + "/console/link#" + secret
}

// oneLine is a name as a part of a line.
func oneLine(name string) string { return strings.Join(strings.Fields(name), " ") }

// mailInvitation sends the owner's link to whom it is for, and says whether it could. The text is in Vietnamese, since the person's
// language is not known yet.
func (v *visit) mailInvitation(to, secret string, link access.Link) Alert {
	key := "%s gửi bạn liên kết để đặt lại mật khẩu ở gian hàng %s."
	if link.Kind == access.KindInvitation {
		key = "%s mời bạn vào gian hàng %s."
	}
	text := say(message.Vietnamese, key, oneLine(v.session.GivenName), oneLine(link.ShopName))
	if v.sendLink(v.r.Context(), message.Vietnamese, to, text, secret, link) != nil {
		return Alert{
			Tone: "danger", Title: v.say("Chưa gửi được thư đến %s", to),
			Text: v.say("Máy chủ thư không nhận. Hãy tự gửi liên kết dưới đây, hoặc xem nhật ký của máy chủ."),
		}
	}
	return Alert{Tone: "success", Title: v.say("Đã gửi thư đến %s", to), Text: v.say("Thư không đến thì hãy tự gửi liên kết dưới đây.")}
}

func (v *visit) showForgotten() error {
	shop := v.r.FormValue("shop")
	return v.showNarrow(http.StatusOK, v.say("Quên mật khẩu"), Form{
		ID: "forgotten", URL: "/console/forgotten", Plain: true, Save: v.say("Gửi liên kết"), Cancel: "/console/sign-in",
		Sections: []Section{{
			Text: v.say("Liên kết để đặt lại mật khẩu được gửi đến địa chỉ email của tài khoản."),
			Fields: []Field{
				{Kind: "text", Name: "shop", Label: v.say("Gian hàng"), Value: shop, Required: true, Focus: shop == "", Autocomplete: "organization", Length: 100},
				{Kind: "text", Name: "userName", Label: v.say("Tên đăng nhập"), Required: true, Focus: shop != "", Autocomplete: "username", Length: 100},
			},
		}},
	})
}

// forgotten has a link sent. The answer is the same whatever the names mean, and does not wait for what depends on that.
func (v *visit) forgotten() error {
	a := ask{v.r.PostForm.Get("shop"), v.r.PostForm.Get("userName"), v.caller(), v.lang}
	if len(a.shop)+len(a.userName) <= askLength {
		select {
		case v.asks <- a:
		default: // too many ask; they ask again
			v.options.Log.Debug("a reset was not sent: too many people ask", "id", v.id())
		}
	}
	return v.showNarrow(http.StatusOK, v.say("Quên mật khẩu"), Alert{
		Tone: "info", Title: v.say("Đã nhận yêu cầu"),
		Text:    v.say("Nếu tài khoản này có mật khẩu và địa chỉ email, liên kết sắp được gửi đến đó, mỗi 15 phút nhiều nhất một lần. Sau vài phút không thấy thư, kể cả trong thư rác, thì hãy hỏi chủ cửa hàng."),
		Actions: []Action{{Text: v.say("Về trang đăng nhập"), URL: "/console/sign-in?" + url.Values{"shop": {v.r.PostForm.Get("shop")}}.Encode()}},
	})
}
