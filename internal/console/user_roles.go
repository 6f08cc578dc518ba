package console

import (
	"net/http"
	"slices"
	"strconv"

	"github.com/taphoa/taphoa"
	"github.com/taphoa/taphoa/internal/access"
)

// roleChoices are the roles of the shop, and where a person may have one: the whole shop, and its branches.
func (v *visit) roleChoices() (roles, places []Choice, err error) {
	all, err := v.people.Roles(v.r.Context(), v.session)
	if err != nil {
		return nil, nil, err
	}
	for i := range all {
		roles = append(roles, Choice{Value: strconv.FormatInt(all[i].ID, 10), Text: v.roleName(&all[i])})
	}
	listed, err := branches.list(v)
	return roles, append([]Choice{{Value: "0", Text: v.say("Toàn cửa hàng")}}, listed...), err
}

// textOfChoice is the text of a value; the value itself where it is offered no more.
func textOfChoice(all []Choice, value int64) string {
	text := strconv.FormatInt(value, 10)
	if at := slices.IndexFunc(all, func(c Choice) bool { return c.Value == text }); at >= 0 {
		return all[at].Text
	}
	return text
}

// rolesCard shows the roles of a user. The owner, whom the operations of users do not know, needs none.
func (v *visit) rolesCard(user int64) (Card, error) {
	card := Card{
		Title:   v.say("Vai trò|list"),
		Actions: []Action{{Text: v.say("Sửa vai trò"), Icon: "pencil", URL: "/console/users/" + strconv.FormatInt(user, 10) + "/roles"}},
	}
	users, err := v.people.UserRoles(v.r.Context(), v.session)
	if err != nil {
		return card, err
	}
	roles, places, err := v.roleChoices()
	var list KeyValues
	for _, r := range users[user] {
		list.Items = append(list.Items, KeyValue{Key: textOfChoice(roles, r.Role), Cell: Cell{Text: textOfChoice(places, r.Branch)}})
	}
	if len(list.Items) == 0 {
		card.Text = v.say("Chưa có vai trò nào: đăng nhập được nhưng chưa làm được gì.")
	} else {
		card.Body = []any{list}
	}
	return card, err
}

// showUserRoles is the form of a user's roles.
func (v *visit) showUserRoles() error {
	user, err := strconv.ParseInt(v.r.PathValue("id"), 10, 64)
	if err != nil {
		return v.notFound()
	}
	users, err := v.people.UserRoles(v.r.Context(), v.session)
	if err != nil {
		return err
	}
	return v.drawUserRoles(http.StatusOK, users[user], false, nil)
}

func (v *visit) drawUserRoles(status int, has []access.UserRole, typed bool, refusal *taphoa.Error) error {
	user, _, err := v.askByID(users.get)
	if err != nil {
		return err
	}
	roles, places, err := v.roleChoices()
	if err != nil {
		return err
	}
	row := func(n string, r access.UserRole) []Field {
		return []Field{
			{Kind: "select", ID: "role-" + n, Name: "role", Label: v.say("Vai trò"), Choices: selected(append([]Choice{{Text: "–"}}, roles...), r.Role)},
			{Kind: "select", ID: "branch-" + n, Name: "branch", Label: v.say("Nơi làm việc"), Choices: selected(places, r.Branch)},
		}
	}
	lines := &Lines{
		Columns: []Column{{Text: v.say("Vai trò")}, {Text: v.say("Nơi làm việc")}}, Blank: row("__n__", access.UserRole{}), Add: v.say("Thêm vai trò"),
	}
	for i, r := range append(slices.Clone(has), access.UserRole{}) { // an empty row is for who has no scripts
		lines.Rows = append(lines.Rows, row(strconv.Itoa(i), r))
	}
	at := v.address(&users, user.text("id"))
	form := Form{
		ID: "roles", URL: at + "/roles", Save: v.say("Lưu"), Cancel: at, Dirty: typed,
		Sections: []Section{{
			Text:   v.say("Quyền của các vai trò cộng lại, ở từng chi nhánh. Chọn – để bỏ một vai trò."),
			Fields: []Field{{Kind: "lines", Name: "roles", Label: v.say("Vai trò|list"), Lines: lines}},
		}},
	}
	form.Sections = append(form.Sections, v.confirmSections()...)
	if refusal != nil {
		v.place(&form, refusal)
	}
	title := v.say("Vai trò của %s", user.text("givenName"))
	return v.show(status, title, Header{Title: title, Back: &Link{Text: user.text("givenName"), URL: at}}, form)
}

// selected are choices of which one is.
func selected(choices []Choice, value int64) []Choice {
	all := slices.Clone(choices)
	text := strconv.FormatInt(value, 10)
	known := value == 0
	for i := range all {
		all[i].Selected = all[i].Value == text
		known = known || all[i].Selected
	}
	if !known { // a branch that is closed: else browsers send the first choice
		all = append(all, Choice{Value: text, Text: text, Selected: true})
	}
	return all
}

// setUserRoles gives a user the roles of the form.
func (v *visit) setUserRoles() error {
	user, err := strconv.ParseInt(v.r.PathValue("id"), 10, 64)
	if err != nil {
		return v.notFound()
	}
	roles, places := v.r.PostForm["role"], v.r.PostForm["branch"]
	if len(roles) != len(places) {
		return errForm
	}
	var want []access.UserRole
	for i := range roles {
		if roles[i] == "" {
			continue
		}
		role, err1 := strconv.ParseInt(roles[i], 10, 64)
		branch, err2 := strconv.ParseInt(places[i], 10, 64)
		if err1 != nil || err2 != nil {
			return errForm
		}
		want = append(want, access.UserRole{Role: role, Branch: branch})
	}
	err = v.confirmTyped()
	if err == nil {
		err = v.people.SetUserRoles(v.r.Context(), v.session, user, want)
	}
	if err != nil {
		return v.again(err, func(status int, refusal *taphoa.Error) error { return v.drawUserRoles(status, want, true, refusal) })
	}
	v.toast(v.say("Đã lưu"))
	return v.redirect(v.address(&users, v.r.PathValue("id")))
}
