package sales

import (
	"github.com/taphoa/taphoa"
	"github.com/taphoa/taphoa/internal/cash"
	"github.com/taphoa/taphoa/internal/db"
	"github.com/taphoa/taphoa/internal/party"
	partyplan "github.com/taphoa/taphoa/internal/party/plan"
	"github.com/taphoa/taphoa/internal/promo"
	"github.com/taphoa/taphoa/internal/right"
	"github.com/taphoa/taphoa/internal/sales/plan"
)

// MergeCustomers makes a customer and another one that is the same person one customer: documents, payments, debt, points,
// totals, groups and vouchers of the other become those of this one, and what named the other means this one from then on. It
// cannot be undone. Merging the same two again changes nothing. The vendor's API has no such operation.
//
// Refused with CodeCustomer are unknown and deleted customers, a customer and itself, one that was merged into another, those
// of two branches where the shop keeps customers by branch, and one with a delivery under way to a receiver of another name or
// number than the customer's that is left: the carrier knows that one.
func MergeCustomers(tx *db.Tx, in *taphoa.CustomerMerge) (taphoa.CustomerWritten, error) {
	m, err := party.AskMerge(tx, in)
	if err == nil && m != nil {
		err = merge(tx, m)
	}
	if err != nil {
		return taphoa.CustomerWritten{}, err
	}
	kept, err := party.GetCustomer(tx, &taphoa.ByID{ID: in.ID})
	return taphoa.CustomerWritten{Customer: kept, Message: taphoa.MessageUpdated, Data: kept}, err
}

func merge(tx *db.Tx, m *party.Merge) error {
	if err := refuseUnderWay(tx, m); err != nil {
		return err
	}
	gone, kept := m.Gone.ID, m.Kept.Ref(nil)
	if err := allocateFirst(tx, gone, kept.ID); err != nil {
		return err
	}
	for _, of := range []struct {
		table   string
		changed func(tx *db.Tx, ids ...int64)
	}{
		{"orders", orderUpdated.Emit},
		{"invoices", invoiceUpdated.Emit},
		{"returns", returnUpdated.Emit},
	} {
		ids, err := mergeDocuments(tx, of.table, gone, &kept)
		if err != nil {
			return err
		}
		of.changed(tx, ids...)
	}
	money, err := cash.MergeCustomer(tx, gone, kept.ID)
	if err == nil {
		err = SaveSettled(tx, &money)
	}
	if err != nil {
		return err
	}
	promo.MergeCustomer(tx, gone, kept.ID, kept.Name)
	return party.SaveMerge(tx, m)
}

// documentBuyer has the columns of orders, invoices and returns that say whose they are.
type documentBuyer struct {
	ID           int64
	CustomerID   taphoa.Opt[int64]
	CustomerCode taphoa.Opt[string]
	CustomerName taphoa.Opt[string]
	ModifiedDate taphoa.Opt[taphoa.Time]
	ChangedAt    taphoa.Time
}

// mergeDocuments makes the documents of a customer another's, and returns their ids.
func mergeDocuments(tx *db.Tx, table string, gone int64, kept *partyplan.CustomerRef) ([]int64, error) {
	rows, err := db.All[documentBuyer](tx, `
		SELECT `+db.Columns[documentBuyer]("d")+` FROM `+table+` d
		WHERE d.retailer_id = :retailer AND d.customer_id = ? ORDER BY d.id`, gone)
	ids := make([]int64, len(rows))
	for i := range rows {
		ids[i] = rows[i].ID
		db.Update(tx, table, &rows[i], &documentBuyer{
			ids[i], taphoa.Some(kept.ID), taphoa.Some(kept.Code), taphoa.Some(kept.Name), taphoa.Some(tx.Now), tx.Now,
		}, "id")
	}
	return ids, err
}

// refuseUnderWay refuses to merge a customer with a delivery under way whose receiver is not called as the one that is left.
func refuseUnderWay(tx *db.Tx, m *party.Merge) error {
	type parcel struct {
		Code                    string
		BranchID                int64
		SoldByID                taphoa.Opt[int64]
		Receiver, ContactNumber taphoa.Opt[string]
	}
	parcels, err := db.All[parcel](tx, `
		SELECT v.code, v.branch_id, v.sold_by_id, d.receiver, d.contact_number FROM invoices v
		JOIN deliveries d ON d.retailer_id = :retailer AND d.document = ? AND d.document_id = v.id AND NOT (d.status IN ?)
		WHERE v.retailer_id = :retailer AND v.customer_id = ? AND v.status <> ? ORDER BY v.id`,
		plan.KindInvoice.Name, []int64{taphoa.DeliveryDelivered, taphoa.DeliveryReturned, taphoa.DeliveryCancelled}, m.Gone.ID, taphoa.InvoiceVoid)
	if err != nil {
		return err
	}
	held := tx.Actor().Held
	for _, p := range parcels {
		if m.Kept.Otherwise(p.Receiver, p.ContactNumber) {
			if !held.Sees(right.SeeInvoices, p.BranchID, p.SoldByID.Or(0)) {
				return taphoa.Refuse(taphoa.CodeCustomer, "customerId",
					"Khách hàng %s (customerId) có hóa đơn đang được giao cho người nhận khác tên hoặc số điện thoại với khách hàng %s: "+
						"hãy giao xong hoặc sửa người nhận rồi gộp", m.Gone.Code, m.Kept.Code)
			}
			return taphoa.Refuse(taphoa.CodeCustomer, "customerId",
				"Hóa đơn %s của khách hàng %s (customerId) đang được giao cho người nhận khác tên hoặc số điện thoại với khách hàng %s: "+
					"hãy giao xong hoặc sửa người nhận rồi gộp", p.Code, m.Gone.Code, m.Kept.Code)
		}
	}
	return nil
}
