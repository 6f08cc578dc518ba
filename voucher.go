package taphoa

// VoucherCampaign is an issue of vouchers: what they are worth, and where, by whom and for what they are taken (contract
// vouchers).
type VoucherCampaign struct {
	ID                       int64             `json:"id"`
	Code                     string            `json:"code"`
	Name                     string            `json:"name"`
	IsActive                 bool              `json:"isActive"`
	StartDate                Time              `json:"startDate"`
	EndDate                  Time              `json:"endDate"`
	ExpireTime               Opt[int64]        `json:"expireTime,omitzero"`        // days from a voucher's release until it expires
	PrereqCategoryIDs        []int64           `json:"prereqCategoryIds,omitzero"` // with the categories below them
	PrereqProductIDs         []int64           `json:"prereqProductIds,omitzero"`
	PrereqPrice              Opt[Money]        `json:"prereqPrice,omitzero"` // the goods total needed
	Quantity                 int64             `json:"quantity"`             // vouchers made so far
	Price                    Money             `json:"price"`                // face value of each
	UseVoucherCombineInvoice bool              `json:"useVoucherCombineInvoice"`
	IsGlobal                 bool              `json:"isGlobal"`       // all branches
	ForAllCusGroup           bool              `json:"forAllCusGroup"` // all customers, walk-ins too
	ForAllUser               bool              `json:"forAllUser"`
	VoucherBranchs           []VoucherBranch   `json:"voucherBranchs,omitzero"` // spelt as documented
	VoucherUsers             []VoucherUser     `json:"voucherUsers,omitzero"`
	VoucherCusGroups         []VoucherCusGroup `json:"voucherCusGroups,omitzero"` // the documents have no name for them
}

// VoucherBranch is a branch where the vouchers of a campaign are taken.
type VoucherBranch struct {
	BranchID   int64  `json:"branchId"`
	BranchName string `json:"branchName"`
}

// VoucherUser is a user who may sell for the vouchers of a campaign.
type VoucherUser struct {
	UserID   int64  `json:"userId"`
	UserName string `json:"userName"`
}

// VoucherCusGroup is a customer group whose members may pay with the vouchers of a campaign.
type VoucherCusGroup struct {
	GroupID   int64  `json:"groupId"`
	GroupName string `json:"groupName"`
}

// VoucherCampaignInput creates a campaign or, member by member, changes one. A list of branches, users or groups that
// holds something limits the campaign to them, one that holds nothing ends the limit, unless isGlobal, forAllUser or
// forAllCusGroup says otherwise. The vendor's API has no such operation.
type VoucherCampaignInput struct {
	Code                     Opt[string]            `json:"code" max:"50"`
	Name                     Opt[string]            `json:"name" max:"255"`
	IsActive                 Opt[bool]              `json:"isActive"`  // true when absent
	StartDate                Opt[Time]              `json:"startDate"` // now when absent
	EndDate                  Opt[Time]              `json:"endDate" bare:"end"`
	ExpireTime               Opt[int64]             `json:"expireTime"`
	PrereqCategoryIDs        Opt[[]int64]           `json:"prereqCategoryIds"`
	PrereqProductIDs         Opt[[]int64]           `json:"prereqProductIds"`
	PrereqPrice              Opt[Money]             `json:"prereqPrice"`
	Price                    Opt[Money]             `json:"price"`
	UseVoucherCombineInvoice Opt[bool]              `json:"useVoucherCombineInvoice"` // false when absent
	IsGlobal                 Opt[bool]              `json:"isGlobal"`
	ForAllCusGroup           Opt[bool]              `json:"forAllCusGroup"`
	ForAllUser               Opt[bool]              `json:"forAllUser"`
	VoucherBranchs           Opt[[]VoucherBranch]   `json:"voucherBranchs" alias:"voucherBranches"`
	VoucherUsers             Opt[[]VoucherUser]     `json:"voucherUsers"`
	VoucherCusGroups         Opt[[]VoucherCusGroup] `json:"voucherCusGroups"`
}

// VoucherCampaignUpdate changes the members of a campaign that are present.
type VoucherCampaignUpdate struct {
	ByID
	VoucherCampaignInput
}

