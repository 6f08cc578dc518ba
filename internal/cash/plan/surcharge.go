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
	SurValue    taphoa.Opt[taphoa.Money] // as configured
	Price       taphoa.Money             // as charged
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
		case in.Price < 0:
			return refuse("Số tiền của thu khác %s (surchages.price) không được âm", s.SurchargeCode)
		}
		return SurchargeLine{taphoa.Some(s.ID), s.SurchargeName, s.Value, in.Price.RoundDong()}, nil
	}
	if id != 0 {
		return refuse("Thu khác có id %d (surchages) không tồn tại", id)
	}
	return refuse("Thu khác có mã %s (surchages) không tồn tại", strings.TrimSpace(in.Code))
}
