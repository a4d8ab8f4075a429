-- What the pipeline keeps of its own work. Times and hashes as in 0001.

-- Every setting that a search tried. number counts from 0 within a family of a run; folds is a JSON array with an object a
-- fold, in dollars; score is their mean absolute error, NULL where the trial gave none; ended says why it stopped:
-- finished, pruned, timeout, interrupted or failed; reason says it in words.
CREATE TABLE trials (
    run_id  TEXT    NOT NULL REFERENCES runs (id),
    family  TEXT    NOT NULL,
    number  INTEGER NOT NULL,
    params  TEXT    NOT NULL,
    folds   TEXT    NOT NULL,
    score   REAL,
    rounds  INTEGER,
    seconds REAL    NOT NULL,
    ended   TEXT    NOT NULL,
    reason  TEXT    NOT NULL,
    PRIMARY KEY (run_id, family, number)
) WITHOUT ROWID;

-- The rows that a run had, by the hash that runs and models name, so that they can be had back. Stones are only ever added,
-- so what the table held is what it holds up to an id: last_id. Rows that came from a file are kept themselves: contents is
-- their CSV, compressed by raw DEFLATE. One of the two is there.
CREATE TABLE datasets (
    sha256   TEXT    PRIMARY KEY,
    rows     INTEGER NOT NULL,
    source   TEXT    NOT NULL,
    kept_at  TEXT    NOT NULL,
    last_id  INTEGER,
    contents BLOB
);

-- Who may do what only one may do at a time. A lease that its holder no longer renews is anybody's after expires_at.
CREATE TABLE leases (
    name       TEXT PRIMARY KEY,
    holder     TEXT NOT NULL,
    expires_at TEXT NOT NULL
) WITHOUT ROWID;

-- Rows on which a training failed, so that it is not begun anew in every round.
CREATE TABLE failed_trainings (
    dataset_sha256 TEXT PRIMARY KEY,
    failed_at      TEXT NOT NULL,
    reason         TEXT NOT NULL
) WITHOUT ROWID;

-- The history of champions outlives the models that `trainer prune` removes, so it no longer refers to them. evidence is
-- what the gate measured, as JSON; NULL where no gate decided.
CREATE TABLE promotions_kept (
    seq         INTEGER PRIMARY KEY AUTOINCREMENT,
    model_id    TEXT NOT NULL,
    promoted_at TEXT NOT NULL,
    reason      TEXT NOT NULL,
    -- 1 where this takes the promotion before it back.
    rolls_back  INTEGER NOT NULL DEFAULT 0,
    evidence    TEXT
);

INSERT INTO promotions_kept (seq, model_id, promoted_at, reason, rolls_back)
SELECT seq, model_id, promoted_at, reason, rolls_back FROM promotions ORDER BY seq;

DROP TABLE promotions;

ALTER TABLE promotions_kept RENAME TO promotions;
