-- Data of versions 1 and 2 seen as version 3: a round's journal ran from its questions to
-- its counted vector, and is two stories now, cut before the first record about the vector.
-- A reader of older data reads through these views; the migration copies from them.

-- Where the second half begins.
CREATE TEMP TABLE old_cut AS
SELECT round, min(seq) AS seq FROM main.record WHERE type BETWEEN 7 AND 16 GROUP BY round;

CREATE INDEX temp.old_cut_round ON old_cut (round);

-- Each vector with the id of its story: sealed ones, and those that were refused before.
-- A round that was sealed twice has two; the journal's half belongs to the later one.
CREATE TEMP TABLE old_vector AS
SELECT (SELECT ifnull(max(id), 0) FROM main.round) + row_number() OVER (ORDER BY round, id) AS story,
	id, round, has_journal
FROM (
	SELECT id, round, id = max(id) OVER (PARTITION BY round) AS has_journal FROM main.submission
	UNION ALL
	SELECT NULL, c.round, 1 FROM old_cut AS c
	WHERE NOT EXISTS (SELECT 1 FROM main.submission AS b WHERE b.round = c.round)
);

CREATE TEMP TABLE old_half AS
SELECT v.story, v.round, c.seq, sum(length(r.payload)) AS bytes, min(r.time_ns) AS begun_ns
FROM old_vector AS v JOIN old_cut AS c ON c.round = v.round
JOIN main.record AS r ON r.round = v.round AND r.seq >= c.seq
WHERE v.has_journal GROUP BY v.story;

CREATE INDEX temp.old_half_round ON old_half (round);

-- Versions of the memory are numbered by the round that made them.
CREATE TEMP VIEW story AS
SELECT o.id, o.begun_ns, CASE WHEN h.story IS NULL THEN o.ended_ns ELSE h.begun_ns END AS ended_ns,
	ifnull(h.seq + 1, o.next_seq) AS next_seq,
	CASE WHEN h.story IS NULL THEN o.last_type ELSE 17 END AS last_type,
	max(0, o.bytes - ifnull(h.bytes, 0)) AS bytes, o.digest, 1 AS kind,
	CASE WHEN EXISTS (SELECT 1 FROM main.record AS r WHERE r.round = o.id AND r.type = 6)
		OR EXISTS (SELECT 1 FROM main.submission AS b WHERE b.round = o.id) THEN o.id END AS version
FROM main.round AS o LEFT JOIN old_half AS h ON h.round = o.id
UNION ALL
SELECT v.story, ifnull(h.begun_ns, o.begun_ns),
	CASE WHEN v.has_journal THEN o.ended_ns ELSE ifnull(h.begun_ns, o.begun_ns) END,
	ifnull(o.next_seq - h.seq, 0), CASE WHEN v.has_journal THEN o.last_type ELSE 0 END,
	ifnull(h.bytes, 0), o.digest, 2, v.round
FROM old_vector AS v JOIN main.round AS o ON o.id = v.round
LEFT JOIN old_half AS h ON h.story = v.story;

-- The first half gets an END of its own: "{}" and the digest of that.
CREATE TEMP VIEW record AS
SELECT ifnull(h.story, r.round) AS story, r.seq - ifnull(h.seq, 0) AS seq, r.type, r.time_ns,
	r.digest, r.payload
FROM main.record AS r LEFT JOIN old_half AS h ON h.round = r.round AND r.seq >= h.seq
UNION ALL
SELECT round, seq, 17, begun_ns,
	x'c09da522dac261c3d2566230bed10d2f3ef13f8e7654576c12e857e07f786098',
	CAST('{}' AS BLOB)
FROM old_half;

CREATE TEMP VIEW snapshot AS SELECT round AS id, round, time_ns, digest, state FROM main.snapshot;

CREATE TEMP VIEW submission AS
SELECT v.story AS id, v.round, b.netuid, b.mecid, b.scheme, b.hash, b.secret, b.commit_epoch,
	b.commit_block, b.reveal_epoch, b.reveal_first, b.reveal_last, b.state, b.changed_ns
FROM old_vector AS v JOIN main.submission AS b ON b.id = v.id
UNION ALL
SELECT v.story, v.round, 0, 0, 0, NULL, NULL, 0, 0, 0, 0, 0,
	CASE WHEN o.ended_ns IS NULL THEN 0 ELSE 9 END, o.begun_ns
FROM old_vector AS v JOIN main.round AS o ON o.id = v.round WHERE v.id IS NULL;

CREATE TEMP VIEW receipt AS
SELECT r.id, v.story AS submission, r.state, r.time_ns, r.bytes
FROM main.receipt AS r JOIN old_vector AS v ON v.id = r.submission;

-- Which half uses a blob is written in payloads: both keep it.
CREATE TEMP VIEW story_blob AS
SELECT round AS story, digest FROM main.blob_use
UNION ALL
SELECT v.story, u.digest FROM main.blob_use AS u JOIN old_vector AS v ON v.round = u.round
WHERE v.has_journal;

CREATE TEMP VIEW forecast AS
SELECT v.story AS submission, f.made_at, f.counted_at, f.outcome
FROM main.forecast AS f JOIN old_vector AS v ON v.round = f.round WHERE v.has_journal;
