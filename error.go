package taphoa

import "fmt"

// ErrorKind says what sort of refusal an [Error] is; the door turns it into an HTTP status.
type ErrorKind uint8

// The kinds of error.
const (
	KindInternal     ErrorKind = iota // our fault: 500, the text is for the log alone
	KindUnreadable                    // the request cannot be parsed: 400
	KindRefused                       // a business rule or a value forbids it: 420
	KindNotFound                      // no such record in this shop: 420
	KindUnauthorized                  // no, wrong or expired token: 401
	KindForbidden                     // the token lacks a scope: 403
	KindNoRoute                       // unknown path: 404
	KindLimited                       // too many requests: 429
	KindTooLarge                      // the body is too large: 413
	KindMethod                        // the path has no such method: 405
	KindStale                         // the record is no longer what the caller has seen: 412
)

// Error codes of the vendor's envelope, responseStatus.errorCode (contract observed-behaviour, section 3).
const (
	CodeToken         = "TokenException"
	CodeBusiness      = "KvException"
	CodeValidate      = "KvValidateException"
	CodeProduct       = "KvValidateProductException"
	CodeInvoice       = "KvValidateInvoiceException"
	CodeOrder         = "KvValidateOrderException"
	CodePurchase      = "KvValidatePurchaseOrderException"
	CodeCustomer      = "KvValidateCustomerException"
	CodeRateLimited   = "RateLimited"
	CodeInternalError = "InternalError"
	CodeEventsGone    = "EventsGone" // ours: the feed of events does not reach where a client stands
)

// Error is a refusal that a person can act on: its Message is a Vietnamese sentence that names the field or the rule.
type Error struct {
	Kind    ErrorKind
	Code    string       // responseStatus.errorCode; empty means CodeValidate
	Field   string       // the member at fault, if one is
	Message string       // Vietnamese, for the caller's user
	Items   []FieldError // further faults, when an input has several
}

// FieldError is one fault of an input (responseStatus.errors[]).
type FieldError struct {
	Code    string `json:"errorCode,omitzero"`
	Field   string `json:"fieldName,omitzero"`
	Message string `json:"message,omitzero"`
}

func (e *Error) Error() string {
	if e.Field != "" {
		return e.Field + ": " + e.Message
	}
	return e.Message
}

// Refuse is a [KindRefused] error with the envelope's code, the member at fault ("" for none) and a sentence.
func Refuse(code, field, format string, args ...any) *Error {
	return &Error{Kind: KindRefused, Code: code, Field: field, Message: sprintf(format, args)}
}

// NotFound is a [KindNotFound] error with the envelope's code and a sentence.
func NotFound(code, format string, args ...any) *Error {
	return &Error{Kind: KindNotFound, Code: code, Message: sprintf(format, args)}
}

// Unreadable is a [KindUnreadable] error that names the member at fault.
func Unreadable(field, format string, args ...any) *Error {
	return &Error{Kind: KindUnreadable, Code: CodeValidate, Field: field, Message: sprintf(format, args)}
}

func sprintf(format string, args []any) string {
	if len(args) == 0 {
		return format
	}
	return fmt.Sprintf(format, args...)
}
