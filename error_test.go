package taphoa

import (
	"strings"
	"testing"
)

// TestARefusalIsToldWithoutWhatIsHidden, also where it is a part of another one, and in other languages.
func TestARefusalIsToldWithoutWhatIsHidden(t *testing.T) {
	owes := Refuse(CodeCustomer, "id", "%s nợ %v, đã trả %v", Term("Khách"), Sensitive{"debt", Dong(43_210)}, Dong(5))
	whole := owes.About("list[0]", "Thứ %d: %s", 1)
	bought := NotFound(CodePurchase, "Còn %v", Sensitive{"purchase,debt", Dong(7)})
	plain := Refuse("", "", "Không có gì")
	english := func(format string, args ...any) string {
		return sprintf(strings.NewReplacer("nợ", "owes", "đã trả", "has paid", "Khách", "The customer").Replace(format), args...)
	}
	debts := func(view string) bool { return strings.Contains(view, "debt") }
	costs := func(view string) bool { return view == "cost" }
	for _, test := range []struct {
		err                 *Error
		hides               func(string) bool
		message, translated string
	}{
		{owes, costs, "Khách nợ 43210, đã trả 5", "The customer owes 43210, has paid 5"},
		{owes, debts, "Khách nợ •••, đã trả 5", "The customer owes •••, has paid 5"},
		{whole, debts, "Thứ 1: Khách nợ •••, đã trả 5", "Thứ 1: The customer owes •••, has paid 5"},
		{bought, debts, "Còn •••", "Còn •••"},
		{plain, debts, "Không có gì", "Không có gì"},
	} {
		got := test.err.Withhold(test.hides)
		if got.Message != test.message || got.In(english) != test.translated || got.Kind != test.err.Kind || got.Code != test.err.Code || got.Field != test.err.Field {
			t.Errorf("%+v tells %q and %q", got, got.Message, got.In(english))
		}
		if same := got == test.err; same == strings.Contains(test.message, "•") {
			t.Errorf("%q: the same error: %v", test.message, same)
		}
	}
	if owes.Message != "Khách nợ 43210, đã trả 5" || whole.Message != "Thứ 1: Khách nợ 43210, đã trả 5" {
		t.Errorf("for others they are %q and %q by now", owes.Message, whole.Message)
	}
}
