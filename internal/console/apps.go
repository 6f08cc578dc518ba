package console

import (
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/taphoa/taphoa"
	"github.com/taphoa/taphoa/internal/audit"
	"github.com/taphoa/taphoa/internal/db"
	"github.com/taphoa/taphoa/internal/oauth"
)

const (
	newAppPath = connectionsPath + "/new/app"
	appsPath   = accountPath + "/apps"

	// The members of the form of a program that people sign in to.
	redirectName, logoutName, publicName = "redirect", "logout", "public"
)

func (v *visit) showNewApp() error { return v.drawNewApp(http.StatusOK, nil) }

func (v *visit) drawNewApp(status int, refusal *taphoa.Error) error {
	typed, title := v.r.PostForm, v.say("Thêm ứng dụng đăng nhập")
	form := Form{
		ID: "app", URL: newAppPath, Save: v.say("Tạo ứng dụng"), Cancel: connectionsPath, Dirty: refusal != nil, Hidden: []Hidden{{"key", newKey()}},
		Sections: []Section{
			{Title: v.say("Ứng dụng"), Text: v.say("Người dùng đăng nhập bằng tài khoản ở đây; ứng dụng làm việc theo quyền của từng người."), Fields: []Field{
				{Kind: "text", Name: "name", Label: v.say("Tên ứng dụng"), Hint: v.say("Người dùng thấy tên này khi được hỏi có cho phép không"), Value: typed.Get("name"), Required: true, Focus: refusal == nil, Length: 255},
				{Kind: "choices", Name: publicName, Label: v.say("Mã bí mật"), Hint: v.say("Ứng dụng chạy trên điện thoại hay trong trình duyệt không giữ kín được mã nào"), Choices: []Choice{
					{Value: "", Text: v.say("Máy chủ của ứng dụng giữ"), Selected: typed.Get(publicName) == ""},
					{Value: "true", Text: v.say("Không có"), Selected: typed.Get(publicName) != ""},
				}},
			}},
			v.addressesSection(typed.Get(redirectName), typed.Get(logoutName)),
			{Title: v.say("Được làm gì"), Text: v.say("Không bao giờ nhiều hơn quyền của người đăng nhập."), Fields: []Field{{
				Kind: "checkbox", Name: "admin", Label: v.say("Được ghi cả những gì API của KiotViet chỉ cho đọc"), On: typed.Get("admin") != "",
				Hint: v.say("Phạm vi Taphoa.Admin: chi nhánh, người dùng, bảng giá, tài khoản ngân hàng …"),
			}}},
		},
	}
	form.Sections = append(form.Sections, v.confirmSections()...)
	if refusal != nil {
		v.place(&form, refusal)
	}
	return v.show(status, title, Header{Title: title, Back: v.toConnections()}, form)
}

func (v *visit) addressesSection(redirects, logouts string) Section {
	return Section{Title: v.say("Địa chỉ"), Text: v.say("Mỗi dòng một địa chỉ, đúng từng ký tự như ứng dụng gửi."), Fields: []Field{
		{Kind: "textarea", Name: redirectName, Label: v.say("Địa chỉ quay lại sau khi đăng nhập"), Hint: v.say("https://…, http://localhost/… (cổng nào cũng được), hoặc com.example.app:/… của ứng dụng không có mã bí mật"), Value: redirects, Required: true},
		{Kind: "textarea", Name: logoutName, Label: v.say("Địa chỉ sau khi đăng xuất"), Value: logouts},
	}}
}

// createApp makes a client that people sign in to and shows its secret, once.
func (v *visit) createApp() error {
	if err := v.secure(); err != nil {
		return err
	}
	form := v.r.PostForm
	in := oauth.ClientInput{
		Name: form.Get("name"), Public: form.Get(publicName) != "", Redirects: strings.Fields(form.Get(redirectName)), Logouts: strings.Fields(form.Get(logoutName)),
	}
	if form.Get("admin") != "" {
		in.Scopes = []string{oauth.ScopeAdmin}
	}
	var client oauth.Client
	err := oauth.SomeRedirect(in.Redirects)
	if err == nil {
		err = v.confirmTyped()
	}
	if err == nil {
		if in.ClientID, in.Secret = v.api.Tokens().Credentials(v.onceWords("app")...); in.Public {
			in.Secret = ""
		}
		err = v.db.Write(v.r.Context(), v.actor(), func(tx *db.Tx) (err error) {
			audit.Operation(tx, "createConnection", "connections")
			client, err = oauth.CreateClientOnce(tx, in)
			return err
		})
	}
	switch {
	case err != nil:
		return v.again(err, v.drawNewApp)
	case client.Public:
		v.toast(v.say("Đã tạo ứng dụng"))
		return v.redirect(connectionsPath + "/" + client.ClientID)
	}
	return v.showCredentials(&client, in.Secret)
}

// addressesCard shows where people are sent.
func (v *visit) addressesCard(c *oauth.Client) Card {
	values := KeyValues{}
	for _, uri := range c.Redirects {
		values.Items = append(values.Items, KeyValue{Key: v.say("Sau khi đăng nhập"), Cell: Cell{Text: uri}})
	}
	for _, uri := range c.Logouts {
		values.Items = append(values.Items, KeyValue{Key: v.say("Sau khi đăng xuất"), Cell: Cell{Text: uri}})
	}
	return Card{Title: v.say("Địa chỉ"), Body: []any{values}, Actions: []Action{{Text: v.say("Sửa"), Icon: "pencil", URL: connectionsPath + "/" + c.ClientID + "/addresses"}}}
}

