package oauth

import "time"

// SetElapsed replaces the clock of the delays.
func (s *Service) SetElapsed(elapsed func() time.Duration) { s.throttle.Elapsed = elapsed }

// Cached reports whether a client is in the cache.
func (s *Service) Cached(clientID string) bool {
	_, ok := s.clients.get(clientID)
	return ok
}
