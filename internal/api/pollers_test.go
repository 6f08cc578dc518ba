package api_test

import (
	"errors"
	"flag"
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/url"
	"reflect"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/taphoa/taphoa"
	"github.com/taphoa/taphoa/internal/api"
	"github.com/taphoa/taphoa/internal/apitest"
	"github.com/taphoa/taphoa/internal/catalog"
	"github.com/taphoa/taphoa/internal/db"
	"github.com/taphoa/taphoa/internal/event"
	"github.com/taphoa/taphoa/internal/org"
	"github.com/taphoa/taphoa/internal/party"
)

// long is how long pollers and writers race in all on each engine: make long has a minute.
var long = flag.Duration("long", 3*time.Second, "how long the race of pollers and writers runs on each engine")

// mirrored is a list: how a writer changes what it shows, and what a mirror of it has to have.
type mirrored struct {
	id, shows      string // members of a row
	create, change string // method, path and body: # is the record's id, ~ a new text, 9 a new number, {} what Server.ID knows
	remove         bool   // records are deleted, too
	void           bool   // records are voided, too: they stay as they are
	query          string
	most           int // records a hand creates; 0 for manyRecords
}

const manyRecords = 100 // of eight hands: no more than a page has

// mirroredLists are by operation. Where there is nothing to create, a hand has a product (P) and an invoice (I) of its own.
var mirroredLists = map[string]mirrored{
	"listCategories": {
		id: "categoryId", shows: "categoryName", remove: true,
		create: `POST /categories {"categoryName":"~"}`, change: `PUT /categories/# {"categoryName":"~"}`,
	},
	"listProducts": {
		id: "id", shows: "name", remove: true,
		create: `POST /products {"name":"~","categoryId":{category:Trà}}`, change: `PUT /products/# {"name":"~"}`,
	},
	"listProductOnHands": {
		id: "id", shows: "inventories", query: "branchIds={branch:CN1}",
		change: `PUT /products/P {"inventories":[{"branchId":{branch:CN1},"onHand":9}]}`,
	},
	"listTrademarks": {
		id: "tradeMarkId", shows: "tradeMarkName",
		create: `POST /trademark {"tradeMarkName":"~"}`, change: `PUT /trademark/# {"tradeMarkName":"~"}`,
	},
	"listPriceBooks": {
		id: "id", shows: "name", remove: true,
		create: `POST /pricebooks {"name":"~"}`, change: `PUT /pricebooks/# {"name":"~"}`,
	},
	"getPriceBook": {
		id: "productId", shows: "price",
		change: `POST /pricebooks/detail {"priceBookId":{pricebook:Giá sỉ},"details":[{"productId":P,"price":9}]}`,
	},
	"listOrders": {
		id: "id", shows: "description", void: true,
		create: `POST /orders {"branchId":{branch:CN1},"description":"~","orderDetails":[{"productCode":"TRA","quantity":1}]}`,
		change: `PUT /orders/# {"description":"~"}`,
	},
	"listCustomers": {
		id: "id", shows: "name", remove: true,
		create: `POST /customers {"name":"~"}`, change: `PUT /customers/# {"name":"~"}`,
	},
	"listBranches": {
		id: "id", shows: "branchName", most: 1,
		create: `POST /branches {"branchName":"~","contactNumber":"0900000009","address":"1 Hàng Bạc"}`,
		change: `PUT /branches/# {"branchName":"~"}`,
	},
	"listUsers": {
		id: "id", shows: "givenName", remove: true,
		create: `POST /users {"userName":"~","givenName":"~"}`, change: `PUT /users/# {"givenName":"~"}`,
	},
	"listBankAccounts": {
		id: "id", shows: "description", remove: true,
		create: `POST /BankAccounts {"bankName":"VCB","accountNumber":"~","description":"~"}`,
		change: `PUT /BankAccounts/# {"description":"~"}`,
	},
	"listSurcharges": {
		id: "id", shows: "surchargeName",
		create: `POST /surchages {"name":"~","value":1000}`, change: `PUT /surchages/# {"name":"~"}`,
	},
	"listInvoices": {
		id: "id", shows: "description", void: true,
		create: `POST /invoices {"branchId":{branch:CN1},"description":"~","invoiceDetails":[{"productCode":"TRA","quantity":1}]}`,
		change: `PUT /invoices/# {"description":"~"}`,
	},
	"listPurchaseOrders": {
		id: "id", shows: "description", void: true,
		create: `POST /purchaseorders {"branchId":{branch:CN1},"isDraft":1,"purchaseDate":"2026-11-01","description":"~","purchaseOrderDetails":[{"productCode":"AO-S","quantity":1,"price":1000}]}`,
		change: `PUT /purchaseorders/# {"description":"~"}`,
	},
	"listStockTakes": {
		id: "id", shows: "description", void: true,
		create: `POST /stocktakes {"branchId":{branch:CN1},"isDraft":true,"description":"~","stockTakeDetails":[{"productCode":"AO-M","actualQuantity":1}]}`,
		change: `PUT /stocktakes/# {"description":"~"}`,
	},
	"listSuppliers": {
		id: "id", shows: "name", remove: true,
		create: `POST /suppliers {"name":"~"}`, change: `PUT /suppliers/# {"name":"~"}`,
	},
	"listReturns": {
		id: "id", shows: "description", void: true,
		create: `POST /returns {"invoiceId":I,"description":"~","returnDetails":[{"productCode":"GOI","quantity":1}]}`,
		change: `PUT /returns/# {"description":"~"}`,
	},
	"listSaleChannels": {
		id: "id", shows: "name",
		create: `POST /salechannel {"name":"~"}`, change: `PUT /salechannel/# {"name":"~"}`,
	},
	"listEInvoices": {
		id: "invoiceId", shows: "serial",
		change: `PUT /einvoices/info {"data":[{"invoiceId":I,"invoiceRefId":"r","partnerTransactionCode":"t","partner":1,"status":2,"type":1,"invoiceNumber":"1","serial":"~"}]}`,
	},

	// Those without lastModifiedFrom have no mirrors.
	"listTransfers": {
		id: "id", void: true,
		create: `POST /transfers {"fromBranchId":{branch:CN1},"toBranchId":{branch:CN2},"isDraft":true,"description":"~","transferDetails":[{"productCode":"TRA","sendQuantity":1}]}`,
		change: `PUT /transfers/# {"description":"~"}`,
	},
	"listOrderSuppliers": {
		id: "id", void: true,
		create: `POST /ordersuppliers {"branchId":{branch:CN1},"isDraft":true,"orderSupplierDetails":[{"productCode":"TRA","quantity":1,"price":1}]}`,
		change: `PUT /ordersuppliers/# {"description":"~"}`,
	},
	"listCashFlow":       {id: "id", void: true, create: `POST /cashflow {"branchId":{branch:CN1},"amount":1000,"partnerName":"~"}`},
	"listCustomerGroups": {id: "id", remove: true, create: `POST /customers/group {"name":"~"}`, change: `PUT /customers/group/# {"name":"~"}`},
	"listSupplierGroups": {id: "id", remove: true, create: `POST /suppliers/group {"name":"~"}`, change: `PUT /suppliers/group/# {"name":"~"}`},
	"listWebhooks": {
		id: "id", remove: true, create: `POST /webhooks {"Webhook":{"Type":"order.update","Url":"https://~.vn/","IsActive":false}}`,
		change: `PUT /webhooks/# {"Webhook":{"Description":"~"}}`,
	},
	"listVoucherCampaigns": {
		id: "id", remove: true, create: `POST /vouchercampaign {"name":"~","price":1000,"endDate":"2027-01-01"}`, change: `PUT /vouchercampaign/# {"name":"~"}`,
	},
	"listCouponCampaigns": {
		id: "id", remove: true, create: `POST /couponcampaign {"name":"~","endDate":"2027-01-01"}`, change: `PUT /couponcampaign/# {"name":"~"}`,
	},
	"listVouchers": {id: "id", create: `POST /vouchers {"voucherCampaignId":{campaign:TET},"data":[{"code":"~"}]}`},
	"listCoupons":  {id: "id", create: `POST /coupons {"campaignId":{coupons:KT},"coupons":[{"code":"~"}]}`},
}

