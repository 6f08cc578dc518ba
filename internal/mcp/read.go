package mcp

import (
	"context"
	"fmt"
	"time"

	"github.com/taphoa/taphoa"
)

// paging are the arguments of lists.
type paging struct {
	Limit int64 `json:"limit" doc:"at most so many records, 20 unless given, 50 at most"`
	Skip  int64 `json:"skip" doc:"pass over so many: total says how many there are"`
}

func (p paging) page() (taphoa.Paging, error) {
	if p.Limit < 0 || p.Limit > 50 || p.Skip < 0 {
		return taphoa.Paging{}, fmt.Errorf("limit must be from 1 to 50, and skip not negative")
	}
	if p.Limit == 0 {
		p.Limit = 20
	}
	return taphoa.Paging{PageSize: p.Limit, CurrentItem: p.Skip}, nil
}

type searching struct {
	Text string `json:"text" doc:"a part of the name or code; all unless given"`
	paging
}

type byCode struct {
	Code string `json:"code" need:"" doc:"the code, such as SP000012, KH000001 or HD000123"`
}

// period are the arguments of lists of documents.
type period struct {
	From     string `json:"from" doc:"the first day, yyyy-MM-dd"`
	To       string `json:"to" doc:"the last day, yyyy-MM-dd"`
	BranchID int64  `json:"branchId" doc:"of this branch alone; list_branches has the ids"`
	paging
}

func (p *period) days() (from, to taphoa.Opt[taphoa.Time], err error) {
	if from, err = day("from", p.From); err == nil {
		to, err = day("to", p.To)
	}
	if err == nil && from.Has() && to.Has() && to.Value < from.Value {
		err = fmt.Errorf("to is before from")
	}
	return from, to, err
}

func day(name, s string) (taphoa.Opt[taphoa.Time], error) {
	if s == "" {
		return taphoa.Opt[taphoa.Time]{}, nil
	}
	t, bare, err := taphoa.ParseTimeDay(s)
	if err != nil || !bare {
		return taphoa.Opt[taphoa.Time]{}, fmt.Errorf("%s must be a day such as 2026-11-30", name)
	}
	return taphoa.Some(t), nil
}

func branches(id int64) []int64 {
	if id == 0 {
		return nil
	}
	return []int64{id}
}

// sold are the arguments of lists of orders and invoices.
type sold struct {
	CustomerCode string `json:"customerCode" doc:"of this customer alone"`
	period
}

func codes(s string) []string {
	if s == "" {
		return nil
	}
	return []string{s}
}

// newest has the newest documents first.
func newest(p taphoa.Paging, column string) taphoa.Paging {
	p.OrderBy, p.OrderDirection = column, "Desc"
	return p
}

// readers are the tools that only read.
func readers() []Tool {
	return []Tool{
		tool(Tool{Name: "find_products", Title: "Find products", Description: "Products with their prices and the stock of each branch."}, findProducts),
		tool(Tool{Name: "get_product", Title: "Show a product", Description: "One product by its code, with price and stock."}, getProduct),
		tool(Tool{Name: "find_customers", Title: "Find customers", Description: "Customers by name, code or phone, with what they owe."}, findCustomers),
		tool(Tool{Name: "get_customer", Title: "Show a customer", Description: "One customer by code, with what they owe the shop."}, getCustomer),
		tool(Tool{Name: "find_suppliers", Title: "Find suppliers", Description: "Suppliers by name, with what the shop owes them."}, findSuppliers),
		tool(Tool{Name: "find_orders", Title: "Find orders", Description: "Orders of a period, the newest first."}, findOrders),
		tool(Tool{Name: "get_order", Title: "Show an order", Description: "One order by its code."}, getOrder),
		tool(Tool{Name: "find_invoices", Title: "Find invoices", Description: "Sales of a period, the newest first."}, findInvoices),
		tool(Tool{Name: "get_invoice", Title: "Show an invoice", Description: "One sale by its code."}, getInvoice),
		tool(Tool{
			Name: "sum_invoices", Title: "Revenue of a period",
			Description: "How many sales there were in a period, what they come to and what of it is paid; voided ones are in the number alone.",
		}, sumInvoices),
		tool(Tool{Name: "find_returns", Title: "Find returns", Description: "Goods that customers brought back, the newest first."}, findReturns),
		tool(Tool{Name: "find_purchases", Title: "Find purchases", Description: "Goods bought from suppliers, the newest first."}, findPurchases),
		tool(Tool{Name: "list_cash_flow", Title: "Cash book", Description: "Receipts, and payments as negative amounts, the newest first."}, listCashFlow),
		tool(Tool{Name: "list_branches", Title: "List branches", Description: "The shop's branches with their ids."}, listBranches),
	}
}

func findProducts(ctx context.Context, s *server, in *searching) (any, error) {
	page, err := in.page()
	if err != nil {
		return nil, err
	}
	got, err := s.api.ListProducts(ctx, &taphoa.ProductQuery{Paging: page, Name: in.Text, IncludeInventory: true})
	return listOf(&got, showProduct), err
}

func getProduct(ctx context.Context, s *server, in *byCode) (any, error) {
	got, err := s.api.GetProductByCode(ctx, &taphoa.ProductByCode{Code: in.Code})
	return showProduct(&got), err
}

type findingCustomers struct {
	Text  string `json:"text" doc:"a part of the name or code"`
	Phone string `json:"phone" doc:"a phone number"`
	paging
}

func findCustomers(ctx context.Context, s *server, in *findingCustomers) (any, error) {
	page, err := in.page()
	if err != nil {
		return nil, err
	}
	got, err := s.api.ListCustomers(ctx, &taphoa.CustomerQuery{Paging: page, Keyword: in.Text, ContactNumber: in.Phone})
	return listOf(&got, showCustomer), err
}

