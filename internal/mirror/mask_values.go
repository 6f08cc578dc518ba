package mirror

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"math"
	"regexp"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"

	"github.com/taphoa/taphoa"
	"github.com/taphoa/taphoa/internal/text"
)

// Parts of masks.
var (
	families = strings.Fields("Nguyễn Trần Lê Phạm Hoàng Huỳnh Phan Vũ Võ Đặng Bùi Đỗ Hồ Ngô Dương Lý")
	middles  = strings.Fields("An Bảo Bích Diệu Đình Gia Hải Hồng Khánh Kim Mạnh Minh Ngọc Nhật Phương Quang Quốc Thanh Thiên Thu Tuấn Uyên Xuân Yên")
	given    = strings.Fields(`
		Anh Bình Châu Chi Cường Dung Duy Giang Hà Hạnh Hiếu Hoa Hòa Hùng Huy Khang Khoa Lam Lan Linh Loan Long Ly Mai My Nam Nga Ngân Nghĩa
		Nhi Như Oanh Phong Phúc Quân Quỳnh Sơn Tâm Thảo Thịnh Thơ Thúy Tiến Trang Trâm Trí Trúc Tùng Vân Việt Vinh Vy Yến`)
	flowers = strings.Fields("Sen Hồng Lan Cúc Đào Mai Huệ Ly Sứ Phượng Giấy Súng Nhài Trà Quỳnh Lài")
)

// hidden is what is there in place of a note.
const hidden = "(đã ẩn)"

// hash is a number that nobody without the key can tell for a value.
func (m *masks) hash(kind, value string) uint64 {
	h := hmac.New(sha256.New, m.key)
	h.Write([]byte(kind + "\x00" + value))
	return binary.BigEndian.Uint64(h.Sum(nil))
}

// pick takes one of some by a hash, and leaves the rest of it.
func pick(hash *uint64, of []string) string {
	n := uint64(len(of))
	one := of[*hash%n]
	*hash /= n
	return one
}

func (m *masks) name(s string) string {
	if s == "" {
		return s
	}
	h := m.hash("name", s)
	return strings.Join([]string{pick(&h, families), pick(&h, middles), pick(&h, middles), pick(&h, given)}, " ")
}

func (m *masks) company(s string) string {
	if s == "" {
		return s
	}
	return "Công ty " + m.name(s)
}

func (m *masks) login(s string) string {
	if s == "" {
		return s
	}
	return fmt.Sprintf("nv%012x", m.hash("login", s)>>16)
}

func (m *masks) email(s string) string {
	if s == "" {
		return s
	}
	return fmt.Sprintf("k%012x@example.com", m.hash("email", s)>>16) // a domain that nobody has
}

func (m *masks) address(s string) string {
	if s == "" {
		return s
	}
	h := m.hash("address", s)
	return fmt.Sprintf("%d Hoa %s", 1+h>>16%900, pick(&h, flowers))
}

func (m *masks) ward(s string) string {
	if s == "" {
		return s
	}
	return fmt.Sprintf("Phường %d", 1+m.hash("ward", s)%25)
}

func (*masks) note(s string) string {
	if s == "" {
		return s
	}
	return hidden
}

// day moves a birthday by at most half a year.
func (m *masks) day(t taphoa.Time) taphoa.Time {
	const day = 24 * 60 * 60 * 1e6
	return t + taphoa.Time(int64(m.hash("day", fmt.Sprint(t))%365)-182)*day
}

// id replaces the last digits of an id that another system gave to a person.
func (m *masks) id(id int64) int64 {
	const digits = 1e15
	last := id % digits
	if last < 0 {
		return 0
	}
	return id - last + int64(m.permute("id", uint64(last), digits))
}

// account masks what follows the bank's name in the label of a bank account, as [masks.digits] masks the number.
func (m *masks) account(s string) string {
	const before = " - "
	if at := strings.LastIndex(s, before); at >= 0 {
		return s[:at+len(before)] + m.digits(s[at+len(before):])
	}
	return m.digits(s)
}

