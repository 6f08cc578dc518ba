package main

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
)

// The shop whose lists are measured has a few records that were created by the API, and copies of them.
const (
	seedProducts = 100
	seedInvoices = 200
)

// fillLists creates a shop of [shopProducts] products with stock at two branches, and of some thousand invoices.
func fillLists(program, url string, invoices int) error {
	return fillListsBy(program, url, invoices, createInvoices)
}

// fillListsBy is [fillLists] with the first invoices of another kind.
func fillListsBy(program, url string, invoices int, create func(s *shop, base string) error) error {
	if err := createShop(program, url, 0); err != nil {
		return err
	}
	if err := whileServing(program, url, createProducts); err != nil {
		return err
	}
	if err := withSQL(url, copyProducts); err != nil {
		return err
	}
	if invoices > 0 {
		if err := whileServing(program, url, create); err != nil {
			return err
		}
		if err := withSQL(url, func(q sqlConn) error { return copyInvoices(q, invoices/seedInvoices-1) }); err != nil {
			return err
		}
	}
	if strings.HasPrefix(url, "postgres:") { // as autovacuum does it in an older shop
		return withSQL(url, func(q sqlConn) error { return q.exec("VACUUM ANALYZE") })
	}
	return nil
}

// whileServing calls do with the first shop while the database is served.
func whileServing(program, url string, do func(s *shop, base string) error) error {
	p, err := serve(program, url)
	if err != nil {
		return err
	}
	s, err := signIn(p.url, shopCode(0), clientID(0), clientSecret)
	if err == nil {
		err = do(s, p.url)
	}
	return errors.Join(err, p.stop())
}

func createProducts(s *shop, base string) error {
	var category struct{ Data struct{ CategoryID int64 } }
	var branches struct{ Data []struct{ ID int64 } }
	if err := errors.Join(
		s.send(base, "POST", "/branches", `{"branchName":"Chi nhánh 2","contactNumber":"0900000009","address":"1 Hàng Bạc"}`, nil),
		s.send(base, "POST", "/categories", `{"categoryName":"Bench"}`, &category),
		s.send(base, "POST", "/customers", `{"name":"Mai","code":"MAI"}`, nil),
		s.get(base+"/branches", &branches),
	); err != nil {
		return err
	}
	var products []string
	for i := range seedProducts {
		products = append(products, fmt.Sprintf(
			`{"name":"Gạo nếp cái hoa vàng","code":"GAO%03d","barCode":"8936%03d","categoryId":%d,"allowsSale":true,"unit":"kg",`+
				`"basePrice":15000,"weight":1000,"description":"Gạo mới, bao 25 kg","images":["https://taphoa.vn/gao-%d.jpg"],"inventories":[`+
				`{"branchId":%d,"onHand":1000000,"cost":9000,"minQuantity":10},{"branchId":%d,"onHand":1000000,"cost":9500}]}`,
			i, i, category.Data.CategoryID, i, branches.Data[0].ID, branches.Data[1].ID))
	}
	return s.send(base, "POST", "/listaddproducts", `{"listProducts":[`+strings.Join(products, ",")+`]}`, nil)
}

func copyProducts(q sqlConn) error {
	const times = shopProducts/seedProducts - 1
	id := func(column string) string { return fmt.Sprintf("%s + i * %d", column, seedProducts) }
	return errors.Join(
		q.copyRows(0, "products", times, map[string]string{
			"id": id("id"), "code": "code || '-' || i", "code_key": "code_key || '-' || i", "bar_code": "bar_code || i",
			"name": "name || ' ' || i", "full_name": "full_name || ' ' || i", "search": "search || ' ' || i",
		}),
		q.copyRows(0, "product_limits", times, map[string]string{"product_id": id("product_id")}),
		q.copyRows(0, "stock_levels", times, map[string]string{"product_id": id("product_id")}),
		q.copyRows(0, "stock_postings", times, map[string]string{"document_id": id("document_id"), "product_id": id("product_id")}),
		q.reserveIDs("products", times*seedProducts),
		q.copyRows(0, "customers", 199, map[string]string{
			"id": "id + i", "code": "code || i", "code_key": "code_key || i", "search": "search || i",
		}),
		q.reserveIDs("customers", 199),
		forgetCounts(q),
	)
}

func createInvoices(s *shop, base string) error {
	if err := s.findRecords(base); err != nil {
		return err
	}
	random := rand.New(rand.NewPCG(3, 3))
	for range seedInvoices {
		if err := s.send(base, "POST", "/invoices", s.sale(random), nil); err != nil {
			return err
		}
	}
	return nil
}

// copyInvoices copies all rows of the first invoices but their events, into the six hours before theirs, the six hours before
// those, and so on.
func copyInvoices(q sqlConn, times int) error {
	id := func(column string) string { return fmt.Sprintf("%s + i * %d", column, seedInvoices) }
	at := func(column string) string {
		return fmt.Sprintf("%s - %d + i * 21600000000", column, int64(times+1)*21600000000)
	}
	return errors.Join(
		q.exec(fmt.Sprintf(`UPDATE stock_levels SET on_hand = on_hand - %d * COALESCE((
				SELECT SUM(p.quantity) FROM stock_postings p WHERE p.retailer_id = stock_levels.retailer_id
					AND p.product_id = stock_levels.product_id AND p.branch_id = stock_levels.branch_id AND p.kind = 'invoice'), 0)
			WHERE retailer_id = %s`, times, retailerID(0))),
		q.exec(fmt.Sprintf("UPDATE cash_balances SET balance = balance * %d WHERE retailer_id = %s", times+1, retailerID(0))),
		q.exec(fmt.Sprintf(`UPDATE customers SET total_invoiced = total_invoiced * %d, total_revenue = total_revenue * %[1]d
			WHERE retailer_id = %s`, times+1, retailerID(0))),
		q.copyRows(0, "stock_postings AND kind = 'invoice'", times, map[string]string{"document_id": id("document_id")}),
		q.copyRows(0, "cash_postings", times, map[string]string{"document_id": id("document_id")}),
		q.copyRows(0, "payments", times, map[string]string{
			"id": id("id"), "invoice_id": id("invoice_id"), "code": "code || '-' || i",
		}),
		q.copyRows(0, "open_items", times, map[string]string{ // what is not paid of them
			"document_id": id("document_id"), "code": "code || '-' || i", "document_date": at("document_date"),
		}),
		q.copyRows(0, "invoice_lines", times, map[string]string{
			"id": fmt.Sprintf("id + i * %d", 3*seedInvoices), "invoice_id": id("invoice_id"),
		}),
		q.copyRows(0, "invoices", times, map[string]string{
			"id": id("id"), "code": "code || '-' || i", "code_key": "code_key || '-' || i", "purchase_date": at("purchase_date"),
			"created_date": at("created_date"), "modified_date": at("modified_date"), "changed_at": at("changed_at"),
		}),
		q.reserveIDs("payments", times*seedInvoices),
		q.reserveIDs("invoice_lines", 3*times*seedInvoices),
		q.reserveIDs("invoices", times*seedInvoices),
		forgetCounts(q),
	)
}

// reserveIDs makes the program continue after the ids of the copies.
func (q sqlConn) reserveIDs(table string, n int) error {
	return q.exec(fmt.Sprintf("UPDATE id_blocks SET value = value + %d WHERE name = '%s'", n, table))
}
