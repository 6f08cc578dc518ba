package main

import (
	"runtime"
	"runtime/debug"
)

type version struct{}

// build is which program this is.
type build struct {
	version string // (devel) where the tool chain does not know it
	commit  string // empty where the tool chain does not know it
	changed bool   // by what was not committed
}

func readBuild() build {
	b := build{version: "(devel)"}
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return b
	}
	if info.Main.Version != "" {
		b.version = info.Main.Version
	}
	for _, s := range info.Settings {
		switch s.Key {
		case "vcs.revision":
			b.commit = s.Value
		case "vcs.modified":
			b.changed = s.Value == "true"
		}
	}
	return b
}

// said is the build in the language of the program.
func (b build) said(p *program) string {
	switch {
	case b.commit == "":
		return p.text("%s, commit unknown", b.version)
	case b.changed:
		return p.text("%s, commit %.12s with changes", b.version, b.commit)
	}
	return p.text("%s, commit %.12s", b.version, b.commit)
}

// Run prints the build.
func (version) Run(p *program) error {
	p.say("taphoa %s, %s, %s/%s", readBuild().said(p), runtime.Version(), runtime.GOOS, runtime.GOARCH)
	return nil
}
