package openapi

// intro is the document's first page.
const intro = `Taphoa speaks the KiotViet Public API; what it adds has ` + "`x-taphoa-origin: taphoa`" + `.

Get a token with ` + "`POST /connect/token`" + `, then send ` + "`Authorization: Bearer …`" + ` and the shop's name as ` + "`Retailer`" + `.

Requests are taken leniently: names in any letter case, numbers in quotes, 1 and 0 for booleans, lists in six spellings,
forms instead of JSON, unknown members. Answers are exact: members without a value are left out. Refusals are 420 with
a Vietnamese sentence that says what to do.

Amounts and quantities have up to four decimal places. Times are Vietnam's, without a zone; requests may also give a date
alone, dd/MM/yyyy, a zone (Z, +07:00) or /Date(milliseconds)/.

Writes take an ` + "`Idempotency-Key`" + `: the same request with the same key is done once and answered alike for a day. Answers
of GET have an ` + "`ETag`" + `; with ` + "`If-None-Match`" + ` what has not changed is 304, with ` + "`If-Match`" + ` a write is refused with 412 if
the record has changed. Bodies may be gzip in both directions.`

var text = object{{"type", "string"}}

// sharedParameters returns the parameters of many operations.
func (d *document) sharedParameters() object {
	return object{
		{"Idempotency-Key", object{
			{"name", "Idempotency-Key"},
			{"in", "header"},
			{"schema", object{{"type", "string"}, {"minLength", 1}, {"maxLength", 255}}},
			{"description", d.translate(idempotency)},
			{"x-taphoa-origin", "taphoa"},
		}},
		{"Taphoa-Dry-Run", object{
			{"name", "Taphoa-Dry-Run"},
			{"in", "header"},
			{"schema", object{{"type", "boolean"}}},
			{"description", d.translate(dryRun)},
			{"x-taphoa-origin", "taphoa"},
		}},
		{"If-Match", object{
			{"name", "If-Match"},
			{"in", "header"},
			{"schema", text},
			{"description", d.translate("The ETag that GET at the same address has answered: 412 if it would answer another one now.")},
			{"x-taphoa-origin", "taphoa"},
		}},
		{"If-None-Match", object{
			{"name", "If-None-Match"},
			{"in", "header"},
			{"schema", text},
			{"description", d.translate("The ETag of the answer that the caller has: 304 without a body if it is still the same, but for a page's timestamp.")},
			{"x-taphoa-origin", "taphoa"},
		}},
	}
}

const idempotency = "A name for this request, new for each, such as a UUID. Sent again with the same key, the request is not carried out " +
	"again but answered as before, for 24 hours at least; another request with the key is refused with 420. Refusals are not kept."

const dryRun = "`true`: carry the request out, answer it, and take everything back. Nothing is stored, no code is used up and nobody is " +
	"told. Codes and ids in the answer are not reserved. An `Idempotency-Key` beside it is ignored."

// headers are those of responses.
var headers = []struct {
	name   string
	schema object
	about  string
}{
	{"ETag", text, "Names what the answer says, without a page's timestamp."},
	{"Idempotency-Replayed", object{{"type", "string"}, {"enum", []string{"true"}}}, "The answer is that of an earlier request with the same key."},
	{"Taphoa-Dry-Run", object{{"type", "string"}, {"enum", []string{"true"}}}, "The request was a dry run: nothing is stored."},
	{"Retry-After", object{{"type", "integer"}}, "Seconds to wait."},
	{"X-RateLimit-Limit", object{{"type", "integer"}}, "GET requests a clock hour."},
	{"X-RateLimit-Remaining", object{{"type", "integer"}}, "How many of them are left."},
	{"X-RateLimit-Reset", object{{"type", "integer"}}, "When the hour ends: seconds since 1970."},
}

// limitsFrom is the index of the first header about limits.
const limitsFrom = 3

func (d *document) sharedHeaders() object {
	var all object
	for _, h := range headers {
		all = append(all, member{h.name, object{{"schema", h.schema}, {"description", d.translate(h.about)}}})
	}
	return all
}

// refusalResponses are the refusals that any operation may return.
var refusalResponses = []struct{ status, name, about string }{
	{"400", "Unreadable", "The request cannot be read; the sentence names the member."},
	{"401", "Unauthorized", "No token, or one that has ended, or another shop's."},
	{"403", "Forbidden", "The token lacks the operation's scope."},
	{"412", "Stale", "The record is no longer what If-Match says."},
	{"420", "Refused", "A business rule or a value forbids it, or there is no such record in the shop. The sentence is Vietnamese."},
	{"429", "Limited", "Too much of the caller is waiting at once: requests, large bodies or streams; or too many GET requests this hour, where the server keeps the vendor's limits."},
	{"503", "Unavailable", "The database is away or cannot store anything, the request took too long, or the server stops: send it again later."},
	{"default", "Failed", "Any other refusal, such as 413 for a body of more than 4 MB."},
}

func (d *document) refusals(schema object) object {
	var all object
	for _, r := range refusalResponses {
		response := object{{"description", d.translate(r.about)}}
		if last := map[string]int{"Limited": len(headers), "Unavailable": limitsFrom + 1}[r.name]; last > 0 {
			var list object
			for _, h := range headers[limitsFrom:last] {
				list = append(list, member{h.name, ref("headers", h.name)})
			}
			response = append(response, member{"headers", list})
		}
		all = append(all, member{r.name, append(response, member{"content", content(schema, nil)})})
	}
	return all
}
