package testbench

import (
	"fmt"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/taphoa/taphoa"
)

// setupRequest is one of the requests that a template is set up with.
type setupRequest struct {
	file    string
	line    int // of the request itself, from 1
	title   string
	name    string // by which later requests name its answer
	method  string
	target  string
	headers [][2]string
	body    string
}

const (
	variableMax = 4 << 10 // bytes of a variable, with those that it has in it
	filledMax   = 8 << 20 // of a request
)

// setupError is for a file that is not as it should be: it names the place.
func setupError(file string, line int, format string, args ...any) error {
	return taphoa.Refuse(taphoa.CodeValidate, "init", "%s, dòng %d: %s", filepath.Base(file), line, fmt.Sprintf(format, args...))
}

var (
	requestLine  = regexp.MustCompile(`^(?:([A-Za-z]+)[ \t]+)?(\S.*?)(?:[ \t]+HTTP/[0-9.]+)?$`)
	nameLine     = regexp.MustCompile(`^(?:#|//)[ \t]*@name[ \t]+([A-Za-z_][A-Za-z0-9_]*)[ \t]*$`)
	variableLine = regexp.MustCompile(`^@([A-Za-z_][A-Za-z0-9_]*)[ \t]*=[ \t]*(.*)$`)
	methods      = []string{"GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS"}
)

// parseRequests reads the requests of a .http file, as editors send them: parts between lines of ###, each with comments, a request line,
// headers, an empty line and a body. variables gets the lines @name = value.
func parseRequests(file, text string, variables map[string]string) (all []setupRequest, err error) {
	lines := strings.Split(strings.ReplaceAll(strings.TrimPrefix(text, "\uFEFF"), "\r\n", "\n"), "\n")
	for at := 0; at < len(lines); {
		title := ""
		if rest, isMark := strings.CutPrefix(lines[at], "###"); isMark {
			title = strings.TrimSpace(strings.TrimLeft(rest, "#"))
			at++
		}
		end := at
		for end < len(lines) && !strings.HasPrefix(lines[end], "###") {
			end++
		}
		r, err := parsePart(file, at+1, lines[at:end], variables)
		if err != nil {
			return nil, err
		}
		if r != nil {
			r.title = title
			all = append(all, *r)
		}
		at = max(end, at)
		if end == len(lines) {
			break
		}
	}
	return all, nil
}

// parsePart reads the request of a part whose first line has a number; nil if it has none.
func parsePart(file string, first int, lines []string, variables map[string]string) (*setupRequest, error) {
	r, at := &setupRequest{file: file}, 0
	for ; at < len(lines); at++ {
		line := strings.TrimSpace(lines[at])
		if m := nameLine.FindStringSubmatch(line); m != nil {
			r.name = m[1]
		} else if m := variableLine.FindStringSubmatch(line); m != nil {
			value := placeholder.ReplaceAllStringFunc(strings.TrimSpace(m[2]), func(found string) string {
				if known, has := variables[strings.TrimSpace(found[2:len(found)-2])]; has {
					return known
				}
				return found
			})
			if len(value) > variableMax {
				return nil, setupError(file, first+at, "giá trị của @%s dài quá %d ký tự", m[1], variableMax)
			}
			variables[m[1]] = value
		} else if line != "" && line[0] != '#' && !strings.HasPrefix(line, "//") {
			break
		}
	}
	if at == len(lines) {
		return nil, nil
	}
	r.line = first + at
	m := requestLine.FindStringSubmatch(strings.TrimSpace(lines[at]))
	if m == nil {
		return nil, setupError(file, r.line, "không có dòng yêu cầu, ví dụ POST /customers")
	}
	if r.method = strings.ToUpper(m[1]); r.method == "" {
		r.method = "GET"
	}
	r.target = m[2]
	if !slices.Contains(methods, r.method) {
		return nil, setupError(file, r.line, "không có phương thức %s", r.method)
	}
	for at++; at < len(lines); at++ { // the rest of a long query
		more := strings.TrimSpace(lines[at])
		if !strings.HasPrefix(more, "?") && !strings.HasPrefix(more, "&") {
			break
		}
		r.target += more
	}
	for ; at < len(lines) && strings.TrimSpace(lines[at]) != ""; at++ {
		line := strings.TrimSpace(lines[at])
		if line[0] == '#' || strings.HasPrefix(line, "//") {
			continue
		}
		name, value, isHeader := strings.Cut(line, ":")
		if name = strings.TrimSpace(name); !isHeader || name == "" || strings.ContainsAny(name, " \t\"{") {
			return nil, setupError(file, first+at, "%q không phải là header: trước nội dung phải có một dòng trống", line)
		}
		r.headers = append(r.headers, [2]string{name, strings.TrimSpace(value)})
	}
	r.body = strings.TrimSpace(strings.Join(lines[min(at, len(lines)):], "\n"))
	return r, nil
}

