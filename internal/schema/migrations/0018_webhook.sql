-- Written by: webhook.

CREATE TABLE webhooks (
	retailer_id   BIGINT  NOT NULL,
	id            BIGINT  NOT NULL,
	type          TEXT    NOT NULL, -- of the events it wants
	url           TEXT    NOT NULL, -- as it was given
	description   TEXT,
	secret        TEXT,
	is_active     BOOLEAN NOT NULL,
	stop_reason   TEXT,             -- why the courier stopped it; NULL when it did not
	stopped_date  BIGINT,
	created_date  BIGINT  NOT NULL,
	modified_date BIGINT,
	deleted_at    BIGINT  NOT NULL DEFAULT 0,
	-- Where the courier is.
	done_seq      BIGINT  NOT NULL,           -- events up to this number are done with
	attempt       BIGINT  NOT NULL DEFAULT 0, -- failed attempts to deliver what comes next
	next_at       BIGINT  NOT NULL DEFAULT 0, -- not to be tried before
	last_error    TEXT,                       -- of the last failed attempt, until one succeeds
	owner         TEXT    NOT NULL DEFAULT '',
	lease_until   BIGINT  NOT NULL DEFAULT 0,
	fence         BIGINT  NOT NULL DEFAULT 0, -- grows with every owner and every change; results of an older one are void
	PRIMARY KEY (retailer_id, id)
) {{clustered}};

CREATE INDEX webhooks_active ON webhooks (retailer_id, type) WHERE is_active AND deleted_at = 0;

-- What was sent, and what came back.
CREATE TABLE webhook_deliveries (
	retailer_id BIGINT  NOT NULL,
	id          BIGINT  NOT NULL,
	webhook_id  BIGINT  NOT NULL,
	first_seq   BIGINT  NOT NULL, -- the events it carried
	last_seq    BIGINT  NOT NULL,
	attempt     BIGINT  NOT NULL,
	outcome     TEXT    NOT NULL, -- delivered, failed, stopped, dead
	status      BIGINT,           -- of HTTP; NULL without an answer
	duration    BIGINT  NOT NULL, -- microseconds
	error       TEXT,
	answer      TEXT,             -- the first part of the answer's body
	at          BIGINT  NOT NULL,
	PRIMARY KEY (retailer_id, id)
) {{clustered}};

-- For GET /webhooks/{id}/deliveries.
CREATE INDEX webhook_deliveries_webhook ON webhook_deliveries (retailer_id, webhook_id, id);
-- For GET /webhooks/deadletters, and how many there are.
CREATE INDEX webhook_deliveries_dead ON webhook_deliveries (retailer_id, id) WHERE outcome = 'dead';

-- Events that somebody wants delivered again, out of turn.
CREATE TABLE webhook_redeliveries (
	retailer_id BIGINT NOT NULL,
	webhook_id  BIGINT NOT NULL,
	first_seq   BIGINT NOT NULL,
	last_seq    BIGINT NOT NULL,
	PRIMARY KEY (retailer_id, webhook_id, first_seq, last_seq)
) {{clustered}};
