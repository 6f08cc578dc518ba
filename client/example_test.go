package client_test

import (
	"context"
	"errors"
	"fmt"
	"log"
	"net/http"

	"github.com/taphoa/taphoa"
	"github.com/taphoa/taphoa/client"
)

// The examples call the shop of taphoa serve --demo. Each is a whole program; TestTheExamplesRun runs them.

// newClient returns a client of the demo shop. Without a BaseURL a client calls KiotViet.
func newClient() *client.Client {
	c, err := client.New(client.Config{
		BaseURL:      "http://127.0.0.1:8080",
		Retailer:     "taphoa",
		ClientID:     "de300000-0000-4000-8000-000000000001",
		ClientSecret: "DE30000000000000000000000000000000000001",
	})
	if err != nil {
		log.Fatal(err)
	}
	return c
}

// A new product is ordered, and the order becomes an invoice. Optional members are set with taphoa.Some, amounts with
// taphoa.Dong and taphoa.Units.
func Example() {
	ctx := context.Background()
	c := newClient()

	tea, err := c.CreateProduct(ctx, &taphoa.ProductInput{
		Name:        taphoa.Some("Trà xanh"),
		BasePrice:   taphoa.Some(taphoa.Dong(25_000)),
		Inventories: []taphoa.InventoryInput{{BranchID: 1, OnHand: taphoa.Some(taphoa.Units(100))}},
	})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(tea.Code, tea.FullName, tea.BasePrice)

	order, err := c.CreateOrder(ctx, &taphoa.OrderInput{
		BranchID:     taphoa.Some[int64](1),
		OrderDetails: []taphoa.DetailInput{{ProductCode: taphoa.Some(tea.Code), Quantity: taphoa.Some(taphoa.Units(2))}},
	})
	if err != nil {
		log.Fatal(err)
	}
	invoice, err := c.CreateInvoice(ctx, &taphoa.InvoiceInput{
		BranchID:       taphoa.Some(order.BranchID),
		OrderID:        taphoa.Some(order.ID),
		InvoiceDetails: []taphoa.DetailInput{{ProductID: taphoa.Some(tea.ID), Quantity: taphoa.Some(taphoa.Units(2))}},
		Method:         taphoa.Some("Cash"),
		TotalPayment:   taphoa.Some(taphoa.Dong(50_000)),
	})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(invoice.Code, invoice.Total, invoice.TotalPayment)

	_, err = c.GetProduct(ctx, &taphoa.ProductByID{ID: 999_999})
	if e := (*client.Error)(nil); errors.As(err, &e) {
		fmt.Println(e.Status, e.Code)
	}
}

func ExampleAll() {
	ctx := context.Background()
	c := newClient()

	n, stock := 0, taphoa.Units(0)
	for product, err := range client.All(ctx, c.ListProducts, &taphoa.ProductQuery{IncludeInventory: true}) {
		if err != nil {
			log.Fatal(err)
		}
		for _, at := range product.Inventories {
			if stock, err = stock.Add(at.OnHand); err != nil {
				log.Fatal(err)
			}
		}
		n++
	}
	fmt.Println(n, "products,", stock, "pieces")
}

func ExampleSync() {
	ctx := context.Background()
	c := newClient()

	var since taphoa.Time // returned by the last Sync; 0 begins with everything
	known := map[int64]taphoa.Customer{}
	next, err := client.Sync(ctx, c.ListCustomers, nil, since, func(rows []taphoa.Customer, removed []int64) error {
		for _, customer := range rows {
			known[customer.ID] = customer
		}
		for _, id := range removed {
			delete(known, id)
		}
		return nil
	})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(len(known), "customers; go on from", next)
}

// Follow returns orders from the oldest event that is stored, and waits for new ones.
func ExampleClient_Follow() {
	ctx := context.Background()
	c := newClient()

	for event, err := range c.Follow(ctx, taphoa.EventQuery{Types: []string{"order.update"}}) {
		if err != nil {
			log.Fatal(err)
		}
		orders, err := client.DataOf[taphoa.OrderData](event.Data)
		if err != nil {
			log.Fatal(err)
		}
		for _, order := range orders {
			fmt.Println(event.Seq, order.Code, order.Total) // store event.Seq and pass it as After next time
		}
	}
}

// The program registers a webhook for orders, and prints those that it receives.
func ExampleWebhookHandler() {
	const (
		address = "127.0.0.1:3000"
		secret  = "bWF0a2hhdTEyMw=="
	)
	http.Handle("/hook", client.WebhookHandler(secret, func(_ context.Context, d client.Delivery) error {
		for _, n := range d.Notifications {
			if orders, ok := n.Data.([]taphoa.OrderData); ok {
				for _, order := range orders {
					fmt.Println(n.Type, order.Code, order.Total)
				}
			}
		}
		return nil // after an error it is sent again
	}))
	_, err := newClient().RegisterWebhook(context.Background(), &taphoa.WebhookInput{WebhookWrite: taphoa.WebhookWrite{
		Type:   taphoa.Some("order.update"),
		URL:    taphoa.Some("http://" + address + "/hook"),
		Secret: taphoa.Some(secret),
	}})
	if err != nil {
		log.Fatal(err)
	}
	log.Fatal(http.ListenAndServe(address, nil))
}
