package wire

import (
	"errors"
	"fmt"
	"reflect"
	"strings"
	"unicode/utf8"
	"unsafe"

	"github.com/taphoa/taphoa"
)

const (
	maxInt   = taphoa.IDMax
	maxInt32 = 1<<31 - 1
	maxText  = 64 << 10 // bytes, for a field that sets no limit of its own
	maxSpent = 8 << 20  // bytes that one request may allocate: [{},{},…] is short but becomes large structs

	// maxNeedle is how many characters a text in a query may have. No text that is searched is longer, and SQLite takes
	// patterns of at most 50,000 bytes.
	maxNeedle = 1_000
)

// What is wrong with a value; the argument is the path of the member.
const (
	notNumber  = "Trường %s phải là số"
	notWhole   = "Trường %s phải là số nguyên"
	outOfRange = "Giá trị của trường %s vượt quá giới hạn"
	notBool    = "Trường %s phải là true hoặc false"
	notTime    = "Trường %s không phải là ngày giờ hợp lệ"
	notPlain   = "Trường %s phải là một giá trị đơn"
	notObject  = "Trường %s phải là một đối tượng"
	notUTF8    = "Trường %s không phải là văn bản UTF-8 hợp lệ"
	hasNUL     = "Trường %s chứa ký tự NUL, ký tự này không lưu được"
	tooLong    = "Trường %s không được quá %d ký tự"
	tooBig     = "Trường %s không được quá %d byte"
	tooMany    = "Trường %s có quá nhiều giá trị, tối đa %d"
	tooMuch    = "Trường %s chứa quá nhiều dữ liệu, hãy chia thành nhiều yêu cầu"
)

// choose lets the children of parent compete for the fields whose names they bear.
func (d *decoder) choose(mark int, parent int32, names, also map[string]slot) {
	for at := d.nodes[parent].first; at != 0; at = d.nodes[at].next {
		n := &d.nodes[at]
		to, ok := n.to, n.found
		if !ok {
			to, ok = lookUp(n.name, names, also, d.trusting)
		}
		if !ok {
			continue
		}
		held := &d.chosen[mark+int(to.field)]
		wins := to.rank <= held.rank
		if held.node == 0 {
			wins = true
		} else if null := n.kind == isNull; to.rank != held.rank && null != (d.nodes[held.node].kind == isNull) {
			wins = !null // clients send null for every property they did not set, under every name they know
		}
		if wins {
			*held = choice{at, to.rank}
		}
	}
}

func (d *decoder) bindStruct(at int32, o *object, p unsafe.Pointer) *fault {
	mark := len(d.chosen)
	d.chosen = append(d.chosen, make([]choice, len(o.fields))...)
	d.choose(mark, at, o.names, o.also)
	f := d.bindChosen(mark, o, p)
	d.chosen = d.chosen[:mark]
	return f
}

func (d *decoder) bindChosen(mark int, o *object, p unsafe.Pointer) *fault {
	for i := range o.fields {
		at := d.chosen[mark+i].node
		if at == 0 {
			continue
		}
		field := &o.fields[i]
		limit := field.max
		if d.trusting {
			limit = -1
		}
		if _, f := d.bind(at, field.val, limit, unsafe.Add(p, field.offset)); f != nil {
			return f.under(field.name)
		}
	}
	return nil
}

