package requestlog

import "context"

// Prune removes what Run removes every minute.
func (l *Log) Prune(ctx context.Context) error { return l.prune(ctx) }

// Clean is a text as it is stored.
func Clean(text string) string { return clean(text, bodyMax) }

const (
	BodyMax = bodyMax
	Waiting = waiting
)
