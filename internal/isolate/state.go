package isolate

import "fmt"

// marker is the variable by which the program knows that it is inside. The command does not get it.
const marker = "TAPHOA_ISOLATED"

// state is what the process outside tells the one inside.
type state struct {
	Net          bool   // the machine's network is kept
	User         bool   // there is a user namespace
	Capabilities uint64 // that the caller has
	Signals      int    // the descriptor that the numbers of signals come from
	TLS, Plain   int    // the descriptors of listeners, with the machine's network; 0 is none
	Dir          string
}

func (s state) String() string {
	return fmt.Sprintf("%t %t %x %d %d %d %q", s.Net, s.User, s.Capabilities, s.Signals, s.TLS, s.Plain, s.Dir)
}

func parseState(text string) (s state, ok bool) {
	n, err := fmt.Sscanf(text, "%t %t %x %d %d %d %q", &s.Net, &s.User, &s.Capabilities, &s.Signals, &s.TLS, &s.Plain, &s.Dir)
	return s, n == 7 && err == nil
}
