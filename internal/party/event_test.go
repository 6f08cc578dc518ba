package party_test

import (
	"testing"

	"github.com/taphoa/taphoa"
	"github.com/taphoa/taphoa/internal/db"
	"github.com/taphoa/taphoa/internal/event"
	"github.com/taphoa/taphoa/internal/party"
	"github.com/taphoa/taphoa/internal/wire"
)

func TestTheEventOfACustomerIsWhatReadingTheRowGives(t *testing.T) {
	each(t, func(t *testing.T, s *shop) {
		some := taphoa.Some[string]
		born, _ := taphoa.ParseTime("1990-02-28")
		ref := s.resolve(&taphoa.DocumentCustomer{
			Name: some("Lan"), ContactNumber: some("+84 912 345 678"), BirthDate: taphoa.Some(born), Gender: taphoa.Some(false),
			Email: some(" "), Address: some("12 Hàng Bạc"), Comment: some("từ web"),
		}, 0, s.branch("Sài Gòn"))
		s.toldAsRead("new", ref.ID)
		s.clock.Advance(60)
		run(s, party.UpdateCustomer, &taphoa.CustomerUpdate{ID: ref.ID, CustomerInput: taphoa.CustomerInput{
			Organization: some("Công ty"), Email: some("lan@example.vn"), Address: some(""), Gender: taphoa.Null[bool](), TaxCode: some("0101"),
		}})
		s.toldAsRead("changed", ref.ID)
		s.toldAsRead("created", s.create(person("Mai", "")).ID)
	})
}

// toldAsRead wants the newest event to say about a customer what reading the customer says.
func (s *shop) toldAsRead(name string, id int64) {
	s.t.Helper()
	feed := run(s, event.Feed, &taphoa.EventQuery{Types: []string{"customer.update"}, Limit: taphoa.EventLimit})
	s.write(func(tx *db.Tx) error {
		read, err := party.CustomerData(tx, []int64{id})
		told, want := string(feed.Data[len(feed.Data)-1].Data), string(wire.Append(nil, read))
		if told != want {
			s.t.Errorf("%s: the event says\n%s\nwant\n%s", name, told, want)
		}
		return err
	})
}
