package api

import (
	"reflect"
	"slices"
	"strings"
)

var typeOfNothing = reflect.TypeFor[struct{}]()

// nearest returns the name that a name is plainly a misspelling of, "" if there is none: a documented one, else one of ours.
func nearest(name string, about documentedMembers, fields []string) string {
	const longest = 64
	if len(name) > longest {
		return ""
	}
	var all []string
	for other := range about {
		if !strings.HasPrefix(other, seenOnly) {
			all = append(all, other)
		}
	}
	slices.Sort(all)
	best, least := "", misspelt(len(name))+1
	for _, other := range append(all, fields...) {
		if d := distance(name, other); d < least && d <= misspelt(len(other)) {
			best, least = other, d
		}
	}
	return best
}

// misspelt is at how many edits a name of a length is still plainly meant.
func misspelt(length int) int {
	switch {
	case length <= 2:
		return 0
	case length <= 4:
		return 1
	}
	return max(2, length/3)
}

func closer(name, one, other string) bool {
	a, b := distance(name, one), distance(name, other)
	return a < b || a == b && one < other
}

// distance is the number of letters that are inserted, left out, changed or exchanged with the next one, in any letter case and
// without what separates words.
func distance(one, other string) int {
	separators := strings.NewReplacer("_", "", "-", "", " ", "")
	a, b := []rune(strings.ToLower(separators.Replace(one))), []rune(strings.ToLower(separators.Replace(other)))
	before, last, next := make([]int, len(b)+1), make([]int, len(b)+1), make([]int, len(b)+1)
	for j := range last {
		last[j] = j
	}
	for i := range a {
		next[0] = i + 1
		for j := range b {
			cost := 1
			if a[i] == b[j] {
				cost = 0
			}
			next[j+1] = min(last[j+1]+1, next[j]+1, last[j]+cost)
			if i > 0 && j > 0 && a[i] == b[j-1] && a[i-1] == b[j] {
				next[j+1] = min(next[j+1], before[j-1]+1)
			}
		}
		before, last, next = last, next, before
	}
	return last[len(b)]
}
