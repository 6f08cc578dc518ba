package mirror

import (
	"context"
	"errors"
	"slices"

	"github.com/taphoa/taphoa"
	"github.com/taphoa/taphoa/client"
	"github.com/taphoa/taphoa/internal/cash"
	"github.com/taphoa/taphoa/internal/catalog"
	"github.com/taphoa/taphoa/internal/db"
	"github.com/taphoa/taphoa/internal/debt"
	"github.com/taphoa/taphoa/internal/org"
	"github.com/taphoa/taphoa/internal/party"
	"github.com/taphoa/taphoa/internal/sales"
)

// mirrored is a [list] of any records.
type mirrored interface {
	called() string
	follow(context.Context, *Mirror, progress) error
	verify(context.Context, *Mirror, func(Difference)) (int64, error)
}

// lists are what is mirrored: what others name comes first. The prices of each price book come after them, see [Mirror.prices].
var lists = slices.Concat(masterLists, supplyLists, moneyLists)

var masterLists = []mirrored{
	&list[taphoa.BranchQuery, taphoa.Branch]{
		name: "branches", id: func(b *taphoa.Branch) int64 { return b.ID },
		fetch: func(c *client.Client) client.List[taphoa.BranchQuery, taphoa.Branch] { return c.ListBranches },
		query: func(p taphoa.Paging, since taphoa.Opt[taphoa.Time]) *taphoa.BranchQuery {
			return &taphoa.BranchQuery{Paging: p, LastModifiedFrom: since, IncludeRemoveIDs: true}
		},
		apply: org.ImportBranches, remove: org.RemoveImportedBranches, show: org.ListBranches,
	},
	&list[taphoa.UserQuery, taphoa.User]{
		name: "users", id: func(u *taphoa.User) int64 { return u.ID },
		fetch: func(c *client.Client) client.List[taphoa.UserQuery, taphoa.User] { return c.ListUsers },
		query: func(p taphoa.Paging, since taphoa.Opt[taphoa.Time]) *taphoa.UserQuery {
			return &taphoa.UserQuery{Paging: p, LastModifiedFrom: since, IncludeRemoveIDs: true}
		},
		apply: org.ImportUsers, remove: org.RemoveImportedUsers, show: org.ListUsers,
	},
	&list[taphoa.SaleChannelQuery, taphoa.SaleChannel]{
		name: "salechannels", id: func(c *taphoa.SaleChannel) int64 { return c.ID },
		fetch: func(c *client.Client) client.List[taphoa.SaleChannelQuery, taphoa.SaleChannel] {
			return c.ListSaleChannels
		},
		query: func(p taphoa.Paging, since taphoa.Opt[taphoa.Time]) *taphoa.SaleChannelQuery {
			return &taphoa.SaleChannelQuery{Paging: p, LastModifiedFrom: since}
		},
		apply: org.ImportSaleChannels, show: org.ListSaleChannels,
	},
	&list[taphoa.CategoryQuery, taphoa.Category]{
		name: "categories", id: func(c *taphoa.Category) int64 { return c.CategoryID },
		fetch: func(c *client.Client) client.List[taphoa.CategoryQuery, taphoa.Category] { return c.ListCategories },
		query: func(p taphoa.Paging, since taphoa.Opt[taphoa.Time]) *taphoa.CategoryQuery {
			return &taphoa.CategoryQuery{Paging: p, LastModifiedFrom: since}
		},
		apply: catalog.ImportCategories, remove: catalog.RemoveImportedCategories, show: catalog.ListCategories,
	},
	products,
	&list[taphoa.OnHandQuery, taphoa.ProductOnHand]{ // a sale changes the stock of a product, and not the product
		name: "productOnHands", id: func(p *taphoa.ProductOnHand) int64 { return p.ID }, changesOnly: true,
		fetch: func(c *client.Client) client.List[taphoa.OnHandQuery, taphoa.ProductOnHand] {
			return c.ListProductOnHands
		},
		query: func(p taphoa.Paging, since taphoa.Opt[taphoa.Time]) *taphoa.OnHandQuery {
			return &taphoa.OnHandQuery{Paging: p, LastModifiedFrom: since}
		},
		apply: catalog.ImportOnHands,
	},
	customers,
	&list[taphoa.CustomerGroupQuery, taphoa.CustomerGroup]{
		name: "customergroups", id: func(g *taphoa.CustomerGroup) int64 { return g.ID }, whole: true,
		fetch: func(c *client.Client) client.List[taphoa.CustomerGroupQuery, taphoa.CustomerGroup] {
			return c.ListCustomerGroups
		},
		query: func(taphoa.Paging, taphoa.Opt[taphoa.Time]) *taphoa.CustomerGroupQuery {
			return &taphoa.CustomerGroupQuery{}
		},
		apply: party.ImportCustomerGroups, show: party.ListCustomerGroups,
	},
	suppliers,
	&list[taphoa.InvoiceQuery, taphoa.Invoice]{
		name: "invoices", id: func(v *taphoa.Invoice) int64 { return v.ID }, fetch: invoicesOf,
		query: func(p taphoa.Paging, since taphoa.Opt[taphoa.Time]) *taphoa.InvoiceQuery {
			return &taphoa.InvoiceQuery{Paging: p, LastModifiedFrom: since, IncludePayment: true, IncludeInvoiceDelivery: true, SaleChannel: true}
		},
		apply: sales.ImportInvoices, show: sales.ListInvoices,
		ours:     func(v *taphoa.Invoice) { v.Allocations = nil },
		concerns: []concern[taphoa.Invoice]{partner(customers, func(v *taphoa.Invoice) (taphoa.Opt[int64], taphoa.Opt[string]) { return v.CustomerID, v.CustomerCode })},
	}, &list[taphoa.OrderQuery, taphoa.Order]{
		name: "orders", id: func(o *taphoa.Order) int64 { return o.ID }, fetch: ordersOf,
		query: func(p taphoa.Paging, since taphoa.Opt[taphoa.Time]) *taphoa.OrderQuery {
			return &taphoa.OrderQuery{Paging: p, LastModifiedFrom: since, IncludePayment: true, IncludeOrderDelivery: true, SaleChannel: true}
		},
		apply: sales.ImportOrders, show: sales.ListOrders,
	},
	&list[taphoa.ReturnQuery, taphoa.Return]{
		name: "returns", id: func(r *taphoa.Return) int64 { return r.ID },
		fetch: func(c *client.Client) client.List[taphoa.ReturnQuery, taphoa.Return] { return c.ListReturns },
		query: func(p taphoa.Paging, since taphoa.Opt[taphoa.Time]) *taphoa.ReturnQuery {
			return &taphoa.ReturnQuery{Paging: p, LastModifiedFrom: since, IncludePayment: true}
		},
		apply: sales.ImportReturns, show: sales.ListReturns,
		ours:     func(r *taphoa.Return) { r.Allocations = nil },
		concerns: []concern[taphoa.Return]{partner(customers, func(r *taphoa.Return) (taphoa.Opt[int64], taphoa.Opt[string]) { return r.CustomerID, r.CustomerCode })},
	},
}

