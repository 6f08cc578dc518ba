package mirror_test

import (
	"encoding/json"
	"os"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/taphoa/taphoa"
	"github.com/taphoa/taphoa/internal/db"
	"github.com/taphoa/taphoa/internal/dbtest"
	"github.com/taphoa/taphoa/internal/mirror"
	"github.com/taphoa/taphoa/internal/text"
)

// nguyet is a customer of whom much is known.
const (
	nguyetPhone   = "+84 912 345 670"
	nguyetComment = "Chồng chị là anh Bảy sửa xe"
)

// person makes her, and a sale that is delivered to her mother.
func (s *source) person() (customer, sale int64) {
	s.Helper()
	made, err := s.client.CreateCustomer(s.Context(), &taphoa.CustomerInput{
		Name: taphoa.Some("Trần Thị Ánh Nguyệt"), ContactNumber: taphoa.Some(nguyetPhone), SubNumber: taphoa.Some("0243 825 1234 chị Nguyệt"),
		Address: taphoa.Some("Ngõ 7 phố Khâm Thiên"), Email: taphoa.Some("anh.nguyet@gmail.com"), Organization: taphoa.Some("Quán Phở Ánh Nguyệt"),
		Comments: taphoa.Some(nguyetComment), TaxCode: taphoa.Some("8012345671"), IdentificationNumber: taphoa.Some("001185012345"),
		BirthDate: taphoa.Some(taphoa.TimeOf(time.Date(1985, 3, 8, 0, 0, 0, 0, taphoa.Vietnam))),
	})
	if err != nil {
		s.Fatal(err)
	}
	branches, err := s.client.ListBranches(s.Context(), &taphoa.BranchQuery{})
	if err != nil {
		s.Fatal(err)
	}
	products, err := s.client.ListProducts(s.Context(), &taphoa.ProductQuery{ProductType: []int64{2}, IsActive: taphoa.Some(true)})
	if err != nil {
		s.Fatal(err)
	}
	sold, err := s.client.CreateInvoice(s.Context(), &taphoa.InvoiceInput{
		BranchID: taphoa.Some(branches.Data[0].ID), CustomerID: taphoa.Some(made.ID), TotalPayment: taphoa.Some(taphoa.Dong(10_000)),
		Description: taphoa.Some("Giao bà Sáu nhà đối diện"),
		InvoiceDetails: []taphoa.DetailInput{{
			ProductID: taphoa.Some(products.Data[0].ID), Quantity: taphoa.Some(taphoa.Units(1)), Price: taphoa.Some(taphoa.Dong(50_000)), Note: taphoa.Some("Bà Sáu thích loại này"),
		}},
		DeliveryDetail: &taphoa.DeliveryInput{
			Receiver: taphoa.Some("Lương Thị Sáu Mươi"), ContactNumber: taphoa.Some("0987654320"), Address: taphoa.Some("Ngõ 8 phố Khâm Thiên"),
		},
	})
	if err != nil {
		s.Fatal(err)
	}
	return made.ID, sold.ID
}

// persons are the texts of a source that name persons, as they may be stored: as they are, folded for a search, as digits.
func (s *source) persons() []string {
	s.Helper()
	all := []string{nguyetComment, "Giao bà Sáu nhà đối diện", "Bà Sáu thích loại này", "8012345671", "001185012345", "0987654320", "Lương Thị Sáu Mươi", "Khâm Thiên", "Ánh Nguyệt", "anh nguyet"}
	customers, err := s.client.ListCustomers(s.Context(), &taphoa.CustomerQuery{Paging: taphoa.Paging{PageSize: 100}})
	if err != nil {
		s.Fatal(err)
	}
	for _, c := range customers.Data {
		if strings.Contains(c.Name, " Thị ") || strings.Contains(c.Name, " Văn ") { // which no mask has
			all = append(all, c.Name, text.Fold(c.Name))
		}
		all = append(all, c.ContactNumber.Value, text.PhoneKey(c.ContactNumber.Value), c.SubNumber.Value, c.Email.Value, c.Organization.Value, c.Comments.Value)
		all = append(all, c.Address.Value)
	}
	users, err := s.client.ListUsers(s.Context(), &taphoa.UserQuery{Paging: taphoa.Paging{PageSize: 100}})
	if err != nil {
		s.Fatal(err)
	}
	for _, u := range users.Data {
		all = append(all, u.MobilePhone.Value, u.Email.Value, u.Address.Value)
	}
	return all
}

// names fails for each of some texts that another one has.
func (s *source) names(where, content string, persons []string) {
	s.Helper()
	for _, p := range persons {
		if len(p) > 5 && strings.Contains(content, p) {
			s.Errorf("%s: %q is there", where, p)
		}
	}
}

