-- Written by: catalog. The columns of orders and invoices are written by sales.
ALTER TABLE price_books ADD COLUMN is_global BOOLEAN NOT NULL DEFAULT TRUE;         -- in all branches
ALTER TABLE price_books ADD COLUMN for_all_cus_group BOOLEAN NOT NULL DEFAULT TRUE; -- for all customers
ALTER TABLE price_books ADD COLUMN for_all_user BOOLEAN NOT NULL DEFAULT TRUE;      -- by all users
ALTER TABLE price_book_details ADD COLUMN changed_at BIGINT NOT NULL DEFAULT 0;
-- For GET /pricebooks/{id}.
CREATE INDEX price_book_details_book ON price_book_details (retailer_id, price_book_id, product_id);

-- Where, for whom and by whom a price book that is not for all is used.
CREATE TABLE price_book_branches (
	retailer_id   BIGINT NOT NULL,
	price_book_id BIGINT NOT NULL,
	branch_id     BIGINT NOT NULL,
	id            BIGINT NOT NULL,
	PRIMARY KEY (retailer_id, price_book_id, branch_id)
) {{clustered}};

CREATE TABLE price_book_customer_groups (
	retailer_id       BIGINT NOT NULL,
	price_book_id     BIGINT NOT NULL,
	customer_group_id BIGINT NOT NULL,
	id                BIGINT NOT NULL,
	PRIMARY KEY (retailer_id, price_book_id, customer_group_id)
) {{clustered}};

CREATE TABLE price_book_users (
	retailer_id   BIGINT NOT NULL,
	price_book_id BIGINT NOT NULL,
	user_id       BIGINT NOT NULL,
	id            BIGINT NOT NULL,
	PRIMARY KEY (retailer_id, price_book_id, user_id)
) {{clustered}};

ALTER TABLE orders ADD COLUMN price_book_id BIGINT;
ALTER TABLE invoices ADD COLUMN price_book_id BIGINT;
