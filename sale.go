package taphoa

// DetailInput is a line of an order or invoice in a request.
type DetailInput struct {
	ProductID            Opt[int64]    `json:"productId"` // takes precedence over the code
	ProductCode          Opt[string]   `json:"productCode"`
	IsMaster             Opt[bool]     `json:"isMaster"`
	Quantity             Opt[Quantity] `json:"quantity" places:"4"`
	Price                Opt[Money]    `json:"price"`    // the product's base price when absent
	Discount             Opt[Money]    `json:"discount"` // per unit; takes precedence over the ratio
	DiscountRatio        Opt[Percent]  `json:"discountRatio"`
	Note                 Opt[string]   `json:"note" max:"2000"`
	SerialNumbers        Opt[string]   `json:"serialNumbers"` // separated by commas
	ProductBatchExpireID Opt[int64]    `json:"productBatchExpireId" alias:"batchExpireId"`
	ProductBatchExpire   *BatchRef     `json:"productBatchExpire"` // as responses show it
	Taxes                []TaxWrite    `json:"invoiceDetailTaxs" alias:"orderDetailTaxs,returnDetailTaxs"`
}

// Batch returns the batch that the line names.
func (d *DetailInput) Batch() Opt[int64] {
	if d.ProductBatchExpire != nil && d.ProductBatchExpireID.Or(0) == 0 {
		return SomeIf(d.ProductBatchExpire.ID)
	}
	return d.ProductBatchExpireID
}

// BatchRef names a batch.
type BatchRef struct {
	ID int64 `json:"id"`
}

// TaxWrite names a tax rate of [Taxes]. What a line was read with comes back beside it: where prices contain their tax,
// responses show a line's price before tax and here after it, while requests name it after tax.
type TaxWrite struct {
	TaxID            int64      `json:"taxId"`
	PriceAfterTax    Opt[Money] `json:"priceAfterTax"`
	DiscountAfterTax Opt[Money] `json:"discountAfterTax"`
}

// PaymentInput is one of several payments of an order or invoice in a request. The documents know only vouchers here.
type PaymentInput struct {
	ID                Opt[int64]  `json:"id"` // of a payment that exists and is sent back as it was read; -1 is none
	Method            string      `json:"method"`
	MethodStr         string      `json:"methodStr"`
	Amount            Money       `json:"amount"`
	AccountID         Opt[int64]  `json:"accountId"`
	VoucherID         Opt[int64]  `json:"voucherId"`
	VoucherCampaignID Opt[int64]  `json:"voucherCampaignId"`
	Description       Opt[string] `json:"description"`
	TransDate         Opt[Time]   `json:"transDate"` // ours: when the money moved, else the date of the document, but no later than now
}

// Booked reports whether the payment exists already.
func (p *PaymentInput) Booked() bool { return p.ID.Or(0) > 0 }

// DocumentSurcharge is a surcharge of an order or invoice (contract orders, InvoiceOrderSurcharge).
type DocumentSurcharge struct {
	ID            int64      `json:"id"`
	InvoiceID     Opt[int64] `json:"invoiceId,omitzero"`
	SurchargeID   Opt[int64] `json:"surchargeId,omitzero"`
	SurchargeName string     `json:"surchargeName"`
	SurValue      Opt[Money] `json:"surValue,omitzero"` // as configured
	Price         Money      `json:"price"`             // as charged
	CreatedDate   Time       `json:"createdDate"`
}

