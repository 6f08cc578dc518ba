package console

import (
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/taphoa/taphoa"
	"github.com/taphoa/taphoa/internal/access"
	"github.com/taphoa/taphoa/internal/audit"
	"github.com/taphoa/taphoa/internal/db"
	"github.com/taphoa/taphoa/internal/oauth"
	"github.com/taphoa/taphoa/internal/org"
	"github.com/taphoa/taphoa/internal/right"
)

const (
	connectionsPath = "/console/connections"

	unusedAfter = 90 * 24 * time.Hour // is said of a connection that has not asked for a token for so long
)

// openConnections serves the pages of programs that call the API, and of those that are told what happens, to who administers the
// shop.
func (c *Console) openConnections() {
	open := func(pattern string, do func(*visit) error) { c.holding(right.Administer, pattern, do) }
	open("GET "+connectionsPath, (*visit).showConnections)
	open("GET "+connectionsPath+"/new", (*visit).showNewConnection)
	open("POST "+connectionsPath, (*visit).createConnection)
	open("GET "+connectionsPath+"/{id}", (*visit).showConnection)
	open("GET "+connectionsPath+"/{id}/rotate", (*visit).showRotate)
	open("POST "+connectionsPath+"/{id}/rotate", (*visit).rotate)
	open("GET "+connectionsPath+"/{id}/revoke", (*visit).showRevoke)
	open("POST "+connectionsPath+"/{id}/revoke", (*visit).revoke)
	open("GET "+connectionsPath+"/new/app", (*visit).showNewApp)
	open("POST "+connectionsPath+"/new/app", (*visit).createApp)
	open("GET "+connectionsPath+"/{id}/addresses", (*visit).showAddresses)
	open("POST "+connectionsPath+"/{id}/addresses", (*visit).setAddresses)
	openWebhooks(open)
	openRequests(open)
}

func (v *visit) actor() db.Actor { return db.Actor{Retailer: v.session.Retailer, User: v.session.User} }

// onceWords are the words of which a form makes secrets: see [oauth.Service.Derive].
func (v *visit) onceWords(what string) []string {
	key := v.r.PostForm.Get("key")
	if key == "" {
		key = newKey()
	}
	return []string{what, strconv.FormatInt(v.session.Retailer, 10), strconv.FormatInt(v.session.User, 10), key}
}

// bounds says by whose rights a connection acts.
func (v *visit) bounds(tx *db.Tx, c *oauth.Client) (by string, err error) {
	switch {
	case c.PersonID != 0:
		user, err := org.GetUser(tx, &taphoa.ByID{ID: c.PersonID})
		if by = user.GivenName; err != nil {
			if _, ok := refused(err); !ok {
				return "", err
			}
			by = v.say("Người dùng đã xóa")
		}
	case c.SignsIn():
		return v.say("Người đăng nhập"), nil
	case c.RoleID != 0:
		role, err := access.RoleOf(tx, c.RoleID)
		if by = v.roleName(&role); err != nil {
			if _, ok := refused(err); !ok {
				return "", err
			}
			by = v.say("Vai trò đã xóa")
		}
	default:
		return v.say("Chủ cửa hàng"), nil
	}
	if c.BranchID == 0 {
		return by, nil
	}
	branch, err := org.GetBranch(tx, &taphoa.ByID{ID: c.BranchID})
	if _, ok := refused(err); ok {
		return by + " @ " + v.say("chi nhánh đã xóa"), nil
	}
	return by + " @ " + branch.BranchName, err
}

// used says when a connection was last used.
func (v *visit) used(c *oauth.Client) Cell {
	old := func(t taphoa.Time) bool { return c.IsActive && t.Add(unusedAfter) < v.db.Now() }
	switch {
	case c.UsedAt == 0 && old(c.CreatedDate):
		return Cell{Badge: &Badge{"warning", v.say("Chưa dùng")}}
	case c.UsedAt == 0:
		return Cell{Badge: &Badge{"", v.say("Chưa dùng")}}
	case old(c.UsedAt):
		return Cell{Text: instant(c.UsedAt), Badge: &Badge{"warning", v.say("Không dùng từ 90 ngày")}}
	}
	return Cell{Text: instant(c.UsedAt), Muted: !c.IsActive}
}

