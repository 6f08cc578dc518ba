package main

import (
	"fmt"
	"io"
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
)

// groups returns how many operations were committed since the program's start, and in how many commits.
func (p *process) groups() (operations, commits int) {
	p.Helper()
	answer, err := http.Get(p.base + "/metrics")
	if err != nil {
		p.Fatal(err)
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	if err != nil {
		p.Fatal(err)
	}
	for _, figure := range []struct {
		name string
		into *int
	}{{"sum", &operations}, {"count", &commits}} {
		m := regexp.MustCompile(`(?m)^taphoa_writer_group_operations_` + figure.name + ` (\S+)$`).FindSubmatch(text)
		if m == nil {
			p.Fatalf("/metrics has no taphoa_writer_group_operations_%s:\n%s", figure.name, text)
		}
		n, err := strconv.ParseFloat(string(m[1]), 64)
		if err != nil {
			p.Fatal(err)
		}
		*figure.into = int(n)
	}
	return operations, commits
}

// TestAKillInTheMiddleOfAGroupLosesNothingAndDoublesNothing sells with sixteen concurrent clients, kills the program
// meanwhile, and does so again on the same database.
func TestAKillInTheMiddleOfAGroupLosesNothingAndDoublesNothing(t *testing.T) {
	const tills, kills, killAfter = 16, 2, 150
	eachEngine(t, func(t terminal) {
		t.do("shop", "create", "abc", "ABC")
		id, secret := t.client("create", "--name", "Web")
		var (
			mu     sync.Mutex
			sent   int
			heard  = map[string]string{} // codes of the invoices that were answered, by description
			branch int64
			token  string
		)
		for round := range kills {
			p := t.start()
			if token == "" {
				token = (&server{terminal: t, base: p.base}).token(id, secret)
				branch = (caller{t.T, p.base, "abc", token}).stocks()
			}
			var group sync.WaitGroup
			enough := make(chan struct{})
			answered := 0
			for till := range tills {
				group.Go(func() {
					for n := 0; ; n++ {
						text := fmt.Sprintf("bán %d-%d-%d", round, till, n)
						body := fmt.Sprintf(`{"branchId":%d,"description":%q,"totalPayment":5000,"method":"Cash",
							"invoiceDetails":[{"productCode":"GAO","quantity":1,"price":10000}]}`, branch, text)
						mu.Lock()
						sent++
						mu.Unlock()
						status, answer, _ := p.write(token, text, "/invoices", body)
						if status == 0 {
							return
						}
						m := regexp.MustCompile(`"code":"(HD\d+)"`).FindStringSubmatch(answer)
						if status != http.StatusOK || m == nil {
							t.Errorf("%s: %d %s", text, status, answer)
							return
						}
						mu.Lock()
						heard[text] = m[1]
						if answered++; answered == killAfter {
							close(enough)
						}
						mu.Unlock()
					}
				})
			}
			<-enough
			operations, commits := p.groups() // while the tills go on
			p.kill()
			group.Wait()
			if operations < commits+killAfter/4 {
				t.Errorf("%d operations took %d commits: there were hardly any groups", operations, commits)
			}
		}

		p := t.start()
		c := caller{t.T, p.base, "abc", token}
		found, codes := map[string]string{}, []string{}
		for total := 1; len(codes) < total; {
			var page struct {
				Total int
				Data  []struct{ Code, Description string }
			}
			c.must(http.MethodGet, fmt.Sprint("/invoices?pageSize=1000&currentItem=", len(codes)), "", &page)
			total = page.Total
			for _, invoice := range page.Data {
				if other := found[invoice.Description]; other != "" {
					t.Errorf("%s is there twice: %s and %s", invoice.Description, other, invoice.Code)
				}
				found[invoice.Description] = invoice.Code
				codes = append(codes, invoice.Code)
			}
		}
		for text, code := range heard {
			if found[text] != code {
				t.Errorf("%s was answered as %s and is %q after the kill", text, code, found[text])
			}
		}
		if len(codes) > sent || len(codes) > len(heard)+kills*tills {
			t.Errorf("%d invoices of %d requests, %d of them answered", len(codes), sent, len(heard))
		}
		slices.Sort(codes)
		for i, code := range codes {
			if want := fmt.Sprintf("HD%06d", i+1); code != want {
				t.Fatalf("the codes go to %s without %s", codes[len(codes)-1], want)
			}
		}
		c.readsTheWholeFeed(codes)
		p.kill()
		if out := t.do("check"); !strings.Contains(out, "abc: OK") {
			t.Errorf("check says %s", out)
		}
	})
}

// stocks creates a product with stock, and returns the branch.
func (c caller) stocks() (branch int64) {
	c.Helper()
	var branches struct{ Data []struct{ ID int64 } }
	c.must(http.MethodGet, "/branches", "", &branches)
	branch = branches.Data[0].ID
	var category created
	c.must(http.MethodPost, "/categories", `{"categoryName":"Gạo"}`, &category)
	c.must(http.MethodPost, "/products", fmt.Sprintf(
		`{"name":"Gạo","code":"GAO","categoryId":%d,"basePrice":10000,"inventories":[{"branchId":%d,"onHand":100000}]}`,
		category.Data.CategoryID, branch), new(any))
	return branch
}

// readsTheWholeFeed checks that no event is missing and that each invoice has one. In this test the numbers have no gaps.
func (c caller) readsTheWholeFeed(codes []string) {
	c.Helper()
	count, next, at := map[string]int{}, 0, ""
	for last := 1; next < last; {
		var feed struct {
			Next, Last int
			Data       []struct {
				Seq      int
				Type, At string
				Data     []struct{ Code string }
			}
		}
		c.must(http.MethodGet, fmt.Sprint("/events?limit=100&after=", next), "", &feed)
		for _, e := range feed.Data {
			if next++; e.Seq != next || e.At < at {
				c.Fatalf("event %d at %s follows event %d at %s", e.Seq, e.At, next-1, at)
			}
			if at = e.At; e.Type == "invoice.update" {
				count[e.Data[0].Code]++
			}
		}
		if last = feed.Last; feed.Next != next {
			c.Fatalf("the feed continues at %d after event %d", feed.Next, next)
		}
	}
	for _, code := range codes {
		if count[code] != 1 {
			c.Errorf("%d events tell of %s", count[code], code)
		}
	}
	if len(count) != len(codes) {
		c.Errorf("events tell of %d invoices, there are %d", len(count), len(codes))
	}
}
