package api

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/klauspost/compress/gzip"

	"github.com/taphoa/taphoa"
	"github.com/taphoa/taphoa/internal/quota"
	"github.com/taphoa/taphoa/internal/wire"
)

// bodyMax is the largest request body in bytes, packed and unpacked.
const bodyMax = 4 << 20

// What requests may take in memory, in bytes. The usual one takes a few KiB and asks for nothing. Larger ones take what
// they may need at most, until they are answered: with what is not counted, and with what the garbage collector has not
// yet taken back, the process stays below 300 MiB.
const (
	bodyFree    = 64 << 10  // of a body while it is read
	decodedFree = 256 << 10 // of a request by [wire.Weight]

	memoryMax   = 96 << 20 // for bodies that are being read, and again for requests that are being worked on
	memoryShare = 72 << 20 // of it for one client, enough for two of the heaviest requests
)

// budgetWait is how long a request waits for its share.
const budgetWait = 5 * time.Second

// what is bounded, as keys of quotas.
type (
	everybody struct{}
	clientKey struct{ id string }
)

func memoryLimits(c *call) []quota.Limit {
	return []quota.Limit{{Key: everybody{}, Max: memoryMax}, {Key: clientKey{c.who.ClientID}, Max: memoryShare}}
}

// claim waits for memory to work on a request.
func (s *Server) claim(c *call, bytes int64) error {
	if bytes <= decodedFree {
		return nil
	}
	ctx, cancel := context.WithTimeout(c.r.Context(), budgetWait)
	defer cancel()
	var err error
	if c.memory, err = s.decoded.Wait(ctx, bytes, memoryLimits(c)...); err != nil && c.r.Context().Err() == nil {
		err = errBusy(c.w)
	}
	return err
}

// errBusy asks a caller to come again, since others have what the request needs.
func errBusy(w http.ResponseWriter) error {
	w.Header().Set("Retry-After", "1")
	return &taphoa.Error{
		Kind: taphoa.KindLimited, Code: taphoa.CodeRateLimited,
		Message: "Hệ thống đang xử lý quá nhiều yêu cầu lớn, hãy thử lại sau giây lát hoặc gửi ít dòng hơn trong mỗi yêu cầu",
	}
}

// readBody appends the request's body to b, unpacked if it came in gzip's form, and takes the memory that its decoding
// may need. The limit of its length holds for both forms.
func (s *Server) readBody(c *call, b []byte) ([]byte, error) {
	if c.r.Body == nil || c.r.ContentLength == 0 {
		return b, nil
	}
	if n := c.r.ContentLength; n > bodyMax {
		// Who sends before reading, as a proxy, sees a reset instead of the answer unless a body that is near the bound is read.
		if n <= 2*bodyMax && c.r.Header.Get("Expect") == "" {
			_, _ = io.Copy(io.Discard, c.r.Body)
		}
		return b, errTooLarge
	}
	coding := strings.ToLower(c.r.Header.Get("Content-Encoding"))
	switch coding {
	case "", "identity", "gzip", "x-gzip":
	default:
		return b, taphoa.Unreadable("Content-Encoding", "Content-Encoding phải là gzip, hoặc không gửi tiêu đề này")
	}
	var (
		held *quota.Claim
		err  error
	)
	if strings.HasSuffix(coding, "gzip") {
		packed := buffers.Get().(*[]byte)
		defer release(packed)
		if *packed, held, err = s.receive(c, *packed); err == nil {
			b, err = s.unpack(c, b, *packed)
		}
	} else {
		b, held, err = s.receive(c, b)
	}
	defer held.Release()
	if err != nil {
		return b, err
	}
	if weight := wire.Weight(b); c.memory != nil {
		c.memory.Shrink(weight)
	} else {
		err = s.claim(c, weight)
	}
	return b, err
}

// receive reads the body as it comes. A large one takes memory as it grows, and does not wait for it: callers who send
// slowly must not hold up one another.
func (s *Server) receive(c *call, b []byte) ([]byte, *quota.Claim, error) {
	var held *quota.Claim
	b, err := readAll(http.MaxBytesReader(c.w, c.r.Body, bodyMax), b, func(size int) error {
		if size <= bodyFree {
			return nil
		}
		grown := s.received.Try(int64(size), memoryLimits(c)...)
		if grown == nil {
			return errBusy(c.w)
		}
		held.Release()
		held = grown
		return nil
	})
	return b, held, err
}

// unzippers are used again: a new one takes longer than what it unpacks of a usual body.
var unzippers = sync.Pool{New: func() any { return new(gzip.Reader) }}

// unpack appends what is packed in gzip's form to b. When that grows, it reserves what the largest request may need: its
// size is unknown before the end.
func (s *Server) unpack(c *call, b, packed []byte) ([]byte, error) {
	from := unzippers.Get().(*gzip.Reader)
	defer unzippers.Put(from)
	if err := from.Reset(bytes.NewReader(packed)); err != nil {
		return b, errBody
	}
	return readAll(from, b, func(size int) error {
		if size <= bodyFree || c.memory != nil {
			return nil
		}
		return s.claim(c, wire.WeightMax(bodyMax))
	})
}

// readAll appends to b what can be read, up to the largest body. It asks before it grows to a size.
func readAll(from io.Reader, b []byte, grow func(size int) error) ([]byte, error) {
	for {
		if len(b) == cap(b) {
			size := min(2*cap(b), bodyMax+1)
			if err := grow(size); err != nil {
				return b, err
			}
			b = append(make([]byte, 0, size), b...)
		}
		n, err := from.Read(b[len(b):cap(b)])
		b = b[:len(b)+n]
		if tooLarge := (*http.MaxBytesError)(nil); errors.As(err, &tooLarge) || len(b) > bodyMax {
			return b, errTooLarge
		}
		if errors.Is(err, io.EOF) {
			return b, nil
		}
		if err != nil {
			return b, errBody
		}
	}
}
