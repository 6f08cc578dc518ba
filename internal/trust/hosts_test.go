package trust_test

import (
	"fmt"
	"net/netip"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/taphoa/taphoa/internal/trust"
)

var loopback = netip.MustParseAddr("127.75.86.1")

func hostsFile(t *testing.T, text string) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "hosts")
	if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(file, 0o640); err != nil {
		t.Fatal(err)
	}
	return file
}

func read(t *testing.T, file string) string {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func TestAHostsFileIsAsBeforeAfterwards(t *testing.T) {
	t.Parallel()
	for name, text := range map[string]string{
		"empty": "", "usual": "127.0.0.1 localhost\n# public.kiotapi.com\n", "no end": "127.0.0.1 localhost", "CRLF": "127.0.0.1 localhost\r\n\r\n# x\r\n",
		"a byte order mark": "\ufeff127.0.0.1 localhost\r\n",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			file := hostsFile(t, text)
			before, _ := os.Stat(file)
			if err := trust.AddHosts(file, []netip.Addr{loopback}, trust.VendorHosts); err != nil {
				t.Fatal(err)
			}
			end := "\n"
			if strings.Contains(text, "\r\n") || text == "" && runtime.GOOS == "windows" {
				end = "\r\n"
			}
			got := read(t, file)
			if !strings.Contains(got, end+"127.75.86.1 id.kiotviet.vn public.kiotapi.com"+end+"# END taphoa sandbox"+end+strings.TrimPrefix(text, "\ufeff")) ||
				strings.Count(got, "\r") != strings.Count(strings.Repeat(end, 3)+text, "\r") || strings.HasPrefix(got, "\ufeff") != strings.HasPrefix(text, "\ufeff") {
				t.Errorf("it is %q", got)
			}
			if backup := read(t, file+".taphoa-backup"); backup != text {
				t.Errorf("the copy is %q", backup)
			}
			if err := trust.RemoveLeftovers(file); err != nil || read(t, file) != got { // of a process that is there
				t.Errorf("it is %q, %v", read(t, file), err)
			}
			if err := trust.RemoveHosts(file); err != nil || read(t, file) != text {
				t.Errorf("it is %q, %v", read(t, file), err)
			}
			after, _ := os.Stat(file)
			left, _ := os.ReadDir(filepath.Dir(file))
			if after.Mode() != before.Mode() || len(left) != 1 {
				t.Errorf("mode %v, %d files", after.Mode(), len(left))
			}
		})
	}
}

// marked is a block of a process.
func marked(pid int, start string) string {
	return fmt.Sprintf("# BEGIN taphoa sandbox PID=%d START=%s\n127.0.0.1 id.kiotviet.vn\n# END taphoa sandbox\n", pid, start)
}

