package taphoa

// BankAccount is an account on which the shop is paid (contract bankaccounts). Its id is the accountId of payments.
type BankAccount struct {
	ID            int64       `json:"id"`
	BankName      string      `json:"bankName"`
	AccountNumber string      `json:"accountNumber"`
	Description   Opt[string] `json:"description,omitzero"`
	RetailerID    int64       `json:"retailerId"`
	ModifiedDate  Opt[Time]   `json:"modifiedDate,omitzero"`
	CreatedDate   Time        `json:"createdDate"`
}

// BankAccountInput creates a bank account.
type BankAccountInput struct {
	BankName      string      `json:"bankName" max:"255"`
	AccountNumber string      `json:"accountNumber" max:"50"`
	Description   Opt[string] `json:"description" max:"2000"`
}

// Validate checks one account by itself, without the database.
func (in *BankAccountInput) Validate() error {
	if err := required("bankName", "Tên tài khoản ngân hàng", in.BankName); err != nil {
		return err
	}
	return required("accountNumber", "Số tài khoản", in.AccountNumber)
}

// BankAccountUpdate changes the members of a bank account that are present; an empty name or number does not change it. The
// vendor's API has no such operation.
type BankAccountUpdate struct {
	ByID
	BankAccountInput
}

// Validate checks one change by itself, without the database.
func (in *BankAccountUpdate) Validate() error {
	if err := notBlank("bankName", "Tên tài khoản ngân hàng", in.BankName); err != nil {
		return err
	}
	return notBlank("accountNumber", "Số tài khoản", in.AccountNumber)
}

// BankAccountQuery lists bank accounts.
type BankAccountQuery struct {
	Paging
	LastModifiedFrom Opt[Time] `query:"lastModifiedFrom"`
	IncludeRemoveIDs bool      `query:"includeRemoveIds" alias:"includerRemoveIds"`
}
