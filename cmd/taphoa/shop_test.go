package main

import (
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/taphoa/taphoa/internal/db"
	"github.com/taphoa/taphoa/internal/dbtest"
)

func TestAShopIsOpenedFromTheTerminalAndCalledThroughTheAPI(t *testing.T) {
	eachEngine(t, func(t terminal) {
		t.do("shop", "create", "ThanhCong", "Tạp hoá Thành Công")
		if out := t.do("shop", "list"); !strings.Contains(out, "ThanhCong") || !strings.Contains(out, "Tạp hoá Thành Công") {
			t.Errorf("the shop is not listed: %s", out)
		}
		t.do("branch", "create", "Quận 1")
		id, secret := t.client("create", "--name", "Web")

		s := t.serve()
		c := caller{t.T, s.base, "thanhcong", s.token(id, secret)}
		var branches struct {
			Total int
			Data  []struct{ BranchName string }
		}
		c.must(http.MethodGet, "/branches", "", &branches)
		if branches.Total != 2 || branches.Data[1].BranchName != "Quận 1" {
			t.Errorf("the shop has the branches %v", branches)
		}
		s.stop()
		s.ends()

		if out := t.do("check"); !strings.HasSuffix(out, "OK, shops checked: 1\n") {
			t.Errorf("check says %s", out)
		}
	})
}

func TestOnlyTheLastSecretIsValid(t *testing.T) {
	eachEngine(t, func(t terminal) {
		t.do("shop", "create", "abc", "ABC")
		id, first := t.client("create", "--name", "Web", "--admin", "--id", "DE300000-0000-4000-8000-00000000000A")
		if id != "de300000-0000-4000-8000-00000000000a" {
			t.Errorf("the client got the id %s", id)
		}
		_, second := t.client("rotate", id)
		chosen := strings.Repeat("0F", 20)
		other, same := t.client("create", "--name", "Kho", "--secret", chosen)
		t.do("client", "revoke", other)
		list := t.do("client", "list")
		if strings.Contains(list, second) || !regexp.MustCompile(`(?m)`+id+` +active .*PublicApi.Access,Taphoa.Admin +Web$`).MatchString(list) ||
			!regexp.MustCompile(`(?m)`+other+` +revoked .*Kho$`).MatchString(list) {
			t.Errorf("the clients are listed as\n%s", list)
		}

		s := t.serve()
		if first == second || same != chosen || s.token(id, first) != "" || s.token(id, second) == "" || s.token(other, chosen) != "" {
			t.Error("a secret that has ended is accepted, or a valid one is not")
		}
	})
}

func TestTheHintsForADatabaseWithAnOddNameCanBeCopied(t *testing.T) {
	t.Parallel()
	name := "sqlite:" + filepath.Join(t.TempDir(), "cô Ba's #1.db")
	out := terminal{T: t}.do("shop", "create", "a;b", "ABC", "--database", name)
	hints := regexp.MustCompile(`(?m)^taphoa (.*)$`).FindAllStringSubmatch(out, -1)
	if len(hints) != 2 {
		t.Fatalf("it hints\n%s", out)
	}
	for _, hint := range hints {
		words, err := exec.Command("sh", "-c", `printf '%s\n' `+hint[1]).Output()
		got := strings.Split(strings.TrimSpace(string(words)), "\n")
		if err != nil || got[len(got)-1] != name || got[0] == "client" && !slices.Contains(got, "a;b") {
			t.Errorf("a shell reads %s as %q (%v)", hint[1], got, err)
		}
	}
}

func TestUsersAndSettingsOfAShopAreKept(t *testing.T) {
	eachEngine(t, func(t terminal) {
		t.do("shop", "create", "abc", "ABC")
		t.do("user", "create", "lan", "Nguyễn Thị Lan", "--phone", "0901234567")
		if out := t.do("user", "list"); !strings.Contains(out, "Nguyễn Thị Lan") || strings.Contains(out, "admin") {
			t.Errorf("the users are listed as\n%s", out)
		}
		t.refused("taphoa: The user name lan is taken", "user", "create", "lan", "Lan")
		t.do("setting", "set", "AllowOrder", "false")
		t.do("setting", "set", "RewardPointRate", "10000.5")
		list := t.do("setting", "list")
		for _, line := range []string{`AllowOrder +false`, `RewardPointRate +10000.5`, `PricingMode +direct`, `UseCod +true`} {
			if !regexp.MustCompile(`(?m)^` + line + ` `).MatchString(list) {
				t.Errorf("the settings do not have %s:\n%s", line, list)
			}
		}
		t.refused("PricingMode", "setting", "set", "PricingMode", "sideways")
	})
}

