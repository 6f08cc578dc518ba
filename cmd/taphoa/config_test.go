package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// written writes a file and returns its name.
func written(t *testing.T, mode os.FileMode, name, text string) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(file, []byte(text), mode); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(file, mode); err != nil { // whatever the umask
		t.Fatal(err)
	}
	return file
}

func TestAConfigurationFileIsForWhatTheEnvironmentDoesNotSay(t *testing.T) {
	dir := t.TempDir()
	url := func(name string) string { return "sqlite:" + filepath.Join(dir, name) }
	file := written(t, 0o644, "taphoa.conf", "# of the shop\n\n; and so is this\nTAPHOA_DATABASE_FILE='"+
		written(t, 0o600, "url", url("of the file.db")+"\n")+"'\n  TAPHOA_SHOP = \"lan\"  \r\nTAPHOA_LANG=vi\n")
	x := terminal{T: t}
	x.do("shop", "create", "lan", "Lan", "--database", url("of the file.db"))
	x.do("shop", "create", "hoa", "Hoa", "--database", url("of the file.db"))
	x.do("branch", "create", "Bếp", "--config", file)
	x.variables = map[string]string{"TAPHOA_CONFIG": file}
	x.refused("Chi nhánh tên “Bếp” đã tồn tại", "branch", "create", "Bếp")
	x.variables["TAPHOA_SHOP"] = "hoa"
	x.do("branch", "create", "Bếp")
	x.refused("there is no shop mai", "branch", "create", "Bếp", "--shop", "mai", "--lang", "en")
	x.variables["TAPHOA_DATABASE"] = url("of the environment.db") // and not a second one beside the file's
	x.refused("không có cơ sở dữ liệu "+url("of the environment.db"), "shop", "list")
	x.variables["TAPHOA_CONFIG"] = "elsewhere"
	x.refused("the configuration file elsewhere cannot be read: there is no file elsewhere", "shop", "list")
	x.do("shop", "list", "--config", "", "--database", url("of the file.db"))
}

func TestAWrongConfigurationFileIsRefusedByItsLine(t *testing.T) {
	for text, words := range map[string]string{
		"TAPHOA_SHOP=a\nTAPHOA_SHOPS=b":                 ":2: there is no variable TAPHOA_SHOPS: taphoa help names",
		"export TAPHOA_SHOP=a":                          ":1: there is no variable export TAPHOA_SHOP",
		"TAPHOA_CONFIG=other":                           ":1: there is no variable TAPHOA_CONFIG",
		"TAPHOA_ADDR_FILE=other":                        ":1: there is no variable TAPHOA_ADDR_FILE",
		"# here\n\nTAPHOA_SHOP":                         ":3: this line is not NAME=VALUE",
		"TAPHOA_SHOP=a\n\nTAPHOA_SHOP=a":                ":3: TAPHOA_SHOP is in line 1 already",
		`TAPHOA_SHOP="a`:                                ":1: the value of TAPHOA_SHOP must end in this line",
		`TAPHOA_SHOP='a' # mine`:                        ":1: the value of TAPHOA_SHOP must end in this line",
		"TAPHOA_SHOP=a\\\nb":                            ":1: the value of TAPHOA_SHOP must end in this line",
		"\nTAPHOA_KEEP_EVENTS=maybe":                    ":2: TAPHOA_KEEP_EVENTS must be a whole number, not \"maybe\"",
		"TAPHOA_ADDR=maybe":                             ":1: TAPHOA_ADDR \"maybe\": missing port",
		"TAPHOA_SMTP_URL=a\nTAPHOA_SMTP_URL_FILE=b":     ":1: TAPHOA_SMTP_URL and ",
		"TAPHOA_DATABASE_FILE=/nowhere":                 ":1: TAPHOA_DATABASE_FILE: the file /nowhere cannot be read",
		"TAPHOA_DATABASE=postgres://a:geheim@[::1/base": "the URL of the database cannot be read",
	} {
		x := terminal{T: t, variables: map[string]string{"TAPHOA_CONFIG": written(t, 0o600, "taphoa.conf", text)}}
		x.refused(words, "serve")
	}
}

// TestTheSampleOfThePackagesIsUnderstood has each line of it, also those that are commented out.
func TestTheSampleOfThePackagesIsUnderstood(t *testing.T) {
	text, err := os.ReadFile("../../tools/release/packaging/taphoa.conf")
	if err != nil {
		t.Fatal(err)
	}
	file := written(t, 0o600, "taphoa.conf", strings.ReplaceAll(string(text), "#TAPHOA_", "TAPHOA_"))
	terminal{T: t}.refused("TAPHOA_TLS_CERT and "+file+":", "serve", "--config", file, "--lang", "en")
}

func TestASecretInAFileThatOthersReadIsWarnedOf(t *testing.T) {
	for text, warned := range map[string]bool{
		"TAPHOA_WEBHOOK_SECRET=s": true, "TAPHOA_WEBHOOK_SECRET_FILE=/s": false, "TAPHOA_SHOP=a": false,
	} {
		for _, mode := range []os.FileMode{0o644, 0o640} {
			file := written(t, mode, "taphoa.conf", text)
			_, _, faults := terminal{T: t}.try("shop", "list", "--config", file, "--database", "sqlite:/nowhere")
			if want := warned && mode == 0o644; strings.Contains(faults, "which has a secret: chmod o= "+file) != want {
				t.Errorf("%s with the rights %o says\n%s", text, mode, faults)
			}
		}
	}
}

// TestQuotesAreThoseOfSystemd has values with what systemd.exec(5) makes of them.
func TestQuotesAreThoseOfSystemd(t *testing.T) {
	for text, want := range map[string]string{
		``: ``, `a b`: `a b`, `a#b "c"`: `a#b "c"`, `a\\b\c`: `a\bc`, `$a`: `$a`,
		`'a\b "c"'`: `a\b "c"`, `"a\b \"c\" \$d \\"`: `a\b "c" $d \`, `""`: ``, `''`: ``,
	} {
		if got, ok := unquote(text); !ok || got != want {
			t.Errorf("%s is %q (%v), want %q", text, got, ok, want)
		}
	}
	for _, text := range []string{`'`, `"`, `'a`, `"a\"`, `'a'b`, `"a"b`, `'a'b'`, `a\`} {
		if got, ok := unquote(text); ok {
			t.Errorf("%s is %q", text, got)
		}
	}
}
