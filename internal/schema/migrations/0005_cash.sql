-- Written by: cash.
CREATE TABLE bank_accounts (
	retailer_id    BIGINT NOT NULL,
	id             BIGINT NOT NULL,
	bank_name      TEXT   NOT NULL,
	account_number TEXT   NOT NULL,
	description    TEXT,
	created_date   BIGINT NOT NULL,
	modified_date  BIGINT,
	changed_at     BIGINT NOT NULL,
	deleted_at     BIGINT NOT NULL DEFAULT 0,
	PRIMARY KEY (retailer_id, id)
) {{clustered}};
-- For a bank account by its number; GET /BankAccounts.
CREATE UNIQUE INDEX bank_accounts_number ON bank_accounts (retailer_id, account_number) WHERE deleted_at = 0;

CREATE TABLE surcharges (
	retailer_id    BIGINT  NOT NULL,
	id             BIGINT  NOT NULL,
	surcharge_code TEXT    NOT NULL,
	code_key       TEXT    NOT NULL,
	surcharge_name TEXT    NOT NULL,
	value_ratio    BIGINT  NOT NULL DEFAULT 0,
	value          BIGINT,
	branch_id      BIGINT, -- NULL: applies everywhere
	is_active      BOOLEAN NOT NULL,
	created_date   BIGINT  NOT NULL,
	modified_date  BIGINT,
	changed_at     BIGINT  NOT NULL,
	PRIMARY KEY (retailer_id, id)
) {{clustered}};
-- For a surcharge by its code.
CREATE UNIQUE INDEX surcharges_code ON surcharges (retailer_id, code_key);

-- Receipts and payment vouchers. A receipt's amount is positive, a payment's negative.
CREATE TABLE payments (
	retailer_id   BIGINT NOT NULL,
	id            BIGINT NOT NULL,
	code          TEXT   NOT NULL,
	branch_id     BIGINT NOT NULL,
	amount        BIGINT NOT NULL,
	method        TEXT   NOT NULL, -- Cash, Card, Transfer, Voucher
	account_id    BIGINT,
	status        BIGINT NOT NULL, -- 0 paid, 1 voided
	partner_type  TEXT   NOT NULL, -- C customer, S supplier, O other
	partner_id    BIGINT NOT NULL, -- 0 for a walk-in
	order_id      BIGINT,
	invoice_id    BIGINT,
	description   TEXT,
	user_id       BIGINT NOT NULL,
	trans_date    BIGINT NOT NULL,
	created_date  BIGINT NOT NULL,
	changed_at    BIGINT NOT NULL,
	CHECK (amount <> 0),
	PRIMARY KEY (retailer_id, id)
) {{clustered}};
-- For no two receipts have a code.
CREATE UNIQUE INDEX payments_code ON payments (retailer_id, code);
-- For the receipts of an order.
CREATE INDEX payments_order ON payments (retailer_id, order_id, id) WHERE order_id IS NOT NULL;
-- For the receipts of an invoice.
CREATE INDEX payments_invoice ON payments (retailer_id, invoice_id, id) WHERE invoice_id IS NOT NULL;

-- Money moves from an account to an account. An account is a type and an id:
-- C customer, S supplier, D drawer (id: branch), B bank (id: bank account), I income and V vouchers (id: branch).
CREATE TABLE cash_postings (
	retailer_id  BIGINT NOT NULL,
	kind         TEXT   NOT NULL,
	document_id  BIGINT NOT NULL,
	step         BIGINT NOT NULL,
	line         BIGINT NOT NULL,
	from_type    TEXT   NOT NULL,
	from_id      BIGINT NOT NULL,
	to_type      TEXT   NOT NULL,
	to_id        BIGINT NOT NULL,
	amount       BIGINT NOT NULL,
	effective_at BIGINT NOT NULL,
	posted_at    BIGINT NOT NULL,
	CHECK (amount > 0),
	PRIMARY KEY (retailer_id, kind, document_id, step, line)
) {{clustered}};
CREATE INDEX cash_postings_from ON cash_postings (retailer_id, from_type, from_id, posted_at);
CREATE INDEX cash_postings_to ON cash_postings (retailer_id, to_type, to_id, posted_at);

-- What partners owe: kept for accounts that are read often and written by few. Drawers and banks are summed up.
CREATE TABLE cash_balances (
	retailer_id  BIGINT NOT NULL,
	account_type TEXT   NOT NULL,
	account_id   BIGINT NOT NULL,
	balance      BIGINT NOT NULL,
	CHECK (balance BETWEEN -9000000000000000000 AND 9000000000000000000),
	PRIMARY KEY (retailer_id, account_type, account_id)
) {{clustered}};
