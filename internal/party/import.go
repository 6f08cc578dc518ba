package party

import (
	"fmt"

	"github.com/taphoa/taphoa"
	"github.com/taphoa/taphoa/internal/db"
	"github.com/taphoa/taphoa/internal/party/plan"
	docplan "github.com/taphoa/taphoa/internal/plan"
	"github.com/taphoa/taphoa/internal/text"
)

// importedGroup is a row of customer_groups.
type importedGroup struct {
	ID            int64
	Name, NameKey string
	Description   taphoa.Opt[string]
	Discount      taphoa.Opt[taphoa.Money]
	CreatedBy     int64
	CreatedDate   taphoa.Time
	ModifiedDate  taphoa.Opt[taphoa.Time]
}

// ImportCustomerGroups writes groups of customers as another system shows them, with their members.
func ImportCustomerGroups(tx *db.Tx, groups []taphoa.CustomerGroup) error {
	rows, keys, ids := make([]importedGroup, len(groups)), make([]string, len(groups)), make([]int64, len(groups))
	var members []memberRow
	var last int64
	for i := range groups {
		docplan.CopyFields(&rows[i], &groups[i])
		rows[i].NameKey = text.Fold(groups[i].Name)
		keys[i], ids[i] = rows[i].NameKey, groups[i].ID
		for _, m := range groups[i].CustomerGroupDetails {
			members = append(members, memberRow{m.CustomerID, m.GroupID, m.ID})
			last = max(last, m.ID)
		}
	}
	if len(groups) == 0 {
		return nil
	}
	err := db.Import(tx, "customer_groups", rows, func(r *importedGroup) int64 { return r.ID },
		db.Freed{Column: "name_key", Set: "name_key = '~' || id", Values: keys})
	if err != nil {
		return err
	}
	tx.Queue(`DELETE FROM customer_group_members WHERE retailer_id = :retailer AND group_id IN ?`, ids)
	db.Insert(tx, "customer_group_members", members...)
	return tx.KeepIDs("customer_group_members", last)
}

// ImportCustomers writes customers as another system shows them, but for what they owe.
func ImportCustomers(tx *db.Tx, customers []taphoa.Customer) error {
	rows := make([]plan.CustomerRow, len(customers))
	codes := db.Freed{Column: "code_key", Set: "code_key = '~' || id"}
	phones := db.Freed{Column: "phone_key", Set: "phone_key = ''"}
	numbers := map[string]bool{"": true}
	for i := range customers {
		c, r := &customers[i], &rows[i]
		docplan.CopyFields(r, c)
		r.Derive()
		r.Type = c.Type
		r.TotalInvoiced, r.TotalRevenue, r.TotalPoint = c.TotalInvoiced.Or(0), c.TotalRevenue.Or(0), c.TotalPoint.Or(0)
		r.ChangedAt = c.ModifiedDate.Or(c.CreatedDate)
		if numbers[r.PhoneKey] { // the other system may let two customers have one number: it finds one of them here
			r.PhoneKey = ""
		} else {
			phones.Values = append(phones.Values, r.PhoneKey)
		}
		numbers[r.PhoneKey] = true
		codes.Values = append(codes.Values, r.CodeKey)
		customerUpdated.EmitData(tx, r.ID, r.Data())
	}
	return db.Import(tx, "customers", rows, func(r *plan.CustomerRow) int64 { return r.ID }, codes, phones)
}

// RemoveImportedCustomers notes which customers another system has deleted.
func RemoveImportedCustomers(tx *db.Tx, ids []int64) error {
	removed, err := db.RemoveImported(tx, "customers", ids)
	customerDeleted.Emit(tx, removed...)
	return err
}

// ImportCarrier writes the carrier of a delivery as another system shows it, and returns its id. One that is shown without an id is that
// of its code or its name.
func ImportCarrier(tx *db.Tx, id taphoa.Opt[int64], c *taphoa.PartnerDelivery) (taphoa.Opt[int64], error) {
	if c == nil || !id.Has() && c.Code.Or("") == "" && c.Name.Or("") == "" {
		return id, nil
	}
	if !id.Has() {
		return ResolveDeliveryPartner(tx, id, c)
	}
	row := plan.CarrierRow{
		ID: id.Value, Code: c.Code.Value, CodeKey: text.CodeKey(c.Code.Value), Name: c.Name.Value, NameKey: text.Fold(c.Name.Value),
		Address: c.Address, ContactNumber: c.ContactNumber, Email: c.Email, CreatedDate: tx.Now,
	}
	_, taken, err := db.One[int64](tx, `
		SELECT id FROM delivery_partners WHERE retailer_id = :retailer AND code_key = ? AND id <> ?`, row.CodeKey, row.ID)
	if err != nil {
		return id, err
	}
	if taken || row.CodeKey == "" { // it is found by its id
		row.CodeKey = fmt.Sprintf("~%d", row.ID)
	}
	db.Upsert(tx, "delivery_partners", []string{"id"}, row)
	return id, tx.KeepIDs("delivery_partners", id.Value)
}