func TestABranchIsClosedAndAUserRemoved(t *testing.T) {
	eachEngine(t, func(t terminal) {
		t.do("shop", "create", "abc", "ABC")
		id := func(said string) string { return regexp.MustCompile(`\d+$`).FindString(strings.TrimSpace(said)) }
		branch, user := id(t.do("branch", "create", "Quận 1")), id(t.do("user", "create", "lan", "Nguyễn Thị Lan"))
		t.do("branch", "close", branch)
		if out := t.do("branch", "list"); strings.Contains(out, "Quận 1") || !strings.Contains(out, "Chi nhánh trung tâm") {
			t.Errorf("the branches are listed as\n%s", out)
		}
		t.refused("The branch does not exist", "branch", "close", branch)
		t.do("user", "remove", user)
		if out := t.do("user", "list"); strings.Contains(out, "Lan") {
			t.Errorf("the users are listed as\n%s", out)
		}
		t.refused("The user does not exist", "user", "remove", user)
		t.refused("<id>", "user", "remove", "lan")
	})
}

func TestACommandWorksInTheOnlyShopOrInTheOneNamed(t *testing.T) {
	eachEmpty(t, func(t terminal) {
		dbtest.Open(t, t.database, nil)
		t.refused("no shop yet", "branch", "list")
		t.do("shop", "create", "one", "Một")
		t.do("branch", "create", "Chợ Lớn")
		t.do("shop", "create", "two", "Hai")
		t.refused("name one with --shop", "branch", "list")
		t.refused("no shop three", "branch", "list", "--shop", "three")
		if out := t.do("branch", "list", "--shop", "ONE"); !strings.Contains(out, "Chợ Lớn") {
			t.Errorf("shop one has the branches\n%s", out)
		}
		t.variables = map[string]string{"TAPHOA_SHOP": "two"}
		if out := t.do("branch", "list"); strings.Contains(out, "Chợ Lớn") {
			t.Errorf("shop two has the branches\n%s", out)
		}
	})
}

