-- Written by: stock (stock_awaited), supply (the others).

-- What open orders to suppliers still await; stock_levels.on_order is its sum.
CREATE TABLE stock_awaited (
	retailer_id BIGINT NOT NULL,
	kind        TEXT   NOT NULL,
	document_id BIGINT NOT NULL,
	product_id  BIGINT NOT NULL,
	branch_id   BIGINT NOT NULL,
	quantity    BIGINT NOT NULL CHECK (quantity > 0),
	PRIMARY KEY (retailer_id, kind, document_id, product_id, branch_id)
) {{clustered}};

CREATE TABLE transfers (
	retailer_id         BIGINT NOT NULL,
	id                  BIGINT NOT NULL,
	code                TEXT   NOT NULL,
	code_key            TEXT   NOT NULL,
	from_branch_id      BIGINT NOT NULL,
	to_branch_id        BIGINT NOT NULL,
	status              BIGINT NOT NULL,
	description         TEXT,
	note_by_destination TEXT,
	dispatched_date     BIGINT,
	received_date       BIGINT,
	created_by_id       BIGINT NOT NULL,
	stock_step          BIGINT NOT NULL DEFAULT 0,
	created_date        BIGINT NOT NULL,
	modified_date       BIGINT,
	changed_at          BIGINT NOT NULL,
	CHECK (from_branch_id <> to_branch_id),
	PRIMARY KEY (retailer_id, id)
) {{clustered}};
CREATE UNIQUE INDEX transfers_code ON transfers (retailer_id, code_key);
CREATE INDEX transfers_dispatched ON transfers (retailer_id, dispatched_date, id) WHERE dispatched_date IS NOT NULL;
CREATE INDEX transfers_received ON transfers (retailer_id, received_date, id) WHERE received_date IS NOT NULL;

CREATE TABLE transfer_lines (
	retailer_id      BIGINT NOT NULL,
	transfer_id      BIGINT NOT NULL,
	line             BIGINT NOT NULL,
	id               BIGINT NOT NULL,
	product_id       BIGINT NOT NULL,
	product_code     TEXT   NOT NULL,
	product_name     TEXT   NOT NULL,
	send_quantity    BIGINT NOT NULL,
	receive_quantity BIGINT NOT NULL DEFAULT 0,
	price            BIGINT NOT NULL,
	serial_numbers   TEXT,
	received_serials TEXT,
	batch_id         BIGINT,
	PRIMARY KEY (retailer_id, transfer_id, line)
) {{clustered}};

CREATE TABLE stocktakes (
	retailer_id      BIGINT NOT NULL,
	id               BIGINT NOT NULL,
	code             TEXT   NOT NULL,
	code_key         TEXT   NOT NULL,
	branch_id        BIGINT NOT NULL,
	status           BIGINT NOT NULL,
	description      TEXT,
	balanced_date    BIGINT,
	total_difference BIGINT,
	created_by_id    BIGINT NOT NULL,
	stock_step       BIGINT NOT NULL DEFAULT 0,
	created_date     BIGINT NOT NULL,
	modified_date    BIGINT,
	changed_at       BIGINT NOT NULL,
	PRIMARY KEY (retailer_id, id)
) {{clustered}};
CREATE UNIQUE INDEX stocktakes_code ON stocktakes (retailer_id, code_key);
CREATE INDEX stocktakes_changed ON stocktakes (retailer_id, changed_at, id);

CREATE TABLE stocktake_lines (
	retailer_id      BIGINT NOT NULL,
	stock_take_id    BIGINT NOT NULL,
	line             BIGINT NOT NULL,
	id               BIGINT NOT NULL,
	product_id       BIGINT NOT NULL,
	product_code     TEXT   NOT NULL,
	product_name     TEXT   NOT NULL,
	actual_quantity  BIGINT NOT NULL,
	system_quantity  BIGINT,
	difference       BIGINT,
	cost             BIGINT,
	difference_value BIGINT,
	serial_numbers   TEXT,
	batch_id         BIGINT,
	PRIMARY KEY (retailer_id, stock_take_id, line)
) {{clustered}};
