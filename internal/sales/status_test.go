package sales_test

import (
	"strings"
	"testing"

	"github.com/taphoa/taphoa"
	"github.com/taphoa/taphoa/internal/db"
	"github.com/taphoa/taphoa/internal/dbtest"
	"github.com/taphoa/taphoa/internal/sales"
)

func updateOrder(id int64, in taphoa.OrderInput) func(*db.Tx) error {
	return func(tx *db.Tx) error {
		_, err := sales.UpdateOrder(tx, &taphoa.OrderUpdate{ByID: taphoa.ByID{ID: id}, OrderInput: in})
		return err
	}
}

func updateInvoice(id int64, in taphoa.InvoiceInput) func(*db.Tx) error {
	return func(tx *db.Tx) error {
		_, err := sales.UpdateInvoice(tx, &taphoa.InvoiceUpdate{ByID: taphoa.ByID{ID: id}, InvoiceInput: in})
		return err
	}
}

func updateReturn(id int64, in taphoa.ReturnInput) func(*db.Tx) error {
	return func(tx *db.Tx) error {
		_, err := sales.UpdateReturn(tx, &taphoa.ReturnUpdate{ByID: taphoa.ByID{ID: id}, ReturnInput: in})
		return err
	}
}

// notSaid are the ways in which requests say no status.
var notSaid = []taphoa.Opt[int64]{{}, {State: taphoa.OptNull}, taphoa.Some[int64](0)}

func TestAStatusThatDoesNotExistIsRefusedWithThoseThatDo(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB, clock *dbtest.Clock) {
		s := openStore(t, d, clock)
		lines := []taphoa.DetailInput{line(s.coffee, 2)}
		o := s.order(taphoa.OrderInput{OrderDetails: lines, Status: taphoa.Some[int64](99)}) // a new order takes any
		v := s.invoice(taphoa.InvoiceInput{InvoiceDetails: lines})
		r := s.bring(v, taphoa.ReturnInput{}, back(s.coffee, 1))
		for _, status := range []int64{99, -1, 6} {
			said := taphoa.Some(status)
			s.refusedLike("3 (Hoàn thành), 4 (Đã hủy) hoặc 5 (Đã xác nhận)", updateOrder(o.ID, taphoa.OrderInput{Status: said}))
			s.refusedLike("1 (Hoàn thành), 2 (Đã hủy), 3 (Đang xử lý) hoặc 5 (Không giao được)", updateInvoice(v.ID, taphoa.InvoiceInput{Status: said}))
			s.refusedLike("1 (Đã trả) hoặc 2 (Đã hủy)", updateReturn(r.ID, taphoa.ReturnInput{Status: said}))
			s.refusedLike("chọn 1 (Đã trả)", func(tx *db.Tx) error {
				_, err := sales.CreateReturn(tx, &taphoa.ReturnInput{InvoiceID: taphoa.Some(v.ID), Status: said})
				return err
			})
		}
		s.refusedLike("2 (Đã hủy)", updateInvoice(v.ID, taphoa.InvoiceInput{Status: taphoa.Some[int64](4)}))
		for _, status := range []int64{2, 4, 5, 99, -1} {
			s.refusedLike("chọn 1 (Hoàn thành) hoặc 3 (Đang xử lý)", func(tx *db.Tx) error {
				_, err := sales.CreateInvoice(tx, &taphoa.InvoiceInput{BranchID: taphoa.Some(s.branch), InvoiceDetails: lines, Status: taphoa.Some(status)})
				return err
			})
		}
		s.expect("after the refusals", 99, 2, 50_000)
	})
}

func TestAStatusThatIsNotSaidChangesNothing(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB, clock *dbtest.Clock) {
		s := openStore(t, d, clock)
		lines := []taphoa.DetailInput{line(s.coffee, 1)}
		for _, status := range notSaid {
			o := s.order(taphoa.OrderInput{OrderDetails: lines, Status: status})
			s.write(updateOrder(o.ID, taphoa.OrderInput{Status: taphoa.Some[int64](taphoa.OrderConfirmed)}))
			s.write(updateOrder(o.ID, taphoa.OrderInput{Status: status, Description: taphoa.Some("Gọi trước")}))
			s.read(func(tx *db.Tx) error {
				now, err := sales.GetOrder(tx, &taphoa.ByID{ID: o.ID})
				if err == nil && now.Status != taphoa.OrderConfirmed {
					t.Errorf("%+v: the order has the status %d", status, now.Status)
				}
				return err
			})
			v := s.invoice(taphoa.InvoiceInput{InvoiceDetails: lines, Status: status})
			if now := s.change(v, taphoa.InvoiceInput{Status: status, Description: taphoa.Some("Gói kỹ")}); now.Status != taphoa.InvoiceCompleted {
				t.Errorf("%+v: the invoice has the status %d", status, now.Status)
			}
			r := s.bring(v, taphoa.ReturnInput{Status: status}, back(s.coffee, 1))
			s.write(updateReturn(r.ID, taphoa.ReturnInput{Status: status}))
			s.write(updateOrder(o.ID, taphoa.OrderInput{Status: taphoa.Some[int64](taphoa.OrderVoided)})) // as the vendor's plugin cancels
		}
		s.expect("in the end", 100, 0, 0)
	})
}

func TestAStatusOfNewInvoicesIsCarriedOut(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB, clock *dbtest.Clock) {
		s := openStore(t, d, clock)
		for _, status := range []int64{taphoa.InvoiceCompleted, taphoa.InvoiceProcessing} {
			v := s.invoice(taphoa.InvoiceInput{InvoiceDetails: []taphoa.DetailInput{line(s.coffee, 1)}, Status: taphoa.Some(status)})
			if v.Status != status || strings.TrimSpace(v.StatusValue) == "" {
				t.Errorf("status %d %q, want %d", v.Status, v.StatusValue, status)
			}
		}
	})
}