// showConnections lists the connections of the shop, those that were revoked last.
func (v *visit) showConnections() error {
	title := v.say("Kết nối API|list")
	t := Table{
		ID: "connections", Caption: title,
		Columns: []Column{{Text: v.say("Tên kết nối"), Wide: true}, {Text: v.say("Theo quyền của")}, {Text: v.say("Phạm vi")}, {Text: v.say("Ngày tạo")}, {Text: v.say("Dùng lần cuối"), Key: true}},
		Empty: EmptyState{
			Icon: "plug-connected", Title: v.say("Chưa có kết nối nào"), Text: v.say("Mỗi phần mềm gọi API nên có kết nối riêng, để đổi mã bí mật hay thu hồi mà không ảnh hưởng phần mềm khác."),
		},
	}
	err := v.db.Read(v.r.Context(), v.actor(), func(tx *db.Tx) error {
		clients, err := oauth.ListClients(tx)
		slices.SortStableFunc(clients, func(a, b oauth.Client) int { return rank(&a) - rank(&b) })
		for i := range clients {
			c := &clients[i]
			by, failed := v.bounds(tx, c)
			if failed != nil {
				return failed
			}
			name := Cell{Text: c.Name, Title: c.Name, Sub: c.ClientID, Muted: !c.IsActive}
			if !c.IsActive {
				name.Badge = &Badge{"", v.say("Đã thu hồi")}
			}
			t.Rows = append(t.Rows, Row{URL: connectionsPath + "/" + c.ClientID, Cells: []Cell{
				name,
				{Text: by, Title: by, Muted: !c.IsActive},
				{Text: strings.Join(c.Scopes, ", "), Muted: !c.IsActive},
				{Text: instant(c.CreatedDate), Muted: !c.IsActive},
				v.used(c),
			}})
		}
		return err
	})
	if err != nil {
		return err
	}
	return v.show(http.StatusOK, title, Header{
		Title: title, Subtitle: v.say("Phần mềm nào được gọi API của cửa hàng, và được làm gì."),
		Actions: []Action{
			{Text: v.say("Thêm kết nối"), Icon: "plus", Kind: "primary", URL: connectionsPath + "/new"},
			{Text: v.say("Thêm ứng dụng đăng nhập"), Icon: "user-plus", URL: connectionsPath + "/new/app"},
		},
	}, t)
}

// rank puts connections that were revoked last.
func rank(c *oauth.Client) int {
	if c.IsActive {
		return 0
	}
	return 1
}

func (v *visit) showNewConnection() error { return v.drawNewConnection(http.StatusOK, nil) }

// The members of the form of a connection.
const (
	rightsName = "rights" // owner, role:ID or user:ID
	branchName = "branch"
	ofOwner    = "owner"
)

func (v *visit) drawNewConnection(status int, refusal *taphoa.Error) error {
	typed := v.r.PostForm
	rights, err := v.rightsChoices()
	if err != nil {
		return err
	}
	places, err := branches.list(v)
	if err != nil {
		return err
	}
	title := v.say("Thêm kết nối")
	form := Form{
		ID: "connection", URL: connectionsPath, Save: v.say("Tạo kết nối"), Cancel: connectionsPath, Dirty: refusal != nil, Hidden: []Hidden{{"key", newKey()}},
		Sections: []Section{
			{Title: v.say("Phần mềm"), Fields: []Field{
				{Kind: "text", Name: "name", Label: v.say("Tên kết nối"), Hint: v.say("Để nhận ra phần mềm này trong danh sách"), Value: typed.Get("name"), Required: true, Focus: refusal == nil, Length: 255},
			}},
			{Title: v.say("Được làm gì"), Text: v.say("Chỉ cho phép những gì phần mềm cần."), Fields: []Field{
				{Kind: "select", Name: rightsName, Label: v.say("Theo quyền của"), Choices: picked(rights, typed.Get(rightsName)), Width: "half", Hint: v.say("Theo một người thì kết nối hết hạn cùng tài khoản của người đó")},
				{
					Kind: "select", Name: branchName, Label: v.say("Nơi làm việc"), Width: "half", Hint: v.say("Chi nhánh chỉ đi với một vai trò hoặc một người"),
					Choices: picked(append([]Choice{{Text: v.say("Toàn cửa hàng")}}, places...), typed.Get(branchName)),
				},
				{
					Kind: "checkbox", Name: "admin", Label: v.say("Được ghi cả những gì API của KiotViet chỉ cho đọc"), On: typed.Get("admin") != "",
					Hint: v.say("Phạm vi Taphoa.Admin: chi nhánh, người dùng, bảng giá, tài khoản ngân hàng …"),
				},
			}},
		},
	}
	form.Sections = append(form.Sections, v.confirmSections()...)
	if refusal != nil {
		v.place(&form, refusal)
	}
	return v.show(status, title, Header{Title: title, Back: v.toConnections()}, form)
}

