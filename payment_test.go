package taphoa

import (
	"go/ast"
	"go/parser"
	"go/token"
	"strconv"
	"strings"
	"testing"
)

// TestEveryPaymentMethodIsListed fails for a method that has no entry in the list of methods.
func TestEveryPaymentMethodIsListed(t *testing.T) {
	file, err := parser.ParseFile(token.NewFileSet(), "payment.go", nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	listed := map[string]bool{}
	for _, m := range PaymentMethods() {
		listed[string(m)] = true
	}
	constants := 0
	ast.Inspect(file, func(n ast.Node) bool {
		spec, ok := n.(*ast.ValueSpec)
		if !ok || spec.Type != nil || !strings.HasPrefix(spec.Names[0].Name, "Method") {
			return true
		}
		text, err := strconv.Unquote(spec.Values[0].(*ast.BasicLit).Value)
		if constants++; err != nil || !listed[text] {
			t.Errorf("%s is not in paymentMethods (%v)", spec.Names[0].Name, err)
		}
		return true
	})
	if constants != len(listed) {
		t.Errorf("%d constants, %d methods", constants, len(listed))
	}
}

func TestAPaymentMethodIsReadInEverySpelling(t *testing.T) {
	for text, want := range map[string]PaymentMethod{
		"": MethodCash, " CASH ": MethodCash, "cod": MethodCash, "Card": MethodCard, "Transfer": MethodTransfer, "tranfer": MethodTransfer,
		"voucher": MethodVoucher,
	} {
		if have, err := ParseMethod("method", text); err != nil || have != want {
			t.Errorf("%q is %q (%v), want %q", text, have, err, want)
		}
	}
	for _, m := range PaymentMethods() {
		if have, err := ParseMethod("method", string(m)); err != nil || have != m {
			t.Errorf("%q is %q (%v)", m, have, err)
		}
	}
	if _, err := ParseMethod("payments.method", "Bitcoin"); err == nil || err.Error() !=
		`payments.method: Phương thức thanh toán "Bitcoin" (payments.method) không hợp lệ: dùng Cash, Card hoặc Transfer` {
		t.Error(err)
	}
}

// TestTheChoicesAreTheMethodsWithoutVouchers holds the sentence to the list.
func TestTheChoicesAreTheMethodsWithoutVouchers(t *testing.T) {
	var names []string
	for _, m := range PaymentMethods() {
		if !m.AcceptsVoucher() {
			names = append(names, string(m))
		}
	}
	last := len(names) - 1
	if want := strings.Join(names[:last], ", ") + " hoặc " + names[last]; string(MethodChoices) != want {
		t.Errorf("refusals offer %q, want %q", MethodChoices, want)
	}
}
