package org

import (
	_ "embed"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"github.com/taphoa/taphoa"
)

// Embedded as a string so that the names can point into it instead of being copied to the heap.
//
//go:embed data/locations.tsv
var locationsTSV string

var parsedLocations = sync.OnceValue(func() []taphoa.Location { return parseLocations(locationsTSV) })

// allLocations are the districts of Vietnam with their wards, ordered by name without regard to diacritics.
// Every caller gets the same slice, so none may change it; one that leaves the wards out copies the locations first.
func allLocations() []taphoa.Location { return parsedLocations() }

// parseLocations reads the lines that data/README.md describes. It panics on anything else: the text is part of the
// program, so a fault in it is a fault of the build.
func parseLocations(text string) []taphoa.Location {
	// Diacritics are stripped from the whole text at once: one string instead of ten thousand small ones. Tabs and line
	// ends survive that, so the two texts run in step.
	plainText := withoutDiacritics(text)

	wardCount := strings.Count(text, "\n\t")
	locations := make([]taphoa.Location, 0, strings.Count(text, "\n")-wardCount)
	wards := make([]taphoa.Ward, 0, wardCount)
	start := 0 // where the wards of the last location start
	closeLocation := func() {
		if start < len(wards) {
			locations[len(locations)-1].Wards = wards[start:len(wards):len(wards)]
		}
		start = len(wards)
	}

	for text != "" {
		var line, plainLine string
		line, text, _ = strings.Cut(text, "\n")
		plainLine, plainText, _ = strings.Cut(plainText, "\n")
		first, second, third := splitLocationLine(line)
		_, plainSecond, plainThird := splitLocationLine(plainLine)
		if first == "" {
			wards = append(wards, taphoa.Ward{
				ID:         locationCode(second, line),
				Name:       third,
				NormalName: plainThird,
				ParentID:   locations[len(locations)-1].ID,
			})
			continue
		}
		closeLocation()
		locations = append(locations, taphoa.Location{
			ID:         locationCode(first, line),
			Name:       second + " - " + third,
			NormalName: plainSecond + " - " + plainThird,
		})
	}
	closeLocation()

	slices.SortFunc(locations, func(a, b taphoa.Location) int {
		if c := strings.Compare(a.NormalName, b.NormalName); c != 0 {
			return c
		}
		return strings.Compare(a.Name, b.Name)
	})
	return locations
}

func splitLocationLine(line string) (first, second, third string) {
	first, rest, ok := strings.Cut(line, "\t")
	second, third, okToo := strings.Cut(rest, "\t")
	if !ok || !okToo {
		panic(fmt.Sprintf("locations: a line without three columns: %q", line))
	}
	return first, second, third
}

func locationCode(column, line string) int64 {
	code, err := strconv.ParseInt(column, 10, 64)
	if err != nil {
		panic(fmt.Sprintf("locations: a line without a code: %q", line))
	}
	return code
}

// withoutDiacritics keeps case and blanks, unlike db.Fold, because the result is shown to clients. It finds the
// base letters rune by rune: to decompose the whole text and drop the diacritics takes several times as long. đ needs a case
// of its own: Unicode has no decomposition for it.
func withoutDiacritics(text string) string {
	var b strings.Builder
	b.Grow(len(text) * 7 / 8) // Vietnamese shrinks by about a sixth; the buffer is kept, so it should fit closely
	for i, r := range text {
		switch {
		case r < utf8.RuneSelf:
			b.WriteByte(byte(r))
		case r == 'đ':
			b.WriteByte('d')
		case r == 'Đ':
			b.WriteByte('D')
		default:
			base := norm.NFD.PropertiesString(text[i:]).Decomposition()
			if len(base) == 0 {
				b.WriteRune(r)
				continue
			}
			r, _ = utf8.DecodeRune(base) // the letter comes first, its diacritics follow
			b.WriteRune(r)
		}
	}
	return b.String()
}
