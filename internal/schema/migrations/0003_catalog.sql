-- Written by: catalog.
CREATE TABLE categories (
	retailer_id   BIGINT NOT NULL,
	id            BIGINT NOT NULL,
	parent_id     BIGINT NOT NULL, -- 0 for a root
	category_name TEXT   NOT NULL,
	name_key      TEXT   NOT NULL, -- folded for the order, then exact for uniqueness
	rank          BIGINT NOT NULL DEFAULT 0,
	created_date  BIGINT NOT NULL,
	modified_date BIGINT,
	changed_at    BIGINT NOT NULL,
	deleted_at    BIGINT NOT NULL DEFAULT 0,
	PRIMARY KEY (retailer_id, id)
) {{clustered}};
-- For a category by its name under its parent; GET /categories.
CREATE UNIQUE INDEX categories_name ON categories (retailer_id, parent_id, name_key) WHERE deleted_at = 0;

CREATE TABLE trademarks (
	retailer_id     BIGINT NOT NULL,
	id              BIGINT NOT NULL,
	trade_mark_name TEXT   NOT NULL,
	name_key        TEXT   NOT NULL,
	created_date    BIGINT NOT NULL,
	modified_date   BIGINT NOT NULL,
	deleted_at      BIGINT NOT NULL DEFAULT 0,
	PRIMARY KEY (retailer_id, id)
) {{clustered}};
-- For a brand by its name; GET /trademark.
CREATE UNIQUE INDEX trademarks_name ON trademarks (retailer_id, name_key) WHERE deleted_at = 0;

CREATE TABLE attributes (
	retailer_id  BIGINT NOT NULL,
	id           BIGINT NOT NULL,
	name         TEXT   NOT NULL,
	name_key     TEXT   NOT NULL,
	created_date BIGINT NOT NULL,
	deleted_at   BIGINT NOT NULL DEFAULT 0,
	PRIMARY KEY (retailer_id, id)
) {{clustered}};
-- For an attribute by its name; GET /attributes/allwithdistinctvalue.
CREATE UNIQUE INDEX attributes_name ON attributes (retailer_id, name_key) WHERE deleted_at = 0;

CREATE TABLE products (
	retailer_id             BIGINT  NOT NULL,
	id                      BIGINT  NOT NULL,
	code                    TEXT    NOT NULL,
	code_key                TEXT    NOT NULL,
	bar_code                TEXT,
	name                    TEXT    NOT NULL,
	full_name               TEXT    NOT NULL,
	search                  TEXT    NOT NULL, -- folded full name, code and bar code
	category_id             BIGINT  NOT NULL,
	trade_mark_id           BIGINT,
	type                    BIGINT  NOT NULL, -- 1 combo, 2 goods, 3 service
	description             TEXT    NOT NULL,
	allows_sale             BOOLEAN NOT NULL,
	is_active               BOOLEAN NOT NULL,
	is_reward_point         BOOLEAN NOT NULL,
	unit                    TEXT    NOT NULL,
	master_unit_id          BIGINT,           -- the base unit's product; NULL for a base unit
	master_product_id       BIGINT,           -- the first product of the kind; NULL for that one
	conversion_value        BIGINT  NOT NULL,
	base_price              BIGINT  NOT NULL,
	weight                  BIGINT  NOT NULL,
	order_template          TEXT,
	images                  TEXT    NOT NULL,           -- a link a line
	is_lot_serial_control   BOOLEAN NOT NULL,
	is_batch_expire_control BOOLEAN NOT NULL,
	master_code             TEXT,
	parts                   BIGINT  NOT NULL DEFAULT 0, -- bits: which tables have more about it (catalog, refreshParts)
	created_by              BIGINT  NOT NULL,
	created_date            BIGINT  NOT NULL,
	modified_date           BIGINT,
	changed_at              BIGINT  NOT NULL,
	deleted_at              BIGINT  NOT NULL DEFAULT 0,
	CHECK (conversion_value > 0),
	PRIMARY KEY (retailer_id, id)
) {{clustered}};
-- For a product by its code; GET /products?orderBy=code.
CREATE UNIQUE INDEX products_code ON products (retailer_id, code_key) WHERE deleted_at = 0;
-- For a product by its bar code; GET /products?barCode.
CREATE UNIQUE INDEX products_bar_code ON products (retailer_id, bar_code) WHERE deleted_at = 0 AND bar_code IS NOT NULL;
-- For GET /products?categoryId.
CREATE INDEX products_category ON products (retailer_id, category_id, id);
-- For GET /products?lastModifiedFrom.
CREATE INDEX products_changed ON products (retailer_id, changed_at, id);
-- For the other units of a base unit; GET /products?masterUnitId.
CREATE INDEX products_master_unit ON products (retailer_id, master_unit_id, id) WHERE master_unit_id IS NOT NULL;
-- For the products of a kind; GET /products?masterProductId.
CREATE INDEX products_master_product ON products (retailer_id, master_product_id, id) WHERE master_product_id IS NOT NULL;
-- For GET /products?includeRemoveIds.
CREATE INDEX products_deleted ON products (retailer_id, deleted_at) WHERE deleted_at > 0;
-- For GET /products, in the order of the ids.
CREATE INDEX products_listed ON products (retailer_id, id) WHERE deleted_at = 0;
-- For GET /products?name and orderBy=name.
CREATE INDEX products_name ON products (retailer_id, search, id) WHERE deleted_at = 0;

