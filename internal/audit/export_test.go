package audit

import "context"

// Flush writes what waits, as [Refusals.Run] does from time to time.
func (r *Refusals) Flush(ctx context.Context) { r.flush(ctx, false) }