// stored is all that a database has, as text.
func stored(t *testing.T, d *db.DB, url string) string {
	t.Helper()
	var b strings.Builder
	if file, ok := strings.CutPrefix(url, "sqlite:"); ok {
		for _, name := range []string{file, file + "-wal"} {
			content, err := os.ReadFile(name)
			if err != nil {
				t.Fatal(err)
			}
			b.Write(content)
		}
		return b.String()
	}
	err := d.Read(t.Context(), db.Actor{}, func(tx *db.Tx) error {
		tables, err := db.All[string](tx.Everywhere(), `SELECT table_name FROM information_schema.tables WHERE table_schema = current_schema()`)
		for _, table := range tables {
			if err != nil {
				break
			}
			var rows []string
			rows, err = db.All[string](tx.Everywhere(), "SELECT CAST(x AS TEXT) FROM "+table+" x")
			b.WriteString(strings.Join(rows, "\n"))
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// TestAMaskedMirrorNamesNobody: neither its database, nor its lists, nor its feed has what the live shop knows of persons; what belongs
// together still does, and it equals the masked source.
func TestAMaskedMirrorNamesNobody(t *testing.T) {
	t.Parallel()
	s := openSource(t)
	customer, sale := s.person()
	persons := s.persons()
	for _, engine := range dbtest.Engines {
		t.Run(engine, func(t *testing.T) {
			t.Parallel()
			clock := dbtest.NewClock()
			clock.Set(taphoa.TimeOf(time.Now()))
			url := dbtest.Migrated(t, engine)
			d := dbtest.Open(t, url, clock)
			s := &source{t, s.url, s.client}
			o := mirror.Options{Retailer: "cobien", Source: s.url, Mask: true}
			m, err := mirror.Open(t.Context(), d, s.client, o)
			if err != nil {
				t.Fatal(err)
			}
			c := &copied{t, m, d}
			c.pull()
			c.equal()
			s.names("the database", stored(t, d, url), persons)

			reader := c.clientOf()
			shown, err := reader.GetCustomerByID(t.Context(), &taphoa.ByID{ID: customer})
			if err != nil {
				t.Fatal(err)
			}
			v, err := reader.GetInvoiceByID(t.Context(), &taphoa.ByID{ID: sale})
			if err != nil {
				t.Fatal(err)
			}
			phone := shown.ContactNumber.Value
			if !regexp.MustCompile(`^\+84 [35789]\d\d \d{3} \d{3}$`).MatchString(phone) || v.CustomerName.Value != shown.Name || len(strings.Fields(shown.Name)) != 4 ||
				!shown.BirthDate.Has() || len(shown.TaxCode.Value) != 10 || v.InvoiceDelivery == nil || v.InvoiceDelivery.Receiver.Value == "" || v.Code == "" {
				t.Errorf("the customer is %+v, the invoice %+v", shown, v)
			}
			found, err := reader.ListCustomers(t.Context(), &taphoa.CustomerQuery{ContactNumber: text.PhoneKey(phone)})
			if err != nil || len(found.Data) != 1 || found.Data[0].ID != customer {
				t.Errorf("by the masked phone %s are found %+v, error %v", phone, found.Data, err)
			}
			found, err = reader.ListCustomers(t.Context(), &taphoa.CustomerQuery{ContactNumber: text.PhoneKey(nguyetPhone)})
			if err != nil || len(found.Data) != 0 {
				t.Errorf("by the real phone are found %+v, error %v", found.Data, err)
			}
			feed, err := reader.ListEvents(t.Context(), &taphoa.EventQuery{Limit: taphoa.EventLimitMax})
			told, fault := json.Marshal(feed)
			if err != nil || fault != nil || !strings.Contains(string(told), shown.Name) {
				t.Errorf("the feed does not tell of %s: %v %v", shown.Name, err, fault)
			}
			s.names("the feed", string(told), persons)

			o.Mask = false
			if _, err := mirror.Open(t.Context(), d, s.client, o); err == nil || !strings.Contains(err.Error(), "is masked") {
				t.Errorf("it goes on without masks: %v", err)
			}
			o.Mask = true
			if c.Mirror, err = mirror.Open(t.Context(), d, s.client, o); err != nil {
				t.Fatal(err)
			}
			c.pull()
			c.equal()
		})
	}
}

// TestTwoMaskedMirrorsHaveNothingInCommon: who has one does not know more of another, and a mirror that is not masked does not become one.
func TestTwoMaskedMirrorsHaveNothingInCommon(t *testing.T) {
	t.Parallel()
	s := openSource(t)
	customer, _ := s.person()
	var phones []string
	for _, mask := range []bool{false, true, true} {
		d := dbtest.Open(t, dbtest.Migrated(t, dbtest.Engines[0]), nil)
		o := mirror.Options{Retailer: "cobien", Source: s.url, Mask: mask}
		m, err := mirror.Open(t.Context(), d, s.client, o)
		if err != nil {
			t.Fatal(err)
		}
		c := &copied{t, m, d}
		c.pull()
		shown, err := c.clientOf().GetCustomerByID(t.Context(), &taphoa.ByID{ID: customer})
		if err != nil {
			t.Fatal(err)
		}
		phones = append(phones, shown.ContactNumber.Value)
		o.Mask = !mask
		if _, err := mirror.Open(t.Context(), d, s.client, o); err == nil || !strings.Contains(err.Error(), "--mask") {
			t.Errorf("the choice may be changed: %v", err)
		}
	}
	if phones[0] != nguyetPhone || phones[1] == phones[0] || phones[2] == phones[0] || phones[1] == phones[2] {
		t.Errorf("the phones are %q", phones)
	}
}
