-- Written by: sales.
CREATE TABLE orders (
	retailer_id        BIGINT  NOT NULL,
	id                 BIGINT  NOT NULL,
	code               TEXT    NOT NULL,
	code_key           TEXT    NOT NULL,
	purchase_date      BIGINT  NOT NULL,
	branch_id          BIGINT  NOT NULL,
	sold_by_id         BIGINT,
	cashier_id         BIGINT  NOT NULL,
	customer_id        BIGINT,
	customer_code      TEXT,
	customer_name      TEXT,
	total              BIGINT  NOT NULL,
	total_payment      BIGINT  NOT NULL,
	discount           BIGINT,
	discount_ratio     BIGINT,
	discount_after_tax BIGINT,
	pricing_mode       BIGINT,
	total_tax          BIGINT,
	method             TEXT,
	status             BIGINT  NOT NULL,
	description        TEXT,
	using_cod          BOOLEAN NOT NULL,
	sale_channel_id    BIGINT,
	partner            TEXT,
	extra              TEXT,
	has_taxes          BOOLEAN NOT NULL,
	has_surcharges     BOOLEAN NOT NULL,
	open_status        BIGINT  NOT NULL, -- to go back to when its invoices are voided
	created_date       BIGINT  NOT NULL,
	modified_date      BIGINT,
	changed_at         BIGINT  NOT NULL,
	PRIMARY KEY (retailer_id, id)
) {{clustered}};
-- For an order by its code; GET /orders?orderBy=code.
CREATE UNIQUE INDEX orders_code ON orders (retailer_id, code_key);
-- For GET /orders?lastModifiedFrom.
CREATE INDEX orders_changed ON orders (retailer_id, changed_at, id);
-- For GET /orders?customerIds.
CREATE INDEX orders_customer ON orders (retailer_id, customer_id, id) WHERE customer_id IS NOT NULL;
-- For GET /orders?fromPurchaseDate and orderBy=purchaseDate.
CREATE INDEX orders_purchased ON orders (retailer_id, purchase_date, id);

CREATE TABLE order_lines (
	retailer_id    BIGINT  NOT NULL,
	order_id       BIGINT  NOT NULL,
	line           BIGINT  NOT NULL,
	id             BIGINT  NOT NULL,
	product_id     BIGINT  NOT NULL,
	product_code   TEXT    NOT NULL,
	product_name   TEXT    NOT NULL,
	is_master      BOOLEAN NOT NULL,
	quantity       BIGINT  NOT NULL,
	price          BIGINT  NOT NULL,
	discount       BIGINT,
	discount_ratio BIGINT,
	sub_total      BIGINT  NOT NULL,
	note           TEXT,
	PRIMARY KEY (retailer_id, order_id, line)
) {{clustered}};

CREATE TABLE invoices (
	retailer_id        BIGINT  NOT NULL,
	id                 BIGINT  NOT NULL,
	uuid               TEXT    NOT NULL,
	code               TEXT    NOT NULL,
	code_key           TEXT    NOT NULL,
	order_id           BIGINT,
	order_code         TEXT,
	purchase_date      BIGINT  NOT NULL,
	branch_id          BIGINT  NOT NULL,
	sold_by_id         BIGINT,
	customer_id        BIGINT,
	customer_code      TEXT,
	customer_name      TEXT,
	total              BIGINT  NOT NULL,
	total_payment      BIGINT  NOT NULL,
	discount           BIGINT,
	discount_ratio     BIGINT,
	discount_after_tax BIGINT,
	pricing_mode       BIGINT,
	total_tax          BIGINT,
	method             TEXT,
	status             BIGINT  NOT NULL,
	description        TEXT,
	using_cod          BOOLEAN NOT NULL,
	sale_channel_id    BIGINT,
	has_taxes          BOOLEAN NOT NULL,
	has_surcharges     BOOLEAN NOT NULL,
	points             BIGINT  NOT NULL DEFAULT 0, -- earned by this invoice
	stock_step         BIGINT  NOT NULL DEFAULT 0,
	cash_step          BIGINT  NOT NULL DEFAULT 0,
	goods_returned     BOOLEAN NOT NULL DEFAULT FALSE, -- voided, or its delivery came back
	cod_collected      BOOLEAN NOT NULL DEFAULT FALSE,
	created_date       BIGINT  NOT NULL,
	modified_date      BIGINT,
	changed_at         BIGINT  NOT NULL,
	PRIMARY KEY (retailer_id, id)
) {{clustered}};
-- For an invoice by its code; GET /invoices?orderBy=code.
CREATE UNIQUE INDEX invoices_code ON invoices (retailer_id, code_key);
-- For GET /invoices?lastModifiedFrom.
CREATE INDEX invoices_changed ON invoices (retailer_id, changed_at, id);
-- For the invoices of an order.
CREATE INDEX invoices_order ON invoices (retailer_id, order_id, id) WHERE order_id IS NOT NULL;
-- For GET /invoices?customerIds.
CREATE INDEX invoices_customer ON invoices (retailer_id, customer_id, id) WHERE customer_id IS NOT NULL;
-- For GET /invoices?fromPurchaseDate and orderBy=purchaseDate.
CREATE INDEX invoices_purchased ON invoices (retailer_id, purchase_date, id);

