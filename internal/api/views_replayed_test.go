package api_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/taphoa/taphoa/internal/api"
	"github.com/taphoa/taphoa/internal/apitest"
	"github.com/taphoa/taphoa/internal/dbtest"
	"github.com/taphoa/taphoa/internal/message"
	"github.com/taphoa/taphoa/internal/oauth"
	"github.com/taphoa/taphoa/internal/right"
)

// TestAReplayedAnswerIsForItsReaderAlone: what an answer told who sent a write first is told neither to who sends it again under
// the same key, nor to the same person with fewer rights. Nothing is done twice.
func TestAReplayedAnswerIsForItsReaderAlone(t *testing.T) {
	for _, engine := range dbtest.Engines {
		t.Run(engine, func(t *testing.T) {
			t.Parallel()
			var held *right.Held
			d := apitest.SeededWith(t, engine, api.Options{Held: func(oauth.Identity) *right.Held { return held }})
			hold := func(user int64, rights ...right.Right) *right.Held {
				return right.Hold(user, right.Grant{Set: right.Of(append(rights, right.SeeProducts, right.ChangeProducts, right.CreateStockTakes)...)})
			}
			send := func(who *right.Held, key, name string) apitest.Answer {
				held = who
				return d.Send(http.MethodPost, "/products", fillIn(d, `{"name":"`+name+`","inventories":[{"branchId":{branch:CN1},"onHand":1}]}`), keyHeader, key)
			}
			owner, lan, lanBlind, minh := (*right.Held)(nil), hold(2, right.SeeCost), hold(2), hold(3, right.SeeCost)
			retired := right.Hold(2, right.Grant{Set: right.Of(right.SeeProducts)})
			whole := right.Hold(1, right.Grant{Set: right.All}) // by a role what the owner is without
			for key, story := range map[string]struct {
				first, then *right.Held
				shown       bool   // what the first one is
				status      int    // of what the second one gets
				words       string // and a part of it
			}{
				"the owner, then a person":      {owner, lanBlind, true, 420, "bởi người khác"},
				"a person, then another":        {lan, minh, true, 420, "bởi người khác"},
				"a person who lost the right":   {lan, lanBlind, true, 420, "quyền khác"},
				"a person who got the right":    {lanBlind, lan, false, 420, "quyền khác"},
				"a person, then the owner":      {lanBlind, owner, false, 420, "bởi người khác"},
				"a person who may not any more": {lan, retired, true, http.StatusForbidden, right.ChangeProducts.Title()},
				"the same, blind":               {lanBlind, hold(2), false, http.StatusOK, `"inventories"`},
				"the same, seeing":              {lan, hold(2, right.SeeCost), true, http.StatusOK, `"cost":`},
				"two who may do everything":     {owner, whole, true, http.StatusOK, `"cost":`},
			} {
				first := send(story.first, key, key)
				if first.Status != http.StatusOK || strings.Contains(string(first.Body), `"cost":`) != story.shown {
					t.Fatalf("%s: first %d %s", key, first.Status, first.Body)
				}
				before := d.Digest(d.Shop)
				again := send(story.then, key, key)
				if again.Status != story.status || !strings.Contains(string(again.Body), story.words) || again.Status != http.StatusOK && strings.Contains(string(again.Body), `"cost":`) {
					t.Errorf("%s: then %d %s", key, again.Status, again.Body)
				}
				if replayed := again.Header.Get("Idempotency-Replayed"); (replayed == "true") != (again.Status == http.StatusOK) {
					t.Errorf("%s: Idempotency-Replayed is %q", key, replayed)
				}
				other := send(story.then, key, key+" khác")
				if sentence, _ := other.Refusal(); other.Status == http.StatusOK || story.status != http.StatusForbidden && !strings.Contains(sentence, "một yêu cầu khác") {
					t.Errorf("%s: another request under the key gets %d %s", key, other.Status, other.Body)
				}
				if differs := before.Differs(d.Digest(d.Shop)); differs != nil {
					t.Errorf("%s: the second request has changed %s", key, differs)
				}
			}
		})
	}
}

