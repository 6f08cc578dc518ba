package apitest_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/taphoa/taphoa"
	"github.com/taphoa/taphoa/internal/apitest"
	"github.com/taphoa/taphoa/internal/db"
	"github.com/taphoa/taphoa/internal/dbtest"
	"github.com/taphoa/taphoa/internal/party"
)

func TestMain(m *testing.M) { dbtest.Main(m) }

// TestADigestSeesEveryChange changes one shop: its digest differs in the table concerned, the digest of the other shop does not.
func TestADigestSeesEveryChange(t *testing.T) {
	apitest.Each(t, func(t *testing.T, d *apitest.Server) {
		ours, theirs, snapshot := d.Digest(d.Shop), d.Digest(d.OtherShop), d.Snapshot()
		if again := ours.Differs(d.Digest(d.Shop)); again != nil {
			t.Errorf("nothing has changed, and yet %s", again)
		}
		d.Write(func(tx *db.Tx) error {
			_, err := party.CreateCustomerGroup(tx, &taphoa.CustomerGroupInput{Name: "Mới"})
			return err
		})
		differs := ours.Differs(d.Digest(d.Shop))
		if len(differs) != 2 || !strings.HasPrefix(differs[0], "customer_groups ") || !strings.HasPrefix(differs[1], "shop_heads ") {
			t.Errorf("a new group changes %s", differs)
		}
		if differs := theirs.Differs(d.Digest(d.OtherShop)); differs != nil {
			t.Errorf("the other shop: %s have changed", differs)
		}
		if d.Snapshot() == snapshot {
			t.Error("the mark has not changed")
		}
	})
}

// TestAnEmptyShopHasWhatEveryShopHas starts a server without the seed.
func TestAnEmptyShopHasWhatEveryShopHas(t *testing.T) {
	d := apitest.New(t, "sqlite")
	for path, want := range map[string]string{"/branches": "1", "/salechannel": "2", "/users": "0", "/products": "0"} {
		if total, _ := d.Send("GET", path, "").Get("$.total"); total != want {
			t.Errorf("%s has %s records, want %s", path, total, want)
		}
	}
}

// TestAScriptIsKeptAsItWasWritten reads a transcript whose answer is missing, right, and wrong in its layout only.
func TestAScriptIsKeptAsItWasWritten(t *testing.T) {
	file := filepath.Join(t.TempDir(), "x.http")
	const text = `# What it shows.

### A customer is made
# A remark.
@setting UseCod = false
POST /customers
Content-Type: application/x-www-form-urlencoded

name=Hoa
----
420
! KvValidateException, name: sai
@id = $.id

### Not yet run
GET /customers/{{id}}
`
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	s, err := apitest.ReadScript(file)
	if err != nil {
		t.Fatal(err)
	}
	if len(s.Steps) != 2 || s.Steps[0].Succeeds() || s.Steps[1].Target != "/customers/{{id}}" || s.Head != "# What it shows." {
		t.Errorf("read as %+v", s)
	}
	for _, bad := range []string{"# no steps", "### no request\n", "### no target\nGET\n", "### no colon\nGET /\nHeader\n"} {
		if err := os.WriteFile(file, []byte(bad), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := apitest.ReadScript(file); err == nil {
			t.Errorf("%q is taken for a transcript", bad)
		}
	}
}