// removedMembers are how lists call the ids of what was deleted.
var removedMembers = []string{"removedIds", "removedId", "removeId", "removeIds"}

// race is pollers against writers on one database.
type race struct {
	*testing.T
	servers []*apitest.Server
	paths   map[string]string // by operation
	over    atomic.Bool       // the writers have ended
	polls   atomic.Int64
	writes  atomic.Int64

	mu      sync.Mutex
	told    map[string]map[string]string // what was acknowledged: by operation, by id
	removed map[string]map[string]bool
}

func newRace(t *testing.T, servers []*apitest.Server) *race {
	r := &race{
		T: t, servers: servers, paths: map[string]string{}, told: map[string]map[string]string{}, removed: map[string]map[string]bool{},
	}
	for _, route := range api.Routes() {
		if !has(route.In, "lastModifiedFrom") {
			continue
		}
		l, known := mirroredLists[route.Operation]
		if !known {
			t.Errorf("%s has lastModifiedFrom: say in mirroredLists how to change what it lists", route.Operation)
			continue
		}
		query := l.query + "&pageSize=1000"
		if has(route.In, "includeRemoveIds") {
			query += "&includeRemoveIds=true"
		}
		r.paths[route.Operation] = fillIn(servers[0], strings.Replace(route.Paths[0], "{id}", "{pricebook:Giá sỉ}", 1)+"?"+query)
		r.told[route.Operation], r.removed[route.Operation] = map[string]string{}, map[string]bool{}
	}
	for operation := range mirroredLists {
		if r.told[operation] == nil {
			r.told[operation], r.removed[operation] = map[string]string{}, map[string]bool{}
		}
	}
	return r
}

