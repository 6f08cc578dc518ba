package main

import (
	"archive/tar"
	"archive/zip"
	"bufio"
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

const root = "../.."

// made returns this machine's archive and packages, built once.
var made = sync.OnceValues(func() ([]file, error) { return pack(root, snapshot, runtime.GOOS+"/"+runtime.GOARCH) })

// here returns this machine's archive.
func here() (file, error) {
	files, err := made()
	if err != nil {
		return file{}, err
	}
	return files[0], nil
}

func TestTheSameTreeGivesTheSameBytes(t *testing.T) {
	first, err := made()
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	if err := release(root, dir, snapshot, []string{runtime.GOOS + "/" + runtime.GOARCH}); err != nil {
		t.Fatal(err)
	}
	sums, err := os.ReadFile(filepath.Join(dir, "SHA256SUMS"))
	if err != nil || bytes.Count(sums, []byte("\n")) != len(first) {
		t.Errorf("SHA256SUMS has %s (%v)", sums, err)
	}
	for _, f := range first {
		again, err := os.ReadFile(filepath.Join(dir, f.name))
		if err != nil || !bytes.Equal(again, f.body) {
			t.Errorf("%s differs from the first one: %v", f.name, err)
		}
		if want := fmt.Sprintf("%x  %s\n", sha256.Sum256(f.body), f.name); !bytes.Contains(sums, []byte(want)) {
			t.Errorf("SHA256SUMS has %s, want %s", sums, want)
		}
	}
}

func TestAnArchiveHoldsTheProgramAndWhatTellsAboutIt(t *testing.T) {
	archive, err := here()
	if err != nil {
		t.Fatal(err)
	}
	files, dir := unpacked(t, archive.body), strings.TrimSuffix(archive.name, ".tar.gz")
	want := []string{dir + "/LICENSE", dir + "/README.md", dir + "/README.vi.md", dir + "/" + bomName, dir + "/taphoa"}
	if got := slices.Sorted(maps.Keys(files)); !slices.Equal(got, want) {
		t.Errorf("it holds %v, want %v", got, want)
	}
	program := filepath.Join(t.TempDir(), "taphoa")
	if err := os.WriteFile(program, files[dir+"/taphoa"].body, files[dir+"/taphoa"].mode); err != nil {
		t.Fatal(err)
	}
	out, err := exec.Command(program, "version").CombinedOutput()
	if err != nil || !strings.Contains(string(out), runtime.GOOS+"/"+runtime.GOARCH) {
		t.Errorf("taphoa version: %v\n%s", err, out)
	}
}

func TestWindowsGetsAZip(t *testing.T) {
	var b bytes.Buffer
	at := time.Date(2026, 11, 29, 3, 4, 6, 0, time.UTC)
	if err := zipped(&b, []file{{"taphoa/taphoa.exe", 0o755, []byte("MZ")}}, at); err != nil {
		t.Fatal(err)
	}
	z, err := zip.NewReader(bytes.NewReader(b.Bytes()), int64(b.Len()))
	if err != nil {
		t.Fatal(err)
	}
	entry := z.File[0]
	r, err := entry.Open()
	if err != nil {
		t.Fatal(err)
	}
	if body, err := io.ReadAll(r); err != nil || string(body) != "MZ" || entry.Mode() != 0o755 || !entry.Modified.Equal(at) {
		t.Errorf("%q %v %v %v", body, entry.Mode(), entry.Modified, err)
	}
}

func TestAVersionThatTheTreeIsNotIsRefused(t *testing.T) {
	for _, version := range []string{"", "1.2.3", "v1.2", "latest", "v1.2.3 "} {
		if err := release(root, t.TempDir(), version, nil); err == nil || !strings.Contains(err.Error(), "v1.2.3") {
			t.Errorf("%q: %v", version, err)
		}
	}
	if testing.Short() {
		t.Skip("links the program")
	}
	t.Setenv("GIT_CONFIG_COUNT", "1") // the tree may belong to another user
	t.Setenv("GIT_CONFIG_KEY_0", "safe.directory")
	t.Setenv("GIT_CONFIG_VALUE_0", "*")
	if err := release(root, t.TempDir(), "v99.0.0", []string{runtime.GOOS + "/" + runtime.GOARCH}); err == nil || !strings.Contains(err.Error(), "tag it v99.0.0") {
		t.Error(err)
	}
	if err := release(root, t.TempDir(), snapshot, []string{"linux"}); err == nil || !strings.Contains(err.Error(), "linux/amd64") {
		t.Error(err)
	}
}

func unpacked(t *testing.T, archive []byte) map[string]file {
	t.Helper()
	plain, err := gzip.NewReader(bytes.NewReader(archive))
	if err != nil {
		t.Fatal(err)
	}
	files := map[string]file{}
	for r := tar.NewReader(plain); ; {
		head, err := r.Next()
		if errors.Is(err, io.EOF) {
			return files
		}
		if err != nil {
			t.Fatal(err)
		}
		body, err := io.ReadAll(r)
		if err != nil {
			t.Fatal(err)
		}
		files[head.Name] = file{head.Name, fs.FileMode(head.Mode), body}
	}
}

// lines returns the lines of a file of the tree.
func lines(t *testing.T, name string) (all []string) {
	t.Helper()
	f, err := os.Open(filepath.Join(root, name))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	for s := bufio.NewScanner(f); s.Scan(); {
		all = append(all, s.Text())
	}
	return all
}