CREATE TABLE invoice_lines (
	retailer_id         BIGINT NOT NULL,
	invoice_id          BIGINT NOT NULL,
	line                BIGINT NOT NULL,
	id                  BIGINT NOT NULL,
	product_id          BIGINT NOT NULL,
	product_code        TEXT   NOT NULL,
	product_name        TEXT   NOT NULL,
	quantity            BIGINT NOT NULL,
	price               BIGINT NOT NULL,
	discount            BIGINT,
	discount_ratio      BIGINT,
	allocation_discount BIGINT,
	sub_total           BIGINT NOT NULL,
	note                TEXT,
	serial_numbers      TEXT,
	batch_id            BIGINT,
	PRIMARY KEY (retailer_id, invoice_id, line)
) {{clustered}};

-- Taxes of order and invoice lines; document is 'order' or 'invoice'.
CREATE TABLE line_taxes (
	retailer_id                   BIGINT NOT NULL,
	document                      TEXT   NOT NULL,
	document_id                   BIGINT NOT NULL,
	line                          BIGINT NOT NULL,
	tax_id                        BIGINT NOT NULL,
	id                            BIGINT NOT NULL,
	detail_id                     BIGINT NOT NULL,
	detail_tax                    BIGINT,
	price_after_tax               BIGINT,
	discount_after_tax            BIGINT,
	allocation_discount_after_tax BIGINT,
	PRIMARY KEY (retailer_id, document, document_id, line, tax_id)
) {{clustered}};

CREATE TABLE document_surcharges (
	retailer_id    BIGINT NOT NULL,
	document       TEXT   NOT NULL,
	document_id    BIGINT NOT NULL,
	line           BIGINT NOT NULL,
	id             BIGINT NOT NULL,
	surcharge_id   BIGINT,
	surcharge_name TEXT   NOT NULL,
	sur_value      BIGINT,
	price          BIGINT NOT NULL,
	created_date   BIGINT NOT NULL,
	PRIMARY KEY (retailer_id, document, document_id, line)
) {{clustered}};

CREATE TABLE deliveries (
	retailer_id         BIGINT  NOT NULL,
	document            TEXT    NOT NULL,
	document_id         BIGINT  NOT NULL,
	delivery_code       TEXT,
	type                BIGINT,
	status              BIGINT  NOT NULL,
	price               BIGINT,
	receiver            TEXT,
	contact_number      TEXT,
	address             TEXT,
	location_id         BIGINT,
	location_name       TEXT,
	ward_name           TEXT,
	using_price_cod     BOOLEAN NOT NULL,
	price_cod_payment   BIGINT,
	weight              BIGINT,
	length              BIGINT,
	width               BIGINT,
	height              BIGINT,
	partner_delivery_id BIGINT,
	expected_delivery   BIGINT,
	PRIMARY KEY (retailer_id, document, document_id)
) {{clustered}};
