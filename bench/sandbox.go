package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/taphoa/taphoa/internal/testbench"
)

// What the sandbox is to keep to.
const (
	forkBound      = 100 * time.Millisecond // of the demo's shop, at the 95th percentile
	forkLargeBound = 250 * time.Millisecond // of a shop with 10,000 products and 20,000 documents
	testsBound     = 60 * time.Second       // of a thousand tests
	forksMemory    = 512                    // MiB with 64 forks

	sandboxDocuments = 20_000
	sandboxForks     = 100
	sandboxTests     = 1000
)

// benchSandbox measures the forks of taphoa sandbox, in this process.
func benchSandbox(program, dir string) error {
	s := testbench.New(testbench.Options{Dir: filepath.Join(dir, "sandbox"), Log: slog.New(slog.DiscardHandler), MaxBytes: 16 << 30})
	defer s.Close()
	began, used := time.Now(), cpu(os.Getpid())
	if err := s.AddTemplate(context.Background(), testbench.DefaultTemplate, testbench.Demo); err != nil {
		return err
	}
	fmt.Printf("the default template: %v, %.2f s of processor\n", time.Since(began).Round(time.Millisecond), cpu(os.Getpid())-used)
	if err := measureForks(s, testbench.DefaultTemplate, forkBound); err != nil {
		return err
	}
	if err := measureTests(s); err != nil {
		return err
	}
	if err := measureOpenForks(s); err != nil {
		return err
	}
	database := sqliteFile(dir, "large")
	if err := fillLists(program, database, sandboxDocuments); err != nil {
		return err
	}
	if err := s.AddFile(context.Background(), "large", strings.TrimPrefix(database, "sqlite:")); err != nil {
		return err
	}
	return measureForks(s, "large", forkLargeBound)
}

// within says whether a measurement keeps to its bound.
func within[T int | float64 | time.Duration](measured, bound T) string {
	if measured > bound {
		return fmt.Sprintf("over the bound of %v", bound)
	}
	return fmt.Sprintf("the bound is %v", bound)
}

func measureForks(s *testbench.Sandbox, template string, bound time.Duration) error {
	var took []time.Duration
	used := cpu(os.Getpid())
	for range sandboxForks {
		began := time.Now()
		f, err := s.Create(context.Background(), testbench.ForkInput{Template: template})
		if err != nil {
			return err
		}
		took = append(took, time.Since(began))
		if err := s.Delete(f.Name); err != nil {
			return err
		}
	}
	slices.Sort(took)
	p95 := took[len(took)*95/100]
	fmt.Printf("a fork of %s: p50 %v, p95 %v (%s), %.1f ms of processor\n", template, took[len(took)/2].Round(100*time.Microsecond),
		p95.Round(100*time.Microsecond), within(p95, bound), (cpu(os.Getpid())-used)*1000/sandboxForks)
	return nil
}

// measureTests runs tests as programs have them: each makes a fork, sells in it and looks, and deletes it.
func measureTests(s *testbench.Sandbox) error {
	server := httptest.NewServer(s)
	defer server.Close()
	for _, workers := range []int{1, 8} {
		var all sync.WaitGroup
		tests := make(chan int)
		faults := make([]error, workers)
		began := time.Now()
		for i := range workers {
			all.Go(func() {
				for range tests {
					if err := sandboxTest(server.URL); err != nil {
						faults[i] = err
					}
				}
			})
		}
		for i := range sandboxTests {
			tests <- i
		}
		close(tests)
		all.Wait()
		if err := errors.Join(faults...); err != nil {
			return err
		}
		took := time.Since(began)
		fmt.Printf("%d tests, %d at a time: %v (%s)\n", sandboxTests, workers, took.Round(10*time.Millisecond), within(took, testsBound))
	}
	return nil
}

// sandboxTest is a test of a program.
func sandboxTest(base string) error {
	var f struct{ Name, Retailer, ClientID, ClientSecret string }
	if err := ask(&f, "POST", base+"/_sandbox/shops", "{}", nil); err != nil {
		return err
	}
	var token struct {
		AccessToken string `json:"access_token"`
	}
	form := url.Values{"grant_type": {"client_credentials"}, "scopes": {"PublicApi.Access"}, "client_id": {f.ClientID}, "client_secret": {f.ClientSecret}}
	if err := ask(&token, "POST", base+"/connect/token", form.Encode(), http.Header{"Content-Type": {"application/x-www-form-urlencoded"}}); err != nil {
		return err
	}
	as := http.Header{"Authorization": {"Bearer " + token.AccessToken}, "Retailer": {f.Retailer}}
	var made, shown struct {
		ID   int64
		Name string
		Data struct{ ID int64 }
	}
	if err := ask(&made, "POST", base+"/customers", `{"name":"Mai"}`, as); err != nil {
		return err
	}
	for _, path := range []string{"/products?pageSize=20", "/categories", "/branches"} {
		if err := ask(nil, "GET", base+path, "", as); err != nil {
			return err
		}
	}
	if err := ask(&shown, "GET", fmt.Sprintf("%s/customers/%d", base, made.Data.ID), "", as); err != nil {
		return err
	}
	if shown.Name != "Mai" {
		return fmt.Errorf("the customer is %+v", shown)
	}
	return ask(nil, "DELETE", base+"/_sandbox/shops/"+f.Name, "", nil)
}

// ask sends a request that is answered with 200.
func ask(into any, method, address, body string, header http.Header) error {
	r, err := http.NewRequestWithContext(context.Background(), method, address, bytes.NewBufferString(body))
	if err != nil {
		return err
	}
	r.Header.Set("Content-Type", "application/json")
	for name, values := range header {
		r.Header[name] = values
	}
	response, err := http.DefaultClient.Do(r)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if err == nil && response.StatusCode != http.StatusOK {
		err = fmt.Errorf("%s %s: %d %s", method, address, response.StatusCode, text)
	}
	if err != nil || into == nil {
		return err
	}
	return json.Unmarshal(text, into)
}

// measureOpenForks has as many forks as there may be, each used once.
func measureOpenForks(s *testbench.Sandbox) error {
	server := httptest.NewServer(s)
	defer server.Close()
	resident := func() float64 { return memoryOf(os.Getpid(), "VmRSS:") }
	before := resident()
	for range testbench.DefaultMaxForks {
		f, err := s.Create(context.Background(), testbench.ForkInput{})
		if err != nil {
			return err
		}
		if err := ask(nil, "GET", server.URL+"/_sandbox/shops/"+f.Name, "", nil); err != nil {
			return err
		}
	}
	fmt.Printf("memory with %d forks: %.0f MiB (%s), %.1f MiB a fork; at most %.0f MiB so far\n", testbench.DefaultMaxForks, resident(),
		within(resident(), forksMemory), (resident()-before)/testbench.DefaultMaxForks, memoryOf(os.Getpid(), "VmHWM:"))
	return nil
}
