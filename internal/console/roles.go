package console

import (
	"encoding/json"
	"net/http"
	"net/url"
	"slices"
	"strconv"

	"github.com/taphoa/taphoa"
	"github.com/taphoa/taphoa/internal/access"
	"github.com/taphoa/taphoa/internal/right"
)

const rolesPath = "/console/roles"

// roleName is what a role is called: one that is built in, in the person's language, unless the shop has renamed it.
func (v *visit) roleName(r *right.Role) string {
	if slices.ContainsFunc(right.BuiltIn(), func(b right.Role) bool { return b.ID == r.ID && b.Name == r.Name }) {
		return v.say(r.Name)
	}
	return r.Name
}

// showRoles lists the roles of the shop.
func (v *visit) showRoles() error {
	roles, err := v.people.Roles(v.r.Context(), v.session)
	if err != nil {
		return err
	}
	users, err := v.people.UserRoles(v.r.Context(), v.session)
	if err != nil {
		return err
	}
	people := map[int64]int{right.OwnerRole: 1} // the owner, who needs none
	for _, has := range users {
		counted := map[int64]bool{}
		for _, r := range has {
			if !counted[r.Role] {
				counted[r.Role] = true
				people[r.Role]++
			}
		}
	}
	title := v.say("Vai trò|list")
	t := Table{ID: "roles", Caption: title, Columns: []Column{{Text: v.say("Tên vai trò"), Wide: true}, {Text: v.say("Loại")}, {Text: v.say("Số quyền"), Number: true}, {Text: v.say("Số người"), Number: true, Key: true}}}
	for i := range roles {
		r := &roles[i]
		sort, rights := v.say("Của cửa hàng"), strconv.Itoa(r.Len())
		if r.ID <= right.BuiltInMax {
			sort = v.say("Có sẵn")
		}
		if r.Has(right.Administer) {
			rights = v.say("Tất cả")
		}
		t.Rows = append(t.Rows, Row{URL: rolesPath + "/" + strconv.FormatInt(r.ID, 10), Cells: []Cell{{Text: v.roleName(r)}, {Text: sort}, {Text: rights}, {Text: strconv.Itoa(people[r.ID])}}})
	}
	header := Header{
		Title: title, Subtitle: v.say("Vai trò cho biết một người được làm gì. Giao vai trò ở trang của từng người dùng."),
		Actions: []Action{{Text: v.say("Thêm vai trò"), Icon: "plus", Kind: "primary", URL: rolesPath + "/new"}},
	}
	return v.show(http.StatusOK, title, header, t)
}

// role is the role that the path names.
func (v *visit) role() (role right.Role, err error) {
	roles, err := v.people.Roles(v.r.Context(), v.session)
	at := slices.IndexFunc(roles, func(r right.Role) bool { return strconv.FormatInt(r.ID, 10) == v.r.PathValue("id") })
	if err == nil && at < 0 {
		err = taphoa.NotFound(taphoa.CodeValidate, "Vai trò không tồn tại")
	}
	if err == nil {
		role = roles[at]
	}
	return role, err
}

func (v *visit) showNewRole() error {
	return v.drawRole(http.StatusOK, &right.Role{}, nil, nil)
}

func (v *visit) showRole() error {
	role, err := v.role()
	if err != nil {
		return err
	}
	return v.drawRole(http.StatusOK, &role, nil, nil)
}

// drawRole shows a role's form, with what the person has typed if it was refused.
func (v *visit) drawRole(status int, role *right.Role, typed url.Values, refusal *taphoa.Error) error {
	header := Header{Title: v.say("Thêm vai trò"), Back: &Link{Text: v.say("Vai trò|list"), URL: rolesPath}}
	at := rolesPath
	if role.ID != 0 {
		header.Title, at = v.roleName(role), rolesPath+"/"+strconv.FormatInt(role.ID, 10)
	}
	if role.ID == right.OwnerRole {
		return v.show(status, header.Title, append([]any{header, Alert{Tone: "info", Text: v.say("Vai trò này có mọi quyền và không sửa được.")}}, v.rightCards(role)...)...)
	}
	form := Form{ID: "role", URL: at, Save: v.say("Lưu"), Cancel: rolesPath, Dirty: typed != nil, Sections: v.roleSections(role, typed)}
	form.Sections = append(form.Sections, v.confirmSections()...)
	if refusal != nil {
		v.place(&form, refusal)
	}
	body := []any{header, form}
	if role.ID > right.BuiltInMax {
		header.Actions = []Action{{Text: v.say("Xóa"), Icon: "trash", Opens: "remove"}}
		body = []any{header, form, Confirm{
			ID: "remove", Title: v.say("Xóa vai trò %s?", role.Name), Text: v.say("Chỉ xóa được vai trò mà không ai giữ."), URL: at + "/remove", Button: v.say("Xóa"), Danger: true,
		}}
	}
	return v.show(status, header.Title, body...)
}

// rightGroups are the rights that roles may have, by their headings.
func rightGroups() (groups [][]right.Right) {
	for _, r := range right.Grantable() {
		if n := len(groups); n > 0 && groups[n-1][0].Group() == r.Group() {
			groups[n-1] = append(groups[n-1], r)
		} else {
			groups = append(groups, []right.Right{r})
		}
	}
	return groups
}

// rightCards show what a role allows that nobody changes.
func (v *visit) rightCards(role *right.Role) (cards []any) {
	for _, group := range rightGroups() {
		var list KeyValues
		for _, r := range group {
			if role.Has(r) {
				list.Items = append(list.Items, KeyValue{Key: v.say(r.Title()), Cell: Cell{Badge: &Badge{"success", v.say("Có")}}})
			}
		}
		cards = append(cards, Card{Title: v.say(group[0].Group()), Body: []any{list}})
	}
	return cards
}

