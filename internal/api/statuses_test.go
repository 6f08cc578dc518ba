package api_test

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/taphoa/taphoa"
	"github.com/taphoa/taphoa/internal/api"
	"github.com/taphoa/taphoa/internal/apitest"
)

// TestAStatusInAFilterIsCarriedOutOrRefused in every list that has one: each word finds what its number does.
func TestAStatusInAFilterIsCarriedOutOrRefused(t *testing.T) {
	apitest.Each(t, func(t *testing.T, d *apitest.Server) {
		prepare(t, d)
		seen := 0
		find := func(path, member, value string) string {
			a := d.Send(http.MethodGet, path+url.QueryEscape(value), "")
			total, _ := a.Get("$.total")
			if a.Status != http.StatusOK || total == "" {
				t.Errorf("%s%s: %d %s", path, value, a.Status, a.Body)
			}
			return total
		}
		for _, r := range api.Routes() {
			for _, f := range members(r.In) {
				list, member := f.Tag.Get("words"), f.Tag.Get("query")
				if list == "" {
					continue
				}
				seen++
				path := r.Paths[0] + "?" + member + "="
				if r.Operation == "listVouchers" {
					path = r.Paths[0] + "?campaignId=" + fmt.Sprint(d.ID("campaign:TET")) + "&" + member + "="
				}
				all := ""
				for status, words := range taphoa.Statuses(list) {
					all += fmt.Sprint(status, ";")
					for _, word := range words {
						if got, want := find(path, member, strings.ToUpper(word)), find(path, member, fmt.Sprint(status)); word != "" && got != want {
							t.Errorf("%s%s finds %s, %d finds %s", path, word, got, status, want)
						}
					}
				}
				whole := find(path, member, "")
				if got := find(path, member, all); got != whole {
					t.Errorf("%s%s finds %s of %s", path, all, got, whole)
				}
				if got := find(path, member, "Active"); got != whole {
					t.Errorf("%sActive finds %s of %s", path, got, whole)
				}
				for _, bad := range []string{"abc", "1;x"} {
					a := d.Send(http.MethodGet, path+url.QueryEscape(bad), "")
					if a.Status != http.StatusBadRequest || !strings.Contains(string(a.Body), member) {
						t.Errorf("%s%s: %d %s", path, bad, a.Status, a.Body)
					}
				}
			}
		}
		if seen < 11 {
			t.Errorf("%d lists have a status or a type", seen)
		}
	})
}
