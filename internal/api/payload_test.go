package api_test

import (
	"bytes"
	"cmp"
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
	"unicode"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
	"gopkg.in/yaml.v3"

	"github.com/taphoa/taphoa"
	"github.com/taphoa/taphoa/internal/apitest"
	"github.com/taphoa/taphoa/internal/db"
	"github.com/taphoa/taphoa/internal/dbtest"
	"github.com/taphoa/taphoa/internal/event"
	"github.com/taphoa/taphoa/internal/webhook"
)

// beside are members that the documents lack and clients read.
var beside = []string{
	"CustomerData.WardName", "OrderData.SaleChannelId", "InvoiceData.OrderId", "InvoiceData.SaleChannelId",
}

// TestPayloads plays the requests of a day and compares what receivers of every type of event get: it is the same on both
// engines, as in the files beside story.http, and as in the documents, member by member.
func TestPayloads(t *testing.T) {
	story, err := apitest.ReadScript("testdata/payloads/story.http")
	if err != nil {
		t.Fatal(err)
	}
	for _, engine := range dbtest.Engines {
		if apitest.Updating() && engine != dbtest.Engines[0] {
			continue
		}
		t.Run(engine, func(t *testing.T) {
			t.Parallel()
			d := apitest.Seeded(t, engine)
			box := newMailbox(t)
			before := box.register(d)
			story.Run(t, d)
			box.deliver(d, before)
			check := newPayloadCheck(t)
			for _, kind := range event.Types {
				got := box.got[kind]
				if len(got) == 0 {
					t.Errorf("nothing in the story causes %s", kind)
				}
				compareGolden(t, filepath.Join("testdata/payloads", kind+".json"), got)
				for _, body := range got {
					check.payload(kind, d.Shop.Retailer, body)
				}
			}
			check.complete()
		})
	}
}

// mailbox gets what webhooks of every type send.
type mailbox struct {
	*testing.T
	*httptest.Server
	mu  sync.Mutex
	got map[string][][]byte // by type
}

func newMailbox(t *testing.T) *mailbox {
	b := &mailbox{T: t, got: map[string][][]byte{}}
	b.Server = httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			t.Error(err)
		}
		b.mu.Lock()
		defer b.mu.Unlock()
		kind := strings.TrimPrefix(r.URL.Path, "/")
		b.got[kind] = append(b.got[kind], body)
	}))
	t.Cleanup(b.Close)
	return b
}

// register registers for every type of event and returns the number of the newest one so far.
func (b *mailbox) register(d *apitest.Server) (last int64) {
	b.Helper()
	for _, kind := range event.Types {
		a := d.Send(http.MethodPost, "/webhooks", fmt.Sprintf(`{"Webhook":{"Type":%q,"Url":"%s/%s"}}`, kind, b.URL, kind))
		if a.Status != http.StatusOK {
			b.Fatalf("%s: %s", kind, a.Body)
		}
	}
	d.Read(func(tx *db.Tx) (err error) {
		last, _, err = event.Bounds(tx)
		return err
	})
	return last
}

// deliver delivers the events since before.
func (b *mailbox) deliver(d *apitest.Server, before int64) {
	b.Helper()
	ctx, cancel := context.WithCancel(b.Context())
	done := make(chan struct{})
	go func() {
		defer close(done)
		webhook.NewDeliverer(d.DB, webhook.Options{Guard: webhook.Guard{Allowed: webhook.Loopback()}}).Run(ctx)
	}()
	defer func() {
		cancel()
		<-done
	}()
	var happened int64
	d.Read(func(tx *db.Tx) error {
		feed, err := event.Feed(tx, &taphoa.EventQuery{After: taphoa.Some(before), Limit: taphoa.EventLimitMax})
		happened = int64(len(feed.Data))
		return err
	})
	for end := time.Now().Add(20 * time.Second); ; time.Sleep(10 * time.Millisecond) {
		n := int64(0)
		b.mu.Lock()
		for _, bodies := range b.got {
			n += int64(len(bodies))
		}
		b.mu.Unlock()
		if n == happened {
			return
		}
		if time.Now().After(end) {
			b.Fatalf("%d of %d events were delivered", n, happened)
		}
	}
}

