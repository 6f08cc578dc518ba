package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"time"

	"github.com/taphoa/taphoa/client"
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
	Every time.Duration `placeholder:"TIME" help:"Go on, and pull again after so long, such as 5m, until SIGTERM or Ctrl+C; taphoa serve may run beside it."`
}

// Run pulls once, or again and again.
func (c *mirrorPull) Run(ctx context.Context, p *program) error {
	if c.Every < 0 {
		return message.Errorf("%s must not be negative", p.flagOrVariable("--every"))
	}
	progress := func(s mirror.Progress) { p.say("%s: %d of %d", s.List, s.Read, max(s.Read, s.Total)) }
	err := c.open(ctx, p, progress, func(m *mirror.Mirror) error {
		for {
			err := m.Pull(ctx)
			switch {
			case c.Every == 0:
				if err == nil {
					p.say("the copy is up to date: {taphoa} serve answers for it, {taphoa} mirror verify compares it with the live shop")
				}
				return err
			case err != nil && ctx.Err() == nil:
				p.sayError("the pull failed and is tried again in %s: %s", p.duration(c.Every), p.sentence(err))
			}
			select {
			case <-ctx.Done():
				return nil
			case <-time.After(c.Every):
			}
		}
	})
	if c.Every > 0 && errors.Is(err, context.Canceled) {
		return nil
	}
	return err
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
