package console

import "html/template"

// Consent asks a person whether a program may act for them.
type Consent struct {
	Title, Text string
	Who         KeyValues
	Does        ConsentList
	Target      string // where the person is sent
	URL         string
	Hidden      []Hidden
}

// ConsentList is what a program may do.
type ConsentList struct{ Items []ConsentItem }

// ConsentItem is one thing that a program may do.
type ConsentItem struct {
	Icon, Text string
	Details    []string
}

// Leave is a page that goes on to a program by itself, by the header Refresh.
type Leave struct{ URL template.URL }
