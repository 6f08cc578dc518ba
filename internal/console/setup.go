package console

import (
	"net/http"
	"strings"
	"unicode/utf8"

	"github.com/taphoa/taphoa"
	"github.com/taphoa/taphoa/internal/access"
	"github.com/taphoa/taphoa/internal/audit"
	"github.com/taphoa/taphoa/internal/db"
	"github.com/taphoa/taphoa/internal/demo"
	"github.com/taphoa/taphoa/internal/oauth"
	"github.com/taphoa/taphoa/internal/org"
)

// showSetup is the page of the set-up link, whose secret is in the fragment.
func (v *visit) showSetup() error {
	return v.showNarrow(http.StatusOK, v.say("Bắt đầu với Taphoa"), v.setupSteps(0),
		Form{ID: "open-link", URL: "/setup/begin", Plain: true, Save: v.say("Bắt đầu"), Hidden: []Hidden{{"secret", ""}}, Sections: []Section{{
			Text: v.say("Trong vài phút bạn mở gian hàng, tài khoản chủ cửa hàng và kết nối API đầu tiên."),
		}}})
}

func (v *visit) setupSteps(current int) Steps {
	s := Steps{}
	for i, text := range []string{v.say("Mở liên kết"), v.say("Gian hàng và chủ cửa hàng"), v.say("Kết nối API")} {
		step := Step{Text: text}
		switch {
		case i < current:
			step.State = "done"
		case i == current:
			step.State = "current"
		}
		s.Items = append(s.Items, step)
	}
	return s
}

func (v *visit) beginSetup() error { return v.drawSetup(http.StatusOK, nil) }

func (v *visit) drawSetup(status int, refusal *taphoa.Error) error {
	if err := v.secure(); err != nil {
		return err
	}
	form, secret := v.r.PostForm, v.r.PostForm.Get("secret")
	if err := v.checkSetup(); err != nil {
		return err
	}
	branch := form.Get("branchName")
	if branch == "" {
		branch = v.say("Chi nhánh trung tâm")
	}
	data := form.Get("data")
	if data == "" {
		data = "empty"
	}
	page := Form{
		ID: "setup", URL: "/setup", Plain: true, Save: v.say("Mở gian hàng"), Hidden: []Hidden{{"secret", secret}},
		Sections: []Section{
			{Title: v.say("Gian hàng"), Fields: []Field{
				{Kind: "text", Name: "name", Label: v.say("Tên gian hàng"), Value: form.Get("name"), Required: true, Focus: true, Autocomplete: "organization", Length: 255},
				{Kind: "text", Name: "code", Label: v.say("Mã gian hàng"), Value: form.Get("code"), Hint: v.say("Chữ không dấu, chữ số và dấu gạch: phần mềm gọi API bằng mã này"), Required: true, Length: 100},
				{Kind: "text", Name: "branchName", Label: v.say("Chi nhánh đầu tiên"), Value: branch, Required: true, Length: 255},
			}},
			{Title: v.say("Chủ cửa hàng"), Fields: []Field{
				{Kind: "text", Name: "givenName", Label: v.say("Họ tên"), Value: form.Get("givenName"), Required: true, Autocomplete: "name", Length: 255},
				{Kind: "text", Name: "userName", Label: v.say("Tên đăng nhập"), Value: form.Get("userName"), Required: true, Autocomplete: "username", Length: 100},
				{Kind: "text", Name: "email", Label: v.say("Email"), Value: form.Get("email"), Hint: v.say("Để lấy lại mật khẩu khi quên; có thể để trống"), Autocomplete: "email", Length: 255},
				{Kind: "password", Name: "password", Label: v.say("Mật khẩu"), Hint: v.say("Ít nhất 10 ký tự; một câu ngắn dễ nhớ là tốt nhất"), Required: true, Autocomplete: "new-password", Length: 1000},
				{Kind: "password", Name: "again", Label: v.say("Nhập lại mật khẩu"), Required: true, Autocomplete: "new-password", Length: 1000},
			}},
			{Title: v.say("Dữ liệu"), Fields: []Field{{
				Kind: "choices", Name: "data", Label: v.say("Bắt đầu với"), Choices: []Choice{
					{Value: "empty", Text: v.say("Gian hàng trống"), Selected: data == "empty"},
					{Value: "demo", Text: v.say("Dữ liệu mẫu để xem thử"), Selected: data == "demo"},
				},
			}}},
		},
	}
	if refusal != nil {
		v.place(&page, refusal)
	}
	return v.showNarrow(status, v.say("Mở gian hàng"), v.setupSteps(1), page)
}

