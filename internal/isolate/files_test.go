package isolate

import (
	"net/netip"
	"testing"
)

func TestAHostsFileIsMadeOfTheMachines(t *testing.T) {
	t.Parallel()
	const machine = "127.0.0.1\tlocalhost # here\r\n::1 localhost ip6-localhost\n127.0.1.1 pos pos.lan\n192.168.1.9 nas\n" +
		"10.0.0.1 PUBLIC.example. other\n127.0.0.9 public.example\n\n# a line\nfe00::0 ip6-localnet\nbroken"
	names, addresses := []string{"id.example", "public.example"}, []netip.Addr{netip.MustParseAddr("127.0.0.1"), netip.MustParseAddr("::1")}
	const ends = "127.0.0.1 id.example public.example\n::1 id.example public.example\n"
	for _, c := range []struct {
		own            bool
		hostname, want string
	}{
		{true, "pos", "127.0.0.1 localhost\n::1 localhost ip6-localhost\n127.0.1.1 pos pos.lan\n127.0.0.1 localhost\n" + ends},
		{true, "desk", "127.0.0.1 localhost\n::1 localhost ip6-localhost\n127.0.1.1 pos pos.lan\n127.0.0.1 localhost\n127.0.0.1 desk\n" + ends},
		{false, "desk", "127.0.0.1 localhost\n::1 localhost ip6-localhost\n127.0.1.1 pos pos.lan\n192.168.1.9 nas\n10.0.0.1 other\nfe00::0 ip6-localnet\n" + ends},
	} {
		if got := hostsText(machine, names, addresses, c.own, c.hostname); got != c.want {
			t.Errorf("own %v: %q, want %q", c.own, got, c.want)
		}
	}
}

func TestNamesComeFromFilesFirst(t *testing.T) {
	t.Parallel()
	const machine = "passwd: files systemd\n  hosts:   mymachines resolve [!UNAVAIL=return] files myhostname dns\nnetworks: files"
	for own, want := range map[bool]string{
		true: "passwd: files systemd\nnetworks: files\nhosts: files\n", false: "passwd: files systemd\nnetworks: files\nhosts: files dns\n",
	} {
		if got := nsswitchText(machine, own); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}

func TestWhatTheProcessInsideIsToldIsReadAgain(t *testing.T) {
	t.Parallel()
	want := state{Net: true, User: true, Capabilities: 1<<40 | 1, Signals: 7, TLS: 8, Plain: 9, Dir: `/tmp/a "b` + "\n%"}
	if got, ok := parseState(want.String()); !ok || got != want {
		t.Errorf("%+v, want %+v", got, want)
	}
	for _, text := range []string{"", "1", "true true"} {
		if _, ok := parseState(text); ok {
			t.Errorf("%q is taken", text)
		}
	}
}