// has reports that an input has a member of the query.
func has(in reflect.Type, name string) bool {
	for i := range in.NumField() {
		f := in.Field(i)
		if f.Tag.Get("query") == name || f.Anonymous && f.Type.Kind() == reflect.Struct && has(f.Type, name) {
			return true
		}
	}
	return false
}

// hand is somebody who changes records of all lists, each of which nobody else changes.
type hand struct {
	*race
	number   int
	door     *apitest.Server
	by       *rand.Rand
	own      *strings.Replacer   // its product and invoice
	records  map[string][]string // by operation
	created  map[string]int
	most     int // records of a list that it creates, where nothing else is said
	lastText int
}

func (r *race) newHand(number, most int) *hand {
	h := &hand{
		race: r, number: number, door: r.servers[number%len(r.servers)], by: rand.New(rand.NewPCG(3, uint64(number))),
		records: map[string][]string{}, created: map[string]int{}, most: most,
	}
	product := h.must(`POST /products {"name":"Hàng riêng","categoryId":{category:Trà}}`)
	invoice := h.must(`POST /invoices {"branchId":{branch:CN1},"invoiceDetails":[{"productCode":"GOI","quantity":1000}]}`)
	h.own = strings.NewReplacer("/P ", "/"+product+" ", `:P,`, ":"+product+",", `:I,`, ":"+invoice+",")
	h.records["listProductOnHands"], h.records["getPriceBook"] = []string{product}, []string{product}
	h.records["listEInvoices"] = []string{invoice}
	return h
}

// send sends a request as mirrored has it. ok is false when it was not acknowledged.
func (h *hand) send(request string) (id string, ok bool) {
	h.Helper()
	method, rest, _ := strings.Cut(request, " ")
	path, body, _ := strings.Cut(rest, " ")
	a := h.door.Send(method, path, body)
	if a.Status == http.StatusUnauthorized { // the clock is a year ahead
		return "", false
	}
	if a.Status != http.StatusOK {
		h.Errorf("%s: %d %s", request, a.Status, a.Body)
		return "", false
	}
	h.writes.Add(1)
	for _, path := range []string{"$.data.categoryId", "$.data.id", "$.id", "$.tradeMarkId"} {
		if id, found := a.Get(path); found {
			return id, true
		}
	}
	return "", true
}

