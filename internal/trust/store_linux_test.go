package trust_test

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/taphoa/taphoa/internal/trust"
)

// recorder is a program that records how it is called; find prints two certificates until they are removed.
const recorder = `#!/bin/sh
echo "${0##*/} $*" | sed 's|/[^ ]*taphoa-sandbox-[^ ]*crt|FILE|' >>"$RECORD"
case "$*" in
*find-certificate*|*-store\ *) [ -e "$RECORD.removed" ] || printf 'SHA-1 hash: %040d\nCert Hash(sha1): %040d\n' 1 2 ;;
*0000002*) touch "$RECORD.removed" ;;
esac
`

func TestTheCommandsOfEachSystemAreRun(t *testing.T) {
	a := authority(t).AuthorityPEM()
	for _, c := range []struct {
		name, system, dir, program string
		want                       []string
	}{
		{"Debian", "linux", "usr/local/share/ca-certificates", "update-ca-certificates", []string{"update-ca-certificates ", "update-ca-certificates "}},
		{"Fedora", "linux", "etc/pki/ca-trust/source/anchors", "update-ca-trust", []string{"update-ca-trust extract", "update-ca-trust extract"}},
		{"Arch", "linux", "etc/ca-certificates/trust-source/anchors", "update-ca-trust", []string{"update-ca-trust ", "update-ca-trust "}},
		{"openSUSE", "linux", "etc/pki/trust/anchors", "update-ca-certificates", []string{"update-ca-certificates ", "update-ca-certificates "}},
		{"macOS", "darwin", "", "security", []string{
			"security add-trusted-cert -d -r trustRoot -k /Library/Keychains/System.keychain FILE", "security find-certificate -a -Z -c Taphoa sandbox /Library/Keychains/System.keychain",
			"security delete-certificate -t -Z " + fmt.Sprintf("%040d", 1) + " /Library/Keychains/System.keychain",
			"security delete-certificate -t -Z " + fmt.Sprintf("%040d", 2) + " /Library/Keychains/System.keychain",
			"security find-certificate -a -Z -c Taphoa sandbox /Library/Keychains/System.keychain",
		}},
		{"Windows", "windows", "", "certutil", []string{
			"certutil -addstore -f Root FILE", "certutil -store Root Taphoa sandbox", "certutil -delstore Root " + fmt.Sprintf("%040d", 1),
			"certutil -delstore Root " + fmt.Sprintf("%040d", 2), "certutil -store Root Taphoa sandbox",
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			root, programs := t.TempDir(), t.TempDir()
			record := filepath.Join(programs, "record")
			t.Setenv("PATH", programs+":/usr/bin:/bin")
			t.Setenv("RECORD", record)
			dir := filepath.Join(root, c.dir)
			if err := os.MkdirAll(dir, 0o755); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(filepath.Join(programs, c.program), []byte(recorder), 0o755); err != nil {
				t.Fatal(err)
			}
			store, err := trust.FindStoreIn(c.system, root)
			if err != nil {
				t.Fatal(err)
			}
			if store.Install(t.Context(), a, false) == nil {
				t.Error("it is installed without a yes")
			}
			if _, err := store.Uninstall(t.Context(), false); err == nil {
				t.Error("it is removed without a yes")
			}
			if err := store.Install(t.Context(), a, true); err != nil {
				t.Fatal(err)
			}
			removes := 2
			if c.dir != "" {
				removes = 1
				for name, text := range map[string]string{"taphoa-sandbox-other.crt": "no certificate", "company.crt": string(a)} {
					if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
						t.Fatal(err)
					}
				}
			}
			if c.dir != "" { // the others would note the command
				if n := store.Count(t.Context()); n != removes {
					t.Errorf("%d authorities are counted", n)
				}
			}
			if n, err := store.Uninstall(t.Context(), true); n != removes || err != nil {
				t.Errorf("it removes %d, %v", n, err)
			}
			if got := strings.Split(strings.TrimSuffix(read(t, record), "\n"), "\n"); strings.Join(got, "\n") != strings.Join(c.want, "\n") {
				t.Errorf("it runs\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(c.want, "\n"))
			}
			if n, err := store.Uninstall(t.Context(), true); n != 0 || err != nil {
				t.Errorf("for the second time it removes %d, %v", n, err)
			}
			if left, _ := filepath.Glob(filepath.Join(dir, "*.crt")); c.dir != "" && len(left) != 2 {
				t.Errorf("%v remain", left)
			}
			if len(store.Steps("a.crt")) == 0 {
				t.Error("it has no steps")
			}
		})
	}
	t.Setenv("PATH", t.TempDir())
	if _, err := trust.FindStoreIn("linux", t.TempDir()); err == nil {
		t.Error("it finds a store where there is none")
	}
}

