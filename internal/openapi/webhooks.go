package openapi

import (
	"fmt"
	"reflect"
	"strings"

	"github.com/go-json-experiment/json/jsontext"
)

// Event is a type of event for which webhooks can be registered.
type Event struct {
	Type       string
	Ours       bool         // not in the vendor's documents
	Item       reflect.Type // of Data: an int64 is the id of a deleted record
	PascalCase bool         // Item is a type of responses, whose names are converted to PascalCase
	RemoveIDs  bool         // the items are repeated in RemoveId
}

// Snippet is a function that checks a signature.
type Snippet struct {
	Language string // its name
	Syntax   string // its name in Markdown
	Code     string
}

// registerWebhook is the operation whose description has the examples.
const registerWebhook = "registerWebhook"

// signatureNote describes X-Hub-Signature.
const signatureNote = "With a `Secret`, `X-Hub-Signature` is `sha1=` and the HMAC-SHA256 of the body's bytes as they came, in hexadecimal. " +
	"The key is the registered text **as it is: do not decode it**, even if it is Base64. The prefix is a setting of the shop " +
	"(`sha1=`, `sha256=` or none); the hash is SHA-256 in any case."

const standardNote = "`Webhook-Id`, `Webhook-Timestamp` and `Webhook-Signature` are those of the Standard Webhooks (standardwebhooks.com), " +
	"whose key is what the text encodes in Base64, or the text itself."

const responseRules = "Answer 2xx within 5 seconds. After 400, 401, 403, 404 or 405 the webhook stops; any other answer is tried again later, " +
	"with the same `Id`, so that a receiver can tell."

// verification returns how to check a signature, with an example in each language.
func (d *document) verification() string {
	lines := []string{d.translate(signatureNote)}
	for _, s := range d.verify {
		lines = append(lines, fmt.Sprintf("**%s**\n\n```%s\n%s\n```", s.Language, s.Syntax, strings.TrimSpace(s.Code)))
	}
	return strings.Join(append(lines, d.translate(standardNote)), "\n\n")
}

// webhooks returns the delivery of each type of event.
func (d *document) webhooks(events []Event) any {
	var all object
	for i := range events {
		e := &events[i]
		all = append(all, member{e.Type, object{{"post", d.delivery(e)}}})
	}
	if all == nil {
		return nil
	}
	return all
}

func (d *document) delivery(e *Event) object {
	origin := "vendor"
	lines := []string{d.translate(responseRules), d.verification()}
	if e.Ours {
		origin = "taphoa"
		lines = append([]string{d.translate("Not in the vendor's documents.")}, lines...)
	}
	return object{
		{"operationId", e.Type},
		{"tags", []string{"webhooks"}},
		{"summary", d.title(e.Type)},
		{"description", strings.Join(lines, "\n\n")},
		{"x-taphoa-origin", origin},
		{"parameters", []object{
			d.webhookHeader("X-Hub-Signature", "The signature, if the registration has a Secret."),
			d.webhookHeader("Webhook-Id", "The Id of the body."),
			d.webhookHeader("Webhook-Timestamp", "When it was sent: seconds since 1970."),
			d.webhookHeader("Webhook-Signature", "The signature of the Standard Webhooks, if the registration has a Secret."),
		}},
		{"requestBody", object{{"required", true}, {"content", content(d.payload(e), d.sample(e))}}},
		{"responses", object{
			{"2XX", object{{"description", d.translate("Received.")}}},
			{"default", object{{"description", d.translate("Not received.")}}},
		}},
	}
}

func (d *document) webhookHeader(name, about string) object {
	return object{{"name", name}, {"in", "header"}, {"schema", text}, {"description", d.translate(about)}}
}

// payload returns the schema of a delivery's body.
func (d *document) payload(e *Event) object {
	w := response
	if e.PascalCase {
		w = event
	}
	data := object{{"type", "array"}, {"items", d.schemas.of(e.Item, w)}}
	notification := object{
		{"type", "object"},
		{"properties", object{
			{"Action", object{{"type", "string"}, {"description", d.translate("The type of the event, a dot and the shop's number; a shop's setting leaves the number out.")}}},
			{"Data", withDescription(data, d.translate("The records, as they are after the change; of deleted ones the ids."))},
		}},
		{"required", []string{"Action", "Data"}},
	}
	properties := object{
		{"Id", object{{"type", "string"}, {"format", "uuid"}, {"description", d.translate("Names the delivery; the same when it is tried again.")}}},
		{"Attempt", object{{"type", "integer"}, {"description", d.translate("1 at the first try.")}}},
		{"Notifications", object{{"type", "array"}, {"items", notification}, {"description", d.translate("What happened: one notification.")}}},
	}
	if e.RemoveIDs {
		properties = append(properties, member{"RemoveId", withDescription(data, d.translate("The ids again, where some clients look for them."))})
	}
	return object{{"type", "object"}, {"properties", properties}, {"required", []string{"Id", "Attempt", "Notifications"}}}
}

// sample returns an example of a delivery's body.
func (d *document) sample(e *Event) jsontext.Value {
	data := d.about.Events[e.Type]
	if data == nil {
		return nil
	}
	removeIDs := ""
	if e.RemoveIDs {
		removeIDs = `,"RemoveId":` + string(data)
	}
	return jsontext.Value(`{"Id":"5c0f8a34-8c1e-5d0e-9c4b-0f4d2f6f7a11","Attempt":1,"Notifications":[{"Action":"` + e.Type + `.1","Data":` +
		string(data) + `}]` + removeIDs + `}`)
}
