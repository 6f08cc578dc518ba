package supply

import (
	"errors"

	"github.com/taphoa/taphoa"
	"github.com/taphoa/taphoa/internal/audit"
	cashplan "github.com/taphoa/taphoa/internal/cash/plan"
	"github.com/taphoa/taphoa/internal/catalog"
	"github.com/taphoa/taphoa/internal/db"
	"github.com/taphoa/taphoa/internal/org"
	"github.com/taphoa/taphoa/internal/party"
	"github.com/taphoa/taphoa/internal/stock"
)

// postReceipt posts the goods to the branch and the total to the debt of the shop.
func (p *purchaseDraft) postReceipt(tx *db.Tx) error {
	want, err := p.postings()
	if err != nil {
		return err
	}
	used, err := stock.Post(tx, stock.Document{Kind: purchaseKind, ID: p.ID, Step: p.StockStep, EffectiveAt: p.PurchaseDate},
		want, stock.Limits{BelowZero: true, BelowReserved: true})
	if err != nil {
		return err
	}
	if used {
		p.StockStep++
	}
	var owed []cashplan.Posting
	if p.Total > 0 {
		owed = []cashplan.Posting{{From: cashplan.Supplier(p.SupplierID.Or(0)), To: cashplan.Purchases(p.BranchID), Amount: p.Total}}
	}
	return postPurchaseMoney(tx, p.money, &p.purchaseRow, owed, p.Total)
}

// postings returns the postings of goods. The ledger has one cost for a product and lot of a document, so lines of the same
// product and lot are merged at their average cost.
func (p *purchaseDraft) postings() ([]stock.Posting, error) {
	var (
		want  []stock.Posting
		worth []taphoa.Money
		at    = map[lotKey]int{}
	)
	for _, l := range p.lines {
		landed, err := p.landed(l)
		if err != nil {
			return nil, err
		}
		k := lotKey{l.product.BaseID, l.BatchID.Or(0)}
		i, known := at[k]
		if !known {
			i = len(want)
			at[k] = i
			want = append(want, stock.Posting{ProductID: k.product, BatchID: k.batch, From: stock.Supplier, To: stock.Location(p.BranchID)})
			worth = append(worth, 0)
		}
		m := &want[i]
		quantity, err1 := m.Quantity.Add(l.base)
		sum, err2 := worth[i].Add(landed)
		if err1 != nil || err2 != nil {
			return nil, purchaseTooLarge()
		}
		m.Quantity, worth[i], m.Serials = quantity, sum, append(m.Serials, l.serials...)
	}
	for i := range want {
		cost, err := worth[i].Div(want[i].Quantity)
		if err != nil || cost > taphoa.MoneyMax {
			return nil, purchaseTooLarge()
		}
		want[i].Cost = taphoa.Some(cost)
	}
	return want, nil
}

// postPurchaseMoney posts the difference between want and what the purchase order has posted to the money ledger, where the shop
// owes so much more for it, and adds bought to the totals of the supplier.
func postPurchaseMoney(tx *db.Tx, l *cashplan.Ledger, o *purchaseRow, want []cashplan.Posting, bought taphoa.Money) error {
	used, err := l.Post(cashplan.Document{Kind: purchaseKind, ID: o.ID, Step: o.CashStep, EffectiveAt: o.PurchaseDate}, want)
	if err != nil {
		return err
	}
	if used {
		o.CashStep++
	}
	l.Change(o.document(), bought)
	if o.SupplierID.Has() {
		party.AddSupplierTotals(tx, o.SupplierID.Value, party.SupplierTotals{Invoiced: bought, WithoutReturn: bought})
	}
	return nil
}

// DeletePurchaseOrder voids a purchase order and reverses its postings of goods and debt. What it was paid is free for other
// purchases of the supplier, or credit. Its payments stay valid unless the request voids them, too, and they pay nothing else
// (contract purchaseorders, deletePurchaseOrder). A void one is not changed. It refuses if the branch has less than was
// received and the shop does not allow to sell below zero.
func DeletePurchaseOrder(tx *db.Tx, in *taphoa.PurchaseOrderDelete) (taphoa.Message, error) {
	order, err := lockPurchaseOrderSupplier(tx, in.ID)
	if err != nil {
		return taphoa.Message{}, err
	}
	o, err := lockPurchase(tx, in.ID)
	if err == nil {
		err = tx.Actor().May(o.BranchID)
	}
	if err != nil {
		return taphoa.Message{}, err
	}
	stored := *o
	received := order != nil && o.Status == taphoa.PurchaseCompleted
	ledger, err := purchaseMoney(tx, &stored, o)
	if err != nil {
		return taphoa.Message{}, err
	}
	if err := voidPurchase(tx, ledger, o, in.IsVoidPayment); err != nil {
		return taphoa.Message{}, err
	}
	settlePurchase(ledger, &stored, o)
	if err := saveMoney(tx, ledger, o); err != nil {
		return taphoa.Message{}, err
	}
	savePurchase(tx, &stored, o, false)
	if received {
		if err := updateOrderProgress(tx, order); err != nil {
			return taphoa.Message{}, err
		}
	}
	audit.Record(tx, o.ID, o.Code)
	return taphoa.Message{Message: taphoa.MessageDeleted}, nil
}

// voidPurchase voids a purchase order, and its payments that pay nothing else if they are to be voided, too.
func voidPurchase(tx *db.Tx, l *cashplan.Ledger, o *purchaseRow, payments bool) error {
	completed := o.Status == taphoa.PurchaseCompleted
	if completed {
		l.Know(o.document(), o.Total)
	}
	o.Status = taphoa.PurchaseVoid
	for _, pay := range l.Payments(ofPurchase(o.ID)) {
		if !payments || !pay.Paid() || l.PaysOthers(pay.ID) {
			continue
		}
		if _, err := l.Void(pay.ID); err != nil {
			return err
		}
	}
	if !completed {
		return nil
	}
	return reversePurchase(tx, l, o)
}

// reversePurchase reverses the postings of a completed purchase order, even of goods that orders have reserved.
func reversePurchase(tx *db.Tx, l *cashplan.Ledger, o *purchaseRow) error {
	s, err := org.GetSettings(tx)
	if err != nil {
		return err
	}
	used, err := stock.Post(tx, stock.Document{Kind: purchaseKind, ID: o.ID, Step: o.StockStep, EffectiveAt: o.PurchaseDate},
		nil, stock.Limits{BelowZero: s.AllowSellWhenOutStock, BelowReserved: true})
	if short := (*stock.Short)(nil); errors.As(err, &short) {
		return refuseReversal(tx, o, short)
	}
	if err != nil {
		return err
	}
	if used {
		o.StockStep++
	}
	return postPurchaseMoney(tx, l, o, nil, -o.Total)
}

// refuseReversal returns the refusal to reverse a receipt of goods that the branch does not have any more.
func refuseReversal(tx *db.Tx, o *purchaseRow, short *stock.Short) error {
	found, err := catalog.FindItems(tx, nil, nil, []int64{short.ProductID})
	if err != nil {
		return err
	}
	code := ""
	if item := found.ByID(short.ProductID); item != nil {
		code = item.Code
	}
	return refusePurchase("id", "Không thể hủy phiếu nhập %s: hàng hóa %s tại chi nhánh chỉ còn %v, ít hơn số đã nhập, "+
		"mà thiết lập “Cho phép bán hàng khi hết tồn kho” đang không được bật", o.Code, code, short.Free)
}
