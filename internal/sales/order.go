package sales

import (
	"github.com/taphoa/taphoa"
	"github.com/taphoa/taphoa/internal/cash"
	"github.com/taphoa/taphoa/internal/db"
	"github.com/taphoa/taphoa/internal/org"
)

// orderSettings reads the settings and refuses when the shop takes no orders.
func orderSettings(tx *db.Tx) (org.Settings, error) {
	s, err := org.GetSettings(tx)
	if err == nil && !s.AllowOrder {
		err = taphoa.Refuse(taphoa.CodeOrder, "", orderingOff)
	}
	return s, err
}

func orderSurcharges(tx *db.Tx, branchID int64, in []taphoa.SurchargeWrite) ([]cash.SurchargeLine, error) {
	if len(in) == 0 {
		return nil, nil
	}
	return cash.ResolveSurcharges(tx, branchID, in)
}

// setMethod keeps the payment method that a document shows: the given one, or that of its first payment.
func setMethod(to *taphoa.Opt[string], given taphoa.Opt[string], payments []cash.Receipt) error {
	if given.Or("") != "" {
		method, err := taphoa.ParseMethod("method", given.Value)
		if err != nil {
			return err
		}
		*to = taphoa.Some(string(method))
	} else if len(payments) > 0 {
		*to = taphoa.Some(string(payments[0].Method))
	}
	return nil
}

func setCustomer(id *taphoa.Opt[int64], code, name *taphoa.Opt[string], h *head) {
	if c := h.customer; c.Has() {
		*id, *code, *name = taphoa.Some(c.Value.ID), taphoa.Some(c.Value.Code), taphoa.Some(c.Value.Name)
	}
}

// documentDiscount is the document's discount before and after tax; the latter only where prices contain tax.
func documentDiscount(items []*item, mode taphoa.PricingMode, s sum) (before, after taphoa.Opt[taphoa.Money], err error) {
	if mode != taphoa.PricingAfterTax {
		return taphoa.Some(s.discount), after, nil
	}
	var total taphoa.Money
	for _, it := range items {
		show, err := it.shown(mode)
		if err != nil {
			return before, after, err
		}
		total += show.allocation
	}
	return taphoa.Some(total), taphoa.Some(s.discount), nil
}

// lockOrder reads an order that is about to change.
func lockOrder(tx *db.Tx, id int64) (*taphoa.Order, error) {
	_, found, err := db.One[int64](tx, `SELECT id FROM orders WHERE retailer_id = :retailer AND id = ? :lock`, id)
	if err == nil && !found {
		err = taphoa.NotFound(taphoa.CodeOrder, "Đơn đặt hàng không tồn tại")
	}
	if err != nil {
		return nil, err
	}
	return findOrder(tx, "d.id = ?", id)
}

func surchargesAgain(stored []taphoa.DocumentSurcharge) []cash.SurchargeLine {
	lines := make([]cash.SurchargeLine, len(stored))
	for i, s := range stored {
		lines[i] = cash.SurchargeLine{SurchargeID: s.SurchargeID, Name: s.SurchargeName, SurValue: s.SurValue, Price: s.Price}
	}
	return lines
}

func saveOrder(tx *db.Tx, o *taphoa.Order) {
	if o.Status != taphoa.OrderCompleted && o.Status != taphoa.OrderVoided && o.Status != taphoa.OrderDelivering {
		o.OpenStatus = o.Status
	}
	tx.Queue(`
		UPDATE orders SET purchase_date = :purchase_date, branch_id = :branch_id, sold_by_id = :sold_by_id,
			cashier_id = :cashier_id, customer_id = :customer_id, customer_code = :customer_code, customer_name = :customer_name,
			total = :total, total_payment = :total_payment, discount = :discount, discount_ratio = :discount_ratio,
			discount_after_tax = :discount_after_tax, total_tax = :total_tax, has_taxes = :has_taxes,
			has_surcharges = :has_surcharges, method = :method, status = :status,
			open_status = :open_status, description = :description, using_cod = :using_cod, sale_channel_id = :sale_channel_id,
			price_book_id = :price_book_id, modified_date = :now, changed_at = :now
		WHERE retailer_id = :retailer AND id = :id`, o)
	orderUpdated.Emit(tx, o.ID)
}
