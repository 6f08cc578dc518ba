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
-- For a transfer by its code.
CREATE UNIQUE INDEX transfers_code ON transfers (retailer_id, code_key);
-- For GET /transfers?fromTransferDate.
CREATE INDEX transfers_dispatched ON transfers (retailer_id, dispatched_date, id) WHERE dispatched_date IS NOT NULL;
-- For GET /transfers?fromReceivedDate.
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
-- For a stock take by its code.
CREATE UNIQUE INDEX stocktakes_code ON stocktakes (retailer_id, code_key);
-- For GET /stocktakes?lastModifiedFrom.
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

CREATE TABLE order_suppliers (
	retailer_id           BIGINT  NOT NULL,
	id                    BIGINT  NOT NULL,
	code                  TEXT    NOT NULL,
	code_key              TEXT    NOT NULL,
	order_date            BIGINT  NOT NULL,
	branch_id             BIGINT  NOT NULL,
	user_id               BIGINT  NOT NULL,
	supplier_id           BIGINT,
	supplier_code         TEXT,
	supplier_name         TEXT,
	supplier_old_debt     BIGINT  NOT NULL,
	description           TEXT,
	description_search    TEXT    NOT NULL,
	status                BIGINT  NOT NULL, -- 0 draft, 1 confirmed, 2 partly received, 3 completed, 4 void
	discount              BIGINT,
	discount_ratio        BIGINT,
	is_apply_purchase_tax BOOLEAN NOT NULL,
	total_tax             BIGINT,
	ex_return_suppliers   BIGINT,
	ex_return_third_party BIGINT,
	total_quantity        BIGINT  NOT NULL,
	total_product_type    BIGINT  NOT NULL,
	sub_total             BIGINT  NOT NULL,
	total                 BIGINT  NOT NULL,
	created_by            BIGINT  NOT NULL,
	created_date          BIGINT  NOT NULL,
	modified_date         BIGINT,
	changed_at            BIGINT  NOT NULL,
	PRIMARY KEY (retailer_id, id)
) {{clustered}};
-- For an order to a supplier by its code.
CREATE UNIQUE INDEX order_suppliers_code ON order_suppliers (retailer_id, code_key);

CREATE TABLE order_supplier_lines (
	retailer_id            BIGINT NOT NULL,
	order_supplier_id      BIGINT NOT NULL,
	line                   BIGINT NOT NULL,
	id                     BIGINT NOT NULL,
	product_id             BIGINT NOT NULL,
	product_code           TEXT   NOT NULL,
	product_name           TEXT   NOT NULL,
	base_id                BIGINT NOT NULL, -- the base unit's product
	base_quantity          BIGINT NOT NULL, -- ordered, in base units
	quantity               BIGINT NOT NULL,
	price                  BIGINT NOT NULL,
	discount               BIGINT NOT NULL,
	discount_ratio         BIGINT,
	sub_total              BIGINT NOT NULL,
	allocation             BIGINT NOT NULL,
	allocation_suppliers   BIGINT NOT NULL,
	allocation_third_party BIGINT NOT NULL,
	description            TEXT,
	tax_id                 BIGINT,
	tax_row_id             BIGINT,
	detail_tax             BIGINT,
	created_date           BIGINT NOT NULL,
	PRIMARY KEY (retailer_id, order_supplier_id, line)
) {{clustered}};
-- For GET /ordersuppliers?productKey.
CREATE INDEX order_supplier_lines_product ON order_supplier_lines (retailer_id, product_id, order_supplier_id);

CREATE TABLE order_supplier_expenses (
	retailer_id         BIGINT  NOT NULL,
	order_supplier_id   BIGINT  NOT NULL,
	line                BIGINT  NOT NULL,
	id                  BIGINT  NOT NULL,
	form                BIGINT  NOT NULL, -- 1 paid to the supplier, 0 to somebody else
	expenses_other_id   BIGINT  NOT NULL,
	expenses_other_code TEXT    NOT NULL,
	expenses_other_name TEXT    NOT NULL,
	code_key            TEXT    NOT NULL,
	price               BIGINT  NOT NULL,
	ex_value            BIGINT,
	is_ratio            BOOLEAN NOT NULL, -- ex_value is percent of the goods
	is_return_auto      BOOLEAN NOT NULL,
	created_date        BIGINT  NOT NULL,
	PRIMARY KEY (retailer_id, order_supplier_id, line)
) {{clustered}};
-- For an expense by its code.
CREATE INDEX order_supplier_expenses_code ON order_supplier_expenses (retailer_id, code_key);

-- Which order to a supplier a purchase order receives.
ALTER TABLE purchase_orders ADD COLUMN order_supplier_id BIGINT;
-- For what has come of an order to a supplier.
CREATE INDEX purchase_orders_ordered ON purchase_orders (retailer_id, order_supplier_id, id) WHERE order_supplier_id IS NOT NULL;
