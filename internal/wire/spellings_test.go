package wire

import (
	"slices"
	"strings"
	"testing"

	"github.com/taphoa/taphoa"
)

// TestTheDocumentedSpellingWins gives one member under several names, in every order.
func TestTheDocumentedSpellingWins(t *testing.T) {
	json := func(members ...string) Source {
		return Source{Body: []byte("{" + strings.Join(members, ",") + "}"), ContentType: "application/json"}
	}
	form := func(members ...string) Source { return Source{Body: []byte(strings.Join(members, "&"))} }
	query := func(members ...string) Source { return Source{Query: strings.Join(members, "&")} }
	within := func(before, after string) func(...string) Source {
		return func(members ...string) Source { return json(before + strings.Join(members, ",") + after) }
	}
	plain := func(in *document) string { return in.Plain }
	comments := func(in *document) string { return in.Comments.Or("") }
	tests := []struct {
		name    string
		source  func(...string) Source
		members []string // any of these but the first must not be used
		got     func(*document) string
	}{
		{"letter case in JSON", json, []string{`"plain":"good"`, `"PLAIN":"bad"`, `"Plain":"bad"`}, plain},
		{"an escaped name", json, []string{`"pl\u0061in":"good"`, `"Pl\u0061in":"bad"`}, plain},
		{"aliases", json, []string{`"comments":"good"`, `"remark":"bad"`, `"comment":"bad"`, `"COMMENTS":"bad"`}, comments},
		{"another letter case before aliases", json, []string{`"COMMENTS":"good"`, `"remark":"bad"`, `"comment":"bad"`}, comments},
		{"an alias in its spelling", json, []string{`"comment":"good"`, `"COMMENT":"bad"`, `"remark":"bad"`}, comments},
		{"a value before the documented null", json, []string{`"Plain":"good"`, `"plain":null`}, plain},
		{"a nested object", within(`"deliveryDetail":{`, `}`), []string{`"address":"good"`, `"Address":"bad"`, `"ADDRESS":"bad"`},
			func(in *document) string { return in.Delivery.Address.Or("") }},
		{"the name of a nested object", json, []string{`"deliveryDetail":{"address":"good"}`, `"DeliveryDetail":{"address":"bad"}`},
			func(in *document) string { return in.Delivery.Address.Or("") }},
		{"an element of a list", within(`"orderDetails":[{}, {`, `}]`), []string{`"productCode":"good"`, `"ProductCode":"bad"`},
			func(in *document) string { return in.Lines[1].Code }},
		{"a list", json, []string{`"images":["good"]`, `"Images":["bad","bad"]`, `"IMAGES":"bad"`}, func(in *document) string { return in.Images[0] }},
		{"an image's link", within(`"images":[{`, `}]`), []string{`"Image":"good"`, `"image":"bad"`, `"Url":"bad"`}, func(in *document) string { return in.Images[0] }},
		{"a form", form, []string{"plain=good", "PLAIN=bad", "Plain=bad"}, plain},
		{"a form's list", form, []string{"images[]=good", "Images[]=bad", "IMAGES=bad"}, func(in *document) string { return in.Images[0] }},
		{"a form's nested object", form, []string{"orderDetails[0][productCode]=good", "orderDetails[0][ProductCode]=bad"},
			func(in *document) string { return in.Lines[0].Code }},
		{"a query", query, []string{"words=good", "Words=bad", "WORDS[]=bad"}, func(in *document) string { return in.Words[0] }},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			permute(test.members, func(members []string) {
				var in document
				source := test.source(members...)
				if err := Decode(&source, &in); err != nil || test.got(&in) != "good" {
					t.Errorf("%v: %q, %v", members, test.got(&in), err)
				}
			})
		})
	}
}

// permute calls f with every order of a list.
func permute(list []string, f func([]string)) {
	var from func(int)
	from = func(at int) {
		if at == len(list) {
			f(slices.Clone(list))
		}
		for i := at; i < len(list); i++ {
			list[at], list[i] = list[i], list[at]
			from(at + 1)
			list[at], list[i] = list[i], list[at]
		}
	}
	from(0)
}

// TestResponsesAreReadInTheDocumentedSpelling: the documents have some members twice, and the first is theirs.
func TestResponsesAreReadInTheDocumentedSpelling(t *testing.T) {
	type answer struct {
		ID   int64              `json:"id" alias:"number"`
		Name taphoa.Opt[string] `json:"name" also:"Name,title"`
	}
	permute([]string{`"name":"good"`, `"Name":"bad"`, `"title":"bad"`, `"NAME":"bad"`}, func(members []string) {
		var in answer
		if err := DecodeResponse([]byte("{"+strings.Join(members, ",")+"}"), &in); err != nil || in.Name.Or("") != "good" {
			t.Errorf("%v: %+v, %v", members, in, err)
		}
	})
}
