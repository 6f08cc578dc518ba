package testbench

import (
	"encoding/xml"
	"fmt"
	"io"
	"strings"
)

type junitSuite struct {
	XMLName  xml.Name    `xml:"testsuite"`
	Name     string      `xml:"name,attr"`
	Tests    int         `xml:"tests,attr"`
	Failures int         `xml:"failures,attr"`
	Cases    []junitCase `xml:"testcase"`
}

type junitCase struct {
	Class   string        `xml:"classname,attr"`
	Name    string        `xml:"name,attr"`
	Failure *junitFailure `xml:"failure"`
}

type junitFailure struct {
	Message string `xml:"message,attr"`
	Type    string `xml:"type,attr"`
	Text    string `xml:",chardata"`
}

// writeJUnit writes a case for each difference that is looked for in each operation; those that occur have failed.
func (r *Report) writeJUnit(w io.Writer, language string) error {
	suite := junitSuite{Name: "taphoa sandbox " + r.Fork}
	for i := range r.Operations {
		operation := r.Operations[i].name()
		for _, d := range Differences() {
			if d.Detected == "" {
				continue
			}
			c := junitCase{Class: oneLine(operation), Name: d.ID + ": " + d.Title.In(language)}
			for j := range r.Differences {
				if found := &r.Differences[j]; found.ID == d.ID && found.Operation == operation {
					c.Failure = &junitFailure{found.Title, found.ID, oneLine(fmt.Sprintf("#%d %s %s (×%d): %s. %s %s", found.First.Number, found.First.Method, found.First.URL,
						found.Count, strings.Join(found.Details, ", "), found.Text, found.Advice))}
					suite.Failures++
				}
			}
			suite.Cases = append(suite.Cases, c)
		}
	}
	suite.Tests = len(suite.Cases)
	if _, err := io.WriteString(w, xml.Header); err != nil {
		return err
	}
	e := xml.NewEncoder(w)
	e.Indent("", "  ")
	return e.Encode(suite)
}
