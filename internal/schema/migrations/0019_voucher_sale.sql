-- Written by: cash.

-- The campaign whose vouchers a receipt is for. No document stands behind it, but it is no free one either.
ALTER TABLE payments ADD COLUMN voucher_campaign_id BIGINT;
