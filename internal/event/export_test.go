package event

// SetWindow changes how many numbers one read looks at, and answers what it was.
func SetWindow(n int64) (was int64) {
	was, window = window, n
	return was
}
