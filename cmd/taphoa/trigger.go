package main

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/taphoa/taphoa"
	"github.com/taphoa/taphoa/client"
	"github.com/taphoa/taphoa/internal/db"
	"github.com/taphoa/taphoa/internal/demo"
	"github.com/taphoa/taphoa/internal/event"
	"github.com/taphoa/taphoa/internal/message"
	"github.com/taphoa/taphoa/internal/org"
)

type trigger struct {
	Shop string `variable:"TAPHOA_SHOP" placeholder:"CODE" help:"Change this shop; the demo's unless given."`
	apiFlags
	Keep     bool     `help:"Leave what was made for the event, for a program that asks the server about it."`
	Override []string `sep:"none" placeholder:"MEMBER=VALUE" help:"Give the record of the event this member, such as name=An or orderDetails.0.quantity=3; several times for several."`
	Type     string   `arg:"" help:"The type of the event, such as invoice.update."`
}

// Help prints the types below the flags.
func (*trigger) Help() string {
	return "<type>: " + strings.Join(slices.Sorted(slices.Values(event.Types)), ", ")
}

// cleanTime is how long cleaning up may take, also when the program is stopped.
const cleanTime = 20 * time.Second

// Run makes a change that causes the event, prints the events that the change has caused, and undoes it.
func (c *trigger) Run(ctx context.Context, p *program) error {
	kind, err := eventType(c.Type)
	if err != nil {
		return err
	}
	overrides, err := parseOverrides(c.Override)
	if err != nil {
		return err
	}
	return c.with(ctx, p, c.Shop, triggered, func(api *client.Client) (err error) {
		f, err := newFixture(ctx, api)
		if err != nil {
			return err
		}
		f.override(kind, overrides)
		feed, err := api.ListEvents(ctx, &taphoa.EventQuery{Limit: 1})
		if err != nil {
			return err
		}
		defer func() { err = errors.Join(c.explain(err, c.Shop), c.clean(ctx, p, f)) }()
		id, err := changes[kind](f)
		if err != nil {
			return err
		}
		return showChange(ctx, p, f, feed.Last, kind, id)
	})
}

// triggered returns the shop to change: that of the code, or the demo's.
func triggered(tx *db.Tx, code string) (org.Shop, error) {
	if code != "" {
		return findShop(tx, code)
	}
	shop, found, err := org.FindShop(tx, demo.ShopCode)
	if err == nil && !found {
		err = message.Errorf("the database has no demo shop: name with --shop CODE the one whose data is to be changed")
	}
	return shop, err
}

// showChange prints the events after a number that have the instant of the last event of a record, so that it omits events
// of other programs and of the records that the change needed.
func showChange(ctx context.Context, p *program, f *fixture, after int64, kind string, id int64) error {
	var (
		all []taphoa.Event
		at  taphoa.Stamp
	)
	for query := (taphoa.EventQuery{After: taphoa.Some(after), Limit: taphoa.EventLimitMax}); ; {
		feed, err := f.api.ListEvents(ctx, &query)
		if err != nil {
			return err
		}
		if len(feed.Data) == 0 {
			break
		}
		all = append(all, feed.Data...)
		query.After = taphoa.Some(feed.Next)
	}
	for _, e := range all {
		if e.Type == kind && slices.Contains(idsOf(e), id) {
			at = e.At
		}
	}
	if at == 0 {
		return message.Errorf("the change of %d has not caused the event %s", id, kind)
	}
	for _, e := range all {
		if e.At != at {
			continue
		}
		p.showEvent(e)
		if e.Type == kind {
			p.showOverrides(f.overrides, e)
		}
	}
	return nil
}

// clean undoes what was created for an event, in reverse order, and prints what cannot be undone.
func (c *trigger) clean(ctx context.Context, p *program, f *fixture) (err error) {
	if c.Keep {
		if names := f.names(func(createdRecord) bool { return true }); names != "" {
			p.say("kept: %s", names)
		}
		return nil
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), cleanTime)
	defer cancel()
	deleted := f.names(func(m createdRecord) bool { return !m.document })
	voided := f.names(func(m createdRecord) bool { return m.document })
	var left []string
	for len(f.created) > 0 {
		last := f.created[len(f.created)-1]
		if fault := f.undo(ctx); fault != nil {
			err, left = cmp.Or(err, fault), append(left, cmp.Or(last.name, f.suffix))
		}
	}
	if err != nil {
		return message.Errorf("left in the shop: %s: %w", strings.Join(left, ", "), c.explain(err, c.Shop))
	}
	if deleted != "" {
		p.say("deleted again, which causes events of its own: %s", deleted)
	}
	if voided != "" {
		p.say("voided again, and listed as void from now on: %s", voided)
	}
	return nil
}
