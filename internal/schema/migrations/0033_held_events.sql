-- Written by: webhook.

-- Requests that a receiver has refused, and those with the same records after them, which wait for these.
CREATE TABLE webhook_held (
	retailer_id BIGINT NOT NULL,
	webhook_id  BIGINT NOT NULL,
	first_seq   BIGINT NOT NULL, -- the events it carries
	last_seq    BIGINT NOT NULL,
	records     TEXT,            -- that its events are about, separated by blanks; NULL: to be read from the events
	attempt     BIGINT NOT NULL, -- failed attempts
	next_at     BIGINT NOT NULL, -- not to be tried before
	error       TEXT,            -- of the last attempt
	PRIMARY KEY (retailer_id, webhook_id, first_seq)
) {{clustered}};

-- Events up to done_seq are done with or held up.
ALTER TABLE webhooks ADD COLUMN held_seq BIGINT NOT NULL DEFAULT 0;   -- the first event that is held up; 0: none
ALTER TABLE webhooks ADD COLUMN held_count BIGINT NOT NULL DEFAULT 0; -- how many requests are held up
ALTER TABLE webhooks ADD COLUMN failures BIGINT NOT NULL DEFAULT 0;   -- refusals since the last success, of different records
ALTER TABLE webhooks ADD COLUMN rest_until BIGINT NOT NULL DEFAULT 0; -- nothing is sent before: the receiver is down

-- What registrations were waiting for is held up.
INSERT INTO webhook_held (retailer_id, webhook_id, first_seq, last_seq, attempt, next_at, error)
SELECT w.retailer_id, w.id, d.first_seq, d.last_seq, w.attempt, w.next_at, w.last_error
FROM webhooks w JOIN webhook_deliveries d ON d.retailer_id = w.retailer_id AND d.id = (
	SELECT MAX(x.id) FROM webhook_deliveries x
	WHERE x.retailer_id = w.retailer_id AND x.webhook_id = w.id AND x.first_seq > w.done_seq AND x.attempt = w.attempt AND x.outcome = 'failed')
WHERE w.attempt > 0 AND w.is_active AND w.deleted_at = 0;

UPDATE webhooks SET held_count = 1,
	held_seq = (SELECT h.first_seq FROM webhook_held h WHERE h.retailer_id = webhooks.retailer_id AND h.webhook_id = webhooks.id),
	done_seq = (SELECT h.last_seq FROM webhook_held h WHERE h.retailer_id = webhooks.retailer_id AND h.webhook_id = webhooks.id)
WHERE EXISTS (SELECT 1 FROM webhook_held h WHERE h.retailer_id = webhooks.retailer_id AND h.webhook_id = webhooks.id);
