package main

import (
	"cmp"
	"context"
	"fmt"
	"net"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/taphoa/taphoa/internal/certificate"
	"github.com/taphoa/taphoa/internal/db"
	"github.com/taphoa/taphoa/internal/message"
	"github.com/taphoa/taphoa/internal/org"
)

// shopsShown is how many shops the server prints; a chain's database may have hundreds.
const shopsShown = 10

// printStartup prints what is being served, and where. Requests are served meanwhile.
func (s *serving) printStartup(ctx context.Context, d *db.DB) {
	took := time.Since(s.began)
	fields := []field{
		{s.text("Version"), s.build()},
		{s.text("Database"), d.Where()},
	}
	if n := len(s.migrated); n > 0 {
		fields = append(fields, field{s.text("Migrated"), s.text("%d migrations, up to %s", n, s.migrated[n-1])})
	}
	shops, err := countShops(ctx, d)
	if err != nil && ctx.Err() == nil {
		s.log.Error("the shops could not be counted", "error", err.Error())
	}
	for i, shop := range shops {
		if i == shopsShown {
			fields = append(fields, field{"", s.text("and %d more: {taphoa} shop list", len(shops)-i)})
			break
		}
		fields = append(fields, field{s.text("Shop"), string(s.style(bold, shop.Code)) + ", " + printable(shop.Name) + ": " +
			s.text("products: %s, customers: %s, orders: %s, invoices: %s", s.thousands(shop.products), s.thousands(shop.customers),
				s.thousands(shop.orders), s.thousands(shop.invoices))})
	}
	fields = append(fields, field{s.text("Home page"), s.link + "/"}, field{s.text("Desk"), s.link + "/console"}, field{s.text("API docs"), s.link + "/docs"})
	if s.page != nil {
		page := cmp.Or(s.page.URL("", certificate.PagePath), s.link+certificate.PagePath)
		fields = append(fields, field{s.text("Certificate"), s.text("%s lets phones and computers trust it", page)}, field{"SHA-256", halves(s.page.Local.Fingerprint())})
	}
	if s.metrics != nil {
		fields = append(fields, field{s.text("Metrics"), s.metricsURL()})
	}
	fields = append(fields, field{s.text("Ready"), s.text("after %s; Ctrl+C ends it", s.duration(took))})
	s.printFields(fields)
	if err == nil && len(shops) == 0 {
		fmt.Fprintln(s.stdout)
		s.sayWrapped("There is no shop yet, so the API cannot be called.")
		s.example(s.text("Open one, here or in another terminal:"), s.text("{taphoa} shop create CODE NAME%s", s.sameDatabase()))
		if s.Create {
			s.printSetupLink(ctx, d)
		}
	}
	if s.Demo {
		s.printDemo()
	}
}

// printSetupLink prints a link that opens a shop. It is not logged: it is as good as a password.
func (s *serving) printSetupLink(ctx context.Context, d *db.DB) {
	secret, err := newSetupLink(ctx, d)
	if err != nil {
		if ctx.Err() == nil {
			s.log.Error("the set-up link could not be made", "error", err.Error())
		}
		return
	}
	fmt.Fprintln(s.stdout)
	s.sayWrapped("Or open it in a browser, with this link, once, within an hour; {taphoa} setup-link prints another:")
	s.printLink(cmp.Or(s.PublicURL, linkTo(s.base)), "/setup", secret, false)
}

// halves returns a fingerprint in two parts, which fit in lines.
func halves(fingerprint string) string {
	half := len(fingerprint)/2 + 1 // behind a colon
	return fingerprint[:half] + " " + fingerprint[half:]
}

// linkTo returns the URL by which a browser on this machine opens the server, also if it listens on all addresses.
func linkTo(base string) string {
	u, err := url.Parse(base)
	if err != nil {
		return base
	}
	if ip := net.ParseIP(u.Hostname()); ip != nil && ip.IsUnspecified() {
		u.Host = net.JoinHostPort("localhost", u.Port())
	}
	return u.String()
}

// shopCounts is a shop with the numbers of its records.
type shopCounts struct {
	org.Shop
	products, customers, orders, invoices int64
}

// countShops counts the records of the printed shops.
func countShops(ctx context.Context, d *db.DB) (all []shopCounts, err error) {
	err = d.Read(ctx, db.Actor{}, func(tx *db.Tx) error {
		shops, err := org.ListShops(tx)
		all = make([]shopCounts, len(shops))
		for i, shop := range shops {
			all[i].Shop = shop
		}
		return err
	})
	for i := 0; i < min(len(all), shopsShown) && err == nil; i++ {
		c := &all[i]
		err = d.Read(ctx, db.Actor{Retailer: c.RetailerID}, func(tx *db.Tx) error {
			for table, n := range map[string]*int64{
				"products": &c.products, "customers": &c.customers, "orders": &c.orders, "invoices": &c.invoices,
			} {
				var err error
				if *n, err = count(tx, table); err != nil {
					return err
				}
			}
			return nil
		})
	}
	return all, err
}

// duration formats a duration.
func (p *program) duration(d time.Duration) string {
	if d < time.Second {
		return fmt.Sprintf("%d ms", d.Milliseconds())
	}
	text := fmt.Sprintf("%.1f s", d.Seconds())
	if p.lang == message.Vietnamese {
		text = strings.Replace(text, ".", ",", 1)
	}
	return text
}

// thousands formats a number with the language's thousands separator.
func (p *program) thousands(n int64) string {
	text, separator := strconv.FormatInt(n, 10), ","
	if p.lang == message.Vietnamese {
		separator = "."
	}
	for i := len(text) - 3; i > 0; i -= 3 {
		text = text[:i] + separator + text[i:]
	}
	return text
}
