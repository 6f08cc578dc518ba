package console

import (
	"net/http"
	"net/url"
	"strings"

	"github.com/taphoa/taphoa"
)

const foundEach = "5" // records of each kind that the palette shows

// search shows what a text finds: in the palette, or on a page of its own where there are no scripts.
func (v *visit) search() error {
	text := strings.TrimSpace(v.r.URL.Query().Get("q"))
	found, err := v.find(text)
	if err != nil {
		return err
	}
	if v.r.Header.Get("Hx-Request") != "" {
		return v.draw(http.StatusOK, found)
	}
	title := v.say("Tìm")
	bar := FilterBar{URL: v.r.URL.Path, Search: &Field{Kind: "search", ID: "search", Name: "q", Label: title, Value: text}}
	t := Table{
		ID: "found", Caption: title, Columns: []Column{{Text: v.say("Tên"), Wide: true}, {Text: v.say("Mã")}},
		Empty: EmptyState{Icon: "search", Title: v.say("Không tìm thấy"), Text: v.say("Hãy thử từ khác hoặc bớt điều kiện lọc.")},
	}
	for _, o := range found.Options {
		t.Rows = append(t.Rows, Row{URL: o.URL, Cells: []Cell{{Text: o.Text}, {Text: o.Sub}}})
	}
	return v.show(http.StatusOK, title, Header{Title: title}, bar, t)
}

// find returns the records of all kinds that are named so, and the document with a code.
func (v *visit) find(text string) (found Found, err error) {
	if text == "" {
		return found, nil
	}
	if v.may("getInvoiceByCode") {
		if err := v.findInvoice(&found, text); err != nil {
			return found, err
		}
	}
	for _, d := range []*description{&products, &customers} {
		if !v.may(d.list) {
			continue
		}
		page, _, err := v.ask(d.list, nil, url.Values{d.search: {text}, "pageSize": {foundEach}})
		if err != nil {
			return found, err
		}
		for _, r := range records(page.at("data")) {
			found.Options = append(found.Options, FoundOption{
				Text: r.text(d.name), Sub: r.text(d.code), URL: v.address(d, r.text("id")), Icon: d.icon,
			})
		}
	}
	return found, nil
}

// findInvoice adds the invoice with a code.
func (v *visit) findInvoice(found *Found, code string) error {
	invoice, _, err := v.ask("getInvoiceByCode", map[string]string{"code": code}, nil)
	switch e, _ := refused(err); {
	case err == nil:
		found.Options = append(found.Options, FoundOption{
			Text: invoice.text("code"), Sub: invoice.text("customerName"), Note: ofMoney.show(invoice.text("total")),
			URL: v.address(&invoices, invoice.text("id")), Icon: invoices.icon,
		})
	case e == nil || e.Kind != taphoa.KindNotFound:
		return err
	}
	return nil
}
