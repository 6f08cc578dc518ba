package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"time"
)

// measuredBuild is a program that is measured, on a database of its own.
type measuredBuild struct {
	name    string
	server  *process
	shop    *shop
	cursors bool
	found   map[string]*figures // by list
}

// figures are the results of the rounds: pages a second, µs of the server's CPU a page, invoices sold a second.
type figures struct{ rate, cpu, sold []float64 }

// compareLists measures all lists of all programs in turn, beside bare net/http with the bytes of a page, which it
// returns as one more program.
func compareLists(contenders []*measuredBuild, lists []list, dir string, postgresPID int) (bare *measuredBuild, err error) {
	first := contenders[0]
	sample, err := driveCold(first.server.url, 1, 100*time.Millisecond, func(int) nextRequest { return productLists[0].next(first.shop) })
	if err != nil {
		return nil, err
	}
	plain, err := serveSample(filepath.Join(dir, "list.json"), sample.sample)
	if err != nil {
		return nil, err
	}
	defer plain.stop() //nolint:errcheck // the measurements are done
	bare = &measuredBuild{name: fmt.Sprintf("bare net/http, %d KiB", len(sample.sample)>>10), server: plain, shop: first.shop, found: map[string]*figures{}}
	for round := range rounds + 1 {
		duration, counts := time.Duration(*seconds*float64(time.Second)/rounds), true
		if round == 0 { // to warm up
			duration, counts = min(duration, 300*time.Millisecond), false
		}
		if err := bare.measure(productLists[0], duration, 0, counts); err != nil {
			return nil, err
		}
		for _, l := range lists {
			for i := range contenders {
				if err := contenders[(i+round)%len(contenders)].measure(l, duration, postgresPID, counts); err != nil {
					return nil, err
				}
			}
		}
	}
	return bare, nil
}

// measure requests a list's pages from a program on all connections.
func (c *measuredBuild) measure(l list, duration time.Duration, postgresPID int, counts bool) error {
	if l.cursor && !c.cursors {
		return nil
	}
	sales := make(chan saleResult, 1)
	if l.selling {
		go func() { sales <- c.sell(duration+200*time.Millisecond, saleRate) }()
		time.Sleep(100 * time.Millisecond)
	} else {
		sales <- saleResult{}
	}
	used := func() float64 {
		sum := cpu(c.server.command.Process.Pid)
		if postgresPID != 0 {
			sum += cpuBelow(postgresPID)
		}
		return sum
	}
	before := used()
	r, err := driveCold(c.server.url, *connections, duration, func(int) nextRequest { return l.next(c.shop) })
	spent := used() - before
	meanwhile := <-sales
	if err == nil && !l.cursor {
		err = checkFullPage(r.sample)
	}
	if err = errors.Join(err, meanwhile.err); err != nil {
		return fmt.Errorf("%s, %s: %w", c.name, l.name, err)
	}
	if !counts {
		return nil
	}
	f := c.found[l.name]
	if f == nil {
		f = &figures{}
		c.found[l.name] = f
	}
	f.rate, f.cpu, f.sold = append(f.rate, r.rate), append(f.cpu, 1e6*spent/float64(r.answers)), append(f.sold, meanwhile.rate)
	return nil
}

type saleResult struct {
	rate float64 // invoices a second
	err  error
}

// sell creates a number of invoices a second at an even rate, and returns the rate that was reached.
func (c *measuredBuild) sell(duration time.Duration, rate int) saleResult {
	pause := time.Second * sellers / time.Duration(rate)
	begin := time.Now()
	r, err := driveCold(c.server.url, sellers, duration, func(i int) nextRequest {
		due := begin.Add(pause * time.Duration(i) / sellers)
		return func(r *rand.Rand, last []byte) []byte {
			time.Sleep(time.Until(due))
			due = due.Add(pause)
			return c.shop.invoice(r, last)
		}
	})
	return saleResult{r.rate, err}
}

// checkFullPage returns an error unless a response is a full page.
func checkFullPage(body []byte) error {
	var page struct{ Data []json.RawMessage }
	if err := json.Unmarshal(body, &page); err != nil {
		return err
	}
	if len(page.Data) != pageSize {
		return fmt.Errorf("a page of %d records: %.200s", len(page.Data), body)
	}
	return nil
}
