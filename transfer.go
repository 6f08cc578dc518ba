package taphoa

// Transfer is goods on their way from one branch to another (contract transfers): the type of the list and of the
// responses of writes. The goods leave the sending branch when the transfer is sent, are then in no branch, and enter the
// receiving one when they are received.
type Transfer struct {
	ID                int64          `json:"id"`
	Code              string         `json:"code"`
	FromBranchID      int64          `json:"fromBranchId"`
	FromBranchName    string         `json:"fromBranchName"`
	ToBranchID        int64          `json:"toBranchId"`
	ToBranchName      string         `json:"toBranchName"`
	Status            int64          `json:"status"`
	RetailerID        int64          `json:"retailerId"`
	Description       Opt[string]    `json:"description,omitzero"`
	DispatchedDate    Opt[Time]      `json:"dispatchedDate,omitzero" also:"transferredDate"` // when the goods left
	ReceivedDate      Opt[Time]      `json:"receivedDate,omitzero"`
	IsActive          bool           `json:"isActive" db:"-"` // false when voided
	CreatedByID       int64          `json:"createdById"`
	CreatedByName     string         `json:"createdByName"`
	NoteByDestination Opt[string]    `json:"noteByDestination,omitzero"`
	TransferDetails   []TransferLine `json:"transferDetails"`
}

// TransferLine is a line of a transfer in lists and responses of writes. What was received is 0 until it is.
type TransferLine struct {
	ProductID       int64       `json:"productId"`
	ProductCode     string      `json:"productCode" also:"ProductCode"`
	ProductName     string      `json:"productName"`
	SendQuantity    Quantity    `json:"sendQuantity"`
	ReceiveQuantity Quantity    `json:"receiveQuantity" also:"recieveQuantity,recivedQuantity"`
	Price           Money       `json:"price" view:"cost"`                        // for one; by default what it costs the sending branch
	SendPrice       Opt[Money]  `json:"sendPrice,omitzero" db:"-" view:"cost"`    // the price, once sent
	ReceivePrice    Opt[Money]  `json:"receivePrice,omitzero" db:"-" view:"cost"` // the price, once received
	TransferID      int64       `json:"transferId"`
	SerialNumbers   Opt[string] `json:"serialNumbers,omitzero"`         // sent, joined with commas; ours
	ReceivedSerials Opt[string] `json:"receivedSerialNumbers,omitzero"` // of those, what was received; ours
	BatchID         Opt[int64]  `json:"productBatchExpireId,omitzero"`  // when the line names one; ours
}

// TransferView is the detail of a transfer, which the documents draw in a shape of its own.
type TransferView struct {
	ID                int64              `json:"id"`
	Code              string             `json:"code"`
	Status            int64              `json:"status"`
	TransferredDate   Opt[Time]          `json:"transferredDate,omitzero" also:"dispatchedDate"`
	ReceivedDate      Opt[Time]          `json:"receivedDate,omitzero"`
	CreatedByID       int64              `json:"createdById"`
	CreatedByName     string             `json:"createdByName"`
	FromBranchID      int64              `json:"fromBranchId"`
	FromBranchName    string             `json:"fromBranchName"`
	ToBranchID        int64              `json:"toBranchId"`
	ToBranchName      string             `json:"toBranchName"`
	NoteBySource      Opt[string]        `json:"noteBySource,omitzero"` // description in the other shapes
	NoteByDestination Opt[string]        `json:"noteByDestination,omitzero"`
	Details           []TransferViewLine `json:"details"`
}

// TransferViewLine is a line of a [TransferView].
type TransferViewLine struct {
	ID                  int64       `json:"id"`
	ProductID           int64       `json:"productId"`
	ProductCode         string      `json:"productCode"`
	ProductName         string      `json:"productName"` // with attributes and unit
	TransferredQuantity Quantity    `json:"transferredQuantity"`
	ReceivedQuantity    Quantity    `json:"receivedQuantity" also:"receiveQuantity"` // 0 until received
	Price               Money       `json:"price" view:"cost"`
	TotalTransfer       Money       `json:"totalTransfer" view:"cost"` // price × what was sent
	TotalReceive        Money       `json:"totalReceive" view:"cost"`  // price × what was received
	SerialNumbers       Opt[string] `json:"serialNumbers,omitzero"`
	ReceivedSerials     Opt[string] `json:"receivedSerialNumbers,omitzero"`
	BatchID             Opt[int64]  `json:"productBatchExpireId,omitzero"`
}

// TransferResult is the response to a write of a transfer, written twice as a [CategoryAnswer] is.
type TransferResult struct {
	Transfer
	Message string    `json:"message"`
	Data    *Transfer `json:"data"`
}

