package party

import (
	"github.com/taphoa/taphoa"
	"github.com/taphoa/taphoa/internal/db"
	"github.com/taphoa/taphoa/internal/event"
)

var (
	customerUpdated = event.Kind[int64]{Type: "customer.update", Data: customerData}
	customerDeleted = event.Kind[int64]{Type: "customer.delete"}

	// Those of suppliers are ours.
	supplierUpdated = event.Kind[int64]{Type: "supplier.update", Data: supplierData, Nouns: true}
	supplierDeleted = event.Kind[int64]{Type: "supplier.delete"}
)

func customerData(tx *db.Tx, ids []int64) (any, error) {
	customers, err := db.All[taphoa.Customer](tx, `
		SELECT `+customerColumns+` FROM customers c
		WHERE c.retailer_id = :retailer AND c.id IN ? AND c.deleted_at = 0 ORDER BY c.id`, ids)
	data := make([]taphoa.CustomerData, len(customers))
	for i, c := range customers {
		data[i] = taphoa.CustomerData{
			ID: c.ID, Code: c.Code, Name: c.Name, Gender: c.Gender, BirthDate: taphoa.Stamped(c.BirthDate),
			ContactNumber: c.ContactNumber, Address: c.Address, LocationName: c.LocationName, WardName: c.WardName,
			Email: c.Email, ModifiedDate: taphoa.Stamp(c.ModifiedDate.Or(c.CreatedDate)), Type: taphoa.Some(c.Type),
			Organization: c.Organization, TaxCode: c.TaxCode, Comments: c.Comments,
		}
	}
	return data, err
}

func supplierData(tx *db.Tx, ids []int64) (any, error) {
	suppliers, err := db.All[taphoa.Supplier](tx, `
		SELECT `+supplierColumns+supplierTotals+supplierDebt+` FROM suppliers s `+supplierDebtJoin+`
		WHERE s.retailer_id = :retailer AND s.id IN ? AND s.deleted_at = 0 ORDER BY s.id`, ids)
	if err == nil {
		err = fillSupplierGroups(tx, suppliers)
	}
	return suppliers, err
}
