package taphoa

// Surcharge is other income that can be added to a sale, such as a delivery fee (contract surcharges).
type Surcharge struct {
	ID            int64      `json:"id"`
	SurchargeCode string     `json:"surchargeCode"`
	SurchargeName string     `json:"surchargeName"`
	ValueRatio    Percent    `json:"valueRatio"`     // percent of the sale; 0 when it is an amount
	Value         Opt[Money] `json:"value,omitzero"` // fixed amount
	RetailerID    int64      `json:"retailerId"`
	IsActive      bool       `json:"isActive"`
	ModifiedDate  Opt[Time]  `json:"modifiedDate,omitzero"`
	CreatedDate   Time       `json:"createDate" also:"createdDate"` // the documents lack the d
}

// SurchargeInput creates a surcharge.
type SurchargeInput struct {
	Name  string      `json:"name" max:"255"`
	Code  Opt[string] `json:"code" max:"50"` // given out when blank
	Value Opt[Money]  `json:"value"`

	ValueRatio Opt[Percent] `json:"valueRatio"` // ours: of the goods less their discount, instead of a value

	BranchID Opt[int64] // not on the wire: the only branch that uses it; none for all
}

// Validate checks one surcharge by itself, without the database.
func (in *SurchargeInput) Validate() error {
	if err := required("name", "Tên thu khác", in.Name); err != nil {
		return err
	}
	return surchargeValue(in.Value, in.ValueRatio)
}

// SurchargeUpdate changes the members of a surcharge that are present. None of them can be cleared, so null leaves them
// as they are. A ratio takes the place of the value, and a value that of the ratio.
type SurchargeUpdate struct {
	ID         int64        `path:"id"`
	Name       Opt[string]  `json:"name" max:"255"`
	Code       Opt[string]  `json:"code" max:"50"`
	Value      Opt[Money]   `json:"value"`
	ValueRatio Opt[Percent] `json:"valueRatio"` // ours
}

// Validate checks one change by itself, without the database.
func (in *SurchargeUpdate) Validate() error {
	if in.Name.Has() {
		if err := required("name", "Tên thu khác", in.Name.Value); err != nil {
			return err
		}
	}
	return surchargeValue(in.Value, in.ValueRatio)
}

func surchargeValue(value Opt[Money], ratio Opt[Percent]) error {
	switch {
	case value.Or(0) < 0:
		return Refuse(CodeValidate, "value", "Giá trị thu khác (value) không được âm")
	case ratio.Or(0) < 0 || ratio.Or(0) > Ratio(100):
		return Refuse(CodeValidate, "valueRatio", "Phần trăm thu khác (valueRatio) phải từ 0 đến 100")
	case value.Or(0) > 0 && ratio.Or(0) > 0:
		return Refuse(CodeValidate, "valueRatio", "Thu khác chỉ tính theo giá trị (value) hoặc theo phần trăm (valueRatio), không theo cả hai")
	}
	return nil
}

// SurchargeActive stops a surcharge or puts it back in use.
type SurchargeActive struct {
	ID       int64     `path:"id"`
	IsActive Opt[bool] `json:"isActive"`
}

// Validate reports whether it says which of the two.
func (in *SurchargeActive) Validate() error {
	if !in.IsActive.Has() {
		return Refuse(CodeValidate, "isActive",
			"Trạng thái (isActive) không được để trống: true là đang sử dụng, false là ngừng sử dụng")
	}
	return nil
}

// SurchargeQuery lists the surcharges that are in use, with a branch those that it can use. Of those that have changed since
// an instant it lists stopped ones, too.
type SurchargeQuery struct {
	Paging
	BranchID         int64     `query:"branchId"`
	LastModifiedFrom Opt[Time] `query:"lastModifiedFrom"`
	IncludeRemoveIDs bool      `query:"includeRemoveIds" alias:"includerRemoveIds"` // ours
}

// SurchargeWritten is the response to the creation and the update of a surcharge, written twice as a [CategoryAnswer] is.
type SurchargeWritten struct {
	Surcharge
	Message string    `json:"message"`
	Data    Surcharge `json:"data"`
}

// Sentences about surcharges (contract surcharges, messages).
const (
	MessageSurchargeWritten = "Thông tin thu khác được cập nhật thành công"
	MessageSurchargesOff    = "Chưa bật thu khác trong thiết lập cửa hàng"
)

// SurchargeWrite charges a surcharge on an order or invoice (contract orders, SurchargeWrite). The id wins over the code.
type SurchargeWrite struct {
	ID          Opt[int64] `json:"id"`
	SurchargeID Opt[int64] `json:"surchargeId"` // beside it, id is that of a document's line, which was read
	Code        string     `json:"code"`
	Price       Opt[Money] `json:"price"` // what is charged; absent: what the surcharge is worth
}

// Named is the id of the surcharge that is meant, or 0.
func (w *SurchargeWrite) Named() int64 {
	if id := w.SurchargeID.Or(0); id != 0 {
		return id
	}
	return w.ID.Or(0)
}
