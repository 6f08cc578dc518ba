package main

import (
	"bufio"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/taphoa/taphoa/internal/demo"
)

var (
	connections = flag.Int("connections", 16, "connections that send requests")
	seconds     = flag.Float64("seconds", 5, "how long each measurement takes")
	database    = flag.String("database", "", "database of the server (default: a new SQLite file)")
	postgres    = flag.Bool("postgres", false, "measure PostgreSQL instead, from the first second of a fresh database, on a server of its own")
	only        = flag.String("only", "orders,invoices,shops,snapshot,greedy", "with -postgres: what to measure")
	binary      = flag.String("program", "", "measure this program instead of building one")
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
	info, err := os.Stat(program)
	if err != nil {
		return err
	}
	fmt.Printf("binary: %.1f MB\n", float64(info.Size())/1e6)
	url := *database
	if url == "" {
		url = "sqlite:" + filepath.Join(dir, "bench.db")
	}
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

// build answers the program to be measured.
func build(dir string) (string, error) {
	if *binary != "" {
		return *binary, nil
	}
	program := filepath.Join(dir, "taphoa")
	build := exec.Command("go", "build", "-trimpath", "-ldflags=-s -w", "-o", program, "./cmd/taphoa")
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
	pages, err := drive(server.url, duration, func(*rand.Rand) []byte { return page })
	if err != nil {
		return fmt.Errorf("pages: %w", err)
	}
	fmt.Printf("pages of 100 products with stock (%d bytes): %v\n", pages.bytes, pages)
	if err := byteCeiling(filepath.Join(dir, "page.json"), pages, page, duration); err != nil {
		return err
	}
	fresh, err := drive(server.url, duration, func(r *rand.Rand) []byte {
		return shop.request("GET", fmt.Sprintf("/products?pageSize=100&includeInventory=true&first=%d", r.Int64()), "")
	})
	if err != nil {
		return fmt.Errorf("fresh pages: %w", err)
	}
	fmt.Printf("  each page worked out anew: %v\n", fresh)
	both, err := drive(server.url, duration, func(r *rand.Rand) []byte {
		if r.IntN(4) == 0 {
			return page
		}
		return shop.invoice(r)
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

// byteCeiling measures bare net/http with the bytes of the page, in a process of its own like the server.
func byteCeiling(file string, pages result, page []byte, duration time.Duration) error {
	if err := os.WriteFile(file, pages.sample, 0o600); err != nil {
		return err
	}
	self, err := os.Executable()
	if err != nil {
		return err
	}
	plain, err := start(self, "-serve-file", file)
	if err != nil {
		return err
	}
	defer plain.stop() //nolint:errcheck // the measurement is done
	ceiling, err := drive(plain.url, duration, func(*rand.Rand) []byte { return page })
	if err != nil {
		return err
	}
	fmt.Printf("  the same bytes from bare net/http: %v; ratio %.2f\n", ceiling, pages.rate/ceiling.rate)
	return nil
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

// process is a server that runs beside this program.
type process struct {
	command *exec.Cmd
	url     string
	ready   time.Duration
}

// start runs a program until it says where it listens.
func start(program string, args ...string) (*process, error) {
	begin := time.Now()
	p := &process{command: exec.Command(program, args...)}
	p.command.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	out, err := p.command.StdoutPipe()
	if err != nil {
		return nil, err
	}
	p.command.Stderr = os.Stderr
	p.command.Env = append(os.Environ(), "TAPHOA_LANG=en", "TAPHOA_LOG_LEVEL=warn") // its words are looked for below
	if err := p.command.Start(); err != nil {
		return nil, err
	}
	lines := bufio.NewScanner(out)
	for lines.Scan() {
		if _, at, ok := strings.Cut(lines.Text(), "listening on "); ok {
			p.url, p.ready = strings.Fields(at)[0], time.Since(begin)
			go io.Copy(io.Discard, out) //nolint:errcheck // only so that the program never waits for us
			return p, nil
		}
	}
	return nil, errors.Join(errors.New("the program did not say where it listens"), p.command.Wait())
}

func (p *process) stop() error {
	if err := p.command.Process.Signal(syscall.SIGTERM); err != nil {
		return err
	}
	err := p.command.Wait()
	if exit := (*exec.ExitError)(nil); errors.As(err, &exit) {
		return nil
	}
	return err
}

// memory is the process's resident memory in MiB, memoryPeak its largest so far.
func (p *process) memory() float64     { return p.status("VmRSS:") }
func (p *process) memoryPeak() float64 { return p.status("VmHWM:") }

func (p *process) status(name string) float64 {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", p.command.Process.Pid))
	if err != nil {
		return 0
	}
	for line := range strings.Lines(string(text)) {
		if rest, ok := strings.CutPrefix(line, name); ok {
			kib, _ := strconv.ParseFloat(strings.Fields(rest)[0], 64)
			return kib / 1024
		}
	}
	return 0
}

// shop is what the load generator knows of a shop.
type shop struct {
	code      string
	token     string
	branch    int64
	products  []int64
	customers []int64
}

func newShop(base, code, client, secret string) (*shop, error) {
	s, err := enterShop(base, code, client, secret)
	if err != nil {
		return nil, err
	}
	return s, s.look(base)
}

// enterShop gets a token.
func enterShop(base, code, client, secret string) (*shop, error) {
	res, err := http.PostForm(base+"/connect/token", url.Values{
		"scopes": {"PublicApi.Access Taphoa.Admin"}, "grant_type": {"client_credentials"},
		"client_id": {client}, "client_secret": {secret},
	})
	if err != nil {
		return nil, err
	}
	defer res.Body.Close()
	var token struct {
		AccessToken string `json:"access_token"`
	}
	if err := json.NewDecoder(res.Body).Decode(&token); err != nil {
		return nil, err
	}
	return &shop{code: code, token: token.AccessToken}, nil
}

// look finds what can be sold, where and to whom.
func (s *shop) look(base string) error {
	var branches, customers struct{ Data []struct{ ID int64 } }
	var products struct {
		Data []struct {
			ID                   int64
			Type                 int
			IsActive             bool
			AllowsSale           bool
			IsLotSerialControl   bool
			IsBatchExpireControl bool
		}
	}
	for path, into := range map[string]any{
		"/branches": &branches, "/customers?pageSize=200": &customers, "/products?pageSize=10000": &products,
	} {
		if err := s.get(base+path, into); err != nil {
			return err
		}
	}
	s.branch = branches.Data[0].ID
	for _, c := range customers.Data {
		s.customers = append(s.customers, c.ID)
	}
	for _, p := range products.Data {
		if p.Type == 2 && p.IsActive && p.AllowsSale && !p.IsLotSerialControl && !p.IsBatchExpireControl {
			s.products = append(s.products, p.ID)
		}
	}
	if len(s.products) < 3 || len(s.customers) == 0 {
		return errors.New("the shop has too little to sell")
	}
	return nil
}

func (s *shop) get(address string, into any) error {
	req, err := http.NewRequest(http.MethodGet, address, nil)
	if err != nil {
		return err
	}
	req.Header.Set("Retailer", s.code)
	req.Header.Set("Authorization", "Bearer "+s.token)
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return err
	}
	defer res.Body.Close()
	if res.StatusCode != http.StatusOK {
		return fmt.Errorf("%s answers %s", address, res.Status)
	}
	return json.NewDecoder(res.Body).Decode(into)
}

// request is a whole HTTP request, ready to be sent.
func (s *shop) request(method, target, body string) []byte {
	return fmt.Appendf(nil, "%s %s HTTP/1.1\r\nHost: bench\r\nRetailer: %s\r\nAuthorization: Bearer %s\r\n"+
		"Content-Type: application/json\r\nContent-Length: %d\r\n\r\n%s", method, target, s.code, s.token, len(body), body)
}

func (s *shop) invoice(r *rand.Rand) []byte { return s.request("POST", "/invoices", s.sale(r)) }

// order is an order of three lines.
func (s *shop) order(r *rand.Rand) []byte {
	body := strings.Replace(strings.Replace(s.sale(r), `"invoiceDetails"`, `"orderDetails"`, 1), `"totalPayment":20000,`, "", 1)
	return s.request("POST", "/orders", body)
}

// sale is an invoice of three lines.
func (s *shop) sale(r *rand.Rand) string {
	product := func() int64 { return s.products[r.IntN(len(s.products))] }
	return fmt.Sprintf(
		`{"branchId":%d,"customerId":%d,"method":"Cash","totalPayment":20000,"description":"Khách quen","invoiceDetails":[`+
			`{"productId":%d,"quantity":1,"price":15000},{"productId":%d,"quantity":2,"price":12000,"discount":500},`+
			`{"productId":%d,"quantity":0.5,"price":40000}]}`,
		s.branch, s.customers[r.IntN(len(s.customers))], product(), product(), product())
}
