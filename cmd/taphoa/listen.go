package main

import (
	"cmp"
	"context"
	"crypto/rand"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"net/http"
	"time"

	"github.com/taphoa/taphoa"
	"github.com/taphoa/taphoa/client"
	"github.com/taphoa/taphoa/internal/message"
	"github.com/taphoa/taphoa/internal/org"
	"github.com/taphoa/taphoa/internal/webhook"
)

type listening struct {
	ofShop
	apiFlags
	ForwardTo string   `placeholder:"URL" help:"Post to this address what a webhook would, such as localhost:3000/hook."`
	Secret    string   `variable:"TAPHOA_WEBHOOK_SECRET" secret:"" placeholder:"TEXT" help:"Sign as for a webhook with this secret; with a new one, which is printed, unless given."`
	Types     []string `sep:"," placeholder:"TYPE" help:"Tell of these types only, such as order.update,invoice.update."`
	After     *int64   `placeholder:"NUMBER" help:"Begin after the event with this number; with new events unless given."`
	PrintJSON bool     `name:"print-json" help:"Print the bodies of webhooks, too, and the headers that sign them."`
}

// Run prints events until the context ends.
func (c *listening) Run(ctx context.Context, p *program) (err error) {
	for i := range c.Types {
		if c.Types[i], err = eventType(c.Types[i]); err != nil {
			return err
		}
	}
	if c.ForwardTo != "" {
		if c.ForwardTo, err = webAddress("--forward-to", c.ForwardTo); err != nil {
			return err
		}
	}
	err = c.with(ctx, p, c.Shop, findShop, func(api *client.Client) error {
		return (&eventPrinter{listening: c, program: p, api: api, receiver: &http.Client{
			CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		}}).run(ctx)
	})
	if ctx.Err() != nil {
		return nil
	}
	return err
}

// eventPrinter prints events as they arrive, and forwards them.
type eventPrinter struct {
	*listening
	program  *program
	api      *client.Client
	receiver *http.Client
	retailer int64
	settings org.Settings // those about the format of webhooks
}

// retryInterval is how long listen waits before it calls a server again that does not respond.
const retryInterval = time.Second

func (e *eventPrinter) run(ctx context.Context) error {
	query, err := e.begin(ctx)
	if err != nil {
		return err
	}
	for failing := false; ctx.Err() == nil; {
		feed, err := e.api.ListEvents(ctx, query)
		if err == nil && len(feed.Data) > 0 && e.delivers() {
			err = e.readSettings(ctx)
		}
		if err != nil {
			if refused := (*client.Error)(nil); ctx.Err() != nil || errors.As(err, &refused) && refused.Status < 500 {
				return err
			}
			if !failing {
				e.program.sayError("taphoa: %s; trying again", e.program.sentence(e.explain(err, e.Shop)))
			}
			failing = true
			wait(ctx, retryInterval)
			continue
		}
		failing = false
		for _, happened := range feed.Data {
			if err := e.printAndForward(ctx, happened); err != nil {
				return err
			}
		}
		query.After = taphoa.Some(feed.Next)
	}
	return nil
}

// wait waits for d or until the context ends.
func wait(ctx context.Context, d time.Duration) {
	select {
	case <-time.After(d):
	case <-ctx.Done():
	}
}

// begin prints that all is ready and returns the query of events.
func (e *eventPrinter) begin(ctx context.Context) (*taphoa.EventQuery, error) {
	branches, err := e.api.ListBranches(ctx, &taphoa.BranchQuery{Paging: taphoa.Paging{PageSize: 1}})
	if err != nil {
		return nil, err
	}
	if len(branches.Data) > 0 {
		e.retailer = branches.Data[0].RetailerID
	}
	feed, err := e.api.ListEvents(ctx, &taphoa.EventQuery{Limit: 1})
	if err != nil {
		return nil, err
	}
	after := feed.Last
	if e.After != nil {
		after = *e.After
	}
	if after < feed.Oldest-1 || after > feed.Last {
		return nil, message.Errorf("--after: %d is not from %d to %d, the numbers after which the shop's events are kept", after, feed.Oldest-1, feed.Last)
	}
	if e.Secret == "" {
		var random [18]byte
		_, _ = rand.Read(random[:]) // never fails
		e.Secret = base64.StdEncoding.EncodeToString(random[:])
		e.program.say("secret: %s (verify with it)", e.Secret)
	}
	e.program.say("listening after event %d", after)
	return &taphoa.EventQuery{After: taphoa.Some(after), Types: e.Types, Wait: taphoa.EventWaitMax}, nil
}

// delivers reports whether the webhooks of events are needed.
func (e *eventPrinter) delivers() bool { return e.ForwardTo != "" || e.PrintJSON }

func (e *eventPrinter) readSettings(ctx context.Context) error {
	s, err := e.api.GetSettings(ctx, nil)
	e.settings = org.Settings{
		WebhookBareAction: s.WebhookBareAction, WebhookImageStrings: s.WebhookImageStrings, WebhookSignature: s.WebhookSignature,
	}
	return err
}

// printAndForward prints an event and forwards it if there is --forward-to.
func (e *eventPrinter) printAndForward(ctx context.Context, happened taphoa.Event) error {
	p := e.program
	p.showEvent(happened)
	if !e.delivers() {
		return nil
	}
	limit, cancel := context.WithTimeout(ctx, webhook.RequestTimeout)
	defer cancel()
	to := cmp.Or(e.ForwardTo, "http://localhost/")
	req, err := webhook.Request(limit, &e.settings, e.retailer, to, e.Secret, happened)
	if err != nil {
		return err
	}
	if e.PrintJSON {
		for _, name := range []string{"X-Hub-Signature", "Webhook-Id", "Webhook-Timestamp", "Webhook-Signature"} {
			fmt.Fprintf(p.stdout, "    %s: %s\n", name, req.Header.Get(name))
		}
		body, err := req.GetBody()
		if err != nil {
			return err
		}
		text, _ := io.ReadAll(body) // out of memory
		fmt.Fprintf(p.stdout, "    %s\n", text)
	}
	if e.ForwardTo != "" {
		e.forward(ctx, req)
	}
	return nil
}

// forward posts a webhook and prints the outcome.
func (e *eventPrinter) forward(ctx context.Context, req *http.Request) {
	p := e.program
	began := time.Now()
	response, err := e.receiver.Do(req)
	now, took := clock(taphoa.TimeOf(time.Now())), time.Since(began).Milliseconds()
	to := withoutPassword(e.ForwardTo)
	switch {
	case ctx.Err() != nil:
		return
	case err != nil:
		p.say("%s  <-- POST %s failed after %d ms: %s, would be tried again", now, to, took, p.style(red, p.lang.Error(reason(err))))
		return
	}
	_, _ = io.CopyN(io.Discard, response.Body, 8<<10)
	response.Body.Close()
	status := fmt.Sprintf("[%d]", response.StatusCode)
	switch {
	case webhook.Stops(response.StatusCode):
		p.say("%s  <-- %s POST %s in %d ms: would end all deliveries to this address", now, p.style(red, status), to, took)
	case response.StatusCode/100 != 2:
		p.say("%s  <-- %s POST %s in %d ms: would be tried again", now, p.style(red, status), to, took)
	default:
		p.say("%s  <-- %s POST %s in %d ms", now, p.style(green, status), to, took)
	}
}
