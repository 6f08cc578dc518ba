-- Written by: party.

-- Customers that were merged into another: their id, code and number stand for that one. kept_id was not merged itself.
CREATE TABLE merged_customers (
	retailer_id BIGINT NOT NULL,
	id          BIGINT NOT NULL,
	kept_id     BIGINT NOT NULL,
	merged_at   BIGINT NOT NULL,
	PRIMARY KEY (retailer_id, id)
) {{clustered}};
