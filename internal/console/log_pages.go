package console

import (
	"net/url"
	"strings"
)

// logAddress is the address of a page of a log with another value of a parameter, from the newest entry on unless that is before.
func logAddress(path string, asked url.Values, name, value string) string {
	to := url.Values{}
	for key := range asked {
		to.Set(key, asked.Get(key))
	}
	to.Del("before")
	if to.Set(name, value); value == "" {
		to.Del(name)
	}
	return strings.TrimSuffix(path+"?"+to.Encode(), "?")
}

// logPager leads to the entries before one, and back to the newest; next is empty at the end.
func logPager(path string, asked url.Values, next string) *Pager {
	p := &Pager{}
	if next != "" {
		p.Next = logAddress(path, asked, "before", next)
	}
	if asked.Get("before") != "" {
		p.Start = logAddress(path, asked, "before", "")
	}
	if *p == (Pager{}) {
		return nil
	}
	return p
}
