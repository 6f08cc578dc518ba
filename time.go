package taphoa

import (
	"errors"
	"strings"
	"time"

	"github.com/go-json-experiment/json/jsontext"
)

// Time is an instant in microseconds UTC since the epoch; 0 is no time. On the wire it is Vietnam time with seven
// fraction digits and without a zone (contract authentication and transactions-common, rules); no time is null.
type Time int64

// Stamp is a [Time] that is written with its offset, as the vendor writes a page's timestamp.
type Stamp Time

// Vietnam is the zone of the wire: seven hours ahead of UTC at any time, whatever the country's clocks once said.
var Vietnam = time.FixedZone("+07", vietnamHours*3600)

const (
	vietnamHours = 7

	microsPerSecond = 1_000_000
	microsPerMinute = 60 * microsPerSecond
	microsPerHour   = 60 * microsPerMinute
	microsPerDay    = 24 * microsPerHour
	vietnamOffset   = vietnamHours * microsPerHour

	yearFirst = 1753 // where SQL Server's datetime begins
	yearLast  = 9999 // the wire has four digits
)

// The first and the last instant that the wire can hold.
var (
	timeFirst = midnightOf(yearFirst, 1, 1)
	timeLast  = midnightOf(yearLast, 12, 31) + microsPerDay - 1
)

// TimeOf is the instant of t, cut to the microsecond. The zero time.Time is no time.
func TimeOf(t time.Time) Time {
	if t.IsZero() {
		return 0
	}
	return Time(t.UnixMicro())
}

// Std is t in the zone [Vietnam]; no time is the zero time.Time.
func (t Time) Std() time.Time {
	if t == 0 {
		return time.Time{}
	}
	return time.UnixMicro(int64(t)).In(Vietnam)
}

// Add is t later by d, cut to the microsecond; no time stays no time.
func (t Time) Add(d time.Duration) Time {
	if t == 0 {
		return 0
	}
	return t + Time(d.Microseconds())
}

// Day is the midnight, Vietnam time, at which t's day began; no time stays no time.
func (t Time) Day() Time {
	if t == 0 {
		return 0
	}
	sinceMidnight := (t + vietnamOffset) % microsPerDay
	if sinceMidnight < 0 {
		sinceMidnight += microsPerDay
	}
	return t - sinceMidnight
}

// daysToEpoch is the number of days from 1 March of the year 0 to 1 January 1970. Counting from a 1 March puts the leap
// day at the end of a year, and from one so early keeps all numbers positive, before 1970 as well.
const daysToEpoch = 719_468

// Lengths in the Gregorian calendar, in days.
const (
	daysOf400Years = 146_097
	daysOf4Years   = 1_461
	daysOf5Months  = 153 // March to July, and August to December: 31, 30, 31, 30, 31
)

// midnightOf is the midnight, Vietnam time, at which a day begins that the calendar has.
func midnightOf(year, month, dayOfMonth int) Time {
	if month < 3 { // January and February belong to the year that began the March before
		year--
		month += 12
	}
	dayOfYear := (daysOf5Months*(month-3)+2)/5 + dayOfMonth - 1
	days := year*365 + year/4 - year/100 + year/400 + dayOfYear - daysToEpoch
	return Time(days)*microsPerDay - vietnamOffset
}

// civilOf is the calendar's name of a day, days after 1 March of the year 0.
func civilOf(days uint32) (year, month, dayOfMonth uint32) {
	century := (4*days + 3) / daysOf400Years
	dayOfCentury := days - daysOf400Years*century/4
	yearOfCentury := (4*dayOfCentury + 3) / daysOf4Years
	dayOfYear := dayOfCentury - daysOf4Years*yearOfCentury/4
	year = 100*century + yearOfCentury
	month = (5*dayOfYear + 2) / daysOf5Months // 0 is March
	dayOfMonth = dayOfYear - (daysOf5Months*month+2)/5 + 1
	if month < 10 {
		return year, month + 3, dayOfMonth
	}
	return year + 1, month - 9, dayOfMonth
}

// AppendWire appends t as the wire has it, "2026-03-01T08:21:36.0000000": Vietnam time, seven fraction digits, no zone.
// No time would look like the epoch, so the caller leaves it out. An instant outside the years 1753 to 9999 is moved to
// the nearest that [ParseTime] reads.
func (t Time) AppendWire(dst []byte) []byte {
	since := uint64(min(max(t, timeFirst), timeLast) + vietnamOffset + daysToEpoch*microsPerDay)
	year, month, dayOfMonth := civilOf(uint32(since / microsPerDay))
	micros := since % microsPerDay
	seconds, fraction := uint32(micros/microsPerSecond), uint32(micros%microsPerSecond)

	dst = append(dst, "yyyy-MM-ddTHH:mm:ss.ffffff0"...)
	b := dst[len(dst)-27:]
	put2(b[0:], year/100)
	put2(b[2:], year%100)
	put2(b[5:], month)
	put2(b[8:], dayOfMonth)
	put2(b[11:], seconds/3600)
	put2(b[14:], seconds/60%60)
	put2(b[17:], seconds%60)
	put2(b[20:], fraction/10_000)
	put2(b[22:], fraction/100%100)
	put2(b[24:], fraction%100)
	return dst
}

