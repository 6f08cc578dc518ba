package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"strings"
	"time"

	"github.com/taphoa/taphoa/client"
	"github.com/taphoa/taphoa/internal/api"
	"github.com/taphoa/taphoa/internal/db"
	"github.com/taphoa/taphoa/internal/message"
	"github.com/taphoa/taphoa/internal/mirror"
)

type mirrorCommand struct {
	Pull   mirrorPull   `cmd:"" help:"Copy a live shop into the database, or what has changed there since; nothing is written to the live shop."`
	Verify mirrorVerify `cmd:"" help:"Compare the copy with the live shop, member by member; exit status 1 if they differ."`
}

// mirrorFlags say which shop is copied, and how it is reached.
type mirrorFlags struct {
	Retailer         string `variable:"TAPHOA_MIRROR_RETAILER" placeholder:"CODE" help:"The name of the live shop, which is the code of its copy, too."`
	ClientID         string `name:"client-id" variable:"TAPHOA_MIRROR_CLIENT_ID" placeholder:"TEXT" help:"The client id of a connection of the live shop."`
	ClientSecret     string `variable:"TAPHOA_MIRROR_CLIENT_SECRET" secret:"" placeholder:"TEXT" help:"Its secret. It is not stored."`
	ClientSecretFile string `placeholder:"FILE" help:"The file that has the secret, instead."`
	API              string `name:"api" placeholder:"URL" help:"The address of the live shop's API; KiotViet's unless given."`
	TokenURL         string `name:"token-url" placeholder:"URL" help:"Where tokens are fetched; /connect/token below --api, or KiotViet's."`
	Mask             bool   `variable:"TAPHOA_MIRROR_MASK" help:"Replace what names persons, such as names, phones, addresses and notes, before it is stored; chosen with the first pull."`
	GetsPerHour      int    `default:"5000" placeholder:"NUMBER" help:"Send at most so many requests an hour, 5,000 unless given, which is all that KiotViet allows."`
}

// open runs do with the mirror.
func (c *mirrorFlags) open(ctx context.Context, p *program, progress func(mirror.Progress), do func(*mirror.Mirror) error) error {
	if c.ClientSecretFile != "" {
		if c.ClientSecret != "" {
			return message.Errorf("the secret is given twice: keep --client-secret-file, or $TAPHOA_MIRROR_CLIENT_SECRET")
		}
		text, err := os.ReadFile(c.ClientSecretFile)
		if err != nil {
			return err
		}
		c.ClientSecret = strings.TrimSpace(string(text))
	}
	if c.Retailer == "" || c.ClientID == "" || c.ClientSecret == "" {
		return message.Errorf("--retailer, --client-id and the secret are needed: the live shop's settings have them, under API connections")
	}
	if c.GetsPerHour < 1 {
		return message.Errorf("%s must be at least 1", p.flagOrVariable("--gets-per-hour"))
	}
	source, err := client.New(client.Config{
		Retailer: c.Retailer, ClientID: c.ClientID, ClientSecret: c.ClientSecret, BaseURL: c.API, TokenURL: c.TokenURL,
		GetsPerHour: c.GetsPerHour, LongestWait: time.Hour, Attempts: 8,
	})
	if err != nil {
		return err
	}
	return with(ctx, p.url(), db.Options{}, func(d *db.DB) error {
		m, err := mirror.Open(ctx, d, source, mirror.Options{
			Retailer: c.Retailer, Source: strings.TrimRight(cmp.Or(c.API, client.VendorBaseURL), "/"), Mask: c.Mask, Progress: progress,
		})
		if err != nil {
			return err
		}
		return do(m)
	})
}

type mirrorPull struct {
	mirrorFlags
	Every       time.Duration `placeholder:"TIME" help:"Go on, and pull again after so long, such as 5m, until SIGTERM or Ctrl+C; taphoa serve may run beside it."`
	HookAddress string        `placeholder:"URL" help:"Have the live shop tell of changes at once, by webhooks that are registered there as long as this runs: the public address that leads to --hook-listen."`
	HookListen  string        `default:"127.0.0.1:8081" placeholder:"HOST:PORT" help:"Where those webhooks are received, without TLS, 127.0.0.1:8081 unless given."`
}