// Transfer statuses (contract transfers, transferStatus).
const (
	TransferDraft    = 1
	TransferSent     = 2
	TransferReceived = 3
	TransferVoided   = 4
)

// TransferMoves are the statuses that a transfer may be put to from each status, beside staying what it is. Receiving
// and voiding end it.
var TransferMoves = map[int64][]int64{
	TransferDraft: {TransferSent, TransferReceived, TransferVoided},
	TransferSent:  {TransferReceived, TransferVoided},
}

// TransferStatusValue is the label of a transfer's status.
func TransferStatusValue(status int64) string {
	return map[int64]string{
		TransferDraft: "Phiếu tạm", TransferSent: "Đang chuyển", TransferReceived: "Đã nhận", TransferVoided: "Đã hủy",
	}[status]
}

// TransferInput creates a transfer or, member by member, changes one.
type TransferInput struct {
	FromBranchID      Opt[int64]          `json:"fromBranchId"`
	ToBranchID        Opt[int64]          `json:"toBranchId"`
	IsDraft           Opt[bool]           `json:"isDraft"`       // wins over the status
	Code              Opt[string]         `json:"code" max:"50"` // given out when blank
	Description       Opt[string]         `json:"description" alias:"noteBySource" max:"2000"`
	NoteByDestination Opt[string]         `json:"noteByDestination" max:"2000"` // ours
	Status            Opt[int64]          `json:"status"`
	TransferDetails   []TransferLineInput `json:"transferDetails" alias:"details"`
}

// Wants is the status that a request asks for; 0 when it leaves it open.
func (in *TransferInput) Wants() int64 {
	status := in.Status.Or(0)
	switch {
	case status != 0 && TransferStatusValue(status) == "": // to be refused
	case in.IsDraft.Or(false):
		return TransferDraft
	case in.IsDraft.Has() && status <= TransferDraft:
		return TransferSent
	}
	return status
}

// TransferUpdate changes a transfer.
type TransferUpdate struct {
	ByID
	TransferInput
}

// TransferLineInput is a line of a transfer in a request. Serial numbers and batches are ours: the documents have no
// word for them.
type TransferLineInput struct {
	ProductID            Opt[int64]    `json:"productId"` // wins over the code
	ProductCode          Opt[string]   `json:"productCode"`
	SendQuantity         Opt[Quantity] `json:"sendQuantity" alias:"transferredQuantity" places:"4"`
	RecivedQuantity      Opt[Quantity] `json:"recivedQuantity" places:"4"` // what has arrived: see Arrived
	ReceivedQuantity     Opt[Quantity] `json:"receivedQuantity" places:"4"`
	ReceiveQuantity      Opt[Quantity] `json:"receiveQuantity" places:"4"`
	RecieveQuantity      Opt[Quantity] `json:"recieveQuantity" places:"4"`
	Price                Opt[Money]    `json:"price"`
	SerialNumbers        Opt[string]   `json:"serialNumbers"`         // separated by commas
	ReceivedSerials      Opt[string]   `json:"receivedSerialNumbers"` // when not all of them arrived
	ProductBatchExpireID Opt[int64]    `json:"productBatchExpireId" alias:"batchExpireId"`
}

// Arrived returns the quantity that a line has received. A line that was read has 0 in several spellings as long as
// nothing has arrived, and a client that sends it back may set any of them: one that is not 0 is used. asRead reports that
// all are 0.
func (in *TransferLineInput) Arrived() (quantity Opt[Quantity], asRead bool) {
	given := 0
	for _, spelled := range []Opt[Quantity]{in.RecivedQuantity, in.ReceivedQuantity, in.ReceiveQuantity, in.RecieveQuantity} {
		if spelled.Or(0) != 0 {
			return spelled, false
		}
		if spelled.Has() {
			quantity, given = spelled, given+1
		}
	}
	return quantity, given > 1
}

// TransferQuery lists transfers. Dates are instants, both ends included.
type TransferQuery struct {
	Paging
	ToBranchIDs      []int64   `query:"toBranchIds" alias:"toBranchId"`
	FromBranchIDs    []int64   `query:"fromBranchIds" alias:"fromBranchId"`
	Status           []int64   `query:"status" words:"transfer"`
	FromReceivedDate Opt[Time] `query:"fromReceivedDate"`
	ToReceivedDate   Opt[Time] `query:"toReceivedDate" bare:"end"`
	FromTransferDate Opt[Time] `query:"fromTransferDate"`
	ToTransferDate   Opt[Time] `query:"toTransferDate" bare:"end"`
}
