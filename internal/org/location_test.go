package org

import (
	"slices"
	"strings"
	"testing"

	"golang.org/x/text/unicode/norm"

	"github.com/taphoa/taphoa"
)

func TestLocationCounts(t *testing.T) {
	provinces := map[string]bool{}
	wards := 0
	for _, location := range allLocations() {
		// From the last separator: 'Bà Rịa - Vũng Tàu' has one inside.
		provinces[location.Name[:strings.LastIndex(location.Name, " - ")]] = true
		wards += len(location.Wards)
	}
	if len(provinces) != 63 {
		t.Errorf("%d provinces, want 63", len(provinces))
	}
	if n := len(allLocations()); n != 696 {
		t.Errorf("%d locations, want 696", n)
	}
	if wards != 10_039 {
		t.Errorf("%d wards, want 10039", wards)
	}
}

func TestLocationIDsAndNamesAreUnique(t *testing.T) {
	locationIDs, names, wardIDs := map[int64]bool{}, map[string]bool{}, map[int64]bool{}
	for _, location := range allLocations() {
		if location.ID <= 0 || locationIDs[location.ID] {
			t.Errorf("location id %d of %q is not positive or not unique", location.ID, location.Name)
		}
		if names[location.Name] {
			t.Errorf("two locations %q", location.Name)
		}
		locationIDs[location.ID], names[location.Name] = true, true
		wardNames := map[string]bool{}
		for _, ward := range location.Wards {
			if ward.ID <= 0 || wardIDs[ward.ID] {
				t.Errorf("ward id %d of %q is not positive or not unique", ward.ID, ward.Name)
			}
			if wardNames[ward.Name] {
				t.Errorf("%s has two wards %q", location.Name, ward.Name)
			}
			if ward.ParentID != location.ID {
				t.Errorf("ward %q of location %d has parent %d", ward.Name, location.ID, ward.ParentID)
			}
			wardIDs[ward.ID], wardNames[ward.Name] = true, true
		}
	}
}

func TestLocationNames(t *testing.T) {
	hasKind := func(name string, kinds ...string) bool {
		return slices.ContainsFunc(kinds, func(kind string) bool { return strings.HasPrefix(name, kind+" ") })
	}
	check := func(name, normalName string) {
		t.Helper()
		if !norm.NFC.IsNormalString(name) {
			t.Errorf("%+q is not NFC", name)
		}
		if name != strings.Join(strings.Fields(name), " ") {
			t.Errorf("%q has a stray blank", name)
		}
		if strings.ContainsFunc(normalName, func(r rune) bool { return r < ' ' || r > '~' }) {
			t.Errorf("normal name %q is not ASCII", normalName)
		}
		// Only the diacritics are removed.
		if len([]rune(name)) != len(normalName) {
			t.Errorf("normal name %q does not fit %q", normalName, name)
		}
	}
	for _, location := range allLocations() {
		check(location.Name, location.NormalName)
		if hasKind(location.Name, "Tỉnh", "Thành phố") {
			t.Errorf("%q starts with the kind of its province", location.Name)
		}
		district := location.Name[strings.LastIndex(location.Name, " - ")+len(" - "):]
		if !hasKind(district, "Quận", "Huyện", "Thị xã", "Thành phố") {
			t.Errorf("%q has a district without its kind", location.Name)
		}
		for _, ward := range location.Wards {
			check(ward.Name, ward.NormalName)
			if !hasKind(ward.Name, "Phường", "Xã", "Thị trấn") {
				t.Errorf("ward %q is without its kind", ward.Name)
			}
		}
	}
}

func TestLocationOrder(t *testing.T) {
	if !slices.IsSortedFunc(allLocations(), func(a, b taphoa.Location) int {
		return strings.Compare(a.NormalName, b.NormalName)
	}) {
		t.Error("not ordered by name without diacritics")
	}
}

func TestKnownLocations(t *testing.T) {
	byName := map[string]taphoa.Location{}
	for _, location := range allLocations() {
		byName[location.Name] = location
	}
	for _, want := range []struct {
		name, normalName string
		id               int64
		ward             string // empty: an island district, which has no wards
	}{
		{"Hà Nội - Quận Hoàn Kiếm", "Ha Noi - Quan Hoan Kiem", 2, "Phường Hàng Bạc"},
		{"Hà Nội - Quận Đống Đa", "Ha Noi - Quan Dong Da", 6, "Phường Láng Hạ"},
		{"Hồ Chí Minh - Quận 1", "Ho Chi Minh - Quan 1", 760, "Phường Bến Nghé"},
		{"Hồ Chí Minh - Thành phố Thủ Đức", "Ho Chi Minh - Thanh pho Thu Duc", 769, "Phường Thảo Điền"},
		{"Cần Thơ - Quận Ninh Kiều", "Can Tho - Quan Ninh Kieu", 916, "Phường Xuân Khánh"},
		{"Hải Dương - Thành phố Hải Dương", "Hai Duong - Thanh pho Hai Duong", 288, "Phường Trần Hưng Đạo"},
		{"Bà Rịa - Vũng Tàu - Thành phố Vũng Tàu", "Ba Ria - Vung Tau - Thanh pho Vung Tau", 747, "Phường Thắng Tam"},
		{"Huế - Quận Thuận Hóa", "Hue - Quan Thuan Hoa", 474, "Phường Vỹ Dạ"},
		{"Hải Phòng - Huyện Bạch Long Vĩ", "Hai Phong - Huyen Bach Long Vi", 318, ""},
		{"Quảng Ngãi - Huyện Lý Sơn", "Quang Ngai - Huyen Ly Son", 536, ""},
		{"Bà Rịa - Vũng Tàu - Huyện Côn Đảo", "Ba Ria - Vung Tau - Huyen Con Dao", 755, ""},
	} {
		got, ok := byName[want.name]
		switch {
		case !ok:
			t.Errorf("no location %q", want.name)
		case got.ID != want.id || got.NormalName != want.normalName:
			t.Errorf("%q has id %d and normal name %q, want %d and %q",
				want.name, got.ID, got.NormalName, want.id, want.normalName)
		case want.ward == "" && got.Wards != nil:
			t.Errorf("%q has wards", want.name)
		case want.ward != "" && !slices.ContainsFunc(got.Wards, func(w taphoa.Ward) bool { return w.Name == want.ward }):
			t.Errorf("%q has no ward %q", want.name, want.ward)
		}
	}
}

func TestParseLocationsPanicsOnBadLines(t *testing.T) {
	for _, text := range []string{"1\tHà Nội\n", "x\tHà Nội\tQuận Ba Đình\n", "1\tHà Nội\tQuận Ba Đình\n\t\tPhường Phúc Xá\n"} {
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("no panic for %q", text)
				}
			}()
			parseLocations(text)
		}()
	}
}

func BenchmarkParseLocations(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		parseLocations(locationsTSV)
	}
}
