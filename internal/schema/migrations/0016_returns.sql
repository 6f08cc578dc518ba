-- Written by: sales.

-- What standing returns have brought back of the line.
ALTER TABLE invoice_lines ADD COLUMN return_quantity BIGINT NOT NULL DEFAULT 0;

CREATE TABLE returns (
	retailer_id        BIGINT  NOT NULL,
	id                 BIGINT  NOT NULL,
	code               TEXT    NOT NULL,
	code_key           TEXT    NOT NULL,
	invoice_id         BIGINT,           -- NULL for a return without an invoice
	return_date        BIGINT  NOT NULL,
	branch_id          BIGINT  NOT NULL, -- where the goods came back
	received_by_id     BIGINT  NOT NULL,
	sold_by_id         BIGINT,
	customer_id        BIGINT,
	customer_code      TEXT,
	customer_name      TEXT,
	return_total       BIGINT  NOT NULL, -- what the customer gets back
	return_discount    BIGINT,
	discount_after_tax BIGINT,
	return_fee         BIGINT  NOT NULL,
	total_payment      BIGINT  NOT NULL, -- what of it was paid out
	total_tax          BIGINT,
	pricing_mode       BIGINT,
	status             BIGINT  NOT NULL, -- 1 returned, 2 voided
	description        TEXT,
	has_taxes          BOOLEAN NOT NULL,
	points             BIGINT  NOT NULL, -- taken back
	stock_step         BIGINT  NOT NULL,
	cash_step          BIGINT  NOT NULL,
	created_date       BIGINT  NOT NULL,
	modified_date      BIGINT,
	changed_at         BIGINT  NOT NULL,
	PRIMARY KEY (retailer_id, id)
) {{clustered}};
-- For a return by its code.
CREATE UNIQUE INDEX returns_code ON returns (retailer_id, code_key);
-- For GET /returns?lastModifiedFrom.
CREATE INDEX returns_changed ON returns (retailer_id, changed_at, id);
-- For the returns of an invoice.
CREATE INDEX returns_invoice ON returns (retailer_id, invoice_id, id) WHERE invoice_id IS NOT NULL;
-- For GET /returns?fromReturnDate and orderBy=returnDate.
CREATE INDEX returns_returned ON returns (retailer_id, return_date, id);

CREATE TABLE return_lines (
	retailer_id         BIGINT  NOT NULL,
	return_id           BIGINT  NOT NULL,
	line                BIGINT  NOT NULL,
	id                  BIGINT  NOT NULL,
	invoice_detail_id   BIGINT,           -- the invoice's line
	product_id          BIGINT  NOT NULL,
	product_code        TEXT    NOT NULL,
	product_name        TEXT    NOT NULL,
	quantity            BIGINT  NOT NULL,
	price               BIGINT  NOT NULL,
	sub_total           BIGINT  NOT NULL,
	allocation_discount BIGINT,
	paid_sub_total      BIGINT  NOT NULL, -- as the customer saw it: with tax in the pricing mode after tax
	paid_allocation     BIGINT  NOT NULL,
	note                TEXT,
	use_point           BOOLEAN NOT NULL,
	serial_numbers      TEXT,
	batch_id            BIGINT,
	PRIMARY KEY (retailer_id, return_id, line)
) {{clustered}};
