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
	fork    *Fork
	network http.RoundTripper

	mu   sync.Mutex
	held []*http.Request // that come after the next one
}

func (f *Fork) through(network http.RoundTripper) http.RoundTripper {
	return &hooks{fork: f, network: network}
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
	rule := h.fork.faults.ofHook(kind)
	switch {
	case rule == nil:
		response, err := h.network.RoundTrip(again().WithContext(r.Context()))
		h.release()
		return response, err
	case rule.Fault == "late":
		late := again()
		time.AfterFunc(time.Duration(rule.Milliseconds)*time.Millisecond, func() { h.send(late) })
	case rule.Fault == "double":
		h.send(again())
		return h.network.RoundTrip(again().WithContext(r.Context()))
	case rule.Fault == "reorder":
		h.mu.Lock()
		h.held = append(h.held, again())
		h.mu.Unlock()
		time.AfterFunc(reorderTime, h.release)
	}
	return taken(r), nil
}

// release sends what came before and was to come later.
func (h *hooks) release() {
	h.mu.Lock()
	held := h.held
	h.held = nil
	h.mu.Unlock()
	for _, r := range held {
		h.send(r)
	}
}

// send makes a request whose answer no one waits for.
func (h *hooks) send(r *http.Request) {
	ctx, cancel := context.WithTimeout(r.Context(), hookTime)
	defer cancel()
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
