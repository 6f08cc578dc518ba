package mail

import "time"

// BeRemote treats a server on loopback like any other.
func (s *Server) BeRemote() { s.plain = false }

// Within gives the server less time.
func (s *Server) Within(limit time.Duration) { s.limit = limit }

// Address returns host and port.
func (s *Server) Address() string { return s.address() }
