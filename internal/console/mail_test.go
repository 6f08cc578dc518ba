package console_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strconv"
	"strings"
	"testing"
	"time"

	"golang.org/x/net/html"

	"github.com/taphoa/taphoa"
	"github.com/taphoa/taphoa/internal/access"
	"github.com/taphoa/taphoa/internal/apitest"
	"github.com/taphoa/taphoa/internal/console"
	"github.com/taphoa/taphoa/internal/db"
	"github.com/taphoa/taphoa/internal/dbtest"
	"github.com/taphoa/taphoa/internal/mail"
	"github.com/taphoa/taphoa/internal/mailtest"
	"github.com/taphoa/taphoa/internal/org"
)

const publicURL = "https://cobien.example/quay"

// mailDesk is a desk with a mail server.
type mailDesk struct {
	*desk
	stub *mailtest.Server
	log  *dbtest.Log
}

// eachMailDesk runs a test on both engines with a mail server. Every page is asked for by a name that is not the public one.
func eachMailDesk(t *testing.T, stub mailtest.Options, test func(t *testing.T, d *mailDesk)) {
	t.Helper()
	apitest.Each(t, func(t *testing.T, s *apitest.Server) {
		d := &mailDesk{stub: mailtest.New(t, stub), log: new(dbtest.Log)}
		server, err := mail.New("smtp://"+d.stub.Addr(), "khong-tra-loi@cobien.example")
		if err != nil {
			t.Fatal(err)
		}
		d.desk = openDesk(t, s, httptest.NewServer, console.Options{Mail: server, PublicURL: publicURL + "/", Log: d.log.Logger()})
		ctx, stop := context.WithCancel(context.Background())
		ended := make(chan struct{})
		go func() { defer close(ended); d.console.Run(ctx) }()
		t.Cleanup(func() { stop(); <-ended })
		test(t, d)
	})
}

// changeUser changes a user of the shop.
func (d *desk) changeUser(user int64, in taphoa.UserInput) {
	d.t.Helper()
	d.As(d.Shop).Write(func(tx *db.Tx) error {
		_, err := org.UpdateUser(tx, &taphoa.UserUpdate{ByID: taphoa.ByID{ID: user}, UserInput: in})
		return err
	})
}

// withPassword gives a user the owner's password.
func (d *desk) withPassword(user int64) {
	d.t.Helper()
	hash, err := hashed()
	if err != nil {
		d.t.Fatal(err)
	}
	d.As(d.Shop).Write(func(tx *db.Tx) error { return access.SetPassword(tx, user, hash) })
}

// secretIn returns the secret of the link in a mail, which leads to the public address.
func secretIn(t *testing.T, m mailtest.Mail) (subject, text, secret string) {
	t.Helper()
	header, subject, text := m.Parse(t)
	if header.Get("Bcc") != "" || header.Get("Cc") != "" || len(m.To) != 1 {
		t.Errorf("to %q, %v", m.To, header)
	}
	_, rest, found := strings.Cut(text, "\n"+publicURL+"/console/link#")
	secret, _, _ = strings.Cut(rest, "\n")
	if !found || len(secret) < 20 || strings.Count(text, "://") != 1 {
		t.Fatalf("the text is %s", text)
	}
	return subject, text, secret
}

