package console

import (
	"errors"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/taphoa/taphoa"
	"github.com/taphoa/taphoa/internal/access"
	"github.com/taphoa/taphoa/internal/api"
	"github.com/taphoa/taphoa/internal/right"
)

// The members of a form by which another person allows on the spot what a right lacks. The PIN itself is taken out of the form before
// anything is done with it.
const (
	lackedName   = "lacks"
	approverName = "approver"
	pinName      = "pin"
)

// allowed is what another person allows on the spot.
type allowed struct {
	lacks    []right.Right // what the person lacks; none: nothing that another could allow
	secret   string        // for the operation, once; empty until it is allowed
	approver string        // who has allowed it
}

func (a *allowed) lackedKeys() string {
	keys := make([]string, len(a.lacks))
	for i, r := range a.lacks {
		keys[i] = r.Key()
	}
	return strings.Join(keys, " ")
}

// admit refuses an operation that the person has no right to, unless the form says by whom it is allowed.
func (v *visit) admit(operation string, in *filled) error {
	chosen := v.r.PostForm.Get(approverName)
	switch {
	case in.secret != "":
		return nil
	case chosen == "" || !v.allowable(api.Needs(operation)):
		return v.need(operation)
	}
	if err := v.secure(); err != nil {
		return err
	}
	for key := range strings.FieldsSeq(v.r.PostForm.Get(lackedName)) {
		if r, known := right.Parse(key); known {
			in.lacks = append(in.lacks, r)
		}
	}
	all, err := v.people.Approvers(v.r.Context(), v.session, in.lacks...)
	if err != nil {
		return err
	}
	at := slices.IndexFunc(all, func(a access.Approver) bool { return strconv.FormatInt(a.User, 10) == chosen })
	switch {
	case at < 0:
		return taphoa.Refuse(taphoa.CodeValidate, approverName, "Hãy chọn người cho phép")
	case v.pin == "":
		return taphoa.Refuse(taphoa.CodeValidate, pinName, "Hãy nhập mã PIN của %s", all[at].GivenName)
	}
	in.secret, err = v.people.Approve(v.r.Context(), v.session, all[at].User, v.pin, strings.TrimSpace(operation+" "+v.r.PathValue("id")), in.lacks...)
	in.approver = all[at].GivenName
	return err
}

// allowable reports whether another person may allow on the spot what a right lacks. Who administers is asked for the password.
func (v *visit) allowable(lacks right.Right) bool { return lacks != right.Administer }

// lacked reports whether an error says that the person lacks a right which another may allow, and notes it in the form.
func (v *visit) lacked(err error, in *filled) bool {
	missing := (*right.Missing)(nil)
	if !errors.As(err, &missing) {
		return false
	}
	in.secret = "" // it was for another operation, or not enough
	if !slices.Contains(in.lacks, missing.Right) {
		in.lacks = append(in.lacks, missing.Right)
	}
	return v.allowable(missing.Right)
}

// done tells of what was written, and who has allowed it.
func (v *visit) done(operation, text string, in *filled) {
	if in.secret != "" {
		v.options.Log.Info("approved on the spot", "shop", v.session.ShopCode, "user", v.session.UserName, "approver", in.approver, "operation", operation, "record", v.r.PathValue("id"), "id", v.id())
		text += ". " + v.say("%s đã cho phép %s", in.approver, v.session.GivenName)
	}
	v.toast(text)
}

// approval is the part of a form in which another person allows what the person lacks.
func (v *visit) approval(in *filled) (Section, error) {
	s := Section{Title: v.say("Cần người có quyền cho phép"), Text: v.say("Chọn người cho phép trước, rồi người đó nhập mã PIN của mình. Mã chỉ dùng cho lần này.")}
	if err := v.secure(); err != nil {
		s.Text = v.sentence(errInsecure)
		return s, nil
	}
	all, err := v.people.Approvers(v.r.Context(), v.session, in.lacks...)
	if err != nil {
		return s, err
	}
	if len(all) == 0 {
		s.Text = v.say("Không ai ở đây có quyền này và mã PIN. Người có quyền đặt mã PIN ở trang Tài khoản của mình.")
		if len(v.places()) > 0 && v.session.Branch == 0 {
			s.Text = v.say("Hãy chọn chi nhánh bạn đang làm ở đầu trang: người cho phép phải có quyền ở đó.")
		}
		return s, nil
	}
	who := Field{Kind: "select", Name: approverName, Label: v.say("Người cho phép"), Required: true, Width: "half"}
	if len(all) > 1 {
		who.Choices = []Choice{{Text: "–"}}
	}
	for _, a := range all {
		id := strconv.FormatInt(a.User, 10)
		who.Choices = append(who.Choices, Choice{Value: id, Text: a.GivenName, Selected: id == v.r.PostForm.Get(approverName)})
	}
	pin := Field{Kind: "pin", Name: pinName, Label: v.say("Mã PIN của người cho phép"), Required: true, Width: "half", Autocomplete: "off", Length: 6}
	if e := in.refusal; e != nil {
		for _, f := range []*Field{&who, &pin} {
			if f.Name == e.Field {
				f.Error = v.sentence(e)
			}
		}
	}
	s.Fields = []Field{who, pin}
	return s, nil
}

