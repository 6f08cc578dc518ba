-- Written by: party (suppliers, supplier_groups, supplier_group_members), supply (the others).
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
-- For a supplier by its code; GET /suppliers?orderBy=code.
CREATE UNIQUE INDEX suppliers_code ON suppliers (retailer_id, code_key) WHERE deleted_at = 0;
-- For GET /suppliers?contactNumber.
CREATE INDEX suppliers_phone ON suppliers (retailer_id, phone_key, id);
-- For GET /suppliers?name and orderBy=name; GET /cashflow?partnerName.
CREATE INDEX suppliers_name ON suppliers (retailer_id, search, id);
-- For GET /suppliers?lastModifiedFrom.
CREATE INDEX suppliers_changed ON suppliers (retailer_id, changed_at, id);
-- For GET /suppliers?includeRemoveIds.
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
-- For a supplier group by its name.
CREATE UNIQUE INDEX supplier_groups_name ON supplier_groups (retailer_id, name_key) WHERE deleted_at = 0;

CREATE TABLE supplier_group_members (
	retailer_id BIGINT NOT NULL,
	supplier_id BIGINT NOT NULL,
	group_id    BIGINT NOT NULL,
	PRIMARY KEY (retailer_id, supplier_id, group_id)
) {{clustered}};
-- For GET /suppliers?groupId; the members of a group that is deleted.
CREATE INDEX supplier_group_members_group ON supplier_group_members (retailer_id, group_id, supplier_id);

CREATE TABLE purchase_orders (
	retailer_id           BIGINT  NOT NULL,
	id                    BIGINT  NOT NULL,
	code                  TEXT    NOT NULL,
	code_key              TEXT    NOT NULL,
	branch_id             BIGINT  NOT NULL,
	purchase_date         BIGINT  NOT NULL,
	supplier_id           BIGINT,
	supplier_code         TEXT,
	supplier_name         TEXT,
	purchase_by_id        BIGINT,
	discount              BIGINT,
	discount_ratio        BIGINT,
	total                 BIGINT  NOT NULL,
	total_payment         BIGINT  NOT NULL,
	total_tax             BIGINT,
	ex_return_suppliers   BIGINT,
	ex_return_third_party BIGINT,
	is_apply_purchase_tax BOOLEAN NOT NULL,
	status                BIGINT  NOT NULL, -- 1 draft, 3 completed, 4 void
	description           TEXT,
	stock_step            BIGINT  NOT NULL DEFAULT 0,
	cash_step             BIGINT  NOT NULL DEFAULT 0,
	created_date          BIGINT  NOT NULL,
	modified_date         BIGINT,
	changed_at            BIGINT  NOT NULL,
	PRIMARY KEY (retailer_id, id)
) {{clustered}};
-- For a purchase order by its code.
CREATE UNIQUE INDEX purchase_orders_code ON purchase_orders (retailer_id, code_key);
-- For GET /purchaseorders?orderBy=modifiedDate.
CREATE INDEX purchase_orders_changed ON purchase_orders (retailer_id, changed_at, id);
-- For GET /purchaseorders?fromPurchaseDate and orderBy=purchaseDate.
CREATE INDEX purchase_orders_purchased ON purchase_orders (retailer_id, purchase_date, id);
-- For GET /purchaseorders?supplierIds.
CREATE INDEX purchase_orders_supplier ON purchase_orders (retailer_id, supplier_id, id) WHERE supplier_id IS NOT NULL;

CREATE TABLE purchase_order_lines (
	retailer_id            BIGINT NOT NULL,
	purchase_order_id      BIGINT NOT NULL,
	line_number            BIGINT NOT NULL,
	id                     BIGINT NOT NULL,
	product_id             BIGINT NOT NULL,
	product_code           TEXT   NOT NULL,
	product_name           TEXT   NOT NULL,
	quantity               BIGINT NOT NULL,
	price                  BIGINT NOT NULL,
	discount               BIGINT,
	discount_ratio         BIGINT,
	sub_total              BIGINT NOT NULL,
	allocation             BIGINT NOT NULL, -- of the document's discount
	allocation_suppliers   BIGINT NOT NULL, -- of the expenses paid to the supplier
	allocation_third_party BIGINT NOT NULL, -- of those paid to others
	description            TEXT,
	serial_numbers         TEXT,
	batch_id               BIGINT,
	tax_id                 BIGINT,
	tax_row_id             BIGINT,
	detail_tax             BIGINT,
	PRIMARY KEY (retailer_id, purchase_order_id, line_number)
) {{clustered}};

CREATE TABLE purchase_order_surcharges (
	retailer_id         BIGINT  NOT NULL,
	purchase_order_id   BIGINT  NOT NULL,
	line_number         BIGINT  NOT NULL,
	code                TEXT,
	name                TEXT,
	value               BIGINT  NOT NULL, -- what it came to
	value_ratio         BIGINT,
	is_supplier_expense BOOLEAN NOT NULL,
	PRIMARY KEY (retailer_id, purchase_order_id, line_number)
) {{clustered}};
