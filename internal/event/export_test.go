package event

// SetWindow changes the number of events that one read scans, and returns what it was.
func SetWindow(n int64) (was int64) {
	was, window = window, n
	return was
}
