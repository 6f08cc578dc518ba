package main

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"zombiezen.com/go/sqlite"
	"zombiezen.com/go/sqlite/sqlitex"

	"github.com/taphoa/taphoa/internal/dbtest"
)

const (
	shopProducts   = 10_000
	greedyProducts = 100_000
)

// benchPostgres measures on a server of its own that stores as a careful one does.
func benchPostgres() error {
	dir, err := os.MkdirTemp("", "taphoa-bench")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	program, err := build(dir)
	if err != nil {
		return err
	}
	server, err := dbtest.NewServer(append([]string{"shared_buffers=256MB", "max_connections=100", "max_wal_size=4GB", "timezone=UTC"},
		strings.Fields(os.Getenv("TAPHOA_PG_SETTINGS"))...)...)
	if err != nil {
		return err
	}
	defer server.Close() //nolint:errcheck // the measurements are done
	for _, what := range strings.Split(*only, ",") {
		load, _ := os.ReadFile("/proc/loadavg")
		fmt.Printf("%s, load of the machine before: %s", what, load)
		switch what {
		case "orders":
			err = onFresh(server, program, dir, what, 1, *connections, (*shop).order)
		case "invoices":
			err = onFresh(server, program, dir, what, 1, *connections, (*shop).invoice)
		case "shops":
			if err = onFresh(server, program, dir, "shops_few", 8, *connections, (*shop).order); err == nil {
				err = onFresh(server, program, dir, "shops_many", 8, 4**connections, (*shop).order)
			}
		case "snapshot":
			err = onDatabase(server, what, func(url string) error { return besideSnapshot(program, url) })
		case "greedy":
			if err = greedy(program, dir, "sqlite:"+filepath.Join(dir, "greedy.db")); err == nil {
				err = onDatabase(server, what, func(url string) error { return greedy(program, dir, url) })
			}
		default:
			err = fmt.Errorf("there is nothing called %q to measure", what)
		}
		if err != nil {
			return fmt.Errorf("%s: %w", what, err)
		}
	}
	return nil
}

// onDatabase runs a measurement on a fresh database.
func onDatabase(server *dbtest.Server, name string, measure func(url string) error) error {
	name = "bench_" + name
	if err := server.Exec(context.Background(), "postgres", "CREATE DATABASE "+name); err != nil {
		return err
	}
	err := measure(server.URL(name))
	return errors.Join(err, server.Exec(context.Background(), "postgres", "DROP DATABASE "+name))
}

// onFresh drives shops that have just been opened, from the first request on.
func onFresh(server *dbtest.Server, program, dir, name string, shops, connections int, write func(*shop, *rand.Rand) []byte) error {
	return onDatabase(server, name, func(url string) error {
		p, open, err := openShops(program, url, make([]int, shops))
		if err != nil {
			return err
		}
		defer p.stop() //nolint:errcheck // the measurement is done
		before, beforeServer := cpu(p.command.Process.Pid), cpuBelow(server.PID())
		r, err := driveCold(p.url, connections, time.Duration(*seconds*float64(time.Second)), func(i int) func(*rand.Rand) []byte {
			s := open[i%shops]
			return func(r *rand.Rand) []byte { return write(s, r) }
		})
		if err != nil {
			return err
		}
		n := float64(r.answers)
		fmt.Printf("%s of %d shops, %d connections: %v; CPU of one: %.0f µs here, %.0f µs in PostgreSQL\n", name, shops, connections, r,
			1e6*(cpu(p.command.Process.Pid)-before)/n, 1e6*(cpuBelow(server.PID())-beforeServer)/n)
		for i, s := range r.seconds {
			fmt.Printf("  second %d: %d (p50 %v, p99 %v)\n", i+1, s.answers, s.p50.Round(100*time.Microsecond), s.p99.Round(100*time.Microsecond))
		}
		return nil
	})
}

