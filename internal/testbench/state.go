package testbench

import (
	"fmt"
	"maps"
	"net/http"
	"slices"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/taphoa/taphoa"
	"github.com/taphoa/taphoa/internal/cash"
	"github.com/taphoa/taphoa/internal/catalog"
	"github.com/taphoa/taphoa/internal/db"
	"github.com/taphoa/taphoa/internal/org"
	"github.com/taphoa/taphoa/internal/party"
	"github.com/taphoa/taphoa/internal/sales"
	"github.com/taphoa/taphoa/internal/supply"
	"github.com/taphoa/taphoa/internal/webhook"
)

// Level is what a branch has of a product.
type Level struct {
	OnHand   taphoa.Quantity `json:"onHand"`
	Reserved taphoa.Quantity `json:"reserved"`
}

// Debts are those of customers, who owe the shop, and to suppliers, by code.
type Debts struct {
	Customers map[string]taphoa.Money `json:"customers"`
	Suppliers map[string]taphoa.Money `json:"suppliers"`
}

// HookState is a registration with its deliveries, the newest last.
type HookState struct {
	Type       string          `json:"type"`
	URL        string          `json:"url"`
	IsActive   bool            `json:"isActive"`
	Deliveries []DeliveryState `json:"deliveries"`
}

// DeliveryState is what came of the attempts to deliver something.
type DeliveryState struct {
	Type     string `json:"type"`
	Outcome  string `json:"outcome"`
	Status   int64  `json:"status,omitzero"` // of the receiver's answer
	Attempts int64  `json:"attempts"`
}

// stateReader reads one part of the state.
type stateReader func(tx *db.Tx) (any, error)

// stateParts are the parts of the state by name, in their order.
var stateParts = []struct {
	name string
	read stateReader
}{
	{"stock", readStock}, {"debts", readDebts}, {"cash", readCash}, {"documents", readDocuments}, {"webhooks", readWebhooks},
}

// each calls visit for all records of a list.
func each[In, T any](tx *db.Tx, in *In, paging *taphoa.Paging, list func(*db.Tx, *In) (taphoa.Page[T], error), visit func(*T) error) error {
	paging.PageSize, paging.OrderBy = taphoa.PageSizeMax, "id"
	for {
		page, err := list(tx, in)
		if err != nil {
			return err
		}
		for i := range page.Data {
			if err := visit(&page.Data[i]); err != nil {
				return err
			}
		}
		paging.CurrentItem += int64(len(page.Data))
		if len(page.Data) == 0 || paging.CurrentItem >= page.Total {
			return nil
		}
	}
}

func branchNames(tx *db.Tx) (map[int64]string, error) {
	names, in := map[int64]string{}, &taphoa.BranchQuery{}
	err := each(tx, in, &in.Paging, org.ListBranches, func(b *taphoa.Branch) error {
		names[b.ID] = b.BranchName
		return nil
	})
	return names, err
}

func readStock(tx *db.Tx) (any, error) {
	stock := map[string]map[string]Level{}
	branches, err := branchNames(tx)
	if err != nil {
		return nil, err
	}
	in := &taphoa.OnHandQuery{}
	err = each(tx, in, &in.Paging, catalog.ListProductOnHands, func(p *taphoa.ProductOnHand) error {
		levels := map[string]Level{}
		for _, at := range p.Inventories {
			levels[branches[at.BranchID]] = Level{at.OnHand, at.Reserved}
		}
		stock[p.Code] = levels
		return nil
	})
	return stock, err
}

func readDebts(tx *db.Tx) (any, error) {
	debts := Debts{map[string]taphoa.Money{}, map[string]taphoa.Money{}}
	customers := &taphoa.CustomerQuery{IncludeTotal: true}
	err := each(tx, customers, &customers.Paging, party.ListCustomers, func(c *taphoa.Customer) error {
		debts.Customers[c.Code] = c.Debt
		return nil
	})
	if err != nil {
		return nil, err
	}
	suppliers := &taphoa.SupplierQuery{IncludeTotal: true}
	err = each(tx, suppliers, &suppliers.Paging, party.ListSuppliers, func(s *taphoa.Supplier) error {
		debts.Suppliers[s.Code] = s.Debt
		return nil
	})
	return debts, err
}

