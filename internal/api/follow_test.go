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

// eventStream is a stream of events as a client has it.
type eventStream struct {
	status int
	header http.Header
	lines  *bufio.Scanner
	close  context.CancelFunc
}

// stream opens a stream.
func stream(t *testing.T, base string, shop apitest.Shop, query string) *eventStream {
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
	return &eventStream{answer.StatusCode, answer.Header, bufio.NewScanner(answer.Body), end}
}

// next returns the types of the next events.
func (s *eventStream) next(count int) (types []string) {
	for len(types) < count && s.lines.Scan() {
		if kind, ok := strings.CutPrefix(s.lines.Text(), "event: "); ok {
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
		var reading sync.WaitGroup
		expect := func(query string, want func() []string) {
			s := stream(t, server.URL, d.Shop, query)
			reading.Go(func() {
				wanted := want()
				if got := s.next(len(wanted)); !slices.Equal(got, wanted) {
					t.Errorf("%s: got %v, want %v", query, got, wanted)
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
		otherShop := stream(t, server.URL, d.OtherShop, "types=category.update&after="+last)
		for i := range changes {
			d.Send(http.MethodPost, "/customers", fmt.Sprintf(`{"name":"Khách %d"}`, i))
			if i%2 == 0 {
				d.Send(http.MethodPost, "/categories", fmt.Sprintf(`{"categoryName":"Nhóm %d"}`, i))
			}
			if i == changes/2 { // and a client that connects later
				expect("after="+last, func() []string { return all })
			}
		}
		if n := api.LogReaders(d.Handler); n != 2 {
			t.Errorf("%d readers of the logs of two shops", n)
		}
		reading.Wait()
		received := make(chan []string, 1)
		go func() { received <- otherShop.next(1) }()
		select {
		case got := <-received:
			t.Errorf("the other shop got %v", got)
		case <-time.After(50 * time.Millisecond):
		}
		otherShop.close()
		server.CloseClientConnections()
		for end := time.Now().Add(10 * time.Second); api.LogReaders(d.Handler) > 0; time.Sleep(5 * time.Millisecond) {
			if time.Now().After(end) {
				t.Fatal("a log is read although no client waits")
			}
		}
	})
}

func TestTheNumberOfStreamsOfAClientIsLimited(t *testing.T) {
	t.Parallel()
	d := apitest.New(t, "sqlite")
	server := httptest.NewServer(d)
	defer server.Close()
	defer server.CloseClientConnections()
	var open []*eventStream
	for range 64 {
		s := stream(t, server.URL, d.Shop, "")
		if s.status != http.StatusOK {
			t.Fatalf("stream %d: %d", len(open)+1, s.status)
		}
		open = append(open, s)
	}
	if s := stream(t, server.URL, d.Shop, ""); s.status != http.StatusTooManyRequests || s.header.Get("Retry-After") == "" {
		t.Errorf("one stream more: %d %v", s.status, s.header)
	}
	last, _ := d.Send(http.MethodGet, "/events", "").Get("$.last")
	a := d.Send(http.MethodGet, "/events?wait=1&after="+last, "")
	if sentence, err := a.Refusal(); a.Status != http.StatusTooManyRequests || err != nil || !strings.Contains(sentence, "64") {
		t.Errorf("a wait besides: %d %s", a.Status, a.Body)
	}
	if s := stream(t, server.URL, d.OtherShop, ""); s.status != http.StatusOK {
		t.Errorf("another client: %d", s.status)
	}
	open[0].close()
	for end := time.Now().Add(10 * time.Second); ; time.Sleep(5 * time.Millisecond) {
		if stream(t, server.URL, d.Shop, "").status == http.StatusOK {
			return
		}
		if time.Now().After(end) {
			t.Fatal("a stream that has ended still counts")
		}
	}
}
