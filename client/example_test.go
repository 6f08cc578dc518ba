package client_test

import (
	"context"
	"errors"
	"fmt"
	"log"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"

	"github.com/taphoa/taphoa"
	"github.com/taphoa/taphoa/client"
	"github.com/taphoa/taphoa/internal/api"
	"github.com/taphoa/taphoa/internal/db"
	"github.com/taphoa/taphoa/internal/oauth"
	"github.com/taphoa/taphoa/internal/org"
	"github.com/taphoa/taphoa/internal/schema"
)

// shop starts a Taphoa with an empty shop, and answers what calls it.
func shop() (c *client.Client, stop func()) {
	ctx := context.Background()
	dir, err := os.MkdirTemp("", "example")
	must(err)
	d, err := db.Open(ctx, "sqlite:"+filepath.Join(dir, "taphoa.db"), db.Options{})
	must(err)
	_, err = schema.Migrate(ctx, d)
	must(err)
	const id, secret = "7a000000-0000-4000-8000-000000000001", "7A00000000000000000000000000000000000001"
	must(d.Write(ctx, db.Actor{}, func(tx *db.Tx) error {
		_, err := org.CreateShop(tx, "taphoa", "Tạp hóa")
		if err == nil {
			_, _, err = oauth.CreateClient(tx, oauth.ClientInput{Name: "example", ClientID: id, Secret: secret})
		}
		return err
	}))
	tokens, err := oauth.New(d, oauth.Options{})
	must(err)
	server := httptest.NewServer(api.New(d, tokens, api.Options{}))
	c, err = client.New(client.Config{BaseURL: server.URL, Retailer: "taphoa", ClientID: id, ClientSecret: secret})
	must(err)
	return c, func() {
		server.Close()
		must(d.Close())
		must(os.RemoveAll(dir))
	}
}

func must(err error) {
	if err != nil {
		log.Fatal(err)
	}
}

func Example() {
	ctx := context.Background()
	c, stop := shop() // client.New
	defer stop()

	tea, err := c.CreateProduct(ctx, &taphoa.ProductInput{
		Code: taphoa.Some("TRA"), Name: taphoa.Some("Trà xanh"), BasePrice: taphoa.Some(taphoa.Dong(25_000)),
	})
	must(err)
	fmt.Println(tea.Code, tea.FullName, tea.BasePrice)

	_, err = c.CreateProduct(ctx, &taphoa.ProductInput{Code: taphoa.Some("TRA"), Name: taphoa.Some("Trà khác")})
	if e := (*client.Error)(nil); errors.As(err, &e) {
		fmt.Println(e.Status, e.Field)
	}
	// Output:
	// TRA Trà xanh 25000
	// 420 code
}

func ExampleAll() {
	ctx := context.Background()
	c, stop := shop()
	defer stop()

	for i := range 120 {
		_, err := c.CreateCustomer(ctx, &taphoa.CustomerInput{Name: taphoa.Some(fmt.Sprint("Khách ", i+1))})
		must(err)
	}
	n := 0
	for customer, err := range client.All(ctx, c.ListCustomers, nil) {
		must(err)
		if n++; n == 120 {
			fmt.Println(n, customer.Code)
		}
	}
	// Output: 120 KH000120
}

func ExampleSync() {
	ctx := context.Background()
	c, stop := shop()
	defer stop()

	an, err := c.CreateCustomer(ctx, &taphoa.CustomerInput{Name: taphoa.Some("An")})
	must(err)
	_, err = c.CreateCustomer(ctx, &taphoa.CustomerInput{Name: taphoa.Some("Bình")})
	must(err)
	_, err = c.DeleteCustomer(ctx, &taphoa.ByID{ID: an.ID})
	must(err)

	var since taphoa.Time // kept from the last time
	since, err = client.Sync(ctx, c.ListCustomers, nil, since, func(rows []taphoa.Customer, removed []int64) error {
		for _, customer := range rows {
			fmt.Println("put", customer.Name)
		}
		for _, id := range removed {
			fmt.Println("remove", id == an.ID)
		}
		return nil
	})
	must(err)
	fmt.Println(since > 0)
	// Output:
	// put Bình
	// remove true
	// true
}

func ExampleWebhookHandler() {
	http.Handle("/hooks", client.WebhookHandler("bWF0a2hhdTEyMw==", func(_ context.Context, d client.Delivery) error {
		for _, n := range d.Notifications {
			if invoices, ok := n.Data.([]taphoa.InvoiceData); ok {
				for _, i := range invoices {
					fmt.Println(n.Retailer, i.Code, i.Total)
				}
			}
		}
		return nil // an error would have it sent again
	}))
}
