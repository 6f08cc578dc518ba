package api

import (
	"bytes"
	"context"
	stdlog "log"
	"log/slog"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/taphoa/taphoa"
)

// HTTPServer returns a server of a handler. A connection may take 10 s for the head of a request, 60 s for all of it,
// 90 s until the answer is read, and 120 s between two requests; a head may have 64 KiB.
func HTTPServer(handler http.Handler, log *slog.Logger) *http.Server {
	return &http.Server{
		Handler:           closing(handler),
		ReadHeaderTimeout: 10 * time.Second,
		ReadTimeout:       60 * time.Second,
		WriteTimeout:      90 * time.Second,
		IdleTimeout:       120 * time.Second,
		MaxHeaderBytes:    64 << 10,
		ErrorLog:          stdlog.New(serverLog{log}, "", 0),

		DisableGeneralOptionsHandler: true, // OPTIONS * is refused like any other unknown path
	}
}

// serverLog logs what package net/http reports.
type serverLog struct{ log *slog.Logger }

// Write logs a line: at level debug if a client has begun TLS wrongly or not at all, which on a public address happens all day.
func (l serverLog) Write(line []byte) (int, error) {
	level := slog.LevelWarn
	if bytes.HasPrefix(line, []byte("http: TLS handshake error")) {
		level = slog.LevelDebug
	}
	l.log.Log(context.Background(), level, strings.TrimSuffix(string(line), "\n"))
	return len(line), nil
}

// closing ends the connection after a request that a proxy in front may take to end elsewhere, so that nothing behind it is
// read as the next one: net/http accepts Content-Length beside Transfer-Encoding, and ignores Transfer-Encoding in HTTP/1.0.
// It hides both from handlers, and RFC 9112 (6.1) wants the connection closed.
func closing(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if len(r.TransferEncoding) > 0 || !r.ProtoAtLeast(1, 1) {
			w.Header().Set("Connection", "close")
		}
		next.ServeHTTP(w, r)
	})
}

// decisive are the headers of which only the first is read; others that are read have lists, or refuse a second one.
var decisive = []string{"Authorization", "Retailer", "Partner", "Content-Type", "Content-Encoding"}

// unambiguous refuses a decisive header that is sent with two values: a proxy may have looked at the other one.
func unambiguous(h http.Header) error {
	for _, name := range decisive {
		if values := h[name]; len(values) > 1 && slices.ContainsFunc(values, func(v string) bool { return v != values[0] }) {
			return taphoa.Unreadable(name, "Tiêu đề %s được gửi nhiều lần với giá trị khác nhau, chỉ gửi một lần", name)
		}
	}
	return nil
}
