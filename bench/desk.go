package main

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/taphoa/taphoa/internal/access"
	"github.com/taphoa/taphoa/internal/db"
)

// What a page of the desk may take (docs/long-runs.md).
const (
	deskSaleRate = 100                    // invoices a second that are sold meanwhile
	deskSlowest  = 100 * time.Millisecond // 99 of 100 pages, by Server-Timing
	deskCPU      = 30 * time.Millisecond  // of the server, a page
	deskBytes    = 30 << 10               // transferred, once the browser has the files
)

// deskPage is a page of the desk.
type deskPage struct{ name, path string }

func deskPages(customer, invoice int64) []deskPage {
	until := time.Now()
	month := fmt.Sprintf("fromPurchaseDate=%s&toPurchaseDate=%s", until.AddDate(0, 0, -30).Format(time.DateOnly), until.Format(time.DateOnly))
	return []deskPage{
		{"invoices", "/console/invoices"},
		{"invoices of 31 days", "/console/invoices?" + month},
		{"an invoice", fmt.Sprintf("/console/invoices/%d", invoice)},
		{"products", "/console/products"},
		{"products, all have the word", "/console/products?q=gao"},
		{"products, none has the word", "/console/products?q=sua"},
		{"a customer's form", fmt.Sprintf("/console/customers/%d", customer)},
		{"palette, all have the word", "/console/search?q=gao"},
		{"palette, none has the word", "/console/search?q=sua"},
	}
}

// benchDesk fills a shop and measures pages of its desk while invoices are sold, one page after another. Their CPU is what the server
// uses more than with the sales alone.
func benchDesk(program, dir string) error {
	database := "sqlite:" + filepath.Join(dir, "desk.db")
	if err := fillLists(program, database, *invoices); err != nil {
		return err
	}
	cookie, err := deskSession(database)
	if err != nil {
		return err
	}
	p, err := serve(program, database)
	if err != nil {
		return err
	}
	defer p.stop() //nolint:errcheck // the measurements are done
	c := &measuredBuild{server: p}
	if c.shop, err = newShop(p.url, shopCode(0), clientID(0), clientSecret); err != nil {
		return err
	}
	var page struct{ Data []struct{ ID int64 } }
	if err := c.shop.get(p.url+"/invoices?pageSize=1", &page); err != nil {
		return err
	}
	duration := time.Duration(*seconds * float64(time.Second))
	fmt.Printf("the desk of a shop with %d products and %d invoices, while %d invoices/s are sold:\n", shopProducts, *invoices, deskSaleRate)
	fmt.Printf("%-32s %8s %8s %8s %8s %8s\n", "page", "p50", "p99", "CPU", "bytes", "pages")
	pages := deskPages(c.shop.customers[0], page.Data[0].ID)
	if _, err := c.measurePage(cookie, pages[0].path, duration); err != nil { // meanwhile the server inspects the file
		return err
	}
	for _, at := range pages {
		r, err := c.measurePage(cookie, at.path, duration)
		if err != nil {
			return fmt.Errorf("%s: %w", at.name, err)
		}
		fmt.Printf("%-32s %6.1fms %6.1fms %6.1fms %8d %8d%s\n", at.name, ms(r.p50), ms(r.p99), ms(r.cpu), r.bytes, r.pages, r.verdict())
	}
	return nil
}

func ms(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }

// deskSession signs the owner of the first shop in, and returns the cookie.
func deskSession(database string) (cookie string, err error) {
	ctx := context.Background()
	d, err := db.Open(ctx, database, db.Options{})
	if err != nil {
		return "", err
	}
	defer d.Close()
	err = d.Write(ctx, db.Actor{Retailer: 1}, func(tx *db.Tx) error {
		owner, err := access.FindOwner(tx)
		if err == nil {
			cookie, _, err = access.StartSession(tx, owner.User, access.Caller{Address: "127.0.0.1:1"})
		}
		return err
	})
	return "taphoa=" + cookie, err
}

// pageResult is what a page takes. Times are the server's own; bytes are as they are transferred.
type pageResult struct {
	p50, p99, cpu time.Duration
	bytes, pages  int
}

func (r pageResult) verdict() string {
	var over []string
	for what, is := range map[string]bool{"slow": r.p99 > deskSlowest, "CPU": r.cpu > deskCPU, "bytes": r.bytes > deskBytes} {
		if is {
			over = append(over, what)
		}
	}
	slices.Sort(over)
	if over != nil {
		return "  OVER: " + strings.Join(over, ", ")
	}
	return ""
}

// measurePage asks for a page again and again while invoices are sold, and sells as long without pages to know what that costs.
func (c *measuredBuild) measurePage(cookie, path string, duration time.Duration) (r pageResult, err error) {
	sold, alone, err := c.whileSelling(duration, func() error { time.Sleep(duration); return nil })
	if err != nil {
		return r, err
	}
	var took []time.Duration
	sold2, both, err := c.whileSelling(duration, func() error {
		for end := time.Now().Add(duration); time.Now().Before(end); {
			t, n, err := getPage(c.server.url+path, cookie)
			if err != nil {
				return err
			}
			took, r.bytes = append(took, t), max(r.bytes, n)
			time.Sleep(max(0, 20*time.Millisecond-t)) // people do not load pages in a row, and sales need the processor
		}
		return nil
	})
	if err != nil {
		return r, err
	}
	slices.Sort(took)
	r.pages, r.p50, r.p99 = len(took), took[len(took)/2], took[len(took)*99/100]
	r.cpu = time.Duration((both - alone*sold2/cmp.Or(sold, 1)) / float64(len(took)) * float64(time.Second))
	return r, nil
}

// whileSelling does something while invoices are sold, and returns how many were and the seconds of CPU that the server used.
func (c *measuredBuild) whileSelling(duration time.Duration, do func() error) (sold, used float64, err error) {
	before := cpu(c.server.command.Process.Pid)
	sales := make(chan saleResult, 1)
	go func() { sales <- c.sell(duration, deskSaleRate) }()
	err = do()
	result := <-sales
	return result.rate * duration.Seconds(), cpu(c.server.command.Process.Pid) - before, cmp.Or(err, result.err)
}

// getPage returns the time that the server took, by Server-Timing, and the size of the page as it was transferred.
func getPage(address, cookie string) (took time.Duration, size int, err error) {
	request, err := http.NewRequest(http.MethodGet, address, nil)
	if err != nil {
		return 0, 0, err
	}
	request.Header.Set("Cookie", cookie)
	request.Header.Set("Accept-Encoding", "gzip")
	request.Header.Set("Accept-Language", []string{"vi", "en"}[rand.IntN(2)])
	answer, err := http.DefaultTransport.RoundTrip(request)
	if err != nil {
		return 0, 0, err
	}
	defer answer.Body.Close()
	body, err := io.ReadAll(answer.Body)
	if err != nil || answer.StatusCode != http.StatusOK {
		return 0, 0, fmt.Errorf("%s %w", answer.Status, err)
	}
	_, text, _ := strings.Cut(answer.Header.Get("Server-Timing"), "dur=")
	dur, err := strconv.ParseFloat(text, 64)
	return time.Duration(dur * float64(time.Millisecond)), len(body), err
}
