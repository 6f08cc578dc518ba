package schema

import (
	"cmp"
	"regexp"

	"github.com/taphoa/taphoa/internal/db"
	"github.com/taphoa/taphoa/internal/text"
)

// answeredCredentials are user and password of the URL in a kept answer to a registration.
var answeredCredentials = regexp.MustCompile(`(?i)("url":"https?://)[^/?#"]*@`)

// moveCredentials moves users and passwords of webhooks' URLs into their own column, those of removed ones, too: the log of
// deliveries shows their URLs.
func moveCredentials(tx *db.Tx) error {
	tx = tx.Everywhere()
	type registration struct {
		RetailerID, ID int64
		URL            string
	}
	registrations, err := db.All[registration](tx, `SELECT retailer_id, id, url FROM webhooks WHERE url LIKE '%@%'`)
	if err != nil {
		return err
	}
	for _, r := range registrations {
		if plain, credentials, found := text.SplitCredentials(r.URL); found { // empty ones were sent as ":"
			tx.Queue(`UPDATE webhooks SET url = ?, credentials = ? WHERE retailer_id = ? AND id = ?`,
				plain, cmp.Or(credentials, ":"), r.RetailerID, r.ID)
		}
	}
	type kept struct {
		RetailerID               int64
		ClientID, IdempotencyKey string
		Answer                   string
	}
	answers, err := db.All[kept](tx, `
		SELECT retailer_id, client_id, idempotency_key, answer FROM idempotency_keys WHERE answer LIKE '%"url":"%@%'`)
	for _, k := range answers {
		if answer := answeredCredentials.ReplaceAllString(k.Answer, "$1"); answer != k.Answer {
			tx.Queue(`UPDATE idempotency_keys SET answer = ? WHERE retailer_id = ? AND client_id = ? AND idempotency_key = ?`,
				answer, k.RetailerID, k.ClientID, k.IdempotencyKey)
		}
	}
	return err
}