func (v *visit) toConnections() *Link {
	return &Link{Text: v.say("Kết nối API|list"), URL: connectionsPath}
}

// rightsChoices are those by whose rights a connection may act.
func (v *visit) rightsChoices() ([]Choice, error) {
	all := []Choice{{Value: ofOwner, Text: v.say("Chủ cửa hàng: mọi quyền")}}
	roles, err := v.people.Roles(v.r.Context(), v.session)
	if err != nil {
		return nil, err
	}
	for i := range roles {
		if r := &roles[i]; r.ID != right.OwnerRole {
			all = append(all, Choice{Value: "role:" + strconv.FormatInt(r.ID, 10), Text: v.say("Vai trò: %s", v.roleName(r))})
		}
	}
	people, err := listed("listUsers", "id", "givenName").list(v)
	for _, p := range people {
		all = append(all, Choice{Value: "user:" + p.Value, Text: v.say("Người dùng: %s", p.Text)})
	}
	return all, err
}

// picked are choices with one of them selected.
func picked(all []Choice, value string) []Choice {
	for i := range all {
		all[i].Selected = all[i].Value == value
	}
	return all
}

// typedConnection is the connection that the form describes.
func (v *visit) typedConnection() (in oauth.ClientInput, err error) {
	form := v.r.PostForm
	in.Name = form.Get("name")
	if form.Get("admin") != "" {
		in.Scopes = []string{oauth.ScopeAdmin}
	}
	kind, id, _ := strings.Cut(form.Get(rightsName), ":")
	switch kind {
	case ofOwner:
		if form.Get(branchName) != "" {
			return in, taphoa.Refuse(taphoa.CodeValidate, branchName, "Chủ cửa hàng có quyền ở mọi chi nhánh: hãy chọn toàn cửa hàng, hoặc quyền của một vai trò hay một người")
		}
	case "role":
		in.RoleID, err = strconv.ParseInt(id, 10, 64)
	case "user":
		in.PersonID, err = strconv.ParseInt(id, 10, 64)
	}
	if err != nil || kind != ofOwner && in.RoleID+in.PersonID <= 0 { // without one it would act as the owner
		return in, taphoa.Refuse(taphoa.CodeValidate, rightsName, "Hãy chọn kết nối làm việc theo quyền của ai")
	}
	if branch := form.Get(branchName); branch != "" {
		if in.BranchID, err = strconv.ParseInt(branch, 10, 64); err != nil || in.BranchID <= 0 {
			return in, taphoa.Refuse(taphoa.CodeValidate, branchName, "Hãy chọn một chi nhánh trong danh sách")
		}
	}
	return in, nil
}

// createConnection makes a connection and shows its secret, once.
func (v *visit) createConnection() error {
	if err := v.secure(); err != nil {
		return err
	}
	var client oauth.Client
	in, err := v.typedConnection()
	if err == nil {
		err = v.confirmTyped()
	}
	if err == nil {
		in.ClientID, in.Secret = v.api.Tokens().Credentials(v.onceWords("client")...)
		err = v.db.Write(v.r.Context(), v.actor(), func(tx *db.Tx) (err error) {
			audit.Operation(tx, "createConnection", "connections")
			client, err = oauth.CreateClientOnce(tx, in)
			return err
		})
	}
	if err != nil {
		return v.again(err, v.drawNewConnection)
	}
	return v.showCredentials(&client, in.Secret)
}

// showCredentials shows what a program needs to call the API.
func (v *visit) showCredentials(c *oauth.Client, secret string) error {
	calling := v.callingCard(c, secret)
	if c.SignsIn() {
		calling = v.signingInCard()
	}
	return v.show(http.StatusOK, c.Name, Header{Title: c.Name, Back: v.toConnections()}, Secret{
		Title:  v.say("Chép ba giá trị này vào phần mềm"),
		Values: []SecretValue{{"Retailer", v.session.ShopCode}, {"ClientId", c.ClientID}, {"ClientSecret", secret}},
	}, calling, Card{
		Title:   v.say("Đã chép xong?"),
		Actions: []Action{{Text: v.say("Xem kết nối"), Kind: "primary", URL: connectionsPath + "/" + c.ClientID}},
	})
}

