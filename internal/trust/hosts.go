package trust

import (
	"errors"
	"fmt"
	"io/fs"
	"net/netip"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strconv"
	"strings"

	"github.com/taphoa/taphoa/internal/message"
)

const (
	endMarker    = "# END taphoa sandbox"
	backupSuffix = ".taphoa-backup"
	byteOrder    = "\ufeff" // some editors of Windows begin a file with it
)

var beginMarker = regexp.MustCompile(`^# BEGIN taphoa sandbox PID=(\d+) START=(\S+)$`)

// HostsFile returns the hosts file of this system.
func HostsFile() string {
	if runtime.GOOS == "windows" {
		return filepath.Join(os.Getenv("SystemRoot"), `System32\drivers\etc\hosts`)
	}
	return "/etc/hosts"
}

// AddHosts lets names lead to some addresses, for all programs of the system, until [RemoveHosts] or the end of this process, after which
// [RemoveLeftovers] does it. The lines are the first ones, since the first line with a name counts.
func AddHosts(file string, addrs []netip.Addr, names []string) error {
	return editHosts(file, func(h *hosts) error {
		h.remove(func(b block) bool { return b.pid == os.Getpid() || b.leftover() })
		if len(h.blocks) > 0 {
			return message.Errorf("another sandbox, the process %d, has lines in %s: end it first", h.blocks[0].pid, file)
		}
		for i, line := range h.lines {
			entry, _, _ := strings.Cut(line, "#")
			fields := strings.Fields(entry)
			for _, name := range names {
				if len(fields) > 0 && slices.ContainsFunc(fields[1:], func(f string) bool { return strings.EqualFold(f, name) }) {
					return message.Errorf("line %d of %s leads %s elsewhere: delete it first", i+1, file, name)
				}
			}
		}
		start, _ := processStart(os.Getpid())
		lines := []string{fmt.Sprintf("# BEGIN taphoa sandbox PID=%d START=%s", os.Getpid(), start)}
		for _, addr := range addrs {
			lines = append(lines, addr.String()+" "+strings.Join(names, " "))
		}
		h.add(append(lines, endMarker)...)
		return nil
	})
}

// Running reports whether there is a process of a number.
func Running(pid int) bool {
	_, alive := processStart(pid)
	return alive
}

// RemoveHosts removes the lines of this process; there may be none.
func RemoveHosts(file string) error {
	return editHosts(file, func(h *hosts) error {
		h.remove(func(b block) bool { return b.pid == os.Getpid() })
		return nil
	})
}

// RemoveLeftovers removes the lines of processes that are gone, which were killed. Its error is a warning: the lines harm no other
// command.
func RemoveLeftovers(file string) error {
	text, err := os.ReadFile(file)
	if err != nil || !strings.Contains(string(text), "# BEGIN taphoa sandbox") {
		return nil //nolint:nilerr // a file that cannot be read has nothing to remove
	}
	return editHosts(file, func(h *hosts) error {
		h.remove(block.leftover)
		return nil
	})
}

// Leftovers returns of how many processes that are gone a hosts file has lines.
func Leftovers(file string) (n int, err error) {
	text, err := os.ReadFile(file)
	if err != nil {
		return 0, nil //nolint:nilerr // a file that cannot be read has nothing to remove
	}
	h, err := parseHosts(file, string(text))
	if err != nil {
		return 0, err
	}
	for _, b := range h.blocks {
		if b.leftover() {
			n++
		}
	}
	return n, nil
}

// hosts is a hosts file. Its lines have their ends.
type hosts struct {
	mark   string // the byte order mark, or ""
	lines  []string
	end    string // of a line
	blocks []block
}

// block are the lines from a marker to another one.
type block struct {
	first, last int
	pid         int
	start       string
}

// leftover reports whether the process of a block is gone.
func (b block) leftover() bool {
	start, alive := processStart(b.pid)
	return !alive || start != b.start
}

