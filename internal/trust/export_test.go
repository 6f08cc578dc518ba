package trust

// FindStoreIn is FindStore for a system and a root directory.
func FindStoreIn(system, root string) (*Store, error) { return findStore(system, root) }

// ProcessStart is when a process was started.
func ProcessStart(pid int) (start string, alive bool) { return processStart(pid) }
