package taphoa

import (
	"fmt"
	"slices"
)

// ErrorKind is the kind of an [Error]; package api maps it to an HTTP status.
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
	KindMisdirected                   // the request is for another host: 421
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
	CodeEventsGone    = "EventsGone" // ours: the feed no longer has the events after a client's number
)

// Error is a refusal that a person can act on: its Message is a Vietnamese sentence that names the field or the rule.
type Error struct {
	Kind    ErrorKind
	Code    string       // responseStatus.errorCode; empty means CodeValidate
	Field   string       // the member at fault, if one is
	Message string       // Vietnamese, for the caller's user
	Items   []FieldError // further faults, when an input has several

	format string // what Message was made from, for other languages
	args   []any
}

// Term is a word of ours in a refusal, such as what the staff call a field, which other languages have a word for.
type Term string

// Sensitive is an argument of a refusal that not every reader may see: it is withheld from those from whom members with such a tag
// view are hidden.
type Sensitive struct {
	View  string // as the tag has it: "debt", or "purchase,debt" when it takes the rights to see both
	Value any
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
	return newError(KindRefused, code, field, format, args)
}

// NotFound is a [KindNotFound] error with the envelope's code and a sentence.
func NotFound(code, format string, args ...any) *Error {
	return newError(KindNotFound, code, "", format, args)
}

// Unreadable is a [KindUnreadable] error that names the member at fault.
func Unreadable(field, format string, args ...any) *Error {
	return newError(KindUnreadable, CodeValidate, field, format, args)
}

func newError(kind ErrorKind, code, field, format string, args []any) *Error {
	e := &Error{Kind: kind, Code: code, Field: field, format: format, args: args}
	e.Message = e.In(sprintf)
	return e
}

// About is the error as a part of a longer sentence, whose last argument it becomes, about another member.
func (e *Error) About(field, format string, args ...any) *Error {
	whole := newError(e.Kind, e.Code, field, format, append(args[:len(args):len(args)], e))
	whole.Items = e.Items
	return whole
}

// In is the Message in another language: say is fmt.Sprintf with translated formats. A Message that was not created by
// [Refuse], [NotFound] or [Unreadable] stays as it is.
func (e *Error) In(say func(format string, args ...any) string) string {
	if e.format == "" {
		return e.Message
	}
	args := make([]any, len(e.args))
	for i, arg := range e.args {
		switch arg := arg.(type) {
		case Term:
			args[i] = say(string(arg))
		case *Error:
			args[i] = arg.In(say)
		case Sensitive:
			args[i] = arg.Value
		default:
			args[i] = arg
		}
	}
	return say(e.format, args...)
}

// Withhold is the error for a reader from whom hides says that some kinds of members are hidden: dots stand for what they tell.
func (e *Error) Withhold(hides func(view string) bool) *Error {
	args, withheld := slices.Clone(e.args), false
	for i, arg := range args {
		switch arg := arg.(type) {
		case *Error:
			part := arg.Withhold(hides)
			args[i], withheld = part, withheld || part != arg
		case Sensitive:
			if hides(arg.View) {
				args[i], withheld = "•••", true
			}
		}
	}
	if !withheld {
		return e
	}
	less := *e
	less.args = args
	less.Message = less.In(sprintf)
	return &less
}

func sprintf(format string, args ...any) string {
	if len(args) == 0 {
		return format
	}
	return fmt.Sprintf(format, args...)
}
