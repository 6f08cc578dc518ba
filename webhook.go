package taphoa

import (
	"net/url"
	"strconv"
	"strings"
)

// Webhook is a registration: one URL for one type of event (contract webhooks). Its secret and the user and password of
// its URL are never shown. The state of its delivery is ours.
type Webhook struct {
	ID           int64       `json:"id"`
	Type         string      `json:"type"`
	URL          string      `json:"url"`
	IsActive     bool        `json:"isActive"`
	RetailerID   int64       `json:"retailerId"`
	Description  Opt[string] `json:"description,omitzero"`
	ModifiedDate Opt[Time]   `json:"modifiedDate,omitzero"`
	CreatedDate  Time        `json:"createdDate"`

	StopReason      Opt[string] `json:"stopReason,omitzero"` // why deliveries were stopped; registering again or isActive revives it
	StoppedDate     Opt[Time]   `json:"stoppedDate,omitzero"`
	LastError       Opt[string] `json:"lastError,omitzero"` // of the first delivery that is refused
	Attempt         int64       `json:"attempt"`            // failed attempts of the first delivery that is refused
	NextAttemptDate Opt[Time]   `json:"nextAttemptDate,omitzero"`
	DeliveredSeq    int64       `json:"deliveredSeq"` // events up to this number are done with
	HeldUp          int64       `json:"heldUp"`       // deliveries that were refused, or wait for one that was refused with the same record

	OldSecretUntil Opt[Time] `json:"oldSecretUntil,omitzero"` // until when the secret before signs as well; ours

	Warnings []string `json:"warnings,omitzero"` // why nothing will be delivered to the URL just registered
}

// WebhookWrite is what a registration says.
type WebhookWrite struct {
	Type        Opt[string] `json:"Type" max:"100"`
	URL         Opt[string] `json:"Url" max:"2048"`
	IsActive    Opt[bool]   `json:"IsActive"`
	Description Opt[string] `json:"Description" max:"2000"`
	Secret      Opt[string] `json:"Secret" max:"500"`
	Events      []string    `json:"Events" alias:"EventType,EventTypes"` // what some clients send for Type; one registration has one type
}

// WebhookInput registers a URL, or changes what is given of a registration: under Webhook, or at the root (contract
// webhooks, conflict Registration body).
type WebhookInput struct {
	ID      int64         `path:"id"`
	Webhook *WebhookWrite `json:"Webhook"`
	WebhookWrite
}

// Validate brings the members together and checks what one registration can tell.
func (in *WebhookInput) Validate() error {
	if in.Webhook != nil {
		in.WebhookWrite = *in.Webhook
	}
	in.Type.Value = strings.ToLower(strings.TrimSpace(in.Type.Value))
	switch {
	case len(in.Events) > 0:
		return Refuse(CodeValidate, "Type", "Mỗi webhook chỉ nhận một loại sự kiện (Type): hãy đăng ký riêng từng loại thay cho danh sách")
	case in.Type.Given() && in.Type.Value == "":
		return Refuse(CodeValidate, "Type", "Loại sự kiện (Type) không được để trống")
	case in.Secret.Has() && strings.TrimSpace(in.Secret.Value) == "":
		in.Secret = Null[string]()
	}
	if !in.URL.Given() {
		return nil
	}
	in.URL.Value = strings.TrimSpace(in.URL.Value)
	u, err := url.Parse(in.URL.Value)
	switch { // no sentence repeats the URL: what seems to be its host may be a part of its password
	case in.URL.Value == "":
		return Refuse(CodeValidate, "Url", "Địa chỉ nhận (Url) không được để trống")
	case err == nil && !goodPort(u.Port()):
		return Refuse(CodeValidate, "Url", "Cổng của địa chỉ nhận (Url) không hợp lệ: dùng từ 1 đến 65535")
	case err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Hostname() == "" || strings.ContainsAny(in.URL.Value, " \t\r\n"),
		ambiguous(in.URL.Value, u):
		return Refuse(CodeValidate, "Url", "Địa chỉ nhận (Url) không hợp lệ: dùng địa chỉ đầy đủ bắt đầu bằng https:// hoặc http://, "+
			"trong tên và mật khẩu viết %s thay cho /, %s thay cho ?, %s thay cho #, %s thay cho @", "%2F", "%3F", "%23", "%40")
	}
	return nil
}

