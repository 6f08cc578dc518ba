package access

import (
	"time"

	"github.com/alexedwards/argon2id"
)

// Production are the parameters of hashes; tests use cheaper ones.
var Production = params

// SetParams replaces the parameters of hashes.
func SetParams(p argon2id.Params) { params = p }

// SetElapsed replaces the clock of the delays.
func (s *Service) SetElapsed(elapsed func() time.Duration) {
	s.throttle.Elapsed, s.asking.Elapsed = elapsed, elapsed
}

// BeforeHash sets what runs before a password is hashed, when it is its turn.
func (s *Service) BeforeHash(do func()) { s.hasher.before = do }

// Saved waits until the uses of sessions are written.
func (s *Service) Saved() { s.saving.Wait() }
