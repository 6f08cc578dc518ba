package testbench

import (
	"fmt"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/taphoa/taphoa"
)

// Changes is in which records two states of a shop differ.
type Changes struct {
	From      string        `json:"from"`         // a snapshot
	To        string        `json:"to,omitempty"` // another one; absent: the present
	Counts    changeCounts  `json:"counts"`
	Records   []Change      `json:"records"`
	Events    []ChangeEvent `json:"events"` // of the later state, since the two were the same
	Truncated bool          `json:"truncated"`
	Message   string        `json:"message,omitempty"`
}

type changeCounts struct {
	Added   int `json:"added"`
	Changed int `json:"changed"`
	Removed int `json:"removed"`
}

// Change is one record that differs.
type Change struct {
	Resource string         `json:"resource"` // as in the audit log: the first part of its path
	ID       int64          `json:"id"`
	Code     string         `json:"code,omitempty"`
	Name     string         `json:"name,omitempty"`
	Change   string         `json:"change"` // added, changed, removed
	Members  []ChangeMember `json:"members"`
	Events   []int64        `json:"events"` // the numbers of those that name it
}

// ChangeMember is a value that differs; without old there was none, without new there is none.
type ChangeMember struct {
	Path string         `json:"path"`
	Old  jsontext.Value `json:"old,omitempty"`
	New  jsontext.Value `json:"new,omitempty"`
}

// ChangeEvent is an event, without its data: GET /events has those.
type ChangeEvent struct {
	Seq  int64        `json:"seq"`
	Type string       `json:"type"`
	At   taphoa.Stamp `json:"at"`
}

func (c *comparison) truncate() {
	c.answer.Truncated = true
	c.answer.Message = fmt.Sprintf("Chỉ liệt kê %d bản ghi và %d sự kiện đầu tiên", changesMax, changeEventMax)
}

func (a *Changes) add(change *Change) {
	switch change.Change {
	case "added":
		a.Counts.Added++
	case "removed":
		a.Counts.Removed++
	default:
		a.Counts.Changed++
	}
	a.Records = append(a.Records, *change)
}

// changeOf is the difference between a record before and after; nil if there is none.
func changeOf(k key, was, is *record) *Change {
	shown, kind := is, "changed"
	switch {
	case was == nil && is == nil:
		return nil
	case was == nil:
		kind, was = "added", &record{}
	case is == nil:
		shown, kind, is = was, "removed", &record{}
	}
	change := &Change{Resource: k.resource, ID: k.id, Code: shown.code, Name: shown.name, Change: kind, Members: differences(was, is)}
	if kind == "changed" && len(change.Members) == 0 {
		return nil
	}
	return change
}

func differences(was, is *record) []ChangeMember {
	old := make(map[string]jsontext.Value, len(was.members))
	for _, m := range was.members {
		old[m.path] = m.value
	}
	all := []ChangeMember{}
	for _, m := range is.members {
		before, had := old[m.path]
		delete(old, m.path)
		if !had || string(before) != string(m.value) {
			all = append(all, ChangeMember{m.path, before, m.value})
		}
	}
	for _, m := range was.members {
		if _, gone := old[m.path]; gone {
			all = append(all, ChangeMember{m.path, m.value, nil})
		}
	}
	return all
}
