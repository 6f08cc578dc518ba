package taphoa_test

import (
	"errors"
	"math"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/go-json-experiment/json"
	"pgregory.net/rapid"

	"github.com/taphoa/taphoa"
)

// wireLayout is the contract's form of a time, for the standard library.
const wireLayout = "2006-01-02T15:04:05.0000000"

var (
	firstInstant = taphoa.TimeOf(time.Date(1753, 1, 1, 0, 0, 0, 0, taphoa.Vietnam))
	lastInstant  = taphoa.TimeOf(time.Date(9999, 12, 31, 23, 59, 59, 999_999_999, taphoa.Vietnam))
)

func TestParseTime(t *testing.T) {
	for _, c := range []struct {
		name string
		text string
		want string // as on the wire, seconds only; a fraction follows
		bare bool
	}{
		{"a date is its midnight", "2026-09-01", "2026-09-01T00:00:00", true},
		{"a date without leading zeros", "2024-12-1", "2024-12-01T00:00:00", true},
		{"a date without any leading zero", "2024-2-1", "2024-02-01T00:00:00", true},
		{"a leap day", "2024-02-29", "2024-02-29T00:00:00", true},
		{"a leap day of a fourth century", "2000-02-29", "2000-02-29T00:00:00", true},
		{"the first day", "1753-01-01", "1753-01-01T00:00:00", true},
		{"the last microsecond", "9999-12-31T23:59:59.999999999", "9999-12-31T23:59:59.999999", false},
		{"a time without a zone is Vietnam's", "2026-09-01T08:21:36", "2026-09-01T08:21:36", false},
		{"a time without seconds", "2026-09-01T08:21", "2026-09-01T08:21:00", false},
		{"a blank instead of T", "2026-09-01 08:21:36", "2026-09-01T08:21:36", false},
		{"a time and a date without leading zeros", "2026-9-1 8:21", "2026-09-01T08:21:00", false},
		{"UTC", "2026-09-01T20:00:00.000Z", "2026-09-02T03:00:00", false},
		{"UTC without seconds", "2026-09-01T20:00Z", "2026-09-02T03:00:00", false},
		{"Vietnam's own offset", "2026-09-01T08:21:36+07:00", "2026-09-01T08:21:36", false},
		{"an offset without a colon", "2026-09-01T08:21:36+0900", "2026-09-01T06:21:36", false},
		{"an offset of hours", "2026-09-01T08:21:36-03", "2026-09-01T18:21:36", false},
		{"an offset with minutes", "2026-09-01T08:21:36-03:30", "2026-09-01T18:51:36", false},
		{"the largest offset", "2026-09-01T08:21:36+14:00", "2026-09-01T01:21:36", false},
		{"the vendor's own timestamp", "2026-10-07T14:39:09.4969693+07:00", "2026-10-07T14:39:09.496969", false},
		{"one fraction digit", "2026-09-01T08:21:36.5", "2026-09-01T08:21:36.5", false},
		{"nine fraction digits are cut to six", "2026-09-01T08:21:36.123456999", "2026-09-01T08:21:36.123456", false},
		{"before the epoch the cut goes back in time, too", "1969-12-31T08:21:36.1234569", "1969-12-31T08:21:36.123456", false},
		{"an offset leads into the first year", "1752-12-31T20:00:00Z", "1753-01-01T03:00:00", false},
		{"a day before a month", "03/09/2026", "2026-09-03T00:00:00", true},
		{"a day before a month and a clock", "03/09/2026 08:21:36", "2026-09-03T08:21:36", false},
		{"a day before a month without leading zeros", "3/9/2026 8:21", "2026-09-03T08:21:00", false},
		{"a day that cannot be a month", "25/12/2026", "2026-12-25T00:00:00", true},
		{"a month before a day that cannot be a month", "12/25/2026", "2026-12-25T00:00:00", true},
		{"a month before a day and a clock", "09/13/2026 08:21:36", "2026-09-13T08:21:36", false},
		{"twelve may still be a month", "11/12/2026", "2026-12-11T00:00:00", true},
		{".NET's milliseconds", "/Date(1234567890123)/", "2009-02-14T06:31:30.123", false},
		{".NET's milliseconds with an offset that says nothing", "/Date(1234567890123+0900)/", "2009-02-14T06:31:30.123", false},
		{".NET's milliseconds before the epoch", "/Date(-1)/", "1970-01-01T06:59:59.999", false},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, bare, err := taphoa.ParseTimeDay(c.text)
			if err != nil || bare != c.bare || !strings.HasPrefix(got.String(), c.want) {
				t.Fatalf("%q is %s, %v, %v; want %s, %v", c.text, got, bare, err, c.want, c.bare)
			}
			rest := strings.TrimLeft(got.String()[len(c.want):], ".0")
			if again, err := taphoa.ParseTime(c.text); rest != "" || again != got || err != nil {
				t.Errorf("%q is %s, then %s, %v; want %s", c.text, got, again, err, c.want)
			}
		})
	}
}

