package text

import (
	"regexp"
	"strings"
	"testing"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// FuzzKeys holds the keys of codes and names to what comparing by them needs: a text as it is stored, and in every other
// spelling that looks the same, has the same key.
func FuzzKeys(f *testing.F) {
	for _, seed := range []string{"", " SP 001 ", "Áo\u00a0Đỏ", "A\u0301o", "\u200bmã\u00ad\ufe0f", "İSTANBUL", "ǅ", "ﬁ Å \u212b", "a\xffb", "\u1e9e\u0345", "각\u1100\u1161", "\u0344\u0f73"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, s string) {
		if !utf8.ValidString(s) {
			return // refused when it is read
		}
		for name, key := range map[string]func(string) string{"Clean": Clean, "CodeKey": CodeKey, "Fold": Fold} {
			once := key(s)
			if !utf8.ValidString(once) || strings.TrimSpace(once) != once || strings.Contains(once, "  ") {
				t.Fatalf("%s(%q) = %q", name, s, once)
			}
			if twice := key(once); twice != once {
				t.Fatalf("%s(%q) = %q, and of that it is %q", name, s, once, twice)
			}
			if stored := key(Clean(s)); stored != once {
				t.Fatalf("%s(%q) = %q, as stored it is %q", name, s, once, stored)
			}
			if apart := key(norm.NFD.String(s)); apart != once {
				t.Fatalf("%s(%q) = %q, with marks apart it is %q", name, s, once, apart)
			}
		}
		if key := NameKey(s); strings.TrimRight(key, "\t") != "" && CodeKey(s) == "" {
			t.Fatalf("NameKey(%q) = %q, but its CodeKey is empty", s, key)
		}
	})
}

var homeNumber = regexp.MustCompile(`^0[1-9]\d{8,9}$`)

// FuzzPhoneKey holds the keys of contact numbers to their form: digits, and no other number when a key is taken for one.
func FuzzPhoneKey(f *testing.F) {
	for _, seed := range []string{"0912345678", "+84 (0) 912 345 678", "0084 28 3822 9999", "84912345678", "912345678", "09****123", "0912345678/79", "1800 1234", "+1 212 555 0100", "００８４９", "", "+"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, s string) {
		key := PhoneKey(s)
		if strings.Trim(key, "0123456789") != "" || len(key) > 15 {
			t.Fatalf("PhoneKey(%q) = %q", s, key)
		}
		for _, same := range []string{" " + s + " ", "(" + s + ")"} {
			if other := PhoneKey(same); other != key {
				t.Fatalf("PhoneKey(%q) = %q, but PhoneKey(%q) = %q", s, key, same, other)
			}
		}
		if homeNumber.MatchString(key) && PhoneKey(key) != key {
			t.Fatalf("PhoneKey(%q) = %q, and of that it is %q", s, key, PhoneKey(key))
		}
	})
}
