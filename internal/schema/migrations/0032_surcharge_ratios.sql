-- Written by: sales.

-- What percent of the goods less their discount a document's surcharge is; NULL for one that is an amount.
ALTER TABLE document_surcharges ADD COLUMN ratio BIGINT;
