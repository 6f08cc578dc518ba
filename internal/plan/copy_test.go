package plan_test

import (
	"testing"

	"github.com/taphoa/taphoa/internal/plan"
)

func TestFieldsOfOneNameAndTypeAreCopied(t *testing.T) {
	type row struct {
		ID     int64
		Code   string
		Status int64
		Hidden bool
	}
	type shown struct {
		Code, Name string
		ID         int64
		Status     string
	}
	to := shown{Name: "kept", Status: "kept"}
	plan.CopyFields(&to, &row{ID: 7, Code: "HD000007", Status: 1, Hidden: true})
	if to != (shown{"HD000007", "kept", 7, "kept"}) {
		t.Errorf("copied: %+v", to)
	}
}
