-- Written by: catalog (products, categories, price_books), party (customers, suppliers), org (branches, users), cash (bank_accounts).

-- What was deleted since an instant, by id, in the index alone. It was found by walking the records.
DROP INDEX products_deleted;
DROP INDEX customers_deleted;
DROP INDEX suppliers_deleted;
-- GET /products?includeRemoveIds=true
CREATE INDEX products_deleted ON products (retailer_id, deleted_at, id) WHERE deleted_at > 0;
-- GET /categories, whose answers have removedIds
CREATE INDEX categories_deleted ON categories (retailer_id, deleted_at, id) WHERE deleted_at > 0;
-- GET /pricebooks?includeRemoveIds=true
CREATE INDEX price_books_deleted ON price_books (retailer_id, deleted_at, id) WHERE deleted_at > 0;
-- GET /customers?includeRemoveIds=true
CREATE INDEX customers_deleted ON customers (retailer_id, deleted_at, id) WHERE deleted_at > 0;
-- GET /suppliers?includeRemoveIds=true
CREATE INDEX suppliers_deleted ON suppliers (retailer_id, deleted_at, id) WHERE deleted_at > 0;
-- GET /branches?includeRemoveIds=true
CREATE INDEX branches_deleted ON branches (retailer_id, deleted_at, id) WHERE deleted_at > 0;
-- GET /users?includeRemoveIds=true
CREATE INDEX users_deleted ON users (retailer_id, deleted_at, id) WHERE deleted_at > 0;
-- GET /BankAccounts?includeRemoveIds=true
CREATE INDEX bank_accounts_deleted ON bank_accounts (retailer_id, deleted_at, id) WHERE deleted_at > 0;