// setUp opens the shop, with its owner, its first branch and the first connection of the API, in one transaction that uses the
// link up.
func (v *visit) setUp() error {
	if err := v.secure(); err != nil {
		return err
	}
	form := v.r.PostForm
	_, _, err := org.ShopNames(form.Get("code"), form.Get("name")) // what comes first on the page is refused first
	if err == nil {
		err = v.owner().Validate()
	}
	if err == nil {
		err = v.tooLong()
	}
	password := ""
	if err == nil {
		password, err = v.newPassword()
	}
	if err != nil {
		return v.again(err, v.drawSetup)
	}
	if err := v.checkSetup(); err != nil { // before the password is hashed, which takes turns
		return err
	}
	hash, err := v.people.Hash(v.r.Context(), password, form.Get("userName"), form.Get("code"), form.Get("name"))
	if err != nil {
		return v.again(err, v.drawSetup)
	}
	var made opened
	err = v.db.Write(v.r.Context(), db.Actor{}, func(tx *db.Tx) (err error) {
		made, err = v.openShop(tx, hash)
		return err
	})
	if err != nil {
		return v.again(err, v.drawSetup)
	}
	v.session = made.session
	v.setToken(made.token)
	return v.showNarrow(http.StatusOK, v.say("Gian hàng đã mở"), v.setupSteps(3), Secret{
		Title: v.say("Kết nối API đầu tiên"), Text: v.say("Chép lại ngay: mã bí mật chỉ hiện một lần này. Phần mềm của bạn cần ba giá trị."),
		Values: []SecretValue{{"Retailer", made.shop.Code}, {"ClientId", made.client.ClientID}, {"ClientSecret", made.secret}},
	}, Card{
		Title:   v.say("Gian hàng %s đã mở", made.shop.Name),
		Actions: []Action{{Text: v.say("Vào gian hàng"), Kind: "primary", URL: "/console/"}},
	})
}

func (v *visit) checkSetup() error {
	return v.db.Read(v.r.Context(), db.Actor{}, func(tx *db.Tx) error { return access.CheckSetup(tx, v.r.PostForm.Get("secret")) })
}

// owner is the user that the form names.
func (v *visit) owner() *taphoa.UserInput {
	form := v.r.PostForm
	return &taphoa.UserInput{
		UserName: form.Get("userName"), GivenName: form.Get("givenName"), Email: taphoa.SomeIf(strings.TrimSpace(form.Get("email"))),
	}
}

// tooLong refuses what the API would refuse for its length.
func (v *visit) tooLong() error {
	for _, f := range []struct {
		name string
		most int
	}{{"name", 255}, {"code", 100}, {"branchName", 255}, {"givenName", 255}, {"userName", 100}, {"email", 255}} {
		if utf8.RuneCountInString(v.r.PostForm.Get(f.name)) > f.most {
			return taphoa.Refuse(taphoa.CodeValidate, f.name, "Trường %s không được quá %d ký tự", f.name, f.most)
		}
	}
	return nil
}

// opened is what a set-up makes.
type opened struct {
	shop    org.Shop
	client  oauth.Client
	secret  string
	token   string
	session access.Session
}

func (v *visit) openShop(tx *db.Tx, hash string) (made opened, err error) {
	form := v.r.PostForm
	if err = access.UseSetup(tx, form.Get("secret")); err != nil {
		return made, err
	}
	open := func() error {
		made.shop, err = org.OpenShop(tx, form.Get("code"), form.Get("name"), v.owner(), form.Get("branchName"))
		return err
	}
	if form.Get("data") == "demo" {
		err = demo.FillShop(tx, open)
	} else {
		err = open()
	}
	if err != nil {
		return made, err
	}
	account, err := access.FindOwner(tx) // users of the demo data have acted after the owner
	if err != nil {
		return made, err
	}
	tx.User = account.User
	audit.Operation(tx, "openShop", "")
	if err = access.SetPassword(tx, tx.User, hash); err != nil {
		return made, err
	}
	made.client, made.secret, err = oauth.CreateClient(tx, oauth.ClientInput{Name: v.say("Kết nối đầu tiên")})
	if err != nil {
		return made, err
	}
	made.token, made.session, err = access.StartSession(tx, tx.User, v.caller())
	return made, err
}