// Run pulls once, or again and again.
func (c *mirrorPull) Run(ctx context.Context, p *program) error {
	if c.Every < 0 {
		return message.Errorf("%s must not be negative", p.flagOrVariable("--every"))
	}
	if c.HookAddress != "" && c.Every == 0 {
		return message.Errorf("--hook-address needs --every: a hook that is lost is made up for by the next pull")
	}
	progress := func(s mirror.Progress) { p.say("%s: %d of %d", s.List, s.Read, max(s.Read, s.Total)) }
	err := c.open(ctx, p, progress, func(m *mirror.Mirror) error {
		switch {
		case c.Every == 0:
			err := m.Pull(ctx)
			if err == nil {
				p.say("the copy is up to date: {taphoa} serve answers for it, {taphoa} mirror verify compares it with the live shop")
			}
			return err
		case c.HookAddress != "":
			return c.hooked(ctx, p, m)
		}
		c.again(ctx, p, m, func(patience time.Duration) []string {
			select {
			case <-ctx.Done():
			case <-time.After(patience):
			}
			return nil
		})
		return nil
	})
	if c.Every > 0 && errors.Is(err, context.Canceled) {
		return nil
	}
	return err
}

// again pulls all lists each time, and meanwhile those that types of events are about, for which wait waits.
func (c *mirrorPull) again(ctx context.Context, p *program, m *mirror.Mirror, wait func(patience time.Duration) []string) {
	var due time.Time
	for types := []string(nil); ctx.Err() == nil; types = wait(time.Until(due)) {
		pull := m.Pull
		if time.Now().Before(due) {
			pull = func(ctx context.Context) error { return m.PullFor(ctx, types) }
		} else {
			due = time.Now().Add(c.Every)
		}
		if err := pull(ctx); err != nil && ctx.Err() == nil {
			p.sayError("the pull failed and is tried again in %s: %s", p.duration(max(0, time.Until(due)).Round(time.Second)), p.sentence(err))
		}
	}
}

// hookPause is for hooks that come together, and bounds how often the live shop is asked because of them.
const hookPause = 5 * time.Second

// hooked is [mirrorPull.again] with webhooks of the live shop, which it removes at the end.
func (c *mirrorPull) hooked(ctx context.Context, p *program, m *mirror.Mirror) (err error) {
	l, err := p.listen(ctx, "--hook-listen", c.HookListen)
	if err != nil {
		return err
	}
	hooks, err := m.Hook(ctx, c.HookAddress)
	if err != nil {
		return errors.Join(err, l.Close())
	}
	server := api.HTTPServer(hooks, slog.New(slog.DiscardHandler))
	go func() { _ = server.Serve(l) }() // ends with the server
	defer func() {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), drainTime)
		defer cancel()
		err = errors.Join(err, hooks.Close(ctx), server.Close())
	}()
	c.again(ctx, p, m, func(patience time.Duration) []string { return hooks.Wait(ctx, hookPause, patience) })
	return nil
}

type mirrorVerify struct {
	mirrorFlags
	Differences int `default:"20" placeholder:"NUMBER" help:"Print at most so many differences, 20 unless given."`
}

// Run prints what differs.
func (c *mirrorVerify) Run(ctx context.Context, p *program) error {
	return c.open(ctx, p, nil, func(m *mirror.Mirror) error {
		found := 0
		records, err := m.Verify(ctx, func(d mirror.Difference) {
			if found++; found > c.Differences {
				return
			}
			record := fmt.Sprintf("%s %d %s", d.List, d.ID, d.Member)
			switch {
			case d.Source == "":
				p.say("%s: only the copy has it: %s", record, d.Mirror)
			case d.Mirror == "":
				p.say("%s: only the live shop has it: %s", record, d.Source)
			default:
				p.say("%s: %s in the live shop, %s in the copy", record, d.Source, d.Mirror)
			}
		})
		switch {
		case err != nil:
			return err
		case found > 0:
			return message.Errorf("%d differences in %d records: {taphoa} mirror pull first, and compare again", found, records)
		}
		p.say("equal: %d records", records)
		return nil
	})
}
