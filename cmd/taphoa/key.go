package main

import (
	"context"

	"github.com/taphoa/taphoa/internal/db"
	"github.com/taphoa/taphoa/internal/oauth"
)

type keyRotate struct {
	AtOnce bool `help:"For a key that others may know: end it now, with all tokens. Programs and people get new ones."`
}

func (c *keyRotate) Run(ctx context.Context, p *program) error {
	return with(ctx, p.url(), db.Options{Existing: true}, func(d *db.DB) error {
		key, err := oauth.RotateKey(ctx, d, c.AtOnce)
		if err != nil {
			return err
		}
		if c.AtOnce {
			p.say("the key %s signs now; all tokens have ended, of a running server within seconds", key.ID)
		} else {
			p.say("the key %s is published now and signs from %s on", key.ID, p.when(key.SignsFrom))
		}
		return nil
	})
}

type keyList struct{}

func (c *keyList) Run(ctx context.Context, p *program) error {
	return with(ctx, p.url(), db.Options{Existing: true}, func(d *db.DB) error {
		return d.Read(ctx, db.Actor{}, func(tx *db.Tx) error {
			keys, err := oauth.ListKeys(tx)
			rows := make([][]any, len(keys))
			for i, k := range keys {
				ends := ""
				if k.EndsAt != 0 {
					ends = p.when(k.EndsAt)
				}
				signs := p.when(max(k.SignsFrom, k.CreatedDate))
				rows[i] = []any{k.ID, p.when(k.CreatedDate), signs, ends}
			}
			if err == nil {
				p.table([]string{"ID", "CREATED", "SIGNS FROM", "ENDS"}, rows)
			}
			return err
		})
	})
}
