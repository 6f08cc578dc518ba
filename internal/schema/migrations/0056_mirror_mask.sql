-- Written by: org.

-- What the masks of persons' data in a mirror are made with; empty: it shows what the source shows.
ALTER TABLE mirrors ADD COLUMN mask_key TEXT NOT NULL DEFAULT '';
