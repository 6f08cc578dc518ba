package api

import (
	"time"

	"github.com/taphoa/taphoa/internal/requestlog"
)

const pathNoted = 4 << 10 // bytes

// note keeps a request of a known shop in the log that its people look at.
func (s *Server) note(c *call, id string, took time.Duration) {
	if c.who.Retailer == 0 || !s.options.Requests.Wants(c.r.Method, c.status) {
		return
	}
	from, _ := address(c.r.RemoteAddr)
	path := c.r.URL.RequestURI()
	e := requestlog.Entry{
		At: s.db.Now(), ClientID: c.who.ClientID, UserID: c.who.User, Address: from.String(), RequestID: id, Method: c.r.Method,
		Path: path[:min(len(path), pathNoted)], Operation: c.operation(), Status: int64(c.status), TookUS: took.Microseconds(), Body: c.body,
	}
	if c.refusal != nil {
		e.Code, e.Sentence = c.refusal.Code, c.refusal.Message
	}
	s.options.Requests.Note(c.who.Retailer, e)
}
