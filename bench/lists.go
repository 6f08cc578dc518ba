package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"github.com/taphoa/taphoa/internal/dbtest"
)

const (
	pageSize = 100
	rounds   = 3   // of all lists and programs, in turn
	saleRate = 200 // invoices a second that are sold meanwhile
	sellers  = 16
)

// list is a sequence of requests for pages.
type list struct {
	name    string
	next    func(s *shop) nextRequest // of a connection
	selling bool                      // while invoices are sold
	cursor  bool                      // only from a program that has cursors
}

var productLists = []list{
	{name: "products, a polled page", next: func(s *shop) nextRequest {
		request := s.productPage(0, "")
		return func(*rand.Rand, []byte) []byte { return request }
	}},
	{name: "products, random pages", next: randomProducts},
	{name: fmt.Sprintf("  while selling %d invoices/s", saleRate), next: randomProducts, selling: true},
}

// requestNumber numbers requests, so that no two are the same.
var requestNumber atomic.Int64

func randomProducts(s *shop) nextRequest {
	return func(r *rand.Rand, _ []byte) []byte {
		return s.productPage(r.IntN(shopProducts-pageSize), fmt.Sprintf("&z=%d", requestNumber.Add(1)))
	}
}

func (s *shop) productPage(at int, more string) []byte {
	return s.request("GET", fmt.Sprintf("/products?pageSize=%d&includeInventory=true&currentItem=%d%s", pageSize, at, more), "")
}

// invoiceLists returns lists of n invoices.
func invoiceLists(n int) []list {
	page := func(from, places int) func(s *shop) nextRequest { // that begins at one of several offsets
		return func(s *shop) nextRequest {
			return func(r *rand.Rand, _ []byte) []byte {
				return s.request("GET", fmt.Sprintf("/invoices?pageSize=%d&currentItem=%d&z=%d",
					pageSize, from+r.IntN(places), requestNumber.Add(1)), "")
			}
		}
	}
	if n == 0 {
		return nil
	}
	return []list{
		{name: "invoices, first page", next: page(0, 1)},
		{name: "invoices, in the middle", next: page(n/2, pageSize)},
		{name: fmt.Sprintf("invoices, page at %d", n-2*pageSize), next: page(n-2*pageSize, pageSize)},
		{name: "invoices, walks by cursor", next: cursorPages, cursor: true},
	}
}

// cursorPages reads all invoices by cursor, and begins again at the end.
func cursorPages(s *shop) nextRequest {
	return func(_ *rand.Rand, last []byte) []byte {
		cursor := nextCursor(last)
		if cursor == "" {
			cursor = "*"
		}
		return s.request("GET", fmt.Sprintf("/invoices?pageSize=%d&cursor=%s&z=%d", pageSize, url.QueryEscape(cursor), requestNumber.Add(1)), "")
	}
}

func nextCursor(page []byte) string {
	const name = `"nextCursor":"`
	at := bytes.LastIndex(page, []byte(name))
	if at < 0 {
		return ""
	}
	cursor, _, _ := bytes.Cut(page[at+len(name):], []byte(`"`))
	return string(cursor)
}

// listsSQLite measures lists in a file, listsPostgres on a server.
func listsSQLite(program, dir string) error {
	file := func(name string) string { return filepath.Join(dir, name+".db") }
	return benchLists(program, dir, "sqlite:"+file("lists"), 0, func() (string, error) {
		return "sqlite:" + file("lists_against"), copyFile(file("lists"), file("lists_against"))
	})
}

func listsPostgres(server *dbtest.Server, program, dir string) error {
	return onDatabase(server, "lists", func(url string) error {
		return benchLists(program, dir, url, server.PID(), func() (string, error) { // the server takes it along when it ends
			err := server.Exec(context.Background(), "postgres", "CREATE DATABASE bench_lists_against TEMPLATE bench_lists")
			return server.URL("bench_lists_against"), err
		})
	})
}

func copyFile(from, to string) error {
	in, err := os.Open(from)
	if err != nil {
		return err
	}
	defer in.Close()
	out, err := os.Create(to)
	if err != nil {
		return err
	}
	if _, err := io.Copy(out, in); err != nil {
		return err
	}
	return out.Close()
}

// benchLists fills a database and measures the lists of its shop, in turn with those of the program to compare with,
// which gets a clone. The older program fills the database: each migrates what it gets.
func benchLists(program, dir, database string, postgresPID int, clone func() (string, error)) error {
	begin, first := time.Now(), program
	if *against != "" {
		first = *against
	}
	if err := fillLists(first, database, *invoices); err != nil {
		return err
	}
	fmt.Printf("a shop of %d products and %d invoices, filled in %.0f s\n", shopProducts, *invoices, time.Since(begin).Seconds())
	var contenders []*measuredBuild
	defer func() {
		for _, c := range contenders {
			c.server.stop() //nolint:errcheck // the measurements are done
		}
	}()
	enter := func(name, program, url string) error {
		if err := run(program, url, "migrate"); err != nil {
			return err
		}
		if err := run(program, url, "check"); err != nil {
			return err
		}
		p, err := serve(program, url)
		if err != nil {
			return err
		}
		c := &measuredBuild{name: name, server: p, found: map[string]*figures{}}
		contenders = append(contenders, c)
		if c.shop, err = newShop(p.url, shopCode(0), clientID(0), clientSecret); err != nil {
			return err
		}
		var page struct{ NextCursor string }
		err = c.shop.get(p.url+"/invoices?pageSize=1&cursor=*", &page)
		c.cursors = page.NextCursor != ""
		return err
	}
	if *against != "" {
		url, err := clone()
		if err == nil {
			err = enter("against", *against, url)
		}
		if err != nil {
			return err
		}
	}
	if err := enter("program", program, database); err != nil {
		return err
	}
	engine, _, _ := strings.Cut(database, ":")
	deep := invoiceLists(*invoices)
	bare, err := compareLists(contenders, slices.Concat(productLists, deep), dir, postgresPID)
	if err != nil {
		return err
	}
	showLists(contenders, bare, deep, engine)
	return nil
}
