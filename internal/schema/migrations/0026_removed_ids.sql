-- Written by: catalog (products, categories, price_books), party (customers, suppliers), org (branches, users), cash (bank_accounts).

-- What was deleted since an instant was found by walking the records. Each of these has all that is asked.
DROP INDEX products_deleted;
DROP INDEX customers_deleted;
DROP INDEX suppliers_deleted;

-- The removed ids of GET /products?includeRemoveIds=true&lastModifiedFrom=…
CREATE INDEX products_deleted ON products (retailer_id, deleted_at, id) WHERE deleted_at > 0;

-- The removed ids of GET /categories?lastModifiedFrom=…
CREATE INDEX categories_deleted ON categories (retailer_id, deleted_at, id) WHERE deleted_at > 0;

-- The removed ids of GET /pricebooks?includeRemoveIds=true&lastModifiedFrom=…
CREATE INDEX price_books_deleted ON price_books (retailer_id, deleted_at, id) WHERE deleted_at > 0;

-- The removed ids of GET /customers?includeRemoveIds=true&lastModifiedFrom=…
CREATE INDEX customers_deleted ON customers (retailer_id, deleted_at, id) WHERE deleted_at > 0;

-- The removed ids of GET /suppliers?includeRemoveIds=true&lastModifiedFrom=…
CREATE INDEX suppliers_deleted ON suppliers (retailer_id, deleted_at, id) WHERE deleted_at > 0;

-- The removed ids of GET /branches?includeRemoveIds=true&lastModifiedFrom=…
CREATE INDEX branches_deleted ON branches (retailer_id, deleted_at, id) WHERE deleted_at > 0;

-- The removed ids of GET /users?includeRemoveIds=true&lastModifiedFrom=…
CREATE INDEX users_deleted ON users (retailer_id, deleted_at, id) WHERE deleted_at > 0;

-- The removed ids of GET /BankAccounts?includeRemoveIds=true&lastModifiedFrom=…
CREATE INDEX bank_accounts_deleted ON bank_accounts (retailer_id, deleted_at, id) WHERE deleted_at > 0;
