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

// packed is a text in gzip's form (RFC 1952) but for its end, so that a page's timestamp can follow what is kept.
type packed struct {
	data  []byte
	check uint32 // CRC-32 of the text
	size  uint32
}

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

// pack appends a text in gzip's form to dst.
func pack(dst, text []byte) packed {
	out := appender(append(dst, zipHead...))
	w := zippers.Get().(*flate.Writer)
	w.Reset(&out)
	_, _ = w.Write(text) // appending does not fail
	_ = w.Flush()        // to the edge of a byte
	zippers.Put(w)
	return packed{out, crc32.ChecksumIEEE(text), uint32(len(text))}
}

// end appends a tail of less than 64 KiB to dst, as it is, and what ends the packed text.
func (p *packed) end(dst, tail []byte) []byte {
	length := uint16(len(tail))
	dst = append(dst, 1) // the last block, and not compressed
	dst = binary.LittleEndian.AppendUint16(dst, length)
	dst = binary.LittleEndian.AppendUint16(dst, ^length)
	dst = append(dst, tail...)
	dst = binary.LittleEndian.AppendUint32(dst, crc32.Update(p.check, crc32.IEEETable, tail))
	return binary.LittleEndian.AppendUint32(dst, p.size+uint32(len(tail)))
}

// takesZip reports whether a caller understands gzip.
func takesZip(r *http.Request) bool {
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
