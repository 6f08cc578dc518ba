package api

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"time"

	"github.com/taphoa/taphoa/internal/db"
	"github.com/taphoa/taphoa/internal/schema"
)

// readyTime bounds how long the database may take to say that it is there.
const readyTime = 5 * time.Second

// unready is why requests would fail now, in words for the reader of /readyz, and its cause. It is empty when
// they would not.
func (s *Server) unready(ctx context.Context) (reason string, err error) {
	ctx, cancel := context.WithTimeout(ctx, readyTime)
	defer cancel()
	var pending []string
	err = s.db.Read(ctx, db.Actor{Probe: true}, func(tx *db.Tx) (err error) {
		pending, err = schema.Pending(tx)
		return err
	})
	switch {
	case errors.Is(err, db.ErrDamaged), err == nil && s.db.Damage() != nil:
		return "the database is damaged, run taphoa check and restore a backup", s.db.Damage()
	case errors.Is(err, db.ErrUnavailable), errors.Is(err, context.DeadlineExceeded), errors.Is(err, db.ErrClosed):
		return "the database does not answer", err
	case err != nil:
		return "the database cannot be read", err
	case len(pending) > 0:
		return "migrations are missing, run taphoa migrate: " + strings.Join(pending, ", "), nil
	}
	switch err = s.db.Writable(ctx); {
	case errors.Is(err, db.ErrStorage):
		return "the database cannot be written, its disk is full or fails", err
	case err != nil:
		return "the database cannot be written, it is held by another program or does not answer", err
	}
	return "", nil
}

// ready serves /readyz. It logs a line when the answer changes, not one for each request.
func (s *Server) ready(w http.ResponseWriter, r *http.Request) {
	reason, err := s.unready(r.Context())
	if r.Context().Err() != nil {
		return // no one waits for it
	}
	switch was := s.notReady.Swap(&reason); {
	case was != nil && *was == reason:
	case reason != "":
		s.log.Error("not ready", "reason", reason, "error", err)
	case was != nil:
		s.log.Info("ready again")
	}
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.Header().Set("Cache-Control", "no-store")
	if reason != "" {
		w.WriteHeader(http.StatusServiceUnavailable)
		_, _ = w.Write([]byte("not ready: " + reason + "\n"))
		return
	}
	_, _ = w.Write([]byte("ready\n"))
}
