package client

import (
	"context"
	"errors"
	"iter"
	"net/http"

	"github.com/taphoa/taphoa"
)

// Follow iterates over the feed of events of a Taphoa, in order and without gaps; the vendor has no feed. It begins after
// query.After, or with the oldest event that is stored, and waits for new ones. Store the Seq of the last event that you
// have processed and pass it as After next time.
//
// It continues when the server cannot be reached for a while. It ends with the context, with the loop, or with a refusal,
// such as one with the code [taphoa.CodeEventsGone]: then read the records again and begin with the newest event.
// [DataOf] decodes an event's data.
func (c *Client) Follow(ctx context.Context, query taphoa.EventQuery) iter.Seq2[taphoa.Event, error] {
	return func(yield func(taphoa.Event, error) bool) {
		query.Wait = taphoa.EventWaitMax
		for failures := 0; ; {
			feed, err := do[taphoa.EventQuery, taphoa.EventFeed](ctx, c, http.MethodGet, "/events", &query)
			switch {
			case err == nil:
				failures = 0
			case ctx.Err() != nil || !isTemporary(err):
				yield(taphoa.Event{}, err)
				return
			default:
				failures++
				if err := pause(ctx, c.pause(min(failures, 16))); err != nil {
					yield(taphoa.Event{}, err)
					return
				}
				continue
			}
			for _, e := range feed.Data {
				if !yield(e, nil) {
					return
				}
			}
			query.After = taphoa.Some(feed.Next)
		}
	}
}

// isTemporary reports whether a request may succeed later.
func isTemporary(err error) bool {
	e := (*Error)(nil)
	return !errors.As(err, &e) || e.Status == http.StatusTooManyRequests || e.Status >= 500
}