func TestParseTimeRefuses(t *testing.T) {
	for name, texts := range map[string][]string{
		"nothing":                    {"", " ", "T", "/", "-"},
		"words":                      {"yesterday", "2026-Sep-01", "01 Sep 2026", "hôm nay"},
		"a part of a date":           {"2026", "2026-", "2026-09", "2026-09-", "03/09", "03/09/", "03/09/26", "2026/09/01"},
		"mixed separators":           {"2026-09/01", "03/09-2026", "2026.09.01"},
		"too many digits":            {"02026-09-01", "2026-009-01", "2026-09-001", "003/09/2026", "03/09/20260"},
		"too few digits of a year":   {"226-09-01", "26-09-01", "3-9-2026"},
		"a month that is none":       {"2026-00-01", "2026-13-01", "01/00/2026", "13/13/2026", "00/13/2026"},
		"a day that is none":         {"2026-09-00", "2026-01-32", "00/09/2026", "32/09/2026", "09/32/2026"},
		"a day that the month lacks": {"2026-02-30", "2026-04-31", "30/02/2026", "02/30/2026", "2026-02-29", "1900-02-29"},
		"a clock that is none":       {"2026-09-01T24:00:00", "2026-09-01T25:00", "2026-09-01T08:60", "2026-09-01T08:21:60"},
		"a part of a clock": {
			"2026-09-01T", "2026-09-01T08", "2026-09-01T08:", "2026-09-01T08:2", "2026-09-01T08:21:",
			"2026-09-01T08:21:3",
		},
		"a fraction that is none": {
			"2026-09-01T08:21:36.", "2026-09-01T08:21:36.Z", "2026-09-01T08:21:36,5",
			"2026-09-01T08:21:36.1234567890",
		},
		"a fraction of a minute": {"2026-09-01T08:21.5"},
		"an offset that is none": {
			"2026-09-01T08:21+", "2026-09-01T08:21+7", "2026-09-01T08:21+070", "2026-09-01T08:21+07:",
			"2026-09-01T08:21+07:0",
		},
		"an offset out of bounds": {"2026-09-01T08:21+14:01", "2026-09-01T08:21-15", "2026-09-01T08:21+07:60"},
		"an offset behind a date": {"2026-09-01Z", "2026-09-01+07:00"},
		"what follows": {
			"2026-09-01 ", "2026-09-01T08:21:36 ", "2026-09-01T08:21Z ", "2026-09-01T08:21ZZ",
			"2026-09-01T08:21+07:00x", "2026-09-01x",
		},
		"what goes before": {" 2026-09-01", "-2026-09-01", "+2026-09-01", "\x002026-09-01"},
		"two blanks":       {"2026-09-01  08:21"},
		"half a day":       {"03/09/2026 08:21 AM"},
		"years out of range": {
			"0000-01-01", "0001-01-01T00:00:00", "1752-12-31", "1752-12-31T23:59:59.999999", "9999-12-31T17:00:00Z",
			"1753-01-01T00:00:00+08:00",
		},
		"broken .NET milliseconds": {
			"/Date()/", "/Date(1)", "/Date(1/", "/Date(--1)/", "/Date(1+)/", "/Date(1+7)/", "/Date(1 )/",
			"/Date(1)/x", "Date(1)",
		},
		"distant .NET milliseconds": {
			"/Date(253402275600000)/", "/Date(-6847830000000000)/", "/Date(99999999999999999999)/",
			"/Date(-9223372036854775808)/",
		},
	} {
		t.Run(name, func(t *testing.T) {
			for _, text := range texts {
				got, bare, err := taphoa.ParseTimeDay(text)
				if got != 0 || bare || !errors.Is(err, taphoa.ErrTimeSyntax) {
					t.Errorf("%q is %s, %v, %v", text, got, bare, err)
				}
			}
		})
	}
}

