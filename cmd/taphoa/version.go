package main

import (
	"runtime"
	"runtime/debug"
)

type version struct{}

func (version) Run(p *program) error {
	name, revision := "(unknown)", ""
	if build, ok := debug.ReadBuildInfo(); ok {
		name = build.Main.Version
		for _, s := range build.Settings {
			if s.Key == "vcs.revision" {
				revision = " " + s.Value
			}
		}
	}
	p.say("taphoa %s%s %s %s/%s", name, revision, runtime.Version(), runtime.GOOS, runtime.GOARCH)
	return nil
}