// callingCard says how a program gets a token and calls the API.
func (v *visit) callingCard(c *oauth.Client, secret string) Card {
	base := v.base()
	return Card{
		Title: v.say("Cách gọi API"), Text: v.say("Địa chỉ gốc của API là %s. Lấy token trước, mỗi token dùng được 24 giờ; rồi gửi nó cùng mã gian hàng.", base),
		Body: []any{
			Code{Label: v.say("Lấy token"), Text: "curl " + base + "/connect/token \\\n  -d grant_type=client_credentials \\\n  -d scopes=" + strings.Join(c.Scopes, "%20") +
				" \\\n  -d client_id=" + c.ClientID + " \\\n  -d client_secret=" + secret},
			Code{Label: v.say("Gọi API"), Text: "curl " + base + "/branches \\\n  -H 'Retailer: " + v.session.ShopCode + "' \\\n  -H 'Authorization: Bearer ACCESS_TOKEN'"},
		},
	}
}

// connection is the one that the path names.
func (v *visit) connection() (c oauth.Client, by string, err error) {
	err = v.db.Read(v.r.Context(), v.actor(), func(tx *db.Tx) (err error) {
		if c, err = oauth.GetClient(tx, v.r.PathValue("id")); err == nil {
			by, err = v.bounds(tx, &c)
		}
		return err
	})
	return c, by, err
}

func (v *visit) showConnection() error {
	c, by, err := v.connection()
	if err != nil {
		return err
	}
	at := connectionsPath + "/" + c.ClientID
	header := Header{Title: c.Name, Subtitle: c.ClientID, Back: v.toConnections(), Badge: &Badge{"", v.say("Đã thu hồi")}}
	values := KeyValues{Items: []KeyValue{
		{Key: "Retailer", Cell: Cell{Text: v.session.ShopCode}, Copy: true},
		{Key: "ClientId", Cell: Cell{Text: c.ClientID}, Copy: true},
		{Key: v.say("Theo quyền của"), Cell: Cell{Text: by}},
		{Key: v.say("Phạm vi"), Cell: Cell{Text: strings.Join(c.Scopes, ", ")}},
		{Key: v.say("Ngày tạo"), Cell: Cell{Text: instant(c.CreatedDate)}},
		{Key: v.say("Dùng lần cuối"), Cell: v.used(&c)},
	}}
	if !c.IsActive {
		return v.show(http.StatusOK, c.Name, header, Card{Title: v.say("Thông tin kết nối"), Body: []any{values}})
	}
	if c.OldSecretUntil > v.db.Now() {
		values.Items = append(values.Items, KeyValue{Key: v.say("Mã bí mật cũ còn dùng đến"), Cell: Cell{Text: instant(c.OldSecretUntil)}})
	}
	header.Badge = &Badge{"success", v.say("Đang hoạt động")}
	if !c.Public {
		header.Actions = append(header.Actions, Action{Text: v.say("Đổi mã bí mật"), Icon: "key", URL: at + "/rotate"})
	}
	header.Actions = append(header.Actions, Action{Text: v.say("Thu hồi"), Icon: "trash", Kind: "danger", Opens: "revoke", URL: at + "/revoke"})
	calling := []any{v.callingCard(&c, "CLIENT_SECRET")}
	if c.SignsIn() {
		calling = []any{v.addressesCard(&c), v.signingInCard()}
	}
	return v.show(http.StatusOK, c.Name, header, Card{Title: v.say("Thông tin kết nối"), Body: []any{values}}, Parts{calling}, Confirm{
		ID: "revoke", Title: v.say("Thu hồi %s?", c.Name), Text: v.revokeText(), URL: at + "/revoke", Button: v.say("Thu hồi"), Danger: true,
	})
}

func (v *visit) revokeText() string {
	return v.say("Phần mềm này không gọi được API nữa, ngay lập tức, và không khôi phục được. Cần lại thì tạo kết nối mới.")
}

// changing is the connection that the path names, to change it. One that was revoked changes no more.
func (v *visit) changing() (c oauth.Client, err error) {
	if err = v.secure(); err != nil {
		return c, err
	}
	c, _, err = v.connection()
	if err == nil && !c.IsActive {
		err = taphoa.NotFound(taphoa.CodeValidate, "Kết nối %s đã bị thu hồi", c.Name)
	}
	return c, err
}

func (v *visit) showRevoke() error { return v.drawRevoke(http.StatusOK, nil) }

func (v *visit) drawRevoke(status int, refusal *taphoa.Error) error {
	c, err := v.changing()
	if err != nil {
		return err
	}
	at, title := connectionsPath+"/"+c.ClientID, v.say("Thu hồi %s?", c.Name)
	form := Form{
		ID: "revoke", URL: at + "/revoke", Save: v.say("Thu hồi"), Cancel: at,
		Sections: append([]Section{{Title: v.say("Thu hồi"), Text: v.revokeText(), Fields: []Field{{Kind: "shown", Name: "clientId", Label: "ClientId", Value: c.ClientID}}}}, v.confirmSections()...),
	}
	if refusal != nil {
		v.place(&form, refusal)
	}
	return v.show(status, title, Header{Title: title, Back: &Link{Text: c.Name, URL: at}}, form)
}

