-- Written by: access.

-- The roles of a shop. Those that are built in are in code; one of them that has a row was changed by the shop.
CREATE TABLE access_roles (
	retailer_id  BIGINT NOT NULL,
	id           BIGINT NOT NULL, -- up to 100: built in
	name         TEXT   NOT NULL,
	name_key     TEXT   NOT NULL,
	rights       TEXT   NOT NULL, -- as package right writes a set
	created_date BIGINT NOT NULL,
	PRIMARY KEY (retailer_id, id)
) {{clustered}};
-- For no two roles of a shop have a name.
CREATE UNIQUE INDEX access_roles_name ON access_roles (retailer_id, name_key);

-- Who has which role, and where.
CREATE TABLE access_user_roles (
	retailer_id BIGINT NOT NULL,
	user_id     BIGINT NOT NULL,
	role_id     BIGINT NOT NULL,
	branch_id   BIGINT NOT NULL, -- 0: in the whole shop
	PRIMARY KEY (retailer_id, user_id, role_id, branch_id)
) {{clustered}};

-- Whoever could sign in could do what a manager can.
INSERT INTO access_user_roles (retailer_id, user_id, role_id, branch_id)
SELECT a.retailer_id, a.user_id, 2, 0 FROM access_accounts a
JOIN users u ON u.retailer_id = a.retailer_id AND u.id = a.user_id
WHERE a.password_hash IS NOT NULL AND NOT u.is_admin;

ALTER TABLE access_accounts ADD COLUMN pin_hash TEXT; -- argon2id in the PHC format; NULL: the user allows nothing on the spot
ALTER TABLE access_accounts ADD COLUMN pin_failures BIGINT NOT NULL DEFAULT 0; -- in a row
ALTER TABLE access_accounts ADD COLUMN pin_locked_until BIGINT NOT NULL DEFAULT 0;

ALTER TABLE access_sessions ADD COLUMN branch_id BIGINT NOT NULL DEFAULT 0; -- where the person works; 0: wherever they may
ALTER TABLE access_sessions ADD COLUMN outdated BOOLEAN NOT NULL DEFAULT FALSE; -- the user's rights have changed: the next request gets another token

-- What one person allows another on the spot: for one operation, within a minute. Those that were used stay, as evidence.
CREATE TABLE access_approvals (
	retailer_id BIGINT NOT NULL,
	id          BIGINT NOT NULL,
	secret_hash TEXT   NOT NULL, -- hex of SHA-256; a secret has 256 random bits
	user_id     BIGINT NOT NULL,
	approver_id BIGINT NOT NULL,
	branch_id   BIGINT NOT NULL,
	operation   TEXT   NOT NULL, -- with the id of the record that it is about
	rights      TEXT   NOT NULL, -- that are lent, as package right writes a set
	created_at  BIGINT NOT NULL,
	expires_at  BIGINT NOT NULL,
	used_at     BIGINT NOT NULL DEFAULT 0,
	PRIMARY KEY (retailer_id, id)
) {{clustered}};
-- For no two approvals have a secret; the approval of a request.
CREATE UNIQUE INDEX access_approvals_secret ON access_approvals (secret_hash);
-- For approvals that have expired unused, a few at each new one.
CREATE INDEX access_approvals_unused ON access_approvals (retailer_id, used_at, expires_at, id);
