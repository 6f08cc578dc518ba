package db

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"errors"
	"io"
	"io/fs"
	"log/slog"
	"os"
)

// dropped is what SQLite ignores at the end of a WAL.
type dropped struct{ frames, bytes int64 }

// walContent is what a WAL has.
type walContent struct {
	salts  []byte // of its generation; nil of an empty one
	frames int64  // up to the last commit
	dropped
}

// warnDropped logs what SQLite is about to ignore in the WAL of a database that no process has open, and what is missing of it.
func warnDropped(database string) {
	file := database + "-wal"
	f, err := os.Open(file)
	var log walContent
	if err == nil {
		log, err = readWAL(f)
		_ = f.Close() // only read
	}
	if errors.Is(err, fs.ErrNotExist) {
		err = nil // the index, if there is one, says whether there should be a WAL
	}
	lost := log.dropped
	if lost.bytes == 0 {
		lost.frames = missingFrames(database+"-shm", log)
	}
	switch {
	case err != nil:
		slog.Warn("the write-ahead log could not be examined", "file", file, "error", err) // SQLite says what that means
	case lost.bytes > 0:
		slog.Warn("the end of the write-ahead log is ignored: a write that a crash has cut short, or damage, and then the newest writes are missing",
			"file", file, "frames", lost.frames, "bytes", lost.bytes)
	case lost.frames > 0:
		slog.Warn("the end of the write-ahead log is missing, and with it the newest writes", "file", file, "frames", lost.frames)
	}
}

// missingFrames is how many frames a process that was killed had committed beyond those that the WAL has. Its index, which
// such a process leaves, counts them (https://sqlite.org/walformat.html#the_wal_index_file_format). One that belongs to another
// generation, or was written before a power cut, says nothing.
func missingFrames(file string, log walContent) int64 {
	const size, inited, last, salts, copied = 100, 12, 16, 32, 96 // bytes, and where its members are
	index, err := os.Open(file)
	if err != nil {
		return 0
	}
	defer index.Close()
	head := make([]byte, size)
	if _, err := io.ReadFull(index, head); err != nil || head[inited] == 0 {
		return 0
	}
	count := int64(binary.NativeEndian.Uint32(head[last:]))
	if log.salts == nil && count > int64(binary.NativeEndian.Uint32(head[copied:])) || bytes.Equal(head[salts:salts+8], log.salts) {
		return max(0, count-log.frames)
	}
	return 0
}

// walSum is the checksum of a WAL, which each frame continues.
type walSum struct {
	order binary.ByteOrder
	a, b  uint32
}

func (s *walSum) add(data []byte) {
	a, b := s.a, s.b
	if s.order == binary.LittleEndian {
		for ; len(data) >= 8; data = data[8:] {
			a += binary.LittleEndian.Uint32(data) + b
			b += binary.LittleEndian.Uint32(data[4:]) + a
		}
	} else {
		for ; len(data) >= 8; data = data[8:] {
			a += binary.BigEndian.Uint32(data) + b
			b += binary.BigEndian.Uint32(data[4:]) + a
		}
	}
	s.a, s.b = a, b
}

// is reports whether the checksum is the one that is stored.
func (s *walSum) is(stored []byte) bool {
	return s.a == binary.BigEndian.Uint32(stored) && s.b == binary.BigEndian.Uint32(stored[4:])
}

const (
	walHeader   = 32         // bytes
	frameHeader = 24         // bytes
	walMagic    = 0x377f0682 // with 1 added, the checksums are big-endian
)

// readWAL counts what follows the last commit that SQLite takes from a WAL (https://sqlite.org/fileformat2.html#walformat), but for
// frames of earlier generations, which a WAL that was started from its beginning has behind the new ones. A frame is
// read at a time.
func readWAL(f io.Reader) (log walContent, err error) {
	in := bufio.NewReaderSize(f, 1<<18)
	var head [walHeader]byte
	n, err := io.ReadFull(in, head[:])
	if err != nil {
		log.bytes = int64(n)
		return log, atEnd(err) // an empty one is that of a database that was closed, or just made
	}
	sum := walSum{order: binary.LittleEndian}
	magic, size := binary.BigEndian.Uint32(head[:]), int64(binary.BigEndian.Uint32(head[8:]))
	if magic&1 != 0 {
		sum.order = binary.BigEndian
	}
	sum.add(head[:24])
	if magic&^1 != walMagic || size < 512 || size > 65_536 || size&(size-1) != 0 || !sum.is(head[24:]) {
		rest, err := io.Copy(io.Discard, in)
		log.bytes = walHeader + rest
		return log, err
	}
	log.salts = head[16:24]
	generation, salt := binary.BigEndian.Uint32(head[12:]), binary.BigEndian.Uint32(head[16:])
	frame := make([]byte, frameHeader+size)
	for valid, read := true, int64(1); ; read++ {
		n, err := io.ReadFull(in, frame)
		whole := err == nil
		if valid = valid && whole && [8]byte(frame[8:16]) == [8]byte(log.salts) && binary.BigEndian.Uint32(frame) != 0; valid {
			sum.add(frame[:8])
			sum.add(frame[frameHeader:])
			valid = sum.is(frame[16:])
		}
		// Each generation has a salt that is higher by one.
		age := salt - binary.BigEndian.Uint32(frame[8:])
		switch {
		case valid && binary.BigEndian.Uint32(frame[4:]) != 0: // a commit
			log.frames, log.dropped = read, dropped{}
		case n >= 12 && age >= 1 && age <= generation:
		default:
			log.bytes += int64(n)
			if whole {
				log.dropped.frames++
			}
		}
		if !whole {
			return log, atEnd(err)
		}
	}
}

// atEnd returns nil for the errors of a file that ends.
func atEnd(err error) error {
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return nil
	}
	return err
}
