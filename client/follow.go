package client

import (
	"context"
	"errors"
	"iter"
	"net/http"

	"github.com/taphoa/taphoa"
)

// Follow tells what happens in the shop, in order and leaving nothing out, for as long as it is listened to: the feed of events
// of a Taphoa, which the vendor does not have. It begins behind query.After, or with the oldest event that is kept, and
// waits for new ones. Keep the Seq of the last event that you have worked off and give it as After next time.
//
// It goes on when the server cannot be reached for a while. What ends it is the context, a loop that is left, and a
// refusal, such as one with the code [taphoa.CodeEventsGone]: then read the records anew and begin with its newest event.
// The events' data are read with [DataOf].
func (c *Client) Follow(ctx context.Context, query taphoa.EventQuery) iter.Seq2[taphoa.Event, error] {
	return func(yield func(taphoa.Event, error) bool) {
		query.Wait = taphoa.EventWaitMax
		for failures := 0; ; {
			feed, err := do[taphoa.EventQuery, taphoa.EventFeed](ctx, c, http.MethodGet, "/events", &query)
			switch {
			case err == nil:
				failures = 0
			case ctx.Err() != nil || !passes(err):
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

// passes reports an error that may be gone soon.
func passes(err error) bool {
	e := (*Error)(nil)
	return !errors.As(err, &e) || e.Status == http.StatusTooManyRequests || e.Status >= 500
}
