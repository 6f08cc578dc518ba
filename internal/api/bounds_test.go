package api_test

import (
	"fmt"
	"net/http"
	"net/url"
	"reflect"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/taphoa/taphoa"
	"github.com/taphoa/taphoa/internal/api"
	"github.com/taphoa/taphoa/internal/apitest"
)

// asked are the members of a query that are texts, and those that are lists of any type.
func asked(in reflect.Type) (texts, lists []string) {
	for i := range in.NumField() {
		f := in.Field(i)
		if f.Anonymous && f.Tag.Get("query") == "" && f.Type.Kind() == reflect.Struct {
			t, l := asked(f.Type)
			texts, lists = append(texts, t...), append(lists, l...)
			continue
		}
		name, of := f.Tag.Get("query"), f.Type
		if of.Kind() == reflect.Struct && of.NumField() == 2 && of.Field(1).Type == reflect.TypeFor[taphoa.OptState]() {
			of = of.Field(0).Type
		}
		switch {
		case name == "":
		case of.Kind() == reflect.Slice:
			lists = append(lists, name)
		case of.Kind() == reflect.String:
			texts = append(texts, name)
		}
	}
	return texts, lists
}

var placeholder = regexp.MustCompile(`\{[^}]*\}`)

// TestNoQueryIsTooMuchForTheDatabase asks with the longest texts and lists that there may be, and with longer ones. The
// engines have limits of their own: 50,000 bytes for a pattern, 32,766 values in a statement.
func TestNoQueryIsTooMuchForTheDatabase(t *testing.T) {
	apitest.Each(t, func(t *testing.T, d *apitest.Server) {
		texts, lists := 0, 0
		for _, r := range api.Routes() {
			if r.Method != http.MethodGet {
				continue
			}
			path := placeholder.ReplaceAllString(r.Paths[0], "1")
			textsOf, listsOf := asked(r.In)
			texts, lists = texts+len(textsOf), lists+len(listsOf)
			send := func(name, value string) apitest.Answer {
				t.Helper()
				a := d.Send(http.MethodGet, path+"?"+name+"="+url.QueryEscape(value), "")
				if a.Status != http.StatusOK && a.Status != 420 && a.Status != http.StatusBadRequest {
					t.Errorf("%s?%s of %d bytes: %d %s", path, name, len(value), a.Status, a.Body)
				}
				return a
			}
			for _, name := range textsOf {
				if strings.Contains(r.Paths[0], "{"+name) { // the path says it
					continue
				}
				for _, longest := range []string{strings.Repeat("_", 1000), strings.Repeat("ẩ", 1000), strings.Repeat("a", 1000)} {
					send(name, longest)
				}
				most := 1000
				if name == "cursor" { // it carries the sorted value of a row
					most = 8000
				}
				for _, tooLong := range []string{strings.Repeat("a", most+1), strings.Repeat("_", 25_000), strings.Repeat("a", 60_000)} {
					a := send(name, tooLong)
					if sentence, err := a.Refusal(); a.Status != 420 || err != nil || !strings.Contains(sentence, fmt.Sprintf("%s không được quá %d ký tự", name, most)) {
						t.Errorf("%s?%s of %d bytes: %d %s", path, name, len(tooLong), a.Status, a.Body)
					}
				}
			}
			whole := []string{}
			for _, name := range listsOf {
				longest := strings.TrimSuffix(strings.Repeat("1,", 2000), ",")
				whole = append(whole, name+"="+longest)
				a := send(name, longest+strings.Repeat(",1", 100_000))
				if sentence, err := a.Refusal(); a.Status != 400 || err != nil || !strings.Contains(sentence, name+" có quá nhiều giá trị, tối đa 2000") {
					t.Errorf("%s?%s with 102,000 values: %d %s", path, name, a.Status, a.Body)
				}
			}
			if a := d.Send(http.MethodGet, path+"?"+strings.Join(whole, "&"), ""); a.Status >= 500 {
				t.Errorf("%s with the longest lists: %d %s", path, a.Status, a.Body)
			}
		}
		if texts < 50 || lists < 20 {
			t.Errorf("only %d texts and %d lists were asked for", texts, lists)
		}
	})
}

// TestLargeRequestsWaitForTheirShareOfMemory has a client that has used up its share.
func TestLargeRequestsWaitForTheirShareOfMemory(t *testing.T) {
	t.Parallel()
	d := apitest.New(t, "sqlite")
	const share = 72 << 20
	dense := `{"name":"Khách","unknown":[` + strings.TrimSuffix(strings.Repeat("{},", 5_000), ",") + `]}`
	long := `{"name":"Khách","unknown":"` + strings.Repeat("x", 2<<20) + `"}` // more than a buffer has that another request has left
	post := func(d *apitest.Server, body string) apitest.Answer {
		return d.Send(http.MethodPost, "/customers", body)
	}

	release := api.Hold(d.Handler, d.Shop.ClientID, false, share)
	answered := make(chan apitest.Answer, 1)
	go func() { answered <- post(d, dense) }()
	select {
	case a := <-answered:
		t.Errorf("the memory is used up, and yet it is answered: %d %s", a.Status, a.Body)
	case <-time.After(50 * time.Millisecond):
	}
	for who, shop := range map[string]apitest.Shop{"the same client": d.Shop, "another": d.OtherShop} {
		body := `{"name":"Khách"}`
		if shop == d.OtherShop {
			body = dense
		}
		if a := post(d.As(shop), body); a.Status != http.StatusOK {
			t.Errorf("%s is not to wait: %d %s", who, a.Status, a.Body)
		}
	}
	release()
	if a := <-answered; a.Status != http.StatusOK {
		t.Errorf("it has waited for %d %s", a.Status, a.Body)
	}

	release = api.Hold(d.Handler, d.Shop.ClientID, true, share)
	a := post(d, long)
	if sentence, err := a.Refusal(); a.Status != http.StatusTooManyRequests || a.Header.Get("Retry-After") != "1" || err != nil || !vietnamese.MatchString(sentence) {
		t.Errorf("a body for which no memory is left: %d %v %s", a.Status, a.Header, a.Body)
	}
	release()
	if a := post(d, long); a.Status != http.StatusOK {
		t.Errorf("once there is memory: %d %s", a.Status, a.Body)
	}
	if release := api.Hold(d.Handler, d.Shop.ClientID, false, share); release == nil {
		t.Error("some memory is not released")
	} else {
		release()
	}
}
