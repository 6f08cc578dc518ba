-- Written by: catalog, party, org, cash, promo, supply, stock (stock_batches, stock_serials).

-- Codes and names are one when they are the same by one rule (package text). The program makes the keys of all rows by it
-- after this text. Rows of before may have become one by that, and stay: so the indexes are unique no more. An operation
-- that writes a key looks for it first, and holds the head of the shop meanwhile.
DROP INDEX branches_name;
DROP INDEX users_name;
DROP INDEX sale_channels_name;
DROP INDEX customers_code;
DROP INDEX customer_groups_name;
DROP INDEX delivery_partners_code;
DROP INDEX categories_name;
DROP INDEX trademarks_name;
DROP INDEX attributes_name;
DROP INDEX products_code;
DROP INDEX products_bar_code;
DROP INDEX price_books_name;
DROP INDEX stock_batches_name;
DROP INDEX bank_accounts_number;
DROP INDEX surcharges_code;
DROP INDEX voucher_campaigns_code;
DROP INDEX vouchers_code;
DROP INDEX coupon_campaigns_code;
DROP INDEX coupons_code;
DROP INDEX suppliers_code;
DROP INDEX supplier_groups_name;
DROP INDEX purchase_orders_code;
DROP INDEX transfers_code;
DROP INDEX stocktakes_code;
DROP INDEX order_suppliers_code;
DROP INDEX cash_flow_groups_name;
-- For no two branches have a name; GET /branches.
CREATE INDEX branches_name ON branches (retailer_id, name_key, id) WHERE deleted_at = 0;
-- For no two users have a name.
CREATE INDEX users_name ON users (retailer_id, name_key, id) WHERE deleted_at = 0;
-- For a sale channel by its name; GET /salechannel.
CREATE INDEX sale_channels_name ON sale_channels (retailer_id, name_key, id) WHERE deleted_at = 0;
-- For a customer by its code.
CREATE INDEX customers_code ON customers (retailer_id, code_key, id) WHERE deleted_at = 0;
-- For a customer group by its name; GET /customers/group.
CREATE INDEX customer_groups_name ON customer_groups (retailer_id, name_key, id) WHERE deleted_at = 0;
-- For a carrier by its code.
CREATE INDEX delivery_partners_code ON delivery_partners (retailer_id, code_key, id);
-- For a category by its name under its parent; GET /categories.
CREATE INDEX categories_name ON categories (retailer_id, parent_id, name_key, id) WHERE deleted_at = 0;
-- For a brand by its name; GET /trademark.
CREATE INDEX trademarks_name ON trademarks (retailer_id, name_key, id) WHERE deleted_at = 0;
-- For an attribute by its name; GET /attributes/allwithdistinctvalue.
CREATE INDEX attributes_name ON attributes (retailer_id, name_key, id) WHERE deleted_at = 0;
-- For a product by its code; GET /products?orderBy=code.
CREATE INDEX products_code ON products (retailer_id, code_key, id) WHERE deleted_at = 0;
-- For a product by its bar code; GET /products?barCode.
CREATE INDEX products_bar_code ON products (retailer_id, bar_code, id) WHERE deleted_at = 0 AND bar_code IS NOT NULL;
-- For a price book by its name; GET /pricebooks.
CREATE INDEX price_books_name ON price_books (retailer_id, name_key, id) WHERE deleted_at = 0;
-- For a batch by its name and date.
CREATE INDEX stock_batches_name ON stock_batches (retailer_id, product_id, batch_name, expire_date, id);
-- For a bank account by its number; GET /BankAccounts.
CREATE INDEX bank_accounts_number ON bank_accounts (retailer_id, account_number, id) WHERE deleted_at = 0;
-- For a surcharge by its code.
CREATE INDEX surcharges_code ON surcharges (retailer_id, code_key, id);
-- For a campaign by its code; GET /vouchercampaign.
CREATE INDEX voucher_campaigns_code ON voucher_campaigns (retailer_id, code_key, id) WHERE deleted_at = 0;
-- For a voucher by its code.
CREATE INDEX vouchers_code ON vouchers (retailer_id, code_key, id) WHERE deleted_at = 0;
-- For a campaign by its code; GET /couponcampaign.
CREATE INDEX coupon_campaigns_code ON coupon_campaigns (retailer_id, code_key, id) WHERE deleted_at = 0;
-- For a coupon by its code.
CREATE INDEX coupons_code ON coupons (retailer_id, code_key, id) WHERE deleted_at = 0;
-- For a supplier by its code; GET /suppliers?orderBy=code.
CREATE INDEX suppliers_code ON suppliers (retailer_id, code_key, id) WHERE deleted_at = 0;
-- For a supplier group by its name.
CREATE INDEX supplier_groups_name ON supplier_groups (retailer_id, name_key, id) WHERE deleted_at = 0;
-- For a purchase order by its code.
CREATE INDEX purchase_orders_code ON purchase_orders (retailer_id, code_key, id);
-- For a transfer by its code.
CREATE INDEX transfers_code ON transfers (retailer_id, code_key, id);
-- For a stock take by its code.
CREATE INDEX stocktakes_code ON stocktakes (retailer_id, code_key, id);
-- For an order to a supplier by its code.
CREATE INDEX order_suppliers_code ON order_suppliers (retailer_id, code_key, id);
-- For a kind of receipts or payments by its name.
CREATE INDEX cash_flow_groups_name ON cash_flow_groups (retailer_id, name_key, is_receipt, id);

-- What serials are compared by: IM1 is im1.
ALTER TABLE stock_serials ADD COLUMN serial_key TEXT NOT NULL DEFAULT '';
UPDATE stock_serials SET serial_key = LOWER(serial_number);
-- For the serials that a document names.
CREATE INDEX stock_serials_key ON stock_serials (retailer_id, product_id, serial_key);
