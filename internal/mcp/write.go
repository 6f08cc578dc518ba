package mcp

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"net/http"
	"strings"

	"github.com/go-json-experiment/json"

	"github.com/taphoa/taphoa"
	"github.com/taphoa/taphoa/client"
)

// writing are the arguments of every tool that changes the shop.
type writing struct {
	DryRun     bool   `json:"dryRun,omitzero" doc:"say what it would do, and change nothing"`
	RequestKey string `json:"requestKey" need:"" doc:"a text of your own for this one change: repeated with the same text after a failure, it is not made twice"`
}

// attempt sends a write, which may be a dry run, and returns the amount that it is about.
type attempt func(ctx context.Context) (amount taphoa.Money, shown any, err error)

// outcome is what a write has done, or would do.
type outcome struct {
	DryRun bool   `json:"dryRun"`
	Effect string `json:"effect"`
	Undo   string `json:"undo,omitzero"`
	Record any    `json:"record"`
}

// change is a write that was made, as it was asked for, so that it can be repeated with the same prices.
type change struct {
	arguments string
	try       attempt
}

// write tries a write as a dry run, and makes it if it keeps to the bounds.
func (s *server) write(ctx context.Context, t *Tool, in *writing, asked *change) (any, error) {
	if strings.TrimSpace(in.RequestKey) == "" {
		return nil, errors.New("requestKey must not be blank")
	}
	if err := s.knowsDryRuns(ctx); err != nil {
		return nil, err
	}
	sum := sha256.Sum256([]byte(t.Name + "\n" + in.RequestKey))
	key := "mcp-" + hex.EncodeToString(sum[:20])
	out := outcome{in.DryRun, t.Description, t.Undo, nil}
	made := s.madeBy(key)
	switch {
	case made != nil && !in.DryRun && made.arguments != asked.arguments:
		return nil, errors.New("requestKey was used for another change: take a new one for each")
	case made != nil && !in.DryRun: // it may not be possible once more, and is only answered
	default:
		amount, shown, err := asked.try(context.WithValue(ctx, dryRun{}, true))
		if err != nil {
			return nil, err
		}
		if amount > s.o.MaxAmount || -amount > s.o.MaxAmount {
			return nil, fmt.Errorf("it is about %v đồng: at most %v are allowed here (--max-amount)", amount, s.o.MaxAmount)
		}
		if out.Record = shown; in.DryRun {
			return out, nil
		}
	}
	made, err := s.take(key, asked)
	if err != nil {
		return nil, err
	}
	_, shown, err := made.try(client.WithIdempotencyKey(ctx, key))
	if e := (*client.Error)(nil); errors.As(err, &e) && e.Status < http.StatusInternalServerError && made == asked {
		s.giveBack(key)
	}
	out.Record = shown
	return out, err
}

// knowsDryRuns is an error unless a Taphoa answers: another server would carry a dry run out.
func (s *server) knowsDryRuns(ctx context.Context) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.known {
		return nil
	}
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, strings.TrimRight(s.o.Client.BaseURL, "/")+"/openapi.json", nil)
	if err != nil {
		return err
	}
	answer, err := s.o.Client.HTTPClient.Do(r)
	if err != nil {
		return err
	}
	defer answer.Body.Close()
	var document struct{ Info struct{ Title string } }
	if json.UnmarshalRead(answer.Body, &document, json.MatchCaseInsensitiveNames(true)) != nil || document.Info.Title != "Taphoa" {
		return errors.New("the server is no Taphoa: it would carry a dry run out, so that nothing is changed here")
	}
	s.known = true
	return nil
}

func (s *server) madeBy(key string) *change {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.made[key]
}

// take counts a write, and returns it as it is to be sent: a repeated one as before.
func (s *server) take(key string, asked *change) (*change, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if made := s.made[key]; made != nil {
		return made, nil
	}
	if len(s.made) >= s.o.MaxWrites {
		return nil, fmt.Errorf("%d changes were made, and no more are allowed here (--max-writes)", len(s.made))
	}
	s.made[key] = asked
	return asked, nil
}

// giveBack is for a write that was refused.
func (s *server) giveBack(key string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.made, key)
}

// dryRun marks the context of a request that is to change nothing.
type dryRun struct{}

// dryRuns adds the header of dry runs.
type dryRuns struct{ next http.RoundTripper }

// RoundTrip implements [http.RoundTripper].
func (d dryRuns) RoundTrip(r *http.Request) (*http.Response, error) {
	if r.Context().Value(dryRun{}) != nil {
		r = r.Clone(r.Context())
		r.Header.Set("Taphoa-Dry-Run", "true")
	}
	return d.next.RoundTrip(r)
}