// revoke ends a connection. The dialog has no password, which the page asks for then.
func (v *visit) revoke() error {
	c, err := v.changing()
	if err != nil {
		return err
	}
	if err = v.confirmTyped(); err == nil {
		err = v.db.Write(v.r.Context(), v.actor(), func(tx *db.Tx) error {
			audit.Operation(tx, "revokeConnection", "connections")
			return oauth.RevokeClient(tx, c.ClientID)
		})
	}
	if err != nil {
		return v.again(err, v.drawRevoke)
	}
	v.api.Tokens().Forget(c.ClientID)
	v.toast(v.say("Đã thu hồi"))
	return v.redirect(connectionsPath + "/" + c.ClientID)
}

// overlap is for how long two secrets count.
type overlap struct {
	value, text string
	time        time.Duration
}

var overlaps = []overlap{
	{"0", "Hết hiệu lực ngay", 0}, {"1", "Thêm 1 giờ", time.Hour}, {"24", "Thêm 24 giờ", 24 * time.Hour}, {"168", "Thêm 7 ngày", 7 * 24 * time.Hour},
}

func (v *visit) overlapChoices() (all []Choice) {
	for _, o := range overlaps {
		all = append(all, Choice{Value: o.value, Text: v.say(o.text), Selected: o.value == "24"})
	}
	return all
}

func (v *visit) showRotate() error {
	c, err := v.changing()
	if err != nil {
		return err
	}
	return v.drawRotate(http.StatusOK, &c, nil)
}

func (v *visit) drawRotate(status int, c *oauth.Client, refusal *taphoa.Error) error {
	at, title := connectionsPath+"/"+c.ClientID, v.say("Đổi mã bí mật")
	old := Field{Kind: "choices", Name: "overlap", Label: v.say("Mã bí mật cũ"), Choices: v.overlapChoices()}
	form := Form{
		ID: "rotate", URL: at + "/rotate", Save: v.say("Đổi mã bí mật"), Cancel: at, Hidden: []Hidden{{"key", newKey()}, {"version", c.Version}},
		Sections: []Section{{
			Title: v.say("Mã bí mật mới"), Text: v.say("Mã mới hiện một lần ở trang sau. Cho mã cũ thêm thời gian thì phần mềm không gián đoạn; nếu mã cũ đã lộ, hãy cho nó hết hiệu lực ngay, cùng mọi token đã cấp."),
			Fields: []Field{old},
		}},
	}
	form.Sections = append(form.Sections, v.confirmSections()...)
	if c.OldSecretUntil > v.db.Now() {
		form.Sections[0].Fields[0].Hint = v.say("Mã trước mã đang dùng, còn hiệu lực đến %s, sẽ hết hiệu lực khi đổi.", instant(c.OldSecretUntil))
	}
	if refusal != nil {
		v.place(&form, refusal)
	}
	return v.show(status, title, Header{Title: title, Subtitle: c.Name, Back: &Link{Text: c.Name, URL: at}}, form)
}

// rotate gives a connection a new secret and shows it, once.
func (v *visit) rotate() error {
	c, err := v.changing()
	if err != nil {
		return err
	}
	chosen := slices.IndexFunc(overlaps, func(o overlap) bool { return o.value == v.r.PostForm.Get("overlap") })
	_, secret := v.api.Tokens().Credentials(v.onceWords("secret of " + c.ClientID)...)
	if chosen < 0 {
		err = taphoa.Refuse(taphoa.CodeValidate, "overlap", "Hãy chọn mã bí mật cũ còn dùng được bao lâu")
	} else if err = v.confirmTyped(); err == nil {
		err = v.db.Write(v.r.Context(), v.actor(), func(tx *db.Tx) error {
			audit.Operation(tx, "rotateConnection", "connections")
			return oauth.RotateSecretOnce(tx, c.ClientID, v.r.PostForm.Get("version"), secret, overlaps[chosen].time)
		})
	}
	if err != nil {
		return v.again(err, func(status int, refusal *taphoa.Error) error { return v.drawRotate(status, &c, refusal) })
	}
	v.api.Tokens().Forget(c.ClientID)
	return v.showCredentials(&c, secret)
}
