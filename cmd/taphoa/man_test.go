package main

import (
	"os/exec"
	"strings"
	"testing"
)

func TestTheManualPageIsWholeInBothLanguages(t *testing.T) {
	for lang, words := range map[string][]string{
		"en": {`.SH "NAME"`, `.SS "shop create <code> <name>"`, `.B "\-\-log\-level LEVEL"`, "($TAPHOA_DATABASE, or the file that"},
		"vi": {`.SH "TÊN"`, `.SS "shop create <mã> <tên>"`, "tệp mà $TAPHOA_DATABASE_FILE", "Mở một gian hàng"},
	} {
		page := terminal{T: t}.do("man", "--lang", lang)
		for _, w := range append(words, `.TH "TAPHOA" "1"`) {
			if !strings.Contains(page, w) {
				t.Errorf("the page in %s lacks %s", lang, w)
			}
		}
		for _, command := range leaves(t) {
			if !strings.Contains(page, `.SS "`+strings.ReplaceAll(strings.Join(command, " "), "-", `\-`)) {
				t.Errorf("the page in %s lacks the command %v", lang, command)
			}
		}
		t.Run(lang, func(t *testing.T) {
			x := exec.Command(installed(t, "groff"), "-Kutf8", "-Tutf8", "-man", "-ww", "-z")
			x.Stdin = strings.NewReader(page)
			if out, err := x.CombinedOutput(); err != nil || len(out) > 0 {
				t.Errorf("%v: %s", err, out)
			}
		})
	}
}
