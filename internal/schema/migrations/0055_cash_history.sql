-- Written by: cash.

-- An entry that a mirror has of its source's cash book: it has moved nothing here. What made it there (Order, Invoice, Manual, …).
ALTER TABLE payments ADD COLUMN history_origin TEXT;
