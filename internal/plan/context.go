package plan

import (
	"github.com/taphoa/taphoa"
	"github.com/taphoa/taphoa/internal/right"
)

// Context is what a plan knows beside the rows that were asked for.
type Context struct {
	Retailer int64
	Now      taphoa.Time // the instant of changes, from the shop's head: created, modified and changed dates
	Clock    taphoa.Time // dates of business and deadlines
	Actor    Actor

	// ID returns the next id of a table. It does not ask the database.
	ID func(table string) int64
	// Code returns the next code of a sequence of the shop, such as HD000123 for the prefix HD. It does not ask the
	// database: numbers that clients have used have been passed over before.
	Code func(prefix string) string
}

// Actor is who acts, and what they may do.
type Actor struct {
	UserID     int64       // 0 for a program
	Client     string      // the API client
	ApproverID int64       // the person who approves of what the actor may not do, 0 for none
	Held       *right.Held // with what the approver allows
	Own        *right.Held // without it: what answers show
	Needs      right.Right // by the operation
}

// May refuses what the actor may not do at a branch: what the operation needs, and further rights. Branch 0 is for what belongs to the
// whole shop: what is needed there is to be held wherever the actor may work.
func (a Actor) May(branch int64, also ...right.Right) error {
	at := a.at(branch)
	for _, r := range append(also, a.Needs) {
		if !at.Has(r) {
			return right.Lack(r, branch)
		}
	}
	return nil
}

func (a Actor) at(branch int64) right.Set {
	if branch == 0 {
		return a.Held.InShop()
	}
	return a.Held.At(branch)
}

// Dated refuses a member that dates a document of a branch before the calendar day, Vietnam time, of a clock, unless the actor may do
// that. A date that stays as it was stored is not to be asked about.
func (a Actor) Dated(branch int64, field string, date, clock taphoa.Time) error {
	if date >= clock.Day() || a.at(branch).Has(right.BackDate) {
		return nil
	}
	return right.LackField(right.BackDate, branch, field, "Ngày (%s) không được trước hôm nay", field)
}

// Tell is the refusal with what the actor sees by a right, as answers show it: held wherever they work. Others get the plain one.
func (a Actor) Tell(see right.Right, full, plain error) error {
	if a.Own.Everywhere().Has(see) {
		return full
	}
	return plain
}
