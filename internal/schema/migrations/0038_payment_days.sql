-- Written by: party (customers, suppliers), cash (cash_postings).

-- In how many days a partner's documents are due; NULL counts as 0.
ALTER TABLE customers ADD COLUMN payment_days BIGINT;
ALTER TABLE suppliers ADD COLUMN payment_days BIGINT;

-- For a customer's and a supplier's statement, and debts as at an earlier date. What walk-ins, drawers and income move is not in it.
CREATE INDEX cash_postings_from_partner ON cash_postings (retailer_id, from_type, from_id, effective_at)
	WHERE from_type IN ('C', 'S') AND from_id <> 0;
-- For the same, of what has come to an account.
CREATE INDEX cash_postings_to_partner ON cash_postings (retailer_id, to_type, to_id, effective_at)
	WHERE to_type IN ('C', 'S') AND to_id <> 0;
