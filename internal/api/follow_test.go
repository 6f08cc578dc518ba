package api_test

import (
	"bufio"
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/taphoa/taphoa/internal/api"
	"github.com/taphoa/taphoa/internal/apitest"
)

// listener is a stream of events as a client has it.
type listener struct {
	status int
	header http.Header
	lines  *bufio.Scanner
	close  context.CancelFunc
}

// stream opens a stream.
func stream(t *testing.T, base string, shop apitest.Shop, query string) *listener {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, base+"/events?"+query, nil)
	if err != nil {
		t.Fatal(err)
	}
	r.Header = http.Header{"Authorization": {"Bearer " + shop.Token}, "Retailer": {shop.Code}, "Accept": {"text/event-stream"}}
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	end := func() {
		cancel()
		answer.Body.Close()
	}
	t.Cleanup(end)
	return &listener{answer.StatusCode, answer.Header, bufio.NewScanner(answer.Body), end}
}

// hear answers the types of the next events.
func (l *listener) hear(count int) (types []string) {
	for len(types) < count && l.lines.Scan() {
		if kind, ok := strings.CutPrefix(l.lines.Text(), "event: "); ok {
			types = append(types, kind)
		}
	}
	return types
}

func TestAllStreamsOfAShopAreToldEverythingByOneReader(t *testing.T) {
	apitest.Each(t, func(t *testing.T, d *apitest.Server) {
		server := httptest.NewServer(d)
		defer server.Close()
		defer server.CloseClientConnections()
		last, _ := d.Send(http.MethodGet, "/events?limit=1", "").Get("$.last")
		const changes = 40
		var listening sync.WaitGroup
		expect := func(query string, want func() []string) {
			l := stream(t, server.URL, d.Shop, query)
			listening.Go(func() {
				wanted := want()
				if got := l.hear(len(wanted)); !slices.Equal(got, wanted) {
					t.Errorf("%s: heard %v, want %v", query, got, wanted)
				}
			})
		}
		var all, categories []string
		for i := range changes {
			all = append(all, "customer.update")
			if i%2 == 0 {
				all, categories = append(all, "category.update"), append(categories, "category.update")
			}
		}
		for range 20 {
			expect("after="+last, func() []string { return all })
			expect("types=category.update&after="+last, func() []string { return categories })
		}
		expect("after="+last+"&limit=3", func() []string { return all })
		neighbour := stream(t, server.URL, d.OtherShop, "types=category.update&after="+last)
		for i := range changes {
			d.Send(http.MethodPost, "/customers", fmt.Sprintf(`{"name":"Khách %d"}`, i))
			if i%2 == 0 {
				d.Send(http.MethodPost, "/categories", fmt.Sprintf(`{"categoryName":"Nhóm %d"}`, i))
			}
			if i == changes/2 { // and whoever comes later
				expect("after="+last, func() []string { return all })
			}
		}
		if n := api.Followers(d.Handler); n != 2 {
			t.Errorf("%d readers of the logs of two shops", n)
		}
		listening.Wait()
		heard := make(chan []string, 1)
		go func() { heard <- neighbour.hear(1) }()
		select {
		case got := <-heard:
			t.Errorf("the neighbour heard %v", got)
		case <-time.After(50 * time.Millisecond):
		}
		neighbour.close()
		server.CloseClientConnections()
		for end := time.Now().Add(10 * time.Second); api.Followers(d.Handler) > 0; time.Sleep(5 * time.Millisecond) {
			if time.Now().After(end) {
				t.Fatal("a log is read although nobody waits")
			}
		}
	})
}

func TestAClientHasSoManyStreamsAndOthersHaveTheirs(t *testing.T) {
	t.Parallel()
	d := apitest.New(t, "sqlite")
	server := httptest.NewServer(d)
	defer server.Close()
	defer server.CloseClientConnections()
	var open []*listener
	for range 64 {
		l := stream(t, server.URL, d.Shop, "")
		if l.status != http.StatusOK {
			t.Fatalf("stream %d: %d", len(open)+1, l.status)
		}
		open = append(open, l)
	}
	if l := stream(t, server.URL, d.Shop, ""); l.status != http.StatusTooManyRequests || l.header.Get("Retry-After") == "" {
		t.Errorf("one stream more: %d %v", l.status, l.header)
	}
	last, _ := d.Send(http.MethodGet, "/events", "").Get("$.last")
	a := d.Send(http.MethodGet, "/events?wait=1&after="+last, "")
	if sentence, err := a.Refusal(); a.Status != http.StatusTooManyRequests || err != nil || !strings.Contains(sentence, "64") {
		t.Errorf("a wait besides: %d %s", a.Status, a.Body)
	}
	if l := stream(t, server.URL, d.OtherShop, ""); l.status != http.StatusOK {
		t.Errorf("another client: %d", l.status)
	}
	open[0].close()
	for end := time.Now().Add(10 * time.Second); ; time.Sleep(5 * time.Millisecond) {
		if stream(t, server.URL, d.Shop, "").status == http.StatusOK {
			return
		}
		if time.Now().After(end) {
			t.Fatal("the place of a stream that has ended is not free")
		}
	}
}
