package isolate

import (
	"net/netip"
	"slices"
	"strings"
)

// hostsText returns a hosts file in which the names lead to the addresses, made of the machine's. Of that it keeps all lines,
// or with own only those of loopback, where nothing else can be reached; the machine's own name then leads to loopback, too.
func hostsText(machine string, names []string, addresses []netip.Addr, own bool, hostname string) string {
	var b strings.Builder
	known := false
	for line := range strings.Lines(machine) {
		entry, _, _ := strings.Cut(line, "#")
		fields := strings.Fields(entry)
		if len(fields) < 2 {
			continue
		}
		addr, err := netip.ParseAddr(fields[0])
		if own && (err != nil || !addr.IsLoopback()) {
			continue
		}
		kept := slices.DeleteFunc(fields[1:], func(name string) bool {
			return slices.ContainsFunc(names, func(n string) bool { return strings.EqualFold(n, strings.TrimSuffix(name, ".")) })
		})
		if len(kept) > 0 {
			known = known || slices.Contains(kept, hostname)
			b.WriteString(fields[0] + " " + strings.Join(kept, " ") + "\n")
		}
	}
	if own {
		b.WriteString("127.0.0.1 localhost\n")
		if !known && hostname != "" {
			b.WriteString("127.0.0.1 " + hostname + "\n")
		}
	}
	for _, addr := range addresses {
		b.WriteString(addr.String() + " " + strings.Join(names, " ") + "\n")
	}
	return b.String()
}

// nsswitchText returns the configuration of name services with files as the first source of host names: others, such as
// systemd-resolved, run outside and read the machine's own hosts file.
func nsswitchText(machine string, own bool) string {
	sources := "hosts: files dns\n"
	if own {
		sources = "hosts: files\n"
	}
	var b strings.Builder
	for line := range strings.Lines(machine) {
		if !strings.HasPrefix(strings.TrimSpace(line), "hosts:") {
			b.WriteString(strings.TrimSuffix(line, "\n") + "\n")
		}
	}
	return b.String() + sources
}

// resolvText is for resolvers that read no nsswitch.conf: loopback refuses at once, since no program listens there.
const resolvText = "nameserver 127.0.0.1\noptions timeout:1 attempts:1\n"