// besideSnapshot sells while somebody holds a snapshot, as pg_dump does, for the second half of the time.
func besideSnapshot(program, url string) error {
	p, open, err := openShops(program, url, make([]int, 1))
	if err != nil {
		return err
	}
	defer p.stop() //nolint:errcheck // the measurement is done
	half := time.Duration(*seconds * float64(time.Second))
	failed := make(chan error, 1)
	go func() {
		time.Sleep(half)
		failed <- holdSnapshot(url, half)
	}()
	order := func(int) func(*rand.Rand) []byte { return open[0].order }
	warm, err := driveCold(p.url, *connections, half, order)
	if err != nil {
		return err
	}
	beside, err := driveCold(p.url, *connections, half, order)
	if err == nil {
		err = <-failed
	}
	fmt.Printf("orders before: %v; beside a snapshot: %v; ratio %.2f\n", warm, beside, beside.rate/warm.rate)
	for i, s := range beside.seconds {
		fmt.Printf("  second %d of the snapshot: %d (p50 %v, p99 %v)\n", i+1, s.answers, s.p50.Round(100*time.Microsecond), s.p99.Round(100*time.Microsecond))
	}
	return err
}

func holdSnapshot(url string, duration time.Duration) error {
	ctx := context.Background()
	conn, err := pgx.Connect(ctx, url)
	if err != nil {
		return err
	}
	defer conn.Close(ctx)
	if _, err := conn.Exec(ctx, "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY; SELECT COUNT(*) FROM orders"); err != nil {
		return err
	}
	time.Sleep(duration)
	return nil
}

// greedy measures a shop beside one whose program asks for its dearest list on all connections.
func greedy(program, dir, url string) error {
	p, open, err := openShops(program, url, []int{greedyProducts, 0})
	if err != nil {
		return err
	}
	defer p.stop() //nolint:errcheck // the measurement is done
	quiet := func(*rand.Rand) []byte { return open[1].request("GET", "/branches", "") }
	duration := time.Duration(*seconds * float64(time.Second))
	alone, err := driveCold(p.url, 1, duration, func(int) func(*rand.Rand) []byte { return quiet })
	if err != nil {
		return err
	}
	done := make(chan result)
	go func() {
		r, err := driveCold(p.url, *connections, duration+time.Second, func(i int) func(*rand.Rand) []byte {
			z := i << 32
			return func(*rand.Rand) []byte {
				z++
				return open[0].request("GET", fmt.Sprintf("/products?lastModifiedFrom=2020-01-01&pageSize=20&z=%d", z), "")
			}
		})
		if err != nil {
			fmt.Println("the greedy shop:", err)
		}
		done <- r
	}()
	time.Sleep(500 * time.Millisecond)
	beside, err := driveCold(p.url, 1, duration, func(int) func(*rand.Rand) []byte { return quiet })
	theirs := <-done
	engine, _, _ := strings.Cut(url, ":")
	fmt.Printf("%s, another shop's list alone: %v; beside a greedy shop: %v, %.1f times; the greedy one: %v\n",
		engine, alone, beside, float64(beside.p50)/float64(alone.p50), theirs)
	return err
}

// openShops makes shops with a number of products (0: the usual one) and serves them.
func openShops(program, url string, products []int) (*process, []*shop, error) {
	const secret = "0123456789ABCDEF0123456789ABCDEF01234567"
	client := func(i int) string { return fmt.Sprintf("00000000-0000-4000-8000-%012d", i) }
	for i := range products {
		code := fmt.Sprintf("bench%d", i)
		for _, args := range [][]string{
			{"shop", "create", code, "Bench"},
			{"client", "create", "--shop", code, "--name", "bench", "--admin", "--id", client(i), "--secret", secret},
		} {
			command := exec.Command(program, append([]string{"--database", url}, args...)...)
			if out, err := command.CombinedOutput(); err != nil {
				return nil, nil, fmt.Errorf("%s: %w\n%s", strings.Join(args, " "), err, out)
			}
		}
	}
	p, err := start(program, "serve", "--addr", "127.0.0.1:0", "--database", url)
	if err != nil {
		return nil, nil, err
	}
	var shops []*shop
	for i, count := range products {
		s, err := enterShop(p.url, fmt.Sprintf("bench%d", i), client(i), secret)
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
		if err := multiply(url, "products", i+1, count-1); err != nil {
			return p, nil, err
		}
		if err := multiply(url, "customers", i+1, 199); err != nil {
			return p, nil, err
		}
		shops = append(shops, s)
	}
	if err := p.stop(); err != nil {
		return nil, nil, err
	}
	if p, err = start(program, "serve", "--addr", "127.0.0.1:0", "--database", url); err != nil {
		return nil, nil, err
	}
	for _, s := range shops {
		if err := s.look(p.url); err != nil {
			return p, nil, err
		}
	}
	return p, shops, nil
}

