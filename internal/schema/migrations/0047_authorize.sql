-- Written by: oauth, access (access_accounts).

-- Since when a key signs: it is published before. Until when its tokens are verified; 0: it has no successor.
ALTER TABLE oauth_keys ADD COLUMN signs_from BIGINT NOT NULL DEFAULT 0;
ALTER TABLE oauth_keys ADD COLUMN ends_at BIGINT NOT NULL DEFAULT 0;

-- Where people who sign in to a client are sent, and where after signing out, one a line; empty: nobody signs in to it. A client
-- that has no secret_hash is public.
ALTER TABLE oauth_clients ADD COLUMN redirect_uris TEXT NOT NULL DEFAULT '';
ALTER TABLE oauth_clients ADD COLUMN logout_uris TEXT NOT NULL DEFAULT '';

-- Counts the passwords that were set: what began with one before has ended.
ALTER TABLE access_accounts ADD COLUMN password_version BIGINT NOT NULL DEFAULT 0;

-- What a person has allowed a client, which is not asked for again.
CREATE TABLE oauth_consents (
	retailer_id BIGINT NOT NULL,
	user_id     BIGINT NOT NULL,
	client_id   TEXT   NOT NULL,
	scopes      TEXT   NOT NULL, -- blank-separated
	created_at  BIGINT NOT NULL,
	used_at     BIGINT NOT NULL, -- when a code or tokens were last given
	PRIMARY KEY (retailer_id, user_id, client_id)
) {{clustered}};

-- A sign-in of a person to a client: its code, and the refresh tokens that came of it.
CREATE TABLE oauth_grants (
	retailer_id      BIGINT  NOT NULL,
	id               BIGINT  NOT NULL,
	user_id          BIGINT  NOT NULL,
	client_id        TEXT    NOT NULL,
	scopes           TEXT    NOT NULL, -- blank-separated
	password_version BIGINT  NOT NULL, -- of the account
	code_hash        TEXT    NOT NULL, -- hex of SHA-256; a code has 256 random bits
	code_until       BIGINT  NOT NULL,
	exchanged        BOOLEAN NOT NULL, -- the code was used
	redirect_uri     TEXT    NOT NULL,
	challenge        TEXT    NOT NULL, -- of PKCE with S256; empty: none
	nonce            TEXT    NOT NULL,
	auth_time        BIGINT  NOT NULL, -- when the person gave the password
	refresh_hash     TEXT    NOT NULL, -- of the refresh token that counts; empty: there is none
	previous_hash    TEXT    NOT NULL, -- of the one before
	rotated_at       BIGINT  NOT NULL,
	created_at       BIGINT  NOT NULL,
	expires_at       BIGINT  NOT NULL, -- unless it is used before
	PRIMARY KEY (retailer_id, id)
) {{clustered}};
-- For no two grants have a code; the grant of a code or a refresh token.
CREATE UNIQUE INDEX oauth_grants_code ON oauth_grants (retailer_id, code_hash);
-- For the grants of a person to a client.
CREATE INDEX oauth_grants_user ON oauth_grants (retailer_id, user_id, client_id, id);
-- For grants that have expired, a few at each new one.
CREATE INDEX oauth_grants_expired ON oauth_grants (retailer_id, expires_at, id);
