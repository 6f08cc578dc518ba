package main

import (
	"runtime"

	"github.com/taphoa/taphoa/internal/api"
)

type version struct{}

// build returns the version of the program as a text.
func (p *program) build() string {
	b := api.ReadBuild()
	switch {
	case b.Commit == "":
		return p.text("%s, commit unknown", b.Version)
	case b.Changed:
		return p.text("%s, commit %.12s with changes", b.Version, b.Commit)
	}
	return p.text("%s, commit %.12s", b.Version, b.Commit)
}

// Run prints the build.
func (version) Run(p *program) error {
	p.say("taphoa %s, %s, %s/%s", p.build(), runtime.Version(), runtime.GOOS, runtime.GOARCH)
	return nil
}
