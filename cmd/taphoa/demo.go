package main

import (
	"context"
	"fmt"
	"log/slog"

	"github.com/taphoa/taphoa/internal/db"
	"github.com/taphoa/taphoa/internal/demo"
	"github.com/taphoa/taphoa/internal/message"
	"github.com/taphoa/taphoa/internal/oauth"
	"github.com/taphoa/taphoa/internal/openapi"
	"github.com/taphoa/taphoa/internal/org"
)

// fillDemo fills an empty database, accepts one with the demo shop unchanged, and refuses any other.
func fillDemo(ctx context.Context, d *db.DB, log *slog.Logger) error {
	err := d.Read(ctx, db.Actor{}, func(tx *db.Tx) error {
		shops, err := org.ListShops(tx)
		if err != nil || len(shops) == 0 {
			return err
		}
		if _, found, err := org.FindShop(tx, demo.ShopCode); err != nil || found {
			return err
		}
		return message.Errorf("--demo fills an empty database only, and this one has shops: name another with --database")
	})
	if err != nil {
		return err
	}
	return demo.Fill(ctx, d, log)
}

// judgeDemoClient refuses a database that knows the demo's secret, which is public, beyond loopback addresses, and warns of it
// there: a proxy may be in front.
func (s *serving) judgeDemoClient(ctx context.Context, d *db.DB) error {
	var shop, client string
	err := d.Read(ctx, db.Actor{}, func(tx *db.Tx) (err error) {
		shop, client, err = oauth.FindBySecret(tx, demo.ClientSecret)
		return err
	})
	switch {
	case err != nil || client == "":
		return err
	case !s.local:
		return message.Errorf("the secret of the demo's client is known to everybody: listen on a loopback address, "+
			"or end it first with {taphoa} client revoke --shop %s %s%s", shop, client, s.sameDatabase())
	}
	s.say("warning: the secret of the demo's client is known to everybody, also behind a proxy; {taphoa} client revoke --shop %s %s%s ends it",
		shop, client, s.sameDatabase())
	s.log.Warn("the secret of the demo's client is known to everybody",
		"mend", "taphoa client revoke --shop "+quoted(shop)+" "+client+s.sameDatabase())
	return nil
}

// demoKeys returns the credentials of the demo's client for the pages; nil without --demo.
func (c *serve) demoKeys() *openapi.Demo {
	if !c.Demo {
		return nil
	}
	return &openapi.Demo{
		Retailer: demo.ShopCode, ClientID: demo.ClientID, ClientSecret: demo.ClientSecret,
		Scopes: oauth.ScopePublic + " " + oauth.ScopeAdmin, Examples: demo.Examples,
	}
}

// printDemo prints how to call the demo shop.
func (s *serving) printDemo() {
	fmt.Fprintln(s.stdout)
	s.printFields([]field{
		{s.text("Retailer"), string(s.style(bold, demo.ShopCode))},
		{s.text("Client id"), string(s.style(bold, demo.ClientID))},
		{s.text("Client secret"), string(s.style(bold, demo.ClientSecret))},
		{s.text("Token URL"), s.base + "/connect/token"},
	})
	fmt.Fprintln(s.stdout)
	if s.temporary {
		s.sayWrapped("The demo shop is gone when this program ends; --database sqlite:demo.db would keep it. To try it, in another terminal:")
	} else {
		s.sayWrapped("To try it, in another terminal:")
	}
	s.example(s.text("A token, good for a day:"), fmt.Sprintf(`TOKEN=$(curl -s%s %s/connect/token \
  -d grant_type=client_credentials -d scopes=%s \
  -d client_id=%s \
  -d client_secret=%s |
  sed 's/.*"access_token":"\([^"]*\)".*/\1/')`, s.trustFlag("--cacert"), s.base, oauth.ScopePublic, demo.ClientID, demo.ClientSecret))
	s.example(s.text("The products with their stock:"), fmt.Sprintf(`curl -s%s '%s/products?includeInventory=true' \
  -H 'Retailer: %s' -H "Authorization: Bearer $TOKEN"`, s.trustFlag("--cacert"), s.base, demo.ShopCode))
	s.example(s.text("What webhooks say, printed or forwarded to a program of yours:"), fmt.Sprintf(`%s listen --url %s%s --print-json
%[1]s listen --url %[2]s%[3]s \
  --forward-to localhost:3000/hook`, programName, s.base, s.trustFlag("--ca")))
	s.example(s.text("Make something happen:"), fmt.Sprintf("%s trigger invoice.update --url %s%s", programName, s.base, s.trustFlag("--ca")))
}
