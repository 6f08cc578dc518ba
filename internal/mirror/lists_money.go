package mirror

import (
	"context"
	"fmt"

	"github.com/taphoa/taphoa"
	"github.com/taphoa/taphoa/client"
	"github.com/taphoa/taphoa/internal/cash"
	"github.com/taphoa/taphoa/internal/catalog"
	"github.com/taphoa/taphoa/internal/db"
)

// moneyLists are prices and the cash book.
var moneyLists = []mirrored{
	&list[taphoa.PriceBookQuery, taphoa.PriceBook]{
		name: "pricebooks", id: func(b *taphoa.PriceBook) int64 { return b.ID },
		fetch: func(c *client.Client) client.List[taphoa.PriceBookQuery, taphoa.PriceBook] { return c.ListPriceBooks },
		query: func(p taphoa.Paging, since taphoa.Opt[taphoa.Time]) *taphoa.PriceBookQuery {
			return &taphoa.PriceBookQuery{Paging: p, LastModifiedFrom: since, IncludeRemoveIDs: true, PriceBookIncludes: wholeBook}
		},
		apply: catalog.ImportPriceBooks, remove: catalog.RemoveImportedPriceBooks, show: catalog.ListPriceBooks,
	},
	&list[taphoa.SurchargeQuery, taphoa.Surcharge]{
		name: "surcharges", id: func(s *taphoa.Surcharge) int64 { return s.ID },
		fetch: func(c *client.Client) client.List[taphoa.SurchargeQuery, taphoa.Surcharge] {
			return unlessRefused(c.ListSurcharges)
		},
		query: func(p taphoa.Paging, since taphoa.Opt[taphoa.Time]) *taphoa.SurchargeQuery {
			return &taphoa.SurchargeQuery{Paging: p, LastModifiedFrom: since}
		},
		apply: cash.ImportSurcharges, show: cash.ListSurcharges,
	},
	&list[taphoa.BankAccountQuery, taphoa.BankAccount]{
		name: "bankaccounts", id: func(a *taphoa.BankAccount) int64 { return a.ID },
		fetch: func(c *client.Client) client.List[taphoa.BankAccountQuery, taphoa.BankAccount] {
			return c.ListBankAccounts
		},
		query: func(p taphoa.Paging, since taphoa.Opt[taphoa.Time]) *taphoa.BankAccountQuery {
			return &taphoa.BankAccountQuery{Paging: p, LastModifiedFrom: since, IncludeRemoveIDs: true}
		},
		apply: cash.ImportBankAccounts, remove: cash.RemoveImportedBankAccounts, show: cash.ListBankAccounts,
	},
	cashBook("cashflow", nil, func(l *cashList) { l.appended = true }),
	cashBook("cashflow/voided", []int64{taphoa.PaymentVoided}, func(l *cashList) { l.counted, l.noDates = true, true }),
}

type cashList = list[taphoa.CashFlowQuery, taphoa.CashFlow]

// cashBook is a list of the entries of the cash book that are in some states.
func cashBook(name string, states []int64, set func(*cashList)) *cashList {
	l := &cashList{
		name: name, id: func(e *taphoa.CashFlow) int64 { return e.ID },
		fetch: func(c *client.Client) client.List[taphoa.CashFlowQuery, taphoa.CashFlow] { return c.ListCashFlow },
		query: func(p taphoa.Paging, _ taphoa.Opt[taphoa.Time]) *taphoa.CashFlowQuery {
			return &taphoa.CashFlowQuery{Paging: p, Status: states, IncludeAccount: true, IncludeBranch: true, IncludeUser: true}
		},
		apply: cash.ImportCashFlow, show: cash.ListCashFlow, ours: func(e *taphoa.CashFlow) { e.Documents = nil },
	}
	set(l)
	return l
}

// wholeBook shows whom a price book is for.
var wholeBook = taphoa.PriceBookIncludes{IncludeBranches: true, IncludeGroups: true, IncludeUsers: true}

// prices are the lists of the prices in the price books that the mirror has.
func (m *Mirror) prices(ctx context.Context) (all []mirrored, err error) {
	var books []int64
	err = m.db.Read(ctx, m.who, func(tx *db.Tx) error {
		books, err = catalog.PriceBookIDs(tx)
		return err
	})
	for _, book := range books {
		all = append(all, pricesIn(book))
	}
	return all, err
}

// pricesIn is the list of the prices in a price book. What leaves the book is told by nothing but the length of the list.
func pricesIn(book int64) mirrored {
	return &list[taphoa.PriceBookDetailQuery, taphoa.PriceBookDetail]{
		name: fmt.Sprintf("pricebooks/%d", book), id: func(d *taphoa.PriceBookDetail) int64 { return d.ProductID }, counted: true,
		fetch: func(c *client.Client) client.List[taphoa.PriceBookDetailQuery, taphoa.PriceBookDetail] {
			return func(ctx context.Context, in *taphoa.PriceBookDetailQuery) (taphoa.Page[taphoa.PriceBookDetail], error) {
				page, err := c.GetPriceBook(ctx, in)
				return page.Page, err
			}
		},
		query: func(p taphoa.Paging, since taphoa.Opt[taphoa.Time]) *taphoa.PriceBookDetailQuery {
			return &taphoa.PriceBookDetailQuery{ByID: taphoa.ByID{ID: book}, Paging: p, LastModifiedFrom: since}
		},
		apply: func(tx *db.Tx, prices []taphoa.PriceBookDetail) error { return catalog.ImportPrices(tx, book, prices) },
		gone: func(tx *db.Tx, above, upTo int64, but []int64) error {
			return catalog.LeaveImportedPrices(tx, book, above, upTo, but)
		},
		show: func(tx *db.Tx, in *taphoa.PriceBookDetailQuery) (taphoa.Page[taphoa.PriceBookDetail], error) {
			page, err := catalog.GetPriceBook(tx, in)
			return page.Page, err
		},
	}
}