CREATE TABLE product_attributes (
	retailer_id  BIGINT NOT NULL,
	product_id   BIGINT NOT NULL,
	attribute_id BIGINT NOT NULL,
	value        TEXT   NOT NULL,
	position     BIGINT NOT NULL,
	PRIMARY KEY (retailer_id, product_id, attribute_id)
) {{clustered}};

CREATE TABLE product_taxes (
	retailer_id BIGINT  NOT NULL,
	product_id  BIGINT  NOT NULL,
	is_purchase BOOLEAN NOT NULL,
	tax_id      BIGINT  NOT NULL,
	id          BIGINT  NOT NULL,
	PRIMARY KEY (retailer_id, product_id, is_purchase, tax_id)
) {{clustered}};

CREATE TABLE product_formulas (
	retailer_id BIGINT NOT NULL,
	product_id  BIGINT NOT NULL, -- the combo
	material_id BIGINT NOT NULL,
	quantity    BIGINT NOT NULL CHECK (quantity > 0),
	PRIMARY KEY (retailer_id, product_id, material_id)
) {{clustered}};
-- For the combos of a material, for stock.update.
CREATE INDEX product_formulas_material ON product_formulas (retailer_id, material_id);

CREATE TABLE product_warranties (
	retailer_id   BIGINT NOT NULL,
	product_id    BIGINT NOT NULL,
	id            BIGINT NOT NULL,
	description   TEXT,
	number_time   BIGINT NOT NULL,
	time_type     BIGINT NOT NULL, -- 1 day, 2 month, 3 year
	warranty_type BIGINT NOT NULL, -- 1 warranty, 3 maintenance
	created_by    BIGINT,
	created_date  BIGINT NOT NULL,
	modified_date BIGINT,
	PRIMARY KEY (retailer_id, product_id, id)
) {{clustered}};

CREATE TABLE product_shelves (
	retailer_id BIGINT NOT NULL,
	product_id  BIGINT NOT NULL,
	branch_id   BIGINT NOT NULL,
	position    BIGINT NOT NULL,
	name        TEXT   NOT NULL,
	PRIMARY KEY (retailer_id, product_id, branch_id, position)
) {{clustered}};

CREATE TABLE product_limits (
	retailer_id  BIGINT NOT NULL,
	product_id   BIGINT NOT NULL,
	branch_id    BIGINT NOT NULL,
	min_quantity BIGINT NOT NULL DEFAULT 0,
	max_quantity BIGINT NOT NULL DEFAULT 0,
	PRIMARY KEY (retailer_id, product_id, branch_id)
) {{clustered}};

CREATE TABLE price_books (
	retailer_id   BIGINT  NOT NULL,
	id            BIGINT  NOT NULL,
	name          TEXT    NOT NULL,
	name_key      TEXT    NOT NULL,
	is_active     BOOLEAN NOT NULL,
	start_date    BIGINT,
	end_date      BIGINT,
	created_date  BIGINT  NOT NULL,
	modified_date BIGINT,
	changed_at    BIGINT  NOT NULL,
	deleted_at    BIGINT  NOT NULL DEFAULT 0,
	PRIMARY KEY (retailer_id, id)
) {{clustered}};
-- For a price book by its name; GET /pricebooks.
CREATE UNIQUE INDEX price_books_name ON price_books (retailer_id, name_key) WHERE deleted_at = 0;

CREATE TABLE price_book_details (
	retailer_id   BIGINT NOT NULL,
	product_id    BIGINT NOT NULL,
	price_book_id BIGINT NOT NULL,
	price         BIGINT NOT NULL,
	PRIMARY KEY (retailer_id, product_id, price_book_id)
) {{clustered}};