func TestLinesOfAKilledProcessAreRemoved(t *testing.T) {
	t.Parallel()
	gone := exec.Command(os.Args[0], "-test.run=^$")
	if err := gone.Run(); err != nil {
		t.Fatal(err)
	}
	file := hostsFile(t, "1.2.3.4 a\n")
	if err := trust.AddHosts(file, []netip.Addr{loopback}, []string{"b.example"}); err != nil {
		t.Fatal(err)
	}
	alive := read(t, file)
	// One is gone, the number of the other is that of this process today.
	leftovers := "5.6.7.8 c\n" + marked(gone.ProcessState.Pid(), "1") + "# between\n" + marked(os.Getpid(), "1")
	if err := os.WriteFile(file, []byte(leftovers+alive), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := trust.RemoveLeftovers(file); err != nil || read(t, file) != "5.6.7.8 c\n# between\n"+alive {
		t.Errorf("it is %q, %v", read(t, file), err)
	}
	for _, name := range []string{filepath.Join(t.TempDir(), "none"), t.TempDir()} {
		if err := trust.RemoveLeftovers(name); err != nil {
			t.Error(err)
		}
	}
}

func TestOneSandboxHasTheHostsFile(t *testing.T) {
	t.Parallel()
	other := exec.Command(os.Args[0], "-test.run=^$", "-test.timeout=1m")
	in, err := other.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	other.Env = append(os.Environ(), part+"=wait")
	if err := other.Start(); err != nil {
		t.Fatal(err)
	}
	start, alive := trust.ProcessStart(other.Process.Pid)
	if !alive {
		t.Fatal("it is not there")
	}
	text := marked(other.Process.Pid, start) + "1.2.3.4 a\n"
	file := hostsFile(t, text)
	if err := trust.AddHosts(file, []netip.Addr{loopback}, trust.VendorHosts); err == nil || !strings.Contains(err.Error(), fmt.Sprint(other.Process.Pid)) || read(t, file) != text {
		t.Errorf("%v, it is %q", err, read(t, file))
	}
	in.Close()
	if err := other.Wait(); err != nil {
		t.Fatal(err)
	}
	for range 2 { // the second time in the place of the first
		if err := trust.AddHosts(file, []netip.Addr{loopback}, trust.VendorHosts); err != nil || strings.Count(read(t, file), "BEGIN") != 1 || strings.Contains(read(t, file), "127.0.0.1") {
			t.Errorf("%v, it is %q", err, read(t, file))
		}
	}
}

func TestAHostsFileThatIsNotUnderstoodIsNotWritten(t *testing.T) {
	t.Parallel()
	const begin, end = "# BEGIN taphoa sandbox PID=1 START=1\n", "# END taphoa sandbox\n"
	for text, want := range map[string]string{
		"a\n" + begin: "line 2 of", begin + begin + end: "line 2 of", end: "line 1 of", begin + end + "x\n" + end: "line 4 of",
		begin + "127.0.0.1 id.kiotviet.vn\n" + end + "1.2.3.4 id.kiotviet.vn\n": "line 1 of FILE leads id.kiotviet.vn elsewhere", // without the leftovers
		"\n10.0.0.1 x Public.KiotAPI.com # old\n":                               "line 2 of FILE leads public.kiotapi.com elsewhere",
	} {
		file := hostsFile(t, text)
		err := trust.AddHosts(file, []netip.Addr{loopback}, trust.VendorHosts)
		if err == nil || !strings.Contains(strings.ReplaceAll(err.Error(), file, "FILE"), want) || read(t, file) != text {
			t.Errorf("%q: %v", text, err)
		}
		if strings.Contains(text, "BEGIN") && !strings.Contains(text, "1.2.3.4") && trust.RemoveLeftovers(file) == nil {
			t.Errorf("%q: no warning", text)
		}
	}
}

// TestABackupIsWrittenThroughNoLink: another user may have put one in its place.
func TestABackupIsWrittenThroughNoLink(t *testing.T) {
	file := hostsFile(t, "127.0.0.1 localhost\n")
	target := filepath.Join(t.TempDir(), "precious")
	if err := os.WriteFile(target, []byte("mine"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(target, file+".taphoa-backup"); err != nil {
		t.Skip(err) // Windows
	}
	if err := trust.AddHosts(file, []netip.Addr{loopback, netip.IPv6Loopback()}, trust.VendorHosts); err != nil {
		t.Fatal(err)
	}
	if got := read(t, target); got != "mine" {
		t.Errorf("the file that the link leads to has %q", got)
	}
	if got := read(t, file+".taphoa-backup"); got != "127.0.0.1 localhost\n" {
		t.Errorf("the backup has %q", got)
	}
	if got := read(t, file); !strings.Contains(got, "\n127.75.86.1 id.kiotviet.vn public.kiotapi.com\n::1 id.kiotviet.vn public.kiotapi.com\n# END") {
		t.Errorf("it is %q", got)
	}
	if err := trust.RemoveHosts(file); err != nil {
		t.Fatal(err)
	}
	if got := read(t, file); got != "127.0.0.1 localhost\n" {
		t.Errorf("afterwards it is %q", got)
	}
}