func getCustomer(ctx context.Context, s *server, in *byCode) (any, error) {
	got, err := s.api.GetCustomerByCode(ctx, &taphoa.ByCode{Code: in.Code})
	return showCustomer(&got), err
}

func findSuppliers(ctx context.Context, s *server, in *searching) (any, error) {
	page, err := in.page()
	if err != nil {
		return nil, err
	}
	got, err := s.api.ListSuppliers(ctx, &taphoa.SupplierQuery{Paging: page, Name: in.Text})
	return listOf(&got, showSupplier), err
}

func findOrders(ctx context.Context, s *server, in *sold) (any, error) {
	page, err := in.page()
	from, to, wrong := in.days()
	if err = first(err, wrong); err != nil {
		return nil, err
	}
	got, err := s.api.ListOrders(ctx, &taphoa.OrderQuery{
		Paging: newest(page, "purchaseDate"), FromPurchaseDate: from, ToPurchaseDate: to, BranchIDs: branches(in.BranchID), CustomerCode: codes(in.CustomerCode),
	})
	return listOf(&got, showOrder), err
}

func getOrder(ctx context.Context, s *server, in *byCode) (any, error) {
	got, err := s.api.GetOrderByCode(ctx, &taphoa.ByCode{Code: in.Code})
	return showOrder(&got), err
}

func findInvoices(ctx context.Context, s *server, in *sold) (any, error) {
	got, err := s.invoices(ctx, in, false)
	return listOf(&got, showInvoice), err
}

func (s *server) invoices(ctx context.Context, in *sold, sums bool) (got taphoa.Page[taphoa.Invoice], err error) {
	page, err := in.page()
	from, to, wrong := in.days()
	if err = first(err, wrong); err != nil {
		return got, err
	}
	return s.api.ListInvoices(ctx, &taphoa.InvoiceQuery{
		Paging: newest(page, "purchaseDate"), FromPurchaseDate: from, ToPurchaseDate: to, BranchIDs: branches(in.BranchID),
		CustomerCode: codes(in.CustomerCode), IncludeTotals: sums,
	})
}

func getInvoice(ctx context.Context, s *server, in *byCode) (any, error) {
	got, err := s.api.GetInvoiceByCode(ctx, &taphoa.ByCode{Code: in.Code})
	return showInvoice(&got), err
}

// summing are the arguments of a sum.
type summing struct {
	From     string `json:"from" need:"" doc:"the first day, yyyy-MM-dd"`
	To       string `json:"to" need:"" doc:"the last day, yyyy-MM-dd"`
	BranchID int64  `json:"branchId" doc:"of this branch alone"`
}

// sum is what the sales of a period come to.
type sum struct {
	Invoices int64                    `json:"invoices"`
	Total    taphoa.Opt[taphoa.Money] `json:"total,omitzero"`
	Paid     taphoa.Opt[taphoa.Money] `json:"paid,omitzero"`
	Note     string                   `json:"note,omitzero"`
}

func sumInvoices(ctx context.Context, s *server, in *summing) (any, error) {
	got, err := s.invoices(ctx, &sold{period: period{From: in.From, To: in.To, BranchID: in.BranchID, paging: paging{Limit: 1}}}, true)
	if err != nil {
		return nil, err
	}
	out := sum{Invoices: got.Total}
	if got.Totals == nil {
		out.Note = fmt.Sprintf("sums are worked out for at most %d invoices, and for who may see them: take a shorter period", taphoa.TotalsMax)
	} else {
		out.Total, out.Paid = got.Totals.Total, got.Totals.TotalPayment
	}
	return out, nil
}

func findReturns(ctx context.Context, s *server, in *period) (any, error) {
	page, err := in.page()
	from, to, wrong := in.days()
	if err = first(err, wrong); err != nil {
		return nil, err
	}
	got, err := s.api.ListReturns(ctx, &taphoa.ReturnQuery{
		Paging: newest(page, "returnDate"), FromReturnDate: from, ToReturnDate: to, BranchIDs: branches(in.BranchID),
	})
	return listOf(&got, showReturn), err
}

func findPurchases(ctx context.Context, s *server, in *period) (any, error) {
	page, err := in.page()
	from, to, wrong := in.days()
	if err = first(err, wrong); err != nil {
		return nil, err
	}
	got, err := s.api.ListPurchaseOrders(ctx, &taphoa.PurchaseOrderQuery{
		Paging: newest(page, "purchaseDate"), FromPurchaseDate: from, ToPurchaseDate: to, BranchIDs: branches(in.BranchID),
	})
	return listOf(&got, showPurchase), err
}

func listCashFlow(ctx context.Context, s *server, in *period) (any, error) {
	page, err := in.page()
	from, to, wrong := in.days()
	if err = first(err, wrong); err != nil {
		return nil, err
	}
	if to.Has() {
		to = taphoa.Some(to.Value.Add(24 * time.Hour)) // the end is not included
	}
	got, err := s.api.ListCashFlow(ctx, &taphoa.CashFlowQuery{
		Paging: newest(page, "transDate"), StartDate: from, EndDate: to, BranchIDs: branches(in.BranchID), IncludeBranch: true,
	})
	return listOf(&got, showCash), err
}

func listBranches(ctx context.Context, s *server, in *paging) (any, error) {
	page, err := in.page()
	if err != nil {
		return nil, err
	}
	got, err := s.api.ListBranches(ctx, &taphoa.BranchQuery{Paging: page})
	return listOf(&got, showBranch), err
}

// first returns the first error that there is.
func first(all ...error) error {
	for _, err := range all {
		if err != nil {
			return err
		}
	}
	return nil
}