// multiply copies the one row of a shop in a table.
func multiply(url, table string, shop, times int) error {
	other := map[string]string{
		"id": fmt.Sprintf("%d + i", shop*1_000_000), "code": "code || i", "code_key": "code_key || i", "search": "search || i",
	}
	return withSQL(url, func(columns func(table string) ([]string, error), exec func(sql string) error) error {
		names, err := columns(table)
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
		return exec(fmt.Sprintf(`WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < %d) INSERT INTO %s (%s) SELECT %s FROM n, %s
			WHERE retailer_id = (SELECT retailer_id FROM retailers WHERE code = 'bench%d')`,
			times, table, strings.Join(names, ", "), strings.Join(values, ", "), table, shop-1))
	})
}

// withSQL runs statements past the server.
func withSQL(url string, do func(columns func(table string) ([]string, error), exec func(sql string) error) error) error {
	ctx := context.Background()
	if file, ok := strings.CutPrefix(url, "sqlite:"); ok {
		conn, err := sqlite.OpenConn(file, sqlite.OpenReadWrite)
		if err != nil {
			return err
		}
		defer conn.Close()
		return do(func(table string) (names []string, err error) {
			err = sqlitex.ExecuteTransient(conn, "SELECT name FROM pragma_table_info('"+table+"')", &sqlitex.ExecOptions{
				ResultFunc: func(st *sqlite.Stmt) error { names = append(names, st.ColumnText(0)); return nil },
			})
			return names, err
		}, func(sql string) error { return sqlitex.ExecuteTransient(conn, sql, nil) })
	}
	conn, err := pgx.Connect(ctx, url)
	if err != nil {
		return err
	}
	defer conn.Close(ctx)
	return do(func(table string) ([]string, error) {
		rows, err := conn.Query(ctx, `SELECT attname::text FROM pg_attribute WHERE attrelid = $1::regclass AND attnum > 0 AND NOT attisdropped`, table)
		if err != nil {
			return nil, err
		}
		return pgx.CollectRows(rows, pgx.RowTo[string])
	}, func(sql string) error {
		_, err := conn.Exec(ctx, sql)
		return err
	})
}

// cpu is how many seconds of a processor a process has used, with those of its children that have ended.
func cpu(pid int) float64 {
	f := procStat(strconv.Itoa(pid))
	if len(f) < 15 {
		return 0
	}
	ticks := 0.0
	for _, s := range f[11:15] {
		n, _ := strconv.ParseFloat(s, 64)
		ticks += n
	}
	return ticks / 100
}

// cpuBelow is [cpu] with that of all children.
func cpuBelow(pid int) float64 {
	sum := cpu(pid)
	all, _ := filepath.Glob("/proc/[0-9]*")
	for _, dir := range all {
		if f := procStat(filepath.Base(dir)); len(f) > 1 && f[1] == strconv.Itoa(pid) {
			n, _ := strconv.Atoi(filepath.Base(dir))
			sum += cpu(n)
		}
	}
	return sum
}

// procStat are the fields of a process behind its name: its state first.
func procStat(pid string) []string {
	text, _ := os.ReadFile("/proc/" + pid + "/stat")
	return strings.Fields(string(text[1+strings.LastIndexByte(string(text), ')'):]))
}