// VoucherCampaignQuery lists campaigns.
type VoucherCampaignQuery struct {
	WholePaging
	IncludeVoucherBranchs   bool       `query:"includeVoucherBranchs" alias:"includeVoucherBranches"`
	IncludeVoucherUsers     bool       `query:"includeVoucherUsers"`
	IncludeVoucherCusGroups bool       `query:"includeVoucherCusGroups"`
	IsActive                Opt[bool]  `query:"isActive"`
	ID                      Opt[int64] `query:"id"`
	IsGlobal                Opt[bool]  `query:"isGlobal"`
	ForAllCusGroup          Opt[bool]  `query:"forAllCusGroup"`
	ForAllUser              Opt[bool]  `query:"forAllUser"`
}

// Voucher is a code that pays for goods, once (contract vouchers).
type Voucher struct {
	ID                int64       `json:"id"`
	Code              string      `json:"code"`
	VoucherCampaignID int64       `json:"voucherCampaignId"`
	ReleaseDate       Opt[Time]   `json:"releaseDate,omitzero"`
	ExpireDate        Opt[Time]   `json:"expireDate,omitzero"`
	UsedDate          Opt[Time]   `json:"usedDate,omitzero"`
	Status            int64       `json:"status"`
	SellType          Opt[int64]  `json:"sellType,omitzero"` // 0 given, 1 sold
	Price             Money       `json:"price"`             // the campaign's
	PartnerType       Opt[string] `json:"partnerType,omitzero"`
	PartnerID         Opt[int64]  `json:"partnerId,omitzero"`
	PartnerName       Opt[string] `json:"partnerName,omitzero"`
}

// Statuses of vouchers and coupons (contract vouchers, status).
const (
	CodeUnused    = 0 // made, not yet given out
	CodeReleased  = 1
	CodeUsed      = 2
	CodeCancelled = 3
)

// CodeStatusValue is the label of the status of a voucher or coupon.
func CodeStatusValue(status int64) string {
	return map[int64]string{
		CodeUnused: "Chưa sử dụng", CodeReleased: "Đã phát hành", CodeUsed: "Đã sử dụng", CodeCancelled: "Đã hủy",
	}[status]
}

// How a voucher was released (contract vouchers, sellType).
const (
	VoucherGiven = 0
	VoucherSold  = 1
)

// Whom a voucher went to (contract vouchers, partnerType and its conflict).
const (
	PartnerTypeUser     = "U"
	PartnerTypeCustomer = "C"
	PartnerTypeSupplier = "S"
	PartnerTypeDelivery = "D"
	PartnerTypeOther    = "O"
)

// VoucherQuery lists the vouchers of a campaign.
type VoucherQuery struct {
	WholePaging
	CampaignID Opt[int64] `query:"campaignId"`
	Status     []int64    `query:"status" words:"code"`
}

// Validate reports a missing campaign.
func (q *VoucherQuery) Validate() error {
	if q.CampaignID.Or(0) == 0 {
		return Refuse(CodeValidate, "campaignId", "Đợt phát hành (campaignId) không được để trống")
	}
	return nil
}

// VoucherCreate adds vouchers to a campaign.
type VoucherCreate struct {
	VoucherCampaignID int64       `json:"voucherCampaignId" alias:"campaignId"`
	Data              []CodeInput `json:"data" alias:"vouchers"`
}

// CodeInput names a voucher or coupon.
type CodeInput struct {
	Code string `json:"code" max:"50"`
}

// VoucherRelease gives vouchers of a campaign out as gifts.
type VoucherRelease struct {
	CampaignID  int64       `json:"CampaignId" alias:"voucherCampaignId"`
	Vouchers    []CodeInput `json:"Vouchers" alias:"data"`
	ReleaseDate Opt[Time]   `json:"ReleaseDate"` // now when absent
}

// VoucherSale sells vouchers of a campaign at their face value. The vendor's API has no such operation.
type VoucherSale struct {
	VoucherRelease
	PartnerType string      `json:"PartnerType"` // O when absent
	PartnerID   Opt[int64]  `json:"PartnerId"`   // for U, C, S and D
	PartnerName Opt[string] `json:"PartnerName" max:"255"`
	BranchID    Opt[int64]  `json:"BranchId"`  // where it is paid; the shop's first when absent
	Method      string      `json:"Method"`    // Cash when absent
	AccountID   Opt[int64]  `json:"AccountId"` // for Card and Transfer
}

// VoucherCancel cancels vouchers of a campaign.
type VoucherCancel struct {
	CampaignID int64       `json:"CampaignId" alias:"voucherCampaignId"`
	Vouchers   []CodeInput `json:"Vouchers" alias:"data"`
}

// Sentences of the voucher operations (contract vouchers, messages).
const (
	MessageVouchersCreated = "Thêm mới voucher thành công"
	MessageVouchersUpdated = "Cập nhật voucher thành công"
)
