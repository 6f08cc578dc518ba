package api

import (
	"net/http"
	"strconv"
	"strings"

	"github.com/cespare/xxhash/v2"

	"github.com/taphoa/taphoa"
	"github.com/taphoa/taphoa/internal/db"
)

// tagged is the ETag of an answer: of what it says, without a page's timestamp, so that a list that has not changed is
// not sent again when something else in the shop has. It is a weak one, because answers with the same tag may differ in
// their timestamp and in gzip's form.
func (e *endpoint) tagged(answer []byte) string {
	from, to := len(answer), len(answer)
	if e.stamped {
		from, to = stampIn(answer)
	}
	return tagOf(answer[:from], answer[to:])
}

// tagOf is a weak ETag of a text that comes in parts.
func tagOf(parts ...[]byte) string {
	var sum xxhash.Digest
	sum.Reset()
	for _, part := range parts {
		_, _ = sum.Write(part)
	}
	b := append(make([]byte, 0, 20), `W/"`...)
	return string(append(strconv.AppendUint(b, sum.Sum64(), 36), '"'))
}

// names reports whether a list of tags, as If-Match and If-None-Match have it, has this one. W/ makes no difference:
// proxies that compress put it before every tag.
func names(lines []string, tag string) bool {
	opaque := strings.TrimPrefix(tag, "W/")
	for _, line := range lines {
		for one := range strings.SplitSeq(line, ",") {
			if one = strings.TrimSpace(one); one == "*" || strings.TrimPrefix(one, "W/") == opaque {
				return true
			}
		}
	}
	return false
}

// unchanged answers that the caller has the answer already, if it has.
func (c *call) unchanged(tag []string) bool {
	h := c.w.Header()
	h["Etag"] = tag
	if wants := c.r.Header["If-None-Match"]; wants == nil || !names(wants, tag[0]) {
		return false
	}
	if h["Vary"] == nil {
		h["Vary"] = varyEncoding
	}
	c.status = http.StatusNotModified
	c.w.WriteHeader(c.status)
	return true
}

var errNothingToMatch = &taphoa.Error{
	Kind: taphoa.KindStale, Code: "PreconditionFailed", Field: "If-Match",
	Message: "Đường dẫn này không đọc được bằng GET nên không có gì để so với If-Match, hãy bỏ tiêu đề If-Match",
}

var errStale = &taphoa.Error{
	Kind: taphoa.KindStale, Code: "PreconditionFailed", Field: "If-Match",
	Message: "Dữ liệu đã thay đổi từ lúc bạn đọc (không khớp If-Match), hãy đọc lại rồi gửi lại thay đổi",
}

// match compares what GET would answer at the same address with the request's If-Match.
func (s *Server) match(tx *db.Tx, c *call) error {
	shown := c.found[http.MethodGet]
	if shown == nil || shown.look == nil {
		return errNothingToMatch
	}
	tag, err := shown.look(s, tx, c)
	if err == nil && !names(c.r.Header["If-Match"], tag) {
		err = errStale
	}
	return err
}
