package party_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/taphoa/taphoa"
	"github.com/taphoa/taphoa/internal/db"
	"github.com/taphoa/taphoa/internal/dbtest"
	"github.com/taphoa/taphoa/internal/party"
	partyplan "github.com/taphoa/taphoa/internal/party/plan"
	"github.com/taphoa/taphoa/internal/schema"
	"github.com/taphoa/taphoa/internal/text"
)

// older opens a database with the migrations before one, and runs a script in it.
func older(t *testing.T, engine, before string) (*db.DB, *dbtest.Clock) {
	t.Helper()
	clock := dbtest.NewClock()
	d, err := db.Open(t.Context(), dbtest.URL(t, engine), db.Options{Now: clock.Now})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { d.Close() })
	dbtest.MigrateBefore(t, d, before, "")
	return d, clock
}

// keyBefore is the key of a contact number by the rule of before: its digits, with 0 for the 84 of a whole number.
func keyBefore(number string) string {
	if strings.Contains(number, "*") {
		return ""
	}
	digits := strings.Map(func(r rune) rune {
		if r < '0' || '9' < r {
			return -1
		}
		return r
	}, number)
	if national, found := strings.CutPrefix(digits, "84"); found && (len(national) == 9 || len(national) == 10) {
		return "0" + national
	}
	return digits
}

func TestNumbersFromBeforeAreFoundByTheNewRule(t *testing.T) {
	numbers := []string{
		"0912345678", "0084912345678", "+84 0912345678", "+84(0)912345678", "912345678", "84912345678", "+84912345678", "+84 0845123456",
		"845123456", "00840845123456", "84845123456", "+84845123456", "0084 024 3825 1111", "2438251111", "+84 24 3825 1111", "84 0912345678", "084 912 345 678",
		"+1 650 555 1234", "001 650 555 1234", "+95 9 123456", "+65 8123 4567", "1800 599 920", "1900 1234", "0123 456 7890", "+84 0123 456 7890", "113", "412345678",
		"09*****123", "09xxxx", "09xx 678 123", "Xuân 0987654321", "09...123", "0912345678 / 0913456789", "0912345678 - 0913456789", "0912345678/79",
		"02438251111/12", "0912,345,678", "0912 - 345 - 678", "0912345678 (Lan)", "00912345678", "+0912345678", "0", "00", "+84", "84",
	}
	for _, engine := range dbtest.Engines {
		t.Run(engine, func(t *testing.T) {
			t.Parallel()
			d, clock := older(t, engine, "0029")
			who := db.Actor{Retailer: 1, User: 1}
			script := `
				INSERT INTO retailers (retailer_id, code, code_key, name, created_date) VALUES (1, 'taphoa', 'taphoa', 'Tạp hoá', 1);
				INSERT INTO shop_heads (retailer_id, at, last_seq, told, kept) VALUES (1, 1, 0, 0, 0);
				INSERT INTO branches (retailer_id, id, branch_name, name_key, created_date, changed_at) VALUES (1, 1, 'C', 'c', 1, 1);`
			for i, number := range numbers {
				id, key := i+1, keyBefore(number)
				script += fmt.Sprintf(`
					INSERT INTO customers (retailer_id, id, code, code_key, name, search, type, contact_number, phone_key, key_scope, branch_id, is_active, created_date, changed_at)
					VALUES (%[1]d, %[2]d, 'K%[2]d', 'k%[2]d', 'K%[2]d', 'k%[2]d', 0, '%[3]s', '%[4]s', %[5]d, 1, TRUE, 1, 1);
					INSERT INTO suppliers (retailer_id, id, code, code_key, name, search, contact_number, phone_key, branch_id, is_active, created_date, changed_at)
					VALUES (%[1]d, %[2]d, 'N%[2]d', 'n%[2]d', 'N%[2]d', 'n%[2]d', '%[3]s', '%[4]s', 1, TRUE, 1, 1);
					INSERT INTO delivery_partners (retailer_id, id, code, code_key, name, name_key, contact_number, created_date)
					VALUES (%[1]d, %[2]d, 'D%[2]d', 'd%[2]d', '%[3]s', '%[6]s', '%[3]s', 1);`,
					who.Retailer, id, number, key, timesBefore(numbers[:i], key), text.Fold(number))
			}
			if err := d.Script(t.Context(), script); err != nil {
				t.Fatal(err)
			}
			if _, err := schema.Migrate(t.Context(), d); err != nil {
				t.Fatal(err)
			}
			s := &shop{t: t, d: d, clock: clock, who: who}
			keys := func(column, table string) (keys []string) {
				s.write(func(tx *db.Tx) (err error) {
					keys, err = db.All[string](tx, `SELECT `+column+` FROM `+table+` WHERE retailer_id = :retailer ORDER BY id`)
					return err
				})
				return keys
			}
			customers, suppliers := keys("phone_key", "customers"), keys("phone_key", "suppliers")
			carriers := keys("name_key", "delivery_partners")
			for i, number := range numbers {
				if want := text.PhoneKey(number); customers[i] != want || suppliers[i] != want {
					t.Errorf("the key of %q (%s) became %q and %q, want %q", number, keyBefore(number), customers[i], suppliers[i], want)
				}
				if want := partyplan.CarrierKeysOf(taphoa.Opt[int64]{}, &taphoa.PartnerDelivery{ContactNumber: taphoa.Some(number)}).Key; carriers[i] != want {
					t.Errorf("the key of the carrier %q became %q, want %q", number, carriers[i], want)
				}
				change := taphoa.CustomerUpdate{ID: int64(i + 1)}
				change.ContactNumber, change.Comments = taphoa.Some(number), taphoa.Some("khách cũ")
				run(s, party.UpdateCustomer, &change) // doubles may be saved as they are
			}
			s.write(func(tx *db.Tx) error {
				findings, err := party.Outdated(tx)
				if len(findings) != 1 || !strings.HasPrefix(findings[0], "customers with the contact number of another: 14: K2, K3, K5, ") {
					t.Errorf("check says %q", findings)
				}
				return err
			})
			if got := s.resolve(&taphoa.DocumentCustomer{ContactNumber: taphoa.Some("(+84) 912 345 678")}, 0, 0); got.ID != 1 {
				t.Errorf("the number finds customer %d, want the first", got.ID)
			}
			s.refused("contactNumber", just(party.CreateCustomer, ptr(person("Mới", "00 84 912 345 678"))), "K1")
		})
	}
}

// timesBefore is how many numbers had a key, so that each gets a scope of its own where there were several.
func timesBefore(numbers []string, key string) (n int) {
	for _, number := range numbers {
		if keyBefore(number) == key {
			n++
		}
	}
	return n
}