func readCash(tx *db.Tx) (any, error) {
	sums := map[string]map[string]taphoa.Money{}
	branches, err := branchNames(tx)
	if err != nil {
		return nil, err
	}
	in := &taphoa.CashFlowQuery{Status: []int64{taphoa.PaymentPaid}}
	err = each(tx, in, &in.Paging, cash.ListCashFlow, func(c *taphoa.CashFlow) (err error) {
		branch := branches[c.BranchID]
		if sums[branch] == nil {
			sums[branch] = map[string]taphoa.Money{}
		}
		sums[branch][c.Method], err = sums[branch][c.Method].Add(c.Amount)
		return err
	})
	return sums, err
}

// counter counts the documents of a status.
type counter func(tx *db.Tx, status int64) (int64, error)

func countOf[In, T any](query func(taphoa.Paging, []int64) *In, list func(*db.Tx, *In) (taphoa.Page[T], error)) counter {
	return func(tx *db.Tx, status int64) (int64, error) {
		page, err := list(tx, query(taphoa.Paging{PageSize: 1}, []int64{status}))
		return page.Total, err
	}
}

// documentKinds are the documents, with the list of their statuses and what they are called.
var documentKinds = []struct {
	name, statuses string
	label          func(int64) string
	count          counter
}{
	{"orders", "order", taphoa.OrderStatusValue, countOf(func(p taphoa.Paging, s []int64) *taphoa.OrderQuery {
		return &taphoa.OrderQuery{Paging: p, Status: s}
	}, sales.ListOrders)},
	{"invoices", "invoice", taphoa.InvoiceStatusValue, countOf(func(p taphoa.Paging, s []int64) *taphoa.InvoiceQuery {
		return &taphoa.InvoiceQuery{Paging: p, Status: s}
	}, sales.ListInvoices)},
	{"returns", "return", taphoa.ReturnStatusValue, countOf(func(p taphoa.Paging, s []int64) *taphoa.ReturnQuery {
		return &taphoa.ReturnQuery{Paging: p, Status: s}
	}, sales.ListReturns)},
	{"purchaseOrders", "purchase", taphoa.PurchaseStatusValue, countOf(func(p taphoa.Paging, s []int64) *taphoa.PurchaseOrderQuery {
		return &taphoa.PurchaseOrderQuery{Paging: p, Status: s}
	}, supply.ListPurchaseOrders)},
	{"orderSuppliers", "orderSupplier", taphoa.OrderSupplierStatusValue, countOf(func(p taphoa.Paging, s []int64) *taphoa.OrderSupplierQuery {
		return &taphoa.OrderSupplierQuery{Paging: p, Status: s}
	}, supply.ListOrderSuppliers)},
	{"transfers", "transfer", taphoa.TransferStatusValue, countOf(func(p taphoa.Paging, s []int64) *taphoa.TransferQuery {
		return &taphoa.TransferQuery{Paging: p, Status: s}
	}, supply.ListTransfers)},
	{"stockTakes", "stockTake", taphoa.StockTakeStatusValue, countOf(func(p taphoa.Paging, s []int64) *taphoa.StockTakeQuery {
		return &taphoa.StockTakeQuery{Paging: p, Status: s}
	}, supply.ListStockTakes)},
	{"payments", "payment", taphoa.PaymentStatusValue, countOf(func(p taphoa.Paging, s []int64) *taphoa.CashFlowQuery {
		return &taphoa.CashFlowQuery{Paging: p, Status: s}
	}, cash.ListCashFlow)},
}

func readDocuments(tx *db.Tx) (any, error) {
	counts := map[string]map[string]int64{}
	for _, kind := range documentKinds {
		counts[kind.name] = map[string]int64{}
		labels := map[string]bool{} // several numbers may be called the same, and be found together
		for _, status := range sortedStatuses(kind.statuses) {
			label := kind.label(status)
			if labels[label] {
				continue
			}
			labels[label] = true
			n, err := kind.count(tx, status)
			if err != nil {
				return nil, err
			}
			counts[kind.name][label] = n
		}
	}
	return counts, nil
}

