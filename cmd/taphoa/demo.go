package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"

	"github.com/taphoa/taphoa/internal/db"
	"github.com/taphoa/taphoa/internal/demo"
	"github.com/taphoa/taphoa/internal/oauth"
	"github.com/taphoa/taphoa/internal/openapi"
	"github.com/taphoa/taphoa/internal/org"
)

// fillDemo fills an empty database, leaves one that has the demo shop as it is, and refuses any other.
func fillDemo(ctx context.Context, d *db.DB, log *slog.Logger) error {
	err := d.Read(ctx, db.Actor{}, func(tx *db.Tx) error {
		shops, err := org.ListShops(tx)
		if err != nil || len(shops) == 0 {
			return err
		}
		if _, found, err := org.FindShop(tx, demo.ShopCode); err != nil || found {
			return err
		}
		return errors.New("--demo fills an empty database only, and this one has shops: name another with --database")
	})
	if err != nil {
		return err
	}
	return demo.Fill(ctx, d, log)
}

// refuseDemoClient refuses a database that the demo has filled: everybody knows the secret of its client.
func refuseDemoClient(ctx context.Context, d *db.DB, _ *slog.Logger) error {
	return d.Read(ctx, db.Actor{}, func(tx *db.Tx) error {
		shop, found, err := org.FindShop(tx, demo.ShopCode)
		if err != nil || !found {
			return err
		}
		tx.Retailer = shop.RetailerID
		clients, err := oauth.ListClients(tx)
		for _, c := range clients {
			if c.ClientID == demo.ClientID && c.IsActive {
				return fmt.Errorf("the secret of the demo's client is known to everybody: listen on a loopback address, "+
					"or end it first with taphoa client revoke --shop %s %s", shop.Code, c.ClientID)
			}
		}
		return err
	})
}

// demoKeys are what the pages may show of the demo's client; nil without --demo.
func (c *serve) demoKeys() *openapi.Demo {
	if !c.Demo {
		return nil
	}
	return &openapi.Demo{
		Retailer: demo.ShopCode, Name: demo.ShopName, ClientID: demo.ClientID, ClientSecret: demo.ClientSecret,
		Scopes: oauth.ScopePublic + " " + oauth.ScopeAdmin, Examples: demo.Examples,
	}
}

// tellDemo prints how to call the demo shop.
func (p *program) tellDemo(base, database string, passing bool) {
	if passing {
		p.say("\nThe demo shop %s is gone when this program ends; --database sqlite:demo.db would keep it.", demo.ShopCode)
	}
	p.say(`
# A token, good for a day:
TOKEN=$(curl -s %[1]s/connect/token -d grant_type=client_credentials -d scopes=%[2]s \
  -d client_id=%[3]s -d client_secret=%[4]s \
  | sed 's/.*"access_token":"\([^"]*\)".*/\1/')

# The products with their stock:
curl -s '%[1]s/products?includeInventory=true' -H 'Retailer: %[5]s' -H "Authorization: Bearer $TOKEN"

# What webhooks say: print it, forward it to a program of yours, and make it happen, in another terminal:
taphoa listen --database %[6]s --print-json   # --forward-to http://127.0.0.1:3000/hook --secret TEXT
taphoa trigger invoice.update --database %[6]s
`, base, oauth.ScopePublic, demo.ClientID, demo.ClientSecret, demo.ShopCode, database)
}
