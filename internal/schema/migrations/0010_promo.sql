-- Written by: sales (einvoices), promo (the others).
CREATE TABLE voucher_campaigns (
	retailer_id                 BIGINT  NOT NULL,
	id                          BIGINT  NOT NULL,
	code                        TEXT    NOT NULL,
	code_key                    TEXT    NOT NULL,
	name                        TEXT    NOT NULL,
	name_key                    TEXT    NOT NULL,
	is_active                   BOOLEAN NOT NULL,
	start_date                  BIGINT  NOT NULL,
	end_date                    BIGINT  NOT NULL,
	expire_time                 BIGINT,           -- days from a voucher's release
	prereq_price                BIGINT,
	quantity                    BIGINT  NOT NULL DEFAULT 0, -- vouchers made
	price                       BIGINT  NOT NULL,
	use_voucher_combine_invoice BOOLEAN NOT NULL,
	is_global                   BOOLEAN NOT NULL,
	for_all_cus_group           BOOLEAN NOT NULL,
	for_all_user                BOOLEAN NOT NULL,
	created_date                BIGINT  NOT NULL,
	modified_date               BIGINT,
	deleted_at                  BIGINT  NOT NULL DEFAULT 0,
	CHECK (price > 0),
	PRIMARY KEY (retailer_id, id)
) {{clustered}};
-- For a campaign by its code; GET /vouchercampaign.
CREATE UNIQUE INDEX voucher_campaigns_code ON voucher_campaigns (retailer_id, code_key) WHERE deleted_at = 0;

-- What a campaign is limited to; kind is branch, user, group (of customers), category or product.
CREATE TABLE voucher_campaign_limits (
	retailer_id BIGINT NOT NULL,
	campaign_id BIGINT NOT NULL,
	kind        TEXT   NOT NULL,
	ref_id      BIGINT NOT NULL,
	PRIMARY KEY (retailer_id, campaign_id, kind, ref_id)
) {{clustered}};

-- Which payment a voucher was used for stands in payments.voucher_id; when it expires follows from its campaign.
CREATE TABLE vouchers (
	retailer_id  BIGINT NOT NULL,
	id           BIGINT NOT NULL,
	code         TEXT   NOT NULL,
	code_key     TEXT   NOT NULL,
	campaign_id  BIGINT NOT NULL,
	status       BIGINT NOT NULL DEFAULT 0, -- 0 unused, 1 released, 2 used, 3 cancelled
	sell_type    BIGINT,                    -- 0 given, 1 sold
	release_date BIGINT,
	used_date    BIGINT,
	partner_type TEXT,
	partner_id   BIGINT,
	partner_name TEXT,
	created_date BIGINT NOT NULL,
	deleted_at   BIGINT NOT NULL DEFAULT 0,
	PRIMARY KEY (retailer_id, id)
) {{clustered}};
-- For a voucher by its code.
CREATE UNIQUE INDEX vouchers_code ON vouchers (retailer_id, code_key) WHERE deleted_at = 0;
-- For GET /vouchers?campaignId.
CREATE INDEX vouchers_campaign ON vouchers (retailer_id, campaign_id, id);

CREATE TABLE coupon_campaigns (
	retailer_id   BIGINT  NOT NULL,
	id            BIGINT  NOT NULL,
	code          TEXT    NOT NULL,
	code_key      TEXT    NOT NULL,
	name          TEXT    NOT NULL,
	name_key      TEXT    NOT NULL,
	is_active     BOOLEAN NOT NULL,
	start_date    BIGINT  NOT NULL,
	end_date      BIGINT  NOT NULL,
	quantity      BIGINT  NOT NULL DEFAULT 0, -- coupons made
	created_date  BIGINT  NOT NULL,
	modified_date BIGINT,
	deleted_at    BIGINT  NOT NULL DEFAULT 0,
	PRIMARY KEY (retailer_id, id)
) {{clustered}};
-- For a campaign by its code; GET /couponcampaign.
CREATE UNIQUE INDEX coupon_campaigns_code ON coupon_campaigns (retailer_id, code_key) WHERE deleted_at = 0;

CREATE TABLE coupons (
	retailer_id  BIGINT NOT NULL,
	id           BIGINT NOT NULL,
	code         TEXT   NOT NULL,
	code_key     TEXT   NOT NULL,
	campaign_id  BIGINT NOT NULL,
	status       BIGINT NOT NULL DEFAULT 0, -- as of vouchers
	release_date BIGINT,
	used_date    BIGINT,
	created_date BIGINT NOT NULL,
	deleted_at   BIGINT NOT NULL DEFAULT 0,
	PRIMARY KEY (retailer_id, id)
) {{clustered}};
-- For a coupon by its code.
CREATE UNIQUE INDEX coupons_code ON coupons (retailer_id, code_key) WHERE deleted_at = 0;
-- For GET /coupons?campaignId.
CREATE INDEX coupons_campaign ON coupons (retailer_id, campaign_id, id);

-- The voucher that a payment was made with. Cash writes payments, as before.
ALTER TABLE payments ADD COLUMN voucher_id BIGINT;

-- Electronic invoices that were issued elsewhere.
CREATE TABLE einvoices (
	retailer_id              BIGINT NOT NULL,
	invoice_id               BIGINT NOT NULL,
	invoice_ref_id           TEXT   NOT NULL,
	partner_transaction_code TEXT,
	partner                  BIGINT NOT NULL,
	status                   BIGINT NOT NULL,
	invoice_number           TEXT,
	type                     BIGINT NOT NULL,
	publish_date             BIGINT,
	serial                   TEXT,
	modified_date            BIGINT NOT NULL,
	PRIMARY KEY (retailer_id, invoice_id)
) {{clustered}};
