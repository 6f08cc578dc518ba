package main

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/go-json-experiment/json"

	"github.com/taphoa/taphoa"
	"github.com/taphoa/taphoa/internal/db"
	"github.com/taphoa/taphoa/internal/event"
	"github.com/taphoa/taphoa/internal/org"
	"github.com/taphoa/taphoa/internal/webhook"
)

type listening struct {
	ofShop
	ForwardTo    string   `placeholder:"URL" help:"Post to this address what a webhook would."`
	Secret       string   `variable:"TAPHOA_WEBHOOK_SECRET" placeholder:"TEXT" help:"Sign what is forwarded, as for a webhook with this secret."`
	Types        []string `sep:"," placeholder:"TYPE,…" help:"Tell of these types only, such as order.update,invoice.update."`
	After        *int64   `placeholder:"NUMBER" help:"Begin behind the event with this number; with what happens from now on unless given."`
	PrintJSON    bool     `name:"print-json" help:"Print the bodies of webhooks, too, and the headers that sign them."`
	URL          string   `name:"url" placeholder:"URL" help:"Listen to a running server, such as http://127.0.0.1:8080, instead of the database."`
	ClientID     string   `name:"client-id" variable:"TAPHOA_CLIENT_ID" placeholder:"UUID" help:"With --url: the id of a program of the shop; the demo's unless given."`
	ClientSecret string   `variable:"TAPHOA_CLIENT_SECRET" placeholder:"SECRET" help:"With --url: its secret."`
}

// Run prints what happens, until the program is told to stop.
func (c *listening) Run(ctx context.Context, p *program) (err error) {
	for i, kind := range c.Types {
		c.Types[i] = strings.ToLower(kind)
		if event.CheckType("types", c.Types[i]) != nil {
			return fmt.Errorf("there is no event %s: the types are %s", kind, strings.Join(event.Types, ", "))
		}
	}
	e := &echo{listening: c, program: p, client: &http.Client{
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}
	if c.URL != "" {
		err = e.fromServer(ctx)
	} else {
		err = e.fromDatabase(ctx)
	}
	if ctx.Err() != nil {
		return nil
	}
	return err
}

// echo tells of events as they come.
type echo struct {
	*listening
	program  *program
	client   *http.Client
	retailer int64
	settings org.Settings
	after    int64 // has told of events up to here
}

// listenLook is how often the database is asked for what other processes write.
const listenLook = 200 * time.Millisecond

func (e *echo) fromDatabase(ctx context.Context) error {
	return with(ctx, e.program.url(), db.Options{Existing: true}, func(d *db.DB) error {
		var last int64
		err := d.Read(ctx, db.Actor{}, func(tx *db.Tx) error {
			shop, err := findShop(tx, e.Shop)
			if err != nil {
				return err
			}
			e.retailer, tx.Retailer = shop.RetailerID, shop.RetailerID
			last, _, err = event.Bounds(tx)
			return err
		})
		if err != nil {
			return err
		}
		e.begin(last)
		for ctx.Err() == nil {
			feed := taphoa.EventFeed{}
			err := d.Read(ctx, db.Actor{Retailer: e.retailer}, func(tx *db.Tx) (err error) {
				if e.settings, err = org.GetSettings(tx); err == nil {
					feed, err = event.Feed(tx, &taphoa.EventQuery{After: taphoa.Some(e.after), Limit: taphoa.EventLimit, Types: e.Types})
				}
				return err
			})
			if err != nil {
				return err
			}
			for _, happened := range feed.Data {
				if err := e.tell(ctx, happened); err != nil {
					return err
				}
			}
			if e.after = feed.Next; len(feed.Data) < taphoa.EventLimit {
				wait(ctx, listenLook)
			}
		}
		return nil
	})
}

// begin says that all is ready.
func (e *echo) begin(last int64) {
	e.after = last
	if e.After != nil {
		e.after = *e.After
	}
	e.program.say("listening behind event %d", e.after)
}

func wait(ctx context.Context, d time.Duration) {
	select {
	case <-time.After(d):
	case <-ctx.Done():
	}
}

// tell prints an event and forwards it, if that is wanted.
func (e *echo) tell(ctx context.Context, happened taphoa.Event) error {
	p := e.program
	p.say("%s", lineOf(happened))
	if e.ForwardTo == "" && !e.PrintJSON {
		return nil
	}
	limit, cancel := context.WithTimeout(ctx, webhook.Limit)
	defer cancel()
	to := cmp.Or(e.ForwardTo, "http://localhost/")
	req, err := webhook.Request(limit, &e.settings, e.retailer, to, e.Secret, happened)
	if err != nil {
		return err
	}
	if e.PrintJSON {
		for _, name := range []string{"X-Hub-Signature", "Webhook-Id", "Webhook-Timestamp", "Webhook-Signature"} {
			if value := req.Header.Get(name); value != "" {
				p.say("    %s: %s", name, value)
			}
		}
		body, err := req.GetBody()
		if err != nil {
			return err
		}
		text, _ := io.ReadAll(body) // out of memory
		p.say("    %s", text)
	}
	if e.ForwardTo != "" {
		e.forward(ctx, req)
	}
	return nil
}

// forward posts a webhook and prints what came of it.
func (e *echo) forward(ctx context.Context, req *http.Request) {
	began := time.Now()
	answer, err := e.client.Do(req)
	took := time.Since(began).Round(time.Millisecond / 10)
	switch {
	case ctx.Err() != nil:
	case err != nil:
		e.program.say("    -> %v in %v: would be tried again", errors.Unwrap(err), took)
	default:
		_, _ = io.CopyN(io.Discard, answer.Body, 8<<10)
		answer.Body.Close()
		remark := ""
		switch status := answer.StatusCode; {
		case webhook.Stops(status):
			remark = ": would end all deliveries to this address"
		case status < 200 || status > 299:
			remark = ": would be tried again"
		}
		e.program.say("    -> %s in %v%s", answer.Status, took, remark)
	}
}

// lineOf is an event in a line: number, type, instant, and the ids of what it speaks of.
func lineOf(e taphoa.Event) string {
	var (
		numbers []int64
		records []struct {
			ID, ProductID, PriceBookID int64
		}
		ids []string
	)
	if json.Unmarshal(e.Data, &numbers) != nil {
		numbers = nil
		_ = json.Unmarshal(e.Data, &records, json.MatchCaseInsensitiveNames(true)) // what has no id shows none
	}
	for _, r := range records {
		numbers = append(numbers, cmp.Or(r.ID, r.ProductID, r.PriceBookID))
	}
	for _, n := range numbers {
		ids = append(ids, strconv.FormatInt(n, 10))
	}
	return fmt.Sprintf("%d %s %v %s", e.Seq, e.Type, e.At, strings.Join(ids, ","))
}

// text is an answer's body, as far as an error shows it.
func text(answer *http.Response) string {
	b, _ := io.ReadAll(io.LimitReader(answer.Body, 500))
	return string(bytes.TrimSpace(b))
}
