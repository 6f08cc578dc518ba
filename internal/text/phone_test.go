package text_test

import (
	"testing"

	"github.com/taphoa/taphoa/internal/text"
)

func TestPhoneKeys(t *testing.T) {
	for number, want := range map[string]string{
		"0912 345 678": "0912345678", "+84 912.345.678": "0912345678", "84912345678": "0912345678", "(+84) 912-345-678": "0912345678",
		"8491234567": "8491234567", "+84 24 3825 1111": "02438251111", "84912345678901": "84912345678901", "09****123": "", "": "", "không có": "",
		"0912345678 / 0987654321": "09123456780987654321", "024 3825 7863": "02438257863", "٠٩١٢": "",
	} {
		if got := text.PhoneKey(number); got != want {
			t.Errorf("PhoneKey(%q) = %q, want %q", number, got, want)
		}
	}
}
