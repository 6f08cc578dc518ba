package webhook

import (
	"time"

	"github.com/taphoa/taphoa"
	"github.com/taphoa/taphoa/internal/db"
)

// RotateSecret gives a registration a new secret (ours). With an overlap the old one signs as well for so long: Webhook-Signature has a
// signature of each, X-Hub-Signature the old one's. The same secret again changes neither of them, so that a request that is sent twice
// does not drop the old one, unless there is no overlap, which ends it.
func RotateSecret(tx *db.Tx, in *taphoa.WebhookSecretInput) (taphoa.Webhook, error) {
	r, err := lockRegistration(tx, in.ID)
	if err != nil {
		return taphoa.Webhook{}, err
	}
	secret := taphoa.Some(in.Secret)
	now, err := tx.SharedClock()
	if err != nil {
		return taphoa.Webhook{}, err
	}
	switch overlap := time.Duration(in.OverlapHours.Value) * time.Hour; {
	case overlap == 0:
		r.Secret, r.OldSecret, r.OldSecretUntil = secret, taphoa.Opt[string]{}, taphoa.Opt[taphoa.Time]{}
	case secret.Value != r.Secret.Value:
		if r.OldSecret = r.Secret; r.OldSecret.Has() {
			r.OldSecretUntil = taphoa.Some(now.Add(overlap))
		}
		r.Secret = secret
	}
	if err := r.save(tx); err != nil {
		return taphoa.Webhook{}, err
	}
	return Get(tx, &taphoa.ByID{ID: r.ID})
}

// setSecret replaces the secret at once. The one that it has already changes nothing: programs register again when they start.
func (r *registrationRow) setSecret(secret taphoa.Opt[string]) {
	if secret.Value != r.Secret.Value {
		r.OldSecret, r.OldSecretUntil = taphoa.Opt[string]{}, taphoa.Opt[taphoa.Time]{}
	}
	r.Secret = secret
}

// secrets are those that sign at an instant, the newest first. An end that is farther away than any overlap was set by a clock that
// was wrong.
func (s *state) secrets(now taphoa.Time) []string {
	longest := now.Add(taphoa.WebhookOverlapMax * time.Hour)
	switch {
	case s.Secret == "":
		return nil
	case s.OldSecret != "" && now < s.OldSecretUntil && s.OldSecretUntil <= longest:
		return []string{s.Secret, s.OldSecret}
	}
	return []string{s.Secret}
}

// forgetSecrets deletes old secrets that have ended before an instant.
func forgetSecrets(tx *db.Tx, before taphoa.Time) {
	tx.Queue(`UPDATE webhooks SET old_secret = NULL, old_secret_until = NULL WHERE retailer_id = :retailer AND old_secret_until < ?`, before)
}