func (h *hand) must(request string) string {
	h.Helper()
	id, ok := h.send(fillIn(h.door, request))
	if !ok {
		h.Fatalf("%s was not acknowledged", request)
	}
	return id
}

// work changes records of some lists until it is done.
func (h *hand) work(operations []string, done func() bool) {
	filled := map[string]mirrored{}
	for _, operation := range operations {
		filled[operation] = h.filled(operation)
	}
	for n := h.number; !done() && !h.Failed(); n++ {
		if h.by.IntN(20) == 0 {
			h.giveUp()
		}
		operation := operations[n%len(operations)]
		h.one(operation, filled[operation])
	}
}

// filled is how a list is changed by this hand.
func (h *hand) filled(operation string) mirrored {
	l := mirroredLists[operation]
	l.create, l.change = h.own.Replace(fillIn(h.door, l.create)), h.own.Replace(fillIn(h.door, l.change))
	if l.most == 0 {
		l.most = h.most
	}
	return l
}

// next is a text that nobody else has, and what puts it in its places.
func (h *hand) next() (text string, values *strings.Replacer) {
	h.lastText++
	text = fmt.Sprintf("t%dx%d", h.number, h.lastText)
	return text, strings.NewReplacer("~", text, ":9}", fmt.Sprintf(":%d}", h.lastText))
}

// add creates a record of a list, unless the hand has made as many as it should.
func (h *hand) add(operation string, l mirrored, most int) (added bool) {
	if l.create == "" || h.created[operation] >= min(l.most, most) {
		return false
	}
	text, values := h.next()
	if id, ok := h.send(values.Replace(l.create)); ok {
		h.created[operation]++
		if id != "" { // the answer names it
			h.records[operation] = append(h.records[operation], id)
			h.note(operation, id, text)
		}
	}
	return true
}

func (h *hand) one(operation string, l mirrored) {
	records := h.records[operation]
	switch {
	case (len(records) == 0 || h.by.IntN(3) == 0) && h.add(operation, l, l.most):
	case len(records) == 0:
	case (l.remove || l.void) && h.created[operation] > 1 && h.by.IntN(12) == 0:
		path := strings.Fields(l.create)[1] + "/" + records[0]
		if _, ok := h.send("DELETE " + path); ok {
			h.records[operation] = records[1:]
			h.mu.Lock()
			if l.remove {
				h.removed[operation][records[0]] = true
				delete(h.told[operation], records[0])
			}
			h.mu.Unlock()
		}
	case l.change == "":
	default:
		id := records[h.by.IntN(len(records))]
		text, values := h.next()
		if _, ok := h.send(strings.ReplaceAll(values.Replace(l.change), "#", id)); ok {
			h.note(operation, id, text)
		}
	}
}

func (h *hand) note(operation, id, text string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if l := mirroredLists[operation]; strings.Contains(l.create+l.change, `"~"`) { // else it shows a number
		h.told[operation][id] = `"` + text + `"`
	}
}

// giveUp writes in several tables and is refused.
func (h *hand) giveUp() {
	text := fmt.Sprint("bỏ ", h.number, " ", h.lastText)
	err := h.door.DB.Write(h.Context(), db.Actor{Retailer: h.door.Shop.Retailer}, func(tx *db.Tx) error {
		_, err := party.CreateCustomer(tx, &taphoa.CustomerInput{Name: taphoa.Some(text)})
		if err == nil {
			_, err = catalog.CreateTrademark(tx, &taphoa.TrademarkInput{TradeMarkName: text})
		}
		if err == nil {
			_, err = org.CreateSaleChannel(tx, &taphoa.SaleChannelInput{Name: text})
		}
		return errors.Join(err, errGivenUp)
	})
	if !errors.Is(err, errGivenUp) {
		h.Errorf("what was given up ended with %v", err)
	}
}

var errGivenUp = errors.New("given up")

// poller keeps a mirror of a list as clients do: it asks for what has changed since a mark that it takes from answers.
type poller struct {
	*race
	operation string
	newest    bool // the mark is the newest date seen, else the answer's timestamp
	by        *rand.Rand
	mark      string
	rows      map[string]string // what each record shows
	removed   map[string]bool
	dated     bool // a row had a date
}

