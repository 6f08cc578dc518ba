package sales

import (
	"strings"

	"github.com/taphoa/taphoa"
	"github.com/taphoa/taphoa/internal/cash"
	"github.com/taphoa/taphoa/internal/db"
	"github.com/taphoa/taphoa/internal/org"
	"github.com/taphoa/taphoa/internal/promo"
	"github.com/taphoa/taphoa/internal/stock"
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

// writeOrderLines works the order out and writes its lines, taxes and surcharges; replace removes earlier ones first.
func writeOrderLines(
	tx *db.Tx, o *taphoa.Order, items []*item, mode taphoa.PricingMode, surcharges []cash.SurchargeLine, replace bool,
) error {
	extra, err := sumSurcharges(surcharges)
	if err != nil {
		return err
	}
	discount := o.Discount
	if mode == taphoa.PricingAfterTax && o.DiscountAfterTax.Has() {
		discount = o.DiscountAfterTax
	}
	sum, err := workOut(linesOf(items), mode, discount, o.DiscountRatio, extra)
	if err != nil {
		return err
	}
	if replace {
		tx.Queue(`DELETE FROM order_lines WHERE retailer_id = :retailer AND order_id = ?`, o.ID)
		orderRules.clear(tx, "line_taxes", o.ID)
		orderRules.clear(tx, "document_surcharges", o.ID)
	}
	o.Total, o.TotalTax, o.HasTaxes, o.HasSurcharges = sum.total, taphoa.Some(sum.tax), taxed(items), len(surcharges) > 0
	if o.Discount, o.DiscountAfterTax, err = documentDiscount(items, mode, sum); err != nil {
		return err
	}
	seen := map[int64]bool{}
	for i, it := range items {
		show, err := it.shown(mode)
		if err != nil {
			return err
		}
		d := taphoa.OrderDetail{
			OrderID: o.ID, Line: int64(i + 1), ProductID: it.product.ID, ProductCode: it.product.Code, ProductName: it.product.FullName,
			IsMaster: it.in.IsMaster.Or(!seen[it.product.ID]), Quantity: it.quantity, Price: show.price,
			Discount: taphoa.Some(show.discount), DiscountRatio: it.in.DiscountRatio, SubTotal: show.subTotal, Note: it.in.Note,
		}
		seen[it.product.ID] = true
		if d.ID, err = tx.NewID("order_lines"); err != nil {
			return err
		}
		tx.Queue(`
			INSERT INTO order_lines (retailer_id, order_id, line, id, product_id, product_code, product_name, is_master, quantity,
				price, discount, discount_ratio, sub_total, note)
			VALUES (:retailer, :order_id, :line, :id, :product_id, :product_code, :product_name, :is_master, :quantity,
				:price, :discount, :discount_ratio, :sub_total, :note)`, &d)
		if err := orderRules.insertTaxes(tx, o.ID, d.Line, d.ID, it, mode); err != nil {
			return err
		}
	}
	return orderRules.insertSurcharges(tx, o.ID, surcharges)
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

// reserveOrder holds the goods of an order back: all that its lines say. Only a shop that allows it takes orders beyond
// what is free.
func reserveOrder(tx *db.Tx, s *org.Settings, o *taphoa.Order, items []*item) error {
	want, err := goods(items, o.BranchID)
	if err != nil {
		return err
	}
	err = stock.Reserve(tx, "order", o.ID, want, stock.Limits{BelowZero: s.AllowOrderWhenOutStock})
	return tooLittle(err, taphoa.CodeOrder)
}

func insertOrder(tx *db.Tx, o *taphoa.Order, in *taphoa.OrderInput) {
	tx.Queue(`
		INSERT INTO orders (retailer_id, id, code, code_key, purchase_date, branch_id, sold_by_id, cashier_id, customer_id,
			customer_code, customer_name, total, total_payment, discount, discount_ratio, discount_after_tax, pricing_mode,
			total_tax, has_taxes, has_surcharges, method, status, open_status, description, using_cod, sale_channel_id, price_book_id, partner,
			extra, created_date, changed_at)
		VALUES (:retailer, :id, :code, ?, :purchase_date, :branch_id, :sold_by_id, :cashier_id, :customer_id,
			:customer_code, :customer_name, :total, :total_payment, :discount, :discount_ratio, :discount_after_tax, :pricing_mode,
			:total_tax, :has_taxes, :has_surcharges, :method, :status, :status, :description, :using_cod, :sale_channel_id, :price_book_id, ?,
			?, :now, :now)`, o, strings.ToLower(o.Code), taphoa.SomeIf(in.Partner), in.Extra)
	tx.Count("orders", 1, o.ID)
	orderUpdated.Emit(tx, o.ID)
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

// DeleteOrder voids an order: it stays readable, its goods are free again, its vouchers are given back, its other
// receipts stay unless they are to be voided, too. An order that is void already stays as it is.
func DeleteOrder(tx *db.Tx, in *taphoa.OrderDelete) (taphoa.Message, error) {
	if _, err := orderSettings(tx); err != nil {
		return taphoa.Message{}, err
	}
	o, err := lockOrder(tx, in.ID)
	if err != nil {
		return taphoa.Message{}, err
	}
	if o.Status == taphoa.OrderCompleted {
		return taphoa.Message{}, taphoa.Refuse(taphoa.CodeOrder, "status",
			"Đơn đặt hàng %s đã hoàn thành: cần hủy hóa đơn của đơn trước", o.Code)
	}
	return taphoa.Message{Message: taphoa.MessageDeleted}, voidOrder(tx, o, in.IsVoidPayment)
}

func voidOrder(tx *db.Tx, o *taphoa.Order, voidPayments bool) error {
	voided := func(p taphoa.Payment) bool {
		return p.Status == taphoa.PaymentPaid && !p.InvoiceID.Has() && (voidPayments || p.VoucherID.Has())
	}
	if err := promo.GiveBack(tx, vouchersOf(o.Payments, voided)); err != nil {
		return err
	}
	if err := stock.Reserve(tx, "order", o.ID, nil, stock.Limits{}); err != nil {
		return err
	}
	changed := o.Status != taphoa.OrderVoided
	for _, p := range o.Payments {
		if voided(p) {
			if err := cash.Void(tx, p.ID); err != nil {
				return err
			}
			o.TotalPayment -= p.Amount
			changed = true
		}
	}
	if changed {
		o.Status = taphoa.OrderVoided
		saveOrder(tx, o)
	}
	return nil
}
