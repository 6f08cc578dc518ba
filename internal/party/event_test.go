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
		s.eventAsRead("new", ref.ID)
		s.clock.Advance(60)
		run(s, party.UpdateCustomer, &taphoa.CustomerUpdate{ID: ref.ID, CustomerInput: taphoa.CustomerInput{
			Organization: some("Công ty"), Email: some("lan@example.vn"), Address: some(""), Gender: taphoa.Null[bool](), TaxCode: some("0101"),
		}})
		s.eventAsRead("changed", ref.ID)
		s.eventAsRead("created", s.create(person("Mai", "")).ID)
	})
}

// eventAsRead checks that the data of the newest event of a customer are those that reading gives.
func (s *shop) eventAsRead(name string, id int64) {
	s.t.Helper()
	feed := run(s, event.Feed, &taphoa.EventQuery{Types: []string{"customer.update"}, Limit: taphoa.EventLimit})
	s.write(func(tx *db.Tx) error {
		read, err := party.CustomerData(tx, []int64{id})
		got, want := string(feed.Data[len(feed.Data)-1].Data), string(wire.Append(nil, read))
		if got != want {
			s.t.Errorf("%s: the event has\n%s\nwant\n%s", name, got, want)
		}
		return err
	})
}
