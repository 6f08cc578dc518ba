package api_test

import (
	"bufio"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/taphoa/taphoa/internal/api"
	"github.com/taphoa/taphoa/internal/apitest"
	"github.com/taphoa/taphoa/internal/db"
)

// TestAStreamTellsWhatHappensAndGoesOnWhereItEnded reads the events of two new customers, the second with a new stream.
func TestAStreamTellsWhatHappensAndGoesOnWhereItEnded(t *testing.T) {
	apitest.Each(t, func(t *testing.T, d *apitest.Server) {
		server := httptest.NewServer(d.Handler)
		t.Cleanup(server.Close)
		if s, ok := d.Handler.(*api.Server); ok {
			t.Cleanup(s.Stop)
		}
		last, _ := d.Send(http.MethodGet, "/events?limit=1", "").Get("$.last")
		for _, name := range []string{"Mai", "Lan"} {
			r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, server.URL+"/Events?types=customer.update", nil)
			if err != nil {
				t.Fatal(err)
			}
			for header, value := range map[string]string{
				"Authorization": "Bearer " + d.Shop.Token, "Retailer": d.Shop.Code, "Accept": "text/event-stream", "Last-Event-ID": last,
			} {
				r.Header.Set(header, value)
			}
			answer, err := http.DefaultClient.Do(r)
			if err != nil {
				t.Fatal(err)
			}
			defer answer.Body.Close()
			if kind := answer.Header.Get("Content-Type"); answer.StatusCode != http.StatusOK || kind != "text/event-stream" {
				t.Fatalf("answered %s, %s", answer.Status, kind)
			}
			d.Send(http.MethodPost, "/categories", `{"categoryName":"`+name+`"}`)
			d.Send(http.MethodPost, "/customers", `{"name":"`+name+`"}`)
			var event, data string
			for lines := bufio.NewScanner(answer.Body); data == "" && lines.Scan(); {
				switch field, value, _ := strings.Cut(lines.Text(), ": "); field {
				case "id":
					last = value
				case "event":
					event = value
				case "data":
					data = value
				}
			}
			if event != "customer.update" || !strings.HasPrefix(data, `{"seq":`+last+`,"type":"customer.update",`) ||
				!strings.Contains(data, `"Name":"`+name+`"`) {
				t.Errorf("the stream says %s with the id %s: %s", event, last, data)
			}
		}
		a := d.Send(http.MethodGet, "/events", "", "Accept", "text/event-stream", "Last-Event-ID", "x")
		if a.Status != http.StatusBadRequest {
			t.Errorf("a Last-Event-ID that is no number: %d %s", a.Status, a.Body)
		}
	})
}

// TestAnEventOfARareTypeIsFoundByOneRequest asks for one that lies behind more events than one read looks at.
func TestAnEventOfARareTypeIsFoundByOneRequest(t *testing.T) {
	apitest.Each(t, func(t *testing.T, d *apitest.Server) {
		last, _ := d.Send(http.MethodGet, "/events?limit=1", "").Get("$.last")
		d.Write(func(tx *db.Tx) error {
			for range 25_000 {
				seq, err := tx.NextSeq()
				if err != nil {
					return err
				}
				tx.Queue(`INSERT INTO events (retailer_id, seq, type, at, data) VALUES (:retailer, ?, 'stock.update', :now, '[]')`, seq)
			}
			return nil
		})
		d.Send(http.MethodPost, "/customers", `{"name":"Mai"}`)
		for _, wait := range []string{"0", "1"} {
			a := d.Send(http.MethodGet, "/events?types=customer.update&wait="+wait+"&after="+last, "")
			name, _ := a.Get("$.data[0].data[0].Name")
			next, _ := a.Get("$.next")
			if newest, _ := a.Get("$.last"); name != "Mai" || next != newest {
				t.Errorf("with wait=%s: %.300s", wait, a.Body)
			}
		}
	})
}
