package testbench

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"regexp"
	"sync"
	"time"
)

// hooks is what the webhooks of a fork go through: rules have some come late, doubled, in another order, or not at all. The fork takes
// those for delivered.
type hooks struct {
	ctx     context.Context // of the fork's server: what is still held when it ends is lost
	fork    *Fork
	network http.RoundTripper

	mu    sync.Mutex
	held  *http.Request // comes after the next one
	until *time.Timer   // it waits for that
}

// hookTime bounds a request that is made after the deliverer has gone on.
const hookTime = 5 * time.Second

// reorderTime is how long a webhook waits for the one that is to come before it.
const reorderTime = 3 * time.Second

// actionPattern finds the type of the first event in a body: its Action is the type, a dot and the shop's number, or the type alone.
var actionPattern = regexp.MustCompile(`"Action"\s*:\s*"([a-z]+\.[a-z]+)`)

// RoundTrip implements [http.RoundTripper].
func (h *hooks) RoundTrip(r *http.Request) (*http.Response, error) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return nil, err
	}
	again := func() *http.Request {
		copied := r.Clone(context.WithoutCancel(r.Context()))
		copied.Body = io.NopCloser(bytes.NewReader(body))
		return copied
	}
	kind := ""
	if found := actionPattern.FindSubmatch(body); found != nil {
		kind = string(found[1])
	}
	fault, wait := "", time.Duration(0)
	if rule := h.fork.faults.ofHook(kind); rule != nil {
		fault, wait = rule.Fault, time.Duration(rule.Milliseconds)*time.Millisecond
	}
	if fault == "reorder" && h.hold(again()) {
		return taken(r), nil
	}
	defer h.release()
	switch fault {
	case "late":
		late := again()
		time.AfterFunc(wait, func() { h.send(late) })
		return taken(r), nil
	case "lose":
		return taken(r), nil
	case "double":
		h.send(again())
	}
	return h.network.RoundTrip(again().WithContext(r.Context()))
}

// hold keeps a request until another one was made, or for [reorderTime]. It reports false if one is kept already: that is the one to
// come later.
func (h *hooks) hold(r *http.Request) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.held != nil {
		return false
	}
	h.held, h.until = r, time.AfterFunc(reorderTime, h.release)
	return true
}

// release sends the request that is kept, if there is one.
func (h *hooks) release() {
	h.mu.Lock()
	held, until := h.held, h.until
	h.held = nil
	h.mu.Unlock()
	if held != nil {
		until.Stop()
		h.send(held)
	}
}

// send makes a request whose answer no one waits for.
func (h *hooks) send(r *http.Request) {
	if h.ctx.Err() != nil {
		return
	}
	ctx, cancel := context.WithTimeout(r.Context(), hookTime)
	defer cancel()
	defer context.AfterFunc(h.ctx, cancel)()
	if response, err := h.network.RoundTrip(r.WithContext(ctx)); err == nil {
		_, _ = io.Copy(io.Discard, io.LimitReader(response.Body, 64<<10))
		_ = response.Body.Close()
	}
}

// taken is what the fork takes for the answer of a receiver.
func taken(r *http.Request) *http.Response {
	return &http.Response{
		Status: "200 OK", StatusCode: http.StatusOK, Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
		Header: http.Header{}, Body: http.NoBody, Request: r,
	}
}
