-- Written by: api.

-- How old a key is, by a count of microseconds that no jump of the clock moves by more than an hour: see claim in
-- internal/api/idempotency.go. Keys of before begin anew, whatever the clock was when they came. What they were stamped with
-- by the clock has the index idempotency_keys_age, for the last one before an instant.
ALTER TABLE idempotency_keys ADD COLUMN stamp BIGINT NOT NULL DEFAULT 0;
-- For the newest key of a shop, and for those that have expired.
CREATE INDEX idempotency_keys_stamp ON idempotency_keys (retailer_id, stamp);
