-- Written by: db.

-- Raised by each write of the shop that saves something. An answer that was read at a version is what a reader at the same
-- version would get, so that it may be kept until then, whatever other shops do.
ALTER TABLE shop_heads ADD COLUMN version BIGINT NOT NULL DEFAULT 0;
