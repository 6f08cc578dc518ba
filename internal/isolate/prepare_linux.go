package isolate

import (
	"errors"
	"io/fs"
	"net"
	"net/netip"
	"os"
	"os/signal"
	"path/filepath"
	"syscall"

	"golang.org/x/sys/unix"

	"github.com/taphoa/taphoa/internal/message"
)

// Prepare makes the inside of a process that [Enter] has started: names lead to the listeners of the space. It is called once, before
// other files are open.
func Prepare(names []string) (*Space, error) {
	s, ok := parseState(os.Getenv(marker))
	if !ok || !Inside() {
		return nil, message.Errorf("the variable %s is set, and this is no process that it is for", marker)
	}
	_ = os.Unsetenv(marker)
	for _, fd := range []int{s.Signals, s.TLS, s.Plain} {
		if fd != 0 {
			unix.CloseOnExec(fd)
		}
	}
	space := &Space{Dir: s.Dir, state: s, relay: relay{direct: make(chan os.Signal, 16), carried: make(chan syscall.Signal, 16)}}
	signal.Notify(space.relay.direct, forwarded()...)
	go space.relay.read(os.NewFile(uintptr(s.Signals), "signals"))
	if err := space.mount(); err != nil {
		return nil, refused(err)
	}
	if err := space.listen(); err != nil {
		return nil, err
	}
	return space, space.coverNames(names)
}

// mount makes the mounts private, and mounts the processes and the directory in memory.
func (s *Space) mount() error {
	if err := unix.Mount("", "/", "", unix.MS_REC|unix.MS_PRIVATE, ""); err != nil {
		return os.NewSyscallError("mount private", err)
	}
	// Containers hide parts of /proc, and then no other one can be mounted: /proc/self works in theirs, too.
	err := unix.Mount("proc", "/proc", "proc", unix.MS_NOSUID|unix.MS_NODEV|unix.MS_NOEXEC, "")
	if err != nil && (!s.state.User || !errors.Is(err, unix.EPERM)) {
		return os.NewSyscallError("mount /proc", err)
	}
	if err := unix.Mount("tmpfs", s.Dir, "tmpfs", unix.MS_NOSUID|unix.MS_NODEV, "mode=0755"); err != nil {
		return os.NewSyscallError("mount tmpfs", err)
	}
	return nil
}

// listen opens the ports: those that the process outside has opened, or those of the own network, where all addresses are free.
func (s *Space) listen() (err error) {
	if s.state.Net {
		if s.TLS, err = inherited(s.state.TLS); err == nil && s.state.Plain != 0 {
			s.Plain, err = inherited(s.state.Plain)
		}
		if err == nil {
			s.Addr = s.TLS.Addr().(*net.TCPAddr).AddrPort().Addr()
		}
		return err
	}
	if err := bringUp("lo"); err != nil {
		return os.NewSyscallError("lo", err)
	}
	s.Addr = netip.AddrFrom4([4]byte{127, 0, 0, 1})
	if s.TLS, err = net.Listen("tcp", ":443"); err == nil {
		s.Plain, err = net.Listen("tcp", ":80")
	}
	return err
}

func inherited(fd int) (net.Listener, error) {
	f := os.NewFile(uintptr(fd), "listener")
	defer f.Close()
	return net.FileListener(f)
}

func bringUp(device string) error {
	fd, err := unix.Socket(unix.AF_INET, unix.SOCK_DGRAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return err
	}
	defer func() { _ = unix.Close(fd) }()
	r, err := unix.NewIfreq(device)
	if err != nil {
		return err
	}
	if err := unix.IoctlIfreq(fd, unix.SIOCGIFFLAGS, r); err != nil {
		return err
	}
	r.SetUint16(r.Uint16() | unix.IFF_UP)
	return unix.IoctlIfreq(fd, unix.SIOCSIFFLAGS, r)
}

// addresses are where names lead to. Where DNS is reachable, one of IPv6 keeps clients that ask for that family alone from it.
func (s *Space) addresses() []netip.Addr {
	if s.state.Net {
		return []netip.Addr{s.Addr, netip.AddrFrom16(s.Addr.As16())}
	}
	if l, err := net.Listen("tcp6", "[::1]:0"); err == nil {
		_ = l.Close()
		return []netip.Addr{s.Addr, netip.IPv6Loopback()}
	}
	return []netip.Addr{s.Addr}
}

// coverNames covers the files by which names are resolved.
func (s *Space) coverNames(names []string) error {
	const hosts, services = "/etc/hosts", "/etc/nsswitch.conf"
	own := !s.state.Net
	machine, err := os.ReadFile(hosts)
	if err != nil {
		return message.Errorf("there is no file %s to cover (%w): make an empty one", hosts, err)
	}
	hostname, _ := os.Hostname() // one name less
	texts := map[string]string{hosts: hostsText(string(machine), names, s.addresses(), own, hostname)}
	if text, err := os.ReadFile(services); err == nil {
		texts[services] = nsswitchText(string(text), own)
	}
	if own {
		texts["/etc/resolv.conf"] = resolvText
	}
	for _, socket := range []string{"/run/nscd/socket", "/var/run/nscd/socket"} { // is asked before all files
		texts[socket] = ""
	}
	for file, text := range texts {
		with := filepath.Join(s.Dir, "names", file)
		if err := os.MkdirAll(filepath.Dir(with), 0o755); err != nil {
			return err
		}
		if err := os.WriteFile(with, []byte(text), 0o644); err != nil {
			return err
		}
		if err := s.Cover(file, with); err != nil {
			return err
		}
	}
	return nil
}

// Cover lets the command find another file in the place of one. A file that does not exist needs none.
func (s *Space) Cover(file, with string) error {
	err := unix.Mount(with, file, "", unix.MS_BIND, "")
	if err == nil || errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return message.Errorf("the file %s cannot be covered: %w", file, err)
}
