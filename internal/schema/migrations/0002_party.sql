-- Written by: party.
CREATE TABLE customers (
	retailer_id           BIGINT  NOT NULL,
	id                    BIGINT  NOT NULL,
	code                  TEXT    NOT NULL,
	code_key              TEXT    NOT NULL,
	name                  TEXT    NOT NULL,
	search                TEXT    NOT NULL,
	type                  BIGINT  NOT NULL,
	gender                BOOLEAN,
	birth_date            BIGINT,
	birthday              BIGINT  NOT NULL DEFAULT 0, -- month * 100 + day, for anniversaries
	contact_number        TEXT,
	phone_key             TEXT    NOT NULL,           -- digits only; empty without a number
	key_scope             BIGINT  NOT NULL,           -- the branch when customers are kept per branch, else 0
	sub_number            TEXT,
	identification_number TEXT,
	address               TEXT,
	location_name         TEXT,
	ward_name             TEXT,
	email                 TEXT,
	organization          TEXT,
	comments              TEXT,
	tax_code              TEXT,
	branch_id             BIGINT,
	psid_facebook         BIGINT,
	is_active             BOOLEAN NOT NULL,
	created_by            TEXT,
	total_invoiced        BIGINT  NOT NULL DEFAULT 0,
	total_revenue         BIGINT  NOT NULL DEFAULT 0,
	total_point           BIGINT  NOT NULL DEFAULT 0,
	reward_point          BIGINT  NOT NULL DEFAULT 0,
	created_date          BIGINT  NOT NULL,
	modified_date         BIGINT,
	changed_at            BIGINT  NOT NULL,
	deleted_at            BIGINT  NOT NULL DEFAULT 0,
	-- Sums grow by differences inside the database, where SQLite would turn an overflow into a float.
	CHECK (total_invoiced BETWEEN -9000000000000000000 AND 9000000000000000000),
	CHECK (total_revenue BETWEEN -9000000000000000000 AND 9000000000000000000),
	PRIMARY KEY (retailer_id, id)
) {{clustered}};
-- For a customer by its code.
CREATE UNIQUE INDEX customers_code ON customers (retailer_id, code_key) WHERE deleted_at = 0;
-- For no two customers of a scope have a phone number.
CREATE UNIQUE INDEX customers_phone ON customers (retailer_id, phone_key, key_scope) WHERE deleted_at = 0 AND phone_key <> '';
-- For GET /customers?name and orderBy=name; GET /cashflow?partnerName.
CREATE INDEX customers_name ON customers (retailer_id, search, id);
-- For GET /customers?lastModifiedFrom.
CREATE INDEX customers_changed ON customers (retailer_id, changed_at, id);
-- For GET /customers?includeRemoveIds.
CREATE INDEX customers_deleted ON customers (retailer_id, deleted_at) WHERE deleted_at > 0;

CREATE TABLE customer_groups (
	retailer_id   BIGINT NOT NULL,
	id            BIGINT NOT NULL,
	name          TEXT   NOT NULL,
	name_key      TEXT   NOT NULL,
	description   TEXT,
	discount      BIGINT,
	created_by    BIGINT NOT NULL,
	created_date  BIGINT NOT NULL,
	modified_date BIGINT,
	deleted_at    BIGINT NOT NULL DEFAULT 0,
	PRIMARY KEY (retailer_id, id)
) {{clustered}};
-- For a customer group by its name; GET /customers/group.
CREATE UNIQUE INDEX customer_groups_name ON customer_groups (retailer_id, name_key) WHERE deleted_at = 0;

CREATE TABLE customer_group_members (
	retailer_id BIGINT NOT NULL,
	customer_id BIGINT NOT NULL,
	group_id    BIGINT NOT NULL,
	id          BIGINT NOT NULL,
	PRIMARY KEY (retailer_id, customer_id, group_id)
) {{clustered}};
-- For GET /customers?groupId.
CREATE INDEX customer_group_members_group ON customer_group_members (retailer_id, group_id, customer_id);

CREATE TABLE delivery_partners (
	retailer_id    BIGINT NOT NULL,
	id             BIGINT NOT NULL,
	code           TEXT   NOT NULL,
	code_key       TEXT   NOT NULL,
	name           TEXT   NOT NULL,
	name_key       TEXT   NOT NULL,
	address        TEXT,
	contact_number TEXT,
	email          TEXT,
	created_date   BIGINT NOT NULL,
	PRIMARY KEY (retailer_id, id)
) {{clustered}};
-- For a carrier by its code.
CREATE UNIQUE INDEX delivery_partners_code ON delivery_partners (retailer_id, code_key);
-- For a carrier by its name; GET /cashflow?partnerName.
CREATE INDEX delivery_partners_name ON delivery_partners (retailer_id, name_key, id);
