-- Written by: oauth.

-- By whose rights a client acts: those of a user, with whose account it ends, or of a role; 0: none. Without both it acts as the owner.
ALTER TABLE oauth_clients ADD COLUMN person_id BIGINT NOT NULL DEFAULT 0;
ALTER TABLE oauth_clients ADD COLUMN role_id BIGINT NOT NULL DEFAULT 0;
-- Where it acts; 0: in the whole shop.
ALTER TABLE oauth_clients ADD COLUMN branch_id BIGINT NOT NULL DEFAULT 0;
-- The secret before, and until when it counts.
ALTER TABLE oauth_clients ADD COLUMN old_secret_hash TEXT NOT NULL DEFAULT '';
ALTER TABLE oauth_clients ADD COLUMN old_secret_until BIGINT NOT NULL DEFAULT 0;

-- When a client last asked for a token, to ten minutes.
CREATE TABLE oauth_client_uses (
	retailer_id BIGINT NOT NULL,
	client_id   TEXT   NOT NULL,
	used_at     BIGINT NOT NULL,
	PRIMARY KEY (retailer_id, client_id)
) {{clustered}};
