-- Written by: catalog (products, categories, price_books), party (customers, suppliers), org (branches, users), cash (bank_accounts).

-- What was deleted since an instant, by id: the members removedIds of these lists. They were found by walking the records.
DROP INDEX products_deleted;
DROP INDEX customers_deleted;
DROP INDEX suppliers_deleted;
CREATE INDEX products_deleted ON products (retailer_id, deleted_at, id) WHERE deleted_at > 0;
CREATE INDEX categories_deleted ON categories (retailer_id, deleted_at, id) WHERE deleted_at > 0;
CREATE INDEX price_books_deleted ON price_books (retailer_id, deleted_at, id) WHERE deleted_at > 0;
CREATE INDEX customers_deleted ON customers (retailer_id, deleted_at, id) WHERE deleted_at > 0;
CREATE INDEX suppliers_deleted ON suppliers (retailer_id, deleted_at, id) WHERE deleted_at > 0;
CREATE INDEX branches_deleted ON branches (retailer_id, deleted_at, id) WHERE deleted_at > 0;
CREATE INDEX users_deleted ON users (retailer_id, deleted_at, id) WHERE deleted_at > 0;
CREATE INDEX bank_accounts_deleted ON bank_accounts (retailer_id, deleted_at, id) WHERE deleted_at > 0;
