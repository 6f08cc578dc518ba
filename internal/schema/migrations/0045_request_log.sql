-- Written by: requestlog.

-- What programs have asked for in the last week.
CREATE TABLE request_log (
	retailer_id BIGINT  NOT NULL,
	id          BIGINT  NOT NULL,
	at          BIGINT  NOT NULL,
	client_id   TEXT    NOT NULL,
	user_id     BIGINT  NOT NULL,
	address     TEXT    NOT NULL,
	request_id  TEXT    NOT NULL,
	method      TEXT    NOT NULL,
	path        TEXT    NOT NULL, -- with its query
	operation   TEXT    NOT NULL,
	status      BIGINT  NOT NULL,
	took_us     BIGINT  NOT NULL, -- microseconds
	refused     BOOLEAN NOT NULL,
	code        TEXT    NOT NULL,
	sentence    TEXT    NOT NULL,
	body        TEXT    NOT NULL, -- its first 4 KiB, without secrets
	lost        BIGINT  NOT NULL, -- requests that were left out before this one
	bytes       BIGINT  NOT NULL, -- that the entry takes, about
	PRIMARY KEY (retailer_id, id)
) {{clustered}};
-- For refusals, the newest first, and for the bytes of a shop.
CREATE INDEX request_log_refused ON request_log (retailer_id, refused, id, bytes);
