-- Written by: cash.

-- What the cash book says beside the money. Whom a voucher names is known by id, or by the texts here when the shop
-- keeps no record of them (partner_type O).
ALTER TABLE payments ADD COLUMN cash_flow_group_id BIGINT;
ALTER TABLE payments ADD COLUMN used_for_financial_reporting BIGINT NOT NULL DEFAULT 0; -- 1: income or expense of its own
ALTER TABLE payments ADD COLUMN partner_name TEXT;
ALTER TABLE payments ADD COLUMN partner_search TEXT;
ALTER TABLE payments ADD COLUMN contact_number TEXT;
ALTER TABLE payments ADD COLUMN address TEXT;

-- The groups of taphoa.CashFlowGroups that these vouchers would get today.
UPDATE payments SET cash_flow_group_id = CASE
	WHEN partner_type = 'S' AND amount > 0 THEN 2
	WHEN partner_type = 'S' THEN 7
	WHEN amount > 0 THEN 1
	ELSE 6 END;

-- For GET /cashflow?startDate and orderBy=transDate.
CREATE INDEX payments_trans ON payments (retailer_id, trans_date, id);

-- The shop's own kinds of receipts (is_receipt) and payments, beside those of taphoa.CashFlowGroups.
CREATE TABLE cash_flow_groups (
	retailer_id  BIGINT  NOT NULL,
	id           BIGINT  NOT NULL,
	name         TEXT    NOT NULL,
	name_key     TEXT    NOT NULL,
	is_receipt   BOOLEAN NOT NULL,
	created_date BIGINT  NOT NULL,
	PRIMARY KEY (retailer_id, id)
) {{clustered}};
-- For a kind of receipts or payments by its name.
CREATE UNIQUE INDEX cash_flow_groups_name ON cash_flow_groups (retailer_id, name_key, is_receipt);

-- What an account holds is asked by audits only, and each sale pays for what finds it fast.
DROP INDEX cash_postings_from;
DROP INDEX cash_postings_to;
