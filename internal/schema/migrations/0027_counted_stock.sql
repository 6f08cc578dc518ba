-- Written by: supply.
-- What the ledger had of a line, in base units, and its serials, when its number was written, and what counts had
-- corrected in all by then. NULL in what was written before:
-- such a line of a draft is compared with the stock at balancing, as it was promised then.
ALTER TABLE stocktake_lines ADD COLUMN book_on_hand BIGINT;
ALTER TABLE stocktake_lines ADD COLUMN book_serials TEXT;
ALTER TABLE stocktake_lines ADD COLUMN book_corrected BIGINT;
