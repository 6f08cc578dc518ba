-- Written by: access.

-- How a user signs in. One without a row was never invited.
CREATE TABLE access_accounts (
	retailer_id   BIGINT NOT NULL,
	user_id       BIGINT NOT NULL,
	password_hash TEXT, -- argon2id in the PHC format; NULL: none yet
	totp_secret   TEXT, -- base32; NULL: no second factor
	totp_next     TEXT, -- shown to the user, who has not yet sent a code for it
	totp_step     BIGINT NOT NULL DEFAULT 0, -- of the last code that was accepted: half minutes since the epoch
	ends_on       BIGINT, -- midnight of the last day on which the user may sign in
	PRIMARY KEY (retailer_id, user_id)
) {{clustered}};

CREATE TABLE access_recovery_codes (
	retailer_id BIGINT NOT NULL,
	user_id     BIGINT NOT NULL,
	code_hash   TEXT   NOT NULL, -- hex of SHA-256; a code has 60 random bits
	PRIMARY KEY (retailer_id, user_id, code_hash)
) {{clustered}};

CREATE TABLE access_sessions (
	retailer_id  BIGINT  NOT NULL,
	id           BIGINT  NOT NULL,
	user_id      BIGINT  NOT NULL,
	token_hash   TEXT    NOT NULL, -- hex of SHA-256; a token has 256 random bits
	created_at   BIGINT  NOT NULL,
	seen_at      BIGINT  NOT NULL, -- to the minute
	confirmed_at BIGINT  NOT NULL, -- when the password was last asked for
	expires_at   BIGINT  NOT NULL, -- unless it is used before
	ends_at      BIGINT  NOT NULL, -- however it is used
	pending      BOOLEAN NOT NULL, -- the second factor is still owed
	user_agent   TEXT    NOT NULL,
	address      TEXT    NOT NULL,
	PRIMARY KEY (retailer_id, id)
) {{clustered}};
-- For no two sessions have a token; the session of a request.
CREATE UNIQUE INDEX access_sessions_token ON access_sessions (token_hash);
-- For the sessions of a user.
CREATE INDEX access_sessions_user ON access_sessions (retailer_id, user_id, id);
-- For sessions that have expired, a few at each sign-in.
CREATE INDEX access_sessions_expired ON access_sessions (retailer_id, expires_at, id);

-- One link a user: a new one ends the one before, and using it deletes it.
CREATE TABLE access_links (
	retailer_id BIGINT NOT NULL,
	user_id     BIGINT NOT NULL,
	secret_hash TEXT   NOT NULL, -- hex of SHA-256; a secret has 256 random bits
	kind        TEXT   NOT NULL, -- invitation, reset
	made_by     BIGINT NOT NULL, -- a user; 0: the operator
	created_at  BIGINT NOT NULL,
	expires_at  BIGINT NOT NULL,
	PRIMARY KEY (retailer_id, user_id)
) {{clustered}};
-- For no two links have a secret; the account of a link.
CREATE UNIQUE INDEX access_links_secret ON access_links (secret_hash);

-- The link that opens a shop: one row.
CREATE TABLE access_setup (
	id          BIGINT NOT NULL PRIMARY KEY,
	secret_hash TEXT   NOT NULL,
	expires_at  BIGINT NOT NULL,
	shops       BIGINT NOT NULL -- how many there were when it was made
) {{clustered}};
