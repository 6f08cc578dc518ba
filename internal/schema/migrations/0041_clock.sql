-- Written by: api (idempotency_keys), webhook (webhooks, webhook_sweeps).

-- How old a key is, by a count of microseconds that no jump of the clock moves by more than an hour: see claim in
-- internal/api/idempotency.go. Keys of before count as new, whatever the clock was when they came. What they were stamped with
-- by the clock has the index idempotency_keys_age, for the last one before an instant.
ALTER TABLE idempotency_keys ADD COLUMN stamp BIGINT NOT NULL DEFAULT 0;
-- For the newest key of a shop, and for those that have expired.
CREATE INDEX idempotency_keys_stamp ON idempotency_keys (retailer_id, stamp);

-- The clock when next_at and rest_until were set: a clock before it has been put back since, and they are looked at again.
ALTER TABLE webhooks ADD COLUMN waits_from BIGINT NOT NULL DEFAULT 0;
UPDATE webhooks SET waits_from = next_at;

-- The clock that decides which events and deliveries are no longer kept: one row.
CREATE TABLE webhook_sweeps (
	id       BIGINT NOT NULL PRIMARY KEY,
	trusted  BIGINT NOT NULL, -- as far as it is believed
	swept_at BIGINT NOT NULL  -- as it was at the last sweep
) {{clustered}};
