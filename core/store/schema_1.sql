-- The data directory's database, version 1. Forward-only: a later version is a new
-- file of changes, never an edit of this one. Times are nanoseconds since 1970,
-- digests are BLAKE2b-256. Readable with any SQLite tool.

-- One row for each round; next_seq is the number of its records. A pruned round keeps this
-- row and one digest over its records (round by round some 80 bytes), nothing else.
CREATE TABLE round (
	id INTEGER PRIMARY KEY AUTOINCREMENT, -- never reused
	begun_ns INTEGER NOT NULL,
	ended_ns INTEGER,                     -- NULL: unfinished
	next_seq INTEGER NOT NULL DEFAULT 0,
	last_type INTEGER NOT NULL DEFAULT 0,
	bytes INTEGER NOT NULL DEFAULT 0,     -- of the payloads that are still here
	digest BLOB                           -- of all records; NULL unless pruned
) STRICT;
CREATE INDEX round_unfinished ON round (id) WHERE ended_ns IS NULL;
CREATE INDEX round_bodies ON round (id) WHERE ended_ns IS NOT NULL AND digest IS NULL;

-- The journal.
CREATE TABLE record (
	round INTEGER NOT NULL REFERENCES round (id),
	seq INTEGER NOT NULL,
	type INTEGER NOT NULL,
	time_ns INTEGER NOT NULL,
	digest BLOB NOT NULL,
	payload BLOB NOT NULL,
	PRIMARY KEY (round, seq)
) STRICT;

-- components: 64-bit little-endian floats, one after the other.
CREATE TABLE score (
	round INTEGER NOT NULL REFERENCES round (id),
	uid INTEGER NOT NULL,
	hotkey BLOB NOT NULL,
	kind INTEGER NOT NULL,
	score REAL,
	components BLOB,
	PRIMARY KEY (round, uid)
) STRICT, WITHOUT ROWID;

CREATE TABLE snapshot (
	id INTEGER PRIMARY KEY AUTOINCREMENT,
	round INTEGER NOT NULL,
	time_ns INTEGER NOT NULL,
	digest BLOB NOT NULL,
	state BLOB NOT NULL
) STRICT;

-- One row for each sealed vector. secret is whatever opens it.
CREATE TABLE submission (
	id INTEGER PRIMARY KEY AUTOINCREMENT,
	round INTEGER NOT NULL REFERENCES round (id),
	netuid INTEGER NOT NULL,
	mecid INTEGER NOT NULL,
	scheme INTEGER NOT NULL,
	hash BLOB NOT NULL,
	secret BLOB NOT NULL,
	commit_epoch INTEGER NOT NULL DEFAULT 0,
	commit_block INTEGER NOT NULL DEFAULT 0,
	reveal_epoch INTEGER NOT NULL DEFAULT 0,
	reveal_first INTEGER NOT NULL DEFAULT 0,
	reveal_last INTEGER NOT NULL DEFAULT 0,
	state INTEGER NOT NULL,
	changed_ns INTEGER NOT NULL,
	UNIQUE (netuid, mecid, hash)
) STRICT;
CREATE INDEX submission_open ON submission (id) WHERE state < 7;
CREATE INDEX submission_round ON submission (round);

CREATE TABLE receipt (
	id INTEGER PRIMARY KEY AUTOINCREMENT,
	submission INTEGER NOT NULL REFERENCES submission (id),
	state INTEGER NOT NULL,
	time_ns INTEGER NOT NULL,
	bytes BLOB NOT NULL
) STRICT;
CREATE INDEX receipt_of ON receipt (submission, id);
