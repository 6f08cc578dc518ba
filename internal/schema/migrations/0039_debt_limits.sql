-- Written by: party.

-- Up to what a customer may owe; NULL for as much as he likes. The policy says what happens beyond it: "refuse" or "warn".
ALTER TABLE customers ADD COLUMN debt_limit BIGINT;
ALTER TABLE customers ADD COLUMN debt_limit_policy TEXT;
