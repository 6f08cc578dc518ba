package certificate

// Reload is what Run does every five seconds.
func (f *Files) Reload() bool { return f.reload() }