var products = &list[taphoa.ProductQuery, taphoa.Product]{
	name: "products", id: func(p *taphoa.Product) int64 { return p.ID },
	fetch: func(c *client.Client) client.List[taphoa.ProductQuery, taphoa.Product] { return c.ListProducts },
	query: func(p taphoa.Paging, since taphoa.Opt[taphoa.Time]) *taphoa.ProductQuery {
		return &taphoa.ProductQuery{
			Paging: p, LastModifiedFrom: since, IncludeRemoveIDs: true, IncludeInventory: true, IncludeMaterial: true,
			IncludeQuantity: true, IncludeWarranties: true, IncludeProductShelves: true,
		}
	},
	apply: catalog.ImportProducts, remove: catalog.RemoveImportedProducts, show: catalog.ListProducts,
	by: func(q *taphoa.ProductQuery, name string) { q.Name = name },
}

var customers = &list[taphoa.CustomerQuery, taphoa.Customer]{
	name: "customers", id: func(c *taphoa.Customer) int64 { return c.ID },
	fetch: func(c *client.Client) client.List[taphoa.CustomerQuery, taphoa.Customer] { return c.ListCustomers },
	query: func(p taphoa.Paging, since taphoa.Opt[taphoa.Time]) *taphoa.CustomerQuery {
		return &taphoa.CustomerQuery{
			Paging: p, LastModifiedFrom: since, IncludeRemoveIDs: true, IncludeTotal: true, IncludeCustomerGroup: true, IncludeCustomerSocial: true,
		}
	},
	apply: importCustomers, remove: party.RemoveImportedCustomers, show: party.ListCustomers,
	by: func(q *taphoa.CustomerQuery, code string) { q.Code = code },
}

