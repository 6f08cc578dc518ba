-- Written by: party.
CREATE TABLE suppliers (
	retailer_id                   BIGINT  NOT NULL,
	id                            BIGINT  NOT NULL,
	code                          TEXT    NOT NULL,
	code_key                      TEXT    NOT NULL,
	name                          TEXT    NOT NULL,
	search                        TEXT    NOT NULL,
	contact_number                TEXT,
	phone_key                     TEXT    NOT NULL, -- digits only; empty without a number
	email                         TEXT,
	address                       TEXT,
	location_name                 TEXT,
	ward_name                     TEXT,
	organization                  TEXT,
	tax_code                      TEXT,
	comments                      TEXT,
	branch_id                     BIGINT,
	is_active                     BOOLEAN NOT NULL,
	created_by                    TEXT,
	total_invoiced                BIGINT  NOT NULL DEFAULT 0,
	total_invoiced_without_return BIGINT  NOT NULL DEFAULT 0,
	created_date                  BIGINT  NOT NULL,
	modified_date                 BIGINT,
	changed_at                    BIGINT  NOT NULL,
	deleted_at                    BIGINT  NOT NULL DEFAULT 0,
	-- Sums grow by differences inside the database, where SQLite would turn an overflow into a float.
	CHECK (total_invoiced BETWEEN -9000000000000000000 AND 9000000000000000000),
	CHECK (total_invoiced_without_return BETWEEN -9000000000000000000 AND 9000000000000000000),
	PRIMARY KEY (retailer_id, id)
) {{clustered}};
CREATE UNIQUE INDEX suppliers_code ON suppliers (retailer_id, code_key) WHERE deleted_at = 0;
CREATE INDEX suppliers_phone ON suppliers (retailer_id, phone_key, id);
CREATE INDEX suppliers_name ON suppliers (retailer_id, search, id);
CREATE INDEX suppliers_changed ON suppliers (retailer_id, changed_at, id);
CREATE INDEX suppliers_deleted ON suppliers (retailer_id, deleted_at) WHERE deleted_at > 0;

CREATE TABLE supplier_groups (
	retailer_id   BIGINT NOT NULL,
	id            BIGINT NOT NULL,
	name          TEXT   NOT NULL,
	name_key      TEXT   NOT NULL,
	description   TEXT,
	created_by    BIGINT NOT NULL,
	created_date  BIGINT NOT NULL,
	modified_date BIGINT,
	deleted_at    BIGINT NOT NULL DEFAULT 0,
	PRIMARY KEY (retailer_id, id)
) {{clustered}};
CREATE UNIQUE INDEX supplier_groups_name ON supplier_groups (retailer_id, name_key) WHERE deleted_at = 0;

CREATE TABLE supplier_group_members (
	retailer_id BIGINT NOT NULL,
	supplier_id BIGINT NOT NULL,
	group_id    BIGINT NOT NULL,
	PRIMARY KEY (retailer_id, supplier_id, group_id)
) {{clustered}};
CREATE INDEX supplier_group_members_group ON supplier_group_members (retailer_id, group_id, supplier_id);