// TestARefusalIsWithoutWhatIsHidden, in both languages.
func TestARefusalIsWithoutWhatIsHidden(t *testing.T) {
	for _, engine := range dbtest.Engines {
		t.Run(engine, func(t *testing.T) {
			t.Parallel()
			var held *right.Held
			d := apitest.SeededWith(t, engine, api.Options{Held: func(oauth.Identity) *right.Held { return held }})
			for _, body := range []string{
				`POST /customers {"code":"KH-MUON","name":"Chị Mượn","debtLimit":50000,"debtLimitPolicy":"refuse"}`,
				`POST /customers {"code":"KH-NHAC","name":"Anh Nhắc","debtLimit":50000,"debtLimitPolicy":"warn"}`,
				`POST /debtadjustments {"partnerType":"C","partnerId":{customer:KH-MUON},"debt":43210}`,
				`POST /debtadjustments {"partnerType":"C","partnerId":{customer:KH-NHAC},"debt":43210}`,
				`POST /purchaseorders {"branchId":{branch:CN1},"supplierId":{supplier:NCC-TRA},"purchaseOrderDetails":[{"productCode":"TRA","quantity":1,"price":43210}]}`,
			} {
				method, rest, _ := strings.Cut(fillIn(d, body), " ")
				path, body, _ := strings.Cut(rest, " ")
				if a := d.Send(method, path, body); a.Status != http.StatusOK {
					t.Fatalf("%s: %d %s", path, a.Status, a.Body)
				}
			}
			without := func(lacks ...right.Right) *right.Held { return right.Hold(2, right.Grant{Set: allBut(lacks...)}) }
			for _, story := range []struct{ lacks, request, told, withheld string }{
				{"debt", `POST /invoices {"branchId":{branch:CN1},"customerId":{customer:KH-MUON},"invoiceDetails":[{"productCode":"GOI","quantity":1,"price":90000}]}`, "133", "sẽ nợ vượt hạn mức nợ"},
				{"debt", `POST /invoices {"branchId":{branch:CN1},"customerId":{customer:KH-NHAC},"invoiceDetails":[{"productCode":"GOI","quantity":1,"price":90000}]}`, "133", "nợ vượt hạn mức nợ (debtLimit)"},
				{"debt", `DELETE /customers/{customer:KH-MUON}`, "43", "còn công nợ nên không thể xóa"},
				{"purchase", `POST /payments {"purchaseOrderId":{purchase:PN000001},"amount":990000}`, "43", "còn nợ ít hơn 990000"},
			} {
				method, rest, _ := strings.Cut(fillIn(d, story.request), " ")
				path, body, _ := strings.Cut(rest, " ")
				held = nil
				known := d.Send(method, path, body, dryRunHeader, "true")
				held = without(right.SeeDebts, right.SeePurchasePrices)
				a := d.Send(method, path, body, dryRunHeader, "true")
				if !strings.Contains(string(known.Body), story.told) {
					t.Errorf("%s tells the owner %s", story.request, known.Body)
				}
				if !strings.Contains(string(a.Body), story.withheld) || strings.Contains(string(a.Body), "43210") || strings.Contains(string(a.Body), "133210") {
					t.Errorf("%s tells who lacks %s %s", story.request, story.lacks, a.Body)
				}
			}
			held = without(right.SeeDebts)
			a := d.Send(http.MethodGet, "/customers?orderBy=Debt", "")
			sentence, _ := a.Refusal()
			if want := "Bạn không có quyền: Xem công nợ. Không lọc hay sắp xếp theo Debt được"; a.Status != http.StatusForbidden || sentence != want {
				t.Errorf("%d %q, want %q", a.Status, sentence, want)
			}
			if got, want := message.English.Error(right.LackField(right.SeeDebts, 0, "orderBy", "Không lọc hay sắp xếp theo %s được", "Debt")), "It is not possible to filter or sort by Debt"; !strings.HasSuffix(got, want) {
				t.Errorf("in English it is %q", got)
			}
		})
	}
}
