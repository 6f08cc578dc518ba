package supply

import (
	"errors"

	"github.com/taphoa/taphoa"
	"github.com/taphoa/taphoa/internal/cash"
	cashplan "github.com/taphoa/taphoa/internal/cash/plan"
	"github.com/taphoa/taphoa/internal/catalog"
	"github.com/taphoa/taphoa/internal/db"
	"github.com/taphoa/taphoa/internal/org"
	"github.com/taphoa/taphoa/internal/party"
	"github.com/taphoa/taphoa/internal/stock"
)

// receive brings the goods to the branch and makes the shop owe the total.
func (p *purchase) receive(tx *db.Tx) error {
	want, err := p.postings()
	if err != nil {
		return err
	}
	used, err := stock.Post(tx, stock.Document{Kind: "purchase", ID: p.ID, Step: p.StockStep, EffectiveAt: p.PurchaseDate},
		want, stock.Limits{BelowZero: true, BelowReserved: true})
	if err != nil {
		return err
	}
	if used {
		p.StockStep++
	}
	var owed []cash.Posting
	if p.Total > 0 {
		owed = []cash.Posting{{From: cash.Supplier(p.SupplierID.Or(0)), To: cash.Purchases(p.BranchID), Amount: p.Total}}
	}
	return settlePurchase(tx, &p.purchaseRow, owed, p.Total)
}

// postings are the movements of goods that the purchase order wants. The ledger knows one cost of what a document brings
// of a product and batch, so lines of the same goods are put together at their average.
func (p *purchase) postings() ([]stock.Posting, error) {
	type goods struct{ product, batch int64 }
	var (
		want  []stock.Posting
		worth []taphoa.Money
		at    = map[goods]int{}
	)
	for _, l := range p.lines {
		landed, err := p.landed(l)
		if err != nil {
			return nil, err
		}
		g := goods{l.product.BaseID, l.BatchID.Or(0)}
		i, known := at[g]
		if !known {
			i = len(want)
			at[g] = i
			want = append(want, stock.Posting{ProductID: g.product, BatchID: g.batch, From: stock.Supplier, To: stock.Location(p.BranchID)})
			worth = append(worth, 0)
		}
		m := &want[i]
		quantity, err1 := m.Quantity.Add(l.base)
		sum, err2 := worth[i].Add(landed)
		if err1 != nil || err2 != nil {
			return nil, purchaseTooMuch()
		}
		m.Quantity, worth[i], m.Serials = quantity, sum, append(m.Serials, l.serials...)
	}
	for i := range want {
		cost, err := worth[i].Div(want[i].Quantity)
		if err != nil || cost > taphoa.MoneyMax {
			return nil, purchaseTooMuch()
		}
		want[i].Cost = taphoa.Some(cost)
	}
	return want, nil
}

// settlePurchase makes what a purchase order has moved in the money ledger equal to want, and notes how much more, or
// less, was bought from the supplier.
func settlePurchase(tx *db.Tx, o *purchaseRow, want []cash.Posting, bought taphoa.Money) error {
	used, err := cash.Settle(tx, cash.Document{Kind: "purchase", ID: o.ID, Step: o.CashStep, EffectiveAt: o.PurchaseDate}, want)
	if err != nil {
		return err
	}
	if used {
		o.CashStep++
	}
	if o.SupplierID.Has() {
		party.AddSupplierTotals(tx, o.SupplierID.Value, party.SupplierTotals{Invoiced: bought, WithoutReturn: bought})
	}
	return nil
}

// DeletePurchaseOrder voids a purchase order: it stays readable, its goods leave the branch, and the shop owes nothing for
// it. Its payment vouchers stay unless they are to be voided, too (contract purchaseorders, deletePurchaseOrder). One
// that is void already stays as it is. Goods that are gone cannot leave, unless the shop sells what it does not have.
func DeletePurchaseOrder(tx *db.Tx, in *taphoa.PurchaseOrderDelete) (taphoa.Message, error) {
	order, err := orderOf(tx, in.ID)
	if err != nil {
		return taphoa.Message{}, err
	}
	o, err := lockPurchase(tx, in.ID)
	if err != nil {
		return taphoa.Message{}, err
	}
	stored := *o
	received := order != nil && o.Status == taphoa.PurchaseCompleted
	changed := o.Status != taphoa.PurchaseVoid
	if o.Status == taphoa.PurchaseCompleted {
		if err := giveBack(tx, o); err != nil {
			return taphoa.Message{}, err
		}
	}
	o.Status = taphoa.PurchaseVoid
	if in.IsVoidPayment {
		ledger, err := cash.ReadPayments(tx, cash.Question{Purchases: []int64{o.ID}})
		if err != nil {
			return taphoa.Message{}, err
		}
		for _, pay := range ledger.Payments((*cashplan.PaymentRow).Paid) {
			if err := cash.Void(tx, pay.ID); err != nil {
				return taphoa.Message{}, err
			}
			o.TotalPayment += pay.Amount // which is negative in the cash book
			changed = true
		}
	}
	if changed {
		savePurchase(tx, &stored, o)
	}
	if received {
		if err := followPurchases(tx, order); err != nil {
			return taphoa.Message{}, err
		}
	}
	return taphoa.Message{Message: taphoa.MessageDeleted}, nil
}

// giveBack takes back what a completed purchase order has moved. Goods that orders have reserved leave as well: they
// were never there.
func giveBack(tx *db.Tx, o *purchaseRow) error {
	s, err := org.GetSettings(tx)
	if err != nil {
		return err
	}
	used, err := stock.Post(tx, stock.Document{Kind: "purchase", ID: o.ID, Step: o.StockStep, EffectiveAt: o.PurchaseDate},
		nil, stock.Limits{BelowZero: s.AllowSellWhenOutStock, BelowReserved: true})
	if short := (*stock.Short)(nil); errors.As(err, &short) {
		return goodsGone(tx, o, short)
	}
	if err != nil {
		return err
	}
	if used {
		o.StockStep++
	}
	return settlePurchase(tx, o, nil, -o.Total)
}

// goodsGone is the refusal to take back goods that the branch has no more.
func goodsGone(tx *db.Tx, o *purchaseRow, short *stock.Short) error {
	byID, _, err := catalog.Items(tx, []int64{short.ProductID}, nil)
	if err != nil {
		return err
	}
	var code any = taphoa.Term("đã xóa")
	if item := byID[short.ProductID]; item != nil {
		code = item.Code
	}
	return refusePurchase("id", "Không thể hủy phiếu nhập %s: hàng hóa %s tại chi nhánh chỉ còn %v, ít hơn số đã nhập, "+
		"mà thiết lập “Cho phép bán hàng khi hết tồn kho” đang không được bật", o.Code, code, short.Free)
}
