package api

import (
	"context"
	"log/slog"
	"net/http"
	"time"
)

// What a line of the access log takes over from a request, at most, in bytes.
const (
	methodShown = 20
	pathShown   = 500
)

// counted counts what is written, for the access log.
type counted struct {
	http.ResponseWriter
	head   bool // no body is sent, whatever is written
	status int
	bytes  int64
}

// WriteHeader notes the status of the answer.
func (w *counted) WriteHeader(status int) {
	if w.status == 0 {
		w.status = status
	}
	w.ResponseWriter.WriteHeader(status)
}

// Write counts the bytes of the answer.
func (w *counted) Write(b []byte) (int, error) {
	if w.status == 0 {
		w.status = http.StatusOK
	}
	n, err := w.ResponseWriter.Write(b)
	if !w.head {
		w.bytes += int64(n)
	}
	return n, err
}

// Unwrap lets a stream flush.
func (w *counted) Unwrap() http.ResponseWriter { return w.ResponseWriter }

// access writes a request's line of the access log. What a query says is left out: clients put secrets there.
func (s *Server) access(w *counted, c *call, path, id, peer string, took time.Duration) {
	level := slog.LevelDebug
	if s.options.AccessLog {
		level = slog.LevelInfo
	}
	attributes := []slog.Attr{
		slog.String("method", c.r.Method[:min(len(c.r.Method), methodShown)]), slog.String("path", path[:min(len(path), pathShown)]),
		slog.String("operation", c.operation()),
		slog.Int("status", w.status), slog.Int64("bytes", w.bytes), slog.Duration("took", took),
		slog.String("client", c.who.ClientID), slog.String("shop", c.who.RetailerCode), slog.String("id", id), slog.String("remote", c.r.RemoteAddr),
	}
	if peer != "" {
		attributes = append(attributes, slog.String("peer", peer))
	}
	s.log.LogAttrs(context.WithoutCancel(c.r.Context()), level, "request", attributes...)
}
