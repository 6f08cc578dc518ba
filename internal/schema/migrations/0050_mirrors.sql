-- Written by: org.

-- Shops that are copies of another system's shop: clients may read them only.
CREATE TABLE mirrors (
	retailer_id  BIGINT NOT NULL PRIMARY KEY,
	source       TEXT   NOT NULL, -- the address of the API that it is a copy of
	created_date BIGINT NOT NULL
) {{clustered}};