func parseHosts(file, text string) (*hosts, error) {
	h := &hosts{end: "\n"}
	if strings.HasPrefix(text, byteOrder) {
		h.mark, text = byteOrder, text[len(byteOrder):]
	}
	if strings.Contains(text, "\r\n") || text == "" && runtime.GOOS == "windows" {
		h.end = "\r\n"
	}
	h.lines = slices.Collect(strings.Lines(text))
	open := -1
	for i, line := range h.lines {
		line = strings.TrimRight(line, "\r\n")
		switch m := beginMarker.FindStringSubmatch(line); {
		case m != nil && open >= 0, line == endMarker && open < 0:
			return nil, message.Errorf("line %d of %s is a marker of a sandbox without its other one: correct the file by hand", i+1, file)
		case m != nil:
			pid, _ := strconv.Atoi(m[1]) // digits
			open = len(h.blocks)
			h.blocks = append(h.blocks, block{first: i, pid: pid, start: m[2]})
		case line == endMarker:
			h.blocks[open].last, open = i, -1
		}
	}
	if open >= 0 {
		return nil, message.Errorf("line %d of %s is a marker of a sandbox without its other one: correct the file by hand", h.blocks[open].first+1, file)
	}
	return h, nil
}

func (h *hosts) add(lines ...string) {
	for i := range lines {
		lines[i] += h.end
	}
	h.lines = append(lines, h.lines...)
}

// remove removes blocks from the last one to the first.
func (h *hosts) remove(gone func(block) bool) {
	for i := len(h.blocks) - 1; i >= 0; i-- {
		if b := h.blocks[i]; gone(b) {
			h.lines = slices.Delete(h.lines, b.first, b.last+1)
			h.blocks = slices.Delete(h.blocks, i, i+1)
		}
	}
}

func (h *hosts) text() string { return h.mark + strings.Join(h.lines, "") }

// editHosts changes a hosts file, with a copy beside it as long as there are lines of sandboxes in it.
func editHosts(file string, change func(*hosts) error) error {
	if real, err := filepath.EvalSymlinks(file); err == nil {
		file = real
	}
	old, err := os.ReadFile(file)
	if err != nil {
		return lacksRight(file, err)
	}
	h, err := parseHosts(file, string(old))
	if err != nil {
		return err
	}
	if err := change(h); err != nil {
		return err
	}
	text := h.text()
	if text == string(old) {
		return nil
	}
	h, err = parseHosts(file, text)
	if err != nil {
		return err
	}
	ours := len(h.blocks) > 0
	h.remove(func(block) bool { return true })
	backup, err := keepBackup(file, h.text())
	if err != nil {
		return lacksRight(file, err)
	}
	if err := replace(file, []byte(text)); err != nil {
		return lacksRight(file, err)
	}
	if !ours {
		err = os.Remove(backup)
	}
	return err
}

func lacksRight(file string, err error) error {
	if errors.Is(err, fs.ErrPermission) {
		return message.Errorf("this user may not change the file %s: run {taphoa} as root or administrator", file)
	}
	return err
}

// keepBackup writes a copy without the lines of sandboxes, beside the file or, where that directory cannot be written, among temporary files.
func keepBackup(file, text string) (name string, err error) {
	for _, name = range []string{file + backupSuffix, filepath.Join(os.TempDir(), filepath.Base(file)+backupSuffix)} {
		if err = writeNew(name, text); err == nil {
			break
		}
	}
	return name, err
}

// writeNew writes a file in the place of one, and not through a link of another user.
func writeNew(name, text string) error {
	if err := os.Remove(name); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	f, err := os.OpenFile(name, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	_, err = f.WriteString(text)
	return errors.Join(err, f.Close())
}

// replace puts a new file in the place of one, with its mode and owner; where that fails, as for a file that is a mount, it writes into
// the file itself.
func replace(file string, text []byte) error {
	info, err := os.Stat(file)
	if err != nil {
		return err
	}
	f, err := os.CreateTemp(filepath.Dir(file), ".taphoa-*.tmp")
	if err != nil {
		return overwrite(file, text)
	}
	_, err = f.Write(text)
	err = errors.Join(err, f.Chmod(info.Mode().Perm()), keepOwner(f, file, info), f.Sync(), f.Close())
	if err == nil {
		err = os.Rename(f.Name(), file)
	}
	if err != nil {
		_ = os.Remove(f.Name())
		return overwrite(file, text)
	}
	return nil
}

func overwrite(file string, text []byte) error {
	f, err := os.OpenFile(file, os.O_WRONLY, 0)
	if err != nil {
		return err
	}
	_, err = f.WriteAt(text, 0)
	return errors.Join(err, f.Truncate(int64(len(text))), f.Sync(), f.Close())
}
