package main

import (
	"context"
	"errors"
	"fmt"
	"os/exec"
	"strings"

	"github.com/jackc/pgx/v5"
	"zombiezen.com/go/sqlite"
	"zombiezen.com/go/sqlite/sqlitex"
)

const shopProducts = 10_000

// clientSecret is the secret of every client that the benchmark creates.
const clientSecret = "0123456789ABCDEF0123456789ABCDEF01234567"

// createShop creates shop number i with a client that has all scopes.
func createShop(program, url string, i int) error {
	for _, args := range [][]string{
		{"shop", "create", shopCode(i), "Bench"},
		{"client", "create", "--shop", shopCode(i), "--name", "bench", "--admin", "--id", clientID(i), "--secret", clientSecret},
	} {
		if err := run(program, url, args...); err != nil {
			return err
		}
	}
	return nil
}

func shopCode(i int) string { return fmt.Sprintf("bench%d", i) }
func clientID(i int) string { return fmt.Sprintf("00000000-0000-4000-8000-%012d", i) }

// run runs a command of the program and waits for it.
func run(program, url string, args ...string) error {
	command := exec.Command(program, append([]string{"--database", url}, args...)...)
	if out, err := command.CombinedOutput(); err != nil {
		return fmt.Errorf("%s: %w\n%s", strings.Join(args, " "), err, out)
	}
	return nil
}

// serve serves a database.
func serve(program, url string) (*process, error) {
	return start(program, "serve", "--addr", "127.0.0.1:0", "--database", url)
}

// openShops creates shops with a number of products (0: the default) and serves them.
func openShops(program, url string, products []int) (*process, []*shop, error) {
	for i := range products {
		if err := createShop(program, url, i); err != nil {
			return nil, nil, err
		}
	}
	p, err := serve(program, url)
	if err != nil {
		return nil, nil, err
	}
	var shops []*shop
	for i, count := range products {
		s, err := signIn(p.url, shopCode(i), clientID(i), clientSecret)
		if err != nil {
			return p, nil, err
		}
		var category struct{ Data struct{ CategoryID int64 } }
		if err := s.send(p.url, "POST", "/categories", `{"categoryName":"Bench"}`, &category); err != nil {
			return p, nil, err
		}
		product := fmt.Sprintf(`{"name":"Gạo","code":"GAO","categoryId":%d,"allowsSale":true,"basePrice":15000}`, category.Data.CategoryID)
		if err := errors.Join(
			s.send(p.url, "POST", "/products", product, nil),
			s.send(p.url, "POST", "/customers", `{"name":"Mai","code":"MAI"}`, nil),
		); err != nil {
			return p, nil, err
		}
		if count == 0 {
			count = shopProducts
		}
		other := map[string]string{
			"id": fmt.Sprintf("%d + i", (i+1)*1_000_000), "code": "code || i", "code_key": "code_key || i", "search": "search || i",
		}
		err = withSQL(url, func(q sqlConn) error {
			return errors.Join(q.copyRows(i, "products", count-1, other), q.copyRows(i, "customers", 199, other))
		})
		if err != nil {
			return p, nil, err
		}
		shops = append(shops, s)
	}
	if err := errors.Join(p.stop(), withSQL(url, forgetCounts)); err != nil {
		return nil, nil, err
	}
	if p, err = serve(program, url); err != nil {
		return nil, nil, err
	}
	for _, s := range shops {
		if err := s.findRecords(p.url); err != nil {
			return p, nil, err
		}
	}
	return p, shops, nil
}

// sqlConn runs statements without the server.
type sqlConn struct {
	columns func(table string) ([]string, error)
	exec    func(sql string) error
}

// copyRows copies the rows that shop number i has in a table, which may be followed by a condition. Columns are equal in
// all copies but for those in other, whose expressions have the copy's number in i, from 1.
func (q sqlConn) copyRows(shop int, table string, times int, other map[string]string) error {
	table, where, _ := strings.Cut(table, " ")
	names, err := q.columns(table)
	if err != nil {
		return err
	}
	values := make([]string, len(names))
	for i, name := range names {
		values[i] = name
		if v, ok := other[name]; ok {
			values[i] = v
		}
	}
	return q.exec(fmt.Sprintf(`WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < %d)
		INSERT INTO %s (%s) SELECT %s FROM n CROSS JOIN %s WHERE retailer_id = %s %s`,
		times, table, strings.Join(names, ", "), strings.Join(values, ", "), table, retailerID(shop), where))
}

// forgetCounts makes a program count the copied rows, as it does in a shop that is older than the stored counts.
func forgetCounts(q sqlConn) error {
	columns, err := q.columns("row_counts")
	if err != nil || len(columns) == 0 {
		return err
	}
	return errors.Join(q.exec("DROP TABLE row_counts"), q.exec("DELETE FROM schema_migrations WHERE name LIKE '%row_counts.sql'"))
}

func retailerID(shop int) string {
	return fmt.Sprintf("(SELECT retailer_id FROM retailers WHERE code = '%s')", shopCode(shop))
}

// withSQL runs statements without the server.
func withSQL(url string, do func(sqlConn) error) error {
	ctx := context.Background()
	if file, ok := strings.CutPrefix(url, "sqlite:"); ok {
		conn, err := sqlite.OpenConn(file, sqlite.OpenReadWrite)
		if err != nil {
			return err
		}
		defer conn.Close()
		if err := sqlitex.ExecuteTransient(conn, "PRAGMA cache_size=-131072", nil); err != nil {
			return err
		}
		return do(sqlConn{func(table string) (names []string, err error) {
			err = sqlitex.ExecuteTransient(conn, "SELECT name FROM pragma_table_info('"+table+"')", &sqlitex.ExecOptions{
				ResultFunc: func(st *sqlite.Stmt) error { names = append(names, st.ColumnText(0)); return nil },
			})
			return names, err
		}, func(sql string) error { return sqlitex.ExecuteTransient(conn, sql, nil) }})
	}
	conn, err := pgx.Connect(ctx, url)
	if err != nil {
		return err
	}
	defer conn.Close(ctx)
	return do(sqlConn{func(table string) ([]string, error) {
		rows, err := conn.Query(ctx, `SELECT attname::text FROM pg_attribute WHERE attrelid = to_regclass($1) AND attnum > 0 AND NOT attisdropped`, table)
		if err != nil {
			return nil, err
		}
		return pgx.CollectRows(rows, pgx.RowTo[string])
	}, func(sql string) error {
		_, err := conn.Exec(ctx, sql)
		return err
	}})
}
