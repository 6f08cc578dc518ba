-- Written by: webhook, api (idempotency_keys).

-- User and password of the URL, as they were written before its @, percent-encoded; NULL: none. The program moves those of all
-- rows here after this text, and removes them from the answers that are kept.
ALTER TABLE webhooks ADD COLUMN credentials TEXT;
