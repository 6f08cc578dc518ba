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
	most           int // records that a writer creates; 0 for manyRecords
}

const manyRecords = 100 // of each of eight writers: together no more than a page has

// mirroredLists are by operation. Where nothing is created, a writer has a product (P) and an invoice (I) of its own.
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

	"listDebtAdjustments": {
		id: "id", void: true, create: `POST /debtadjustments {"partnerType":"C","partnerId":{customer:KH-HOA},"points":1}`,
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

// race runs pollers and writers on one database.
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

// writer is a client that changes records of all lists. No other client changes its records.
type writer struct {
	*race
	number   int
	server   *apitest.Server
	by       *rand.Rand
	own      *strings.Replacer   // its product and invoice
	records  map[string][]string // by operation
	created  map[string]int
	most     int // records of a list that it creates, unless the list has another number
	lastText int
}

func (r *race) newWriter(number, most int) *writer {
	w := &writer{
		race: r, number: number, server: r.servers[number%len(r.servers)], by: rand.New(rand.NewPCG(3, uint64(number))),
		records: map[string][]string{}, created: map[string]int{}, most: most,
	}
	product := w.must(`POST /products {"name":"Hàng riêng","categoryId":{category:Trà}}`)
	invoice := w.must(`POST /invoices {"branchId":{branch:CN1},"invoiceDetails":[{"productCode":"GOI","quantity":1000}]}`)
	w.own = strings.NewReplacer("/P ", "/"+product+" ", `:P,`, ":"+product+",", `:I,`, ":"+invoice+",")
	w.records["listProductOnHands"], w.records["getPriceBook"] = []string{product}, []string{product}
	w.records["listEInvoices"] = []string{invoice}
	return w
}

// send sends a request as mirrored has it. ok is false when it was not acknowledged.
func (w *writer) send(request string) (id string, ok bool) {
	w.Helper()
	method, rest, _ := strings.Cut(request, " ")
	path, body, _ := strings.Cut(rest, " ")
	a := w.server.Send(method, path, body)
	if a.Status == http.StatusUnauthorized { // the clock is a year ahead
		return "", false
	}
	if a.Status != http.StatusOK {
		w.Errorf("%s: %d %s", request, a.Status, a.Body)
		return "", false
	}
	w.writes.Add(1)
	for _, path := range []string{"$.data.categoryId", "$.data.id", "$.id", "$.tradeMarkId"} {
		if id, found := a.Get(path); found {
			return id, true
		}
	}
	return "", true
}

func (w *writer) must(request string) string {
	w.Helper()
	id, ok := w.send(fillIn(w.server, request))
	if !ok {
		w.Fatalf("%s was not acknowledged", request)
	}
	return id
}

// work changes records of some lists until it is done.
func (w *writer) work(operations []string, done func() bool) {
	filled := map[string]mirrored{}
	for _, operation := range operations {
		filled[operation] = w.filled(operation)
	}
	for n := w.number; !done() && !w.Failed(); n++ {
		if w.by.IntN(20) == 0 {
			w.giveUp()
		}
		operation := operations[n%len(operations)]
		w.one(operation, filled[operation])
	}
}

// filled is how this writer changes a list.
func (w *writer) filled(operation string) mirrored {
	l := mirroredLists[operation]
	l.create, l.change = w.own.Replace(fillIn(w.server, l.create)), w.own.Replace(fillIn(w.server, l.change))
	if l.most == 0 {
		l.most = w.most
	}
	return l
}

// next is a text that is used once, and a replacer that puts it into requests.
func (w *writer) next() (text string, values *strings.Replacer) {
	w.lastText++
	text = fmt.Sprintf("t%dx%d", w.number, w.lastText)
	return text, strings.NewReplacer("~", text, ":9}", fmt.Sprintf(":%d}", w.lastText))
}

// add creates a record of a list, unless the writer has created as many as it should.
func (w *writer) add(operation string, l mirrored, most int) (added bool) {
	if l.create == "" || w.created[operation] >= min(l.most, most) {
		return false
	}
	text, values := w.next()
	if id, ok := w.send(values.Replace(l.create)); ok {
		w.created[operation]++
		if id != "" { // the answer names it
			w.records[operation] = append(w.records[operation], id)
			w.note(operation, id, text)
		}
	}
	return true
}

func (w *writer) one(operation string, l mirrored) {
	records := w.records[operation]
	switch {
	case (len(records) == 0 || w.by.IntN(3) == 0) && w.add(operation, l, l.most):
	case len(records) == 0:
	case (l.remove || l.void) && w.created[operation] > 1 && w.by.IntN(12) == 0:
		path := strings.Fields(l.create)[1] + "/" + records[0]
		if _, ok := w.send("DELETE " + path); ok {
			w.records[operation] = records[1:]
			w.mu.Lock()
			if l.remove {
				w.removed[operation][records[0]] = true
				delete(w.told[operation], records[0])
			}
			w.mu.Unlock()
		}
	case l.change == "":
	default:
		id := records[w.by.IntN(len(records))]
		text, values := w.next()
		if _, ok := w.send(strings.ReplaceAll(values.Replace(l.change), "#", id)); ok {
			w.note(operation, id, text)
		}
	}
}

func (w *writer) note(operation, id, text string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if l := mirroredLists[operation]; strings.Contains(l.create+l.change, `"~"`) { // else it shows a number
		w.told[operation][id] = `"` + text + `"`
	}
}

// giveUp writes in several tables and is refused.
func (w *writer) giveUp() {
	text := fmt.Sprint("bỏ ", w.number, " ", w.lastText)
	err := w.server.DB.Write(w.Context(), db.Actor{Retailer: w.server.Shop.Retailer}, func(tx *db.Tx) error {
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
		w.Errorf("what was given up ended with %v", err)
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
	server := p.servers[p.by.IntN(len(p.servers))]
	path := p.paths[p.operation]
	if p.mark != "" {
		path += "&lastModifiedFrom=" + url.QueryEscape(p.mark)
	}
	a := server.Send(http.MethodGet, path, "")
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

// take puts the rows of an answer into the mirror, and returns the list's total and the number of rows.
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

// read parses an answer, and stores the ids of deleted records.
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

// compare compares the mirror with what was acknowledged and with the whole list, and returns how many records differ, of how
// many.
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

// keepTime advances the clocks of the servers. The last one is an hour behind or right, at random; in the middle of the race
// the first jumps ahead by an hour for a few milliseconds, and later by a year.
func (r *race) keepTime(began, until time.Time) {
	const jump = 5 * time.Millisecond
	by := rand.New(rand.NewPCG(4, 4))
	start, all := r.servers[0].Clock.Now(), until.Sub(began)
	for !r.over.Load() {
		elapsed := time.Since(began)
		for i, server := range r.servers {
			skew := time.Duration(0)
			switch {
			case i == 0 && elapsed > all/3 && elapsed < all/3+jump:
				skew = time.Hour
			case i == 0 && elapsed > 2*all/3 && elapsed < 2*all/3+jump:
				skew = 365 * 24 * time.Hour
			case i == len(r.servers)-1 && by.IntN(2) == 0:
				skew = -time.Hour
			}
			server.Clock.Set(start.Add(elapsed + skew))
		}
		time.Sleep(200 * time.Microsecond)
	}
}

// TestPollersLoseNothing: eight concurrent clients change what each list with lastModifiedFrom shows, with clocks that are
// wrong, and roll back some of their writes. Two mirrors of each list, by the two marks that clients use, miss nothing at the
// end.
func TestPollersLoseNothing(t *testing.T) {
	const writers, pollingClients = 8, 2
	for _, count := range []int{1, 2} {
		t.Run(fmt.Sprint(count, " servers"), func(t *testing.T) {
			apitest.Each(t, func(t *testing.T, d *apitest.Server) {
				d.Set("UseSurcharge", "true")
				d.Set("AllowSellWhenOutStock", "true")
				servers := []*apitest.Server{d}
				for len(servers) < count {
					servers = append(servers, d.SecondServer())
				}
				r := newRace(t, servers)
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
				workers := make([]*writer, writers)
				for i := range workers {
					workers[i] = r.newWriter(i, manyRecords)
				}
				if t.Failed() {
					return
				}
				began := time.Now()
				until := began.Add(*long / 2)
				var writing, polling sync.WaitGroup
				polling.Go(func() { r.keepTime(began, until) })
				for _, w := range workers {
					writing.Go(func() { w.work(operations, func() bool { return time.Now().After(until) }) })
				}
				for i := range pollingClients {
					polling.Go(func() {
						for n := i; !r.over.Load(); n += pollingClients {
							pollers[n%len(pollers)].poll()
							time.Sleep(500 * time.Microsecond) // for the writers: on two cores one would not run otherwise
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

// feedIsInOrder reads the log of the shop: what was committed later has no earlier instant.
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
