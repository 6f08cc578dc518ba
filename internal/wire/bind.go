package wire

import (
	"cmp"
	"errors"
	"fmt"
	"reflect"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
	"unsafe"

	"github.com/taphoa/taphoa"
)

const (
	maxInt       = taphoa.IDMax
	maxInt32     = 1<<31 - 1
	maxText      = 64 << 10 // bytes, for a field that sets no limit of its own
	maxAllocated = 8 << 20  // bytes that one request may allocate: [{},{},…] is short but becomes large structs

	// maxSearchText is how many characters a text in a query may have. No searched text is longer, and SQLite accepts
	// patterns of at most 50,000 bytes.
	maxSearchText = 1_000

	maxPlaces = 4   // decimal places of a quantity
	maxByte   = 255 // of a number that the vendor keeps in a byte

	// What a bare date means as the end of something: the last second of its day where it is kept, the last instant where it
	// bounds a list.
	lastSecond  = 24
	lastInstant = 24_000
)

// Refusals of a value; the argument is the path of the member.
const (
	notNumber  = "Trường %s phải là số"
	notStatus  = "Trường %s phải là số hoặc tên của trạng thái, cách nhau bằng dấu phẩy"
	notWhole   = "Trường %s phải là số nguyên"
	outOfRange = "Giá trị của trường %s vượt quá giới hạn"
	notByte    = "Trường %s phải là số nguyên từ 0 đến %d"
	notBool    = "Trường %s phải là true hoặc false"
	notTime    = "Trường %s không phải là ngày giờ hợp lệ"
	notPlain   = "Trường %s phải là một giá trị đơn"
	notObject  = "Trường %s phải là một đối tượng"
	notUTF8    = "Trường %s không phải là văn bản UTF-8 hợp lệ"
	hasNUL     = "Trường %s chứa ký tự NUL, ký tự này không lưu được"
	tooLong    = "Trường %s không được quá %d ký tự"
	tooPrecise = "Trường %s chỉ được có tối đa %d chữ số thập phân"
	tooBig     = "Trường %s không được quá %d byte"
	tooMany    = "Trường %s có quá nhiều giá trị, tối đa %d"
	tooMuch    = "Trường %s chứa quá nhiều dữ liệu, hãy chia thành nhiều yêu cầu"
)

// choose selects the node for each field among the children of parent, by the rank of its name. chosen[start] is the first
// field.
func (d *decoder) choose(start int, parent int32, names, also map[string]accepted) {
	for at := d.nodes[parent].first; at != 0; at = d.nodes[at].next {
		n := &d.nodes[at]
		to, ok := n.to, n.found
		if !ok {
			to, ok = lookup(n.name, names, also, d.unlimited)
		}
		if !ok {
			continue
		}
		best := &d.chosen[start+int(to.field)]
		wins := best.node == 0 || to.rank <= best.rank
		if null := n.kind == isNull; best.node != 0 && null != (d.nodes[best.node].kind == isNull) {
			wins = !null // clients send null for every property they did not set, under every name they know
		}
		if wins {
			*best = choice{at, to.rank}
		}
	}
}

func (d *decoder) bindStruct(at int32, o *object, p unsafe.Pointer) *fault {
	start := len(d.chosen)
	d.chosen = append(d.chosen, make([]choice, len(o.fields))...)
	d.choose(start, at, o.names, o.also)
	f := d.bindChosen(start, o, p)
	d.chosen = d.chosen[:start]
	return f
}

func (d *decoder) bindChosen(start int, o *object, p unsafe.Pointer) *fault {
	for i := range o.fields {
		at := d.chosen[start+i].node
		if at == 0 {
			continue
		}
		field := &o.fields[i]
		if field.words != nil {
			d.translate(at, field.words)
		}
		limit := field.max
		if d.unlimited {
			limit = -1
		}
		ignored := d.ignoreNulls
		d.ignoreNulls = ignored && !field.clears
		_, f := d.bind(at, field.val, limit, unsafe.Add(p, field.offset))
		if d.ignoreNulls = ignored; f != nil {
			if field.words != nil && f.text == notNumber {
				f = unreadable(notStatus)
			}
			return f.under(field.name)
		}
	}
	return nil
}

