-- Written by: webhook.

-- The secret before, and until when deliveries are signed by it as well.
ALTER TABLE webhooks ADD COLUMN old_secret TEXT;
ALTER TABLE webhooks ADD COLUMN old_secret_until BIGINT;
