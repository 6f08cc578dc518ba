package console

import (
	"github.com/taphoa/taphoa/internal/api"
	"github.com/taphoa/taphoa/internal/right"
)

// Patterns are those that a desk serves.
func (c *Console) Patterns() []string { return c.patterns }

// Needs are the rights that the patterns of descriptions need.
func Needs() map[string]right.Right {
	needs := map[string]right.Right{}
	for i := range descriptions {
		d := &descriptions[i]
		at := "/console/" + d.path
		for pattern, operation := range map[string]string{
			"GET " + at: d.list, "POST " + at + "/columns": d.list, "GET " + at + "/{id}": d.get, "GET " + at + "/new": d.create, "POST " + at: d.create,
			"POST " + at + "/{id}": d.update, "GET " + at + "/{id}/remove": d.remove, "POST " + at + "/{id}/remove": d.remove,
		} {
			if operation != "" {
				needs[pattern] = api.Needs(operation)
			}
		}
	}
	return needs
}
