package mcp

import (
	"strings"
	"unicode"

	"github.com/taphoa/taphoa"
)

// text is one that the shop has typed.
type text string

// textMax is how many characters of it are shown.
const textMax = 300

// said returns a text as it is shown: on one line, without characters that change how others look or are read.
func said(s string) text {
	n := 0
	var b strings.Builder
	for _, r := range s {
		switch {
		case r == '\n' || r == '\t' || r == '\r':
			r = ' '
		case unicode.In(r, unicode.Cc, unicode.Cf, unicode.Co, unicode.Cs, unicode.Zl, unicode.Zp, unicode.Variation_Selector):
			continue
		}
		if n++; n > textMax {
			b.WriteString("…")
			break
		}
		b.WriteRune(r)
	}
	return text(b.String())
}

func saidOf(s taphoa.Opt[string]) text { return said(s.Or("")) }

// list is a page of records.
type list[T any] struct {
	Total   int64          `json:"total"` // of all pages
	Records []T            `json:"records"`
	Totals  *taphoa.Totals `json:"totals,omitzero"`
}

func listOf[R, T any](p *taphoa.Page[R], show func(*R) T) list[T] {
	out := list[T]{Total: p.Total, Records: []T{}, Totals: p.Totals}
	for i := range p.Data {
		out.Records = append(out.Records, show(&p.Data[i]))
	}
	return out
}

type product struct {
	Code      text         `json:"code"`
	Name      text         `json:"name"`
	Unit      text         `json:"unit,omitzero"`
	Category  text         `json:"category"`
	BasePrice taphoa.Money `json:"basePrice"`
	OnSale    bool         `json:"onSale"`
	Stock     []stock      `json:"stock"`
}

type stock struct {
	Branch   text            `json:"branch"`
	OnHand   taphoa.Quantity `json:"onHand"`
	Reserved taphoa.Quantity `json:"reserved"`
}

func showProduct(p *taphoa.Product) product {
	out := product{
		Code: said(p.Code), Name: said(p.FullName), Unit: said(p.Unit), Category: said(p.CategoryName), BasePrice: p.BasePrice,
		OnSale: p.IsActive && p.AllowsSale, Stock: []stock{},
	}
	for _, i := range p.Inventories {
		out.Stock = append(out.Stock, stock{said(i.BranchName), i.OnHand, i.Reserved})
	}
	return out
}

type partner struct {
	Code    text         `json:"code"`
	Name    text         `json:"name"`
	Phone   text         `json:"phone,omitzero"`
	Address text         `json:"address,omitzero"`
	Debt    taphoa.Money `json:"debt"`
}

func showCustomer(c *taphoa.Customer) partner {
	return partner{said(c.Code), said(c.Name), saidOf(c.ContactNumber), saidOf(c.Address), c.Debt}
}

func showSupplier(c *taphoa.Supplier) partner {
	return partner{said(c.Code), said(c.Name), saidOf(c.ContactNumber), saidOf(c.Address), c.Debt}
}

// document is an order, an invoice, a return or a purchase.
type document struct {
	Code        text         `json:"code"`
	Date        taphoa.Time  `json:"date"`
	Branch      text         `json:"branch"`
	Partner     text         `json:"partner,omitzero"`
	PartnerCode text         `json:"partnerCode,omitzero"`
	Status      text         `json:"status"`
	Total       taphoa.Money `json:"total"`
	Paid        taphoa.Money `json:"paid"`
	Note        text         `json:"note,omitzero"`
	Lines       []line       `json:"lines"`
}

type line struct {
	Code     text                     `json:"code"`
	Name     text                     `json:"name"`
	Quantity taphoa.Quantity          `json:"quantity"`
	Price    taphoa.Money             `json:"price"`
	Discount taphoa.Opt[taphoa.Money] `json:"discount,omitzero"` // of each
}

func showOrder(o *taphoa.Order) document {
	out := document{
		said(o.Code), o.PurchaseDate, said(o.BranchName), saidOf(o.CustomerName), saidOf(o.CustomerCode), said(o.StatusValue), o.Total,
		o.TotalPayment, saidOf(o.Description),
		[]line{},
	}
	for _, d := range o.OrderDetails {
		out.Lines = append(out.Lines, line{said(d.ProductCode), said(d.ProductName), d.Quantity, d.Price, d.Discount})
	}
	return out
}

func showInvoice(o *taphoa.Invoice) document {
	out := document{
		said(o.Code), o.PurchaseDate, said(o.BranchName), saidOf(o.CustomerName), saidOf(o.CustomerCode), said(o.StatusValue), o.Total,
		o.TotalPayment, saidOf(o.Description),
		[]line{},
	}
	for _, d := range o.InvoiceDetails {
		out.Lines = append(out.Lines, line{said(d.ProductCode), said(d.ProductName), d.Quantity, d.Price, d.Discount})
	}
	return out
}

func showReturn(o *taphoa.Return) document {
	out := document{
		said(o.Code), o.ReturnDate, said(o.BranchName), saidOf(o.CustomerName), saidOf(o.CustomerCode), said(o.StatusValue), o.ReturnTotal,
		o.TotalPayment, saidOf(o.Description),
		[]line{},
	}
	for _, d := range o.ReturnDetails {
		out.Lines = append(out.Lines, line{Code: said(d.ProductCode), Name: said(d.ProductName), Quantity: d.Quantity, Price: d.Price})
	}
	return out
}

func showPurchase(o *taphoa.PurchaseOrder) document {
	out := document{
		said(o.Code), o.PurchaseDate, said(o.BranchName), saidOf(o.SupplierName), saidOf(o.SupplierCode), said(o.StatusValue), o.Total,
		o.TotalPayment, saidOf(o.Description),
		[]line{},
	}
	for _, d := range o.PurchaseOrderDetails {
		out.Lines = append(out.Lines, line{Code: said(d.ProductCode), Name: said(d.ProductName), Quantity: d.Quantity, Price: d.Price})
	}
	return out
}

type cash struct {
	Code    text         `json:"code"`
	Date    taphoa.Time  `json:"date"`
	Amount  taphoa.Money `json:"amount"` // payments are negative
	Method  text         `json:"method"`
	Partner text         `json:"partner,omitzero"`
	Branch  text         `json:"branch,omitzero"`
	Status  text         `json:"status"`
	Note    text         `json:"note,omitzero"`
}

func showCash(c *taphoa.CashFlow) cash {
	return cash{
		said(c.Code), c.TransDate, c.Amount, said(c.Method), saidOf(c.PartnerName), saidOf(c.Branch), said(c.StatusValue), saidOf(c.Description),
	}
}

type branch struct {
	ID      int64 `json:"id"`
	Name    text  `json:"name"`
	Address text  `json:"address,omitzero"`
}

func showBranch(b *taphoa.Branch) branch { return branch{b.ID, said(b.BranchName), saidOf(b.Address)} }
