package mirror

import (
	"fmt"
	"reflect"
	"regexp"
	"slices"
	"testing"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/taphoa/taphoa"
	"github.com/taphoa/taphoa/internal/text"
)

// TestAllThatIsMirroredIsMaskedOrNamedFree walks the records of all lists, and those of lists that are to come: a string is masked, or
// named as one that says nothing of a person.
func TestAllThatIsMirroredIsMaskedOrNamedFree(t *testing.T) {
	seen, met := map[reflect.Type]bool{}, map[string]bool{}
	var walk func(reflect.Type)
	walk = func(record reflect.Type) {
		for record.Kind() == reflect.Pointer || record.Kind() == reflect.Slice {
			record = record.Elem()
		}
		if record.Kind() != reflect.Struct || seen[record] {
			return
		}
		seen[record] = true
		for i := range record.NumField() {
			f := record.Field(i)
			name := record.Name() + "." + f.Name
			met[name] = true
			if texts(f.Type) {
				if _, classified := fields[name]; !classified {
					t.Errorf("%s may name a person: say in mask.go what becomes of it", name)
				}
				continue
			}
			if k := f.Type.Kind(); k == reflect.Map || k == reflect.Interface || f.Type == reflect.TypeFor[jsontext.Value]() {
				t.Errorf("%s is a %s, which is not masked", name, f.Type)
			}
			walk(f.Type)
		}
	}
	for _, l := range append(slices.Clone(lists), pricesIn(1)) {
		id, _ := reflect.TypeOf(l).Elem().FieldByName("id")
		walk(id.Type.In(0))
	}
	for _, record := range []any{
		taphoa.Supplier{},
		taphoa.PurchaseOrder{},
		taphoa.OrderSupplier{},
		taphoa.Transfer{},
	} {
		walk(reflect.TypeOf(record))
	}
	for name := range fields {
		if !met[name] {
			t.Errorf("no record has %s", name)
		}
	}
}

// TestAFieldThatNobodyHasThoughtOfIsHidden: a record that is new to the mirror shows nobody by that.
func TestAFieldThatNobodyHasThoughtOfIsHidden(t *testing.T) {
	type letter struct {
		To    taphoa.Opt[string]
		Lines []string
		Pages int64
	}
	rows := []letter{{taphoa.Some("Chị Lan"), []string{"Chào chị,", ""}, 2}}
	newMasks("key").apply(rows)
	if r := rows[0]; r.To.Value != hidden || r.Lines[0] != hidden || r.Lines[1] != "" || r.Pages != 2 {
		t.Errorf("it shows %+v", r)
	}
}

// TestAMaskedPhoneIsAPhone: of the same length and kind, written as the number was, and no other number's.
func TestAMaskedPhoneIsAPhone(t *testing.T) {
	m, other := newMasks("a shop's key"), newMasks("another shop's key")
	valid := regexp.MustCompile(`^(0[35789][0-9]{8}|02[0-9]{9})$`)
	taken, alike := map[string]string{}, 0
	for i := range 3000 {
		number := fmt.Sprintf("09%08d", 12_345_678+i)
		masked := m.phone(number)
		if !valid.MatchString(masked) || !knownMobile.MatchString(masked) || taken[masked] != "" {
			t.Fatalf("%s becomes %s, as %q does", number, masked, taken[masked])
		}
		taken[masked] = number
		if masked == number || masked == other.phone(number) {
			alike++
		}
	}
	if alike > 1 {
		t.Errorf("%d numbers of 3000 stay, or become the same in two mirrors", alike)
	}
	one, landline := m.phone("0912345678"), m.phone("02438251234")
	if !valid.MatchString(landline) || landline[:3] != "024" || landline == "02438251234" {
		t.Errorf("a landline becomes %s", landline)
	}
	for spelling, want := range map[string]string{
		"0912 345 678": one[:4] + " " + one[4:7] + " " + one[7:], "+84 912345678": "+84 " + one[1:], "(+84)0912.345.678": "(+84)" + one[:4] + "." + one[4:7] + "." + one[7:],
		"912345678": one[1:], "0912345678 (chị Lan)": one + " ( )", "０９１２３４５６７８": one, "024 3825 1234": landline[:3] + " " + landline[3:7] + " " + landline[7:],
		"0912345678 / 02438251234": one + " / " + landline, "": "", "chị Lan": "",
	} {
		if masked := m.phone(spelling); masked != want {
			t.Errorf("%q becomes %q, want %q", spelling, masked, want)
		} else if key := text.PhoneKey(spelling); valid.MatchString(key) && text.PhoneKey(masked) != m.phone(key) {
			t.Errorf("%q becomes %q, which is not the number %s", spelling, masked, m.phone(key))
		}
	}
	if hotline, hidden := m.phone("1900 1234"), m.phone("09xxxx123"); hotline[:5] != "1900 " || len(hotline) != 9 || text.PhoneKey(hidden) != "" || len(hidden) != 9 {
		t.Errorf("a hotline becomes %q, a number that a marketplace has hidden %q", hotline, hidden)
	}
}

// TestNumbersStayDifferentWhenMasked: all of a length become all of that length, in another order.
func TestNumbersStayDifferentWhenMasked(t *testing.T) {
	m := newMasks("a shop's key")
	taken := map[string]bool{}
	for i := range 1000 {
		masked := m.digits(fmt.Sprintf("%03d", i))
		if taken[masked] || len(masked) != 3 {
			t.Fatalf("%03d becomes %s", i, masked)
		}
		taken[masked] = true
	}
	number, label := m.digits("VN 0123456789-AB"), m.account("Vietcombank - CN 5 - VN 0123456789-AB")
	if !regexp.MustCompile(`^[A-Z]{2} [0-9]{10}-[A-Z]{2}$`).MatchString(number) || label != "Vietcombank - CN 5 - "+number {
		t.Errorf("the number is %s, the account %s", number, label)
	}
	if long := m.digits("123456789012345678901234567890"); len(long) != 30 {
		t.Errorf("thirty digits become %s", long)
	}
	if id := m.id(9_007_199_254_740_991_234); id == 9_007_199_254_740_991_234 || id < 9_000_000_000_000_000_000 {
		t.Errorf("an id becomes %d", id)
	}
	born := taphoa.Time(500_000_000_000_000)
	if moved := m.day(born) - born; moved%86_400_000_000 != 0 || max(moved, -moved) > 182*86_400_000_000 {
		t.Errorf("a birthday moves by %d", moved)
	}
}
