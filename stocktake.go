package taphoa

// StockTake is a count of the goods of a branch. Balancing corrects the branch by what was found more or less. The vendor's
// API has no such documents: it can set stock only product by product.
type StockTake struct {
	ID               int64           `json:"id"`
	Code             string          `json:"code"`
	BranchID         int64           `json:"branchId"`
	BranchName       string          `json:"branchName"`
	Status           int64           `json:"status"`
	StatusValue      string          `json:"statusValue" db:"-"`
	RetailerID       int64           `json:"retailerId"`
	Description      Opt[string]     `json:"description,omitzero"`
	BalancedDate     Opt[Time]       `json:"balancedDate,omitzero"`
	TotalDifference  Opt[Money]      `json:"totalDifference,omitzero" view:"cost"` // what the goods found more or less are worth, once balanced
	CreatedByID      int64           `json:"createdById"`
	CreatedByName    string          `json:"createdByName"`
	CreatedDate      Time            `json:"createdDate"`
	ModifiedDate     Opt[Time]       `json:"modifiedDate,omitzero"`
	StockTakeDetails []StockTakeLine `json:"stockTakeDetails"`
}

// StockTakeLine is what was counted of a product, in its own unit, and what the ledger said when that number was written.
type StockTakeLine struct {
	ID              int64         `json:"id"`
	ProductID       int64         `json:"productId"`
	ProductCode     string        `json:"productCode"`
	ProductName     string        `json:"productName"` // with attributes and unit
	ActualQuantity  Quantity      `json:"actualQuantity"`
	SystemQuantity  Opt[Quantity] `json:"systemQuantity,omitzero"`   // in the ledger when actualQuantity was written
	Difference      Opt[Quantity] `json:"difference,omitzero"`       // counted less what the ledger said
	Cost            Opt[Money]    `json:"cost,omitzero" view:"cost"` // of one
	DifferenceValue Opt[Money]    `json:"differenceValue,omitzero" view:"cost"`
	SerialNumbers   Opt[string]   `json:"serialNumbers,omitzero"` // found, joined with commas
	BatchID         Opt[int64]    `json:"productBatchExpireId,omitzero"`
}

// Stock take statuses.
const (
	StockTakeDraft    = 1
	StockTakeBalanced = 2
	StockTakeVoided   = 3
)

// StockTakeMoves are the statuses that a stock take may be put to from each status.
var StockTakeMoves = map[int64][]int64{
	StockTakeDraft:    {StockTakeBalanced, StockTakeVoided},
	StockTakeBalanced: {StockTakeVoided},
}

// StockTakeStatusValue is the label of a stock take's status.
func StockTakeStatusValue(status int64) string {
	return map[int64]string{StockTakeDraft: "Phiếu tạm", StockTakeBalanced: "Đã cân bằng kho", StockTakeVoided: "Đã hủy"}[status]
}

// StockTakeInput creates a stock take or, member by member, changes a draft.
type StockTakeInput struct {
	BranchID         Opt[int64]           `json:"branchId"`
	IsDraft          Opt[bool]            `json:"isDraft"` // wins over the status
	Status           Opt[int64]           `json:"status"`
	Code             Opt[string]          `json:"code" max:"50"` // given out when blank
	Description      Opt[string]          `json:"description" max:"2000"`
	StockTakeDetails []StockTakeLineInput `json:"stockTakeDetails" alias:"details"`
}

// Wants is the status that a request asks for; 0 when it leaves it open.
func (in *StockTakeInput) Wants() int64 {
	status := in.Status.Or(0)
	switch {
	case status != 0 && StockTakeStatusValue(status) == "": // to be refused
	case in.IsDraft.Or(false):
		return StockTakeDraft
	case in.IsDraft.Has() && status <= StockTakeDraft:
		return StockTakeBalanced
	}
	return status
}

// StockTakeLineInput is a line of a stock take in a request.
type StockTakeLineInput struct {
	ProductID            Opt[int64]    `json:"productId"` // wins over the code
	ProductCode          Opt[string]   `json:"productCode"`
	ActualQuantity       Opt[Quantity] `json:"actualQuantity"`
	SerialNumbers        Opt[string]   `json:"serialNumbers"` // those found, separated by commas; say how many by themselves
	ProductBatchExpireID Opt[int64]    `json:"productBatchExpireId" alias:"batchExpireId"`
	BatchName            Opt[string]   `json:"batchName" max:"255"` // with expireDate, instead of the id: a batch that is new perhaps
	ExpireDate           Opt[Time]     `json:"expireDate" bare:"end"`
}

// StockTakeUpdate changes a stock take.
type StockTakeUpdate struct {
	ByID
	StockTakeInput
}

// StockTakeQuery lists stock takes. Dates are instants, both ends included.
type StockTakeQuery struct {
	Paging
	BranchIDs        []int64   `query:"branchIds" alias:"branchId"`
	Status           []int64   `query:"status" words:"stockTake"`
	FromBalancedDate Opt[Time] `query:"fromBalancedDate"`
	ToBalancedDate   Opt[Time] `query:"toBalancedDate" bare:"end"`
	LastModifiedFrom Opt[Time] `query:"lastModifiedFrom"`
}
