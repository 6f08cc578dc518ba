package taphoa

// User is an employee of the shop (contract users). The super administrator is never shown.
type User struct {
	ID           int64       `json:"id"`
	UserName     string      `json:"userName"` // sign-in name
	GivenName    string      `json:"givenName"`
	Address      Opt[string] `json:"address,omitzero"`
	MobilePhone  Opt[string] `json:"mobilePhone,omitzero"`
	Email        Opt[string] `json:"email,omitzero"`
	Description  Opt[string] `json:"description,omitzero"`
	RetailerID   int64       `json:"retailerId"`
	BirthDate    Opt[Time]   `json:"birthDate,omitzero"` // at midnight
	CreatedDate  Time        `json:"createdDate"`
	ModifiedDate Opt[Time]   `json:"modifiedDate,omitzero"`
}

// UserInput creates a user.
type UserInput struct {
	UserName    string      `json:"userName" max:"100"`
	GivenName   string      `json:"givenName" max:"255"`
	Address     Opt[string] `json:"address" max:"1000"`
	MobilePhone Opt[string] `json:"mobilePhone" max:"50"`
	Email       Opt[string] `json:"email" max:"255"`
	Description Opt[string] `json:"description" max:"2000"`
	BirthDate   Opt[Time]   `json:"birthDate"`
}

// Validate checks one user by itself, without the database.
func (in *UserInput) Validate() error {
	if err := required("userName", "Tên đăng nhập", in.UserName); err != nil {
		return err
	}
	return required("givenName", "Tên người dùng", in.GivenName)
}

// UserUpdate changes the members of a user that are present; empty names stay as they are. The vendor's API has no such
// operation.
type UserUpdate struct {
	ByID
	UserInput
}

// Validate checks one change by itself, without the database.
func (in *UserUpdate) Validate() error {
	if err := notBlank("userName", "Tên đăng nhập", in.UserName); err != nil {
		return err
	}
	return notBlank("givenName", "Tên người dùng", in.GivenName)
}

// UserQuery lists users; name searches in both names.
type UserQuery struct {
	Paging
	LastModifiedFrom Opt[Time]   `query:"lastModifiedFrom"`
	IncludeRemoveIDs bool        `query:"includeRemoveIds" alias:"includerRemoveIds"`
	Name             Opt[string] `query:"name"`
}