// bind puts a node into the Go value at p and reports whether it said anything: null says something to an Opt only, if
// at all, and a blank text nothing but to a string.
func (d *decoder) bind(at int32, v *value, limit int, p unsafe.Pointer) (bool, *fault) {
	if v.op == opOpt {
		state := (*taphoa.OptState)(unsafe.Add(p, v.state))
		if d.nodes[at].kind == isNull {
			if d.nullsSayNothing {
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
		if f := d.spend(1, v.elem); f != nil {
			return false, f
		}
		fresh := reflect.New(v.elem.typ).UnsafePointer()
		given, f := d.bind(at, v.elem, limit, fresh)
		if given {
			*(*unsafe.Pointer)(p) = fresh
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

// single is the one value that a list holds where one is wanted, 0 for an empty list. Out of several none is picked,
// which would drop the others in silence, but for the names of forms and queries: the last that came again, or the first.
func (d *decoder) single(at int32, v *value) (int32, *fault) {
	for v.op == opPointer {
		v = v.elem
	}
	for at != 0 && v.op != opSlice && v.op != opRaw && d.list(at) {
		n := &d.nodes[at]
		if v.op == opStruct && n.first != n.last {
			return 0, unreadable(notObject)
		}
		if n.kind == isList && n.first != n.last && !d.trusting {
			return 0, unreadable(notPlain)
		}
		at = n.first
		if n.repeated {
			at = n.last
		}
	}
	return at, nil
}

// spend accounts for memory before it is allocated.
func (d *decoder) spend(count int, v *value) *fault {
	if d.spent += count * int(v.size); d.spent > maxSpent && !d.trusting {
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
		*(*int64)(p) = whole
	case opInt32:
		whole, f := parseInt(n.text, maxInt32)
		if f != nil {
			return f
		}
		*(*int32)(p) = int32(whole)
	case opDecimal:
		scaled, err := taphoa.ParseDecimal(n.text)
		if err != nil {
			return badNumber(err)
		}
		*(*int64)(p) = scaled
	default:
		text := strings.TrimSpace(n.text)
		instant, err := taphoa.ParseTime(text)
		if err != nil && strings.Contains(text, "T") {
			instant, err = taphoa.ParseTime(strings.Replace(text, " ", "+", 1)) // the + of +07:00, unescaped in a query
		}
		if err != nil {
			return unreadable(notTime)
		}
		*(*taphoa.Time)(p) = instant
	}
	return nil
}

func badNumber(err error) *fault {
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

// parseWhole reads what is not merely digits. Decimals end at 922 trillion; larger ids come as plain digits or as such
// with a fraction of zeros.
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
	mark := len(d.picked)
	if f := d.pick(at, v.elem); f != nil {
		return f
	}
	count, most := len(d.picked)-mark, d.nodes[at].most(v.elem)
	if count > most && !d.trusting {
		return unreadable(tooMany, most)
	}
	if f := d.spend(count, v.elem); f != nil {
		return f
	}
	slice := reflect.NewAt(v.typ, p).Elem()
	slice.Set(reflect.MakeSlice(v.typ, count, count))
	data := slice.UnsafePointer()
	for i := range count {
		if _, f := d.bind(d.picked[mark+i], v.elem, limit, unsafe.Add(data, uintptr(i)*v.elem.size)); f != nil {
			return f.under(fmt.Sprintf("[%d]", i))
		}
	}
	d.picked = d.picked[:mark]
	return nil
}

// pick gathers the elements of a slice. A single value is a list of one, nulls and blanks are no elements, and lists
// within lists are one list (a client wraps twice).
func (d *decoder) pick(at int32, elem *value) *fault {
	n := d.nodes[at]
	switch {
	case n.kind == isNull, n.kind == isText && elem.op != opString && blank(n.text):
		return nil
	case d.list(at):
		for c := n.first; c != 0; c = d.nodes[c].next {
			if elem.op == opRaw {
				d.picked = append(d.picked, c)
			} else if f := d.pick(c, elem); f != nil {
				return f
			}
		}
		return nil
	case n.kind == isText && (elem.op.number() || n.query):
		return d.pickParts(n, n.most(elem))
	case n.kind == isObject && elem.op == opString: // {"Image": "https://…"}
		for c := n.first; c != 0; c = d.nodes[c].next {
			if d.nodes[c].kind == isText {
				at = c
				break
			}
		}
	}
	d.picked = append(d.picked, at)
	return nil
}

// pickParts gathers the elements of a list written as one text: 1,2 or [1,2].
func (d *decoder) pickParts(n node, most int) *fault {
	if strings.Count(n.text, ",") > most && !d.trusting {
		return unreadable(tooMany, most)
	}
	list := strings.TrimSpace(n.text)
	if strings.HasPrefix(list, "[") && strings.HasSuffix(list, "]") {
		list = list[1 : len(list)-1]
	}
	for part := range strings.SplitSeq(list, ",") {
		if part = strings.Trim(part, "\" \t\r\n"); part != "" {
			d.picked = append(d.picked, d.add(0, node{text: part, kind: isText}))
		}
	}
	return nil
}
