package main

import (
	"context"
	"fmt"
	"reflect"
	"strconv"
	"strings"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/taphoa/taphoa"
	"github.com/taphoa/taphoa/internal/message"
	"github.com/taphoa/taphoa/internal/wire"
)

// override is a member that the record of an event is to have.
type override struct {
	path  []string // names and indexes
	value any
}

func (o override) name() string { return strings.Join(o.path, ".") }

// parseOverrides reads member=value, with names and indexes of nested members between dots.
func parseOverrides(all []string) (overrides []override, err error) {
	for _, text := range all {
		name, value, ok := strings.Cut(text, "=")
		path := strings.FieldsFunc(name, func(r rune) bool { return strings.ContainsRune(".[]", r) || r == ' ' })
		if !ok || len(path) == 0 {
			return nil, message.Errorf("--override must be MEMBER=VALUE, not %s", text)
		}
		o := override{path, value}
		if raw := jsontext.Value(value); raw.IsValid() && (raw.Kind() == '{' || raw.Kind() == '[') {
			o.value = raw
		}
		overrides = append(overrides, o)
	}
	return overrides, nil
}

// override has the record that an event is about be made with members.
func (f *fixture) override(kind string, overrides []override) {
	f.about, _, _ = strings.Cut(kind, ".")
	if f.about == "stock" {
		f.about = "product"
	}
	f.overrides = overrides
}

// create makes a record, with the overrides if the event is about it.
func create[In, Out any](f *fixture, record string, call func(context.Context, *In) (Out, error), in *In) (out Out, err error) {
	if record == f.about && len(f.overrides) > 0 {
		if in, err = overridden(f.overrides, record, in); err != nil {
			return out, err
		}
	}
	return call(f.ctx, in)
}

// overridden is an input with other members. What the server does not know is refused here, since it would pass it over.
func overridden[In any](overrides []override, record string, in *In) (*In, error) {
	request, err := wire.NewRequest("", true, in)
	if err != nil {
		return nil, err
	}
	var members any
	if err := json.Unmarshal(request.Body, &members); err != nil {
		return nil, err
	}
	for _, o := range overrides {
		members = put(members, o.path, o.value)
	}
	body, err := json.Marshal(members, json.Deterministic(true))
	if err != nil {
		return nil, err
	}
	source := &wire.Source{Body: body, ContentType: "application/json"}
	said, err := wire.Explain(source, reflect.TypeFor[In]())
	if err == nil {
		err = unknownMember(record, "", said.Body, said.BodyFields())
	}
	fresh := new(In)
	if err == nil {
		err = wire.Decode(source, fresh)
	}
	return fresh, err
}

// put sets a member of a tree of JSON, whose name may be in another letter case.
func put(in any, path []string, value any) any {
	if len(path) == 0 {
		return value
	}
	if list, ok := in.([]any); ok {
		if at, err := strconv.Atoi(path[0]); err == nil && at >= 0 && at <= len(list) {
			if at == len(list) {
				list = append(list, nil)
			}
			list[at] = put(list[at], path[1:], value)
			return list
		}
	}
	object, ok := in.(map[string]any)
	if !ok {
		object = map[string]any{}
	}
	name := path[0]
	for other := range object {
		if strings.EqualFold(other, name) {
			name = other
		}
	}
	object[name] = put(object[name], path[1:], value)
	return object
}

// unknownMember names the first member that the record does not have.
func unknownMember(record, within string, said []wire.Said, fields []string) error {
	for i := range said {
		s := &said[i]
		name := strings.TrimPrefix(within+"."+s.Name, ".")
		if s.Field == "" {
			if near := nearest(s.Name, fields); near != "" {
				return message.Errorf("--override: %s has no member %s, did you mean %s?", record, name, near)
			}
			return message.Errorf("--override: %s has no member %s", record, name)
		}
		if err := unknownMember(record, name, s.Members, s.Fields()); err != nil {
			return err
		}
	}
	return nil
}

// showOverrides prints what the event says of the members that were given.
func (p *program) showOverrides(overrides []override, e taphoa.Event) {
	var records []any
	if len(overrides) == 0 || json.Unmarshal(e.Data, &records, jsontext.AllowDuplicateNames(true)) != nil || len(records) == 0 {
		return
	}
	for _, o := range overrides {
		if value, ok := valueAt(records[0], o.path); ok {
			text, _ := json.Marshal(value) // came from JSON
			fmt.Fprintf(p.stdout, "    %s: %s\n", printable(o.name()), printable(string(text)))
		} else {
			p.say("    %s is not among what the event says", o.name())
		}
	}
}

// valueAt finds a member in any letter case.
func valueAt(in any, path []string) (any, bool) {
	if len(path) == 0 {
		return in, true
	}
	switch in := in.(type) {
	case []any:
		if at, err := strconv.Atoi(path[0]); err == nil && at >= 0 && at < len(in) {
			return valueAt(in[at], path[1:])
		}
	case map[string]any:
		for name, value := range in {
			if strings.EqualFold(name, path[0]) {
				return valueAt(value, path[1:])
			}
		}
	}
	return nil, false
}
