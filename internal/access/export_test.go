package access

import "time"

// SetElapsed replaces the clock of the delays.
func (s *Service) SetElapsed(elapsed func() time.Duration) { s.throttle.Elapsed = elapsed }

// BeforeHash sets what runs before a password is hashed, when it is its turn.
func (s *Service) BeforeHash(do func()) { s.hasher.before = do }

// Saved waits until the uses of sessions are written.
func (s *Service) Saved() { s.saving.Wait() }
