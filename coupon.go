package taphoa

// CouponCode names a coupon of a request.
type CouponCode struct {
	Code string `json:"code"`
}

// SetCouponsUsed marks coupons as used (contract coupons).
type SetCouponsUsed struct {
	Coupons []CouponCode `json:"coupons" wire:"root"`
}

// SetCouponsUsedResult are the coupons that could not be marked; the others were.
type SetCouponsUsedResult struct {
	Message   string        `json:"message"`
	DataError []CouponError `json:"dataError"`
}

// CouponError is the reason why a coupon could not be marked.
type CouponError struct {
	Code    string `json:"code"`    // the coupon's code and the reason (contract coupons, conflict)
	Message string `json:"message"` // the reason alone
}

// CouponCampaign is an issue of coupons. The vendor's API does not show them.
type CouponCampaign struct {
	ID        int64  `json:"id"`
	Code      string `json:"code"`
	Name      string `json:"name"`
	IsActive  bool   `json:"isActive"`
	StartDate Time   `json:"startDate"`
	EndDate   Time   `json:"endDate"`
	Quantity  int64  `json:"quantity"` // coupons made so far
}

// CouponCampaignInput creates a campaign of coupons or, member by member, changes one.
type CouponCampaignInput struct {
	Code      Opt[string] `json:"code" max:"50"`
	Name      Opt[string] `json:"name" max:"255"`
	IsActive  Opt[bool]   `json:"isActive"`  // true when absent
	StartDate Opt[Time]   `json:"startDate"` // now when absent
	EndDate   Opt[Time]   `json:"endDate" bare:"end"`
}

// CouponCampaignUpdate changes the members of a campaign of coupons that are present.
type CouponCampaignUpdate struct {
	ByID
	CouponCampaignInput
}

// CouponCampaignQuery lists the campaigns of coupons.
type CouponCampaignQuery struct {
	WholePaging
	IsActive Opt[bool] `query:"isActive"`
}

// Coupon is a code whose use another system reports, once.
type Coupon struct {
	ID               int64     `json:"id"`
	Code             string    `json:"code"`
	CouponCampaignID int64     `json:"couponCampaignId"`
	ReleaseDate      Opt[Time] `json:"releaseDate,omitzero"`
	ExpireDate       Time      `json:"expireDate"` // the campaign's end
	UsedDate         Opt[Time] `json:"usedDate,omitzero"`
	Status           int64     `json:"status"` // as of vouchers
	StatusValue      string    `json:"statusValue" db:"-"`
}

// CouponQuery lists coupons.
type CouponQuery struct {
	WholePaging
	CampaignID Opt[int64] `query:"campaignId"`
	Status     []int64    `query:"status" words:"code"`
}

// CouponsInput names coupons of a campaign, to be made, released or cancelled.
type CouponsInput struct {
	CampaignID int64       `json:"campaignId" alias:"couponCampaignId"`
	Coupons    []CodeInput `json:"coupons" alias:"data"`
}

// Sentences of the coupon operations; the documents give none (contract coupons, undocumented).
const (
	MessageCouponsCreated = "Thêm mới coupon thành công"
	MessageCouponsUpdated = "Cập nhật coupon thành công"
	MessageNoCouponMarked = "Không có coupon nào được cập nhật"
)
