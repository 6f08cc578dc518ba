package taphoa

import "github.com/go-json-experiment/json/jsontext"

// AuditEntry says who has changed what (ours).
type AuditEntry struct {
	Number       int64         `json:"number"` // 1, 2, 3 … in the order of the changes
	At           Time          `json:"at"`
	UserID       int64         `json:"userId,omitzero"` // absent: a command, or a person who is not known
	UserName     string        `json:"userName,omitzero"`
	GivenName    string        `json:"givenName,omitzero"`
	ApproverID   int64         `json:"approverId,omitzero"` // who has allowed it
	ApproverName string        `json:"approverName,omitzero"`
	ClientID     string        `json:"clientId,omitzero"` // absent: the desk, or a command
	ClientName   string        `json:"clientName,omitzero"`
	Address      string        `json:"address,omitzero"` // IP address
	RequestID    string        `json:"requestId,omitzero"`
	Operation    string        `json:"operation"`
	Resource     string        `json:"resource,omitzero"` // what the record is: the first part of its path, such as customers
	RecordID     int64         `json:"recordId,omitzero"` // absent: none, or several
	Record       string        `json:"record,omitzero"`   // its code or name
	FirstEvent   int64         `json:"firstEvent,omitzero"`
	LastEvent    int64         `json:"lastEvent,omitzero"`
	Changes      []AuditChange `json:"changes,omitzero"` // of documents there are events instead
	Hash         string        `json:"hash,omitzero"`    // of the entry and the one before: SHA-256 in base64; not for who may not see all members
}

// AuditChange is a member with its values; null where there was none, or is none. Long values are cut.
type AuditChange struct {
	Member string         `json:"member"`
	Before jsontext.Value `json:"before"`
	After  jsontext.Value `json:"after"`
}

// AuditPage is a part of the audit log, the newest entry first.
type AuditPage struct {
	Data   []AuditEntry `json:"data"`
	Next   Opt[int64]   `json:"next,omitzero"` // what to ask before next; absent at the end
	Last   int64        `json:"last"`          // the number of the newest entry
	Oldest int64        `json:"oldest"`        // the number of the oldest entry that is kept
}

// AuditQuery asks for entries of the audit log (ours).
type AuditQuery struct {
	Before    Opt[int64] `query:"before"` // entries below this number
	Limit     int64      `query:"limit"`
	FromDate  Opt[Time]  `query:"fromDate"`
	ToDate    Opt[Time]  `query:"toDate" bare:"end"` // inclusive
	UserID    int64      `query:"userId"`            // who has done or allowed it
	ClientID  string     `query:"clientId"`
	Operation string     `query:"operation"`
	Resource  string     `query:"resource"`
	RecordID  int64      `query:"recordId"` // of the resource
	Text      string     `query:"text"`     // in the record's code or name, or in its changes; marks and letter case do not matter
}

// AuditLimits bound a part of the audit log.
const (
	AuditLimit    = 50
	AuditLimitMax = 500
)

// Validate fills in the limit and checks the numbers.
func (q *AuditQuery) Validate() error {
	if q.Before.Or(1) < 1 {
		return Refuse(CodeValidate, "before", "Số thứ tự (before) phải từ 1 trở lên")
	}
	if q.RecordID != 0 && q.Resource == "" {
		return Refuse(CodeValidate, "resource", "Hãy gửi kèm loại bản ghi (resource), chẳng hạn customers: bản ghi khác loại có thể cùng số (recordId)")
	}
	if q.Limit <= 0 {
		q.Limit = AuditLimit
	}
	q.Limit = min(q.Limit, AuditLimitMax)
	return nil
}
