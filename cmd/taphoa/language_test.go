package main

import (
	"flag"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/alecthomas/kong"

	"github.com/taphoa/taphoa/internal/dbtest"
	"github.com/taphoa/taphoa/internal/message"
	"github.com/taphoa/taphoa/internal/org"
)

var updateHelp = flag.Bool("update", false, "write the helps into testdata")

// leaves returns the commands without subcommands, as they are typed.
func leaves(t *testing.T) (all [][]string) {
	t.Helper()
	parser, err := kong.New(new(commands), kong.Name("taphoa"))
	if err != nil {
		t.Fatal(err)
	}
	for _, leaf := range parser.Model.Leaves(true) {
		all = append(all, strings.Fields(regexp.MustCompile(`[<[].*`).ReplaceAllString(leaf.Path(), "")))
	}
	return all
}

func TestEveryCommandExplainsItselfInBothLanguages(t *testing.T) {
	for _, lang := range []string{"en", "vi"} {
		x := terminal{T: t, variables: map[string]string{"LANG": map[string]string{"en": "de_DE.UTF-8", "vi": "vi_VN.UTF-8"}[lang]}}
		var b strings.Builder
		add := func(args ...string) {
			b.WriteString("$ taphoa " + strings.Join(args, " ") + "\n" + x.do(args...) + "\n")
		}
		add("--help")
		for _, group := range []string{"shop", "client", "branch", "user", "setting"} {
			add(group, "--help")
		}
		for _, command := range leaves(t) {
			add(append(command, "--help")...)
		}
		name := filepath.Join("testdata", "help."+lang+".txt")
		if *updateHelp {
			if err := os.WriteFile(name, []byte(b.String()), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		want, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		if b.String() != string(want) {
			t.Errorf("%s differs from what the commands say: read it after go test ./cmd/taphoa -run Explains -update", name)
		}
		for line := range strings.Lines(b.String()) {
			if n := len([]rune(line)) - 1; n > width {
				t.Errorf("%s: a line of %d columns: %s", name, n, line)
			}
		}
	}
}

func TestAnIncompleteCommandPrintsTheHelp(t *testing.T) {
	x := terminal{T: t}
	whole := x.do("--help")
	for _, args := range [][]string{{}, {"help"}, {"--lang", "en"}} {
		if out := x.do(args...); out != whole {
			t.Errorf("taphoa %s prints\n%s", strings.Join(args, " "), out)
		}
	}
	if out, want := x.do("help", "shop", "create"), x.do("shop", "create", "--help"); out != want {
		t.Errorf("help shop create prints\n%s", out)
	}
	if out := x.do("help", "client", "--lang=vi"); !strings.HasPrefix(out, "Cách dùng: taphoa client LỆNH") {
		t.Errorf("help client --lang=vi prints\n%s", out)
	}
	if out := x.do("--version"); out != x.do("version") || !strings.HasPrefix(out, "taphoa ") {
		t.Errorf("--version prints %s", out)
	}
	x.refused("unexpected argument fly", "help", "fly")
}

// usageErrors are wrong arguments, with the error messages in both languages.
var usageErrors = []struct{ args, english, vietnamese string }{
	{"fly", `unexpected argument fly (taphoa --help tells more)`, `không hiểu tham số fly (xem thêm: taphoa --help)`},
	{"shoop list", `unexpected argument shoop, did you mean "shop"?`, `không hiểu tham số shoop, ý bạn là "shop"?`},
	{"shop", `expected one of "create", "list" (taphoa shop --help tells more)`, `cần một trong các lệnh "create", "list"`},
	{"shop list --colour", `unknown flag --colour (taphoa shop list --help tells more)`, `không có tùy chọn --colour`},
	{"serve --adr x", `unknown flag --adr, did you mean "--addr"?`, `không có tùy chọn --adr, ý bạn là "--addr"?`},
	{"client create", `missing flags: --name=NAME (taphoa client create --help tells more)`, `còn thiếu tùy chọn: --name=TÊN`},
	{"branch create", `missing "<name>"`, `còn thiếu "<tên>"`},
	{"user remove lan", `<id> must be a whole number, not "lan"`, `<id> phải là số nguyên, không phải "lan"`},
	{"user remove --shop", `--shop needs a value`, `--shop cần một giá trị`},
	{"serve --log-level loud", `--log-level must be one of "debug","info","warn","error", not "loud"`, `--log-level phải là một trong "debug","info","warn","error", không phải "loud"`},
	{"serve --demo=maybe", `--demo must be true or false, not "maybe"`, `--demo phải là true hoặc false, không phải "maybe"`},
	{"serve --keep-events 0", `--keep-events: 0 is not from 1 to 36500 days`, `--keep-events: 0 không nằm trong khoảng 1 đến 36500 ngày`},
	{"serve --keep-events -3", `--keep-events: -3 is not from 1 to 36500 days`, `--keep-events: -3 không nằm trong khoảng 1 đến 36500 ngày`},
	{"serve --addr 8082", `missing port: write HOST:PORT, such as 127.0.0.1:8082`, `thiếu cổng: viết MÁY:CỔNG, ví dụ 127.0.0.1:8082`},
	{"health --addr 8082", `missing port: write HOST:PORT, such as 127.0.0.1:8082`, `thiếu cổng: viết MÁY:CỔNG, ví dụ 127.0.0.1:8082`},
	{"serve --addr=", `missing port: write HOST:PORT, such as 127.0.0.1:8080`, `thiếu cổng: viết MÁY:CỔNG, ví dụ 127.0.0.1:8080`},
	{"serve --addr localhost", `missing port: write HOST:PORT, such as localhost:8080`, `ví dụ localhost:8080`},
	{"serve --addr 127.0.0.1:70000", `invalid port 70000`, `cổng 70000 không hợp lệ`},
	{"serve --addr nowhere.invalid:80", `this machine has no such address`, `máy này không có địa chỉ đó`},
	{"serve --cors-origin nonsense", `--cors-origin must be an origin such as https://shop.example, or *, not nonsense`, `--cors-origin phải là địa chỉ trang`},
	{"serve --cors-origin https://shop.example/path", `--cors-origin must be an origin`, `--cors-origin phải là địa chỉ trang`},
	{"serve --webhook-allow 10.1.0.0/99", `--webhook-allow: "10.1.0.0/99" is no network`, `--webhook-allow: "10.1.0.0/99" không phải là mạng`},
	{"serve --demo --addr 0.0.0.0:0", `listens on loopback addresses only, not on 0.0.0.0:0`, `chỉ nghe trên địa chỉ của chính máy này`},
	{"serve", `there is no database sqlite:taphoa.db: name another with --database, or make it with taphoa shop create CODE NAME`, `không có cơ sở dữ liệu sqlite:taphoa.db`},
	{"shop create a b --database sqlite:/nonexistent/dir/x.db", `the directory /nonexistent/dir does not exist: make it first`, `thư mục /nonexistent/dir không có: hãy tạo trước`},
	{"shop list --database taphoa.db", `for a file write sqlite:taphoa.db`, `nếu là tệp hãy viết sqlite:taphoa.db`},
	{"shop list --database mysql:x", `the database mysql:… is neither sqlite:FILE nor postgres://`, `cơ sở dữ liệu mysql:… không phải sqlite:TỆP`},
	{"shop list --database sqlite::memory:", `has no file that all connections could share`, `không có tệp để các kết nối dùng chung`},
	{"shop list --database postgres://a:b@127.0.0.1:1/c", `nothing listens at 127.0.0.1:1 (connection refused): does PostgreSQL run there?`, `không có gì nghe tại 127.0.0.1:1 (kết nối bị từ chối)`},
	{"check --database sqlite:/", `/ is not a file`, `/ không phải là tệp`},
	{"restore backup.db", `there is no file backup.db`, `không có tệp backup.db`},
	{"health --addr 1", `missing port: write HOST:PORT, such as 127.0.0.1:1`, `thiếu cổng: viết MÁY:CỔNG`},
	{"listen --url http://127.0.0.1:1", `no server answers at http://127.0.0.1:1: connection refused`, `http://127.0.0.1:1: kết nối bị từ chối`},
	{"trigger order.update --url http://nowhere.invalid", `the host nowhere.invalid is not known`, `không tìm thấy máy nowhere.invalid`},
	{"shop list --database postgres://a:b@nowhere.invalid/c", `the database host nowhere.invalid is not known`, `không tìm thấy máy nowhere.invalid`},
}

func TestUsageErrorsHaveBothLanguages(t *testing.T) {
	t.Chdir(t.TempDir())
	for _, c := range usageErrors {
		for lang, words := range map[string]string{"en": c.english, "vi": c.vietnamese} {
			x := terminal{T: t, variables: map[string]string{"TAPHOA_LANG": lang, "LC_ALL": "C"}}
			x.refused(words, strings.Fields(c.args)...)
		}
	}
	x := terminal{T: t}
	x.refused("--lang must be en or vi, not fr", "shop", "list", "--lang", "fr")
	x.variables = map[string]string{"LANG": "vi_VN.UTF-8"}
	x.refused("--lang phải là en hoặc vi, không phải fr", "shop", "list", "--lang=fr")
	x.refused("Tên gian hàng (name) không được để trống", "shop", "create", "cobien", " ")
	if left, err := os.ReadDir("."); err != nil || len(left) > 0 {
		t.Errorf("the refused commands have left %v", left)
	}
}

func TestTheLanguageIsTheOneAskedForNearest(t *testing.T) {
	t.Chdir(t.TempDir())
	for _, test := range []struct {
		variables map[string]string
		args      []string
		want      message.Language
	}{
		{nil, nil, message.English},
		{map[string]string{"LANG": "vi_VN.UTF-8"}, nil, message.Vietnamese},
		{map[string]string{"LANG": "C.UTF-8"}, nil, message.English},
		{map[string]string{"LC_MESSAGES": "vi", "LANG": "en_US.UTF-8"}, nil, message.Vietnamese},
		{map[string]string{"LC_ALL": "en_US.UTF-8", "LC_MESSAGES": "vi", "LANG": "vi"}, nil, message.English},
		{map[string]string{"LC_ALL": "en_US.UTF-8", "TAPHOA_LANG": "vi"}, nil, message.Vietnamese},
		{map[string]string{"TAPHOA_LANG": "vi"}, []string{"--lang", "en"}, message.English},
		{map[string]string{"LC_ALL": "en_US.UTF-8"}, []string{"--lang=vi"}, message.Vietnamese},
	} {
		x := terminal{T: t, variables: test.variables}
		words := map[message.Language]string{message.English: "there is no database", message.Vietnamese: "không có cơ sở dữ liệu"}[test.want]
		x.refused(words, append([]string{"shop", "list"}, test.args...)...)
	}
}

func TestOutputIsInOneLanguage(t *testing.T) {
	x := terminal{T: t, database: "sqlite:" + filepath.Join(t.TempDir(), "taphoa.db")}
	x.do("shop", "create", "abc", "ABC")
	x.do("branch", "create", "Chi nhánh Quận 1")
	x.refused("There is a branch named “Chi nhánh Quận 1” already", "branch", "create", "Chi nhánh Quận 1")
	x.refused("The setting RewardPointRate must be an amount that is not negative", "setting", "set", "RewardPointRate", "-5")
	x.refused("must be an amount that is not negative", "setting", "set", "RewardPointRate", "-5", "--shop", "abc")
	x.refused("did you mean AllowSellWhenOutStock? taphoa setting list shows all", "setting", "set", "AlowSellWhenOutStok", "false")
	x.refused("there is no setting fly: ", "setting", "set", "fly", "1")
	if out := x.do("setting", "set", "allowsellwhenoutstock", "false"); out != "AllowSellWhenOutStock is false\n" {
		t.Error(out)
	}
	if out := x.do("branch", "list"); !regexp.MustCompile(`(?m)^\d+ +\d{4}-\d\d-\d\d \d\d:\d\d +Chi nhánh Quận 1$`).MatchString(out) {
		t.Error(out)
	}

	x.variables = map[string]string{"TAPHOA_LANG": "vi"}
	x.refused("Chi nhánh tên “Chi nhánh Quận 1” đã tồn tại, hãy dùng tên khác", "branch", "create", "Chi nhánh Quận 1")
	x.refused("Thiết lập RewardPointRate phải là số tiền không âm", "setting", "set", "RewardPointRate", "-0.5")
	if out := x.do("user", "create", "lan", "Nguyễn Thị Lan"); !strings.HasPrefix(out, "Đã thêm người dùng lan, id ") {
		t.Error(out)
	}
	if out := x.do("user", "list"); !regexp.MustCompile(`(?m)^\d+ +lan +\d\d/\d\d/\d{4} \d\d:\d\d +Nguyễn Thị Lan$`).MatchString(out) {
		t.Error(out)
	}
	list := x.do("setting", "list")
	if !strings.HasPrefix(list, "TÊN ") || !regexp.MustCompile(`(?m)^AllowSellWhenOutStock +false +true +Cho bán khi hết tồn kho.$`).MatchString(list) {
		t.Error(list)
	}
	for line := range strings.Lines(list) {
		if n := len([]rune(line)) - 1; n > width {
			t.Errorf("a line of %d columns: %s", n, line)
		}
	}
}

func TestEverySettingHasAMeaning(t *testing.T) {
	for _, name := range org.SettingNames {
		if meanings[name] == "" {
			t.Errorf("setting list does not say what %s means", name)
		}
	}
	if len(meanings) != len(org.SettingNames) {
		t.Errorf("there are %d meanings for %d settings", len(meanings), len(org.SettingNames))
	}
}

// TestNoPartOfAPasswordIsPrinted has passwords that end up in other parts of a URL when they are not encoded.
func TestNoPartOfAPasswordIsPrinted(t *testing.T) {
	x := terminal{T: t}
	for _, url := range []string{
		"postgres://a:geheim@127.0.0.1:1/b", "postgres://a:x@geheim@127.0.0.1:1/b", "postgres://a:x#geheim@127.0.0.1:1/b",
		"postgres://a:x@geheim#y@127.0.0.1:1/b", "postgres://a:x/geheim@127.0.0.1:1/b", "postgres://a:x?geheim@127.0.0.1:1/b",
		"postgres://a:%geheim@127.0.0.1:1/b", "postgres://a:x:geheim@127.0.0.1:1/b", "postgres://a:x geheim@127.0.0.1:1/b",
		"postgres://a:12/geheim@127.0.0.1:1/b", "postgres://127.0.0.1:1/b?password=geheim", "postgres://127.0.0.1:1/b?password=geheim&sslmode=fly",
		"postgres://a:geheim@127.0.0.1:port/b", "postgres://a:geheim@[::1/b", "postgress://a:geheim@127.0.0.1/b", "a:geheim@127.0.0.1/b",
		"geheim@127.0.0.1", "POSTGRES://a:geheim@127.0.0.1/b",
	} {
		for _, lang := range []string{"en", "vi"} {
			status, out, faults := x.try("shop", "list", "--lang", lang, "--database", url)
			if status != 1 || strings.Contains(out+faults, "geheim") || strings.Count(faults, "\n") != 1 {
				t.Errorf("%s: status %d, %s%s", url, status, out, faults)
			}
		}
	}
	x.refused("in a password write %40 for @, %23 for #", "shop", "list", "--database", "postgres://a:x@y#z@127.0.0.1:1/b")
}

func TestPostgreSQLSaysWhatToDo(t *testing.T) {
	eachEmpty(t, func(t terminal) {
		url, ok := strings.CutPrefix(t.database, "postgres://")
		if !ok {
			t.Skip("there is no server to ask")
		}
		name := regexp.MustCompile(`test_\w+`)
		t.refused("has no database nope: make it with createdb -h ", "shop", "list", "--database", "postgres://"+name.ReplaceAllString(url, "nope"))
		d := dbtest.Open(t, t.database, nil)
		role := "poor_" + name.FindString(url)
		if err := d.Script(t.Context(), "CREATE ROLE "+role+" LOGIN"); err != nil {
			t.Fatal(err)
		}
		t.refused("the user "+role+" may not make tables in the database postgres: let it own the database", "shop", "create", "abc", "ABC",
			"--database", "postgres://"+strings.Replace(name.ReplaceAllString(url, "postgres"), "user=postgres", "user="+role, 1))
		if err := d.Script(t.Context(), "DROP ROLE "+role); err != nil {
			t.Fatal(err)
		}
		t.refused("refuses the user nobody: ", "shop", "list", "--database", "postgres://"+strings.Replace(url, "user=postgres", "user=nobody", 1))
	})
}

func TestASecretMayBeInAFile(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "url")
	if err := os.WriteFile(file, []byte("sqlite:"+filepath.Join(dir, "taphoa.db")+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	x := terminal{T: t, variables: map[string]string{"TAPHOA_DATABASE_FILE": file}}
	x.do("shop", "create", "abc", "ABC")
	secret := strings.Repeat("A1", 20)
	if err := os.WriteFile(filepath.Join(dir, "secret"), []byte(secret), 0o600); err != nil {
		t.Fatal(err)
	}
	x.variables["TAPHOA_CLIENT_SECRET_FILE"] = filepath.Join(dir, "secret")
	if _, got := x.client("create", "--name", "Web"); got != secret {
		t.Errorf("the client has the secret %s", got)
	}
	x.variables["TAPHOA_ADDR_FILE"] = file // no secret, so this is no variable
	s := x.serve()
	s.stop()
	s.ends()
	x.variables["TAPHOA_CLIENT_SECRET"] = secret
	x.refused("TAPHOA_CLIENT_SECRET and TAPHOA_CLIENT_SECRET_FILE are both set", "client", "create", "--name", "x")
}

func TestAnErrorOfAVariableNamesIt(t *testing.T) {
	x := terminal{T: t, database: "sqlite:" + filepath.Join(t.TempDir(), "taphoa.db")}
	for name, words := range map[string]string{
		"TAPHOA_VENDOR_LIMITS": `TAPHOA_VENDOR_LIMITS must be true or false, not "maybe" (taphoa serve --help tells more)`,
		"TAPHOA_KEEP_EVENTS":   `TAPHOA_KEEP_EVENTS must be a whole number, not "maybe"`,
		"TAPHOA_ADDR":          `TAPHOA_ADDR "maybe": missing port`,
		"TAPHOA_CORS_ORIGIN":   `TAPHOA_CORS_ORIGIN must be an origin`,
		"TAPHOA_LANG":          `TAPHOA_LANG must be en or vi, not maybe`,
	} {
		x.variables = map[string]string{name: "maybe"}
		x.refused(words, "serve")
	}
	x.variables = map[string]string{"TAPHOA_DATABASE_FILE": "/nonexistent"}
	x.database = ""
	x.refused("TAPHOA_DATABASE_FILE: the file /nonexistent cannot be read", "shop", "list")
}

func TestHintsHaveTheNameOfTheProgramAsItWasStarted(t *testing.T) {
	for arg, want := range map[string]string{
		"taphoa": "taphoa", "./taphoa": "./taphoa", "/usr/local/bin/taphoa": "/usr/local/bin/taphoa",
		"/tmp/go-build123/b001/exe/taphoa": "go run ./cmd/taphoa",
	} {
		if got := commandName(arg); got != want {
			t.Errorf("%s is called %s", arg, got)
		}
	}
}

func TestANegativeNumberIsAValue(t *testing.T) {
	for args, want := range map[string]string{
		"setting set Rate -5":             "setting set Rate -- -5",
		"setting set Rate -.5 --shop abc": "setting set Rate --shop abc -- -.5",
		"listen --after -1":               "listen --after=-1",
		"x -3 -- -5":                      "x -- -3 -5",
		"listen --shop=abc -1":            "listen --shop=abc -- -1",
		"setting set -h":                  "setting set -h",
		"x -- -5":                         "x -- -5",
		"serve --demo":                    "serve --demo",
	} {
		if got := strings.Join(negatives(strings.Fields(args)), " "); got != want {
			t.Errorf("%s becomes %s, want %s", args, got, want)
		}
	}
}

func TestARefusalOfTheRulesIsTranslated(t *testing.T) {
	x := terminal{T: t, database: "sqlite:" + filepath.Join(t.TempDir(), "taphoa.db")}
	x.do("shop", "create", "abc", "ABC")
	for _, refused := range []struct{ args, english string }{
		{"branch close 1234", "The branch does not exist"},
		{"branch close 1", "The last branch of a shop cannot be closed: open another one first"},
		{"user create lan \t", "Name of the user (givenName) must not be empty"},
		{"client create --name Web --id x", "The client id must be a UUID"},
		{"client revoke x", "The client x does not exist or is revoked"},
		{"shop create abc ABC", "The shop abc exists already"},
		{"setting set RewardPointRate -5", "The setting RewardPointRate "},
	} {
		args := strings.Split(refused.args, " ")
		status, _, faults := x.try(args...)
		if status != 1 || !strings.HasPrefix(faults, "taphoa: "+refused.english) {
			t.Errorf("taphoa %s: status %d, %s", refused.args, status, faults)
		}
	}
}