// signingInCard says how a program has people sign in.
func (v *visit) signingInCard() Card {
	base := v.base()
	return Card{
		Title: v.say("Cách đăng nhập"), Text: v.say("OpenID Connect: authorization code với PKCE S256. Thư viện chỉ cần địa chỉ máy chủ và ClientId; thêm phạm vi offline_access để có refresh token."),
		Body: []any{KeyValues{Items: []KeyValue{
			{Key: "Issuer", Cell: Cell{Text: base}, Copy: true}, {Key: "Discovery", Cell: Cell{Text: base + oauth.DiscoveryPath}, Copy: true},
		}}},
	}
}

// changingApp is the program that the path names, to change it.
func (v *visit) changingApp() (c oauth.Client, err error) {
	c, err = v.changing()
	if err == nil && !c.SignsIn() {
		err = taphoa.NotFound(taphoa.CodeValidate, "%s không phải ứng dụng để đăng nhập: nó gọi API bằng mật khẩu riêng", c.Name)
	}
	return c, err
}

func (v *visit) showAddresses() error { return v.drawAddresses(http.StatusOK, nil) }

func (v *visit) drawAddresses(status int, refusal *taphoa.Error) error {
	c, err := v.changingApp()
	if err != nil {
		return err
	}
	at, title := connectionsPath+"/"+c.ClientID, v.say("Sửa địa chỉ")
	redirects, logouts := strings.Join(c.Redirects, "\n"), strings.Join(c.Logouts, "\n")
	if refusal != nil {
		redirects, logouts = v.r.PostForm.Get(redirectName), v.r.PostForm.Get(logoutName)
	}
	form := Form{ID: "addresses", URL: at + "/addresses", Save: v.say("Lưu"), Cancel: at, Dirty: refusal != nil, Sections: []Section{v.addressesSection(redirects, logouts)}}
	form.Sections = append(form.Sections, v.confirmSections()...)
	if refusal != nil {
		v.place(&form, refusal)
	}
	return v.show(status, title, Header{Title: title, Subtitle: c.Name, Back: &Link{Text: c.Name, URL: at}}, form)
}

func (v *visit) setAddresses() error {
	c, err := v.changingApp()
	if err != nil {
		return err
	}
	if err = v.confirmTyped(); err == nil {
		err = v.db.Write(v.r.Context(), v.actor(), func(tx *db.Tx) error {
			audit.Operation(tx, "changeConnection", "connections")
			return oauth.SetAddresses(tx, c.ClientID, strings.Fields(v.r.PostForm.Get(redirectName)), strings.Fields(v.r.PostForm.Get(logoutName)))
		})
	}
	if err != nil {
		return v.again(err, v.drawAddresses)
	}
	v.api.Tokens().Forget(c.ClientID)
	v.toast(v.say("Đã lưu"))
	return v.redirect(connectionsPath + "/" + c.ClientID)
}

// apps are the programs that the person has allowed something.
func (v *visit) apps() (all []oauth.App, err error) {
	err = v.db.Read(v.r.Context(), v.actor(), func(tx *db.Tx) error {
		all, err = oauth.Apps(tx, v.session.User)
		return err
	})
	return all, err
}

// appsCard lists them; without any it is left out.
func (v *visit) appsCard() ([]any, error) {
	apps, err := v.apps()
	if err != nil || len(apps) == 0 {
		return nil, err
	}
	title := v.say("Ứng dụng được làm việc thay bạn")
	t := Table{ID: "apps", Caption: title, Columns: []Column{{Text: v.say("Ứng dụng"), Wide: true}, {Text: v.say("Cho phép lúc")}, {Text: v.say("Dùng lần cuối"), Key: true}}}
	for i := range apps {
		a := &apps[i]
		t.Rows = append(t.Rows, Row{URL: appsPath + "?" + url.Values{"client": {a.ClientID}}.Encode(), Cells: []Cell{
			{Text: a.Name, Title: a.Name}, {Text: instant(a.CreatedAt)}, {Text: instant(a.UsedAt)},
		}})
	}
	return []any{Card{Title: title, Flush: true, Body: []any{t}}}, nil
}

// showApp shows what the person has allowed a program.
func (v *visit) showApp() error {
	apps, err := v.apps()
	if err != nil {
		return err
	}
	at := slices.IndexFunc(apps, func(a oauth.App) bool { return a.ClientID == v.r.URL.Query().Get("client") })
	if at < 0 {
		return v.notFound()
	}
	a := &apps[at]
	does, err := v.consentItems(a.Scopes)
	if err != nil {
		return err
	}
	return v.show(http.StatusOK, a.Name, Header{
		Title: a.Name, Back: &Link{Text: v.say("Tài khoản của tôi"), URL: accountPath},
		Actions: []Action{{Text: v.say("Ngắt"), Icon: "x", Kind: "danger", URL: appsPath, Post: true, Fields: []Hidden{{"client", a.ClientID}}}},
	}, Card{Title: v.say("Được làm gì"), Body: []any{ConsentList{does}}}, Card{Title: v.say("Ứng dụng"), Body: []any{KeyValues{Items: []KeyValue{
		{Key: v.say("Cho phép lúc"), Cell: Cell{Text: instant(a.CreatedAt)}}, {Key: v.say("Dùng lần cuối"), Cell: Cell{Text: instant(a.UsedAt)}},
	}}}})
}

// disconnect ends what the person has allowed a program.
func (v *visit) disconnect() error {
	err := v.db.Write(v.r.Context(), v.actor(), func(tx *db.Tx) error {
		audit.Operation(tx, "disconnectApp", "connections")
		return oauth.Disconnect(tx, v.session.User, v.r.PostForm.Get("client"))
	})
	if err != nil {
		return err
	}
	v.api.Tokens().ForgetGrants()
	v.toast(v.say("Đã ngắt ứng dụng"))
	return v.redirect(accountPath)
}
