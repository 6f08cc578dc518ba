package main

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"strings"
	"sync"
	"testing"
)

// process is the program in a process of its own, which can be killed as a power cut does.
type process struct {
	*testing.T
	command *exec.Cmd
	base    string
}

func (t terminal) start(args ...string) *process {
	t.Helper()
	p := &process{T: t.T, command: exec.Command(os.Args[0], append([]string{"serve", "--addr=127.0.0.1:0", "--database", t.database}, args...)...)}
	p.command.Env = append(os.Environ(), asProgram+"=1", "TAPHOA_LANG=en")
	out, err := p.command.StdoutPipe()
	if err == nil {
		err = p.command.Start()
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = p.command.Process.Kill() })
	line, err := bufio.NewReader(out).ReadString('\n')
	base, ok := strings.CutPrefix(strings.TrimSpace(line), "taphoa is listening on ")
	if !ok {
		t.Fatalf("the program says %q (%v)", line, err)
	}
	p.base = base
	return p
}

// kill kills the program.
func (p *process) kill() {
	p.Helper()
	if err := p.command.Process.Kill(); err != nil {
		p.Fatal(err)
	}
	if exit := (*exec.ExitError)(nil); !errors.As(p.command.Wait(), &exit) || exit.Exited() {
		p.Fatal("the program was not killed")
	}
}

// write sends a write with a key; without a response the status is 0.
func (p *process) write(token, key, path, body string) (status int, answer string, replayed bool) {
	r, err := http.NewRequest(http.MethodPost, p.base+path, strings.NewReader(body))
	if err != nil {
		p.Error(err)
		return 0, "", false
	}
	r.Header.Set("Authorization", "Bearer "+token)
	r.Header.Set("Retailer", "abc")
	r.Header.Set("Idempotency-Key", key)
	a, err := http.DefaultClient.Do(r)
	if err != nil {
		return 0, "", false
	}
	defer a.Body.Close()
	text, err := io.ReadAll(a.Body)
	if err != nil {
		return 0, "", false
	}
	return a.StatusCode, string(text), a.Header.Get("Idempotency-Replayed") == "true"
}

// TestAWriteIsDoneOnceAcrossAKill kills the program right after a response, and once more during concurrent writes, and
// sends all writes again.
func TestAWriteIsDoneOnceAcrossAKill(t *testing.T) {
	eachEngine(t, func(t terminal) {
		t.do("shop", "create", "abc", "ABC")
		id, secret := t.client("create", "--name", "Web")
		p := t.start()
		token := (&server{terminal: t, base: p.base}).token(id, secret)

		status, first, _ := p.write(token, "đơn 1", "/customers", `{"name":"Chị Hoa"}`)
		p.kill()
		if status != http.StatusOK {
			t.Fatal(status, first)
		}
		p = t.start()
		status, again, replayed := p.write(token, "đơn 1", "/customers", `{"name":"Chị Hoa"}`)
		if status != http.StatusOK || again != first || !replayed {
			t.Errorf("after the kill: %d %s (replayed: %v), before it: %s", status, again, replayed, first)
		}

		const clients, writes, killAfter = 8, 40, 100
		var (
			mu    sync.Mutex
			heard = map[string]string{} // the responses by key
			group sync.WaitGroup
		)
		sendAll := func(answered func(count int)) {
			for n := range clients {
				group.Go(func() {
					for i := range writes {
						key := fmt.Sprintf("khách %d-%d", n, i)
						status, answer, _ := p.write(token, key, "/customers", fmt.Sprintf(`{"name":%q}`, key))
						if status == 0 {
							return
						}
						mu.Lock()
						if before, known := heard[key]; known && before != answer || status != http.StatusOK {
							t.Errorf("%s: %d %s, before the kill: %s", key, status, answer, before)
						}
						heard[key] = answer
						answered(len(heard))
						mu.Unlock()
					}
				})
			}
			group.Wait()
		}
		sendAll(func(count int) {
			if count == killAfter {
				_ = p.command.Process.Kill() // while other clients write
			}
		})
		_ = p.command.Wait()
		answered := len(heard)
		p = t.start()
		sendAll(func(int) {})

		var page struct{ Total int }
		caller{t.T, p.base, "abc", token}.must(http.MethodGet, "/customers?name="+url.QueryEscape("khách"), "", &page)
		if page.Total != clients*writes || answered == clients*writes {
			t.Errorf("%d customers of %d keys, %d of which were answered before the kill", page.Total, clients*writes, answered)
		}
	})
}
