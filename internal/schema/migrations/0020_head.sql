-- Written by: db.

-- The head of a shop: the row that each of its writes locks first. What a write takes from it (its instant, the numbers of
-- its events, codes) is in the order of the commits.
CREATE TABLE shop_heads (
	retailer_id BIGINT NOT NULL PRIMARY KEY,
	at          BIGINT NOT NULL DEFAULT 0, -- the instant of the last change
	last_seq    BIGINT NOT NULL DEFAULT 0, -- the number of the newest event
	dropped_seq BIGINT NOT NULL DEFAULT 0, -- events up to this number are no longer kept
	refs        BIGINT NOT NULL DEFAULT 0, -- raised with each change of a reference table
	told        BIGINT NOT NULL DEFAULT 0, -- how many events there were; their numbers jump where an epoch begins
	kept        BIGINT NOT NULL DEFAULT 0, -- how many there are
	epoch_base  BIGINT NOT NULL DEFAULT 0, -- the events of the last epoch have higher numbers
	timeline    BIGINT NOT NULL DEFAULT 0, -- of the database server
	-- the last number given out for each prefix of a code
	code_sp   BIGINT NOT NULL DEFAULT 0,
	code_kh   BIGINT NOT NULL DEFAULT 0,
	code_ncc  BIGINT NOT NULL DEFAULT 0,
	code_dt   BIGINT NOT NULL DEFAULT 0,
	code_dh   BIGINT NOT NULL DEFAULT 0,
	code_hd   BIGINT NOT NULL DEFAULT 0,
	code_th   BIGINT NOT NULL DEFAULT 0,
	code_pn   BIGINT NOT NULL DEFAULT 0,
	code_pdn  BIGINT NOT NULL DEFAULT 0,
	code_trf  BIGINT NOT NULL DEFAULT 0,
	code_kk   BIGINT NOT NULL DEFAULT 0,
	code_thk  BIGINT NOT NULL DEFAULT 0,
	code_tt   BIGINT NOT NULL DEFAULT 0,
	code_ttdh BIGINT NOT NULL DEFAULT 0,
	code_tthd BIGINT NOT NULL DEFAULT 0,
	code_pc   BIGINT NOT NULL DEFAULT 0,
	code_pcpn BIGINT NOT NULL DEFAULT 0,
	code_pcth BIGINT NOT NULL DEFAULT 0,
	code_phvc BIGINT NOT NULL DEFAULT 0,
	code_phcp BIGINT NOT NULL DEFAULT 0,
	CHECK (dropped_seq <= last_seq)
) {{clustered}} {{hot}};

INSERT INTO shop_heads (retailer_id, at, last_seq, dropped_seq, told, kept,
	code_sp, code_kh, code_ncc, code_dt, code_dh, code_hd, code_th, code_pn, code_pdn, code_trf, code_kk, code_thk, code_tt, code_ttdh, code_tthd, code_pc, code_pcpn, code_pcth, code_phvc, code_phcp)
SELECT r.retailer_id, (
		SELECT MAX(i.at) FROM (
			SELECT r.created_date AS at UNION ALL SELECT e.at FROM events e -- whose instants were not in order then
			WHERE e.retailer_id = r.retailer_id) i),
	COALESCE(h.last_seq, 0), COALESCE(h.dropped_seq, 0), COALESCE(h.last_seq, 0), COALESCE(h.last_seq - h.dropped_seq, 0),
	COALESCE((SELECT c.value FROM counters c WHERE c.retailer_id = r.retailer_id AND c.name = 'SP'), 0),
	COALESCE((SELECT c.value FROM counters c WHERE c.retailer_id = r.retailer_id AND c.name = 'KH'), 0),
	COALESCE((SELECT c.value FROM counters c WHERE c.retailer_id = r.retailer_id AND c.name = 'NCC'), 0),
	COALESCE((SELECT c.value FROM counters c WHERE c.retailer_id = r.retailer_id AND c.name = 'DT'), 0),
	COALESCE((SELECT c.value FROM counters c WHERE c.retailer_id = r.retailer_id AND c.name = 'DH'), 0),
	COALESCE((SELECT c.value FROM counters c WHERE c.retailer_id = r.retailer_id AND c.name = 'HD'), 0),
	COALESCE((SELECT c.value FROM counters c WHERE c.retailer_id = r.retailer_id AND c.name = 'TH'), 0),
	COALESCE((SELECT c.value FROM counters c WHERE c.retailer_id = r.retailer_id AND c.name = 'PN'), 0),
	COALESCE((SELECT c.value FROM counters c WHERE c.retailer_id = r.retailer_id AND c.name = 'PDN'), 0),
	COALESCE((SELECT c.value FROM counters c WHERE c.retailer_id = r.retailer_id AND c.name = 'TRF'), 0),
	COALESCE((SELECT c.value FROM counters c WHERE c.retailer_id = r.retailer_id AND c.name = 'KK'), 0),
	COALESCE((SELECT c.value FROM counters c WHERE c.retailer_id = r.retailer_id AND c.name = 'THK'), 0),
	COALESCE((SELECT c.value FROM counters c WHERE c.retailer_id = r.retailer_id AND c.name = 'TT'), 0),
	COALESCE((SELECT c.value FROM counters c WHERE c.retailer_id = r.retailer_id AND c.name = 'TTDH'), 0),
	COALESCE((SELECT c.value FROM counters c WHERE c.retailer_id = r.retailer_id AND c.name = 'TTHD'), 0),
	COALESCE((SELECT c.value FROM counters c WHERE c.retailer_id = r.retailer_id AND c.name = 'PC'), 0),
	COALESCE((SELECT c.value FROM counters c WHERE c.retailer_id = r.retailer_id AND c.name = 'PCPN'), 0),
	COALESCE((SELECT c.value FROM counters c WHERE c.retailer_id = r.retailer_id AND c.name = 'PCTH'), 0),
	COALESCE((SELECT c.value FROM counters c WHERE c.retailer_id = r.retailer_id AND c.name = 'PHVC'), 0),
	COALESCE((SELECT c.value FROM counters c WHERE c.retailer_id = r.retailer_id AND c.name = 'PHCP'), 0)
FROM retailers r LEFT JOIN event_heads h ON h.retailer_id = r.retailer_id;

DROP TABLE event_heads;
DROP TABLE counters;