// removalText is what a button and a page of removal say.
func (v *visit) removalText(d *description, r record) (action, question, text string) {
	if d.voids != nil {
		return v.say(d.voids.action), v.say(d.voids.question, r.text(d.name)), v.say(d.voids.text)
	}
	return v.say("Xóa"), v.say("Xóa %s", v.say(d.one)), v.say("Sẽ xóa %s. Chứng từ cũ vẫn giữ tên.", r.text(d.name))
}

// offerRemoval adds to a record's page what removes it: for the person, or for who has another person allow it.
func (v *visit) offerRemoval(d *description, r record, header *Header) (dialogs []Confirm, err error) {
	if d.remove == "" || d.voids != nil && !d.voids.still(r) {
		return nil, nil
	}
	action, question, text := v.removalText(d, r)
	at := v.address(d, r.text("id")) + "/remove"
	if v.may(d.remove) {
		header.Actions = append(header.Actions, Action{Text: action, Icon: "trash", Opens: "remove"})
		return []Confirm{{ID: "remove", Title: question, Text: text, URL: at, Button: action, Danger: true, Hidden: []Hidden{{"key", newKey()}}}}, nil
	}
	if d.voids == nil {
		return nil, nil
	}
	all, err := v.people.Approvers(v.r.Context(), v.session, api.Needs(d.remove))
	if err == nil && len(all) > 0 {
		header.Actions = append(header.Actions, Action{Text: action, Icon: "trash", URL: at})
	}
	return nil, err
}

// askToRemove is the page that removes a record; who lacks the right to that has another person allow it there.
func (v *visit) askToRemove(d *description) error {
	r, _, err := v.askByID(d.get)
	switch {
	case err != nil:
		return err
	case d.voids != nil && !d.voids.still(r):
		return v.redirect(v.address(d, r.text("id")))
	}
	in := &filled{}
	if err := v.need(d.remove); err != nil {
		return v.refuseRemoval(d, r, in, err)
	}
	return v.showRemoval(http.StatusOK, d, r, in)
}

func (v *visit) showRemoval(status int, d *description, r record, in *filled) error {
	action, question, text := v.removalText(d, r)
	form := Form{
		ID: "remove", URL: v.address(d, r.text("id")) + "/remove", Save: action, Cancel: v.address(d, r.text("id")),
		Hidden: []Hidden{{"key", in.keyOrNew()}},
	}
	if len(in.lacks) > 0 {
		s, err := v.approval(in)
		if err != nil {
			return err
		}
		form.Hidden = append(form.Hidden, Hidden{lackedName, in.lackedKeys()})
		form.Sections, form.Save = append(form.Sections, s), v.say("Cho phép")
	}
	if in.refusal != nil && len(form.Wrong()) == 0 {
		form.Error = v.sentence(in.refusal)
	}
	return v.show(status, question, Header{Title: question, Subtitle: text, Back: &Link{Text: r.text(d.name), URL: form.Cancel}}, form)
}

// remove removes a record.
func (v *visit) remove(d *description) error {
	in := v.filledIn()
	err := v.admit(d.remove, in)
	if err == nil {
		_, err = v.do(api.Call{Operation: d.remove, Path: map[string]string{"id": v.r.PathValue("id")}, Key: in.key, Approval: in.secret})
	}
	if err != nil {
		r, _, failed := v.askByID(d.get)
		if failed != nil {
			return failed
		}
		return v.refuseRemoval(d, r, in, err)
	}
	if d.voids != nil {
		v.done(d.remove, v.say(d.voids.done), in)
		return v.redirect(v.address(d, v.r.PathValue("id")))
	}
	v.done(d.remove, v.say("Đã xóa"), in)
	return v.redirect(v.address(d, ""))
}

// refuseRemoval shows why a record is not removed: where another person may allow it, or on its page.
func (v *visit) refuseRemoval(d *description, r record, in *filled, err error) error {
	e, ok := refused(err)
	if !ok {
		return err
	}
	in.refusal = e
	missing := (*right.Missing)(nil)
	switch {
	case v.lacked(err, in):
		return v.showRemoval(http.StatusForbidden, d, r, in)
	case errors.As(err, &missing), errors.Is(err, errInsecure):
		return err
	case len(in.lacks) > 0:
		return v.showRemoval(http.StatusUnprocessableEntity, d, r, in)
	}
	return v.showForm(http.StatusUnprocessableEntity, d, r, &filled{refusal: e})
}
