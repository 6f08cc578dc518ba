package isolate

import (
	"net"
	"net/netip"
)

// Options are the options of [Enter].
type Options struct {
	// Net keeps the machine's network, such as a database on localhost. The names then lead to an address of loopback whose port
	// 443 this user may open.
	Net bool
}

// Space is the inside: namespaces with covered files and open ports.
type Space struct {
	// Dir is in memory and ends with the namespaces. The command can read it.
	Dir string

	// Addr is where the names lead to, TLS its port 443 and Plain its port 80. Plain is nil where that one cannot be opened.
	Addr       netip.Addr
	TLS, Plain net.Listener

	state state
	relay relay
}

const (
	notFound      = 127 // as shells exit
	notExecutable = 126
	bySignal      = 128
)
