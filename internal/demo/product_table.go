package demo

import (
	_ "embed"
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// The products, one kind a line, under headings that are the categories; data/README.md describes the format.
//
//go:embed data/goods.tsv
var goodsTSV string

// kind is a row of the table: one product, or a family of units and variants.
type kind struct {
	category int // index in the list of categories
	name     string
	brand    string
	units    []unit // the first is the base unit
	weight   int64  // grams
	tax      int64  // id of the rate on sales
	axes     []axis // the attributes in which variants differ
	options  map[string]string
}

type unit struct {
	name   string
	factor int64 // base units
	price  int64 // đồng
}

// axis is an attribute and its values.
type axis struct {
	name   string
	values []string
}

type category struct {
	name   string
	parent int // index in the list, -1 for a root
}

func (k *kind) is(option string) bool { _, ok := k.options[option]; return ok }

// number returns the value of an option, 0 without it.
func (k *kind) number(option string) int64 {
	n, _ := strconv.ParseInt(k.options[option], 10, 64)
	return n
}

// parseGoods reads the table. It panics on an error: the text is part of the program.
func parseGoods(text string) (categories []category, kinds []kind) {
	var path [3]int
	for line := range strings.Lines(text) {
		line = strings.TrimRight(line, "\n")
		if heading := strings.TrimLeft(line, "#"); heading != line {
			level := len(line) - len(heading)
			c := category{strings.TrimSpace(heading), -1}
			if level > 1 {
				c.parent = path[level-2]
			}
			path[level-1] = len(categories)
			categories = append(categories, c)
			continue
		}
		k, err := parseKind(line)
		if err != nil {
			panic(fmt.Sprintf("goods: %q: %v", line, err))
		}
		k.category = len(categories) - 1
		kinds = append(kinds, k)
	}
	return categories, kinds
}

func parseKind(line string) (k kind, err error) {
	columns := strings.Split(line, "\t")
	if len(columns) != 6 {
		return k, fmt.Errorf("%d columns", len(columns))
	}
	k.name, k.brand, k.options = columns[0], columns[1], map[string]string{}
	for text := range strings.SplitSeq(columns[2], ", ") {
		at := strings.LastIndexByte(text, ' ')
		u := unit{name: text[:at], factor: 1}
		if u.price, err = strconv.ParseInt(text[at+1:], 10, 64); err != nil {
			return k, err
		}
		if name, holds, ok := strings.Cut(u.name, "*"); ok {
			u.name = name
			if u.factor, err = strconv.ParseInt(holds, 10, 64); err != nil {
				return k, err
			}
		}
		k.units = append(k.units, u)
	}
	if k.weight, err = strconv.ParseInt(columns[3], 10, 64); err != nil {
		return k, err
	}
	if k.tax, err = strconv.ParseInt(columns[4], 10, 64); err != nil {
		return k, err
	}
	for text := range strings.SplitSeq(columns[5], "; ") {
		name, value, _ := strings.Cut(text, "=")
		if values := strings.Split(value, "|"); name != "" && (name[0] < 'a' || name[0] > 'z') {
			k.axes = append(k.axes, axis{name, values})
		} else if name != "" {
			k.options[name] = value
		}
	}
	return k, nil
}

// variants returns the combinations of a kind's attribute values; a kind without attributes has one.
func (k *kind) variants() [][]string {
	all := [][]string{{}}
	for _, a := range k.axes {
		var longer [][]string
		for _, values := range all {
			for _, v := range a.values {
				longer = append(longer, append(slices.Clone(values), v))
			}
		}
		all = longer
	}
	return all
}

// barCode returns the nth EAN-13 of a brand, in the range of Vietnam.
func barCode(brand, n int) string {
	digits := fmt.Sprintf("893%05d%04d", 20_000+brand, n)
	sum := 0
	for i := range len(digits) {
		sum += int(digits[i]-'0') * (1 + 2*(i%2))
	}
	return digits + strconv.Itoa((10-sum%10)%10)
}
