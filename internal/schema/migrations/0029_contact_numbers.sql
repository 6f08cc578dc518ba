-- Written by: party.

-- Contact numbers are compared by the rule of text.PhoneKey: 0084…, +84 0…, +84(0)… and numbers without their 0 are 0…, and
-- what is masked or has several numbers has no key. The keys of before are the digits, from which the new ones follow.
DROP INDEX customers_phone;

UPDATE customers SET phone_key = CASE
	WHEN d.rest LIKE '84%' AND d.home <> '' AND (
		LENGTH(d.home) IN (9, 10) OR d.typed LIKE '84%' AND d.number LIKE '%+%' OR d.typed LIKE '00%' AND d.number NOT LIKE '%+%')
		THEN '0' || d.home
	WHEN (LENGTH(d.rest) = 9 AND SUBSTR(d.rest, 1, 1) IN ('3', '5', '7', '8', '9') OR LENGTH(d.rest) = 10 AND d.rest LIKE '2%')
		AND (d.typed LIKE '0%' OR d.number NOT LIKE '%+%') THEN '0' || d.rest
	WHEN d.typed LIKE '00%' AND d.number NOT LIKE '%+%' AND LENGTH(d.rest) > 9 THEN d.rest
	ELSE d.typed END
FROM (
	SELECT retailer_id, id, contact_number AS number, phone_key AS typed, LTRIM(phone_key, '0') AS rest,
		LTRIM(SUBSTR(LTRIM(phone_key, '0'), 3), '0') AS home
	FROM customers WHERE phone_key <> '' AND contact_number IS NOT NULL
) d
WHERE customers.retailer_id = d.retailer_id AND customers.id = d.id;
UPDATE customers SET phone_key = ''
WHERE phone_key <> '' AND contact_number IS NOT NULL AND (
	LENGTH(phone_key) > 15
	OR (LENGTH(phone_key) > 11 OR LENGTH(phone_key) = 11 AND SUBSTR(phone_key, 1, 2) IN ('03', '05', '07', '08', '09')) AND (
		contact_number LIKE '%/%' OR contact_number LIKE '%;%' OR contact_number LIKE '%,%' OR contact_number LIKE '%|%'
		OR contact_number LIKE '%&%' OR contact_number LIKE '% - %' OR contact_number LIKE '% – %')
	OR contact_number LIKE '%#%' OR contact_number LIKE '%?%' OR contact_number LIKE '%•%' OR contact_number LIKE '%●%'
	OR contact_number LIKE '%…%' OR contact_number LIKE '%...%'
	OR LOWER(contact_number) LIKE '%x%' AND EXISTS (
		SELECT 1 FROM (VALUES ('0'), ('1'), ('2'), ('3'), ('4'), ('5'), ('6'), ('7'), ('8'), ('9'), ('x')) AS d
		WHERE LOWER(contact_number) LIKE '%' || d.column1 || 'x%'
			OR d.column1 <> 'x' AND LOWER(contact_number) LIKE '%x' || d.column1 || '%'));

UPDATE suppliers SET phone_key = CASE
	WHEN d.rest LIKE '84%' AND d.home <> '' AND (
		LENGTH(d.home) IN (9, 10) OR d.typed LIKE '84%' AND d.number LIKE '%+%' OR d.typed LIKE '00%' AND d.number NOT LIKE '%+%')
		THEN '0' || d.home
	WHEN (LENGTH(d.rest) = 9 AND SUBSTR(d.rest, 1, 1) IN ('3', '5', '7', '8', '9') OR LENGTH(d.rest) = 10 AND d.rest LIKE '2%')
		AND (d.typed LIKE '0%' OR d.number NOT LIKE '%+%') THEN '0' || d.rest
	WHEN d.typed LIKE '00%' AND d.number NOT LIKE '%+%' AND LENGTH(d.rest) > 9 THEN d.rest
	ELSE d.typed END
