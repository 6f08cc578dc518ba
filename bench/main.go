package main

import (
	"cmp"
	"flag"
	"fmt"
	"math/rand/v2"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/taphoa/taphoa/internal/demo"
)

var (
	connections = flag.Int("connections", 16, "connections that send requests")
	seconds     = flag.Float64("seconds", 5, "how long each measurement takes")
	database    = flag.String("database", "", "database of the server (default: a new SQLite file)")
	postgres    = flag.Bool("postgres", false, "measure PostgreSQL instead, from the first second of a fresh database, on a server of its own")
	only        = flag.String("only", "", "what to measure: demo,lists or orders,invoices or desk or sandbox or mirror or, with -postgres, orders,invoices,shops,snapshot,greedy,lists (default: all)")
	binary      = flag.String("program", "", "measure this program instead of building one")
	against     = flag.String("against", "", "measure the lists of this older program in turn with it")
	invoices    = flag.Int("invoices", 200_000, "invoices of the shop whose lists are measured; 0: only its products")
	serveFile   = flag.String("serve-file", "", "used by the benchmark itself: answer every request with this file's bytes")
)

func main() {
	flag.Parse()
	var err error
	switch {
	case *serveFile != "":
		err = serveBytes(*serveFile)
	case *postgres:
		err = benchPostgres()
	default:
		err = bench()
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

func bench() error {
	dir, err := os.MkdirTemp("", "taphoa-bench")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	program, err := build(dir)
	if err != nil {
		return err
	}
	all := "demo,lists"
	if *database != "" {
		all = "demo"
	}
	for _, what := range selectedParts(all) {
		switch what {
		case "demo":
			err = benchDemo(program, dir)
		case "orders":
			err = writes(program, sqliteFile(dir, what), nil, what, 1, *connections, (*shop).order)
		case "invoices":
			err = writes(program, sqliteFile(dir, what), nil, what, 1, *connections, (*shop).invoice)
		case "lists":
			err = listsSQLite(program, dir)
		case "desk":
			err = benchDesk(program, dir)
		case "sandbox":
			err = benchSandbox(program, dir)
		case "mirror":
			err = benchMirror(program, dir)
		default:
			err = fmt.Errorf("there is nothing called %q to measure", what)
		}
		if err != nil {
			return fmt.Errorf("%s: %w", what, err)
		}
	}
	return nil
}

// selectedParts returns what to measure.
func selectedParts(all string) []string { return strings.Split(cmp.Or(*only, all), ",") }

func benchDemo(program, dir string) error {
	info, err := os.Stat(program)
	if err != nil {
		return err
	}
	fmt.Printf("binary: %.1f MB\n", float64(info.Size())/1e6)
	url := cmp.Or(*database, "sqlite:"+filepath.Join(dir, "bench.db"))
	args := []string{"serve", "--demo", "--addr", "127.0.0.1:0", "--database", url}
	first, err := start(program, args...)
	if err != nil {
		return err
	}
	fmt.Printf("ready on an empty database, demo shop included: %v\n", first.ready.Round(time.Millisecond))
	if err := first.stop(); err != nil {
		return err
	}
	server, err := start(program, args...)
	if err != nil {
		return err
	}
	defer server.stop() //nolint:errcheck // the measurements are done
	fmt.Printf("ready on an existing database: %v\n", server.ready.Round(time.Millisecond))
	return measure(server, dir)
}

func sqliteFile(dir, name string) string { return "sqlite:" + filepath.Join(dir, name+".db") }

// build returns the program to be measured.
func build(dir string) (string, error) {
	if *binary != "" {
		return *binary, nil
	}
	program := filepath.Join(dir, "taphoa")
	build := exec.Command("go", "build", "-trimpath", "-ldflags=-s -w", "-o", program, "github.com/taphoa/taphoa/cmd/taphoa")
	build.Env, build.Stderr = append(os.Environ(), "CGO_ENABLED=0"), os.Stderr
	return program, build.Run()
}

func measure(server *process, dir string) error {
	time.Sleep(time.Second)
	fmt.Printf("memory idle: %.0f MiB\n", server.memory())
	shop, err := newShop(server.url, demo.ShopCode, demo.ClientID, demo.ClientSecret)
	if err != nil {
		return err
	}
	duration := time.Duration(*seconds * float64(time.Second))
	page := shop.request("GET", "/products?pageSize=100&includeInventory=true", "")
	invoices, err := drive(server.url, duration, shop.invoice)
	if err != nil {
		return fmt.Errorf("invoices: %w", err)
	}
	fmt.Printf("invoices of three lines: %v\n", invoices)
	if *database == "" {
		ceiling, err := sqlCeiling(filepath.Join(dir, "ceiling.db"), duration)
		if err != nil {
			return err
		}
		fmt.Printf("  the same SQL effect through the bare driver: %.0f/s; ratio %.2f\n", ceiling, invoices.rate/ceiling)
	}
	pages, err := drive(server.url, duration, func(*rand.Rand, []byte) []byte { return page })
	if err != nil {
		return fmt.Errorf("pages: %w", err)
	}
	fmt.Printf("pages of 100 products with stock (%d bytes): %v\n", pages.bytes, pages)
	if err := byteCeiling(filepath.Join(dir, "page.json"), pages, page, duration); err != nil {
		return err
	}
	fresh, err := drive(server.url, duration, func(r *rand.Rand, _ []byte) []byte {
		return shop.request("GET", fmt.Sprintf("/products?pageSize=100&includeInventory=true&first=%d", r.Int64()), "")
	})
	if err != nil {
		return fmt.Errorf("fresh pages: %w", err)
	}
	fmt.Printf("  each page worked out anew: %v\n", fresh)
	both, err := drive(server.url, duration, func(r *rand.Rand, _ []byte) []byte {
		if r.IntN(4) == 0 {
			return page
		}
		return shop.invoice(r, nil)
	})
	if err != nil {
		return fmt.Errorf("both: %w", err)
	}
	fmt.Printf("three invoices to one page: %v\n", both)
	if err := deliveries(shop, server.url, duration); err != nil {
		return fmt.Errorf("webhooks: %w", err)
	}
	fmt.Printf("memory after all that: %.0f MiB, at most %.0f MiB\n", server.memory(), server.memoryPeak())
	return nil
}

// byteCeiling measures bare net/http with the bytes of the page.
func byteCeiling(file string, pages result, page []byte, duration time.Duration) error {
	plain, err := serveSample(file, pages.sample)
	if err != nil {
		return err
	}
	defer plain.stop() //nolint:errcheck // the measurement is done
	ceiling, err := drive(plain.url, duration, func(*rand.Rand, []byte) []byte { return page })
	if err != nil {
		return err
	}
	fmt.Printf("  the same bytes from bare net/http: %v; ratio %.2f\n", ceiling, pages.rate/ceiling.rate)
	return nil
}

// serveSample serves the same bytes for every request, by bare net/http in a process of its own like the server.
func serveSample(file string, sample []byte) (*process, error) {
	if err := os.WriteFile(file, sample, 0o600); err != nil {
		return nil, err
	}
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	return start(self, "-serve-file", file)
}

func serveBytes(file string) error {
	body, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	server := &http.Server{ReadHeaderTimeout: 10 * time.Second, Handler: http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json; charset=utf-8")
		w.Header().Set("Content-Length", strconv.Itoa(len(body)))
		_, _ = w.Write(body)
	})}
	listener, err := listen()
	if err != nil {
		return err
	}
	fmt.Printf("bench is listening on http://%s\n", listener.Addr())
	return server.Serve(listener)
}
