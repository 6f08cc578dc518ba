package plan

import (
	"errors"
	"slices"

	"github.com/taphoa/taphoa"
	cashplan "github.com/taphoa/taphoa/internal/cash/plan"
	orgplan "github.com/taphoa/taphoa/internal/org/plan"
	partyplan "github.com/taphoa/taphoa/internal/party/plan"
	stockplan "github.com/taphoa/taphoa/internal/stock/plan"
)

// linesMax bounds the lines of one document.
const linesMax = 1000

// Kind is how orders, invoices and returns differ in what they are called and refuse.
type Kind struct {
	Name                     string // "order": of its rows in tables that several kinds share, and in the names of members
	code                     string // the error code of its refusals
	stoppedProducts          bool   // products that are not sold any more are allowed
	deliveryOff, saleTimeOff string // documented sentences
}

// The kinds of documents. The sentences of orders and invoices differ in their dots (contract orders and invoices, messages).
var (
	KindOrder = Kind{
		Name: "order", code: taphoa.CodeOrder,
		deliveryOff: "Thiết lập “Sử dụng tính năng giao hàng.” đang không được bật",
		saleTimeOff: "Thiết lập “Không cho phép thay đổi thời gian bán hàng” đang không được bật.",
	}
	KindInvoice = Kind{
		Name: "invoice", code: taphoa.CodeInvoice,
		deliveryOff: "Thiết lập “Sử dụng tính năng giao hàng” đang không được bật",
		saleTimeOff: "Thiết lập “Không cho phép thay đổi thời gian bán hàng” đang không được bật",
	}
	KindReturn = Kind{Name: "return", code: taphoa.CodeInvoice, stoppedProducts: true}
)

const (
	orderingOff = "Thiết lập “Cho phép đặt hàng” đang không được bật."
	outOfStock  = "Thiết lập “Cho phép bán hàng khi hết tồn kho” đang không được bật"
	codOff      = "Thiết lập “Quản lý thu hộ tiền” đang không được bật"
)

// CheckOrdering refuses everything about orders while the shop takes none ([taphoa.CodeOrder]).
func CheckOrdering(s *orgplan.Settings) error {
	if !s.AllowOrder {
		return taphoa.Refuse(taphoa.CodeOrder, "", orderingOff)
	}
	return nil
}

// pricingMode is the mode that a stored document was priced in.
func pricingMode(wire taphoa.Opt[int64]) taphoa.PricingMode {
	switch {
	case !wire.Has():
		return taphoa.PricingDirect
	case wire.Value == 1:
		return taphoa.PricingAfterTax
	}
	return taphoa.PricingBeforeTax
}

// branch returns the branch that a document names.
func (k *Kind) branch(d *orgplan.Directory, id taphoa.Opt[int64]) (taphoa.Branch, error) {
	if id.Or(0) == 0 {
		return taphoa.Branch{}, taphoa.Refuse(k.code, "branchId", "Chi nhánh (branchId) không được để trống")
	}
	return d.Branch(id.Value)
}

// saleTime checks the sale time that a request gives: a shop may forbid to change it by more than a day.
func (k *Kind) saleTime(s *orgplan.Settings, given taphoa.Opt[taphoa.Time], stored taphoa.Time) (taphoa.Time, error) {
	const day = 24 * 3600 * 1_000_000
	at := given.Or(stored)
	if s.ForbidSaleTimeChange && (at < stored-day || at > stored+day) {
		return 0, taphoa.Refuse(k.code, "purchaseDate", "%s", taphoa.Term(k.saleTimeOff))
	}
	return at, nil
}

// customerOf is a customer as documents keep it.
func customerOf(c taphoa.Opt[partyplan.CustomerRef]) (id taphoa.Opt[int64], code, name taphoa.Opt[string]) {
	if !c.Has() {
		return id, code, name
	}
	return taphoa.Some(c.Value.ID), taphoa.Some(c.Value.Code), taphoa.Some(c.Value.Name)
}

// outOfStockError turns a shortage into a refusal: the documented one, unless another setting, or none, is its cause. Other
// errors pass.
func outOfStockError(err error, code string) error {
	short := (*stockplan.Short)(nil)
	switch {
	case !errors.As(err, &short):
		return err
	case short.Expired > 0:
		return taphoa.Refuse(code, "quantity", "Các lô còn hạn sử dụng chỉ có %v, %v đã hết hạn: muốn bán hàng hết hạn, hãy chọn lô (productBatchExpireId)",
			short.Free, short.Expired)
	case short.OfLots:
		return taphoa.Refuse(code, "quantity", "Các lô hàng chỉ có %v: hàng quản lý theo lô không bán được khi hết tồn kho (quantity)", short.Free)
	case short.Reserved && code != taphoa.CodeOrder:
		return taphoa.Refuse(code, "quantity", "Thiết lập “Cho phép bán hàng khi hàng đã được đặt” đang không được bật: chỉ còn %v chưa được đặt (quantity)",
			short.Free)
	}
	return taphoa.Refuse(code, "quantity", outOfStock)
}

// given changes a member that a request gives; null clears it.
func given[T any](to *taphoa.Opt[T], in taphoa.Opt[T]) {
	if in.Given() {
		*to = in
	}
}

// surchargeRows are the rows of a document's surcharges.
func (k *Kind) surchargeRows(f *Facts, documentID int64, lines []cashplan.SurchargeLine) []SurchargeRow {
	rows := make([]SurchargeRow, len(lines))
	for i, l := range lines {
		rows[i] = SurchargeRow{
			Document: k.Name, DocumentID: documentID, Line: int64(i + 1), ID: f.ID("document_surcharges"),
			SurchargeID: l.SurchargeID, SurchargeName: l.Name, SurValue: l.SurValue, Ratio: l.Ratio, Price: l.Price, CreatedDate: f.Now,
		}
	}
	return rows
}

// surchargesAsLines are stored surcharges as they would be charged.
func surchargesAsLines(rows []SurchargeRow) []cashplan.SurchargeLine {
	lines := make([]cashplan.SurchargeLine, len(rows))
	for i, s := range rows {
		lines[i] = cashplan.SurchargeLine{SurchargeID: s.SurchargeID, Name: s.SurchargeName, SurValue: s.SurValue, Ratio: s.Ratio, Price: s.Price}
	}
	return lines
}

// withStored are the surcharges of the shop, where those that a document charges already may be stopped by now.
func withStored(known []cashplan.Surcharge, stored []SurchargeRow) []cashplan.Surcharge {
	known = slices.Clone(known)
	for i := range known {
		charged := func(s SurchargeRow) bool { return s.SurchargeID.Or(0) == known[i].ID }
		known[i].IsActive = known[i].IsActive || slices.ContainsFunc(stored, charged)
	}
	return known
}

// chargeSurcharges prices the surcharges by ratio, unless they know their share of an order's, and adds all up.
func chargeSurcharges(lines []cashplan.SurchargeLine, goods taphoa.Money) (sum taphoa.Money, err error) {
	if err := cashplan.ChargeRatios(lines, goods); err != nil {
		return 0, tooMuchMoney()
	}
	for _, l := range lines {
		if sum, err = sum.Add(l.Price); err != nil {
			return 0, tooMuchMoney()
		}
	}
	return sum, nil
}