// poll asks once; ok is false when the server could not answer.
func (p *poller) poll() (ok bool) {
	door := p.servers[p.by.IntN(len(p.servers))]
	path := p.paths[p.operation]
	if p.mark != "" {
		path += "&lastModifiedFrom=" + url.QueryEscape(p.mark)
	}
	a := door.Send(http.MethodGet, path, "")
	switch a.Status {
	case http.StatusOK:
	case http.StatusUnauthorized:
		return false
	default:
		p.Errorf("%s: %d %s", path, a.Status, a.Body)
		return false
	}
	p.polls.Add(1)
	total, rows, stamp := p.take(a.Body)
	if total > rows {
		p.Errorf("%s: %d rows are too many for one page", path, total)
	}
	if !p.newest {
		p.mark = stamp
	}
	return true
}

// take takes the rows of an answer into the mirror, and answers how many there are, of how many.
func (p *poller) take(body []byte) (total, count int, stamp string) {
	l := mirroredLists[p.operation]
	total, rows, stamp := p.read(body, l)
	for id, row := range rows {
		p.rows[id] = string(row[l.shows])
		for _, member := range []string{"createdDate", "modifiedDate"} {
			if date := strings.Trim(string(row[member]), `"`); date != "" && date != "null" {
				if p.dated = true; p.newest {
					p.mark = max(p.mark, date)
				}
			}
		}
	}
	return total, len(rows), stamp
}

// read takes an answer apart, and notes what it says of deleted records.
func (p *poller) read(body []byte, l mirrored) (total int, rows map[string]map[string]jsontext.Value, stamp string) {
	var page map[string]jsontext.Value
	var data []map[string]jsontext.Value
	if err := errors.Join(json.Unmarshal(body, &page), json.Unmarshal(page["data"], &data)); err != nil {
		p.Errorf("%v in %.300s", err, body)
		return 0, nil, ""
	}
	for _, member := range removedMembers {
		var ids []int64
		if page[member] != nil {
			if err := json.Unmarshal(page[member], &ids); err != nil {
				p.Error(err)
			}
		}
		for _, id := range ids {
			p.removed[fmt.Sprint(id)] = true
		}
	}
	rows = map[string]map[string]jsontext.Value{}
	for _, row := range data {
		rows[string(row[l.id])] = row
	}
	if err := errors.Join(json.Unmarshal(page["total"], &total), json.Unmarshal(page["timestamp"], &stamp)); err != nil {
		p.Error(err)
	}
	return total, rows, stamp
}

// compare holds the mirror against what is acknowledged and against the whole list, and answers how many records of how
// many are not in it as they are.
func (p *poller) compare() (lost, of int) {
	whole := &poller{race: p.race, operation: p.operation, by: p.by, rows: map[string]string{}, removed: map[string]bool{}}
	whole.poll()
	miss := func(format string, args ...any) {
		if lost++; lost < 4 {
			p.Errorf("%s with the mark %s: "+format, append([]any{p.operation, p.mark}, args...)...)
		}
	}
	for id, text := range p.told[p.operation] {
		if whole.rows[id] != text {
			miss("%s was acknowledged of %s, the list has %s", text, id, whole.rows[id])
		}
	}
	for id, shown := range whole.rows {
		of++
		if p.rows[id] != shown && (p.operation != "listProductOnHands" || strings.Contains(shown, "modifiedDate")) {
			miss("%s is %s, the mirror has %s", id, shown, p.rows[id])
		}
	}
	for id := range p.race.removed[p.operation] {
		of++
		if _, there := whole.rows[id]; !p.removed[id] || there {
			miss("%s is deleted: told %v, still listed %v", id, p.removed[id], there)
		}
	}
	return lost, of
}

