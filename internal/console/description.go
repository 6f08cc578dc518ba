package console

import "net/url"

// description is a page over the operations of one kind of record. Its texts are in Vietnamese, the keys of other languages.
type description struct {
	path, icon string // below /console/; of the navigation
	title      string // of the list
	one        string // of a record: "khách hàng"

	list                        string     // operations of the route table; list is not empty
	with                        url.Values // what the list is always asked with
	get, create, update, remove string     // by the member id of a record; empty: no such thing here
	voids                       *voiding   // where removing a record only voids it

	name, code string                                                                   // members that name a record
	search     string                                                                   // the parameter by which the list is searched; empty: searchBy does it
	searchBy   func(v *visit, text string, query url.Values) (only []record, err error) // changes query, unless only these are found
	searchHint string
	order      string // what the list is ordered by unless a column is chosen, as orderBy has it; newest first

	subtitle func(v *visit) (string, error) // of the list
	totals   string                         // what its sums are called
	columns  []column
	filters  []filter
	sections []section
	also     func(v *visit, r record) (also, error) // of a record
	kinds    []string                               // of the events that change the list
}

// also is what a record's page has beside what its operations give.
type also struct {
	state   string // below the name, instead of the code
	actions []Action
	dialogs []Confirm
	cards   []any // below its members
}

// voiding are the words of what removes a record that stays to be seen, and whether a record can be removed so.
type voiding struct {
	action, question, text, done string
	still                        func(r record) bool
}

// column is a member of a record in a table.
type column struct {
	member, title string
	kind          kind
	sort          string // as orderBy has it; empty: the operation does not sort by it
	off           bool   // shown only when chosen
	key           bool   // beside the first column on a phone
	wide          bool   // takes what is left
	blank         string // what is shown where there is no value
	tones         map[string]string
	value         func(r record) string // as the API would write it, where it is not a member
}

// filter narrows a list down.
type filter struct {
	param, title string // a parameter of the list
	until        string // of a period: the parameter of its end, and param is that of its beginning
	kind         kind
	options      options
}

// options are what a select offers: few and fixed, or of the shop.
type options struct {
	needs string // the operation by which they are listed; empty: none
	list  func(v *visit) ([]Choice, error)
}

// section is a part of the form of a record.
type section struct {
	title  string
	fields []field
	lines  *lines // of a document, which are shown below
}

// lines are the lines of a document.
type lines struct {
	member  string
	columns []column
}

// field is a member of a record in its form, or on its page where it cannot be changed.
type field struct {
	member   string // of answers and requests
	title    string
	hint     string
	kind     kind
	unit     string
	width    string
	required bool
	start    string // the value of a new record
	max      int    // characters
	options  options
	tones    map[string]string // of a state's badge, where it is only shown
	computed bool              // is shown, and cannot be changed
	stays    bool              // can be changed, and not be cleared: to the operation nothing is no change
}

// fixed are options that every shop has: values and their texts.
func fixed(pairs ...string) options {
	return options{list: func(v *visit) ([]Choice, error) {
		var all []Choice
		for i := 0; i+1 < len(pairs); i += 2 {
			all = append(all, Choice{Value: pairs[i], Text: v.say(pairs[i+1])})
		}
		return all, nil
	}}
}

// wholeList asks for all of a list that is short.
var wholeList = url.Values{"pageSize": {"1000"}}

// listed are the records of an operation as options.
func listed(operation, id, name string) options {
	return options{operation, func(v *visit) ([]Choice, error) {
		page, _, err := v.ask(operation, nil, wholeList)
		if err != nil {
			return nil, err
		}
		var all []Choice
		for _, r := range records(page.at("data")) {
			all = append(all, Choice{Value: r.text(id), Text: r.text(name)})
		}
		return all, nil
	}}
}
