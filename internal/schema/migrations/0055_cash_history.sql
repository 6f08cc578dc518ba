-- Written by: cash.

-- An entry that a mirror has of its source's cash book: it has moved nothing here. What made it there (Order, Invoice, Manual, …).
ALTER TABLE payments ADD COLUMN history_origin TEXT;

-- Of a partner whom a mirror does not have.
ALTER TABLE payments ADD COLUMN ward_name TEXT;
ALTER TABLE payments ADD COLUMN location_name TEXT;
