-- Written by: sales.

-- Orders and returns that a mirror has of its source, as the invoices of 0052.
ALTER TABLE orders ADD COLUMN history BOOLEAN NOT NULL DEFAULT FALSE;
ALTER TABLE returns ADD COLUMN history BOOLEAN NOT NULL DEFAULT FALSE;
