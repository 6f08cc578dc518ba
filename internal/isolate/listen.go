package isolate

import (
	"errors"
	"io/fs"
	"net"
	"net/netip"
	"runtime"
	"strconv"
	"syscall"

	"github.com/taphoa/taphoa/internal/message"
)

const (
	portTLS   = 443
	portPlain = 80
)

// Listen opens the ports 443 and 80 of an address of loopback at which no other program listens. The second one is nil if it cannot
// be opened.
func Listen() (addr netip.Addr, tls, plain net.Listener, err error) {
	for _, addr = range addresses() {
		if tls, err = listen(addr, portTLS); err == nil {
			plain, _ = listen(addr, portPlain)
			return addr, tls, plain, nil
		}
		if errors.Is(err, fs.ErrPermission) {
			return addr, nil, nil, message.Errorf("the port %d of %s cannot be opened by this user (%w)", portTLS, addr.String(), err)
		}
	}
	return addr, nil, nil, message.Errorf("the port %d of %s cannot be opened (%w): another program listens there", portTLS, addr.String(), err)
}

// addresses returns what [Listen] tries. All of 127.0.0.0/8 leads to this machine on Linux and Windows; macOS has 127.0.0.1 only.
func addresses() (all []netip.Addr) {
	if runtime.GOOS == "linux" || runtime.GOOS == "windows" {
		for last := byte(1); last < 33; last++ {
			all = append(all, netip.AddrFrom4([4]byte{127, 75, 86, last}))
		}
	}
	return append(all, netip.AddrFrom4([4]byte{127, 0, 0, 1}))
}

func listen(addr netip.Addr, port uint16) (net.Listener, error) {
	l, err := net.Listen("tcp", net.JoinHostPort(addr.String(), strconv.Itoa(int(port))))
	if errno := syscall.Errno(0); errors.As(err, &errno) {
		return nil, errno
	}
	return l, err
}
