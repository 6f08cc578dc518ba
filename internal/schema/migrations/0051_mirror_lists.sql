-- Written by: mirror.

-- How far a mirror has read each list of its source.
CREATE TABLE mirror_lists (
	retailer_id BIGINT NOT NULL,
	name        TEXT   NOT NULL,
	since       BIGINT NOT NULL, -- changes from then on are still to be read; 0: the list was never read to its end
	until       BIGINT NOT NULL, -- what since becomes at the end of the pass that is under way; 0: none is
	position    BIGINT NOT NULL, -- how many rows of that pass are written
	anchor      BIGINT NOT NULL, -- the id of the last one of them
	PRIMARY KEY (retailer_id, name)
) {{clustered}};
