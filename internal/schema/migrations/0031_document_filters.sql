-- Written by: sales.

-- For GET /orders?soldById.
CREATE INDEX orders_sold_by ON orders (retailer_id, sold_by_id, id) WHERE sold_by_id IS NOT NULL;
-- For GET /invoices?soldById.
CREATE INDEX invoices_sold_by ON invoices (retailer_id, sold_by_id, id) WHERE sold_by_id IS NOT NULL;
-- For GET /returns?soldById.
CREATE INDEX returns_sold_by ON returns (retailer_id, sold_by_id, id) WHERE sold_by_id IS NOT NULL;
-- For GET /returns?customerIds.
CREATE INDEX returns_customer ON returns (retailer_id, customer_id, id) WHERE customer_id IS NOT NULL;
-- For GET /orders?productId.
CREATE INDEX order_lines_product ON order_lines (retailer_id, product_id, order_id);
-- For GET /invoices?productId.
CREATE INDEX invoice_lines_product ON invoice_lines (retailer_id, product_id, invoice_id);
-- For GET /returns?productId.
CREATE INDEX return_lines_product ON return_lines (retailer_id, product_id, return_id);
