package wire

import (
	"reflect"
	"strconv"
	"strings"

	"github.com/taphoa/taphoa"
	"github.com/taphoa/taphoa/internal/text"
)

// words are the numbers that a list of statuses takes words for, by folded word; "" for one that is passed over.
type words map[string]string

// wordsOf returns what the words tag names, which only lists of integers may have.
func wordsOf(tags reflect.StructTag, where string, v *value) words {
	list := tags.Get("words")
	if list == "" {
		return nil
	}
	w := words{}
	for _, word := range taphoa.NoStatus {
		w[foldWord(word)] = ""
	}
	statuses := taphoa.Statuses(list)
	if v.op != opSlice || v.elem.op != opInt || len(statuses) == 0 {
		panic("wire: " + where + ": the tag words:" + strconv.Quote(list) + " does not fit")
	}
	for status, names := range statuses {
		for _, name := range names {
			if name != "" {
				w[foldWord(name)] = strconv.FormatInt(status, 10)
			}
		}
	}
	return w
}

// foldWord returns a word as it is compared: "In progress", in_progress and InProgress are one.
func foldWord(word string) string { return separators.Replace(text.Fold(word)) }

var separators = strings.NewReplacer(" ", "", "_", "", "-", "")

// translate replaces the words below a node by their numbers. What is no word stays, to be refused if it is no number.
func (d *decoder) translate(at int32, w words) {
	n := &d.nodes[at]
	if n.kind != isText {
		for c := n.first; c != 0; c = d.nodes[c].next {
			d.translate(c, w)
		}
		return
	}
	var parts []string
	for part := range strings.FieldsFuncSeq(strings.Trim(n.text, " []"), func(r rune) bool { return r == ',' || r == ';' }) {
		parts = append(parts, w.numbers(strings.Fields(strings.Trim(part, `" `))))
	}
	n.text = strings.Join(parts, ",")
}

// longest is how many words a name has at most.
const longest = 8

// numbers replaces words by their numbers, several words that are one name first.
func (w words) numbers(fields []string) string {
	var numbers []string
	for len(fields) > 0 {
		taken := 1
		for n := min(len(fields), longest); n > 0; n-- {
			if number, known := w[foldWord(strings.Join(fields[:n], " "))]; known {
				fields[0], taken = number, n
				break
			}
		}
		numbers = append(numbers, fields[0])
		fields = fields[taken:]
	}
	return strings.Join(numbers, ",")
}
