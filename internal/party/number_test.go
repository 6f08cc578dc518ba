package party_test

import (
	"fmt"
	"testing"

	"github.com/taphoa/taphoa"
	"github.com/taphoa/taphoa/internal/db"
	"github.com/taphoa/taphoa/internal/party"
)

func TestANumberIsOneCustomerHoweverItIsWritten(t *testing.T) {
	each(t, func(t *testing.T, s *shop) {
		spellings := []string{"0912345678", "0084912345678", "+84 0912 345 678", "+84(0)912345678", "84912345678", "912345678", "0084 (0) 912.345.678"}
		for i, stored := range spellings {
			lan := s.create(person(fmt.Sprint("Lan", i), stored))
			change := &taphoa.CustomerUpdate{ID: lan.ID}
			for _, number := range spellings {
				s.refused("contactNumber", just(party.CreateCustomer, ptr(person("Khác", number))), "đã tồn tại", lan.Code)
				if got := s.resolve(&taphoa.DocumentCustomer{Name: taphoa.Some("Ai đó"), ContactNumber: taphoa.Some(number)}, 0, 0); got.ID != lan.ID {
					t.Errorf("%s finds customer %d in a document, want the one with %s", number, got.ID, stored)
				}
				for _, q := range []taphoa.CustomerQuery{{ContactNumber: number}, {Keyword: number}} {
					if got := s.names(q); got != lan.Name {
						t.Errorf("%+v finds %q, want the one with %s", q, got, stored)
					}
				}
				change.ContactNumber = taphoa.Some(number)
				run(s, party.UpdateCustomer, change)
			}
			run(s, party.DeleteCustomer, &taphoa.ByID{ID: lan.ID})
		}
		office := s.create(person("Văn phòng", "2438251111"))
		s.refused("contactNumber", just(party.CreateCustomer, ptr(person("Khác", "024 3825 1111"))), office.Code)
		s.create(person("Số cũ", "0167 123 4567"))
		s.create(person("Số mới", "037 123 4567")) // another number for all that the shop knows
	})
}

func TestWhatIsNoOneNumberStaysAsWrittenAndEqualsNothing(t *testing.T) {
	each(t, func(t *testing.T, s *shop) {
		lan := s.create(person("Lan", "0912345678"))
		for _, number := range []string{"09*****123", "09xxxx", "09xx xxx 123", "0912 345 678 / 0913 456 789", "0912345678 - 0913456789", "0912345678/79"} {
			first, second := s.create(person("Một", number)), s.create(person("Hai", number))
			if first.ContactNumber.Value != number || s.get(second.ID).ContactNumber.Value != number {
				t.Errorf("%s became %+v and %+v", number, first.ContactNumber, second.ContactNumber)
			}
			if got := s.resolve(&taphoa.DocumentCustomer{ContactNumber: taphoa.Some(number)}, 0, 0); got.ID <= second.ID {
				t.Errorf("%s finds customer %d in a document", number, got.ID)
			}
		}
		if got := s.resolve(&taphoa.DocumentCustomer{ContactNumber: taphoa.Some("84912345678")}, 0, 0); got.ID != lan.ID {
			t.Errorf("the number of Lan finds customer %d", got.ID)
		}
		for needle, want := range map[string]string{"0912345678": "Lan", "+84 913 456 789": "Một, Hai, 0912 345 678 / 0913 456 789, Một, Hai, 0912345678 - 0913456789"} {
			if got := s.names(taphoa.CustomerQuery{ContactNumber: needle}); got != want {
				t.Errorf("%s finds %q, want %q", needle, got, want)
			}
		}
	})
}

func TestASupplierAndACarrierAreFoundByTheirNumberHoweverItIsWritten(t *testing.T) {
	each(t, func(t *testing.T, s *shop) {
		source := s.supplier(taphoa.SupplierInput{Name: taphoa.Some("Vinamilk"), ContactNumber: taphoa.Some("0084 912 345 678")})
		carrier := s.carrier(0, &taphoa.PartnerDelivery{ContactNumber: taphoa.Some("912 345 678")})
		for _, number := range []string{"0912345678", "+84 0912345678", "+84(0)912345678", "912345678"} {
			if got := s.sources(taphoa.SupplierQuery{ContactNumber: number}); got != "Vinamilk" {
				t.Errorf("%s finds %q", number, got)
			}
			s.write(func(tx *db.Tx) error {
				got, err := party.ResolveSupplier(tx, &taphoa.DocumentSupplier{ContactNumber: taphoa.Some(number)}, taphoa.Opt[int64]{}, 0)
				if got.Value.ID != source.ID {
					t.Errorf("%s finds supplier %d in a receipt, want %d", number, got.Value.ID, source.ID)
				}
				return err
			})
			if got := s.carrier(0, &taphoa.PartnerDelivery{ContactNumber: taphoa.Some(number)}); got != carrier {
				t.Errorf("%s finds carrier %d, want %d", number, got, carrier)
			}
		}
		if got := s.carriers(carrier)[carrier]; got.Name.Value != "912 345 678" {
			t.Errorf("the carrier is called %s", got.Name.Value)
		}
	})
}
