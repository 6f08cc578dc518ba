-- Written by: db (row_counts).

-- Payments by voucher are no entries of the cash book, whose rows are counted.
DELETE FROM row_counts WHERE name = 'payments';
INSERT INTO row_counts SELECT retailer_id, 'payments', 0, id >> 10, COUNT(*) FROM payments WHERE method <> 'Voucher' GROUP BY 1, 4;
INSERT INTO row_counts SELECT retailer_id, name, 1, block >> 6, SUM(n) FROM row_counts WHERE name = 'payments' AND level = 0 GROUP BY 1, 2, 4;
INSERT INTO row_counts SELECT retailer_id, name, 2, block >> 6, SUM(n) FROM row_counts WHERE name = 'payments' AND level = 1 GROUP BY 1, 2, 4;