// compareGolden compares bodies with those of a file, or writes it.
func compareGolden(t *testing.T, file string, bodies [][]byte) {
	t.Helper()
	text := jsontext.Value("[" + string(bytes.Join(bodies, []byte(","))) + "]")
	if err := text.Indent(jsontext.WithIndent("  ")); err != nil {
		t.Fatal(err)
	}
	text = append(text, '\n')
	if len(bodies) == 0 {
		return
	}
	if apitest.Updating() {
		if err := os.WriteFile(file, text, 0o600); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(file)
	if err != nil || !bytes.Equal(want, text) {
		t.Errorf("%s is not what was delivered (%v); -update writes it:\n%.3000s", file, err, text)
	}
}

// payloadCheck compares bodies with the types of contract webhooks.
type payloadCheck struct {
	*testing.T
	contract struct {
		Types  map[string][]payloadMember
		Events []struct{ Type, Payload, Data string }
	}
	seen map[string]bool
}

type payloadMember struct {
	Name, Type, Alias string
	Nullable          bool
}

func newPayloadCheck(t *testing.T) *payloadCheck {
	c := &payloadCheck{T: t, seen: map[string]bool{}}
	text, err := os.ReadFile("testdata/contract/webhooks.yaml")
	if err == nil {
		err = yaml.Unmarshal(text, &c.contract)
	}
	if err != nil || len(c.contract.Events) != 15 {
		t.Fatal("the contract has no events: ", err)
	}
	return c
}

// pair is a member of an object.
type pair struct {
	name  string
	value jsontext.Value
}

// object reads the members of an object in their order.
func (c *payloadCheck) object(value jsontext.Value, where string) (members []pair) {
	c.Helper()
	dec := jsontext.NewDecoder(bytes.NewReader(value))
	if token, err := dec.ReadToken(); err != nil || token.Kind() != '{' {
		c.Errorf("%s is no object: %s", where, value)
		return nil
	}
	for dec.PeekKind() == '"' {
		name, err := dec.ReadToken()
		if err != nil {
			c.Fatal(err)
		}
		text := name.String()
		value, err := dec.ReadValue()
		if err != nil {
			c.Fatal(err)
		}
		members = append(members, pair{text, value.Clone()})
	}
	return members
}

func (c *payloadCheck) list(value jsontext.Value, where string) (items []jsontext.Value) {
	c.Helper()
	if err := json.Unmarshal(value, &items); err != nil {
		c.Errorf("%s is no list: %s", where, value)
	}
	return items
}

// payload checks a body: the envelope and the items of its one notification.
func (c *payloadCheck) payload(kind string, retailer int64, body []byte) {
	c.Helper()
	if bytes.HasPrefix(body, []byte("\xef\xbb\xbf")) {
		c.Errorf("%s begins with a byte order mark", kind)
	}
	at := slices.IndexFunc(c.contract.Events, func(e struct{ Type, Payload, Data string }) bool { return e.Type == kind })
	if at < 0 {
		c.ours(kind, body)
		return
	}
	documented := c.contract.Events[at]
	members := c.members(body, documented.Payload)
	for i, name := range []string{"Id", "Attempt", "Notifications"} {
		if members[i].name != name {
			c.Errorf("%s: member %d is %s, want %s", kind, i, members[i].name, name)
		}
	}
	note := c.list(members[2].value, kind)[0]
	if action := c.object(note, kind)[0]; string(action.value) != fmt.Sprintf(`"%s.%d"`, kind, retailer) {
		c.Errorf("%s: the action is %s", kind, action.value)
	}
}

// complete finds documented members that no payload has shown.
func (c *payloadCheck) complete() {
	c.Helper()
	var want func(name string)
	looked := map[string]bool{}
	want = func(name string) {
		if looked[name] {
			return
		}
		looked[name] = true
		for _, m := range c.contract.Types[name] {
			if !c.seen[name+"."+m.Name] {
				c.Errorf("no payload shows %s.%s", name, m.Name)
			}
			want(strings.TrimSuffix(m.Type, "[]"))
		}
	}
	for _, e := range c.contract.Events {
		want(e.Payload)
	}
}

var (
	stampPattern = regexp.MustCompile(`^"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{7}\+07:00"$`)
	wholePattern = regexp.MustCompile(`^-?\d+$`)
	numPattern   = regexp.MustCompile(`^-?\d+(\.\d{0,3}[1-9])?$`)
)

// members compares an object with a documented type: names, types, order, and what must be there.
func (c *payloadCheck) members(value jsontext.Value, name string) []pair {
	c.Helper()
	have, place := c.object(value, name), -1
	documented := c.contract.Types[name]
	if documented == nil {
		c.Fatalf("the contract does not describe %s", name)
	}
	for _, p := range have {
		at := slices.IndexFunc(documented, func(m payloadMember) bool { return p.name == m.Name || p.name == m.Alias })
		if at < 0 {
			if !slices.Contains(beside, name+"."+p.name) {
				c.Errorf("%s shows %s, which is not documented", name, p.name)
			}
			continue
		}
		if name != "RemovePayload" && at < place { // of which the documents show another half than clients
			c.Errorf("%s: %s is out of order", name, p.name)
		}
		place = at
		c.seen[name+"."+documented[at].Name] = true
		c.value(p.value, documented[at].Type, name+"."+p.name)
	}
	for _, m := range documented {
		if !m.Nullable && !slices.ContainsFunc(have, func(p pair) bool { return p.name == m.Name }) {
			c.Errorf("%s lacks %s: %s", name, m.Name, value)
		}
	}
	return have
}

func (c *payloadCheck) value(value jsontext.Value, kind, where string) {
	c.Helper()
	if item, list := strings.CutSuffix(kind, "[]"); list {
		for _, v := range c.list(value, where) {
			if item != "object" {
				c.value(v, item, where)
			}
		}
		return
	}
	fits := true
	switch kind {
	case "int", "int64":
		fits = wholePattern.Match(value)
	case "decimal", "double":
		fits = numPattern.Match(value)
	case "bool":
		fits = string(value) == "true" || string(value) == "false"
	case "string":
		fits = value.Kind() == '"'
	case "ProductImageData": // conflict Images: webhooks send links, the log has the documented objects
		if c.seen["ProductImageData.Image"] = true; value.Kind() != '"' {
			c.members(value, kind)
		}
	case "datetime":
		fits = stampPattern.Match(value)
	default:
		c.members(value, kind)
	}
	if !fits {
		c.Errorf("%s is %s, documented as %s", where, value, kind)
	}
}

// ours checks what an event that the vendor lacks says: it is spelt as the vendor's are.
func (c *payloadCheck) ours(where string, value jsontext.Value) {
	c.Helper()
	switch value.Kind() {
	case '{':
		for _, p := range c.object(value, where) {
			if !unicode.IsUpper(rune(p.name[0])) {
				c.Errorf("%s.%s does not begin with a capital", where, p.name)
			}
			if strings.HasSuffix(p.name, "Date") && !stampPattern.Match(p.value) {
				c.Errorf("%s.%s is %s", where, p.name, p.value)
			}
			c.ours(where+"."+p.name, p.value)
		}
	case '[':
		for _, v := range c.list(value, where) {
			c.ours(where, v)
		}
	case 'n':
		c.Errorf("%s is null", where)
	}
}

// checkEvents checks all that has happened in a shop, item by item.
func checkEvents(t *testing.T, d *apitest.Server) {
	t.Helper()
	c := newPayloadCheck(t)
	items := map[string]string{}
	for _, e := range c.contract.Events {
		items[e.Type] = cmp.Or(e.Data, "int64") // the ids of what was deleted
	}
	d.Read(func(tx *db.Tx) error {
		feed, err := event.Feed(tx, &taphoa.EventQuery{Limit: taphoa.EventLimitMax})
		for _, e := range feed.Data {
			if item := items[e.Type]; item != "" {
				c.value(e.Data, item+"[]", e.Type)
			} else {
				c.ours(e.Type, e.Data)
			}
		}
		return err
	})
}

// TestEventsOfTheFeedAndOfWebhooksAreTheSame compares the feed with a webhook's data.
func TestEventsOfTheFeedAndOfWebhooksAreTheSame(t *testing.T) {
	apitest.Each(t, func(t *testing.T, d *apitest.Server) {
		box := newMailbox(t)
		before := box.register(d)
		a := d.Send(http.MethodPost, "/customers", `{"name":"Chị Mai","birthDate":"1990-05-04"}`)
		if a.Status != http.StatusOK {
			t.Fatalf("%s", a.Body)
		}
		box.deliver(d, before)
		var feed taphoa.EventFeed
		a = d.Send(http.MethodGet, fmt.Sprint("/events?after=", before), "")
		if err := json.Unmarshal(a.Body, &feed); err != nil || len(feed.Data) != 1 {
			t.Fatalf("%v: %s", err, a.Body)
		}
		if body := box.got["customer.update"][0]; !bytes.Contains(body, append([]byte(`"Data":`), feed.Data[0].Data...)) {
			t.Errorf("the feed says %s, the webhook %s", feed.Data[0].Data, body)
		}
	})
}