func TestMoreBranchesThanAPageAreAllListed(t *testing.T) {
	eachEngine(t, func(t terminal) {
		t.do("shop", "create", "abc", "ABC")
		d := dbtest.Open(t, t.database, nil)
		err := d.Write(t.Context(), db.Actor{Retailer: 1}, func(tx *db.Tx) error {
			tx.Queue(`
				WITH RECURSIVE n(i) AS (SELECT 1000 UNION ALL SELECT i + 1 FROM n WHERE i < 2500)
				INSERT INTO branches (retailer_id, id, branch_name, name_key, created_date, changed_at)
				SELECT :retailer, i, 'B' || i, 'b' || i, :now, :now FROM n`)
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		if lines := strings.Count(t.do("branch", "list"), "\n"); lines != 1+1+1501 {
			t.Errorf("the list has %d lines, want 1503", lines)
		}
	})
}

func TestCheckReportsFaultsOfTheLedgers(t *testing.T) {
	eachEngine(t, func(t terminal) {
		t.do("shop", "create", "good", "Tốt")
		t.do("shop", "create", "bad", "Xấu")
		d := dbtest.Open(t, t.database, nil)
		err := d.Write(t.Context(), db.Actor{}, func(tx *db.Tx) error {
			bad, err := findShop(tx, "bad")
			tx.Retailer = bad.RetailerID
			tx.Queue(`INSERT INTO stock_levels (retailer_id, product_id, branch_id, on_hand, changed_at) VALUES (:retailer, 5, 6, 70000, :now)`)
			tx.Queue(`INSERT INTO cash_balances (retailer_id, account_type, account_id, balance) VALUES (:retailer, 'C', 8, 90000)`)
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		status, out, faults := t.try("check")
		if status != 1 || faults != "taphoa: the ledgers have 3 faults\n" || !strings.Contains(out, "good: OK") ||
			!strings.Contains(out, "bad: goods: projection") || !strings.Contains(out, "product 5, place 6: 7 and 0") ||
			!strings.Contains(out, "bad: money: projection") || !strings.Contains(out, "bad: money: debt = Σ (total − totalPayment)") {
			t.Errorf("status %d, %s%s", status, out, faults)
		}
		if out := t.do("check", "--shop", "good"); strings.Contains(out, "bad") {
			t.Errorf("the check of one shop says %s", out)
		}
	})
}

func TestARefusalIsOneLineAndChangesNothing(t *testing.T) {
	file := filepath.Join(t.TempDir(), "taphoa.db")
	x := terminal{T: t, database: "sqlite:" + file}
	for _, test := range []struct{ words, args string }{
		{"unexpected argument fly", "fly"},
		{`expected one of "create", "list"`, "shop"},
		{"unknown flag --colour", "shop list --colour"},
		{"--name", "client create"},
		{"<name>", "branch create"},
		{"no database sqlite:", "shop list"},
		{"no database sqlite:", "client create --name Web"},
		{"no database sqlite:", "check"},
		{"neither sqlite:FILE nor postgres://", "shop create abc ABC --database mysql:abc"},
		{"has no file", "migrate --database sqlite::memory:"},
		{"no database sqlite:", "migrate"},
		{"no database sqlite:", "serve --addr 127.0.0.1:0"},
		{"the directory " + file + "/no does not exist", "shop create abc ABC --database sqlite:" + file + "/no/where.db"},
		{"connection refused", "migrate --database postgres://a:geheim@127.0.0.1:1/b"},
		{"missing port", "serve --addr localhost"},
		{"invalid port", "serve --addr 127.0.0.1:70000"},
		{"--log-level must be one of", "serve --log-level loud"},
		{"loopback addresses only", "serve --demo --addr 0.0.0.0:0"},
		{"loopback addresses only", "serve --demo --addr :0"},
	} {
		x.refused(test.words, strings.Fields(test.args)...)
	}
	if _, err := os.Stat(file); err == nil {
		t.Error("a command that was refused made a database")
	}
	x.refused("The code of a shop", "shop", "create", "cửa hàng", "ABC")
}

func TestAPasswordIsNotPrintedWhenTheDatabaseCannotBeReached(t *testing.T) {
	x := terminal{T: t, database: "postgres://a:geheim@127.0.0.1:1/b"}
	if _, _, faults := x.try("shop", "list"); strings.Contains(faults, "geheim") {
		t.Error(faults)
	}
}

func TestVariablesReplaceFlags(t *testing.T) {
	x := terminal{T: t, database: "sqlite:" + filepath.Join(t.TempDir(), "a.db")}
	secret := strings.Repeat("A1", 20)
	x.variables = map[string]string{"TAPHOA_CLIENT_SECRET": secret, "TAPHOA_VENDOR_LIMITS": "1", "TAPHOA_LOG_LEVEL": "debug"}
	x.do("shop", "create", "abc", "ABC")
	id, got := x.client("create", "--name", "Web")
	if got != secret {
		t.Errorf("the secret is %s", got)
	}
	s := x.serve()
	var page struct{ PageSize int }
	caller{t, s.base, "abc", s.token(id, secret)}.must(http.MethodGet, "/branches?pageSize=1000", "", &page)
	if page.PageSize != 100 {
		t.Errorf("the page size is %d in spite of the vendor's limits", page.PageSize)
	}
	s.stop()
	s.ends()
	if _, logged := s.text(); !strings.Contains(logged, `"path":"/branches"`) {
		t.Errorf("the log has no request in spite of its level: %s", logged)
	}

	x.variables["TAPHOA_LOG_LEVEL"] = "loud"
	x.refused("TAPHOA_LOG_LEVEL must be one of", "serve")
	x.variables = map[string]string{"TAPHOA_DATABASE": "sqlite:" + filepath.Join(t.TempDir(), "b.db")}
	x.refused("no database", "shop", "list")
	if out := x.do("shop", "list", "--database", x.database); !strings.Contains(out, "ABC") {
		t.Errorf("the flag does not win over the variable: %s", out)
	}
}

func TestHelpNamesTheVariables(t *testing.T) {
	x := terminal{T: t}
	if out := x.do("--help"); !strings.Contains(out, "$TAPHOA_DATABASE") || !strings.Contains(out, "client create") {
		t.Error(out)
	}
	if out := x.do("serve", "--help"); !strings.Contains(out, "$TAPHOA_CAMEL_CASE_ONLY") {
		t.Error(out)
	}
	if out := x.do("version"); !strings.HasPrefix(out, "taphoa ") || !strings.Contains(out, "go1.") {
		t.Error(out)
	}
}
