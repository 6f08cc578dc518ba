package plan_test

import (
	"errors"
	"fmt"
	"reflect"
	"strings"
	"testing"

	"github.com/taphoa/taphoa"
	partyplan "github.com/taphoa/taphoa/internal/party/plan"
	"github.com/taphoa/taphoa/internal/plan"
)

const now = taphoa.Time(1_700_000_000_000_000)

// newContext counts ids from 100 and codes from 1.
func newContext() *plan.Context {
	id, number := int64(100), 0
	return &plan.Context{
		Retailer: 1, Now: now, Clock: now,
		ID:   func(string) int64 { id++; return id - 1 },
		Code: func(prefix string) string { number++; return fmt.Sprintf("%s%06d", prefix, number) },
	}
}

func refused(t *testing.T, name string, err error, field, words string) {
	t.Helper()
	e, ok := errors.AsType[*taphoa.Error](err)
	if !ok || e.Field != field || !strings.Contains(e.Message, words) {
		t.Errorf("%s: got %v, want a refusal about %q with %q", name, err, field, words)
	}
}

func some(s string) taphoa.Opt[string] { return taphoa.Some(s) }

var (
	lan = partyplan.CustomerRef{ID: 1, Code: "KH000001", Name: "Lan", BranchID: 7}
	mai = partyplan.CustomerRef{ID: 2, Code: "KH000002", Name: "Mai", BranchID: 8}
)

func TestACustomerIsResolvedByIDThenCodeThenNumber(t *testing.T) {
	type document = taphoa.DocumentCustomer
	known := partyplan.CustomerFacts{
		ByID: taphoa.Some(lan), ByCode: taphoa.Some(mai), ByNumber: []partyplan.CustomerRef{lan, mai}, Branch: taphoa.Some[int64](7),
	}
	for _, c := range []struct {
		name   string
		in     *document
		id     int64
		branch int64
		change func(*partyplan.CustomerFacts)
		want   partyplan.CustomerRef
	}{
		{"no customer", nil, 0, 7, nil, partyplan.CustomerRef{}},
		{"blank texts", &document{Name: some(" "), Code: taphoa.Null[string]()}, 0, 7, nil, partyplan.CustomerRef{}},
		{"an address alone", &document{Address: some("12 Hàng Bạc")}, 0, 7, nil, partyplan.CustomerRef{}},
		{"id beside the object", &document{Code: some("KH000002")}, 1, 7, nil, lan},
		{"id in the object", &document{ID: taphoa.Some[int64](1), Code: some("KH000002")}, 9, 7, nil, lan},
		{"code", &document{Code: some("KH000002"), ContactNumber: some("0912345678")}, 0, 7, nil, mai},
		{"number", &document{ContactNumber: some("0912345678")}, 0, 8, func(f *partyplan.CustomerFacts) {
			f.ByCode = taphoa.Opt[partyplan.CustomerRef]{}
		}, lan},
		{"number in the branch", &document{ContactNumber: some("0912345678")}, 0, 8, func(f *partyplan.CustomerFacts) {
			f.ByCode, f.KeptByBranch = taphoa.Opt[partyplan.CustomerRef]{}, true
		}, mai},
	} {
		f := known
		if c.change != nil {
			c.change(&f)
		}
		got, err := partyplan.ResolveCustomer(newContext(), &f, c.in, taphoa.SomeIf(c.id), c.branch)
		if err != nil || got.New != nil || !reflect.DeepEqual(got.Ref.Value, c.want) || got.Ref.Has() != (c.want.ID != 0) {
			t.Errorf("%s: got %+v, %v, want %+v", c.name, got, err, c.want)
		}
	}
}

func TestAnUnknownCustomerBecomesARow(t *testing.T) {
	born, _ := taphoa.ParseTime("1990-02-28")
	f := &partyplan.CustomerFacts{Branch: taphoa.Some[int64](7), UserName: some("Admin"), KeptByBranch: true, ByNumber: []partyplan.CustomerRef{mai}}
	in := &taphoa.DocumentCustomer{
		Name: some("Lan"), ContactNumber: some("+84 912 345 678"), Address: some("12 Hàng Bạc"), BirthDate: taphoa.Some(born),
		Email: some(" "), Comment: some("từ web"), Gender: taphoa.Some(false),
	}
	got, err := partyplan.ResolveCustomer(newContext(), f, in, taphoa.Opt[int64]{}, 7)
	if err != nil {
		t.Fatal(err)
	}
	want := &partyplan.CustomerRow{
		ID: 100, Code: "KH000001", CodeKey: "kh000001", Name: "Lan", Search: "lan", Gender: taphoa.Some(false), BirthDate: taphoa.Some(born),
		Birthday: 228, ContactNumber: some("+84 912 345 678"), PhoneKey: "0912345678", KeyScope: 7, Address: some("12 Hàng Bạc"),
		Email: taphoa.Null[string](), Comments: some("từ web"), BranchID: taphoa.Some[int64](7), IsActive: true, CreatedBy: some("Admin"),
		CreatedDate: now, ChangedAt: now,
	}
	if !reflect.DeepEqual(got.New, want) {
		t.Errorf("got  %+v\nwant %+v", got.New, want)
	}
	ref := partyplan.CustomerRef{ID: 100, Code: "KH000001", Name: "Lan", ContactNumber: some("+84 912 345 678"), Address: some("12 Hàng Bạc"), BranchID: 7}
	if !reflect.DeepEqual(got.Ref.Value, ref) {
		t.Errorf("got %+v, want %+v", got.Ref.Value, ref)
	}
	for _, c := range []struct {
		in         taphoa.DocumentCustomer
		code, name string
	}{
		{taphoa.DocumentCustomer{ContactNumber: some("0987 654 321")}, "KH000001", "0987 654 321"},
		{taphoa.DocumentCustomer{Code: some(" WEB2 "), Name: some(" ")}, "WEB2", "WEB2"},
		{taphoa.DocumentCustomer{Name: some("N*** L**"), ContactNumber: some("09****678")}, "KH000001", "N*** L**"},
	} {
		f := &partyplan.CustomerFacts{Branch: taphoa.Some[int64](7)}
		got, err := partyplan.ResolveCustomer(newContext(), f, &c.in, taphoa.Opt[int64]{}, 7)
		if err != nil || got.New == nil || got.New.Code != c.code || got.New.Name != c.name {
			t.Errorf("%+v became %+v, %v, want %s %s", c.in, got.New, err, c.code, c.name)
		}
	}
}

