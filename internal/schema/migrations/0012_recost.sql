-- Written by: stock.
-- Costs follow from the order in which goods moved for the books, whenever the ledger heard of it: see internal/stock.

-- A posting moves goods between one branch and one place outside. All postings of a movement (what a document has moved
-- of a product and batch between the two) say the same in these columns, and in effective_at and cost.
ALTER TABLE stock_postings ADD COLUMN branch_id BIGINT NOT NULL DEFAULT 0;
ALTER TABLE stock_postings ADD COLUMN entered_at BIGINT NOT NULL DEFAULT 0; -- orders what is effective at the same instant
ALTER TABLE stock_postings ADD COLUMN own_cost BIGINT; -- what the document says that the goods cost; null: it does not
ALTER TABLE stock_postings ADD COLUMN sets_cost BOOLEAN NOT NULL DEFAULT FALSE; -- own_cost is that of all goods of the branch
ALTER TABLE stock_postings ADD COLUMN origin_kind TEXT NOT NULL DEFAULT ''; -- the document with which these goods left
ALTER TABLE stock_postings ADD COLUMN origin_id BIGINT NOT NULL DEFAULT 0;
ALTER TABLE stock_postings ADD COLUMN average BIGINT; -- the branch's cost afterwards; null: the same as cost

ALTER TABLE stock_levels ADD COLUMN entered_at BIGINT NOT NULL DEFAULT 0; -- no movement is entered or effective later
ALTER TABLE stock_levels ADD COLUMN received_at BIGINT NOT NULL DEFAULT 0; -- no movement that can change the cost is
	-- effective later; 9000000000000000000 while the level is in stock_recosts

-- From which moment on the costs of a level are to be worked out anew.
CREATE TABLE stock_recosts (
	retailer_id  BIGINT NOT NULL,
	product_id   BIGINT NOT NULL,
	branch_id    BIGINT NOT NULL,
	effective_at BIGINT NOT NULL,
	entered_at   BIGINT NOT NULL,
	on_hand      BIGINT, -- before that moment, once somebody has counted it
	received_at  BIGINT NOT NULL, -- what the level is to have afterwards
	PRIMARY KEY (retailer_id, product_id, branch_id)
) {{clustered}};

-- What was posted before: what came in has the cost it came in with, a document has the date of its first step, and the
-- cost that a branch has now stands, as if a stock take had said it at the end. In between, costs are worked out anew.
UPDATE stock_postings SET
	branch_id = CASE WHEN from_place > 0 THEN from_place ELSE to_place END,
	own_cost = CASE WHEN to_place > 0 AND from_place IN (-1, -4) THEN cost END;
UPDATE stock_postings SET entered_at = d.entered_at, effective_at = d.effective_at
FROM (
	SELECT retailer_id, product_id, kind, document_id, MIN(effective_at) AS effective_at,
		ROW_NUMBER() OVER (PARTITION BY retailer_id, product_id ORDER BY MIN(posted_at), kind, document_id) AS entered_at
	FROM stock_postings GROUP BY retailer_id, product_id, kind, document_id
) d
WHERE stock_postings.retailer_id = d.retailer_id AND stock_postings.product_id = d.product_id
	AND stock_postings.kind = d.kind AND stock_postings.document_id = d.document_id;
UPDATE stock_postings SET own_cost = m.own_cost, sets_cost = m.own_cost IS NOT NULL AND stock_postings.kind = 'stocktake'
FROM (
	SELECT retailer_id, product_id, kind, document_id, branch_id, batch_id, MIN(own_cost) AS own_cost
	FROM stock_postings GROUP BY retailer_id, product_id, kind, document_id, branch_id, batch_id
) m
WHERE stock_postings.retailer_id = m.retailer_id AND stock_postings.product_id = m.product_id
	AND stock_postings.kind = m.kind AND stock_postings.document_id = m.document_id
	AND stock_postings.branch_id = m.branch_id AND stock_postings.batch_id = m.batch_id;
INSERT INTO stock_postings (retailer_id, kind, document_id, step, line, product_id, from_place, to_place, quantity, cost,
	effective_at, posted_at, branch_id, entered_at, own_cost, sets_cost, average)
SELECT l.retailer_id, 'opening', l.product_id, s.step, l.branch_id, l.product_id,
	CASE s.step WHEN 1 THEN -4 ELSE l.branch_id END, CASE s.step WHEN 1 THEN l.branch_id ELSE -4 END, 10000, l.cost,
	l.last, l.last, l.branch_id, l.last, l.cost, TRUE, l.cost
FROM (
	SELECT v.retailer_id, v.product_id, v.branch_id, v.cost, 1 + COALESCE((
		SELECT MAX(CASE WHEN p.posted_at > p.effective_at THEN p.posted_at ELSE p.effective_at END) FROM stock_postings p
		WHERE p.retailer_id = v.retailer_id AND p.product_id = v.product_id), v.changed_at) AS last
	FROM stock_levels v
) l CROSS JOIN (SELECT 1 AS step UNION ALL SELECT 2) s;
UPDATE stock_levels SET received_at = 9000000000000000000,
	entered_at = (SELECT MAX(p.entered_at) FROM stock_postings p
		WHERE p.retailer_id = stock_levels.retailer_id AND p.kind = 'opening' AND p.document_id = stock_levels.product_id);
INSERT INTO stock_recosts (retailer_id, product_id, branch_id, effective_at, entered_at, on_hand, received_at)
SELECT retailer_id, product_id, branch_id, -9000000000000000000, 0, 0, entered_at FROM stock_levels;

DROP INDEX stock_postings_product;
-- For the postings of a level in the order of their cost, to work costs out anew.
CREATE INDEX stock_postings_order ON stock_postings (retailer_id, product_id, branch_id, effective_at);
-- For what came back of a document, whose cost follows it.
CREATE INDEX stock_postings_origin ON stock_postings (retailer_id, origin_kind, origin_id) WHERE origin_id > 0;
