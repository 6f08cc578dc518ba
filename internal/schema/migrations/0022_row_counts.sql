-- Written by: db.

-- How many rows of a listed table a shop has, by ranges of ids: of 2¹⁰ on level 0, of 2¹⁶ on level 1, of 2²² on level 2.
-- A list's total is the sum of level 2; a page at any depth is found by a few rows of each level.
CREATE TABLE row_counts (
	retailer_id BIGINT NOT NULL,
	name        TEXT   NOT NULL, -- of the table
	level       BIGINT NOT NULL,
	block       BIGINT NOT NULL, -- id / the size of the level's ranges
	n           BIGINT NOT NULL,
	PRIMARY KEY (retailer_id, name, level, block)
) {{clustered}} {{hot}};

INSERT INTO row_counts SELECT retailer_id, 'products', 0, id >> 10, COUNT(*) FROM products WHERE deleted_at = 0 GROUP BY 1, 4;
INSERT INTO row_counts SELECT retailer_id, 'customers', 0, id >> 10, COUNT(*) FROM customers WHERE deleted_at = 0 GROUP BY 1, 4;
INSERT INTO row_counts SELECT retailer_id, 'suppliers', 0, id >> 10, COUNT(*) FROM suppliers WHERE deleted_at = 0 GROUP BY 1, 4;
INSERT INTO row_counts SELECT retailer_id, 'orders', 0, id >> 10, COUNT(*) FROM orders GROUP BY 1, 4;
INSERT INTO row_counts SELECT retailer_id, 'invoices', 0, id >> 10, COUNT(*) FROM invoices GROUP BY 1, 4;
INSERT INTO row_counts SELECT retailer_id, 'returns', 0, id >> 10, COUNT(*) FROM returns GROUP BY 1, 4;
INSERT INTO row_counts SELECT retailer_id, 'einvoices', 0, invoice_id >> 10, COUNT(*) FROM einvoices GROUP BY 1, 4;
INSERT INTO row_counts SELECT retailer_id, 'payments', 0, id >> 10, COUNT(*) FROM payments GROUP BY 1, 4;
INSERT INTO row_counts SELECT retailer_id, 'purchase_orders', 0, id >> 10, COUNT(*) FROM purchase_orders GROUP BY 1, 4;
INSERT INTO row_counts SELECT retailer_id, 'order_suppliers', 0, id >> 10, COUNT(*) FROM order_suppliers GROUP BY 1, 4;
INSERT INTO row_counts SELECT retailer_id, 'transfers', 0, id >> 10, COUNT(*) FROM transfers GROUP BY 1, 4;
INSERT INTO row_counts SELECT retailer_id, 'stocktakes', 0, id >> 10, COUNT(*) FROM stocktakes GROUP BY 1, 4;
INSERT INTO row_counts SELECT retailer_id, 'webhook_deliveries', 0, id >> 10, COUNT(*) FROM webhook_deliveries GROUP BY 1, 4;
INSERT INTO row_counts SELECT retailer_id, name, 1, block >> 6, SUM(n) FROM row_counts WHERE level = 0 GROUP BY 1, 2, 4;
INSERT INTO row_counts SELECT retailer_id, name, 2, block >> 6, SUM(n) FROM row_counts WHERE level = 1 GROUP BY 1, 2, 4;