// parseJSONRequest reads a .json file: one request, or a list of some.
func parseJSONRequest(file, text string) (all []setupRequest, err error) {
	type input struct {
		Name    string            `json:"name"`
		Method  string            `json:"method"`
		Path    string            `json:"path"`
		Headers map[string]string `json:"headers"`
		Body    jsontext.Value    `json:"body"`
	}
	var inputs []input
	data := []byte(strings.TrimPrefix(text, "\uFEFF"))
	if strings.HasPrefix(strings.TrimSpace(string(data)), "[") {
		err = json.Unmarshal(data, &inputs, json.RejectUnknownMembers(true))
	} else {
		inputs = make([]input, 1)
		err = json.Unmarshal(data, &inputs[0], json.RejectUnknownMembers(true))
	}
	if err != nil {
		return nil, setupError(file, 1, "tệp phải có dạng {\"method\":\"POST\",\"path\":\"/customers\",\"body\":{…}}, hoặc danh sách các yêu cầu như vậy: %v", err)
	}
	for _, in := range inputs {
		r := setupRequest{file: file, line: 1, name: in.Name, method: strings.ToUpper(in.Method), target: in.Path, body: string(in.Body)}
		if r.method == "" {
			r.method = "GET"
		}
		if !slices.Contains(methods, r.method) || r.target == "" {
			return nil, setupError(file, 1, "mỗi yêu cầu cần method và path")
		}
		if in.Body.Kind() == 'n' {
			r.body = ""
		}
		for name, value := range in.Headers {
			r.headers = append(r.headers, [2]string{name, value})
		}
		all = append(all, r)
	}
	return all, nil
}

var placeholder = regexp.MustCompile(`\{\{[^{}\n]+\}\}`)

// fill replaces {{name}} by a variable, which has those before it already, and {{name.path}} by a value of an earlier answer.
func (r *setupRequest) fill(text string, variables map[string]string, answers map[string]jsontext.Value) (string, error) {
	var err error
	size := 0
	replace := func(text string, from func(path string) (string, bool)) string {
		return placeholder.ReplaceAllStringFunc(text, func(found string) string {
			path := strings.TrimSpace(found[2 : len(found)-2])
			value, known := from(path)
			if size += len(value); size > filledMax {
				err = setupError(r.file, r.line, "yêu cầu dài quá %d MB", filledMax>>20)
				return ""
			}
			if !known {
				return found
			}
			return value
		})
	}
	text = replace(text, func(path string) (string, bool) { value, known := variables[path]; return value, known })
	text = replace(text, func(path string) (string, bool) {
		value, missing := r.answered(path, answers)
		if missing != nil {
			err = missing
		}
		return value, missing == nil
	})
	return text, err
}

// answered is the value of {{name.path}}.
func (r *setupRequest) answered(path string, answers map[string]jsontext.Value) (string, error) {
	name, rest, _ := strings.Cut(path, ".")
	answer, known := answers[name]
	if !known {
		return "", setupError(r.file, r.line, "không có giá trị {{%s}}: chưa yêu cầu nào trước đó có # @name %s", path, name)
	}
	value, has := valueAt(answer, strings.TrimPrefix(strings.TrimPrefix(rest, "response.body."), "$."))
	if !has {
		return "", setupError(r.file, r.line, "câu trả lời của %s không có %s", name, rest)
	}
	return value, nil
}

var step = regexp.MustCompile(`^(?:\.?([^.\[\]]+)|\[(\d+)\])`)

// valueAt is the value at a path of an answer: data.id, items[0].code; a text without its quotes.
func valueAt(answer jsontext.Value, path string) (text string, has bool) {
	for path != "" {
		m := step.FindStringSubmatch(path)
		if m == nil {
			return "", false
		}
		path = path[len(m[0]):]
		if m[1] != "" {
			answer = lookUp(answer, named(strings.ToLower(m[1])))
		} else if all, i := elements(answer), int(number(jsontext.Value(m[2]))); i < len(all) {
			answer = all[i]
		} else {
			answer = nil
		}
		if answer == nil {
			return "", false
		}
	}
	if answer.Kind() == '"' {
		unquoted, err := jsontext.AppendUnquote(nil, answer)
		return string(unquoted), err == nil
	}
	return string(answer), len(answer) > 0
}
