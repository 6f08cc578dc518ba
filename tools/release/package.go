package main

import (
	"bytes"
	"compress/gzip"
	"embed"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"time"

	"github.com/goreleaser/nfpm/v2"
	_ "github.com/goreleaser/nfpm/v2/deb" // registers itself
	"github.com/goreleaser/nfpm/v2/files"
	_ "github.com/goreleaser/nfpm/v2/rpm" // registers itself
)

//go:embed packaging
var packaging embed.FS

// manuals are the manual pages by language.
var manuals = map[string]string{"en": "/usr/share/man/man1/taphoa.1.gz", "vi": "/usr/share/man/vi/man1/taphoa.1.gz"}

// completions are the scripts of shells, in the packages.
var completions = map[string]string{
	"bash": "/usr/share/bash-completion/completions/taphoa", "zsh": "/usr/share/zsh/vendor-completions/_taphoa", "fish": "/usr/share/fish/vendor_completions.d/taphoa.fish",
}

// scripts run after the installation, before the removal and after it.
var scripts = [3]string{"postinstall.sh", "preremove.sh", "postremove.sh"}

// placed is a file of a package, and where its text is on the disk.
type placed struct {
	file
	source string
}

const docs = "/usr/share/doc/taphoa/"

// packages makes the .deb and the .rpm for Linux.
func packages(root, version, processor string, program, bom []byte, commit time.Time) ([]file, error) {
	dir, err := os.MkdirTemp("", "package")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	all, err := contents(root, version, processor, program, bom)
	if err != nil {
		return nil, err
	}
	for i := range all {
		all[i].source = filepath.Join(dir, strconv.Itoa(i))
		if err := os.WriteFile(all[i].source, all[i].body, 0o600); err != nil {
			return nil, err
		}
	}
	for _, name := range scripts {
		text, err := packaging.ReadFile("packaging/" + name)
		if err != nil {
			return nil, err
		}
		if err := os.WriteFile(filepath.Join(dir, name), text, 0o600); err != nil {
			return nil, err
		}
	}
	var made []file
	for _, format := range []string{"deb", "rpm"} {
		packager, err := nfpm.Get(format)
		if err != nil {
			return nil, err
		}
		info := describe(format, version, processor, dir, all, commit)
		if err := nfpm.PrepareForPackager(info, format); err != nil {
			return nil, err
		}
		var b bytes.Buffer
		if err := packager.Package(info, &b); err != nil {
			return nil, err
		}
		made = append(made, file{packager.ConventionalFileName(info), 0o644, b.Bytes()})
	}
	return made, nil
}

// describe describes a package of some files, with the scripts in a directory.
func describe(format, version, processor, dir string, all []placed, commit time.Time) *nfpm.Info {
	info := &nfpm.Info{
		Name: "taphoa", Arch: processor, Platform: "linux", Version: strings.Replace(version, snapshot, "v0.0.0-"+snapshot, 1), Release: "1",
		Section: "misc", Priority: "optional", Maintainer: "Taphoa <noreply@taphoa.invalid>", Homepage: "https://github.com/taphoa/taphoa",
		License: "Apache-2.0", Description: "Retail backend that speaks the KiotViet Public API\nA self-hosted shop on one SQLite file or on PostgreSQL.",
		MTime: commit, DisableGlobbing: true,
	}
	for _, f := range all {
		c := &files.Content{
			Source: f.source, Destination: f.name,
			FileInfo: &files.ContentFileInfo{Owner: "root", Group: "root", Mode: f.mode, MTime: commit},
		}
		if format == "rpm" { // whose distributions have the functions of zsh elsewhere
			c.Destination = strings.Replace(c.Destination, "vendor-completions", "site-functions", 1)
		}
		if strings.HasPrefix(f.name, "/etc/") {
			c.Type = files.TypeConfigNoReplace
		}
		info.Contents = append(info.Contents, c)
	}
	info.Depends = []string{"systemd"} // systemd-sysusers
	info.Deb.Compression, info.RPM.Compression, info.RPM.BuildHost = "gzip", "gzip", "localhost"
	info.Scripts = nfpm.Scripts{
		PostInstall: filepath.Join(dir, scripts[0]), PreRemove: filepath.Join(dir, scripts[1]), PostRemove: filepath.Join(dir, scripts[2]),
	}
	return nfpm.WithDefaults(info)
}

// contents are the files of a package, with their places.
func contents(root, version, processor string, program, bom []byte) ([]placed, error) {
	all := []file{{"/usr/bin/taphoa", 0o755, program}, {docs + bomName, 0o644, bom}}
	for from, to := range map[string]string{
		"taphoa.service": "/usr/lib/systemd/system/taphoa.service", "sysusers.conf": "/usr/lib/sysusers.d/taphoa.conf",
		"taphoa.conf": "/etc/taphoa/taphoa.conf", "copyright": docs + "copyright",
	} {
		text, err := packaging.ReadFile("packaging/" + from)
		if err != nil {
			return nil, err
		}
		mode := os.FileMode(0o644)
		if from == "taphoa.conf" { // it may have secrets
			mode = 0o640
		}
		all = append(all, file{to, mode, text})
	}
	changes, err := os.ReadFile(filepath.Join(root, "CHANGELOG.md"))
	if err != nil {
		return nil, err
	}
	all = append(all, file{docs + "changelog.gz", 0o644, zippedText(changes)})
	for shell, to := range completions {
		text, err := os.ReadFile(filepath.Join(root, "cmd/taphoa/completion/taphoa."+shell))
		if err != nil {
			return nil, err
		}
		all = append(all, file{to, 0o644, text})
	}
	pages, err := manualPages(root, version, processor, program)
	var sources []placed
	for _, f := range append(all, pages...) {
		sources = append(sources, placed{file: f})
	}
	return sources, err
}

// manualPages has the program print its pages: that of this machine, if the other one cannot be run here.
func manualPages(root, version, processor string, program []byte) (all []file, err error) {
	if runtime.GOOS != "linux" || runtime.GOARCH != processor {
		if program, _, err = build(root, version, runtime.GOOS, runtime.GOARCH); err != nil {
			return nil, err
		}
	}
	dir, err := os.MkdirTemp("", "manual")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	taphoa := filepath.Join(dir, "taphoa")
	if err := os.WriteFile(taphoa, program, 0o700); err != nil {
		return nil, err
	}
	for lang, to := range manuals {
		page, err := exec.Command(taphoa, "man", "--lang", lang).Output()
		if err != nil {
			return nil, err
		}
		all = append(all, file{to, 0o644, zippedText(page)})
	}
	return all, nil
}

// zippedText compresses a text to the same bytes at any time.
func zippedText(text []byte) []byte {
	var b bytes.Buffer
	zip := gzip.NewWriter(&b)
	_, _ = zip.Write(text) // a buffer takes all
	_ = zip.Close()
	return b.Bytes()
}
