package plan

import (
	"strings"

	"github.com/taphoa/taphoa"
	"github.com/taphoa/taphoa/internal/text"
)

// surchargesMax is how many surcharges one document can bear.
const surchargesMax = 100

// Surcharge is a surcharge of the shop, in use or stopped.
type Surcharge struct {
	taphoa.Surcharge
	CodeKey  string            // [text.CodeKey] of the code
	BranchID taphoa.Opt[int64] // the only branch that uses it; none for all
}

// SurchargeLine is a surcharge as an order or invoice charges it.
type SurchargeLine struct {
	SurchargeID taphoa.Opt[int64]
	Name        string
	SurValue    taphoa.Opt[taphoa.Money]   // as configured
	Ratio       taphoa.Opt[taphoa.Percent] // of the goods less their discount, from which the price follows
	Price       taphoa.Money               // as charged
	Share       *SurchargeShare            // of an order's surcharge; not stored
}

// SurchargeShare is what an invoice takes of the surcharge by ratio of its order.
type SurchargeShare struct {
	Left   taphoa.Money // what the other invoices have left of the surcharge
	Goods  taphoa.Money // and of the order's goods less their discount
	Taken  taphoa.Money // what the invoice takes of these
	IsLast bool         // nothing is left of the order's lines then
}

// price is the share: of what is left as the goods are of those that are left, rounded; the last invoice takes the rest.
func (s *SurchargeShare) price() (taphoa.Money, error) {
	taken, rest := max(0, s.Taken), max(0, s.Goods-s.Taken)
	if s.IsLast {
		rest = 0
	}
	switch {
	case rest == 0 && (taken > 0 || s.IsLast):
		return s.Left, nil
	case taken == 0:
		return 0, nil
	}
	shares, err := taphoa.Allocate(s.Left, []taphoa.Money{taken, rest})
	if err != nil {
		return 0, err
	}
	return shares[0], nil
}

// SurchargesOff refuses, with CodeBusiness, everything about surcharges while the shop does not use them (contract
// surcharges, settings).
func SurchargesOff() error {
	return taphoa.Refuse(taphoa.CodeBusiness, "", taphoa.MessageSurchargesOff)
}

// ResolveSurcharges returns what a document of a branch charges for the surcharges of its request, in their order: each
// is found by its id, or else by its code. known are all surcharges of the shop, use is its setting UseSurcharge. It
// refuses any surcharge while the shop does not use them, and with CodeValidate more than 100, and those that are
// unknown, stopped, of another branch, or charged at less than nothing.
func ResolveSurcharges(known []Surcharge, use bool, branchID int64, in []taphoa.SurchargeWrite) ([]SurchargeLine, error) {
	if len(in) == 0 {
		return nil, nil
	}
	if len(in) > surchargesMax {
		return nil, taphoa.Refuse(taphoa.CodeValidate, "surchages",
			"Danh sách thu khác (surchages) chỉ được có tối đa %d khoản", surchargesMax)
	}
	if !use {
		return nil, SurchargesOff()
	}
	lines := make([]SurchargeLine, len(in))
	for i := range in {
		var err error
		if lines[i], err = resolveSurcharge(&in[i], known, branchID); err != nil {
			return nil, err
		}
	}
	return lines, nil
}

func resolveSurcharge(in *taphoa.SurchargeWrite, known []Surcharge, branchID int64) (SurchargeLine, error) {
	id, key := in.Named(), text.CodeKey(in.Code)
	refuse := func(sentence string, args ...any) (SurchargeLine, error) {
		return SurchargeLine{}, taphoa.Refuse(taphoa.CodeValidate, "surchages", sentence, args...)
	}
	if id == 0 && key == "" {
		return refuse("Mỗi khoản thu khác (surchages) phải có id hoặc code")
	}
	for i := range known {
		s := &known[i]
		if id != 0 && s.ID != id || id == 0 && s.CodeKey != key {
			continue
		}
		switch {
		case !s.IsActive:
			return refuse("Thu khác %s (surchages) đã ngừng sử dụng", s.SurchargeCode)
		case s.BranchID.Has() && s.BranchID.Value != branchID:
			return refuse("Thu khác %s (surchages) không áp dụng cho chi nhánh này", s.SurchargeCode)
		case in.Price.Or(0) < 0:
			return refuse("Số tiền của thu khác %s (surchages.price) không được âm", s.SurchargeCode)
		}
		line := SurchargeLine{SurchargeID: taphoa.Some(s.ID), Name: s.SurchargeName, SurValue: s.Value, Price: in.Price.Or(s.Value.Or(0)).RoundDong()}
		if !in.Price.Has() && s.ValueRatio > 0 {
			line.Ratio = taphoa.Some(s.ValueRatio)
		}
		return line, nil
	}
	if id != 0 {
		return refuse("Thu khác có id %d (surchages) không tồn tại", id)
	}
	return refuse("Thu khác có mã %s (surchages) không tồn tại", strings.TrimSpace(in.Code))
}

// ChargeRatios sets the price of the lines that are charged by a ratio of a document's goods less its discount. What of them
// is an order's bears a share of the order's surcharge.
func ChargeRatios(lines []SurchargeLine, goods taphoa.Money) error {
	for i := range lines {
		l := &lines[i]
		if !l.Ratio.Has() {
			continue
		}
		own, share := max(0, goods), taphoa.Money(0)
		var err error
		if l.Share != nil && goods >= l.Share.Taken {
			own = goods - l.Share.Taken
			if share, err = l.Share.price(); err != nil {
				return err
			}
		}
		if l.Price, err = own.ShareDong(l.Ratio.Value); err != nil {
			return err
		}
		if l.Price, err = l.Price.Add(share); err != nil {
			return err
		}
	}
	return nil
}
