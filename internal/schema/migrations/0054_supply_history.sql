-- Written by: supply.

-- Purchase orders that a mirror has of its source, as the invoices of 0052, with what they show of payments (JSON) and of the order that
-- they receive.
ALTER TABLE purchase_orders ADD COLUMN history BOOLEAN NOT NULL DEFAULT FALSE;
ALTER TABLE purchase_orders ADD COLUMN history_payments TEXT;
ALTER TABLE purchase_orders ADD COLUMN history_order_code TEXT;