func put2(b []byte, n uint32) {
	_ = b[1]
	b[0] = byte('0' + n/10)
	b[1] = byte('0' + n%10)
}

// AppendWire appends s like [Time.AppendWire] and its offset, "2026-03-01T08:21:36.0000000+07:00".
func (s Stamp) AppendWire(dst []byte) []byte {
	return append(Time(s).AppendWire(dst), "+07:00"...)
}

// String is t as on the wire; no time is the empty string.
func (t Time) String() string {
	if t == 0 {
		return ""
	}
	return string(t.AppendWire(nil))
}

// String is s as on the wire; no time is the empty string.
func (s Stamp) String() string {
	if s == 0 {
		return ""
	}
	return string(s.AppendWire(nil))
}

// MarshalJSONTo writes the wire form as a string, or null for no time.
func (t Time) MarshalJSONTo(enc *jsontext.Encoder) error {
	if t == 0 {
		return enc.WriteToken(jsontext.Null)
	}
	quoted := t.AppendWire(append(enc.AvailableBuffer(), '"'))
	return enc.WriteValue(append(quoted, '"'))
}

// MarshalJSONTo writes the wire form as a string, or null for no time.
func (s Stamp) MarshalJSONTo(enc *jsontext.Encoder) error {
	if s == 0 {
		return enc.WriteToken(jsontext.Null)
	}
	quoted := s.AppendWire(append(enc.AvailableBuffer(), '"'))
	return enc.WriteValue(append(quoted, '"'))
}

// UnmarshalJSONFrom reads a string that [ParseTime] reads, or null, which is no time.
func (t *Time) UnmarshalJSONFrom(dec *jsontext.Decoder) error {
	raw, err := dec.ReadValue()
	if err != nil {
		return err
	}
	switch raw.Kind() {
	case '"':
		text, err := unquoteJSON(raw)
		if err != nil {
			return err
		}
		*t, err = ParseTime(string(text))
		return err
	case 'n':
		*t = 0
		return nil
	}
	return ErrTimeSyntax
}

// UnmarshalJSONFrom reads what [Time.UnmarshalJSONFrom] reads.
func (s *Stamp) UnmarshalJSONFrom(dec *jsontext.Decoder) error {
	return (*Time)(s).UnmarshalJSONFrom(dec)
}

// ErrTimeSyntax says that a text is no date or time that [ParseTime] reads.
var ErrTimeSyntax = errors.New("not a date or time")

// ParseTime reads a date or time in any form that clients send (contract transactions-common, rules; observed-behaviour,
// section 4.2). Without an offset it is Vietnam time; a date alone is its midnight. MM and dd may lack the leading zero.
//
//	yyyy-MM-dd                a date, then perhaps "T" or a blank and a clock
//	dd/MM/yyyy, MM/dd/yyyy    the same; dd/MM unless the second number cannot be a month
//	HH:mm[:ss[.f]]            the clock; one to nine digits f, cut to the microsecond
//	Z, +07:00, +0700, +07     behind the clock, up to fourteen hours
//	/Date(ms)/, /Date(ms+0700)/    .NET: milliseconds UTC since the epoch, whatever the offset says
//
// The error is always [ErrTimeSyntax], also for a day that the calendar lacks and for one outside the years 1753 to 9999.
// The very instant of the epoch, 07:00 on 1 January 1970 in Vietnam, reads as no time.
func ParseTime(text string) (Time, error) {
	t, _, err := ParseTimeDay(text)
	return t, err
}

// ParseTimeDay is [ParseTime] and reports whether the text was a date without a clock: some filters take an upper bound
// that is a bare date as the whole of its day (contract observed-behaviour, section 4.2).
func ParseTimeDay(text string) (t Time, bareDate bool, err error) {
	var ok bool
	if rest, found := strings.CutPrefix(text, "/Date("); found {
		t, ok = parseDotNet(rest)
	} else {
		t, bareDate, ok = parseCivil(text)
	}
	if !ok || t < timeFirst || t > timeLast {
		return 0, false, ErrTimeSyntax
	}
	return t, bareDate, nil
}

func parseCivil(text string) (t Time, bareDate, ok bool) {
	midnight, rest, ok := cutDate(text)
	if !ok || rest == "" {
		return midnight, ok, ok
	}
	if rest[0] != 'T' && rest[0] != ' ' {
		return 0, false, false
	}
	clock, rest, ok := cutClock(rest[1:])
	if !ok {
		return 0, false, false
	}
	t = midnight + clock
	if rest == "" {
		return t, false, true
	}
	offset, ok := parseOffset(rest)
	return t + vietnamOffset - offset, false, ok
}