// bind stores a node in the Go value at p and reports whether it was a value: null is one for an Opt only, unless nulls are
// ignored, and a blank text for a string only.
func (d *decoder) bind(at int32, v *value, limit int, p unsafe.Pointer) (bool, *fault) {
	if v.op == opOpt {
		state := (*taphoa.OptState)(unsafe.Add(p, v.state))
		if d.nodes[at].kind == isNull {
			if d.ignoreNulls {
				return false, nil
			}
			*state = taphoa.OptNull
			return true, nil
		}
		given, f := d.bind(at, v.elem, limit, p)
		if given {
			*state = taphoa.OptValue
		}
		return given, f
	}
	if v.op != opSlice && v.op != opRaw {
		var f *fault
		if at, f = d.single(at, v); f != nil {
			return false, f
		}
	}
	n := &d.nodes[at]
	if at == 0 || n.kind == isNull || n.kind == isText && v.op != opString && v.op != opRaw && blank(n.text) {
		return false, nil
	}
	switch v.op {
	case opRaw:
		*(*Raw)(p) = d.appendJSON(nil, at)
		return true, nil
	case opSlice:
		return true, d.bindSlice(at, v, limit, p)
	case opPointer:
		if f := d.reserve(1, v.elem); f != nil {
			return false, f
		}
		target := reflect.New(v.elem.typ).UnsafePointer()
		given, f := d.bind(at, v.elem, limit, target)
		if given {
			*(*unsafe.Pointer)(p) = target
		}
		return given, f
	case opStruct:
		if n.kind == isText && len(v.obj.fields) == 1 && v.obj.fields[0].val.op == opString { // "https://…" for {"Image": "https://…"}
			return true, bindScalar(n, opString, limit, unsafe.Add(p, v.obj.fields[0].offset))
		}
		if n.kind != isObject {
			return false, unreadable(notObject)
		}
		return true, d.bindStruct(at, v.obj, p)
	}
	if n.kind == isObject {
		return false, unreadable(notPlain)
	}
	return true, bindScalar(n, v.op, limit, p)
}

// single returns the only element of a list where one value is expected, 0 for an empty list. Several elements are refused
// rather than dropped silently, except in forms and queries: there the last of a repeated name is used, or the first.
func (d *decoder) single(at int32, v *value) (int32, *fault) {
	for v.op == opPointer {
		v = v.elem
	}
	for at != 0 && v.op != opSlice && v.op != opRaw && d.list(at) {
		n := &d.nodes[at]
		if v.op == opStruct && n.first != n.last {
			return 0, unreadable(notObject)
		}
		if n.kind == isList && n.first != n.last && !d.unlimited {
			return 0, unreadable(notPlain)
		}
		at = n.first
		if n.repeated {
			at = n.last
		}
	}
	return at, nil
}

// reserve counts memory before it is allocated, and refuses more than maxAllocated.
func (d *decoder) reserve(count int, v *value) *fault {
	if d.allocated += count * int(v.size); d.allocated > maxAllocated && !d.unlimited {
		return unreadable(tooMuch)
	}
	return nil
}

func bindScalar(n *node, o op, limit int, p unsafe.Pointer) *fault {
	switch o {
	case opString:
		if f := checkText(n.text, limit); f != nil {
			return f
		}
		*(*string)(p) = n.text
	case opBool:
		truth, ok := parseBool(n.text)
		if !ok {
			return unreadable(notBool)
		}
		*(*bool)(p) = truth
	case opInt:
		whole, f := parseInt(n.text, maxInt)
		if f != nil {
			return f
		}
		if limit == maxByte && (whole < 0 || whole > maxByte) {
			return unreadable(notByte, maxByte)
		}
		*(*int64)(p) = whole
	case opInt32:
		whole, f := parseInt(n.text, maxInt32)
		if f != nil {
			return f
		}
		*(*int32)(p) = int32(whole)
	case opDecimal:
		parse := taphoa.ParseDecimal
		if limit == maxPlaces {
			parse = taphoa.ParseExactDecimal
		}
		scaled, err := parse(n.text)
		if err != nil {
			return badNumber(err)
		}
		*(*int64)(p) = scaled
	default:
		text := strings.TrimSpace(n.text)
		instant, bare, err := taphoa.ParseTimeDay(text)
		if err != nil && strings.Contains(text, "T") {
			instant, err = taphoa.ParseTime(strings.Replace(text, " ", "+", 1)) // the + of +07:00, unescaped in a query
		}
		if err != nil {
			return unreadable(notTime)
		}
		switch {
		case bare && limit == lastSecond:
			instant = instant.Add(24*time.Hour - time.Second)
		case bare && limit == lastInstant:
			instant = instant.Add(24*time.Hour - time.Microsecond)
		}
		*(*taphoa.Time)(p) = instant
	}
	return nil
}

func badNumber(err error) *fault {
	if errors.Is(err, taphoa.ErrDecimalPlaces) {
		return &fault{kind: taphoa.KindRefused, text: tooPrecise, args: []any{maxPlaces}}
	}
	if errors.Is(err, taphoa.ErrDecimalRange) {
		return unreadable(outOfRange)
	}
	return unreadable(notNumber)
}

// parseInt reads a whole number of at most limit, also one written as 101000.0 or 1e3.
func parseInt(text string, limit int64) (int64, *fault) {
	var whole int64
	digits := text
	negative := digits != "" && digits[0] == '-'
	if negative {
		digits = digits[1:]
	}
	for i := range len(digits) {
		if digits[i]-'0' > 9 || i == 17 {
			return parseWhole(text, limit)
		}
		whole = whole*10 + int64(digits[i]-'0')
	}
	if digits == "" {
		return 0, unreadable(notNumber)
	}
	if whole > limit {
		return 0, unreadable(outOfRange)
	}
	if negative {
		whole = -whole
	}
	return whole, nil
}