// TestAnInvitationByMail is sent by the owner's button, and the link is shown as well.
func TestAnInvitationByMail(t *testing.T) {
	eachMailDesk(t, mailtest.Options{}, func(t *testing.T, d *mailDesk) {
		lan := d.ID("user:lan")
		at := "/console/users/" + strconv.FormatInt(lan, 10)
		owner := d.owner().with("X-Forwarded-Host", "evil.example")
		asks := owner.get(at).want(http.StatusOK).has("được gửi đến lan@taphoa.vn")
		shown := owner.press(asks.form(at+"/invite"), "Gửi thư").want(http.StatusOK).has("Đã gửi thư đến lan@taphoa.vn")
		mails := d.stub.Received()
		if len(mails) != 1 || mails[0].To[0] != "TO:<lan@taphoa.vn>" {
			t.Fatalf("mails: %+v", mails)
		}
		subject, text, secret := secretIn(t, mails[0])
		if link := textOf(find(shown.root, isCode)[0]); link != publicURL+"/console/link#"+secret {
			t.Errorf("the page shows %s", link)
		}
		if subject != "Lời mời vào gian hàng Tạp hóa 1" {
			t.Errorf("the subject is %s", subject)
		}
		for _, want := range []string{"Chào Nguyễn Thị Lan,", "mời bạn vào gian hàng Tạp hóa 1.", "Mã gian hàng là taphoa, tên đăng nhập của bạn là lan.", "đến ", "Nếu bạn không chờ thư này"} {
			if !strings.Contains(text, want) {
				t.Errorf("the mail lacks %q: %s", want, text)
			}
		}
		v := d.visitor()
		opened := v.submit(v.get("/console/link").form("/console/link").set("secret", secret)).want(http.StatusOK)
		v.submit(opened.form("/console/link/accept").set("password", ownersPassword, "again", ownersPassword)).want(http.StatusOK)

		// Now Lan has a password: what the owner sends is a reset, in Vietnamese also from an English desk.
		owner.with("Accept-Language", "en").post(at+"/invite", url.Values{}).want(http.StatusOK).has("A mail was sent to lan@taphoa.vn")
		if subject, text, _ := secretIn(t, d.stub.Received()[1]); subject != "Đặt lại mật khẩu ở gian hàng Tạp hóa 1" || !strings.Contains(text, "gửi bạn liên kết để đặt lại mật khẩu") {
			t.Errorf("%s: %s", subject, text)
		}
		if v.get(at).hasNot("/invite"); len(d.stub.Received()) != 2 {
			t.Error("Lan may send mail")
		}
		v.post(at+"/invite", url.Values{}).want(http.StatusForbidden)

		for _, email := range []string{"", "không có", "lan@taphoa.vn, x@evil.example", "lan@taphoa.vn\r\nBcc: x@evil.example", "lan@taphoa.vn>\r\nRCPT TO:<x@evil.example"} {
			d.changeUser(lan, taphoa.UserInput{Email: taphoa.Some(email)})
			owner.press(owner.get(at).form(at+"/invite"), "Gửi liên kết đặt lại mật khẩu").want(http.StatusOK).has(publicURL+"/console/link#").hasNot("Đã gửi thư", "Chưa gửi được thư")
		}
		if n := len(d.stub.Received()); n != 2 {
			t.Errorf("%d mails", n)
		}
		for _, line := range []string{secret, "/console/link#"} {
			if strings.Contains(d.log.String(), line) {
				t.Errorf("the log has %q", line)
			}
		}
	})
}

// TestNamesStayInTheirLine tries to add headers and links by names.
func TestNamesStayInTheirLine(t *testing.T) {
	eachMailDesk(t, mailtest.Options{}, func(t *testing.T, d *mailDesk) {
		lan := d.ID("user:lan")
		d.changeUser(lan, taphoa.UserInput{
			GivenName: "Lan\r\nBcc: x@evil.example\r\n\r\nMở trang khác", UserName: "lan\nx", Email: taphoa.Some("\"Lan\" <lan@taphoa.vn>"),
		})
		d.owner().post("/console/users/"+strconv.FormatInt(lan, 10)+"/invite", url.Values{}).want(http.StatusOK).has("Đã gửi thư đến lan@taphoa.vn")
		_, text, _ := secretIn(t, d.stub.Received()[0])
		if first, _, _ := strings.Cut(text, "\n"); first != "Chào Lan Bcc: x@evil.example Mở trang khác," {
			t.Errorf("the first line is %q", first)
		}
	})
}

// TestAMailThatIsNotTaken is told, with the link, and logged without it.
func TestAMailThatIsNotTaken(t *testing.T) {
	eachMailDesk(t, mailtest.Options{Replies: map[string]string{".": "554 5.7.1 spam: https://cobien.example/quay/console/link#"}}, func(t *testing.T, d *mailDesk) {
		shown := d.owner().post("/console/users/"+strconv.FormatInt(d.ID("user:lan"), 10)+"/invite", url.Values{}).want(http.StatusOK).
			has("Chưa gửi được thư đến lan@taphoa.vn", publicURL+"/console/link#").hasNot("Đã gửi thư")
		_, secret, _ := strings.Cut(textOf(find(shown.root, isCode)[0]), "#")
		lines := d.log.Lines("a mail could not be sent")
		if len(lines) != 1 || !strings.Contains(fmt.Sprint(lines[0]), "554 5.7.1") || strings.Contains(d.log.String(), secret) || strings.Contains(d.log.String(), "link#") || strings.Contains(d.log.String(), "lan@") {
			t.Errorf("the log is %s", d.log)
		}
	})
}