func readWebhooks(tx *db.Tx) (any, error) {
	hooks, byID := []*HookState{}, map[int64]*HookState{}
	in := &taphoa.WebhookQuery{}
	err := each(tx, in, &in.Paging, webhook.List, func(w *taphoa.Webhook) error {
		h := &HookState{w.Type, w.URL, w.IsActive, []DeliveryState{}}
		hooks, byID[w.ID] = append(hooks, h), h
		return nil
	})
	if err != nil {
		return nil, err
	}
	sent := &taphoa.DeliveryQuery{}
	at := map[string]int{} // of the delivery in its list
	err = each(tx, sent, &sent.Paging, webhook.ListDeliveries, func(d *taphoa.WebhookDelivery) error {
		h := byID[d.WebhookID]
		if h == nil {
			return nil
		}
		key := fmt.Sprint(d.WebhookID, " ", d.FirstSeq, " ", d.LastSeq)
		if i, known := at[key]; known { // an attempt of the same delivery
			if d.Attempt > h.Deliveries[i].Attempts {
				h.Deliveries[i] = DeliveryState{d.Type, d.Outcome, d.Status.Value, d.Attempt}
			}
			return nil
		}
		at[key] = len(h.Deliveries)
		h.Deliveries = append(h.Deliveries, DeliveryState{d.Type, d.Outcome, d.Status.Value, d.Attempt})
		return nil
	})
	return hooks, err
}

// state reads the parts that are wanted at one instant.
func (f *Fork) state(r *http.Request, wanted func(part string) bool) (map[string]any, error) {
	p, done, err := f.take()
	if err != nil {
		return nil, err
	}
	defer done()
	parts := map[string]any{}
	err = p.read(r.Context(), f.number, func(tx *db.Tx) error {
		for _, part := range stateParts {
			if !wanted(part.name) {
				continue
			}
			value, err := part.read(tx)
			if err != nil {
				return err
			}
			parts[part.name] = value
		}
		return nil
	})
	return parts, err
}

func (s *Sandbox) showState(r *http.Request) (any, error) {
	f, err := s.forkOf(r)
	if err != nil {
		return nil, err
	}
	return f.state(r, func(string) bool { return true })
}

// serveAssert answers whether a fork's state has what is expected of it.
func (s *Sandbox) serveAssert(w http.ResponseWriter, r *http.Request) {
	f, err := s.forkOf(r)
	var want map[string]jsontext.Value
	if err == nil {
		err = readInput(r, &want)
	}
	if err == nil && len(want) == 0 {
		err = taphoa.Refuse(taphoa.CodeValidate, "", "Hãy gửi phần trạng thái cần có: stock, debts, cash, documents hoặc webhooks")
	}
	for _, name := range slices.Sorted(maps.Keys(want)) {
		if err == nil && !isPart(name) {
			err = taphoa.Refuse(taphoa.CodeValidate, name, "Trạng thái không có phần %s: chỉ có stock, debts, cash, documents và webhooks", name)
		}
	}
	var have map[string]any
	if err == nil {
		have, err = f.state(r, func(part string) bool { return want[part] != nil })
	}
	if err != nil {
		fail(w, err)
		return
	}
	got, err := json.Marshal(have, json.Deterministic(true))
	if err != nil {
		fail(w, err)
		return
	}
	wanted, err := json.Marshal(want, json.Deterministic(true))
	if err != nil {
		fail(w, err)
		return
	}
	answerAssert(w, &f.seen, wanted, got)
}

func isPart(name string) bool {
	for _, part := range stateParts {
		if part.name == name {
			return true
		}
	}
	return false
}

// answerAssert tells what differs, as the errors of a refusal and as values.
func answerAssert(w http.ResponseWriter, q *requests, wanted, got jsontext.Value) {
	c := subset{}
	c.compare("", wanted, got)
	if len(c.found) == 0 {
		writeJSON(w, http.StatusOK, struct {
			Met bool `json:"met"`
		}{true})
		return
	}
	var fields []taphoa.FieldError
	for i := range c.found {
		m := &c.found[i]
		fields = append(fields, taphoa.FieldError{Code: taphoa.CodeBusiness, Field: m.Path, Message: fmt.Sprintf("%s là %s, mong đợi %s", m.Path,
			q.shownValue(m.Path, m.Got), q.shownValue(m.Path, m.Expected))})
	}
	refuseUnmet(w, fmt.Sprintf("%d điểm khác với mong đợi. %s", len(fields), fields[0].Message), fields, c.found)
}

// sortedStatuses are the numbers of the statuses of a list.
func sortedStatuses(list string) (all []int64) {
	for status := range taphoa.Statuses(list) {
		all = append(all, status)
	}
	slices.Sort(all)
	return all
}
