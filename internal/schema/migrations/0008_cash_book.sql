-- Written by: cash.

-- Returns and purchase orders pay out of the cash book too.
ALTER TABLE payments ADD COLUMN return_id BIGINT;
ALTER TABLE payments ADD COLUMN purchase_id BIGINT;

-- For the payments of a return.
CREATE INDEX payments_return ON payments (retailer_id, return_id, id) WHERE return_id IS NOT NULL;
-- For the payments of a purchase order.
CREATE INDEX payments_purchase ON payments (retailer_id, purchase_id, id) WHERE purchase_id IS NOT NULL;
