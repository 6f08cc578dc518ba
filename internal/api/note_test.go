package api_test

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"strings"
	"testing"

	"github.com/taphoa/taphoa/internal/api"
	"github.com/taphoa/taphoa/internal/apitest"
	"github.com/taphoa/taphoa/internal/db"
	"github.com/taphoa/taphoa/internal/oauth"
	"github.com/taphoa/taphoa/internal/requestlog"
)

// TestTheLogOfRequestsSaysWhatClientsWereTold: refusals with their sentence, writes with their body, without secrets, of who is known.
func TestTheLogOfRequestsSaysWhatClientsWereTold(t *testing.T) {
	apitest.Each(t, func(t *testing.T, d *apitest.Server) {
		log := requestlog.New(d.DB, slog.New(slog.DiscardHandler))
		tokens, err := oauth.New(d.DB, oauth.Options{Refused: log.NoteToken})
		if err != nil {
			t.Fatal(err)
		}
		d.Handler = api.New(d.DB, tokens, api.Options{Requests: log})
		const secret = "mot-bi-mat-rat-dai-khong-duoc-luu"
		form := []string{"Content-Type", "application/x-www-form-urlencoded"}
		last := int64(0)
		for _, send := range []struct {
			method, target, body string
			headers              []string
			want                 string // status, operation, sentence; empty: nothing is noted
		}{
			{"POST", "/customers?x=1", `{"name":"Chị Tư"}`, nil, "200 createCustomer "},
			{"GET", "/branches", "", nil, ""}, // one of the 99 in a hundred
			{"GET", "/invoices/4711", "", nil, "420 getInvoiceById Hóa đơn không tồn tại"},
			{"GET", "/nosuch", "", nil, ""}, // before anyone knows who asks
			{"PUT", "/branches", "{}", nil, "405 none Phương thức"},
			{"GET", "/branches", "", []string{"Retailer", "khac"}, "401 none Shop's name is invalid"},
			{"GET", "/branches", "", []string{"Authorization", "Bearer x.y.z"}, ""},
			{"POST", "/webhooks", `{"Webhook":{"Type":"x","Url":"https://u:` + secret + `@x","Secret":"` + secret + `"}}`, nil, "420 registerWebhook "},
			{"POST", "/customers", `{"name":`, nil, "400 createCustomer "},
			{"POST", "/connect/token", "grant_type=client_credentials&client_id=" + d.Shop.ClientID + "&client_secret=" + secret, form, "400 token client_id hoặc"},
			{"POST", "/connect/token", "grant_type=client_credentials&client_id=" + strings.Replace(d.Shop.ClientID, "7a", "7b", 1) + "&client_secret=" + secret, form, ""},
		} {
			d.Send(send.method, send.target, send.body, send.headers...)
			ctx, cancel := context.WithCancel(t.Context())
			cancel()
			log.Run(ctx)
			var all []requestlog.Entry
			d.Read(func(tx *db.Tx) (err error) {
				all, err = requestlog.List(tx, requestlog.Filter{Limit: 1})
				return err
			})
			got, e := "", requestlog.Entry{}
			if len(all) > 0 && all[0].ID != last {
				e, last = all[0], all[0].ID
				got = fmt.Sprintf("%d %s %s", e.Status, e.Operation, e.Sentence)
			}
			if !strings.HasPrefix(got, send.want) || send.want == "" && got != "" {
				t.Errorf("%s %s is noted as %q instead of %q", send.method, send.target, got, send.want)
			}
			if got != "" && (e.ClientID != d.Shop.ClientID || e.RequestID == "" || e.Address == "" || strings.Contains(e.Body, secret) ||
				send.method == http.MethodPost && e.Operation != "token" && e.Body == "" || e.Path != send.target) {
				t.Errorf("%s %s is noted as %+v", send.method, send.target, e)
			}
		}
		d.Clock.Advance(86_400)
		d.Send("GET", "/branches", "")
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		log.Run(ctx)
		d.Read(func(tx *db.Tx) error {
			all, err := requestlog.List(tx, requestlog.Filter{RefusedOnly: true, Limit: 1})
			if len(all) != 1 || !strings.Contains(all[0].Sentence, "hết hạn") {
				t.Errorf("a token of yesterday is noted as %+v", all)
			}
			return err
		})
	})
}
