package right

import (
	"fmt"
	"slices"
	"strings"

	"github.com/taphoa/taphoa"
)

// Grant is what a role gives a person, at a branch or in the whole shop.
type Grant struct {
	Branch int64 // 0: the whole shop, branches to come included
	Set
}

// Held is what a person may do. It does not change.
type Held struct {
	user   int64
	grants []Grant // one a branch
	key    string
	whole  *Held // without the choice of a branch; nil where none was chosen
}

// Hold returns what a user holds by roles.
func Hold(user int64, grants ...Grant) *Held {
	h := &Held{user: user}
	for _, g := range grants {
		h.grants = add(h.grants, g)
	}
	slices.SortFunc(h.grants, func(a, b Grant) int { return int(a.Branch - b.Branch) })
	var key strings.Builder
	fmt.Fprintf(&key, "%d", user)
	for _, g := range h.grants {
		fmt.Fprintf(&key, ";%d:%x,%d,%d", g.Branch, g.rights, g.Percent, g.Amount)
	}
	if h.key = key.String(); len(h.grants) > 0 && h.grants[0] == (Grant{0, All}) {
		h.key = "" // whoever may do everything sees the same
	}
	return h
}

func add(grants []Grant, g Grant) []Grant {
	at := slices.IndexFunc(grants, func(other Grant) bool { return other.Branch == g.Branch })
	if at < 0 {
		return append(grants, g)
	}
	grants[at].Set = grants[at].Or(g.Set)
	return grants
}

// Key is the same for all who hold the same as the same user, and empty for those whose rights do not count: what is kept for one of
// them is for the others, too.
func (h *Held) Key() string {
	if h == nil {
		return ""
	}
	return h.key
}

// None reports that a person has no role.
func (h *Held) None() bool { return h != nil && len(h.grants) == 0 }

// At is what is held at a branch.
func (h *Held) At(branch int64) (s Set) {
	if h == nil {
		return All
	}
	for _, g := range h.grants {
		if g.Branch == 0 || g.Branch == branch {
			s = s.Or(g.Set)
		}
	}
	return s
}

// Somewhere is what is held at any branch: for what belongs to no branch.
func (h *Held) Somewhere() (s Set) {
	if h == nil {
		return All
	}
	for _, g := range h.grants {
		s = s.Or(g.Set)
	}
	return s
}

// Everywhere is what is held at each of the branches where anything is: for answers that show several.
func (h *Held) Everywhere() Set {
	if h.None() {
		return Set{}
	}
	s := All
	if h != nil {
		for _, g := range h.grants {
			s = s.and(h.At(g.Branch))
		}
	}
	return s
}

// Only is what is held for work at one branch.
func (h *Held) Only(branch int64) *Held {
	if h == nil || branch == 0 {
		return h
	}
	only := Hold(h.user)
	if s := h.At(branch); s != (Set{}) {
		only = Hold(h.user, Grant{branch, s})
	}
	only.whole = h
	only.key += "@" + h.key
	return only
}

// InShop is what is held at each of the branches where anything is, whichever was chosen: for what belongs to the whole shop.
func (h *Held) InShop() Set {
	if h != nil && h.whole != nil {
		return h.whole.Everywhere()
	}
	return h.Everywhere()
}

// Allows reports whether a right is held for an operation, wherever that is about. What is about the shop itself needs a role in the
// whole shop.
func (h *Held) Allows(r Right) bool {
	if !r.ofShop() {
		return h.Somewhere().Has(r)
	}
	if h != nil && h.whole != nil {
		h = h.whole
	}
	return h.At(0).Has(r)
}

// With is what is held beside what another person allows at a branch; 0 for the whole shop.
func (h *Held) With(branch int64, allowed Set) *Held {
	if h == nil {
		return nil
	}
	more := Hold(h.user, append(slices.Clone(h.grants), Grant{branch, allowed})...)
	more.whole = h.whole
	return more
}

// Places are branches.
type Places struct {
	All      bool
	Branches []int64
}

func (p *Places) add(branch int64) {
	if p.All = p.All || branch == 0; branch != 0 {
		p.Branches = append(p.Branches, branch)
	}
}

// Places are where a person holds anything.
func (h *Held) Places() (p Places) {
	if h == nil {
		return Places{All: true}
	}
	for _, g := range h.grants {
		p.add(g.Branch)
	}
	return p
}

// Finds returns where the documents of everyone are found, with a right to see some kind of them, and where only those of the person
// are.
func (h *Held) Finds(see Right) (everyone, own Places) {
	if h == nil {
		return Places{All: true}, own
	}
	for _, g := range h.grants {
		switch at := h.At(g.Branch); {
		case !at.Has(see):
		case at.Has(SeeOthers):
			everyone.add(g.Branch)
		default:
			own.add(g.Branch)
		}
	}
	return everyone, own
}

// Sees reports whether a document of a branch is to be found by who may see some kind of documents there: those of persons, or of
// everyone for who may see those of others.
func (h *Held) Sees(kind Right, branch int64, persons ...int64) bool {
	if h == nil {
		return true
	}
	at := h.At(branch)
	return at.Has(kind) && (at.Has(SeeOthers) || slices.Contains(persons, h.user))
}

// User is whose rights these are; 0 where none count.
func (h *Held) User() int64 {
	if h == nil {
		return 0
	}
	return h.user
}

// Views are the rights to see members, by the tag view that members have.
var Views = []struct {
	Name  string
	Needs Right
}{{"cost", SeeCost}, {"purchase", SeePurchasePrices}, {"debt", SeeDebts}, {"total", SeeTotals}}

// Hides reports whether members with a tag view, which may have several names, are hidden from a person: from who does not hold the
// right to see them wherever they hold any.
func (h *Held) Hides(view string) bool {
	everywhere := h.Everywhere()
	for _, v := range Views {
		if !everywhere.Has(v.Needs) && slices.Contains(strings.Split(view, ","), v.Name) {
			return true
		}
	}
	return false
}

// Missing refuses what a right lacks. It wraps a [taphoa.Error] of [taphoa.KindForbidden].
type Missing struct {
	Right  Right
	Branch int64 // where; 0: anywhere
	reason *taphoa.Error
}

// Lack is the refusal of who lacks a right at a branch; 0 for anywhere.
func Lack(r Right, branch int64) error {
	return lack(r, branch, taphoa.Refuse(taphoa.CodeBusiness, "", "Bạn không có quyền: %s", taphoa.Term(r.Title())))
}

// LackField is [Lack] with the member by which the right is needed, and why.
func LackField(r Right, branch int64, field, format string, args ...any) error {
	return lack(r, branch, taphoa.Refuse(taphoa.CodeBusiness, field, "Bạn không có quyền: %s. %s", taphoa.Term(r.Title()),
		taphoa.Refuse("", "", format, args...)))
}

func lack(r Right, branch int64, reason *taphoa.Error) error {
	reason.Kind = taphoa.KindForbidden
	return &Missing{r, branch, reason}
}

func (m *Missing) Error() string { return m.reason.Error() }

// Unwrap returns the [taphoa.Error].
func (m *Missing) Unwrap() error { return m.reason }

// About is the refusal as a part of a longer sentence, as [taphoa.Error.About] makes it of its reason.
func (m *Missing) About(field, format string, args ...any) *Missing {
	return &Missing{m.Right, m.Branch, m.reason.About(field, format, args...)}
}
