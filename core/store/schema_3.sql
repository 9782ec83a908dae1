-- Version 3: two stories. A round asks and judges; a submission carries one vector, begun
-- from the memory of that moment. Each has a journal of its own, under one sequence of ids.
-- Runs after schema_2_halves.sql, whose views say what each old round becomes.

CREATE TEMP TABLE new_story AS SELECT * FROM temp.story;
CREATE TEMP TABLE new_submission AS SELECT * FROM temp.submission;
CREATE TEMP TABLE new_receipt AS SELECT * FROM temp.receipt;
CREATE TEMP TABLE new_story_blob AS SELECT * FROM temp.story_blob;
CREATE TEMP TABLE new_forecast AS SELECT * FROM temp.forecast;
CREATE TEMP TABLE new_end AS SELECT * FROM temp.record WHERE type = 17
	AND story IN (SELECT round FROM temp.old_half);
DROP VIEW temp.forecast;
DROP VIEW temp.story_blob;
DROP VIEW temp.receipt;
DROP VIEW temp.submission;
DROP VIEW temp.snapshot;
DROP VIEW temp.record;
DROP VIEW temp.story;

DROP TABLE main.receipt;
DROP TABLE main.submission;
DROP TABLE main.blob_use;
DROP TABLE main.forecast;

-- One row for each story; next_seq is the number of its records. A pruned story keeps this
-- row and one digest over its records (some 80 bytes), nothing else.
-- kind: 1 round, 2 submission. version: of the memory; that which a round made (NULL until
-- TRACK), or that which a submission was made from.
DROP INDEX main.round_unfinished;
DROP INDEX main.round_bodies;
ALTER TABLE main.round RENAME TO story;
ALTER TABLE main.story ADD COLUMN kind INTEGER NOT NULL DEFAULT 1;
ALTER TABLE main.story ADD COLUMN version INTEGER;
INSERT INTO main.story SELECT * FROM temp.new_story WHERE kind = 2;
UPDATE main.story SET ended_ns = n.ended_ns, next_seq = n.next_seq, last_type = n.last_type,
	bytes = n.bytes, version = n.version
FROM temp.new_story AS n WHERE n.id = story.id AND n.kind = 1;
CREATE INDEX main.story_unfinished ON story (kind, id) WHERE ended_ns IS NULL;
CREATE INDEX main.story_bodies ON story (id) WHERE ended_ns IS NOT NULL AND digest IS NULL;
CREATE INDEX main.story_version ON story (kind, version);

ALTER TABLE main.record RENAME COLUMN round TO story;
UPDATE main.record SET story = h.story, seq = record.seq - h.seq
FROM temp.old_half AS h WHERE h.round = record.story AND record.seq >= h.seq;
INSERT INTO main.record SELECT * FROM temp.new_end;

-- The per-miner memory; id is its version.
UPDATE main.snapshot SET id = -round;
UPDATE main.snapshot SET id = -id;

-- One row for each submission, from its WEIGHTS on. round: the newest round that its memory
-- had folded. hash and secret are there once it is sealed; secret is whatever opens it.
CREATE TABLE main.submission (
	id INTEGER PRIMARY KEY REFERENCES story (id),
	round INTEGER REFERENCES story (id),
	netuid INTEGER NOT NULL,
	mecid INTEGER NOT NULL,
	scheme INTEGER NOT NULL,
	hash BLOB,
	secret BLOB,
	commit_epoch INTEGER NOT NULL DEFAULT 0,
	commit_block INTEGER NOT NULL DEFAULT 0,
	reveal_epoch INTEGER NOT NULL DEFAULT 0,
	reveal_first INTEGER NOT NULL DEFAULT 0,
	reveal_last INTEGER NOT NULL DEFAULT 0,
	state INTEGER NOT NULL,
	changed_ns INTEGER NOT NULL,
	UNIQUE (netuid, mecid, hash)
) STRICT;
INSERT INTO main.submission SELECT * FROM temp.new_submission;
CREATE INDEX main.submission_open ON submission (id) WHERE state < 7;
CREATE INDEX main.submission_round ON submission (round);

CREATE TABLE main.receipt (
	id INTEGER PRIMARY KEY AUTOINCREMENT,
	submission INTEGER NOT NULL REFERENCES submission (id),
	state INTEGER NOT NULL,
	time_ns INTEGER NOT NULL,
	bytes BLOB NOT NULL
) STRICT;
INSERT INTO main.receipt SELECT * FROM temp.new_receipt;
CREATE INDEX main.receipt_of ON receipt (submission, id);

CREATE TABLE main.story_blob (
	story INTEGER NOT NULL REFERENCES story (id),
	digest BLOB NOT NULL,
	PRIMARY KEY (story, digest)
) STRICT, WITHOUT ROWID;
INSERT OR IGNORE INTO main.story_blob SELECT * FROM temp.new_story_blob;
CREATE INDEX main.story_blob_of ON story_blob (digest);

-- What was forecast before a vector was sealed, what came, and the errors. outcome is JSON;
-- it stays when the story is pruned.
CREATE TABLE main.forecast (
	submission INTEGER PRIMARY KEY REFERENCES story (id),
	made_at INTEGER NOT NULL,    -- block of the snapshot that it was made from
	counted_at INTEGER NOT NULL, -- block of the epoch
	outcome TEXT NOT NULL
) STRICT;
INSERT OR IGNORE INTO main.forecast SELECT * FROM temp.new_forecast;

DROP TABLE temp.new_story;
DROP TABLE temp.new_submission;
DROP TABLE temp.new_receipt;
DROP TABLE temp.new_story_blob;
DROP TABLE temp.new_forecast;
DROP TABLE temp.new_end;
DROP TABLE temp.old_half;
DROP TABLE temp.old_vector;
DROP TABLE temp.old_cut;