func TestACustomerIsRefusedInOneOrder(t *testing.T) {
	type facts = partyplan.CustomerFacts
	type input = taphoa.CustomerInput
	branch := taphoa.Some[int64](7)
	all := input{
		Name: some("Lan"), Code: some("KH000002"), ContactNumber: some("0912345678"),
		GroupIDs: taphoa.Some([]int64{5, 6, 5}), BranchID: taphoa.Some[int64](99),
	}
	for _, c := range []struct {
		name         string
		f            facts
		in           input
		field, words string
	}{
		{"name", facts{}, input{Code: all.Code}, "name", "không được để trống"},
		{"branch", facts{ByCode: taphoa.Some(mai)}, all, "branchId", "Chi nhánh 99 (branchId) không tồn tại"},
		{"code", facts{Branch: branch, ByCode: taphoa.Some(mai), ByNumber: []partyplan.CustomerRef{lan}}, all, "code", "Mã khách hàng KH000002 (code)"},
		{"number", facts{Branch: branch, ByNumber: []partyplan.CustomerRef{lan}}, all, "contactNumber", "đã tồn tại ở khách hàng KH000001"},
		{"group", facts{Branch: branch, KnownGroups: []int64{5}}, all, "groupIds", "Nhóm khách hàng 6 (groupIds) không tồn tại"},
	} {
		ctx := newContext()
		row, err := partyplan.NewCustomer(ctx, &c.f, &c.in)
		refused(t, c.name, err, c.field, c.words)
		if row != nil || ctx.Code("KH") != "KH000001" {
			t.Errorf("%s: a refusal took a code", c.name)
		}
	}
	_, err := partyplan.ResolveCustomer(newContext(), &facts{}, nil, taphoa.Some[int64](3), 7)
	refused(t, "id beside", err, "customerId", "Khách hàng 3 (customerId) không tồn tại")
	_, err = partyplan.ResolveCustomer(newContext(), &facts{}, &taphoa.DocumentCustomer{ID: taphoa.Some[int64](4)}, taphoa.Some[int64](3), 7)
	refused(t, "id in the object", err, "customer.id", "Khách hàng 4 (customer.id) không tồn tại")
}

func TestAChangedCustomerKeepsItsNumberAndTotals(t *testing.T) {
	stored := partyplan.CustomerRow{
		ID: 1, Code: "KH000001", CodeKey: "kh000001", Name: "Lan", Search: "lan", ContactNumber: some("0912345678"), PhoneKey: "0912345678",
		Address: some("12 Hàng Bạc"), BranchID: taphoa.Some[int64](7), IsActive: true, TotalInvoiced: taphoa.Dong(5), RewardPoint: 2, CreatedDate: 1, ChangedAt: 1,
	}
	f := &partyplan.CustomerFacts{ByCode: taphoa.Some(lan), ByNumber: []partyplan.CustomerRef{lan, mai}, KeptByBranch: true}
	got, err := partyplan.ChangeCustomer(newContext(), f, &stored, &taphoa.CustomerInput{
		Code: some("kh000001"), ContactNumber: some("0912.345.678"), Address: some(""), Organization: some("Công ty"),
	})
	want := stored
	want.Code, want.ContactNumber, want.Address, want.Organization = "kh000001", some("0912.345.678"), taphoa.Null[string](), some("Công ty")
	want.Type, want.ModifiedDate, want.ChangedAt = taphoa.CustomerCompany, taphoa.Some(now), now
	if err != nil || !reflect.DeepEqual(got, &want) {
		t.Errorf("got  %+v, %v\nwant %+v", got, err, want)
	}
	f = &partyplan.CustomerFacts{ByNumber: []partyplan.CustomerRef{mai}}
	_, err = partyplan.ChangeCustomer(newContext(), f, &stored, &taphoa.CustomerInput{ContactNumber: some("0987654321")})
	refused(t, "a number in use", err, "contactNumber", "KH000002")
}
