package console

import (
	"embed"
	"fmt"
	"html/template"
	"reflect"
	"strings"
)

//go:embed templates/*.html
var templateFiles embed.FS

// newTemplates returns the templates with their texts in one language; say translates from Vietnamese.
//
//	t        translates
//	draw     draws a component with the template that has the name of its type
//	args     makes named values for a template that is called
//	tone     returns the icon of an alert
//	asset    returns the address of a static file
func newTemplates(say func(key string) string) *template.Template {
	t := template.New("")
	t.Funcs(template.FuncMap{
		"t":     say,
		"asset": assetURL,
		"draw": func(component any) (template.HTML, error) {
			var b strings.Builder
			err := t.ExecuteTemplate(&b, reflect.TypeOf(component).Name(), component)
			return template.HTML(b.String()), err //nolint:gosec // it comes out of a template, escaped
		},
		"args": pairs,
		"tone": func(tone string) string { return toneIcons[tone] },
	})
	return template.Must(t.ParseFS(templateFiles, "templates/*.html"))
}

// toneIcons are the icons of alerts.
var toneIcons = map[string]string{
	"success": "circle-check", "warning": "alert-triangle", "danger": "alert-circle", "info": "info-circle",
}

// pairs are named values for a template that needs more than one.
func pairs(namesAndValues ...any) (map[string]any, error) {
	all := map[string]any{}
	for i := 0; i+1 < len(namesAndValues); i += 2 {
		name, ok := namesAndValues[i].(string)
		if !ok {
			return nil, fmt.Errorf("the name %v is no text", namesAndValues[i])
		}
		all[name] = namesAndValues[i+1]
	}
	return all, nil
}
