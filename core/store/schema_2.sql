-- Version 2: large values that records refer to, and the history of forecasts.

-- Bytes named by their BLAKE2b-256, kept once however many rounds use them.
CREATE TABLE blob (
	digest BLOB PRIMARY KEY NOT NULL,
	bytes BLOB NOT NULL
) STRICT;

CREATE TABLE blob_use (
	round INTEGER NOT NULL REFERENCES round (id),
	digest BLOB NOT NULL,
	PRIMARY KEY (round, digest)
) STRICT, WITHOUT ROWID;
CREATE INDEX blob_use_of ON blob_use (digest);

-- One row for each vector that an epoch counted: what was forecast before it was sealed,
-- what came, and the errors. outcome is JSON; it stays when the round is pruned.
CREATE TABLE forecast (
	round INTEGER PRIMARY KEY REFERENCES round (id),
	made_at INTEGER NOT NULL,    -- block of the snapshot that it was made from
	counted_at INTEGER NOT NULL, -- block of the epoch
	outcome TEXT NOT NULL
) STRICT;