// anyTime is an instant that the wire can hold, often one near a midnight, and never the one that is no time.
func anyTime() *rapid.Generator[taphoa.Time] {
	instants := rapid.Custom(func(t *rapid.T) taphoa.Time {
		instant := rapid.Int64Range(int64(firstInstant), int64(lastInstant)).Draw(t, "instant")
		if rapid.Bool().Draw(t, "near midnight") {
			at := taphoa.Time(instant).Day() + taphoa.Time(rapid.Int64Range(-2, 2).Draw(t, "off"))
			return min(max(at, firstInstant), lastInstant)
		}
		return taphoa.Time(instant)
	})
	return instants.Filter(func(at taphoa.Time) bool { return at != 0 })
}

func TestTimesAreWrittenAsTheStandardLibraryWritesThem(t *testing.T) {
	check := func(t rapid.TB, at taphoa.Time) {
		want := time.UnixMicro(int64(at)).In(taphoa.Vietnam).Format(wireLayout)
		if got := string(at.AppendWire([]byte("x"))); got != "x"+want {
			t.Fatalf("%d is written %q, want %q", at, got, "x"+want)
		}
		if got := string(taphoa.Stamp(at).AppendWire(nil)); got != want+"+07:00" {
			t.Fatalf("the stamp %d is written %q", at, got)
		}
	}
	t.Run("at any instant", func(t *testing.T) {
		rapid.Check(t, func(t *rapid.T) { check(t, anyTime().Draw(t, "at")) })
	})
	t.Run("on each day of five hundred years", func(t *testing.T) {
		day := time.Date(1753, 1, 1, 0, 0, 0, 0, taphoa.Vietnam)
		for day.Year() < 2253 {
			at := taphoa.TimeOf(day)
			check(t, at)
			if got, err := taphoa.ParseTime(day.Format(time.DateOnly)); got != at || err != nil {
				t.Fatalf("%s is read as %s, %v", day, got, err)
			}
			day = day.AddDate(0, 0, 1)
		}
	})
	t.Run("at the epoch", func(t *testing.T) {
		if got := string(taphoa.Time(0).AppendWire(nil)); got != "1970-01-01T07:00:00.0000000" {
			t.Error(got)
		}
	})
	t.Run("moved into range when out of it", func(t *testing.T) {
		for at, want := range map[taphoa.Time]string{
			math.MinInt64:    "1753-01-01T00:00:00.0000000",
			firstInstant - 1: "1753-01-01T00:00:00.0000000",
			lastInstant + 1:  "9999-12-31T23:59:59.9999990",
			math.MaxInt64:    "9999-12-31T23:59:59.9999990",
		} {
			if got := string(at.AppendWire(nil)); got != want {
				t.Errorf("%d is written %q, want %q", at, got, want)
			}
		}
	})
}

func TestTimesAreReadBackFromEachOfTheirForms(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		at := anyTime().Draw(t, "at")
		zone := time.FixedZone("", rapid.IntRange(-14*60, 14*60).Draw(t, "offset")*60)
		std := time.UnixMicro(int64(at))
		for _, c := range []struct {
			text string
			want taphoa.Time
		}{
			{string(at.AppendWire(nil)), at},
			{string(taphoa.Stamp(at).AppendWire(nil)), at},
			{std.In(taphoa.Vietnam).Format("2/1/2006 15:04:05.999999999"), at},
			{std.In(taphoa.Vietnam).Format("2006-1-2"), at.Day()},
			{std.UTC().Format(time.RFC3339Nano), at},
			{std.In(zone).Format("2006-01-02 15:04:05.000000-0700"), at},
			{std.In(zone).Format("2006-01-02T15:04:05.000000000-07:00"), at},
		} {
			if strings.HasPrefix(c.text, "10000-") || strings.HasPrefix(c.text, "1752-") {
				continue // the first and the last hours of the range have another year elsewhere
			}
			if got, err := taphoa.ParseTime(c.text); got != c.want || err != nil {
				t.Fatalf("%q is read as %d, %v; want %d", c.text, got, err, c.want)
			}
		}
	})
}

