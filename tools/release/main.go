package main

import (
	"archive/tar"
	"archive/zip"
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"debug/buildinfo"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"time"
)

// platforms are the systems that a release is for.
var platforms = []string{"linux/amd64", "linux/arm64", "darwin/amd64", "darwin/arm64", "windows/amd64", "windows/arm64"}

// enclosed are the files beside the program.
var enclosed = []string{"README.md", "README.vi.md", "LICENSE"}

// snapshot is the version of an archive that is no release.
const snapshot = "snapshot"

var released = regexp.MustCompile(`^v\d+\.\d+\.\d+(-[0-9A-Za-z.-]+)?$`)

func main() {
	out := flag.String("o", "../dist", "the `directory` to write to; it is made")
	only := flag.String("only", "", "build for these `systems` alone, such as linux/amd64,windows/amd64")
	flag.Usage = func() {
		fmt.Fprintln(os.Stderr, "Usage: release [flags] VERSION, of the kind v1.2.3, or "+snapshot)
		flag.PrintDefaults()
	}
	flag.Parse()
	if flag.NArg() != 1 { // flags behind the version would be passed over
		flag.Usage()
		os.Exit(2)
	}
	chosen := platforms
	if *only != "" {
		chosen = strings.Split(*only, ",")
	}
	if err := release("..", *out, flag.Arg(0), chosen); err != nil {
		fmt.Fprintln(os.Stderr, "release:", err)
		os.Exit(1)
	}
}

// release builds the tree at root for some platforms, into the directory out.
func release(root, out, version string, platforms []string) error {
	if version != snapshot && !released.MatchString(version) {
		return fmt.Errorf("the version %q is neither of the kind v1.2.3 nor %s", version, snapshot)
	}
	if err := os.MkdirAll(out, 0o755); err != nil {
		return err
	}
	var sums []string
	for _, platform := range platforms {
		start := time.Now()
		files, err := pack(root, version, platform)
		if err != nil {
			return fmt.Errorf("%s: %w", platform, err)
		}
		for _, f := range files {
			if err := os.WriteFile(filepath.Join(out, f.name), f.body, f.mode); err != nil {
				return err
			}
			sums = append(sums, fmt.Sprintf("%x  %s\n", sha256.Sum256(f.body), f.name))
			fmt.Printf("%s  %d KiB\n", f.name, len(f.body)>>10)
		}
		fmt.Printf("%s  %.0f s\n", platform, time.Since(start).Seconds())
	}
	slices.SortFunc(sums, func(a, b string) int { return strings.Compare(a[64:], b[64:]) })
	return os.WriteFile(filepath.Join(out, "SHA256SUMS"), []byte(strings.Join(sums, "")), 0o644)
}

// file is a file of an archive, or of the release.
type file struct {
	name string
	mode os.FileMode
	body []byte
}

// pack builds the program for a platform and returns the archive, and behind it the packages for Linux.
func pack(root, version, platform string) ([]file, error) {
	system, processor, ok := strings.Cut(platform, "/")
	if !ok {
		return nil, errors.New("no system such as linux/amd64")
	}
	program, commit, err := build(root, version, system, processor)
	if err != nil {
		return nil, err
	}
	bom, err := components(program, version, commit)
	if err != nil {
		return nil, err
	}
	dir := strings.Join([]string{"taphoa", version, system, processor}, "_")
	files := []file{{dir + "/taphoa", 0o755, program}, {dir + "/" + bomName, 0o644, bom}}
	if system == "windows" {
		files[0].name += ".exe"
	}
	for _, name := range enclosed {
		body, err := os.ReadFile(filepath.Join(root, name))
		if err != nil {
			return nil, err
		}
		files = append(files, file{dir + "/" + name, 0o644, body})
	}
	var b bytes.Buffer
	name, write := dir+".tar.gz", tarred
	if system == "windows" {
		name, write = dir+".zip", zipped
	}
	if err := write(&b, files, commit); err != nil {
		return nil, err
	}
	archive := file{name, 0o644, b.Bytes()}
	if system != "linux" {
		return []file{archive}, nil
	}
	packages, err := packages(root, version, processor, program, bom, commit)
	return append([]file{archive}, packages...), err
}

// build compiles the program and returns it with the instant of its commit.
func build(root, version, system, processor string) (program []byte, commit time.Time, err error) {
	dir, err := os.MkdirTemp("", "release")
	if err != nil {
		return nil, commit, err
	}
	defer os.RemoveAll(dir)
	binary := filepath.Join(dir, "taphoa")
	run := exec.Command("go", "build", "-trimpath", "-ldflags=-s -w", "-o", binary)
	if version != snapshot {
		run.Args = append(run.Args, "-buildvcs=true") // whatever GOFLAGS says: it tells the version
	}
	run.Args = append(run.Args, "./cmd/taphoa")
	run.Dir, run.Stdout, run.Stderr = root, os.Stderr, os.Stderr
	run.Env = append(os.Environ(), "CGO_ENABLED=0", "GOOS="+system, "GOARCH="+processor)
	if err := run.Run(); err != nil {
		return nil, commit, err
	}
	info, err := buildinfo.ReadFile(binary)
	if err != nil {
		return nil, commit, err
	}
	if version != snapshot && info.Main.Version != version {
		return nil, commit, fmt.Errorf("this tree is %s: commit what has changed, and tag it %s", info.Main.Version, version)
	}
	commit = time.Date(1980, 1, 1, 0, 0, 0, 0, time.UTC)
	for _, s := range info.Settings {
		if s.Key == "vcs.time" {
			if commit, err = time.Parse(time.RFC3339, s.Value); err != nil {
				return nil, commit, err
			}
		}
	}
	program, err = os.ReadFile(binary)
	return program, commit, err
}

func tarred(w io.Writer, files []file, at time.Time) error {
	zip := gzip.NewWriter(w)
	t := tar.NewWriter(zip)
	for _, f := range files {
		head := &tar.Header{Name: f.name, Mode: int64(f.mode), Size: int64(len(f.body)), ModTime: at, Format: tar.FormatUSTAR}
		if err := t.WriteHeader(head); err != nil {
			return err
		}
		if _, err := t.Write(f.body); err != nil {
			return err
		}
	}
	return errors.Join(t.Close(), zip.Close())
}

func zipped(w io.Writer, files []file, at time.Time) error {
	z := zip.NewWriter(w)
	for _, f := range files {
		head := &zip.FileHeader{Name: f.name, Method: zip.Deflate, Modified: at.UTC()}
		head.SetMode(f.mode)
		entry, err := z.CreateHeader(head)
		if err != nil {
			return err
		}
		if _, err := entry.Write(f.body); err != nil {
			return err
		}
	}
	return z.Close()
}
