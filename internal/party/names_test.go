package party_test

import (
	"testing"

	"golang.org/x/text/unicode/norm"

	"github.com/taphoa/taphoa"
	"github.com/taphoa/taphoa/internal/party"
)

func TestACodeOfAPartnerIsOneHoweverItIsWritten(t *testing.T) {
	each(t, func(t *testing.T, s *shop) {
		customer := s.create(taphoa.CustomerInput{Name: taphoa.Some("Kệ"), Code: taphoa.Some("KỆ1\u200b")})
		supplier := s.supplier(taphoa.SupplierInput{Name: taphoa.Some("Kệ"), Code: taphoa.Some("KỆ 1")})
		s.group("Khách\u200b sỉ")
		if customer.Code != "KỆ1" {
			t.Errorf("the code is stored as %q", customer.Code)
		}
		for _, code := range []string{norm.NFD.String("KỆ1"), "kệ1\u2060", "\ufeffKệ1 "} {
			s.refused("code", just(party.CreateCustomer, &taphoa.CustomerInput{Name: taphoa.Some("Khác"), Code: taphoa.Some(code)}), "đã tồn tại")
			if got := run(s, party.GetCustomerByCode, &taphoa.ByCode{Code: code}); got.ID != customer.ID {
				t.Errorf("%q is customer %d", code, got.ID)
			}
			if got := s.resolve(&taphoa.DocumentCustomer{Code: taphoa.Some(code)}, 0, 1); got.ID != customer.ID {
				t.Errorf("an order finds customer %d by %q", got.ID, code)
			}
		}
		for _, code := range []string{norm.NFD.String("Kệ 1"), "KỆ\u00a0\t1"} {
			s.refused("code", just(party.CreateSupplier, &taphoa.SupplierInput{Name: taphoa.Some("Khác"), Code: taphoa.Some(code)}), "đã tồn tại")
			if got := run(s, party.GetSupplierByCode, &taphoa.ByCode{Code: code}); got.ID != supplier.ID {
				t.Errorf("%q is supplier %d", code, got.ID)
			}
		}
		for _, name := range []string{norm.NFD.String("KHÁCH SỈ"), "Khách sỉ", "\u00adkhách\u00a0sỉ"} {
			s.refused("name", just(party.CreateCustomerGroup, &taphoa.CustomerGroupInput{Name: name}), "đã tồn tại")
		}
		s.refused("name", just(party.CreateCustomerGroup, &taphoa.CustomerGroupInput{Name: "\u200b"}))
		if got := s.names(taphoa.CustomerQuery{Name: norm.NFD.String("kệ") + "\u200b"}); got != "Kệ" {
			t.Errorf("found by name: %s", got)
		}
	})
}
