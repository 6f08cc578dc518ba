-- Written by: stock. A place is a branch's id, or one of stock's negative outside places.
CREATE TABLE stock_levels (
	retailer_id BIGINT NOT NULL,
	product_id  BIGINT NOT NULL,
	branch_id   BIGINT NOT NULL,
	on_hand     BIGINT NOT NULL DEFAULT 0,
	reserved    BIGINT NOT NULL DEFAULT 0,
	on_order    BIGINT NOT NULL DEFAULT 0,
	cost        BIGINT NOT NULL DEFAULT 0, -- moving average of one base unit
	changed_at  BIGINT NOT NULL,
	CHECK (on_hand BETWEEN -9000000000000000000 AND 9000000000000000000),
	CHECK (reserved BETWEEN -9000000000000000000 AND 9000000000000000000),
	PRIMARY KEY (retailer_id, product_id, branch_id)
) {{clustered}};
CREATE INDEX stock_levels_changed ON stock_levels (retailer_id, changed_at, product_id);

CREATE TABLE stock_postings (
	retailer_id  BIGINT NOT NULL,
	kind         TEXT   NOT NULL,
	document_id  BIGINT NOT NULL,
	step         BIGINT NOT NULL, -- the document's how-manieth change of stock
	line         BIGINT NOT NULL,
	product_id   BIGINT NOT NULL,
	from_place   BIGINT NOT NULL,
	to_place     BIGINT NOT NULL,
	quantity     BIGINT NOT NULL,
	cost         BIGINT NOT NULL, -- of one base unit
	batch_id     BIGINT NOT NULL DEFAULT 0,
	effective_at BIGINT NOT NULL,
	posted_at    BIGINT NOT NULL,
	CHECK (quantity > 0),
	CHECK (from_place <> to_place),
	PRIMARY KEY (retailer_id, kind, document_id, step, line)
) {{clustered}};
CREATE INDEX stock_postings_product ON stock_postings (retailer_id, product_id, posted_at);

CREATE TABLE stock_reservations (
	retailer_id BIGINT NOT NULL,
	kind        TEXT   NOT NULL,
	document_id BIGINT NOT NULL,
	product_id  BIGINT NOT NULL,
	branch_id   BIGINT NOT NULL,
	quantity    BIGINT NOT NULL CHECK (quantity > 0),
	PRIMARY KEY (retailer_id, kind, document_id, product_id, branch_id)
) {{clustered}};
CREATE INDEX stock_reservations_product ON stock_reservations (retailer_id, product_id);

CREATE TABLE stock_batches (
	retailer_id  BIGINT NOT NULL,
	id           BIGINT NOT NULL,
	product_id   BIGINT NOT NULL,
	batch_name   TEXT   NOT NULL,
	expire_date  BIGINT NOT NULL,
	created_date BIGINT NOT NULL,
	PRIMARY KEY (retailer_id, id)
) {{clustered}};
-- For a batch by its name and date.
CREATE UNIQUE INDEX stock_batches_name ON stock_batches (retailer_id, product_id, batch_name, expire_date);

CREATE TABLE stock_batch_levels (
	retailer_id BIGINT NOT NULL,
	batch_id    BIGINT NOT NULL,
	branch_id   BIGINT NOT NULL,
	product_id  BIGINT NOT NULL,
	on_hand     BIGINT NOT NULL,
	PRIMARY KEY (retailer_id, batch_id, branch_id)
) {{clustered}};
CREATE INDEX stock_batch_levels_product ON stock_batch_levels (retailer_id, product_id);

CREATE TABLE stock_serials (
	retailer_id   BIGINT NOT NULL,
	product_id    BIGINT NOT NULL,
	serial_number TEXT   NOT NULL,
	branch_id     BIGINT NOT NULL, -- where it is, or was last
	status        BIGINT NOT NULL, -- 1 in stock, 0 gone
	created_date  BIGINT NOT NULL,
	modified_date BIGINT,
	PRIMARY KEY (retailer_id, product_id, serial_number)
) {{clustered}};

-- Which serials a posting moved.
CREATE TABLE stock_serial_postings (
	retailer_id   BIGINT NOT NULL,
	kind          TEXT   NOT NULL,
	document_id   BIGINT NOT NULL,
	step          BIGINT NOT NULL,
	line          BIGINT NOT NULL,
	serial_number TEXT   NOT NULL,
	PRIMARY KEY (retailer_id, kind, document_id, step, line, serial_number)
) {{clustered}};