// parseWhole reads a whole number that is not merely digits. Decimals end at 922 trillion; larger ids come as plain digits,
// or with a fraction of zeros.
func parseWhole(text string, limit int64) (int64, *fault) {
	text = strings.TrimSpace(text)
	if whole, zeros, found := strings.Cut(text, "."); found && whole != "" && strings.Trim(zeros, "0") == "" {
		text = whole
	}
	if unsigned := strings.TrimPrefix(text, "-"); len(unsigned) <= 16 && strings.Trim(unsigned, "0123456789") == "" {
		return parseInt(text, limit)
	}
	scaled, err := taphoa.ParseDecimal(text)
	if err != nil {
		return 0, badNumber(err)
	}
	if scaled%taphoa.Scale != 0 {
		return 0, unreadable(notWhole)
	}
	whole := scaled / taphoa.Scale
	if whole > limit || whole < -limit {
		return 0, unreadable(outOfRange)
	}
	return whole, nil
}

func parseBool(text string) (truth, ok bool) {
	switch strings.ToLower(strings.TrimSpace(text)) {
	case "true", "1", "on", "yes", "1.0":
		return true, true
	case "false", "0", "off", "no", "0.0":
		return false, true
	}
	return false, false
}

func checkText(text string, limit int) *fault {
	switch {
	case strings.IndexByte(text, 0) >= 0:
		return unreadable(hasNUL)
	case !utf8.ValidString(text):
		return unreadable(notUTF8)
	case limit > 0 && len(text) > limit && utf8.RuneCountInString(text) > limit:
		return &fault{kind: taphoa.KindRefused, text: tooLong, args: []any{limit}}
	case limit == 0 && len(text) > maxText:
		return &fault{kind: taphoa.KindRefused, text: tooBig, args: []any{maxText}}
	}
	return nil
}

func blank(text string) bool { return strings.TrimSpace(text) == "" }

func (d *decoder) bindSlice(at int32, v *value, limit int, p unsafe.Pointer) *fault {
	start := len(d.elements)
	if f := d.appendElements(at, v.elem); f != nil {
		return f
	}
	count, maxCount := len(d.elements)-start, d.nodes[at].maxElements(v.elem)
	if count > maxCount && !d.unlimited {
		return unreadable(tooMany, maxCount)
	}
	if f := d.reserve(count, v.elem); f != nil {
		return f
	}
	slice := reflect.NewAt(v.typ, p).Elem()
	slice.Set(reflect.MakeSlice(v.typ, count, count))
	data := slice.UnsafePointer()
	for i := range count {
		if _, f := d.bind(d.elements[start+i], v.elem, limit, unsafe.Add(data, uintptr(i)*v.elem.size)); f != nil {
			return f.under(fmt.Sprintf("[%d]", i))
		}
	}
	d.elements = d.elements[:start]
	return nil
}

// appendElements collects the elements of a slice. A single value is a list of one, nulls and blanks are skipped, and nested
// lists are flattened (one client wraps twice).
func (d *decoder) appendElements(at int32, elem *value) *fault {
	n := d.nodes[at]
	switch {
	case n.kind == isNull, n.kind == isText && elem.op != opString && blank(n.text):
		return nil
	case d.list(at):
		for c := n.first; c != 0; c = d.nodes[c].next {
			if elem.op == opRaw {
				d.elements = append(d.elements, c)
			} else if f := d.appendElements(c, elem); f != nil {
				return f
			}
		}
		return nil
	case n.kind == isText && (elem.op.number() || n.query):
		return d.splitElements(n, n.maxElements(elem), elem.op.number())
	case n.kind == isObject && elem.op == opString: // {"Image": "https://…"}, under whatever name
		text := int32(0)
		for c := n.first; c != 0; c = d.nodes[c].next {
			if d.nodes[c].kind == isText && (text == 0 || d.nodes[c].name == "Image") {
				text = c
			}
		}
		at = cmp.Or(text, at)
	}
	d.elements = append(d.elements, at)
	return nil
}

// splitElements collects the elements of a list that is written as one text: 1,2 or 1;2 or [1,2], and 1 2 of numbers.
func (d *decoder) splitElements(n node, limit int, numbers bool) *fault {
	list := strings.TrimSpace(n.text)
	if strings.HasPrefix(list, "[") && strings.HasSuffix(list, "]") {
		list = list[1 : len(list)-1]
	}
	between := func(r rune) bool { return r == ',' || r == ';' || numbers && unicode.IsSpace(r) }
	count := 0
	for part := range strings.FieldsFuncSeq(list, between) {
		if count++; count > limit && !d.unlimited {
			return unreadable(tooMany, limit)
		}
		if part = strings.Trim(part, "\" \t\r\n"); part != "" {
			d.elements = append(d.elements, d.add(0, node{text: part, kind: isText}))
		}
	}
	return nil
}
