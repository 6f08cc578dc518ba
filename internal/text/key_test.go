package text_test

import (
	"testing"

	"github.com/taphoa/taphoa/internal/text"
)

func TestCodesAreComparedWithoutCaseAndOuterBlanks(t *testing.T) {
	for in, want := range map[string]string{
		" kh000001 ": "kh000001", "KH000001": "kh000001", "ĐT 01\t": "đt 01", "": "", "  ": "",
		"ĐU\u031bO\u031b\u0300NG1": "đường1", "A\u00a0\t B": "a b", "abc\u200b": "abc", "\ufeffim\u00ad1": "im1", "\u200b \u200d": "",
		"e\u200b\u0301": "é", "SP\ufe0f": "sp", "a\u200b b": "a b", "a \u200b b": "a b",
		"H\u0331": "ẖ", "\u1e96": "ẖ", "J\u030c": "ǰ", "T\u0344": "ẗ\u0301", "Ϊ\u0301": "ΐ",
	} {
		if got := text.CodeKey(in); got != want {
			t.Errorf("CodeKey(%q) = %q, want %q", in, got, want)
		}
	}
}

func TestFoldMakesVietnameseSearchable(t *testing.T) {
	for in, want := range map[string]string{
		"Áo Sơ Mi  ĐEN ": "ao so mi den", "Đường Nguyễn Huệ": "duong nguyen hue", "": "", "  ": "", "ABC-123": "abc-123",
		"\u0110o\u0309\u200b": "do", "Cà\u200b phê": "ca phe",
	} {
		if got := text.Fold(in); got != want {
			t.Errorf("Fold(%q) = %q, want %q", in, got, want)
		}
	}
}

func TestNamesAreStoredAsTheyAreSeen(t *testing.T) {
	for in, want := range map[string]string{
		"Đỏ": "Đỏ", "\u0110o\u0309": "Đỏ", " Cà  phê\u00a0sữa ": "Cà phê sữa", "IM1\u200b": "IM1", "a": "a", " ": "", "A  B": "A B", "A\nB": "A B",
	} {
		if got := text.Clean(in); got != want || text.Clean(got) != got {
			t.Errorf("Clean(%q) = %q, want %q", in, got, want)
		}
	}
	if text.NameKey("Bò") == text.NameKey("Bơ") || text.NameKey("BO\u0300 ") != text.NameKey("bò") {
		t.Error("names are not compared by what is seen, without regard to letter case")
	}
}
