-- Written by: db (row_counts), cash (the others).

-- Opening balances and adjustments of what partners owe, and of points. Their postings have the kind adjustment, and move debts from or
-- to the account A 0, which is neither money nor income: until now there were debts written off, from or to O.
CREATE TABLE debt_adjustments (
	retailer_id   BIGINT NOT NULL,
	id            BIGINT NOT NULL,
	code          TEXT   NOT NULL,
	code_key      TEXT   NOT NULL,
	type          TEXT   NOT NULL, -- opening, adjustment
	partner_type  TEXT   NOT NULL, -- C customer, S supplier
	partner_id    BIGINT NOT NULL,
	document_date BIGINT NOT NULL,
	debt          BIGINT NOT NULL, -- what a customer owes more, or the shop owes a supplier more
	points        BIGINT NOT NULL,
	reason        TEXT,
	status        BIGINT NOT NULL, -- 1 valid, 2 void
	created_by    BIGINT,          -- NULL: the program
	created_date  BIGINT NOT NULL,
	modified_date BIGINT,
	changed_at    BIGINT NOT NULL,
	CHECK (debt <> 0 OR points <> 0),
	PRIMARY KEY (retailer_id, id)
) {{clustered}};
-- For no two adjustments have a code.
CREATE UNIQUE INDEX debt_adjustments_code ON debt_adjustments (retailer_id, code_key);
-- For the adjustments of a partner: GET /debtadjustments?partnerIds=…, and the openings of a day.
CREATE INDEX debt_adjustments_partner ON debt_adjustments (retailer_id, partner_id, document_date);
-- GET /debtadjustments?fromDocumentDate=…
CREATE INDEX debt_adjustments_date ON debt_adjustments (retailer_id, document_date);
-- GET /debtadjustments?lastModifiedFrom=…
CREATE INDEX debt_adjustments_changed ON debt_adjustments (retailer_id, changed_at);

-- The last number given out for their codes.
ALTER TABLE shop_heads ADD COLUMN code_cb BIGINT NOT NULL DEFAULT 0;

-- Debts of less than 1 VND that were written off have had postings alone, of one step.
INSERT INTO debt_adjustments (retailer_id, id, code, code_key, type, partner_type, partner_id, document_date, debt, points, reason,
	status, created_date, changed_at)
SELECT retailer_id, document_id, 'CB' || substr('000000', length(CAST(document_id AS TEXT)) + 1) || CAST(document_id AS TEXT),
	'cb' || substr('000000', length(CAST(document_id AS TEXT)) + 1) || CAST(document_id AS TEXT), 'adjustment',
	CASE WHEN from_type IN ('C', 'S') THEN from_type ELSE to_type END, CASE WHEN from_type IN ('C', 'S') THEN from_id ELSE to_id END,
	effective_at, CASE WHEN to_type = 'C' OR from_type = 'S' THEN amount ELSE -amount END, 0, 'Xóa nợ lẻ', 1, posted_at, posted_at
FROM cash_postings WHERE kind = 'adjustment' AND step = 1;

INSERT INTO row_counts SELECT retailer_id, 'debt_adjustments', 0, id >> 10, COUNT(*) FROM debt_adjustments GROUP BY 1, 4;
INSERT INTO row_counts SELECT retailer_id, name, 1, block >> 6, SUM(n) FROM row_counts WHERE name = 'debt_adjustments' AND level = 0 GROUP BY 1, 2, 4;
INSERT INTO row_counts SELECT retailer_id, name, 2, block >> 6, SUM(n) FROM row_counts WHERE name = 'debt_adjustments' AND level = 1 GROUP BY 1, 2, 4;
