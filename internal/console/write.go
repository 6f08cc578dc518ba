package console

import (
	"html/template"
	"io"
	"net/http"
	"reflect"
	"strconv"
	"strings"

	"github.com/taphoa/taphoa/internal/api"
)

// drawTo writes a component with the template that has the name of its type.
func drawTo(w io.Writer, t *template.Template, component any) error {
	return t.ExecuteTemplate(w, reflect.TypeOf(component).Name(), component)
}

const packMin = 1 << 10 // bytes; smaller pages are not packed

// writePacked writes a page, with gzip if the browser takes it.
func writePacked(w http.ResponseWriter, r *http.Request, status int, body []byte) {
	h := w.Header()
	h.Add("Vary", "Accept-Encoding")
	if len(body) >= packMin && api.TakesGzip(r) {
		h.Set("Content-Encoding", "gzip")
		body = api.Gzip(nil, body)
	}
	h.Set("Content-Length", strconv.Itoa(len(body)))
	w.WriteHeader(status)
	_, _ = w.Write(body) // a browser that has gone needs no page
}

// browserName is what a person calls a browser, of its User-Agent.
func browserName(agent string) string {
	first := func(names ...string) string {
		for i := 0; i+1 < len(names); i += 2 {
			if strings.Contains(agent, names[i]) {
				return names[i+1]
			}
		}
		return ""
	}
	browser := first("Edg/", "Edge", "OPR/", "Opera", "coc_coc", "Cốc Cốc", "Firefox/", "Firefox", "Chrome/", "Chrome", "Safari/", "Safari", "curl/", "curl")
	system := first("iPhone", "iPhone", "iPad", "iPad", "Android", "Android", "Windows", "Windows", "Mac OS", "macOS", "Linux", "Linux")
	switch {
	case browser == "":
		return agent[:min(len(agent), 40)]
	case system == "":
		return browser
	}
	return browser + ", " + system
}
