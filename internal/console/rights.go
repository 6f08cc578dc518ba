package console

import (
	"errors"
	"net/http"
	"slices"
	"strconv"

	"github.com/taphoa/taphoa/internal/access"
	"github.com/taphoa/taphoa/internal/api"
	"github.com/taphoa/taphoa/internal/right"
)

// may reports whether the person may ask for an operation of a description, which may have none.
func (v *visit) may(operation string) bool { return operation != "" && v.holds(api.Needs(operation)) }

// holds reports whether the person holds a right where they work.
func (v *visit) holds(r right.Right) bool { return v.session.Held.Allows(r) }

// need refuses what the person may not ask for.
func (v *visit) need(operation string) error {
	if !v.may(operation) {
		return right.Lack(api.Needs(operation), 0)
	}
	return nil
}

// shows reports whether the person is shown a member of what an operation answers.
func (v *visit) shows(operation, path string) bool {
	return api.Shows(v.session.Held, operation, path)
}

// columns are those of a list that the person is shown.
func (v *visit) columns(d *description) (shown []*column) {
	for i := range d.columns {
		if c := &d.columns[i]; v.shows(d.list, "data."+c.member) {
			shown = append(shown, c)
		}
	}
	return shown
}

// filtersBy reports whether the person may narrow a list down so: by what they are shown, and may list to choose from.
func (v *visit) filtersBy(d *description, f *filter) bool {
	return api.Asks(v.session.Held, d.list, f.param) && v.offers(f.options)
}

// offers reports whether the person may see what a select offers.
func (v *visit) offers(o options) bool { return o.needs == "" || v.may(o.needs) }

// inputs are the fields that a person may fill in, and is shown.
func (v *visit) inputs(d *description) func(yield func(*field) bool) {
	return func(yield func(*field) bool) {
		for i := range d.sections {
			for j := range d.sections[i].fields {
				if f := &d.sections[i].fields[j]; !f.computed && v.showsField(d, f) && !yield(f) {
					return
				}
			}
		}
	}
}

func (v *visit) showsField(d *description, f *field) bool {
	return v.shows(d.get, f.member) && v.offers(f.options)
}

// renewed gives the session another token if the rights of its person have changed. Where another request of the browser has done
// that, it has the token.
func (v *visit) renewed() error {
	if !v.session.Outdated || v.r.Method != http.MethodGet || v.r.Header.Get("Hx-Request") != "" || v.r.URL.Path == livePath {
		return nil
	}
	token, err := v.people.Renew(v.r.Context(), v.token())
	if errors.Is(err, access.ErrSignedOut) {
		return nil
	}
	if err == nil {
		v.setToken(token)
	}
	return err
}

// places are the branches among which the person can choose to work; none where there is nothing to choose.
func (v *visit) places() []Choice {
	at := v.session.Places
	if v.session.Held.Key() == "" && v.session.Branch == 0 || !at.All && len(at.Branches) < 2 {
		return nil
	}
	who := v.identity()
	who.Held = nil // the names of the branches where the person does not work now
	list, err := v.api.Do(v.r.Context(), who, api.Call{Operation: "listBranches", Query: wholeList})
	if err != nil {
		return nil // the page is worth more than the choice
	}
	page, err := decode(list.Body)
	if err != nil {
		return nil
	}
	var all []Choice
	for _, b := range records(page.at("data")) {
		id, err := strconv.ParseInt(b.text("id"), 10, 64)
		if err == nil && (at.All || slices.Contains(at.Branches, id)) {
			all = append(all, Choice{Value: b.text("id"), Text: b.text("branchName"), Selected: id == v.session.Branch})
		}
	}
	if len(all) < 2 && v.session.Branch == 0 {
		return nil
	}
	return append([]Choice{{Value: "0", Text: v.say("Mọi chi nhánh của tôi"), Selected: v.session.Branch == 0}}, all...)
}

// chooseBranch has the person work at a branch.
func (v *visit) chooseBranch() error {
	branch, err := strconv.ParseInt(v.r.PostForm.Get("branch"), 10, 64)
	if err != nil {
		return errForm
	}
	if err := v.people.WorkAt(v.r.Context(), v.session, branch); err != nil {
		return err
	}
	return v.redirect(v.next())
}

// showHome is the first page that the person may see.
func (v *visit) showHome() error {
	for i := range descriptions {
		if d := &descriptions[i]; v.may(d.list) {
			return v.redirect(v.address(d, ""))
		}
	}
	title := v.say("Chào %s", v.session.GivenName)
	return v.show(http.StatusOK, title, Header{Title: title}, Card{Body: []any{v.noPages()}})
}

// noPages is for who may see none.
func (v *visit) noPages() EmptyState {
	if v.session.Held.None() {
		return EmptyState{Icon: "shield-lock", Title: v.say("Bạn chưa có vai trò nào"), Text: v.say("Hãy hỏi chủ cửa hàng để được giao một vai trò.")}
	}
	return EmptyState{Icon: "shield-lock", Title: v.say("Vai trò của bạn chưa xem được trang nào"), Text: v.say("Hãy hỏi chủ cửa hàng để được giao một vai trò.")}
}

// lacking is the page of who lacks a right.
func (v *visit) lacking(sentence string) any {
	if v.session.Held.None() {
		return Card{Body: []any{v.noPages()}}
	}
	return Alert{
		Tone: "warning", Title: sentence, Text: v.say("Việc này cần quyền mà vai trò của bạn chưa có. Hãy hỏi chủ cửa hàng."),
		Actions: []Action{{Text: v.say("Về trang đầu"), URL: "/console/"}},
	}
}