// writers are the tools that change the shop.
func writers() []Tool {
	return []Tool{
		writer(Tool{
			Name: "create_order", Title: "Take an order", Undo: "void_order",
			Description: "Takes an order: it reserves goods, and takes no money.",
		}, createOrder),
		writer(Tool{
			Name: "void_order", Title: "Void an order", Destroys: true,
			Description: "Voids an order: its goods are no longer reserved. Receipts stay. It cannot be undone.",
		}, voidOrder),
		writer(Tool{
			Name: "create_invoice", Title: "Sell", Undo: "void_invoice",
			Description: "Sells: goods leave the stock of the branch; what is paid comes into the cash book, and the rest is the customer's debt.",
		}, createInvoice),
		writer(Tool{
			Name: "void_invoice", Title: "Void a sale", Destroys: true,
			Description: "Voids a sale: its goods come back into stock, and the customer no longer owes it. It cannot be undone.",
		}, voidInvoice),
		writer(Tool{
			Name: "create_customer", Title: "Add a customer", Undo: "delete_customer",
			Description: "Adds a customer.",
		}, createCustomer),
		writer(Tool{
			Name: "delete_customer", Title: "Delete a customer", Destroys: true,
			Description: "Deletes a customer; documents keep the name.",
		}, deleteCustomer),
		writer(Tool{
			Name: "set_price", Title: "Change a price", Undo: "set_price with the price before",
			Description: "Changes the base price of a product.",
		}, setPrice),
	}
}

// writer makes a tool that changes the shop.
func writer[In any](t Tool, plan func(context.Context, *server, *In) (*writing, attempt, error)) Tool {
	t.Writes = true
	return tool(t, func(ctx context.Context, s *server, in *In) (any, error) {
		w, try, err := plan(ctx, s, in)
		if err != nil {
			return nil, err
		}
		arguments, err := json.Marshal(in, json.Deterministic(true))
		if err != nil {
			return nil, err
		}
		return s.write(ctx, &t, w, &change{string(arguments), try})
	})
}

type orderLine struct {
	Code     string `json:"code" need:"" doc:"of the product"`
	Quantity exact  `json:"quantity" need:""`
	Price    *exact `json:"price" doc:"of each; the product's own unless given"`
	Discount *exact `json:"discount" doc:"off each"`
	Note     string `json:"note"`
}

// selling are the arguments of orders and sales.
type selling struct {
	BranchID     int64       `json:"branchId" need:"" doc:"list_branches has the ids"`
	CustomerCode string      `json:"customerCode" doc:"a customer that there is; none unless given"`
	Lines        []orderLine `json:"lines" need:""`
	Note         string      `json:"note"`
	writing
}

// read returns the customer's id and the lines as the API has them.
func (in *selling) read(ctx context.Context, s *server) (customer taphoa.Opt[int64], lines []taphoa.DetailInput, err error) {
	if in.CustomerCode != "" {
		c, err := s.api.GetCustomerByCode(ctx, &taphoa.ByCode{Code: in.CustomerCode})
		if err != nil {
			return customer, nil, err
		}
		customer = taphoa.Some(c.ID)
	}
	for _, l := range in.Lines {
		lines = append(lines, taphoa.DetailInput{
			ProductCode: taphoa.Some(l.Code), Quantity: taphoa.Some(taphoa.Quantity(l.Quantity)), Price: l.Price.money(), Discount: l.Discount.money(),
			Note: taphoa.SomeIf(l.Note),
		})
	}
	return customer, lines, nil
}

// keepPrice has the write that follows a dry run be about the same prices.
func keepPrice(lines []taphoa.DetailInput, code string, price taphoa.Money) {
	for i := range lines {
		if l := &lines[i]; strings.EqualFold(l.ProductCode.Value, code) && !l.Price.Has() {
			l.Price = taphoa.Some(price)
		}
	}
}

func createOrder(ctx context.Context, s *server, in *selling) (*writing, attempt, error) {
	customer, lines, err := in.read(ctx, s)
	return &in.writing, func(ctx context.Context) (taphoa.Money, any, error) {
		got, err := s.api.CreateOrder(ctx, &taphoa.OrderInput{
			BranchID: taphoa.Some(in.BranchID), CustomerID: customer, OrderDetails: lines, Description: taphoa.SomeIf(in.Note),
		})
		for _, d := range got.OrderDetails {
			keepPrice(lines, d.ProductCode, d.Price)
		}
		return got.Total, showOrder(&got), err
	}, err
}

