//go:build linux

package main

import (
	"bytes"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// madeAs returns the file of this machine's release whose name ends in a suffix.
func madeAs(t *testing.T, suffix string) file {
	t.Helper()
	files, err := made()
	if err != nil {
		t.Fatal(err)
	}
	at := slices.IndexFunc(files, func(f file) bool { return strings.HasSuffix(f.name, suffix) })
	if at < 0 {
		t.Fatalf("the release has no %s", suffix)
	}
	return files[at]
}

// TestAPackageSellsAndLeavesTheData installs in a copy of this system.
func TestAPackageSellsAndLeavesTheData(t *testing.T) {
	if os.Getuid() != 0 || exec.Command("unshare", "--mount", "--net", "true").Run() != nil {
		t.Skip("only root may make a copy of the system")
	}
	if _, err := exec.LookPath("dpkg"); err != nil {
		t.Skip("this system has other packages")
	}
	deb := filepath.Join(t.TempDir(), "taphoa.deb")
	if err := os.WriteFile(deb, madeAs(t, ".deb").body, 0o600); err != nil {
		t.Fatal(err)
	}
	out, err := exec.Command("unshare", "--mount", "--net", "sh", "-eu", "testdata/install.sh", deb).CombinedOutput()
	if err != nil {
		t.Fatalf("%v:\n%s", err, out)
	}
	text := string(out)
	for _, want := range []string{ // in this order
		"== install", "has no shop yet. As root:", "/etc/taphoa/taphoa.conf 640 root taphoa\n/var/lib/taphoa 700 taphoa taphoa\nenabled\n",
		"== serve", "OK rights: ", "OK database: ", "OK clock: ", "OK server: ready on 127.0.0.1:8080", `"total":9000`,
		"== stop", "taphoa has ended", "TAPHOA_LANG=vi\n/etc/taphoa/taphoa.conf 640 root taphoa\n",
		"== remove", "The data of the shops stay in /var/lib/taphoa", "cannot access '/usr/bin/taphoa'", "enabled\nTAPHOA_LANG=vi\n",
		"cannot access '/etc/systemd/system/multi-user.target.wants/taphoa.service'",
		"cannot access '/etc/taphoa/taphoa.conf'", "/var/lib/taphoa/taphoa.db\n",
	} {
		_, rest, found := strings.Cut(text, want)
		if !found {
			t.Fatalf("%q is missing, or not at its place:\n%s", want, out)
		}
		text = rest
	}
	if strings.Contains(string(out), "!! ") {
		t.Errorf("the doctor finds something wrong:\n%s", out)
	}
}

func TestTheUnitTakesFromTheProgramWhatItNeedsNot(t *testing.T) {
	analyze, err := exec.LookPath("systemd-analyze")
	if err != nil {
		t.Skip("systemd is not installed here")
	}
	help, _ := exec.Command(analyze, "--help").CombinedOutput()
	if !bytes.Contains(help, []byte("--offline")) {
		t.Skip("this systemd judges running units only")
	}
	const atMost = "20" // of 100: 19 without ProtectProc, by which the lines of other users' sandboxes would look left
	if out, err := exec.Command(analyze, "security", "--offline=true", "--threshold="+atMost, "packaging/taphoa.service").CombinedOutput(); err != nil {
		t.Errorf("%v:\n%s", err, out)
	}
}

func TestAPackageForRPMIsOne(t *testing.T) {
	rpm := madeAs(t, ".rpm")
	if !bytes.HasPrefix(rpm.body, []byte("\xed\xab\xee\xdb\x03")) {
		t.Error("it does not begin as one")
	}
	for _, name := range []string{"taphoa.service\x00", "_taphoa\x00", "sbom.cdx.json\x00", "/usr/share/zsh/site-functions/\x00", "/etc/taphoa/\x00"} {
		if !bytes.Contains(rpm.body, []byte(name)) {
			t.Errorf("its header does not name %q", name)
		}
	}
}

func TestTheBillOfMaterialsNamesEachModule(t *testing.T) {
	archive := madeAs(t, ".tar.gz")
	text := unpacked(t, archive.body)[strings.TrimSuffix(archive.name, ".tar.gz")+"/"+bomName].body
	var b bom
	if err := json.Unmarshal(text, &b); err != nil {
		t.Fatal(err)
	}
	if b.Format != "CycloneDX" || b.Metadata.Component.PURL != "pkg:golang/github.com/taphoa/taphoa@"+snapshot || len(b.Dependencies[0].DependsOn) != len(b.Components) {
		t.Errorf("it begins with %+v", b.Metadata)
	}
	listed := map[string]component{}
	for _, c := range b.Components {
		listed[c.Name] = c
	}
	for _, line := range lines(t, "go.mod") {
		name, version, _ := strings.Cut(strings.TrimSpace(line), " ")
		if name != "github.com/alecthomas/kong" && name != "zombiezen.com/go/sqlite" && name != "github.com/jackc/pgx/v5" {
			continue
		}
		if c := listed[name]; c.Version != version || c.PURL != "pkg:golang/"+name+"@"+version || len(c.Properties) != 1 {
			t.Errorf("of %s it says %+v", line, c)
		}
	}
	if !strings.HasPrefix(listed["std"].Version, "go1.") {
		t.Error("the toolchain is missing")
	}
}
