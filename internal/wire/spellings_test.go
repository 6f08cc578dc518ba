package wire

import (
	"cmp"
	"math/rand/v2"
	"reflect"
	"slices"
	"strconv"
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
	multipart := func(members ...string) Source {
		body := ""
		for _, m := range members {
			name, value, _ := strings.Cut(m, "=")
			body += "--x\r\nContent-Disposition: form-data; name=\"" + name + "\"\r\n\r\n" + value + "\r\n"
		}
		return Source{Body: []byte(body + "--x--\r\n"), ContentType: "multipart/form-data; boundary=x"}
	}
	query := func(members ...string) Source { return Source{Query: strings.Join(members, "&")} }
	within := func(before, after string) func(...string) Source {
		return func(members ...string) Source { return json(before + strings.Join(members, ",") + after) }
	}
	plain := func(in *document) string { return in.Plain }
	comments := func(in *document) string { return in.Comments.Or("") }
	address := func(in *document) string { return in.Delivery.Address.Or("") }
	code := func(in *document) string { return in.Lines[0].Code }
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
		{"a nested object", within(`"deliveryDetail":{`, `}`), []string{`"address":"good"`, `"Address":"bad"`, `"ADDRESS":"bad"`}, address},
		{"the name of a nested object", json, []string{`"deliveryDetail":{"address":"good"}`, `"DeliveryDetail":{"address":"bad"}`}, address},
		{"an element of a list", within(`"orderDetails":[{`, `}]`), []string{`"productCode":"good"`, `"ProductCode":"bad"`}, code},
		{"a list", json, []string{`"images":["good"]`, `"Images":["bad","bad"]`, `"IMAGES":"bad"`}, func(in *document) string { return in.Images[0] }},
		{"an image's link", within(`"images":[{`, `}]`), []string{`"Image":"good"`, `"image":"bad"`, `"Url":"bad"`}, func(in *document) string { return in.Images[0] }},
		{"a form", form, []string{"plain=good", "PLAIN=bad", "Plain=bad"}, plain},
		{"a form's list", form, []string{"images[]=good", "Images[]=bad", "IMAGES=bad"}, func(in *document) string { return in.Images[0] }},
		{"a form's nested object", form, []string{"orderDetails[0][productCode]=good", "orderDetails[0][ProductCode]=bad"}, code},
		{"a multipart form", multipart, []string{"plain=good", "PLAIN=bad", "Plain=bad"}, plain},
		{"a value before nulls", json, []string{`"plain":"good"`, `"plain":null`, `"PLAIN":"bad"`, `"Plain":null`}, plain},
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

// TestTheDocumentedSpellingWinsInAnySource: among the others, a query comes before a body.
func TestTheDocumentedSpellingWinsInAnySource(t *testing.T) {
	for _, src := range []Source{
		{Query: "id=1&ID=2", Body: []byte(`{"id":3}`)},
		{Query: "ID=2", Body: []byte(`{"id":1}`)},
		{Query: "ID=2&Id=3", Body: []byte(`{"Id":4,"id":1,"ID":5}`)},
		{Query: "Id=2", Body: []byte("ID=3&id=1")},
		{Query: "Id=1", Body: []byte(`{"ID":2,"iD":3}`)},
		{Path: []Param{{"id", "1"}}, Query: "id=2", Body: []byte(`{"id":3}`)},
	} {
		if in, err := decode(t, src); err != nil || in.ID != 1 {
			t.Errorf("%+v: %d, %v", src, in.ID, err)
		}
	}
}

// TestSpellingsInAnyOrderMeanTheDocumentedOnes decodes records of random members, each under its documented name and under
// others with other values, mixed at random, in nested records, too.
func TestSpellingsInAnyOrderMeanTheDocumentedOnes(t *testing.T) {
	type spelled struct {
		names []string // the first is documented
		value func() string
	}
	random := rand.New(rand.NewPCG(1, 2))
	number := func() string { return strconv.Itoa(random.IntN(100)) }
	text := func() string { return `"` + number() + `"` }
	// record writes some of the members, and the same with other spellings.
	record := func(members ...spelled) (documented, mixed string) {
		var clean, all []string
		for _, m := range members {
			if random.IntN(3) == 0 {
				continue
			}
			documented, mixed, _ := strings.Cut(m.value(), "|")
			clean = append(clean, `"`+m.names[0]+`":`+documented)
			all = append(all, `"`+m.names[0]+`":`+cmp.Or(mixed, documented))
			for range random.IntN(3) {
				other := m.names[1+random.IntN(len(m.names)-1)]
				if random.IntN(2) == 0 {
					other = strings.ToUpper(other)
				}
				value, _, _ := strings.Cut(m.value(), "|")
				all = append(all, `"`+other+`":`+value)
			}
		}
		random.Shuffle(len(all), func(i, j int) { all[i], all[j] = all[j], all[i] })
		return "{" + strings.Join(clean, ",") + "}", "{" + strings.Join(all, ",") + "}"
	}
	nested := func(open, closed string, members ...spelled) func() string {
		return func() string {
			documented, mixed := record(members...)
			return open + documented + closed + "|" + open + mixed + closed
		}
	}
	code := spelled{[]string{"productCode", "ProductCode", "productcode"}, text}
	quantity := spelled{[]string{"quantity", "Quantity", "QUANTITY"}, number}
	address := spelled{[]string{"address", "Address", "ADDRESS"}, text}
	status := spelled{[]string{"status", "Status", "sTATUS"}, number}
	differ := 0
	for range 2000 {
		documented, mixed := record(
			spelled{[]string{"id", "Id", "ID"}, number},
			spelled{[]string{"plain", "Plain", "pLain"}, text},
			spelled{[]string{"comments", "Comments", "comment", "remark"}, text},
			spelled{[]string{"groups", "Groups", "GROUPS"}, func() string { return "[" + number() + "]" }},
			spelled{[]string{"deliveryDetail", "DeliveryDetail"}, nested("", "", address, status)},
			spelled{[]string{"customer", "Customer"}, nested("", "", address, status)},
			spelled{[]string{"orderDetails", "OrderDetails"}, nested("[", "]", code, quantity)},
		)
		want, err := decode(t, Source{Body: []byte(documented)})
		got, otherErr := decode(t, Source{Body: []byte(mixed)})
		if err != nil || otherErr != nil || !reflect.DeepEqual(got, want) {
			t.Fatalf("%s means\n%+v, %v, want what %s means:\n%+v, %v", mixed, got, otherErr, documented, want, err)
		}
		if mixed != documented {
			differ++
		}
	}
	if differ < 1000 {
		t.Errorf("only %d records have other spellings", differ)
	}
}
