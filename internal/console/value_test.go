package console

import (
	"encoding/json"
	"testing"

	"pgregory.net/rapid"

	"github.com/taphoa/taphoa"
)

// TestNumbersAreShownAndReadBack: what a field shows is read as the number that it was.
func TestNumbersAreShownAndReadBack(t *testing.T) {
	t.Parallel()
	for number, shown := range map[string]string{
		"0": "0", "999": "999", "1000": "1.000", "1250000": "1.250.000", "1250000.5": "1.250.000,5", "-45000": "-45.000", "0.0001": "0,0001",
	} {
		if got := ofMoney.edit(number); got != shown {
			t.Errorf("%s is shown as %s, not %s", number, got, shown)
		}
	}
	rapid.Check(t, func(t *rapid.T) {
		m := taphoa.Money(rapid.Int64Range(-int64(taphoa.MoneyMax), int64(taphoa.MoneyMax)).Draw(t, "money"))
		if got, _ := ofMoney.read(ofMoney.edit(m.String())); got != json.Number(m.String()) {
			t.Fatalf("%v is read back as %v", m, got)
		}
	})
}

// TestWhatIsNoNumberIsRefused: it is not read as another number.
func TestWhatIsNoNumberIsRefused(t *testing.T) {
	t.Parallel()
	for typed, want := range map[string]any{
		"1.250.000": json.Number("1250000"), " 1250000 ": json.Number("1250000"), "1,5": json.Number("1.5"), "007": json.Number("7"), "": nil,
	} {
		if got, ok := ofMoney.read(typed); got != want || !ok {
			t.Errorf("%q is read as %#v, not %#v", typed, got, want)
		}
	}
	for _, typed := range []string{"1.5", "1,250,000", "1.2500", "12.50.000", "1250.000", "1e3", "--1", "một", ".", ",", "1.", "1,"} {
		if got, ok := ofMoney.read(typed); ok {
			t.Errorf("%q is read as %#v", typed, got)
		}
	}
}

// TestDaysAreShownAsPeopleWriteThem: and edited as browsers do.
func TestDaysAreShownAsPeopleWriteThem(t *testing.T) {
	t.Parallel()
	const at = "2026-11-30T14:05:06.0000000"
	for _, c := range []struct{ got, want string }{
		{ofTime.show(at), "30/11/2026 14:05"},
		{ofDate.show(at), "30/11/2026"},
		{ofDate.edit(at), "2026-11-30"},
		{ofTime.edit(at), "2026-11-30T14:05"},
		{ofDate.show(""), ""},
		{ofText.show("1000"), "1000"},
	} {
		if c.got != c.want {
			t.Errorf("%q, not %q", c.got, c.want)
		}
	}
}