// TestAForgottenPassword asks for a link, opens it and signs in.
func TestAForgottenPassword(t *testing.T) {
	eachMailDesk(t, mailtest.Options{}, func(t *testing.T, d *mailDesk) {
		const newPassword = "bưởi năm roi chín cây"
		d.withPassword(d.ID("user:lan"))
		v := d.visitor()
		at := v.get(v.get("/console/TAPHOA").link("Quên mật khẩu?")).want(http.StatusOK)
		f := at.form("/console/forgotten")
		if f.Get("shop") != "TAPHOA" {
			t.Errorf("the shop is lost: %v", f.Values)
		}
		said := v.submit(f.set("userName", "Lan")).want(http.StatusOK).has("Đã nhận yêu cầu")
		mails := d.stub.Await(1)
		if len(mails) != 1 || mails[0].To[0] != "TO:<lan@taphoa.vn>" {
			t.Fatalf("mails: %+v", mails)
		}
		subject, text, secret := secretIn(t, mails[0])
		said.hasNot(secret, "lan@taphoa.vn", "link#")
		if subject != "Đặt lại mật khẩu ở gian hàng Tạp hóa 1" || !strings.Contains(text, "Có người yêu cầu đặt lại mật khẩu của bạn ở gian hàng Tạp hóa 1.") {
			t.Errorf("%s: %s", subject, text)
		}
		v.signIn(v.get(said.link("Về trang đăng nhập")), "taphoa", "lan", ownersPassword).want(http.StatusOK) // is good until the link is used
		other := d.visitor()
		opened := other.submit(other.get("/console/link").form("/console/link").set("secret", secret)).want(http.StatusOK)
		other.submit(opened.form("/console/link/accept").set("password", newPassword, "again", newPassword)).want(http.StatusOK)
		if got := other.get("/console/account"); got.at.Path != "/console/account" {
			t.Errorf("not signed in: %s", got.at)
		}
		if got := v.get("/console/account"); got.at.Path == "/console/account" {
			t.Error("the session of the old password goes on")
		}
		english := d.visitor().with("Accept-Language", "en")
		english.post("/console/forgotten", url.Values{"shop": {"taphoa"}, "userName": {"lan"}}).has("Your request was received")
		mails = d.stub.Await(2)
		if _, subject, _ := mails[len(mails)-1].Parse(t); len(mails) != 2 || subject != "Reset your password at the shop Tạp hóa 1" {
			t.Errorf("%d mails, the last about %s", len(mails), subject)
		}
		if strings.Contains(d.log.String(), secret) {
			t.Errorf("the log has the link: %s", d.log)
		}
	})
}

// TestNoOneLearnsWhichAccountsThereAre compares the answers and their times, with a mail server that hangs.
func TestNoOneLearnsWhichAccountsThereAre(t *testing.T) {
	eachMailDesk(t, mailtest.Options{Replies: map[string]string{"RCPT": "hang"}}, func(t *testing.T, d *mailDesk) {
		d.withPassword(d.ID("user:lan"))
		answers := map[string]string{}
		for _, names := range [][2]string{
			{"taphoa", "lan"}, {"taphoa", "lan"}, {"taphoa", "khongco"}, {"khongco", "lan"}, {"taphoa", "admin"}, {"", ""}, {"taphoa", strings.Repeat("x", 5000)}, {"' OR 1=1 --", "\"<lan@taphoa.vn>\r\nBcc: x"},
		} {
			began := time.Now()
			p := d.visitor().post("/console/forgotten", url.Values{"shop": {names[0]}, "userName": {names[1]}}).want(http.StatusOK)
			if took := time.Since(began); took > 500*time.Millisecond {
				t.Errorf("%.20q took %v", names, took)
			}
			answers[p.text()] = names[1]
		}
		if len(answers) != 1 {
			t.Errorf("%d answers: %v", len(answers), answers)
		}
		within(t, 2*time.Second, "the mail is begun", func() bool { return strings.Contains(strings.Join(d.stub.Lines(), "\n"), "RCPT TO:<lan@taphoa.vn>") })
	})
}

// TestManyWhoAskAreBounded sends more than can wait: the answers stay the same, and one mail is sent.
func TestManyWhoAskAreBounded(t *testing.T) {
	eachMailDesk(t, mailtest.Options{}, func(t *testing.T, d *mailDesk) {
		d.withPassword(d.ID("user:lan"))
		v := d.visitor()
		for range 150 {
			v.post("/console/forgotten", url.Values{"shop": {"taphoa"}, "userName": {"lan"}}).want(http.StatusOK).has("Đã nhận yêu cầu")
		}
		d.stub.Await(1)
		time.Sleep(200 * time.Millisecond) // for a second one
		if n := len(d.stub.Received()); n != 1 {
			t.Errorf("%d mails", n)
		}
	})
}

// TestWithoutAMailServerNothingIsOffered.
func TestWithoutAMailServerNothingIsOffered(t *testing.T) {
	eachDesk(t, func(t *testing.T, d *desk) {
		v := d.visitor()
		if links := find(v.get("/console/sign-in").root, func(n *html.Node) bool { return strings.Contains(attribute(n, "href"), "forgotten") }); len(links) > 0 {
			t.Error("there is no mail, and yet its link")
		}
		v.post("/console/forgotten", url.Values{"shop": {"taphoa"}, "userName": {"lan"}}).want(http.StatusNotFound)
	})
}
