package testbench

import (
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/taphoa/taphoa"
	"github.com/taphoa/taphoa/internal/api"
)

// columns is the width of a report on a terminal.
const columns = 80

// reportTexts are the words of a report.
var reportTexts = map[string]Phrase{
	"fork":       {"fork", "bản sao"},
	"requests":   {"requests", "yêu cầu"},
	"none":       {"No request has come yet.", "Chưa có yêu cầu nào."},
	"operations": {"OPERATIONS", "THAO TÁC"},
	"calls":      {"CALLS", "SỐ LẦN"},
	"statuses":   {"STATUSES", "TRẠNG THÁI"},
	"answer":     {"ANSWER", "TRẢ VỀ"},
	"names":      {"NAMES THAT WERE SENT", "CÁC TÊN ĐÃ GỬI"},
	"documented": {"as documented", "đúng tài liệu"},
	"spelling":   {"other spelling", "viết khác"},
	"seen":       {"not documented", "ngoài tài liệu"},
	"ours":       {"only here", "chỉ có ở đây"},
	"misspelt":   {"misspelt?", "sai chính tả?"},
	"unknown":    {"unknown", "không ai đọc"},
	"differs":    {"WHAT WOULD DIFFER AT THE VENDOR", "Ở KIOTVIET SẼ KHÁC"},
	"nothing":    {"Nothing that is known.", "Không có gì đã biết."},
	"first":      {"first", "đầu tiên"},
	"held":       {"ANSWER: documented members that were there, of all", "TRẢ VỀ: số trường trong tài liệu đã có, trên tổng số"},
}

// textReport writes a report for a terminal.
type textReport struct {
	io.Writer
	language string
}

func (t *textReport) text(key string) string { return reportTexts[key].In(t.language) }

// cut is the beginning of a text of at most some columns, and one line.
func cut(text string, most int) string {
	text = oneLine(text)
	if utf8.RuneCountInString(text) <= most {
		return text
	}
	return string([]rune(text)[:most-1]) + "…"
}

// oneLine is a text without characters that move the cursor or change its direction.
func oneLine(text string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || unicode.Is(unicode.Bidi_Control, r) {
			return -1
		}
		return r
	}, text)
}

func pad(text string, width int) string {
	return text + strings.Repeat(" ", max(0, width-utf8.RuneCountInString(text)))
}

// wrapped writes a text in lines after a margin.
func (t *textReport) wrapped(first, margin, text string) {
	line, lead := "", first
	for word := range strings.FieldsSeq(oneLine(text)) {
		word = cut(word, columns-utf8.RuneCountInString(margin))
		if line != "" && utf8.RuneCountInString(lead+line)+1+utf8.RuneCountInString(word) > columns {
			fmt.Fprintln(t, lead+line)
			line, lead = "", margin
		}
		line = strings.TrimPrefix(line+" "+word, " ")
	}
	fmt.Fprintln(t, lead+line)
}

func (r *Report) writeText(w io.Writer, language string) {
	t := &textReport{w, language}
	head := fmt.Sprintf("taphoa sandbox · %s %s", t.text("fork"), r.Fork)
	right := fmt.Sprintf("%d %s", r.Requests, t.text("requests"))
	if r.Requests > 0 {
		right += "  " + timeOfDay(r.from) + "–" + timeOfDay(r.to)
	}
	fmt.Fprintln(t, pad(head, columns-utf8.RuneCountInString(right))+right)
	fmt.Fprintln(t, strings.Repeat("─", columns))
	if r.Requests == 0 {
		fmt.Fprintln(t, t.text("none"))
		return
	}
	t.operations(r)
	t.names(r)
	t.differences(r)
}

func timeOfDay(at taphoa.Time) string { return at.Std().Format("15:04:05") }

const operationWidth = 34

func (t *textReport) operations(r *Report) {
	fmt.Fprintf(t, "%s %6s  %s %s\n", pad(t.text("operations"), operationWidth+4), t.text("calls"), pad(t.text("statuses"), 24), t.text("answer"))
	for i := range r.Operations {
		o := &r.Operations[i]
		name := o.Operation
		if name == "" {
			name = o.Path
		}
		var statuses []string
		for _, status := range slices.Sorted(maps.Keys(o.Statuses)) {
			statuses = append(statuses, fmt.Sprintf("%d×%d", status, o.Statuses[status]))
		}
		answer := ""
		if n := len(o.Held) + len(o.NotHeld); n > 0 {
			answer = fmt.Sprintf("%d/%d", len(o.Held), n)
		}
		fmt.Fprintf(t, "%s\n", strings.TrimRight(fmt.Sprintf("%s %s %6d  %s %s", pad(cut(o.Method, 6), 6), pad(cut(name, operationWidth-3), operationWidth-3), o.Count,
			pad(cut(strings.Join(statuses, " "), 24), 24), answer), " "))
	}
	fmt.Fprintln(t, t.text("held"))
}

// kindOf is how a report calls a name.
func kindOf(s *api.Said) string {
	if s.Judgement == api.JudgedUnknown && s.Documented != "" {
		return "misspelt"
	}
	return string(s.Judgement)
}

func (t *textReport) names(r *Report) {
	fmt.Fprintf(t, "\n%s\n", t.text("names"))
	for i := range r.Operations {
		o := &r.Operations[i]
		if len(o.Said) == 0 {
			continue
		}
		known := 0
		for j := range o.Said {
			if o.Said[j].Judgement == api.JudgedDocumented {
				known++
			}
		}
		fmt.Fprintf(t, "%s  %d %s\n", pad(cut(o.name(), operationWidth), operationWidth), known, t.text("documented"))
		for j := range o.Said {
			s := &o.Said[j]
			if s.Judgement == api.JudgedDocumented || o.Ours {
				continue
			}
			text := s.Name
			if s.Documented != "" {
				text += " → " + s.Documented
			}
			t.wrapped("  "+pad(t.text(kindOf(&s.Said)), 16), strings.Repeat(" ", 18), fmt.Sprintf("%s ×%d", text, s.Count))
		}
	}
}

func (t *textReport) differences(r *Report) {
	fmt.Fprintf(t, "\n%s\n", t.text("differs"))
	if len(r.Differences) == 0 {
		fmt.Fprintln(t, "✓ "+t.text("nothing"))
	}
	shown := map[string]bool{}
	for _, id := range Differences() {
		for i := range r.Differences {
			d := &r.Differences[i]
			if d.ID != id.ID {
				continue
			}
			if !shown[d.ID] {
				shown[d.ID] = true
				t.wrapped("✗ ", "  ", d.Title+" ("+d.ID+")")
				t.wrapped("    ", "    ", d.Text)
				t.wrapped("    → ", "      ", d.Advice)
			}
			t.wrapped("    · ", "      ", fmt.Sprintf("%s ×%d, %s #%d %s %s", d.Operation, d.Count, t.text("first"), d.First.Number, d.First.Method, d.First.URL))
			if len(d.Details) > 0 {
				t.wrapped("      ", "      ", strings.Join(d.Details, ", "))
			}
		}
	}
}
