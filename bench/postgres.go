package main

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/taphoa/taphoa/internal/dbtest"
)

const greedyProducts = 100_000

// benchPostgres measures on a server of its own with safe settings (fsync).
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
	defer server.Close()
	for _, what := range selectedParts("orders,invoices,shops,snapshot,greedy,lists") {
		load, _ := os.ReadFile("/proc/loadavg")
		fmt.Printf("%s, load of the machine before: %s", what, load)
		switch what {
		case "orders":
			err = onFreshShops(server, program, dir, what, 1, *connections, (*shop).order)
		case "invoices":
			err = onFreshShops(server, program, dir, what, 1, *connections, (*shop).invoice)
		case "shops":
			if err = onFreshShops(server, program, dir, "shops_few", 8, *connections, (*shop).order); err == nil {
				err = onFreshShops(server, program, dir, "shops_many", 8, 4**connections, (*shop).order)
			}
		case "snapshot":
			err = onDatabase(server, what, func(url string) error { return besideSnapshot(program, url) })
		case "greedy":
			if err = besideExpensiveList(program, dir, "sqlite:"+filepath.Join(dir, "greedy.db")); err == nil {
				err = onDatabase(server, what, func(url string) error { return besideExpensiveList(program, dir, url) })
			}
		case "lists":
			err = listsPostgres(server, program, dir)
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

// onFreshShops drives shops that have just been created, from the first request on.
func onFreshShops(server *dbtest.Server, program, dir, name string, shops, connections int, write func(*shop, *rand.Rand, []byte) []byte) error {
	return onDatabase(server, name, func(url string) error {
		return writes(program, url, func() float64 { return cpuBelow(server.PID()) }, name, shops, connections, write)
	})
}

// writes drives shops that have just been created. cpuOfServer is nil where the database has no server.
func writes(program, url string, cpuOfServer func() float64, name string, shops, connections int, write func(*shop, *rand.Rand, []byte) []byte) error {
	p, open, err := openShops(program, url, make([]int, shops))
	if err != nil {
		return err
	}
	defer p.stop() //nolint:errcheck // the measurement is done
	if cpuOfServer == nil {
		cpuOfServer = func() float64 { return 0 }
	}
	before, beforeServer := cpu(p.command.Process.Pid), cpuOfServer()
	r, err := driveCold(p.url, connections, time.Duration(*seconds*float64(time.Second)), func(i int) nextRequest {
		s := open[i%shops]
		return func(r *rand.Rand, last []byte) []byte { return write(s, r, last) }
	})
	if err != nil {
		return err
	}
	n := float64(r.answers)
	fmt.Printf("%s of %d shops, %d connections: %v; CPU of one: %.0f µs here, %.0f µs in the database's server\n", name, shops, connections, r,
		1e6*(cpu(p.command.Process.Pid)-before)/n, 1e6*(cpuOfServer()-beforeServer)/n)
	for i, s := range r.seconds {
		fmt.Printf("  second %d: %d (p50 %v, p99 %v)\n", i+1, s.answers, s.p50.Round(100*time.Microsecond), s.p99.Round(100*time.Microsecond))
	}
	return nil
}

// besideSnapshot creates orders while another connection holds a snapshot, as pg_dump does, for the second half of the time.
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
	order := func(int) nextRequest { return open[0].order }
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

// besideExpensiveList measures a shop beside one whose client requests its most expensive list on all connections.
func besideExpensiveList(program, dir, url string) error {
	p, open, err := openShops(program, url, []int{greedyProducts, 0})
	if err != nil {
		return err
	}
	defer p.stop() //nolint:errcheck // the measurement is done
	quiet := func(*rand.Rand, []byte) []byte { return open[1].request("GET", "/branches", "") }
	duration := time.Duration(*seconds * float64(time.Second))
	alone, err := driveCold(p.url, 1, duration, func(int) nextRequest { return quiet })
	if err != nil {
		return err
	}
	done := make(chan result)
	go func() {
		r, err := driveCold(p.url, *connections, duration+time.Second, func(i int) nextRequest {
			z := i << 32
			return func(*rand.Rand, []byte) []byte {
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
	beside, err := driveCold(p.url, 1, duration, func(int) nextRequest { return quiet })
	theirs := <-done
	engine, _, _ := strings.Cut(url, ":")
	fmt.Printf("%s, another shop's list alone: %v; beside a greedy shop: %v, %.1f times; the greedy one: %v\n",
		engine, alone, beside, float64(beside.p50)/float64(alone.p50), theirs)
	return err
}
