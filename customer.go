package taphoa

// Customer is a buyer known to the shop (contract customers).
type Customer struct {
	ID                   int64                 `json:"id"`
	Code                 string                `json:"code"`
	Name                 string                `json:"name"`
	Type                 int64                 `json:"type"`            // CustomerPerson or CustomerCompany
	Gender               Opt[bool]             `json:"gender,omitzero"` // true male, false female
	BirthDate            Opt[Time]             `json:"birthDate,omitzero"`
	ContactNumber        Opt[string]           `json:"contactNumber,omitzero"` // free text; may hold two numbers, or be masked with *
	SubNumber            Opt[string]           `json:"subNumber,omitzero"`
	IdentificationNumber Opt[string]           `json:"IdentificationNumber,omitzero" also:"identificationNumber"`
	Address              Opt[string]           `json:"address,omitzero"`
	LocationName         Opt[string]           `json:"locationName,omitzero"` // province - district
	WardName             Opt[string]           `json:"wardName,omitzero"`
	Email                Opt[string]           `json:"email,omitzero"`
	Organization         Opt[string]           `json:"organization,omitzero"`
	Comments             Opt[string]           `json:"comments,omitzero" also:"comment"`
	TaxCode              Opt[string]           `json:"taxCode,omitzero"`
	PaymentDays          Opt[int64]            `json:"paymentDays,omitzero"`                 // ours: in how many days invoices are due
	Debt                 Money                 `json:"debt" view:"debt"`                     // what the customer owes now
	DebtLimit            Opt[Money]            `json:"debtLimit,omitzero" view:"debt"`       // ours: up to what the customer may owe
	DebtLimitPolicy      Opt[string]           `json:"debtLimitPolicy,omitzero" view:"debt"` // ours: what happens beyond it
	TotalInvoiced        Opt[Money]            `json:"totalInvoiced,omitzero" view:"total"`  // all that was sold
	TotalPoint           Opt[int64]            `json:"totalPoint,omitzero" view:"total"`     // all points ever given
	TotalRevenue         Opt[Money]            `json:"totalRevenue,omitzero" view:"total"`   // sold minus returned
	RewardPoint          int64                 `json:"rewardPoint"`                          // points that are left
	PsidFacebook         Opt[int64]            `json:"psidFacebook,omitzero"`                // page-scoped id
	Groups               Opt[string]           `json:"groups,omitzero" db:"-"`               // names, joined with a comma
	CustomerGroupDetails []CustomerGroupDetail `json:"customerGroupDetails,omitzero"`
	BranchID             Opt[int64]            `json:"branchId,omitzero"` // the branch that created the customer
	RetailerID           int64                 `json:"retailerId"`
	IsActive             bool                  `json:"isActive"`
	CreatedBy            Opt[string]           `json:"createdBy,omitzero"` // name of the user
	ModifiedDate         Opt[Time]             `json:"modifiedDate,omitzero"`
	CreatedDate          Time                  `json:"createdDate"`
}

// Types of a customer (contract customers, customerType).
const (
	CustomerPerson  = 0
	CustomerCompany = 1
)

// CustomerInput creates a customer, or has the changes of one (contract customers, CustomerWrite).
type CustomerInput struct {
	Code                 Opt[string]  `json:"code" max:"50"` // given out when blank
	Name                 Opt[string]  `json:"name" max:"255"`
	Gender               Opt[bool]    `json:"gender"`
	BirthDate            Opt[Time]    `json:"birthDate"`
	ContactNumber        Opt[string]  `json:"contactNumber" max:"255"`
	SubNumber            Opt[string]  `json:"subNumber" max:"255"`
	IdentificationNumber Opt[string]  `json:"IdentificationNumber" max:"50"`
	Address              Opt[string]  `json:"address" max:"1000"`
	LocationName         Opt[string]  `json:"locationName" max:"255"`
	WardName             Opt[string]  `json:"wardName" max:"255"`
	Email                Opt[string]  `json:"email" max:"255"`
	Organization         Opt[string]  `json:"organization" max:"255"`
	Comments             Opt[string]  `json:"comments" alias:"comment" max:"2000"`
	TaxCode              Opt[string]  `json:"taxCode" max:"50"`
	PaymentDays          Opt[int64]   `json:"paymentDays" null:"clears"` // ours: in how many days invoices are due; null clears it
	GroupIDs             Opt[[]int64] `json:"groupIds"`                  // replaces the membership
	BranchID             Opt[int64]   `json:"branchId"`                  // on creation only; documented as an array, of which the first counts
	DebtLimit            Opt[Money]   `json:"debtLimit" null:"clears"`   // ours: up to what the customer may owe; null for no limit, 0 for no debt at all
	DebtLimitPolicy      Opt[string]  `json:"debtLimitPolicy"`           // ours: DebtLimitRefuse, unless DebtLimitWarn is said

	PsidFacebook Opt[int64] // not on the wire: the vendor learns it from its own messenger
}

