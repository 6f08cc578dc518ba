package main

import (
	"bufio"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
)

func listen() (net.Listener, error) { return net.Listen("tcp", "127.0.0.1:0") }

// result is the result of a measurement.
type result struct {
	answers  int
	rate     float64 // responses a second
	p50, p99 time.Duration
	bytes    int
	seconds  []second
	sample   []byte // the body of one response
}

func (r result) String() string {
	return fmt.Sprintf("%.0f/s (p50 %v, p99 %v)", r.rate, r.p50.Round(10*time.Microsecond), r.p99.Round(10*time.Microsecond))
}

// nextRequest returns a connection's next request. last is the body of the response before it, nil for the first.
type nextRequest = func(random *rand.Rand, last []byte) []byte

// drive sends requests on all connections for a while, each after the response to the last one. It writes HTTP itself:
// on two processors net/http's client would use a third of what is measured.
func drive(base string, duration time.Duration, next nextRequest) (result, error) {
	address := strings.TrimPrefix(base, "http://")
	if _, err := runConnection(address, 300*time.Millisecond, rand.New(rand.NewPCG(0, 0)), next); err != nil { // warm up
		return result{}, err
	}
	return driveCold(base, *connections, duration, func(int) nextRequest { return next })
}

// driveCold is [drive] without warming up, with the requests of each connection.
func driveCold(base string, connections int, duration time.Duration, next func(connection int) nextRequest) (result, error) {
	address := strings.TrimPrefix(base, "http://")
	var (
		group sync.WaitGroup
		mu    sync.Mutex
		all   []time.Duration
		each  []connectionResult
		out   result
		fault error
	)
	begin := time.Now()
	for i := range connections {
		group.Go(func() {
			r, err := runConnection(address, duration, rand.New(rand.NewPCG(7, uint64(i))), next(i))
			mu.Lock()
			defer mu.Unlock()
			each = append(each, r)
			all, out.sample, out.bytes = append(all, r.took...), r.sample, len(r.sample)
			if err != nil {
				fault = err
			}
		})
	}
	group.Wait()
	took := time.Since(begin)
	if fault != nil {
		return out, fault
	}
	slices.Sort(all)
	out.answers = len(all)
	out.rate = float64(len(all)) / took.Seconds()
	out.seconds = bySecond(begin, each)
	out.p50, out.p99 = all[len(all)/2], all[len(all)*99/100]
	return out, nil
}

// second is the result of one second of a measurement.
type second struct {
	answers  int
	p50, p99 time.Duration
}

// bySecond groups responses by the second in which they arrived.
func bySecond(begin time.Time, all []connectionResult) (seconds []second) {
	var took [][]time.Duration
	for _, t := range all {
		at := t.begin.Sub(begin)
		for _, d := range t.took {
			at += d
			for int(at/time.Second) >= len(took) {
				took = append(took, nil)
			}
			took[at/time.Second] = append(took[at/time.Second], d)
		}
	}
	for _, d := range took {
		if len(d) == 0 {
			seconds = append(seconds, second{})
			continue
		}
		slices.Sort(d)
		seconds = append(seconds, second{len(d), d[len(d)/2], d[len(d)*99/100]})
	}
	return seconds
}

type connectionResult struct {
	begin  time.Time
	took   []time.Duration
	sample []byte
}

// runConnection sends requests on one connection for the duration.
func runConnection(address string, duration time.Duration, random *rand.Rand, next nextRequest) (t connectionResult, err error) {
	conn, err := net.Dial("tcp", address)
	if err != nil {
		return t, err
	}
	defer conn.Close()
	t.begin = time.Now()
	in := bufio.NewReaderSize(conn, 64<<10)
	for end := time.Now().Add(duration); time.Now().Before(end); {
		request := next(random, t.sample)
		begin := time.Now()
		if _, err := conn.Write(request); err != nil {
			return t, err
		}
		if t.sample, err = readResponse(in, t.sample[:0]); err != nil {
			return t, err
		}
		t.took = append(t.took, time.Since(begin))
	}
	return t, nil
}

// readResponse reads one response with status 200 and a Content-Length.
func readResponse(in *bufio.Reader, body []byte) ([]byte, error) {
	length, status := -1, ""
	for {
		line, err := in.ReadSlice('\n')
		if err != nil {
			return body, err
		}
		text := strings.TrimRight(string(line), "\r\n")
		if status == "" {
			status = text
			continue
		}
		if text == "" {
			break
		}
		if name, value, _ := strings.Cut(text, ":"); strings.EqualFold(name, "Content-Length") {
			if length, err = strconv.Atoi(strings.TrimSpace(value)); err != nil {
				return body, err
			}
		}
	}
	if length < 0 {
		return body, fmt.Errorf("an answer without Content-Length: %s", status)
	}
	body = slices.Grow(body, length)[:length]
	if _, err := io.ReadFull(in, body); err != nil {
		return body, err
	}
	if !strings.Contains(status, " 200 ") {
		return body, fmt.Errorf("%s: %.300s", status, body)
	}
	return body, nil
}