// Delivery is how an order or invoice reaches its customer (contract invoices, InvoiceDelivery). Orders show no status.
type Delivery struct {
	DeliveryCode      Opt[string]      `json:"deliveryCode,omitzero"`
	Type              Opt[int64]       `json:"type,omitzero"`
	Status            Opt[int64]       `json:"status,omitzero"`
	StatusValue       Opt[string]      `json:"statusValue,omitzero" db:"-"`
	Price             Opt[Money]       `json:"price,omitzero"` // the delivery fee
	Receiver          Opt[string]      `json:"receiver,omitzero"`
	ContactNumber     Opt[string]      `json:"contactNumber,omitzero"`
	Address           Opt[string]      `json:"address,omitzero"`
	LocationID        Opt[int64]       `json:"locationId,omitzero"`
	LocationName      Opt[string]      `json:"locationName,omitzero"`
	WardName          Opt[string]      `json:"wardName,omitzero"`
	UsingPriceCod     bool             `json:"usingPriceCod"`
	PriceCodPayment   Opt[Money]       `json:"priceCodPayment,omitzero"` // to collect on delivery
	Weight            Opt[Quantity]    `json:"weight,omitzero"`
	Length            Opt[Quantity]    `json:"length,omitzero"`
	Width             Opt[Quantity]    `json:"width,omitzero"`
	Height            Opt[Quantity]    `json:"height,omitzero"`
	PartnerDeliveryID Opt[int64]       `json:"partnerDeliveryId,omitzero"`
	PartnerDelivery   *PartnerDelivery `json:"partnerDelivery,omitzero"`
	ExpectedDelivery  Opt[Time]        `json:"expectedDelivery,omitzero"`
	SaleChannel       *SaleChannelInfo `json:"SaleChannel,omitzero"` // where the invoice detail prints it
}

// DeliveryInput sets a delivery or, member by member, changes it.
type DeliveryInput struct {
	DeliveryCode      Opt[string]      `json:"deliveryCode" max:"255"`
	Type              Opt[int64]       `json:"type" max:"255"`
	Status            Opt[int64]       `json:"status" max:"255"`
	Price             Opt[Money]       `json:"price"`
	Receiver          Opt[string]      `json:"receiver" max:"255"`
	ContactNumber     Opt[string]      `json:"contactNumber" max:"255"`
	Address           Opt[string]      `json:"address" max:"1000"`
	LocationID        Opt[int64]       `json:"locationId"`
	LocationName      Opt[string]      `json:"locationName" max:"255"`
	WardName          Opt[string]      `json:"wardName" max:"255"`
	UsingPriceCod     Opt[bool]        `json:"usingPriceCod"`
	PriceCodPayment   Opt[Money]       `json:"priceCodPayment"`
	Weight            Opt[Quantity]    `json:"weight"`
	Length            Opt[Quantity]    `json:"length"`
	Width             Opt[Quantity]    `json:"width"`
	Height            Opt[Quantity]    `json:"height"`
	PartnerDeliveryID Opt[int64]       `json:"partnerDeliveryId"`
	PartnerDelivery   *PartnerDelivery `json:"partnerDelivery"`
	ExpectedDelivery  Opt[Time]        `json:"expectedDelivery"`
	Surcharges        []SurchargeWrite `json:"surchages" alias:"surcharges"` // the documents have them here, by a mistake
	Payments          []PaymentInput   `json:"payments"`                     // as above
}

// Delivery statuses (contract invoices, deliveryStatus).
const (
	DeliveryWaiting        = 1
	DeliveryUnderWay       = 2
	DeliveryDelivered      = 3
	DeliveryReturning      = 4
	DeliveryReturned       = 5
	DeliveryCancelled      = 6
	DeliveryPickingUp      = 7
	DeliveryToPickUpAgain  = 8
	DeliveryPickedUp       = 9
	DeliveryToDeliverAgain = 10
	DeliveryToReturn       = 11
	DeliveryToReturnAgain  = 12
)

var deliveryStatusValues = [...]string{
	1: "Chờ xử lý", 2: "Đang giao hàng", 3: "Giao thành công", 4: "Đang chuyển hoàn", 5: "Đã chuyển hoàn", 6: "Đã hủy",
	7: "Đang lấy hàng", 8: "Chờ lấy lại", 9: "Đã lấy hàng", 10: "Chờ giao lại", 11: "Chờ chuyển hàng", 12: "Chờ chuyển hoàn lại",
}

// DeliveryStatusValue is the label of a delivery's status; empty for one that does not exist.
func DeliveryStatusValue(status int64) string {
	if status < 1 || status >= int64(len(deliveryStatusValues)) {
		return ""
	}
	return deliveryStatusValues[status]
}