// keepTime moves the clocks of the servers on. The last one is an hour behind or right, by chance; in the middle of the
// race the first jumps ahead by an hour for a moment, and later by a year.
func (r *race) keepTime(began, until time.Time) {
	const moment = 5 * time.Millisecond
	by := rand.New(rand.NewPCG(4, 4))
	start, all := r.servers[0].Clock.Now(), until.Sub(began)
	for !r.over.Load() {
		elapsed := time.Since(began)
		for i, door := range r.servers {
			skew := time.Duration(0)
			switch {
			case i == 0 && elapsed > all/3 && elapsed < all/3+moment:
				skew = time.Hour
			case i == 0 && elapsed > 2*all/3 && elapsed < 2*all/3+moment:
				skew = 365 * 24 * time.Hour
			case i == len(r.servers)-1 && by.IntN(2) == 0:
				skew = -time.Hour
			}
			door.Clock.Set(start.Add(elapsed + skew))
		}
		time.Sleep(200 * time.Microsecond)
	}
}

// TestPollersLoseNothing: eight hands change what each list with lastModifiedFrom shows, with clocks that nobody should
// trust, and give up now and then. Two mirrors of each list, by the two marks that clients use, miss nothing at the end.
func TestPollersLoseNothing(t *testing.T) {
	const hands, pollingHands = 8, 2
	for _, servers := range []int{1, 2} {
		t.Run(fmt.Sprint(servers, " servers"), func(t *testing.T) {
			apitest.Each(t, func(t *testing.T, d *apitest.Server) {
				d.Set("UseSurcharge", "true")
				d.Set("AllowSellWhenOutStock", "true")
				doors := []*apitest.Server{d}
				for len(doors) < servers {
					doors = append(doors, d.SecondServer())
				}
				r := newRace(t, doors)
				operations := make([]string, 0, len(r.paths))
				for operation := range r.paths {
					operations = append(operations, operation)
				}
				slices.Sort(operations)
				var pollers []*poller
				for i, operation := range operations {
					for _, newest := range []bool{true, false} {
						pollers = append(pollers, &poller{
							race: r, operation: operation, newest: newest, by: rand.New(rand.NewPCG(5, uint64(i))),
							rows: map[string]string{}, removed: map[string]bool{},
						})
					}
				}
				workers := make([]*hand, hands)
				for i := range workers {
					workers[i] = r.newHand(i, manyRecords)
				}
				if t.Failed() {
					return
				}
				began := time.Now()
				until := began.Add(*long / 2)
				var writing, polling sync.WaitGroup
				polling.Go(func() { r.keepTime(began, until) })
				for _, h := range workers {
					writing.Go(func() { h.work(operations, func() bool { return time.Now().After(until) }) })
				}
				for i := range pollingHands {
					polling.Go(func() {
						for n := i; !r.over.Load(); n += pollingHands {
							pollers[n%len(pollers)].poll()
							time.Sleep(500 * time.Microsecond) // for the writers: one in a machine of two cores gets no turn otherwise
						}
					})
				}
				writing.Wait()
				r.over.Store(true)
				polling.Wait()
				lost, of := 0, 0
				for _, p := range pollers {
					if !p.poll() {
						t.Errorf("%s does not answer", p.operation)
					}
					l, o := p.compare()
					lost, of = lost+l, of+o
				}
				t.Logf("%d writes, %d polls: %d of %d records lost", r.writes.Load(), r.polls.Load(), lost, of)
				r.feedIsInOrder()
			})
		})
	}
}

// feedIsInOrder reads the log of the shop: what was committed later bears no earlier instant.
func (r *race) feedIsInOrder() {
	r.servers[0].Read(func(tx *db.Tx) error {
		var at taphoa.Stamp
		last, n, err := event.Bounds(tx)
		n++
		return errors.Join(err, tx.Each(func(row db.Row) error {
			if row.Int64(0) != n || taphoa.Stamp(row.Int64(1)) < at {
				r.Errorf("event %d of %d was at %v, the one before at %v", row.Int64(0), last, taphoa.Stamp(row.Int64(1)), at)
			}
			n, at = n+1, taphoa.Stamp(row.Int64(1))
			return nil
		}, `SELECT seq, at FROM events WHERE retailer_id = :retailer ORDER BY seq`))
	})
}