FROM (
	SELECT retailer_id, id, contact_number AS number, phone_key AS typed, LTRIM(phone_key, '0') AS rest,
		LTRIM(SUBSTR(LTRIM(phone_key, '0'), 3), '0') AS home
	FROM suppliers WHERE phone_key <> '' AND contact_number IS NOT NULL
) d
WHERE suppliers.retailer_id = d.retailer_id AND suppliers.id = d.id;
UPDATE suppliers SET phone_key = ''
WHERE phone_key <> '' AND contact_number IS NOT NULL AND (
	LENGTH(phone_key) > 15
	OR (LENGTH(phone_key) > 11 OR LENGTH(phone_key) = 11 AND SUBSTR(phone_key, 1, 2) IN ('03', '05', '07', '08', '09')) AND (
		contact_number LIKE '%/%' OR contact_number LIKE '%;%' OR contact_number LIKE '%,%' OR contact_number LIKE '%|%'
		OR contact_number LIKE '%&%' OR contact_number LIKE '% - %' OR contact_number LIKE '% – %')
	OR contact_number LIKE '%#%' OR contact_number LIKE '%?%' OR contact_number LIKE '%•%' OR contact_number LIKE '%●%'
	OR contact_number LIKE '%…%' OR contact_number LIKE '%...%'
	OR LOWER(contact_number) LIKE '%x%' AND EXISTS (
		SELECT 1 FROM (VALUES ('0'), ('1'), ('2'), ('3'), ('4'), ('5'), ('6'), ('7'), ('8'), ('9'), ('x')) AS d
		WHERE LOWER(contact_number) LIKE '%' || d.column1 || 'x%'
			OR d.column1 <> 'x' AND LOWER(contact_number) LIKE '%x' || d.column1 || '%'));

-- Two customers that have one number keep it: that of the later one is unique in a scope of its own.
UPDATE customers SET key_scope = -customers.id
FROM (
	SELECT retailer_id, id, ROW_NUMBER() OVER (PARTITION BY retailer_id, phone_key, key_scope ORDER BY id) AS n
	FROM customers WHERE deleted_at = 0 AND phone_key <> ''
) d
WHERE customers.retailer_id = d.retailer_id AND customers.id = d.id AND d.n > 1;
-- For no two customers of a scope have a phone number.
CREATE UNIQUE INDEX customers_phone ON customers (retailer_id, phone_key, key_scope) WHERE deleted_at = 0 AND phone_key <> '';

-- Carriers that have no name but their number are found by its key.
UPDATE delivery_partners SET name_key = CASE
	WHEN d.rest LIKE '84%' AND LENGTH(d.home) IN (9, 10) THEN '0' || d.home
	WHEN d.typed LIKE '0%' AND d.typed NOT LIKE '00%' OR d.number LIKE '+%' THEN d.typed
	WHEN LENGTH(d.rest) = 9 AND SUBSTR(d.rest, 1, 1) IN ('3', '5', '7', '8', '9') OR LENGTH(d.rest) = 10 AND d.rest LIKE '2%' THEN '0' || d.rest
	WHEN d.typed LIKE '00%' AND LENGTH(d.rest) > 9 THEN d.rest
	ELSE d.typed END
FROM (
	SELECT retailer_id, id, number, typed, LTRIM(typed, '0') AS rest, LTRIM(SUBSTR(LTRIM(typed, '0'), 3), '0') AS home
	FROM (
		SELECT retailer_id, id, name AS number, REPLACE(REPLACE(REPLACE(REPLACE(REPLACE(REPLACE(name,
			' ', ''), '.', ''), '-', ''), '(', ''), ')', ''), '+', '') AS typed
		FROM delivery_partners WHERE name = TRIM(contact_number) AND name NOT LIKE '%...%'
	) n WHERE LTRIM(typed, '0123456789') = '' AND LENGTH(typed) BETWEEN 1 AND 15
) d
WHERE delivery_partners.retailer_id = d.retailer_id AND delivery_partners.id = d.id;
