-- Written by: db (id_blocks), org (the others).
CREATE TABLE id_blocks (
	name  TEXT   NOT NULL PRIMARY KEY,
	value BIGINT NOT NULL
) {{clustered}};

CREATE TABLE retailers (
	retailer_id  BIGINT NOT NULL PRIMARY KEY,
	code         TEXT   NOT NULL,
	code_key     TEXT   NOT NULL,
	name         TEXT   NOT NULL,
	created_date BIGINT NOT NULL
) {{clustered}};
-- For the shop of the header Retailer.
CREATE UNIQUE INDEX retailers_code ON retailers (code_key);

CREATE TABLE settings (
	retailer_id BIGINT NOT NULL,
	name        TEXT   NOT NULL,
	value       TEXT   NOT NULL,
	PRIMARY KEY (retailer_id, name)
) {{clustered}};

-- The last number given out by each of a shop's gapless sequences.
CREATE TABLE counters (
	retailer_id BIGINT NOT NULL,
	name        TEXT   NOT NULL,
	value       BIGINT NOT NULL,
	PRIMARY KEY (retailer_id, name)
) {{clustered}};

CREATE TABLE branches (
	retailer_id        BIGINT NOT NULL,
	id                 BIGINT NOT NULL,
	branch_name        TEXT   NOT NULL,
	name_key           TEXT   NOT NULL,
	branch_code        TEXT,
	contact_number     TEXT,
	sub_contact_number TEXT,
	email              TEXT,
	address            TEXT,
	location_name      TEXT,
	ward_name          TEXT,
	created_date       BIGINT NOT NULL,
	modified_date      BIGINT,
	changed_at         BIGINT NOT NULL,
	deleted_at         BIGINT NOT NULL DEFAULT 0,
	PRIMARY KEY (retailer_id, id)
) {{clustered}};
-- For no two branches have a name; GET /branches.
CREATE UNIQUE INDEX branches_name ON branches (retailer_id, name_key) WHERE deleted_at = 0;

CREATE TABLE users (
	retailer_id   BIGINT  NOT NULL,
	id            BIGINT  NOT NULL,
	user_name     TEXT    NOT NULL,
	name_key      TEXT    NOT NULL,
	given_name    TEXT    NOT NULL,
	search        TEXT    NOT NULL,
	address       TEXT,
	mobile_phone  TEXT,
	email         TEXT,
	description   TEXT,
	birth_date    BIGINT,
	is_admin      BOOLEAN NOT NULL,
	created_date  BIGINT  NOT NULL,
	modified_date BIGINT,
	changed_at    BIGINT  NOT NULL,
	deleted_at    BIGINT  NOT NULL DEFAULT 0,
	PRIMARY KEY (retailer_id, id)
) {{clustered}};
-- For no two users have a name.
CREATE UNIQUE INDEX users_name ON users (retailer_id, name_key) WHERE deleted_at = 0;

CREATE TABLE sale_channels (
	retailer_id   BIGINT  NOT NULL,
	id            BIGINT  NOT NULL,
	name          TEXT    NOT NULL,
	name_key      TEXT    NOT NULL,
	is_active     BOOLEAN NOT NULL,
	is_not_delete BOOLEAN NOT NULL,
	is_other      BOOLEAN NOT NULL,
	img           TEXT,
	position      BIGINT  NOT NULL,
	created_by    BIGINT  NOT NULL,
	created_date  BIGINT  NOT NULL,
	changed_at    BIGINT  NOT NULL,
	deleted_at    BIGINT  NOT NULL DEFAULT 0,
	PRIMARY KEY (retailer_id, id)
) {{clustered}};
-- For a sale channel by its name; GET /salechannel.
CREATE UNIQUE INDEX sale_channels_name ON sale_channels (retailer_id, name_key) WHERE deleted_at = 0;