// TestAnAuthorityThatCouldNotBeInstalledIsNotLeft: the command that makes the list fails, and the file is gone again; also after a sandbox
// was killed between the two.
func TestAnAuthorityThatCouldNotBeInstalledIsNotLeft(t *testing.T) {
	root, programs := t.TempDir(), t.TempDir()
	dir, record := filepath.Join(root, "usr/local/share/ca-certificates"), filepath.Join(programs, "record")
	t.Setenv("PATH", programs+":/usr/bin:/bin")
	t.Setenv("RECORD", record)
	if err := os.MkdirAll(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	script := "#!/bin/sh\nls " + dir + " | wc -l >>$RECORD\n[ -e $RECORD.works ]\n"
	if err := os.WriteFile(filepath.Join(programs, "update-ca-certificates"), []byte(script), 0o755); err != nil {
		t.Fatal(err)
	}
	store, err := trust.FindStoreIn("linux", root)
	if err != nil {
		t.Fatal(err)
	}
	if err := store.Install(t.Context(), authority(t).AuthorityPEM(), true); err == nil {
		t.Error("a list that could not be made is no error")
	}
	if left, _ := filepath.Glob(filepath.Join(dir, "*")); len(left) != 0 {
		t.Errorf("%v remain", left)
	}
	if err := os.WriteFile(record+".works", nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if n, err := store.Uninstall(t.Context(), true); n != 0 || err != nil {
		t.Errorf("it removes %d, %v", n, err)
	}
	if got := strings.Fields(read(t, record)); strings.Join(got, " ") != "1 0 0" {
		t.Errorf("the list was made of so many authorities: %v", got)
	}
}

func init() { parts["store"] = installAndUninstall }

// installAndUninstall does so on this system, and prints whether the authority is trusted.
func installAndUninstall() {
	authority, err := trust.NewAuthority()
	if err != nil {
		fmt.Println(err)
		return
	}
	trusted := func() bool {
		text, _ := os.ReadFile("/etc/ssl/certs/ca-certificates.crt")
		return bytes.Count(text, authority.AuthorityPEM()) == 1 && bytes.Count(text, []byte("BEGIN CERTIFICATE")) > 1
	}
	store, err := trust.FindStore()
	if err != nil {
		fmt.Println(err)
		return
	}
	for range 2 {
		err = store.Install(context.Background(), authority.AuthorityPEM(), true)
		fmt.Println(trusted(), err)
	}
	removed, err := store.Uninstall(context.Background(), true)
	fmt.Println(trusted(), removed, err)
}

// TestDebianTrustsTheAuthority runs update-ca-certificates on directories of its own, with one other certificate.
func TestDebianTrustsTheAuthority(t *testing.T) {
	t.Parallel()
	const script = `mount --make-rprivate / && grep -m1 '^[^#!]' /etc/ca-certificates.conf >"$1/conf" && mount --bind "$1/conf" /etc/ca-certificates.conf &&
for d in /etc/ssl/certs /usr/local/share/ca-certificates /etc/ca-certificates/update.d; do mkdir "$1/${d##*/}" && mount --bind "$1/${d##*/}" $d || exit; done; exec "$0"`
	if _, err := exec.LookPath("update-ca-certificates"); err != nil || os.Geteuid() != 0 || exec.Command("unshare", "--mount", "true").Run() != nil {
		t.Skip("this needs Debian's update-ca-certificates, root, and a mount namespace")
	}
	out, err := again(t, "store", "unshare", "--mount", "sh", "-c", script, os.Args[0], t.TempDir()).CombinedOutput()
	if err != nil || string(out) != "true <nil>\ntrue <nil>\nfalse 1 <nil>\n" {
		t.Errorf("%s, %v", out, err)
	}
}
