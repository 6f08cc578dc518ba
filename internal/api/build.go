package api

import "runtime/debug"

// Build is which program this is.
type Build struct {
	Version string // (devel) where the tool chain does not know it
	Commit  string // empty where the tool chain does not know it
	Changed bool   // by what was not committed
}

// ReadBuild reads what the tool chain has written into the program.
func ReadBuild() Build {
	b := Build{Version: "(devel)"}
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return b
	}
	if info.Main.Version != "" {
		b.Version = info.Main.Version
	}
	for _, s := range info.Settings {
		switch s.Key {
		case "vcs.revision":
			b.Commit = s.Value
		case "vcs.modified":
			b.Changed = s.Value == "true"
		}
	}
	return b
}