func TestTimesAndTheStandardLibrary(t *testing.T) {
	noon := time.Date(2026, 3, 1, 12, 0, 0, 1999, time.UTC)
	at := taphoa.TimeOf(noon)
	landing := taphoa.TimeOf(time.Date(1969, 7, 20, 20, 17, 0, 0, time.UTC))
	for name, c := range map[string]struct{ got, want any }{
		"is cut to the microsecond":          {at.String(), "2026-03-01T19:00:00.0000010"},
		"comes back in Vietnam's zone":       {at.Std().String(), "2026-03-01 19:00:00.000001 +0700 +07"},
		"of nothing is no time":              {taphoa.TimeOf(time.Time{}), taphoa.Time(0)},
		"of no time is nothing":              {taphoa.Time(0).Std().IsZero(), true},
		"is later by a duration":             {at.Add(90 * time.Minute).String(), "2026-03-01T20:30:00.0000010"},
		"is earlier by a negative one":       {at.Add(-20 * time.Hour).String(), "2026-02-28T23:00:00.0000010"},
		"stays no time when added to":        {taphoa.Time(0).Add(time.Hour), taphoa.Time(0)},
		"has a day":                          {at.Day().String(), "2026-03-01T00:00:00.0000000"},
		"has a day that is its own":          {at.Day().Day(), at.Day()},
		"has a day when late":                {at.Add(5*time.Hour - 2*time.Microsecond).Day(), at.Day()},
		"has a day before the epoch":         {landing.Day().String(), "1969-07-21T00:00:00.0000000"},
		"has no day when it is no time":      {taphoa.Time(0).Day(), taphoa.Time(0)},
		"is an empty text when it is none":   {taphoa.Time(0).String() + taphoa.Stamp(0).String(), ""},
		"is a text with offset when a stamp": {taphoa.Stamp(at).String(), "2026-03-01T19:00:00.0000010+07:00"},
	} {
		t.Run(name, func(t *testing.T) {
			if c.got != c.want {
				t.Errorf("got %v, want %v", c.got, c.want)
			}
		})
	}
}

func TestTimesInJSON(t *testing.T) {
	type document struct {
		At    taphoa.Time
		Stamp taphoa.Stamp
	}
	at := taphoa.TimeOf(time.Date(2026, 3, 1, 8, 21, 36, 0, taphoa.Vietnam))
	want := document{at, taphoa.Stamp(at)}

	t.Run("are written with and without an offset", func(t *testing.T) {
		got, err := json.Marshal(want)
		text := `{"At":"2026-03-01T08:21:36.0000000","Stamp":"2026-03-01T08:21:36.0000000+07:00"}`
		if string(got) != text || err != nil {
			t.Errorf("got %s, %v", got, err)
		}
	})
	t.Run("are null when there is none", func(t *testing.T) {
		got, err := json.Marshal(document{})
		if text := `{"At":null,"Stamp":null}`; string(got) != text || err != nil {
			t.Errorf("got %s, %v", got, err)
		}
	})
	for name, text := range map[string]string{
		"are read in the wire's form": `{"At":"2026-03-01T08:21:36.0000000","Stamp":"2026-03-01T08:21:36.0000000+07:00"}`,
		"are read with escapes":       `{"At":"\/Date(1772328096000)\/","Stamp":"01\/03\/2026 08:21:36"}`,
	} {
		t.Run(name, func(t *testing.T) {
			var got document
			if err := json.Unmarshal([]byte(text), &got); got != want || err != nil {
				t.Errorf("got %v, %v", got, err)
			}
		})
	}
	t.Run("are none when null", func(t *testing.T) {
		got := want
		if err := json.Unmarshal([]byte(`{"At":null,"Stamp":null}`), &got); got != (document{}) || err != nil {
			t.Errorf("got %v, %v", got, err)
		}
	})
	for name, text := range map[string]string{
		"are not numbers": `{"At":1772328096000}`,
		"are not lists":   `{"At":["2026-03-01"]}`,
		"are not empty":   `{"Stamp":""}`,
	} {
		t.Run(name, func(t *testing.T) {
			var got document
			if err := json.Unmarshal([]byte(text), &got); !errors.Is(err, taphoa.ErrTimeSyntax) {
				t.Errorf("got %v, %v", got, err)
			}
		})
	}
}