// The members of a role's form, beside the keys of its rights.
const (
	roleNameName    = "name"
	percentName     = "percent"
	amountName      = "amount"
	percentDecimals = ofQuantity
)

func (v *visit) roleSections(role *right.Role, typed url.Values) []Section {
	name, percent, amount := "", "", ""
	if role.ID != 0 {
		name, percent, amount = v.roleName(role), percentDecimals.edit(role.Percent.String()), ofMoney.edit(role.Amount.String())
	}
	if typed != nil {
		name, percent, amount = typed.Get(roleNameName), typed.Get(percentName), typed.Get(amountName)
	}
	all := []Section{{Title: v.say("Thông tin chung"), Fields: []Field{
		{Kind: "text", Name: roleNameName, Label: v.say("Tên vai trò"), Value: name, Required: true, Focus: role.ID == 0 && typed == nil, Length: 50},
	}}}
	for _, group := range rightGroups() {
		s := Section{Title: v.say(group[0].Group())}
		for _, r := range group {
			field := Field{Kind: "checkbox", Name: r.Key(), Label: v.say(r.Title()), On: role.Has(r), Width: "half"}
			if typed != nil {
				field.On = typed.Get(r.Key()) != ""
			}
			if r != right.Discount {
				s.Fields = append(s.Fields, field)
				continue
			}
			field.Width = ""
			field.Hint = v.say("Giảm được đến mức cao hơn trong hai mức dưới đây.")
			s.Fields = append(s.Fields, field,
				Field{Kind: "number", Name: percentName, Label: v.say("Giảm tối đa theo phần trăm"), Value: percent, Unit: "%", Width: "half"},
				Field{Kind: "money", Name: amountName, Label: v.say("Giảm tối đa một chứng từ"), Value: amount, Unit: "đ", Width: "half"})
		}
		all = append(all, s)
	}
	return all
}

// typedRole is the role that a form describes.
func typedRole(id int64, form url.Values) (role right.Role, err error) {
	var rights []right.Right
	for _, r := range right.Grantable() {
		if form.Get(r.Key()) != "" {
			rights = append(rights, r)
		}
	}
	role = right.Role{ID: id, Name: form.Get(roleNameName), Set: right.Of(rights...)}
	number := func(name string, kind kind) int64 {
		value, ok := kind.read(form.Get(name))
		text, isNumber := value.(json.Number)
		if !isNumber && ok || !role.Has(right.Discount) {
			return 0
		}
		n, failed := taphoa.ParseDecimal(text.String())
		if !ok || failed != nil {
			err = taphoa.Refuse(taphoa.CodeValidate, name, "Số %q không đúng, hãy viết như 1.250.000 hoặc 1,5", form.Get(name))
		}
		return n
	}
	role.Percent, role.Amount = taphoa.Percent(number(percentName, percentDecimals)), taphoa.Money(number(amountName, ofMoney))
	return role, err
}

// saveRole changes a role, or makes one.
func (v *visit) saveRole() error {
	before, form := right.Role{}, v.r.PostForm
	if v.r.PathValue("id") != "" {
		var err error
		if before, err = v.role(); err != nil {
			return err
		}
	}
	role, err := typedRole(before.ID, form)
	if before.ID != 0 && role.Name == v.roleName(&before) {
		role.Name = before.Name // not what it is called in another language
	}
	if err == nil {
		err = v.confirmTyped()
	}
	if err == nil {
		_, err = v.people.SaveRole(v.r.Context(), v.session, role)
	}
	if err != nil {
		return v.again(err, func(status int, refusal *taphoa.Error) error { return v.drawRole(status, &before, form, refusal) })
	}
	v.toast(v.say("Đã lưu"))
	return v.redirect(rolesPath)
}

func (v *visit) removeRole() error {
	role, err := v.role()
	if err != nil {
		return err
	}
	at := rolesPath + "/" + v.r.PathValue("id")
	if ok, err := v.confirmed(at); !ok {
		return err
	}
	if err := v.people.RemoveRole(v.r.Context(), v.session, role.ID); err != nil {
		return v.again(err, func(status int, refusal *taphoa.Error) error { return v.drawRole(status, &role, nil, refusal) })
	}
	v.toast(v.say("Đã xóa"))
	return v.redirect(rolesPath)
}

// confirmSections ask for the password in the form that needs it, if that was too long ago: what is typed is not lost for it.
func (v *visit) confirmSections() []Section {
	if v.session.ConfirmedNow(v.db.Now()) {
		return nil
	}
	return []Section{{Title: v.say("Nhập lại mật khẩu"), Fields: []Field{{
		Kind: "password", Name: "password", Label: v.say("Mật khẩu của bạn"), Required: true, Autocomplete: "current-password", Length: 1000, Width: "half",
		Hint: v.say("Việc này ảnh hưởng đến việc ai được làm gì trong gian hàng."),
	}}}}
}

// confirmTyped takes the password that [visit.confirmSections] has asked for.
func (v *visit) confirmTyped() error {
	if v.session.ConfirmedNow(v.db.Now()) {
		return nil
	}
	if err := v.secure(); err != nil {
		return err
	}
	password := v.r.PostForm.Get("password")
	if password == "" {
		return taphoa.Refuse(taphoa.CodeValidate, "password", "Hãy nhập lại mật khẩu để tiếp tục")
	}
	token, err := v.people.Confirm(v.r.Context(), v.token(), password, v.caller())
	if err != nil {
		return err
	}
	v.setToken(token)
	var found bool
	if v.session, found, err = v.people.Authenticate(v.r.Context(), token); err == nil && !found {
		err = access.ErrSignedOut
	}
	return err
}
