package api

import (
	"encoding/binary"
	"hash/crc32"
	"net/http"
	"strconv"
	"strings"
	"sync"

	"github.com/klauspost/compress/flate"
)

// zipMin is how long an answer must be for gzip to be worth it.
const zipMin = 1 << 10

var zipHead = []byte{0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 4, 0xff} // deflate, no name, no time, fastest, no system

var zippers = sync.Pool{New: func() any {
	w, _ := flate.NewWriter(nil, flate.BestSpeed) // the level is one that it knows
	return w
}}

// appender is a writer that appends.
type appender []byte

func (a *appender) Write(p []byte) (int, error) {
	*a = append(*a, p...)
	return len(p), nil
}

// Gzip appends a text in gzip's form (RFC 1952) to dst.
func Gzip(dst, text []byte) []byte {
	out := appender(append(dst, zipHead...))
	w := zippers.Get().(*flate.Writer)
	w.Reset(&out)
	_, _ = w.Write(text) // appending does not fail
	_ = w.Close()
	zippers.Put(w)
	dst = binary.LittleEndian.AppendUint32(out, crc32.ChecksumIEEE(text))
	return binary.LittleEndian.AppendUint32(dst, uint32(len(text)))
}

// TakesGzip reports whether a caller understands gzip.
func TakesGzip(r *http.Request) bool {
	takes := false
	for _, line := range r.Header["Accept-Encoding"] {
		for coding := range strings.SplitSeq(line, ",") {
			name, quality, _ := strings.Cut(coding, ";")
			name = strings.ToLower(strings.TrimSpace(name))
			if name != "gzip" && name != "x-gzip" && name != "*" {
				continue
			}
			_, value, weighed := strings.Cut(quality, "=")
			q, err := strconv.ParseFloat(strings.TrimSpace(value), 64)
			wanted := !weighed || err == nil && q > 0
			if name != "*" {
				return wanted
			}
			takes = wanted
		}
	}
	return takes
}
