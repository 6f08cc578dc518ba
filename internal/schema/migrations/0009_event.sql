-- Written by: event.

-- The log of what changed in a shop, numbered in the order of the commits. It is not clustered: SQLite
-- would put most of what an event says on a page of its own.
CREATE TABLE events (
	retailer_id BIGINT NOT NULL,
	seq         BIGINT NOT NULL,
	type        TEXT   NOT NULL, -- such as invoice.update
	at          BIGINT NOT NULL,
	data        TEXT   NOT NULL, -- the Data list of the notification: JSON
	PRIMARY KEY (retailer_id, seq)
);

CREATE INDEX events_type ON events (retailer_id, type, seq);

CREATE TABLE event_heads (
	retailer_id BIGINT NOT NULL PRIMARY KEY,
	last_seq    BIGINT NOT NULL, -- the number of the newest event
	dropped_seq BIGINT NOT NULL DEFAULT 0, -- events up to this number are no longer kept
	CHECK (dropped_seq <= last_seq)
) {{clustered}};