// ambiguous reports that what seems to be host and port may be a user and the digits before a / in a password.
func ambiguous(text string, u *url.URL) bool {
	return u.User == nil && u.Port() != "" && u.Hostname() != "localhost" && !strings.ContainsAny(u.Hostname(), ".:") &&
		strings.Contains(text, "@")
}

// goodPort reports whether there is such a port; without one the scheme has its own.
func goodPort(text string) bool {
	n, err := strconv.ParseUint(text, 10, 16)
	return text == "" || err == nil && n > 0
}

// WebhookOverlapMax is for how many hours, at most, two secrets of a registration sign.
const WebhookOverlapMax = 30 * 24

// WebhookSecretInput gives a registration a new secret (ours).
type WebhookSecretInput struct {
	ID           int64      `path:"id"`
	Secret       string     `json:"secret" max:"500"`
	OverlapHours Opt[int64] `json:"overlapHours"` // for how long the old one signs as well; absent or 0: it ends at once
}

// Validate checks the overlap, and that there is a secret.
func (in *WebhookSecretInput) Validate() error {
	if strings.TrimSpace(in.Secret) == "" {
		return Refuse(CodeValidate, "secret", "Hãy cho mã bí mật mới (secret), ví dụ 24 byte ngẫu nhiên dạng Base64")
	}
	if in.OverlapHours.Value < 0 || in.OverlapHours.Value > WebhookOverlapMax {
		return Refuse(CodeValidate, "overlapHours", "Thời gian dùng cả hai mã bí mật (overlapHours) phải từ 0 đến %d giờ", int64(WebhookOverlapMax))
	}
	return nil
}

// WebhookQuery lists registrations.
type WebhookQuery struct {
	Paging
	Type     string    `query:"type"`
	IsActive Opt[bool] `query:"isActive"`
}

// MessageWebhookRemoved is the response to an unregistration (contract webhooks, messages).
const MessageWebhookRemoved = "Hủy đăng ký webhook thành công"

// WebhookDelivery is one attempt to deliver events (ours).
type WebhookDelivery struct {
	ID         int64       `json:"id"`
	WebhookID  int64       `json:"webhookId"`
	Type       string      `json:"type"`
	URL        string      `json:"url"`
	DeliveryID string      `json:"deliveryId" db:"-"` // Id of the body, the same for all attempts
	FirstSeq   int64       `json:"firstSeq"`          // the events it carried
	LastSeq    int64       `json:"lastSeq"`
	Attempt    int64       `json:"attempt"`
	Outcome    string      `json:"outcome"` // delivered, failed (will be tried again), stopped, dead (given up)
	Status     Opt[int64]  `json:"status,omitzero"`
	Duration   int64       `json:"duration"` // microseconds
	Error      Opt[string] `json:"error,omitzero"`
	Answer     Opt[string] `json:"answer,omitzero"` // the first part of what came back
	At         Time        `json:"at"`
	Body       Opt[string] `json:"body,omitzero" db:"-"` // what was sent; of one delivery alone, while its events are kept
}

// Outcomes of a delivery.
const (
	DeliveryDone    = "delivered"
	DeliveryFailed  = "failed"
	DeliveryStopped = "stopped"
	DeliveryDead    = "dead"
)

// DeliveryQuery lists deliveries, the newest first.
type DeliveryQuery struct {
	Paging
	WebhookID int64     `path:"id" query:"webhookId"`
	Outcome   string    `query:"outcome"`
	From      Opt[Time] `query:"fromDate"`
	To        Opt[Time] `query:"toDate" bare:"end"`
}

// ReplayInput says from where a registration's events are to be delivered again: from a number, or from an instant.
type ReplayInput struct {
	ID       int64      `path:"id"`
	FromSeq  Opt[int64] `json:"fromSeq" alias:"fromSequence"`
	FromDate Opt[Time]  `json:"fromDate"`
}

// WebhookByDelivery names one delivery.
type WebhookByDelivery struct {
	ID int64 `path:"id"`
}
