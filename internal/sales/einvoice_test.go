package sales_test

import (
	"testing"

	"github.com/taphoa/taphoa"
	"github.com/taphoa/taphoa/internal/db"
	"github.com/taphoa/taphoa/internal/dbtest"
	"github.com/taphoa/taphoa/internal/sales"
)

func TestAnElectronicInvoiceIsReplacedAsAWhole(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB, clock *dbtest.Clock) {
		s := openStore(t, d, clock)
		v := s.invoice(taphoa.InvoiceInput{InvoiceDetails: []taphoa.DetailInput{line(s.coffee, 1)}})
		info := func(id int64) taphoa.EInvoiceInfo {
			return taphoa.EInvoiceInfo{
				InvoiceID: taphoa.Some(id), InvoiceRefID: taphoa.Some(" ref "), Partner: taphoa.Some[int64](2), Status: taphoa.Some[int64](0),
				Type: taphoa.Some[int64](0),
			}
		}
		record := func(all ...taphoa.EInvoiceInfo) func(*db.Tx) error {
			return func(tx *db.Tx) error {
				_, err := sales.UpdateEInvoices(tx, &taphoa.EInvoiceUpdate{Data: all})
				return err
			}
		}
		known := func() (page taphoa.Page[taphoa.EInvoice]) {
			s.read(func(tx *db.Tx) (err error) {
				page, err = sales.ListEInvoices(tx, &taphoa.EInvoiceQuery{Paging: taphoa.Paging{PageSize: 10}, InvoiceIDs: []int64{v.ID}})
				return err
			})
			return page
		}
		full := info(v.ID)
		full.InvoiceNumber, full.Serial, full.PublishDate = taphoa.Some("17"), taphoa.Some("1C26"), taphoa.Some(clock.Now())
		s.write(record(full))
		if e := known().Data[0]; e.InvoiceRefID != "ref" || e.InvoiceCode != v.Code || e.InvoiceNumber.Value != "17" || e.PartnerValue != "VIETTEL" || e.StatusValue != "Chưa phát hành" {
			t.Errorf("recorded %+v", e)
		}
		clock.Advance(60)
		bare := info(v.ID)
		bare.Status = taphoa.Some[int64](7)
		s.write(record(bare))
		if e := known().Data[0]; e.InvoiceNumber.Has() || e.Serial.Has() || e.PublishDate.Has() || e.Status != 7 || e.ModifiedDate != clock.Now() {
			t.Errorf("replaced by %+v", e)
		}
		wrong := info(v.ID)
		wrong.Type = taphoa.Opt[int64]{}
		for words, all := range map[string][]taphoa.EInvoiceInfo{
			"không tồn tại": {info(v.ID), info(987_654)}, "lặp lại": {info(v.ID), info(v.ID)}, "type phải từ 0 đến 1": {wrong},
			"từ 1 đến 1000": {}, "1000 dòng": make([]taphoa.EInvoiceInfo, 1001),
		} {
			s.refusedLike(words, record(all...))
		}
		if e := known(); e.Total != 1 || e.Data[0].Status != 7 {
			t.Errorf("a refused request has changed %+v", e.Data)
		}
	})
}
