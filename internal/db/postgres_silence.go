package db

import (
	"context"
	"net"
	"sync"
	"sync/atomic"
	"time"

	"github.com/jackc/pgx/v5"
)

const (
	// silenceMax is how long an answer is awaited before the server is asked whether it is there.
	silenceMax = time.Second

	silenceEvery = 250 * time.Millisecond
)

// wires are the connections to a server, which may stop answering without closing them: its machine is paused, or a network
// in between is cut.
type wires struct {
	mu  sync.Mutex
	all map[*wire]struct{}
}

// wire is a connection that tells since when an answer is awaited.
type wire struct {
	net.Conn
	of      *wires
	awaited atomic.Int64 // Unix nanoseconds at which reading began; 0: nothing is read
}

func (w *wire) Read(b []byte) (int, error) {
	w.awaited.Store(time.Now().UnixNano())
	defer w.awaited.Store(0)
	return w.Conn.Read(b)
}

func (w *wire) Close() error {
	w.of.mu.Lock()
	delete(w.of.all, w)
	w.of.mu.Unlock()
	return w.Conn.Close()
}

// through has the connections of a dialer watched.
func (w *wires) through(dial func(ctx context.Context, network, addr string) (net.Conn, error)) func(context.Context, string, string) (net.Conn, error) {
	return func(ctx context.Context, network, addr string) (net.Conn, error) {
		conn, err := dial(ctx, network, addr)
		if err != nil {
			return nil, err
		}
		x := &wire{Conn: conn, of: w}
		w.mu.Lock()
		w.all[x] = struct{}{}
		w.mu.Unlock()
		return x, nil
	}
}

// silent returns the connections on which an answer is awaited for longer than silenceMax.
func (w *wires) silent(now time.Time) (list []*wire) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for x := range w.all {
		if at := x.awaited.Load(); at != 0 && now.UnixNano()-at > int64(silenceMax) {
			list = append(list, x)
		}
	}
	return list
}

// watchSilence closes the connections that wait for a server which does not answer on a new one either: what waits there ends as
// if they had broken, instead of waiting until its time is over. A long query has a server that answers others.
func (e *postgres) watchSilence(ctx context.Context) {
	for rest(ctx, silenceEvery) == nil {
		late := e.wires.silent(time.Now())
		if len(late) == 0 || e.answers(ctx) || ctx.Err() != nil {
			continue
		}
		e.db.reading.waited(time.Now())
		e.db.writing.waited(time.Now())
		for _, w := range late {
			_ = w.Close()
		}
	}
}

// answers reports whether the server says anything on a connection of its own.
func (e *postgres) answers(ctx context.Context) bool {
	ctx, cancel := context.WithTimeout(ctx, connectTime)
	defer cancel()
	config := e.pool.Load().Config().ConnConfig
	config.DialFunc = new(net.Dialer).DialContext
	conn, err := pgx.ConnectConfig(ctx, config)
	if err == nil {
		err = conn.Ping(ctx)
		_ = conn.Close(ctx)
	}
	return err == nil || codeOf(err) != ""
}
