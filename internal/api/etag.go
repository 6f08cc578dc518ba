package api

import (
	"encoding/binary"
	"net/http"
	"strconv"
	"strings"

	"github.com/cespare/xxhash/v2"

	"github.com/taphoa/taphoa"
	"github.com/taphoa/taphoa/internal/db"
	"github.com/taphoa/taphoa/internal/right"
	"github.com/taphoa/taphoa/internal/wire"
)

// unstamped is what the ETag of an answer is made of: what it says, without a page's timestamp, so that a list that has not
// changed is not sent again when something else in the shop has.
func (e *endpoint) unstamped(answer []byte) [][]byte {
	if !e.hasTimestamp {
		return [][]byte{answer}
	}
	from, to := stampIn(answer)
	return [][]byte{answer[:from], answer[to:]}
}

// taggedTexts is the ETag of a page of texts: of their hashes, and of what the page says beside them.
func (e *endpoint) taggedTexts(form wire.Form, page *wire.TextPage) string {
	around := page.Page
	around.Data = []wire.Raw{}
	sums := make([]byte, 0, 8*len(page.Sums))
	for _, sum := range page.Sums {
		sums = binary.LittleEndian.AppendUint64(sums, sum)
	}
	return tagOf(form, append(e.unstamped(wire.AppendAs(nil, &around, form)), sums)...)
}

// tagOf is the ETag of a text that comes in fragments, in a form. It is a weak one, because answers with the same tag may
// differ in their timestamp and in gzip's form.
func tagOf(form wire.Form, parts ...[]byte) string {
	var sum xxhash.Digest
	sum.ResetWithSeed(uint64(form.View))
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

// unchanged responds that the caller has the answer already, if it has.
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
	shown := c.methods[http.MethodGet]
	if shown == nil || shown.ask == nil {
		return errNothingToMatch
	}
	if actor := tx.Actor(); !actor.Held.Somewhere().Has(shown.needs) { // a tag that fits would tell what is there
		return right.Lack(shown.needs, 0)
	}
	read, err := shown.ask(s, c)
	if err != nil {
		return err
	}
	write, err := read(tx)
	if err != nil {
		return err
	}
	if _, tag := write(nil); !names(c.r.Header["If-Match"], tag) {
		return errStale
	}
	return nil
}