func TestTimesAllocateNothing(t *testing.T) {
	buf := make([]byte, 0, 64)
	at := taphoa.TimeOf(time.Date(2026, 3, 1, 8, 21, 36, 0, taphoa.Vietnam))
	for name, act := range map[string]func(){
		"written":       func() { buf = at.AppendWire(buf[:0]) },
		"written stamp": func() { buf = taphoa.Stamp(at).AppendWire(buf[:0]) },
		"read":          func() { _, _ = taphoa.ParseTime("2026-10-07T14:39:09.4969693+07:00") },
		"refused":       func() { _, _ = taphoa.ParseTime("2026-02-30") },
	} {
		if n := testing.AllocsPerRun(100, act); n != 0 {
			t.Errorf("%s: %v allocations", name, n)
		}
	}
}

var yearOfFuzz = regexp.MustCompile(`^(1[78]|19|[2-9][0-9])[0-9]{2}-`)

func FuzzParseTime(f *testing.F) {
	for _, text := range []string{
		"2026-09-01", "2024-12-1", "2026-09-01T08:21", "2026-09-01T08:21:36.1234567+07:00", "2026-09-01 08:21:36Z",
		"2026-09-01T08:21:36-0330", "2026-09-01T08:21:36+07", "03/09/2026 08:21:36", "12/25/2026", "/Date(1234567890123+0700)/",
		"/Date(-1)/", "9999-12-31T23:59:59.999999999Z", "1753-01-01", "2026-02-30", "0000-00-00", "", "1970-01-01T07:00",
	} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		got, bare, err := taphoa.ParseTimeDay(text)
		if err != nil {
			if got != 0 || bare || !errors.Is(err, taphoa.ErrTimeSyntax) {
				t.Fatalf("%q is %d, %v, %v", text, got, bare, err)
			}
		} else {
			if got < firstInstant || got > lastInstant || bare && got.Day() != got {
				t.Fatalf("%q is %d, %v", text, got, bare)
			}
			wire := string(got.AppendWire(nil))
			if back, err := taphoa.ParseTime(wire); back != got || err != nil {
				t.Fatalf("%q is written %q and read back as %d, %v", text, wire, back, err)
			}
		}
		for _, layout := range []string{time.RFC3339, "2006-01-02T15:04:05", "2006-01-02 15:04:05-0700", time.DateOnly} {
			std, stdErr := time.ParseInLocation(layout, text, taphoa.Vietnam)
			// The standard library also takes a comma and any number of fraction digits, and offsets of up to a day.
			inRange := stdErr == nil && yearOfFuzz.MatchString(std.In(taphoa.Vietnam).Format(time.DateOnly))
			at := taphoa.TimeOf(std)
			if inRange && at >= firstInstant && err == nil && got != at {
				t.Fatalf("%q is %s, the standard library says %s", text, got, std)
			}
			if inRange && at >= firstInstant && err != nil && len(text) <= len("2006-01-02T15:04:05") {
				t.Fatalf("%q is refused, the standard library says %s", text, std)
			}
		}
	})
}

func BenchmarkTimeAppendWire(b *testing.B) {
	buf := make([]byte, 0, 64)
	at := taphoa.TimeOf(time.Date(2026, 3, 1, 8, 21, 36, 167_000_000, taphoa.Vietnam))
	b.Run("ours", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			buf = at.AppendWire(buf[:0])
		}
	})
	b.Run("standard library", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			buf = time.UnixMicro(int64(at)).In(taphoa.Vietnam).AppendFormat(buf[:0], wireLayout)
		}
	})
}

func BenchmarkParseTime(b *testing.B) {
	for _, text := range []string{"2026-09-01", "2026-10-07T14:39:09.4969693+07:00", "03/09/2026 08:21:36"} {
		b.Run(text, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				_, _ = taphoa.ParseTime(text)
			}
		})
	}
}
