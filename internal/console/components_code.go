package console

// Code is text for programs, to read and to copy. Label says what it is, for screen readers.
type Code struct{ Label, Text string }
