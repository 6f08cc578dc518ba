-- Written by: sales.

-- An invoice that a mirror has of its source: it has posted nothing here, and nothing that posts may be done with it.
ALTER TABLE invoices ADD COLUMN history BOOLEAN NOT NULL DEFAULT FALSE;

-- The payments of such documents, as these show them. They are in no drawer and on no account.
CREATE TABLE history_payments (
	retailer_id  BIGINT NOT NULL,
	document     TEXT   NOT NULL,
	document_id  BIGINT NOT NULL,
	line         BIGINT NOT NULL,
	id           BIGINT NOT NULL,
	code         TEXT   NOT NULL,
	amount       BIGINT NOT NULL,
	method       TEXT   NOT NULL,
	status       BIGINT NOT NULL,
	trans_date   BIGINT NOT NULL,
	bank_account TEXT,
	account_id   BIGINT,
	description  TEXT,
	PRIMARY KEY (retailer_id, document, document_id, line)
) {{clustered}};