var (
	runs         = regexp.MustCompile(`[0-9]{1,18}|[A-Z]{1,13}|[a-z]{1,13}`)
	phoneBreaks  = regexp.MustCompile(`[/;,|&\n]| [-–] `)
	homeMobile   = regexp.MustCompile(`^0[35789][0-9]{8}$`)
	knownMobile  = regexp.MustCompile(`^0(3[2-9]|5[25689]|7[06-9]|8[1-9]|9[0-9])`)
	homeLandline = regexp.MustCompile(`^02[0-9]{9}$`)
	keptOfPhone  = regexp.MustCompile(`^(02[48]|02[0-9]{2}|1[89]00|01|0*)`) // the area, or the kind of number
)

// phone masks the numbers of a text where they stand, by what contact numbers are compared by: two spellings of a number become two
// spellings of its mask. What else the text says goes.
func (m *masks) phone(s string) string {
	s = norm.NFKC.String(s)
	if said := strings.Map(ofNumber, s); said != s {
		s = strings.Join(strings.Fields(said), " ")
	}
	var b strings.Builder
	at := 0
	for _, gap := range phoneBreaks.FindAllStringIndex(s, -1) {
		b.WriteString(m.number(s[at:gap[0]]) + s[gap[0]:gap[1]])
		at = gap[1]
	}
	return b.String() + m.number(s[at:])
}

// ofNumber leaves out what is no part of a number. An x is a digit that is hidden.
func ofNumber(r rune) rune {
	switch {
	case r == 'x' || r == 'X':
		return '*'
	case unicode.IsLetter(r) || unicode.IsMark(r) || r > unicode.MaxASCII && unicode.IsNumber(r):
		return -1
	}
	return r
}

// number masks the last digits of one number.
func (m *masks) number(s string) string {
	digits := strings.Map(func(r rune) rune {
		if r < '0' || '9' < r {
			return -1
		}
		return r
	}, s)
	if key := text.PhoneKey(s); homeMobile.MatchString(key) {
		digits = m.mobile(key)[1:]
	} else {
		if homeLandline.MatchString(key) {
			digits = key
		}
		digits = m.digits(digits[len(keptOfPhone.FindString(digits)):])
	}
	masked := []byte(s)
	for i, left := len(masked)-1, len(digits); left > 0; i-- {
		if '0' <= masked[i] && masked[i] <= '9' {
			left--
			masked[i] = digits[left]
		}
	}
	return string(masked)
}

// mobile takes a mobile number to another one, of a carrier if it is one of a carrier.
func (m *masks) mobile(key string) string {
	for masked := key; ; {
		masked = "0" + m.digits(masked[1:])
		if homeMobile.MatchString(masked) && knownMobile.MatchString(masked) == knownMobile.MatchString(key) {
			return masked
		}
	}
}

// digits masks a number that may have letters: a letter becomes a letter, a digit a digit. Different ones stay different.
func (m *masks) digits(s string) string {
	return runs.ReplaceAllStringFunc(strings.Map(ascii, s), func(run string) string {
		first, radix := byte('0'), uint64(10)
		if run[0] > '9' {
			first, radix = run[0]&0x60+1, 26
		}
		n, of := uint64(0), uint64(1)
		for i := range run {
			n, of = n*radix+uint64(run[i]-first), of*radix
		}
		n = m.permute("digits", n, of)
		masked := []byte(run)
		for i := len(masked) - 1; i >= 0; i-- {
			masked[i], n = first+byte(n%radix), n/radix
		}
		return string(masked)
	})
}

func ascii(r rune) rune {
	if r > unicode.MaxASCII {
		return -1
	}
	return r
}

// permute takes a number below a bound to another one, each to one of its own: by a Feistel network over the smallest square that is not
// below the bound, again while it leads behind that.
func (m *masks) permute(kind string, n, bound uint64) uint64 {
	side := uint64(math.Sqrt(float64(bound)))
	for side*side < bound {
		side++
	}
	for {
		left, right := n/side, n%side
		for round := range 10 {
			left, right = right, (left+m.hash(kind, fmt.Sprint(bound, " ", round, " ", right))%side)%side
		}
		if n = left*side + right; n < bound {
			return n
		}
	}
}
