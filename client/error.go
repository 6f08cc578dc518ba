package client

import (
	"fmt"
	"net/http"
	"strings"

	"github.com/taphoa/taphoa"
	"github.com/taphoa/taphoa/internal/wire"
)

// Error is a response that is not a success. Use errors.As:
//
//	if e := (*client.Error)(nil); errors.As(err, &e) && e.Field == "code" { … }
type Error struct {
	Status    int    // of HTTP; business refusals are 420
	Code      string // responseStatus.errorCode, such as KvValidateException; of a token request RFC 6749's error
	Field     string // the refused member, if one is named
	Message   string // for people; Vietnamese
	RequestID string // identifies the request in the server's log
	Items     []taphoa.FieldError
}

func (e *Error) Error() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%d %s", e.Status, e.Code)
	if e.Field != "" {
		b.WriteString(": " + e.Field)
	}
	b.WriteString(": " + e.Message)
	if e.RequestID != "" && e.Status >= http.StatusInternalServerError {
		b.WriteString(" (request " + e.RequestID + ")")
	}
	return b.String()
}

// refusal is the body of a refusal, of the API or of the token server (contract authentication).
type refusal struct {
	ResponseStatus struct {
		ErrorCode string              `json:"errorCode"`
		Message   string              `json:"message"`
		Errors    []taphoa.FieldError `json:"errors"`
	} `json:"responseStatus"`
	Message     string `json:"message"`
	Code        string `json:"error"`
	Description string `json:"error_description"`
}

const maxMessage = 500 // bytes of a body that is not a refusal, such as a proxy's page

func errorOf(r *http.Response, body []byte) *Error {
	e := &Error{Status: r.StatusCode, RequestID: r.Header.Get("X-Request-Id")}
	var decoded refusal
	if wire.DecodeResponse(body, &decoded) != nil {
		decoded = refusal{}
	}
	s := &decoded.ResponseStatus
	e.Code, e.Items = first(s.ErrorCode, decoded.Code, http.StatusText(r.StatusCode)), s.Errors
	e.Message = first(s.Message, decoded.Message, decoded.Description, strings.ToValidUTF8(string(body[:min(len(body), maxMessage)]), "…"))
	for _, item := range e.Items {
		if e.Field == "" {
			e.Field = item.Field
		}
	}
	return e
}

func first(texts ...string) string {
	for _, text := range texts {
		if text != "" {
			return text
		}
	}
	return ""
}