// Policies of a customer's debt limit: what an invoice meets that makes the customer owe more than that.
const (
	DebtLimitRefuse = "refuse"
	DebtLimitWarn   = "warn"
)

// Validate checks one customer that is to be created by itself, without the database.
func (in *CustomerInput) Validate() error {
	if err := required("name", "Tên khách hàng", in.Name.Value); err != nil {
		return err
	}
	if err := checkPaymentDays(in.PaymentDays); err != nil {
		return err
	}
	return in.validateDebtLimit()
}

func (in *CustomerInput) validateDebtLimit() error {
	if limit := in.DebtLimit.Or(0); limit < 0 || limit > MoneyMax || limit != limit.RoundDong() {
		return Refuse(CodeCustomer, "debtLimit", "Hạn mức nợ (debtLimit) phải là số tiền nguyên từ 0 đến %v, hoặc null khi không giới hạn", MoneyMax)
	}
	if policy := in.DebtLimitPolicy.Or(DebtLimitRefuse); policy != DebtLimitRefuse && policy != DebtLimitWarn {
		return Refuse(CodeCustomer, "debtLimitPolicy", "Cách xử lý khi vượt hạn mức nợ %q (debtLimitPolicy) không hợp lệ: dùng refuse (từ chối) hoặc warn (cảnh báo)", policy)
	}
	return nil
}

// CustomerUpdate changes a customer: the members that are present. Neither name nor code can be cleared.
type CustomerUpdate struct {
	ID int64 `path:"id" json:"id"`
	CustomerInput
}

// CustomerMerge makes another customer one with the customer of the path, who is left.
type CustomerMerge struct {
	ByID
	CustomerID int64 `json:"customerId"`
}

// Validate checks one change by itself, without the database.
func (in *CustomerUpdate) Validate() error {
	if in.Name.Has() {
		if err := required("name", "Tên khách hàng", in.Name.Value); err != nil {
			return err
		}
	}
	if err := checkPaymentDays(in.PaymentDays); err != nil {
		return err
	}
	return in.validateDebtLimit()
}

// CustomerBulkMax is how many customers one bulk call may add or change.
const CustomerBulkMax = 100

// CustomerBulkAdd creates several customers, all or none.
type CustomerBulkAdd struct {
	ListCustomers []CustomerInput `json:"listCustomers" wire:"root"`
}

// CustomerBulkUpdate changes several customers, all or none.
type CustomerBulkUpdate struct {
	ListCustomers []CustomerUpdate `json:"listCustomers" wire:"root"`
}

// CustomerQuery lists customers. Code and contact number find what is exactly so, and when there is no such customer,
// what contains them; a contact number is compared by its digits.
type CustomerQuery struct {
	Paging
	Code                  string    `query:"code"`
	Name                  string    `query:"name"`
	ContactNumber         string    `query:"contactNumber"`
	LastModifiedFrom      Opt[Time] `query:"lastModifiedFrom"`
	IncludeRemoveIDs      bool      `query:"includeRemoveIds" alias:"includerRemoveIds"`
	IncludeTotal          bool      `query:"includeTotal"`
	IncludeCustomerGroup  bool      `query:"includeCustomerGroup"`
	BirthDate             string    `query:"birthDate"` // yyyy-MM-dd for the day, MM-dd or dd/MM for the anniversary
	GroupID               int64     `query:"groupId" alias:"customerGroupId"`
	IncludeCustomerSocial bool      `query:"includeCustomerSocial"`
	Keyword               string    `query:"keyword"`
	IsActive              Opt[bool] `query:"isActive"`
	IncludeTotals         bool      `query:"includeTotals" view:"total"` // ours
}

// CustomerWritten is the response to the creation and the update of a customer: the bare members, as documented, and the same object
// again as data, as the vendor's own plugin reads it (contract customers, conflicts).
type CustomerWritten struct {
	Customer
	Message string   `json:"message"`
	Data    Customer `json:"data"`
}

// Sentences of the bulk calls (contract customers, messages).
const (
	MessageCustomersAdded   = "Thêm mới danh sách khách hàng thành công"
	MessageCustomersUpdated = "Cập nhật danh sách khách hàng thành công"
)

// DocumentCustomer is the customer inside an order or invoice that is to be created: a known one, by id, code or
// contact number, or a new one (contract orders, OrderCustomerWrite).
type DocumentCustomer struct {
	ID            Opt[int64]  `json:"id"`
	Code          Opt[string] `json:"code" max:"50"`
	Name          Opt[string] `json:"name" max:"255"`
	Gender        Opt[bool]   `json:"gender"`
	BirthDate     Opt[Time]   `json:"birthDate"`
	ContactNumber Opt[string] `json:"contactNumber" max:"255"`
	Address       Opt[string] `json:"address" max:"1000"`
	LocationName  Opt[string] `json:"locationName" max:"255"`
	WardName      Opt[string] `json:"wardName" max:"255"`
	Email         Opt[string] `json:"email" max:"255"`
	Comment       Opt[string] `json:"comment" alias:"comments" max:"2000"`
}
