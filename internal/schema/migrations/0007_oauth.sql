-- Written by: oauth.
CREATE TABLE oauth_keys (
	id           BIGINT NOT NULL PRIMARY KEY,
	private_key  TEXT   NOT NULL, -- PKCS #8, PEM
	created_date BIGINT NOT NULL
) {{clustered}};

CREATE TABLE oauth_clients (
	client_id     TEXT    NOT NULL PRIMARY KEY,
	retailer_id   BIGINT  NOT NULL,
	user_id       BIGINT  NOT NULL,
	name          TEXT    NOT NULL,
	secret_hash   TEXT    NOT NULL, -- hex of SHA-256; the secret itself has 160 random bits
	scopes        TEXT    NOT NULL, -- blank-separated
	is_active     BOOLEAN NOT NULL,
	tokens_from   BIGINT  NOT NULL, -- tokens issued before are revoked
	created_date  BIGINT  NOT NULL
) {{clustered}};
-- For taphoa client list.
CREATE INDEX oauth_clients_retailer ON oauth_clients (retailer_id);
