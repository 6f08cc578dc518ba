-- Written by: audit.

-- Who has changed what: a row an operation, in its transaction.
CREATE TABLE audit_log (
	retailer_id BIGINT NOT NULL,
	n           BIGINT NOT NULL, -- 1, 2, 3 … in the order of the commits
	at          BIGINT NOT NULL, -- never goes back
	user_id     BIGINT NOT NULL, -- 0: a command, or nobody who is known
	approver_id BIGINT NOT NULL, -- who has allowed it; 0: it was not asked
	client_id   TEXT   NOT NULL, -- empty: the desk, or a command
	address     TEXT   NOT NULL,
	request_id  TEXT   NOT NULL,
	operation   TEXT   NOT NULL, -- of the route table, of the desk, or a command
	resource    TEXT   NOT NULL, -- what the record is: the first part of its path, such as customers
	record_id   BIGINT NOT NULL, -- 0: none, or several; -1: the log itself
	record      TEXT   NOT NULL, -- its code or name
	first_seq   BIGINT NOT NULL, -- its events; 0: it has none
	last_seq    BIGINT NOT NULL,
	changes     TEXT   NOT NULL, -- JSON: the members with the values before and after; empty where events show them
	hash        TEXT   NOT NULL, -- SHA-256 of the one before and of the row, in base64
	PRIMARY KEY (retailer_id, n)
) {{clustered}};
-- For the history of a record: few have the same id.
CREATE INDEX audit_log_record ON audit_log (retailer_id, record_id, n);

-- The number and the hash of the newest row.
ALTER TABLE shop_heads ADD COLUMN audits BIGINT NOT NULL DEFAULT 0;
ALTER TABLE shop_heads ADD COLUMN audit_hash TEXT NOT NULL DEFAULT '';
