package text_test

import (
	"testing"

	"github.com/taphoa/taphoa/internal/text"
)

func TestCodesAreComparedWithoutCaseAndOuterBlanks(t *testing.T) {
	for in, want := range map[string]string{
		" kh000001 ": "kh000001", "KH000001": "kh000001", "ĐT 01\t": "đt 01", "": "", "  ": "",
	} {
		if got := text.CodeKey(in); got != want {
			t.Errorf("CodeKey(%q) = %q, want %q", in, got, want)
		}
	}
}

func TestFoldMakesVietnameseSearchable(t *testing.T) {
	for in, want := range map[string]string{
		"Áo Sơ Mi  ĐEN ": "ao so mi den", "Đường Nguyễn Huệ": "duong nguyen hue", "": "", "  ": "", "ABC-123": "abc-123",
	} {
		if got := text.Fold(in); got != want {
			t.Errorf("Fold(%q) = %q, want %q", in, got, want)
		}
	}
}
