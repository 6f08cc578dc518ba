package party

import (
	"github.com/taphoa/taphoa"
	"github.com/taphoa/taphoa/internal/db"
	"github.com/taphoa/taphoa/internal/event"
)

var (
	customerUpdated = event.Kind[int64]{Type: "customer.update", Data: customerData}
	customerDeleted = event.Kind[int64]{Type: "customer.delete"}
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
