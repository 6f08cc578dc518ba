-- Written by: api.

-- The answers to writes that came with an Idempotency-Key. Answers may be long, so that SQLite is to keep them out of
-- the tree of the keys: the table is not clustered.
CREATE TABLE idempotency_keys (
	retailer_id     BIGINT NOT NULL,
	client_id       TEXT   NOT NULL,
	idempotency_key TEXT   NOT NULL,
	fingerprint     TEXT   NOT NULL, -- of the request: hex of SHA-256
	status          BIGINT NOT NULL, -- of the answer
	answer          TEXT   NOT NULL, -- its body
	created_date    BIGINT NOT NULL,
	PRIMARY KEY (retailer_id, client_id, idempotency_key)
);
-- For keys that have expired.
CREATE INDEX idempotency_keys_age ON idempotency_keys (retailer_id, created_date);