func cutDate(text string) (midnight Time, rest string, ok bool) {
	var year, month, dayOfMonth int
	first, rest, ok := cutNumber(text, 1, 4)
	if !ok || rest == "" {
		return 0, "", false
	}
	digits, separator := len(text)-len(rest), rest[0]
	second, rest, ok := cutNumber(rest[1:], 1, 2)
	if !ok || rest == "" || rest[0] != separator {
		return 0, "", false
	}
	switch {
	case separator == '-' && digits == 4:
		year, month = first, second
		dayOfMonth, rest, ok = cutNumber(rest[1:], 1, 2)
	case separator == '/' && digits <= 2:
		dayOfMonth, month = first, second
		if second > 12 {
			dayOfMonth, month = second, first
		}
		year, rest, ok = cutNumber(rest[1:], 4, 4)
	default:
		return 0, "", false
	}
	if !ok || dayOfMonth < 1 || dayOfMonth > daysIn(year, month) {
		return 0, "", false
	}
	return midnightOf(year, month, dayOfMonth), rest, true
}

// daysIn is the length of a month, 0 for one that the calendar lacks.
func daysIn(year, month int) int {
	switch month {
	case 1, 3, 5, 7, 8, 10, 12:
		return 31
	case 4, 6, 9, 11:
		return 30
	case 2:
		if year%4 == 0 && (year%100 != 0 || year%400 == 0) {
			return 29
		}
		return 28
	}
	return 0
}

// cutClock reads HH:mm[:ss[.f]] and returns it as microseconds since midnight.
func cutClock(text string) (clock Time, rest string, ok bool) {
	hours, rest, ok := cutNumber(text, 1, 2) // .NET's H, as in its Vietnamese culture, has no leading zero
	if !ok || hours > 23 || rest == "" || rest[0] != ':' {
		return 0, "", false
	}
	minutes, rest, ok := cutNumber(rest[1:], 2, 2)
	if !ok || minutes > 59 {
		return 0, "", false
	}
	clock = Time(hours)*microsPerHour + Time(minutes)*microsPerMinute
	if rest == "" || rest[0] != ':' {
		return clock, rest, true
	}
	seconds, rest, ok := cutNumber(rest[1:], 2, 2)
	if !ok || seconds > 59 {
		return 0, "", false
	}
	clock += Time(seconds) * microsPerSecond
	if rest == "" || rest[0] != '.' {
		return clock, rest, true
	}
	fraction, rest := cutDigits(rest[1:])
	if len(fraction) < 1 || len(fraction) > 9 {
		return 0, "", false
	}
	weight := Time(microsPerSecond)
	for i := range len(fraction) {
		weight /= 10
		clock += weight * Time(fraction[i]-'0')
	}
	return clock, rest, true
}

// parseOffset reads Z, +HH:mm, +HHmm or +HH, all of text.
func parseOffset(text string) (offset Time, ok bool) {
	if text == "Z" {
		return 0, true
	}
	negative, digits := cutSign(text)
	if len(digits) == len(text) {
		return 0, false
	}
	hours, rest, ok := cutNumber(digits, 2, 2)
	if !ok {
		return 0, false
	}
	minutes := 0
	if rest != "" {
		minutes, rest, ok = cutNumber(strings.TrimPrefix(rest, ":"), 2, 2)
	}
	offset = Time(hours)*microsPerHour + Time(minutes)*microsPerMinute
	if !ok || rest != "" || minutes > 59 || offset > 14*microsPerHour { // .NET's limit, and the world's
		return 0, false
	}
	if negative {
		offset = -offset
	}
	return offset, true
}

// parseDotNet reads what follows "/Date(".
func parseDotNet(text string) (Time, bool) {
	text, ok := strings.CutSuffix(text, ")/")
	if !ok {
		return 0, false
	}
	text, negative := strings.CutPrefix(text, "-")
	digits, rest := cutDigits(text)
	if len(digits) < 1 || len(digits) > 15 { // the year 9999 has fifteen
		return 0, false
	}
	if rest != "" {
		if _, ok := parseOffset(rest); !ok {
			return 0, false
		}
	}
	var millis Time
	for i := range len(digits) {
		millis = millis*10 + Time(digits[i]-'0')
	}
	if negative {
		millis = -millis
	}
	return millis * 1000, true
}

// cutNumber reads as many digits as there are, between a minimum and a maximum.
func cutNumber(text string, least, most int) (n int, rest string, ok bool) {
	i := 0
	for i < len(text) && i < most && text[i]-'0' <= 9 {
		n = n*10 + int(text[i]-'0')
		i++
	}
	return n, text[i:], i >= least
}

// Stamped is an instant that may be missing, as a [Stamp].
func Stamped(t Opt[Time]) Opt[Stamp] { return Opt[Stamp]{Value: Stamp(t.Value), State: t.State} }