var suppliers = &list[taphoa.SupplierQuery, taphoa.Supplier]{
	name: "suppliers", id: func(s *taphoa.Supplier) int64 { return s.ID },
	fetch: func(c *client.Client) client.List[taphoa.SupplierQuery, taphoa.Supplier] { return c.ListSuppliers },
	query: func(p taphoa.Paging, since taphoa.Opt[taphoa.Time]) *taphoa.SupplierQuery {
		return &taphoa.SupplierQuery{Paging: p, LastModifiedFrom: since, IncludeRemoveIDs: true, IncludeTotal: true, IncludeSupplierGroup: true}
	},
	apply: importSuppliers, remove: party.RemoveImportedSuppliers, show: party.ListSuppliers,
	by: func(q *taphoa.SupplierQuery, code string) { q.Code = code },
}

// invoicesOf is the list of invoices. They are pulled without deliveries where the source does not use them, which it says by a refusal.
func invoicesOf(c *client.Client) client.List[taphoa.InvoiceQuery, taphoa.Invoice] {
	return func(ctx context.Context, in *taphoa.InvoiceQuery) (taphoa.Page[taphoa.Invoice], error) {
		page, err := c.ListInvoices(ctx, in)
		if refused(err) {
			plain := *in
			plain.IncludeInvoiceDelivery = false
			return c.ListInvoices(ctx, &plain)
		}
		return page, err
	}
}

// ordersOf is the list of orders: without deliveries as [invoicesOf], and empty where the source takes no orders.
func ordersOf(c *client.Client) client.List[taphoa.OrderQuery, taphoa.Order] {
	return func(ctx context.Context, in *taphoa.OrderQuery) (taphoa.Page[taphoa.Order], error) {
		page, err := c.ListOrders(ctx, in)
		if refused(err) {
			plain := *in
			plain.IncludeOrderDelivery = false
			page, err = unlessRefused(c.ListOrders)(ctx, &plain)
		}
		return page, err
	}
}

// unlessRefused is a list that is empty where the source refuses it, because the shop does not use what it lists.
func unlessRefused[Q, T any](fetch client.List[Q, T]) client.List[Q, T] {
	return func(ctx context.Context, in *Q) (taphoa.Page[T], error) {
		page, err := fetch(ctx, in)
		if refused(err) {
			return taphoa.Page[T]{}, nil
		}
		return page, err
	}
}

// refused reports whether the source has refused a request by the rules of the shop.
func refused(err error) bool {
	refusal := (*client.Error)(nil)
	return errors.As(err, &refusal) && refusal.Status == statusRefused
}

// statusRefused is the vendor's status of a refusal by the rules of the shop.
const statusRefused = 420

// importCustomers writes customers, and what they owe. An adjustment changes the dates of its customer, who is written again.
func importCustomers(tx *db.Tx, customers []taphoa.Customer) error {
	return importPartners(tx, customers, party.ImportCustomers, func(c *taphoa.Customer) (cash.Account, taphoa.Money) {
		return cash.Customer(c.ID), c.Debt
	})
}

// importSuppliers is [importCustomers] for suppliers, and what they are owed.
func importSuppliers(tx *db.Tx, suppliers []taphoa.Supplier) error {
	return importPartners(tx, suppliers, party.ImportSuppliers, func(s *taphoa.Supplier) (cash.Account, taphoa.Money) {
		return cash.Supplier(s.ID), s.Debt
	})
}

func importPartners[T any](tx *db.Tx, partners []T, write func(*db.Tx, []T) error, of func(*T) (cash.Account, taphoa.Money)) error {
	if err := write(tx, partners); err != nil {
		return err
	}
	adjusted, err := debt.ImportDebts(tx, partners, of)
	if err != nil || len(adjusted) == 0 {
		return err
	}
	return write(tx, adjusted)
}