type invoicing struct {
	Paid   exact  `json:"paid" need:"" doc:"what the customer pays now, at most the total; the rest is debt"`
	Method string `json:"method" doc:"Cash unless given, or Card, or Transfer"`
	selling
}

func createInvoice(ctx context.Context, s *server, in *invoicing) (*writing, attempt, error) {
	customer, lines, err := in.read(ctx, s)
	method := in.Method
	if method == "" {
		method = "Cash"
	}
	return &in.writing, func(ctx context.Context) (taphoa.Money, any, error) {
		got, err := s.api.CreateInvoice(ctx, &taphoa.InvoiceInput{
			BranchID: taphoa.Some(in.BranchID), CustomerID: customer, InvoiceDetails: lines, Description: taphoa.SomeIf(in.Note),
			TotalPayment: taphoa.Some(taphoa.Money(in.Paid)), Method: taphoa.Some(method),
		})
		for _, d := range got.InvoiceDetails {
			keepPrice(lines, d.ProductCode, d.Price)
		}
		return max(got.Total, taphoa.Money(in.Paid)), showInvoice(&got), err
	}, err
}

type voiding struct {
	Code string `json:"code" need:"" doc:"of the document"`
	writing
}

func voidOrder(ctx context.Context, s *server, in *voiding) (*writing, attempt, error) {
	found, err := s.api.GetOrderByCode(ctx, &taphoa.ByCode{Code: in.Code})
	return &in.writing, func(ctx context.Context) (taphoa.Money, any, error) {
		_, err := s.api.DeleteOrder(ctx, &taphoa.OrderDelete{ID: found.ID})
		return found.Total, showOrder(&found), err
	}, err
}

type voidingSale struct {
	VoidPayments bool `json:"voidPayments" doc:"void its receipts, too: the money is given back"`
	voiding
}

func voidInvoice(ctx context.Context, s *server, in *voidingSale) (*writing, attempt, error) {
	found, err := s.api.GetInvoiceByCode(ctx, &taphoa.ByCode{Code: in.Code})
	return &in.writing, func(ctx context.Context) (taphoa.Money, any, error) {
		got, err := s.api.DeleteInvoiceByID(ctx, &taphoa.InvoiceDelete{ID: found.ID, IsVoidPayment: in.VoidPayments})
		return found.Total, showInvoice(&got.Invoice), err
	}, err
}

type addingCustomer struct {
	Name     string `json:"name" need:""`
	Phone    string `json:"phone"`
	Address  string `json:"address"`
	BranchID int64  `json:"branchId" doc:"that the customer belongs to"`
	writing
}

func createCustomer(_ context.Context, s *server, in *addingCustomer) (*writing, attempt, error) {
	return &in.writing, func(ctx context.Context) (taphoa.Money, any, error) {
		got, err := s.api.CreateCustomer(ctx, &taphoa.CustomerInput{
			Name: taphoa.Some(in.Name), ContactNumber: taphoa.SomeIf(in.Phone), Address: taphoa.SomeIf(in.Address), BranchID: taphoa.SomeIf(in.BranchID),
		})
		return 0, showCustomer(&got), err
	}, nil
}

func deleteCustomer(ctx context.Context, s *server, in *voiding) (*writing, attempt, error) {
	found, err := s.api.GetCustomerByCode(ctx, &taphoa.ByCode{Code: in.Code})
	return &in.writing, func(ctx context.Context) (taphoa.Money, any, error) {
		_, err := s.api.DeleteCustomer(ctx, &taphoa.ByID{ID: found.ID})
		return found.Debt, showCustomer(&found), err
	}, err
}

type pricing struct {
	Code  string `json:"code" need:"" doc:"of the product"`
	Price exact  `json:"price" need:""`
	writing
}

// priced is a product whose price was changed.
type priced struct {
	product
	Before taphoa.Money `json:"priceBefore"`
}

func setPrice(ctx context.Context, s *server, in *pricing) (*writing, attempt, error) {
	found, err := s.api.GetProductByCode(ctx, &taphoa.ProductByCode{Code: in.Code})
	return &in.writing, func(ctx context.Context) (taphoa.Money, any, error) {
		got, err := s.api.UpdateProduct(ctx, &taphoa.ProductInput{ID: found.ID, BasePrice: taphoa.Some(taphoa.Money(in.Price))})
		return taphoa.Money(in.Price), priced{showProduct(&got.Product), found.BasePrice}, err
	}, err
}

// Tools are all of them.
func Tools() []Tool { return append(readers(), writers()...) }
