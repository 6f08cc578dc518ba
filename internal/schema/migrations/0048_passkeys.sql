-- Written by: access.

-- What authenticators know an account by (WebAuthn, 5.4.3): base64url of 256 random bits; NULL: it never had a passkey.
ALTER TABLE access_accounts ADD COLUMN user_handle TEXT;

CREATE TABLE access_passkeys (
	retailer_id     BIGINT  NOT NULL,
	id              BIGINT  NOT NULL,
	user_id         BIGINT  NOT NULL,
	credential_id   TEXT    NOT NULL, -- base64url, as the authenticator has made it
	public_key      TEXT    NOT NULL, -- base64url of a COSE key (RFC 9052)
	sign_count      BIGINT  NOT NULL, -- of its last signature; 0: it does not count
	backup_eligible BOOLEAN NOT NULL, -- it may be synced to other devices
	transports      TEXT    NOT NULL, -- blank-separated: how browsers reach it
	rp_id           TEXT    NOT NULL, -- the host that it is for
	name            TEXT    NOT NULL,
	created_at      BIGINT  NOT NULL,
	used_at         BIGINT  NOT NULL, -- 0: never
	PRIMARY KEY (retailer_id, id)
) {{clustered}};
-- For no two passkeys have an id; the passkey of a sign-in.
CREATE UNIQUE INDEX access_passkeys_credential ON access_passkeys (credential_id);
-- For the passkeys of a user.
CREATE INDEX access_passkeys_user ON access_passkeys (retailer_id, user_id, id);

-- Signs challenges, so that they need not be stored: one row.
CREATE TABLE access_challenge_key (
	id     BIGINT NOT NULL PRIMARY KEY,
	secret TEXT   NOT NULL -- base64url of 256 random bits
) {{clustered}};

-- Challenges that were used, which count once. They are kept for longer than they are good.
CREATE TABLE access_used_challenges (
	challenge_hash TEXT   NOT NULL PRIMARY KEY, -- hex of SHA-256
	forget_at      BIGINT NOT NULL
) {{clustered}};
-- For challenges that no one can use any more, a few at each new one.
CREATE INDEX access_used_challenges_old ON access_used_challenges (forget_at, challenge_hash);
