-- Written by: cash.

-- What of a payment pays the invoice, return or purchase that it was booked for, with the sign of its amount. The rest pays
-- other documents, is a deposit of its order, or credit.
ALTER TABLE payments ADD COLUMN applied BIGINT NOT NULL DEFAULT 0;
UPDATE payments SET applied = amount
WHERE status = 0 AND (invoice_id IS NOT NULL OR return_id IS NOT NULL OR purchase_id IS NOT NULL AND NOT EXISTS (
	SELECT 1 FROM purchase_orders d -- what was paid for a draft waits until it is received
	WHERE d.retailer_id = payments.retailer_id AND d.id = payments.purchase_id AND d.status = 1));

-- What one document of a partner's account settles of another one, where a payment does not pay the one it was booked for.
CREATE TABLE allocations (
	retailer_id   BIGINT NOT NULL,
	id            BIGINT NOT NULL,
	account_type  TEXT   NOT NULL,
	account_id    BIGINT NOT NULL,
	creditor_kind TEXT   NOT NULL,
	creditor_id   BIGINT NOT NULL,
	creditor_code TEXT   NOT NULL,
	creditor_date BIGINT NOT NULL,
	debtor_kind   TEXT   NOT NULL,
	debtor_id     BIGINT NOT NULL,
	debtor_code   TEXT   NOT NULL,
	debtor_date   BIGINT NOT NULL,
	amount        BIGINT NOT NULL,
	effective_at  BIGINT NOT NULL,
	ended_at      BIGINT NOT NULL DEFAULT 0, -- 0 while it is valid
	created_date  BIGINT NOT NULL,
	CHECK (amount > 0),
	PRIMARY KEY (retailer_id, id)
) {{clustered}};
-- For what a document settles.
CREATE INDEX allocations_creditor ON allocations (retailer_id, creditor_kind, creditor_id);
-- For what settles a document.
CREATE INDEX allocations_debtor ON allocations (retailer_id, debtor_kind, debtor_id);
-- For the open documents of a partner as at a date.
CREATE INDEX allocations_account ON allocations (retailer_id, account_type, account_id, effective_at);

-- Documents of partners' accounts that are not settled: what a debtor document leaves open is positive, credit is negative.
CREATE TABLE open_items (
	retailer_id   BIGINT NOT NULL,
	account_type  TEXT   NOT NULL,
	account_id    BIGINT NOT NULL,
	kind          TEXT   NOT NULL,
	document_id   BIGINT NOT NULL,
	code          TEXT   NOT NULL,
	document_date BIGINT NOT NULL,
	open_amount   BIGINT NOT NULL,
	held_amount   BIGINT NOT NULL, -- to be collected on delivery: not settled by itself
	PRIMARY KEY (retailer_id, account_type, account_id, kind, document_id)
) {{clustered}};

-- Partners whose money is not allocated yet: all who have moved before there were allocations. 0 is everybody without a name.
CREATE TABLE unallocated_partners (
	retailer_id  BIGINT NOT NULL,
	account_type TEXT   NOT NULL,
	account_id   BIGINT NOT NULL,
	differs      BIGINT NOT NULL DEFAULT 0, -- what the documents come to more than the debt: such a partner is left as he is
	PRIMARY KEY (retailer_id, account_type, account_id)
) {{clustered}};
INSERT INTO unallocated_partners (retailer_id, account_type, account_id)
SELECT retailer_id, account_type, account_id FROM cash_balances
UNION ALL
SELECT retailer_id, 'C', 0 FROM retailers;
