-- Written by: catalog, sales, supply.

-- The products of a brand: GET /products?tradeMarkId=…
CREATE INDEX products_trade_mark ON products (retailer_id, trade_mark_id, id) WHERE trade_mark_id IS NOT NULL;

-- The prices of a book, all or those that have changed: GET /pricebooks/{id}?lastModifiedFrom=…
CREATE INDEX price_book_details_changed ON price_book_details (retailer_id, price_book_id, changed_at, product_id);
DROP INDEX price_book_details_book;

-- Electronic invoices that have changed: GET /einvoices?lastModifiedFrom=…
CREATE INDEX einvoices_changed ON einvoices (retailer_id, modified_date, invoice_id);

-- createdDate of these lists is found by the index of changes, none of which is before the creation. While instants were
-- those of a clock, it may have gone back.
UPDATE orders SET changed_at = created_date WHERE changed_at < created_date;
UPDATE invoices SET changed_at = created_date WHERE changed_at < created_date;
UPDATE returns SET changed_at = created_date WHERE changed_at < created_date;
UPDATE purchase_orders SET changed_at = created_date WHERE changed_at < created_date;
