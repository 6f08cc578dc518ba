package main

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"time"

	"zombiezen.com/go/sqlite"
	"zombiezen.com/go/sqlite/sqlitex"

	"github.com/taphoa/taphoa/internal/db"
	"github.com/taphoa/taphoa/internal/schema"
)

// The rows of an invoice of three lines, and nothing else: no checks, no reads, no search for ids.
const (
	insertInvoice = `INSERT INTO invoices (retailer_id, id, uuid, code, code_key, purchase_date, branch_id, sold_by_id, customer_id,
		customer_code, customer_name, total, total_payment, discount, total_tax, method, status, description, using_cod,
		sale_channel_id, has_taxes, has_surcharges, points, stock_step, cash_step, created_date, changed_at)
		VALUES (1, ?1, 'u', ?2, ?2, 1, 1, 1, ?3, 'KH000001', 'Khách', 590000000, 200000000, 0, 0, 'Cash', 1, 'Khách quen', 0, 1, 0, 0, 0, 1, 1, 1, 1)`
	insertLine = `INSERT INTO invoice_lines (retailer_id, invoice_id, line, id, product_id, product_code, product_name, quantity, price,
		discount, allocation_discount, sub_total) VALUES (1, ?1, ?2, ?1 * 3 + ?2, ?3, 'SP000001', 'Hàng hóa', 10000, 150000000, 0, 0, 150000000)`
	insertPosting = `INSERT INTO stock_postings (retailer_id, kind, document_id, step, line, product_id, from_place, to_place, quantity,
		cost, batch_id, effective_at, posted_at) VALUES (1, 'invoice', ?1, 1, ?2, ?3, 1, -2, 10000, 100, 0, 1, 1)`
	upsertLevel = `INSERT INTO stock_levels (retailer_id, product_id, branch_id, on_hand, changed_at) VALUES (1, ?3, 1, -10000, ?1)
		ON CONFLICT (retailer_id, product_id, branch_id) DO UPDATE SET on_hand = on_hand - 10000, changed_at = excluded.changed_at`
	insertMoney = `INSERT INTO cash_postings (retailer_id, kind, document_id, step, line, from_type, from_id, to_type, to_id, amount,
		effective_at, posted_at) VALUES (1, ?2, ?1, 1, 1, 'I', 1, 'C', ?3, 590000000, 1, 1)`
	upsertBalance = `INSERT INTO cash_balances (retailer_id, account_type, account_id, balance) VALUES (1, 'C', ?1, 390000000)
		ON CONFLICT (retailer_id, account_type, account_id) DO UPDATE SET balance = balance + 390000000`
	insertPayment = `INSERT INTO payments (retailer_id, id, code, branch_id, amount, method, status, partner_type, partner_id, invoice_id,
		user_id, trans_date, created_date, changed_at) VALUES (1, ?1, ?2, 1, 200000000, 'Cash', 0, 'C', ?3, ?1, 1, 1, 1, 1)`
	updateCustomer = `UPDATE customers SET total_invoiced = total_invoiced + 590000000, total_revenue = total_revenue + 590000000
		WHERE retailer_id = 1 AND id = ?1`
	updateHead = `INSERT INTO shop_heads (retailer_id, at, code_hd, code_tthd) VALUES (1, ?1, ?1, ?1)
		ON CONFLICT (retailer_id) DO UPDATE SET at = excluded.at, code_hd = excluded.code_hd, code_tthd = excluded.code_tthd` // once a commit
)

// sqlCeiling returns how many invoices a second the bare driver can store, with one invoice a connection in a commit.
func sqlCeiling(file string, duration time.Duration) (float64, error) {
	d, err := db.Open(context.Background(), "sqlite:"+file, db.Options{})
	if err != nil {
		return 0, err
	}
	_, err = schema.Migrate(context.Background(), d)
	if err := errors.Join(err, d.Close()); err != nil {
		return 0, err
	}
	conn, err := sqlite.OpenConn(file, sqlite.OpenReadWrite)
	if err != nil {
		return 0, err
	}
	defer conn.Close()
	for _, pragma := range []string{"synchronous=FULL", "cache_size=-32768", "temp_store=MEMORY", "wal_autocheckpoint=8000"} {
		if err := sqlitex.ExecuteTransient(conn, "PRAGMA "+pragma, nil); err != nil {
			return 0, err
		}
	}
	random := rand.New(rand.NewPCG(7, 7))
	begin, id := time.Now(), int64(0)
	for time.Since(begin) < duration {
		if err := execute(conn, "BEGIN IMMEDIATE"); err != nil {
			return 0, err
		}
		for range *connections {
			id++
			if err := storeInvoice(conn, id, random); err != nil {
				return 0, err
			}
		}
		if err := errors.Join(execute(conn, updateHead, id), execute(conn, "COMMIT")); err != nil {
			return 0, err
		}
	}
	return float64(id) / time.Since(begin).Seconds(), nil
}

func storeInvoice(conn *sqlite.Conn, id int64, random *rand.Rand) error {
	code, customer := fmt.Sprintf("HD%06d", id), random.Int64N(200)+1
	err := execute(conn, insertInvoice, id, code, customer)
	for line := range int64(3) {
		product := random.Int64N(250) + 1
		err = errors.Join(err,
			execute(conn, insertLine, id, line+1, product),
			execute(conn, insertPosting, id, line+1, product),
			execute(conn, upsertLevel, id, nil, product))
	}
	return errors.Join(err,
		execute(conn, insertMoney, id, "invoice", customer),
		execute(conn, insertMoney, id, "payment", customer),
		execute(conn, upsertBalance, customer),
		execute(conn, upsertBalance, customer),
		execute(conn, insertPayment, id, "TT"+code, customer),
		execute(conn, updateCustomer, customer))
}

func execute(conn *sqlite.Conn, sql string, args ...any) error {
	st, err := conn.Prepare(sql)
	if err != nil {
		return err
	}
	for i, a := range args {
		switch v := a.(type) {
		case int64:
			st.BindInt64(i+1, v)
		case string:
			st.BindText(i+1, v)
		}
	}
	_, err = st.Step()
	return errors.Join(err, st.Reset())
}
